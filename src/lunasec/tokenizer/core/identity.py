"""Who calls: every function that reaches a value takes one of these first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationCaller:
    """An application's back end, proven by its signed credential."""

    application: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameCaller:
    """A Secure Frame in somebody's browser, as yet unproven.

    `session_hash` is SHA-256 of the cookie it brought, or None; `reference` is the session that
    the frame was pinned to. Whether the two belong together, the store decides with the facts.
    """

    application: str
    session_hash: bytes | None
    reference: str


Caller = ApplicationCaller | FrameCaller
