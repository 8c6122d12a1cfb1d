"""Signed requests: what is signed, how it is written, and that no counter counts twice."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.encoding import to_base64url
from lunasec.errors import MalformedRequest
from lunasec.tokenizer.core.signed import WIDTH, Request, Signature, count, key_name

NAME = key_name(b"a key")
GOOD = f"{to_base64url(NAME)}.7.{to_base64url(bytes(64))}"


@given(st.lists(st.integers(1, 2 * WIDTH) | st.integers(1, 2**53), max_size=200))
def test_no_counter_counts_twice(counters: list[int]) -> None:
    """In whatever order they come, each counts once; those far behind count no more at all."""
    highest, seen, used = 0, b"", set[int]()
    for counter in counters:
        counted = count(highest, seen, counter)
        fresh = counter not in used and counter > highest - WIDTH
        assert (counted is not None) == fresh, (highest, counter)
        if counted is not None:
            highest, seen = counted
            used.add(counter)
            assert highest == max(used)
            assert len(seen) == WIDTH // 8


def test_window_is_as_wide_as_it_says() -> None:
    """The last one that may be overtaken counts, and the one before it does not."""
    counted = count(0, b"", 1000)
    assert counted is not None
    assert count(*counted, 1000 - WIDTH + 1) is not None
    assert count(*counted, 1000 - WIDTH) is None


def test_who_was_overtaken_counts_once() -> None:
    """What comes late is used as well, and what was used before it stays so."""
    highest, seen = 0, b""
    order = (1, 5, 3, 2, 4)
    for at, counter in enumerate(order):
        counted = count(highest, seen, counter)
        assert counted is not None
        highest, seen = counted
        assert [count(highest, seen, each) for each in order[: at + 1]] == [None] * (at + 1)


@pytest.mark.parametrize("step", [1, 2, WIDTH - 1, WIDTH, WIDTH + 1, 2**52])
def test_a_full_window_moves_on(step: int) -> None:
    """Where every counter in the window was used, the next ones still count, once each."""
    highest, seen = 0, b""
    for counter in (*range(1, 2 * WIDTH + 1), 2 * WIDTH + step, 2 * WIDTH + 2 * step):
        counted = count(highest, seen, counter)
        assert counted is not None
        assert count(*counted, counter) is None
        assert len(counted[1]) == WIDTH // 8
        highest, seen = counted


def test_header_is_read() -> None:
    """Name, counter and signature, as they were written."""
    signature = Signature.parse(GOOD)
    assert (signature.key_name, signature.counter, signature.value) == (NAME, 7, bytes(64))
    assert "value" not in repr(signature)


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD.replace(".7.", ".0."),
        GOOD.replace(".7.", ".07."),
        GOOD.replace(".7.", ".-7."),
        GOOD.replace(".7.", ".7e1."),
        GOOD.replace(".7.", ".\u0667."),
        GOOD.replace(".7.", f".{'9' * 17}."),
        GOOD.replace(".7.", ".7.7."),
        f"{GOOD} ",
        f"{GOOD}\n",
        f"{GOOD}A",
        f"{GOOD[:-1]}B",  # stray bits: a second spelling
        GOOD[1:],
        f"{GOOD}, {GOOD}",
    ],
)
def test_header_has_one_spelling(text: str) -> None:
    """What else there is is refused, whatever it may have meant."""
    with pytest.raises(MalformedRequest):
        Signature.parse(text)


@given(st.lists(st.text(max_size=8), min_size=5, max_size=5), st.integers(1, 3))
def test_no_two_requests_are_signed_alike(texts: list[str], counter: int) -> None:
    """Each part is behind its length: a character moved to the next part changes the bytes."""
    method, path, body, session, other = texts
    one = _request(method, path, body, counter).message(session)
    for changed in (
        _request(method + other, path, body, counter).message(session),
        _request(method, path + other, body, counter).message(session),
        _request(method, path, body + other, counter).message(session),
        _request(method, path, body, counter).message(session + other),
    ):
        assert (changed == one) == (other == "")
    assert _request(method, path, body, counter + 1).message(session) != one
    if method:
        moved = _request(method[:-1], method[-1] + path, body, counter)
        assert moved.message(session) != one


def test_what_is_signed() -> None:
    """The label and each part behind its length; the body as its hash, the counter in 8 bytes."""
    parts = (
        b"lunasec/request/v1",
        b"POST",
        b"/v1/read?x=1",
        hashlib.sha256(b"body").digest(),
        b"session",
        NAME,
        bytes(6) + b"\1\2",
    )
    signed = b"".join(bytes((0, 0, 0, len(each))) + each for each in parts)
    assert _request("POST", "/v1/read?x=1", "body", 258).message("session") == signed


def _request(method: str, path: str, body: str, counter: int) -> Request:
    signature = Signature(key_name=NAME, counter=counter, value=bytes(64))
    return Request(method=method, path=path, body=body.encode(), signature=signature)
