"""T1: what a script in the application's page can't do, tried in a real browser.

`page.evaluate` runs in the page's own realm, past its Content-Security-Policy: the strongest form
of cross-site scripting there is.
"""

import re

from playwright.async_api import expect

from tests.attacks.browser.victims import FORM, SHOWN, Victim, done_by, in_both_deployments, until
from tests.conftest import NewVisitor
from tests.scenes import Scene

VALUE = "219-09-9999"
OTHER = "457-55-5462"

# Whatever the page can hear or hand on, from before the first line of anybody else's script.
WIRETAP = """() => {
  if (window !== top || !/^https?:\\/\\/(app|clinic)\\./.test(location.href)) return;
  const heard = window.heard = [];
  const note = (what) => { try { heard.push(JSON.stringify(what) ?? String(what)); } catch { heard.push(String(what)); } };
  addEventListener("message", (event) => note({ window: event.data, ports: event.ports.length }), true);
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (...all) { note({ sent: all[0] }); return post.apply(this, all); };
  const { set } = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
  Object.defineProperty(MessagePort.prototype, "onmessage", { set(handler) {
    this.addEventListener("message", (event) => note({ port: event.data }));
    set.call(this, handler);
  } });
  for (const type of ["input", "change", "keydown", "keyup", "beforeinput", "paste", "copy", "focusin",
    "secure-ready", "secure-error", "secure-expired", "securitypolicyviolation", "submit", "formdata"]) {
    addEventListener(type, (event) => note({ type, key: event.key, data: event.data, detail: event.detail,
      blocked: event.blockedURI, value: event.target?.value }), true);
  }
  for (const name of ["encrypt", "decrypt", "importKey"]) {
    const own = SubtleCrypto.prototype[name];
    SubtleCrypto.prototype[name] = function (...all) { note({ crypto: name }); return own.apply(this, all); };
  }
  new PerformanceObserver((list) => list.getEntries().forEach((each) => note(each.toJSON())))
    .observe({ entryTypes: ["resource", "navigation"] });
  new ReportingObserver((reports) => reports.forEach((each) => note(each.toJSON?.() ?? each)), { buffered: true }).observe();
}"""


async def heard(victim: Victim) -> str:
    """Return all that the wiretap in the page has noted."""
    return str(await victim.page.evaluate("JSON.stringify(window.heard)"))


def tells(text: str, value: str) -> bool:
    """Tell whether a text has a value, or its digits."""
    return value in text or value.replace("-", "") in re.sub(r"[^0-9]", "", text)


@in_both_deployments
async def test_a_script_hears_no_value_key_or_handle(scene: Scene, new_visitor: NewVisitor) -> None:
    """T1: with every channel of the page tapped from the first moment, no secret comes by."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.visitor.context.clear_cookies(domain=re.compile("secure"))
    await ada.page.add_init_script(f"({WIRETAP})()")
    await ada.opens(
        SHOWN.format(token=token) + FORM.format(attributes=f' token="{token}"'), grant=token
    )
    await ada.sees("#shown", VALUE)
    await ada.types("#ssn", OTHER)
    await ada.page.evaluate(
        "lunasec = document.querySelector('form').addEventListener('submit', (e) => e.preventDefault())"
    )
    await ada.page.click("#save")
    await ada.page.wait_for_function(
        f"document.querySelector('#ssn').value.startsWith('lunasec-') && document.querySelector('#ssn').value !== '{token}'"
    )
    text = await heard(ada)
    assert "lunasec-" in text, "the wiretap hears tokens, so it would have heard the rest"
    for value in (VALUE, OTHER):
        assert value not in text
        assert value.replace("-", "") not in text
    assert "handle=" not in text
    assert '"key"' not in text.replace('"key":null', "")
    assert "ciphertext" not in text


@in_both_deployments
async def test_a_script_reads_no_answer_of_the_tokenizer(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """T1: fetch in every mode, with every header a page may set, yields no readable answer."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.looks_at(token, VALUE)
    got = await ada.page.evaluate(
        """async ([tokenizer, token]) => {
        const session = document.querySelector("meta[name=lunasec-session]").content;
        const body = JSON.stringify({ session, tokens: [token] });
        const results = [];
        for (const path of ["/detokenize", "/session/ensure", "/tokens/describe", "/tokenize"])
        for (const mode of ["cors", "no-cors", "same-origin"])
        for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"])
        for (const extra of [{}, { "LunaSec-Application": "payroll" }])
        for (const cache of ["default", "only-if-cached"]) {
          try {
            const answer = await fetch(tokenizer + path, { method: "POST", mode, body, cache, credentials: "include",
              headers: { "Content-Type": type, ...extra } });
            results.push([answer.type, await answer.text(), [...answer.headers].join()]);
          } catch (error) { results.push(["error", "", ""]); }
        }
        return results;
      }""",
        [scene.tokenizer, token],
    )
    assert {kind for kind, _, _ in got} <= {"error", "opaque"}
    assert all(text == "" and headers == "" for _, text, headers in got)


@in_both_deployments
async def test_a_script_does_not_get_into_a_frame(scene: Scene, new_visitor: NewVisitor) -> None:
    """T1: neither the frame's window, nor its document, nor a window of its own gives anything."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.looks_at(token, VALUE)
    got = await ada.page.evaluate(
        """async (tokenizer) => {
        const tried = {};
        const attempt = (name, f) => { try { tried[name] = String(f()); } catch (e) { tried[name] = e.name; } };
        const frame = document.querySelector("#shown").shadowRoot.querySelector("iframe");
        attempt("contentDocument", () => frame.contentDocument);
        attempt("document", () => frame.contentWindow.document);
        attempt("eval", () => frame.contentWindow.eval("document.body.innerText"));
        attempt("name", () => frame.contentWindow.name);
        attempt("javascript", () => { frame.contentWindow.location = "javascript:alert(1)"; return "asked"; });
        for (let i = 0; i < window.length; i++) {
          attempt("frames" + i, () => window[i].document);
          attempt("href" + i, () => window[i].location.href);
        }
        attempt("domain", () => { document.domain = location.hostname.split(".").slice(1).join("."); return frame.contentWindow.document; });
        const opened = window.open(tokenizer + "/frame/payroll/text");
        await new Promise((done) => setTimeout(done, 800));
        attempt("opened", () => opened.document.body.innerText);
        return tried;
      }""",
        scene.tokenizer,
    )
    for name, result in got.items():
        assert result in {"SecurityError", "null", "asked"}, (name, result)
    await ada.page.wait_for_timeout(300)
    assert not tells(await ada.page.evaluate("document.documentElement.outerHTML"), VALUE)


@in_both_deployments
async def test_a_script_learns_no_handle(scene: Scene, new_visitor: NewVisitor) -> None:
    """T1: the bootstrap's redirect shows its target to nobody: not in any fetch mode."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    await ada.page.add_init_script(f"({WIRETAP})()")
    await ada.opens("<p>nothing yet</p>")
    got = await ada.page.evaluate(
        """async () => {
        const results = [];
        const state = "A".repeat(43);
        for (const mode of ["cors", "no-cors", "same-origin"])
        for (const redirect of ["follow", "manual", "error"])
        for (const credentials of ["include", "same-origin"]) {
          try {
            const answer = await fetch("/.lunasec/secure-frame?state=" + state, { mode, redirect, credentials });
            results.push(JSON.stringify([answer.url, answer.type, answer.status, [...answer.headers], await answer.text()]));
          } catch (error) { results.push(String(error)); }
        }
        const frame = document.createElement("iframe");
        frame.src = "/.lunasec/secure-frame?state=" + state;
        document.body.append(frame);
        await new Promise((done) => setTimeout(done, 800));
        try { results.push(frame.contentWindow.location.href); } catch (error) { results.push(error.name); }
        results.push(JSON.stringify(performance.getEntries()));
        const meta = document.createElement("meta");
        meta.httpEquiv = "Content-Security-Policy";
        meta.content = "connect-src 'self'";
        document.head.append(meta);
        await fetch("/.lunasec/secure-frame?state=" + state, { mode: "no-cors", credentials: "include" }).catch(() => {});
        await new Promise((done) => setTimeout(done, 300));
        results.push(JSON.stringify(window.heard));
        return results.join("\\n");
      }"""
    )
    assert "secure-frame" in got
    assert "handle" not in got
    assert "session/create" not in got


@in_both_deployments
async def test_a_loop_in_the_page_does_not_stall_a_frame(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """T1: a page that hangs leaves the frame running: they do not share a thread."""
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.looks_at(token, VALUE)
    [frame] = ada.frames("text")
    assert await frame.evaluate("window.originAgentCluster") is True
    await frame.evaluate("window.ticks = 0; setInterval(() => { window.ticks += 1 }, 20)")
    await ada.page.evaluate(
        """() => { setTimeout(() => {
          const end = performance.now() + 1200; while (performance.now() < end);
        }, 0) }"""
    )
    ticks = await frame.evaluate("new Promise((done) => setTimeout(() => done(window.ticks), 700))")
    assert ticks > 5


@in_both_deployments
async def test_a_session_planted_under_a_filled_frame(
    scene: Scene, new_visitor: NewVisitor
) -> None:
    """T1, T12: the filled frame is wiped, and its value is never stored for the planted session.

    The script keeps the library from removing the filled frame, logs the browser in as Mallory, and
    has a session of Mallory's set up at the tokenizer.
    """
    ada = await Victim.arrive("ada", scene, new_visitor)
    token = await ada.stores(VALUE)
    await ada.opens(FORM.format(attributes=f' token="{token}"'), grant=token)
    field = ada.page.frame_locator("#ssn iframe").locator("input")
    await expect(field).to_have_value(VALUE)
    mallory = await ada.page.evaluate(
        """async () => {
        HTMLIFrameElement.prototype.remove = () => {};
        document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
        const { session } = await (await fetch("/as/mallory-" + crypto.randomUUID())).json();
        dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
        return session;
      }"""
    )
    await until(lambda: done_by(scene, "session.redeem", mallory))
    assert await ada.page.evaluate("document.querySelectorAll('html > iframe').length") == 2
    for _ in range(3):
        await ada.page.evaluate("document.querySelector('form').requestSubmit()")
        await ada.page.wait_for_timeout(200)
    await until(lambda: _is_wiped(ada))
    assert not done_by(scene, "token.store", mallory)


async def _is_wiped(victim: Victim) -> bool:
    return not await victim.frames_show(VALUE)
