"""The local key file: made once, read whole, never replaced."""

import json
import stat
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from lunasec.encoding import to_base64url
from lunasec.errors import ConfigurationInvalid, KeyFileDamaged, LunaSecError
from lunasec.tokenizer import private_file
from lunasec.tokenizer.core.keyset import (
    FRESH_BYTES,
    LAST_LOOKUP,
    LAST_WRAP,
    Epoch,
    Keyset,
    Newest,
)
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.kms import LocalKeyFile, read_back, written

NOW = 1_800_000_000
RANDOM = bytes(range(FRESH_BYTES))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a key file in a directory that does not exist yet."""
    return tmp_path / "data" / "keys.json"


def made(path: Path) -> LocalKeyFile:
    """Make a key file with known keys."""
    file = LocalKeyFile(path, random=lambda length: RANDOM[:length])
    file.generate(NOW)
    return file


def refusal(path: Path) -> str:
    """Give the refusal to read a key file, which shows none of the keys."""
    with pytest.raises(KeyFileDamaged) as caught:
        LocalKeyFile(path).unseal()
    said = str(caught.value)
    assert str(path) in said
    assert "lunasec keys import" in said
    assert caught.value.__cause__ is None
    assert to_base64url(RANDOM[16:])[:8] not in said
    return said


def test_the_first_start_makes_a_private_file(path: Path) -> None:
    """The file is made with mode 0600 in a directory of mode 0700, and gives the same keys back."""
    file = made(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert file.unseal() == LocalKeyFile(path).unseal() == Keyset.fresh(RANDOM, NOW)


def test_keys_are_random_by_themselves(path: Path) -> None:
    """Two key files have nothing in common: id and root are new."""
    one = LocalKeyFile(path).generate(NOW)
    other = LocalKeyFile(path.with_name("other")).generate(NOW)
    assert one.id != other.id
    assert one.root != other.root
    assert one.id not in one.root.reveal().hex()


def test_a_key_file_is_never_replaced(path: Path) -> None:
    """Neither generating nor importing changes a file that is there, whole or damaged."""
    file = made(path)
    for content in (path.read_bytes(), b"", b"damaged"):
        path.write_bytes(content)
        assert file.exists()
        with pytest.raises(ConfigurationInvalid, match="never replaced"):
            file.generate(NOW)
        with pytest.raises(ConfigurationInvalid, match="never replaced"):
            file.install(Keyset.fresh(RANDOM, NOW))
        assert path.read_bytes() == content


def test_a_missing_file_is_not_made_by_reading(path: Path) -> None:
    """Reading or rotating a file that is not there makes nothing, not even the directory."""
    assert not LocalKeyFile(path).exists()
    assert "does not exist" in refusal(path)
    file = LocalKeyFile(path)
    for change in (
        file.rotate,
        file.rotate_lookup,
        partial(file.catch_up, Newest(lookup=2, wrap=2)),
    ):
        with pytest.raises(KeyFileDamaged):
            change(NOW)
    assert not path.parent.exists()


def test_rotation_keeps_the_root(path: Path) -> None:
    """Each rotation counts one number up; the file stays private and whole, the root the same."""
    file = made(path)
    first = file.unseal()
    rotated = LocalKeyFile(path).rotate(NOW + 5)
    assert LocalKeyFile(path).unseal() == rotated
    assert rotated == replace(first, wrap=Epoch(number=2, created_at=NOW + 5))
    again = LocalKeyFile(path).rotate_lookup(NOW + 7)
    assert LocalKeyFile(path).unseal() == again
    assert again == replace(rotated, lookup=Epoch(number=2, created_at=NOW + 7))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rotation_ends_with_the_numbers(path: Path) -> None:
    """After the last lookup version there is no other: said in one line, and nothing is changed."""
    file = made(path)
    for _ in range(LAST_LOOKUP - 1):
        file.rotate_lookup(NOW)
    before = path.read_bytes()
    with pytest.raises(ConfigurationInvalid, match="1 to 16"):
        file.rotate_lookup(NOW)
    assert path.read_bytes() == before


def test_a_restored_file_catches_up(path: Path) -> None:
    """Behind its store, a file goes on from there, durably; else it is not written."""
    file = made(path)
    before = path.stat()
    assert file.catch_up(Newest(lookup=1, wrap=1), NOW + 5) == file.unseal()
    assert (before.st_ino, before.st_mtime_ns) == (path.stat().st_ino, path.stat().st_mtime_ns)
    behind = file.catch_up(Newest(lookup=3, wrap=7), NOW + 5)
    assert LocalKeyFile(path).unseal() == behind
    assert (behind.lookup.number, behind.wrap.number) == (3, 8)
    assert behind.root == Keyset.fresh(RANDOM, NOW).root


def test_every_flipped_bit_is_noticed(path: Path) -> None:
    """A file in which any single bit was flipped is refused, as a whole."""
    made(path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in range(8):
            damaged = whole[:place] + bytes((whole[place] ^ 1 << bit,)) + whole[place + 1 :]
            with pytest.raises(ValueError, match=r"key file|checksum"):
                read_back(damaged)


def test_every_cut_is_noticed(path: Path) -> None:
    """A file cut off anywhere before its last brace is refused."""
    made(path)
    whole = path.read_bytes().rstrip()
    for length in range(len(whole)):
        with pytest.raises(ValueError, match="key file"):
            read_back(whole[:length])


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"null", b"\x00" * 600, b'{"format": "lunasec/keys/v1"}', b"-----BEGIN"],
    ids=repr,
)
def test_other_files_are_refused(path: Path, content: bytes) -> None:
    """What is no key file is refused by name, and left as it is."""
    made(path)
    path.write_bytes(content)
    assert "is damaged" in refusal(path)
    assert path.read_bytes() == content


def test_unknown_members_are_refused(path: Path) -> None:
    """A member that this version does not know is refused: it may change what the others mean."""
    made(path)
    file = json.loads(path.read_bytes())
    path.write_text(json.dumps({**file, "note": 1}))
    refusal(path)
    file["keys"]["wrap"]["note"] = 1
    path.write_text(json.dumps(file))
    refusal(path)


def test_a_file_that_others_can_read_is_refused(path: Path) -> None:
    """A key file with any right for group or others is refused, and the way out is named."""
    made(path)
    path.chmod(0o640)
    assert "chmod 600" in refusal(path)


def test_a_link_is_refused(path: Path) -> None:
    """A symbolic link is refused: what it leads to can change between two starts."""
    made(path)
    link = path.with_name("link.json")
    link.symlink_to(path)
    assert "symbolic link" in refusal(link)


def test_another_layout_of_the_same_keys_is_read(path: Path) -> None:
    """White space does not count: an operator's editor may lay the file out anew."""
    made(path)
    assert read_back(json.dumps(json.loads(path.read_bytes())).encode()) == read_back(
        path.read_bytes()
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("root", Secret(bytes(31))),
        ("lookup", Epoch(number=0, created_at=NOW)),
        ("lookup", Epoch(number=LAST_LOOKUP + 1, created_at=NOW)),
        ("wrap", Epoch(number=-1, created_at=NOW)),
        ("wrap", Epoch(number=LAST_WRAP + 1, created_at=NOW)),
    ],
)
def test_a_key_set_that_cannot_be_is_refused(name: str, value: object) -> None:
    """A file whose checksum is right and whose content is not is refused like a damaged one."""
    keyset = Keyset.fresh(RANDOM, NOW)
    assert read_back(written(keyset)) == keyset
    wrong = copy(keyset)
    object.__setattr__(wrong, name, value)
    with pytest.raises(ValueError, match=r"32 bytes|lookup versions go from 1"):
        read_back(written(wrong))


def test_errors_are_of_the_catalog(tmp_path: Path) -> None:
    """A place that can't be written is refused with a code, and makes no file."""
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(LunaSecError):
        LocalKeyFile(tmp_path / "data" / "keys.json").generate(NOW)


def test_a_draft_is_as_private_as_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even for the instant before the rename, nobody else can read the new keys."""
    modes: list[int] = []
    rename = Path.rename

    def watched(self: Path, target: Path) -> Path:
        modes.append(stat.S_IMODE(self.stat().st_mode))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", watched)
    made(path).rotate(NOW)
    assert modes == [0o600, 0o600]
    assert private_file.read(path)
