"""Which records, uploads and links of the audit log upkeep asks for, of all applications."""

from msgspec import Struct

# By these upkeep finds records without their tokens.


class ErasedBefore(Struct, frozen=True, gc=False):
    """Erased before `at`, and the key is still there. Longest erased first."""

    at: int


class ErasedSince(Struct, frozen=True, gc=False):
    """Erased by `application` at `at` or later, and the key is still there."""

    application: str
    at: int


class Destroyed(Struct, frozen=True, gc=False):
    """The key is gone, the data not yet."""


class UnverifiedBefore(Struct, frozen=True, gc=False):
    """Made before `at`, and no application ever verified it. Oldest first."""

    at: int


class OfSubject(Struct, frozen=True, gc=False):
    """Made for a subject of `application`, and not erased. Oldest first."""

    application: str
    subject: str


class EpochBefore(Struct, frozen=True, gc=False):
    """Locked with a wrap key older than `epoch`. Oldest key first."""

    epoch: int


Condition = ErasedBefore | ErasedSince | Destroyed | UnverifiedBefore | OfSubject | EpochBefore


class Batch(Struct, frozen=True, kw_only=True, gc=False):
    """At most `limit` records that meet a condition, after the first `skip` of them."""

    condition: Condition
    limit: int
    skip: int = 0
    contents: bool = False


class EndedBy(Struct, frozen=True, gc=False):
    """At most `limit` uploads that ended at `at` or earlier, the earliest first."""

    at: int
    limit: int


class AuditPrefix(Struct, frozen=True, gc=False):
    """The first `limit` links of the audit log, below the entry numbered `below`."""

    below: int
    limit: int
