"""`lunasec check`: read everything as the server would, try it, and say how to right it."""

from pathlib import Path

import typer

from lunasec.cli.checks import (
    application,
    files,
    findings,
    integrity,
    listeners,
    page_policy,
    public_origin,
)
from lunasec.cli.checks.findings import Level, Section
from lunasec.cli.times import counted
from lunasec.errors import LunaSecError
from lunasec.tokenizer import settings as configuration
from lunasec.tokenizer.settings import Settings
from lunasec.tokenizer.wiring import system_clock


def check(config: Path, *, offline: bool, csp: bool, hashes: bool = False) -> bool:
    """Print the findings, and with `csp` or `hashes` lines for a page; say if nothing is wrong."""
    try:
        settings = configuration.load(config)
    except LunaSecError as error:
        section = Section(title=f"Configuration  {config}")
        section.wrong(error.detail, "")
        typer.echo(findings.written([section]), nl=False)
        return False
    sections = _looked(config, settings, offline=offline, now=system_clock())
    if hashes and not offline:
        sections.append(integrity.look(settings))
    typer.echo(f"{findings.written(sections)}\n{_summary(sections)}")
    if csp:
        typer.echo(f"\n{page_policy.lines(settings)}", nl=False)
    if hashes:
        typer.echo(f"\n{integrity.lines(settings)}", nl=False)
    return findings.count(sections, Level.WRONG) == 0


def _looked(config: Path, settings: Settings, *, offline: bool, now: int) -> list[Section]:
    found = listeners.look(settings)
    sections = [
        files.configuration(config, settings),
        files.data(settings, now),
        # A running tokenizer answers for its database itself: it alone may touch it.
        *([] if found.running else [files.database(settings)]),
        files.certificate(settings, now),
        found.section,
    ]
    if not offline:
        sections.append(public_origin.look(settings, running=found.running, now=now))
    sections += [
        application.look(settings, each, offline=offline, now=now)
        for each in settings.applications.values()
    ]
    return sections


def _summary(sections: list[Section]) -> str:
    wrong, doubts = (findings.count(sections, level) for level in (Level.WRONG, Level.DOUBT))
    if wrong:
        return f"{counted(wrong, 'thing is', 'things are')} wrong (✗)."
    return "Nothing is wrong." + (f" {doubts} could be better (!)." if doubts else "")
