"""What a browser fills in: Chromium's own autofill, with a card and an address of a test's."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.web.elements import SSN, field, posted, text
from tests.web.site import Site, field_frames

CARD = {
    "number": "4242424242424242",
    "name": "Ada Lovelace",
    "expiryMonth": "12",
    "expiryYear": "2031",
    "cvc": "123",
}
HOME = {
    "NAME_FULL": "Ada Lovelace",
    "ADDRESS_HOME_LINE1": "12 Long Street",
    "ADDRESS_HOME_CITY": "Springfield",
    "ADDRESS_HOME_ZIP": "12345",
}
KNOWN: list[tuple[str, dict[str, Any]]] = [
    ("cc-name cc-number cc-exp cc-csc", {"card": CARD}),
    (
        "name address-line1 address-level2 postal-code",
        {"address": {"fields": [{"name": name, "value": value} for name, value in HOME.items()]}},
    ),
]
GROUP = "<secure-group autofill><form id=form method=post action=/form>{}<button id=go>x</button>"


async def fill_in(page: Page, selector: str, what: dict[str, Any]) -> None:
    """Have the browser fill in what it knows, beginning with one field of the first frame."""
    frame = field_frames(page)[0]
    await frame.locator(selector).click()
    inner: Any = await page.context.new_cdp_session(frame)
    for name in ("DOM.enable", "Autofill.enable"):
        await inner.send(name)
    expression = f"document.querySelector({selector!r})"
    found = await inner.send("Runtime.evaluate", {"expression": expression})
    node = await inner.send("DOM.describeNode", {"objectId": found["result"]["objectId"]})
    tree = await inner.send("Page.getFrameTree")
    asked = {"fieldId": node["node"]["backendNodeId"], "frameId": tree["frameTree"]["frame"]["id"]}
    await inner.send("Autofill.trigger", {**asked, **what})


@pytest.mark.parametrize(("names", "what"), KNOWN)
async def test_a_group_is_filled_in(
    site: Site, page: Page, names: str, what: dict[str, Any]
) -> None:
    """All of its fields at once; each is told as filled in, and is posted as a token."""
    fields = "".join(field(attributes=f"name={x} autocomplete={x}") for x in names.split())
    await site.show(page, GROUP.format(fields))
    await fill_in(page, f"input[autocomplete={names.split()[1]}]", what)
    filled = page.locator("secure-input:state(autofill)")
    await expect(filled).to_have_count(4)
    await page.press("#go", "Enter")
    values = (await posted(site, page)).values()
    assert len([each for each in values if each.startswith("lunasec-")]) == 4


async def test_a_frame_outside_is_as_one_inside(site: Site, page: Page) -> None:
    """Tab, typing and values are the same where the frame is a child of its group."""
    [token] = await site.store(page, SSN)
    inner = f"<p>{field(attributes='id=ssn')}<button id=b>b</button>{text(token, 'id=t')}"
    await site.show(page, f"<style>iframe {{ width: 9px }}</style><secure-group autofill>{inner}")
    inside = page.frame_locator("secure-group iframe")
    await expect(inside.locator("span", has_text=SSN)).to_be_visible()
    await inside.locator("input").click()
    await page.keyboard.type("x")
    await page.wait_for_function("ssn.pending && ssn.matches(':state(focus)')")
    await page.keyboard.press("Tab")
    await page.wait_for_function("document.activeElement.id === 'b'")
    await page.keyboard.press("Shift+Tab")
    await page.wait_for_function("ssn.matches(':state(focus)')")


async def test_a_group_that_is_emptied(site: Site, page: Page) -> None:
    """Who writes its contents anew takes the frame out; another comes, and shows them."""
    [token] = await site.store(page, SSN)
    await site.show(page, f"<secure-group autofill id=g>{text(token)}</secure-group>")
    inside = page.frame_locator("secure-group iframe")
    await expect(inside.locator("span")).to_have_text(SSN)
    await page.evaluate("(html) => { g.innerHTML = html }", text(token) + text(token))
    await expect(inside.locator("span", has_text=SSN)).to_have_count(2)
