"""Kills a tokenizer at work, again and again, and looks each time at what is left.

`python -m tests.durability.killing FOLDER ROUNDS SEED [hasty]` prints what was lost; with `hasty`
the tokenizer acknowledges before it writes, as it should not, so that there is something to find.
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar, cast

import msgspec
import structlog

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.audit import Entry, verify_chain
from lunasec.tokenizer.core.grants import CreateGrants, RevokeAccess
from lunasec.tokenizer.core.ledger import Action, Want
from lunasec.tokenizer.core.operation import Operation
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.stores import sqlite_copy
from tests.durability.worker import Note, read_notes, work
from tests.stores.lines import execute
from tests.stores.made_up import APPLICATION, NOW
from tests.stores.whole import Whole

T = TypeVar("T")

START_SECONDS: Final = 20
WORK_SECONDS: Final = 0.2


class Hasty(Gate):
    """A gate with a planted fault: grants and revocations are answered before they are written."""

    async def admit(self, operation: Operation[T]) -> T:
        """Answer at once, and write later."""
        kind: type = type(operation)
        if kind in {CreateGrants, RevokeAccess}:
            later = asyncio.ensure_future(super().admit(operation))
            later.add_done_callback(lambda _: None)
            return cast("T", ())
        return await super().admit(operation)


@dataclass(slots=True, kw_only=True)
class Expected:
    """What the clients were told about one token or session: each answer that it may have now."""

    stored: set[bool] = field(default_factory=lambda: {True})
    granted: set[bool] = field(default_factory=lambda: {False})
    erased: set[bool] = field(default_factory=lambda: {False})
    ended: set[bool] = field(default_factory=lambda: {False})


def expected(notes: Iterable[Note]) -> dict[tuple[str, str], Expected]:
    """Follow the notes of one round; what was asked for and not answered may be either way."""
    known: dict[tuple[str, str], Expected] = {}
    for note in notes:
        if note.what == "end":
            for (session, _), each in known.items():
                if session == note.session:
                    _set(each.ended, to=True, done=note.done)
                    _set(each.granted, to=False, done=note.done)
                    _set(each.stored, to=False, done=note.done)
        for text in note.tokens:
            each = known.setdefault((note.session, text), Expected())
            match note.what:
                case "grant":
                    _set(each.granted, to=True, done=note.done)
                case "revoke":
                    _set(each.granted, to=False, done=note.done)
                    _set(each.stored, to=False, done=note.done)
                case "erase":
                    _set(each.erased, to=True, done=note.done)
                case _:
                    pass
    return known


def _set(answers: set[bool], *, to: bool, done: bool) -> None:
    if done:
        answers.clear()
    answers.add(to)


async def check(directory: DataDirectory, notes: list[Note]) -> list[str]:
    """Say what does not agree with the notes of the round that just ended."""
    opening = open_directory(directory, now=NOW)
    try:
        whole = Whole(opening.store, opening.keyset)
        wrong: list[str] = []
        for (session, text), told in expected(notes).items():
            wrong += _differences(await _seen(whole, session, text), told)
        return wrong
    finally:
        await opening.store.close()


def _differences(seen: Expected, told: Expected) -> list[str]:
    return [
        f"{name}: {getattr(seen, name)}, told {getattr(told, name)}"
        for name in ("stored", "granted", "erased", "ended")
        if getattr(seen, name) - getattr(told, name)
    ]


async def _seen(whole: Whole, session: str, text: str) -> Expected:
    read, store = [
        await whole.store.look(
            Want(
                application=APPLICATION,
                references=(session,),
                records=(whole.cipher.record_ids(Token.parse(text)),),
                grants_of=session,
                action=action,
            )
        )
        for action in (Action.READ, Action.STORE)
    ]
    record = read.found[0].record
    return Expected(
        stored={record is not None and store.found[0].grant is not None},
        granted={read.found[0].grant is not None},
        erased={record is None or record.erased_at is not None},
        ended={session in read.ended},
    )


def whole_database(directory: DataDirectory) -> list[str]:
    """Say what is half there: a record without its entry, or an entry without its record."""
    verify_chain(sqlite_copy.links(directory.database), directory.audit_anchor.read())
    entries = [
        msgspec.convert({"outcome": "", **msgspec.json.decode(link.line)}, Entry)
        for link in sqlite_copy.links(directory.database)
    ]
    logged, destroyed = [
        {
            each
            for entry in entries
            if (entry.action, entry.outcome) == (action, "allowed")
            for each in entry.records
        }
        for action in ("token.store", "token.destroy")
    ]
    kept = {
        cast("bytes", row[0]).hex()
        for row in execute(directory.database, "SELECT record_id FROM records")
    }
    broken = execute(directory.database, "PRAGMA integrity_check")
    return [
        *[f"{each} has no entry" for each in kept - logged],
        *[f"{each} has no record" for each in logged - kept - destroyed],
        *[f"integrity: {row}" for row in broken if row != ("ok",)],
    ]


def round_of(directory: DataDirectory, notes: Path, seed: int, gate: type[Gate]) -> list[str]:
    """Let a tokenizer work, kill it, and look at what is left."""
    chance = random.Random(seed)  # noqa: S311 - when to kill is no secret
    child = os.fork()
    if child == 0:
        asyncio.run(work(directory, notes, seed, gate))
        os._exit(1)
    early = chance.random() < 0.2  # every fifth while it starts
    deadline = time.monotonic() + START_SECONDS
    while not early and not notes.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(chance.random() * (0.05 if early else WORK_SECONDS))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        return ["it ended by itself"]
    try:
        return asyncio.run(check(directory, read_notes(notes))) + whole_database(directory)
    except LunaSecError as error:
        return [f"{type(error).__name__}: {error.detail}"]


def main(folder: Path, rounds: int, seed: int, gate: type[Gate]) -> None:
    """Print how many answers were noted, and what was lost."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    directory, lost = DataDirectory(path=folder / "data"), list[str]()
    files = [folder / f"{number}.notes" for number in range(rounds)]
    for number, file in enumerate(files):
        lost += round_of(directory, file, seed + number, gate)
    notes = [note for file in files for note in read_notes(file)]
    lost += asyncio.run(check(directory, notes))  # what a later round may have undone
    result = {"noted": sum(note.done for note in notes), "lost": lost}
    sys.stdout.write(msgspec.json.encode(result).decode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Hasty if sys.argv[4:] else Gate)
