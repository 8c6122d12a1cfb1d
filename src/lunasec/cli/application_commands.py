"""The words of `lunasec app`."""

# ruff: noqa: PLC0415 - a command loads what it needs when it runs, so that each starts quickly

from typing import Annotated

import typer

from lunasec.cli import options
from lunasec.cli.options import Config

applications = typer.Typer(no_args_is_help=True, help="The applications of this tokenizer.")


@applications.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, such as payroll.")],
    origin: Annotated[
        list[str],
        typer.Option(
            metavar="URL",
            help="Where browsers find its pages, such as https://app.example.com. May be repeated.",
        ),
    ],
    config: Config = options.DEFAULT,
    tokenizer: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where browsers find the tokenizer, if the configuration is new; else a sibling"
            " of the application's, such as https://secure.example.com.",
        ),
    ] = None,
) -> None:
    """Make an application: its key pair, and its entry here.

    The configuration is made too, where there is none.
    """
    from lunasec.cli import applications as action

    typer.echo(action.add(name, origins=origin, config=config, tokenizer=tokenizer), nl=False)


@applications.command("rekey")
def rekey(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which application's.")],
    config: Config = options.DEFAULT,
    *,
    finish: Annotated[
        bool, typer.Option("--finish", help="Accept its newest key alone from the next start on.")
    ] = False,
) -> None:
    """Replace an application's key: begin, then --finish.

    Between the two, the old key and the new one are both good.
    """
    from lunasec.cli import application_keys as action

    step = action.finish if finish else action.begin
    typer.echo(step(options.load(config), name), nl=False)


@applications.command("list")
def show(config: Config = options.DEFAULT) -> None:
    """List the applications."""
    from lunasec.cli import applications as action

    typer.echo(action.listed(options.load(config)), nl=False)
