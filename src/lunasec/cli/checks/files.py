"""Looks at the files: the configuration, the data directory, the keys, the certificate."""

import os
import stat
from pathlib import Path
from typing import Final

from lunasec.cli import first_start, ownership, transport
from lunasec.cli.certificates import ends_at
from lunasec.cli.checks.findings import Section
from lunasec.cli.times import counted
from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.keyset import MAX_AGE, rotation_due
from lunasec.tokenizer.core.rollback import SERVED, compare
from lunasec.tokenizer.embedded import DataDirectory
from lunasec.tokenizer.settings import Settings
from lunasec.tokenizer.stores import blob_copies, sqlite_inspection
from lunasec.tokenizer.stores.blobs import folder

DAY: Final = 24 * 3600
SHOWN: Final = 5
"""Files that a finding names; of more it tells the number."""

ENDS_SOON: Final = 14 * DAY
"""Let's Encrypt renews a month before the end; with two weeks left, a renewal has failed."""

_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def configuration(path: Path, settings: Settings) -> Section:
    """Look at the configuration file itself."""
    section = Section(title=f"Configuration  {path}")
    applications = counted(len(settings.applications), "application", "applications")
    section.fine(f"can be read, and has {applications}")
    if not settings.applications:
        section.wrong("`lunasec serve` needs one", "lunasec app add NAME --origin URL")
    mode = path.stat().st_mode
    if mode & _OTHERS_WRITE:
        section.wrong(
            f"mode {stat.S_IMODE(mode):04o}: other users can change it, and with it who may read",
            f"chmod go-w {path}",
        )
    else:
        section.fine("nobody but its owner can change it")
    return section


def data(settings: Settings, now: int) -> Section:
    """Look at the data directory and the keys in it."""
    directory = DataDirectory(path=settings.data)
    section = Section(title=f"Data  {directory.path}")
    if not directory.path.exists():
        section.note("not there yet: the first `lunasec serve` makes it, and the keys in it")
        return section
    if not _mode(section, directory.path):
        return section
    if foreign := ownership.strangers(directory.path):
        names = ", ".join(path.name for path in foreign[:SHOWN]) + (
            f" and {len(foreign) - SHOWN} more" if len(foreign) > SHOWN else ""
        )
        section.wrong(
            f"{names}: not the directory's owner's, so the tokenizer may not get at it",
            f"chown -R --reference={directory.path} {directory.path}",
        )
    if not directory.keys.exists() and not directory.database.exists():
        section.note("no keys and no database yet: the first `lunasec serve` makes them")
    else:
        _keys(section, directory, now)
    return section


def database(settings: Settings) -> Section:
    """Look at the database of a tokenizer that is not running, as its start would."""
    directory = DataDirectory(path=settings.data)
    section = Section(title=f"Database  {directory.database}")
    try:
        keyset = directory.keys.unseal()
    except LunaSecError:
        return section  # That is what is wrong, and `data` has said so.
    try:
        anchor, beside = directory.audit_anchor.read(), directory.high_water.read()
        about = sqlite_inspection.inspect(directory.database, anchor)
        if about is None:
            if beside or anchor:
                section.wrong("is missing, and was there before", _RESTORE)
            return section
        if about.keyset != keyset.id:
            section.wrong(
                "belongs to other keys than the key file's", "Put the right two together."
            )
        elif compare(about.mark, beside) not in SERVED or not about.anchored:
            section.wrong(
                "is another, or an older, one than the marks beside the keys say", _RESTORE
            )
        else:
            entries = counted(about.head.sequence, "entry", "entries")
            section.fine(f"is whole, and these keys'; its audit log has {entries}")
            _stored(section, directory)
    except LunaSecError as error:
        section.wrong(error.detail, "")
    return section


def _stored(section: Section, directory: DataDirectory) -> None:
    """Look whether every segment of every stored file is there, and as long as it was."""
    files = sqlite_inspection.files(directory.database)
    if damaged := blob_copies.incomplete(directory.blobs, files):
        names = "\n".join(str(folder(directory.blobs, each.blob)) for each in damaged[:SHOWN])
        number = counted(len(damaged), "stored file is", "stored files are")
        section.wrong(
            f"{number} not whole: segments are missing, or shorter than they were",
            f"{names}\nCopy what lacks from the directory `….files` of a backup, file by file.",
        )
    elif files:
        section.fine(f"has {counted(len(files), 'file', 'files')}, with every segment there")


_RESTORE: Final = (
    "`lunasec restore` takes a backup into use, and voids all grants and sessions as it does."
)


def certificate(settings: Settings, now: int) -> Section:
    """Look at the tokenizer's own certificates, if it has some, and at its proxies'."""
    section = Section(title="TLS")
    try:
        if settings.tls_certificate is not None and settings.tls_key is not None:
            transport.context(settings)
            _pair(section, settings.tls_certificate, settings.tls_key, now)
        if (listener := settings.proxy_listener) is not None:
            transport.proxies_context(listener)
            _pair(section, listener.tls_certificate, listener.tls_key, now)
            _ends(section, listener.client_ca, now)
    except LunaSecError as error:
        section.wrong(error.detail, "")
    return section


def _pair(section: Section, certificate: Path, key: Path, now: int) -> None:
    _ends(section, certificate, now)
    if key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        section.doubt(f"{key} can be read by other users", f"chmod 600 {key}")


def _ends(section: Section, path: Path, now: int) -> None:
    ends(section, f"{path}", ends_at(path.read_bytes()), now)


def ends(section: Section, what: str, at: int, now: int) -> None:
    """Say how long a certificate holds."""
    days = (at - now) // DAY
    if at <= now:
        section.wrong(f"{what}: the certificate has expired", "Renew it, and restart what uses it.")
    elif at - now < ENDS_SOON:
        section.doubt(f"{what}: the certificate ends in {days} days", "See why it is not renewed.")
    else:
        section.fine(f"{what}: the certificate holds for {days} days")


def _mode(section: Section, path: Path) -> bool:
    """Look at the directory's mode and owner; say whether we may look into it."""
    status = path.stat()
    mode = stat.S_IMODE(status.st_mode)
    if mode != stat.S_IRWXU:
        section.wrong(f"mode {mode:04o}: it has to be its owner's alone", f"chmod 700 {path}")
    elif os.geteuid() not in {0, status.st_uid}:
        section.wrong(
            "belongs to another user",
            "Run this as the user that the tokenizer runs as, or as root.",
        )
        return False
    else:
        section.fine("is its owner's alone (0700)")
    return True


def _keys(section: Section, directory: DataDirectory, now: int) -> None:
    try:
        keyset = directory.keys.unseal()
    except LunaSecError as error:
        section.wrong(error.detail, "lunasec keys import BACKUP")
        return
    section.fine(f"the key file is whole (0600); a backup: {first_start.back_up(directory.path)}")
    if rotation_due(keyset, 0, now):
        section.note(
            f"the newest key is older than {MAX_AGE // DAY} days:"
            " `lunasec serve` makes the next one by itself, and every backup stays good"
        )
