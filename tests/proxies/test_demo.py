"""`make demo PROXY=…`: one command, and the demo is behind a real proxy."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import expect

from examples.proxies.fronts import FRONTS
from tests.browser.people import frames_show
from tests.conftest import NewVisitor
from tests.processes import START_SECONDS, Running, free_ports, lives

ROOT = Path(__file__).parents[2]
SSN = "219-09-9999"
SET_UP = [f"--assume-old={sys.prefix}/{each}" for each in (".tree-test", ".unpacked")]
MAKE = ["make", "--no-print-directory", f"--directory={ROOT}", f"VENV={sys.prefix}", *SET_UP]
# Waited for so, because the page's policy lets nobody poll in it.
GONE = """void (globalThis.gone = new Promise((tell) =>
  document.querySelector("#ssn-shown").addEventListener("secure-error", (event) =>
    tell(event.detail.code))))"""


@contextmanager
def demo(folder: Path, proxy: str) -> Generator[tuple[Running, int, int]]:
    """Run it as a person would, on free ports; enter once it has said where it is."""
    application, tokenizer, operator, log_in = free_ports(4)
    ports = [f"PORT={application}", f"TOKENIZER_PORT={tokenizer}", f"OPERATOR_PORT={operator}"]
    ports.append(f"LOG_IN_PORT={log_in}")
    log = folder / "make.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*MAKE, "demo", f"PROXY={proxy}", *ports, f"DEMO_ARGS=--data {folder}/data"],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    made = Running(process=process, log=log)
    try:
        made.wait_for({application: "/proxy/log-in"})
        deadline = time.monotonic() + START_SECONDS
        while "Log in at" not in made.output():
            assert time.monotonic() < deadline, made.output()
            time.sleep(0.05)
        yield made, application, tokenizer
    finally:
        made.kill()


@pytest.mark.parametrize("proxy", FRONTS)
async def test_the_demo_behind_each_proxy(
    proxy: str, tmp_path: Path, new_visitor: NewVisitor
) -> None:
    """Two users, each sees what is theirs; no redirect; a log-out blanks; Ctrl-C ends all."""
    with demo(tmp_path, proxy) as (made, port, _):
        origin = f"http://app.lunasec.localhost:{port}"
        ada, bob = await new_visitor(), await new_visitor()
        for user, visitor in (("ada", ada), ("bob", bob)):
            await visitor.page.goto(f"{origin}/proxy/log-in")
            await visitor.page.get_by_role("button", name=user).click()
            await expect(visitor.page.locator("h1")).to_have_text(user)
        await ada.page.frame_locator("#ssn iframe").locator("input").click()
        await ada.page.keyboard.type(SSN)
        await ada.page.click("#save")
        shown = ada.page.frame_locator("#ssn-shown iframe").locator("span")
        await expect(shown).to_have_text(SSN)
        asked = [each.url for each in ada.requests]
        assert not [each for each in asked if "/.lunasec/" in each or "/session/create" in each]
        await bob.page.goto(f"{origin}/admin")
        token = await ada.page.get_attribute("#ssn-shown", "token")
        assert token is not None
        assert token in await bob.page.content()
        assert not await frames_show(bob.page, SSN)
        await ada.page.evaluate(GONE)
        other = await ada.context.new_page()
        await other.goto(f"{origin}/profile")
        await other.click("#log-out")
        await expect(other.locator("h1")).to_contain_text("logged out")
        await ada.page.bring_to_front()
        assert await ada.page.evaluate("gone") == "no_session"
        assert not await frames_show(ada.page, SSN)
        family = made.family()
        os.killpg(made.process.pid, signal.SIGINT)
        made.process.wait(30)
        assert not [pid for pid in family if lives(pid)]
    said = made.output()
    assert f"{origin}/proxy/log-in" in said
    assert "All are stopped." in said
    assert "Traceback" not in said


def test_an_oathkeeper_that_is_not_there_is_said(tmp_path: Path) -> None:
    """In one line, with where it can be had; nothing is made."""
    asked = ["examples.proxies.demo", "oathkeeper", "--data", str(tmp_path / "data")]
    done = subprocess.run(
        [sys.executable, "-m", *asked],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("lunasec: there is no `oathkeeper` on the PATH;")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("option", "variable"),
    [("--port", "PORT"), ("--tokenizer-port", "TOKENIZER_PORT")],
)
def test_a_busy_port_is_said_with_a_way_out(tmp_path: Path, option: str, variable: str) -> None:
    """In one line, as `lunasec demo` says it; nothing is made."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = dict(
            zip(("--port", "--tokenizer-port", "--operator-port"), free_ports(3), strict=True)
        )
        chosen = [str(each) for pair in (ports | {option: port}).items() for each in pair]
        asked = ["caddy", "--data", str(tmp_path / "data"), *chosen]
        done = subprocess.run(
            [sys.executable, "-m", "examples.proxies.demo", *asked],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    said = f"lunasec: port {port} is in use. Choose another: `make demo PROXY=caddy {variable}="
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()
