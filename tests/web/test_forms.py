"""Forms: the application gets tokens, once, or nothing at all."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.web.elements import (
    FORM,
    LIBRARY,
    SSN,
    alone_and_grouped,
    asked,
    box,
    field,
    filled,
    posted,
    problem,
    responses,
    type_into,
)
from tests.web.site import Site

READY = LIBRARY + "lunasec.ready(form)).then(() => ssn.value, (error) => error.code)"


async def slowly(route: Route) -> None:
    """Let a request through after a while."""
    await asyncio.sleep(0.5)
    await route.continue_()


@alone_and_grouped
async def test_prefilled_and_untouched_posts_its_own_token(site: Site, page: Page) -> None:
    """What nobody edited is not stored again."""
    [token] = await site.store(page, SSN)
    stored = asked(page, "/tokenize")
    await site.show(page, FORM.format(attributes=f'token="{token}" required validator=ssn'))
    await expect(filled(page)).to_have_text(SSN)
    await page.click("#go")
    assert await posted(site, page) == {"ssn": token}
    assert not stored


@alone_and_grouped
async def test_prefilled_and_edited_posts_a_new_token(site: Site, page: Page) -> None:
    """The first key removes all of the stored value, and only what was typed is stored."""
    [token] = await site.store(page, SSN)
    await site.show(page, FORM.format(attributes=f'token="{token}"'))
    await expect(filled(page)).to_have_text(SSN)
    await box(page).click()
    await page.keyboard.press("End")
    await page.keyboard.type("7")
    await expect(box(page)).to_have_value("7")
    await page.click("#go")
    [new] = (await posted(site, page)).values()
    assert new != token
    await site.grant(page, [new])
    await site.show(page, field(new))
    await expect(filled(page)).to_have_text("7")


@alone_and_grouped
async def test_many_fields_are_one_request(site: Site, page: Page) -> None:
    """The fields of a form are stored together."""
    stored = asked(page, "/tokenize")
    fields = "".join(field(attributes=f"id=f{at} name=f{at}") for at in range(3))
    form = f"<form method=post action=/form>{fields}<button id=go>Go</button></form>"
    await site.show(page, form)
    for at in range(3):
        await type_into(page, f"value {at}", f"#f{at}")
    await page.click("#go")
    assert len(set((await posted(site, page)).values())) == 3
    assert len(stored) == 1


@alone_and_grouped
async def test_a_form_is_not_submitted_when_storing_failed(site: Site, page: Page) -> None:
    """The tokenizer is away: nothing is posted, the field says so, and a second try succeeds."""
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, SSN)
    await page.route("**/tokenize", lambda route: route.abort())
    await page.click("#go")
    await problem(page, "unavailable", "#ssn")
    assert not site.posts
    await page.unroute("**/tokenize")
    await page.click("#go")
    assert (await posted(site, page))["ssn"].startswith("lunasec-")


@alone_and_grouped
async def test_one_submit_with_tokens(site: Site, page: Page) -> None:
    """A handler of the page's sees one trusted submit, and tokens in its `FormData`."""
    await site.show(page, FORM.format(attributes=""))
    await page.evaluate(
        """() => { window.seen = []; addEventListener("submit", (event) => {
          event.preventDefault();
          const posts = new FormData(event.target).get("ssn").slice(0, 8);
          seen.push([event.isTrusted, event.submitter?.id, posts]);
        }); }"""
    )
    await type_into(page, SSN)
    await page.click("#go")
    await page.wait_for_function("seen.length > 0")
    await page.wait_for_timeout(300)
    assert await page.evaluate("seen") == [[True, "go", "lunasec-"]]


@alone_and_grouped
async def test_a_second_click_meanwhile_is_the_same_wish(site: Site, page: Page) -> None:
    """While the value is on its way the form is not submitted a second time."""
    stored = asked(page, "/tokenize")
    await page.route("**/tokenize", slowly)
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, SSN)
    for _ in range(3):
        await page.click("#go", no_wait_after=True)
    await posted(site, page)
    assert len(stored) == 1
    assert not site.posts


@alone_and_grouped
async def test_form_submit_without_events_posts_no_value(site: Site, page: Page) -> None:
    """`form.submit()` passes by every event: then nothing is posted, and never an old token."""
    [token] = await site.store(page, SSN)
    await site.show(page, FORM.format(attributes=f'token="{token}"'))
    await expect(filled(page)).to_have_text(SSN)
    await type_into(page, "new")
    await page.evaluate("form.submit()")
    assert await posted(site, page) == {}


@alone_and_grouped
async def test_ready(site: Site, page: Page) -> None:
    """`ready(form)` serves code that reads `FormData` by itself, and tells it of a failure."""
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, SSN)
    await page.route("**/tokenize", lambda route: route.abort())
    assert await page.evaluate(READY) == "unavailable"
    await page.unroute("**/tokenize")
    token = await page.evaluate(READY)
    assert token.startswith("lunasec-")
    assert await page.evaluate(READY) == token
    assert await page.evaluate("new FormData(form).get('ssn')") == token


@alone_and_grouped
async def test_typing_while_the_value_is_on_its_way(site: Site, page: Page) -> None:
    """What stands in the field when the form goes is what the token is for."""
    is_typed = asyncio.Event()

    async def held(route: Route) -> None:
        """Let the first request through once more was typed."""
        await is_typed.wait()
        await route.continue_()

    await page.route("**/tokenize", held)
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, "first")
    await page.evaluate("form.requestSubmit()")
    await page.wait_for_timeout(100)
    await box(page).click()
    await page.keyboard.press("End")
    await page.keyboard.type("!")
    await expect(box(page)).to_have_value("first!")
    is_typed.set()
    [token] = (await posted(site, page)).values()
    await site.grant(page, [token])
    await site.show(page, field(token))
    await expect(filled(page)).to_have_text("first!")


@alone_and_grouped
@pytest.mark.parametrize("how", ["form.reset()", "ssn.value = ssn.getAttribute('token')"])
async def test_what_is_reset_while_it_is_sealed(site: Site, page: Page, how: str) -> None:
    """The form posts what it was reset to, and the token of the typed value goes nowhere."""
    [token] = await site.store(page, SSN)
    await site.show(page, FORM.format(attributes=f'token="{token}"'))
    await type_into(page, "typed and taken back")
    await page.route("**/tokenize", slowly)
    async with page.expect_response("**/tokenize"):
        await page.evaluate(
            "(how) => { form.requestSubmit(go); setTimeout(() => (0, eval)(how), 150) }", how
        )
    assert await posted(site, page) == {"ssn": token}


@alone_and_grouped
async def test_what_is_typed_after_a_reset_meanwhile(site: Site, page: Page) -> None:
    """It gets a token of its own, and none of what stood there before."""
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, "first")
    await page.route("**/tokenize", slowly)
    answers = responses(page)
    await page.evaluate("window.sealing = ssn.tokenize(); setTimeout(() => form.reset(), 150)")
    await page.wait_for_timeout(200)
    await type_into(page, "second")
    await page.evaluate("sealing")
    assert await page.evaluate("ssn.pending")
    await page.evaluate("ssn.tokenize()")
    made = [each for answer in answers for each in (await answer.json())["tokens"]]
    assert len(made) > 1
    await page.click("#go")
    assert await posted(site, page) == {"ssn": made[-1]}


async def test_a_form_in_a_shadow_tree(site: Site, page: Page) -> None:
    """Submit events don't leave a shadow tree; the form's values are stored all the same."""
    await site.show(page, "<div id=host></div>")
    await page.evaluate(
        "(form) => { host.attachShadow({ mode: 'open' }).innerHTML = form }",
        FORM.format(attributes=""),
    )
    await page.wait_for_selector("secure-input iframe.ready")
    await box(page, "secure-input").click()
    await page.keyboard.type("x")
    await page.keyboard.press("Enter")
    assert (await posted(site, page))["ssn"].startswith("lunasec-")


@alone_and_grouped
async def test_state_comes_back_as_a_token(site: Site, page: Page) -> None:
    """What the form had when the page was left is there again, and never as a value."""
    await site.show(page, FORM.format(attributes=""))
    before = page.url
    await type_into(page, SSN)
    await page.click("#go")
    [token] = (await posted(site, page)).values()
    await site.grant(page, [token])
    await page.goto(before)
    for _ in range(2):
        await page.go_back()
    assert page.url == before
    await expect(filled(page)).to_have_text(SSN)
    assert await page.evaluate("ssn.value") == token
