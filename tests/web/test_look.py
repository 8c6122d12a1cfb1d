"""The look: frames take it from the page's style sheets, and fill their hosts."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.site import Site, field_frames
from tests.web.test_input import FORM, SSN, box
from tests.web.test_text import shown

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


async def test_follows_the_pages_style(site: Site, page: Page) -> None:
    """Classes, inheritance, media queries and animations reach the frame, in either direction."""
    style = """<style>
      .red { color: rgb(200, 0, 0); font: italic 20px monospace; letter-spacing: 2px; text-align: right }
      secure-input::part(placeholder) { color: rgb(0, 100, 0); text-transform: uppercase }
      @media (prefers-color-scheme: dark) { :root { color-scheme: dark } .red { color: rgb(250, 200, 200) } }
    </style>"""
    await site.show(page, style + "<div id=around><secure-input id=ssn placeholder=hint></secure-input></div>")
    inner = box(page)
    await page.evaluate("document.querySelector('#ssn').className = 'red'")
    await expect(inner).to_have_css("color", "rgb(200, 0, 0)")
    await expect(inner).to_have_css("font-family", "monospace")
    await expect(inner).to_have_css("font-style", "italic")
    await expect(inner).to_have_css("letter-spacing", "2px")
    await expect(inner).to_have_css("text-align", "right")
    hint = await inner.evaluate("(each) => getComputedStyle(each, '::placeholder').color")
    assert hint == "rgb(0, 100, 0)"
    await page.emulate_media(color_scheme="dark")
    await expect(inner).to_have_css("color", "rgb(250, 200, 200)")
    root = page.frame_locator("#ssn iframe").locator("html")
    await expect(root).to_have_css("color-scheme", "dark")
    await page.evaluate("document.querySelector('#ssn').className = ''; document.querySelector('#ssn').style.font = 'inherit'")
    await page.evaluate("document.querySelector('#around').style.fontSize = '31px'")
    await expect(inner).to_have_css("font-size", "31px")


async def test_fills_its_host(site: Site, page: Page) -> None:
    """The frame is as large as the host's content box, whatever the page makes of it."""
    await site.show(page, "<secure-input id=ssn style='width: 300px; height: 50px; padding: 10px 20px; border: 3px solid'></secure-input>")
    for style, width, height in (
        ("", 300, 50),
        ("box-sizing: border-box", 254, 24),
        ("display: block; width: auto; height: auto; line-height: 40px", 0, 40),
        ("writing-mode: vertical-rl", 0, 0),
    ):
        await page.evaluate("(style) => { document.querySelector('#ssn').style.cssText += ';' + style }", style)
        size = await page.evaluate(
            "(({ clientWidth, clientHeight }) => [clientWidth, clientHeight])"
            "(document.querySelector('#ssn').shadowRoot.querySelector('iframe'))"
        )
        assert size[0] == width or width == 0
        assert size[1] == height or height == 0
        inner = await field_frames(page)[0].evaluate("[innerWidth, innerHeight]")
        assert inner == size


async def test_stands_on_the_line_like_text(site: Site, page: Page) -> None:
    """Without a rule of the page's, a field is as high as a native one and shares its baseline."""
    await site.show(page, "<p>x <input id=native> <secure-input id=ssn></secure-input> <secure-text></secure-text> y")
    tops = await page.evaluate(
        """["#native", "#ssn"].map((each) => document.querySelector(each).getBoundingClientRect())
          .map(({ top, bottom }) => [top, bottom])"""
    )
    assert abs(tops[0][0] - tops[1][0]) <= 2
    assert abs(tops[0][1] - tops[1][1]) <= 2


async def test_is_not_looked_at_off_the_screen(site: Site, page: Page) -> None:
    """What nobody can see costs nothing, and has the right look when it comes into sight."""
    await site.show(page, "<div style='height: 3000px'></div><secure-input id=ssn></secure-input>")
    await page.evaluate(
        """() => { window.looks = 0; const { getComputedStyle: original } = window;
          window.getComputedStyle = (...all) => { looks += 1; return original(...all); }; }"""
    )
    await page.wait_for_timeout(300)
    assert await page.evaluate("looks") == 0
    await page.evaluate("document.querySelector('#ssn').style.color = 'rgb(1, 2, 3)'")
    await page.evaluate("scrollTo(0, 4000)")
    await expect(box(page)).to_have_css("color", "rgb(1, 2, 3)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(site: Site, page: Page, scheme: str) -> None:
    """Names, roles and contrast are right, in the page and in each frame."""
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    [token] = await site.store(page, SSN)
    body = "<style>:root { color-scheme: light dark }</style><main><h1>Test</h1>"
    body += FORM.format(attributes=f"token={token} required aria-describedby=hint") + "<p id=hint>As on your card"
    body += f'<p><secure-text aria-label="Your number" token="{token}"></secure-text>'
    body += f'<p><secure-text aria-label="Another" reveal=click token="{token}"></secure-text></main>'
    await site.show(page, body)
    await expect(shown(page, "secure-text[aria-label='Your number']")).to_have_text(SSN)
    for document in (page, *field_frames(page)):
        await document.evaluate(AXE.read_text())
        found = await document.evaluate(
            """() => axe.run(document, { iframes: false, rules: {
              "html-has-lang": { enabled: true }, "page-has-heading-one": { enabled: false },
              "landmark-one-main": { enabled: false }, region: { enabled: false },
              bypass: { enabled: false } } })
              .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map((each) => each.html)]))"""
        )
        assert found == []


async def test_names_and_descriptions_reach_the_frame(site: Site, page: Page) -> None:
    """A screen reader hears the page's words for the field, inside the frame too."""
    body = "<p id=hint>As on <b>your</b> card</p>" + FORM.format(attributes="aria-describedby=hint")
    await site.show(page, body)
    inner = box(page)
    await expect(inner).to_have_attribute("aria-label", "Number")
    await expect(inner).to_have_attribute("aria-description", "As on your card")
    title = await page.get_attribute("#ssn iframe", "title")
    assert title == "Number"


async def test_no_element_without_a_name_of_its_own(site: Site, cookies_blocked: Browser) -> None:
    """Elements that a script makes work like those of the page's markup."""
    context = await cookies_blocked.new_context()
    page = await context.new_page()
    await site.log_in(page)
    await site.show(page, "<form id=form></form><script type=module>const each = document.createElement('secure-input');"
                          "each.name = 'late'; each.id = 'ssn'; each.placeholder = 'made'; form.append(each)</script>")
    await page.wait_for_selector("#ssn iframe.ready")
    await expect(box(page)).to_have_attribute("placeholder", "made")
    assert await page.evaluate("[...new FormData(form).keys()]") == ["late"]
    await context.close()
