"""T9 behind an auth proxy: its tokens, and what an identity provider signs of log-outs."""

from pathlib import Path
from typing import Any, Final

import httpx

from tests.attacks.canaries import files, found, memory
from tests.http.parties import PAYROLL
from tests.http.proxies import BACK_CHANNEL, LOG_OUT, PROVIDER, AuthProxy, ProxiedBrowser
from tests.http.remote import Remote, remote

PLAINTEXT: Final = "canary 219-09-9999 behind a proxy"
SPOILED: Final[dict[str, dict[str, Any]]] = {
    "old": {"iat": 1},
    "of another": {"aud": "another"},
    "with a nonce": {"nonce": "n"},
    "of nobody": {"jti": None},
}


def _token(secrets: dict[str, str], name: str, text: str) -> str:
    secrets[name] = text
    secrets[f"signature of {name}"] = text.rpartition(".")[2]
    secrets[f"what is signed of {name}"] = text.rpartition(".")[0]
    return text


async def _told(parties: Remote, text: str, **headers: str) -> httpx.Response:
    return await parties.client.post(BACK_CHANNEL, data={"logout_token": text}, headers=headers)


async def _good(
    parties: Remote, proxy: AuthProxy, browser: ProxiedBrowser, secrets: dict[str, str]
) -> None:
    """What works: a session, a value, and a log-out by the identity provider, which counts once."""
    now = parties.clock()
    who: dict[str, Any] = {"sub": browser.subject, "sid": browser.sid}
    token = _token(secrets, "the proxy's token", proxy.token(now, **who))
    carried = {"authorization": f"Bearer {token}"}
    asked = {"session": browser.session}
    assert (await browser.post("/session/ensure", asked, **carried)).json()["active"] is True
    [kept] = await browser.store(PLAINTEXT)
    await parties.grant(browser.session, [kept])
    assert await browser.read(kept) == [PLAINTEXT]
    text = _token(secrets, "the log-out token", proxy.log_out_token(now, **who))
    assert (await _told(parties, text)).status_code == 200
    assert (await _told(parties, text)).status_code == 400
    assert (await browser.post("/session/ensure", asked, **carried)).status_code != 200


async def _refused(
    parties: Remote, proxy: AuthProxy, browser: ProxiedBrowser, secrets: dict[str, str]
) -> None:
    """What is refused: spoiled, expired, and each secret where another one belongs."""
    now = parties.clock()
    for name, claims in SPOILED.items():
        text = proxy.log_out_token(now, **{"sub": "ada", **claims})
        answer = await _told(parties, _token(secrets, f"a log-out token {name}", text))
        assert answer.status_code == 400
    wrong: dict[str, Any] = {"aud": "another", "sub": "ada", "sid": browser.sid}
    _token(secrets, "a proxy's token for another", proxy.token(now, **wrong))
    for secret in list(secrets.values()):
        marked = {"x-request-id": secret, "user-agent": secret, "referer": f"https://x/{secret}"}
        await _told(parties, secret, **marked)
        await _told(parties, f"{secret}.{secret}", origin=secret)
        for body in (secret, f"logout_token={secret}&logout_token={secret}", f"{secret}={secret}"):
            form = {"content-type": "application/x-www-form-urlencoded"}
            await parties.client.post(f"{BACK_CHANNEL}?t={secret}", content=body, headers=form)
            await parties.client.post(f"/session/back-channel-logout/{secret}", content=body)
        for carried in (
            f"Bearer {secret}",
            f"Bearer {secret}!",
            secret,
            f"Bearer {secret} {secret}",
        ):
            asked: dict[str, object] = {"session": browser.session, "tokens": []}
            await browser.post("/detokenize", asked, authorization=carried, **marked)
            await browser.post("/session/ensure", asked, authorization="", **{"x-token": secret})


async def test_t9_no_token_of_a_proxy_in_anything_that_is_left(tmp_path: Path) -> None:
    """Output, logs, audit log, database, metrics, memory of values: none, good ones nor bad."""
    proxy = AuthProxy(folder=tmp_path)
    proxy.publish()
    secrets: dict[str, str] = {}
    async with remote(tmp_path, payroll=PROVIDER + LOG_OUT) as parties:
        proxy.audience = parties.origin
        browser = ProxiedBrowser(parties=parties, application=PAYROLL, proxy=proxy)
        await _good(parties, proxy, browser, secrets)
        await _refused(parties, proxy, browser, secrets)
        seen = files([tmp_path / "data"]) | {"metrics": (await parties.metrics()).encode()}
        held = memory(parties.server.process.pid)
        log = parties.server.process.log
    seen |= {"output": log.read_bytes()}
    seen |= {f"{name}, stopped": content for name, content in files([tmp_path / "data"]).items()}
    assert found({"plaintext": PLAINTEXT}, held) == []
    assert found({"plaintext": PLAINTEXT, **secrets}, seen) == []
    # That the scan sees, the user's name proves, which the audit log has, and no secret is.
    assert b'"session.log_out"' in b"".join(seen.values())
    assert b'"event":"request"' in seen["output"]
