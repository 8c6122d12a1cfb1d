"""The session of a page: what is said when there is none, and what happens when it ends."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, Request, Route, expect

from tests.web.site import Site, coordinator, field_frames, running_site
from tests.web.test_forms import type_into
from tests.web.test_input import FORM, SSN, box
from tests.web.test_text import problem, shown

TEXT = '<secure-text token="{}"></secure-text>'
NOBODY = "lunasec-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAbP_uA0"
PLUGIN = "**/.lunasec/secure-frame*"


async def test_nobody_is_logged_in(site: Site, page: Page) -> None:
    """Without a session every element says so, nothing is asked for, and a log-in is noticed."""
    await page.context.clear_cookies()
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url))
    await site.show(page, TEXT.format(NOBODY) + "<secure-input></secure-input>")
    await problem(page, "no_session")
    await problem(page, "no_session", "secure-input")
    assert not [each for each in asked if "/frame/" in each.replace("/frame/style", "")
                and "/assets/" not in each]
    await site.log_in(page)
    await page.evaluate("import(document.querySelector('script').src).then(({ lunasec }) => lunasec.refresh())")
    await problem(page, "not_granted")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 401}, "no_session"),
        ({"status": 404}, "plugin_not_found"),
        ({"status": 200, "body": "<h1>Log in"}, "plugin_not_reached"),
        ({"status": 403}, "plugin_refused"),
        (None, "blocked"),
    ],
)
async def test_failures_of_the_bootstrap(
    site: Site, page: Page, answer: dict[str, object] | None, code: str
) -> None:
    """Each has a code of its own, and one bootstrap a page is all there is."""
    asked: list[Request] = []

    async def instead(route: Route) -> None:
        asked.append(route.request)
        await (route.fulfill(**answer) if answer else route.abort())  # type: ignore[arg-type]

    await page.route(PLUGIN, instead)
    await site.show(page, TEXT.format(NOBODY))
    await problem(page, code)
    await page.wait_for_timeout(1_500)
    assert len(asked) == 1


async def test_cookies_that_do_not_come_back(site: Site, page: Page) -> None:
    """The redirect was followed and T still knows nobody: cookies are blocked."""
    elsewhere = {"Location": f"{site.tokenizer.origin}/lunasec.js"}
    await page.route(PLUGIN, lambda route: route.fulfill(status=303, headers=elsewhere))
    await site.show(page, TEXT.format(NOBODY))
    await problem(page, "cookies_blocked")


async def test_an_application_that_is_away_is_tried_again(site: Site, page: Page) -> None:
    """A 503 is `unavailable`, and the page recovers by itself."""
    times = 0

    async def once(route: Route) -> None:
        nonlocal times
        times += 1
        await (route.fulfill(status=503) if times == 1 else route.continue_())

    await page.route(PLUGIN, once)
    await site.show(page, TEXT.format(NOBODY))
    await problem(page, "unavailable")
    await problem(page, "not_granted")
    assert times == 2


async def test_a_tokenizer_that_is_away_is_tried_again(site: Site, page: Page) -> None:
    """The rest of the page works on, and the value is shown as soon as it can be had."""
    [token] = await site.store(page, SSN)
    away = True

    async def sometimes(route: Route) -> None:
        await (route.fulfill(status=503) if away else route.continue_())

    await page.route("**/session/ensure", sometimes)
    await page.route("**/detokenize", sometimes)
    await site.show(page, TEXT.format(token))
    await problem(page, "unavailable")
    away = False
    await expect(shown(page)).to_have_text(SSN, timeout=10_000)
    await expect(page.locator("secure-text")).not_to_have_attribute("aria-invalid", "true")


async def test_an_insecure_page(site: Site, cookies_blocked: Browser) -> None:
    """Plain http elsewhere than on localhost has no WebCrypto: the element says so."""
    context = await cookies_blocked.new_context()
    page = await context.new_page()
    site.pages["insecure"] = TEXT.format(NOBODY)
    origin = site.origin.replace("app.lunasec.localhost", "app.lunasec.example")
    await page.goto(f"{origin}/page/insecure")
    await problem(page, "insecure_context")
    await context.close()


async def test_a_log_out_blanks_open_pages(site: Site, page: Page) -> None:
    """Within 10 seconds an open page shows nothing any more, stored or typed."""
    [token] = await site.store(page, SSN)
    await site.show(page, TEXT.format(token) + FORM.format(attributes=""))
    await expect(shown(page)).to_have_text(SSN)
    await type_into(page, "typed")
    frames = field_frames(page)
    other = await page.context.new_page()
    await site.show(other, "", wait=False)
    await site.call(other, "/end")
    await page.bring_to_front()
    await page.wait_for_function("document.querySelector('secure-text').problem?.code === 'no_session'", timeout=10_000)
    await problem(page, "no_session", "secure-input")
    assert all(each.is_detached() for each in frames)
    assert await page.evaluate("[...new FormData(form).values()]") == [""]


async def test_another_user_in_the_same_browser(site: Site, page: Page) -> None:
    """A page of the first user's is wiped, and goes on as the second's: nothing is carried over."""
    [token] = await site.store(page, SSN)
    await site.show(page, TEXT.format(token) + FORM.format(attributes=f"token={token}"))
    await expect(shown(page)).to_have_text(SSN)
    await expect(box(page)).to_have_value(SSN)
    reference = await coordinator(page).evaluate("document.documentElement.dataset.session")
    other = await page.context.new_page()
    await site.log_in(other)
    await site.show(other, "<secure-input></secure-input>")
    await page.bring_to_front()
    await problem(page, "not_granted")
    await problem(page, "not_granted", "secure-input")
    assert await coordinator(page).evaluate("document.documentElement.dataset.session") != reference
    assert SSN not in "".join([await each.content() for each in page.frames])


async def test_two_users_who_fight_over_a_browser(site: Site, page: Page) -> None:
    """A session that changes again within a minute is a conflict, and the end: no loop."""
    await site.show(page, TEXT.format(NOBODY))
    await problem(page, "not_granted")
    for _ in range(2):
        other = await page.context.new_page()
        await site.log_in(other)
        await site.show(other, "<secure-input></secure-input>")
        await other.wait_for_timeout(500)
        await other.close()
        await page.bring_to_front()
        await page.wait_for_timeout(6_000)
    await problem(page, "session_conflict")
    asked: list[str] = []
    page.on("request", lambda each: asked.append(each.url))
    await page.wait_for_timeout(6_000)
    assert not asked


async def test_renewal(site: Site, page: Page) -> None:
    """A session is renewed in time, by the whole bootstrap, and what is shown stays."""
    [token] = await site.store(page, SSN)
    created: list[str] = []
    page.on("request", lambda each: created.append(each.url) if "/session/create/" in each.url else None)

    async def soon(route: Route) -> None:
        address = f"http://127.0.0.1:{site.tokenizer.port}/session/ensure"
        headers = await route.request.all_headers()
        async with httpx.AsyncClient() as client:
            answer = await client.post(address, headers=headers, content=route.request.post_data or "")
        body = answer.json()
        if body["active"] and not created:
            body["renew_in"] = 1
        await route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=json.dumps(body))

    await page.route("**/session/ensure", soon)
    await site.show(page, TEXT.format(token))
    await expect(shown(page)).to_have_text(SSN)
    frame = field_frames(page)[0]
    await _until(page, lambda: bool(created))
    await page.wait_for_timeout(500)
    assert not frame.is_detached()
    assert await frame.locator("span").text_content() == SSN
    assert len(created) == 1


async def _until(page: Page, happened: Callable[[], bool]) -> None:
    for _ in range(100):
        if happened():
            return
        await page.wait_for_timeout(100)
    raise AssertionError


async def test_a_coordinator_that_was_taken_away(site: Site, page: Page) -> None:
    """Frames that hear nothing any more show nothing any more: a log-out would pass them by."""
    [token] = await site.store(page, SSN)
    await site.show(page, TEXT.format(token))
    await expect(shown(page)).to_have_text(SSN)
    frame = field_frames(page)[0]
    await page.evaluate("document.querySelector('html > iframe').remove()")
    await page.wait_for_function("document.querySelectorAll('html > iframe').length")
    assert frame.is_detached()
    await expect(shown(page)).to_have_text(SSN)


AUTHENTICATE = """
<script type=module>
  const headers = { "X-Session": "a-session-that-is-long-enough", "Content-Type": "application/json" };
  const { lunasec } = await import(document.querySelector("script").src);
  await lunasec.authenticate({
    identify: () => fetch("/.lunasec/session", { headers }).then((answer) => answer.json()),
    handle: async (state) => {
      const body = JSON.stringify({ state });
      const answer = await fetch("/.lunasec/session", { method: "POST", headers, body });
      return (await answer.json()).handle;
    },
  });
</script>"""


async def test_a_session_in_a_header(cookies_blocked: Browser, tmp_path: Path) -> None:
    """An application without cookies vouches through its own scripts."""
    async with running_site(tmp_path, "header_sessions = true", header="X-Session") as site:
        context = await cookies_blocked.new_context()
        page = await context.new_page()
        await site.show(page, AUTHENTICATE + FORM.format(attributes=""), wait=False)
        await page.wait_for_selector("#ssn iframe.ready")
        await type_into(page, SSN)
        await page.click("#go")
        await page.wait_for_selector("#posted")
        assert site.posts.pop()["ssn"].startswith("lunasec-")
        await context.close()
