"""The way to a tokenizer in the same process: requests in, answers out, no socket between."""

import anyio.to_thread
import httpx
from anyio.from_thread import BlockingPortal
from starlette.types import ASGIApp


class InProcess(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Brings requests to an ASGI application that runs on the event loop of a portal's thread.

    The application has that one loop, whichever loops and threads its callers have.
    """

    def __init__(self, app: ASGIApp, portal: BlockingPortal) -> None:
        """Bring requests to `app`."""
        # A server answers 500 where an application raises; so does this.
        self._app = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for the answer."""
        request.read()
        return self._portal.call(self._answer, request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for the answer without holding up the caller's event loop."""
        await request.aread()
        return await anyio.to_thread.run_sync(self._portal.call, self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)
