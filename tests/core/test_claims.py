"""Claims hold now, for us, or they are refused."""

from itertools import product
from typing import Any

import pytest

from lunasec.errors import CredentialInvalid
from lunasec.jose.claims import CLOCK_SKEW, check_audience, checked_times, text_of

NOW = 1_000
LIFE = 300
ABSENT = object()


def held(longest_life: int | None = LIFE, /, **members: object) -> tuple[float, float] | None:
    """Give `iat` and `exp` of claims that hold now, None for those that are refused."""
    claims = {name: value for name, value in members.items() if value is not ABSENT}
    try:
        return checked_times(claims, longest_life=longest_life, now=NOW)
    except CredentialInvalid:
        return None


def test_times_on_every_border() -> None:
    """Around each border, by the second, exactly the claims that hold now are accepted."""
    around = sorted(
        {border + step for border in (0, -30, 30, 300, 330) for step in (-1, -0.5, 0, 0.5, 1)}
    )
    for begin, end, start in product(around, around, (ABSENT, *around)):
        issued_at, expires_at = NOW + begin, NOW + end
        not_before = start if start is ABSENT else NOW + float(str(start))
        expected = (
            expires_at + CLOCK_SKEW > NOW
            and issued_at <= NOW + CLOCK_SKEW
            and (start is ABSENT or float(str(not_before)) <= NOW + CLOCK_SKEW)
            and 0 < expires_at - issued_at <= LIFE
        )
        found = held(iat=issued_at, exp=expires_at, nbf=not_before)
        assert found == ((issued_at, expires_at) if expected else None)


def test_a_life_may_be_unlimited_but_not_without_an_end() -> None:
    """Without a longest life a token may last for years; it still ends, and begins before."""
    assert held(None, iat=NOW, exp=NOW + 10**9) == (NOW, NOW + 10**9)
    assert held(None, iat=NOW) is None
    assert held(None, iat=NOW, exp=NOW) is None
    assert held(None, iat=NOW + 2, exp=NOW + 1) is None


def test_a_time_may_be_far_away() -> None:
    """The last second that is told exactly is a time like any other."""
    assert held(None, iat=NOW, exp=2**53) == (NOW, 2**53)
    assert held(None, iat=0, exp=NOW) == (0, NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iat": 0, "exp": NOW - CLOCK_SKEW}, "has expired"),
        ({"iat": NOW + CLOCK_SKEW + 1}, "not valid yet"),
        ({"exp": NOW + LIFE + 1}, "1 to 300 seconds"),
        ({"exp": "soon"}, '"iat" and "exp"'),
    ],
    ids=str,
)
def test_a_refusal_says_why(changes: dict[str, object], reason: str) -> None:
    """A developer whose credential is refused is told what is wrong with it."""
    claims = {"iat": NOW - 1, "exp": NOW + 1} | changes
    with pytest.raises(CredentialInvalid, match=reason):
        checked_times(claims, longest_life=LIFE, now=NOW)


WRONG: list[Any] = [
    None, True, False, "1000", "", [], [1000], {}, -1, -0.1, 2**53 + 1, 10**400,
    float("nan"), float("inf"), float("-inf"),
]  # fmt: skip


@pytest.mark.parametrize("value", WRONG, ids=lambda value: repr(value)[:12])
def test_a_time_is_a_number_of_seconds(value: object) -> None:
    """A time that is no finite number of seconds since 1970 is refused in each of its places."""
    good: dict[str, object] = {"iat": NOW, "exp": NOW + 100, "nbf": NOW}
    assert held(**good) is not None
    for name in good:
        assert held(**{**good, name: value}) is None
        assert held(None, **{**good, name: value}) is None


def test_iat_and_exp_are_required_and_nbf_is_not() -> None:
    """Claims without `exp` or `iat` are refused, those without `nbf` are not."""
    good: dict[str, object] = {"iat": NOW, "exp": NOW + 100, "nbf": NOW}
    for name in good:
        assert (held(**{**good, name: ABSENT}) is not None) == (name == "nbf")


@pytest.mark.parametrize("audience", ["T", ["T"]])
def test_the_audience_is_ours(audience: object) -> None:
    """Our audience is accepted, as a text or as a list of it alone."""
    check_audience({"aud": audience}, "T")


@pytest.mark.parametrize(
    "audience",
    [None, "", "t", "T ", "TT", [], ["t"], ["T", "T"], ["T", "other"], [["T"]], {"T": 1}, 0, True],
    ids=repr,
)
def test_another_audience_is_refused(audience: object) -> None:
    """Anything but exactly our audience is refused, and so is no audience at all."""
    for claims in ({"aud": audience}, {}):
        with pytest.raises(CredentialInvalid, match='"aud" has to be T'):
            check_audience(claims, "T")


def test_a_text_is_a_text_or_absent() -> None:
    """A member is given as its text, None where it is absent, and refused as any other type."""
    assert text_of({"kid": "a"}, "kid") == "a"
    assert text_of({"kid": ""}, "kid") == ""
    assert text_of({}, "kid") is None
    values: list[object] = [None, 0, True, [], ["a"], {}]
    for value in values:
        with pytest.raises(CredentialInvalid, match='"kid" is not a text'):
            text_of({"kid": value}, "kid")
