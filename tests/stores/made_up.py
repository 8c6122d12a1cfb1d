"""Sessions, handles, records and grants that tests make up; each field can be said."""

# ruff: noqa: ANN401 - the fields of a struct, each of its own type

from typing import Any, Final

from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.changes import Change, PutRecord
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller
from lunasec.tokenizer.core.ledger import (
    Action,
    Facts,
    File,
    Found,
    Grant,
    Handle,
    Record,
    Session,
    Upload,
    Want,
)
from lunasec.tokenizer.core.operation import Decision
from lunasec.tokenizer.core.wrapped import Wrapped

NOW: Final = 1_800_000_000
APPLICATION: Final = "payroll"
OTHER: Final = "clinic"
ALICE: Final = "a" * 43
BOB: Final = "b" * 43
ORIGIN: Final = "https://app.example.com"

BACK_END: Final = ApplicationCaller(application=APPLICATION, key_id="key-1")


def name(number: int) -> bytes:
    """Return 32 bytes that stand for a hash, a record id or a random secret."""
    return number.to_bytes(32, "big")


COOKIE: Final = name(1)
FRAME: Final = FrameCaller(application=APPLICATION, session_hash=COOKIE, reference=ALICE)


def session(**fields: Any) -> Session:
    """Make a live session of Alice's in the cookie `COOKIE`."""
    made: dict[str, Any] = {
        "secret_hash": COOKIE,
        "application": APPLICATION,
        "reference": ALICE,
        "subject": "alice",
        "temporary": False,
        "created_at": NOW - 60,
        "expires_at": NOW + 600,
        "absolute_end": NOW + 3600,
    }
    return Session(**{**made, **fields})


def handle(**fields: Any) -> Handle:
    """Make a fresh handle for a session of Alice's."""
    made: dict[str, Any] = {
        "handle_hash": name(2),
        "application": APPLICATION,
        "reference": ALICE,
        "subject": "alice",
        "temporary": False,
        "state": "s" * 43,
        "origin": ORIGIN,
        "created_at": NOW,
        "session_end": NOW + 3600,
        "used": False,
    }
    return Handle(**{**made, **fields})


def upload(number: int, **fields: Any) -> Upload:
    """Make upload `number` of Alice's session: of three segments, the last with one byte."""
    made: dict[str, Any] = {
        "upload_hash": name(number),
        "application": APPLICATION,
        "reference": ALICE,
        "file": File(blob=name(number + 2000), size=2 * 2**20 + 17),
        "created_at": NOW,
        "expires_at": NOW + 86400,
    }
    return Upload(**{**made, **fields})


def key(number: int, **fields: Any) -> Wrapped:
    """Make the locked key of record `number`."""
    made: dict[str, Any] = {
        "record_id": name(number),
        "lookup_version": 1,
        "epoch": 1,
        "commitment": name(number + 1000),
        "wrapped": bytes([number % 256]) * 88,
    }
    return Wrapped(**{**made, **fields})


def record(number: int, **fields: Any) -> Record:
    """Make record `number`."""
    made: dict[str, Any] = {
        "application": APPLICATION,
        "key": key(number),
        "kind": "ssn",
        "size": 302,
        "metadata": (("label", "SSN"),),
        "subject": None,
        "created_at": NOW,
    }
    return Record(**{**made, **fields})


def ciphertext(number: int) -> bytes:
    """Make the ciphertext of record `number`."""
    return b"ciphertext of %d" % number


def put_record(number: int, **fields: Any) -> PutRecord:
    """Keep record `number`."""
    return PutRecord(record(number, **fields), ciphertext(number))


def grant(number: int, **fields: Any) -> Grant:
    """Let Alice's session read record `number`."""
    made: dict[str, Any] = {
        "application": APPLICATION,
        "reference": ALICE,
        "record_id": name(number),
        "action": Action.READ,
        "expires_at": NOW + 900,
        "reads_left": None,
    }
    return Grant(**{**made, **fields})


def found(number: int, **fields: Any) -> Found:
    """Find record `number`, granted to Alice's session."""
    made: dict[str, Any] = {
        "record": record(number),
        "grant": grant(number),
    }
    return Found(**{**made, **fields})


class Apply:
    """An operation that applies changes whatever it finds, and leaves an entry for each."""

    def __init__(self, *changes: Change, application: str = APPLICATION) -> None:
        """Name the changes."""
        self.changes = changes
        self.application = application

    def want(self) -> Want:
        """Ask for nothing."""
        return Want(application=self.application)

    def decide(self, facts: Facts) -> Decision[int]:  # noqa: ARG002 - an operation's signature
        """Apply them, and answer how many they were."""
        entries = tuple(
            Entry(at=NOW, application=self.application, action=type(each).__name__, outcome="made")
            for each in self.changes
        )
        return Decision(answer=len(self.changes), changes=self.changes, entries=entries)
