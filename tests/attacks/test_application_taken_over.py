"""T2: whoever takes over an application's server reads and destroys slowly, and is seen."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest_asyncio
from structlog.testing import capture_logs

from lunasec.tokenizer.http.routes import CALLS
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.local import Local, local
from tests.http.parties import CLINIC, PAYROLL, SCRIPTED, UNKNOWN, code, reference, sealed

BUDGETS = "grants_per_minute = 100\nerases_per_hour = 10\nvalues_per_minute = 20"


@pytest_asyncio.fixture
async def budgeted(tmp_path: Path) -> AsyncGenerator[Local]:
    """Give a tokenizer whose application has small budgets."""
    async with local(tmp_path, MemoryStore(), payroll=BUDGETS) as made:
        yield made


async def test_t2_flood_of_grants_meets_its_budget(budgeted: Local) -> None:
    """A hundred tokens a minute and no more, in requests of any size; then the alarm is logged."""
    session = reference()
    with capture_logs() as logs:
        for _ in range(9):
            await budgeted.told("/grants", session=session, tokens=[UNKNOWN] * 11)
        over = await budgeted.ask("/grants", session=session, tokens=[UNKNOWN] * 2)
        await budgeted.told("/grants", session=session, tokens=[UNKNOWN])
        for _ in range(50):
            refused = await budgeted.ask("/grants", session=session, tokens=[UNKNOWN])
            assert code(refused) == "too_many_requests"
    assert code(over) == "too_many_requests"
    assert over.headers["retry-after"] == "6"
    alarms = [each for each in logs if each["event"] == "budget used up"]
    assert [(each["budget"], each["application"]) for each in alarms] == [("grants", PAYROLL)]
    assert alarms[0]["log_level"] == "warning"
    await budgeted.told("/grants", CLINIC, session=session, tokens=[UNKNOWN] * 1000)
    budgeted.clock.now += 120
    await budgeted.told("/grants", session=session, tokens=[UNKNOWN] * 100)


async def test_t2_flood_of_values_at_one_instant_meets_its_budget(tmp_path: Path) -> None:
    """Requests that wait for the disk together find no more room than one after the other."""
    async with local(tmp_path, SqliteStore(tmp_path / "lunasec.db"), payroll=BUDGETS) as waiting:
        browser = await waiting.visitor()
        asked = [browser.asks("/tokenize", values=[sealed("x")]) for _ in range(60)]
        answers = await asyncio.gather(*asked)
    assert [each.status_code for each in answers].count(200) == 20


async def test_t24_flood_of_reads_meets_its_budget(tmp_path: Path) -> None:
    """One session reads no more tokens a minute than its budget; others read on."""
    async with local(tmp_path, MemoryStore(), payroll="reads_per_minute = 20") as parties:
        loud, other = await parties.visitor(), await parties.visitor()
        [token], [another] = await loud.store("x"), await other.store("y")
        await parties.grant(loud.session, [token])
        await parties.grant(other.session, [another])
        before = len(await parties.audit())
        for _ in range(30):
            await loud.asks("/detokenize", tokens=[token])
        entries = (await parties.audit())[before:]
        assert [len(each["records"]) for each in entries] == [1] * 20
        refused = await loud.asks("/detokenize", tokens=[token])
        assert code(refused) == "too_many_requests"
        assert await other.read(another) == ["y"]
        parties.clock.now += 120
        assert await loud.read(token) == ["x"]


async def test_t2_flood_of_erases_meets_its_budget(budgeted: Local) -> None:
    """Ten an hour and no more; what is over stays readable, and the alarm is logged."""
    browser = await budgeted.visitor()
    tokens = await browser.store(*map(str, range(12)))
    await budgeted.grant(browser.session, tokens)
    with capture_logs() as logs:
        for token in tokens:
            await budgeted.ask("/tokens/erase", tokens=[token])
        refused = await budgeted.ask("/tokens/erase", tokens=tokens)
    assert code(refused) == "too_many_requests"
    assert await browser.read(*tokens) == [None] * 10 + ["10", "11"]
    alarms = [each["budget"] for each in logs if each["event"] == "budget used up"]
    assert alarms == ["erases"]
    budgeted.clock.now += 7200
    assert await budgeted.told("/tokens/erase", tokens=tokens[10:]) == {"erased": 2}


async def test_t2_flood_of_values_meets_its_budget(budgeted: Local) -> None:
    """One session stores no more values a minute than its budget, and fills no disk."""
    browser, other = await budgeted.visitor(), await budgeted.visitor()
    await browser.store(*"0123456789" * 2)
    refused = await browser.asks("/tokenize", values=[sealed("one more")])
    assert code(refused) == "too_many_requests"
    await other.store("of another session")
    budgeted.clock.now += 120
    await browser.store("a minute later")


async def test_t2_every_grant_and_erase_is_on_record(budgeted: Local) -> None:
    """Each token that was granted or erased is in the audit log, with the key that asked for it."""
    browser = await budgeted.visitor()
    tokens = await browser.store("1", "2", "3")
    await budgeted.grant(browser.session, tokens)
    await budgeted.told("/tokens/erase", tokens=tokens[:1])
    audit = await budgeted.audit()
    [granted] = [each for each in audit if each["action"] == "grant.create"]
    [erased] = [each for each in audit if each["action"] == "token.erase"]
    assert (len(granted["records"]), len(erased["records"])) == (3, 1)
    assert granted["session"] == browser.session
    assert granted["actor"] == erased["actor"] != ""


async def test_t2_application_reads_no_value(budgeted: Local) -> None:
    """No address gives a value to a back end, with its key, granted tokens and all."""
    browser = await budgeted.visitor()
    [token] = await browser.store("123-45-6789")
    await budgeted.grant(browser.session, [token])
    credential = {
        "authorization": f"Bearer {budgeted.credentials[PAYROLL].token(budgeted.clock())}"
    }
    body: dict[str, Any] = {"session": browser.session, "tokens": [token]}
    assert [each.path for each in CALLS if each.frame and each.back_end] == ["/tokens/describe"]
    for call in CALLS:
        if call.frame and not call.back_end:
            bare = await budgeted.client.post(call.path, json=body, headers=credential)
            assert code(bare) == "cross_origin_refused"
    forged = {**SCRIPTED, **credential, "lunasec-application": PAYROLL}
    for headers in (forged, {**forged, "cookie": f"__Host-lunasec-payroll={'A' * 43}"}):
        refused = await budgeted.client.post("/detokenize", json=body, headers=headers)
        assert code(refused) == "no_session"
    described = await budgeted.told("/tokens/describe", **body)
    assert set(described["tokens"][0]) == {"kind", "size", "created_at", "metadata"}


async def test_t2_erase_can_be_undone(budgeted: Local) -> None:
    """What a stolen server erased, the operator gives back, until `erase_delay` is over."""
    browser = await budgeted.visitor()
    keeper, delay = budgeted.tokenizer.keeper, budgeted.tokenizer.services.settings.erase_delay
    [token, other] = await browser.store("123-45-6789", "987-65-4321")
    for each, waited, there in ((token, delay - 1, "123-45-6789"), (other, delay + 1, None)):
        erased_at = budgeted.clock.now
        await budgeted.told("/tokens/erase", tokens=[each])
        budgeted.clock.now += waited
        await keeper.run(budgeted.clock.now)
        await budgeted.tokenizer.services.erasures.undo(PAYROLL, erased_at)
        await browser.log_in()
        await budgeted.ask("/grants", session=browser.session, tokens=[each])
        assert await browser.read(each) == [there]
