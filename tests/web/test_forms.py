"""Forms: the application gets tokens, once, or nothing at all."""

import asyncio

from playwright.async_api import Page, Route, expect

from tests.web.site import Site, field_frames
from tests.web.test_input import FORM, SSN, box, posted

LIBRARY = "import(document.querySelector('script').src).then(({ lunasec }) => "


async def type_into(page: Page, text: str, element: str = "#ssn") -> None:
    """Type into a field, and wait until the page knows that there is something."""
    await box(page, element).click()
    await page.keyboard.type(text)
    await page.wait_for_function("(each) => document.querySelector(each).pending", arg=element)


async def test_prefilled_and_untouched_posts_its_own_token(site: Site, page: Page) -> None:
    """What nobody edited is not stored again."""
    [token] = await site.store(page, SSN)
    stored: list[str] = []
    page.on("request", lambda each: stored.append(each.url) if each.url.endswith("/tokenize") else None)
    await site.show(page, FORM.format(attributes=f'token="{token}" required validator=ssn'))
    await expect(box(page)).to_have_value(SSN)
    await page.click("#go")
    await posted(page)
    assert site.posts.pop() == {"ssn": token}
    assert not stored


async def test_prefilled_and_edited_posts_a_new_token(site: Site, page: Page) -> None:
    """The first key removes all of the stored value, and only what was typed is stored."""
    [token] = await site.store(page, SSN)
    await site.show(page, FORM.format(attributes=f'token="{token}"'))
    await expect(box(page)).to_have_value(SSN)
    await box(page).click()
    await page.keyboard.press("End")
    await page.keyboard.type("7")
    await expect(box(page)).to_have_value("7")
    await page.click("#go")
    await posted(page)
    [new] = site.posts.pop().values()
    assert new != token
    await site.grant(page, [new])
    await site.show(page, f'<secure-input id=ssn token="{new}"></secure-input>')
    await expect(box(page)).to_have_value("7")


async def test_many_fields_are_one_request(site: Site, page: Page) -> None:
    """The fields of a form are stored together."""
    stored: list[str] = []
    page.on("request", lambda each: stored.append(each.url) if each.url.endswith("/tokenize") else None)
    fields = "".join(f"<secure-input id=f{at} name=f{at}></secure-input>" for at in range(3))
    await site.show(page, f"<form id=form method=post action=/form>{fields}<button id=go>Go</button></form>")
    for at in range(3):
        await type_into(page, f"value {at}", f"#f{at}")
    await page.click("#go")
    await posted(page)
    assert len(set(site.posts.pop().values())) == 3
    assert len(stored) == 1


async def test_a_form_is_not_submitted_when_storing_failed(site: Site, page: Page) -> None:
    """The tokenizer is away: nothing is posted, the field says so, and a second try succeeds."""
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, SSN)
    await page.route("**/tokenize", lambda route: route.abort())
    await page.click("#go")
    await page.wait_for_function("document.querySelector('#ssn').problem?.code === 'unavailable'")
    assert not site.posts
    await page.unroute("**/tokenize")
    await page.click("#go")
    await posted(page)
    assert site.posts.pop()["ssn"].startswith("lunasec-")


async def test_one_submit_with_tokens(site: Site, page: Page) -> None:
    """A handler of the page's sees one trusted submit, and tokens in its `FormData`."""
    await site.show(page, FORM.format(attributes=""))
    await page.evaluate(
        """() => { window.seen = []; addEventListener("submit", (event) => {
          event.preventDefault();
          seen.push([event.isTrusted, event.submitter?.id, new FormData(event.target).get("ssn").slice(0, 8)]);
        }); }"""
    )
    await type_into(page, SSN)
    await page.dblclick("#go")
    await page.wait_for_function("seen.length > 0")
    await page.wait_for_timeout(300)
    assert await page.evaluate("seen[0]") == [True, "go", "lunasec-"]
    assert await page.evaluate("seen.length") <= 2  # the second click came after the first was through


async def test_a_second_click_meanwhile_is_the_same_wish(site: Site, page: Page) -> None:
    """While the value is on its way the form is not submitted a second time."""
    stored: list[str] = []

    async def slowly(route: Route) -> None:
        stored.append(route.request.url)
        await asyncio.sleep(0.5)
        await route.continue_()

    await page.route("**/tokenize", slowly)
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, SSN)
    for _ in range(3):
        await page.click("#go", no_wait_after=True)
    await posted(page)
    assert len(site.posts) == len(stored) == 1
    site.posts.clear()


async def test_form_submit_without_events_posts_no_value(site: Site, page: Page) -> None:
    """`form.submit()` passes by every event: then nothing is posted, and never an old token."""
    [token] = await site.store(page, SSN)
    await site.show(page, FORM.format(attributes=f'token="{token}"'))
    await expect(box(page)).to_have_value(SSN)
    await type_into(page, "new")
    await page.evaluate("form.submit()")
    await posted(page)
    assert site.posts.pop() == {}


async def test_ready(site: Site, page: Page) -> None:
    """`ready(form)` serves code that reads `FormData` by itself, and tells it of a failure."""
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, SSN)
    await page.route("**/tokenize", lambda route: route.abort())
    code = await page.evaluate(LIBRARY + "lunasec.ready(form)).catch((error) => error.code)")
    assert code == "unavailable"
    await page.unroute("**/tokenize")
    posts = await page.evaluate(LIBRARY + "lunasec.ready(form)).then(() => new FormData(form).get('ssn'))")
    assert posts.startswith("lunasec-")
    again = await page.evaluate(LIBRARY + "lunasec.ready(form)).then(() => new FormData(form).get('ssn'))")
    assert again == posts


async def test_typing_while_the_value_is_on_its_way(site: Site, page: Page) -> None:
    """What stands in the field when the form goes is what the token is for."""

    async def slowly(route: Route) -> None:
        await asyncio.sleep(0.4)
        await route.continue_()

    await page.route("**/tokenize", slowly)
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, "first")
    await page.evaluate("form.requestSubmit()")
    await page.wait_for_timeout(100)
    await box(page).click()
    await page.keyboard.press("End")
    await page.keyboard.type("!")
    await posted(page)
    [token] = site.posts.pop().values()
    await site.grant(page, [token])
    await site.show(page, f'<secure-input id=ssn token="{token}"></secure-input>')
    await expect(box(page)).to_have_value("first!")


async def test_a_form_in_a_shadow_tree(site: Site, page: Page) -> None:
    """Submit events don't leave a shadow tree; the form's values are stored all the same."""
    await site.show(page, "<div id=host></div>")
    await page.evaluate(
        """() => { host.attachShadow({ mode: "open" }).innerHTML = `<form method=post action=/form>
          <secure-input name=ssn></secure-input><button id=go>Go</button></form>`; }"""
    )
    await page.wait_for_selector("secure-input iframe.ready")
    await page.frame_locator("secure-input iframe").locator("input").click()
    await page.keyboard.type("x")
    await page.keyboard.press("Enter")
    await posted(page)
    assert site.posts.pop()["ssn"].startswith("lunasec-")


async def test_state_comes_back_as_a_token(site: Site, page: Page) -> None:
    """What the form had when the page was left is there again, and never as a value."""
    await site.show(page, FORM.format(attributes=""))
    before = page.url
    await type_into(page, SSN)
    await page.click("#go")
    await posted(page)
    token = site.posts.pop()["ssn"]
    await site.grant(page, [token])
    await page.goto(before)
    await page.go_back()
    await page.go_back()
    assert page.url == before
    await page.wait_for_selector("#ssn iframe.ready")
    await expect(box(page)).to_have_value(SSN)
    assert await page.evaluate("document.querySelector('#ssn').value") == token
    assert len(field_frames(page)) == 1
