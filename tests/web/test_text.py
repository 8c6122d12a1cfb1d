"""`<secure-text>`: a stored value is seen by the person and by nobody else."""

import pytest
from playwright.async_api import Browser, Locator, Page, Request, expect

from tests.web.site import Site, field_frames

SSN = "219-09-9999"


def shown(page: Page, element: str = "secure-text") -> Locator:
    """Find what an element's frame shows."""
    return page.frame_locator(f"{element} iframe").locator("span")


def button(page: Page, element: str = "secure-text") -> Locator:
    """Find the button in an element's frame."""
    return page.frame_locator(f"{element} iframe").locator("button")


async def problem(page: Page, code: str, element: str = "secure-text") -> None:
    """Wait until an element says what is wrong, in its own box and to scripts."""
    await page.wait_for_function(
        "([element, code]) => document.querySelector(element).problem?.code === code",
        arg=[element, code],
    )
    host = page.locator(element)
    await expect(host).to_have_attribute("aria-invalid", "true")
    await expect(host.locator("[part=message]")).not_to_be_empty()
    assert await host.evaluate("(each) => each.matches(':state(error)')")


async def heard(page: Page, *names: str) -> None:
    """Write down what these events tell, from the start of the next page on."""
    await page.add_init_script(
        "window.heard = []; for (const name of " + repr(list(names)) + ") addEventListener(name, "
        "(event) => heard.push([event.type, event.target.id, event.detail]))"
    )


async def test_shows_a_granted_value(site: Site, page: Page) -> None:
    """The value stands in the frame, `secure-ready` tells so, and the page has no copy of it."""
    [token] = await site.store(page, SSN)
    await heard(page, "secure-ready", "secure-error")
    await site.show(page, f'<secure-text id=a token="{token}"></secure-text>')
    await expect(shown(page)).to_have_text(SSN)
    assert await page.evaluate("heard") == [["secure-ready", "a", None]]
    await expect(button(page)).to_be_hidden()
    assert SSN not in await page.content()


async def test_a_page_asks_once_for_all_of_its_values(site: Site, page: Page) -> None:
    """Many elements, some of them the same token, are one request; so is each later batch."""
    tokens = await site.store(page, *(f"value {at}" for at in range(20)))
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each) if each.url.endswith("/detokenize") else None)
    texts = "".join(f'<secure-text id=t{at} token="{token}"></secure-text>' for at, token in enumerate(tokens))
    await site.show(page, f'{texts}<secure-input token="{tokens[0]}"></secure-input>')
    for at in range(20):
        await expect(shown(page, f"#t{at}")).to_have_text(f"value {at}")
    assert len(asked) == 1
    await page.evaluate("document.querySelectorAll('secure-text').forEach((each) => each.refresh())")
    await page.wait_for_timeout(500)
    assert len(asked) == 2


async def test_not_granted(site: Site, page: Page) -> None:
    """Without a grant there is one short answer, and no second try."""
    [token] = await site.store(page, SSN, grant=False)
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each) if each.url.endswith("/detokenize") else None)
    await heard(page, "secure-error", "secure-ready")
    await site.show(page, f'<secure-text id=a token="{token}"></secure-text>')
    await problem(page, "not_granted")
    await page.wait_for_timeout(3_000)
    assert len(asked) == 1
    [[_, _, detail]] = await page.evaluate("heard")
    assert detail == {"code": "not_granted", "message": "Not available", "docs": "docs/protocol.md#not_granted"}
    await site.grant(page, [token])
    await page.evaluate("document.querySelector('secure-text').refresh()")
    await expect(shown(page)).to_have_text(SSN)
    await expect(page.locator("secure-text")).not_to_have_attribute("aria-invalid", "true")


async def test_one_bad_token_spoils_no_other(site: Site, page: Page) -> None:
    """A mistyped token fails alone, though all are asked for together."""
    [token] = await site.store(page, SSN)
    typo = token[:-1] + ("A" if token[-1] != "A" else "B")
    await site.show(page, f'<secure-text id=a token="{token}"></secure-text><secure-text id=b token="{typo}"></secure-text>'
                          '<secure-text id=c token="219-09-9999"></secure-text>')
    await expect(shown(page, "#a")).to_have_text(SSN)
    await problem(page, "not_granted", "#b")
    await problem(page, "token_malformed", "#c")


async def test_a_token_that_changes(site: Site, page: Page) -> None:
    """The frame shows the value of the attribute that stands now; none shows nothing."""
    tokens = await site.store(page, "one", "two")
    await site.show(page, f'<secure-text token="{tokens[0]}"></secure-text>')
    await expect(shown(page)).to_have_text("one")
    await page.evaluate("(token) => { document.querySelector('secure-text').token = token }", tokens[1])
    await expect(shown(page)).to_have_text("two")
    await page.evaluate("document.querySelector('secure-text').removeAttribute('token')")
    await expect(shown(page)).to_have_text("")


async def test_reveal_by_click_and_by_keyboard(site: Site, page: Page) -> None:
    """Nothing is asked for before the gesture, and the button hides the value again."""
    [token] = await site.store(page, SSN)
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each) if each.url.endswith("/detokenize") else None)
    await site.show(page, f'<secure-text reveal=click token="{token}" aria-label="Number"></secure-text>')
    await expect(shown(page)).to_have_text("••••••••")
    await expect(button(page)).to_have_attribute("aria-label", "Show Number")
    assert not asked
    await button(page).click()
    await expect(shown(page)).to_have_text(SSN)
    await button(page).click()
    await expect(shown(page)).to_have_text("••••••••")
    await page.keyboard.press("Enter")
    await expect(shown(page)).to_have_text(SSN)
    assert len(asked) == 2


async def test_remask(site: Site, page: Page) -> None:
    """After so many seconds the value is gone from the frame, until it is asked for again."""
    [token] = await site.store(page, SSN)
    await site.show(page, f'<secure-text remask=1 token="{token}"></secure-text>')
    await expect(shown(page)).to_have_text(SSN)
    await expect(shown(page)).to_have_text("••••••••")
    assert SSN not in await field_frames(page)[0].content()
    await button(page).click()
    await expect(shown(page)).to_have_text(SSN)


async def test_the_end_of_a_grant(site: Site, page: Page) -> None:
    """A value is gone with its grant, the page hears of it, and may ask anew."""
    [token] = await site.store(page, SSN, grant=False)
    await site.grant(page, [token], expires_in=3)
    await heard(page, "secure-expired")
    await site.show(page, f'<secure-text id=a token="{token}"></secure-text>')
    await expect(shown(page)).to_have_text(SSN)
    await expect(shown(page)).to_have_text("••••••••")
    assert await page.evaluate("heard") == [["secure-expired", "a", None]]
    assert SSN not in await field_frames(page)[0].content()
    await site.grant(page, [token])
    await page.evaluate("document.querySelector('secure-text').refresh()")
    await expect(shown(page)).to_have_text(SSN)


async def test_moved_removed_and_added_again(site: Site, page: Page) -> None:
    """An element that moves gets a new frame and shows its value again; a removed one has none."""
    [token] = await site.store(page, SSN)
    await site.show(page, f'<div id=one><secure-text token="{token}"></secure-text></div><div id=two></div>')
    await expect(shown(page)).to_have_text(SSN)
    await page.evaluate("two.append(document.querySelector('secure-text'))")
    await expect(shown(page)).to_have_text(SSN)
    await page.evaluate("window.kept = document.querySelector('secure-text'); kept.remove()")
    await expect(page.locator("iframe:not([hidden])")).to_have_count(0)
    await page.evaluate("one.append(kept)")
    await expect(shown(page)).to_have_text(SSN)
    await page.evaluate("one.insertBefore(document.createElement('p'), kept); document.body.moveBefore?.(kept, null)")
    await expect(shown(page)).to_have_text(SSN)


async def test_a_frame_that_is_reloaded(site: Site, page: Page) -> None:
    """A new document in the frame is greeted anew."""
    [token] = await site.store(page, SSN)
    await site.show(page, f'<secure-text token="{token}"></secure-text>')
    await expect(shown(page)).to_have_text(SSN)
    await field_frames(page)[0].evaluate("location.reload()")
    await expect(shown(page)).to_have_text(SSN)


async def test_a_body_that_is_replaced(site: Site, page: Page) -> None:
    """Frameworks that swap the whole body keep their values."""
    [token] = await site.store(page, SSN)
    await site.show(page, f'<secure-text token="{token}"></secure-text>')
    await expect(shown(page)).to_have_text(SSN)
    await page.evaluate(
        """(token) => { const body = document.createElement("body");
          body.innerHTML = `<p><secure-text token="${token}"></secure-text>`; document.body = body; }""",
        token,
    )
    await expect(shown(page)).to_have_text(SSN)


async def test_the_back_button(site: Site, cookies_blocked: Browser, page: Page) -> None:
    """A page that comes back as it was left shows its values by new frames."""
    [token] = await site.store(page, SSN)
    await site.show(page, f'<secure-text token="{token}"></secure-text>')
    await expect(shown(page)).to_have_text(SSN)
    before = page.url
    await site.show(page, "<p>elsewhere", wait=False)
    await page.go_back()
    assert page.url == before
    await expect(shown(page)).to_have_text(SSN)


@pytest.mark.parametrize("reveal", ["always", "click", ""])
async def test_the_operators_gesture_and_mask_hold(
    strict_site: Site, cookies_blocked: Browser, reveal: str
) -> None:
    """What the configuration demands, no attribute waives: not for a text and not for an input."""
    context = await cookies_blocked.new_context()
    page = await context.new_page()
    await strict_site.log_in(page)
    [token] = await strict_site.store(page, SSN)
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each) if each.url.endswith("/detokenize") else None)
    await strict_site.show(
        page, f'<secure-text reveal="{reveal}" remask=1000 token="{token}"></secure-text>'
              f'<secure-input token="{token}"></secure-input>')
    await page.wait_for_timeout(300)
    await expect(shown(page)).to_have_text("••••••••")
    await expect(page.frame_locator("secure-input iframe").locator("input")).to_have_value("••••••••")
    assert not asked
    await page.evaluate("document.querySelector('secure-text').removeAttribute('remask')")
    await button(page).click()
    await expect(shown(page)).to_have_text(SSN)
    await expect(shown(page)).to_have_text("••••••••")
    await context.close()
