"""What a session id provider's answer is read as."""

from uuid import UUID

import pytest

from lunasec.errors import ConfigurationInvalid, SessionIdTooShort
from lunasec.references import session_reference
from lunasec.sdk.identity import identity

ID = "0123456789abcdef"


@pytest.mark.parametrize("said", [None, "", ("", "user"), ("", None), (None, "user"), (None, None)])
def test_nobody(said: object) -> None:
    """None, an empty id, and a user without an id are nobody."""
    assert identity("payroll", said) is None


def test_an_id_alone_says_nothing_about_users() -> None:
    """A bare id is a session without a stated user, and not a temporary one."""
    found = identity("payroll", ID)
    assert found is not None
    assert (found.subject, found.temporary) == (None, False)
    assert found.reference == session_reference("payroll", ID)


@pytest.mark.parametrize("nobody", [None, ""])
def test_an_id_without_a_user_is_temporary(nobody: str | None) -> None:
    """(id, None) is a session that can be upgraded, as on a sign-up page."""
    found = identity("payroll", (ID, nobody))
    assert found is not None
    assert (found.subject, found.temporary) == (None, True)


@pytest.mark.parametrize(
    ("user", "subject"),
    [("ada", "ada"), (7, "7"), (0, "0"), (UUID(int=1), "00000000-0000-0000-0000-000000000001")],
)
def test_users_of_any_usual_kind(user: object, subject: str) -> None:
    """A user's id may be a text, a number (zero too) or a UUID; it is part of the reference."""
    found = identity("payroll", (ID, user))
    assert found is not None
    assert (found.subject, found.temporary) == (subject, False)
    assert found.reference == session_reference("payroll", ID, subject)


def test_t12_another_user_is_another_session() -> None:
    """The reference changes with the user where the application keeps the id."""
    references = {
        found.reference
        for user in (None, "ada", "bob")
        if (found := identity("payroll", (ID, user))) is not None
    }
    assert len(references) == 3


@pytest.mark.parametrize(
    "said", [7, b"0123456789abcdef", (ID,), (ID, "user", "more"), (ID, 1.5), (ID, ["user"]), {}]
)
def test_refuses_what_is_no_answer(said: object) -> None:
    """Another answer raises `ConfigurationInvalid`, saying what is wanted, quoting nothing."""
    with pytest.raises(ConfigurationInvalid) as refused:
        identity("payroll", said)
    assert "(id, user)" in str(refused.value)
    assert ID not in str(refused.value)


def test_refuses_short_ids() -> None:
    """A guessable id is refused with or without a user."""
    for said in ("short", ("short", "user"), ("short", None)):
        with pytest.raises(SessionIdTooShort):
            identity("payroll", said)
