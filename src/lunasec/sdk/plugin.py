"""The plugin's routes below `/.lunasec/`, as a machine without I/O that all frameworks share.

A request goes into `Plugin.start`; each step out is an `Answer` to send, an `Identify` (ask the
session id provider) or an `Offer` (make the back-channel call). A framework's file carries these
out and nothing else. `failed` takes what went wrong with one of the latter two.

Answers have no CORS headers: no page of another origin reads one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import msgspec

from lunasec.errors import (
    Internal,
    LunaSecError,
    MalformedRequest,
    MethodNotAllowed,
    NoSession,
    NotFound,
    TooLarge,
    UnsupportedMediaType,
)
from lunasec.sdk import problems
from lunasec.sdk.fetch_metadata import Headers, page_origin
from lunasec.sdk.identity import Identity
from lunasec.sdk.settings import Settings
from lunasec.sdk.wire import Call, Handle, offer_handle

PREFIX: Final = "/.lunasec"
LARGEST_BODY: Final = 4096  # Bytes; a state is 43 characters. Read no more than this and one.

_STATE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_SERVER_ERROR: Final = 500  # and above: RFC 9110, section 15.6
_KEPT: Final = "public, max-age=300"  # How long a tokenizer may keep the public keys.
_PRIVATE: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRequest:
    """A request below `/.lunasec/`.

    `name` is the rest of the path, `origin` the request's scheme and host, where they can be read.
    Of the body no more than `LARGEST_BODY` and some bytes need be there.
    """

    method: str
    name: str
    origin: str | None
    headers: Headers = field(repr=False)
    query: Sequence[tuple[str, str]] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to send. `failure` is for the application's log: the browser is not told."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    failure: LunaSecError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """Ask the session id provider; without `cookies`, of a request that has none.

    `role` is the frame's document that the browser asks for, if it asks for one.
    """

    plugin: "Plugin"
    page: str
    state: str | None = field(default=None, repr=False)
    cookies: bool = True
    role: str = ""

    def identified(self, identity: Identity | None) -> "Answer | Offer":
        """Go on with who it is."""
        if identity is None:
            return self.failed(NoSession("Nobody is logged in."))
        if self.state is None and not self.role:
            return self.plugin.session(identity)
        name = self.plugin.settings.application
        call = offer_handle(
            state=self.state,
            session=identity.reference,
            origin=self.page,
            expires_in=self.plugin.settings.session_lifetime,
            subject=identity.subject,
            temporary=identity.temporary,
        )
        path = f"frame/{name}/{self.role}" if self.role else f"session/create/{name}"
        redirect = path if self.cookies else None
        return Offer(plugin=self.plugin, page=self.page, call=call, redirect=redirect)

    def failed(self, error: LunaSecError) -> Answer:
        """Answer with a refusal of the provider; a fault of its own is for the log."""
        return self.plugin.refusal(problems.told(error), error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Send a call to the tokenizer. `redirect` is the path there that takes the handle."""

    plugin: "Plugin"
    page: str
    call: Call[Handle]
    redirect: str | None

    def offered(self, handle: Handle) -> Answer:
        """Hand the handle to the browser: by a redirect, or in the answer of a header session."""
        if self.redirect is None:
            body = msgspec.json.encode({"handle": handle.handle})
            return self.plugin.answer(200, body)
        return self.plugin.redirect(self.redirect, handle)

    def failed(self, error: LunaSecError) -> Answer:
        """Answer with a refusal of the tokenizer; that the back ends don't fit is for the log."""
        detail = f"The tokenizer refused a session for {self.page} with {error.code}: {error}"
        return self.plugin.refusal(problems.told(error), Internal(detail))


Step: TypeAlias = Answer | Identify | Offer


class _State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """The routes of one application. `public_keys` is its JWK Set."""

    settings: Settings
    public_keys: bytes

    def start(self, request: PluginRequest) -> Step:
        """Take a request, and say what to do first."""
        try:
            return self._routed(request)
        except LunaSecError as error:
            return self.refusal(error)

    def session(self, identity: Identity) -> Answer:
        """Tell a page its session reference, by which it notices another session."""
        stated = {"application": self.settings.application, "session": identity.reference}
        return self.answer(200, msgspec.json.encode(stated))

    def redirect(self, path: str, handle: Handle) -> Answer:
        """Send the browser to the tokenizer with its handle.

        The target is the configured origin, a path of ours and the handle; no part of it comes from
        the request.
        """
        location = {"location": f"{self.settings.tokenizer_url}/{path}?handle={handle.handle}"}
        return Answer(status=303, headers={**_PRIVATE, **self._readers, **location})

    def answer(self, status: int, body: bytes) -> Answer:
        """Answer with JSON that nobody keeps."""
        media_type = {"content-type": "application/json"}
        return Answer(status=status, headers={**_PRIVATE, **self._readers, **media_type}, body=body)

    def refusal(self, error: LunaSecError, cause: LunaSecError | None = None) -> Answer:
        """Answer with a problem document; where it is a server's error, `cause` is for the log."""
        return Answer(
            status=error.status,
            headers={**_PRIVATE, **self._readers, **problems.headers(error)},
            body=problems.problem(error, application=self.settings.application),
            failure=cause if error.status >= _SERVER_ERROR else None,
        )

    @property
    def _readers(self) -> Mapping[str, str]:
        """Say which pages may use an answer at all (Cross-Origin-Resource-Policy)."""
        readers = "same-site" if self.settings.page_origins else "same-origin"
        return {"cross-origin-resource-policy": readers}

    def _routed(self, request: PluginRequest) -> Step:
        match request.name, request.method:
            case "secure-frame", "GET":
                return self._secure_frame(request)
            case "coordinator", "GET":
                return self._coordinator(request)
            case "session", "GET":
                return Identify(plugin=self, page=self._page(request, "cors", "same-origin"))
            case "session", "POST":
                return self._header_session(request)
            case "jwks.json", "GET":
                kept = {"content-type": "application/json", "cache-control": _KEPT}
                return Answer(status=200, headers=kept, body=self.public_keys)
            case "secure-frame" | "coordinator" | "session" | "jwks.json", _:
                raise MethodNotAllowed
            case _:
                raise NotFound

    def _secure_frame(self, request: PluginRequest) -> Identify:
        page = self._page(request, "no-cors")
        names = [name for name, _ in request.query]
        if names != ["state"]:
            raise MalformedRequest("The address takes one parameter, `state`.")
        return Identify(plugin=self, page=page, state=_checked(request.query[0][1]))

    def _coordinator(self, request: PluginRequest) -> Identify:
        """Send a frame of the page to its document, where the tokenizer's cookies are lost."""
        page = self._page(request, "navigate", destination="iframe")
        if request.query:
            raise MalformedRequest("The address takes no parameter.")
        return Identify(plugin=self, page=page, role="coordinator")

    def _header_session(self, request: PluginRequest) -> Identify:
        if not self.settings.header_sessions:
            # As if the route were not there, which is what the setting says.
            raise NotFound
        page = self._page(request, "cors", "same-origin")
        media_types = [each.partition(";")[0] for each in request.headers.get("content-type", ())]
        if media_types != ["application/json"]:
            raise UnsupportedMediaType
        if len(request.body) > LARGEST_BODY:
            raise TooLarge
        try:
            stated = msgspec.json.decode(request.body, type=_State)
        except msgspec.DecodeError:
            raise MalformedRequest('The body has to be {"state": …}.') from None
        if not stated.state:  # the browser keeps none of the tokenizer's cookies
            return Identify(plugin=self, page=page, cookies=False, role="coordinator")
        return Identify(plugin=self, page=page, state=_checked(stated.state), cookies=False)

    def _page(self, request: PluginRequest, *modes: str, destination: str = "empty") -> str:
        return page_origin(
            request.headers,
            own=request.origin,
            listed=self.settings.page_origins,
            modes=modes,
            destination=destination,
        )


def _checked(state: str) -> str:
    if not _STATE.fullmatch(state):
        raise MalformedRequest("`state` has to be 43 characters of base64url.")
    return state
