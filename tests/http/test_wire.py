"""Bodies are read strictly: what is not foreseen is refused."""

import json
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import pytest

from lunasec.errors import LunaSecError, MalformedRequest, TooLarge
from lunasec.tokenizer.http import sealed, wire
from lunasec.tokenizer.http.routes import CALLS

S: Final = "A" * 43
VALUE: Final = {"key": "k", "ciphertext": "c", "kind": "ssn", "metadata": {"label": "x"}}
GOOD: Final[Mapping[type[wire.Body], dict[str, Any]]] = {
    wire.Ensure: {"session": S, "renew": True},
    wire.CreateSession: {"handle": S},
    wire.OfferHandle: {
        "state": S,
        "session": S,
        "origin": "https://app.example.com",
        "expires_in": 60,
        "subject": "ada",
        "temporary": False,
        "document": False,
    },
    wire.RegisterKey: {"session": S, "secret": S, "key": "A" * 87},
    wire.EndSession: {"session": S},
    wire.UpgradeSession: {"from": S, "session": S},
    wire.CreateGrants: {
        "session": S,
        "tokens": ["t"],
        "actions": ["read", "copy"],
        "expires_in": 60,
        "max_reads": 1,
    },
    wire.VerifyGrants: {"session": S, "tokens": ["t"], "action": "store"},
    wire.RevokeGrants: {"session": S, "tokens": ["t"]},
    wire.Tokenize: {"session": S, "values": [VALUE]},
    wire.Tokens: {"session": S, "tokens": ["t"]},
    wire.Detokenize: {"session": S, "tokens": ["t"], "action": "read"},
    wire.Erase: {"tokens": ["t"], "subject": "ada"},
    wire.PlanUpload: {"session": S, "size": 57},
    wire.NamedUpload: {"session": S, "upload": S},
    wire.ReadSegment: {"session": S, "token": "t", "segment": 0},
}
OPTIONAL: Final = {
    "action",
    "actions",
    "document",
    "expires_in",
    "max_reads",
    "renew",
    "state",
    "subject",
    "temporary",
}
WRONG: Final[Mapping[str, tuple[Any, ...]]] = {
    "session": (None, 1, "", S[:-1], S + "A", S + "\n", S[:-1] + "+", S[:-1] + "=", [S], {}),
    "state": (None, S + "\n"),
    "handle": (None, S + "\n"),
    "secret": (None, S + "\n"),
    "key": (None, S, "A" * 88, "A" * 86 + "\n"),
    "document": (None, "true", 1),
    "from": (None, S + "\n"),
    "renew": (None, "true", 1, 0),
    "temporary": (None, "true", 1),
    "origin": (None, 1, "x" * 257),
    "subject": (1, "x" * 257, ["ada"]),
    "expires_in": (0, -1, 43_201, 1.5, 60.0, "60", True, [60], 2**63, 10**30),
    "max_reads": (0, -1, 1_000_001, 1.0, "1", True),
    "actions": (
        None,
        [],
        "read",
        ["store"],
        ["read", "store"],
        ["read", "read"],
        ["copy"],
        ["copy", "read"],
    ),
    "action": (None, "", "erase", ["read"], 1),
    "size": (None, 0, -1, 2**53 + 1, 2**64, 10**30, 57.0, 57.5, "57", True, [57]),
    "upload": (None, 1, "", S[:-1], S + "A", S + "\n", S[:-1] + "+", [S]),
    "token": (None, 1, ["t"], {}),
    "segment": (None, -1, 2**32, 10**30, 0.0, "0", False, [0]),
    "tokens": ([], "t", [1], [None], [["t"]], {"0": "t"}, ["t"] * 1001),
    "values": (
        None,
        [],
        {},
        [None],
        [{}],
        [{**VALUE, "more": 1}],
        [{**VALUE, "kind": "Ssn"}],
        [{**VALUE, "kind": "ssn\n"}],
        [{**VALUE, "kind": "s" * 33}],
        [{**VALUE, "kind": ""}],
        [{**VALUE, "key": None}],
        [{**VALUE, "upload": None}],
        [{**VALUE, "upload": S + "\n"}],
        [{**VALUE, "metadata": None}],
        [{**VALUE, "metadata": []}],
        [{**VALUE, "metadata": {"a": 1}}],
        [{**VALUE, "metadata": {"a": "x" * 257}}],
        [{**VALUE, "metadata": {"x" * 257: "a"}}],
        [{**VALUE, "metadata": {str(each): "" for each in range(17)}}],
        [VALUE] * 1001,
    ),
}


def _refused(body: object, kind: type[wire.Body]) -> str:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises((MalformedRequest, TooLarge)) as refused:
        wire.read(data, kind)
    # Only a list that is too long is too large; the rest is malformed.
    too_long = refused.value.detail.startswith("Expected `array` of length <=")
    assert isinstance(refused.value, TooLarge) == too_long
    return refused.value.detail


def read_good(kind: type[wire.Body]) -> wire.Body:
    """Read a body with all of its fields."""
    return wire.read(msgspec.json.encode(GOOD[kind]), kind)


def test_every_body_is_covered() -> None:
    """The bodies here are those of all addresses."""
    assert set(GOOD) == {each.body for each in CALLS} | {wire.CreateSession}


@pytest.mark.parametrize("kind", GOOD, ids=lambda each: each.__name__)
def test_body_is_read_with_and_without_its_optional_fields(kind: type[wire.Body]) -> None:
    """A full body is read, and so is each that lacks one optional field; others are needed."""
    wire.read(msgspec.json.encode(GOOD[kind]), kind)
    for name in GOOD[kind]:
        less = {each: value for each, value in GOOD[kind].items() if each != name}
        optional = name in OPTIONAL or kind in {wire.RevokeGrants, wire.Erase}
        if optional and (kind, name) != (wire.OfferHandle, "expires_in"):
            wire.read(msgspec.json.encode(less), kind)
        else:
            assert _refused(less, kind) == f"Object missing required field `{name}`"


@pytest.mark.parametrize("kind", GOOD, ids=lambda each: each.__name__)
def test_unknown_field_is_refused(kind: type[wire.Body]) -> None:
    """A field more, another case of one, or one with a space, is a mistake and no extension."""
    for name in (
        *(each.upper() for each in GOOD[kind]),
        "x",
        "",
        "session ",
        "__proto__",
        "$schema",
    ):
        detail = _refused({**GOOD[kind], name: S}, kind)
        assert detail == "The body has an unknown field or a wrong value."


@pytest.mark.parametrize("kind", GOOD, ids=lambda each: each.__name__)
def test_wrong_field_is_refused(kind: type[wire.Body]) -> None:
    """Each field takes its own type, within its own bounds, and converts nothing."""
    for name in GOOD[kind]:
        for value in WRONG[name]:
            if value is None and kind is wire.RevokeGrants:
                continue  # is as good as absent
            if name == "expires_in" and kind is wire.CreateGrants and value == 43_201:
                value = 3_601  # noqa: PLW2901 - a grant's bound is another
            _refused({**GOOD[kind], name: value}, kind)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'""',
        b"0",
        b"{",
        b'{"session": "%s"' % S.encode(),
        b'{"session": "%s"}}' % S.encode(),
        b'{"session": "%s"} {}' % S.encode(),
        b'{"session": "%s",}' % S.encode(),
        b"{'session': '%s'}" % S.encode(),
        b'{"session": "%s"} // x' % S.encode(),
        b'\xef\xbb\xbf{"session": "%s"}' % S.encode(),
        json.dumps({"session": S}).encode("utf-16"),
        json.dumps({"session": S}).encode("utf-16-le"),
        b'{"session": "%s", "tokens": ["\xff"]}' % S.encode(),
        b'{"session": "%s", "tokens": ["\xed\xa0\x80"]}' % S.encode(),
        b'{"session": "%s", "tokens": ["\\ud800"]}' % S.encode(),
        b'{"session": "%s", "tokens": [NaN]}' % S.encode(),
        b'{"session": "%s", "tokens": [Infinity]}' % S.encode(),
        b'{"session": "%s", "tokens": ["\x00"]}' % S.encode(),
    ],
)
def test_what_is_not_json_is_refused(data: bytes) -> None:
    """Other encodings, comments, half a document, two documents, and numbers that are none."""
    _refused(data, wire.Tokens)


def test_value_has_one_spelling() -> None:
    """Key and ciphertext are strict base64url; a key has 32 bytes."""
    for key, ciphertext in (
        ("A" * 43, "AQE="),
        ("A" * 43, "A+E"),
        ("A" * 43, "AQF"),
        ("A" * 42 + "B", "AQE"),
        ("A" * 42, "AQE"),
        ("A" * 44, "AQE"),
        ("", "AQE"),
    ):
        with pytest.raises(LunaSecError) as refused:
            sealed.sealed_value(wire.Value(key=key, ciphertext=ciphertext))
        assert refused.value.code == "ciphertext_malformed"
    assert len(sealed.sealed_value(wire.Value(key="A" * 43, ciphertext="AQE")).dek) == 32
