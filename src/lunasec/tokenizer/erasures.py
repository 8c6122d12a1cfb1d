"""Erasures: values, persons, and what nobody took; by an application, or by the operator."""

from collections.abc import Sequence
from dataclasses import dataclass

from lunasec.tokenizer.core.erasing import EraseSubject, EraseValues
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.core.ledger import OfSubject, UnverifiedBefore, Want
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.core.upkeep import EraseUnverified, UndoErase
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

    async def erase(self, caller: ApplicationCaller, tokens: Sequence[Token]) -> int:
        """Erase tokens, and say how many were there.

        Raises: `Unavailable`.
        """
        records = tuple(map(self.cipher.record_ids, tokens))
        return await self.gate.admit(EraseValues(caller=caller, records=records, now=self.clock()))

    async def count_of(self, application: str, subject: str, up_to: int) -> int:
        """Count what was made for a subject and is not erased, up to a number.

        Raises: `Unavailable`.
        """
        condition = OfSubject(application, subject)
        want = Want(application=application, count=condition, count_up_to=up_to)
        return (await self.store.look(want)).count

    async def erase_subject(self, application: str, subject: str, *, actor: str) -> int:
        """Erase all that was made for a subject, and say how much that was.

        Raises: `Unavailable`; what was erased by then stays so, and the next time does the rest.
        """
        operation = EraseSubject(
            application=application, actor=actor, subject=subject, now=self.clock(), limit=BATCH
        )
        return await admit_all(self.gate, operation)

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
