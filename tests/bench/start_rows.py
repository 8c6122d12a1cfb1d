"""Rows of what is loaded and started: bytes over the wire, time to ready, memory."""

import http.client
import re
import time
from contextlib import ExitStack
from pathlib import Path
from posixpath import dirname, join, normpath

from tests.bench.machine import memory_mb
from tests.bench.measured import configure
from tests.bench.plan import Plan
from tests.bench.rows import Row, middle, within
from tests.deployments import Tokenizer, running_demo, running_tokenizer

IMPORTED = re.compile(r'\b(?:from|import)\s*"([^"]+\.js)"')
GZIP_LIMIT, SECONDS_LIMIT, MEMORY_LIMIT = 14.0, 1.5, 90.0
DEMO_SECONDS_LIMIT = 3.0


def measured(plan: Plan, folder: Path) -> list[Row]:
    """Start the tokenizer a few times; the first time makes keys and database, and counts too."""
    configure(folder)
    seconds: list[float] = []
    memory: list[float] = []
    rows: list[Row] = []
    for _ in range(plan.rounds):
        with ExitStack() as stack:
            began = time.perf_counter()
            tokenizer = stack.enter_context(running_tokenizer(folder))
            seconds.append(time.perf_counter() - began)
            memory.append(memory_mb(tokenizer.process.pid))
            rows = rows or _sizes(tokenizer)
    told = f"the first, which makes keys and database, {seconds[0]:.2f} s"
    return [
        *rows,
        within("start of `lunasec serve` to ready", middle(seconds), SECONDS_LIMIT, "s", told),
        within("memory of `lunasec serve` when ready (RSS)", middle(memory), MEMORY_LIMIT, "MB"),
        _demo(plan, folder / "demo"),
    ]


def _demo(plan: Plan, folder: Path) -> Row:
    """Start the demo once, and then a few times more with what that start made."""
    folder.mkdir()
    seconds: list[float] = []
    for _ in range(plan.rounds + 1):
        with ExitStack() as stack:
            began = time.perf_counter()
            stack.enter_context(running_demo(folder))
            seconds.append(time.perf_counter() - began)
    first, *later = seconds
    told = f"the first, which makes keys and database, {first:.2f} s"
    name = "second start of `lunasec demo` to both ready"
    return within(name, middle(later), DEMO_SECONDS_LIMIT, "s", told)


def _sizes(tokenizer: Tokenizer) -> list[Row]:
    """Load what a page with text and input loads, and count the bytes as they are sent."""
    _, entry = _load(tokenizer.port, "/lunasec.js", compressed=False)
    elements, *_ = IMPORTED.findall(entry)  # and what that one imports
    base = elements.removesuffix("elements/lunasec.js")
    frame = [f"{base}frame/{role}.js" for role in ("coordinator", "input", "text")]
    inside = _modules(tokenizer.port, frame)
    # What both share is in the browser's cache by then.
    page = {k: v for k, v in _modules(tokenizer.port, [elements]).items() if k not in inside}
    style, _ = _load(tokenizer.port, f"{base}frame/frame.css", compressed=True)
    return [
        _size("elements for text and input, gzipped", page),
        _size("frame code for text and input, gzipped", {**inside, "frame.css": style}),
    ]


def _size(name: str, modules: dict[str, int]) -> Row:
    total = sum(modules.values()) / 1000
    return within(name, total, GZIP_LIMIT, "kB", f"{len(modules)} files")


def _modules(port: int, entries: list[str]) -> dict[str, int]:
    """Follow imports; give the size of each module as it is sent."""
    found: dict[str, int] = {}
    waiting = [*entries]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path], _ = _load(port, path, compressed=True)
            _, text = _load(port, path, compressed=False)
            near = [each for each in IMPORTED.findall(text) if each.startswith(".")]
            waiting += [normpath(join(dirname(path), each)) for each in near]
    return found


def _load(port: int, path: str, *, compressed: bool) -> tuple[int, str]:
    """Give the size of a body as it is sent, and its text where it is not compressed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Accept-Encoding": "gzip"} if compressed else {}
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == http.client.OK, path
        return len(body), "" if compressed else body.decode()
    finally:
        connection.close()
