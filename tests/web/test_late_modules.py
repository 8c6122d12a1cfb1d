"""Modules that are loaded when they are used, and don't come: said, tried again, never a blank."""

from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.web.elements import (
    FORM,
    LIBRARY,
    SSN,
    field,
    hear,
    in_a_group,
    posted,
    problem,
    shown,
    text,
    type_into,
)
from tests.web.files import payload, start, store_files
from tests.web.site import Site

READS = Path(__file__).parents[2] / "web/frame/reads.js"
UNKEPT = {
    "Content-Type": "text/javascript",
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "no-store",
}

LATE = {
    "textarea": ("elements/textarea.js", "<secure-textarea id=late></secure-textarea>"),
    "upload": ("elements/upload.js", "<secure-upload id=late></secure-upload>"),
    "download": ("elements/download.js", "<secure-download id=late></secure-download>"),
}


async def refused_once(page: Page, module: str, *, status: int | None = None) -> list[Route]:
    """Have the first request for a module fail, cut off or with a status; give all of them."""
    routes: list[Route] = []

    async def once(route: Route) -> None:
        routes.append(route)
        if len(routes) > 1:
            await route.continue_()
        elif status:
            await route.fulfill(status=status)
        else:
            await route.abort()

    await page.route(f"**/{module}", once)
    return routes


@pytest.mark.parametrize("status", [None, 503])
@pytest.mark.parametrize("name", list(LATE))
async def test_an_element_that_is_not_there_yet(
    site: Site, page: Page, name: str, status: int | None
) -> None:
    """Its place says so, a script hears of it, and it comes as soon as it can be had."""
    module, element = LATE[name]
    await hear(page, "secure-error")
    await refused_once(page, module, status=status)
    await site.show(page, element, wait=False)
    await page.wait_for_function("heard.length")
    [_, late, _, detail] = (await page.evaluate("heard"))[0]
    assert (late, detail["code"]) == ("late", "unavailable")
    assert await page.inner_text("#late") == "Not available right now"
    await page.wait_for_function(f"!!customElements.get('secure-{name}')")
    assert await page.inner_text("#late") != "Not available right now"
    await page.wait_for_selector("#late iframe.ready, #late:state(error)", state="attached")


@in_a_group
@pytest.mark.parametrize("status", [None, 503])
async def test_the_coordinators_part_of_a_group(site: Site, page: Page, status: int | None) -> None:
    """Where it does not come each value says so, and all of them are shown when it came."""
    tokens = await site.store(page, "one", "two")
    refused: list[Route] = []

    async def refuse(route: Route) -> None:
        # The group's own document asks for it too. It is not to be kept for the coordinator.
        if not route.request.frame.url.endswith("/coordinator") or refused:
            return await route.fulfill(path=READS, headers=UNKEPT)
        refused.append(route)
        return await (route.fulfill(status=status) if status else route.abort())

    await page.route("**/frame/reads.js", refuse)
    await hear(page, "secure-error")
    await site.show(page, text(tokens[0], "id=a") + text(tokens[1], "id=b"), wait=False)
    await page.wait_for_function("heard.length > 1")
    heard = await page.evaluate("heard")
    assert {(each[1], each[3]["code"]) for each in heard} == {
        ("a", "unavailable"),
        ("b", "unavailable"),
    }
    await expect(shown(page, "#a")).to_have_text("one")
    await expect(shown(page, "#b")).to_have_text("two")
    await expect(page.locator("#a")).not_to_have_attribute("aria-invalid", "true")
    assert refused


async def test_the_coordinators_part_of_files(site: Site, page: Page) -> None:
    """A file waits for it, and goes."""
    await refused_once(page, "frame/files.js")
    [token] = await store_files(site, page, payload("a.txt", b"some words"))
    assert token.startswith("lunasec-")
    await page.unroute("**/frame/files.js")
    await site.show(page, f"<secure-download id=late token={token}></secure-download>")
    await expect(start(page)).to_contain_text("a.txt")


async def test_the_coordinators_part_of_copying(site: Site, page: Page) -> None:
    """The button says so; the next click copies."""
    [token] = await site.store(page, SSN)
    await site.grant(page, [token], copy=True)
    await hear(page, "secure-error")
    await refused_once(page, "frame/copies.js")
    await site.show(page, text(token, "copy id=a"))
    button = page.frame_locator("#a iframe").locator("button.copy")
    await button.click()
    await expect(button).to_have_text("Can\u2019t copy")
    assert (await page.evaluate("heard"))[0][3]["code"] == "unavailable"
    await expect(shown(page, "#a")).to_have_text(SSN)
    await button.click()
    await expect(button).to_have_text("Copied")


async def test_what_a_bad_token_needs(site: Site, page: Page) -> None:
    """A batch with a mistyped token is sorted as soon as what does it came."""
    [token] = await site.store(page, SSN)
    typo = token[:-1] + ("A" if token[-1] != "A" else "B")
    await refused_once(page, "frame/batches.js")
    await hear(page, "secure-error")
    await site.show(page, text(token, "id=a") + text(typo, "id=b"), wait=False)
    await page.wait_for_function("heard.length > 1")
    assert {each[3]["code"] for each in await page.evaluate("heard")} == {"unavailable"}
    await expect(shown(page, "#a")).to_have_text(SSN)
    await problem(page, "not_granted", "#b")


@pytest.mark.parametrize("module", ["elements/typing.js", "frame/seal.js"])
async def test_what_a_typed_value_needs(site: Site, page: Page, module: str) -> None:
    """A form that can't be sent says so in its field, and is sent by the next click."""
    await page.route(f"**/{module}", lambda route: route.abort())
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, SSN)
    await page.click("#go")
    await problem(page, "unavailable", "#ssn")
    said = LIBRARY + "lunasec.ready(form)).catch((error) => error.code)"
    assert await page.evaluate(said) == "unavailable"
    await page.unroute(f"**/{module}")
    await page.click("#go")
    assert (await posted(site, page))["ssn"].startswith("lunasec-")


async def test_what_asks_the_application(site: Site, page: Page) -> None:
    """A page without the tag in its head asks by a module of its own, until it has it."""
    await refused_once(page, "elements/application.js")
    without = "<script>document.querySelector('meta[name=lunasec-session]').remove()</script>"
    await site.show(page, without + field(), wait=False)
    await problem(page, "unavailable", "#ssn")
    await page.wait_for_selector("#ssn iframe.ready")
    await expect(page.locator("#ssn")).not_to_have_attribute("aria-invalid", "true")
