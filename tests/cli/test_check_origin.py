"""`lunasec check` looks at the tokenizer through whatever stands in front of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.cli.answering import Answer, answering, passing_on
from tests.cli.checking import Serving, advice
from tests.processes import free_ports


def _adds(name: str, value: str) -> Callable[[str, Answer], Answer]:
    return lambda _path, answer: replace(answer, headers={**answer.headers, name: value})


def _as_it_is(_path: str, answer: Answer) -> Answer:
    return answer


def _drops(name: str) -> Callable[[str, Answer], Answer]:
    def change(_path: str, answer: Answer) -> Answer:
        kept = {key: value for key, value in answer.headers.items() if key.lower() != name}
        return replace(answer, headers=kept)

    return change


def _says(answer: Answer) -> Callable[[str, Answer], Answer]:
    return lambda _path, _answer: answer


def _opens_metrics(path: str, answer: Answer) -> Answer:
    return Answer(body=b"metrics") if path == "/metrics" else answer


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_adds("X-Frame-Options", "DENY"), "adds X-Frame-Options"),
        (_drops("origin-agent-cluster"), "changes origin-agent-cluster"),
        (_adds("Referrer-Policy", "unsafe-url"), "changes referrer-policy"),
        (_drops("access-control-allow-origin"), "without Access-Control-Allow-Origin"),
        (_opens_metrics, "/metrics answers in public"),
        (_says(Answer(status=502)), "the proxy in front answers 502"),
        (_says(Answer(status=302, headers={"Location": "/login"})), "is redirected to /login"),
        (_says(Answer(body=b"<html>")), "is not the tokenizer"),
        (_says(Answer(status=404)), "is not the tokenizer"),
    ],
    ids=["xfo", "agent", "referrer", "cors", "metrics", "502", "login", "page", "404"],
)
def test_proxy_that_spoils_is_found(
    serving: Serving, change: Callable[[str, Answer], Answer], what: str
) -> None:
    """What stands in front of the tokenizer and changes its answers is found, header by header."""
    with answering(passing_on(serving.port, change)) as port:
        done = serving.check(origin=f"http://secure.lunasec.localhost:{port}")
    assert done.code == 1
    assert advice(done, "✗", what)


def test_proxy_that_keeps_its_hands_off_is_fine(serving: Serving) -> None:
    """Through a proxy that changes nothing, only the application that is not there is wrong."""
    with answering(passing_on(serving.port, _as_it_is)) as port:
        done = serving.check(origin=f"http://secure.lunasec.localhost:{port}")
    wrong = [line for line in done.out.splitlines() if "✗" in line and "(✗)" not in line]
    [refused] = wrong
    assert "app.lunasec.localhost:1 can't be reached: connection refused" in refused


def test_restart_that_was_forgotten_is_found(serving: Serving) -> None:
    """A configuration that was changed under a running tokenizer is told to need a restart."""
    origin = f"http://secure.lunasec.localhost:{serving.port}"
    done = serving.check(application=2, origin=origin)
    assert "Restart" in advice(done, "✗", "does not know payroll as it is configured now")


def test_name_that_leads_nowhere_is_said(serving: Serving) -> None:
    """An origin that can't be reached, while the tokenizer runs, is wrong, and says why."""
    [port] = free_ports(1)
    done = serving.check(origin=f"http://secure.lunasec.localhost:{port}")
    assert "TLS proxy" in advice(done, "✗", "✗ can't be reached: connection refused")
    done = serving.check(origin="https://secure.example.invalid")
    assert "TLS proxy" in advice(done, "✗", "has no address (DNS)")
