"""What the pages are given: the parts of the demo, and the account of whoever is visiting."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from lunasec.demo import proxied, visits
from lunasec.demo.accounts import Account, Accounts
from lunasec.demo.rendering import Pages
from lunasec.demo.samples import Samples
from lunasec.demo.settings import DemoSettings
from lunasec.fastapi import LunaSec


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of one demo application, made once by `create_app`."""

    accounts: Accounts
    samples: Samples
    lunasec: LunaSec
    pages: Pages
    settings: DemoSettings


class LogInNeededError(Exception):
    """The page is for users; the visitor is sent to the log-in page."""


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _visitor(request: Request, parts: Annotated[Parts, Depends(_parts)]) -> Account | None:
    if parts.settings.proxy is not None:
        named = proxied.identity(request)
        return None if named is None else parts.accounts.known(named[1])
    session = visits.identity(request)
    if session is None or session[1] is None:
        return None
    return parts.accounts.find(session[1])


def _user(visitor: Annotated[Account | None, Depends(_visitor)]) -> Account:
    if visitor is None:
        raise LogInNeededError
    return visitor


Demo = Annotated[Parts, Depends(_parts)]
"""A page's parameter: the parts of the demo."""

Visitor = Annotated[Account | None, Depends(_visitor)]
"""A page's parameter: whoever is visiting, or None."""

User = Annotated[Account, Depends(_user)]
"""A page's parameter: the user. Without one, the visitor is sent to the log-in page."""
