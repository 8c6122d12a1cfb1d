"""An identity provider as the tokenizer sees it, on loopback: it does what a test scripts."""

import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from lunasec.references import proxied_session_id, proxied_user_id, session_reference
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local, local
from tests.http.owned import OWNED
from tests.http.parties import PAYROLL, Browser
from tests.http.scripted_provider import CLIENT, SECRET, ScriptedProvider, handler

NAVIGATED = {"sec-fetch-dest": "document", "sec-fetch-mode": "navigate"}
HIDDEN = {"sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate"}
LOG_IN = f"/session/log-in/{PAYROLL}"
CALLBACK = f"{LOG_IN}/callback"


@dataclass(slots=True, kw_only=True)
class RelyingBrowser(Browser):
    """A browser that goes to the provider and comes back."""

    provider: ScriptedProvider

    async def go(self, path: str, **headers: str) -> httpx.Response:
        """Navigate."""
        stated = {**NAVIGATED, **self._cookie(), **headers}
        response = await self.parties.client.get(path, headers=stated)
        self._keep(response)
        return response

    async def begin(self, query: str = "", **headers: str) -> str:
        """Be sent to the provider; give where."""
        response = await self.go(LOG_IN + query, **headers)
        assert response.status_code == 303, response.text
        return response.headers["location"]

    async def come_back(self, said: dict[str, str], **headers: str) -> httpx.Response:
        """Bring what the provider said."""
        return await self.go(f"{CALLBACK}?{httpx.QueryParams(said)}", **headers)

    async def logs_in(self, user: str = "ada", sid: str = "s-1", query: str = "") -> httpx.Response:
        """Log in, all the way; the page then says the session of its own log-in."""
        self.session = self.provider_reference(user, sid)
        return await self.come_back(self.provider.log_in(await self.begin(query), user, sid))

    def provider_reference(self, user: str, sid: str) -> str:
        """Compute what the application makes of its own ID token."""
        issuer = self.provider.issuer
        said = proxied_session_id(issuer, sid) if sid else proxied_user_id(issuer, user)
        return session_reference(self.application, said, user)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relying:
    """A tokenizer and its provider."""

    parties: Local
    provider: ScriptedProvider

    def browser(self) -> RelyingBrowser:
        """Open a new browser."""
        return RelyingBrowser(parties=self.parties, application=PAYROLL, provider=self.provider)

    async def visitor(self, user: str = "ada", sid: str = "s-1") -> RelyingBrowser:
        """Open a browser in which somebody has logged in."""
        browser = self.browser()
        response = await browser.logs_in(user, sid)
        assert response.status_code == 303, response.text
        return browser

    async def log_out(self, **claims: Any) -> httpx.Response:  # noqa: ANN401 - JSON
        """Tell the tokenizer of a log-out, as the provider does."""
        form = {"logout_token": self.provider.log_out_token(**claims)}
        return await self.parties.client.post(f"/session/back-channel-logout/{PAYROLL}", data=form)

    def handles(self) -> int:
        """Count what the tokenizer keeps of log-ins that came back."""
        store = self.parties.tokenizer.store
        assert isinstance(store, MemoryStore)
        return len(store.handles)

    async def reasons(self) -> list[str]:
        """Read why log-ins came to nothing."""
        entries = [each for each in await self.parties.audit() if each["outcome"] == "refused"]
        return [each["reason"] for each in entries if each["action"] == "session.log_in"]


@asynccontextmanager
async def relying(
    folder: Path,
    more: str = "",
    policy: str = "",
    **described: Any,  # noqa: ANN401 - JSON
) -> AsyncGenerator[Relying]:
    """Build a tokenizer whose first application has a provider; `more` are settings of it.

    With a `policy` its tokens have owners as well.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    provider = ScriptedProvider(port=server.server_port, now=lambda: 0, described=described)
    server.RequestHandlerClass = handler(provider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    (folder / "oidc.secret").touch(mode=0o600)
    (folder / "oidc.secret").write_text(f"{SECRET}\n")
    lines = [OWNED, 'policies = ["payroll.cedar"]'] if policy else []
    (folder / "payroll.cedar").write_text(policy)
    lines += [
        f"[applications.{PAYROLL}.provider]",
        'kind = "oidc"',
        f'issuer = "{provider.issuer}"',
    ]
    lines += [f'client_id = "{CLIENT}"', 'client_secret = "oidc.secret"', more]
    try:
        async with local(folder, MemoryStore(), payroll="\n".join(lines)) as parties:
            provider.now = parties.clock
            yield Relying(parties=parties, provider=provider)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
