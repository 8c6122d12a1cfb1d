"""The demo's page that invites an attack: every attack runs, and gets what its explanation says."""

import re

import pytest
from playwright.async_api import expect

from lunasec.demo.attacks import ATTACKS
from tests.browser.people import SSN, Person
from tests.browsers import ALLOWED, BLOCKED
from tests.conftest import NewVisitor
from tests.deployments import CROSS_SITE, SAME_SITE, Demo

at_both_ends = pytest.mark.parametrize(
    ("demo", "browser"), [(SAME_SITE, ALLOWED), (CROSS_SITE, BLOCKED)], indirect=True
)
"""Where a page has the most in common with the tokenizer, and where the least."""

VALUE = "665-03-1187"
DIGITS = VALUE.replace("-", "")
TYPED = "8421"

# The last thing that each attack says when nothing stopped it half-way, and proof that it tried.
ENDS = {
    "read-elements": r"the form would post secure:",
    "look-inside": r"SecurityError",
    "ask-tokenizer": r"sendBeacon: sent",
    "take-session": r"handles in the performance entries: 0",
    "talk-to-frames": r"Done\. That is all that came back",
    "log-keys": r"Listening",
    "use-other-tokens": r'what the script reads: ""',
    "fake-field": r"Type into the one in its place",
}
TRIES = {
    "read-elements": r"The ordinary field: easy prey",
    "look-inside": r"contentDocument: null",
    "ask-tokenizer": r"no-cors, text/plain: opaque status 0 text",
    "take-session": r"no-cors, follow: opaque",
    "talk-to-frames": r"messages to each of [3-9] frames",
    "log-keys": rf"keydown in ordinary {TYPED[-1]}",
    "use-other-tokens": r"lunasec-\S+… not_granted",
    "fake-field": rf"typed into the false field: {TYPED}",
}


async def settled(thief: Person) -> str:
    """Return all that stands in the panel, once nothing is added for a while."""
    panel, said = thief.visitor.page.locator("#got"), ""
    while (now := await panel.inner_text()) != said:
        said = now
        await thief.visitor.page.wait_for_timeout(200)
    return said


@at_both_ends
async def test_every_attack_of_the_demo_runs_and_gets_nothing(
    demo: Demo, new_visitor: NewVisitor
) -> None:
    """The number is shown to its owner while each attack runs beside it, and is not in its loot.

    The false field, which works in any scheme, is the control: what is typed there is in the panel.
    """
    assert set(ENDS) == set(TRIES) == {each.name for each in ATTACKS}
    bob = await Person.arrive("bob", demo, new_visitor)
    await bob.sign_up(ssn=SSN)
    ada = await Person.arrive("ada", demo, new_visitor)
    await ada.sign_up()
    await ada.save(VALUE)
    page = ada.visitor.page
    for name, end in ENDS.items():
        await ada.opens("/steal")
        await page.click(f'button[name=attack][value="{name}"]')
        await expect(page.locator("#got")).to_contain_text(re.compile(end))
        await ada.sees("#ssn-shown", VALUE)
        if name in {"log-keys", "fake-field"}:
            await type_into_both(ada, secure=name == "log-keys")
        loot = await settled(ada)
        assert re.search(TRIES[name], loot), (name, loot)
        assert VALUE not in loot, name
        assert DIGITS not in loot, name
        assert SSN not in loot, name


async def type_into_both(person: Person, *, secure: bool) -> None:
    """Type into the ordinary field, and into the secure one or what stands in its place."""
    page = person.visitor.page
    await page.locator("#ordinary").press_sequentially(TYPED)
    if secure:
        before = await settled(person)
        await person.type_into("#secure", "55")
        heard = (await settled(person)).removeprefix(before)
        assert "input in secure" in heard
        assert "5" not in heard
    else:
        await page.locator("#secure").press_sequentially(TYPED)


OWN = 'console.log(`${document.querySelector("#ssn-shown").textContent}|${document.title}|own`)'


@pytest.mark.parametrize("script", [OWN, f"{OWN}; throw new Error('at its end')"])
async def test_a_script_of_the_visitors_own(
    demo: Demo, new_visitor: NewVisitor, script: str
) -> None:
    """What is typed into the page runs in it, and the panel shows what it says and how it ends."""
    ada = await Person.arrive("ada", demo, new_visitor)
    await ada.sign_up(ssn=VALUE)
    page = ada.visitor.page
    await ada.opens("/steal")
    await page.fill("#script", script)
    await page.click("#run")
    await ada.sees("#ssn-shown", VALUE)
    loot = await settled(ada)
    assert re.match(r"\|.*Try to steal it.*\|own", loot), loot
    assert ("at its end" in loot) == ("throw" in script)
    assert VALUE not in loot
    await expect(page.locator("#script")).to_have_value(script)
