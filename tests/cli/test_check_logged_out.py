"""`lunasec check` asks as nobody: behind an auth proxy a refusal is right, and not everywhere."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.cli.answering import Answer, answering, passing_on
from tests.cli.checking import Serving, advice
from tests.cli.invocation import Outcome
from tests.http.proxies import AuthProxy

PROVIDER = """
[applications.payroll.provider]
preset = "oathkeeper"
issuer = "https://proxy.example.com"
jwks = "proxy.jwks.json"
logout_audience = "tokenizer"
"""
FRAME = "/frame/payroll/coordinator"
LOG_OUT = "/session/back-channel-logout/payroll"
OPEN = ("/lunasec.js", "/assets/", "/errors", "/session/back-channel-logout/")
REFUSED = Answer(status=401, body=b'{"error": {"code": 401}}')
LOG_IN = Answer(status=302, headers={"Location": "http://login.example.com/auth?state=long#x"})
PAGE = Answer(body=b"<!doctype html><title>Log in</title>")

Front = Callable[[str, Answer], Answer]


def _guards(refused: Answer = REFUSED) -> Front:
    """Refuse what is not open, in the way of an auth proxy."""
    return lambda path, answer: answer if path.startswith(OPEN) else refused


def _check(serving: Serving, front: Front, *, application: int = 1) -> Outcome:
    AuthProxy(folder=serving.folder).publish()
    with answering(passing_on(serving.port, front)) as port:
        origin = f"http://secure.lunasec.localhost:{port}"
        return serving.check(application=application, origin=origin, more=PROVIDER)


@pytest.mark.parametrize(
    ("refused", "how"),
    [
        (REFUSED, "401"),
        (Answer(status=403), "403"),
        (LOG_IN, "302 to http://login.example.com/auth"),
    ],
)
def test_a_refusal_is_what_is_right(serving: Serving, refused: Answer, how: str) -> None:
    """Of a frame it is said as such, with what can't be seen from there; what is open is seen."""
    done = _check(serving, _guards(refused))
    [absent] = _wrong(done)
    assert "app.lunasec.localhost:1 can't be reached" in absent
    assert f"✓ {FRAME} is kept from who is not logged in ({how})\n" in done.out
    assert "logged in" in advice(done, "·", f"whether {FRAME} arrives as it was sent can't be seen")
    for path in ("/assets/", "/errors", LOG_OUT):
        assert re.search(rf"✓ {path}\S* is open to everybody", done.out)


@pytest.mark.parametrize(
    ("path", "answer", "what"),
    [
        ("/lunasec.js", REFUSED, "/lunasec.js is kept from who is not logged in (401)"),
        ("/lunasec.js", LOG_IN, "/lunasec.js is kept from who is not logged in (302 to http://"),
        ("/assets/", REFUSED, "elements/lunasec.js is kept from who is not logged in (401)"),
        ("/assets/", PAGE, "elements/lunasec.js is not the tokenizer (200)"),
        ("/errors", LOG_IN, "/errors is kept from who is not logged in (302 to http://login."),
        ("/errors", PAGE, "what answers at /errors is not the tokenizer (200)"),
        (LOG_OUT, REFUSED, f"{LOG_OUT} is kept from who is not logged in (401)"),
        (LOG_OUT, PAGE, f"what answers at {LOG_OUT} is not the tokenizer (200)"),
    ],
)
def test_what_has_to_be_open_and_is_not(
    serving: Serving, path: str, answer: Answer, what: str
) -> None:
    """Pages load it from another origin, or the identity provider sends it: nobody can log in."""
    done = _check(serving, lambda asked, own: answer if asked.startswith(path) else own)
    assert "without a log-in (docs/recipes/proxies.md)" in advice(done, "✗", what)


def test_a_frame_that_is_served_to_anybody(serving: Serving) -> None:
    """Then the tokenizer's name leads around the proxy, or that asks for no log-in."""
    done = _check(serving, lambda _path, answer: answer)
    assert "lead to the auth proxy" in advice(done, "✗", f"{FRAME} is open to who is not logged in")


def test_who_says_who_is_logged_in_is_not_there(serving: Serving) -> None:
    """A proxy whom nobody tells who is logged in needs no restart of the tokenizer."""
    done = _check(serving, _guards(Answer(status=502)))
    assert "Start" in advice(done, "✗", f"the proxy in front answers 502 at {FRAME}")
    assert "Restart" not in done.out


def test_a_restart_that_was_forgotten_is_found_behind_a_refusal(serving: Serving) -> None:
    """The tokenizer itself says so, where it runs here."""
    done = _check(serving, _guards(), application=2)
    assert "Restart" in advice(done, "✗", "does not know payroll as it is configured now")
    assert "can't be seen without a log-in" not in done.out


def test_a_refusal_before_an_application_without_a_proxy(serving: Serving) -> None:
    """Nobody logs in for its frames: it is a proxy too many, or its provider was forgotten."""
    with answering(passing_on(serving.port, _guards())) as port:
        done = serving.check(origin=f"http://secure.lunasec.localhost:{port}")
    what = f"{FRAME} is kept from who is not logged in (401), and payroll has no provider"
    assert "docs/recipes/proxies.md" in advice(done, "✗", what)
    assert "Restart" not in done.out


@pytest.mark.parametrize(
    ("refused", "how"), [(REFUSED, "401"), (LOG_IN, "302 to http://login.example.com/auth")]
)
def test_an_application_that_is_kept_by_its_proxy(
    serving: Serving, refused: Answer, how: str
) -> None:
    """Its plugin and its key can't be seen, and the policy of a log-in's page is not its own."""
    strict = {"Content-Security-Policy": "default-src 'none'"}
    own = replace(refused, headers={**refused.headers, **strict})
    with answering(lambda _path, _headers: own) as port:
        done = _check(serving, _guards(), application=port)
    origin = f"http://app.lunasec.localhost:{port}"
    assert f"✓ {origin} is kept from who is not logged in ({how})\n" in done.out
    assert "credential_invalid" in advice(done, "·", "whether the plugin answers there")
    assert "/.lunasec/" not in done.out  # neither its plugin nor its keys
    assert "has a Content-Security-Policy" not in done.out


PLUGIN = "https://app.lunasec.localhost/.lunasec/session"


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (
            Answer(status=401, body=b'{"application":"hr"}'),
            "the plugin there is the application hr's",
        ),
        (Answer(status=404), "404: the plugin is not registered"),
        (Answer(status=308, headers={"Location": PLUGIN}), f"308: redirected to {PLUGIN}"),
        (Answer(status=302, headers={"Location": "http://["}), "302: redirected to http://["),
        (
            Answer(
                status=403,
                body=b'{"type": "urn:lunasec:problem:cross_origin_refused", "status": 403,'
                b' "application": "payroll", "code": "cross_origin_refused"}',
            ),
            "takes its own page's request for a foreign one",
        ),
    ],
    ids=["another", "404", "https", "nowhere", "headers"],
)
def test_what_an_application_behind_a_proxy_gets_wrong(
    serving: Serving, answer: Answer, what: str
) -> None:
    """What is no refusal of a proxy is said as ever."""
    with answering(lambda _path, _headers: answer) as port:
        done = _check(serving, _guards(), application=port)
    assert advice(done, "✗", what)
    assert "whether the plugin answers there" not in done.out


def _wrong(done: Outcome) -> list[str]:
    return [line for line in done.out.splitlines() if line.startswith("  ✗")]
