"""Segments on real sockets: slow ones, half ones, readers that do not read, floods of plans."""

import asyncio
import json
import secrets

import pytest

from lunasec.tokenizer.core.stream import SEGMENT_BYTES, sealed_size
from lunasec.tokenizer.http import limits, places
from lunasec.tokenizer.http.places import Places, Room
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local, local
from tests.http.parties import Browser, code
from tests.http.sending import loaded, plan, put, segment_headers, send, stored
from tests.http.sockets import connected, request, sent_before_the_end, still_serves
from tests.http.test_files import LARGE


def written(browser: Browser, upload: str, index: int, data: bytes) -> bytes:
    """Write the request that sends a segment."""
    headers = segment_headers(browser)
    return request(f"/files/{upload}/{index}", headers, data, method="PUT")


async def test_segments_over_a_socket(parties: Local, port: int) -> None:
    """One connection sends all segments and reads them again; each answer is its own request's."""
    browser = await parties.visitor()
    sent = await send(browser, LARGE)
    upload = await plan(browser, sum(map(len, sent.file.segments)))
    async with connected(port) as connection:
        for index, segment in enumerate(sent.file.segments):
            connection.send(written(browser, upload, index, segment))
            assert (await connection.answer()).status == 204
        value = {**sent.value(), "upload": upload}
        token = (await browser.asks("/tokenize", values=[value])).json()["tokens"][0]
        await parties.grant(browser.session, [token])
        headers = segment_headers(browser, **{"content-type": "application/json"})
        for index, segment in enumerate(sent.file.segments):
            body = {"session": browser.session, "token": token, "segment": index}
            connection.send(request("/files/read", headers, json.dumps(body).encode()))
            answer = await connection.answer()
            assert (answer.status, answer.body) == (200, segment)


@pytest.mark.usefixtures("hurried")
async def test_t24_slow_segment_gives_its_place_back(
    parties: Local, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A segment may take longer than other bodies; one that takes too long is 408, and the end."""
    monkeypatch.setattr(limits, "SEGMENT_SECONDS", 1)
    browser = await parties.visitor()
    upload = await plan(browser, sealed_size(len(LARGE)))
    data = written(browser, upload, 0, secrets.token_bytes(SEGMENT_BYTES))
    async with connected(port) as slow, connected(port) as stopped:
        stopped.send(data[:-1])
        slow.send(data[:-100_000])
        await asyncio.sleep(0.6)  # longer than any other body may take here
        slow.send(data[-100_000:])
        assert (await slow.answer()).status == 204
        answer = await stopped.answer()
        assert (answer.status, json.loads(answer.body)["code"]) == (408, "request_timeout")
        await stopped.ended(3)
    assert not vars(parties.tokenizer.services.uploads)["_taken"]
    assert (await browser.asks("/files/missing", upload=upload)).json() == {"missing": [[1, 2]]}


@pytest.mark.usefixtures("hurried")
async def test_t24_no_stranger_gets_more_time(port: int, parties: Local) -> None:
    """Without a session, or an upload, a body has the time of every other one."""
    browser = await parties.visitor()
    head = written(browser, "A" * 43, 0, b"").replace(
        b"Content-Length: 0", b"Content-Length: 1048576"
    )
    for sent in (head, head.replace(b"__Host-", b"__Nost-")):
        async with connected(port) as connection:
            connection.send(sent)
            assert (await connection.answer()).status in {401, 403}
            assert await sent_before_the_end(connection, b"x" * 100, 0.05, 60) < 40
        assert await still_serves(port)


@pytest.mark.usefixtures("hurried")
async def test_t24_slow_senders_hold_up_no_other_session(
    parties: Local, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session whose places are all slow ones waits for itself; another one's file goes through.

    So it is with strangers: all their sessions together have the places of one.
    """
    monkeypatch.setattr(limits, "SEGMENT_SECONDS", 20)
    strangers = [parties.browser() for _ in range(6)]
    for each in strangers:
        await each.log_in(temporary=True)
    user = await parties.visitor()
    uploads = [await plan(each, sealed_size(len(LARGE))) for each in strangers]
    data = secrets.token_bytes(SEGMENT_BYTES)
    async with asyncio.TaskGroup() as slow:
        going = [
            slow.create_task(_hold(port, written(each, upload, 0, data)[:-1]))
            for each, upload in zip(strangers, uploads, strict=True)
        ]
        taken = vars(parties.tokenizer.services.uploads)["_taken"]
        async with asyncio.timeout(5):
            while taken[()] < places.UPLOADS.holder:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)  # for those that would be too many
        assert taken["payroll", ""] == taken[()] == places.UPLOADS.holder
        assert await loaded(user, await stored(user, LARGE)) == LARGE
        for task in going:
            task.cancel()


@pytest.mark.usefixtures("hurried")
async def test_t24_three_sessions_hold_not_all_places(parties: Local, port: int) -> None:
    """However slowly a few sessions send on all the places that they get, others' files arrive."""
    slow_ones, user = [await parties.visitor() for _ in range(4)], await parties.visitor()
    uploads = [await plan(each, sealed_size(len(LARGE))) for each in slow_ones]
    data = secrets.token_bytes(SEGMENT_BYTES)
    async with asyncio.TaskGroup() as slow:
        going = [
            slow.create_task(_hold(port, written(each, upload, 0, data)[:-1]))
            for each, upload in zip(slow_ones, uploads, strict=True)
            for _ in range(places.UPLOADS.holder)
        ]
        await asyncio.sleep(0.5)
        taken = vars(parties.tokenizer.services.uploads)["_taken"]
        assert taken[()] < places.UPLOADS.application
        assert await loaded(user, await stored(user, LARGE)) == LARGE
        for task in going:
            task.cancel()


@pytest.mark.usefixtures("hurried")
async def test_t24_idle_sender_loses_its_place(
    parties: Local, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A segment that comes byte by byte is 408 long before its time; one in steps is kept."""
    monkeypatch.setattr(limits, "PACE_SECONDS", 0.3)
    browser = await parties.visitor()
    upload = await plan(browser, sealed_size(len(LARGE)))
    data = written(browser, upload, 0, secrets.token_bytes(SEGMENT_BYTES))
    async with connected(port) as idle, connected(port) as slow:
        idle.send(data[:100_000])
        step = 2 * limits.PACE_BYTES
        for start in range(0, len(data), step):
            slow.send(data[start : start + step])
            idle.send(b"x")
            await asyncio.sleep(0.1)
        assert (await slow.answer()).status == 204
        answer = await idle.answer()
        assert (answer.status, json.loads(answer.body)["code"]) == (408, "request_timeout")
    assert not vars(parties.tokenizer.services.uploads)["_taken"]


async def _hold(port: int, data: bytes) -> None:
    async with connected(port) as connection:
        connection.send(data)
        await asyncio.sleep(20)


async def test_t24_reader_that_does_not_read_is_cut_off(
    parties: Local, port: int, monkeypatch: pytest.MonkeyPatch, hurried: None
) -> None:
    """Whoever asks for a segment and takes nothing of it loses the connection, and the place."""
    del hurried
    monkeypatch.setattr("lunasec.tokenizer.http.files.PART_BYTES", 64 * 1024)
    browser = await parties.visitor()
    token = await stored(browser, secrets.token_bytes(SEGMENT_BYTES * 2))
    headers = segment_headers(browser, **{"content-type": "application/json"})
    body = json.dumps({"session": browser.session, "token": token, "segment": 0}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    for _ in range(20):  # more than what the sockets themselves take in
        writer.write(request("/files/read", headers, body))
    await asyncio.sleep(2)
    assert not vars(parties.tokenizer.services.downloads)["_taken"]
    del reader
    writer.transport.abort()
    assert await still_serves(port)


BUDGET = f"file_bytes_per_hour = {4 * 2**20}"


async def test_t24_files_have_a_budget(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A session plans so many bytes in an hour, then waits; small files count as 64 KiB."""
    async with local(tmp_path_factory.mktemp("budget"), MemoryStore(), payroll=BUDGET) as parties:
        browser, small = await parties.visitor(), await parties.visitor()
        big = sealed_size(3 * 2**20)
        assert [(await browser.asks("/files", size=big)).status_code for _ in range(3)] == [
            200,
            200,
            429,
        ]
        answers = [await small.asks("/files", size=sealed_size(1)) for _ in range(65)]
        assert [each.status_code for each in answers] == [200] * 64 + [429]
        assert code(answers[-1]) == "too_many_requests"
        assert answers[-1].headers["retry-after"] == "360"
        parties.clock.now += 7200
        await browser.log_in()
        assert (await browser.asks("/files", size=big)).status_code == 200


async def test_t24_strangers_share_a_budget_of_files(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """However many sign-up pages are opened, they store what one session may; users store on."""
    async with local(tmp_path_factory.mktemp("budget"), MemoryStore(), payroll=BUDGET) as parties:
        size, answers = sealed_size(2**20), list[int]()
        for _ in range(6):
            stranger = parties.browser()
            await stranger.log_in(temporary=True)
            answers.append((await stranger.asks("/files", size=size)).status_code)
        assert answers == [200] * 4 + [429] * 2
        user = await parties.visitor()
        assert (await user.asks("/files", size=size)).status_code == 200


async def test_t24_flood_of_segments_waits_in_turn(
    parties: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of hundreds at once, few are in memory; the rest wait, or are told to come again."""
    room = Room(whole=3, application=3, holder=2, first=1)
    object.__setattr__(parties.tokenizer.services, "uploads", Places(room))
    most, blobs = [0, 0], parties.tokenizer.blobs
    keep = blobs.put

    async def slowly(blob: bytes, index: int, data: bytes | bytearray) -> None:
        most[0] += 1
        most[1] = max(most)
        await asyncio.sleep(0.001)
        await keep(blob, index, data)
        most[0] -= 1

    monkeypatch.setattr(blobs, "put", slowly)
    browsers = [await parties.visitor() for _ in range(10)]
    uploads = [await plan(each, sealed_size(len(LARGE))) for each in browsers]
    asked = [
        put(browser, upload, 0, bytes(SEGMENT_BYTES))
        for browser, upload in zip(browsers, uploads, strict=True)
        for _ in range(20)
    ]
    statuses = {each.status_code for each in await asyncio.gather(*asked)}
    assert statuses == {204, 429}
    assert most[1] <= room.whole
