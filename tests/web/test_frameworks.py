"""The elements in what pages are made with: React's example as it is built, and a Vue page."""

import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browsers import WAIT_MILLISECONDS, inaccessible
from tests.deployments import Tokenizer, running_tokenizer
from tests.processes import free_ports, running
from tests.web.elements import SSN, box, field, filled, inside, posted, shown, text
from tests.web.site import Site, settled

ROOT = Path(__file__).parents[2]
REACT = ROOT / "examples" / "react"
VUE = ROOT / "node_modules/vue/dist/vue.esm-browser.prod.js"
OTHER = "457-55-5462"
SCRIPT = "text/javascript"

VUE_PAGE = """
<div id=app></div>
<script type=module>
  import { createApp, ref } from "/vue.js";
  const app = createApp({
    setup() {
      const tokens = ref(TOKENS), at = ref(0), codes = ref([]);
      return { tokens, at, codes, next: () => at.value = (at.value + 1) % tokens.value.length };
    },
    template: `
      <button id=next @click="next">Next</button>
      <secure-text id=one :token="tokens[at]"></secure-text>
      <ul><li v-for="token in tokens" :key="token">
        <secure-text :token="token" @secure-error="codes.push($event.detail.code)"></secure-text>
      </li></ul>
      <form id=form method=post action=/form>
        <secure-input id=ssn name=ssn :token="tokens[at]" required></secure-input>
        <button id=go>Save</button>
      </form>
      <p id=codes>{{ codes.join(" ") }}</p>`,
  });
  app.config.compilerOptions.isCustomElement = (tag) => tag.startsWith("secure-");
  app.mount("#app");
</script>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The React example, running."""

    origin: str
    tokenizer: Tokenizer


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Generator[Example]:
    """Build the example as its README says, and start it beside a tokenizer."""
    for command in (["node_modules/.bin/tsc"], ["node_modules/.bin/vite", "build"]):
        subprocess.run(command, cwd=REACT, check=True, capture_output=True)
    folder = tmp_path_factory.mktemp("react")
    [port] = free_ports(1)
    origin = f"http://app.lunasec.localhost:{port}"
    with running_tokenizer(folder, applications={"payroll": origin}) as tokenizer:
        environment = {
            "LUNASEC_APPLICATION": "payroll",
            "LUNASEC_KEY_FILE": str(folder / "payroll.key"),
            "LUNASEC_TOKENIZER_URL": tokenizer.origin,
            "LUNASEC_TOKENIZER_INTERNAL_URL": f"http://127.0.0.1:{tokenizer.port}",
        }
        command = [sys.executable, "-m", "uvicorn", "server:app", "--app-dir", str(REACT)]
        command += ["--port", str(port)]
        with running(command, folder=folder, ready={port: "/"}, environment=environment):
            yield Example(origin=origin, tokenizer=tokenizer)


async def test_react(example: Example, cookies_blocked: Browser) -> None:
    """Typed, saved by the API, shown, changed, shown again, and gone at the log-out: one page."""
    context = await cookies_blocked.new_context()
    context.set_default_timeout(WAIT_MILLISECONDS)
    page = await context.new_page()
    posts: list[str] = []
    page.on("request", lambda each: posts.append(each.post_data or ""))
    await page.goto(example.origin)
    await page.fill("#name", "Ada")
    await page.click("#log-in")
    for value in (SSN, OTHER):
        await page.click("#edit")
        await box(page).click()
        await page.keyboard.type(value)
        await page.click("#save")
        await expect(shown(page, "#shown")).to_have_text(value)
    assert await inaccessible(page) == []
    assert not [each for each in posts if SSN in each or OTHER in each]
    assert SSN not in await page.content()
    await page.click("#log-out")
    await expect(page.locator("#name")).to_be_visible()
    await page.fill("#name", "Bob")
    await page.click("#log-in")
    await expect(page.locator("#nothing")).to_be_visible()
    await context.close()


async def test_vue(site: Site, page: Page) -> None:
    """Bound attributes, lists with keys, events and forms do what they do with native elements."""
    tokens = await site.store(page, SSN, OTHER)

    async def runtime(route: Route) -> None:
        await route.fulfill(path=VUE, content_type=SCRIPT)

    await page.route("**/vue.js", runtime)
    body = VUE_PAGE.replace("TOKENS", str(["lunasec-", *tokens][1:]))
    await site.show(page, body, wait=False)
    await page.wait_for_selector("#app secure-input")
    await settled(page)
    await expect(shown(page, "#one")).to_have_text(SSN)
    await expect(filled(page)).to_have_text(SSN)
    await page.click("#next")
    await expect(shown(page, "#one")).to_have_text(OTHER)
    await expect(shown(page, "li:last-child secure-text")).to_have_text(OTHER)
    await page.click("#go")
    assert await posted(site, page) == {"ssn": tokens[1]}


BOUND = """
<div id=app></div>
<form id=elsewhere></form>
<script type=module>
  import { createApp } from "/vue.js";
  const app = createApp({
    data: () => ({ on: false }),
    template: `
      <secure-text id=text token="TOKEN" :copy="on"></secure-text>
      <secure-download id=down :auto="on"></secure-download>
      <secure-textarea id=lines :auto-grow="on" :required="on" :disabled="on"></secure-textarea>
      <secure-upload id=up :multiple="on"></secure-upload>
      <secure-group id=group :autofill="on"><secure-text></secure-text></secure-group>
      <secure-input id=ssn :readonly="on" form="elsewhere"></secure-input>
      <button id=turn @click="on = !on">x</button>`,
  });
  app.config.compilerOptions.isCustomElement = (tag) => tag.startsWith("secure-");
  app.mount("#app");
</script>"""
FOUND = """() => [[text, "copy"], [down, "auto"], [lines, "required"], [lines, "disabled"],
  [up, "multiple"], [group, "autofill"], [ssn, "readonly"]].map(([element, name]) =>
  element.hasAttribute(name))"""


async def test_vue_turns_them_off(site: Site, page: Page) -> None:
    """What is bound to false is off, as of a native element, and on when it is true."""
    [token] = await site.store(page, SSN)
    await page.route("**/vue.js", lambda route: route.fulfill(path=VUE, content_type=SCRIPT))
    # Once without what is loaded later, and again with it: Vue asks an element what it has.
    await site.show(page, BOUND.replace("TOKEN", token), wait=False)
    await page.wait_for_selector("#app secure-input")
    await settled(page)
    for on in (False, True, False):
        assert await page.evaluate(FOUND) == [on] * 7
        assert await page.evaluate("[lines.autoGrow, lines.options().grow]") == [on, on]
        await expect(inside(page, "#text").locator("button.copy")).to_have_count(int(on))
        await page.click("#turn")
    assert await page.evaluate("ssn.form === elsewhere")


async def test_react_names_a_form_by_a_property(site: Site, page: Page) -> None:
    """It sets whatever an element has; what is bound to a form's id belongs to that form."""
    await site.show(page, f"<form id=form></form>{field()}<secure-upload id=up></secure-upload>")
    await page.evaluate("for (const each of [ssn, up]) each.form = 'form'")
    assert await page.evaluate("[ssn.form === form, up.form === form]") == [True, True]


async def test_elements_that_are_there_before_their_code(site: Site, page: Page) -> None:
    """Markup of a server is upgraded where it stands, and survives being rendered once more."""
    [token] = await site.store(page, SSN)
    await site.show(page, text(token, "id=shown") + field(token))
    await expect(shown(page, "#shown")).to_have_text(SSN)
    # As a framework hydrates: the same markup, put in once more.
    await page.evaluate("document.body.innerHTML = document.body.innerHTML")
    await settled(page)
    await expect(shown(page, "#shown")).to_have_text(SSN)
    await expect(filled(page)).to_have_text(SSN)
