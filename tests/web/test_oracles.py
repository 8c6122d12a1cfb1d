"""T27: nothing that the page sees, hears or can make a frame say depends on a stored value."""

import pytest
from playwright.async_api import Page

from tests.web.attacker import embed, reference_of
from tests.web.elements import SSN, field, text
from tests.web.site import Site

VALUES = ("", "1", SSN, "x" * 3_000, "a@example.com", "4242424242424242", "<b>&\\n\\u0000")

# Changes all that a page can, looks at all that it can see, and returns what it saw and heard.
PROBE = """async ([frame, token]) => {
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const [host, text] = [document.querySelector("#ssn"), document.querySelector("secure-text")];
  const options = { as: "text", inputmode: "", enterkeyhint: "", autocomplete: "off",
    placeholder: "", label: "", description: "", required: true, disabled: false,
    readonly: false, invalid: false, maxlength: 0, minlength: 0 };
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
  for (const change of [
    { as: "email" }, { as: "url" }, { as: "tel" }, { as: "password" }, { maxlength: 1 },
    { minlength: 2000 }, { maxlength: 11, minlength: 11 }, { required: false },
    { disabled: true }, { readonly: true },
  ]) {
    if (frame === "attacker") inputPort.postMessage({ type: "options", ...options, ...change });
    else for (const [name, value] of Object.entries(change)) {
      if (typeof value === "boolean") host.toggleAttribute(name, value);
      else host.setAttribute(name === "as" ? "type" : name, value);
    }
    await pause(60);
    look();
  }
  for (const port of ports) port.postMessage({ type: "tokenize" }, [new MessageChannel().port2]);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {};
  if (frame === "attacker") inputPort.postMessage({ type: "tokenize" }, [port2]);
  // Focus goes through several processes: it is waited for, or its time would be what is seen.
  const focused = async (on) => {
    for (let at = 0; at < 50 && host.matches(":state(focus)") !== on; at += 1) await pause(20);
  };
  host.focus();
  await focused(true);
  look();
  host.blur();
  await focused(false);
  look();
  document.body.style.cssText = "font: 60px monospace; letter-spacing: 1em; zoom: 2";
  await pause(150);
  host.reportValidity();
  look();
  const told = window.told.filter(([from]) => from !== "scroll").map(([from, data]) =>
    from + data.replaceAll(token, "token"));
  return [...seen, ...told.sort()];
}"""


@pytest.mark.parametrize("frame", ["page", "attacker"])
async def test_nothing_told_depends_on_a_stored_value(site: Site, bugged: Page, frame: str) -> None:
    """The same questions, by the elements and by an attacker's own frame, to seven values."""
    tokens = await site.store(bugged, *VALUES)
    seen: dict[str, list[str]] = {}
    for value, token in zip(VALUES, tokens, strict=True):
        await site.show(bugged, field(token, "id=ssn validator=ssn required") + text(token))
        if frame == "attacker":
            session = await reference_of(bugged)
            assert await embed(site, bugged, "input", session=session, validator="ssn")
            await bugged.evaluate(
                "(token) => inputPort.postMessage({ type: 'prefill', token })", token
            )
        await bugged.wait_for_timeout(700)
        seen[value] = await bugged.evaluate(PROBE, [frame, token])
    assert len(seen[SSN]) > 20
    for value in VALUES:
        assert seen[value] == seen[SSN], value
