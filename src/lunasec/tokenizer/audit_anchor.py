"""The anchor: a file beside the key that says how far the audit log had come, a minute ago.

Without it, somebody who can write the database could cut off the log's end and nobody would see.
"""

import hashlib
from pathlib import Path
from typing import Final, Literal

import msgspec

from lunasec.encoding import to_base64url
from lunasec.errors import StoreDamaged
from lunasec.tokenizer import private_file
from lunasec.tokenizer.core.audit import Head

_FORMAT: Final = "lunasec/audit-head/v1"


class AuditAnchor:
    """The last known head of the audit log."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is read or made yet."""
        self.path = path

    def read(self) -> Head | None:
        """Give the head, None where there never was one, or raise `StoreDamaged`."""
        try:
            return _read_back(private_file.read(self.path))
        except FileNotFoundError:
            return None
        except private_file.UnsafeFile as error:
            reason = str(error)
        except ValueError:
            reason = "is damaged"
        detail = (
            f"The audit log's anchor {self.path} {reason}. Nothing was changed. Move it away if you"
            " know why; until it is made anew, an end that was cut off is not noticed."
        )
        raise StoreDamaged(detail) from None

    def keep(self, head: Head) -> None:
        """Put the head in the place of the last one, durably before this returns.

        Raises: `Unavailable`.
        """
        with private_file.locked(self.path):
            private_file.write(self.path, _written(head))


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["lunasec/audit-head/v1"]
    sequence: int
    digest: bytes
    checksum: str


def _written(head: Head) -> bytes:
    file = _File(
        format=_FORMAT, sequence=head.sequence, digest=head.digest, checksum=_checksum(head)
    )
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def _read_back(data: bytes) -> Head:
    try:
        file = msgspec.json.decode(data, type=_File)
    except msgspec.MsgspecError:
        raise ValueError("not an anchor of this version") from None
    head = Head(sequence=file.sequence, digest=file.digest)
    if file.checksum != _checksum(head):
        raise ValueError("its checksum does not match")
    return head


def _checksum(head: Head) -> str:
    """Find a flipped bit; whoever can write the file can write a checksum too."""
    text = f"{_FORMAT} {head.sequence} ".encode() + head.digest
    return to_base64url(hashlib.sha256(text).digest())
