"""Times and numbers as an operator types and reads them."""

import re
from datetime import UTC, datetime
from typing import Final

from lunasec.errors import ConfigurationInvalid

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}


def duration(option: str, text: str) -> int:
    """Read a time like `90m`, `12h` or `7d` in seconds.

    Raises: `ConfigurationInvalid`.
    """
    found = re.fullmatch(r"([0-9]{1,9})([smhd])", text)
    if found is None:
        raise ConfigurationInvalid(
            f'{option}: got "{text}", wants a number of seconds, minutes, hours or days; for'
            " example 90m, 12h or 7d."
        )
    return int(found[1]) * _SECONDS[found[2]]


def moment(option: str, text: str, now: int) -> int:
    """Read a moment in Unix seconds: how long ago (`2h`), or when (`2026-11-23T08:00`, in UTC).

    Raises: `ConfigurationInvalid`.
    """
    if re.fullmatch(r"[0-9]+[smhd]", text):
        return now - duration(option, text)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationInvalid(
            f'{option}: got "{text}", wants how long ago or when; for example 2h, or'
            " 2026-11-23T08:00 (UTC)."
        ) from None
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())


def written(at: int) -> str:
    """Write Unix seconds as a moment that `moment` reads."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def counted(number: int, one: str, many: str) -> str:
    """Write a number with what it counts."""
    return f"{number} {one if number == 1 else many}"
