"""All that was stored for one person is erased by one call, and nothing of anybody else."""

from pathlib import Path
from typing import Any

from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local, local
from tests.http.parties import CLINIC, Browser, code, reference


async def _logged_in(parties: Local, subject: str | None, application: str = "payroll") -> Browser:
    browser = parties.browser(application)
    stated: dict[str, Any] = {} if subject is None else {"subject": subject}
    await browser.log_in(**stated)
    return browser


async def test_a_person_is_erased_from_all_sessions(parties: Local) -> None:
    """Whatever the sessions; not what others stored, in this application or in another."""
    first, second = await _logged_in(parties, "ada"), await _logged_in(parties, "ada")
    others = [
        await _logged_in(parties, "bob"),
        await _logged_in(parties, None),
        await _logged_in(parties, "ada", CLINIC),
    ]
    hers = [*await first.store("1", "2"), *await second.store("3")]
    theirs = [(each, (await each.store("kept"))[0]) for each in others]
    await parties.grant(second.session, hers)
    assert await second.read(*hers) == ["1", "2", "3"]
    assert await parties.told("/tokens/erase", subject="ada") == {"erased": 3}
    assert await second.read(*hers) == [None] * 3
    for browser, token in theirs:
        await parties.grant(browser.session, [token], browser.application)
        assert await browser.read(token) == ["kept"]
    assert await parties.told("/tokens/erase", subject="ada") == {"erased": 0}


async def test_what_was_typed_before_there_was_a_user_goes_too(parties: Local) -> None:
    """A sign-up hands its values to the user; without one they stay nobody's."""
    for subject, erased in (("ada", 1), (None, 0)):
        visitor, user = parties.browser(), reference()
        await visitor.log_in(temporary=True)
        await visitor.store("123-45-6789")
        named = {} if subject is None else {"subject": subject}
        await parties.told("/session/upgrade", **{"from": visitor.session}, session=user, **named)
        assert await parties.told("/tokens/erase", subject="ada") == {"erased": erased}


async def test_a_person_can_be_brought_back(parties: Local) -> None:
    """The operator undoes it, as any other erase."""
    browser = await _logged_in(parties, "ada")
    [token] = await browser.store("123-45-6789")
    await parties.told("/tokens/erase", subject="ada")
    assert await parties.tokenizer.services.erasures.undo("payroll", parties.clock.now) == 1
    await parties.grant(browser.session, [token])
    assert await browser.read(token) == ["123-45-6789"]


async def test_t2_person_over_the_budget_of_erases_is_left_whole(tmp_path: Path) -> None:
    """Nobody is half erased: what is over the budget is refused before any of it goes."""
    async with local(tmp_path, MemoryStore(), payroll="erases_per_hour = 3") as parties:
        for name, values in (("ada", "1234"), ("bob", "12"), ("eve", "12")):
            await (await _logged_in(parties, name)).store(*values)
        refused = await parties.ask("/tokens/erase", subject="ada")
        assert code(refused) == "too_many_requests"
        assert await parties.told("/tokens/erase", subject="bob") == {"erased": 2}
        assert code(await parties.ask("/tokens/erase", subject="eve")) == "too_many_requests"
        erasures = parties.tokenizer.services.erasures
        assert await erasures.count_of("payroll", "ada", 9) == 4
        assert await erasures.erase_person("payroll", "ada") == 4


async def test_t2_flood_of_erases_of_nobody_meets_its_budget(tmp_path: Path) -> None:
    """Each leaves a line in the audit log, so it is not free, as an unknown token is not."""
    async with local(tmp_path, MemoryStore(), payroll="erases_per_hour = 3") as parties:
        for _ in range(3):
            assert await parties.told("/tokens/erase", subject="nobody") == {"erased": 0}
        before = len(await parties.audit())
        assert code(await parties.ask("/tokens/erase", subject="nobody")) == "too_many_requests"
        assert len(await parties.audit()) == before


async def test_an_erase_names_tokens_or_a_person(parties: Local) -> None:
    """Neither, both, or nobody's name is refused, and erases nothing."""
    browser = await _logged_in(parties, None)
    tokens = await browser.store("1")
    bodies: list[dict[str, Any]] = [
        {},
        {"tokens": tokens, "subject": "ada"},
        {"subject": ""},
        {"subject": None},
    ]
    for body in bodies:
        assert code(await parties.ask("/tokens/erase", **body)) == "malformed_request"
    await parties.grant(browser.session, tokens)
    assert await browser.read(*tokens) == ["1"]


async def test_it_is_on_record_whose_values_went(parties: Local) -> None:
    """The log names the person, the key that asked, and each record; once, or again for nothing."""
    await (await _logged_in(parties, "ada")).store("1", "2")
    await parties.told("/tokens/erase", subject="ada")
    await parties.told("/tokens/erase", subject="ada")
    entries = [each for each in await parties.audit() if each["action"] == "subject.erase"]
    assert [len(each.get("records", ())) for each in entries] == [2, 0]
    assert {each["subject"] for each in entries} == {"ada"}
    assert "" not in {each["actor"] for each in entries}
