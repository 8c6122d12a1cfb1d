"""T1, T18, T19, T27, T28: a script in the page, or a file itself, against the frames of files."""

import json
from typing import Final

import pytest
from playwright.async_api import Page, Request, expect

from tests.web.attacker import embed, reference_of, told
from tests.web.elements import LIBRARY
from tests.web.files import (
    FORM,
    MIB,
    all_ready,
    choose,
    download_of,
    fetched,
    inside,
    noise,
    payload,
    rows,
    start,
    store_files,
)
from tests.web.site import Site

CANARY: Final = "canary-5d1f"

REACH: Final = """[...document.querySelectorAll("secure-upload, secure-download")].map((each) => {
  try {
    return each.shadowRoot.querySelector("iframe").contentWindow.document.body.innerText;
  } catch (error) {
    return error.name;
  }
})"""

# All that a page sees of the two elements, with the token taken out.
SEEN: Final = """(token) => {
  const own = (each) => JSON.stringify([
    Object.keys(ValidityState.prototype).map((name) => each.validity?.[name]),
    each.validationMessage, each.value?.replaceAll(token, "token"), each.tokens?.length,
    each.pending, [...each.internals.states].sort(), each.getBoundingClientRect().toJSON(),
    each.scrollWidth, each.scrollHeight, each.innerText,
    each.shadowRoot.innerHTML.replaceAll(token, "token"),
    [...each.shadowRoot.querySelectorAll("iframe")].map(({ contentWindow, clientHeight }) =>
      [contentWindow.length, clientHeight]),
  ]);
  const heard = window.told.filter(([from]) => from !== "scroll");
  return [...["secure-upload", "secure-download"].map((name) => own(document.querySelector(name))),
    ...heard.map(([from, data]) => from + data.replaceAll(token, "token")).sort()];
}"""


async def test_t1_a_script_learns_nothing_of_files(site: Site, bugged: Page) -> None:
    """T1: neither name, content, key nor ciphertext of a file passes through the page's realm."""
    page = bugged
    keys = ("key", "ciphertext")
    secrets = {CANARY, "chosen-name"}

    def keep(request: Request) -> None:
        if request.url.endswith("/tokenize"):
            secrets.update(json.loads(request.post_data or "")["values"][0][each] for each in keys)

    page.on("request", keep)
    stored = payload(f"{CANARY}.txt", f"{CANARY} content".encode(), "text/x-canary-5d1f")
    [token] = await store_files(site, page, stored)
    attributes = f'multiple token="{token}"'
    await site.show(page, download_of(token) + FORM.format(attributes=attributes))
    await choose(page, payload("chosen-name.txt", b"chosen-content"))
    await all_ready(page, 2)
    assert (await fetched(page))[1].startswith(CANARY.encode())
    await page.evaluate(LIBRARY + "lunasec.ready(form))")
    assert len(secrets) == 2 + 2 * 2
    said = json.dumps(await told(page))
    assert "welcome" in said
    entries = await page.evaluate("JSON.stringify(performance.getEntries())")
    reports = await page.evaluate("document.cookie + JSON.stringify(history.state)")
    everything = said + entries + reports + await page.content()
    assert [each for each in secrets if each in everything] == []
    assert "chosen-content" not in everything
    assert await page.evaluate(REACH) == ["SecurityError"] * 2


async def test_t1_a_script_reads_no_segment(site: Site, page: Page) -> None:
    """T1: no request of the page's own gets at a segment, a worker's address or its script."""
    [token] = await store_files(site, page, payload("a.bin", noise(MIB)))
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("a.bin")
    session = await reference_of(page)
    origin = site.tokenizer.origin
    tries = """async ([origin, body]) => {
      const answers = [];
      for (const mode of ["cors", "no-cors"]) {
        for (const headers of [{}, { "Content-Type": "application/json" }]) {
          const how = { mode, method: "POST", credentials: "include", headers, body };
          for (const path of ["/files/read", "/files", "/files/missing", "/files/drop"]) {
            answers.push(await fetch(origin + path, how).then(({ type, status }) => type + status,
              ({ name }) => name));
          }
        }
        answers.push(await fetch(origin + "/download/worker.js", { mode }).then(
          (answer) => answer.text(), ({ name }) => name));
      }
      return answers;
    }"""
    body = json.dumps({"session": session, "token": token, "segment": 0})
    answers = await page.evaluate(tries, [origin, body])
    assert set(answers) <= {"TypeError", "opaque0", ""}
    register = (
        "(url) => navigator.serviceWorker.register(url).then(() => '', (error) => error.name)"
    )
    assert await page.evaluate(register, f"{origin}/download/worker.js") == "SecurityError"


async def test_t18_a_scripts_click_starts_nothing(site: Site, page: Page) -> None:
    """T18: without `auto` a download wants a person's own click."""
    [token] = await store_files(site, page, payload("a.bin"))
    await site.show(page, download_of(token))
    await expect(start(page)).to_contain_text("a.bin")
    begun: list[str] = []
    page.on("download", lambda each: begun.append(each.url))
    await page.evaluate("document.querySelector('secure-download').click()")
    await start(page).dispatch_event("click")
    await page.wait_for_timeout(800)
    assert not begun


async def test_t19_forged_messages_move_no_file(site: Site, bugged: Page) -> None:
    """T19: over the page's port a frame takes what a page may say, and asks nothing for it."""
    page = bugged
    [token] = await store_files(site, page, payload(f"{CANARY}.bin"))
    await site.show(page, download_of(token) + FORM.format(attributes=f"token={token}"))
    await expect(start(page)).to_contain_text(CANARY)
    session = await reference_of(page)
    for role in ("upload", "download", "coordinator"):
        assert await embed(site, page, role, session=session)
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url))
    forged = """([token, upload]) => {
      const messages = [
        { type: "files" }, { type: "plan", size: 1 }, { type: "drop", upload }, { type: "leave" },
        { type: "send", upload, index: 0, bytes: new ArrayBuffer(8) },
        { type: "read", token, segment: 0 }, { type: "keep", upload, key: "", ciphertext: "" },
        { type: "pull" }, { type: "bytes" }, { id: upload, size: 1, disposition: "inline" },
      ];
      for (const port of [...ports, uploadPort, downloadPort, coordinatorPort]) {
        for (const message of messages) port.postMessage(message, [new MessageChannel().port2]);
      }
      for (const { contentWindow } of document.querySelectorAll("iframe")) {
        for (const message of messages) contentWindow.postMessage(message, "*");
        contentWindow.postMessage("attach", "*", [new MessageChannel().port2]);
      }
    }"""
    await page.evaluate(forged, [token, "A" * 43])
    await page.wait_for_timeout(700)
    assert [each for each in asked if "/files" in each or "/download" in each] == []
    assert CANARY not in json.dumps(await told(page))
    await expect(start(page)).to_contain_text(CANARY)


@pytest.mark.parametrize("frame", ["page", "attacker"])
async def test_t27_nothing_told_depends_on_a_stored_file(
    site: Site, bugged: Page, frame: str
) -> None:
    """T27: the page sees and hears the same of any stored file, before and after its download."""
    page = bugged
    files = [
        payload("a", b"x"),
        payload("a rather long name of a file, longer than its row is wide.tar.gz", noise(3 * MIB)),
        payload("ü" * 100, noise(2_000), "image/png"),
        payload("\u202e\n.exe", b"MZ" * 100),
    ]
    tokens = await store_files(site, page, *files)
    seen: list[list[str]] = []
    for token in tokens:
        attributes = f'multiple required accept=.pdf max-size=1 token="{token}"'
        await site.show(page, download_of(token) + FORM.format(attributes=attributes))
        await expect(rows(page)).to_contain_text("Stored")
        if frame == "attacker":
            session = await reference_of(page)
            for role in ("upload", "download"):
                assert await embed(site, page, role, session=session)
            await page.evaluate(
                """(token) => {
                  uploadPort.postMessage({ type: "prefill", tokens: [token] });
                  downloadPort.postMessage({ type: "show", token });
                  uploadPort.postMessage({ type: "tokenize" }, [new MessageChannel().port2]);
                }""",
                token,
            )
        await page.wait_for_timeout(500)
        before = await page.evaluate(SEEN, token)
        await fetched(page)
        await expect(inside(page, "secure-download").locator(".said")).to_have_text("Downloaded")
        await page.evaluate("document.activeElement.blur()")
        await page.wait_for_timeout(300)
        seen.append([*before, *await page.evaluate(SEEN, token)])
    assert len(seen[0]) > 10
    for each in seen:
        assert each == seen[0]
