"""A script in the page: it may create frames, speak to all of them, and listen to everything."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, Response, Route, expect

from tests.web.site import COOKIE, Site, coordinator, field_frames
from tests.web.test_forms import type_into
from tests.web.test_input import FORM, SSN, box
from tests.web.test_text import problem, shown

# Whatever is said to the page, or by it, over windows and ports, is written down before anybody
# else sees it; `embed` is the attacker's own handshake with a frame of his own.
LISTEN = """
window.told = [];
window.ports = [];
const note = (from, data) => told.push([from, JSON.stringify(data, (_, each) =>
  each instanceof MessagePort ? "port" : each)]);
addEventListener("message", (event) => note("window", event.data), true);
const { set } = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
Object.defineProperty(MessagePort.prototype, "onmessage", { set(handler) {
  ports.push(this);
  set.call(this, handler && ((event) => { note("port", event.data); handler(event); }));
} });
for (const name of ["input", "change", "invalid", "focus", "blur", "secure-ready", "secure-error", "secure-expired",
                    "keydown", "scroll", "resize", "select", "selectionchange"]) {
  addEventListener(name, (event) => note(name, event.detail ?? null), true);
}
window.embed = (tokenizer, role, hello) => new Promise((resolve, reject) => {
  const iframe = document.createElement("iframe");
  iframe.src = `${tokenizer}/frame/payroll/${role}`;
  iframe.dataset.mine = role;
  addEventListener("message", ({ source, ports: [port] }) => {
    if (source !== iframe.contentWindow || !port) return;
    window[role + "Port"] = port;
    port.onmessage = () => {};
    resolve(true);
  });
  iframe.onload = () => iframe.contentWindow.postMessage({ type: "hello", ...hello }, "*");
  setTimeout(() => resolve(false), 2000);
  document.body.append(iframe);
});
"""


@pytest_asyncio.fixture
async def bugged(page: Page) -> AsyncGenerator[Page]:
    """Give a page in which the attacker's script runs before any other."""
    await page.add_init_script(LISTEN)
    yield page


async def reference_of(page: Page) -> str:
    """Read the session that the page was made for."""
    found: str = await page.evaluate("document.querySelector('meta[name=lunasec-session]').content")
    return found


async def handle_for(site: Site, session: str, state: str) -> str:
    """Have the application vouch for another session, in the attacker's own browser."""
    headers = {"Host": site.origin.removeprefix("http://"), "Sec-Fetch-Site": "same-origin",
               "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"}
    port = site.origin.rpartition(":")[2]
    async with httpx.AsyncClient(cookies={COOKIE: session}) as client:
        answer = await client.get(
            f"http://127.0.0.1:{port}/.lunasec/secure-frame?state={state}", headers=headers
        )
    return answer.headers["location"]


@pytest.mark.parametrize("frame", ["page", "attacker"])
async def test_nothing_told_depends_on_a_stored_value(site: Site, bugged: Page, frame: str) -> None:
    """T27: whatever the page does and reads, it is the same for every stored value."""
    page = bugged
    values = ["", "1", SSN, "x" * 3_000, "a@example.com", "4242424242424242", "<b>&\\n\\u0000"]
    tokens = await site.store(page, *values)
    seen = {}
    for value, token in zip(values, tokens, strict=True):
        body = f'<secure-input id=ssn token="{token}" validator=ssn required></secure-input>'
        body += f'<secure-text id=text token="{token}"></secure-text>'
        await site.show(page, body)
        if frame == "attacker":
            hello = {"session": await reference_of(page), "validator": "ssn"}
            assert await page.evaluate(f"embed('{site.tokenizer.origin}', 'input', {json.dumps(hello)})")
        await page.wait_for_timeout(700)
        seen[value] = await page.evaluate(PROBE, [frame, token])
    assert len(seen[SSN]) > 20
    for value in values:
        assert seen[value] == seen[SSN], value


PROBE = """async ([frame, token]) => {
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const host = document.querySelector("#ssn");
  const text = document.querySelector("#text");
  const options = { as: "text", inputmode: "", enterkeyhint: "", autocomplete: "off", placeholder: "", label: "",
    description: "", required: true, disabled: false, readonly: false, invalid: false, maxlength: 0, minlength: 0 };
  const answers = [];
  const look = () => answers.push(JSON.stringify([host, text].map((each) => [
    each.validity && Object.fromEntries(Object.keys(ValidityState.prototype).map((name) => [name, each.validity[name]])),
    each.validationMessage, each.checkValidity?.(), each.value === token, each.matches(":invalid"),
    [...each.internals.states].sort(), each.getBoundingClientRect().toJSON(), each.scrollWidth, each.scrollHeight,
    each.shadowRoot.innerHTML.replaceAll(token, "token"), each.textContent,
    [...each.shadowRoot.querySelectorAll("iframe")].map((inner) => [inner.contentWindow.length, inner.clientHeight]),
  ])));
  for (const change of [
    { as: "email" }, { as: "url" }, { as: "tel" }, { as: "password" }, { as: "text", maxlength: 1 }, { minlength: 2000 },
    { maxlength: 11, minlength: 11 }, { required: false }, { disabled: true }, { readonly: true },
  ]) {
    if (frame === "attacker") inputPort.postMessage({ type: "options", ...options, ...change });
    else for (const [name, value] of Object.entries(change)) {
      if (typeof value === "boolean") host.toggleAttribute(name, value);
      else host.setAttribute(name === "as" ? "type" : name, value);
    }
    await pause(60);
    look();
  }
  for (const type of ["tokenize", "focus"]) for (const port of ports) port.postMessage({ type, id: "1" });
  host.focus();
  await pause(150);
  host.blur();
  look();
  document.body.style.cssText = "font: 60px monospace; letter-spacing: 1em; line-height: 3; zoom: 2";
  await pause(150);
  host.reportValidity();
  look();
  const told = window.told.filter(([from]) => from !== "scroll").map(([from, data]) =>
    from + data.replaceAll(token, "token").replaceAll(/lunasec-[\\w-]{49}/g, "token"));
  return [...answers, ...told.sort()];
}"""


async def test_the_value_never_reaches_the_page(site: Site, bugged: Page) -> None:
    """T1: of all that is said in the page's realm, nothing holds the value, its key or its bytes."""
    page = bugged
    canary = "canary-7f1d93"
    [token] = await site.store(page, canary)
    secrets: set[str] = {canary}

    async def keep(body: dict[str, Any]) -> None:
        for each in body.get("values", []):
            secrets.update({each["key"], each["ciphertext"][:64]} if "key" in each else set())

    answers = []
    page.on("response", lambda each: answers.append(each) if "tokenize" in each.url else None)
    await site.show(page, f'<secure-text token="{token}"></secure-text>' + FORM.format(attributes=f"token={token}"))
    await expect(shown(page)).to_have_text(canary)
    await expect(box(page)).to_have_value(canary)
    await type_into(page, "typed-canary")
    secrets.add("typed-canary")
    await page.evaluate(
        "import(document.querySelector('script').src).then(({ lunasec }) => lunasec.ready(form))"
    )
    for answer in answers:
        await keep(json.loads(answer.request.post_data or "{}"))
        await keep(await answer.json())
    assert len(secrets) > 4
    said = json.dumps(await page.evaluate("told"))
    entries = await page.evaluate("JSON.stringify(performance.getEntries())")
    everything = said + entries + await page.content() + await page.evaluate("document.cookie")
    assert "welcome" in said
    assert not [each for each in secrets if each in everything]
    reach = "[...document.querySelectorAll('secure-input,secure-text')].map((each) => { try { return each.shadowRoot.querySelector('iframe').contentWindow.document.body.innerText } catch (error) { return error.name } })"
    assert await page.evaluate(reach) == ["SecurityError"] * 2


async def test_a_planted_session_gets_nothing(site: Site, bugged: Page) -> None:
    """T1, T11: a session planted under filled frames wipes them; nothing is stored in it."""
    page = bugged
    [token] = await site.store(page, SSN)
    await site.show(page, f'<secure-text token="{token}"></secure-text>' + FORM.format(attributes=f"token={token}"))
    await expect(shown(page)).to_have_text(SSN)
    await type_into(page, "typed")
    theirs = "the-attackers-own-session"
    other = await page.context.new_page()
    await site.log_in(other, theirs)
    await site.show(other, "", wait=False)
    reference = await reference_of(other)
    await other.close()
    # A coordinator of the attacker's, for his session, tells him this browser's state.
    hello = {"session": reference}
    assert await page.evaluate(f"embed('{site.tokenizer.origin}', 'coordinator', {json.dumps(hello)})")
    await page.wait_for_function("told.some(([, data]) => data.includes('state'))")
    state = await page.evaluate("JSON.parse(told.find(([, data]) => data.includes('state'))[1]).state")
    stored: list[int] = []
    page.on("response", lambda each: stored.append(each.status) if each.url.endswith("/tokenize") else None)
    location = await handle_for(site, theirs, state)
    await page.evaluate("(url) => fetch(url, { mode: 'no-cors', credentials: 'include' })", location)
    frames = field_frames(page)
    await page.evaluate("form.requestSubmit()")
    await asyncio.sleep(1)
    assert all(status == 409 for status in stored)
    assert not site.posts
    for each in frames:
        assert each.is_detached() or SSN not in await each.content()
    # An input made for the planted session shows nothing of the victim's.
    hello = {"session": reference, "validator": ""}
    await page.evaluate(f"embed('{site.tokenizer.origin}', 'input', {json.dumps(hello)})")
    await page.evaluate("(token) => window.inputPort?.postMessage({ type: 'prefill', token })", token)
    await asyncio.sleep(0.5)
    assert SSN not in "".join([await each.content() for each in page.frames])


async def test_a_frame_is_greeted_once(site: Site, bugged: Page) -> None:
    """T19: a second hello, one from elsewhere, and messages without a port's are not heard."""
    page = bugged
    [token] = await site.store(page, SSN)
    await site.show(page, f'<secure-text token="{token}"></secure-text>')
    await expect(shown(page)).to_have_text(SSN)
    before = await page.evaluate("told.length")
    await page.evaluate(
        """async (token) => {
          const frames = [...document.querySelectorAll("html > iframe"),
            ...[...document.querySelectorAll("secure-text")].map((each) => each.shadowRoot.querySelector("iframe"))];
          const hello = { type: "hello", session: "A".repeat(43) };
          const messages = [hello, { ...hello, validator: "" }, { type: "attach", session: "A".repeat(43) },
            { type: "show", token }, { type: "read", id: "1", token }, null, 1, "hello", [], { type: "__proto__" }];
          const sandboxed = document.createElement("iframe");
          sandboxed.sandbox = "allow-scripts";
          sandboxed.srcdoc = `<script>setInterval(() => { for (let at = 0; at < parent.length; at += 1)
            parent[at].postMessage({ type: "hello", session: "A".repeat(43) }, "*"); }, 50)<\\/script>`;
          document.body.append(sandboxed);
          for (const { contentWindow } of frames) for (const message of messages) {
            contentWindow.postMessage(message, "*", [new MessageChannel().port2]);
          }
          await new Promise((resolve) => setTimeout(resolve, 500));
        }""",
        token,
    )
    assert [each for each in (await page.evaluate("told"))[before:] if each[0] in {"window", "port"}] == []
    await expect(shown(page)).to_have_text(SSN)


async def test_only_the_parent_is_heard(site: Site, bugged: Page) -> None:
    """T19: another frame of the same page, with its right origin, gets no port."""
    page = bugged
    await site.show(page, "<secure-input></secure-input>")
    hello = {"type": "hello", "session": await reference_of(page), "validator": ""}
    await page.evaluate(
        """async ([address, hello]) => {
          const fresh = document.createElement("iframe");
          fresh.src = address;
          document.body.append(fresh);
          await new Promise((resolve) => { fresh.onload = resolve; });
          const other = document.createElement("iframe");
          document.body.append(other);
          other.contentWindow.eval(`window.answers = []; onmessage = (event) => answers.push(event.data)`);
          other.contentWindow.eval(`(target, hello) => target.postMessage(hello, "*")`)(fresh.contentWindow, hello);
          window.other = other;
        }""",
        [f"{site.tokenizer.origin}/frame/payroll/input", hello],
    )
    before = await page.evaluate("told.length")
    await page.wait_for_timeout(300)
    assert await page.evaluate("other.contentWindow.answers") == []
    assert [each for each in (await page.evaluate("told"))[before:] if "welcome" in each[1]] == []


async def test_an_unlisted_origin_is_not_heard(site: Site, page: Page) -> None:
    """T19: were the frame's header lost on the way, its script would still not answer a stranger."""

    async def bare(route: Route) -> None:
        host = site.tokenizer.origin.removeprefix("http://")
        address = f"http://127.0.0.1:{site.tokenizer.port}/frame/payroll/input"
        async with httpx.AsyncClient() as client:
            answer = await client.get(address, headers={"Host": host})
        await route.fulfill(status=200, content_type="text/html", body=answer.text)

    await page.add_init_script(LISTEN)
    await page.route("**/frame/payroll/input", bare)
    hello = json.dumps({"session": "A" * 43, "validator": ""})
    site.pages["stranger"] = "<p>stranger"
    for origin, answered in ((site.origin, True), (site.origin.replace("app.", "evil."), False)):
        await page.goto(f"{origin}/page/stranger")
        assert await page.evaluate(f"embed('{site.tokenizer.origin}', 'input', {hello})") is answered


async def test_a_page_that_is_left_keeps_nothing(site: Site, page: Page) -> None:
    """A page in the back button's cache holds frames without values; so does one that is left."""
    [token] = await site.store(page, SSN)
    await site.show(page, f'<secure-text token="{token}"></secure-text><secure-input id=ssn token="{token}"></secure-input>')
    await expect(shown(page)).to_have_text(SSN)
    await expect(box(page)).to_have_value(SSN)
    for frame in field_frames(page):
        await frame.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
        left = await frame.evaluate("document.body.innerHTML + (document.querySelector('input')?.value ?? '')")
        assert left == ""


async def test_stored_values_are_not_copied(site: Site, page: Page) -> None:
    """A page could have the clipboard pasted into a field of its own."""
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.origin)
    [token] = await site.store(page, SSN)
    body = f'<textarea id=thief></textarea><secure-text reveal=click token="{token}"></secure-text>'
    await site.show(page, body + f'<secure-input id=ssn token="{token}"></secure-input>')
    await page.evaluate("navigator.clipboard.writeText('before')")
    await page.frame_locator("secure-text iframe").locator("button").click()
    await expect(shown(page)).to_have_text(SSN)
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Control+c")
    await expect(box(page)).to_have_value(SSN)
    await box(page).click()
    for key in ("Control+a", "Control+c", "Control+x"):
        await page.keyboard.press(key)
    await page.click("#thief")
    await page.keyboard.press("Control+v")
    assert await page.input_value("#thief") == "before"


async def test_a_page_that_loops_does_not_stall_a_frame(site: Site, page: Page) -> None:
    """T1: the frame has a thread of its own."""
    await site.show(page, "<secure-input id=ssn></secure-input>")
    frame = field_frames(page)[0]
    longest = frame.evaluate(
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
    loop = page.evaluate("() => { const end = performance.now() + 1200; while (performance.now() < end); }")
    stalled, _ = await asyncio.gather(longest, loop)
    assert stalled < 600


async def test_styles_ask_nobody(site: Site, bugged: Page) -> None:
    """T20: whatever an attacker sends as a look, no frame makes a request for it."""
    page = bugged
    await site.show(page, "")
    asked: list[str] = []
    hello = {"session": await reference_of(page), "validator": ""}
    await site.show(page, "<secure-input></secure-input>")
    assert await page.evaluate(f"embed('{site.tokenizer.origin}', 'input', {json.dumps(hello)})")
    page.on("request", lambda each: asked.append(each.url) if "evil" in each.url else None)
    hostile = ["url(//evil.localhost/x)", "image-set('//evil.localhost/x' 1x)", "var(--x)", "x;background:url(//evil.localhost/x)"]
    names = ["cursor", "font-family", "color", "text-shadow", "background", "background-image", "content", "src", "--hint-color"]
    for value in hostile:
        await page.evaluate(
            "([names, value]) => inputPort.postMessage({ type: 'look', hint: { color: value }, "
            "style: { ...Object.fromEntries(names.map((each) => [each, value])), color: 'rgb(1, 2, 3)' } })",
            [names, value],
        )
    frame = next(each for each in page.frames if "/input" in each.url and each != field_frames(page)[0])
    await expect(frame.locator("html")).to_have_attribute("style", "color: rgb(1, 2, 3);")
    await page.wait_for_timeout(300)
    assert not asked


async def test_an_unlisted_origin_frames_nothing(site: Site, page: Page) -> None:
    """T7: on another page the frame stays blank, whoever asks."""
    site.pages["other"] = f"<iframe id=a src={site.tokenizer.origin}/frame/payroll/input></iframe>"
    await page.goto(site.origin.replace("app.", "evil.") + "/page/other")
    await page.wait_for_timeout(500)
    assert not [each for each in page.frames if each.url.endswith("/frame/payroll/input")]


async def test_undo_brings_no_stored_value_back(site: Site, page: Page) -> None:
    """The first edit removes the stored value for good: neither undo nor redo, cut nor drop has it."""
    [token] = await site.store(page, SSN)
    for keys in (["x", "Control+z"], ["Backspace", "Control+z"], ["Control+a", "Control+x", "Control+v"],
                 ["Control+a", "Control+c", "Delete", "Control+v"], ["x", "Backspace", "Control+z", "Control+z", "Control+z"]):
        await site.show(page, f'<secure-input id=ssn token="{token}"></secure-input>')
        await expect(box(page)).to_have_value(SSN)
        await box(page).click()
        for key in keys:
            await page.keyboard.press(key)
        value = await box(page).input_value()
        stored = await page.evaluate("document.querySelector('#ssn').value !== ''")
        assert value in ({SSN} if stored else {"", "x"}), keys


async def test_composition_replaces_a_stored_value(site: Site, page: Page) -> None:
    """An input method's text is no exception: nothing of the stored value is left beside it."""
    [token] = await site.store(page, SSN)
    await site.show(page, f'<secure-input id=ssn token="{token}"></secure-input>')
    await expect(box(page)).to_have_value(SSN)
    await box(page).click()
    await page.keyboard.press("End")
    session = await page.context.new_cdp_session(field_frames(page)[0])
    await session.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    await session.send("Input.insertText", {"text": "日"})
    await expect(box(page)).to_have_value("日")
    await page.wait_for_function("document.querySelector('#ssn').pending")


async def test_flood(site: Site, bugged: Page) -> None:
    """Messages without number or end keep no frame from its work for long."""
    page = bugged
    [token] = await site.store(page, SSN)
    await site.show(page, "")
    hello = {"session": await reference_of(page)}
    await site.show(page, f'<secure-text token="{token}"></secure-text>')
    await expect(shown(page)).to_have_text(SSN)
    assert await page.evaluate(f"embed('{site.tokenizer.origin}', 'text', {json.dumps(hello)})")
    await page.evaluate(
        """() => { const style = { "font-family": "a ".repeat(256), color: "rgb(" + "1".repeat(500) };
          for (let at = 0; at < 2000; at += 1) {
            textPort.postMessage({ type: "look", style, hint: style });
            textPort.postMessage({ type: "show", token: "x".repeat(100_000) });
          } }"""
    )
    await page.evaluate("document.querySelector('secure-text').refresh()")
    await expect(shown(page)).to_have_text(SSN)


async def test_coordinators_of_other_sessions_are_strangers(site: Site, bugged: Page) -> None:
    """A frame speaks to the coordinator of its own session alone; without one it stays blank."""
    page = bugged
    [token] = await site.store(page, SSN)
    await site.show(page, f'<secure-text token="{token}"></secure-text>')
    await expect(shown(page)).to_have_text(SSN)
    assert await page.evaluate(f"embed('{site.tokenizer.origin}', 'text', {{ session: 'A'.repeat(43) }})")
    await page.evaluate("(token) => textPort.postMessage({ type: 'show', token })", token)
    await page.wait_for_function("told.some(([, data]) => data.includes('wiped'))")
    frame = next(each for each in page.frames if each.url.endswith("/text") and each != field_frames(page)[0])
    assert SSN not in await frame.content()
    assert coordinator(page)
    assert problem
