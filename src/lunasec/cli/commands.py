"""The words of the command line: what can be asked for, and which module does it."""

# ruff: noqa: PLC0415 - a command loads what it needs when it runs, so that each starts quickly

from pathlib import Path
from typing import Annotated

import typer

from lunasec import __version__
from lunasec.cli import options, store_commands
from lunasec.cli.application_commands import applications
from lunasec.cli.key_commands import keys
from lunasec.cli.options import Config
from lunasec.cli.policy_commands import policy

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Plain text: an error is a line, and not a box.
    help="The self-hosted tokenizer whose tokens are useless without the user's own session.",
)
app.add_typer(applications, name="app")
app.add_typer(keys, name="keys")
app.add_typer(policy, name="policy")
app.add_typer(store_commands.audit, name="audit")


def _tell_version(asked: bool) -> None:  # noqa: FBT001 - Typer's signature
    if asked:
        typer.echo(f"lunasec {__version__}")
        raise typer.Exit


@app.callback()
def lunasec(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Which one.")
    ] = False,
) -> None:
    """Take what stands before a command."""


@app.command()
def serve(
    config: Config = options.DEFAULT,
    *,
    until_input_ends: Annotated[bool, typer.Option("--until-input-ends", hidden=True)] = False,
) -> None:
    """Run the tokenizer until SIGINT or SIGTERM."""
    from lunasec.cli.serve import serve as action

    action(config, until_input_ends=until_input_ends)


@app.command()
def check(
    config: Config = options.DEFAULT,
    *,
    csp: Annotated[
        bool,
        typer.Option("--csp", help="Print the Content-Security-Policy that its pages need, too."),
    ] = False,
    integrity: Annotated[
        bool,
        typer.Option(
            "--integrity",
            help="Print the import map with the hashes of the modules that its pages load, and"
            " compare what is served with them.",
        ),
    ] = False,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline", help="Ask no other server: neither the public origin nor applications."
        ),
    ] = False,
) -> None:
    """Say what is wrong with the configuration, and how to right it.

    Reads everything as the server would, tries it, and asks the public origin and each application
    what browsers will ask them.
    """
    from lunasec.cli.check import check as action

    if not action(config, offline=offline, csp=csp, hashes=integrity):
        raise typer.Exit(1)


@app.command()
def demo(
    data: Annotated[
        Path, typer.Option(metavar="DIRECTORY", help="Where keys and databases are kept.")
    ] = Path("lunasec-demo"),
    port: Annotated[int, typer.Option(help="The application's port.", min=1, max=65535)] = 8000,
    tokenizer_port: Annotated[
        int, typer.Option(help="The tokenizer's port.", min=1, max=65535)
    ] = 8001,
    operator_port: Annotated[
        int, typer.Option(help="Its port for health and metrics.", min=1, max=65535)
    ] = 9001,
    *,
    https: Annotated[bool, typer.Option("--https", help="With a certificate made here.")] = False,
    cross_site: Annotated[
        bool, typer.Option("--cross-site", help="The two on different sites.")
    ] = False,
) -> None:
    """Run a demo: the tokenizer, and an application that uses it. Ctrl-C stops both."""
    from lunasec.cli.demo import Plan
    from lunasec.cli.side_by_side import run

    plan = Plan(
        data=data.absolute(),
        port=port,
        tokenizer_port=tokenizer_port,
        operator_port=operator_port,
        https=https,
        cross_site=cross_site,
    )
    run(plan)


for _command in (store_commands.backup, store_commands.restore, store_commands.erase):
    app.command()(_command)
