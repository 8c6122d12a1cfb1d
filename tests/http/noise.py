"""Whoever makes noise, as a process of his own: one request, again and again."""

import asyncio
import sys
from pathlib import Path


async def _one(port: int, request: bytes) -> None:
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        try:
            while True:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or b"0"))
        except (OSError, asyncio.IncompleteReadError):
            writer.close()
            await asyncio.sleep(0.1)


async def main(port: int, connections: int, request: bytes) -> None:
    """Ask on so many connections at once, until the process is ended."""
    async with asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(_one(port, request))


if __name__ == "__main__":
    at, count, file = sys.argv[1:]
    asyncio.run(main(int(at), int(count), Path(file).read_bytes()))
