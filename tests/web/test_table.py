"""A table of a thousand values in one group: it is there soon, and sorting it asks for nothing."""

from playwright.async_api import Page, expect

from tests.web.elements import asked, text
from tests.web.site import Site, coordinator, field_frames

ROWS = 1_000
COPIES = """(tokens) => {
  const rows = document.querySelector("tbody");
  for (const [at, token] of tokens.entries()) {
    const row = rows.insertRow();
    row.insertCell().textContent = at;
    row.insertCell().append(Object.assign(document.createElement("secure-text"), { token }));
    row.insertCell().innerHTML = "<button>open</button>";
  }
}"""
SHIFTS = """() => { window.shifts = 0; new PerformanceObserver((list) => {
  for (const each of list.getEntries()) shifts += each.value;
}).observe({ type: "layout-shift", buffered: true }); }"""
LONGEST = """() => { let last = performance.now(); window.longest = 0; const tick = () => {
  const now = performance.now(); longest = Math.max(longest, now - last); last = now;
  setTimeout(tick); }; tick(); }"""
TABLE = "<table><thead><tr><th>No<th>Value<th>Do<tbody></table>"
# The first rule is the README's: it keeps the place before the script has run.
STYLE = r"""<style>
  secure-text:not(:defined) { display: inline-block; inline-size: 20ch; block-size: 1lh }
  secure-text:not(:defined)::before { content: "\200b" }
  secure-group:not(:defined) { display: block; position: relative }
  table { inline-size: 100% } tr:nth-child(even) { color: rgb(9, 9, 99) }
</style>"""
VALUES = "[...document.querySelectorAll('.fields span')].map(({ textContent }) => textContent)"


async def thousand(site: Site, page: Page) -> list[str]:
    """Store a thousand values, as many together as one request may hold."""
    return await site.store(page, *(f"value {at}" for at in range(ROWS)))


async def values(page: Page) -> list[str]:
    """Read what the group's frame shows, in the order of its document."""
    found: list[str] = await field_frames(page)[0].evaluate(VALUES)
    return found


async def until_shown(page: Page, count: int) -> None:
    """Wait until so many values stand in the group's frame, and none besides."""
    frame = field_frames(page)[0]
    for _ in range(300):
        if [each.startswith("value") for each in await frame.evaluate(VALUES)] == [True] * count:
            return
        await page.wait_for_timeout(50)
    raise AssertionError(len(await values(page)))


async def test_a_thousand_rows(site: Site, page: Page) -> None:
    """One frame and one request show all, the page shifts nothing and is never kept for long.

    Rows that a framework adds, removes, sorts and filters follow, and a value that was there is not
    asked for again.
    """
    tokens = await thousand(site, page)
    reads = asked(page, "/detokenize")
    await page.add_init_script(f"({SHIFTS})()")
    # Of one width: while a table is still read, a wider number would move its columns.
    rows = "".join(
        f"<tr><td>{at}<td>{text(x)}<td><button>open</button>" for at, x in enumerate(tokens, 1_000)
    )
    body = f"{STYLE}<secure-group>{TABLE.replace('</table>', rows)}</table></secure-group>"
    await site.show(page, body)
    await until_shown(page, ROWS)
    assert await values(page) == [f"value {at}" for at in range(ROWS)]
    assert len(reads) == 1
    assert await page.evaluate("shifts") == 0
    inner = page.frame_locator("secure-group iframe").locator(".fields > div")
    await expect(inner.nth(0)).to_have_css("color", "rgb(0, 0, 0)")
    await expect(inner.nth(1)).to_have_css("color", "rgb(9, 9, 99)")
    await sort_and_filter(page)
    assert len(reads) == 1
    await page.evaluate("(token) => document.querySelector('secure-text').token = token", tokens[5])
    await expect(inner.nth(0).locator("span")).to_have_text("value 5")
    assert len(reads) == 2


async def sort_and_filter(page: Page) -> None:
    """Sort the rows the other way round, hide some, and take others out."""
    await page.evaluate(LONGEST)
    await page.evaluate(
        "document.querySelector('tbody').append("
        "...[...document.querySelectorAll('tbody tr')].reverse())"
    )
    await page.wait_for_timeout(500)
    assert await values(page) == [f"value {at}" for at in reversed(range(ROWS))]
    inner = page.frame_locator("secure-group iframe").locator(".fields > div")
    first = await inner.nth(0).bounding_box()
    cell = await page.locator("secure-text").first.bounding_box()
    assert first is not None
    assert cell is not None
    assert abs(first["y"] - cell["y"]) < 1
    await page.evaluate(
        "document.querySelectorAll('tbody tr').forEach((row, at) => { row.hidden = at % 2 === 0 })"
    )
    await expect(inner.nth(0)).to_be_hidden()
    await expect(inner.nth(1)).to_be_visible()
    await page.evaluate(
        "document.querySelectorAll('tbody tr[hidden]').forEach((row) => row.remove())"
    )
    await until_shown(page, ROWS // 2)
    assert await page.evaluate("longest") < 1_500  # milliseconds, of a busy machine


async def test_rows_that_come_later(site: Site, page: Page) -> None:
    """Rows that a script adds to an open page are shown, by one request for each batch."""
    tokens = await site.store(page, *(f"value {at}" for at in range(60)))
    reads = asked(page, "/detokenize")
    await site.show(page, f"<secure-group>{TABLE}</secure-group>")
    await page.evaluate(COPIES, tokens[:40])
    await page.frame_locator("secure-group iframe").locator(".fields").wait_for(state="attached")
    await until_shown(page, 40)
    await page.evaluate(COPIES, tokens[40:])
    await until_shown(page, 60)
    assert len(reads) == 2
    assert coordinator(page).url.endswith("/coordinator")


async def test_one_value_may_stand_in_many_rows(site: Site, page: Page) -> None:
    """The same token in every row is read once."""
    [token] = await site.store(page, "value 0")
    reads = asked(page, "/detokenize")
    await site.show(page, f"<secure-group>{text(token) * 50}</secure-group>")
    await until_shown(page, 50)
    assert len(reads) == 1
