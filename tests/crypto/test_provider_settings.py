"""What may be said of an auth proxy: by the same rules in a file and in an application's code."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from lunasec import proxy
from lunasec.errors import ConfigurationInvalid
from lunasec.jose.presets import NOBODY, Provider
from lunasec.jose.proxied import ProxyTokens
from lunasec.tokenizer import settings
from lunasec.tokenizer.providers import PresetName
from lunasec.tokenizer.settings import Application
from scripts.configuration import settings as written
from tests.crypto.presets import ARN, BY_NAME, EC, IDP, NOW, ORIGIN, RSA, named
from tests.crypto.signing import key_set

APP = "https://app.example.com"
JWKS = "https://proxy.example.com/jwks"
ENVOY = BY_NAME["envoy"]
GIVEN: dict[str, Any] = {"issuer": IDP, "jwks": JWKS}


def application(preset: str = "envoy", origin: str = APP, **more: Any) -> Application:  # noqa: ANN401 - settings
    """Read a file with an application behind a proxy, and another one."""
    lines = [f"{name} = {json.dumps(each)}" for name, each in (GIVEN | more).items()]
    text = (
        f'[tokenizer]\norigin = "{ORIGIN}"\n[applications.payroll]\norigins = ["{origin}"]\n'
        f'keys = "k"\n[applications.clinic]\norigins = ["https://clinic.example:8443"]\n'
        f'keys = "k"\n[applications.payroll.provider]\npreset = "{preset}"\n'
    )
    if "client_certificate" in more:
        files = ("tls_certificate", "tls_key", "client_ca")
        text = (
            "[proxy_listener]\nlisten = '127.0.0.1:1'\n"
            + "".join(f"{each} = 'x'\n" for each in files)
            + text
        )
    return settings.parse(
        (text + "\n".join(lines)).encode(), Path("/srv/lunasec.toml"), {}
    ).applications["payroll"]


def tokens(**more: Any) -> ProxyTokens:  # noqa: ANN401 - settings
    """Make what verifies Envoy's tokens, as a file says."""
    provider = application(**more).provider
    assert provider is not None
    return ProxyTokens(provider, lambda _: json.dumps(key_set(RSA, EC)).encode(), print)


def mine(**more: Any) -> proxy.ProxyProvider:  # noqa: ANN401 - settings
    """Make the application's provider, whatever the types say."""
    given: dict[str, Any] = {**GIVEN, "audience": APP}
    return proxy.oathkeeper(**(given | more))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"denied_subjects": "guest"}, 'denied_subjects: got "guest", wants a list of texts'),
    ({"denied_keys": "2026-01"}, 'denied_keys: got "2026-01", wants a list of'),
    ({"private_networks": "10.0.0.0/8"}, 'private_networks: got "10.0.0.0/8", wants a list of'),
    ({"private_networks": ["10.0.0.7/8"]}, 'private_networks: got "10.0.0.7/8", wants private'),
    ({"denied_subject": ["guest"]}, "there is no such setting. Did you mean denied_subjects?"),
    ({"signer": ARN}, "there is no such setting. Did you mean audience?"),
    ({"algorithms": ["none"]}, "whoever can check such a token could sign it"),
    ({"algorithms": ["HS256"]}, "whoever can check such a token could sign it"),
    ({"algorithms": "RS256"}, 'algorithms: got "RS256", wants a list of algorithms'),
    ({"algorithms": []}, "algorithms: got [], wants a list of algorithms"),
    ({"leeway": 10**9}, "leeway: got 1000000000, wants a whole number"),
    ({"leeway": -1}, "leeway: got -1, wants a whole number"),
    ({"leeway": True}, "leeway: got true, wants a whole number"),
    ({"longest_life": 0}, "longest_life: got 0, wants a whole number"),
    ({"longest_life": 86401}, "longest_life: got 86401, wants a whole number"),
    ({"issuer": ""}, 'issuer: got "", wants a text'),
    ({"issuer": f"{IDP} "}, f'issuer: got "{IDP} ", wants a text without blanks around it'),
    ({"audience": " a"}, 'audience: got " a", wants a text without blanks around it'),
    ({"header": "X Token"}, 'header: got "X Token", wants the name of a header'),
    ({"header": "X-Token\n"}, "wants the name of a header"),
    ({"header": "Cookie"}, 'header: got "Cookie", which is there for something else'),
    ({"header": "host"}, 'header: got "host", which is there for something else'),
    ({"header": "Sec-Fetch-Site"}, "which is there for something else"),
    ({"subject_claim": ""}, 'subject_claim: got "", wants the name of a claim'),
    ({"session_claim": 7}, "session_claim: got 7, wants the name of a claim, or an empty text"),
    ({"session_claim": "sub"}, 'session_claim: got "sub", which names the user'),
    ({"session_claim": "u", "subject_claim": "u"}, 'Wants session_claim = "" where tokens name no'),
    ({"jwks": ""}, "jwks: got"),
    ({"jwks": "/"}, 'jwks: got "/", wants an address, or the path of a file'),
    ({"jwks": "http://proxy.example.com/jwks"}, 'jwks: got "http://proxy.example.com/jwks", wants'),
    ({"jwks": "https://a:secret@b.example/"}, "jwks: got an address with a user name (not shown)"),
]


NAMES = [",".join(f"{name}={each}" for name, each in more.items()) for more, _ in WRONG]


@pytest.mark.parametrize(("more", "said"), WRONG, ids=NAMES)
def test_t25_both_sides_refuse_the_same(more: dict[str, Any], said: str) -> None:
    """Each refusal names the setting, what it got and what it wants."""
    for refuse in (application, mine):
        with pytest.raises(ConfigurationInvalid) as refused:
            refuse(**more)
        assert said in refused.value.detail
        assert "secret" not in refused.value.detail or "HS256" in refused.value.detail


def test_what_none_stands_for() -> None:
    """In code, None is what the preset says."""
    claims = ("header", "session_claim", "subject_claim", "algorithms")
    assert vars(mine())["_provider"] == vars(mine(**dict.fromkeys(claims)))["_provider"]


@pytest.mark.parametrize("preset", ["oathkeeper", "envoy", "authelia", "pomerium", "google-iap"])
def test_tokens_without_a_session(preset: PresetName) -> None:
    """Any preset can be told that tokens name none, in a file and in code."""
    provider = application(preset, audience="tokenizer", session_claim="").provider
    assert provider is not None
    assert provider.session_claim == ""
    make: proxy.Make = getattr(proxy, preset.replace("-", "_"))
    made = vars(make(**GIVEN, audience=APP, session_claim=""))["_provider"]
    assert isinstance(made, Provider)
    assert made.session_claim == ""


async def test_authelia_s_tokens_name_no_session() -> None:
    """Its preset takes them as they are documented, and by a claim where there is one."""
    kind = BY_NAME["authelia"]
    assert "sid" not in kind.claims
    found = await named(kind.tokens(), kind.token(sid="ignored"))
    assert found is not None
    assert found.session_id == found.user_id
    assert await named(kind.tokens(session_claim="sid"), kind.token()) is None
    assert await named(kind.tokens(session_claim="sid"), kind.token(sid="1")) is not None


# --- Whose tokens they are ------------------------------------------------------------------------

SHARED = [
    *(APP, "app.example.com", f"{APP}/", APP.upper()),
    *("https://clinic.example:8443", "clinic.example:8443", "clinic.example"),
]


@pytest.mark.parametrize("audience", SHARED)
def test_t2b_an_audience_that_is_an_application_s(audience: str) -> None:
    """What the proxy sends there would open the tokenizer, unless it takes its certificate."""
    with pytest.raises(ConfigurationInvalid) as refused:
        application(audience=audience)
    assert f"payroll.provider.audience: got {json.dumps(audience)}" in refused.value.detail
    assert f'for example audience = "{ORIGIN}"' in refused.value.detail
    assert 'client_certificate = "required"' in refused.value.detail
    assert application(audience=audience, client_certificate="required").client_certificate


def test_pomerium_s_audience_is_the_host() -> None:
    """Of the tokenizer, with no port and no scheme; other presets have the origin."""
    for preset, audience in (("pomerium", "secure.example.com"), ("envoy", ORIGIN)):
        provider = application(preset).provider
        assert provider is not None
        assert provider.audience == audience


def test_aws_s_keys_have_their_own_addresses() -> None:
    """There is no set, so an address without the key's id leads to nothing."""
    more: dict[str, Any] = {"audience": ARN, "longest_life": 300}
    with pytest.raises(ConfigurationInvalid, match=r"jwks: got .*wants an address with \{kid\}"):
        application("aws-alb", **more)
    assert application("aws-alb", **more, jwks=f"{JWKS}/{{kid}}").provider is not None


def test_what_is_taken_without_a_word_is_said() -> None:
    """The documentation names the users who are nobody by themselves."""
    table = written().partition("## `[applications.NAME.provider]`\n")[2]
    row = next(each for each in table.splitlines() if each.startswith("| `denied_subjects`"))
    assert f"`{json.dumps(list(NOBODY))}`" in row


# --- What each setting does -----------------------------------------------------------------------


async def test_t25_the_clocks_may_differ_by_what_is_said() -> None:
    """A token counts so many seconds before it was made and after its end, and no longer."""
    ahead = ENVOY.token(iat=NOW + 100, exp=NOW + 200)
    over = ENVOY.token(iat=NOW - 200, exp=NOW - 99)
    for leeway, taken in ((100, True), (99, False), (0, False)):
        for text in (ahead, over):
            assert (await named(tokens(leeway=leeway), text) is not None) is taken, leeway


async def test_t25_the_claim_that_names_the_user() -> None:
    """Is the one that is said; the usual one counts for nothing then."""
    found = await named(tokens(subject_claim="email"), ENVOY.token(email="ada@example.com"))
    assert found is not None
    assert found.subject == "ada@example.com"
    assert await named(tokens(subject_claim="email"), ENVOY.token()) is None


async def test_t25_the_algorithms_that_count() -> None:
    """Are those that are said, instead of the preset's."""
    said = tokens(algorithms=["ES256", "PS512"])
    for algorithm, key, taken in (
        ("ES256", EC, True),
        ("PS512", RSA, True),
        ("RS256", RSA, False),
        ("PS256", RSA, False),
    ):
        text = ENVOY.token({"alg": algorithm, "kid": key.kid}, key=key, algorithm=algorithm)
        assert (await named(said, text) is not None) is taken, algorithm


async def test_t25_the_users_who_are_nobody() -> None:
    """Are those that are said, however they are written, and who has no name."""
    said = tokens(denied_subjects=[" Straße ", "Robot"])
    for subject in ("robot", "ROBOT", " Robot", "STRASSE", ""):
        assert await named(said, ENVOY.token(sub=subject)) is None, subject
    for subject in ("robots", "guest"):
        assert await named(said, ENVOY.token(sub=subject)) is not None, subject


# --- What an application hears --------------------------------------------------------------------


async def test_the_application_hears_why_a_token_is_refused(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Once a minute, with the reason, and never the token or anything out of it."""
    (tmp_path / "keys.json").write_text(json.dumps(key_set(RSA, EC)))
    kind, clock = BY_NAME["oathkeeper"], [NOW]
    provider = kind.provider(jwks=f"{tmp_path}/keys.json", audience=APP)
    made = proxy.ProxyProvider(provider, clock=lambda: clock[0])
    texts = [kind.token(aud="https://elsewhere.example", sub="mallory"), "not.a.token"]

    async def ask(*values: str) -> None:
        headers = [(b"authorization", f"Bearer {each}".encode()) for each in values]
        assert await made(Request({"type": "http", "headers": headers})) is None

    with caplog.at_level(logging.WARNING, "lunasec"):
        for text in texts * 5:
            await ask(text)
        assert len(caplog.records) == 1
        assert f'"aud" has to be {APP}' in caplog.text
        clock[0] += 60
        await ask(*texts)
    assert len(caplog.records) == 2
    assert "2 headers authorization" in caplog.text
    for secret in (*texts, *texts[0].split("."), "elsewhere", "mallory"):
        assert secret not in caplog.text
