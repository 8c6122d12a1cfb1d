"""What a `<secure-text>` does beyond showing: other ways to write a value, and to copy it."""

import pytest
from playwright.async_api import Page, expect

from tests.web.attacker import LISTEN, embed, reference_of
from tests.web.elements import MASK, SSN, alone_and_grouped, asked, hear, inside, shown, text
from tests.web.site import Site

CARD = "4242424242424242"

WRITTEN = [
    ("card", CARD, "4242 4242 4242 4242"),
    ("card", "378282246310005", "3782 822463 10005"),
    ("card", "not a card", "not a card"),
    ("last4", CARD, "•••• 4242"),
    ("last4", "1234", "•••• ••••"),
    ("phone", "+12025550143", "+1 202 555 0143"),
    ("phone", "call me", "call me"),
    ("ssn", "219099999", SSN),
    ("date", "1987-06-05", "June 5, 1987"),
    ("date", "1987-02-31", "1987-02-31"),
    ("nothing", "as it is", "as it is"),
]


@pytest.mark.parametrize(("how", "value", "written"), WRITTEN)
async def test_a_value_is_written_as_a_page_asks(
    site: Site, page: Page, how: str, value: str, written: str
) -> None:
    """What fits is written for people; what does not, stands as it is."""
    [token] = await site.store(page, value)
    await site.show(page, f"<div lang=en-US>{text(token, f'as={how}')}</div>")
    await expect(shown(page)).to_have_text(written)


async def test_a_date_is_written_in_the_pages_language(site: Site, page: Page) -> None:
    """The nearest `lang` decides."""
    [token] = await site.store(page, "1987-06-05")
    await site.show(page, f"<div lang=de>{text(token, 'as=date')}</div>")
    await expect(shown(page)).to_have_text("5. Juni 1987")


async def test_copying_wants_a_grant_of_its_own(site: Site, page: Page) -> None:
    """With it the value is on the clipboard and never in the page; without, the page is told."""
    [token] = await site.store(page, SSN)
    await hear(page, "secure-error", "copy")
    copies = asked(page, "/detokenize")
    await site.show(page, text(token, "copy id=a") + "<input id=paste>")
    await expect(shown(page, "#a")).to_have_text(SSN)
    button = page.frame_locator("#a iframe").locator("button.copy")
    await button.click()
    await expect(button).to_have_text("Can\u2019t copy")
    [error] = await page.evaluate("heard")
    assert (error[0], error[3]["code"]) == ("secure-error", "copy_not_granted")
    await expect(shown(page, "#a")).to_have_text(SSN)
    # What the page says of the element meanwhile takes no answer away.
    await page.evaluate("a.ariaLabel = 'Social security'")
    await expect(button).to_have_attribute("aria-label", "Can\u2019t copy Social security")

    await site.grant(page, [token], copy=True)
    before = len(copies)
    await button.click()
    await expect(button).to_have_text("Copied")
    assert len(copies) == before + 1
    assert [each[0] for each in await page.evaluate("heard")] == ["secure-error"]
    await page.click("#paste")
    await page.keyboard.press("Control+V")
    await expect(page.locator("#paste")).to_have_value(SSN)


UNSEEN = {
    "transparent": "frame.style.opacity = 0.01",
    "moved": "frame.style.transform = 'skew(1deg)'",
    "tiny": "a.style.cssText = 'inline-size: 3px; block-size: 3px; overflow: hidden'",
    "covered": """document.body.insertAdjacentHTML("beforeend", `<p style="position: fixed;
        inset: 0; z-index: 9; background: teal; pointer-events: none">You win</p>`)""",
}


@alone_and_grouped
@pytest.mark.parametrize("how", UNSEEN)
async def test_t1_what_nobody_sees_copies_nothing(site: Site, page: Page, how: str) -> None:
    """A click, or a key, that is meant for something else puts no value where a page may get it."""
    [token] = await site.store(page, SSN)
    await site.grant(page, [token], copy=True)
    await hear(page, "secure-error")
    await site.show(page, text(token, "copy id=a"))
    button = inside(page, "#a").locator("button.copy")
    await expect(button).to_have_text("Copy")
    copies = asked(page, "/detokenize")
    await page.evaluate(f"const frame = document.querySelector('secure-group') ?? a; {UNSEEN[how]}")
    await page.wait_for_timeout(500)
    await button.focus()
    await page.keyboard.press("Enter")
    await page.wait_for_function("heard.length")
    assert (await page.evaluate("heard"))[0][3]["code"] == "copy_unseen"
    await expect(button).to_have_text("Can\u2019t copy")
    assert not copies


@alone_and_grouped
async def test_t1_a_page_puts_nobody_onto_the_button_to_copy(site: Site, page: Page) -> None:
    """Whose next key would press it; Tab leads there."""
    [token] = await site.store(page, SSN)
    await site.grant(page, [token], copy=True)
    await site.show(page, text(token, "copy id=a"))
    await expect(shown(page, "#a")).to_have_text(SSN)
    copies = asked(page, "/detokenize")
    await page.evaluate("(document.querySelector('secure-group') ?? a).iframe.focus()")
    await page.wait_for_timeout(300)
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(300)
    assert not copies
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(inside(page, "#a").locator("button.copy")).to_have_text("Copied")


async def test_no_button_without_the_attribute(site: Site, page: Page) -> None:
    """A grant to copy shows no button that the page did not ask for; the keys copy nothing."""
    [token] = await site.store(page, CARD)
    await site.grant(page, [token], copy=True)
    await site.show(page, text(token) + "<input id=paste>")
    await expect(shown(page)).to_have_text(CARD)
    await expect(page.frame_locator("secure-text iframe").locator("button")).to_have_count(0)
    await shown(page).dblclick()
    await page.keyboard.press("Control+C")
    await page.click("#paste")
    await page.keyboard.press("Control+V")
    assert CARD not in await page.input_value("#paste")


async def test_t18_silence_waives_no_gesture(strict_site: Site, page: Page) -> None:
    """T18: a script that says nothing of options to a frame of its own sees a mask there."""
    await strict_site.log_in(page)
    [token] = await strict_site.store(page, SSN)
    await page.add_init_script(LISTEN)
    await strict_site.show(page, text(token))
    session = await reference_of(page)
    assert await embed(strict_site, page, "text", session=session)
    reads = asked(page, "/detokenize")
    await page.evaluate("(token) => textPort.postMessage({ type: 'show', token })", token)
    await page.wait_for_timeout(1_000)
    assert not reads, "nor for as long as until the mask"
    theirs = page.frame_locator("body > iframe").locator("span")
    await expect(theirs).to_have_text(MASK)
