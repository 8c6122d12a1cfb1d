"""`lunasec serve`, killed while files come in: what was acknowledged is there, nothing half is."""

import asyncio
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from lunasec.testing.files import Sealed
from lunasec.testing.files import sealed as seal
from lunasec.tokenizer.core.stream import SEGMENT_BYTES, segments
from tests.http.parties import Browser
from tests.http.remote import Remote, remote
from tests.http.sending import Sent, finish, loaded, plan, put

SECONDS = (0.9, 1.6, 1.2)
SIZE = 2 * SEGMENT_BYTES + 999


@dataclass(slots=True, kw_only=True)
class Given:
    """One file on its way, and what its sender was told of it."""

    data: bytes
    upload: str
    file: Sealed
    kept: set[int] = field(default_factory=set[int])
    token: str = ""
    asked: bool = False


class Sender:
    """Somebody who sends one file after the other until the server is gone."""

    def __init__(self) -> None:
        """Nothing is sent yet."""
        self.browser: Browser | None = None
        self.files: list[Given] = []

    async def go(self, server: Remote) -> None:
        """Send; what is noted was answered."""
        self.browser = browser = await server.visitor()
        while True:
            data = secrets.token_bytes(SIZE)
            file = seal(data, application="payroll")
            upload = await plan(browser, sum(map(len, file.segments)))
            given = Given(data=data, upload=upload, file=file)
            self.files.append(given)
            for index, segment in enumerate(file.segments):
                answer = await put(browser, upload, index, segment)
                assert answer.status_code == 204, answer.text
                given.kept.add(index)
            given.asked = True
            answer = await finish(browser, Sent(upload=upload, file=file))
            assert answer.status_code == 200, answer.text
            given.token = answer.json()["tokens"][0]


async def _send(server: Remote, seconds: float) -> list[Sender]:
    """Let some people send for a while, and kill the server under them."""
    senders = [Sender() for _ in range(4)]
    tasks = [asyncio.ensure_future(each.go(server)) for each in senders]
    await asyncio.sleep(seconds)
    server.server.process.kill()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert not [each for each in outcomes if isinstance(each, AssertionError)]
    return senders


async def _check(server: Remote, sender: Sender) -> tuple[int, int]:
    """Ask for all that was acknowledged, and finish what was not; count both."""
    browser = sender.browser
    if browser is None:
        return 0, 0
    browser.parties = server
    finished = resumed = 0
    for given in sender.files:
        if not given.token and not given.asked:
            given.token = await _resume(browser, given)
            resumed += 1
        if given.token:
            await server.grant(browser.session, [given.token])
            assert await loaded(browser, given.token) == given.data
            finished += 1
    return finished, resumed


async def _resume(browser: Browser, given: Given) -> str:
    """Send what is missing, which is nothing that was acknowledged."""
    answer = await browser.asks("/files/missing", upload=given.upload)
    for first, last in answer.json()["missing"]:
        assert given.kept.isdisjoint(range(first, last + 1))
        for index in range(first, last + 1):
            again = await put(browser, given.upload, index, given.file.segments[index])
            assert again.status_code == 204
    done = await finish(browser, Sent(upload=given.upload, file=given.file))
    token: str = done.json()["tokens"][0]
    return token


def _whole_segments(blobs: Path) -> None:
    """See that whatever has a name is whole, and that no draft is left."""
    assert not list((blobs / ".new").iterdir())
    for path in blobs.glob("??/*/*"):
        last = segments(SIZE) - 1
        assert (path.stat().st_size == SEGMENT_BYTES) == (int(path.name, 16) < last), path


async def test_killed_server_loses_no_segment(tmp_path: Path) -> None:
    """Killed three times under load: what was acknowledged is there, and the rest resumes."""
    counts: list[tuple[int, int]] = []
    for seconds in SECONDS:
        async with remote(tmp_path) as server:
            senders = await _send(server, seconds)
        async with remote(tmp_path) as server:
            _whole_segments(tmp_path / "data/blobs")
            counts += [await _check(server, each) for each in senders]
    assert sum(finished for finished, _ in counts) > 3
    assert sum(resumed for _, resumed in counts) > 0
