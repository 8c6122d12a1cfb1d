"""T7, T11, T12, T13: whose session a browser has, and who may frame whom."""

from contextlib import ExitStack
from secrets import token_hex
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import expect

from lunasec.tokenizer.http.frames import ROLES
from tests.attacks.browser.victims import (
    FORM,
    GROUP,
    SHOWN,
    Victim,
    done_by,
    in_both_deployments,
    until,
)
from tests.conftest import NewVisitor
from tests.scenes import Scene

VALUE = "219-09-9999"

_FETCH = "(a) => fetch(a, {mode: 'no-cors', credentials: 'include'}).catch(() => {})"
LURES = {
    "fetch": _FETCH,
    "own-fetch": _FETCH,
    "image": "(a) => { document.body.append(Object.assign(new Image(), {src: a})) }",
    "frame": "(a) => { document.body.appendChild(document.createElement('iframe')).src = a }",
    "top": "(a) => { location = a }",
}


@in_both_deployments
@pytest.mark.parametrize("keep", [False, True], ids=["new-id", "id-kept"])
async def test_t12_another_user_in_another_tab(
    scene: Scene, new_visitor: NewVisitor, *, keep: bool
) -> None:
    """T12: when somebody else logs in, what stands open is wiped, and never used in his name."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.looks_at(token, VALUE)
    bob = Victim(
        visitor=ada.visitor, application=ada.application, name=ada.name.replace("ada", "bob")
    )
    other = await ada.visitor.context.new_page()
    await bob.logs_in(keep=keep)
    await other.goto(scene.payroll.page(FORM.format(attributes="") + SHOWN.format(token=token)))
    await expect(other.locator("#shown")).to_have_attribute("aria-invalid", "true")
    await ada.page.bring_to_front()

    async def wiped() -> bool:
        return not await ada.frames_show(VALUE)

    await until(wiped)


@in_both_deployments
@pytest.mark.parametrize("browser", ["allowed", "blocked"], indirect=True)
async def test_t12_another_user_wipes_a_group(scene: Scene, new_visitor: NewVisitor) -> None:
    """T12: a group's frame is one session's, with third-party cookies and without them."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.opens(GROUP.format(token=token), grant=token)
    await ada.sees("#shown", VALUE)
    await ada.types("#empty", "typed")
    bob = Victim(visitor=ada.visitor, application=ada.application, name="bob")
    other = await ada.visitor.context.new_page()
    await bob.logs_in()
    await other.goto(scene.payroll.page(GROUP.format(token=token)))
    await expect(other.locator("#shown")).to_have_attribute("aria-invalid", "true")
    await ada.page.bring_to_front()

    async def wiped() -> bool:
        return not (await ada.frames_show(VALUE) or await ada.frames_show("typed"))

    await until(wiped)


async def test_t12_two_applications_side_by_side(scene: Scene, new_visitor: NewVisitor) -> None:
    """T12: two applications of one tokenizer share a browser, and neither disturbs the other."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.looks_at(token, VALUE)
    tab = await ada.visitor.context.new_page()
    clinic = Victim(visitor=ada.visitor, application=scene.clinic, name=ada.name)
    await clinic.logs_in()
    # The clinic asks for payroll's token: its own session, its own grant, and still no.
    await tab.goto(
        scene.clinic.page(FORM.format(attributes="") + SHOWN.format(token=token), grant=token)
    )
    await expect(tab.locator("#shown")).to_have_attribute("aria-invalid", "true")
    await tab.frame_locator("#ssn iframe").locator("input").click()
    await tab.keyboard.type("457-55-5462")
    await tab.click("#save")
    await tab.wait_for_url("**/echo")
    await ada.page.bring_to_front()
    await ada.page.wait_for_timeout(6000)
    assert await ada.frames_show(VALUE), "payroll's page is as it was"
    await ada.page.reload()
    await ada.sees("#shown", VALUE)


@in_both_deployments
async def test_t7_a_foreign_site_frames_nothing(scene: Scene, new_visitor: NewVisitor) -> None:
    """T7: from an origin that is not listed, frame documents stay blank."""
    mallory = await new_visitor()
    html = "".join(
        f'<iframe src="{scene.tokenizer}/frame/payroll/{role}"></iframe>' for role in sorted(ROLES)
    )
    page = mallory.page
    await page.goto(f"{scene.unlisted}/plain?html={html}")
    await page.wait_for_timeout(800)
    framed = [each for each in page.frames if each != page.main_frame]
    assert len(framed) == len(ROLES)
    for each in framed:
        assert not each.url.startswith(scene.tokenizer)
    # The same from the application's own origin is no blank page: the check can fail.
    await page.goto(scene.payroll.at("/plain", html=html))
    await page.wait_for_timeout(800)
    assert sum(each.url.startswith(scene.tokenizer) for each in page.frames) == len(ROLES)


@in_both_deployments
async def test_t11_an_attacker_plants_no_session(scene: Scene, new_visitor: NewVisitor) -> None:
    """T11: a handle that was made for the attacker's browser opens nothing in the victim's.

    Tried as a cross-site fetch, image, frame and top-level navigation, from the attacker's page and
    from the application's own.
    """
    ada = await Victim.arrive("ada", scene, new_visitor)
    for kind in LURES:
        address, mine = _planned(scene)
        await _lure(ada, scene, address, kind)
        assert not done_by(scene, "session.redeem", mine), kind
    # In the browser that asked for it the same address works: the test does plan real sessions.
    address, mine = _planned(scene, redeem=True)
    assert done_by(scene, "session.redeem", mine)


def _planned(scene: Scene, *, redeem: bool = False) -> tuple[str, str]:
    """Do the attacker's half of a bootstrap by hand; return the address with his handle in it."""
    with ExitStack() as stack:
        application = stack.enter_context(client(scene.payroll.origin, scene.payroll.port))
        tokenizer = stack.enter_context(client(scene.tokenizer, scene.tokenizer_port))
        reference = application.get(f"/as/mallory-{token_hex(4)}").json()["session"]
        own = {"Sec-Fetch-Site": "same-origin", "LunaSec-Application": "payroll"}
        ensured = tokenizer.post("/session/ensure", json={"session": reference}, headers=own)
        query = {"state": ensured.json()["state"]}
        fetched = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"}
        asked = {"Sec-Fetch-Site": "same-origin", **fetched}
        answer = application.get("/.lunasec/secure-frame", params=query, headers=asked)
        address = answer.headers["location"]
        if redeem:
            binding = ensured.headers["set-cookie"].partition(";")[0]
            path = address.removeprefix(scene.tokenizer)
            assert tokenizer.get(path, headers={"Cookie": binding, **fetched}).is_success
    return address, reference


def client(origin: str, port: int) -> httpx.Client:
    """Reach an origin by the loopback, since Python does not resolve its name."""
    headers = {"Host": urlsplit(origin).netloc}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers)


async def _lure(ada: Victim, scene: Scene, address: str, kind: str) -> None:
    """Have the victim's browser ask for the address, in one of the ways a page can."""
    page = ada.page
    start = scene.payroll.at("/plain") if kind == "own-fetch" else f"{scene.unlisted}/plain"
    await page.goto(start)
    await page.evaluate(LURES[kind], address)
    await page.wait_for_timeout(400)
