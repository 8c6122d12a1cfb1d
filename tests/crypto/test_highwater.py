"""The mark beside the key moves on, durably, and never back."""

import stat
import threading
from pathlib import Path

import pytest

from lunasec.errors import StoreDamaged, StoreRolledBack
from lunasec.tokenizer.core.rollback import Mark, Standing, compare
from lunasec.tokenizer.highwater import HighWater


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a mark in a directory that does not exist yet."""
    return tmp_path / "keys" / "high-water.json"


def mark(generation: int, incarnation: int = 0, store_id: str = "a") -> Mark:
    """Make a mark."""
    return Mark(store_id=store_id, incarnation=incarnation, generation=generation)


def test_a_mark_is_kept(path: Path) -> None:
    """There is no mark at first; then each one is read back, by another process too."""
    assert HighWater(path).read() is None
    assert not path.parent.exists()
    for each in (mark(0), mark(1), mark(1), mark(7), mark(0, 1), mark(3, 2)):
        HighWater(path).advance(each)
        assert HighWater(path).read() == each
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "behind", [mark(4, 1), mark(9, 0), mark(6, 1, "b"), mark(0, 2, "b")], ids=str
)
def test_it_never_moves_back(path: Path, behind: Mark) -> None:
    """A mark that is behind, or of another store, is refused and changes nothing."""
    water = HighWater(path)
    water.advance(mark(5, 1))
    before = path.read_bytes()
    with pytest.raises(StoreRolledBack):
        water.advance(behind)
    assert path.read_bytes() == before


def test_t26_a_copy_from_before_is_behind(path: Path) -> None:
    """T26: after a revocation was marked, the copy of the store from before it is refused."""
    water = HighWater(path)
    water.advance(mark(41))
    copy = mark(41)
    water.advance(mark(42))
    assert compare(copy, HighWater(path).read()) is Standing.BEHIND
    assert compare(mark(42), HighWater(path).read()) is Standing.CURRENT


def test_t26_a_restore_starts_over(path: Path) -> None:
    """T26: after a restore its own mark stands, whatever was there, and older copies are behind."""
    water = HighWater(path)
    water.advance(mark(50, 0))
    water.start_over(mark(0, 1))
    assert water.read() == mark(0, 1)
    for copy in (mark(50, 0), mark(51, 0)):
        assert compare(copy, water.read()) is Standing.BEHIND
        with pytest.raises(StoreRolledBack):
            water.advance(copy)


def test_every_changed_byte_is_noticed(path: Path) -> None:
    """A mark in which any byte has a bit flipped is refused, and is not taken for none."""
    water = HighWater(path)
    water.advance(mark(300, 2))
    whole = path.read_bytes()
    for place, byte in enumerate(whole):
        flipped = byte ^ 1 << place % 8
        path.write_bytes(whole[:place] + bytes((flipped,)) + whole[place + 1 :])
        with pytest.raises(StoreDamaged):
            water.read()


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b'{"format": 1}'], ids=repr)
def test_a_damaged_mark_is_not_overwritten(path: Path, content: bytes) -> None:
    """What is no mark is refused by name, for reading and for moving on, and stays as it is."""
    water = HighWater(path)
    water.advance(mark(1))
    path.write_bytes(content)
    for attempt in (water.read, lambda: water.advance(mark(2))):
        with pytest.raises(StoreDamaged) as caught:
            attempt()
        assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_a_mark_that_others_can_change_is_refused(path: Path) -> None:
    """A mark with rights for others, or behind a link, proves nothing and is refused."""
    water = HighWater(path)
    water.advance(mark(1))
    path.chmod(0o602)
    with pytest.raises(StoreDamaged, match="chmod 600"):
        water.read()
    path.chmod(0o600)
    link = path.with_name("link")
    link.symlink_to(path)
    with pytest.raises(StoreDamaged, match="symbolic link"):
        HighWater(link).read()


def test_marks_in_parallel_end_at_the_furthest(path: Path) -> None:
    """Writers that race never leave the mark behind what any of them was told is kept."""
    kept: list[int] = []

    def advance(generations: range) -> None:
        for generation in generations:
            try:
                HighWater(path).advance(mark(generation))
            except StoreRolledBack:
                continue
            kept.append(generation)

    threads = [threading.Thread(target=advance, args=(range(n, 60, 4),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = HighWater(path).read()
    assert found == mark(max(kept)) == mark(59)
