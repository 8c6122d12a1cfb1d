"""`<secure-input>`: what people expect of a field, by keyboard and mouse."""

from playwright.async_api import Page, expect

from tests.web.elements import (
    FORM,
    SSN,
    alone_and_grouped,
    asked,
    box,
    field,
    filled,
    hear,
    posted,
    shown,
    text,
)
from tests.web.site import Site, coordinator, field_frames

FOCUS = "document.querySelector('#ssn').focus()"
ACTIVE = "document.activeElement.id"


@alone_and_grouped
async def test_a_form_posts_the_token(site: Site, page: Page) -> None:
    """The value is typed, the form posts one token, and the value is nowhere in the page."""
    await site.show(page, FORM.format(attributes="required"))
    await page.click("label")
    await expect(box(page)).to_be_focused()
    await page.keyboard.type(SSN)
    await page.click("#go")
    [token] = (await posted(site, page)).values()
    assert token.startswith("lunasec-")
    await site.grant(page, [token])
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    assert SSN not in await page.content()


@alone_and_grouped
async def test_enter_submits_by_the_default_button(site: Site, page: Page) -> None:
    """Enter is the form's first submit button: one trusted submit, with its name and value."""
    form = FORM.replace("<button id=go>", "<button name=action value=save id=go>")
    await site.show(page, form.format(attributes=""))
    await page.evaluate(
        """() => { const heard = [];
          const hear = ({ type, target, isTrusted }) => heard.push([type, target.id, isTrusted]);
          for (const name of ["submit", "change"]) addEventListener(name, hear);
          addEventListener("pagehide", () => { localStorage.heard = JSON.stringify(heard) }); }"""
    )
    await box(page).click()
    await page.keyboard.type("x")
    await page.keyboard.press("Enter")
    assert (await posted(site, page))["action"] == "save"
    heard = await page.evaluate("JSON.parse(localStorage.heard)")
    assert heard == [["change", "ssn", False], ["submit", "form", True]]


async def test_tab_order(site: Site, page: Page) -> None:
    """Tab goes into the field and out of it, both ways, as with native ones."""
    await site.show(page, f"<input id=a>{field()}<input id=b>")
    state = "document.querySelector('#ssn').matches(':state(focus)')"
    await page.focus("#a")
    await page.keyboard.press("Tab")
    await expect(box(page)).to_be_focused()
    assert await page.evaluate(ACTIVE) == "ssn"
    await page.wait_for_function(state)
    await page.keyboard.press("Tab")
    await expect(page.locator("#b")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(box(page)).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(page.locator("#a")).to_be_focused()
    await page.wait_for_function(f"!{state}")


@alone_and_grouped
async def test_tabindex(site: Site, page: Page) -> None:
    """`tabindex=-1` takes the field out of the tab order, and leaves it focusable."""
    await site.show(page, f"<input id=a>{field(attributes='id=ssn tabindex=-1')}<input id=b>")
    await page.focus("#a")
    await page.keyboard.press("Tab")
    await expect(page.locator("#b")).to_be_focused()
    await page.evaluate(FOCUS)
    await expect(box(page)).to_be_focused()


@alone_and_grouped
async def test_autofocus(site: Site, page: Page) -> None:
    """`autofocus` puts the caret into the frame."""
    await site.show(page, field(attributes="id=ssn autofocus"))
    await expect(box(page)).to_be_focused()


@alone_and_grouped
async def test_focus_and_blur_events_come_once(site: Site, page: Page) -> None:
    """Each change of focus is one event on the host."""
    await site.show(page, f"<input id=a>{field()}")
    await page.evaluate(
        """() => { window.heard = [];
          for (const name of ["focus", "blur"]) {
            document.querySelector("#ssn").addEventListener(name, () => heard.push(name));
          } }"""
    )
    await box(page).click()
    await page.wait_for_function("heard.length > 0")
    await page.click("#a")
    await page.wait_for_function("heard.length > 1")
    await page.evaluate(FOCUS)
    await expect(box(page)).to_be_focused()
    await page.click("#a")
    await page.wait_for_timeout(200)
    assert await page.evaluate("heard") == ["focus", "blur", "focus", "blur"]


@alone_and_grouped
async def test_typed_values_tell_events_without_the_value(site: Site, page: Page) -> None:
    """`input` for each change, `change` when the field is left; none has the value."""
    keys = ["keydown", "keyup", "keypress", "beforeinput", "paste"]
    await hear(page, "input", "change", *keys)
    await site.show(page, f"<input id=a>{field()}")
    await box(page).click()
    await page.keyboard.type("ab")
    await page.click("#a")
    await page.wait_for_function("heard.length > 2")
    assert await page.evaluate("heard.map(([name]) => name)") == ["input", "input", "change"]


@alone_and_grouped
async def test_disabled_by_itself_and_by_a_fieldset(site: Site, page: Page) -> None:
    """A disabled field can't be typed into, is not validated and not posted."""
    inside = field(attributes="id=ssn name=ssn required")
    await site.show(page, f"<form id=form><fieldset id=set>{inside}</fieldset></form>")
    for element in ("ssn", "set"):
        await page.evaluate(f"{element}.disabled = true")
        await expect(box(page)).to_be_disabled()
        assert not await page.evaluate("ssn.willValidate")
        assert await page.evaluate("[...new FormData(form)].length") == 0
        await page.evaluate(f"{element}.disabled = false")
        await expect(box(page)).to_be_enabled()


@alone_and_grouped
async def test_readonly(site: Site, page: Page) -> None:
    """A read-only field takes the focus and no text."""
    await site.show(page, field(attributes="id=ssn readonly"))
    await box(page).click()
    await page.keyboard.type("x")
    await expect(box(page)).to_have_value("")
    await expect(box(page)).to_have_js_property("readOnly", value=True)


@alone_and_grouped
async def test_attributes_that_change_later(site: Site, page: Page) -> None:
    """The frame follows attributes; an unknown type is text, and nothing completes by itself."""
    await site.show(page, f"<label for=ssn>One</label>{field(attributes='id=ssn type=file')}")
    before = {"type": "text", "autocomplete": "off", "spellcheck": "false", "aria-label": "One"}
    after = {
        "type": "password",
        "inputmode": "numeric",
        "placeholder": "***",
        "autocomplete": "cc-number",
        "enterkeyhint": "go",
        "aria-label": "Two",
    }
    for name, value in before.items():
        await expect(box(page)).to_have_attribute(name, value)
    for name, value in after.items():
        await page.evaluate("([name, value]) => ssn.setAttribute(name, value)", [name, value])
    for name, value in after.items():
        await expect(box(page)).to_have_attribute(name, value)


@alone_and_grouped
async def test_reset(site: Site, page: Page) -> None:
    """Reset empties what was typed, and brings back what the field began with."""
    [token] = await site.store(page, SSN)
    fields = field(attributes="id=ssn name=ssn") + field(token, "id=b name=b")
    await site.show(
        page, f"<form id=form>{fields}<button type=reset id=reset>Reset</button></form>"
    )
    await expect(filled(page, "#b")).to_have_text(SSN)
    for element in ("#ssn", "#b"):
        await box(page, element).click()
        await page.keyboard.type("new")
    await page.click("#reset")
    await expect(box(page)).to_have_value("")
    await expect(filled(page, "#b")).to_have_text(SSN)
    assert await page.evaluate("Object.fromEntries(new FormData(form))") == {"ssn": "", "b": token}


async def test_escape_is_for_the_page(site: Site, page: Page) -> None:
    """Escape in a frame reaches the page's handlers and closes the dialog around it."""
    await hear(page, "keydown")
    await site.show(page, f"<dialog id=dialog>{field()}</dialog>", wait=False)
    await page.evaluate("dialog.showModal()")
    await page.wait_for_selector("#ssn iframe.ready")
    await box(page).click()
    await page.keyboard.press("Escape")
    await page.wait_for_function("!dialog.open")
    [[*heard, _]] = await page.evaluate("heard")
    assert heard == ["keydown", "ssn", False]


@alone_and_grouped
async def test_members_of_a_control(site: Site, page: Page) -> None:
    """`value` is the token; name, form, type and labels are those of a control."""
    await site.show(page, FORM.format(attributes=""))
    members = "[ssn.value, ssn.name, ssn.form.id, ssn.type, ssn.labels[0].textContent]"
    assert await page.evaluate(members) == ["", "ssn", "form", "text", "Number"]


async def test_an_element_that_a_script_makes(site: Site, page: Page) -> None:
    """Elements that come late work like those of the page's markup."""
    await site.show(page, "<form id=form></form>")
    await page.evaluate(
        """() => { const made = document.createElement("secure-input");
          Object.assign(made, { name: "late", id: "ssn", placeholder: "made" });
          form.append(made); }"""
    )
    await page.wait_for_selector("#ssn iframe.ready")
    await expect(box(page)).to_have_attribute("placeholder", "made")
    assert await page.evaluate("[...new FormData(form).keys()]") == ["late"]
    assert len(field_frames(page)) == 1


@alone_and_grouped
async def test_a_page_without_values_asks_for_none(site: Site, page: Page) -> None:
    """An empty field costs the session and no more."""
    reads = asked(page, "/detokenize")
    await site.show(page, field())
    assert coordinator(page).url.endswith("/frame/payroll/coordinator")
    await page.wait_for_timeout(300)
    assert not reads
