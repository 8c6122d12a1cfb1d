"""Revocation is linearizable: once it was answered, no read anywhere sees the grant again."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest

from tests.durability.grant_server import SPEED, TOKENS, Asked, clock
from tests.durability.linearizable import UNKNOWN, Done, linearizable
from tests.processes import free_ports

ROOT = Path(__file__).parents[2]
CLIENTS = 16
START_SECONDS = 20
GONE = (OSError, asyncio.IncompleteReadError, msgspec.DecodeError)


@contextmanager
def serving(
    folder: Path, port: int, started: float, *planted: str
) -> Generator[subprocess.Popen[bytes]]:
    """Start the server, and end it as a crash does."""
    command = [sys.executable, "-m", "tests.durability.grant_server", str(folder), str(port)]
    with subprocess.Popen([*command, str(started), *planted], cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


class Client:
    """Somebody who asks one thing after the other, and notes when, and what the answer was."""

    def __init__(self, port: int, started: float, chance: random.Random) -> None:
        """Nothing was asked yet."""
        self.port = port
        self.started = started
        self.chance = chance
        self.notes: list[tuple[int, Done]] = []

    async def run(self, until: float) -> None:
        """Ask until the time is over, of whatever server is there."""
        while time.monotonic() < until:
            with suppress(*GONE):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    while time.monotonic() < until:
                        await self.ask(reader, writer)
                finally:
                    writer.close()
            await asyncio.sleep(0.01)

    async def ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ask one thing."""
        what = self.chance.choice(["read", "read", "read", "grant", "revoke"])
        token, soon = self.chance.randrange(TOKENS), self.chance.randint(2, SPEED)
        asked = Asked(what=what, token=token, value=clock(self.started) + soon)
        began, earliest = time.monotonic(), clock(self.started)
        ended, answer = UNKNOWN, None
        try:
            writer.write(msgspec.json.encode(asked) + b"\n")
            answer = msgspec.json.decode(await reader.readline(), type=int | None)
            ended = time.monotonic() if answer is not None else UNKNOWN
        finally:
            if what != "read" or answer is not None:
                value = answer if what == "read" and answer is not None else asked.value
                self.note(what, value, (began, ended), earliest, token)

    def note(
        self, what: str, value: int, times: tuple[float, float], earliest: int, token: int
    ) -> None:
        """Note one thing that was asked."""
        done = Done(
            what=what,  # type: ignore[arg-type]
            value=value,
            began=times[0],
            ended=times[1],
            earliest=earliest,
            latest=clock(self.started),
        )
        self.notes.append((token, done))


async def histories(folder: Path, seconds: float, starts: int, *planted: str) -> list[list[Done]]:
    """Let clients ask while the server is killed and started again; return each token's history."""
    [port], started = free_ports(1), time.monotonic()
    clients = [Client(port, started, random.Random(seed)) for seed in range(CLIENTS)]  # noqa: S311
    until = time.monotonic() + START_SECONDS * starts
    tasks: list[asyncio.Task[None]] = []
    for _ in range(starts):
        with serving(folder, port, started, *planted):
            await _answering(port)
            if not tasks:
                tasks = [asyncio.ensure_future(each.run(until)) for each in clients]
            await asyncio.sleep(seconds)
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [list(_of(clients, token)) for token in range(TOKENS)]


def _of(clients: list[Client], token: int) -> Iterator[Done]:
    return (done for each in clients for number, done in each.notes if number == token)


async def _answering(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.02)
    pytest.fail("the server did not start")


async def test_revocation_is_linearizable(tmp_path: Path) -> None:
    """16 clients grant, revoke, let expire and read; the server is killed twice meanwhile."""
    found = await histories(tmp_path, 0.7, 3)
    assert sum(map(len, found)) > 200
    assert {done.what for history in found for done in history} == {"grant", "revoke", "read"}
    reads = {done.value for history in found for done in history if done.what == "read"}
    assert reads == {0, 1}
    for history in found:
        assert linearizable(history)


async def test_a_cache_of_five_milliseconds_is_found(tmp_path: Path) -> None:
    """A read that is answered from memory, however briefly, sees a grant that was revoked."""
    found = await histories(tmp_path, 2, 1, "cached")
    assert not all(map(linearizable, found))


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_revocation_stays_linearizable(tmp_path: Path) -> None:
    """The same a hundred times."""
    for number in range(100):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        assert all(map(linearizable, await histories(folder, 0.5, 4)))
