"""`lunasec check` asks each application what a browser will ask, and reads its page's policy."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from lunasec.cli import applications
from lunasec.cli.checks import page_policy
from tests.cli.answering import Answer, Answers, answering
from tests.cli.checking import Serving, advice
from tests.cli.invocation import lunasec

JSON = {"Content-Type": "application/json"}


def _plugin(status: int, body: bytes = b"", **headers: str) -> Answers:
    def answer(path: str, _headers: Mapping[str, str]) -> Answer:
        if path != "/.lunasec/session":
            return Answer(status=404)
        return Answer(status=status, body=body, headers={**JSON, **headers})

    return answer


@pytest.mark.parametrize(
    ("answers", "what", "cure"),
    [
        (_plugin(404), "404: the plugin is not registered", "lunasec.register(app)"),
        (_plugin(302, Location="/login"), "302: redirected to /login", "leave /.lunasec/ alone"),
        (_plugin(200, b"<html>Log in"), "200: what answers is not the plugin", "register(app)"),
        (_plugin(500), "500: the application failed", "Its log"),
        (_plugin(401, b'{"application":"hr"}'), "application hr's", 'application="payroll"'),
        (
            _plugin(403, b'{"application":"payroll","code":"cross_origin_refused"}'),
            "takes its own page's request for a foreign one",
            "Sec-Fetch-*",
        ),
    ],
    ids=["404", "redirect", "page", "500", "another", "headers"],
)
def test_plugin_that_is_not_there_is_found(
    serving: Serving, answers: Answers, what: str, cure: str
) -> None:
    """Whatever answers in the plugin's place is told from it, with what to do."""
    with answering(answers) as port:
        done = serving.check(application=port)
    assert done.code == 1
    assert cure in advice(done, "✗", what)


def test_plugin_is_asked_as_a_browser_asks(serving: Serving) -> None:
    """The probe says what a fetch by the application's own page says, or it would be refused."""
    seen: list[Mapping[str, str]] = []

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        if path == "/.lunasec/session":
            seen.append(headers)
        return Answer(status=401, body=b'{"application":"payroll"}', headers=JSON)

    with answering(answer) as port:
        serving.check(application=port)
    assert seen[0]["Sec-Fetch-Site"] == "same-origin"
    assert seen[0]["Sec-Fetch-Mode"] == "cors"
    assert seen[0]["Sec-Fetch-Dest"] == "empty"
    assert seen[0]["Host"] == f"app.lunasec.localhost:{port}"


def test_key_of_another_application_is_found(serving: Serving, tmp_path: Path) -> None:
    """An application that signs with a key that we don't have would be refused at each call."""
    applications.make_keys(tmp_path / "other.key", tmp_path / "other.jwks.json")
    keys = (tmp_path / "other.jwks.json").read_bytes()

    def answer(path: str, _headers: Mapping[str, str]) -> Answer:
        body = keys if path.endswith("jwks.json") else b'{"application":"payroll"}'
        return Answer(status=200, body=body, headers=JSON)

    with answering(answer) as port:
        done = serving.check(application=port)
    assert "Give it the key file" in advice(done, "✗", "and ")


def test_clock_that_is_off_is_found(serving: Serving) -> None:
    """Clocks that differ by more than is let pass would make every credential invalid."""

    def answer(_path: str, _headers: Mapping[str, str]) -> Answer:
        late = {**JSON, "Date": "Mon, 23 Nov 2020 08:00:00 GMT"}
        return Answer(status=401, body=b'{"application":"payroll"}', headers=late)

    with answering(answer) as port:
        done = serving.check(application=port)
    assert "NTP" in advice(done, "✗", "s behind")


def test_policy_that_keeps_the_tokenizer_out_is_found(serving: Serving) -> None:
    """A front page whose policy blocks the frames is pointed out, with the directives."""

    def answer(_path: str, _headers: Mapping[str, str]) -> Answer:
        policy = {"Content-Security-Policy": "default-src 'self'; script-src https: http:"}
        return Answer(status=401, body=b'{"application":"payroll"}', headers={**JSON, **policy})

    with answering(answer) as port:
        done = serving.check(application=port)
    assert "--csp" in advice(done, "!", "keeps the tokenizer out of frame-src, connect-src")


# What a proxy in front of the tokenizer can spoil, each with a word of the finding.


def test_choices_with_a_price_are_named(serving: Serving) -> None:
    """Another site and header sessions work, and what they cost is said; neither is wrong."""
    text = serving.config.read_text()
    (serving.folder / "checked.toml").write_text(
        text.replace("[applications.payroll]\n", "[applications.payroll]\nheader_sessions = true\n")
        .replace("app.lunasec.localhost", "app.example.localhost")
        .replace("127.0.0.1", "0.0.0.0")  # noqa: S104 - what is to be found
    )
    done = lunasec("check", "--offline", "--config", "checked.toml", cwd=serving.folder)
    assert done.code == 0
    assert "Better is" in advice(done, "!", "another site than the tokenizer's")
    assert "carry the session" in advice(done, "!", "T1 of the threat model is not promised")
    assert "TLS proxy" in advice(done, "!", "takes plain http from other machines")
    assert "for you alone" in advice(done, "!", "may be reached from elsewhere")


@pytest.mark.parametrize(
    ("policy", "missing"),
    [
        ("", []),
        ("script-src https://s.example.com; frame-src https://s.example.com", []),
        ("default-src 'self'", ["script-src", "frame-src", "connect-src"]),
        ("default-src https:", []),
        ("default-src *", []),
        ("default-src https://*.example.com", []),
        ("default-src *.example.com", []),
        ("default-src s.example.com", []),
        ("default-src https://example.com", ["script-src", "frame-src", "connect-src"]),
        ("default-src http://s.example.com", ["script-src", "frame-src", "connect-src"]),
        ("default-src https://s.example.com:8443", ["script-src", "frame-src", "connect-src"]),
        ("child-src https://s.example.com; default-src 'none'", ["script-src", "connect-src"]),
        ("script-src 'nonce-x' 'strict-dynamic'", []),
        ("script-src-elem 'self'; script-src https:", ["script-src"]),
        ("frame-src 'none'; frame-src https://s.example.com", ["frame-src"]),
    ],
)
def test_policies_are_read_as_browsers_read_them(policy: str, missing: list[str]) -> None:
    """Fallbacks, wildcards, schemes and repeated directives count as in CSP Level 3."""
    assert page_policy.missing(policy, "https://s.example.com") == missing
