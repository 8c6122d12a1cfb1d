"""T24: small requests that would cost much: answers, derivations and disks have their bounds."""

import pytest

from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.http.budgets import TEMPORARY_VALUES
from tests.http.local import Local
from tests.http.parties import UNKNOWN, Browser, code, sealed


async def test_t24_an_answer_has_a_bound(parties: Local, victim: Browser) -> None:
    """Values over 8 MiB together are refused whole, and noted; half of them are read."""
    tokens = await victim.store(*["x" * 60_000] * 8)
    await parties.grant(victim.session, tokens)
    refused = await victim.asks("/detokenize", tokens=tokens * 20)
    assert (refused.status_code, code(refused)) == (413, "too_large")
    assert await victim.read(*tokens * 10) == ["x" * 60_000] * 80
    assert ("token.read", "refused", "too_large") in {
        (line["action"], line["outcome"], line.get("reason", "")) for line in await parties.audit()
    }


async def test_t24_a_made_up_cookie_costs_no_derivation(
    victim: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cookie that opens no session is refused before any of its thousand tokens is looked at."""
    derived: list[Token] = []
    whole = Cipher.record_ids

    def noted(self: Cipher, token: Token) -> tuple[bytes, ...]:
        derived.append(token)
        return whole(self, token)

    monkeypatch.setattr(Cipher, "record_ids", noted)
    [token] = await victim.store("1")
    thief = victim.stolen()
    thief.cookies = dict.fromkeys(thief.cookies, UNKNOWN[8:51])
    refused = await thief.asks("/detokenize", tokens=[token] * 1000)
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
