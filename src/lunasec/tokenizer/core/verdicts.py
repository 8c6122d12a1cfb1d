"""Verdicts: what was decided of each token of a request, and how the audit log says it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from lunasec.tokenizer.core.audit import Entry
from lunasec.tokenizer.core.ledger import Grant, Record


class Denial(StrEnum):
    """Why a token is not to be used; told to the audit log, never to the caller."""

    UNKNOWN = "unknown token"
    ERASED = "erased token"
    UNGRANTED = "not granted"
    EXPIRED = "expired grant"
    SPENT = "no reads left"
    UNCOPIED = "copying not granted"
    NO_FILE = "no file"
    POLICY = "not allowed by policy"
    STEP_UP = "step-up required"


class Allowed(Struct, frozen=True, kw_only=True, gc=False):
    """The session may use the record, under this grant; `rule` is what allowed it beside that."""

    record: Record
    grant: Grant
    rule: str = ""


class Ruled(Protocol):
    """What a rule decided."""

    @property
    def rule(self) -> str:
        """Which one; none where it was not the policy's."""
        ...


class Denied(Struct, frozen=True, kw_only=True, gc=False):
    """The session may not; `record_id` is what the token led to, `rule` what forbade it."""

    reason: Denial
    record_id: bytes
    rule: str = ""


def entries(verdicts: tuple[Allowed | Denied, ...], template: Entry) -> tuple[Entry, ...]:
    """Write one audit entry for each outcome among the verdicts, with their rules if there are any.

    Not one for each reason: how many there are would tell, by the time that they take, which tokens
    of a request were refused for the same reason, and so which exist.
    """
    allowed = tuple(each for each in verdicts if isinstance(each, Allowed))
    denied = tuple(each for each in verdicts if isinstance(each, Denied))
    written: tuple[Entry, ...] = ()
    if allowed:
        records = tuple(each.record.record_id.hex() for each in allowed)
        entry = replace(template, outcome="allowed", records=records)
        written = (ruled_by(entry, allowed),)
    if denied:
        reasons = tuple(each.reason.value for each in denied)
        alike = len(set(reasons)) == 1
        refused = replace(
            template,
            outcome="refused",
            reason=reasons[0] if alike else "",
            records=tuple(each.record_id.hex() for each in denied),
            reasons=() if alike else reasons,
        )
        written += (ruled_by(refused, denied),)
    return written


def ruled_by(entry: Entry, verdicts: Iterable[Ruled]) -> Entry:
    """Name the rules that decided, one for each of the entry's records, or one for all."""
    rules = tuple(each.rule for each in verdicts)
    if len(set(rules)) == 1:
        return replace(entry, rule=rules[0])
    return replace(entry, rules=rules)
