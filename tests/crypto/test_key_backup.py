"""Backups of the key set open with their passphrase, and with nothing else."""

import base64
import re

import pytest

from lunasec.encoding import to_base64url
from lunasec.errors import KeyFileDamaged
from lunasec.tokenizer.core.keyset import FRESH_BYTES, Keyset, rotated
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.key_backup import BEGIN, END, export_keyset, import_keyset

NOW = 1_800_000_000
RANDOM = bytes(range(FRESH_BYTES))
KEYSET = rotated(Keyset.fresh(RANDOM, NOW), NOW)
PASSPHRASE = Secret(b"correct horse battery")


@pytest.fixture(scope="module")
def backup() -> str:
    """Make one backup; stretching a passphrase takes some 0.3 s."""
    return export_keyset(KEYSET, PASSPHRASE)


def test_a_backup_comes_back(backup: str) -> None:
    """A backup gives back the key set, also when a mail has indented and re-ended its lines."""
    around = "Dear future me,\r\n\r\n  " + backup.replace("\n", " \r\n\t") + "\r\n-- \r\nme"
    for text in (backup, around):
        assert import_keyset(text, PASSPHRASE) == KEYSET


def test_a_backup_shows_nothing(backup: str) -> None:
    """Neither the root nor the key set's id is in the text in any spelling; all of it is armor."""
    body = base64.b64decode("".join(backup.splitlines()[1:-1]))
    for secret in (RANDOM[:16], RANDOM[16:]):
        for spelling in (secret, secret.hex().encode(), to_base64url(secret).encode()):
            assert spelling not in body
    assert re.fullmatch(rf"{BEGIN}\n([A-Za-z0-9+/=]{{1,64}}\n)+{END}\n", backup)


def test_two_backups_have_nothing_in_common(backup: str) -> None:
    """Each backup has a salt and a nonce of its own."""
    bodies = [
        base64.b64decode("".join(each.splitlines()[1:-1]))
        for each in (backup, export_keyset(KEYSET, PASSPHRASE))
    ]
    assert bodies[0][1:17] != bodies[1][1:17]
    assert bodies[0][17:29] != bodies[1][17:29]


@pytest.mark.parametrize("passphrase", [b"correct horse batterz", b"correct horse battery "])
def test_another_passphrase_does_not_open_it(backup: str, passphrase: bytes) -> None:
    """The nearest miss of a passphrase opens nothing, and the refusal repeats none of it."""
    with pytest.raises(KeyFileDamaged, match="another passphrase") as caught:
        import_keyset(backup, Secret(passphrase))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("place", [1, 17, 29, -1])
def test_a_damaged_backup_does_not_open(backup: str, place: int) -> None:
    """A flipped bit in salt, nonce, ciphertext or tag is refused."""
    body = bytearray(base64.b64decode("".join(backup.splitlines()[1:-1])))
    body[place] ^= 1
    damaged = f"{BEGIN}\n{base64.b64encode(body).decode()}\n{END}\n"
    with pytest.raises(KeyFileDamaged):
        import_keyset(damaged, PASSPHRASE)


def test_what_is_no_backup_is_refused_at_once(backup: str) -> None:
    """Cut off, without its armor, of another version: refused before a passphrase is stretched."""
    lines = backup.splitlines()
    body = base64.b64decode("".join(lines[1:-1]))
    newer = f"{BEGIN}\n{base64.b64encode(bytes((2,)) + body[1:]).decode()}\n{END}"
    for text in (
        "",
        "\n".join(lines[1:-1]),
        "\n".join(lines[:-1]),
        "\n".join(lines[1:]),
        f"{BEGIN}\n{END}",
        f"{BEGIN}\nnot base64!\n{END}",
        f"{BEGIN}\nAQ==\n{END}",
        newer,
    ):
        with pytest.raises(KeyFileDamaged, match=r"whole|cut off"):
            import_keyset(text, PASSPHRASE)


@pytest.mark.parametrize("passphrase", [b"", b"elevenchars"])
def test_a_short_passphrase_is_refused(passphrase: bytes) -> None:
    """A backup is not made under fewer than 12 bytes."""
    with pytest.raises(ValueError, match="12 bytes"):
        export_keyset(KEYSET, Secret(passphrase))
