"""What the frame does with a value, in Python, by the vectors that the browser is tested by."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.encoding import from_base64url, to_base64url
from lunasec.errors import CiphertextMalformed, TooLarge
from lunasec.sealing import open_value, seal_value
from tests.crypto.vectors import Case, vectors

VECTORS = vectors("envelope")
WHOLE = [case for case in VECTORS["valid"] if "ciphertext" in case]
KEY = bytes(range(32))


def seal(text: str, *, value_id: bytes = bytes(16), nonce: bytes = bytes(12)) -> bytes:
    """Seal a text."""
    return seal_value(
        text, application="payroll", kind="ssn", dek=KEY, value_id=value_id, nonce=nonce
    )


def unsealed(data: bytes) -> str:
    """Open what `seal` sealed."""
    return open_value(data, application="payroll", kind="ssn", dek=KEY)


def sealed(case: Case) -> bytes:
    """Seal a vector's text."""
    repeated = case.get("repeated", {"text": case.get("text"), "times": 1})
    return seal_value(
        repeated["text"] * repeated["times"],
        application=case["application"],
        kind=case["kind"],
        dek=from_base64url(case["key"]),
        value_id=from_base64url(case["value_id"]),
        nonce=from_base64url(case["nonce"]),
    )


@pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: case["why"])
def test_vectors_are_sealed(case: Case) -> None:
    """Each vector is sealed byte by byte as another program sealed it."""
    ciphertext = sealed(case)
    if "ciphertext" in case:
        assert to_base64url(ciphertext) == case["ciphertext"]
    else:
        digest = hashlib.sha256(ciphertext).digest()
        assert to_base64url(digest) == case["ciphertext_sha256"]


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case["why"])
def test_vectors_open(case: Case) -> None:
    """Each vector opens to its text."""
    assert opened(case) == case["text"]


@pytest.mark.parametrize("case", VECTORS["unopenable"], ids=lambda case: case["why"])
def test_vectors_stay_shut(case: Case) -> None:
    """Changed, renamed, badly padded values and those of another key are refused."""
    with pytest.raises(CiphertextMalformed) as caught:
        opened(case)
    assert caught.value.code == case["error"]


def opened(case: Case) -> str:
    """Open a vector."""
    return open_value(
        from_base64url(case["ciphertext"]),
        application=case["application"],
        kind=case["kind"],
        dek=from_base64url(case["key"]),
    )


@given(st.text(max_size=600), st.binary(min_size=16, max_size=16))
def test_every_text_comes_back(text: str, value_id: bytes) -> None:
    """Every text opens to itself, and its envelope tells nothing but its size class."""
    data = seal(text, value_id=value_id)
    assert unsealed(data) == text
    assert len(data) == 46 + 256 * (len(text.encode()) // 256 + 1)


def test_a_value_has_a_longest_length() -> None:
    """64 KiB of UTF-8 are sealed, one byte more is refused; bytes count, not characters."""
    assert unsealed(seal("é" * 32768)) == "é" * 32768
    with pytest.raises(TooLarge):
        seal("é" * 32768 + "x")


@pytest.mark.parametrize(("value_id", "nonce"), [(15, 12), (17, 12), (16, 11), (16, 13), (0, 0)])
def test_ids_and_nonces_have_their_lengths(value_id: int, nonce: int) -> None:
    """A value id or nonce of another length is not used."""
    with pytest.raises(ValueError, match="16 bytes"):
        seal("x", value_id=bytes(value_id), nonce=bytes(nonce))
