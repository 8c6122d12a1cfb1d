"""For an application's own tests: the real tokenizer, in process, on the memory store.

```python
with lunasec.testing.tokenizer(application.lunasec) as tokenizer, TestClient(app) as client:
    page = tokenizer.page(client)                 # a browser on one of the application's pages
    token = page.tokenize("078-05-1120")          # what <secure-input> does
    client.post("/me", data={"ssn": token})
    client.get("/me")
    assert page.reveal(token) == "078-05-1120"    # what <secure-text> does
```

Files go the same way: `page.upload(b"…", name="scan.pdf")` gives a token, `page.download(token)`
the file that it stands for.

Nothing is faked: sessions, grants and refusals are those of the tokenizer that runs in earnest.
Nothing listens on a port; what is written is one public key, to a temporary directory. It needs
`pip install "lunasec[tokenizer]"`.
"""

import secrets
from collections.abc import Awaitable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from anyio.from_thread import start_blocking_portal

from lunasec.sdk.client import AsyncClient, Client
from lunasec.sdk.settings import GivenSettings, Settings
from lunasec.testing.files import Downloaded
from lunasec.testing.page import Page
from lunasec.testing.transport import InProcess
from lunasec.testing.visit import PAGE_ORIGIN, Ask, Heard, bootstrap, go_round, introduction, told
from lunasec.tokenizer import settings as tokenizer_settings
from lunasec.tokenizer import wiring
from lunasec.tokenizer.core.keyset import FRESH_BYTES, Keyset
from lunasec.tokenizer.jose.key_pair import key_pair
from lunasec.tokenizer.settings import ApplicationTable, File, TokenizerTable
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.memory_blobs import MemoryBlobs

__all__ = ["PAGE_ORIGIN", "Downloaded", "Page", "Tokenizer", "settings", "tokenizer"]

KEYS = "application.jwks.json"


class _HasClient(Protocol):
    @property
    def client(self) -> AsyncClient | Client: ...


class _TestClient(Protocol):
    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        json: Any,  # noqa: ANN401 - what httpx types so
        follow_redirects: bool,
    ) -> Heard: ...


class _AsyncTestClient(Protocol):
    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        json: Any,  # noqa: ANN401 - what httpx types so
        follow_redirects: bool,
    ) -> Awaitable[Heard]: ...


class Tokenizer:
    """A tokenizer for tests, with the one application that it serves."""

    def __init__(self, settings: Settings, transport: InProcess, clock: "_Clock") -> None:
        """Serve an application; `lunasec.testing.tokenizer` does this."""
        self._settings = settings
        self._transport = transport
        self._clock = clock

    def wait(self, seconds: int) -> None:
        """Let time pass, for the tokenizer and for the application's credential.

        Grants last 15 minutes if nothing else was said. The tokenizer's session does too, and the
        elements renew it: here, open another page.
        """
        self._clock.ahead += seconds

    def page(
        self,
        client: _TestClient,
        *,
        headers: Mapping[str, str] | None = None,
        cookies: bool = True,
    ) -> Page:
        """Open a page in the browser that a test client stands for, and set up its session.

        The client is Starlette's or FastAPI's `TestClient`, or an `httpx.Client`. What it sends
        decides who it is: its cookies, or `headers` (with `header_sessions`, by the route for
        those). Without `cookies` it keeps none of the tokenizer's, as one that blocks them all.
        Raises the refusal of the application's plugin, such as `NoSession`, or of the tokenizer.
        """
        steps = self._visit(headers or {}, cookies=cookies)
        ask = next(steps)
        while True:
            try:
                ask = steps.send(client.request(**_arguments(ask)))
            except StopIteration as opened:
                page: Page = opened.value
                return page

    async def page_async(
        self,
        client: _AsyncTestClient,
        *,
        headers: Mapping[str, str] | None = None,
        cookies: bool = True,
    ) -> Page:
        """Do the same with an `httpx.AsyncClient`."""
        steps = self._visit(headers or {}, cookies=cookies)
        ask = next(steps)
        while True:
            answer = await client.request(**_arguments(ask))
            try:
                ask = steps.send(answer)
            except StopIteration as opened:
                page: Page = opened.value
                return page

    def _visit(self, headers: Mapping[str, str], *, cookies: bool) -> Generator[Ask, Heard, Page]:
        stated = told((yield introduction(headers)))
        host = urlsplit(self._settings.tokenizer_url).netloc
        # https whatever the address: the cookies are `Secure`, and httpx does not know that
        # browsers send such to localhost too.
        browser = httpx.Client(base_url=f"https://{host}", transport=self._transport)
        page = Page(browser, application=stated.application, session=stated.session)
        if not cookies:
            yield from go_round(page, headers)
            return page
        header_session = self._settings.header_sessions and bool(headers)
        yield from bootstrap(page, headers, header_session=header_session)
        return page


@contextmanager
def tokenizer(application: _HasClient | AsyncClient | Client) -> Generator[Tokenizer]:
    """Run a tokenizer for an application, whose calls come to it until the block ends.

    `application` is the application's `LunaSec`, as it is, or one of the clients. Its name, its key
    and the tokenizer's address are taken from it, so that none of its settings need be other ones
    than in earnest; see `settings` where it has none.
    """
    client = application if isinstance(application, AsyncClient | Client) else application.client
    clock = _Clock()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory()))
        (directory / KEYS).write_bytes(client.credential.public_keys())
        served = wiring.tokenizer(
            _served(client.settings, directory),
            store=MemoryStore(),
            blobs=MemoryBlobs(),
            keyset=Keyset.fresh(secrets.token_bytes(FRESH_BYTES), clock()),
            clock=clock,
        )
        transport = InProcess(served.app, stack.enter_context(start_blocking_portal()))
        stack.enter_context(client.rerouted(transport, clock))
        yield Tokenizer(client.settings, transport, clock)


def settings(directory: Path, *, application: str = "app") -> GivenSettings:
    """Make settings and a key for an application that has none, in a directory for tests.

    ```python
    lunasec = LunaSec(session_id_provider=…, **lunasec.testing.settings(tmp_path))
    ```
    """
    path = directory / f"{application}.key"
    path.touch(mode=0o600)
    path.write_bytes(key_pair().private)
    return {
        "application": application,
        "key_file": path,
        "tokenizer_url": "https://secure.test",
    }


class _Clock:
    """The system's clock, and how far a test is ahead of it."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return wiring.system_clock() + self.ahead


def _served(settings: Settings, directory: Path) -> tokenizer_settings.Settings:
    table = ApplicationTable(
        origins=[PAGE_ORIGIN], keys=KEYS, header_sessions=settings.header_sessions
    )
    file = File(
        tokenizer=TokenizerTable(origin=settings.tokenizer_url),
        applications={settings.application: table},
    )
    return tokenizer_settings.check(file, directory)


def _arguments(ask: Ask) -> dict[str, Any]:
    return {
        "method": ask.method,
        "url": ask.path,
        "headers": ask.headers,
        "json": ask.json,
        "follow_redirects": False,
    }
