"""T5 for files: whoever can write to the disk makes readers fail, and never read what is wrong."""

import secrets
from collections.abc import AsyncGenerator
from itertools import permutations
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lunasec.errors import CiphertextMalformed
from lunasec.tokenizer.core.stream import SEGMENT_BYTES
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.stores.blobs import DirectoryBlobs
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.attacks.canaries import found
from tests.http.local import Local, local
from tests.http.parties import Browser, code
from tests.http.sending import loaded, read, stored

SIZE: Final = 2 * SEGMENT_BYTES + 1000


@pytest_asyncio.fixture
async def parties(tmp_path: Path) -> AsyncGenerator[Local]:
    """Give a tokenizer whose files are on a disk."""
    blobs = DirectoryBlobs(tmp_path / "blobs")
    async with local(tmp_path, MemoryStore(), blobs) as made:
        yield made


def segments(folder: Path) -> list[Path]:
    """List every stored segment."""
    return sorted(each for each in folder.glob("blobs/??/*/*") if each.is_file())


async def opens(browser: Browser, token: str, data: bytes) -> bool:
    """Say whether a file is read whole; whatever else comes of it, no wrong byte does."""
    try:
        assert await loaded(browser, token) == data
    except CiphertextMalformed:
        return False
    return True


async def test_t5_every_pair_of_segments_swapped(parties: Local, tmp_path: Path) -> None:
    """Segments of one file or of two, of the same user, exchanged on the disk: none is read."""
    browser = await parties.visitor()
    files = [secrets.token_bytes(SIZE) for _ in range(2)]
    tokens = [await stored(browser, each) for each in files]
    before = {path: path.read_bytes() for path in segments(tmp_path)}
    assert len(before) == 6
    for first, second in permutations(before, 2):
        if first > second or len(before[first]) != len(before[second]):
            continue  # another size is refused before it is read; see below
        first.write_bytes(before[second])
        second.write_bytes(before[first])
        whose = {first.parent, second.parent}
        for token, data in zip(tokens, files, strict=True):
            opened = await opens(browser, token, data)
            assert opened == (len(whose) == 1 and not _is_of(whose, parties, token))
        for path in (first, second):
            path.write_bytes(before[path])
    for token, data in zip(tokens, files, strict=True):
        assert await opens(browser, token, data)


def _is_of(folders: set[Path], parties: Local, token: str) -> bool:
    """Say whether a blob is a token's."""
    store = parties.tokenizer.store
    assert isinstance(store, MemoryStore)
    [record_id] = parties.tokenizer.services.vault.cipher.record_ids(Token.parse(token))
    file = store.records[record_id].file
    return file is not None and {each.name for each in folders} == {file.blob.hex()}


@pytest.mark.parametrize("change", ["shorter", "longer", "empty", "missing"])
async def test_t5_segment_of_another_size_is_refused(
    parties: Local, tmp_path: Path, change: str
) -> None:
    """Cut, grown or gone: the same refusal as for what was never granted, not a byte of it."""
    browser = await parties.visitor()
    token = await stored(browser, secrets.token_bytes(SIZE))
    path = segments(tmp_path)[1]
    data = path.read_bytes()
    match change:
        case "shorter":
            path.write_bytes(data[:-1])
        case "longer":
            path.write_bytes(data + b"x")
        case "empty":
            path.write_bytes(b"")
        case _:
            path.unlink()
    assert code(await read(browser, token, 1)) == "not_granted"
    assert (await read(browser, token, 0)).status_code == 200
    assert code(await read(browser, token, 3)) == "malformed_request"


async def test_t5_rolled_back_and_flipped_segments(parties: Local, tmp_path: Path) -> None:
    """An older file's segment put back, or one bit changed anywhere, is noticed by the reader."""
    browser = await parties.visitor()
    old = await stored(browser, secrets.token_bytes(SIZE))
    older = {path.name: path.read_bytes() for path in segments(tmp_path)}
    data = secrets.token_bytes(SIZE)
    token = await stored(browser, data)
    await parties.told("/tokens/erase", tokens=[old])
    for path in [each for each in segments(tmp_path) if each.read_bytes() not in older.values()]:
        own = path.read_bytes()
        for wrong in (
            older[path.name],
            own[:-1] + bytes((own[-1] ^ 1,)),
            bytes((own[0] ^ 1,)) + own[1:],
        ):
            path.write_bytes(wrong)
            assert not await opens(browser, token, data)
        path.write_bytes(own)
    assert await opens(browser, token, data)


async def test_t5_files_tell_nothing(parties: Local, tmp_path: Path) -> None:
    """On the disk there is neither name, type, content, token, application nor exact size."""
    browser = await parties.visitor()
    secret = b"a file's content that nobody else may see"
    token = await stored(browser, secret * 1000)
    names = "\n".join(str(path) for path in (tmp_path / "blobs").rglob("*")).encode()
    seen = {"names": names} | {str(path): path.read_bytes() for path in segments(tmp_path)}
    looked_for: dict[str, str | bytes] = {"content": secret, "token": token[8:51]}
    assert found(looked_for, seen) == []
    assert not any(b"file.pdf" in each or b"payroll" in each for each in seen.values())
    [size] = [path.stat().st_size for path in segments(tmp_path)]
    assert size == 40 + 43008 + 16  # 41,000 bytes, padded
