"""Files: up and down through a real tokenizer, against the same bytes through bare Starlette."""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from lunasec.tokenizer.core.stream import SEGMENT_BYTES, sealed_size, segment_size, segments
from tests.bench.machine import LOAD_CORE, memory_mb, pinned
from tests.bench.measured import headers_of, servers
from tests.bench.plan import Plan
from tests.bench.rows import Row, at_least, middle, ratio, within
from tests.http.parties import Browser, sealed
from tests.http.sending import segment_headers

MIB: Final = 2**20
AT_ONCE: Final = 4
"""Segments under way; a frame has as many."""

# The server can't tell it from a sealed one.
SEGMENT: Final = secrets.token_bytes(SEGMENT_BYTES)


class Client:
    """A client of one server: blocking sockets on threads, the same for both sides."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        """Open its connections."""
        self.headers = headers
        self._connections = [HTTPConnection("127.0.0.1", port) for _ in range(AT_ONCE)]
        self._threads = ThreadPoolExecutor(AT_ONCE)

    def ask(self, method: str, path: str, body: Any, at: int = 0, **headers: str) -> int:  # noqa: ANN401 - as `http.client` takes it
        """Ask, take the answer in, and count its bytes."""
        connection = self._connections[at]
        connection.request(method, path, body, {**self.headers, **headers})
        with connection.getresponse() as response:
            assert response.status in {200, 204}, response.read()
            taken = 0
            while part := response.read(256 * 1024):
                taken += len(part)
            return taken

    def each(self, count: int, work: Callable[[int, int], object]) -> None:
        """Do some work for each number, on all connections at once."""
        waiting = iter(range(count))

        def go(at: int) -> None:
            for number in waiting:
                work(number, at)

        for done in [self._threads.submit(go, at) for at in range(AT_ONCE)]:
            done.result()


async def measured(plan: Plan, folder: Path) -> list[Row]:
    """Send and read a file on both sides, in turns."""
    async with servers(folder) as both:
        browser = await both.parties.visitor()
        ours = Client(both.tokenizer.port, {**headers_of(browser), "host": both.host})
        size, pid = sealed_size(plan.file), both.tokenizer.process.pid
        ups: list[tuple[float, float]] = []
        downs: list[tuple[float, float]] = []
        before = memory_mb(pid)
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # noqa: ASYNC240 - begins VmHWM anew
        for _ in range(plan.rounds):
            token, up = await _sent(ours, browser, size)
            with pinned(LOAD_CORE):
                began = time.perf_counter()
                _read(ours, browser, token, size)
                down = _rate(size, began)
                ups.append((up, _plain(both.plain_port, "PUT", size)))
                downs.append((down, _plain(both.plain_port, "GET", size)))
            await both.parties.told("/tokens/erase", tokens=[token])
        grown = (memory_mb(pid, "VmHWM") - before) * 1e6 / MIB
    return [
        _against(f"file of {size / MIB:,.0f} MiB up, durable", ups),
        _against(f"file of {size / MIB:,.0f} MiB down", downs),
        within("memory that `lunasec serve` grew by meanwhile", grown, 64, "MiB"),
    ]


def _against(name: str, pairs: list[tuple[float, float]]) -> Row:
    rates = [middle(each[side] for each in pairs) for side in (0, 1)]
    said = f"{rates[0]:,.0f} to {rates[1]:,.0f} MiB/s"
    return at_least(name, ratio(pairs), 0.5, said, ours=rates[0], plain=rates[1])


def _rate(size: int, began: float) -> float:
    """Give MiB a second, until now."""
    return size / MIB / (time.perf_counter() - began)


def _plain(port: int, method: str, size: int) -> float:
    """Send or take the same bytes in one request, as fast as Starlette can; gives MiB a second."""
    client = Client(port, {"content-length": str(size)} if method == "PUT" else {})
    began = time.perf_counter()
    client.ask(method, "/file", _parts(size) if method == "PUT" else None)
    return _rate(size, began)


async def _sent(ours: Client, browser: Browser, size: int) -> tuple[str, float]:
    """Send a file, from the plan to the token; gives that, and how fast it was."""
    began = time.perf_counter()
    upload = (await browser.asks("/files", size=size)).json()["upload"]
    own = segment_headers(browser)

    def put(index: int, at: int) -> None:
        data = memoryview(SEGMENT)[: segment_size(size, index)]
        ours.ask("PUT", f"/files/{upload}/{index}", data, at, **own)

    with pinned(LOAD_CORE):
        ours.each(segments(size), put)
    value = {**sealed("{}", kind="file"), "upload": upload}
    token: str = (await browser.asks("/tokenize", values=[value])).json()["tokens"][0]
    rate = _rate(size, began)
    await browser.parties.grant(browser.session, [token])
    return token, rate


def _read(ours: Client, browser: Browser, token: str, size: int) -> None:
    json_headers = {"content-type": "application/json"}

    def one(index: int, at: int) -> None:
        body = json.dumps({"session": browser.session, "token": token, "segment": index})
        assert ours.ask("POST", "/files/read", body, at, **json_headers) == segment_size(
            size, index
        )

    ours.each(segments(size), one)


def _parts(size: int) -> Iterator[memoryview]:
    """Give a file of that size by and by."""
    for index in range(segments(size)):
        yield memoryview(SEGMENT)[: segment_size(size, index)]
