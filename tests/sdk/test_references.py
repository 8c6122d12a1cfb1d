"""Session references."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.errors import SessionIdTooShort
from lunasec.references import SHORTEST_ID, session_reference

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
IDS = st.text(st.characters(codec="utf-8"), min_size=SHORTEST_ID, max_size=60)


def test_is_the_hash_that_the_protocol_states() -> None:
    """The reference is SHA-256 over label, application, id and user, each behind its length."""
    fields = (b"lunasec/session-reference/v1", b"payroll", b"0123456789abcdef", b"user-1")
    joined = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
    digest = bytes.fromhex(hashlib.sha256(joined).hexdigest())
    import base64  # noqa: PLC0415 - not the SDK's own encoding

    expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert session_reference("payroll", "0123456789abcdef", "user-1") == expected


@given(one=st.tuples(TEXT, IDS, TEXT), other=st.tuples(TEXT, IDS, TEXT))
def test_no_two_sessions_share_a_reference(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    """Two references are equal only if application, id and user all are."""
    assert (session_reference(*one) == session_reference(*other)) == (one == other)


def test_fields_do_not_run_into_each_other() -> None:
    """Moving a character over the border of two fields gives another reference."""
    borders = {
        session_reference("app", "x0123456789abcdef", "user"),
        session_reference("appx", "0123456789abcdef", "user"),
        session_reference("app", "x0123456789abcdefu", "ser"),
    }
    assert len(borders) == 3


@given(session_id=st.text(max_size=SHORTEST_ID - 1))
def test_refuses_ids_that_can_be_guessed(session_id: str) -> None:
    """An id under 16 characters raises `SessionIdTooShort`, which does not quote it."""
    with pytest.raises(SessionIdTooShort) as refused:
        session_reference("payroll", session_id)
    assert len(session_id) < 4 or session_id not in str(refused.value)


def test_no_user_is_not_an_empty_user_of_another_kind() -> None:
    """Without a user the last field is empty, and present."""
    assert session_reference("a", "0" * 16) == session_reference("a", "0" * 16, "")
