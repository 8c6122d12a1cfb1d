"""Looks at one application: its keys, its plugin, its site, its page's policy."""

from email.utils import parsedate_to_datetime
from typing import Final

import msgspec

from lunasec.cli import applications
from lunasec.cli.checks import auth_proxy, logged_out, page_policy, relying
from lunasec.cli.checks.asking import AskingError, Reply, ask_noting
from lunasec.cli.checks.findings import Section
from lunasec.errors import LunaSecError
from lunasec.jose import KeySet
from lunasec.jose.claims import CLOCK_SKEW
from lunasec.tokenizer import counterparties, fonts, ownership
from lunasec.tokenizer.settings import Application, Settings, same_site

SESSION: Final = "/.lunasec/session"
PUBLIC_KEYS: Final = "/.lunasec/jwks.json"

# What a browser says of a fetch by one of the origin's own pages (Fetch Metadata).
_OWN_PAGE: Final = {
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
}


class _Said(msgspec.Struct, frozen=True):
    """What the plugin says of itself: it names its application, whoever asks."""

    application: str = ""
    code: str = ""


def look(settings: Settings, application: Application, *, offline: bool, now: int) -> Section:
    """Look at one application."""
    section = Section(title=f"Application  {application.name}")
    keys = _keys(section, application)
    _policies(section, application)
    _fonts(section, application)
    for origin in application.origins:
        _site(section, settings, origin)
        if not offline:
            _plugin(section, application, origin, keys, now)
            _page(section, settings, application, origin)
    if application.provider is not None:
        auth_proxy.look(section, settings, application, application.provider, offline=offline)
    if application.oidc is not None:
        relying.look(section, application.name, application.oidc, offline=offline)
    if application.header_sessions:
        section.doubt(
            "header_sessions = true: T1 of the threat model is not promised",
            "Script in its pages that can read the application's credential can carry the session\n"
            "away. Take a session cookie (HttpOnly) if you can.",
        )
    return section


def _keys(section: Section, application: Application) -> KeySet | None:
    private = application.keys.with_name(f"{application.name}.key")
    if private.exists():
        section.doubt(
            f"its private key {private} is still here",
            "Move it to the application's server: whoever has it can grant in its name.",
        )
    try:
        keys = counterparties.public_keys(application)
    except LunaSecError as error:
        section.wrong(error.detail, "")
        return None
    section.fine(f"its public keys can be read: {', '.join(keys.keys)}")
    return keys


def _policies(section: Section, application: Application) -> None:
    """Read what decides beside grants, as the server does at start."""
    if not application.ownership:
        return
    try:
        ownership.policy(application)
    except LunaSecError as error:
        section.wrong(error.detail, "")
        return
    read = [each.name for each in application.policies]
    section.fine(f"its tokens have owners; policies: {', '.join(read) or 'none beside that'}")


def _fonts(section: Section, application: Application) -> None:
    """Read its web fonts, as the server does at start."""
    try:
        found = [fonts.read(each).font.family for each in application.fonts]
    except LunaSecError as error:
        section.wrong(error.detail, "")
        return
    if found:
        section.fine(f"its frames have web fonts: {', '.join(dict.fromkeys(found))}")


def _site(section: Section, settings: Settings, origin: str) -> None:
    if same_site(origin, settings.origin):
        section.fine(f"{origin}: one site with the tokenizer; cookies are SameSite=Strict")
        return
    better = applications.suggested(origin)
    advice = f"Better is {better} beside {origin}."
    if better is None or not same_site(better, origin):
        advice = "Better is a sibling: https://secure.example.com beside https://app.example.com."
    section.doubt(
        f"{origin}: another site than the tokenizer's; cookies are SameSite=None; Partitioned",
        "Chromium and Firefox keep those with third-party cookies blocked; older Safari does not."
        f"\n{advice}",
    )


def _plugin(
    section: Section, application: Application, origin: str, keys: KeySet | None, now: int
) -> None:
    try:
        reply = ask_noting(section, origin, SESSION, headers=_OWN_PAGE)
    except AskingError as error:
        section.wrong(
            f"{origin} can't be reached: {error}",
            "Start the application, or run this where its origin can be reached; --offline leaves"
            " it out.",
        )
        return
    said = _said(reply)
    if said.application == application.name and reply.status in {200, 401}:
        section.fine(f"{origin}{SESSION}: the plugin answers")
        _clock(section, origin, reply, now)
        _same_keys(section, application, origin, keys)
    elif _is_behind(application, said) and (how := logged_out.refusal(reply, origin, SESSION)):
        section.fine(f"{origin} is kept from who is not logged in ({how})")
        section.note(
            "whether the plugin answers there, and its key, can't be seen without a log-in",
            "Where its key is not ours, the tokenizer's log has credential_invalid.",
        )
    else:
        what, cure = _wrong_answer(application, reply, said)
        section.wrong(f"{origin}{SESSION}: {what}", cure)


def _is_behind(application: Application, said: _Said) -> bool:
    """Say whether an auth proxy may have refused: there is one, and this is no plugin's answer."""
    return application.provider is not None and not said.application


def _wrong_answer(application: Application, reply: Reply, said: _Said) -> tuple[str, str]:
    """Say what an answer means that is not the plugin's own."""
    if said.application not in {"", application.name}:
        return (
            f"the plugin there is the application {said.application}'s",
            f'Give the plugin application="{application.name}", or this origin to that one.',
        )
    match reply.status:
        case 404:
            return "404: the plugin is not registered", "Call lunasec.register(app)."
        case 403 if said.code == "cross_origin_refused":
            return (
                "403: the plugin takes its own page's request for a foreign one",
                "Let the proxy in front keep Host and the Sec-Fetch-* headers as they are.",
            )
        case status if status in range(300, 400):
            return (
                f"{status}: redirected to {reply.header('location')}",
                "Let the log-in, and the redirect to https, leave /.lunasec/ alone.",
            )
        case status if status >= 500:  # noqa: PLR2004 - RFC 9110, section 15.6
            return f"{status}: the application failed", "Its log says why."
        case status:
            return f"{status}: what answers is not the plugin", "Call lunasec.register(app)."


def _said(reply: Reply) -> _Said:
    try:
        return msgspec.json.decode(reply.body, type=_Said)
    except msgspec.DecodeError:
        return _Said()


def _clock(section: Section, origin: str, reply: Reply, now: int) -> None:
    """Compare clocks: a credential from a clock that is off is refused."""
    try:
        ahead = int(parsedate_to_datetime(reply.header("date")).timestamp()) - now
    except (TypeError, ValueError):
        return
    if abs(ahead) > CLOCK_SKEW:
        section.wrong(
            f"{origin}: its clock is {abs(ahead)} s {'ahead' if ahead > 0 else 'behind'}",
            "Its credentials are refused. Keep both machines' clocks right (NTP).",
        )


def _same_keys(
    section: Section, application: Application, origin: str, keys: KeySet | None
) -> None:
    """Compare the key that the application signs with to those that we would accept."""
    try:
        there = KeySet.parse(ask_noting(section, origin, PUBLIC_KEYS).body).keys.keys()
    except (AskingError, LunaSecError):
        section.doubt(f"{origin}{PUBLIC_KEYS}: its public keys can't be read there", "")
        return
    if keys is not None and not there & keys.keys.keys():
        section.wrong(
            f"{origin} signs with the key {', '.join(there)}, and {application.keys} has another",
            "Give it the key file that `lunasec app add` made together with that file.",
        )
    elif keys is not None:
        section.fine(f"{origin}: it signs with a key that is ours to check")


def _page(section: Section, settings: Settings, application: Application, origin: str) -> None:
    """Look at the front page's policy, where the application has one."""
    try:
        front = ask_noting(section, origin, "/")
    except AskingError:
        return
    if application.provider is not None and logged_out.refusal(front, origin, "/"):
        return  # It is the proxy's own page.
    policy = front.header("content-security-policy")
    if policy and (absent := page_policy.missing(policy, settings.origin)):
        section.doubt(
            f"{origin}/ has a Content-Security-Policy that keeps the tokenizer out of"
            f" {', '.join(absent)}",
            "If it, or a page with the same policy, shows elements: `lunasec check --csp` has the"
            " lines.",
        )
