"""The words of `lunasec keys`."""

# ruff: noqa: PLC0415 - a command loads what it needs when it runs, so that each starts quickly

from pathlib import Path
from typing import Annotated

import typer

from lunasec.cli import options
from lunasec.cli.options import Config, Data, PassphraseFile

keys = typer.Typer(no_args_is_help=True, help="The tokenizer's own keys, and their backup.")


@keys.command("generate")
def generate(config: Config = options.DEFAULT, data: Data = None) -> None:
    """Make the key file. `lunasec serve` does so by itself at its first start."""
    from lunasec.cli import keys as action

    typer.echo(action.generate(options.data_directory(config, data)), nl=False)


@keys.command("export")
def export(
    config: Config = options.DEFAULT,
    data: Data = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A new file, of mode 0600; else standard output."),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Back the keys up, as a text under a passphrase."""
    from lunasec.cli import keys as action

    directory = options.data_directory(config, data)
    said = action.export(directory, output=output, passphrase_file=passphrase_file)
    typer.echo(said, nl=False, err=True)


@keys.command("import")
def bring_back(
    backup: Annotated[
        str, typer.Argument(metavar="BACKUP", help="The backup; - is standard input.")
    ],
    config: Config = options.DEFAULT,
    data: Data = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Bring the keys back from a backup. A key file that is there is never replaced."""
    from lunasec.cli import keys as action

    directory = options.data_directory(config, data)
    said = action.bring_back(directory, backup=backup, passphrase_file=passphrase_file)
    typer.echo(said, nl=False)


@keys.command("rotate")
def rotate(
    config: Config = options.DEFAULT,
    data: Data = None,
    lookup: Annotated[  # noqa: FBT002 - an option of the command line
        bool,
        typer.Option("--lookup", help="The key that names records; they move as they are read."),
    ] = False,
) -> None:
    """Begin a new key for what is stored from now on. Backups of the keys stay good."""
    from lunasec.cli import keys as action

    typer.echo(action.rotate(options.data_directory(config, data), lookup=lookup), nl=False)
