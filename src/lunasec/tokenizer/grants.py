"""Grants: an application's back end says which session may use which tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

from lunasec.errors import MalformedRequest
from lunasec.tokenizer.core.grants import (
    LONGEST_GRANT_SECONDS,
    CreateGrants,
    RevokeAccess,
    VerifyGrants,
)
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.core.ledger import Action
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.ports import Cipher, Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """When new grants end (seconds since the epoch), and which tokens got none, by index."""

    expires_at: int
    refused: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """What an application can do with grants; each method passes the gate."""

    gate: Gate
    cipher: Cipher
    clock: Clock

    async def create(
        self,
        caller: ApplicationCaller,
        reference: str,
        tokens: Sequence[Token],
        *,
        expires_in: int,
        max_reads: int | None,
        may_copy: bool = False,
    ) -> Created:
        """Let a session read tokens for `expires_in` seconds, at most an hour.

        With `may_copy`, it may have them on the clipboard too.

        Raises: `MalformedRequest`, `SessionEnded`, `Unavailable`.
        """
        if not 1 <= expires_in <= LONGEST_GRANT_SECONDS:
            detail = f"`expires_in` is from 1 to {LONGEST_GRANT_SECONDS} seconds."
            raise MalformedRequest(detail)
        now = self.clock()
        operation = CreateGrants(
            caller=caller,
            reference=reference,
            records=self._ids(tokens),
            expires_at=now + expires_in,
            max_reads=max_reads,
            may_copy=may_copy,
            now=now,
        )
        refused = await self.gate.admit(operation)
        return Created(expires_at=now + expires_in, refused=refused)

    async def verify(
        self, caller: ApplicationCaller, reference: str, tokens: Sequence[Token], action: Action
    ) -> tuple[bool, ...]:
        """Say for each token, in order, whether the session has a live grant for `action`.

        Raises: `Unavailable`.
        """
        operation = VerifyGrants(
            caller=caller,
            reference=reference,
            records=self._ids(tokens),
            action=action,
            now=self.clock(),
        )
        return await self.gate.admit(operation)

    async def revoke(
        self,
        caller: ApplicationCaller,
        reference: str | None,
        tokens: Sequence[Token] | None,
    ) -> None:
        """Take grants back: of a session, for tokens, or of a session for tokens.

        When this returns, no reader anywhere uses them any more.

        Raises: `MalformedRequest` when neither is named; `Unavailable`.
        """
        if reference is None and tokens is None:
            raise MalformedRequest("Name a `session`, `tokens`, or both.")
        operation = RevokeAccess(
            caller=caller,
            reference=reference,
            records=None if tokens is None else self._ids(tokens),
            now=self.clock(),
        )
        await self.gate.admit(operation)

    def _ids(self, tokens: Sequence[Token]) -> tuple[tuple[bytes, ...], ...]:
        return tuple(map(self.cipher.record_ids, tokens))
