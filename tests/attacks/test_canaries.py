"""T9: unique secrets go through every path of a real process, and are then in nothing it leaves."""

import asyncio
import base64
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from lunasec.encoding import to_base64url
from tests.attacks.canaries import files, found, memory, spellings
from tests.deployments import LUNASEC
from tests.http.parties import CLINIC, PAYROLL, UNKNOWN, Browser, code, sealed
from tests.http.remote import Remote, remote
from tests.http.sending import loaded, put, send
from tests.http.sockets import connected

PLAINTEXT: Final = "canary 078-05-1120 with \u00fcml\u00e4uts & <signs>"
NAME: Final = "canary-in-the-name-of-a-file.pdf"
DAMAGED: Final = "canary-in-a-record-that-is-damaged"
CONTROL: Final = "a label that is no secret at all"


def test_t9_scan_finds_what_is_there() -> None:
    """Each spelling of a secret, in the middle of other text, is found; another secret is not."""
    secret = to_base64url(os.urandom(32))
    for spelling in spellings(secret):
        assert found({"it": secret}, {"there": b"before" + spelling + b"behind"}), spelling
    for number in range(3):
        text = base64.b64encode(b"x" * number + PLAINTEXT.encode() + b"and more")
        assert found({"it": PLAINTEXT}, {"there": text})
    assert not found({"it": secret}, {"there": to_base64url(os.urandom(3200)).encode()})


async def _good(parties: Remote, browser: Browser, secrets: dict[str, str]) -> list[str]:
    """Everything that works: log-in, values, grants, log-out, another user."""
    state = await browser.state()
    secrets["handle"] = await parties.handle(state, browser.session, subject="ada")
    assert (await browser.follow(secrets["handle"])).status_code == 204
    secrets["cookie"] = browser.cookie
    secrets["binding"] = browser.cookies["__Host-lunasec-bind-payroll"]
    secrets["credential"] = parties.credentials[PAYROLL].token(parties.clock())
    secrets["signature"] = secrets["credential"].rpartition(".")[2]
    value = sealed(PLAINTEXT, kind="ssn")
    secrets["key of a value"] = value["key"]
    labeled = {**value, "metadata": {"label": CONTROL}}
    tokens: list[str] = (await browser.asks("/tokenize", values=[labeled])).json()["tokens"]
    tokens += await browser.store(PLAINTEXT, PLAINTEXT, PLAINTEXT)
    for number, token in enumerate(tokens):
        secrets[f"token {number}"] = token
        secrets[f"secret of token {number}"] = token.removeprefix("lunasec-")[:43]
    await parties.grant(browser.session, tokens)
    assert await browser.read(*tokens) == [PLAINTEXT] * 4
    asked: dict[str, Any] = {"session": browser.session, "tokens": tokens}
    await parties.told("/grants/verify", **asked)
    await parties.told("/tokens/describe", **asked)
    await browser.asks("/tokens/describe", tokens=tokens)
    await parties.told("/grants/revoke", session=browser.session, tokens=tokens[:1])
    await parties.told("/tokens/erase", tokens=tokens[1:2])
    await browser.log_in(renew=True)
    secrets["renewed cookie"] = browser.cookie
    return tokens


async def _files(parties: Remote, browser: Browser, secrets: dict[str, str]) -> None:
    """Everything with files: one that is finished and read, one given up, one left half-way."""
    sent = await send(browser, PLAINTEXT.encode() * 30000)
    secrets["upload"], secrets["key of a file"] = sent.upload, to_base64url(sent.file.key)
    value = sent.value(NAME)
    secrets["key of a manifest"] = value["key"]
    [token] = (await browser.asks("/tokenize", values=[value])).json()["tokens"]
    await parties.grant(browser.session, [token])
    assert (await loaded(browser, token)).startswith(PLAINTEXT.encode())
    secrets["token of a file"] = token
    secrets["secret of a file's token"] = token.removeprefix("lunasec-")[:43]
    secrets["dropped upload"] = (await send(browser, PLAINTEXT.encode())).upload
    await browser.asks("/files/drop", upload=secrets["dropped upload"])
    secrets["unfinished upload"] = (await send(browser, PLAINTEXT.encode())).upload
    for upload in (secrets["cookie"], secrets["handle"], sent.upload):
        await put(browser, upload, 0, PLAINTEXT.encode())
        await put(browser, upload, upload, b"")
        await put(browser, "A" * 43, 0, b"", **{"lunasec-session": upload[:42] + "!"})
        await browser.asks("/files/missing", upload=upload)
        await browser.asks("/files/read", token=upload, segment=0)
        await browser.asks("/files/read", token=token, segment=upload)


async def _refused(parties: Remote, browser: Browser, secrets: dict[str, str]) -> None:
    """Everything that is refused, with the secrets in the right and in the wrong places."""
    other = await parties.visitor(CLINIC)
    for name, secret in secrets.items():
        marked = {"x-request-id": secret, "user-agent": secret, "referer": f"https://x/{secret}"}
        follow = {"sec-fetch-dest": "document", **marked}
        await browser.follow(secret, **follow)
        await other.follow(secret, **marked)
        await parties.client.get(f"/session/create/{secret}?handle={secret}", headers=marked)
        await parties.client.get(f"/{secret}?{name}={secret}#{secret}", headers=marked)
        await parties.client.get(f"/frame/{secret}/{secret}", headers=marked)
        await parties.client.get(f"/assets/{secret}/{secret}", headers=marked)
        await browser.post(f"/session/create/{secret}", {"handle": secret}, **marked)
        # Not where a session's reference belongs: that is kept, and nothing tells it from a secret.
        bodies = (secret, [secret], {secret: secret}, {"session": f"{secret}!", "tokens": [secret]})
        for path in ("/tokenize", "/detokenize", "/tokens/describe", "/session/ensure"):
            for body in bodies:
                await browser.post(path, body, **marked)
            await other.asks(path, tokens=[secret], values=[{"key": secret, "ciphertext": secret}])
        for path in ("/grants", "/session/end", "/session/handles", "/tokens/erase"):
            await parties.ask(path, session=secret, tokens=[secret], origin=secret, state=secret)
            for headers in (
                {"authorization": f"Bearer {secret}"},
                {"authorization": secret},
                {"authorization": f"Bearer {secret}", "origin": secret},
            ):
                await parties.client.post(path, json={"session": secret}, headers=headers)
        stolen = browser.stolen()
        stolen.cookies = {f"__Host-lunasec-{PAYROLL}": secret, secret: secret}
        await stolen.asks("/detokenize", tokens=[UNKNOWN])
        await other.asks("/detokenize", tokens=[secret])


async def _misshapen(parties: Remote, secrets: Sequence[str]) -> None:
    """What is no HTTP, or not all of it, with secrets in it."""
    for secret in secrets:
        for data in (
            f"GET /{secret} HTTP/1.1\r\n\r\n",
            f"{secret} / HTTP/1.1\r\nHost: x\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: x\r\n{secret}\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: x\r\nCookie: {secret * 2000}\r\n\r\n",
            f"POST /grants HTTP/1.1\r\nHost: x\r\nUpgrade: {secret}\r\nConnection: upgrade\r\n\r\n",
            f"POST /tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{secret}",
        ):
            async with connected(parties.server.port) as connection:
                connection.send(data.encode())
                with suppress(EOFError, TimeoutError):
                    await connection.answer(1)


async def _broken(parties: Remote, browser: Browser, tokens: list[str], database: Path) -> None:
    """Errors of ours: records that were changed or can't be read, a database that is held."""
    await parties.grant(browser.session, tokens[2:])
    outside = sqlite3.connect(database, isolation_level=None, timeout=5)
    outside.execute("UPDATE records SET wrapped = zeroblob(88), commitment = zeroblob(32)")
    assert await browser.read(*tokens[2:]) == [None, None]
    outside.execute("UPDATE records SET metadata = ?", (f'[["{DAMAGED}", {DAMAGED}]]',))
    assert await browser.read(*tokens[2:]) == [None, None]
    outside.execute("UPDATE records SET metadata = '[]'")
    handle = await parties.handle(await browser.state(renew=True), browser.session)
    outside.execute("UPDATE handles SET purpose = ?", (DAMAGED,))
    assert code(await browser.follow(handle)) == "internal"
    outside.execute("BEGIN IMMEDIATE")
    assert code(await browser.asks("/detokenize", tokens=tokens[2:])) == "unavailable"
    outside.execute("ROLLBACK")
    outside.close()


async def _backed_up(folder: Path) -> dict[str, bytes]:
    """Make a backup of the running tokenizer; return it, and what the command printed."""
    target = folder / "lunasec.backup"
    command: list[str | Path] = [LUNASEC, "backup", "--data", folder / "data", target]
    made = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await made.communicate()
    assert made.returncode == 0
    return {"backup": target.read_bytes(), "output of the backup": said}


async def test_t9_no_secret_in_anything_that_is_left(tmp_path: Path) -> None:
    """Output, logs, audit log, database, backup, metrics: no secret. Memory: no value.

    The label of a value, which is no secret, is found in database and memory: the scan sees.
    """
    secrets: dict[str, str] = {}
    limits = "erases_per_hour = 100000\ngrants_per_minute = 100000"
    async with remote(tmp_path, payroll=limits, clinic=limits) as parties:
        browser = parties.browser()
        tokens = await _good(parties, browser, secrets)
        await _files(parties, browser, secrets)
        await _refused(parties, browser, secrets)
        await _misshapen(parties, list(secrets.values()))
        # Before the label is overwritten, by which the scan of it is proved.
        backup = await _backed_up(tmp_path)
        await _broken(parties, browser, tokens, tmp_path / "data/lunasec.db")
        await parties.told("/session/end", session=browser.session)
        seen = files([tmp_path / "data"]) | {"metrics": (await parties.metrics()).encode()}
        held = memory(parties.server.process.pid)
        log = parties.server.process.log
    seen |= (
        backup
        | {"output": log.read_bytes()}
        | {f"{name}, stopped": content for name, content in files([tmp_path / "data"]).items()}
    )
    plain = {"plaintext": PLAINTEXT, "part of the plaintext": PLAINTEXT[:18], "name": NAME}
    assert any("/blobs/" in name for name in seen)
    assert found({"control": CONTROL}, seen)
    assert found({"control": CONTROL}, {"backup": backup["backup"]})
    assert found({"control": CONTROL}, held)
    assert found(plain, held) == []
    assert found({**plain, **secrets}, seen) == []
    assert b'"event":"request"' in seen["output"]
    assert b'"event":"unforeseen error"' in seen["output"]
    assert found({"damaged": DAMAGED}, {"output": seen["output"], "metrics": seen["metrics"]}) == []
