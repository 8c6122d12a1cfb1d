"""Looks at an application's frames as browsers find them, through whatever is in front."""

from typing import Final

from lunasec.cli.checks import listeners, logged_out
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


def look(section: Section, settings: Settings, application: Application) -> None:
    """Ask for a frame's document, which an auth proxy keeps from who is not logged in."""
    path = f"/frame/{application.name}/coordinator"
    try:
        seen = ask_noting(section, settings.origin, path)
    except AskingError as error:
        section.wrong(f"{path} can't be reached: {error}", "")
        return
    if application.provider is not None and seen.status in logged_out.GATEWAY:
        section.wrong(
            f"the proxy in front answers {seen.status} at {path}: what it asks does not answer",
            "Start what it asks who is logged in; its own log says more.",
        )
        return
    if how := logged_out.refusal(seen, settings.origin, path):
        _kept(section, settings, application, path, how)
        return
    if not _is_current(section, application, seen):
        return
    if application.provider is not None:
        section.wrong(
            f"{path} is open to who is not logged in: its proxy lets it through, or is gone around",
            f"Let {settings.origin} lead to the auth proxy, and that ask for a log-in there.",
        )
    if seen.header("x-frame-options"):
        section.wrong(
            f"something in front adds X-Frame-Options to {path}, so browsers show no frame",
            "Take that header out of the proxy's configuration for this host.",
        )
    _compared(section, settings, path, seen)


def _kept(
    section: Section, settings: Settings, application: Application, path: str, how: str
) -> None:
    """Say what a refusal means; what is behind it, the tokenizer itself is asked."""
    if application.provider is None:
        section.wrong(
            f"{path} is kept from who is not logged in ({how}), and {application.name} has no"
            " provider",
            "Let the proxy in front pass it on. If it is an auth proxy, the application's provider"
            "\nsays whose tokens it sends (docs/recipes/proxies.md).",
        )
        return
    section.fine(f"{path} is kept from who is not logged in ({how})")
    own = _own(settings, path)
    if own is None or _is_current(section, application, own):
        section.note(
            f"whether {path} arrives as it was sent can't be seen without a log-in",
            "Open a page with an element, logged in: where no frame shows, the browser's console"
            " says why.",
        )


def _is_current(section: Section, application: Application, frame: Reply) -> bool:
    """Say whether a frame's document is of the application as it is configured now."""
    allowed = directives(frame.header("content-security-policy")).get("frame-ancestors", [])
    if frame.status == 200 and set(allowed) == set(application.origins):  # noqa: PLR2004 - RFC 9110, 15.3.1
        return True
    section.wrong(
        f"the tokenizer that runs does not know {application.name} as it is configured now",
        "Restart `lunasec serve`.",
    )
    return False


def _compared(section: Section, settings: Settings, path: str, seen: Reply) -> None:
    """Compare what comes through the proxy with what the listener itself says."""
    own = _own(settings, path)
    if own is None:
        return
    changed = [name for name in _KEPT if seen.header(name) != own.header(name)]
    if changed:
        section.wrong(
            f"something in front changes {', '.join(changed)} of {path}",
            "Let the proxy keep these headers as they are, and add none of its own.",
        )
    else:
        section.fine(f"{path} arrives as it was sent")


def _own(settings: Settings, path: str) -> Reply | None:
    """Ask the tokenizer itself; None where it runs on another machine than this."""
    try:
        return listeners.reach(settings, path)
    except AskingError:
        return None
