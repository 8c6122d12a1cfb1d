"""The log: every line is written, in its order, and those of one turn together."""

import asyncio
import io
from typing import Any

from lunasec.tokenizer.http.logs import Lines


class Written(io.BytesIO):
    """A file that keeps each write by itself."""

    def __init__(self) -> None:
        """Start with nothing."""
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - whatever a file takes
        """Keep what is written."""
        self.writes.append(bytes(data))
        return len(data)


def test_lines_of_one_turn_are_written_together() -> None:
    """However many requests were answered in it; the next turn has its own."""
    file = Written()
    lines = Lines(file)

    async def log() -> None:
        for turn in (b"1", b"2"):
            lines.info(turn + b"a")
            lines.error(turn + b"b")
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    asyncio.run(log())
    assert file.writes == [b"1a\n1b\n", b"2a\n2b\n"]


def test_the_last_line_is_written() -> None:
    """What a loop logs as it ends is not lost with it, and without a loop nothing waits."""
    file = Written()
    lines = Lines(file)

    async def log() -> None:
        lines.info(b"last")

    lines.info(b"before")
    asyncio.run(log())
    lines.info(b"after")
    assert file.writes == [b"before\n", b"last\n", b"after\n"]
