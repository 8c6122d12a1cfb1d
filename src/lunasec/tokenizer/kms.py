"""Where the tokenizer's own keys live: a key service, and its simplest kind, a local file."""

import hashlib
import os.path
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import msgspec

from lunasec.encoding import from_base64url, to_base64url
from lunasec.errors import ConfigurationInvalid, KeyFileDamaged
from lunasec.tokenizer import private_file
from lunasec.tokenizer.core.keyset import (
    FRESH_BYTES,
    Epoch,
    Keyset,
    Newest,
    caught_up,
    lookup_rotated,
    rotated,
)
from lunasec.tokenizer.core.secret import Secret

_LABEL: Final = b"lunasec/keys/v2"


class KeyService(Protocol):
    """Keeps the key set. Asked once by each process and at each rotation, never by a request."""

    def unseal(self) -> Keyset:
        """Give the key set, or raise `KeyFileDamaged` or `Unavailable`; never make a new one."""
        ...

    def rotate(self, now: float) -> Keyset:
        """Begin the next wrap epoch, durably, and give the key set as it is then."""
        ...

    def rotate_lookup(self, now: float) -> Keyset:
        """Begin the next lookup version, durably; it comes into use at the next start."""
        ...

    def catch_up(self, newest: Newest, now: float) -> Keyset:
        """Go on, durably, from where the store has come; give the key set as it is then."""
        ...


class LocalKeyFile:
    """A key set in one JSON file of mode 0600; whoever loses it loses every value.

    Not for production: the keys lie beside the database, so one theft can take both.
    """

    def __init__(self, path: Path, *, random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        """Name the file; nothing is read or made yet."""
        self.path = path
        self._random = random

    def exists(self) -> bool:
        """Say whether there is anything at the path, sound or not."""
        return os.path.lexists(self.path)

    def generate(self, now: float) -> Keyset:
        """Make the file with new keys, at the first start; raise rather than replace one.

        Only for a tokenizer without records: new keys open nothing that is there already.
        Raises `ConfigurationInvalid` where there is a file, `Unavailable` where none can be made.
        """
        keyset = Keyset.fresh(self._random(FRESH_BYTES), now)
        self.install(keyset)
        return keyset

    def install(self, keyset: Keyset) -> None:
        """Make the file with these keys, from a backup; raise rather than replace one."""
        try:
            private_file.create(self.path, written(keyset))
        except FileExistsError:
            detail = (
                f"There is a key file at {self.path} already. It is never replaced, since without"
                " it its values are lost; if that is what you want, move it away first."
            )
            raise ConfigurationInvalid(detail) from None

    def unseal(self) -> Keyset:
        """Read the key set, or raise `KeyFileDamaged`, which names the file and what to do."""
        try:
            return read_back(private_file.read(self.path))
        except FileNotFoundError:
            reason = "does not exist"
        except private_file.UnsafeFile as error:
            reason = str(error)
        except ValueError as error:
            reason = f"is damaged ({error})"
        detail = (
            f"The key file {self.path} {reason}. Nothing was changed."
            " `lunasec keys import` restores it from its backup."
        )
        raise KeyFileDamaged(detail) from None

    def rotate(self, now: float) -> Keyset:
        """Begin the next wrap epoch. Backups of the file stay good, for the root is the same."""
        return self._change(lambda keyset: rotated(keyset, now))

    def rotate_lookup(self, now: float) -> Keyset:
        """Begin the next lookup version. Raises `ConfigurationInvalid` after the last one."""
        return self._change(lambda keyset: lookup_rotated(keyset, now))

    def catch_up(self, newest: Newest, now: float) -> Keyset:
        """Bring a file from an older backup to where the store has come; else change nothing."""
        keyset = self.unseal()
        if caught_up(keyset, newest, now) == keyset:
            return keyset
        return self._change(lambda keyset: caught_up(keyset, newest, now))

    def _change(self, change: Callable[[Keyset], Keyset]) -> Keyset:
        self.unseal()  # So that a mistyped path makes no directory.
        with private_file.locked(self.path):
            try:
                keyset = change(self.unseal())
            except ValueError as error:
                raise ConfigurationInvalid(f"{self.path}: {error}. Nothing was changed.") from None
            private_file.write(self.path, written(keyset))
        return keyset


class _Epoch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: int
    created_at: int


class _Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    root: Secret
    lookup: _Epoch
    wrap: _Epoch


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["lunasec/keys/v2"]
    keys: _Keys
    checksum: str


def written(keyset: Keyset) -> bytes:
    """Write a key set as the key file's JSON; the root in it is bare."""
    lookup, wrap = (
        _Epoch(number=each.number, created_at=each.created_at)
        for each in (keyset.lookup, keyset.wrap)
    )
    keys = _Keys(id=keyset.id, root=keyset.root, lookup=lookup, wrap=wrap)
    file = _File(format="lunasec/keys/v2", keys=keys, checksum=_checksum(keys))
    return msgspec.json.format(_encoded(file), indent=2) + b"\n"


def read_back(data: bytes) -> Keyset:
    """Read what `written` wrote, or raise `ValueError`, which quotes nothing of it."""
    try:
        file = msgspec.json.decode(data, type=_File, dec_hook=_from_text)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ValueError("it is not a key file of this version") from None
    # The checksum finds a flipped bit or a lost line. It is no signature: whoever can write the
    # file can write a checksum too.
    if file.checksum != _checksum(file.keys):
        raise ValueError("its checksum does not match")
    lookup, wrap = (
        Epoch(number=each.number, created_at=each.created_at)
        for each in (file.keys.lookup, file.keys.wrap)
    )
    return Keyset(id=file.keys.id, root=file.keys.root, lookup=lookup, wrap=wrap)


def _checksum(keys: _Keys) -> str:
    return to_base64url(hashlib.sha256(_LABEL + _encoded(keys)).digest())


def _encoded(value: msgspec.Struct) -> bytes:
    return msgspec.json.encode(value, enc_hook=_to_text)


def _to_text(value: Any) -> str:  # noqa: ANN401 - msgspec's hook takes anything it does not know
    if not isinstance(value, Secret):
        raise TypeError(type(value).__name__)
    return to_base64url(value.reveal())


def _from_text(_: type, text: Any) -> Secret:  # noqa: ANN401 - as msgspec found it
    if not isinstance(text, str):
        raise TypeError(type(text).__name__)
    return Secret(from_base64url(text))
