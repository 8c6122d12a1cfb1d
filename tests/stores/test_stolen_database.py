"""T4 and T5 on a real database file: what a thief of it can open, and what an intruder can swap."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import pytest
from msgspec.structs import replace

from lunasec.errors import RecordDamaged
from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.core.envelope import Envelope
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.keyset import Keyset
from lunasec.tokenizer.core.ledger import Record
from lunasec.tokenizer.core.sealed import OpenedValue
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.stores import rows
from lunasec.tokenizer.stores.rows import RECORD
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.stores.lines import execute
from tests.stores.whole import Whole, fresh_keys, sealed

COUNT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Loot:
    """All that there is: the file, the keys, the tokens, and the values' own keys to compare."""

    file: Path
    keyset: Keyset
    frame: FrameCaller
    tokens: list[Token]
    deks: list[bytes]
    records: list[tuple[Record, bytes]]

    def envelope(self, number: int) -> Envelope:
        """Read the envelope of a stolen record."""
        record, ciphertext = self.records[number]
        return Envelope.parse(ciphertext, application=record.application, kind=record.kind)


def stolen(file: Path) -> dict[bytes, tuple[Record, bytes]]:
    """Read the records of a database as a thief does, without us."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute(f"SELECT {RECORD}, ciphertext FROM records")  # noqa: S608
        return {row[0]: (rows.read_record(row), row[-1]) for row in found}


async def _fill(file: Path) -> Loot:
    keyset = fresh_keys()
    store = SqliteStore(file)
    whole = Whole(store, keyset)
    frame = await whole.log_in()
    values = [sealed() for _ in range(COUNT)]
    tokens = await whole.vault.tokenize(frame, values)
    await whole.grant(frame, tokens)
    await store.close()
    taken = stolen(file)
    return Loot(
        file=file,
        keyset=keyset,
        frame=frame,
        tokens=tokens,
        deks=[each.dek.reveal() for each in values],
        records=[taken[whole.cipher.record_ids(each)[0]] for each in tokens],
    )


@pytest.fixture(scope="module")
def loot(tmp_path_factory: pytest.TempPathFactory) -> Loot:
    """Store 50 values and steal everything; nobody changes this file."""
    return asyncio.run(_fill(tmp_path_factory.mktemp("stolen") / "lunasec.db"))


def opens(cipher: Cipher, token: Token, envelope: Envelope, record: Record) -> bytes | None:
    """Try to open a record; only `RecordDamaged` is a refusal."""
    try:
        return cipher.derive(token).unwrap(envelope, record.key).reveal()
    except RecordDamaged:
        return None


def test_database_keys_and_tokens_open_everything(loot: Loot) -> None:
    """All three together are what it takes."""
    cipher = Cipher(loot.keyset)
    opened = [
        opens(cipher, token, loot.envelope(number), loot.records[number][0])
        for number, token in enumerate(loot.tokens)
    ]
    assert opened == loot.deks


def test_t4_database_and_tokens_open_nothing(loot: Loot) -> None:
    """T4: without the keys no token leads to its record, and no record opens."""
    thief = Cipher(fresh_keys())
    names = {record.record_id for record, _ in loot.records}
    for number, token in enumerate(loot.tokens):
        assert not names & set(thief.record_ids(token))
        for other, (record, _) in enumerate(loot.records):
            renamed = replace(record.key, record_id=thief.record_ids(token)[0])
            assert opens(thief, token, loot.envelope(other), record) is None
            assert opens(thief, token, loot.envelope(number), replace(record, key=renamed)) is None


def test_t4_database_and_keys_open_nothing(loot: Loot) -> None:
    """T4: without its own token no record opens, not with a guess nor with any other's token."""
    cipher = Cipher(loot.keyset)
    guesses = [Token.of(bytes([number]) * 32) for number in range(5)]
    for number, (record, _) in enumerate(loot.records):
        envelope = loot.envelope(number)
        others = [token for other, token in enumerate(loot.tokens) if other != number]
        for token in guesses + others:
            assert opens(cipher, token, envelope, record) is None


def test_t4_the_file_does_not_lead_to_tokens(loot: Loot) -> None:
    """T4: no token, no part of one and no value's key is in the file, in any spelling."""
    data = loot.file.read_bytes()
    for token, dek in zip(loot.tokens, loot.deks, strict=True):
        secret = token.secret.reveal()
        for needle in (secret, dek):
            assert needle not in data
            assert needle[:16] not in data
            assert needle.hex().encode() not in data
        assert token.text().encode()[8:51] not in data
    assert loot.keyset.root.reveal() not in data


def test_t4_names_can_not_be_linked(loot: Loot) -> None:
    """T4: the same tokens have other names in another tokenizer: two thefts can't be joined."""
    other = Cipher(fresh_keys())
    here = {record.record_id for record, _ in loot.records}
    there = {each for token in loot.tokens for each in other.record_ids(token)}
    assert (len(here), len(there), len(here & there)) == (COUNT, COUNT, 0)


PARTS = ("wrapped", "commitment", "record_id")


def exchanged(loot: Loot) -> Iterator[tuple[int, Envelope, Record]]:
    """Give every record with each part of every other one: 50 * 49 * 5 of them."""
    for one, other in permutations(range(COUNT), 2):
        record, foreign = loot.records[one][0], loot.records[other][0]
        whole = {name: getattr(foreign.key, name) for name in PARTS}
        for name in PARTS:
            key = replace(record.key, **{name: whole[name]})
            if name != "record_id":  # by which a record is found, and not opened
                yield one, loot.envelope(one), replace(record, key=key)
        yield one, loot.envelope(other), record
        yield (
            one,
            loot.envelope(other),
            replace(record, key=replace(record.key, **whole)),
        )
        rest = {"wrapped": whole["wrapped"], "commitment": whole["commitment"]}
        yield one, loot.envelope(one), replace(record, key=replace(record.key, **rest))


def test_t5_no_part_of_a_record_can_be_exchanged(loot: Loot) -> None:
    """T5: with another's locked key, commitment, ciphertext or all of them, nothing opens."""
    cipher = Cipher(loot.keyset)
    tried = 0
    for number, envelope, record in exchanged(loot):
        tried += 1
        assert opens(cipher, loot.tokens[number], envelope, record) is None
    assert tried == COUNT * (COUNT - 1) * 5


@pytest.mark.parametrize("columns", [["wrapped"], ["ciphertext"], ["wrapped", "ciphertext"]])
async def test_t5_records_exchanged_in_the_file_do_not_open(
    loot: Loot, tmp_path: Path, columns: list[str]
) -> None:
    """T5: whoever can write the database makes values unreadable, and never another's readable."""
    file = tmp_path / "lunasec.db"
    file.write_bytes(loot.file.read_bytes())
    ids = [record.record_id for record, _ in loot.records]
    with closing(sqlite3.connect(file)) as connection, connection:
        for column in columns:
            read = f"SELECT {column} FROM records WHERE record_id = ?"  # noqa: S608
            kept = [connection.execute(read, (each,)).fetchone()[0] for each in ids]
            update = f"UPDATE records SET {column} = ? WHERE record_id = ?"  # noqa: S608
            shifted = kept[1:] + kept[:1]
            connection.executemany(update, zip(shifted, ids, strict=True))
    store = SqliteStore(file)
    whole = Whole(store, loot.keyset)
    assert await whole.vault.detokenize(loot.frame, loot.tokens) == [None] * COUNT
    await store.close()


@pytest.mark.parametrize(
    ("application", "changes"),
    [
        ("payroll", ["UPDATE records SET kind = 'card'"]),
        (
            "clinic",
            [
                f"UPDATE {table} SET application = 'clinic'"  # noqa: S608
                for table in ("records", "grants", "sessions")
            ],
        ),
    ],
    ids=["kind", "application"],
)
async def test_t5_what_a_record_is_can_not_be_written_over(
    loot: Loot, tmp_path: Path, application: str, changes: list[str]
) -> None:
    """T5: a value is bound to its application and its kind: under another it does not open."""
    file = tmp_path / "lunasec.db"
    file.write_bytes(loot.file.read_bytes())
    for change in changes:
        execute(file, change)
    store = SqliteStore(file)
    frame = replace(loot.frame, application=application)
    answers = await Whole(store, loot.keyset).vault.detokenize(frame, loot.tokens)
    assert answers == [None] * COUNT
    await store.close()


async def test_records_as_they_were_do_open(loot: Loot, tmp_path: Path) -> None:
    """The same file without a change: the refusals above are for the changes alone."""
    file = tmp_path / "lunasec.db"
    file.write_bytes(loot.file.read_bytes())
    store = SqliteStore(file)
    answers = await Whole(store, loot.keyset).vault.detokenize(loot.frame, loot.tokens)
    assert [each.dek.reveal() for each in answers if isinstance(each, OpenedValue)] == loot.deks
    await store.close()
