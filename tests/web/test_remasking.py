"""When a value that is shown is masked again, and what stands for one that may not be shown."""

import time
from collections.abc import AsyncGenerator

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.web.elements import (
    FORM,
    MASK,
    SSN,
    alone_and_grouped,
    asked,
    box,
    button,
    field,
    filled,
    posted,
    shown,
    text,
)
from tests.web.files import FORM as FILES
from tests.web.files import download_of, fetched, payload, rows, start, store_files
from tests.web.site import Site, field_frames

REMASK_MILLISECONDS = 2_000
LATER = REMASK_MILLISECONDS * 0.7
AGAIN = "for (const each of document.querySelectorAll('secure-input, secure-text')) each.refresh()"
ANOTHER = "(token) => { ssn.value = token; document.querySelector('secure-text').token = token }"


@pytest_asyncio.fixture
async def visit(masking_site: Site, cookies_blocked: Browser) -> AsyncGenerator[Page]:
    """Open a tab in a new browser, with a session of the masking site's."""
    context = await cookies_blocked.new_context()
    tab = await context.new_page()
    await masking_site.log_in(tab)
    yield tab
    await context.close()


async def test_the_operators_mask_on_a_prefilled_field(masking_site: Site, visit: Page) -> None:
    """A field that shows its value at once masks it after the operator's time, and keeps it."""
    [token] = await masking_site.store(visit, SSN)
    await masking_site.show(visit, FORM.format(attributes=f'token="{token}"'))
    await expect(filled(visit)).to_have_text(SSN)
    await expect(filled(visit)).to_have_text(MASK)
    assert SSN not in await field_frames(visit)[0].content()
    await visit.click("#go")
    assert await posted(masking_site, visit) == {"ssn": token}


async def test_each_value_has_its_whole_time(masking_site: Site, visit: Page) -> None:
    """The time of what was shown before does not mask what is shown now."""
    tokens = await masking_site.store(visit, "first", "second", "third")
    await masking_site.show(visit, field(tokens[0]))
    await expect(filled(visit)).to_have_text("first")
    await visit.wait_for_timeout(LATER)
    for token, value in zip(tokens[1:], ("second", "third"), strict=True):
        await visit.evaluate("(token) => { ssn.value = token }", token)
        await expect(filled(visit)).to_have_text(value)
        await visit.wait_for_timeout(LATER)
        await expect(filled(visit)).to_have_text(value, timeout=1)
    await expect(filled(visit)).to_have_text(MASK)


async def test_t18_no_page_undoes_the_operators_mask(masking_site: Site, visit: Page) -> None:
    """T18: what a page asks for again has the rest of its time; masked, it waits for a gesture."""
    one, other = await masking_site.store(visit, SSN, "other")
    await masking_site.show(visit, field(one) + text(one, "reveal=always"))
    await expect(filled(visit)).to_have_text(SSN)
    await expect(shown(visit)).to_have_text(SSN)
    end = time.monotonic() + REMASK_MILLISECONDS / 1000
    while time.monotonic() < end:
        await visit.evaluate(AGAIN)
        await visit.wait_for_timeout(100)
    for again in (AGAIN, ANOTHER, AGAIN):
        token = other if again == ANOTHER else one
        await visit.evaluate(again, token)
        await visit.wait_for_timeout(500)
        expected = "other" if again == ANOTHER else MASK
        await expect(filled(visit)).to_have_text(expected, timeout=1)
        await expect(shown(visit)).to_have_text(expected, timeout=1)
        await visit.evaluate(ANOTHER, one)
    await button(visit).click()
    await expect(shown(visit)).to_have_text(SSN)
    await expect(shown(visit)).to_have_text(MASK)
    assert await visit.evaluate("ssn.value") == one


async def test_what_is_typed_is_not_masked(masking_site: Site, visit: Page) -> None:
    """The time of the stored value before it does not touch what a person types."""
    [token] = await masking_site.store(visit, SSN)
    await masking_site.show(visit, field(token))
    await expect(filled(visit)).to_have_text(SSN)
    await box(visit).click()
    await visit.keyboard.type("new")
    await visit.wait_for_timeout(REMASK_MILLISECONDS + 500)
    await expect(box(visit)).to_have_value("new")
    await expect(filled(visit)).to_have_text("")


async def test_a_click_shows_for_so_many_seconds(site: Site, page: Page) -> None:
    """`reveal=click remask=1`: masked, a click shows it, masked again; each click is one read."""
    [token] = await site.store(page, SSN)
    reads = asked(page, "/detokenize")
    await site.show(page, text(token, "reveal=click remask=1"))
    for clicks in (1, 2):
        await expect(shown(page)).to_have_text(MASK)
        await button(page).click()
        await expect(shown(page)).to_have_text(SSN)
        await expect(shown(page)).to_have_text(MASK)
        assert len(reads) == clicks
    assert SSN not in await field_frames(page)[0].content()


@alone_and_grouped
async def test_a_field_that_becomes_a_password_shows_nothing(site: Site, page: Page) -> None:
    """Who presses "hide" on a page that changes the type sees the stored value no more."""
    [token] = await site.store(page, SSN)
    await site.show(page, field(token))
    await expect(filled(page)).to_have_text(SSN)
    await page.evaluate("ssn.type = 'password'")
    await expect(filled(page)).to_have_text(MASK)


async def test_a_password_is_never_drawn(site: Site, page: Page) -> None:
    """A stored value in a field of `type=password` is masked, whatever its length; typed, too."""
    tokens = await site.store(page, "short", "a much longer pass phrase")
    fields = "".join(field(token, f"id=f{at} type=password") for at, token in enumerate(tokens))
    await site.show(page, fields)
    await page.wait_for_timeout(500)
    for at in range(2):
        await expect(filled(page, f"#f{at}")).to_have_text(MASK)
    contents = "".join([await each.content() for each in field_frames(page)])
    assert "short" not in contents
    assert "pass phrase" not in contents
    await box(page, "#f0").click()
    await page.keyboard.type("typed")
    await expect(box(page, "#f0")).to_have_value("typed")
    await expect(box(page, "#f0")).to_have_attribute("type", "password")


GLIMPSES = """() => { window.glimpses = [];
  new MutationObserver(() => glimpses.push(document.body.innerHTML)).observe(document.body,
    { childList: true, characterData: true, attributes: true, subtree: true }); }"""


async def test_t18_the_name_of_a_file_is_masked(masking_site: Site, visit: Page) -> None:
    """T18: name and size of a stored file are gone after the operator's time, and stay so.

    Who fetches the file sees its name once more; the page, however often it asks, brings none back.
    """
    [token] = await store_files(masking_site, visit, payload("secret.txt"))
    both = download_of(token) + FILES.format(attributes=f"token={token}")
    await masking_site.show(visit, both)
    for part in (start(visit), rows(visit)):
        await expect(part).to_contain_text("secret.txt")
    for part in (start(visit), rows(visit)):
        await expect(part).not_to_contain_text("secret.txt")
    frames = field_frames(visit)
    for frame in frames:
        await frame.evaluate(GLIMPSES)
    await visit.evaluate("for (const each of [up, down]) each.refresh()")
    await visit.wait_for_timeout(500)
    for frame in frames:
        assert not await frame.evaluate("glimpses.some((each) => each.includes('secret'))")
        assert "secret" not in await frame.content()
    assert (await fetched(visit))[1] == b"content"
    await expect(start(visit)).not_to_contain_text("secret.txt")
