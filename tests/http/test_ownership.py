"""With `ownership = "required"`, a grant opens a token for who made it, and for nobody else."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.core.identity import owner_tag
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.sqlite import SqliteStore
from tests.http.local import configured, local, read
from tests.http.owned import OWNED, owned
from tests.http.parties import PAYROLL, UNKNOWN
from tests.http.proxies import ISSUER, PROVIDER, AuthProxy, Behind, behind

SSN = "219-09-9999"


@pytest_asyncio.fixture
async def proxied(tmp_path: Path) -> AsyncGenerator[Behind]:
    """Give a tokenizer behind a proxy, whose tokens have owners."""
    async with owned(tmp_path) as made:
        yield made


async def test_t2b_a_grant_opens_a_token_for_its_owner(proxied: Behind) -> None:
    """Granted to the owner's session it is read, in this log-in and in the next one."""
    ada = await proxied.visitor()
    [token] = await ada.store(SSN)
    later = await proxied.visitor()
    assert later.session != ada.session
    for each in (ada, later):
        assert await each.read(token) == [None]
        await proxied.parties.grant(each.session, [token])
        assert await each.read(token) == [SSN]


async def test_t2b_a_grant_opens_a_token_for_nobody_else(proxied: Behind) -> None:
    """A grant for another's token counts for nothing: the same bytes as without one."""
    ada, eve = await proxied.visitor(), await proxied.visitor("eve")
    [token, other] = await ada.store(SSN, SSN)
    await proxied.parties.grant(eve.session, [token])
    for path in ("/detokenize", "/tokens/describe"):
        answers = [await eve.asks(path, tokens=[each]) for each in (token, other, UNKNOWN)]
        assert len({(each.status_code, each.content) for each in answers}) == 1, path
        assert b"not_granted" in answers[0].content
    named = await proxied.parties.ask("/tokens/describe", session=eve.session, tokens=[token])
    assert named.json() == {"tokens": [{"code": "not_granted"}]}


async def test_t2b_a_read_that_is_refused_is_not_counted(proxied: Behind) -> None:
    """Who may not read a token uses up none of its reads."""
    ada, eve = await proxied.visitor(), await proxied.visitor("eve")
    [token] = await ada.store(SSN)
    await proxied.parties.grant(eve.session, [token], max_reads=1)
    assert await eve.read(token) == [None]
    store = proxied.parties.tokenizer.store
    assert isinstance(store, MemoryStore)
    assert [each.reads_left for each in store.grants.values() if each.action == "read"] == [1]


async def test_the_log_names_the_rule(proxied: Behind) -> None:
    """What was permitted and what was refused say by which rule, beside its reason."""
    ada, eve = await proxied.visitor(), await proxied.visitor("eve")
    [token, other] = await ada.store(SSN, SSN)
    await proxied.parties.grant(ada.session, [token])
    await proxied.parties.grant(eve.session, [token])
    await ada.read(token)
    await eve.read(token)
    await eve.read(token, other)
    audit: list[dict[str, Any]] = [{**each} for each in await proxied.parties.audit()]
    reads = [each for each in audit if each["action"] == "token.read"]
    assert [each.get("rule", "") for each in reads] == ["owner", "owner", ""]
    assert [each["outcome"] for each in reads] == ["allowed", "refused", "refused"]
    assert reads[1]["reason"] == "not allowed by policy"
    assert reads[2]["rules"] == ["owner", ""]
    assert reads[2]["reasons"] == ["not allowed by policy", "not granted"]


async def test_t2b_what_is_nobodys_stays_shut(tmp_path: Path) -> None:
    """A token that was made before there was a proxy has no owner, and opens for no session."""
    store = MemoryStore()
    async with local(tmp_path, store) as before:
        visitor = before.browser()
        await visitor.log_in(subject="ada")
        [token] = await visitor.store(SSN)
        assert [each.owner for each in store.records.values()] == [None]
        kept = dict(store.records), dict(store.ciphertexts)
    again = MemoryStore()
    again.records, again.ciphertexts = kept
    proxy = AuthProxy(folder=tmp_path)
    proxy.publish()
    async with local(tmp_path, again, payroll=f"{OWNED}\n{PROVIDER}") as parties:
        ada = await Behind(parties=parties, proxy=proxy).visitor()
        await parties.grant(ada.session, [token])
        assert await ada.read(token) == [None]


async def test_without_ownership_a_grant_is_all(tmp_path: Path) -> None:
    """It is off unless it was asked for; who made a token is on record all the same."""
    async with behind(tmp_path) as proxied:
        ada, eve = await proxied.visitor(), await proxied.visitor("eve")
        [token] = await ada.store(SSN)
        await proxied.parties.grant(eve.session, [token])
        assert await eve.read(token) == [SSN]
        store = proxied.parties.tokenizer.store
        assert isinstance(store, MemoryStore)
        [record] = store.records.values()
        assert record.owner == owner_tag(PAYROLL, ISSUER, "ada")


async def test_an_owner_is_kept_in_a_database(tmp_path: Path) -> None:
    """What the memory store remembers of owners, the database does too."""
    proxy = AuthProxy(folder=tmp_path)
    proxy.publish()
    store = SqliteStore(tmp_path / "lunasec.db")
    async with local(tmp_path, store, payroll=f"{OWNED}\n{PROVIDER}") as parties:
        proxied = Behind(parties=parties, proxy=proxy)
        ada, eve = await proxied.visitor(), await proxied.visitor("eve")
        [token] = await ada.store(SSN)
        for each in (ada, eve):
            await parties.grant(each.session, [token])
        assert await ada.read(token) == [SSN]
        assert await eve.read(token) == [None]


async def test_t2b_erasing_needs_the_owners_session(proxied: Behind) -> None:
    """Without a session, with another's, with one that ended: nothing is erased."""
    ada, eve, gone = [await proxied.visitor(each) for each in ("ada", "eve", "ada")]
    [token] = await ada.store(SSN)
    await proxied.parties.told("/session/end", session=gone.session)
    for whose in (None, eve.session, gone.session):
        stated: tuple[dict[str, Any], ...] = ({"tokens": [token]}, {"subject": "ada"})
        for what in stated:
            erased = await proxied.parties.told("/tokens/erase", session=whose, **what)
            assert erased == {"erased": 0}, (whose, what)
    await proxied.parties.grant(ada.session, [token])
    assert await ada.read(token) == [SSN]
    assert await proxied.parties.told(
        "/tokens/erase", session=ada.session, tokens=[token, UNKNOWN]
    ) == {"erased": 1}
    assert await ada.read(token) == [None]


async def test_t2b_erasing_a_person_needs_the_persons_session(proxied: Behind) -> None:
    """All that somebody made goes with one's own session, past what is somebody else's."""
    ada = await proxied.visitor()
    tokens = [*await ada.store(*map(str, range(150))), *await ada.store(*map(str, range(60)))]
    store = proxied.parties.tokenizer.store
    assert isinstance(store, MemoryStore)
    names = list(store.records)
    for name in names[:120]:  # made for her, by somebody else
        store.records[name] = replace(store.records[name], owner=None)
    erased = await proxied.parties.told("/tokens/erase", session=ada.session, subject="ada")
    assert erased == {"erased": len(tokens) - 120}
    left = [each for each in store.records.values() if each.erased_at is None]
    assert len(left) == 120
    erasures = proxied.parties.tokenizer.services.erasures
    assert await erasures.erase_person(PAYROLL, "ada") == 120


REFUSED = {
    "without a proxy": (OWNED, "ownership"),
    "another word": ('ownership = "wanted"\n' + PROVIDER, "ownership"),
    "a flag": ("ownership = true\n" + PROVIDER, "ownership"),
}


@pytest.mark.parametrize(("lines", "setting"), REFUSED.values(), ids=REFUSED)
def test_ownership_that_would_promise_nothing_is_refused(
    tmp_path: Path, lines: str, setting: str
) -> None:
    """A subject that an application states owns nothing: the server does not start with it."""
    configured(tmp_path, payroll=lines)
    with pytest.raises(ConfigurationInvalid, match=setting):
        read(tmp_path)
