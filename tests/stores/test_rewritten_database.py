"""T5 on a real database file: ciphertext of another shape, and what came from an older copy."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from lunasec.tokenizer.core.envelope import BUCKET_BYTES, HEADER_BYTES
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.keyset import Keyset, lookup_rotated
from lunasec.tokenizer.core.policy import StepUp
from lunasec.tokenizer.core.sealed import OpenedValue
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.stores.lines import execute
from tests.stores.made_up import NOW
from tests.stores.whole import ERASE_DELAY, Whole, fresh_keys

Rewrite = Callable[[list[bytes]], list[bytes]]
REWRITES: dict[str, Rewrite] = {
    "cut by a bucket": lambda buckets: buckets[:-1],
    "cut at the front": lambda buckets: buckets[1:],
    "cut to one": lambda buckets: buckets[:1],
    "reordered": lambda buckets: [buckets[1], buckets[0], *buckets[2:]],
    "reversed": lambda buckets: buckets[::-1],
    "repeated": lambda buckets: [*buckets, buckets[-1]],
    "emptied": lambda _: [],
}


@dataclass(slots=True, kw_only=True)
class Kept:
    """A tokenizer on a database file in which two values are granted to a session."""

    file: Path
    whole: Whole
    frame: FrameCaller
    tokens: list[Token]

    @classmethod
    async def fill(cls, file: Path, keyset: Keyset) -> "Kept":
        """Store two values of three buckets."""
        whole = Whole(SqliteStore(file), keyset)
        frame = await whole.log_in()
        tokens = await whole.tokens(frame, 2, buckets=3)
        return cls(file=file, whole=whole, frame=frame, tokens=tokens)

    async def reopen(self, keyset: Keyset | None = None) -> None:
        """Stop the tokenizer, and start it on the same file."""
        await self.whole.store.close()
        self.whole = Whole(SqliteStore(self.file), keyset or self.whole.keyset, now=self.whole.now)

    async def readable(self) -> list[bool]:
        """Say which of the two values can be read by a tokenizer that starts anew."""
        await self.reopen()
        return await self.whole.readable(self.frame, self.tokens)

    async def destroy(self, token: Token) -> None:
        """Erase a value, and let the delay go by."""
        await self.whole.erasures.erase(self.whole.back_end, [token])
        await self.whole.upkeep.destroy(self.whole.now + ERASE_DELAY + 1)


def rows(file: Path) -> list[tuple[object, ...]]:
    """Copy all records."""
    return execute(file, "SELECT * FROM records ORDER BY rowid")


def put_back(file: Path, row: tuple[object, ...]) -> None:
    """Write a record as an older copy has it, over what is there under its name."""
    places = ", ".join("?" * len(row))
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"INSERT OR REPLACE INTO records VALUES ({places})", row)  # noqa: S608


@pytest.mark.parametrize("rewrite", REWRITES.values(), ids=REWRITES)
async def test_t5_ciphertext_of_another_shape_does_not_open(
    tmp_path: Path, rewrite: Rewrite
) -> None:
    """T5: cut, reordered or lengthened by whole buckets, with its size put right, it is refused."""
    kept = await Kept.fill(tmp_path / "lunasec.db", fresh_keys())
    with closing(sqlite3.connect(kept.file, isolation_level=None)) as connection:
        read = "SELECT rowid, ciphertext FROM records ORDER BY rowid"
        number, data = connection.execute(read).fetchone()
        head, body, tag = data[:HEADER_BYTES], data[HEADER_BYTES:-16], data[-16:]
        starts = range(0, len(body), BUCKET_BYTES)
        changed = rewrite([body[start : start + BUCKET_BYTES] for start in starts])
        data = head + b"".join(changed) + tag
        write = "UPDATE records SET ciphertext = ?, size = ? WHERE rowid = ?"
        connection.execute(write, (data, len(data), number))
    assert await kept.readable() == [False, True]
    await kept.whole.store.close()


async def test_t5_older_ciphertext_brings_nothing_back(tmp_path: Path) -> None:
    """T5: a value that was destroyed stays so when its ciphertext is put back into the store.

    Into its own row, whose key is gone, while that is there; and there is no row afterwards.
    """
    kept = await Kept.fill(tmp_path / "lunasec.db", fresh_keys())
    [(old,), _] = execute(kept.file, "SELECT ciphertext FROM records ORDER BY rowid")
    await kept.whole.erasures.erase(kept.whole.back_end, kept.tokens[:1])
    execute(kept.file, "UPDATE records SET erased_at = NULL, wrapped = x'' WHERE rowid = 1")
    with closing(sqlite3.connect(kept.file, isolation_level=None)) as connection:
        connection.execute("UPDATE records SET ciphertext = ? WHERE rowid = 1", (old,))
    assert await kept.readable() == [False, True]
    await kept.destroy(kept.tokens[0])
    assert execute(kept.file, "SELECT count(*) FROM records") == [(1,)]
    with closing(sqlite3.connect(kept.file, isolation_level=None)) as connection:
        connection.execute("UPDATE records SET ciphertext = ?", (old,))
    assert await kept.readable() == [False, False]
    await kept.whole.store.close()


async def test_a_whole_row_from_before_an_erase(tmp_path: Path) -> None:
    """Not promised: who can write whole rows undoes an erase, for whoever it is granted to.

    It stays that token's own value, and without a grant nothing opens.
    """
    kept = await Kept.fill(tmp_path / "lunasec.db", fresh_keys())
    before = rows(kept.file)
    await kept.destroy(kept.tokens[0])
    assert await kept.readable() == [False, True]
    put_back(kept.file, before[0])
    assert await kept.readable() == [True, True]
    await kept.whole.grants.revoke(kept.whole.back_end, None, kept.tokens[:1])
    assert await kept.readable() == [False, True]
    await kept.whole.store.close()


async def test_t5_an_older_row_beside_the_renamed_one(tmp_path: Path) -> None:
    """T5: after a new lookup key, a row put back under its old name opens as itself or not at all.

    The newer row is asked for first; once that was erased, the older one is not read in its place.
    """
    keyset = fresh_keys()
    kept = await Kept.fill(tmp_path / "lunasec.db", keyset)
    before = rows(kept.file)
    await kept.reopen(lookup_rotated(keyset, NOW))
    read = await kept.whole.vault.detokenize(kept.frame, kept.tokens)
    for row in before:
        put_back(kept.file, row)
    await kept.reopen()
    again = await kept.whole.vault.detokenize(kept.frame, kept.tokens)
    assert _keys(again) == _keys(read)
    assert await kept.whole.erasures.erase(kept.whole.back_end, kept.tokens) == len(kept.tokens)
    assert await kept.readable() == [False, False]
    await kept.whole.store.close()


def _keys(opened: list[OpenedValue | StepUp | None]) -> list[bytes | None]:
    return [each.dek.reveal() if isinstance(each, OpenedValue) else None for each in opened]
