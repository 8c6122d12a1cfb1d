"""Records, sessions and questions for a policy, as tests make them up."""

from typing import Any

from lunasec.tokenizer.core.identity import Person, owner_tag
from lunasec.tokenizer.core.ledger import Record, Session
from lunasec.tokenizer.core.policy import Act, Asking
from lunasec.tokenizer.policies import CedarPolicy
from tests.stores.made_up import APPLICATION, NOW, record, session

ISSUER = "https://proxy.example.com"
FILE = "staff.cedar"


def policy(text: str, told: list[str] | None = None) -> CedarPolicy:
    """Read the policies of one file; of none where there is no text."""
    heard: list[str] = [] if told is None else told
    return CedarPolicy({FILE: text} if text else {}, issuer=ISSUER, tell=heard.append)


def tag(subject: str) -> bytes:
    """Name a subject."""
    return owner_tag(APPLICATION, ISSUER, subject)


def logged_in(subject: str) -> Session:
    """Make a session of a subject whom the proxy named."""
    return session(subject=subject, owner=tag(subject))


def made_by(subject: str | None, **fields: Any) -> Record:  # noqa: ANN401 - a record's fields
    """Make a record of a subject's, or of nobody's."""
    owner = None if subject is None else tag(subject)
    return record(1, owner=owner, **fields)


def asking(subject: str | None = "ada", act: Act = Act.READ, **said: Any) -> Asking:  # noqa: ANN401 - a person's fields
    """Ask as somebody of whom the proxy said so much; None asks for the application itself."""
    whose = None if subject is None else logged_in(subject)
    return Asking(application=APPLICATION, session=whose, person=Person(**said), act=act, now=NOW)
