"""A damaged database, log, key file or mark: refused at start, by name, and not a byte changed."""

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from lunasec.errors import (
    AuditDamaged,
    KeyFileDamaged,
    LunaSecError,
    StoreDamaged,
)
from lunasec.tokenizer.core.sealed import OpenedValue
from lunasec.tokenizer.embedded import DataDirectory, open_directory, verify_audit
from tests.durability.damages import OF_DATABASES, OF_SMALL_FILES, Damage
from tests.durability.filled import Filled, contents, fill, opened
from tests.stores.lines import execute
from tests.stores.made_up import NOW
from tests.stores.whole import Whole


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    """Fill a directory."""
    return asyncio.run(fill(tmp_path / "data", count=12))


def refused(directory: DataDirectory) -> LunaSecError:
    """Open what is to be refused; return why, having seen that not a byte was changed."""
    before = contents(directory.path)
    with pytest.raises(LunaSecError) as refusal:
        open_directory(directory, now=NOW)
    assert contents(directory.path) == before
    assert "Nothing was changed" in refusal.value.detail
    return refusal.value


@pytest.mark.parametrize(("damage", "why"), OF_DATABASES.values(), ids=OF_DATABASES)
def test_a_damaged_database_is_refused(filled: Filled, damage: Damage, why: str) -> None:
    """The refusal names the file, says what is wrong and what to do."""
    damage(filled.database)
    refusal = refused(filled.directory)
    assert isinstance(refusal, StoreDamaged)
    assert why in refusal.detail
    assert str(filled.database) in refusal.detail
    assert "lunasec restore" in refusal.detail


def test_the_refused_database_was_a_good_one(filled: Filled) -> None:
    """Without damage it opens: the refusals above are for the damage alone."""
    open_directory(filled.directory, now=NOW).store.abandon()


def test_a_log_without_its_database_is_refused(filled: Filled) -> None:
    """A left-over log would be taken for a new database's own."""
    filled.database.with_name("lunasec.db-wal").write_bytes(b"log")
    filled.database.unlink()
    for each in ("high-water.json", "audit-head.json"):
        (filled.directory.path / each).unlink()
    refusal = refused(filled.directory)
    assert isinstance(refusal, StoreDamaged)
    assert "lunasec.db-wal" in refusal.detail


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("keys.json", KeyFileDamaged),
        ("high-water.json", StoreDamaged),
        ("audit-head.json", StoreDamaged),
    ],
)
@pytest.mark.parametrize("damage", OF_SMALL_FILES.values(), ids=OF_SMALL_FILES)
def test_a_damaged_file_beside_it_is_refused(
    filled: Filled, name: str, kind: type[LunaSecError], damage: Damage
) -> None:
    """The keys, the mark and the anchor are whole and private, or nothing starts."""
    path = filled.directory.path / name
    damage(path)
    refusal = refused(filled.directory)
    assert isinstance(refusal, kind)
    assert str(path) in refusal.detail


def test_no_flipped_byte_goes_unnoticed(filled: Filled, tmp_path: Path) -> None:
    """Wherever a byte of the database flips: refused, or found by audit, or no value differs."""
    answers, log = asyncio.run(opened(filled.directory, _answers(filled))), _log(filled.directory)
    size = filled.database.stat().st_size
    outcomes: set[str] = set()
    for number in range(120):
        place = int.from_bytes(hashlib.sha256(bytes([number])).digest()[:4], "big") % size
        copy = DataDirectory(path=tmp_path / f"{number}")
        shutil.copytree(filled.directory.path, copy.path)
        with copy.database.open("r+b") as file:
            file.seek(place)
            flipped = bytes([file.read(1)[0] ^ 0x55])
            file.seek(place)
            file.write(flipped)
        outcomes.add(_outcome(copy, filled, answers, log))
        shutil.rmtree(copy.path)
    assert "refused" in outcomes


def _outcome(
    copy: DataDirectory, filled: Filled, answers: list[bytes | None], log: list[object]
) -> str:
    try:
        verify_audit(copy)
        now = asyncio.run(opened(copy, _answers(filled)))
    except AuditDamaged:
        return "found by audit"
    except LunaSecError:
        return "refused"
    assert [each for each in now if each is not None and each not in answers] == []
    assert _log(copy)[: len(log)] == log
    return "no difference" if now == answers else "lost"


def _answers(filled: Filled) -> Callable[[Whole], Awaitable[list[bytes | None]]]:
    async def use(whole: Whole) -> list[bytes | None]:
        """Read each value by itself; one that is damaged is not readable."""
        keys: list[bytes | None] = []
        for token in filled.readable + filled.revoked:
            try:
                [value] = await whole.vault.detokenize(filled.frame, [token])
            except LunaSecError:
                value = None
            keys.append(value.dek.reveal() if isinstance(value, OpenedValue) else None)
        return keys

    return use


def _log(directory: DataDirectory) -> list[object]:
    return [
        row[0] for row in execute(directory.database, "SELECT line FROM audit ORDER BY sequence")
    ]
