"""Apache before both, in a browser: one token is for both, and its certificate keeps them apart."""

from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import expect

from examples.proxies import self_signed
from examples.proxies.fronts import APACHE
from tests.browser.people import frames_show
from tests.conftest import NewVisitor
from tests.http.parties import SCRIPTED, code
from tests.logged_in import (
    REFERENCE,
    SSN,
    are_two_sessions,
    each_sees_his_own,
    goes_blank,
    save,
    shown_in,
)
from tests.processes import free_ports, running
from tests.proxies.apache import SESSION, Identified, forged, running_apache
from tests.proxies.echoes import ask

WATCHED = """async (address) => {
  const { serviceWorker } = navigator;
  await serviceWorker.register("/worker.js");
  await serviceWorker.ready;
  const seen = new Promise((tell) => { serviceWorker.onmessage = (event) => tell(event.data); });
  document.body.appendChild(document.createElement("iframe")).src = address;
  return await seen;
}"""
"""Follow an address in a frame, and say what the application's origin is asked for first."""


@pytest.fixture(scope="module", params=["apache", "tokenizer"])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Identified]:
    """Start it, with one or the other told of log-outs at the provider."""
    with running_apache(tmp_path_factory.mktemp("apache"), told=request.param) as started:
        yield started


behind_apache = pytest.mark.parametrize("told", ["apache"], indirect=True)
"""What is the same, whoever is told."""


@behind_apache
async def test_a_value_is_typed_and_shown_without_a_redirect(
    told: Identified, new_visitor: NewVisitor
) -> None:
    """Nobody vouches: no `/session/create`, no `/.lunasec/`; each user sees his own value."""
    ada, bob = await new_visitor(), await new_visitor()
    await each_sees_his_own(ada, bob, told.application, told.log_in)


@pytest.mark.parametrize(
    ("told", "said"), [("apache", "no_session"), ("tokenizer", "session_ended")], indirect=["told"]
)
async def test_a_log_out_at_the_provider_ends_one_of_two_sessions(
    told: Identified, said: str, new_visitor: NewVisitor
) -> None:
    """Two log-ins of one user are two sessions; open frames of one go blank within ten seconds."""
    here, there = [await new_visitor() for _ in range(2)]
    await are_two_sessions(here, there, lambda page: told.log_in(page, "ada-2"))
    await told.log_out(await here.context.new_page())
    await goes_blank(here, there, said)
    await there.page.reload()
    await expect(shown_in(there.page)).to_have_text(SSN)


@behind_apache
async def test_a_log_out_at_the_provider_ends_the_application_s_session_too(
    told: Identified, new_visitor: NewVisitor
) -> None:
    """Where Apache is told, nothing of either is left: the next page is the provider's."""
    ada = await new_visitor()
    await told.log_in(ada.page, "ada-3")
    before = await ada.page.evaluate(REFERENCE)
    await told.log_out(await ada.context.new_page())
    await ada.page.goto(told.application)
    await expect(ada.page.locator("input[name=login]")).to_be_visible()
    await told.log_in(ada.page, "ada-3")
    assert await ada.page.evaluate(REFERENCE) != before


@pytest.mark.parametrize("told", ["tokenizer"], indirect=True)
async def test_where_the_tokenizer_alone_is_told_values_stay_shut(
    told: Identified, new_visitor: NewVisitor
) -> None:
    """Apache still passes its user on, whom nothing is granted to; a log-out there helps."""
    ada = await new_visitor()
    await told.log_in(ada.page, "ada-7")
    await save(ada.page)
    await told.log_out(await ada.context.new_page())
    await ada.page.reload()
    await expect(ada.page.get_by_text("session_ended")).to_be_visible()
    await ada.page.goto(f"{told.application}/proxy/log-out")
    await told.log_in(ada.page, "ada-7")
    await expect(ada.page.frame_locator("#shown iframe").locator("span")).to_have_text(SSN)


@behind_apache
async def test_a_log_out_at_apache_blanks_open_frames(
    told: Identified, new_visitor: NewVisitor
) -> None:
    """Before the provider has asked whether it should end its own session; then that ends too."""
    ada = await new_visitor()
    await told.log_in(ada.page, "ada-4")
    await save(ada.page)
    cookie = await told.cookie(ada.page)
    other = await ada.context.new_page()
    await other.goto(f"{told.application}/proxy/log-out")
    await expect(other.locator("button[name=logout]")).to_be_visible()
    await ada.page.bring_to_front()
    blank = "shown.problem?.code === 'no_session' && ssn.problem?.code === 'no_session'"
    await ada.page.wait_for_function(blank, timeout=11_000)
    assert not await frames_show(ada.page, SSN)
    assert (await _ensured(told, "secure", cookie=cookie)).status_code == 401
    await other.click("button[name=logout]")
    await expect(other.locator("input[name=login]")).to_be_visible()


@behind_apache
async def test_t25_what_apache_passes_on_opens_nothing(
    told: Identified, new_visitor: NewVisitor
) -> None:
    """Who took the application's server over has a visitor's headers, and no certificate."""
    ada = await new_visitor()
    await told.log_in(ada.page, "ada-5")
    session, cookie = await ada.page.evaluate(REFERENCE), await told.cookie(ada.page)
    known = await _ensured(told, "secure", session, cookie=cookie)
    assert known.json()["active"] is True
    await ada.page.goto(f"{told.application}/headers")
    stolen = await ada.page.evaluate("JSON.parse(document.body.innerText)")
    assert cookie.partition("=")[2] not in str(stolen)
    token = stolen["authorization"]
    for each in (token, forged(token)):
        around = await _ensured(told, "tokenizer", session, authorization=each)
        assert (around.status_code, code(around)) == (401, "not_proxied")
        assert "another listener" in around.json()["detail"]
        through = await _ensured(told, "secure", session, authorization=each)
        assert (through.status_code, through.headers["server"][:6]) == (401, "Apache")
        with pytest.raises(httpx.TransportError):
            await _ensured(told, "line", session, authorization=each)


@behind_apache
async def test_t2b_a_page_picks_up_no_log_in(told: Identified, new_visitor: NewVisitor) -> None:
    """A page of a server that was taken over can't see what the provider sends to Apache.

    It would have its visitors follow a log-in that an attacker began, and the attacker would finish
    it, with Apache's secret and certificate, as the visitor.
    """
    ada = await new_visitor()
    await told.log_in(ada.page, "ada-6")
    host = ("Host", told.application.removeprefix("http://"))
    _, begun, _ = ask(told.ports["app"], "/", [host, ("Accept", "text/html")])
    seen = await ada.page.evaluate(WATCHED, begun["location"])
    state = ("Cookie", begun["set-cookie"].partition(";")[0])
    _, finished, _ = ask(told.ports["app"], seen.removeprefix(told.application), [host, state])
    assert SESSION not in finished.get("set-cookie", "")
    assert seen == f"{told.application}/"


@pytest.mark.parametrize("replaced", ["proxy-and-key.pem", "servers.pem"])
@behind_apache
async def test_t25_another_certificate_opens_no_line(
    told: Identified, replaced: str, tmp_path: Path
) -> None:
    """An Apache of another name gets nowhere, and ours tells nothing to another tokenizer."""
    ports = told.ports | dict(zip(("app", "secure"), free_ports(2), strict=True))
    for name in ("secrets.conf", "proxy-and-key.pem", "servers.pem"):
        (tmp_path / name).write_bytes((told.folder / "apache" / name).read_bytes())
    command = APACHE.command(tmp_path, ports)
    with running(command, folder=tmp_path, ready={ports["secure"]: "/"}):
        assert await _static(ports["secure"]) == 200
    certificate, key = self_signed.to_ask("apache.internal")
    (tmp_path / replaced).write_bytes(certificate + key)
    with running(command, folder=tmp_path, ready={ports["secure"]: "/"}):
        assert await _static(ports["secure"]) in {500, 502, 503}


async def _static(port: int) -> int:
    """Ask for what is open to everybody, and say how it was answered."""
    async with httpx.AsyncClient(trust_env=False) as client:
        headers = {"host": f"secure.lunasec.localhost:{port}"}
        answer = await client.get(f"http://127.0.0.1:{port}/lunasec.js", headers=headers)
        return answer.status_code


async def _ensured(
    told: Identified, port: str, session: str = "", **headers: str
) -> httpx.Response:
    """Ask for a session at Apache (`secure`), or around it."""
    own = {**SCRIPTED, "host": told.secure.removeprefix("http://")}
    own |= {"lunasec-application": "payroll", **headers}
    scheme = "https" if port == "line" else "http"
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:  # noqa: S501 - no secret
        address = f"{scheme}://127.0.0.1:{told.ports[port]}/session/ensure"
        return await client.post(address, json={"session": session}, headers=own)
