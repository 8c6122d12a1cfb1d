"""`<secure-input>`: what people expect of a field, by keyboard and mouse."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.web.site import Site, field_frames

SSN = "219-09-9999"
FORM = """
<form id=form method=post action=/form>
  <label for=ssn>Number</label>
  <secure-input id=ssn name=ssn {attributes}></secure-input>
  <button id=go>Save</button>
</form>"""


def box(page: Page, element: str = "#ssn") -> Locator:
    """Find the text box inside an element's frame."""
    return page.frame_locator(f"{element} iframe").locator("input")


async def posted(page: Page) -> None:
    """Wait until the form has arrived."""
    await page.wait_for_selector("#posted")


async def events(page: Page, *names: str) -> None:
    """Write down the events that reach the document, as `window.heard`."""
    await page.evaluate(
        """(names) => {
          window.heard = [];
          for (const name of names) addEventListener(name, (event) => {
            heard.push([event.type, event.target.id, event.isTrusted]);
          }, true);
        }""",
        list(names),
    )


async def test_a_form_posts_the_token(site: Site, page: Page) -> None:
    """The value is typed, the form posts one token, and the value is nowhere in the page."""
    await site.show(page, FORM.format(attributes="required"))
    await page.click("label")
    await page.keyboard.type(SSN)
    await page.click("#go")
    await posted(page)
    post = site.posts.pop()
    assert post["ssn"].startswith("lunasec-")
    await site.grant(page, [post["ssn"]])
    await site.show(page, f'<secure-text id=shown token="{post["ssn"]}"></secure-text>')
    await expect(page.frame_locator("#shown iframe").locator("span")).to_have_text(SSN)
    assert SSN not in await page.content()


async def test_enter_submits_by_the_default_button(site: Site, page: Page) -> None:
    """Enter is the form's first submit button: one trusted submit, with its name and value."""
    form = FORM.replace("<button id=go>", "<button name=action value=save id=go>")
    await site.show(page, form.format(attributes=""))
    await events(page, "submit", "change")
    await page.evaluate("addEventListener('pagehide', () => localStorage.heard = JSON.stringify(heard))")
    await box(page).click()
    await page.keyboard.type("x")
    await page.keyboard.press("Enter")
    await posted(page)
    assert site.posts.pop()["action"] == "save"
    heard = await page.evaluate("JSON.parse(localStorage.heard)")
    assert heard == [["change", "ssn", False], ["submit", "form", True]]


async def test_tab_order(site: Site, page: Page) -> None:
    """Tab goes into the field and out of it, both ways, as with native ones."""
    await site.show(page, "<input id=a><secure-input id=ssn></secure-input><input id=b>")
    await page.focus("#a")
    await page.keyboard.press("Tab")
    await expect(box(page)).to_be_focused()
    assert await page.evaluate("document.activeElement.id") == "ssn"
    assert await page.evaluate("document.querySelector('#ssn').matches(':state(focus)')")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "b"
    await page.keyboard.press("Shift+Tab")
    await expect(box(page)).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    assert await page.evaluate("document.activeElement.id") == "a"
    assert not await page.evaluate("document.querySelector('#ssn').matches(':state(focus)')")


async def test_tabindex(site: Site, page: Page) -> None:
    """`tabindex=-1` takes the field out of the tab order, and leaves it focusable."""
    await site.show(page, "<input id=a><secure-input id=ssn tabindex=-1></secure-input><input id=b>")
    await page.focus("#a")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "b"
    await page.evaluate("document.querySelector('#ssn').focus()")
    await expect(box(page)).to_be_focused()


async def test_autofocus(site: Site, page: Page) -> None:
    """`autofocus` puts the caret into the frame."""
    await site.show(page, "<secure-input id=ssn autofocus></secure-input>")
    await expect(box(page)).to_be_focused()


async def test_focus_and_blur_events_come_once(site: Site, page: Page) -> None:
    """Each change of focus is one event on the host."""
    await site.show(page, "<input id=a><secure-input id=ssn></secure-input>")
    await page.evaluate(
        """() => { window.heard = [];
          for (const name of ["focus", "blur"]) {
            document.querySelector("#ssn").addEventListener(name, () => heard.push(name));
          } }"""
    )
    await box(page).click()
    await page.click("#a")
    await page.evaluate("document.querySelector('#ssn').focus()")
    await expect(box(page)).to_be_focused()
    await page.click("#a")
    await page.wait_for_timeout(100)
    assert await page.evaluate("heard") == ["focus", "blur", "focus", "blur"]


async def test_typed_values_tell_events_without_the_value(site: Site, page: Page) -> None:
    """`input` for each change, `change` when the field is left; none has the value."""
    await site.show(page, "<input id=a><secure-input id=ssn></secure-input>")
    await events(page, "input", "change", "keydown", "keyup", "keypress", "beforeinput", "paste")
    await box(page).click()
    await page.keyboard.type("ab")
    await page.click("#a")
    await page.wait_for_function("heard.length > 2")
    assert await page.evaluate("heard.map(([name]) => name)") == ["input", "input", "change"]


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
async def test_validity_of_what_is_typed(
    site: Site, page: Page, attributes: str, typed: str, flag: str
) -> None:
    """A wrong value is `:invalid`, says why, and holds the form back."""
    await site.show(page, FORM.format(attributes=attributes))
    await box(page).click()
    await page.keyboard.type(typed)
    host = page.locator("#ssn")
    await page.wait_for_function("(flag) => document.querySelector('#ssn').validity[flag]", arg=flag)
    assert await host.evaluate("(each) => each.matches(':invalid') && each.validationMessage !== ''")
    assert not await host.evaluate("(each) => each.matches(':state(user-invalid)')")
    await page.click("#go")
    await page.wait_for_timeout(200)
    assert not site.posts
    assert await host.evaluate("(each) => each.matches(':state(user-invalid)')")
    await expect(box(page)).to_have_attribute("aria-invalid", "true")


async def test_validity_comes_back(site: Site, page: Page) -> None:
    """A corrected value is `:valid` again, and posted."""
    await site.show(page, FORM.format(attributes="validator=ssn required"))
    await box(page).click()
    await page.keyboard.type("219-09-999")
    await page.click("#go")
    await box(page).click()
    await page.keyboard.press("End")
    await page.keyboard.type("9")
    await page.wait_for_function("document.querySelector('#ssn').matches(':valid')")
    await page.click("#go")
    await posted(page)
    assert site.posts.pop()["ssn"].startswith("lunasec-")


async def test_maxlength(site: Site, page: Page) -> None:
    """No more is typed than `maxlength` allows."""
    await site.show(page, "<secure-input id=ssn maxlength=4></secure-input>")
    await box(page).click()
    await page.keyboard.type("abcdefg")
    await expect(box(page)).to_have_value("abcd")


async def test_custom_validity(site: Site, page: Page) -> None:
    """`setCustomValidity` holds the form back until it is taken away."""
    await site.show(page, FORM.format(attributes=""))
    host = page.locator("#ssn")
    await host.evaluate("(each) => each.setCustomValidity('Not today')")
    assert await host.evaluate("(each) => [each.checkValidity(), each.validationMessage]") == [False, "Not today"]
    await host.evaluate("(each) => each.setCustomValidity('')")
    assert await host.evaluate("(each) => each.checkValidity()")


async def test_disabled_by_itself_and_by_a_fieldset(site: Site, page: Page) -> None:
    """A disabled field can't be typed into, is not validated and not posted."""
    body = "<fieldset id=set><secure-input id=ssn name=ssn required></secure-input></fieldset>"
    await site.show(page, f"<form method=post action=/form id=form>{body}<button id=go>Go</button></form>")
    host = page.locator("#ssn")
    for on, off in [
        ("ssn.disabled = true", "ssn.disabled = false"),
        ("set.disabled = true", "set.disabled = false"),
    ]:
        await page.evaluate(on)
        await expect(box(page)).to_be_disabled()
        assert not await host.evaluate("(each) => each.willValidate")
        assert await page.evaluate("[...new FormData(form)].length") == 0
        await page.evaluate(off)
        await expect(box(page)).to_be_enabled()


async def test_readonly(site: Site, page: Page) -> None:
    """A read-only field takes the focus and no text."""
    await site.show(page, "<secure-input id=ssn readonly></secure-input>")
    await box(page).click()
    await page.keyboard.type("x")
    await expect(box(page)).to_have_value("")
    await expect(box(page)).to_have_js_property("readOnly", value=True)


async def test_attributes_that_change_later(site: Site, page: Page) -> None:
    """The frame follows attributes at any time; unknown types are text, and nothing is completed."""
    await site.show(page, "<label for=ssn>One</label><secure-input id=ssn type=file></secure-input>")
    inner = box(page)
    await expect(inner).to_have_attribute("type", "text")
    await expect(inner).to_have_attribute("autocomplete", "off")
    await expect(inner).to_have_attribute("spellcheck", "false")
    await expect(inner).to_have_attribute("aria-label", "One")
    await page.evaluate(
        """() => { const each = document.querySelector("#ssn");
          each.setAttribute("type", "password"); each.setAttribute("inputmode", "numeric");
          each.setAttribute("placeholder", "***"); each.setAttribute("autocomplete", "cc-number");
          each.setAttribute("enterkeyhint", "go"); each.setAttribute("aria-label", "Two"); }"""
    )
    await expect(inner).to_have_attribute("type", "password")
    await expect(inner).to_have_attribute("inputmode", "numeric")
    await expect(inner).to_have_attribute("placeholder", "***")
    await expect(inner).to_have_attribute("autocomplete", "cc-number")
    await expect(inner).to_have_attribute("enterkeyhint", "go")
    await expect(inner).to_have_attribute("aria-label", "Two")


async def test_a_validator_that_changes_makes_a_new_frame(site: Site, page: Page) -> None:
    """Within one document a validator is named once."""
    await site.show(page, "<secure-input id=ssn validator=ssn></secure-input>")
    await box(page).click()
    await page.keyboard.type("E123456")
    await page.wait_for_function("document.querySelector('#ssn').matches(':invalid')")
    await page.evaluate("document.querySelector('#ssn').setAttribute('validator', 'employee-id')")
    await page.wait_for_selector("#ssn iframe.ready")
    await expect(box(page)).to_have_value("")
    await box(page).click()
    await page.keyboard.type("E123456")
    await page.wait_for_function("document.querySelector('#ssn').pending")
    assert await page.evaluate("document.querySelector('#ssn').checkValidity()")


async def test_an_unknown_validator_is_an_error(site: Site, page: Page) -> None:
    """A value that nobody would check is not taken."""
    await site.show(page, "<secure-input id=ssn validator=nobody></secure-input>")
    await page.wait_for_function("document.querySelector('#ssn').problem?.code === 'validator_unknown'")
    assert not await box(page).is_editable() or await box(page).evaluate("(each) => each.closest('[inert]') !== null")


async def test_reset(site: Site, page: Page) -> None:
    """Reset empties what was typed, and brings back what the field began with."""
    [token] = await site.store(page, SSN)
    body = f'<secure-input id=ssn name=ssn></secure-input><secure-input id=b name=b token="{token}"></secure-input>'
    await site.show(page, f"<form id=form>{body}<button type=reset id=reset>Reset</button></form>")
    await expect(box(page, "#b")).to_have_value(SSN)
    for element in ("#ssn", "#b"):
        await box(page, element).click()
        await page.keyboard.type("new")
    await page.click("#reset")
    await expect(box(page)).to_have_value("")
    await expect(box(page, "#b")).to_have_value(SSN)
    assert await page.evaluate("Object.fromEntries(new FormData(form))") == {"ssn": "", "b": token}


async def test_escape_is_for_the_page(site: Site, page: Page) -> None:
    """Escape in a frame reaches the page's handlers and closes the dialog around it."""
    await site.show(page, "<dialog id=dialog><secure-input id=ssn></secure-input></dialog>", wait=False)
    await page.evaluate("document.querySelector('#dialog').showModal()")
    await page.wait_for_selector("#ssn iframe.ready")
    await events(page, "keydown")
    await box(page).click()
    await page.keyboard.press("Escape")
    await page.wait_for_function("!document.querySelector('#dialog').open")
    assert await page.evaluate("heard") == [["keydown", "ssn", False]]


async def test_value_and_form_members(site: Site, page: Page) -> None:
    """`value` is the token; name, form, type and labels are those of a control."""
    await site.show(page, FORM.format(attributes=""))
    host = page.locator("#ssn")
    assert await host.evaluate(
        "(each) => [each.value, each.name, each.form.id, each.type, each.labels[0].textContent]"
    ) == ["", "ssn", "form", "secure-input", "Number"]
    await box(page).click()
    await page.keyboard.type("x")
    await page.evaluate(
        "import(document.querySelector('script').src).then(({ lunasec }) => lunasec.ready(form))"
    )
    assert (await host.evaluate("(each) => each.value")).startswith("lunasec-")
    assert len(field_frames(page)) == 1
