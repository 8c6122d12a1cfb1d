"""What every page of the demo has around it: response headers, and no forms from other sites."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lunasec.demo.settings import DemoSettings

REFUSAL = PlainTextResponse("This form was sent from elsewhere.\n", 403)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def page_policy(settings: DemoSettings) -> str:
    """Return the Content-Security-Policy of an ordinary page: itself and the tokenizer, no more.

    `script-src`, `frame-src` and `connect-src` name the tokenizer for the elements, their frames
    and the one redirect that sets a session up.
    """
    tokenizer = settings.tokenizer_url
    return (
        f"default-src 'none'; script-src {tokenizer}; style-src 'self'; img-src 'self'; "
        f"frame-src 'self' {tokenizer}; connect-src 'self' {tokenizer}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def undefended_policy() -> str:
    """Return the policy of `/steal`: any script runs and may talk to anybody, on purpose.

    Only what protects the visitor from other sites is left: nobody may frame the page.
    """
    return "base-uri 'none'; frame-ancestors 'none'"


class SecurityHeaders:
    """Adds the security headers to each response that does not bring its own."""

    def __init__(self, app: ASGIApp, *, settings: DemoSettings) -> None:
        """Wrap `app`."""
        self._app = app
        self._headers = {
            "Content-Security-Policy": page_policy(settings),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            # With `no-referrer`, browsers would say `Origin: null` when they post a form.
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            # Pages hold tokens and are made for one user: no cache may keep them.
            "Cache-Control": "no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, and complete the headers of its response."""

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_completed)


class SameOriginForms:
    """Refuses what changes something unless one of the demo's own pages sent it (CSRF).

    Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin` alone, and
    no page can change either. A request that has neither is refused as well.
    """

    def __init__(self, app: ASGIApp, *, settings: DemoSettings) -> None:
        """Wrap `app`."""
        self._app = app
        self._origin = settings.origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or refuse it with 403."""
        refused = scope["type"] == "http" and not self._admits(scope)
        await (REFUSAL if refused else self._app)(scope, receive, send)

    def _admits(self, scope: Scope) -> bool:
        if scope["method"] in SAFE_METHODS:
            return True
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site")
        return site == "same-origin" if site else headers.get("origin") == self._origin
