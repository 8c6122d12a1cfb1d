"""`Secret`: bytes that can be used, and nothing else."""

import base64
import copy
import dataclasses
import hashlib
import json
import logging
import pickle
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.tokenizer.core.secret import Secret

BYTES = b"canary-\x00\xff-0123456789abcdef"


@dataclasses.dataclass(frozen=True)
class Holder:
    """Something that holds a secret."""

    secret: Secret


def spellings(data: bytes) -> list[str]:
    """Give the ways in which bytes show up in a log."""
    return [
        repr(data)[2:-1],
        data.hex(),
        base64.b64encode(data).decode(),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
        str(list(data))[1:-1],
    ]


REFUSED: dict[str, Callable[[Any], object]] = {
    "str": str,
    "format": lambda secret: f"{secret}",
    "format with a width": lambda secret: f"{secret:>40}",
    "percent": lambda secret: "%s" % secret,  # noqa: UP031 - this is what is tested
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "list": list,
    "iteration": lambda secret: [*secret],
    "index": lambda secret: secret[0],
    "concatenation": lambda secret: b"" + secret,
    "join": lambda secret: b"".join([secret]),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "asdict": lambda secret: dataclasses.asdict(Holder(secret)),
    "pickle": pickle.dumps,
    "pickle 0": lambda secret: pickle.dumps(secret, 0),
    "state": lambda secret: secret.__getstate__(),
    "json": json.dumps,
    "msgspec": msgspec.json.encode,
    "order": lambda secret: secret < Secret(b""),
    "vars": vars,
    "int": int,
}


@pytest.mark.parametrize("way", REFUSED.values(), ids=REFUSED.keys())
def test_there_is_no_other_way_out(way: Callable[[Any], object]) -> None:
    """Everything that would copy, print or unpack a secret raises `TypeError`, silently."""
    with pytest.raises(TypeError) as caught:
        way(Secret(BYTES))
    assert not any(spelling in str(caught.value) for spelling in spellings(BYTES))


OWN = ["str", "format", "bytes", "list", "copy", "deepcopy", "asdict", "pickle", "state"]


@pytest.mark.parametrize("way", OWN)
def test_a_refusal_says_why(way: str) -> None:
    """Who tries one of the usual ways is told that it is refused on purpose."""
    with pytest.raises(TypeError, match="a Secret can't be copied, printed"):
        REFUSED[way](Secret(BYTES))


def test_secrets_are_told_apart_in_a_table() -> None:
    """A hundred secrets have a hundred hashes, none of which is the bytes' own."""
    secrets = [Secret(bytes((each,)) * 32) for each in range(100)]
    assert len({hash(each) for each in secrets}) == 100
    assert not any(hash(each) == hash(each.reveal()) for each in secrets)


def test_it_is_used_by_revealing_it() -> None:
    """`reveal` gives the bytes, `digest` their SHA-256, `len` their number."""
    secret = Secret(BYTES)
    assert secret.reveal() == BYTES
    assert secret.digest() == hashlib.sha256(BYTES).digest()
    assert len(secret) == len(BYTES)


def test_what_it_was_made_of_can_not_change_it() -> None:
    """A secret keeps its bytes when the buffer that it was made of is overwritten."""
    buffer = bytearray(b"0123456789abcdef")
    secret = Secret(buffer)  # type: ignore[arg-type]
    buffer[:] = bytes(16)
    assert secret.reveal() == b"0123456789abcdef"


@given(st.binary(max_size=40))
def test_its_representation_says_nothing(data: bytes) -> None:
    """`repr` is the same for every secret, so also in tracebacks, dataclasses and `%r`."""
    assert repr(Secret(data)) == "Secret(…)"
    assert repr(Holder(Secret(data))) == "Holder(secret=Secret(…))"


def test_a_careless_log_line_shows_nothing(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """A secret that is given to `logging` does not get into the log, nor onto the terminal."""
    logger = logging.getLogger("test_secret")
    logger.warning("%r", Secret(BYTES))
    logger.error("failed", exc_info=ValueError(Secret(BYTES)))
    shown = caplog.text + "".join(capsys.readouterr())
    assert "failed" in shown
    assert not any(spelling in shown for spelling in spellings(BYTES))


@given(st.binary(max_size=3), st.binary(max_size=3))
def test_equal_means_the_same_bytes(one: bytes, other: bytes) -> None:
    """Secrets are equal, and hash alike, exactly when their bytes are equal."""
    assert (Secret(one) == Secret(other)) == (one == other)
    assert (Secret(one) != Secret(other)) == (one != other)
    if one == other:
        assert hash(Secret(one)) == hash(Secret(other))


@pytest.mark.parametrize("other", [BYTES, BYTES.hex(), None, 0, bytearray(BYTES)])
def test_it_equals_nothing_but_a_secret(other: object) -> None:
    """A comparison with bare bytes is False, so no `==` in variable time gets in by accident."""
    assert Secret(BYTES) != other
    assert other != Secret(BYTES)


@pytest.mark.parametrize("name", ["_Secret__value", "value", "__dict__"])
def test_it_never_changes(name: str) -> None:
    """No attribute of a secret can be set or deleted; the refusal names it."""
    secret = Secret(BYTES)
    with pytest.raises(AttributeError, match=f"^{name}$"):
        setattr(secret, name, b"other")
    with pytest.raises(AttributeError, match=f"^{name}$"):
        delattr(secret, name)
    assert secret.reveal() == BYTES
