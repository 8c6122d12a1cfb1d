"""A data directory with three tokens in it, for what an operator does with what is stored."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lunasec.cli import applications
from lunasec.tokenizer import settings, wiring
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import Change, PutRecord
from lunasec.tokenizer.core.ledger import Facts, Record, Want
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.wrapped import Wrapped
from tests.cli.invocation import Outcome, lunasec

DAY = 24 * 3600
OLD, YOUNG, TAKEN = (bytes([number]) * 32 for number in (1, 2, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A data directory with three tokens: old and never taken, young, old and taken."""

    folder: Path

    @property
    def database(self) -> Path:
        """The file in it."""
        return self.folder / "lunasec-data/lunasec.db"

    def run(self, *arguments: str | Path, typed: str = "") -> Outcome:
        """Run a command there."""
        return lunasec(*arguments, cwd=self.folder, typed=typed)

    def erased(self) -> set[bytes]:
        """Tell which of the tokens are erased."""
        with closing(sqlite3.connect(self.database)) as connection:
            rows = connection.execute("SELECT record_id FROM records WHERE erased_at IS NOT NULL")
            return {row[0] for row in rows}


@dataclass(frozen=True, slots=True)
class _Put:
    """Put changes into a store, with one audit entry."""

    changes: Sequence[Change]
    entry: Entry

    def want(self) -> Want:
        return Want(application="payroll")

    def decide(self, facts: Facts) -> Decision[None]:
        del facts
        return Decision(answer=None, changes=tuple(self.changes), entries=(self.entry,))


def record(name: bytes, age: int, *, taken: bool) -> PutRecord:
    """Make a record that was made `age` seconds ago."""
    made = wiring.system_clock() - age
    key = Wrapped(record_id=name, lookup_version=1, epoch=1, commitment=name, wrapped=bytes(88))
    return PutRecord(
        Record(
            application="payroll",
            key=key,
            kind="text",
            size=256,
            metadata=(),
            subject=None,
            created_at=made,
            verified_at=made if taken else None,
        ),
        b"ciphertext",
    )


def store(folder: Path) -> Stored:
    """Make it in a folder."""
    config = folder / "lunasec.toml"
    applications.make("payroll", origins=["https://app.example.com"], config=config)
    records = (
        record(OLD, 2 * DAY, taken=False),
        record(YOUNG, 600, taken=False),
        record(TAKEN, 2 * DAY, taken=True),
    )

    async def keep() -> None:
        tokenizer, _ = wiring.embedded(settings.load(config, {}))
        await put(tokenizer, *records)
        await tokenizer.close()

    asyncio.run(keep())
    return Stored(folder=folder)


async def put(tokenizer: wiring.Tokenizer, *records: PutRecord) -> None:
    """Keep records, as somebody's session stored them."""
    entry = Entry(
        at=wiring.system_clock(),
        application="payroll",
        action="token.store",
        outcome="allowed",
        actor="frame",
        session="s" * 43,
        records=tuple(each.record.record_id.hex() for each in records),
    )
    await tokenizer.gate.admit(_Put(records, entry))
    await tokenizer.keeper.anchor()
