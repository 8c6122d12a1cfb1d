"""What the plugin answers when the tokenizer or the session id provider refuses."""

import pytest

from lunasec.errors import (
    ApplicationUnknown,
    ConfigurationInvalid,
    CredentialInvalid,
    LunaSecError,
    MalformedRequest,
    SchemeDisabled,
    Sealed,
    SessionEnded,
    SessionIdTooShort,
    TooManyRequests,
    Unavailable,
)
from lunasec.sdk.plugin import Identify
from tests.sdk.plugged import FRAME, OWN, PLUGIN, code, offered


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unavailable("x"), (503, "unavailable")),
        (Sealed("x"), (503, "sealed")),
        (SessionEnded("x"), (409, "session_ended")),
        (TooManyRequests("x", retry_after=9), (429, "too_many_requests")),
    ],
)
def test_refusals_about_the_session_are_told(
    error: LunaSecError, expected: tuple[int, str]
) -> None:
    """That the tokenizer is down, sealed or busy, or the session ended, reaches the page."""
    answer = offered(PLUGIN.start(FRAME)).failed(error)
    assert code(answer) == expected
    assert answer.headers.get("retry-after") == (None if error.retry_after is None else "9")


@pytest.mark.parametrize(
    "error",
    [
        CredentialInvalid("expired"),
        ApplicationUnknown("no such one"),
        MalformedRequest("`origin` is not one of the application's origins."),
        SchemeDisabled("proxy"),
    ],
)
def test_refusals_between_back_ends_are_for_the_log(error: LunaSecError) -> None:
    """A 401 for the application is no 401 for its user: 500, and the reason goes to the log."""
    answer = offered(PLUGIN.start(FRAME)).failed(error)
    assert code(answer) == (500, "internal")
    assert error.detail.encode() not in answer.body
    assert answer.failure is not None
    assert error.code in str(answer.failure)
    assert OWN in str(answer.failure)


@pytest.mark.parametrize("error", [SessionIdTooShort("short"), ConfigurationInvalid("provider")])
def test_a_providers_fault_is_for_the_log(error: LunaSecError) -> None:
    """A provider that answers wrongly is 500 for the page; the log has the reason."""
    step = PLUGIN.start(FRAME)
    assert isinstance(step, Identify)
    answer = step.failed(error)
    assert code(answer) == (500, "internal")
    assert answer.failure is error
