"""An auth proxy as the tokenizer sees it: keys in a file, and a signed token on each request."""

import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from lunasec.references import proxied_session_id, proxied_user_id, session_reference
from lunasec.tokenizer.ports import Store
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import ORIGIN, Local, local
from tests.http.parties import PAYROLL, SCRIPTED, Browser

ISSUER = "https://proxy.example.com"
PROVIDER = f"""
[applications.{PAYROLL}.provider]
preset = "oathkeeper"
issuer = "{ISSUER}"
jwks = "proxy.jwks.json"
"""

USERS = f"""
[applications.{PAYROLL}.provider]
preset = "cloudflare-access"
header = "Authorization"
issuer = "{ISSUER}"
audience = "{ORIGIN}"
jwks = "proxy.jwks.json"
"""
"""A proxy whose tokens name no session."""

CLIENT = "client-of-the-tokenizer"
LOG_OUT = f'logout_audience = "{CLIENT}"\n'
BACK_CHANNEL = f"/session/back-channel-logout/{PAYROLL}"
EVENT = "http://schemas.openid.net/event/backchannel-logout"

Key = RSAKey | ECKey | OKPKey


@cache
def own_key() -> RSAKey:
    """Make the key that it signs with: once, since that takes longer than most tests."""
    return RSAKey.generate_key(2048, {"kid": "proxy-1"})


@dataclass(slots=True, kw_only=True)
class AuthProxy:
    """Signs who is calling, as ORY Oathkeeper's `id_token` mutator does."""

    folder: Path
    key: Key = field(default_factory=own_key)
    audience: str = ORIGIN
    life: int = 60

    def publish(self, *keys: Key) -> None:
        """Write the key set, as its API port would answer it."""
        listed = KeySet([*(keys or (self.key,))]).as_dict(private=False)
        (self.folder / "proxy.jwks.json").write_text(json.dumps(listed))

    def token(self, now: int, *, key: Key | None = None, typ: str = "JWT", **claims: object) -> str:
        """Sign a token; a claim that is None is left out."""
        key = key or self.key
        algorithm = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}[key.key_type]
        known = {"iss": ISSUER, "aud": self.audience, "iat": now, "exp": now + self.life}
        stated = {name: each for name, each in (known | claims).items() if each is not None}
        header = {"alg": algorithm, "kid": key.kid, **({"typ": typ} if typ else {})}
        return jwt.encode(header, stated, key, algorithms=[algorithm], default_type=None)

    def log_out_token(self, now: int, **claims: Any) -> str:  # noqa: ANN401 - JSON
        """Sign a log-out, as the identity provider does (Back-Channel Logout, section 2.4)."""
        told: dict[str, Any] = {"typ": "logout+jwt", "aud": CLIENT, "exp": None}
        told |= {"jti": secrets.token_hex(8), "events": {EVENT: {}}}
        return self.token(now, **(told | claims))


@dataclass(slots=True, kw_only=True)
class ProxiedBrowser(Browser):
    """A browser behind the proxy, which puts a new token on each of its requests.

    Without a `sid`, the tokens name no session; from `login` on, all are as old as that.
    """

    proxy: AuthProxy
    subject: str = "ada"
    login: int | None = None
    sid: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def __post_init__(self) -> None:
        """Have the page say the session that the application computed from its own token."""
        self.session = self.reference

    @property
    def reference(self) -> str:
        """What both sides make of the proxy's token."""
        said = proxied_user_id(ISSUER, self.subject)
        if self.sid:
            said = proxied_session_id(ISSUER, self.sid)
        return session_reference(self.application, said, self.subject)

    def bearer(self, **claims: Any) -> str:  # noqa: ANN401 - JSON
        """Sign this person's token."""
        who: dict[str, Any] = {"sub": self.subject, "sid": self.sid or None}
        if self.login is not None:
            who |= {"iat": self.login, "exp": self.login + 24 * 3600}
        return "Bearer " + self.proxy.token(self.parties.clock(), **(who | claims))

    def proof(self) -> dict[str, str]:
        """Give what the proxy adds to each request."""
        return {"authorization": self.bearer()}

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Ask as a frame whose request came through the proxy."""
        own = {**SCRIPTED, "lunasec-application": self.application}
        own["authorization"] = self.bearer()
        return await self.parties.client.post(path, json=body, headers={**own, **headers})


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A tokenizer and the proxy before it."""

    parties: Local
    proxy: AuthProxy

    def browser(self, subject: str = "ada", **more: Any) -> ProxiedBrowser:  # noqa: ANN401
        """Open somebody's browser, who has just logged in at the proxy."""
        return ProxiedBrowser(
            parties=self.parties, application=PAYROLL, proxy=self.proxy, subject=subject, **more
        )

    async def log_out(self, text: str | None = None, **claims: Any) -> httpx.Response:  # noqa: ANN401
        """Tell the tokenizer of a log-out, as the identity provider does."""
        token = text or self.proxy.log_out_token(self.parties.clock(), **claims)
        return await self.parties.client.post(BACK_CHANNEL, data={"logout_token": token})

    async def visitor(self, subject: str = "ada", **more: Any) -> ProxiedBrowser:  # noqa: ANN401
        """Open a browser that has a session."""
        browser = self.browser(subject, **more)
        response = await browser.asks("/session/ensure")
        assert response.json()["active"] is True, response.text
        return browser


@asynccontextmanager
async def behind(
    folder: Path, provider: str = PROVIDER, store: Store | None = None
) -> AsyncGenerator[Behind]:
    """Build a tokenizer whose first application is behind a proxy, and its second is not."""
    proxy = AuthProxy(folder=folder)
    proxy.publish()
    async with local(folder, store or MemoryStore(), payroll=provider) as parties:
        yield Behind(parties=parties, proxy=proxy)
