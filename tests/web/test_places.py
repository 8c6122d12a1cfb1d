"""Where a group's frame has its fields: where the page has them, whatever happens to it."""

import pytest
from playwright.async_api import Page, expect

from tests.web.elements import SSN, box, field, filled, in_a_group, shown, text
from tests.web.site import Site, field_frames

# How far, in pixels, a field in the frame is from its place in the page, at its worst side.
OFF = """([host, inner]) => {
  const { iframe } = document.querySelector("secure-group");
  const [box, around] = [host.shadowRoot.querySelector("div"), iframe].map((each) =>
    each.getBoundingClientRect());
  const scale = around.width / iframe.offsetWidth;
  const outer = [box.x - around.x, box.y - around.y, box.width, box.height];
  return Math.max(...outer.map((each, at) => Math.abs(each / scale - inner[at])));
}"""
BOX = "({ x, y, width, height }) => [x, y, width, height]"

STYLE = """<style>
  body { margin: 0; font: 16px sans-serif } button { padding: 4px }
  secure-group { padding: 10px; border: 3px solid }
  .grid { display: grid; gap: 10px; grid-template-columns: 1fr 2fr }
  .high { padding-top: 77px } .narrow { inline-size: 300px }
</style>"""


async def off(page: Page, element: str, at: int) -> float:
    """Measure how far what is in the frame is from its place in the page."""
    inner = page.frame_locator("secure-group iframe").locator(".fields > div").nth(at)
    found = await inner.evaluate(f"(each) => ({BOX})(each.getBoundingClientRect())")
    host = await page.query_selector(element)
    return float(await page.evaluate(OFF, [host, found]))


async def is_in_place(page: Page, *elements: str) -> None:
    """Wait until the frame has fields, in that order, where the page has them."""
    for at, element in enumerate(elements):
        for _ in range(100):
            if await off(page, element, at) < 0.6:
                break
            await page.wait_for_timeout(20)
        assert await off(page, element, at) < 0.6, element


@in_a_group
async def test_one_frame_for_all(site: Site, page: Page) -> None:
    """All fields of a group stand in one frame, at their places, and have none of their own."""
    [token] = await site.store(page, SSN)
    body = (
        f"{STYLE}<div class=grid>{field()}<p>words</p>{text(token, 'id=a')}{field(token, 'id=b')}"
    )
    await site.show(page, body)
    await expect(shown(page, "#a")).to_have_text(SSN)
    await expect(filled(page, "#b")).to_have_text(SSN)
    assert [each.url.rpartition("/")[2] for each in field_frames(page)] == ["group"]
    await is_in_place(page, "#ssn", "#a", "#b")
    ids = "[...document.querySelectorAll('[id]')].map(({ id }) => id)"
    found: list[str] = await field_frames(page)[0].evaluate(ids)
    assert len(set(found)) == len(found) == 2
    described = await box(page, "#b").get_attribute("aria-describedby")
    assert described == await filled(page, "#b").get_attribute("id")


@in_a_group
@pytest.mark.parametrize(
    "change",
    [
        "group.className = 'high'",
        "group.className = 'grid'",
        "group.className = 'narrow'",
        "document.body.style.fontSize = '40px'",
        "group.prepend(Object.assign(document.createElement('p'), { textContent: 'new' }))",
        "first.textContent = 'longer '.repeat(200)",
        "document.dir = 'rtl'",
        "document.body.style.zoom = '1.5'",
        "group.style.transform = 'scale(0.5) translate(20px, 30px)'",
        "ssn.style.cssText = 'inline-size: 70px; padding: 9px; margin: 20px'",
        "document.styleSheets[0].insertRule('#ssn { margin-top: 33px }')",
        "group.append(ssn)",
        "scrollTo(0, 50)",
        "ssn.style.transform = 'translate(40px, 60px)'",
        "inner.style.display = 'none'",
    ],
)
async def test_places_follow(site: Site, page: Page, change: str) -> None:
    """Whatever moves or resizes a field in the page does so in the frame."""
    [token] = await site.store(page, SSN)
    body = f"{STYLE}<p id=first>one</p>{field()}<div id=inner>two</div>{text(token, 'id=a')}"
    await site.show(page, f"{body}<div style='height: 2000px'></div>")
    await page.evaluate("window.group = document.querySelector('secure-group')")
    await is_in_place(page, "#ssn", "#a")
    await page.evaluate(change)
    await page.wait_for_timeout(100)
    first = await page.evaluate("document.querySelector('secure-input, secure-text').id")
    await is_in_place(page, *(["#ssn", "#a"] if first == "ssn" else ["#a", "#ssn"]))


@in_a_group
async def test_what_scrolls_inside(site: Site, page: Page) -> None:
    """A field in a box that scrolls moves along, and is cut off where the box ends."""
    [token] = await site.store(page, SSN)
    inner = (
        f"<div style='height: 60px'></div>{text(token, 'id=a')}<div style='height: 400px'></div>"
    )
    body = f"{STYLE}<div id=scroller style='height: 100px; overflow: auto'>{inner}</div>"
    await site.show(page, f"{body}<button id=below>below</button>")
    await is_in_place(page, "#a")
    await page.evaluate("scroller.scrollTop = 30")
    await is_in_place(page, "#a")
    cut = "document.querySelector('secure-group iframe') ?? "
    cut = "document.querySelector('secure-group').iframe.style.clipPath"
    before = await page.evaluate(cut)
    await page.evaluate("scroller.scrollTop = 300")
    await page.wait_for_function(f"{cut} === 'inset(50%)'")
    assert before.startswith("path(")


@in_a_group
async def test_hidden_fields_are_nowhere(site: Site, page: Page) -> None:
    """What the page hides is neither seen nor reached in the frame, and comes back."""
    await site.show(page, f"<input id=before>{field()}{field(attributes='id=b')}<input id=after>")
    await page.evaluate("ssn.style.display = 'none'")
    await expect(box(page)).to_be_hidden()
    await page.focus("#before")
    await page.keyboard.press("Tab")
    await expect(box(page, "#b")).to_be_focused()
    await page.evaluate("ssn.style.display = ''; b.style.visibility = 'hidden'")
    await expect(box(page)).to_be_visible()
    await expect(box(page, "#b")).to_be_hidden()
    await page.evaluate("b.after(Object.assign(b.cloneNode(), { id: 'c', style: '' }))")
    inner = page.frame_locator("secure-group iframe").locator("input")
    await expect(inner.nth(2)).to_be_visible()
    await box(page).click()
    await page.keyboard.press("Tab")
    await expect(inner.nth(2)).to_be_focused()


async def test_between_a_group_and_none(site: Site, page: Page) -> None:
    """A field that moves into a group, out of it, or with it, shows its value each time."""
    [token] = await site.store(page, SSN)
    await site.show(
        page, f"<secure-group id=group></secure-group><p id=p></p>{text(token, 'id=a')}"
    )
    alone = page.frame_locator("#a iframe").locator("span")
    together = page.frame_locator("#group iframe").locator("span")
    await expect(alone).to_have_text(SSN)
    for _ in range(2):
        await page.evaluate("group.append(a)")
        await expect(together).to_have_text(SSN)
        await expect(page.locator("#a iframe")).to_have_count(0)
        await page.evaluate("p.append(a)")
        await expect(alone).to_have_text(SSN)
        await expect(together).to_have_count(0)
    await page.evaluate("group.append(a); p.append(group)")
    await expect(together).to_have_text(SSN)
    await page.evaluate("window.kept = group; kept.remove(); document.body.append(kept)")
    await expect(together).to_have_text(SSN)


async def test_through_shadow_trees_and_slots(site: Site, page: Page) -> None:
    """Fields that a component renders, or that stand in its slot, are their group's too."""
    [token] = await site.store(page, SSN)
    await site.show(
        page, f"<secure-group id=group><div id=host>{text(token, 'id=a')}</div></secure-group>"
    )
    await page.evaluate(
        """(token) => { const root = host.attachShadow({ mode: "open" });
          const [slot, made] = ["slot", "secure-text"].map((each) => document.createElement(each));
          made.token = token; root.append(made, slot); }""",
        token,
    )
    together = page.frame_locator("#group iframe").locator("span")
    await expect(together).to_have_text([SSN, SSN])
    assert len(field_frames(page)) == 1
    # The other way round: the group is the component's, around its slot.
    await site.show(page, f"<div id=host>{text(token, 'id=a')}</div>", wait=False)
    await page.evaluate(
        """() => { const root = host.attachShadow({ mode: "open" });
          const group = root.appendChild(document.createElement("secure-group"));
          group.append(document.createElement("slot")); host.append(a); }"""
    )
    await expect(
        page.frame_locator("#host >> secure-group >> iframe").locator("span")
    ).to_have_text(SSN)
