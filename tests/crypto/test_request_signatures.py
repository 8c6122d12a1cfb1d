"""Signed requests against the vectors, and points that are no keys."""

import pytest

from lunasec.encoding import from_base64url
from lunasec.tokenizer.core.signed import Request, Signature, key_name
from lunasec.tokenizer.jose.signatures import EcdsaSignatures
from tests.crypto.vectors import Case, vectors

REQUESTS = vectors("request")
POINT = from_base64url(REQUESTS["public_key"])
CHECK = EcdsaSignatures()


def _request(case: Case) -> Request:
    value = from_base64url(case["signature"])
    return Request(
        method=case["method"],
        path=case["path"],
        body=case["body"].encode(),
        signature=Signature(key_name=key_name(POINT), counter=case["counter"], value=value),
    )


@pytest.mark.parametrize("case", REQUESTS["valid"])
def test_good_signatures(case: Case) -> None:
    """The same bytes are signed, and the signature is believed."""
    request = _request(case)
    message = request.message(case["session"])
    assert message == from_base64url(case["message"])
    assert CHECK.is_genuine(POINT, message, request.signature.value)
    assert key_name(POINT) == from_base64url(REQUESTS["name"])


@pytest.mark.parametrize("case", REQUESTS["invalid"], ids=lambda case: case["why"])
def test_bad_signatures(case: Case) -> None:
    """A signature for anything else is worth nothing."""
    request = _request(case)
    message = request.message(case["session"])
    assert not CHECK.is_genuine(POINT, message, request.signature.value)


@pytest.mark.parametrize(
    "point",
    [
        b"",
        bytes(65),
        b"\4" + bytes(64),
        POINT[:-1],
        POINT + b"\0",
        POINT[:-1] + bytes([POINT[-1] ^ 1]),
        b"\2" + POINT[1:33],
        b"\6" + POINT[1:],
        b"\4" + b"\xff" * 64,
    ],
)
def test_points_that_are_no_keys(point: bytes) -> None:
    """Not on the curve, of another form or length: no key, and it verifies nothing."""
    assert CHECK.is_key(POINT)
    assert not CHECK.is_key(point)
    assert not CHECK.is_genuine(point, b"", bytes(64))
