"""T24: small requests that would cost much: answers, derivations and disks have their bounds."""

import msgspec
import pytest

from lunasec.sdk.wire import LARGEST_ANSWER
from lunasec.tokenizer.cipher import Cipher, Derived
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.http.budgets import READ_BYTES, TEMPORARY_VALUES
from lunasec.tokenizer.http.sealed import METADATA_BYTES
from tests.http.local import Local
from tests.http.parties import UNKNOWN, Browser, code, sealed, unknown


async def test_t24_an_answer_has_a_bound(parties: Local, victim: Browser) -> None:
    """Values over 8 MiB together are refused whole, and noted; half of them are read."""
    tokens = [token for _ in range(16) for token in await victim.store(*["x" * 60_000] * 10)]
    await parties.grant(victim.session, tokens)
    refused = await victim.asks("/detokenize", tokens=tokens)
    assert (refused.status_code, code(refused)) == (413, "too_large")
    assert await victim.read(*tokens[:80]) == ["x" * 60_000] * 80
    assert ("token.read", "refused", "too_large") in {
        (line["action"], line["outcome"], line.get("reason", "")) for line in await parties.audit()
    }


async def test_t24_a_token_is_read_once_a_request(parties: Local, victim: Browser) -> None:
    """One granted token named a hundred times is refused whole, unread, whatever it is."""
    [token] = await victim.store("x" * 60_000)
    await parties.grant(victim.session, [token], max_reads=1)
    for twice in ([token] * 100, [UNKNOWN, token, UNKNOWN]):
        refused = await victim.asks("/detokenize", tokens=twice)
        assert (refused.status_code, code(refused)) == (400, "malformed_request")
    assert await victim.read(token, UNKNOWN) == ["x" * 60_000, None]


async def test_t24_a_session_reads_so_much_a_minute(parties: Local, victim: Browser) -> None:
    """Whoever reads more than the largest page shows waits; others of the application do not."""
    other = await parties.visitor()
    tokens = [token for _ in range(10) for token in await victim.store(*["x" * 60_000] * 12)]
    for each in (victim, other):
        await parties.grant(each.session, tokens)
    answers = [await victim.asks("/detokenize", tokens=tokens) for _ in range(12)]
    statuses = [each.status_code for each in answers]
    assert statuses == [200] * (1 + READ_BYTES // (120 * 60_250)) + [429] * statuses.count(429)
    assert code(answers[-1]) == "too_many_requests"
    assert answers[-1].headers["retry-after"] == "6"
    assert await other.read(tokens[0]) == ["x" * 60_000]
    parties.clock.now += 120
    assert await victim.read(tokens[0]) == ["x" * 60_000]


async def test_t24_a_made_up_cookie_costs_no_derivation(
    victim: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cookie that opens no session is refused before any of its thousand tokens is looked at."""
    derived: list[Token] = []
    whole = Cipher.derive

    def noted(self: Cipher, token: Token) -> Derived:
        derived.append(token)
        return whole(self, token)

    monkeypatch.setattr(Cipher, "derive", noted)
    [token] = await victim.store("1")
    thief = victim.stolen()
    thief.cookies = dict.fromkeys(thief.cookies, UNKNOWN[8:51])
    refused = await thief.asks("/detokenize", tokens=[token, *unknown(999)])
    assert (refused.status_code, code(refused)) == (401, "no_session")
    assert derived == []
    await victim.read(token)
    assert len(derived) == 1


async def test_t24_strangers_share_a_budget(parties: Local, victim: Browser) -> None:
    """Sign-up pages let anybody store a little; what they use up together holds no user up."""
    strangers = [parties.browser() for _ in range(4)]
    for each in strangers:
        await each.log_in(temporary=True)
    stored = 0
    for each in strangers * 2:
        values = [sealed("1")] * 100
        if (await each.asks("/tokenize", values=values)).status_code == 200:
            stored += 100
    assert stored == TEMPORARY_VALUES
    assert len(await victim.store("2")) == 1


async def test_t24_metadata_has_a_bound(victim: Browser) -> None:
    """A value's metadata is 2 KiB of JSON and no more, whatever it has to be escaped to."""
    label = METADATA_BYTES - len(msgspec.json.encode((("", ""),) * 8)) - 7 * 256
    whole = {**{str(each): "x" * 255 for each in range(7)}, "é" * (label // 2): "x" * (label % 2)}
    [token] = await stored(victim, {**sealed("1"), "metadata": whole})
    assert token.startswith("lunasec-")
    for over in ({**whole, "0": "x" * 256}, {str(each): "\0" * 30 for each in range(16)}):
        value = {**sealed("1"), "metadata": over}
        refused = await victim.asks("/tokenize", values=[value])
        assert (refused.status_code, code(refused)) == (413, "too_large")


async def test_t24_metadata_counts_for_what_is_stored(parties: Local) -> None:
    """Strangers use up the bytes that they share with metadata as well as with values."""
    stranger = parties.browser()
    await stranger.log_in(temporary=True)
    metadata = {str(each): "x" * 110 for each in range(16)}
    values = [{**sealed("1"), "metadata": metadata}] * 40
    window = vars(parties.tokenizer.services.budgets)["_values"]
    await stored(stranger, *values)
    used = window.used(("payroll", "temporary bytes"), parties.clock())
    assert used > 40 * len(msgspec.json.encode(metadata))


async def test_a_back_end_takes_the_longest_description(parties: Local, victim: Browser) -> None:
    """A thousand descriptions, each with all the metadata there may be, are an SDK's answer."""
    metadata = {"x" * 10: "y" * 250, **{str(each): "z" * 245 for each in range(7)}}
    values = [{**sealed("1", kind="k" * 32), "metadata": metadata}] * 200
    tokens = [token for _ in range(5) for token in await stored(victim, *values)]
    await parties.grant(victim.session, tokens)
    answer = await parties.ask("/tokens/describe", session=victim.session, tokens=tokens)
    assert b"not_granted" not in answer.content
    assert len(answer.content) + 1000 * 50 > 1000 * METADATA_BYTES
    assert len(answer.content) < LARGEST_ANSWER


async def stored(browser: Browser, *values: object) -> list[str]:
    """Have values kept that are sealed already."""
    response = await browser.asks("/tokenize", values=values)
    assert response.status_code == 200, response.text
    tokens: list[str] = response.json()["tokens"]
    return tokens
