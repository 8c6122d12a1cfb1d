"""The look: frames take it from the page's style sheets, and fill their hosts."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from tests.web.elements import FORM, SSN, alone_and_grouped, box, field, inside, shown, text
from tests.web.site import Site, field_frames

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

STYLE = """<style>
  .red { color: rgb(200, 0, 0); font: italic 20px monospace; letter-spacing: 2px;
    text-align: right }
  secure-input::part(placeholder) { color: rgb(0, 100, 0); text-transform: uppercase }
  @media (prefers-color-scheme: dark) {
    :root { color-scheme: dark } .red { color: rgb(250, 200, 200) } }
</style>"""


async def test_follows_the_pages_style(site: Site, page: Page) -> None:
    """Classes, inheritance and media queries reach the frame at any time."""
    body = f"<div id=around>{field(attributes='id=ssn placeholder=hint')}</div>"
    await site.show(page, STYLE + body)
    inner = box(page)
    await page.evaluate("ssn.className = 'red'")
    for name, value in {
        "color": "rgb(200, 0, 0)",
        "font-family": "monospace",
        "font-style": "italic",
        "letter-spacing": "2px",
        "text-align": "right",
    }.items():
        await expect(inner).to_have_css(name, value)
    hint = await inner.evaluate("(each) => getComputedStyle(each, '::placeholder').color")
    assert hint == "rgb(0, 100, 0)"
    await page.emulate_media(color_scheme="dark")
    await expect(inner).to_have_css("color", "rgb(250, 200, 200)")
    root = page.frame_locator("#ssn iframe").locator("html")
    await expect(root).to_have_css("color-scheme", "dark")
    await page.evaluate("ssn.className = ''; ssn.style.font = 'inherit'")
    await page.evaluate("around.style.fontSize = '31px'")
    await expect(inner).to_have_css("font-size", "31px")


@pytest.mark.parametrize(
    ("style", "width", "height"),
    [
        ("width: 300px; height: 50px; padding: 10px 20px", 300, 50),
        ("width: 300px; height: 50px; padding: 10px 20px; box-sizing: border-box", 258, 28),
        ("display: block; line-height: 40px; width: 200px", 200, 40),
    ],
)
async def test_fills_its_host(site: Site, page: Page, style: str, width: int, height: int) -> None:
    """The frame is as large as the host's content box, whatever the page makes of it."""
    await site.show(page, field(attributes=f"id=ssn style='{style}'"))
    assert await field_frames(page)[0].evaluate("[innerWidth, innerHeight]") == [width, height]


@alone_and_grouped
async def test_a_focused_field_has_a_ring(site: Site, page: Page) -> None:
    """The focus can be seen, however it came, and is gone with it."""
    await site.show(page, f"<input id=a>{field()}")
    outlined = "getComputedStyle(ssn).outlineStyle === 'auto'"
    await box(page).click()
    await page.wait_for_function(outlined)
    await page.click("#a")
    await page.wait_for_function(f"!({outlined})")
    await page.keyboard.press("Tab")
    await page.wait_for_function(outlined)


async def test_stands_on_the_line_like_text(site: Site, page: Page) -> None:
    """Without a rule of the page's, a field is as high as a native one and shares its baseline."""
    await site.show(page, f"<p>x <input id=native> {field()} y")
    boxes = [await page.locator(each).bounding_box() for each in ("#native", "#ssn")]
    native, ours = [each for each in boxes if each]
    assert abs(native["y"] - ours["y"]) <= 2
    assert abs(native["height"] - ours["height"]) <= 2


LONG = "First words, and " + "many more that no line holds, " * 20


@pytest.mark.parametrize("lines", [LONG, "First words\nand a second line\nand a third"])
@alone_and_grouped
async def test_a_long_text_is_shown_from_its_beginning(site: Site, page: Page, lines: str) -> None:
    """What does not fit is cut at its end, and not at both."""
    [token] = await site.store(page, lines)
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(lines, use_inner_text=False)
    first = await inside(page, "secure-text").evaluate(
        """(box) => { const range = document.createRange();
          range.setStart(box.querySelector("span").firstChild, 0);
          range.setEnd(box.querySelector("span").firstChild, 5);
          return range.getBoundingClientRect().top - box.getBoundingClientRect().top; }"""
    )
    assert 0 <= first <= 2


async def test_is_not_looked_at_off_the_screen(site: Site, page: Page) -> None:
    """What nobody can see costs nothing, and has the right look when it comes into sight."""
    await site.show(page, f"<div style='height: 3000px'></div>{field()}")
    await page.evaluate(
        """() => { window.looks = 0; const { getComputedStyle: original } = window;
          window.getComputedStyle = (...all) => { looks += 1; return original(...all); }; }"""
    )
    await page.wait_for_timeout(300)
    assert await page.evaluate("looks") == 0
    await page.evaluate("ssn.style.color = 'rgb(1, 2, 3)'; scrollTo(0, 4000)")
    await expect(box(page)).to_have_css("color", "rgb(1, 2, 3)")


async def test_names_and_descriptions_reach_the_frame(site: Site, page: Page) -> None:
    """A screen reader hears the page's words for the field, inside the frame too."""
    hint = "<p id=hint>As on <b>your</b> card</p>"
    await site.show(page, hint + FORM.format(attributes="aria-describedby=hint"))
    await expect(box(page)).to_have_attribute("aria-label", "Number")
    await expect(box(page)).to_have_attribute("aria-description", "As on your card")
    assert await page.get_attribute("#ssn iframe", "title") == "Number"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(site: Site, page: Page, scheme: Literal["light", "dark"]) -> None:
    """Names, roles and contrast are right, in the page and in each frame."""
    await page.emulate_media(color_scheme=scheme)
    token, lines = await site.store(page, SSN, "line\n" * 40)
    body = "<style>:root { color-scheme: light dark }</style><main><h1>Test</h1>"
    body += FORM.format(attributes=f"token={token} required")
    body += f"<secure-textarea aria-label=Notes token={lines}></secure-textarea>"
    body += field(attributes="aria-label=Card validator=card id=card")
    body += text(token, "id=a aria-label=One") + text(token, "reveal=click aria-label=Two")
    await site.show(page, f"{body}</main>")
    await expect(shown(page, "#a")).to_have_text(SSN)
    await box(page, "#card").fill("42")
    await axe_finds_nothing(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_a_group(
    site: Site, page: Page, scheme: Literal["light", "dark"]
) -> None:
    """A card form, a table of values and an error in one group have names and contrast too."""
    await page.emulate_media(color_scheme=scheme)
    tokens = await site.store(page, SSN, "two", grant=False)
    await site.grant(page, tokens[:1])
    rows = "".join(
        f"<tr><td>{name}<td>{text(token, f'aria-label={name} {more}')}"
        for name, token, more in (
            ("One", tokens[0], "id=a"),
            ("Two", tokens[0], "reveal=click"),
            ("Three", tokens[1], ""),
        )
    )
    body = "<style>:root { color-scheme: light dark }</style><main><h1>Test</h1><secure-group>"
    body += FORM.format(attributes="autocomplete=cc-number required placeholder=1234")
    body += f"<table><tr><th>Name<th>Value</tr>{rows}</table></secure-group></main>"
    await site.show(page, body)
    await page.wait_for_selector("secure-text:state(error)")
    frame = page.frame_locator("secure-group iframe")
    await expect(frame.get_by_role("group", name="One")).to_contain_text(SSN)
    await axe_finds_nothing(page)


async def axe_finds_nothing(page: Page) -> None:
    """Look at the page, and at each frame."""
    # A frame's document is a part of its page, which has the landmarks and headings.
    run = """axe.run(document, { iframes: false, rules: { region: { enabled: false },
      "page-has-heading-one": { enabled: false }, "landmark-one-main": { enabled: false } } })
      .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))"""
    source = AXE.read_text()
    await page.evaluate(source)
    assert await page.evaluate(run) == []
    for frame in field_frames(page):
        await frame.evaluate(source)
        assert await frame.evaluate(run) == []
