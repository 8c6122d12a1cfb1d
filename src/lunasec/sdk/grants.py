"""Grants in the words of an application: let this session read, ask whether it may store."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, Literal

from lunasec.errors import NoSession, NotGranted
from lunasec.sdk.client import AsyncClient
from lunasec.sdk.identity import RequestT
from lunasec.sdk.tokens import Tokens, batches, named


class _Every(Enum):
    TOKEN = "every token"  # noqa: S105 - a word, not a secret


EVERY_TOKEN: Final = _Every.TOKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What `create` came to.

    `expires_at` is when the grants end, in unix seconds, and None where there was no token at all.
    `refused` holds the indexes, in the list that was given, of tokens that can't be granted, since
    they were erased or never this application's. Their elements say so; the others are granted.
    """

    expires_at: int | None
    refused: tuple[int, ...]


class Grants(Generic[RequestT]):
    """Grants for the session of a request.

    Everywhere: `tokens` is one token or a list. None and "" stand for a field that holds nothing
    (a user without a social security number) and are passed over; with nothing left, nothing is
    asked of the tokenizer. What is no token raises `TokenMalformed` and is sent nowhere. Long lists
    go as several requests. A request without a session raises `NoSession`, a tokenizer that can't
    be reached `Unavailable`.
    """

    def __init__(
        self, client: AsyncClient, reference: Callable[[RequestT], Awaitable[str | None]]
    ) -> None:
        """Grant through a client; `reference` gives the session reference of a request."""
        self._client = client
        self._reference = reference

    async def create(
        self,
        request: RequestT,
        tokens: Tokens,
        *,
        expires_in: int | None = None,
        max_reads: int | None = None,
        copy: bool = False,
    ) -> Grant:
        """Let this request's session read tokens, for `expires_in` seconds (default: the setting).

        With `max_reads`, at most so many times each; with `copy`, also onto the clipboard by the
        button of `<secure-text copy>`, each time a read of its own in the audit log. Check first
        that this user may see them: the tokenizer takes the application's word.
        """
        duration = self._client.settings.grant_duration if expires_in is None else expires_in
        expires_at: list[int] = []
        refused: list[int] = []
        parts = batches(tokens)
        session = await self._session(request) if parts else ""
        for part in parts:
            granted = await self._client.create_grants(
                session=session,
                tokens=part.tokens,
                expires_in=duration,
                max_reads=max_reads,
                copy=copy,
            )
            expires_at.append(granted.expires_at)
            refused += [part.places[index] for index in granted.refused]
        return Grant(expires_at=min(expires_at, default=None), refused=tuple(refused))

    async def verify(self, request: RequestT, tokens: Tokens) -> None:
        """Refuse tokens that this request's session did not make; do so before keeping any.

        Without it, a user could put a token that he stole into his own record, and have it granted
        to him. Raises `NotGranted` if there is one such token; the message gives its index.
        """
        refused: list[int] = []
        parts = batches(tokens)
        session = await self._session(request) if parts else ""
        for part in parts:
            answer = await self._client.verify_grants(session=session, tokens=part.tokens)
            granted = answer.granted
            # An answer that is too short says nothing of the rest: in doubt, refuse.
            refused += [
                place
                for index, place in enumerate(part.places)
                if index >= len(granted) or not granted[index]
            ]
        if refused:
            raise NotGranted(f"{named(refused, tokens)} was not made in this session.")

    async def revoke(
        self,
        request: RequestT,
        tokens: Tokens | Literal[_Every.TOKEN] = EVERY_TOKEN,
    ) -> None:
        """Take back this session's grants, all of them or those of the tokens given.

        Every node knows it before this returns. To take a token from all sessions:
        `client.revoke_grants(tokens=[token])`.
        """
        if isinstance(tokens, _Every):
            await self._client.revoke_grants(session=await self._session(request))
            return
        parts = batches(tokens)
        session = await self._session(request) if parts else ""
        for part in parts:
            await self._client.revoke_grants(session=session, tokens=part.tokens)

    async def _session(self, request: RequestT) -> str:
        reference = await self._reference(request)
        if reference is None:
            raise NoSession("The session id provider knows no session for this request.")
        return reference
