"""Tags that a page gives to values: kept beside them, for policies and for whoever may describe."""

import pytest
from playwright.async_api import Page, expect

from tests.web.elements import FORM, SSN, alone_and_grouped, asked, box, hear, posted, problem
from tests.web.files import FORM as FILES
from tests.web.files import all_ready, choose, payload, tokens_of
from tests.web.site import Site, coordinator

DESCRIBE = """async (tokens) => {
  const { application } = JSON.parse(document.querySelector("meta[name=lunasec-frame]").content);
  const headers = { "Content-Type": "application/json", "LunaSec-Application": application };
  const { session } = document.documentElement.dataset;
  const body = JSON.stringify({ session, tokens });
  const answer = await fetch("/tokens/describe", { method: "POST", headers, body });
  return (await answer.json()).tokens.map(({ metadata }) => metadata);
}"""
MANY = """<form id=form method=post action=/form>
  <secure-input id=ssn name=ssn tags="field=salary; team=a b"></secure-input>
  <secure-textarea id=two name=two tags="field=notes"></secure-textarea>
  <secure-input id=three name=three></secure-input><button id=go>Save</button></form>"""


async def described(site: Site, page: Page, *tokens: str) -> list[dict[str, str]]:
    """Have the tokens granted, and described by the tokenizer."""
    await site.grant(page, list(tokens))
    found: list[dict[str, str]] = await coordinator(page).evaluate(DESCRIBE, list(tokens))
    return found


@alone_and_grouped
async def test_tags_are_kept_with_what_is_typed(site: Site, page: Page) -> None:
    """Each field's own, and those of now; they go with the form's other values."""
    await site.show(page, MANY)
    for each in ("#ssn", "#two", "#three"):
        await box(page, each).fill(SSN)
    await page.evaluate("two.tags = 'field=remarks'")
    sent = asked(page, "/tokenize")
    await page.click("#go")
    stored = await posted(site, page)
    assert len(sent) <= 2  # tags are read by a module that is loaded with the first ones
    await site.show(page, FORM.format(attributes=""))
    tokens = [stored[each] for each in ("ssn", "two", "three")]
    assert await described(site, page, *tokens) == [
        {"field": "salary", "team": "a b"},
        {"field": "remarks"},
        {},
    ]


async def test_tags_are_kept_with_files(site: Site, page: Page) -> None:
    """All that are chosen have the element's."""
    await site.show(page, FILES.format(attributes='multiple tags="field=scan"'))
    await choose(page, payload("a.pdf", b"1"), payload("b.pdf", b"2"))
    await all_ready(page, 2)
    tokens = await tokens_of(site, page)
    await site.show(page, FORM.format(attributes=""))
    assert await described(site, page, *tokens) == [{"field": "scan"}] * 2


@pytest.mark.parametrize("tags", ["salary", "a=1; a=2"])
async def test_tags_that_are_none_store_nothing(site: Site, page: Page, tags: str) -> None:
    """The form is held, the element says why, and what was typed is still there."""
    await hear(page, "secure-error")
    await site.show(page, FORM.format(attributes=f'tags="{tags}"'))
    sent = asked(page, "/tokenize")
    await box(page).fill(SSN)
    await page.click("#go")
    await problem(page, "tags_malformed", "#ssn")
    assert await page.evaluate("ssn.problem.message") == "Can\u2019t be saved here"
    assert not sent
    assert not site.posts
    await page.evaluate("ssn.tags = 'field=salary'")
    await box(page).press("End")
    await expect(box(page)).to_have_value(SSN)
    await page.click("#go")
    assert (await posted(site, page))["ssn"]


async def test_files_whose_tags_are_none_are_held(site: Site, page: Page) -> None:
    """They are sent, and not kept; once the page has mended its tags, they are."""
    await hear(page, "secure-error")
    await site.show(page, FILES.format(attributes="tags=scan"))
    await choose(page, payload("a.pdf", b"1"))
    await all_ready(page, 1)
    await page.click("#go")
    await page.wait_for_function("heard.some((each) => each[3].code === 'tags_malformed')")
    assert not site.posts
    await page.evaluate("up.tags = 'field=scan'")
    assert await tokens_of(site, page)
