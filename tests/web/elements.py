"""What a person, and a script in the page, can see and do with an element."""

import pytest
from playwright.async_api import Error, Frame, Locator, Page, Response, expect

from tests.web.site import Site, grouped

SSN = "219-09-9999"
"""A number that was never given to anybody: it was printed in an advertisement."""

MASK = "•" * 8

LIBRARY = "import(document.querySelector('script').src).then(({ lunasec }) => "

FORM = """
<form id=form method=post action=/form>
  <label for=ssn>Number</label>
  <secure-input id=ssn name=ssn {attributes}></secure-input>
  <button id=go>Save</button>
</form>"""


alone_and_grouped = pytest.mark.parametrize("page", ["alone", "grouped"], indirect=True)
"""Has a test see each element in a frame of its own, and then all in one frame of a group."""


in_a_group = pytest.mark.parametrize("page", ["grouped"], indirect=True)


def text(token: str, attributes: str = "") -> str:
    """Write a `<secure-text>`."""
    return f'<secure-text {attributes} token="{token}"></secure-text>'


def field(token: str = "", attributes: str = "id=ssn") -> str:
    """Write a `<secure-input>`, filled with a token's value if one is given."""
    return f'<secure-input {attributes} token="{token}"></secure-input>'


def inside(page: Page, element: str) -> Locator:
    """Find the document of an element's frame, or its part of its group's."""
    found = grouped.get(page)
    if found is None:
        return page.frame_locator(f"{element} iframe").locator("body")
    at = next(at for at, names in enumerate(found) if element in names)
    return page.frame_locator("secure-group iframe").locator(".fields > div").nth(at)


def box(page: Page, element: str = "#ssn") -> Locator:
    """Find the text box inside an element's frame."""
    return inside(page, element).locator("input, textarea")


def filled(page: Page, element: str = "#ssn") -> Locator:
    """Find the stored value that is drawn over the text box inside an element's frame."""
    return inside(page, element).locator("[id^=stored]")


def shown(page: Page, element: str = "secure-text") -> Locator:
    """Find what an element's frame shows."""
    return inside(page, element).locator("span")


def button(page: Page, element: str = "secure-text") -> Locator:
    """Find the button in an element's frame."""
    return inside(page, element).locator("button")


async def still_shows(frame: Frame, value: str) -> bool:
    """Tell if a value is in a frame's document; a frame that went meanwhile shows nothing."""
    try:
        return value in await frame.content()
    except Error:
        if frame.is_detached():
            return False
        raise


async def type_into(page: Page, value: str, element: str = "#ssn") -> None:
    """Type into a field, and wait until the page knows that there is something."""
    await box(page, element).click()
    await page.keyboard.type(value)
    await page.wait_for_function("(each) => document.querySelector(each).pending", arg=element)


async def posted(site: Site, page: Page) -> dict[str, str]:
    """Wait until the form has arrived, and return what it posted."""
    await page.wait_for_selector("#posted")
    return site.posts.pop()


async def problem(
    page: Page, code: str, element: str = "secure-text", *, within: float = 10_000
) -> None:
    """Wait until an element says what is wrong, in its own box and to scripts."""
    await page.wait_for_function(
        "([element, code]) => document.querySelector(element).problem?.code === code",
        arg=[element, code],
        timeout=within,
    )
    host = page.locator(element)
    await expect(host).to_have_attribute("aria-invalid", "true")
    await expect(host.locator("[part=message]")).not_to_be_empty()
    assert await host.evaluate("(each) => each.matches(':state(error)')")


def asked(page: Page, ending: str) -> list[str]:
    """Give a list that grows with each request to an address that ends so."""
    addresses: list[str] = []

    def add(address: str) -> None:
        if address.partition("?")[0].endswith(ending):
            addresses.append(address)

    page.on("request", lambda each: add(each.url))
    return addresses


def responses(page: Page) -> list[Response]:
    """Give a list that grows with each answer of the tokenizer's about values."""
    answers: list[Response] = []

    def add(answer: Response) -> None:
        if answer.url.endswith("tokenize"):
            answers.append(answer)

    page.on("response", add)
    return answers


async def hear(page: Page, *names: str) -> None:
    """Write down what these events tell, from the next page on, as `window.heard`."""
    await page.add_init_script(
        f"window.heard = []; for (const name of {list(names)!r}) addEventListener(name, (event) =>"
        " heard.push([event.type, event.target.id, event.isTrusted, event.detail]), true)"
    )
