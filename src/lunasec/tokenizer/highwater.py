"""The high-water mark: a file beside the key, never beside the database, that only moves on."""

import hashlib
from pathlib import Path
from typing import Final, Literal

import msgspec

from lunasec.encoding import to_base64url
from lunasec.errors import StoreDamaged, StoreRolledBack
from lunasec.tokenizer import private_file
from lunasec.tokenizer.core.rollback import SERVED, Mark, compare

_LABEL: Final = b"lunasec/high-water/v1"


class HighWater:
    """The furthest that the store was ever known to be; see `core/rollback.py`."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is read or made yet."""
        self.path = path

    def read(self) -> Mark | None:
        """Give the mark, None where there never was one, or raise `StoreDamaged`."""
        try:
            return _read_back(private_file.read(self.path))
        except FileNotFoundError:
            return None
        except private_file.UnsafeFile as error:
            reason = str(error)
        except ValueError:
            reason = "is damaged"
        detail = (
            f"The mark {self.path} {reason}, so an older copy of the database could not be told"
            " from the right one. Nothing was changed."
        )
        raise StoreDamaged(detail) from None

    def advance(self, mark: Mark) -> None:
        """Move the mark on, durably before this returns.

        Raises `StoreRolledBack` for a mark that is behind or of another store, and changes nothing;
        `Unavailable` when it can't be written.
        """
        with private_file.locked(self.path):
            beside = self.read()
            # Without a mark any is the first; whether that may be, the start has decided.
            if beside is not None and compare(mark, beside) not in SERVED:
                raise StoreRolledBack(f"The mark {self.path} is further than this database.")
            private_file.write(self.path, _written(mark))

    def start_over(self, mark: Mark) -> None:
        """Put a restored store's mark in the place of any; every older copy is behind it then.

        Raises: `Unavailable` when it can't be written.
        """
        with private_file.locked(self.path):
            private_file.write(self.path, _written(mark))


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["lunasec/high-water/v1"]
    mark: Mark
    checksum: str


def _written(mark: Mark) -> bytes:
    file = _File(format="lunasec/high-water/v1", mark=mark, checksum=_checksum(mark))
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def _read_back(data: bytes) -> Mark:
    try:
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ValueError("not a mark of this version") from None
    if file.checksum != _checksum(file.mark):
        raise ValueError("its checksum does not match")
    return file.mark


def _checksum(mark: Mark) -> str:
    return to_base64url(hashlib.sha256(_LABEL + msgspec.json.encode(mark)).digest())
