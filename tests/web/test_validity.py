"""The validity of what is typed: like a native field's, and told to the form."""

import pytest
from playwright.async_api import Page, expect

from tests.web.elements import FORM, alone_and_grouped, box, field, posted, problem
from tests.web.site import Site


@pytest.mark.parametrize(
    ("attributes", "typed", "flag"),
    [
        ("required", "", "valueMissing"),
        ("type=email", "nobody", "typeMismatch"),
        ("minlength=4", "abc", "tooShort"),
        ("validator=ssn", "123", "patternMismatch"),
        ("validator=employee-id", "E12", "patternMismatch"),
    ],
)
@alone_and_grouped
async def test_what_is_wrong(
    site: Site, page: Page, attributes: str, typed: str, flag: str
) -> None:
    """A wrong value is `:invalid`, says why, and holds the form back."""
    await site.show(page, FORM.format(attributes=attributes))
    await box(page).click()
    await page.keyboard.type(typed)
    await page.wait_for_function("(flag) => ssn.validity[flag]", arg=flag)
    assert await page.evaluate("ssn.matches(':invalid') && ssn.validationMessage !== ''")
    assert not await page.evaluate("ssn.matches(':state(user-invalid)')")
    await page.click("#go")
    await page.wait_for_timeout(200)
    assert not site.posts
    assert await page.evaluate("ssn.matches(':state(user-invalid)')")
    await expect(box(page)).to_have_attribute("aria-invalid", "true")


@alone_and_grouped
async def test_what_is_put_right(site: Site, page: Page) -> None:
    """A corrected value is `:valid` again, and posted."""
    await site.show(page, FORM.format(attributes="validator=ssn required"))
    await box(page).click()
    await page.keyboard.type("219-09-999")
    await page.click("#go")
    await box(page).click()
    await page.keyboard.press("End")
    await page.keyboard.type("9")
    await page.wait_for_function("ssn.matches(':valid')")
    await page.click("#go")
    assert (await posted(site, page))["ssn"].startswith("lunasec-")


LEFT = """(page) => [...document.querySelectorAll("#native, #ssn")].map((each) =>
  each.matches(each.id === "native" ? ":user-invalid" : ":state(user-invalid)"))"""


@pytest.mark.parametrize("reset", [False, True])
@alone_and_grouped
async def test_typed_and_deleted_again(site: Site, page: Page, *, reset: bool) -> None:
    """Who leaves a field that they edited and left empty is told, as a native one tells it."""
    body = "<form id=form><input id=native required>{}<button type=reset id=undo>x</button></form>"
    await site.show(page, body.format(field(attributes="id=ssn required")))
    native, ours = page.locator("#native"), box(page)
    for each in (native, ours):
        await each.click()
        await page.keyboard.press("Tab")
    assert await page.evaluate(LEFT) == [False, False], "nobody typed"
    for each in (native, ours):
        await each.click()
        await page.keyboard.type("x")
        await page.keyboard.press("Backspace")
        await expect(each).to_have_value("")
    await page.wait_for_function("ssn.validity.valueMissing")
    assert await page.evaluate(LEFT) == [True, False], "the second is not left yet"
    if reset:
        await page.evaluate("form.reset()")
        assert await page.evaluate(LEFT) == [False, False]
    await native.focus()
    await page.wait_for_function("!ssn.matches(':state(focus)')")
    assert await page.evaluate(LEFT) == [not reset, not reset]


@alone_and_grouped
async def test_maxlength(site: Site, page: Page) -> None:
    """No more is typed than `maxlength` allows."""
    await site.show(page, field(attributes="id=ssn maxlength=4"))
    await box(page).click()
    await page.keyboard.type("abcdefg")
    await expect(box(page)).to_have_value("abcd")


@alone_and_grouped
async def test_custom_validity(site: Site, page: Page) -> None:
    """`setCustomValidity` holds the form back until it is taken away."""
    await site.show(page, FORM.format(attributes=""))
    await page.evaluate("ssn.setCustomValidity('Not today')")
    found = await page.evaluate("[ssn.checkValidity(), ssn.validationMessage]")
    assert found == [False, "Not today"]
    await page.evaluate("ssn.setCustomValidity('')")
    assert await page.evaluate("ssn.checkValidity()")


@alone_and_grouped
async def test_custom_validity_is_told_inside(site: Site, page: Page) -> None:
    """A screen reader in the frame hears what the page's own check found, and that it is over."""
    await site.show(page, FORM.format(attributes=""))
    await page.evaluate("ssn.setCustomValidity('Not today')")
    await page.click("#go")
    await expect(box(page)).to_have_attribute("aria-invalid", "true")
    await expect(box(page)).to_have_attribute("aria-description", "Not today")
    await page.evaluate("ssn.setCustomValidity('')")
    await expect(box(page)).not_to_have_attribute("aria-invalid", "true")
    await expect(box(page)).not_to_have_attribute("aria-description", "Not today")


@alone_and_grouped
async def test_what_is_wrong_is_read_out(site: Site, page: Page) -> None:
    """A screen reader hears why a value is wrong, before the page's own words for the field."""
    hint = "<p id=hint>As on your card</p>"
    await site.show(page, hint + FORM.format(attributes="validator=ssn aria-describedby=hint"))
    await box(page).click()
    await page.keyboard.type("123")
    await expect(box(page)).to_have_attribute("aria-description", "As on your card")
    await page.click("#go")
    message = await page.evaluate("ssn.validationMessage")
    assert message.startswith("Enter a Social Security number")
    await expect(box(page)).to_have_attribute("aria-description", f"{message} As on your card")


async def test_a_validator_that_changes_makes_a_new_frame(site: Site, page: Page) -> None:
    """Within one document a validator is named once."""
    await site.show(page, field(attributes="id=ssn validator=ssn"))
    await box(page).click()
    await page.keyboard.type("E123456")
    await page.wait_for_function("ssn.matches(':invalid')")
    await page.evaluate("ssn.setAttribute('validator', 'employee-id')")
    await page.wait_for_selector("#ssn iframe.ready")
    await expect(box(page)).to_have_value("")
    await box(page).click()
    await page.keyboard.type("E123456")
    await page.wait_for_function("ssn.pending && ssn.checkValidity()")


@pytest.mark.parametrize("name", ["nobody", "SSN"])
@alone_and_grouped
async def test_an_unknown_validator_is_an_error(site: Site, page: Page, name: str) -> None:
    """A value that nobody would check is not taken."""
    await site.show(page, field(attributes=f"id=ssn validator={name}"))
    await problem(page, "validator_unknown", "#ssn")
    assert await box(page).evaluate("(each) => each.closest('[inert]') !== null")


async def test_a_length_that_is_none_is_none(site: Site, page: Page) -> None:
    """As of a native field: what is no number, or below 0, is -1."""
    await site.show(page, field())
    for written, read in (("3", 3), ("abc", -1), ("-3", -1), ("", -1)):
        script = "(written) => { ssn.setAttribute('maxlength', written); return ssn.maxLength }"
        assert await page.evaluate(script, written) == read
    assert await page.evaluate("ssn.minLength") == -1
