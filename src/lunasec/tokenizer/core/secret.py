"""Bytes that must not get out: keys, tokens, handles, cookies."""

import hashlib
import hmac
from typing import Final, NoReturn, final

_REFUSED: Final = "a Secret can't be copied, printed, formatted, pickled or iterated"


@final
class Secret:
    """Bytes that can be used, and compared in constant time, and nothing else.

    `reveal()` is the only way out, so a search for that word finds every place that could leak.
    Python can't wipe memory; what keeps a secret short-lived is that nobody can copy it.
    """

    __slots__ = ("__value",)
    __value: bytes

    def __init__(self, value: bytes) -> None:
        """Keep `value`; it can't be changed afterwards."""
        object.__setattr__(self, "_Secret__value", bytes(value))

    def reveal(self) -> bytes:
        """Give the bytes to the library that needs them; never to a log, a message or a URL."""
        return self.__value

    def digest(self) -> bytes:
        """Hash it with SHA-256: how a bearer secret is stored and looked up."""
        return hashlib.sha256(self.__value).digest()

    def __len__(self) -> int:
        """Count the bytes; lengths are public."""
        return len(self.__value)

    def __eq__(self, other: object) -> bool:
        """Compare in constant time for equal lengths; never equal to anything but a Secret."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value, other.__value)

    def __hash__(self) -> int:
        """Hash the digest, so that the bytes themselves never reach a table's timing."""
        return hash(self.digest())

    def __repr__(self) -> str:
        """Hide everything."""
        return "Secret(…)"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a secret is replaced, never changed."""
        raise AttributeError(name)

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse: a secret is replaced, never changed."""
        raise AttributeError(name)

    def __str__(self) -> NoReturn:
        """Refuse: text is what ends in logs."""
        raise TypeError(_REFUSED)

    def __format__(self, format_spec: str) -> NoReturn:
        """Refuse: text is what ends in logs."""
        raise TypeError(_REFUSED)

    def __bytes__(self) -> NoReturn:
        """Refuse: `reveal()` is the only way out."""
        raise TypeError(_REFUSED)

    def __iter__(self) -> NoReturn:
        """Refuse: `reveal()` is the only way out."""
        raise TypeError(_REFUSED)

    def __copy__(self) -> NoReturn:
        """Refuse: one object, one place."""
        raise TypeError(_REFUSED)

    def __deepcopy__(self, memo: object) -> NoReturn:
        """Refuse: `dataclasses.asdict` comes this way too."""
        raise TypeError(_REFUSED)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse: a pickle is a file in the making."""
        raise TypeError(_REFUSED)

    def __getstate__(self) -> NoReturn:
        """Refuse: a pickle is a file in the making."""
        raise TypeError(_REFUSED)
