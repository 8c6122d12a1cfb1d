"""T7, T19, T20: forged messages, strange parents, hostile styles, floods."""

import httpx
import pytest
from playwright.async_api import Page, Route, expect

from tests.web.attacker import LISTEN, embed, reference_of, told
from tests.web.elements import SSN, asked, field, shown, text
from tests.web.site import Site, field_frames

FORGE = """async (token) => {
  const inside = [...document.querySelectorAll("secure-text")]
    .map((each) => each.shadowRoot.querySelector("iframe"));
  const hello = { type: "hello", session: "A".repeat(43) };
  const messages = [hello, { ...hello, validator: "", mask: "" }, "attach", { type: "show", token },
    { type: "read", token }, null, 1, "hello", [], { type: "__proto__" }];
  const sandboxed = document.createElement("iframe");
  sandboxed.sandbox = "allow-scripts";
  sandboxed.srcdoc = `<script>setInterval(() => { for (let at = 0; at < parent.length; at += 1)
    parent[at].postMessage({ type: "hello", session: "A".repeat(43) }, "*"); }, 50)<\\/script>`;
  document.body.append(sandboxed);
  for (const { contentWindow } of [document.querySelector("html > iframe"), ...inside]) {
    for (const message of messages) {
      contentWindow.postMessage(message, "*", [new MessageChannel().port2]);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
}"""

OTHER = """async ([address, hello]) => {
  const [fresh, other] = [document.createElement("iframe"), document.createElement("iframe")];
  fresh.src = address;
  document.body.append(fresh, other);
  await new Promise((resolve) => { fresh.onload = resolve; });
  other.contentWindow.eval(`window.answers = []; onmessage = ({ data }) => answers.push(data)`);
  other.contentWindow.eval(`(target, hello) => target.postMessage(hello, "*")`)(
    fresh.contentWindow, hello);
  await new Promise((resolve) => setTimeout(resolve, 300));
  return other.contentWindow.answers;
}"""

ATTACH = """async (token) => {
  const { port1: field, port2: theirs } = new MessageChannel();
  const { port1: heard, port2: reply } = new MessageChannel();
  const answers = [];
  for (const port of [field, heard]) {
    port.addEventListener("message", ({ data }) => answers.push(data.type));
    port.start();
  }
  document.querySelector("html > iframe").contentWindow.postMessage("attach", "*", [theirs]);
  field.postMessage({ type: "read", token }, [reply]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  return answers;
}"""

HOSTILE = (
    "url(//evil.localhost/x)",
    "image-set('//evil.localhost/x' 1x)",
    "var(--x)",
    "x;background:url(//evil.localhost/x)",
)
PROPERTIES = (
    "cursor",
    "font-family",
    "text-shadow",
    "background",
    "background-image",
    "content",
    "--hint-color",
)


async def test_a_frame_is_greeted_once(site: Site, bugged: Page) -> None:
    """A second hello, one from elsewhere, and what comes without a port are not heard."""
    [token] = await site.store(bugged, SSN)
    await site.show(bugged, text(token))
    await expect(shown(bugged)).to_have_text(SSN)
    await bugged.wait_for_timeout(500)  # it is told in steps of 100 ms that the value is there
    before = len(await told(bugged))
    await bugged.evaluate(FORGE, token)
    assert [each for each in (await told(bugged))[before:] if each[0] in {"window", "port"}] == []
    await expect(shown(bugged)).to_have_text(SSN)


async def test_t19_only_the_parent_is_heard(site: Site, bugged: Page) -> None:
    """T19: another frame of the same page, with its right origin, gets no port."""
    await site.show(bugged, field())
    session = await reference_of(bugged)
    hello = {"type": "hello", "session": session, "validator": "", "mask": ""}
    before = len(await told(bugged))
    address = f"{site.tokenizer.origin}/frame/payroll/input"
    assert await bugged.evaluate(OTHER, [address, hello]) == []
    assert "welcome" not in str((await told(bugged))[before:])


async def test_t19_a_page_is_no_field(site: Site, page: Page) -> None:
    """T19: a page that attaches itself to the coordinator, as fields do, is answered nothing."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token))
    await expect(shown(page)).to_have_text(SSN)
    assert await page.evaluate(ATTACH, token) == []


async def test_an_unlisted_origin_frames_nothing(site: Site, page: Page) -> None:
    """On another page the frame stays blank, whoever asks."""
    address = f"{site.tokenizer.origin}/frame/payroll/input"
    site.pages["other"] = f"<iframe src={address}></iframe>"
    await page.goto(site.origin.replace("app.", "evil.") + "/page/other")
    await page.wait_for_timeout(500)
    assert address not in {each.url for each in page.frames}


async def test_t19_an_unlisted_origin_is_not_heard(site: Site, page: Page) -> None:
    """T19: were the frame's header lost on the way, its script would not answer a stranger."""

    async def bare(route: Route) -> None:
        host = site.tokenizer.origin.removeprefix("http://")
        address = f"http://127.0.0.1:{site.tokenizer.port}/frame/payroll/input"
        async with httpx.AsyncClient() as client:
            answer = await client.get(address, headers={"Host": host})
        await route.fulfill(status=200, content_type="text/html", body=answer.text)

    await page.add_init_script(LISTEN)
    await page.route("**/frame/payroll/input", bare)
    site.pages["stranger"] = "<p>stranger"
    for origin, answers in ((site.origin, True), (site.origin.replace("app.", "evil."), False)):
        await page.goto(f"{origin}/page/stranger")
        assert await embed(site, page, "input", session="A" * 43, validator="", mask="") is answers


@pytest.mark.parametrize("role", ["input", "textarea", "text", "upload", "download"])
async def test_t20_styles_ask_nobody(site: Site, bugged: Page, role: str) -> None:
    """T20: whatever an attacker sends as a look, no frame makes a request for it."""
    await site.show(bugged, field())
    session = await reference_of(bugged)
    typed = {"validator": "", "mask": "ssn"} if role.startswith(("input", "texta")) else {}
    assert await embed(site, bugged, role, session=session, **typed)
    requests = asked(bugged, "/x")
    send = """([role, names, value]) => {
      const style = Object.fromEntries(names.map((each) => [each, value]));
      const hint = { color: value };
      window[role + "Port"].postMessage(
        { type: "look", hint, style: { ...style, color: "rgb(1, 2, 3)" } });
    }"""
    for value in HOSTILE:
        await bugged.evaluate(send, [role, PROPERTIES, value])
    theirs = bugged.frame_locator("body > iframe").locator("body")
    await expect(theirs).to_have_attribute("style", "color: rgb(1, 2, 3);")
    await bugged.wait_for_timeout(300)
    assert not requests


ODD = """([role, rounds]) => {
  let state = 1;
  const random = (below) => (state = (state * 48271) % 2147483647) % below;
  const port = window[role + "Port"];
  const odd = [undefined, null, -1, 0, 2 ** 60, NaN, true, "", "x".repeat(9000), "off", "soft",
    "card", "<b>", "\u0000", {}, [], [{}], /x/, new Date(0), new Map(), "__proto__", "lines"];
  const sound = { options: { inputmode: "", enterkeyhint: "", autocomplete: "", placeholder: "",
      tags: "", label: "", description: "", required: true, disabled: false, readonly: false,
      invalid: "", maxlength: 0, minlength: 0, as: "text", wrap: "off", grow: true },
    prefill: { token: "" }, tokenize: {}, look: { style: {}, hint: {} }, focus: {},
    lines: { lines: 3 }, input: { autofilled: true, edits: 1 }, validity: { empty: true } };
  const types = Object.keys(sound);
  for (let at = 0; at < rounds; at += 1) {
    const type = types[random(types.length)];
    const message = { type, ...sound[type] };
    const names = [...Object.keys(message), "mask", "validator", "value", "constructor"];
    for (let wrong = random(3); wrong >= 0; wrong -= 1) {
      const name = names[random(names.length)];
      if (random(2)) message[name] = odd[random(odd.length)];
      else delete message[name];
    }
    port.postMessage(message);
  }
}"""


@pytest.mark.parametrize("role", ["input", "textarea"])
async def test_odd_messages_change_nothing(site: Site, bugged: Page, role: str) -> None:
    """After thousands of messages that are nearly right, a field is in order, and typed in."""
    errors: list[str] = []
    bugged.on("pageerror", lambda error: errors.append(str(error)))
    await site.show(bugged, field())
    session = await reference_of(bugged)
    assert await embed(site, bugged, role, session=session, validator="card", mask="")
    await bugged.evaluate(ODD, [role, 3_000])
    await bugged.evaluate(
        "(role) => window[role + 'Port'].postMessage({ type: 'prefill', token: '' })", role
    )
    inside = bugged.frame_locator("body > iframe").locator("input, textarea")
    await inside.evaluate("(each) => { each.disabled = each.readOnly = false; }")
    await inside.fill("")
    await inside.press_sequentially("4242424")
    await expect(inside).to_have_value("4242 424")
    assert errors == []


async def test_a_flood(site: Site, bugged: Page) -> None:
    """Messages without number or end keep no frame from its work for long."""
    [token] = await site.store(bugged, SSN)
    await site.show(bugged, text(token))
    await expect(shown(bugged)).to_have_text(SSN)
    assert await embed(site, bugged, "text", session=await reference_of(bugged))
    await bugged.evaluate(
        """() => {
          const style = { "font-family": "a ".repeat(256), color: "rgb(" + "1".repeat(500) };
          for (let at = 0; at < 2000; at += 1) {
            textPort.postMessage({ type: "look", style, hint: style });
            textPort.postMessage({ type: "show", token: "x".repeat(100_000) });
          } }"""
    )
    await bugged.evaluate("document.querySelector('secure-text').refresh()")
    await expect(shown(bugged)).to_have_text(SSN)
    assert len(field_frames(bugged)) == 2
