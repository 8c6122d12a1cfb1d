"""Files without HTTP, on every store: how long uploads live, who may read, what upkeep removes."""

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from lunasec.errors import LunaSecError, NoSession, NotGranted
from tests.stores.filed import SIZE, left, put, reads, sent, stored
from tests.stores.made_up import ALICE, BOB
from tests.stores.whole import Whole, sealed

if TYPE_CHECKING:
    from lunasec.tokenizer.core.tokens import Token


async def test_reading_ends_with_the_grant(whole: Whole) -> None:
    """Revoked, expired, erased, logged out: not one segment more, whoever had the key by then."""
    frame = await whole.log_in()
    token = await stored(whole, frame)
    assert await reads(whole, frame, token)
    await whole.grants.revoke(whole.back_end, ALICE, [token])
    assert not await reads(whole, frame, token)
    await whole.grant(frame, [token])
    assert await reads(whole, frame, token)
    await whole.erasures.erase(whole.back_end, [token])
    assert not await reads(whole, frame, token)
    await whole.erasures.undo("payroll", 0)
    assert await reads(whole, frame, token)
    whole.now += 900
    assert not await reads(whole, await whole.log_in(), token)
    again = await whole.log_in()
    await whole.grant(again, [token])
    assert await reads(whole, again, token)
    await whole.sessions.end(whole.back_end, ALICE)
    assert not await reads(whole, again, token)


async def test_spent_read_can_be_finished(whole: Whole) -> None:
    """The one read that was granted is counted at the manifest, not at its segments."""
    frame = await whole.log_in()
    token = await stored(whole, frame, reads=1)
    assert await whole.readable(frame, [token]) == [True]
    assert await whole.readable(frame, [token]) == [False]
    assert await reads(whole, frame, token)


@pytest.mark.parametrize("end", ["end", "upgrade"])
async def test_uploads_end_with_their_session(whole: Whole, end: str) -> None:
    """Log-out ends what was on its way: no segment more, no token, and nothing stays behind."""
    frame = await whole.log_in(BOB, subject=None, temporary=True)
    upload = await sent(whole, frame)
    [found] = await whole.files.whole(frame, [upload])
    if end == "end":
        await whole.sessions.end(whole.back_end, BOB)
    else:
        await whole.log_in(ALICE)
        await whole.sessions.upgrade(whole.back_end, BOB, ALICE)
    with pytest.raises(LunaSecError) as refused:
        await put(whole, frame, upload, 0)
    assert refused.value.code == "no_session"
    value = replace(sealed(), kind="file", upload=found)
    with pytest.raises(NoSession):
        await whole.vault.tokenize(frame, [value])
    assert await left(whole) == 1
    await whole.upkeep.run(whole.now)
    assert await left(whole) == 0


async def test_log_out_during_a_segment_keeps_none_of_it(whole: Whole) -> None:
    """A segment that was under way when its session ended is not acknowledged, and is removed."""
    frame = await whole.log_in()
    upload = await whole.files.plan(frame, SIZE)

    async def body(size: int) -> bytearray:
        await whole.sessions.end(whole.back_end, ALICE)
        await whole.upkeep.run(whole.now)
        return bytearray(size)

    with pytest.raises(NoSession):
        await whole.files.put(frame, upload, 0, body)
    assert await left(whole) == 0


async def test_segment_that_comes_too_late_harms_no_record(whole: Whole) -> None:
    """A segment sent again while its upload was finished is refused; the file stays whole."""
    frame = await whole.log_in()
    upload = await sent(whole, frame)
    tokens: list[Token] = []

    async def body(size: int) -> bytearray:
        [found] = await whole.files.whole(frame, [upload])
        tokens.extend(
            await whole.vault.tokenize(frame, [replace(sealed(), kind="file", upload=found)])
        )
        return bytearray(size)

    with pytest.raises(NotGranted):
        await whole.files.put(frame, upload, 0, body)
    await whole.grant(frame, tokens)
    assert await reads(whole, frame, tokens[0])
