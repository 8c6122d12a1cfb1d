"""What a signed token says, and whether that holds now; signatures are not checked here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lunasec.errors import CredentialInvalid

CLOCK_SKEW: Final = 30  # Seconds by which two honest clocks may differ.
MAX_TIME: Final = 2**53  # Seconds; beyond, a float is no exact number of them.


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The claims of a token that was verified whole; times in Unix seconds."""

    issuer: str
    key_id: str
    issued_at: float
    expires_at: float
    members: Mapping[str, Any]


def text_of(members: Mapping[str, Any], name: str) -> str | None:
    """Give a member that has to be a text where there is one; None where there is none."""
    value = members.get(name)
    if isinstance(value, str):
        return value
    if name in members:
        raise CredentialInvalid(f'The token\'s "{name}" is not a text.')
    return None


def check_audience(members: Mapping[str, Any], audience: str, claim: str = "aud") -> None:
    """Demand exactly our audience (RFC 7519, section 4.1.3), in the claim that names it.

    A list may name it, alone: with a second audience, one token would open two doors.
    """
    if members.get(claim) not in (audience, [audience]):
        raise CredentialInvalid(f'The token is for somebody else: "{claim}" has to be {audience}.')


def checked_times(
    members: Mapping[str, Any],
    *,
    longest_life: int | None,
    now: float,
    skew: int = CLOCK_SKEW,
    dated: bool = True,
    assumed_life: int | None = None,
) -> tuple[float, float]:
    """Give `iat` and `exp`, or refuse a token that is not valid now (RFC 7519, 4.1.4 to 4.1.6).

    Both are required, here more strictly than in the RFC: a token without an end never dies. Only
    where a kind of token is not `dated`, `iat` may be absent, and counts as now; and only where one
    has an `assumed_life`, in seconds, that stands for an `exp` that is absent.
    """
    issued_at, expires_at = _time(members.get("iat")), _time(members.get("exp"))
    not_before = _time(members.get("nbf", 0))
    if assumed_life is not None and "exp" not in members and issued_at is not None:
        expires_at = issued_at + assumed_life
    if not dated and "iat" not in members and expires_at is not None:
        issued_at = max(min(now, expires_at - 1), 0)
    if issued_at is None or expires_at is None or not_before is None:
        raise CredentialInvalid('"iat" and "exp" have to be there, as numbers of seconds.')
    if now >= expires_at + skew:
        raise CredentialInvalid("The token has expired; or the two clocks differ.")
    if now + skew < max(issued_at, not_before):
        raise CredentialInvalid("The token is not valid yet; or the two clocks differ.")
    life = expires_at - issued_at
    if life <= 0 or (longest_life is not None and life > longest_life):
        raise CredentialInvalid(f"The token has to live for 1 to {longest_life} seconds.")
    return issued_at, expires_at


def _time(value: object) -> float | None:
    """Read a NumericDate (RFC 7519, section 2), or None; `True` is an int to Python, not here."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= MAX_TIME else None
