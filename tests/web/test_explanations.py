"""The page at `/errors`, to which a developer is led by the console and by `secure-error`."""

import pytest
from playwright.async_api import Page, expect

from lunasec.tokenizer.http.assets import directory
from lunasec.tokenizer.http.explanations import Explanations
from tests.browsers import inaccessible
from tests.http.parties import UNKNOWN
from tests.web.elements import asked, field, hear, problem, text
from tests.web.site import Site


async def test_one_warning_a_code(site: Site, page: Page) -> None:
    """However many elements fail, the console names each code and its address once."""
    warnings: list[str] = []
    page.on("console", lambda each: warnings.append(each.text))
    await hear(page, "secure-error")
    bodies = [text(UNKNOWN, f"id=t{at}") for at in range(3)] + [field(UNKNOWN)]
    bodies += [text("219-09-9999", f"id=m{at}") for at in range(2)]
    await site.show(page, "".join(bodies))
    for at in range(3):
        await problem(page, "not_granted", f"#t{at}")
    await problem(page, "not_granted", "#ssn")
    await problem(page, "token_malformed", "#m1")
    await page.evaluate(
        "document.querySelectorAll('secure-text').forEach((each) => each.refresh())"
    )
    await page.wait_for_timeout(1_000)
    about = f"{site.tokenizer.origin}/errors#"
    ours = sorted(each for each in warnings if each.startswith("lunasec"))
    codes = ("not_granted", "token_malformed")
    assert ours == [f"lunasec: {code}, see {about}{code}" for code in codes]
    heard = await page.evaluate("heard.map(([, , , { code, docs }]) => [code, docs])")
    assert {tuple(each) for each in heard} == {(code, about + code) for code in codes}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_that_it_leads_to(site: Site, page: Page, scheme: str) -> None:
    """A document of its own, styled, without a script, with a part for each code in view."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    console: list[str] = []
    page.on("console", lambda each: console.append(each.text))
    requests = asked(page, "")
    address = f"{site.tokenizer.origin}/errors"
    for code in Explanations(directory()).codes:
        await page.goto(f"{address}#{code}")
        target = page.locator("section:target")
        await expect(target).to_have_id(code)
        await expect(target.locator("p")).not_to_be_empty()
        await expect(target).to_be_in_viewport()
    assert not console
    assert {each.partition("#")[0] for each in requests} <= {
        address,
        f"{address.rpartition('/')[0]}/favicon.ico",
    }
    assert await page.evaluate("getComputedStyle(document.body).maxInlineSize") == "672px"
    assert await inaccessible(page) == []


async def test_it_can_not_be_framed(site: Site, page: Page) -> None:
    """No other page shows it in a frame, where it could be mistaken for its own."""
    await site.show(page, f"<iframe src='{site.tokenizer.origin}/errors'></iframe>")
    await page.wait_for_timeout(300)
    assert f"{site.tokenizer.origin}/errors" not in {each.url for each in page.frames}
