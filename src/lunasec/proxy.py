"""Session id providers for applications behind an auth proxy, each in one line.

`session_id_provider=lunasec.proxy.oathkeeper(issuer=…, audience=…, jwks=…)`: the provider verifies
the token that the proxy put on the request, as the tokenizer does with its own one. The two have
the same session and user, and different audiences: what the application is sent opens nothing at
the tokenizer. `oidc_session` is for applications without a proxy that log their users in with the
same identity provider as the tokenizer's frames. Where a proxy's tokens name no session, all
browsers of a user have the same one.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, Unpack

from lunasec.errors import NotProxied
from lunasec.jose import fetching
from lunasec.jose.overrides import Overrides
from lunasec.jose.presets import PRESETS, Provider
from lunasec.jose.proxied import ProxyTokens
from lunasec.sdk.client import CLOCK
from lunasec.sdk.oidc import oidc_session

__all__ = [
    "ProxyProvider",
    "apache",
    "authelia",
    "authentik",
    "aws_alb",
    "caddy",
    "cloudflare_access",
    "envoy",
    "google_iap",
    "kratos",
    "nginx",
    "oathkeeper",
    "oauth2_proxy",
    "oidc",
    "oidc_session",
    "pomerium",
    "traefik",
]


LOG: Final = logging.getLogger("lunasec")

TELL_SECONDS: Final = 60
"""Between two lines in the log about tokens that were refused."""


class _Headers(Protocol):
    def getlist(self, key: str) -> list[str]: ...


class _Request(Protocol):
    @property
    def headers(self) -> _Headers: ...


class ProxyProvider:
    """A session id provider that believes one auth proxy's signed token, and nothing else."""

    def __init__(self, provider: Provider, clock: Callable[[], float] = CLOCK) -> None:
        """Take whose tokens count; keys are fetched when the first request comes."""
        self._provider, self._clock = provider, clock
        self._tokens = ProxyTokens(provider, fetching.reading(provider.private_networks), _tell)
        self._told = float("-inf")

    async def __call__(self, request: _Request) -> tuple[str, str] | None:
        """Give the session and its user; without a good token it is nobody.

        Raises: `Unavailable` where the proxy's keys can't be had.
        """
        stated = request.headers.getlist(self._provider.header)
        if len(stated) > 1:
            self._refused(f"there are {len(stated)} headers {self._provider.header}.")
            return None
        text = self._provider.token_in(stated[0]) if stated else ""
        if not text:
            return None
        try:
            named = await self._tokens.verify(text, now=self._clock())
        except NotProxied as refusal:
            self._refused(refusal.detail)
            return None
        return named.session_id, named.subject

    def _refused(self, reason: str) -> None:
        """Say why somebody is nobody, once a minute: whoever sends such tokens fills no log."""
        now = self._clock()
        if now >= self._told + TELL_SECONDS:
            self._told = now
            LOG.warning("An auth proxy's token is refused: %s", reason)


class Make(Protocol):
    """Makes a provider. `audience` is the application's own; `jwks` an address, or a file."""

    def __call__(
        self, *, issuer: str, audience: str, jwks: str | Path, **overrides: Unpack[Overrides]
    ) -> ProxyProvider:
        """Make it; nothing is fetched yet.

        Raises: `ConfigurationInvalid`.
        """
        ...


def _tell(reason: str) -> None:
    LOG.warning("The auth proxy's keys can't be had: %s", reason)


def _made(name: str) -> Make:
    preset, where = PRESETS[name], f"lunasec.proxy.{name.replace('-', '_')}"

    def make(
        *, issuer: str, audience: str, jwks: str | Path, **overrides: Unpack[Overrides]
    ) -> ProxyProvider:
        source = jwks if "://" in str(jwks) else Path(jwks)
        provider = preset.provider(
            where, issuer=issuer, jwks=source, audience=audience, **overrides
        )
        return ProxyProvider(provider)

    return make


oathkeeper = _made("oathkeeper")
kratos = _made("kratos")
pomerium = _made("pomerium")
oidc = _made("oidc")
oauth2_proxy = _made("oauth2-proxy")
envoy = _made("envoy")
traefik = _made("traefik")
caddy = _made("caddy")
nginx = _made("nginx")
apache = _made("apache")
authentik = _made("authentik")
authelia = _made("authelia")
cloudflare_access = _made("cloudflare-access")
aws_alb = _made("aws-alb")
google_iap = _made("google-iap")
