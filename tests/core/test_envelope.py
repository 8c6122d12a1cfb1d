"""The value envelope's header and length are found right, or it is refused."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.encoding import from_base64url
from lunasec.errors import CiphertextMalformed, LunaSecError, TooLarge
from lunasec.tokenizer.core.envelope import Envelope, associated_data
from tests.crypto.vectors import Case, vectors

VECTORS = vectors("envelope")
HEADER = b"\x01\x01" + bytes(range(16)) + bytes(12)
WHOLE = [case for case in VECTORS["valid"] if "ciphertext" in case]


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case["why"])
def test_vectors_are_read(case: Case) -> None:
    """Each vector gives its value id, size class and associated data."""
    ciphertext = from_base64url(case["ciphertext"])
    envelope = Envelope.parse(ciphertext, application=case["application"], kind=case["kind"])
    assert envelope.value_id == from_base64url(case["value_id"])
    assert envelope.buckets == case["buckets"]
    assert envelope.associated_data() == from_base64url(case["associated_data"])
    assert envelope.ciphertext == ciphertext


@pytest.mark.parametrize(
    "case", VECTORS["invalid"], ids=lambda case: f"{case['why']} {case['kind']}"
)
def test_vectors_are_refused(case: Case) -> None:
    """Each malformed vector is refused with its code."""
    data = (
        from_base64url(case["zeros_after"]).ljust(case["length"], b"\x00")
        if "zeros_after" in case
        else from_base64url(case["ciphertext"])
    )
    with pytest.raises(LunaSecError) as caught:
        Envelope.parse(data, application=case["application"], kind=case["kind"])
    assert caught.value.code == case["error"]


def test_one_version_and_one_suite_are_known() -> None:
    """Of all 65,536 versions and suites, the one that exists is accepted."""
    rest = HEADER[2:] + bytes(256 + 16)
    accepted = [
        (version, suite)
        for version, suite in product(range(256), repeat=2)
        if parsed(bytes((version, suite)) + rest)
    ]
    assert accepted == [(1, 1)]


def test_only_whole_buckets_are_accepted() -> None:
    """Of all lengths up to 3 buckets and around the longest, exactly whole buckets are read."""
    lengths = [*range(900), *range(46 + 255 * 256, 46 + 260 * 256)]
    accepted = [length for length in lengths if parsed(HEADER.ljust(length, b"\x00")[:length])]
    assert accepted == [46 + 256 * buckets for buckets in (1, 2, 3, 255, 256, 257)]


def parsed(data: bytes) -> bool:
    """Say whether this is read as an envelope; any other error than a refusal is a failure."""
    try:
        envelope = Envelope.parse(data, application="payroll", kind="text")
    except (CiphertextMalformed, TooLarge):
        return False
    return 46 + 256 * envelope.buckets == len(data)


@given(st.binary(max_size=600), st.text(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes, kind: str) -> None:
    """No bytes and no kind raise anything but a refusal."""
    try:
        Envelope.parse(data, application="payroll", kind=kind)
    except CiphertextMalformed:
        return
    assert data[:2] == b"\x01\x01"


def test_kinds_are_names() -> None:
    """Of all kinds of up to 3 characters of a small alphabet, those that are names are accepted."""
    letters = "az09-_A.\n "
    for kind in ("".join(each) for size in range(4) for each in product(letters, repeat=size)):
        name = kind[:1] in {"a", "z"} and set(kind) <= set("az09-")
        try:
            Envelope.parse(HEADER + bytes(272), application="payroll", kind=kind)
        except CiphertextMalformed:
            assert not name, kind
        else:
            assert name, kind


Bound = tuple[str, str, int, bytes]
BOUND = st.tuples(
    st.sampled_from(["a", "ab", "payroll", "payrol"]),
    st.sampled_from(["b", "bc", "text", "ltext"]),
    st.integers(1, 257),
    st.binary(min_size=16, max_size=16),
)


@given(BOUND, BOUND)
def test_no_two_values_are_bound_alike(one: Bound, other: Bound) -> None:
    """Associated data differ as soon as application, kind, size class or value id differ."""
    assert (bound(one) == bound(other)) == (one == other)


def bound(of: Bound) -> bytes:
    """Give the associated data."""
    application, kind, buckets, value_id = of
    return associated_data(application=application, kind=kind, buckets=buckets, value_id=value_id)
