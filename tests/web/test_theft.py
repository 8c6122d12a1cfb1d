"""T1, T11: a script in the page after a stored value, a key, or another session."""

import asyncio
import json

from playwright.async_api import Page, expect

from tests.web.attacker import embed, reference_of, told, vouched
from tests.web.elements import (
    FORM,
    LIBRARY,
    SSN,
    field,
    filled,
    responses,
    shown,
    still_shows,
    text,
    type_into,
)
from tests.web.site import Site, field_frames

REACH = """[...document.querySelectorAll("secure-input, secure-text")].map((each) => {
  try {
    return each.shadowRoot.querySelector("iframe").contentWindow.document.body.innerText;
  } catch (error) {
    return error.name;
  }
})"""


async def test_the_value_never_reaches_the_page(site: Site, bugged: Page) -> None:
    """Of all that is said in the page's realm, nothing holds a value, its key or its bytes."""
    page, canaries = bugged, ["canary-7f1d93", "typed-canary-24"]
    [token] = await site.store(page, canaries[0])
    answers = responses(page)
    await site.show(page, text(token) + FORM.format(attributes=f"token={token}"))
    await expect(shown(page)).to_have_text(canaries[0])
    await expect(filled(page)).to_have_text(canaries[0])
    await type_into(page, canaries[1])
    await page.evaluate(LIBRARY + "lunasec.ready(form))")
    secrets = {*canaries}
    for answer in answers:
        for body in (json.loads(answer.request.post_data or ""), await answer.json()):
            for each in body.get("values", []):
                secrets |= {each["key"], each["ciphertext"][:64]}
    assert len(secrets) == 2 + 2 * 2
    said = json.dumps(await told(page))
    assert "welcome" in said
    entries = await page.evaluate("JSON.stringify(performance.getEntries())")
    everything = said + entries + await page.content() + await page.evaluate("document.cookie")
    assert [each for each in secrets if each in everything] == []
    assert await page.evaluate(REACH) == ["SecurityError"] * 2


async def test_a_planted_session_gets_nothing(site: Site, bugged: Page) -> None:
    """A session planted under filled frames wipes them, and nothing is stored in it."""
    page = bugged
    [token] = await site.store(page, SSN)
    await site.show(page, text(token) + FORM.format(attributes=f"token={token}"))
    await expect(shown(page)).to_have_text(SSN)
    await type_into(page, "typed")
    other = await page.context.new_page()
    theirs = await site.log_in(other)
    await site.show(other, "", wait=False)
    reference = await reference_of(other)
    await other.close()
    # A coordinator of the attacker's own, for his session, tells him this browser's state.
    assert await embed(site, page, "coordinator", session=reference)
    await page.wait_for_function("told.some(([, data]) => data.includes('state'))")
    [state] = [json.loads(data)["state"] for _, data in await told(page) if '"state"' in data]
    planted = await vouched(site, theirs, state)
    plant = "(url) => fetch(url, { mode: 'no-cors', credentials: 'include' })"
    frames, answers = field_frames(page), responses(page)
    await page.evaluate(plant, planted)
    await page.evaluate("form.requestSubmit()")
    await asyncio.sleep(1)
    assert [each.status for each in answers if each.url.endswith("/tokenize")] in ([], [409])
    assert not site.posts
    for each in frames:
        assert not await still_shows(each, SSN)
    # An input that is made for the planted session shows nothing of the victim's.
    await embed(site, page, "input", session=reference, validator="", mask="")
    prefill = "(token) => window.inputPort?.postMessage({ type: 'prefill', token })"
    await page.evaluate(prefill, token)
    await asyncio.sleep(0.5)
    inside = page.frame_locator("body > iframe >> nth=1").locator("input")
    assert await inside.count() == 0 or await inside.input_value() != SSN


async def test_coordinators_of_other_sessions_are_strangers(site: Site, bugged: Page) -> None:
    """A frame speaks to the coordinator of its own session alone; without one it stays blank."""
    [token] = await site.store(bugged, SSN)
    await site.show(bugged, text(token))
    await expect(shown(bugged)).to_have_text(SSN)
    assert await embed(site, bugged, "text", session="A" * 43)
    await bugged.evaluate("(token) => textPort.postMessage({ type: 'show', token })", token)
    await bugged.wait_for_function("told.some(([, data]) => data.includes('wiped'))")
    ours, theirs = field_frames(bugged)
    assert SSN in await ours.content() + await theirs.content()
    assert not (SSN in await ours.content() and SSN in await theirs.content())


async def test_a_page_that_loops_does_not_stall_a_frame(site: Site, page: Page) -> None:
    """The frame has a thread of its own."""
    await site.show(page, field())
    longest = field_frames(page)[0].evaluate(
        """() => new Promise((resolve) => {
          let last = performance.now();
          let longest = 0;
          const timer = setInterval(() => {
            longest = Math.max(longest, performance.now() - last);
            last = performance.now();
          }, 4);
          setTimeout(() => { clearInterval(timer); resolve(longest); }, 1800);
        })"""
    )
    loop = "() => { const end = performance.now() + 1200; while (performance.now() < end); }"
    stalled, _ = await asyncio.gather(longest, page.evaluate(loop))
    assert stalled < 600
