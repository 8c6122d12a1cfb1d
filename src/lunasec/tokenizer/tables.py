"""Reads TOML tables into structs; each refusal names the setting, what it got and what it wants."""

import os.path
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, cast, get_type_hints

import msgspec
from msgspec import Struct, inspect

from lunasec.errors import ConfigurationInvalid
from lunasec.jose.overrides import did_you_mean
from lunasec.quoting import shown as shown  # noqa: PLC0414 - refusals quote, whoever writes them

S = TypeVar("S", bound=Struct)

NOTHING: Final = "nothing"

KIND: Final = "kind"
"""The setting that says of which kind a table is, where there are several."""


def decode(content: bytes) -> dict[str, object]:
    """Decode TOML.

    Raises: `ConfigurationInvalid`, with the line.
    """
    try:
        text = content.decode("utf-8-sig")  # Some editors begin a file with a byte order mark.
    except UnicodeDecodeError:
        raise ConfigurationInvalid("it is not a text in UTF-8.") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationInvalid(_not_toml(text, str(error))) from None


def read(kind: type[S], found: object, at: str = "") -> S:
    """Read the table `at` of the file, such as `applications.payroll`, into a struct.

    Raises: `ConfigurationInvalid`.
    """
    if not isinstance(found, dict):
        raise ConfigurationInvalid(f"{at}: got {shown(found)}, wants a table; for example [{at}].")
    table = cast("dict[str, object]", found)
    fields = {field.name: field for field in fields_of(kind)}
    if unknown := [name for name in table if name not in fields]:
        raise ConfigurationInvalid(_unknown(unknown[0], at, list(fields)))
    for name, field in fields.items():
        if field.required and name not in table:
            raise missing(_setting(at, name), field)
    hints = get_type_hints(kind, include_extras=True)
    return kind(
        **{
            name: _value(fields[name], hints[name], value, _setting(at, name))
            for name, value in table.items()
        }
    )


def refusal(name: str, got: object, field: inspect.Field, hint: str = "") -> ConfigurationInvalid:
    """Say of a setting what it got, what it wants, and an example."""
    return _refusal(name, shown(got), field, hint)


def missing(name: str, field: inspect.Field) -> ConfigurationInvalid:
    """Say of a setting that it is not there, what it wants, and an example."""
    return _refusal(name, NOTHING, field, "")


def fields_of(kind: type[Struct]) -> tuple[inspect.Field, ...]:
    """List a struct's fields with what is said of them."""
    return cast("inspect.StructType", inspect.type_info(kind)).fields


def field_of(kind: type[Struct], name: str) -> inspect.Field:
    """Find one field of a struct."""
    return next(field for field in fields_of(kind) if field.name == name)


def notes(field: inspect.Field) -> Mapping[str, Any]:
    """Give what is said of a field: `description`, `examples`, `wants`, `unit`."""
    if not isinstance(field.type, inspect.Metadata):
        return {}
    said = cast("Any", field.type)  # msgspec leaves the types of both dictionaries open.
    return {**(said.extra_json_schema or {}), **(said.extra or {})}


def wants(field: inspect.Field) -> str:
    """Say in words what a setting may be."""
    said = notes(field)
    if "wants" in said:
        return str(said["wants"])
    match plain(field.type):
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=lowest, le=highest):
            unit = f" of {said['unit']}" if "unit" in said else ""
            bounds = f", {lowest} or more" if highest is None else f" from {lowest} to {highest}"
            return f"a whole number{unit}{bounds}"
        case inspect.LiteralType(values=values):
            return " or ".join(shown(value) for value in values)
        case inspect.StrType(max_length=longest):
            return "a text" if longest is None else f"a text of 1 to {longest} characters"
        case _:
            return "a table"


def plain(kind: inspect.Type) -> inspect.Type:
    """Give a field's type without its notes, and without `None`, which no file can say."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        return plain(next(each for each in kind.types if not isinstance(each, inspect.NoneType)))
    return kind


def kinds_of(field: inspect.Field) -> dict[str, type[Struct]]:
    """List the tables of which a setting may be one, by their `kind`; the first where none is said.

    Empty where there is one alone.
    """
    found = field.type
    while isinstance(found, inspect.Metadata):
        found = found.type
    if not isinstance(found, inspect.UnionType):
        return {}
    structs = [each for each in found.types if isinstance(each, inspect.StructType)]
    return {str(each.tag): each.cls for each in structs} if len(structs) > 1 else {}


def path(directory: Path, text: str) -> Path:
    """Read a path that is relative to the configuration file, or begins with somebody's home."""
    return directory / os.path.expanduser(text)  # noqa: PTH111 - leaves what it can't expand


def _refusal(name: str, got: str, field: inspect.Field, hint: str) -> ConfigurationInvalid:
    examples = notes(field).get("examples")
    example = f"; for example {field.name} = {shown(examples[0])}" if examples else ""
    return ConfigurationInvalid(f"{name}: got {got}, wants {wants(field)}{example}.{hint}")


def _value(field: inspect.Field, hint: object, value: object, name: str) -> object:
    """Read one setting; a table in a table is read as one."""
    kind = plain(field.type)
    if kinds := kinds_of(field):
        return _of_a_kind(kinds, value, name, _hint(field))
    if isinstance(kind, inspect.StructType):
        return read(kind.cls, value, name)
    if isinstance(kind, inspect.DictType) and isinstance(kind.value_type, inspect.StructType):
        return _tables(kind.value_type.cls, value, name)
    try:
        return msgspec.convert(value, cast("Any", hint))
    except msgspec.ValidationError:
        raise refusal(name, value, field, _hint(field)) from None


def _hint(field: inspect.Field) -> str:
    """Give what else there is to say to who wrote it wrong."""
    return str(notes(field).get("hint", ""))


def _of_a_kind(kinds: Mapping[str, type[Struct]], value: object, name: str, hint: str) -> object:
    """Read a table that says of which kind it is."""
    first = next(iter(kinds))
    if not isinstance(value, dict):
        return read(kinds[first], value, name)
    table = dict(cast("dict[str, object]", value))
    said = table.pop(KIND, first)
    if not isinstance(said, str) or said not in kinds:
        wanted = " or ".join(map(shown, kinds))
        example = f"{KIND} = {shown(first)}"
        raise ConfigurationInvalid(
            f"{name}.{KIND}: got {shown(said)}, wants {wanted}; for example {example}.{hint}"
        )
    return read(kinds[said], table, name)


def _tables(kind: type[Struct], value: object, name: str) -> dict[str, object]:
    wanted = f"wants tables, each with a name; for example [{name}.NAME]."
    if not isinstance(value, dict):
        raise ConfigurationInvalid(f"{name}: got {shown(value)}, {wanted}")
    tables = cast("dict[str, object]", value)
    for key, each in tables.items():
        if not isinstance(each, dict):
            raise ConfigurationInvalid(f"{name}: got {key} = {shown(each)}, {wanted}")
    return {key: read(kind, each, _setting(name, key)) for key, each in tables.items()}


def _setting(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _unknown(name: str, at: str, known: list[str]) -> str:
    guess = did_you_mean(name, known)
    where = f"[{at}]" if at else "The file"
    return f"{_setting(at, name)}: there is no such setting.{guess} {where} has {', '.join(known)}."


def _not_toml(text: str, error: str) -> str:
    """Say where a file is not TOML; tomllib gives the place at the end of its message."""
    place = re.search(r"at line (\d+)", error)
    lines = text.splitlines()
    line = lines[int(place[1]) - 1].strip() if place and int(place[1]) <= len(lines) else ""
    bare = re.fullmatch(r"[\w.-]+\s*=\s*[A-Za-z/.~].*", line)
    hint = " A text stands between quotes." if bare else ""
    quoted = f" The line is {shown(line)}." if line else ""
    return f"it is not TOML: {error}.{quoted}{hint}"
