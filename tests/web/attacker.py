"""A script in the page: it makes frames, speaks to all of them, and listens to everything."""

import json

import httpx
from playwright.async_api import Page

from tests.web.site import COOKIE, Site

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
for (const name of ["input", "change", "invalid", "focus", "blur", "secure-ready", "secure-error",
                    "secure-expired", "keydown", "scroll", "resize", "select", "selectionchange"]) {
  addEventListener(name, (event) => note(name, event.detail ?? null), true);
}
window.embed = (tokenizer, role, hello) => new Promise((resolve) => {
  const iframe = document.createElement("iframe");
  iframe.src = `${tokenizer}/frame/payroll/${role}`;
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


async def embed(site: Site, page: Page, role: str, **hello: str) -> bool:
    """Greet a frame of the attacker's own; tell whether it answered."""
    call = f"embed('{site.tokenizer.origin}', '{role}', {json.dumps(hello)})"
    answered: bool = await page.evaluate(call)
    return answered


async def told(page: Page) -> list[tuple[str, str]]:
    """Return all that the page heard: from what, and what."""
    heard: list[tuple[str, str]] = [tuple(each) for each in await page.evaluate("told")]
    return heard


async def reference_of(page: Page) -> str:
    """Read the session that the page was made for."""
    found: str = await page.evaluate("document.querySelector('meta[name=lunasec-session]').content")
    return found


async def vouched(site: Site, session: str, state: str) -> str:
    """Have the application vouch for another session, in the attacker's own browser.

    Returns the address, handle and all, that its redirect goes to.
    """
    host, port = site.origin.removeprefix("http://"), site.origin.rpartition(":")[2]
    headers = {
        "Host": host,
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Mode": "no-cors",
        "Sec-Fetch-Dest": "empty",
    }
    async with httpx.AsyncClient(cookies={COOKIE: session}, headers=headers) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/.lunasec/secure-frame?state={state}")
    return answer.headers["location"]
