"""Looks at the tokenizer as browsers find it: by its origin, through whatever is in front."""

from typing import Final

from lunasec.cli.checks import files, frames, listeners, logged_out
from lunasec.cli.checks.asking import AskingError, Reply, ask_noting
from lunasec.cli.checks.findings import Section
from lunasec.tokenizer.settings import Settings

_OPERATOR: Final = "/metrics"


def look(settings: Settings, *, running: bool, now: int) -> Section:
    """Ask for what browsers ask for first, by the public origin."""
    section = Section(title=f"Public origin  {settings.origin}")
    try:
        entry = ask_noting(section, settings.origin, "/lunasec.js")
    except AskingError as error:
        _unreached(section, settings, error, running=running)
        return section
    if not entry.body.startswith(listeners.ENTRY):
        _strange(section, settings, entry)
        return section
    section.fine("reached, and it is a tokenizer")
    if entry.certificate_ends is not None:
        files.ends(section, settings.origin, entry.certificate_ends, now)
    if entry.header("access-control-allow-origin") != "*":
        section.wrong(
            "/lunasec.js comes without Access-Control-Allow-Origin: *, so no page can load it",
            "Let the proxy in front keep the tokenizer's headers as they are.",
        )
    if ask_noting(section, settings.origin, _OPERATOR).status == 200:  # noqa: PLR2004 - RFC 9110, 15.3.1
        section.wrong(
            f"{_OPERATOR} answers in public: it is for you alone",
            f"Let the proxy in front pass on {settings.listen.text} and nothing else.",
        )
    if _behind(settings):
        logged_out.open_paths(section, settings, entry)
    for application in settings.applications.values():
        frames.look(section, settings, application)
    return section


def _behind(settings: Settings) -> bool:
    """Say whether an auth proxy is in front."""
    return any(each.provider is not None for each in settings.applications.values())


def _unreached(section: Section, settings: Settings, error: AskingError, *, running: bool) -> None:
    if not running:
        section.note(
            f"not reached: {error}", "The tokenizer is not running: start it, and check once more."
        )
        return
    section.wrong(
        f"can't be reached: {error}",
        f"The tokenizer itself runs, at {settings.listen.text}. Let its name lead to a TLS proxy"
        "\nin front of it (docs/recipes/tls-proxy.md), or set origin to where it is.",
    )


def _strange(section: Section, settings: Settings, reply: Reply) -> None:
    if _behind(settings) and (how := logged_out.refusal(reply, settings.origin, "/lunasec.js")):
        section.wrong(f"/lunasec.js is kept from who is not logged in ({how})", logged_out.ALONE)
    elif reply.status in range(300, 400):
        section.wrong(
            f"/lunasec.js is redirected to {reply.header('location')}",
            "Let the proxy in front pass every path on; nobody can log in for a script.",
        )
    elif reply.status in logged_out.GATEWAY:
        section.wrong(
            f"the proxy in front answers {reply.status}: it does not reach the tokenizer",
            f"Let it pass on to {settings.listen.text}, and start the tokenizer.",
        )
    else:
        section.wrong(
            f"what answers there is not the tokenizer ({reply.status})",
            f"Let its name lead to {settings.listen.text}, with every path.",
        )
