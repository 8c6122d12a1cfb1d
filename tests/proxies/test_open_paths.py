"""What is open to everybody gets to the tokenizer as nobody's, through each real proxy."""

import json
from collections.abc import Generator
from typing import Final

import pytest

from examples.proxies.fronts import FRONTS, PORTS, SIGNED_IN
from tests.processes import free_ports, running, wait_for_status
from tests.proxies.echoes import ask, echoing

ALL: Final = {**FRONTS, "envoy that logs in": SIGNED_IN}
OPEN: Final = ("/lunasec.js", "/assets/a.js", "/errors", "/session/back-channel-logout/payroll")


@pytest.fixture(scope="module", params=ALL)
def secure(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[int]:
    """Put a proxy before an echo in the tokenizer's place, and nobody who logs in or decides."""
    ports: dict[str, int] = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    folder = tmp_path_factory.mktemp(request.param.replace(" ", "-"))
    command = ALL[request.param].command(folder, ports)
    for name in ("client", "seal-app", "seal-secure"):
        (folder / f"{name}.secret").write_text("what nobody asks for here")
    at = ports["secure"]
    with echoing(ports["tokenizer"]), running(command, folder=folder, ready={at: "/"}):
        # Traefik listens before it has read where what goes.
        wait_for_status(at, f"http://secure.lunasec.localhost:{at}/lunasec.js", 200)
        yield at


def _asked(port: int, path: str) -> tuple[int, str]:
    own = [("Authorization", "Bearer own"), ("Cookie", "a=1")]
    status, _, body = ask(port, path, [("Host", f"secure.lunasec.localhost:{port}"), *own])
    return status, body


@pytest.mark.parametrize("path", OPEN)
def test_t25_what_is_open_is_nobody_s(secure: int, path: str) -> None:
    """A client's own token does not get there, and neither does a cookie."""
    status, body = _asked(secure, path)
    assert status == 200
    asked, fields = json.loads(body)
    assert asked == path
    assert {"authorization", "cookie"} & {name.lower() for name, _ in fields} == set()
