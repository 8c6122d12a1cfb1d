"""The size of a `<secure-textarea>`: rows, and whole lines of typed text, never of a stored one."""

from playwright.async_api import Page, expect

from tests.web.elements import box, filled
from tests.web.site import Site, field_frames
from tests.web.test_textarea import FORM, LINES, area

HEIGHT = "ssn.getBoundingClientRect().height"


async def line(page: Page) -> float:
    """Measure a line of the element's text."""
    height: float = await page.evaluate(
        """() => { const strut = document.createElement("div");
          strut.textContent = "x";
          strut.style.font = getComputedStyle(ssn).font;
          document.body.append(strut);
          const { height } = strut.getBoundingClientRect();
          strut.remove();
          return height; }"""
    )
    return height


async def test_rows_and_cols(site: Site, page: Page) -> None:
    """It is as many lines high as it has rows, in whatever box model the page has."""
    for rule in ("", "<style>* { box-sizing: border-box }</style>"):
        await site.show(page, rule + area(attributes="rows=5 cols=30"))
        width, height = await field_frames(page)[0].evaluate("[innerWidth, innerHeight]")
        assert abs(height - 5 * await line(page)) <= 2
        assert width > 150
    await page.evaluate("ssn.style.height = '300px'")
    await expect(box(page)).to_be_visible()
    assert await field_frames(page)[0].evaluate("innerHeight") > 250


async def test_grows_by_whole_lines_of_typed_text(site: Site, page: Page) -> None:
    """Each line that is typed is a line more, down to `rows` and up to `max-rows`."""
    await site.show(page, area(attributes="rows=2 auto-grow max-rows=5"))
    one, before = await line(page), await page.evaluate(HEIGHT)
    await box(page).click()
    for lines in range(1, 9):
        want = before + one * (min(max(lines, 2), 5) - 2)
        await page.wait_for_function(f"Math.abs({HEIGHT} - {want}) < 1.5")
        await page.keyboard.type("x")
        await page.keyboard.press("Enter")
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Delete")
    await page.wait_for_function(f"Math.abs({HEIGHT} - {before}) < 1.5")
    # Nine words of five letters of one width are a line, so sixteen are two.
    await page.evaluate("ssn.style.cssText = 'font: 16px monospace; inline-size: 44ch'")
    await page.wait_for_timeout(100)
    flat = await page.evaluate(HEIGHT)
    await page.keyboard.type("word " * 16)
    await page.wait_for_timeout(200)
    assert await page.evaluate(HEIGHT) == flat
    await page.keyboard.type("word " * 8)
    await page.wait_for_function(f"{HEIGHT} > {flat} + 10 && {HEIGHT} < {flat} + 30")


async def test_does_not_grow_unless_it_is_asked_to(site: Site, page: Page) -> None:
    """Without `auto-grow` no number of lines leaves the frame."""
    await site.show(page, area())
    await page.evaluate(
        "window.heard = []; ssn.port.addEventListener('message', ({ data }) => heard.push(data))"
    )
    before = await page.evaluate(HEIGHT)
    await box(page).click()
    await page.keyboard.type(LINES[:40])
    await page.wait_for_function("ssn.pending && heard.length > 10")
    assert await page.evaluate(HEIGHT) == before
    assert "lines" not in await page.evaluate("heard.map(({ type }) => type)")


async def test_a_stored_value_does_not_grow(site: Site, page: Page) -> None:
    """A filled field is as high as its rows, scrolls inside, and by keys as well."""
    [token] = await site.store(page, LINES)
    await site.show(page, area(attributes="rows=3 auto-grow"))
    empty = await page.evaluate(HEIGHT)
    await site.show(page, area(token, "rows=3 auto-grow"))
    await expect(filled(page)).to_contain_text("line 39")
    assert await page.evaluate(HEIGHT) == empty
    await page.locator("#ssn").click()
    await expect(box(page)).to_be_focused()
    await page.keyboard.press("PageDown")
    await page.keyboard.press("ArrowDown")
    assert await filled(page).evaluate("(each) => each.parentElement.scrollTop") > 20
    await page.keyboard.type("x")
    await expect(box(page)).to_have_value("x")
    await expect(filled(page)).to_have_text("")


async def test_what_was_stored_keeps_its_size_and_reset_takes_it(site: Site, page: Page) -> None:
    """Nothing moves when a value gets its token; a reset is as small as the beginning."""
    await site.show(page, FORM.format(attributes="rows=2 auto-grow"))
    before = await page.evaluate(HEIGHT)
    await box(page).click()
    for _ in range(6):
        await page.keyboard.press("Enter")
    await page.wait_for_function(f"{HEIGHT} > {before + 30}")
    grown = await page.evaluate(HEIGHT)
    await page.evaluate("ssn.tokenize()")
    await page.wait_for_function("ssn.value !== ''")
    assert await page.evaluate(HEIGHT) == grown
    await page.evaluate("form.reset()")
    await page.wait_for_function(f"{HEIGHT} === {before}")


async def test_wrap_off(site: Site, page: Page) -> None:
    """A long line stays one, typed or stored."""
    await site.show(page, area(attributes="wrap=off auto-grow rows=1"))
    before = await page.evaluate(HEIGHT)
    await box(page).click()
    await page.keyboard.insert_text("word " * 60)
    await page.wait_for_function("ssn.pending")
    await page.wait_for_timeout(100)
    assert await page.evaluate(HEIGHT) == before
    assert await box(page).evaluate("(each) => each.scrollWidth > 2 * each.clientWidth")
