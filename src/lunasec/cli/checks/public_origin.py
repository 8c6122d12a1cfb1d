"""Looks at the tokenizer as browsers find it: by its origin, through whatever is in front."""

from typing import Final

from lunasec.cli.checks import files, listeners
from lunasec.cli.checks.asking import AskingError, Reply, ask_noting
from lunasec.cli.checks.findings import Section
from lunasec.cli.checks.page_policy import directives
from lunasec.tokenizer.settings import Application, Settings

# What the tokenizer says of a frame document, and a proxy must neither change nor add to.
_KEPT: Final = (
    "content-security-policy",
    "origin-agent-cluster",
    "cross-origin-resource-policy",
    "referrer-policy",
    "x-content-type-options",
)
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
    for application in settings.applications.values():
        _frame(section, settings, application)
    return section


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
    if reply.status in range(300, 400):
        section.wrong(
            f"/lunasec.js is redirected to {reply.header('location')}",
            "Let the proxy in front pass every path on; nobody can log in for a script.",
        )
    elif reply.status in {502, 503, 504}:
        section.wrong(
            f"the proxy in front answers {reply.status}: it does not reach the tokenizer",
            f"Let it pass on to {settings.listen.text}, and start the tokenizer.",
        )
    else:
        section.wrong(
            f"what answers there is not the tokenizer ({reply.status})",
            f"Let its name lead to {settings.listen.text}, with every path.",
        )


def _frame(section: Section, settings: Settings, application: Application) -> None:
    path = f"/frame/{application.name}/coordinator"
    try:
        seen = ask_noting(section, settings.origin, path)
    except AskingError as error:
        section.wrong(f"{path} can't be reached: {error}", "")
        return
    allowed = directives(seen.header("content-security-policy")).get("frame-ancestors", [])
    if seen.status != 200 or set(allowed) != set(application.origins):  # noqa: PLR2004 - as above
        section.wrong(
            f"the tokenizer that runs does not know {application.name} as it is configured now",
            "Restart `lunasec serve`.",
        )
        return
    if seen.header("x-frame-options"):
        section.wrong(
            f"something in front adds X-Frame-Options to {path}, so browsers show no frame",
            "Take that header out of the proxy's configuration for this host.",
        )
    _compared(section, settings, path, seen)


def _compared(section: Section, settings: Settings, path: str, seen: Reply) -> None:
    """Compare what comes through the proxy with what the listener itself says."""
    try:
        own = listeners.reach(settings, path)
    except AskingError:
        return  # It runs on another machine than this.
    changed = [name for name in _KEPT if seen.header(name) != own.header(name)]
    if changed:
        section.wrong(
            f"something in front changes {', '.join(changed)} of {path}",
            "Let the proxy keep these headers as they are, and add none of its own.",
        )
    else:
        section.fine(f"{path} arrives as it was sent")
