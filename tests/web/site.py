"""An application whose pages a test writes: real elements, a real tokenizer, a log of posts."""

import asyncio
import contextlib
import html
import json
import re
import secrets
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import uvicorn
from playwright.async_api import Frame, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from lunasec.starlette import LunaSec, cookie_session_id, header_session_id
from tests.deployments import LUNASEC, Tokenizer, running_tokenizer
from tests.processes import free_ports

COOKIE = "session"
ROLES = ("/input", "/text", "/textarea", "/group", "/upload", "/download")

grouped: WeakKeyDictionary[Page, list[tuple[str, str]]] = WeakKeyDictionary()
"""Tabs whose elements all stand in one group; with their names and ids, in order."""

STORE = """async (values) => {
  const base = document.querySelector("script").src.replace(/frame.*/, "");
  const { seal } = await import(base + "frame/seal.js");
  const { application } = JSON.parse(document.querySelector("meta[name=lunasec-frame]").content);
  const sealed = [];
  for (const value of values) {
    sealed.push({ ...(await seal(value, { application, kind: "text" })), kind: "text" });
  }
  const { session } = document.documentElement.dataset;
  const headers = { "Content-Type": "application/json", "LunaSec-Application": application };
  const body = JSON.stringify({ session, values: sealed });
  for (;;) {
    const answer = await fetch("/tokenize", { method: "POST", headers, body });
    if (answer.ok) return (await answer.json()).tokens;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The application: `pages` maps a name to the body that `/page/<name>` answers.

    Where a driver is a process of its own it writes the body into the address: `?body=`.
    """

    application: str
    origin: str
    tokenizer: Tokenizer
    pages: dict[str, str] = field(default_factory=dict[str, str])
    posts: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    async def log_in(self, page: Page, session: str | None = None) -> str:
        """Give the page's browser a session of the application; return its id."""
        session = session or secrets.token_urlsafe(24)
        cookie: Any = {"name": COOKIE, "value": session, "url": self.origin}
        await page.context.add_cookies([cookie])
        return session

    async def show(self, page: Page, body: str, *, wait: bool = True) -> None:
        """Open a page with that body, and wait until each of its elements is there."""
        name = secrets.token_hex(4)
        if page in grouped:
            found = re.findall(r"<(secure-\w+)(?: [^>]*?\bid=(\w+))?", body)
            grouped[page] = [(kind, f"#{each}") for kind, each in found]
            body = f"<secure-group>{body}</secure-group>"
        self.pages[name] = body
        await page.goto(f"{self.origin}/page/{name}")
        if wait:
            await settled(page)

    async def grant(self, page: Page, tokens: list[str], **how: int) -> None:
        """Let the page's session read tokens."""
        if not page.url.startswith(self.origin):
            await self.show(page, "", wait=False)
        await self.call(page, "/grant", {"tokens": tokens, **how})

    async def call(self, page: Page, path: str, body: object = None) -> None:
        """Have the page's browser post to the application."""
        status = await page.evaluate(
            "([path, body]) => fetch(path, { method: 'POST', body }).then(({ status }) => status)",
            [path, json.dumps(body)],
        )
        assert status == HTTPStatus.OK, status

    async def store(self, page: Page, *values: str, grant: bool = True) -> list[str]:
        """Store values in the page's session, and let it read them."""
        await self.show(page, "<secure-input></secure-input>")
        tokens: list[str] = await coordinator(page).evaluate(STORE, list(values))
        if grant:
            await self.grant(page, tokens)
        return tokens


def coordinator(page: Page) -> Frame:
    """Find the coordinator's document."""
    return next(each for each in page.frames if each.url.endswith("/coordinator"))


def field_frames(page: Page) -> list[Frame]:
    """Find the documents of the elements."""
    return [each for each in page.frames if each.url.endswith(ROLES)]


async def settled(page: Page) -> None:
    """Wait until every element has its value or says why not."""
    await page.wait_for_function(
        """() => [...document.querySelectorAll(
          "secure-input, secure-text, secure-textarea, secure-upload, secure-download")].every(
          (each) => each.matches(":state(error)") || each.iframe?.classList.contains("ready"))"""
    )


def _application(site: Site, lunasec: LunaSec) -> Starlette:
    async def page(request: Request) -> Response:
        body = request.query_params.get("body") or site.pages[request.path_params["name"]]
        head = f"<meta charset=utf-8><title>Test</title>{lunasec.meta(request)}{lunasec.script()}"
        document = f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>"
        return HTMLResponse(document, headers={"Cache-Control": "no-cache"})

    async def form(request: Request) -> Response:
        async with request.form() as posted:
            # Several values of one name stand there with a space between.
            values = {name: " ".join(map(str, posted.getlist(name))) for name in posted}
            site.posts.append(values)
        told = html.escape(json.dumps(values))
        return HTMLResponse(f"<!doctype html><title>Posted</title><p id=posted>{told}")

    async def grant(request: Request) -> Response:
        body = await request.json()
        granted = await lunasec.grants.create(request, body.pop("tokens"), **body)
        return JSONResponse({"refused": granted.refused})

    async def revoke(request: Request) -> Response:
        await lunasec.grants.revoke(request, await request.json())
        return JSONResponse({})

    async def verify(request: Request) -> Response:
        await lunasec.grants.verify(request, (await request.json())["tokens"])
        return JSONResponse({})

    async def end(request: Request) -> Response:
        await lunasec.sessions.end(request)
        answer = JSONResponse({})
        answer.delete_cookie(COOKIE)
        return answer

    app = Starlette(
        routes=[
            Route("/page/{name}", page),
            Route("/form", form, methods=["POST"]),
            Route("/grant", grant, methods=["POST"]),
            Route("/revoke", revoke, methods=["POST"]),
            Route("/verify", verify, methods=["POST"]),
            Route("/end", end, methods=["POST"]),
        ]
    )
    lunasec.register(app)
    return app


def _configure(folder: Path, origin: str, settings: str) -> None:
    """Write `lunasec.toml`, with settings of the test's own in the application's part."""
    configuration = folder / "lunasec.toml"
    command: list[str | Path] = [LUNASEC, "app", "add", "payroll", "--origin", origin]
    command += ["--config", configuration, "--tokenizer", "http://secure.lunasec.localhost:1"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with configuration.open("a") as file:
        file.write(f"\n{settings}\n")


@asynccontextmanager
async def running_site(
    folder: Path,
    settings: str = "",
    *,
    header: str | None = None,
    host: str = "app.lunasec.localhost",
) -> AsyncGenerator[Site]:
    """Start a tokenizer and the application; `settings` is added to its part of `lunasec.toml`.

    With `header`, that header of the page's scripts is the session, and no cookie.
    """
    [port] = free_ports(1)
    origin = f"http://{host}:{port}"
    _configure(folder, origin, settings)
    with running_tokenizer(folder, applications={"payroll": origin}) as tokenizer:
        lunasec = LunaSec(
            application="payroll",
            key_file=folder / "payroll.key",
            tokenizer_url=tokenizer.origin,
            session_id_provider=header_session_id(header) if header else cookie_session_id(COOKIE),
            header_sessions=header is not None,
        )
        site = Site(application="payroll", origin=origin, tokenizer=tokenizer)
        config = uvicorn.Config(
            _application(site, lunasec),
            host="127.0.0.1",
            port=port,
            log_level="critical",
            lifespan="off",
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        try:
            for _ in range(500):
                if not server.started:
                    await asyncio.sleep(0.02)
            yield site
        finally:
            server.should_exit = True
            server.force_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await serving
