"""`make demo PROXY=…`: one command, and the demo is behind a real proxy."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from examples.proxies.fronts import FRONTS
from tests.browser.people import frames_show
from tests.conftest import NewVisitor
from tests.processes import START_SECONDS, Running, free_ports, lives

ROOT = Path(__file__).parents[2]
SSN = "219-09-9999"
DONE = [f"{sys.prefix}/.tree-test", f"{sys.prefix}/.unpacked", "node_modules/.stamp"]
SET_UP = [f"--assume-old={each}" for each in DONE]
MAKE = ["make", "--no-print-directory", f"--directory={ROOT}", f"VENV={sys.prefix}", *SET_UP]
# Waited for so, because the page's policy lets nobody poll in it.
GONE = """void (globalThis.gone = new Promise((tell) =>
  document.querySelector("#ssn-shown").addEventListener("secure-error", (event) =>
    tell(event.detail.code))))"""


@contextmanager
def demo(
    folder: Path, proxy: str, given: Sequence[int] = ()
) -> Generator[tuple[Running, int, int]]:
    """Run it as a person would, on free ports or these; enter once it has said where it is."""
    application, tokenizer, operator, log_in = given or free_ports(4)
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


async def log_in(page: Page, origin: str, user: str) -> None:
    """Log in as it is printed: with the demo's own users, or at Apache's identity provider."""
    await page.goto(f"{origin}/proxy/log-in")
    if page.url.startswith(origin):
        await page.get_by_role("button", name=user).click()
    else:
        await page.fill("input[name=login]", user)
        await page.fill("input[name=password]", "any")
        await page.get_by_role("button", name="Sign-in").click()
        await page.get_by_role("button", name="Continue").click()
    await expect(page).to_have_url(f"{origin}/profile")
    await expect(page.locator("h1")).to_have_text(user)


async def log_out(page: Page, origin: str) -> None:
    """Press the demo's own button, and whatever the identity provider has."""
    await page.goto(f"{origin}/profile")
    await page.click("#log-out")
    if page.url.startswith(origin):
        await expect(page.locator("h1")).to_contain_text("logged out")
    else:
        await page.get_by_role("button", name="Yes, sign me out").click()
        await expect(page.locator("h1")).to_have_text("Sign-in")


@pytest.mark.parametrize("proxy", ["apache", *FRONTS])
async def test_the_demo_behind_each_proxy(
    proxy: str, tmp_path: Path, new_visitor: NewVisitor
) -> None:
    """Two users, each sees what is theirs; no redirect; a log-out blanks; Ctrl-C ends all."""
    with demo(tmp_path, proxy) as (made, port, _):
        origin = f"http://app.lunasec.localhost:{port}"
        ada, bob = await new_visitor(), await new_visitor()
        for user, visitor in (("ada", ada), ("bob", bob)):
            await log_in(visitor.page, origin, user)
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
        await log_out(other, origin)
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


async def test_a_value_outlives_a_restart_behind_apache(
    tmp_path: Path, new_visitor: NewVisitor
) -> None:
    """Its owner is named by the identity provider's address, which has to stay the same."""
    ports, ada = free_ports(4), await new_visitor()
    origin = f"http://app.lunasec.localhost:{ports[0]}"
    for start in range(2):
        with demo(tmp_path, "apache", ports) as (made, _, _):
            await ada.context.clear_cookies()
            await log_in(ada.page, origin, "ada")
            if start == 0:
                await ada.page.frame_locator("#ssn iframe").locator("input").click()
                await ada.page.keyboard.type(SSN)
                await ada.page.click("#save")
            shown = ada.page.frame_locator("#ssn-shown iframe").locator("span")
            await expect(shown).to_have_text(SSN)
            os.killpg(made.process.pid, signal.SIGINT)
            made.process.wait(30)


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
    ("proxy", "option", "variable"),
    [
        ("caddy", "--port", "PORT"),
        ("caddy", "--tokenizer-port", "TOKENIZER_PORT"),
        ("apache", "--log-in-port", "LOG_IN_PORT"),
    ],
)
def test_a_busy_port_is_said_with_a_way_out(
    tmp_path: Path, proxy: str, option: str, variable: str
) -> None:
    """In one line, as `lunasec demo` says it; nothing is made."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ports = dict(
            zip(("--port", "--tokenizer-port", "--operator-port"), free_ports(3), strict=True)
        )
        chosen = [str(each) for pair in (ports | {option: port}).items() for each in pair]
        asked = [proxy, "--data", str(tmp_path / "data"), *chosen]
        done = subprocess.run(
            [sys.executable, "-m", "examples.proxies.demo", *asked],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    said = f"lunasec: port {port} is in use. Choose another: `make demo PROXY={proxy} {variable}="
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()
