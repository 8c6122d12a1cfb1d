"""The SDK against spec/vectors, which server and browser read too."""

import json
from pathlib import Path
from typing import Any

import pytest

from lunasec.errors import SessionIdTooShort
from lunasec.references import session_reference
from lunasec.sdk.tokens import is_token

VECTORS = Path(__file__).parents[2] / "spec" / "vectors"


def _read(name: str, kind: str) -> list[Any]:
    vectors: list[Any] = json.loads((VECTORS / name).read_text())[kind]
    assert vectors
    return vectors


@pytest.mark.parametrize("vector", _read("reference.json", "valid"))
def test_references(vector: dict[str, Any]) -> None:
    """Application, session id and subject give the reference."""
    found = session_reference(vector["application"], vector["session_id"], vector["subject"])
    assert found == vector["reference"]


@pytest.mark.parametrize("vector", _read("reference.json", "invalid"))
def test_session_ids_that_are_too_short(vector: dict[str, Any]) -> None:
    """An id under 16 characters, in any alphabet, is refused with the code."""
    with pytest.raises(SessionIdTooShort) as refused:
        session_reference(vector["application"], vector["session_id"])
    assert refused.value.code == vector["error"]


@pytest.mark.parametrize("vector", _read("token.json", "valid"))
def test_tokens(vector: dict[str, Any]) -> None:
    """A token is taken."""
    assert is_token(vector["token"])


@pytest.mark.parametrize("vector", _read("token.json", "invalid"))
def test_what_is_no_token(vector: dict[str, Any]) -> None:
    """A wrong prefix, length, letter, checksum or spelling is refused."""
    assert vector["error"] == "token_malformed"
    assert not is_token(vector["token"])
