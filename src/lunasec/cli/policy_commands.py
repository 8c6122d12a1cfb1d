"""The words of `lunasec policy`."""

# ruff: noqa: PLC0415 - a command loads what it needs when it runs, so that each starts quickly

from pathlib import Path
from typing import Annotated

import typer

from lunasec.cli import options
from lunasec.cli.options import Config

policy = typer.Typer(
    no_args_is_help=True, help="What decides, beside grants, who may use an application's tokens."
)

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="Files with cases (TOML): given, expect.")
]
Application = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Whose policies; else the only application with ownership."),
]


@policy.command("test")
def try_cases(
    files: Files, config: Config = options.DEFAULT, *, application: Application = None
) -> None:
    """Try policies on cases, and say which end otherwise than expected. Asks no server."""
    from lunasec.cli import policies as action

    said, fine = action.try_cases(options.load(config), application, files)
    typer.echo(said, nl=False)
    if not fine:
        raise typer.Exit(1)


@policy.command("explain")
def explain(
    files: Files,
    config: Config = options.DEFAULT,
    *,
    application: Application = None,
    case: Annotated[str | None, typer.Option(metavar="NAME", help="Only this case.")] = None,
) -> None:
    """Say of each case what is decided, and by which rule. Asks no server."""
    from lunasec.cli import policies as action

    typer.echo(action.explain(options.load(config), application, files, case), nl=False)
