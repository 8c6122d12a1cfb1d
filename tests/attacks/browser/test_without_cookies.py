"""T1, T7, T11, T12 without cookies of the tokenizer: couriers, and planted ones."""

import pytest
from playwright.async_api import expect

from tests.attacks.browser.test_sessions import client
from tests.attacks.browser.victims import FORM, SHOWN, Victim, audit, script, until
from tests.conftest import NewVisitor
from tests.deployments import CROSS_SITE, SAME_SITE
from tests.scenes import Scene

VALUE = "219-09-9999"

in_both_without_cookies = pytest.mark.parametrize(
    ("scene", "browser"), [(SAME_SITE, "denied"), (CROSS_SITE, "denied")], indirect=True
)


def planned(scene: Scene) -> tuple[str, str]:
    """Get a document for the attacker's own session; return its address, and that session."""
    with client(scene.payroll.origin, scene.payroll.port) as application:
        session = application.get("/as/mallory").json()["session"]
        asked = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
        headers = {"Sec-Fetch-Site": "same-origin", **asked}
        answer = application.get("/.lunasec/coordinator", headers=headers)
        return answer.headers["location"], session


def actions(scene: Scene, session: str) -> set[str]:
    """List what the tokenizer let a session do."""
    return {
        each["action"]
        for each in audit(scene)
        if each.get("session") == session and each["outcome"] == "allowed"
    }


@in_both_without_cookies
async def test_t1_a_script_learns_nothing_of_a_courier(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """Neither address nor secret of a document, by whatever way it is asked for."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.page.add_init_script(f"({script('wiretap.js')})()")
    await ada.looks_at(token, VALUE)
    learned = str(await ada.page.evaluate(script("learn-courier.js")))
    assert "cross_origin_refused" in learned, "fetched, it is refused, and says so"
    assert "SecurityError" in learned or "null" in learned
    opened = [each for each in audit(scene) if each["action"] == "session.document"]
    assert len(opened) > 1, "the script did have documents made"
    assert "handle=" not in learned
    assert "lunasec-secret" not in learned
    assert VALUE not in learned


@in_both_without_cookies
async def test_t11_a_planted_document_serves_nobody(scene: Scene, new_visitor: NewVisitor) -> None:
    """The attacker's document under the victim's page: it shows and stores nothing in his session.

    Planted before the page's own has come, and after; the page goes on in the victim's session.
    """
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    address, mine = planned(scene)
    plant = (
        "(address) => { const frame = document.createElement('iframe');"
        " frame.src = address; document.documentElement.append(frame) }"
    )
    early, first = planned(scene)
    html = FORM.format(attributes="") + SHOWN.format(token=token)
    await ada.page.goto(scene.payroll.page(html, grant=token), wait_until="commit")
    await ada.page.wait_for_selector("html > iframe", state="attached")
    await ada.page.evaluate(plant, early)
    await ada.sees("#shown", VALUE)
    await ada.page.evaluate(plant, address)
    await ada.page.wait_for_timeout(1500)
    await ada.sees("#shown", VALUE)
    await ada.types("#ssn", "457-55-5462")
    answer = await ada.posts()
    assert answer["verified"] == "yes"
    for session in (mine, first):
        assert actions(scene, session) <= {"session.offer", "session.document"}
        assert "session.document" in actions(scene, session), "it was planted"


@in_both_without_cookies
async def test_t7_a_foreign_site_frames_no_document(scene: Scene, new_visitor: NewVisitor) -> None:
    """From another origin neither the application's route nor the document shows anything."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    address, mine = planned(scene)
    ways = [f"{scene.payroll.origin}/.lunasec/coordinator", address]
    html = "".join(f'<iframe src="{each}"></iframe>' for each in ways)
    await ada.page.goto(f"{scene.unlisted}/plain")
    await ada.page.evaluate("(html) => { document.body.innerHTML = html }", html)
    await ada.page.wait_for_timeout(1000)
    assert not [each for each in ada.page.frames if each.url.startswith(scene.tokenizer)]
    assert "session.register" not in actions(scene, mine)


@in_both_without_cookies
async def test_t12_another_user_in_another_tab_without_cookies(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """When somebody else logs in, what stands open is wiped, and never used in his name."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.looks_at(token, VALUE)
    bob = Victim(visitor=ada.visitor, application=ada.application, name=f"bob-{ada.name}")
    await bob.logs_in()
    other = await ada.visitor.context.new_page()
    await other.goto(scene.payroll.page(SHOWN.format(token=token)))
    await expect(other.locator("#shown")).to_have_attribute("aria-invalid", "true")
    await ada.page.bring_to_front()
    # Headless tabs are all in front; a person's tell it by themselves that they are looked at.
    await ada.page.wait_for_timeout(5_000)
    await ada.page.evaluate("dispatchEvent(new Event('focus'))")

    async def wiped() -> bool:
        return not await ada.frames_show(VALUE)

    await until(wiped)
