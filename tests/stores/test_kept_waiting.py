"""Reads that wait for room: what was released is fetched afterwards, where it still may leave."""

from collections.abc import Awaitable, Callable

import pytest

from lunasec.errors import TooManyRequests
from lunasec.tokenizer.core.ledger import Want
from lunasec.tokenizer.core.sealed import OpenedValue
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.core.values import Release
from lunasec.tokenizer.vault import Released
from tests.stores.made_up import ALICE
from tests.stores.whole import Whole

Meanwhile = Callable[[Whole, list[Token]], Awaitable[object]]


async def revoke(whole: Whole, tokens: list[Token]) -> None:
    """Take the grants of the first back."""
    await whole.grants.revoke(whole.back_end, ALICE, tokens[:1])


async def erase(whole: Whole, tokens: list[Token]) -> None:
    """Erase the first."""
    await whole.erasures.erase(whole.back_end, tokens[:1])


async def log_out(whole: Whole, _: list[Token]) -> None:
    """End the session."""
    await whole.sessions.end(whole.back_end, ALICE)


async def outlast(whole: Whole, _: list[Token]) -> None:
    """Let the grants end."""
    whole.now += 900


async def nothing(_: Whole, __: list[Token]) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("meanwhile", "left"),
    [
        (nothing, [True, True]),
        (revoke, [False, True]),
        (erase, [False, True]),
        (log_out, [False, False]),
        (outlast, [False, False]),
    ],
)
async def test_what_was_taken_away_meanwhile_stays(
    whole: Whole, meanwhile: Meanwhile, left: list[bool]
) -> None:
    """Whoever waited for room gets what may leave at the end of the wait, and no more."""
    frame = await whole.log_in()
    tokens = await whole.tokens(frame, 2)

    async def wait(_: object) -> None:
        await meanwhile(whole, tokens)

    opened = await whole.vault.detokenize(frame, tokens, decided=wait)
    assert [each is not None for each in opened] == left


async def test_sizes_are_known_before_anything_is_fetched(whole: Whole) -> None:
    """What is told is what leaves, each with its size, and not what was asked for."""
    frame, told = await whole.log_in(), list[int]()
    [token] = await whole.tokens(frame, buckets=4)
    await whole.grants.revoke(whole.back_end, ALICE, [token])
    small = await whole.tokens(frame, 2)

    async def note(released: Released) -> None:
        told.extend(each.record.weight if isinstance(each, Release) else 0 for each in released)

    opened = await whole.vault.detokenize(frame, [token, *small], decided=note)
    assert told == [len(each.ciphertext) if isinstance(each, OpenedValue) else 0 for each in opened]
    assert told[0] == 0 < told[1] == told[2]


async def test_without_room_nothing_is_fetched(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gets no room is refused before a ciphertext is in memory."""
    frame = await whole.log_in()
    tokens = await whole.tokens(frame)
    looked = list[Want]()

    async def full(_: object) -> None:
        raise TooManyRequests

    async def noted(_: object, want: Want) -> None:
        looked.append(want)

    monkeypatch.setattr(type(whole.store), "look", noted)
    with pytest.raises(TooManyRequests):
        await whole.vault.detokenize(frame, tokens, decided=full)
    assert looked == []
