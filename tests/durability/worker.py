"""A tokenizer at work: clients store, grant, revoke, erase and log out, and note what they heard.

Each line of the notes is written before an operation begins (`"done": false`) or after it was
answered (`"done": true`): what a client was told before the process died.
"""

import asyncio
import os
import random
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import msgspec

from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from lunasec.tokenizer.gate import Gate
from tests.stores.made_up import NOW
from tests.stores.whole import Whole, sealed

CLIENTS: Final = 12
NOW_AND_THEN: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing that a client wanted, for tokens of a session, and whether it is done."""

    what: str
    session: str
    tokens: list[str]
    done: bool


class Notes:
    """What the clients wrote down; a process that is killed leaves it as it is."""

    def __init__(self, path: Path) -> None:
        """Write to a file, at whose end each line arrives whole."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, what: str, session: str, tokens: list[Token], *, done: bool) -> None:
        """Write a line at once."""
        texts = [each.text() for each in tokens]
        note = Note(what=what, session=session, tokens=texts, done=done)
        os.write(self._file, msgspec.json.encode(asdict(note)) + b"\n")


def read_notes(path: Path) -> list[Note]:
    """Read what was noted; the last line may be half written."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [msgspec.json.decode(line, type=Note) for line in lines]


class Client:
    """Somebody who uses the tokenizer for as long as it lives."""

    def __init__(self, whole: Whole, notes: Notes, chance: random.Random) -> None:
        """Use `whole`, and take `chance`'s word for what to do."""
        self.whole = whole
        self.notes = notes
        self.chance = chance

    async def run(self) -> None:
        """Come again and again."""
        while True:
            await self.visit()

    async def visit(self) -> None:
        """Log in, use tokens for a while, and now and then log out."""
        session = f"{self.chance.getrandbits(256):064x}"[:43]
        frame = await self.whole.log_in(session)
        for _ in range(self.chance.randint(1, 4)):
            await self.use_tokens(frame)
        if self.chance.random() < NOW_AND_THEN:
            ended = self.whole.sessions.end(self.whole.back_end, session)
            await self.noted("end", frame, [], ended)

    async def use_tokens(self, frame: FrameCaller) -> None:
        """Store values, and grant, read, revoke or erase them."""
        whole = self.whole
        values = [sealed() for _ in range(self.chance.randint(1, 3))]
        tokens = await whole.vault.tokenize(frame, values)
        self.notes.write("store", frame.reference, tokens, done=True)
        await self.noted("grant", frame, tokens, whole.grant(frame, tokens))
        if all(await whole.readable(frame, tokens)):
            self.notes.write("read", frame.reference, tokens, done=True)
        some = tokens[: self.chance.randint(0, len(tokens))]
        if not some:
            return
        revoked = whole.grants.revoke(whole.back_end, frame.reference, some)
        await self.noted("revoke", frame, some, revoked)
        if self.chance.random() < NOW_AND_THEN:
            await self.noted("erase", frame, some, whole.erasures.erase(whole.back_end, some))

    async def noted(
        self, what: str, frame: FrameCaller, tokens: list[Token], work: Awaitable[object]
    ) -> None:
        """Write down what is wanted, do it, and write down that it is done."""
        self.notes.write(what, frame.reference, tokens, done=False)
        await work
        self.notes.write(what, frame.reference, tokens, done=True)


async def work(directory: DataDirectory, notes: Path, seed: int, gate: type[Gate]) -> None:
    """Open the directory and serve clients until somebody ends this process."""
    opening = open_directory(directory, now=NOW)
    anchor = directory.audit_anchor.keep
    whole = Whole(opening.store, opening.keyset, gate=gate(opening.store), anchor=anchor)
    written = Notes(notes)
    chance = random.Random(seed)  # noqa: S311 - which client does what is no secret
    clients = [
        Client(whole, written, random.Random(chance.random()))  # noqa: S311
        for _ in range(CLIENTS)
    ]
    await asyncio.gather(*[each.run() for each in clients], _keep_up(whole))


async def _keep_up(whole: Whole) -> None:
    while True:
        await asyncio.sleep(0.03)
        await whole.upkeep.run(NOW)
