"""Behind an auth proxy: who is calling, by the signed token that the proxy put on the request."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace
from starlette.types import ASGIApp, Receive, Scope, Send

from lunasec.errors import MalformedRequest, NotProxied, SchemeDisabled
from lunasec.jose.proxied import Named
from lunasec.references import session_reference
from lunasec.tokenizer.core.identity import Person, Proxied
from lunasec.tokenizer.http import caller, persons
from lunasec.tokenizer.http.services import FrameRequest, Services
from lunasec.tokenizer.settings import Application

ALIASES: Final = str.maketrans("_. ", "---")
"""What some servers take for the dash of a header's name, and others let pass."""


THROUGH: Final = "lunasec.through_proxy"
"""In a request's scope, where no client can write: it came over a line that only proxies have."""


@dataclass(frozen=True, slots=True)
class ThroughProxy:
    """The tokenizer on the listener that takes nobody but proxies, by their certificates."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, and say where it came in."""
        scope[THROUGH] = True
        await self.app(scope, receive, send)


async def identified(
    services: Services, frame: FrameRequest, headers: caller.Fields, scope: Scope
) -> FrameRequest:
    """Take the session from the proxy's token alone, where the application has a proxy.

    Raises: `NotProxied`, `MalformedRequest`, `Unavailable`.
    """
    provider = frame.application.provider
    if provider is None:
        return frame
    if frame.application.client_certificate and not scope.get(THROUGH, False):
        raise NotProxied("The auth proxy's certificate is not there: this is another listener.")
    refuse_aliases(headers, provider.header)
    text = provider.token_in(caller.only(headers, provider.header) or "")
    if not text:
        raise NotProxied(f"The auth proxy's token is not there, in the header {provider.header}.")
    name = frame.application.name
    named = await services.proxies[name].verify(text, now=services.clock())
    who = Proxied(
        application=name,
        session_id=named.session_id,
        user_id=named.user_id,
        login=math.floor(named.issued_at) - provider.leeway,
        reference=session_reference(name, named.session_id, named.subject),
        issuer=provider.issuer,
        subject=named.subject,
        person=_person(frame.application, named, services.clock() + provider.leeway),
    )
    return replace(frame, cookie=None, signature=None, proxied=who)


def _person(application: Application, named: Named, latest: float) -> Person:
    """Read what policies may ask for, where there are some.

    Raises: `NotProxied`.
    """
    if not application.policies:
        return Person()
    try:
        return persons.person(named.members, latest=latest, trusts_email=True)
    except ValueError as error:
        raise NotProxied(str(error)) from None


def refuse_aliases(names: Iterable[str], wanted: str) -> None:
    """Refuse a header that a proxy may not see as its own, while what is behind it does.

    Raises: `MalformedRequest`.
    """
    for name in names:
        if name != wanted and name.strip().translate(ALIASES).lower() == wanted:
            raise MalformedRequest(f"A header looks like {wanted} and is another one.")


def require_own_sessions(application: Application) -> None:
    """Refuse what sets up a session where an auth proxy, or an identity provider, does.

    Raises: `SchemeDisabled`.
    """
    if application.provider is not None:
        raise SchemeDisabled("The application's sessions come from an auth proxy.")
    if application.oidc is not None:
        raise SchemeDisabled("The application's sessions come from an identity provider.")
