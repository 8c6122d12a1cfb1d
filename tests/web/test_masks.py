"""Masks in a real field: which one it has, what it makes of what is typed, what is stored."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.web.elements import FORM, SSN, box, field, filled, posted, type_into
from tests.web.site import Site


def note(page: Page) -> Locator:
    """Find the word beside the box."""
    return page.frame_locator("#ssn iframe").locator(".note")


async def show(site: Site, page: Page, attributes: str) -> None:
    """Open a page with one field, and click into it."""
    await site.show(page, f"<input id=other>{field(attributes=f'id=ssn {attributes}')}")
    await box(page).click()


@pytest.mark.parametrize(
    ("attributes", "typed", "left"),
    [
        ("validator=ssn", "219099999", SSN),
        ("validator=ssn mask=none", "219099999", "219099999"),
        ("mask=ssn", "21909x99995", SSN),
        ("mask=SSN", "219099999", SSN),
        ("validator=ein", "123456789", "12-3456789"),
        ("validator=card", "378282246310005", "3782 822463 10005"),
        ("validator=date", "19841231", "1984-12-31"),
        ("validator=iban", "de89370400440532013000", "DE89 3704 0044 0532 0130 00"),
        ("validator=phone", "(202) 555-0143", "(202) 555-0143"),
        ("mask=phone", "+12025550143", "+1 202 555 0143"),
        ("validator=plate", "ab1234", "AB-1234"),
        ("type=password mask=ssn", "219099999", SSN),
        # A box whose caret no script may ask for is left alone.
        ("type=email mask=ssn", "a@b.c", "a@b.c"),
    ],
)
async def test_what_is_typed_is_grouped(
    site: Site, page: Page, attributes: str, typed: str, left: str
) -> None:
    """A validator brings its mask, the page may name another, and what stands there is valid."""
    await show(site, page, attributes)
    await page.keyboard.type(typed)
    await expect(box(page)).to_have_value(left)
    await page.wait_for_function("ssn.pending && ssn.checkValidity()")


async def test_what_stands_there_is_stored(site: Site, page: Page) -> None:
    """The stored value has the separators that the person saw."""
    await site.show(page, FORM.format(attributes="validator=ssn"))
    await type_into(page, "219099999")
    await page.click("#go")
    [token] = (await posted(site, page)).values()
    await site.grant(page, [token])
    await site.show(page, field(token, "id=ssn validator=ssn"))
    await expect(filled(page)).to_have_text(SSN)
    await box(page).click()
    await page.keyboard.type("1234")
    await expect(box(page)).to_have_value("123-4")


async def test_a_brand_is_for_the_person_alone(site: Site, page: Page) -> None:
    """The frame names the card's brand; the page's element is the same for each of them."""
    await show(site, page, "validator=card")
    seen: list[str] = []
    for number, brand in (("378", "American Express"), ("424", "Visa"), ("999", "")):
        await page.keyboard.press("Control+a")
        await page.keyboard.type(number)
        await expect(note(page)).to_have_text(brand)
        await page.wait_for_timeout(100)
        look = "[ssn.shadowRoot.innerHTML, ssn.outerHTML, [...ssn.internals.states].sort()]"
        seen.append(str([await page.evaluate(look), await page.locator("#ssn").bounding_box()]))
    assert seen[0] == seen[1] == seen[2]
    await page.keyboard.press("Control+a")
    await page.keyboard.type("424")
    await page.evaluate("ssn.value = ''")
    await expect(note(page)).to_have_text("")


async def test_a_stored_card_has_no_brand(site: Site, page: Page) -> None:
    """Beside a stored number, typed just now or long ago, there is no word."""
    await site.show(page, FORM.format(attributes="validator=card"))
    await type_into(page, "4242424242424242")
    await expect(note(page)).to_have_text("Visa")
    token = await page.evaluate("ssn.tokenize().then(() => ssn.value)")
    await expect(note(page)).to_have_text("")
    await site.grant(page, [token])
    await site.show(page, field(token, "id=ssn validator=card"))
    await expect(filled(page)).to_have_text("4242 4242 4242 4242")
    await expect(note(page)).to_have_text("")


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ("validator=card", {"inputmode": "numeric", "autocomplete": "cc-number"}),
        ("mask=phone", {"inputmode": "tel", "autocomplete": "tel"}),
        ("validator=ssn mask=none", {"inputmode": "numeric", "autocomplete": "off"}),
        ("validator=card autocomplete=off inputmode=text", {"inputmode": "text"}),
        ("validator=card autocomplete=off inputmode=text", {"autocomplete": "off"}),
        ("validator=plate", {"inputmode": "text", "autocomplete": "off"}),
    ],
)
async def test_defaults_of_a_mask(
    site: Site, page: Page, attributes: str, wanted: dict[str, str]
) -> None:
    """Keyboard and autofill are those of the mask, as far as the page said nothing."""
    await show(site, page, attributes)
    for name, value in wanted.items():
        await expect(box(page)).to_have_attribute(name, value)


async def test_a_mask_that_changes_makes_a_new_frame(site: Site, page: Page) -> None:
    """Within one document a mask is named once."""
    await show(site, page, "mask=ssn")
    await page.keyboard.type("2190")
    await page.evaluate("ssn.setAttribute('mask', 'ein')")
    await page.wait_for_selector("#ssn iframe.ready")
    await expect(box(page)).to_have_value("")
    await box(page).click()
    await page.keyboard.type("123")
    await expect(box(page)).to_have_value("12-3")


@pytest.mark.parametrize("name", ["nobody", "AA-99", "unknown", "constructor"])
async def test_an_unknown_mask_is_an_error(site: Site, page: Page, name: str) -> None:
    """A mask is one of the tokenizer's: pages bring none of their own."""
    await site.show(page, field(attributes=f"id=ssn mask={name}"))
    await page.wait_for_function("ssn.problem?.code === 'mask_unknown'")
    assert await box(page).evaluate("(each) => each.closest('[inert]') !== null")
