"""`<secure-text>`: a stored value is seen by the person and by nobody else."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.web.elements import (
    MASK,
    SSN,
    alone_and_grouped,
    asked,
    button,
    field,
    filled,
    hear,
    problem,
    shown,
    text,
)
from tests.web.site import Site, field_frames

REFRESH = "document.querySelectorAll('secure-text').forEach((each) => each.refresh())"


@alone_and_grouped
async def test_shows_a_granted_value(site: Site, page: Page) -> None:
    """The value stands in the frame, `secure-ready` tells so, and the page has no copy of it."""
    [token] = await site.store(page, SSN)
    await hear(page, "secure-ready", "secure-error")
    await site.show(page, text(token, "id=a"))
    await expect(shown(page)).to_have_text(SSN)
    await page.wait_for_function("heard.length")  # it comes a step later
    assert await page.evaluate("heard") == [["secure-ready", "a", False, None]]
    await expect(button(page)).to_be_hidden()
    assert SSN not in await page.content()


@alone_and_grouped
async def test_a_page_asks_once_for_all_of_its_values(site: Site, page: Page) -> None:
    """Many elements, some of them the same token, are one request; so is each later batch."""
    tokens = await site.store(page, *(f"value {at}" for at in range(20)))
    reads = asked(page, "/detokenize")
    texts = "".join(text(token, f"id=t{at}") for at, token in enumerate(tokens))
    await site.show(page, texts + field(tokens[0]))
    for at in range(20):
        await expect(shown(page, f"#t{at}")).to_have_text(f"value {at}")
    assert len(reads) == 1
    await page.evaluate(REFRESH)
    await page.wait_for_timeout(1_000)
    assert len(reads) == 2


async def test_values_are_asked_for_before_frames_have_loaded(site: Site, page: Page) -> None:
    """One request is under way while documents load, and serves those that come late as well."""
    tokens = await site.store(page, "one", "two", "three")
    reads = asked(page, "/detokenize")
    before: list[int] = []

    async def late(route: Route) -> None:
        await asyncio.sleep(1 + len(before))
        before.append(len(reads))
        await route.continue_()

    await page.route("**/frame/payroll/text", late)
    texts = "".join(text(token, f"id=t{at}") for at, token in enumerate(tokens))
    await site.show(page, texts, wait=False)
    for at, value in enumerate(("one", "two", "three")):
        await expect(shown(page, f"#t{at}")).to_have_text(value)
    assert before == [1, 1, 1]
    assert len(reads) == 1


@alone_and_grouped
async def test_not_granted(site: Site, page: Page) -> None:
    """Without a grant there is one short answer, and no second try."""
    [token] = await site.store(page, SSN, grant=False)
    reads = asked(page, "/detokenize")
    await hear(page, "secure-error", "secure-ready")
    await site.show(page, text(token))
    await problem(page, "not_granted")
    await page.wait_for_timeout(3_000)
    assert len(reads) == 1
    [[*_, detail]] = await page.evaluate("heard")
    docs = f"{site.tokenizer.origin}/errors#not_granted"
    assert detail == {"code": "not_granted", "message": "Not available", "docs": docs}
    await site.grant(page, [token])
    await page.evaluate(REFRESH)
    await expect(shown(page)).to_have_text(SSN)
    await expect(page.locator("secure-text")).not_to_have_attribute("aria-invalid", "true")


@alone_and_grouped
async def test_one_bad_token_spoils_no_other(site: Site, page: Page) -> None:
    """A mistyped token fails alone, though all are asked for together."""
    [token] = await site.store(page, SSN)
    typo = token[:-1] + ("A" if token[-1] != "A" else "B")
    await site.show(page, text(token, "id=a") + text(typo, "id=b") + text(SSN, "id=c"))
    await expect(shown(page, "#a")).to_have_text(SSN)
    await problem(page, "not_granted", "#b")
    await problem(page, "token_malformed", "#c")


@alone_and_grouped
async def test_a_token_that_changes(site: Site, page: Page) -> None:
    """The frame shows the value of the attribute that stands now; none shows nothing."""
    tokens = await site.store(page, "one", "two")
    await site.show(page, text(tokens[0], "id=a"))
    await expect(shown(page)).to_have_text("one")
    await page.evaluate("(token) => { a.token = token }", tokens[1])
    await expect(shown(page)).to_have_text("two")
    await page.evaluate("a.removeAttribute('token')")
    await expect(shown(page)).to_have_text("")


async def test_no_token_is_no_error(site: Site, page: Page) -> None:
    """A framework writes `null` where there is nothing yet."""
    [token] = await site.store(page, SSN)
    elements = text(token) + field(token) + "<secure-upload id=up></secure-upload>"
    await site.show(page, elements)
    await page.evaluate(
        """() => { document.querySelector("secure-text").token = null;
          ssn.value = undefined; up.value = null; }"""
    )
    await expect(shown(page)).to_have_text("")
    await expect(filled(page)).to_have_text("")
    codes = "['secure-text', '#ssn', '#up'].map((each) => document.querySelector(each).problem)"
    assert await page.evaluate(codes) == [None, None, None]


async def test_a_right_token_after_a_wrong_one(site: Site, page: Page) -> None:
    """The value takes the place of the words for the error."""
    [token] = await site.store(page, SSN)
    await site.show(page, f"{field()}<secure-upload id=up></secure-upload>")
    await page.evaluate("ssn.value = up.value = 'mistyped'")
    for element in ("#ssn", "#up"):
        await problem(page, "token_malformed", element)
    await page.evaluate("(token) => { ssn.value = token; up.value = '' }", token)
    await expect(filled(page)).to_have_text(SSN)
    assert await page.evaluate("[ssn.problem, up.problem]") == [None, None]
    await expect(page.locator("#ssn")).not_to_have_attribute("aria-invalid", "true")


@alone_and_grouped
async def test_reveal_by_click_and_by_keyboard(site: Site, page: Page) -> None:
    """Nothing is asked for before the gesture, and the button hides the value again."""
    [token] = await site.store(page, SSN)
    reads = asked(page, "/detokenize")
    await site.show(page, text(token, "reveal=click aria-label=Number"))
    await expect(shown(page)).to_have_text(MASK)
    await expect(button(page)).to_have_attribute("aria-label", "Show Number")
    assert not reads
    await button(page).click()
    await expect(shown(page)).to_have_text(SSN)
    await button(page).click()
    await expect(shown(page)).to_have_text(MASK)
    await page.keyboard.press("Enter")
    await expect(shown(page)).to_have_text(SSN)
    assert len(reads) == 2


@alone_and_grouped
async def test_remask(site: Site, page: Page) -> None:
    """After so many seconds the value is gone from the frame, until it is asked for again."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token, "remask=1"))
    await expect(shown(page)).to_have_text(SSN)
    await expect(shown(page)).to_have_text(MASK)
    assert SSN not in await field_frames(page)[0].content()
    await button(page).click()
    await expect(shown(page)).to_have_text(SSN)


@alone_and_grouped
async def test_the_end_of_a_grant(site: Site, page: Page) -> None:
    """A value is gone with its grant, the page hears of it, and may ask anew."""
    [token] = await site.store(page, SSN, grant=False)
    await site.grant(page, [token], expires_in=3)
    await hear(page, "secure-expired")
    await site.show(page, text(token, "id=a") + field(token))
    await expect(shown(page)).to_have_text(SSN)
    await expect(shown(page)).to_have_text(MASK)
    await expect(filled(page)).to_have_text(MASK)
    heard = await page.evaluate("heard")
    assert sorted(each[1] for each in heard) == ["a", "ssn"]
    assert SSN not in await field_frames(page)[0].content()
    await site.grant(page, [token])
    await page.evaluate(REFRESH)
    await expect(shown(page)).to_have_text(SSN)


@pytest.mark.parametrize("reveal", ["always", "click"])
async def test_the_operators_gesture_and_mask_hold(
    strict_site: Site, cookies_blocked: Browser, reveal: str
) -> None:
    """T18: what the configuration demands no attribute waives, for a text or an input."""
    context = await cookies_blocked.new_context()
    page = await context.new_page()
    await strict_site.log_in(page)
    [token] = await strict_site.store(page, SSN)
    reads = asked(page, "/detokenize")
    await strict_site.show(page, text(token, f"id=a reveal={reveal} remask=1000") + field(token))
    await page.wait_for_timeout(300)
    await expect(shown(page)).to_have_text(MASK)
    await expect(filled(page)).to_have_text(MASK)
    assert not reads
    await page.evaluate("a.removeAttribute('remask'); a.removeAttribute('reveal')")
    await button(page).click()
    await expect(shown(page)).to_have_text(SSN)
    await expect(shown(page)).to_have_text(MASK)
    await context.close()
