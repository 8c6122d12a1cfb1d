"""Erasures: values, persons, and what nobody took; by an application, or by the operator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lunasec.tokenizer.core.erasing import Claim, EraseSubject, EraseValues
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.core.ledger import OfSubject, UnverifiedBefore, Want
from lunasec.tokenizer.core.policy import GRANTS_ALONE, Policy
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.core.upkeep import OPERATOR, EraseUnverified, UndoErase
from lunasec.tokenizer.gate import BATCH, Gate, admit_all
from lunasec.tokenizer.ports import Cipher, Clock, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasures:
    """Makes values unreadable at once; upkeep destroys them after the delay, until which it undoes.

    Every step passes the gate.
    """

    gate: Gate
    store: Store
    cipher: Cipher
    clock: Clock
    policies: Mapping[str, Policy] = field(default_factory=dict[str, Policy])

    async def erase(
        self, caller: ApplicationCaller, tokens: Sequence[Token], reference: str | None = None
    ) -> int:
        """Erase tokens, and say how many were there and might go.

        Where the application's tokens have owners, `reference` names the owner's live session.

        Raises: `Unavailable`.
        """
        operation = EraseValues(
            caller=caller,
            records=tuple(map(self.cipher.record_ids, tokens)),
            claim=self._claim(caller.application, reference),
            now=self.clock(),
        )
        return await self.gate.admit(operation)

    async def count_of(self, application: str, subject: str, up_to: int) -> int:
        """Count what was made for a subject and is not erased, up to a number.

        Raises: `Unavailable`.
        """
        condition = OfSubject(application, subject)
        want = Want(application=application, count=condition, count_up_to=up_to)
        return (await self.store.look(want)).count

    async def erase_subject(
        self, caller: ApplicationCaller, subject: str, reference: str | None = None
    ) -> int:
        """Erase what was made for a subject, as `erase` would, and say how much that was.

        Raises: `Unavailable`; what was erased by then stays so, and the next time does the rest.
        """
        claim = self._claim(caller.application, reference)
        return await self._erase_all(
            EraseSubject(
                application=caller.application,
                actor=caller.key_id,
                subject=subject,
                claim=claim,
                now=self.clock(),
                limit=BATCH,
            )
        )

    async def erase_person(self, application: str, subject: str) -> int:
        """Erase all that was made for a subject, by the operator's word, and say how much that was.

        Raises: as `erase_subject` does.
        """
        return await self._erase_all(
            EraseSubject(
                application=application,
                actor=OPERATOR,
                subject=subject,
                now=self.clock(),
                limit=BATCH,
            )
        )

    async def _erase_all(self, batch: EraseSubject) -> int:
        """Erase a batch after the other, past what is kept, until one is not full."""
        total = kept = 0
        while True:
            done = await self.gate.admit(replace(batch, skip=kept))
            total, kept = total + done.erased, kept + done.kept
            if done.erased + done.kept < BATCH:
                return total

    def _claim(self, application: str, reference: str | None) -> Claim:
        policy = self.policies.get(application, GRANTS_ALONE)
        return Claim(policy=policy, reference=reference)

    async def count_unverified(self, before: int) -> int:
        """Count the tokens made before `before` that no application ever verified.

        Raises: `Unavailable`.
        """
        want = Want(application="", count=UnverifiedBefore(before))
        return (await self.store.look(want)).count

    async def erase_unverified(self, before: int) -> int:
        """Erase them.

        Raises: `Unavailable`.
        """
        return await admit_all(
            self.gate, EraseUnverified(before=before, now=self.clock(), limit=BATCH)
        )

    async def undo(self, application: str, since: int) -> int:
        """Give back what an application erased at `since` or later, and say how much that was.

        Raises: `Unavailable`.
        """
        operation = UndoErase(application=application, since=since, now=self.clock(), limit=BATCH)
        return await admit_all(self.gate, operation)
