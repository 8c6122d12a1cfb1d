"""Slow clients, as a process of their own: each sends a header by a byte a second, and no more."""

import asyncio
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress


@contextmanager
def slow_clients(port: int, count: int) -> Generator[None]:
    """Let so many of them in, and send them away at the end."""
    command = [sys.executable, "-m", "tests.http.slow", str(port), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"all are there\n"
            yield
        finally:
            process.kill()


async def _drip(port: int, arrived: asyncio.Barrier) -> None:
    """Send on and on, and come back when the server has ended it."""
    is_new = True
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /detokenize HTTP/1.1\r\nX-Slow: ")
            if is_new:
                await arrived.wait()
                is_new = False
            while not writer.is_closing():
                writer.write(b"x")
                await asyncio.sleep(1)


async def main(port: int, count: int) -> None:
    """Say when all are there, and go on until the process is ended."""
    arrived = asyncio.Barrier(count + 1)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(count):
            tasks.create_task(_drip(port, arrived))
        await arrived.wait()
        sys.stdout.write("all are there\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
