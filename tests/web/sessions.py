"""Sessions as a test needs them: renewed soon, or carried by a header of the page's scripts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, BrowserContext, Page, Route

from tests.web.elements import FORM, SSN, posted, type_into
from tests.web.site import Site, running_site

AUTHENTICATE = """
<script type=module>
  const headers = { "X-Session": "a-session-of-its-own", "Content-Type": "application/json" };
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


async def renew_soon(site: Site, page: Page, is_due: Callable[[dict[str, Any]], bool]) -> None:
    """Have the page told to renew its session in a second, in those answers that `is_due` says."""

    async def soon(route: Route) -> None:
        address = f"http://127.0.0.1:{site.tokenizer.port}/session/ensure"
        host = site.tokenizer.origin.removeprefix("http://")
        headers = await route.request.all_headers() | {"host": host}
        async with httpx.AsyncClient() as client:
            answer = await client.post(
                address, headers=headers, content=route.request.post_data or ""
            )
        told = answer.json()
        body = json.dumps(told | ({"renew_in": 1} if is_due(told) else {}))
        await route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=body)

    await page.route("**/session/ensure", soon)


async def post_by_header(browser: Browser, folder: Path) -> BrowserContext:
    """Store a typed value where the session is a header; give the browser, to be closed."""
    async with running_site(folder, "header_sessions = true", header="X-Session") as site:
        context = await browser.new_context()
        page = await context.new_page()
        await site.show(page, AUTHENTICATE + FORM.format(attributes=""), wait=False)
        await page.wait_for_selector("#ssn iframe.ready")
        await type_into(page, SSN)
        await page.click("#go")
        assert (await posted(site, page))["ssn"].startswith("lunasec-")
        return context
