"""How one setting is read: from what the caller typed or from a text in the environment."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final, Generic, Literal, TypeVar, cast

from lunasec.errors import ConfigurationInvalid
from lunasec.sdk.origins import is_this_machine, parse_origin

T = TypeVar("T")

_NAME: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
_WORDS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_SHOWN: Final = 80  # Characters of a wrong setting that a message quotes.


class _WrongError(ValueError):
    """The value can't be what the setting wants."""


class _NoDefault(Enum):
    NO_DEFAULT = "no default"


NO_DEFAULT: Final = _NoDefault.NO_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[T]):
    """A setting, how it is read, and what a message says about it.

    `read` takes a text or the value that the caller typed, and raises `ValueError`.
    """

    name: str
    read: Callable[[object], T]
    wants: str
    example: str
    default: T | Literal[_NoDefault.NO_DEFAULT]

    @property
    def variable(self) -> str:
        """Name the environment variable of this setting."""
        return f"LUNASEC_{self.name.upper()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where settings come from; what the caller gave goes first."""

    given: Mapping[str, object]
    environment: Mapping[str, str]

    def read(self, setting: Setting[T]) -> T:
        """Give the setting's value, or raise `ConfigurationInvalid`."""
        # An empty variable is an unset one: that is how compose files and CI leave things out.
        value = self.given.get(setting.name, self.environment.get(setting.variable) or None)
        if value is None:
            if setting.default is NO_DEFAULT:
                raise ConfigurationInvalid(_message(setting, "nothing"))
            return setting.default
        try:
            return setting.read(value)
        except ValueError:
            # `from None`: the original error quotes the value whole.
            raise ConfigurationInvalid(_message(setting, _shown(value))) from None


def application_name(value: object) -> str:
    """Read an application's name."""
    name = _text(value)
    if not _NAME.fullmatch(name) or name.startswith("bind-"):
        raise _WrongError
    return name


def path(value: object) -> Path:
    """Read a path. A key pasted in place of its file's name is refused, and is not shown."""
    if not isinstance(value, str | os.PathLike):
        raise _WrongError
    text = os.fsdecode(cast("str | os.PathLike[str]", value))
    if "{" in text or "\n" in text or "\0" in text:
        raise _WrongError
    return Path(text)


def file(value: object) -> Path:
    """Read the path of a file that is there."""
    found = path(value)
    if not found.is_file():
        raise _WrongError
    return found


def origin(value: object) -> str:
    """Read an origin."""
    return parse_origin(_text(value))


def public_origin(value: object) -> str:
    """Read an origin that browsers count as secure: https, or this machine."""
    read = origin(value)
    if not read.startswith("https://") and not is_this_machine(read):
        raise _WrongError
    return read


def origins(value: object) -> tuple[str, ...]:
    """Read a list of secure origins; a text has commas between them."""
    if isinstance(value, str):
        return tuple(public_origin(each.strip()) for each in value.split(",") if each.strip())
    if not isinstance(value, Iterable):
        raise _WrongError
    return tuple(public_origin(each) for each in cast("Iterable[object]", value))


def truth(value: object) -> bool:
    """Read a yes or a no."""
    if isinstance(value, bool):
        return value
    try:
        return _WORDS[_text(value).lower()]
    except KeyError:
        raise _WrongError from None


def whole_number(lowest: int, highest: int) -> Callable[[object], int]:
    """Make a reader of whole numbers between two bounds, both included."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise _WrongError
        number = int(value)
        if not lowest <= number <= highest:
            raise _WrongError
        return number

    return read


def seconds(lowest: float, highest: float) -> Callable[[object], float]:
    """Make a reader of durations between two bounds, both included."""

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise _WrongError
        number = float(value)
        if not lowest <= number <= highest:
            raise _WrongError
        return number

    return read


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _WrongError
    return value


def _message(setting: Setting[T], got: str) -> str:
    return (
        f"{setting.name} (or {setting.variable}) got {got}; it wants {setting.wants}; "
        f"for example {setting.name}={setting.example!r}."
    )


def _shown(value: object) -> str:
    """Quote a wrong setting, unless it may hold a secret: a key, or a password in a URL."""
    text = str(value)
    if "{" in text or "PRIVATE" in text:
        return "what looks like a key (not shown)"
    if "@" in text:
        return "an address with a user name (not shown)"
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
