"""`<secure-upload>`: files leave the person's disk sealed, and the form posts a token for each."""

import pytest
from playwright.async_api import Page, expect

from tests.web.elements import LIBRARY, asked, hear
from tests.web.files import (
    DROP,
    FORM,
    MIB,
    all_ready,
    choose,
    download_of,
    fetched,
    inside,
    laid,
    noise,
    payload,
    rows,
    store_files,
    tokens_of,
)
from tests.web.site import Site

FIRST = MIB - 56  # bytes of plaintext in the first segment


@pytest.mark.parametrize("size", [1, 1000, FIRST, FIRST + 1, 5 * MIB + 12_345])
async def test_up_and_down(site: Site, page: Page, size: int) -> None:
    """What comes down is what went up, to the byte and by its name, in one segment or in many."""
    content = noise(size)
    [token] = await store_files(site, page, payload("report 2024.pdf", content))
    assert token.startswith("lunasec-")
    await site.show(page, download_of(token))
    download, got = await fetched(page)
    assert got == content
    assert download.suggested_filename == "report 2024.pdf"


async def test_several_files_are_several_values_of_one_name(site: Site, page: Page) -> None:
    """The application gets a token for each, in order, and the page's scripts see the same."""
    await site.show(page, FORM.format(attributes="multiple"))
    await page.evaluate(
        "form.addEventListener('submit', () => sessionStorage.setItem('seen', JSON.stringify("
        "[new FormData(form).getAll('docs'), up.tokens, up.value])))"
    )
    await choose(page, payload("a.txt", b"a"), payload("b.txt", b"b"))
    await choose(page, payload("c.txt", b"c"))
    await all_ready(page, 3)
    tokens = await tokens_of(site, page)
    assert len(set(tokens)) == 3
    seen = await page.evaluate("JSON.parse(sessionStorage.seen)")
    assert seen == [tokens, tokens, " ".join(tokens)]
    await site.grant(page, tokens)
    await site.show(page, "".join(download_of(each, f"id={each[-3:]}") for each in tokens))
    contents = [(await fetched(page, f"[token={each}]"))[1] for each in tokens]
    assert contents == [b"a", b"b", b"c"]


async def test_one_file_takes_the_place_of_another(site: Site, page: Page) -> None:
    """Without `multiple` there is one file, and nothing of the first is kept."""
    drops = asked(page, "/files/drop")
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("first.txt", b"first"))
    await all_ready(page)
    await choose(page, payload("second.txt", b"second"))
    await expect(rows(page)).to_have_count(1)
    await all_ready(page)
    assert len(await tokens_of(site, page)) == 1
    assert len(drops) == 1


async def test_dropped_files(site: Site, page: Page) -> None:
    """Files that are dragged over the frame are welcomed, and taken when they are dropped."""
    await site.show(page, FORM.format(attributes="multiple accept=.txt"))
    body = inside(page).locator("body")
    files = [["a.txt", "text/plain", "a"], ["b.exe", "", "b"]]
    dragged = await body.evaluate_handle(DROP, files)
    await expect(body).to_have_attribute("data-drop", "")
    await dragged.evaluate("(drop) => drop(true)")
    await expect(body).not_to_have_attribute("data-drop", "")
    await expect(rows(page)).to_have_count(2)
    await expect(rows(page).nth(1)).to_contain_text("Not this kind of file. Choose .txt.")
    await all_ready(page, 1)


async def test_a_submit_waits_for_the_uploads(site: Site, page: Page) -> None:
    """The form is held while a file is on its way, and goes by itself when all is there."""
    line = await laid(page)
    line.pause = 0.3
    stored = asked(page, "/tokenize")
    await site.show(page, FORM.format(attributes="multiple"))
    await choose(page, payload("big.bin", noise(3 * MIB)))
    await page.wait_for_function("up.pending")  # told by the frame, a turn later
    await page.click("#go", no_wait_after=True)
    await expect(inside(page).locator("[role=status]")).to_contain_text("Waiting for the uploads")
    assert not site.posts
    assert not stored
    await page.wait_for_selector("#posted", timeout=20_000)
    assert len(site.posts.pop()["docs"].split()) == 1


async def test_nothing_is_stored_before_the_form_goes(site: Site, page: Page) -> None:
    """A file that is sent has no token; a script that reads the form asks for one."""
    stored = asked(page, "/tokenize")
    await site.show(page, FORM.format(attributes=""))
    await choose(page, payload("a.txt"))
    await all_ready(page)
    assert await page.evaluate("[up.value, up.pending, new FormData(form).get('docs')]") == [
        "",
        True,
        None,
    ]
    assert not stored
    await page.evaluate(LIBRARY + "lunasec.ready(form))")
    value = await page.evaluate("[up.value, up.pending, new FormData(form).get('docs')]")
    assert value == [value[0], False, value[0]]
    assert len(stored) == 1


async def test_prefilled(site: Site, page: Page) -> None:
    """Stored files stand there by name and size; untouched, the form posts their own tokens."""
    tokens = await store_files(
        site, page, payload("one.pdf", noise(1000)), payload("two.pdf", noise(2_345_678))
    )
    stored = asked(page, "/tokenize")
    attributes = f'multiple required token="{" ".join(tokens)}"'
    await site.show(page, FORM.format(attributes=attributes))
    await expect(rows(page).nth(0)).to_contain_text("one.pdf1 kB")
    await expect(rows(page).nth(1)).to_contain_text("two.pdf2.3 MB")
    assert await tokens_of(site, page) == tokens
    assert not stored


async def test_a_prefilled_file_that_is_removed(site: Site, page: Page) -> None:
    """The rest is posted, together with what was added; a reset brings all of it back."""
    tokens = await store_files(site, page, payload("one.pdf"), payload("two.pdf"))
    attributes = f'multiple token="{" ".join(tokens)}"'
    await site.show(page, FORM.format(attributes=attributes))
    await inside(page).get_by_role("button", name="Remove one.pdf").click()
    await expect(rows(page)).to_have_count(1)
    await page.evaluate("form.reset()")
    await expect(rows(page)).to_have_count(2)
    await inside(page).get_by_role("button", name="Remove one.pdf").click()
    await choose(page, payload("three.pdf"))
    await all_ready(page, 2)
    [first, second] = await tokens_of(site, page)
    assert first == tokens[1]
    assert second not in tokens


async def test_state_comes_back_as_tokens(site: Site, page: Page) -> None:
    """What the form had when the page was left is there again."""
    await site.show(page, FORM.format(attributes="multiple"))
    before = page.url
    await choose(page, payload("one.pdf"), payload("two.pdf"))
    await all_ready(page, 2)
    tokens = await tokens_of(site, page)
    await site.grant(page, tokens)
    await page.go_back()
    assert page.url == before
    await expect(rows(page).nth(1)).to_contain_text("two.pdf")
    assert await page.evaluate("up.tokens") == tokens


async def test_events(site: Site, page: Page) -> None:
    """`input` and `change` tell of a choice, `secure-progress` how far it is, in steps."""
    await hear(page, "input", "change", "secure-progress", "secure-ready")
    line = await laid(page)
    line.pause = 0.05
    await site.show(page, FORM.format(attributes="multiple"))
    await choose(page, payload("secret-name.bin", noise(4 * MIB)))
    await all_ready(page)
    heard = await page.evaluate("heard")
    names = [each[0] for each in heard]
    assert names[0] == "secure-ready"
    assert names.count("input") == names.count("change") == 1
    fractions = [each[3]["fraction"] for each in heard if each[0] == "secure-progress"]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert "secret-name" not in str(heard)


async def test_required(site: Site, page: Page) -> None:
    """Without a file the form is held back, and says why."""
    await site.show(page, FORM.format(attributes="required"))
    assert await page.evaluate("[up.validity.valueMissing, up.validationMessage]") == [
        True,
        "Choose a file.",
    ]
    await page.click("#go")
    await page.wait_for_timeout(200)
    assert not site.posts
    await choose(page, payload("a.txt"))
    await page.wait_for_function("up.checkValidity()")
    assert len(await tokens_of(site, page)) == 1


async def test_disabled(site: Site, page: Page) -> None:
    """Nothing can be chosen, dropped or removed, and nothing is posted."""
    [token] = await store_files(site, page, payload("a.txt"))
    await site.show(page, FORM.format(attributes=f"disabled token={token}"))
    await expect(rows(page)).to_have_count(1)
    buttons = inside(page).locator("button:not([hidden])")
    await expect(buttons).to_have_count(1)
    await expect(buttons).to_be_disabled()
    dragged = await inside(page).locator("body").evaluate_handle(DROP, [["b.txt", "", "b"]])
    await dragged.evaluate("(drop) => drop(true)")
    await expect(rows(page)).to_have_count(1)
    assert await tokens_of(site, page) == []


async def test_a_picture_is_drawn_inside_the_frame(site: Site, page: Page) -> None:
    """A raster image is shown small, on a canvas of the frame's own."""
    await site.show(page, FORM.format(attributes="multiple"))
    picture = await page.evaluate(
        """() => new Promise((resolve) => {
          const canvas = document.createElement("canvas");
          const context = canvas.getContext("2d");
          context.fillStyle = "rgb(200, 30, 60)";
          context.fillRect(0, 0, 300, 150);
          canvas.toBlob(async (blob) => resolve([...new Uint8Array(await blob.arrayBuffer())]));
        })"""
    )
    await choose(page, payload("me.png", bytes(picture), "image/png"))
    canvas = inside(page).locator("canvas")
    await expect(canvas).to_have_count(1)
    pixel = "(each) => [...each.getContext('2d').getImageData(48, 48, 1, 1).data]"
    assert await canvas.evaluate(pixel) == [200, 30, 60, 255]
