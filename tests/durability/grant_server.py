"""A tokenizer that answers lines: grant, revoke or read one of a few tokens, for one session.

`python -m tests.durability.grant_server FOLDER PORT STARTED [cached]`. Its clock runs fast: since
STARTED, a second is a hundredth of one. With `cached` it remembers for 5 ms what it answered to a
read, as it should not, so that there is something to find.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Final

import msgspec

from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.changes import PutSession
from lunasec.tokenizer.core.grants import CreateGrants
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.embedded import DataDirectory, open_directory
from tests.stores.made_up import ALICE, BACK_END, FRAME, NOW, Apply, session
from tests.stores.whole import Whole, sealed

TOKENS: Final = 6
SPEED: Final = 100
CACHE_SECONDS: Final = 0.005
FOR_EVER: Final = 10**6


def clock(started: float) -> int:
    """Tell the time of the test, in its own fast seconds."""
    return NOW + int((time.monotonic() - started) * SPEED)


class Asked(msgspec.Struct, frozen=True):
    """What a client wants; `value` is when a grant is to end."""

    what: str
    token: int
    value: int = 0


class Server:
    """Answers with 1 or 0, or with null where it can't say."""

    def __init__(self, whole: Whole, tokens: list[Token], started: float, *, cached: bool) -> None:
        """Serve these tokens."""
        self.whole = whole
        self.tokens = tokens
        self.started = started
        self.cached = cached
        self.remembered: dict[int, tuple[float, int]] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the lines of one client, one after the other."""
        while line := await reader.readline():
            asked = msgspec.json.decode(line, type=Asked)
            self.whole.now = clock(self.started)
            try:
                answer: int | None = await self.answer(asked)
            except LunaSecError:
                answer = None
            writer.write(msgspec.json.encode(answer) + b"\n")
            await writer.drain()

    async def answer(self, asked: Asked) -> int:
        """Do what was asked."""
        token = self.tokens[asked.token]
        if asked.what == "grant":
            await self.whole.gate.admit(
                CreateGrants(
                    caller=BACK_END,
                    reference=ALICE,
                    records=(self.whole.cipher.record_ids(token),),
                    expires_at=asked.value,
                    max_reads=None,
                    now=self.whole.now,
                )
            )
        elif asked.what == "revoke":
            await self.whole.grants.revoke(BACK_END, ALICE, [token])
        else:
            return await self.read(asked.token)
        return 1

    async def read(self, number: int) -> int:
        """Say whether a token can be read."""
        at, answer = self.remembered.get(number, (0.0, 0))
        if self.cached and time.monotonic() - at < CACHE_SECONDS:
            return answer
        [value] = await self.whole.vault.detokenize(FRAME, [self.tokens[number]])
        self.remembered[number] = time.monotonic(), int(value is not None)
        return self.remembered[number][1]


async def main(folder: Path, port: int, started: float, *, cached: bool) -> None:
    """Serve until somebody ends this process; what is there already is used again."""
    opening = open_directory(DataDirectory(path=folder / "data"), now=NOW)
    whole = Whole(opening.store, opening.keyset)
    file = folder / "tokens"
    if not file.exists():
        await whole.gate.admit(Apply(PutSession(session(expires_at=NOW + FOR_EVER))))
        made = await whole.vault.tokenize(FRAME, [sealed() for _ in range(TOKENS)])
        file.write_text(" ".join(each.text() for each in made))
    tokens = [Token.parse(each) for each in file.read_text().split()]
    server = Server(whole, tokens, started, cached=cached)
    async with await asyncio.start_server(server.serve, "127.0.0.1", port) as listening:
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(
        main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), cached=bool(sys.argv[4:]))
    )
