"""Tokens as an application hands them in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.encoding import to_base64url
from lunasec.errors import TokenMalformed
from lunasec.sdk.tokens import MOST_A_REQUEST, Tokens, batches, is_token, named
from lunasec.tokenizer.core.tokens import Token
from tests.sdk.scripted import token

ONE, TWO = token(1), token(2)


@pytest.mark.parametrize("tokens", [None, "", [], [None], ["", None], (), iter(())])
def test_empty_fields_ask_for_nothing(tokens: Tokens) -> None:
    """None, an empty text, and lists of nothing else make no request."""
    assert batches(tokens) == ()


def test_one_token_is_a_list_of_one() -> None:
    """A token by itself and a list of it are the same."""
    assert batches(ONE) == batches([ONE])


def test_places_are_those_of_the_list_given() -> None:
    """Each token keeps its index in the application's list, empty places counted."""
    (batch,) = batches([None, ONE, "", TWO])
    assert (batch.tokens, batch.places) == ((ONE, TWO), (1, 3))


@given(count=st.integers(0, 3 * MOST_A_REQUEST + 1))
def test_long_lists_are_split_and_lose_nothing(count: int) -> None:
    """No request is over the tokenizer's limit, and all together they are the list."""
    parts = batches([ONE] * count)
    assert all(0 < len(part.tokens) <= MOST_A_REQUEST for part in parts)
    assert [place for part in parts for place in part.places] == list(range(count))


@given(random=st.binary(min_size=32, max_size=32))
def test_takes_every_token_of_the_tokenizer(random: bytes) -> None:
    """What the tokenizer writes is a token here."""
    assert is_token(Token.of(random).text())


@given(at=st.integers(0, 56), letter=st.sampled_from("AZaz09-_ =+/é"))
def test_a_typo_is_no_token(at: int, letter: str) -> None:
    """One changed character anywhere is noticed without a question to the tokenizer."""
    typo = ONE[:at] + letter + ONE[at + 1 :]
    assert is_token(typo) == (typo == ONE)


def test_one_token_has_one_spelling() -> None:
    """Stray bits in the last character, with a matching checksum, are refused."""
    import hashlib  # noqa: PLC0415 - for this one check

    body = ONE[8:51]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = body[:-1] + last[last.index(body[-1]) + 1]
    digest = hashlib.sha256(b"lunasec/token/v1" + other.encode()).digest()
    assert not is_token(f"lunasec-{other}{to_base64url(digest)[:6]}")


def test_a_value_never_leaves_the_application() -> None:
    """What is no token is refused before anything is sent, by its index, and is not quoted."""
    with pytest.raises(TokenMalformed) as refused:
        batches([None, ONE, "078-05-1120"])
    assert "index 2" in str(refused.value)
    assert "078" not in str(refused.value)


def test_messages_name_places_and_no_token() -> None:
    """A refusal names tokens by their index, or none where only one was given."""
    assert named([1, 3], [None, ONE, None, TWO]) == "The tokens at indexes 1, 3"
    assert named([1], [None, ONE]) == "The token at index 1"
    assert named([0], ONE) == "The token"
