"""Whole decisions, as a test can compare them, and the sessions that no frame may use."""

# ruff: noqa: ANN401 - the fields of an entry, each of its own type

from typing import Any

from lunasec.errors import LunaSecError, NoSession, SessionChanged
from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import Change
from lunasec.tokenizer.core.ledger import Session
from lunasec.tokenizer.core.operation import Decision
from tests.stores.made_up import ALICE, APPLICATION, BOB, NOW, OTHER, session

BAD_SESSIONS: list[tuple[Session | None, type[LunaSecError]]] = [
    (None, NoSession),
    (session(expires_at=NOW), NoSession),
    (session(application=OTHER), NoSession),
    (session(reference=BOB), SessionChanged),
]

Whole = tuple[object, tuple[Change, ...], tuple[Entry, ...]]


def whole(decision: Decision[Any]) -> Whole:
    """Give answer, changes and entries; of a refusal its class."""
    answer = decision.answer
    said = type(answer) if isinstance(answer, LunaSecError) else answer
    return said, decision.changes, decision.entries


def logged(action: str, reason: str = "", **fields: Any) -> Entry:
    """Say what the log holds of one thing that Alice's frame did, or was refused for a reason."""
    made: dict[str, Any] = {
        "at": NOW,
        "application": APPLICATION,
        "outcome": "refused" if reason else "allowed",
        "actor": "frame",
        "session": ALICE,
    }
    return Entry(action=action, reason=reason, **{**made, **fields})
