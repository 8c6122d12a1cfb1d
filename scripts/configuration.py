"""The tables in `docs/configuration.md`, from the structs that the server reads with."""

from typing import Final

from msgspec import NODEFAULT, Struct, inspect

from lunasec.tokenizer import tables
from lunasec.tokenizer.configuration import ApplicationTable, TokenizerTable
from lunasec.tokenizer.fonts import FontTable
from lunasec.tokenizer.providers import ProviderTable
from lunasec.tokenizer.proxy_listener import ProxyListenerTable
from lunasec.tokenizer.relying import OidcTable
from lunasec.tokenizer.settings import OVERRIDES
from lunasec.tokenizer.validators import Validator
from lunasec.tokenizer.words import PHRASES

SECTIONS: Final[tuple[tuple[str, type[Struct]], ...]] = (
    ("[tokenizer]", TokenizerTable),
    ("[proxy_listener]", ProxyListenerTable),
    ("[applications.NAME]", ApplicationTable),
    ("[applications.NAME.provider]", ProviderTable),
    ("[applications.NAME.validators.NAME]", Validator),
    ("[[applications.NAME.fonts]]", FontTable),
)

OIDC: Final = '[applications.NAME.provider]` with `kind = "oidc"'
"""The other kind of provider; an application has one alone."""


def settings() -> str:
    """Return a table for each table of the configuration file."""
    sections: list[tuple[str, type[Struct]]] = [*SECTIONS[:3], (OIDC, OidcTable), *SECTIONS[3:]]
    return "\n".join(f"## `{header}`\n\n{_table(kind)}" for header, kind in sections)


def example() -> str:
    """Return a configuration in which every setting has the example of its own description."""
    blocks: list[str] = []
    for title, kind in SECTIONS:
        name = title.replace("applications.NAME", "applications.payroll")
        header = name.replace("validators.NAME", "validators.employee-id")
        lines = [
            f"{field.name} = {tables.shown(each)}"
            for field in tables.fields_of(kind)
            for each in tables.notes(field).get("examples", [])
        ]
        blocks.append("\n".join([header, *lines]))
    return "```toml\n" + "\n\n".join(blocks) + "\n```\n"


def phrases() -> str:
    """Return all that frames say, by the alphabet."""
    return "\n".join(f"- `{each}`" for each in sorted(PHRASES)) + "\n"


def overrides() -> str:
    """Return the variables of the environment that override the file."""
    return "\n".join(f"- `LUNASEC_{name.upper()}`" for name in OVERRIDES) + "\n"


def _table(kind: type[Struct]) -> str:
    rows = ["| setting | wants | default | |", "|---|---|---|---|"]
    for field in tables.fields_of(kind):
        description = " ".join(str(tables.notes(field)["description"]).split())
        cells = (f"`{field.name}`", tables.wants(field), _default(field), description)
        rows.append("| " + " | ".join(each.replace("|", r"\|") for each in cells) + " |")
    return "\n".join(rows) + "\n"


def _default(field: inspect.Field) -> str:
    if field.required:
        return "**has to be given**"
    made = field.default if field.default_factory is NODEFAULT else field.default_factory()
    if made is NODEFAULT or made is None or made in ([], {}):
        return "none"
    return f"`{tables.shown(made)}`"
