"""The command `lunasec`."""

import sys

import typer

from lunasec.cli import applications, demo, serve
from lunasec.errors import LunaSecError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The self-hosted tokenizer whose tokens are useless without the user's own session.",
)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.add_typer(applications.commands, name="app")


def main() -> None:
    """Run a command. A refusal is one clear line on standard error, and exit code 2."""
    try:
        app()
    except LunaSecError as error:
        sys.stderr.write(f"lunasec: {error}\n")
        sys.exit(2)
