"""T27: nothing that the page sees, hears or can make a frame say depends on a stored value."""

from statistics import median

import pytest
from playwright.async_api import Page

from tests.web.attacker import embed, reference_of, told
from tests.web.elements import SSN, box, text
from tests.web.site import Site

LINES = "line\n" * 300

# Different in validity, length, brand and grouping, script, or number of lines: what each role has.
VALUES = {
    "input": ("", "1", SSN, "x" * 3_000, "a@example.com", "4242424242424242"),
    "textarea": (SSN, "", "x" * 3_000, "<b>&\\n\\u0000", LINES),
}

# Changes all that a page can, looks at all that it can see, and returns what it saw and heard.
PROBE = """async ([frame, token, role]) => {
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const [host, text] = [document.querySelector("#ssn"), document.querySelector("secure-text")];
  const own = role === "input" ? { as: "text" } : { wrap: "soft", grow: true };
  const options = { ...own, inputmode: "", enterkeyhint: "", autocomplete: "off",
    placeholder: "", tags: "", label: "", description: "", required: true, disabled: false,
    readonly: false, invalid: "", maxlength: 0, minlength: 0 };
  const flags = Object.keys(ValidityState.prototype);
  const seen = [];
  const look = () => seen.push(JSON.stringify([host, text].map((each) => [
    each.validity && flags.map((name) => each.validity[name]), each.validationMessage,
    each.checkValidity?.(), each.value === token, each.matches(":invalid"), each.textContent,
    [...each.internals.states].sort(), each.getBoundingClientRect().toJSON(),
    each.scrollWidth, each.scrollHeight, each.shadowRoot.innerHTML.replaceAll(token, "token"),
    [...each.shadowRoot.querySelectorAll("iframe")].map(({ contentWindow, clientHeight }) =>
      [contentWindow.length, clientHeight]),
  ])));
  const kinds = role === "input"
    ? ["email", "url", "tel", "password"].map((as) => ({ as }))
    : [{ wrap: "off" }, { wrap: "soft" }, { grow: false }, { grow: true }];
  for (const change of [
    ...kinds, { maxlength: 1 }, { minlength: 2000 }, { maxlength: 11, minlength: 11 },
    { required: false },
    { disabled: true }, { readonly: true },
  ]) {
    if (frame === "attacker") {
      window[role + "Port"].postMessage({ type: "options", ...options, ...change });
    } else for (const [name, value] of Object.entries(change)) {
      const attribute = { as: "type", grow: "auto-grow" }[name] ?? name;
      if (typeof value === "boolean") host.toggleAttribute(attribute, value);
      else host.setAttribute(attribute, value);
    }
    await pause(60);
    look();
  }
  for (const port of ports) port.postMessage({ type: "tokenize" }, [new MessageChannel().port2]);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {};
  if (frame === "attacker") window[role + "Port"].postMessage({ type: "tokenize" }, [port2]);
  // Focus goes through several processes: it is waited for, or its time would be what is seen.
  const focused = async (on) => {
    for (let at = 0; at < 500 && host.matches(":state(focus)") !== on; at += 1) await pause(20);
  };
  // So is what the browser tells of the window itself, when it comes to it.
  const heard = async (name) => {
    const isThere = () => window.told.some(([from, data]) => from === name && data === "null");
    for (let at = 0; at < 500 && !isThere(); at += 1) await pause(20);
  };
  const isFocusable = !host.matches(":disabled");
  host.focus();
  await focused(isFocusable);
  if (isFocusable) await heard("blur");
  look();
  host.blur();
  await focused(false);
  if (isFocusable) await heard("focus");
  look();
  document.body.style.cssText = "font: 60px monospace; letter-spacing: 1em; zoom: 2";
  await pause(150);
  host.reportValidity();
  look();
  const told = window.told.filter(([from]) => from !== "scroll").map(([from, data]) =>
    from + data.replaceAll(token, "token"));
  return [...seen, ...told.sort()];
}"""


@pytest.mark.parametrize(
    ("role", "validator", "mask"),
    [("input", "ssn", ""), ("input", "card", "card"), ("textarea", "", "none")],
)
@pytest.mark.parametrize("frame", ["page", "attacker"])
async def test_nothing_told_depends_on_a_stored_value(
    site: Site, bugged: Page, *, frame: str, role: str, validator: str, mask: str
) -> None:
    """The same questions, by the elements and by an attacker's own frame, to different values.

    Neither validity nor brand, neither the grouping of a mask nor the number of lines is told.
    """
    tokens = await site.store(bugged, *VALUES[role])
    seen: dict[str, list[str]] = {}
    attributes = f"id=ssn validator='{validator}' mask='{mask}' auto-grow required"
    for value, token in zip(VALUES[role], tokens, strict=True):
        element = f'<secure-{role} {attributes} token="{token}"></secure-{role}>'
        await site.show(bugged, element + text(token))
        if frame == "attacker":
            hello = {"validator": validator, "mask": mask}
            session = await reference_of(bugged)
            assert await embed(site, bugged, role, session=session, **hello)
            await bugged.evaluate(
                "([role, token]) => window[role + 'Port'].postMessage({ type: 'prefill', token })",
                [role, token],
            )
        await bugged.wait_for_timeout(700)
        seen[value] = await bugged.evaluate(PROBE, [frame, token, role])
    assert len(seen[SSN]) > 20
    for value in VALUES[role]:
        assert seen[value] == seen[SSN], value[:40]


async def test_nothing_is_told_of_a_value_that_was_typed_and_stored(
    site: Site, bugged: Page
) -> None:
    """Once it has its token, a typed text is a stored one: its lines are counted no more."""
    await site.show(bugged, "<secure-textarea id=ssn auto-grow></secure-textarea>")
    await box(bugged).click()
    await bugged.keyboard.type("a b c d e f g h i j k l m n o p")
    await bugged.evaluate("ssn.tokenize()")
    before = len(await told(bugged))
    for width in (40, 80, 400):
        await bugged.evaluate("(width) => { ssn.style.width = `${width}px` }", width)
        await bugged.wait_for_timeout(100)
    await bugged.evaluate("ssn.setAttribute('maxlength', 3)")
    await bugged.wait_for_timeout(100)
    heard = (await told(bugged))[before:]
    assert [each for each in heard if '"lines"' in each[1] or "true" in each[1]] == []


STEP_MILLISECONDS = 100
MEASURE = """async ([element, tokens, rounds]) => {
  const host = document.querySelector(element);
  const times = tokens.map(() => []);
  for (let at = 0; at < rounds * tokens.length; at += 1) {
    const next = (at + 1) % tokens.length; // another one each time
    const ready = new Promise((done) => {
      host.addEventListener("secure-ready", done, { once: true });
    });
    const began = performance.now();
    host[element === "secure-text" ? "token" : "value"] = tokens[next];
    await ready;
    times[next].push(performance.now() - began);
  }
  return times;
}"""


@pytest.mark.parametrize("element", ["secure-text", "secure-input"])
async def test_t27_the_time_to_ready_tells_no_size(site: Site, page: Page, element: str) -> None:
    """T27: a value of 60 kB is told to be there as soon as one of a byte."""
    tokens = await site.store(page, "1", "x" * 60_000)
    await site.show(page, f"<{element} token='{tokens[0]}'></{element}>")
    await page.wait_for_timeout(500)
    times = await page.evaluate(MEASURE, [element, tokens, 25])
    small, large = (median(each) for each in times)
    assert min(*times[0], *times[1]) > STEP_MILLISECONDS - 2  # none sooner than a whole step
    assert abs(large - small) < STEP_MILLISECONDS / 10, (small, large)
