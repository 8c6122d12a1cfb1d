"""The words for what is stored: `lunasec backup`, `restore`, `erase` and `audit`."""

# ruff: noqa: PLC0415 - a command loads what it needs when it runs, so that each starts quickly

from pathlib import Path
from typing import Annotated

import typer

from lunasec.cli import options
from lunasec.cli.options import Config, Data
from lunasec.errors import ConfigurationInvalid

audit = typer.Typer(no_args_is_help=True, help="The audit log: who did what to which record.")


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, of mode 0600.")],
    config: Config = options.DEFAULT,
    data: Data = None,
) -> None:
    """Copy the database into one file. `lunasec serve` may be running. The keys are not in it."""
    from lunasec.cli import backups as action

    typer.echo(action.backup(options.data_directory(config, data), target), nl=False)


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What `lunasec backup` wrote.")],
    config: Config = options.DEFAULT,
    data: Data = None,
) -> None:
    """Take a backup into use. Voids all grants and sessions; stop `lunasec serve` first."""
    from lunasec.cli import backups as action

    typer.echo(action.restore(options.data_directory(config, data), source), nl=False)


def erase(
    config: Config = options.DEFAULT,
    *,
    never_verified: Annotated[
        bool,
        typer.Option("--never-verified", help="Erase the tokens that no application ever took."),
    ] = False,
    older_than: Annotated[
        str, typer.Option(metavar="TIME", help="Only those made that long ago, such as 12h or 7d.")
    ] = "1d",
    subject: Annotated[
        str | None, typer.Option(metavar="ID", help="Erase all that a user stored.")
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Give back what an application erased.")
    ] = False,
    application: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which application's, with --subject and --undo."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Erased since when, with --undo: 2h, 2026-11-23T08:00."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase what no application took, or a person; or undo it. Stop `lunasec serve` first."""
    from lunasec.cli import erasures as action
    from lunasec.cli import times
    from lunasec.tokenizer.wiring import system_clock

    if [never_verified, undo, subject is not None].count(True) != 1:
        raise ConfigurationInvalid(
            "say one of --never-verified, --subject and --undo; --help has more."
        )
    settings = options.load(config)
    if subject is not None:
        if application is None:
            raise ConfigurationInvalid(
                "--subject wants --application; for example"
                " lunasec erase --subject 4711 --application payroll."
            )
        number = action.count_of(settings, application, subject)
        typer.echo(f"{times.counted(number, 'token', 'tokens')} of that user.")
        if number and (yes or typer.confirm("Erase them?")):
            typer.echo(action.all_of(settings, application, subject), nl=False)
        return
    if undo:
        if application is None or since is None:
            raise ConfigurationInvalid(
                "--undo wants --application and --since; for example"
                " lunasec erase --undo --application payroll --since 2h."
            )
        moment = times.moment("--since", since, system_clock())
        typer.echo(action.undo(settings, application, moment), nl=False)
        return
    age = times.duration("--older-than", older_than)
    number = action.count(settings, age)
    if number == 0:
        typer.echo(f"Every token older than {older_than} was verified by its application.")
        return
    typer.echo(
        f"{times.counted(number, 'token', 'tokens')} older than {older_than} never verified by an"
        " application.\n"
        "If one of your applications does not call `grants.verify`, these are its values."
    )
    if yes or typer.confirm("Erase them?"):
        typer.echo(action.never_verified(settings, age), nl=False)


@audit.command("verify")
def verify(
    segments: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="What was exported of it earlier, oldest first."),
    ] = None,
    config: Config = options.DEFAULT,
    data: Data = None,
) -> None:
    """Follow the audit log from its first entry to its last. `lunasec serve` may be running."""
    from lunasec.cli import audit as action

    typer.echo(action.verify(options.data_directory(config, data), segments or ()), nl=False)


@audit.command("export")
def export(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, of mode 0600.")],
    config: Config = options.DEFAULT,
    data: Data = None,
) -> None:
    """Write the audit log into a file. `lunasec serve` may be running."""
    from lunasec.cli import audit as action

    typer.echo(action.export(options.data_directory(config, data), target), nl=False)


@audit.command("show")
def show(  # noqa: PLR0913 - one for each column of the log
    *,
    config: Config = options.DEFAULT,
    data: Data = None,
    application: Annotated[str | None, typer.Option(metavar="NAME", help="Of this one.")] = None,
    action: Annotated[
        str | None, typer.Option(metavar="ACTION", help="token.read, grant, session, …")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="OUTCOME", help="allowed or refused.")
    ] = None,
    session: Annotated[
        str | None, typer.Option(metavar="REFERENCE", help="Of this session reference.")
    ] = None,
    record: Annotated[str | None, typer.Option(metavar="ID", help="Of this record id.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Since when: 2h, 2026-11-23T08:00.")
    ] = None,
    last: Annotated[
        int | None, typer.Option(metavar="NUMBER", min=1, help="The newest so many of them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Each as it is kept.")] = False,
) -> None:
    """Print entries of the audit log, oldest first. `lunasec serve` may be running."""
    from lunasec.cli import audit as log
    from lunasec.cli import times
    from lunasec.tokenizer.wiring import system_clock

    wanted = log.Filter(
        application=application,
        action=action,
        outcome=outcome,
        session=session,
        record=record,
        since=times.moment("--since", since, system_clock()) if since else None,
    )
    directory = options.data_directory(config, data)
    for line in log.show(directory, wanted, last=last, as_json=as_json):
        typer.echo(line)
