"""`lunasec app add`: both ends of an application, the key file for it and the entry for us."""

from pathlib import Path
from typing import Annotated

import typer

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import private_file, settings
from lunasec.tokenizer.jose.key_pair import key_pair

commands = typer.Typer(no_args_is_help=True, help="Applications of this tokenizer.")

FIRST = """\
# The tokenizer's configuration; `lunasec check` reads it as the server would.
[tokenizer]
origin = "{tokenizer}"
listen = "127.0.0.1:8001"
operator_listen = "127.0.0.1:9001"
data = "lunasec-data"
"""

ENTRY = """
[applications.{name}]
origins = ["{origin}"]
keys = "{keys}"
"""


@commands.callback()
def group() -> None:
    """Applications of this tokenizer."""


@commands.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The application's name, such as `payroll`.")],
    origin: Annotated[
        str, typer.Option(help="Where browsers find it, such as https://app.example.com.")
    ],
    config: Annotated[
        Path, typer.Option(help="The configuration file.", envvar="LUNASEC_CONFIG")
    ] = Path("lunasec.toml"),
    tokenizer: Annotated[
        str, typer.Option(help="The tokenizer's own origin, where the file is new.")
    ] = "https://secure.example.com",
) -> None:
    """Make an application's key pair, and its entry in the configuration."""
    make(name, origin=origin, config=config, tokenizer=tokenizer)
    key_file = config.parent / f"{name}.key"
    typer.echo(
        f"Made the application {name!r}.\n\n"
        f"  {key_file}  its private key: move it to the application's server,"
        " and keep no copy here\n"
        f"  {config}  has its entry; restart `lunasec serve` to take it into use\n\n"
        "In the application:\n\n"
        f'    lunasec = LunaSec(application="{name}", key_file="{key_file.name}", …)'
    )


def make(name: str, *, origin: str, config: Path, tokenizer: str) -> None:
    """Write the key pair and the entry; nothing is replaced, and nothing is left half-done.

    Raises: `ConfigurationInvalid`.
    """
    public, private = config.parent / f"{name}.jwks.json", config.parent / f"{name}.key"
    before = config.read_text() if config.exists() else FIRST.format(tokenizer=tokenizer)
    if f"[applications.{name}]" in before or public.exists() or private.exists():
        detail = f"The application {name!r} exists already, or its key files {public} and {private}."
        raise ConfigurationInvalid(detail)
    after = before + ENTRY.format(name=name, origin=origin, keys=public.name)
    settings.parse(after.encode(), config)
    pair = key_pair()
    private_file.create(private, pair.private)
    public.write_bytes(pair.public)
    config.write_text(after)
