"""Tokens are read or refused; a typo is never taken for another token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.encoding import from_base64url
from lunasec.errors import TokenMalformed
from lunasec.tokenizer.core.tokens import SECRET_BYTES, Token
from tests.crypto.vectors import Case, vectors

VECTORS = vectors("token")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
GOOD: str = VECTORS["valid"][3]["token"]


@pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: case["token"][:14])
def test_vectors_are_read_and_written(case: Case) -> None:
    """Each vector is read as its secret, and written from it, character by character."""
    secret = from_base64url(case["secret"])
    assert Token.parse(case["token"]).secret.reveal() == secret
    assert Token.of(secret).text() == case["token"]


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=lambda case: case["why"])
def test_vectors_are_refused(case: Case) -> None:
    """Each malformed vector is refused with its code."""
    with pytest.raises(TokenMalformed) as caught:
        Token.parse(case["token"])
    assert caught.value.code == case["error"]


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("the prefix alone", "49 characters"),
        ("checksum mistyped", "mistyped or cut off"),
        ("stray bits in the last character, checksum right", "canonical"),
    ],
)
def test_a_refusal_says_what_to_look_at(why: str, reason: str) -> None:
    """A wrong shape, a wrong checksum and a second spelling are refused in words of their own."""
    text = next(case["token"] for case in VECTORS["invalid"] if case["why"] == why)
    with pytest.raises(TokenMalformed, match=reason):
        Token.parse(text)


@given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
def test_a_token_comes_back(random: bytes) -> None:
    """Every token can be read back, is 57 characters of ASCII, and equals itself alone."""
    token = Token.of(random)
    text = token.text()
    assert len(text) == 57
    assert text.isascii()
    assert Token.parse(text) == token
    assert Token.of(bytes(each ^ 1 for each in random)) != token


def test_every_typo_is_noticed() -> None:
    """Any one character replaced, left out, doubled or exchanged with its neighbor is refused."""
    typos = {GOOD[:at] + letter + GOOD[at + 1 :] for at in range(57) for letter in ALPHABET}
    typos |= {GOOD[:at] + GOOD[at + 1 :] for at in range(57)}
    typos |= {GOOD[:at] + GOOD[at] + GOOD[at:] for at in range(57)}
    typos |= {GOOD[:at] + GOOD[at + 1] + GOOD[at] + GOOD[at + 2 :] for at in range(56)}
    typos.discard(GOOD)
    assert len(typos) > 3600
    for typo in typos:
        with pytest.raises(TokenMalformed):
            Token.parse(typo)


@given(st.text(max_size=80) | st.text(alphabet=ALPHABET, max_size=60).map("lunasec-".__add__))
def test_any_other_text_is_refused_by_its_code_alone(text: str) -> None:
    """No text raises anything but `TokenMalformed`, and the refusal does not quote the text."""
    with pytest.raises(TokenMalformed) as caught:
        Token.parse(text)
    assert len(text) < 9 or text not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_refusal_never_quotes_a_token() -> None:
    """Not even a token that is right but for its last character is shown in the error."""
    with pytest.raises(TokenMalformed) as caught:
        Token.parse(GOOD[:-1] + ("A" if GOOD[-1] != "A" else "B"))
    assert GOOD[8:20] not in repr(caught.value)


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_a_token_has_256_random_bits(length: int) -> None:
    """A token of fewer or more than 32 random bytes is not made."""
    with pytest.raises(ValueError, match=r"32 random bytes"):
        Token.of(bytes(length))


def test_its_representation_says_nothing() -> None:
    """A token in a log or a traceback is hidden."""
    assert repr(Token.parse(GOOD)) == "Token(secret=Secret(…))"
