"""Files over HTTP: from the first segment to the last read, and every refusal on the way."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from lunasec.encoding import to_base64url
from lunasec.tokenizer.core.stream import SEGMENT_BYTES, sealed_size
from tests.http.local import Local
from tests.http.parties import UNKNOWN, Browser, code, sealed
from tests.http.sending import (
    UNKNOWN_UPLOAD,
    finish,
    loaded,
    plan,
    put,
    read,
    send,
    stored,
)

LARGE = secrets.token_bytes(2 * SEGMENT_BYTES + 12345)


@pytest.mark.parametrize("data", [b"", b"x", LARGE], ids=["nothing", "a byte", "three segments"])
async def test_file_comes_back(parties: Local, data: bytes) -> None:
    """What was stored is read, byte by byte, by a session that was granted it."""
    browser = await parties.visitor()
    token = await stored(browser, data)
    assert await loaded(browser, token) == data
    described = await browser.asks("/tokens/describe", tokens=[token])
    [description] = described.json()["tokens"]
    assert (description["kind"], description["file"]) == ("file", {"size": sealed_size(len(data))})


async def test_value_has_no_file(parties: Local) -> None:
    """A token of another kind has no file: its segments are refused like an unknown token's."""
    browser = await parties.visitor()
    [token] = await browser.store("x")
    await parties.grant(browser.session, [token])
    [value] = (await browser.asks("/detokenize", tokens=[token])).json()["values"]
    assert "file" not in value
    refused = [await read(browser, each, 0) for each in (token, UNKNOWN)]
    assert {code(each) for each in refused} == {"not_granted"}
    assert len({each.content for each in refused}) == 1


async def test_segments_are_inert(parties: Local) -> None:
    """A segment is bytes to save: no browser takes it for a page, keeps it or lets others read."""
    browser = await parties.visitor()
    answer = await read(browser, await stored(browser, b"<script>alert(1)</script>"), 0)
    expected = {
        "content-type": "application/octet-stream",
        "content-disposition": "attachment",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "no-store",
        "cross-origin-resource-policy": "same-origin",
        "content-length": str(len(answer.content)),
    }
    assert {name: answer.headers[name] for name in expected} == expected


async def test_upload_is_resumed(parties: Local) -> None:
    """Asking says which segments are missing; those alone are sent, in any order and also twice."""
    browser = await parties.visitor()
    sent = await send(browser, LARGE)
    upload = await plan(browser, sum(map(len, sent.file.segments)))

    async def missing() -> Any:  # noqa: ANN401 - JSON
        return (await browser.asks("/files/missing", upload=upload)).json()["missing"]

    assert await missing() == [[0, 2]]
    for _ in range(2):
        assert (await put(browser, upload, 1, sent.file.segments[1])).status_code == 204
    assert await missing() == [[0, 0], [2, 2]]
    again = await put(browser, upload, 1, bytes(SEGMENT_BYTES))
    assert again.status_code == 204
    for index in (2, 0):
        await put(browser, upload, index, sent.file.segments[index])
    assert await missing() == []
    token = (await browser.asks("/tokenize", values=[{**sent.value(), "upload": upload}])).json()[
        "tokens"
    ][0]
    await parties.grant(browser.session, [token])
    assert await loaded(browser, token) == LARGE


async def test_incomplete_file_is_refused(parties: Local) -> None:
    """A file of which a segment is missing becomes nobody's token, and can still be finished."""
    browser = await parties.visitor()
    sent = await send(browser, LARGE)
    upload = await plan(browser, sum(map(len, sent.file.segments)))
    value = {**sent.value(), "upload": upload}
    for index, segment in enumerate(sent.file.segments):
        refused = await browser.asks("/tokenize", values=[sealed("x"), value])
        assert (refused.status_code, code(refused)) == (409, "file_incomplete")
        await put(browser, upload, index, segment)
    assert (await browser.asks("/tokenize", values=[value])).status_code == 200


@pytest.mark.parametrize("index", [0, 1, 2])
@pytest.mark.parametrize("change", [-1, 1, -SEGMENT_BYTES], ids=["short", "long", "much too short"])
async def test_segment_has_its_length(parties: Local, index: int, change: int) -> None:
    """A byte less or more is refused, before it is kept."""
    browser = await parties.visitor()
    sent = await send(browser, LARGE)
    upload = await plan(browser, sum(map(len, sent.file.segments)))
    size = max(0, len(sent.file.segments[index]) + change)
    assert code(await put(browser, upload, index, bytes(size))) == "malformed_request"
    missing = (await browser.asks("/files/missing", upload=upload)).json()["missing"]
    assert missing == [[0, 2]]


@pytest.mark.parametrize(
    "index",
    ["3", "4294967295", "4294967296", "9" * 10, "9" * 400, "-1", "+0", "00", "0x0", "a", "٣"],
)
async def test_t24_odd_segment_numbers_are_refused(parties: Local, index: str) -> None:
    """Beyond the plan, huge, or another spelling of a number: refused, and nothing is kept."""
    browser = await parties.visitor()
    upload = await plan(browser, sum(map(len, (await send(browser, LARGE)).file.segments)))
    assert code(await put(browser, upload, index, bytes(SEGMENT_BYTES))) == "malformed_request"


async def test_sizes_are_of_padded_files(parties: Local) -> None:
    """A plan names the size of a sealed and padded file, within the limit, or is refused."""
    browser = await parties.visitor()
    most = parties.tokenizer.services.settings.applications["payroll"].max_file_size
    for size in (sealed_size(0), sealed_size(999), sealed_size(most)):
        assert (await browser.asks("/files", size=size)).status_code == 200
    for size in (1, 56, sealed_size(999) + 1, SEGMENT_BYTES + 16, SEGMENT_BYTES + 17):
        assert code(await browser.asks("/files", size=size)) == "malformed_request", size
    for size in (sealed_size(most + 1), 2**53):
        assert code(await browser.asks("/files", size=size)) == "too_large", size


async def test_kind_and_upload_go_together(parties: Local) -> None:
    """A file without an upload, or an upload for another value, can't be read."""
    browser = await parties.visitor()
    sent = await send(browser, b"x")
    for value in (
        sealed("x", kind="file"),
        {**sealed("x"), "upload": sent.upload},
        {**sent.value(), "upload": "A" * 42 + "B"},
    ):
        assert code(await browser.asks("/tokenize", values=[value])) == "malformed_request"
    assert (await finish(browser, sent)).status_code == 200


async def test_manifest_is_short(parties: Local) -> None:
    """A manifest is at most 4 KiB: what is longer is no name and no type."""
    browser = await parties.visitor()
    for length, status in ((4096, 200), (4352, 413)):
        sent = await send(browser, b"x")
        value = {**sealed("x" * length, kind="file"), "upload": sent.upload}
        assert (await browser.asks("/tokenize", values=[value])).status_code == status


async def test_upload_is_used_once(parties: Local) -> None:
    """One upload is one token's file: not two in a request, and not a second one later."""
    browser = await parties.visitor()
    sent = await send(browser, b"x")
    twice = await browser.asks("/tokenize", values=[sent.value(), sent.value()])
    assert code(twice) == "not_granted"
    assert (await finish(browser, sent)).status_code == 200
    for refused in (
        await finish(browser, sent),
        await put(browser, sent.upload, 0, sent.file.segments[0]),
        await browser.asks("/files/missing", upload=sent.upload),
        await browser.asks("/files/drop", upload=sent.upload),
    ):
        assert code(refused) == "not_granted"


async def test_dropped_upload_leaves_nothing(parties: Local) -> None:
    """What was given up is gone at once, and its id is no longer one."""
    browser = await parties.visitor()
    sent = await send(browser, LARGE)
    assert (await browser.asks("/files/drop", upload=sent.upload)).json() == {}
    assert vars(parties.tokenizer.blobs)["blobs"] == {}
    assert code(await put(browser, sent.upload, 0, sent.file.segments[0])) == "not_granted"
    assert code(await finish(browser, sent)) == "not_granted"


Ask = Callable[[Browser, str], Awaitable[httpx.Response]]
NAMING: dict[str, Ask] = {
    "put": lambda browser, upload: put(browser, upload, 0, bytes(SEGMENT_BYTES)),
    "missing": lambda browser, upload: browser.asks("/files/missing", upload=upload),
    "drop": lambda browser, upload: browser.asks("/files/drop", upload=upload),
    "tokenize": lambda browser, upload: browser.asks(
        "/tokenize", values=[{**sealed("x", kind="file"), "upload": upload}]
    ),
}


@pytest.mark.parametrize("call", NAMING)
async def test_t12_uploads_of_others_are_unknown(parties: Local, call: str) -> None:
    """Unknown, another user's, another application's, ended: the same bytes, and no harm done."""
    owner = await parties.visitor()
    sent, ended = await send(owner, LARGE), await send(owner, b"x")
    await owner.asks("/files/drop", upload=ended.upload)
    stranger, foreign = await parties.visitor(), await parties.visitor("clinic")
    answers = [
        await NAMING[call](stranger, sent.upload),
        await NAMING[call](stranger, UNKNOWN_UPLOAD),
        await NAMING[call](foreign, sent.upload),
        await NAMING[call](owner, ended.upload),
        await NAMING[call](owner, to_base64url(secrets.token_bytes(32))),
    ]
    assert {each.status_code for each in answers} == {403}
    assert len({each.content for each in answers}) == 1
    assert (await finish(owner, sent)).status_code == 200


async def test_t12_files_of_others_are_unknown(parties: Local) -> None:
    """Another user's, another application's, ungranted and unknown files: the same bytes."""
    owner, stranger = await parties.visitor(), await parties.visitor()
    foreign = await parties.visitor("clinic")
    token, ungranted = await stored(owner, b"x"), await stored(owner, b"y", granted=False)
    answers = [
        await read(stranger, token, 0),
        await read(foreign, token, 0),
        await read(owner, ungranted, 0),
        await read(owner, UNKNOWN, 0),
        await read(owner, UNKNOWN, 2**32 - 1),
    ]
    assert {each.status_code for each in answers} == {403}
    assert len({each.content for each in answers}) == 1
    assert (await read(owner, token, 0)).status_code == 200
