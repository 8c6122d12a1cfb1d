"""What a stolen application server can try, with its key, its database and what passes by."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from lunasec.encoding import to_base64url
from tests.attacks.stolen_pages import Pages
from tests.http.parties import ORIGINS, PAYROLL, REDIRECTED, SCRIPTED, Browser, Parties, opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Loot:
    """What lies on the server: tokens and session references, and headers that came by."""

    tokens: Sequence[str]
    sessions: Sequence[str]
    passing: Sequence[Mapping[str, str]] = ()


@dataclass(slots=True, kw_only=True)
class Thief:
    """Who has the server, and an account of its own at the application, with a session."""

    parties: Parties
    own: Browser
    loot: Loot
    origin: str = ORIGINS[PAYROLL]
    """The application's."""

    doors: Sequence[httpx.AsyncClient] = ()
    """Ways to the tokenizer beside the one around the proxy."""

    pages: Pages | None = None
    """What it serves, where there are browsers to serve it to."""

    erased: int = 0
    described: list[Any] = field(default_factory=list[Any])
    read: set[str] = field(default_factory=set[str])
    ways: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    async def try_everything(self) -> None:
        """Try it all; what could be read is in `read`, and by which way in `ways`."""
        for attempt in (
            self.serve_pages,
            self.look_at_pages,
            self.grant_to_itself,
            self.forge_sessions,
            self.replay_what_passes,
            self.call_directly,
            self.describe_in_its_session,
            self.erase,
        ):
            before, self.read = self.read, set()
            await attempt()
            self.ways[attempt.__name__] = self.read
            self.read = before | self.read

    async def serve_pages(self) -> None:
        """Serve the victim pages, with scripts that try what a script can."""
        if self.pages is not None:
            self.read |= await self.pages.by_script(self.loot.tokens)

    async def look_at_pages(self) -> None:
        """Serve oneself the pages of others."""
        if self.pages is not None:
            self.read |= await self.pages.by_looking(self.loot.tokens)

    async def grant_to_itself(self) -> None:
        """Grant every token to the thief's own session, for reading and copying, and read."""
        stated: dict[str, Any] = {"session": self.own.session, "tokens": self.loot.tokens}
        await self.parties.ask("/grants", **stated, actions=["read", "copy"], expires_in=3600)
        for action in ("read", "copy"):
            self._keep(await self.own.asks("/detokenize", tokens=self.loot.tokens, action=action))
        for token in self.loot.tokens:
            answer = await self.own.asks("/files/read", token=token, segment=0)
            if answer.status_code == 200:
                self.read.add("a segment")

    async def forge_sessions(self) -> None:
        """Vouch for sessions, for the visitors' own and for new ones, and read in them."""
        for session in (*self.loot.sessions, to_base64url(secrets.token_bytes(32))):
            forged = Browser(parties=self.parties, application=PAYROLL, session=session)
            ensured = (await forged.asks("/session/ensure")).json()
            state = ensured.get("state") or to_base64url(secrets.token_bytes(32))
            stated: dict[str, Any] = {"session": session, "origin": self.origin}
            for way in ({"state": state}, {"document": True}):
                offered = await self.parties.ask("/session/handles", **stated, **way, expires_in=60)
                handle = offered.json().get("handle", state)
                await forged.follow(handle)
                document = f"/frame/{PAYROLL}/coordinator?handle={handle}"
                await self.parties.client.get(
                    document, headers={**REDIRECTED, "sec-fetch-dest": "iframe"}
                )
            await self.parties.ask(
                "/session/upgrade", **{"from": session}, session=self.own.session
            )
            await self._reads_as(forged)
            self._keep(
                await self.own.post("/detokenize", {"session": session, "tokens": self.loot.tokens})
            )

    async def replay_what_passes(self) -> None:
        """Send on each header that came by, in the visitors' sessions and in the thief's."""
        for session in (*self.loot.sessions, self.own.session):
            for passing in self.loot.passing:
                headers = {**SCRIPTED, "lunasec-application": PAYROLL, **passing}
                for path, body in (
                    ("/session/ensure", {"session": session}),
                    ("/detokenize", {"session": session, "tokens": self.loot.tokens}),
                ):
                    for door in (self.parties.client, *self.doors):
                        self._keep(await door.post(path, json=body, headers=headers))

    async def call_directly(self) -> None:
        """Go around the proxy, with the application's credential and with a token of its own."""
        credential = self.parties.credentials[PAYROLL].token(self.parties.clock())
        key = RSAKey.generate_key(2048, {"kid": "proxy-1"})
        now = self.parties.clock()
        claims = {"iss": "https://proxy.example.com", "aud": self.parties.origin, "sub": "ada"}
        made = jwt.encode(
            {"alg": "RS256", "kid": "proxy-1", "typ": "JWT"},
            {**claims, "sid": secrets.token_urlsafe(16), "iat": now, "exp": now + 60},
            key,
            algorithms=["RS256"],
        )
        for session in self.loot.sessions:
            body = {"session": session, "tokens": self.loot.tokens}
            for bearer in (credential, made):
                for own in ({}, SCRIPTED, {**SCRIPTED, "lunasec-application": PAYROLL}):
                    headers = {**own, "authorization": f"Bearer {bearer}"}
                    headers |= {"x-forwarded-user": "ada", "x-user": "ada"}
                    for door in (self.parties.client, *self.doors):
                        self._keep(await door.post("/detokenize", json=body, headers=headers))

    async def describe_in_its_session(self) -> None:
        """Ask what the visitors' tokens are, in the thief's own session, as a frame and as A."""
        stated: dict[str, Any] = {"session": self.own.session, "tokens": self.loot.tokens}
        for answer in (
            await self.parties.ask("/tokens/describe", **stated),
            await self.own.asks("/tokens/describe", tokens=self.loot.tokens),
        ):
            self.described += answer.json()["tokens"]

    async def erase(self) -> None:
        """Erase without a session, in the thief's own, and in one that was made up."""
        for session in (None, self.own.session, to_base64url(secrets.token_bytes(32))):
            for what in ({"tokens": self.loot.tokens}, {"subject": "ada"}):
                stated: dict[str, Any] = {"session": session, **what}
                answer = await self.parties.ask("/tokens/erase", **stated)
                self.erased += answer.json().get("erased", 0)

    async def _reads_as(self, forged: Browser) -> None:
        await self.parties.ask("/grants", session=forged.session, tokens=self.loot.tokens)
        self._keep(await forged.asks("/detokenize", tokens=self.loot.tokens))

    def _keep(self, answer: httpx.Response) -> None:
        # Some proxies answer 200 with nothing, for a host that they do not know.
        if answer.status_code == 200 and answer.content:
            found = (opened(each) for each in answer.json().get("values", []))
            self.read.update(each for each in found if each is not None)
