"""The configuration: the TOML file and the environment in, one frozen struct out, or a refusal.

Each refusal names the setting, what it got, what it wants, and an example.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import origins, tables
from lunasec.tokenizer.checked import Application, Settings, check
from lunasec.tokenizer.configuration import ApplicationTable, File, TokenizerTable
from lunasec.tokenizer.origins import Address, same_site
from lunasec.tokenizer.validators import Validator

__all__ = [
    "OVERRIDES",
    "Address",
    "Application",
    "ApplicationTable",
    "File",
    "Settings",
    "TokenizerTable",
    "Validator",
    "check",
    "load",
    "parse",
    "same_site",
]

OVERRIDES: Final[Mapping[str, Callable[[str], object]]] = {
    "origin": origins.origin,
    "listen": origins.address,
    "operator_listen": origins.address,
    "data": Path,
}
"""What `LUNASEC_…` overrides: where one file serves several machines, and how each is read."""


def load(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file, let `LUNASEC_ORIGIN`, `_LISTEN`, `_OPERATOR_LISTEN`, `_DATA` override it.

    Relative paths, in the file and in the environment, are relative to the file.

    Raises: `ConfigurationInvalid`.
    """
    environment = os.environ if environment is None else environment
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        detail = f"{path}: there is no such file. `lunasec app add NAME --origin URL` makes one."
        raise ConfigurationInvalid(detail) from None
    except OSError as error:
        raise ConfigurationInvalid(f"{path}: {error.strerror}.") from None
    return parse(content, path, environment)


def parse(content: bytes, path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read a configuration that is, or will be, the file `path`.

    Raises: `ConfigurationInvalid`.
    """
    overridden = _overridden(environment or {})
    try:
        file = tables.read(File, tables.decode(content))
        table = msgspec.structs.replace(file.tokenizer, **overridden)
        return check(msgspec.structs.replace(file, tokenizer=table), path.resolve().parent)
    except ConfigurationInvalid as error:
        raise ConfigurationInvalid(f"{path}: {error.detail}") from None


def _overridden(environment: Mapping[str, str]) -> dict[str, str]:
    """Take from the environment what overrides the file; an empty variable is an unset one."""
    found: dict[str, str] = {}
    for name, read in OVERRIDES.items():
        variable = f"LUNASEC_{name.upper()}"
        if text := environment.get(variable):
            found[name] = text
            try:
                read(text)
            except ValueError as error:
                field = tables.field_of(TokenizerTable, name)
                raise tables.refusal(variable, text, field, str(error)) from None
    return found
