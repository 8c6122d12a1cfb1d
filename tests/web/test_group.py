"""`<secure-group>`: fields in one frame, which behave as the page's own controls."""

from playwright.async_api import Page, expect
from playwright.async_api import TimeoutError as Timeout

from tests.web.elements import (
    FORM,
    LIBRARY,
    SSN,
    asked,
    box,
    button,
    field,
    hear,
    in_a_group,
    inside,
    posted,
    shown,
    text,
    type_into,
)
from tests.web.site import Site, field_frames, settled

STYLE = "<style>body { margin: 0; font: 16px sans-serif } button { padding: 4px }</style>"


@in_a_group
async def test_the_page_between_is_clickable(site: Site, page: Page) -> None:
    """Clicks on what is not a field arrive in the page, and rows of mere values are clickable."""
    [token] = await site.store(page, SSN)
    link = "<a href='#there' id=link>link</a><button id=go type=button>go</button>"
    await site.show(page, f"{STYLE}{field()}{link}<input id=own>{text(token, 'id=a')}")
    await page.evaluate(
        "() => { window.clicks = []; onclick = ({ target }) => clicks.push(target.id) }"
    )
    for element in ("#link", "#go", "#own"):
        await page.click(element)
    assert await page.evaluate("[clicks, document.activeElement.id]") == [
        ["link", "go", "own"],
        "own",
    ]
    await page.evaluate("ssn.remove()")
    await page.wait_for_timeout(100)
    await page.mouse.click(*await middle(page, "#a"))
    assert await page.evaluate("clicks.at(-1)") == "a"


async def middle(page: Page, element: str) -> tuple[float, float]:
    """Find the middle of an element in the window."""
    found = await page.locator(element).bounding_box()
    assert found is not None
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


@in_a_group
async def test_tab_goes_by_the_pages_order(site: Site, page: Page) -> None:
    """Tab goes through fields and the page's own controls as they stand, in and out, both ways."""
    [token] = await site.store(page, SSN)
    inner = [
        field(attributes="id=one"),
        field(attributes="id=two"),
        "<button id=between>between</button>",
        text(token, "id=plain"),
        text(token, "id=secret reveal=click"),
        "<button disabled>no</button><a id=link href=#>link</a>",
        field(attributes="id=three"),
    ]
    await site.show(page, "".join(inner))
    await page.evaluate(
        """() => { for (const id of ["before", "after"]) {
          const made = Object.assign(document.createElement("input"), { id });
          if (id === "before") document.body.prepend(made); else document.body.append(made);
        } }"""
    )
    where = """() => document.activeElement.id || [...document.querySelectorAll(":state(focus)")]
      .map(({ id }) => id).join()"""
    order = ["before", "one", "two", "between", "secret", "link", "three", "after"]
    await expect(inside(page, "#secret").locator("button")).to_be_visible()
    await page.focus("#before")
    walk = [("Tab", each) for each in order[1:]] + [("Shift+Tab", each) for each in order[-2::-1]]
    for key, element in walk:
        await page.keyboard.press(key)
        arrived = page.wait_for_function(f"({where})() === '{element}'", timeout=10_000)
        try:
            await arrived
        except Timeout:
            assert await page.evaluate(where) == element, f"after {key}"


@in_a_group
async def test_a_label_and_escape(site: Site, page: Page) -> None:
    """A label's click focuses its field; Escape and focus reach the field's own listeners."""
    await hear(page, "keydown")
    body = f"<label for=b>Number</label>{field()}{field(attributes='id=b')}"
    await site.show(page, body)
    await page.evaluate(
        """() => { window.events = []; for (const host of [ssn, b])
          for (const type of ["focus", "blur"])
            host.addEventListener(type, () => events.push(type + host.id)) }"""
    )
    await page.click("label")
    await expect(box(page, "#b")).to_be_focused()
    await expect(box(page, "#b")).to_have_attribute("aria-label", "Number")
    await page.keyboard.press("Escape")
    await page.wait_for_function("heard.length > 0")
    assert [each[1] for each in await page.evaluate("heard")] == ["b"]
    await box(page).click()
    await page.wait_for_function("events.length > 2")
    assert await page.evaluate("events") == ["focusb", "blurb", "focusssn"]


@in_a_group
async def test_what_autofill_looks_for(site: Site, page: Page) -> None:
    """A browser finds one form, with a name and a purpose for each field, and offers a card."""
    kinds = ("cc-name", "cc-number", "cc-exp", "cc-csc", "address-line1", "address-level2")
    await site.show(page, "".join(field(attributes=f"autocomplete={each}") for each in kinds))
    found = await field_frames(page)[0].evaluate(
        """() => [...document.forms].map((form) => [form.autocomplete,
          [...form.elements].map(({ name, autocomplete }) => [name, autocomplete])])"""
    )
    assert found == [["on", [[each, each] for each in kinds]]]


@in_a_group
async def test_enter_in_the_only_field(site: Site, page: Page) -> None:
    """The frame's own form is never submitted, not even where it has but one field."""
    said: list[str] = []
    page.on("console", lambda each: said.append(each.text))
    await site.show(page, FORM.format(attributes=""))
    await type_into(page, "x")
    await page.evaluate(
        "() => { form.onsubmit = (event) => { event.preventDefault(); window.sent = 1 } }"
    )
    await page.keyboard.press("Enter")
    await page.wait_for_function("window.sent")
    assert await box(page).input_value() == ""
    assert not [each for each in said if "form" in each]


@in_a_group
async def test_a_frame_that_is_reloaded_has_each_stop_once(site: Site, page: Page) -> None:
    """A new document is told of all fields anew, and the page is as before."""
    await site.show(page, field() + field(attributes="id=b"))
    await field_frames(page)[0].evaluate("location.reload()")
    await page.wait_for_timeout(700)
    await expect(page.frame_locator("secure-group iframe").locator("input")).to_have_count(2)
    stops = "[ssn, b].map((each) => each.box.querySelectorAll('i').length)"
    assert await page.evaluate(stops) == [1, 1]


async def test_a_group_stands_in_a_form_or_around_it(site: Site, page: Page) -> None:
    """The form posts both tokens; Enter submits it once, and the frame's own form nothing."""
    inner = field(attributes="id=ssn name=ssn") + field(attributes="id=b name=b")
    start, button = "<form id=form method=post action=/form>", "<button>go</button>"
    group = "<secure-group>"
    around = f"{group}{start}{inner}{button}</form></secure-group>"
    for form in (f"{start}{group}{inner}</secure-group>{button}</form>", around):
        await site.show(page, form)
        inputs = page.frame_locator("secure-group iframe").locator("input")
        for at, value in enumerate(("one", "two")):
            await inputs.nth(at).click()
            await page.keyboard.type(value)
        await page.wait_for_function("ssn.pending && b.pending")
        await page.keyboard.press("Enter")
        tokens = await posted(site, page)
        assert sorted(tokens) == ["b", "ssn"]
        assert len(set(tokens.values())) == 2


@in_a_group
async def test_an_error_stands_in_the_page(site: Site, page: Page) -> None:
    """What is wrong is said in the field's own place, and the frame is cut out of it."""
    tokens = await site.store(page, SSN, "two", grant=False)
    await site.grant(page, tokens[1:])
    await site.show(page, text(tokens[0], "id=a") + text(tokens[1], "id=b"))
    await expect(shown(page, "#b")).to_have_text("two")
    await expect(page.locator("#a [part=message]")).to_be_visible()
    await page.wait_for_function(
        "document.querySelector('secure-group').iframe.style.clipPath.split('M').length === 2"
    )


@in_a_group
async def test_several_values_are_not_copied(site: Site, page: Page) -> None:
    """A selection over values is nobody's: it stays where it is; what is typed is its owner's."""
    rights = ["clipboard-read", "clipboard-write"]
    await page.context.grant_permissions(rights, origin=site.origin)
    tokens = await site.store(page, SSN, "two")
    body = "<textarea id=thief></textarea>" + field() + text(tokens[0], "id=a") + text(tokens[1])
    await site.show(page, body)
    await expect(shown(page, "#a")).to_have_text(SSN)
    await page.evaluate("navigator.clipboard.writeText('before')")
    frame = field_frames(page)[0]
    for what in ("document.body", "document.querySelectorAll('span')[1]"):
        await shown(page, "#a").click()
        await frame.evaluate(f"getSelection().selectAllChildren({what})")
        assert SSN in await frame.evaluate("getSelection().toString()")
        await page.keyboard.press("Control+c")
        assert await page.evaluate("navigator.clipboard.readText()") == "before"
    await type_into(page, "mine")
    for key in ("Control+a", "Control+c"):
        await page.keyboard.press(key)
    await page.click("#thief")
    await page.keyboard.press("Control+v")
    assert await page.input_value("#thief") == "mine"


async def test_many_frames_point_to_the_group(site: Site, page: Page) -> None:
    """Past 20 frames of one field each the console says, once, that a group is faster."""
    said: list[str] = []
    page.on("console", lambda each: said.append(each.text))
    await site.show(page, field("", "") * 20)
    assert not [each for each in said if "ungrouped" in each]
    await site.show(page, field("", "") * 23)
    await settled(page)
    [hint] = [each for each in said if "ungrouped" in each]
    assert hint == f"lunasec: ungrouped, see {site.tokenizer.origin}/errors#ungrouped"


@in_a_group
async def test_a_group_reads_once(site: Site, page: Page) -> None:
    """All values of a group are one request, and `ready` is one store for all that was typed."""
    tokens = await site.store(page, *(f"value {at}" for at in range(30)))
    reads, stored = asked(page, "/detokenize"), asked(page, "/tokenize")
    fields = "".join(field(attributes=f"id=f{at} name=f{at}") for at in range(2))
    body = "".join(text(token, f"id=t{at}") for at, token in enumerate(tokens))
    await site.show(page, f"<form id=form>{fields}</form>{body}")
    for at in range(30):
        await expect(shown(page, f"#t{at}")).to_have_text(f"value {at}")
    for at in range(2):
        await type_into(page, "x", f"#f{at}")
    await page.evaluate(LIBRARY + "lunasec.ready(form))")
    assert (len(reads), len(stored)) == (1, 1)


@in_a_group
async def test_a_gesture_and_expiry_are_each_fields_own(site: Site, page: Page) -> None:
    """One field's grant ends, or its value is masked, and the others' stay."""
    tokens = await site.store(page, "one", "two", grant=False)
    await site.grant(page, tokens[:1], expires_in=3)
    await site.grant(page, tokens[1:])
    await site.show(page, text(tokens[0], "id=a") + text(tokens[1], "id=b remask=600"))
    await expect(shown(page, "#a")).to_have_text("one")
    await button(page, "#b").click()
    await expect(shown(page, "#b")).to_have_text("•" * 8)
    await button(page, "#b").click()
    await expect(shown(page, "#a")).to_have_text("•" * 8)
    await expect(shown(page, "#b")).to_have_text("two")
