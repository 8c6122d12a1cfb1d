"""`lunasec keys`: make, back up, bring back and rotate the tokenizer's own keys."""

import sys
from pathlib import Path

from lunasec.cli import first_start, ownership, passphrases
from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import key_backup, private_file
from lunasec.tokenizer.core.keyset import Keyset
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.embedded import DataDirectory
from lunasec.tokenizer.stores import sqlite_inspection
from lunasec.tokenizer.wiring import system_clock


def generate(data: Path) -> str:
    """Make the key file before the first start.

    Raises: `ConfigurationInvalid` where there is one, or a database that new keys can't open.
    """
    directory = DataDirectory(path=data)
    if directory.database.exists():
        raise ConfigurationInvalid(
            f"there is a database at {directory.database}, and new keys would open none of its"
            " values. `lunasec keys import` brings its own keys back from their backup."
        )
    with ownership.kept(data):
        directory.keys.generate(system_clock())
    return first_start.message(data, "The key file was made.")


def export(data: Path, *, output: Path | None, passphrase_file: str | None) -> str:
    """Write a backup of the keys under a passphrase, to a new file or to standard output.

    Raises: `KeyFileDamaged`, `ConfigurationInvalid`.
    """
    if output is not None and output.exists():
        raise ConfigurationInvalid(f"{output} exists already. Name another file with --output.")
    keyset = DataDirectory(path=data).keys.unseal()
    passphrase = passphrases.new(passphrase_file)
    text = key_backup.export_keyset(keyset, passphrase)
    _try_out(text, passphrase, keyset)
    if output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return "The backup was written and tried out. Keep it and its passphrase somewhere else.\n"
    private_file.create(output, text.encode())
    return (
        f"{output} was written and tried out. Keep it and its passphrase on another machine;\n"
        f"`lunasec keys import {output}` brings the keys back.\n"
    )


def bring_back(data: Path, *, backup: str, passphrase_file: str | None) -> str:
    """Make the key file from a backup; one that is there is never replaced.

    Raises: `KeyFileDamaged` for a backup that does not open, `ConfigurationInvalid`.
    """
    directory = DataDirectory(path=data)
    _refuse_replacing(directory)
    if backup == passphrases.STANDARD_INPUT == passphrase_file:
        raise ConfigurationInvalid("standard input can be the backup or the passphrase, not both.")
    keyset = key_backup.import_keyset(_text(backup), passphrases.known(passphrase_file))
    _refuse_foreign(directory, keyset)
    with ownership.kept(data):
        directory.keys.install(keyset)
    return f"The keys are back in {directory.keys.path}. `lunasec serve` takes them into use.\n"


def rotate(data: Path, *, lookup: bool) -> str:
    """Begin a new wrap epoch, or a new lookup version, from the next start on; old keys stay.

    Raises: `KeyFileDamaged`; `ConfigurationInvalid` after the last one.
    """
    keys, now = DataDirectory(path=data).keys, system_clock()
    with ownership.kept(data):
        keyset = keys.rotate_lookup(now) if lookup else keys.rotate(now)
    made, moved = (
        (f"Lookup key {keyset.lookup.number}", "Values move to it as they are read.")
        if lookup
        else (f"Key {keyset.wrap.number}", "Values move to it by themselves.")
    )
    return (
        f"{made} was made. Restart `lunasec serve` to take it into use. {moved}\n"
        "The backups that you have stay good: all keys come from the one root in them.\n"
    )


def _refuse_replacing(directory: DataDirectory) -> None:
    if directory.keys.exists():
        raise ConfigurationInvalid(
            f"there is a key file at {directory.keys.path} already. It is never replaced, since"
            " without it its values are lost; if that is what you want, move it away first."
        )


def _refuse_foreign(directory: DataDirectory, keyset: Keyset) -> None:
    """Refuse keys that open nothing of the database that is there."""
    about = sqlite_inspection.inspect(directory.database)
    if about is not None and about.keyset != keyset.id:
        raise ConfigurationInvalid(
            f"the backup is of other keys than the ones of {directory.database}. Nothing was"
            " changed. Name another data directory with --data, or another backup."
        )


def _try_out(text: str, passphrase: Secret, keyset: Keyset) -> None:
    """Open the backup again: one that does not open is found now, and not when it is needed."""
    if key_backup.import_keyset(text, passphrase) != keyset:
        raise ConfigurationInvalid("the backup does not open to the same keys. Keep no copy of it.")


def _text(backup: str) -> str:
    if backup == passphrases.STANDARD_INPUT:
        return sys.stdin.read()
    try:
        return Path(backup).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigurationInvalid(f"{backup}: {error.strerror}.") from None
