"""Google's evaluator reads every Content-Security-Policy that we send, and the one we advise."""

import json
import re
import subprocess
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Final

import httpx
import pytest_asyncio

from lunasec.cli.checks import page_policy
from lunasec.tokenizer import wiring
from lunasec.tokenizer.http.frames import ROLES
from lunasec.tokenizer.stores.memory import MemoryStore
from lunasec.tokenizer.stores.memory_blobs import MemoryBlobs
from tests.http import local
from tests.http.keyed import Keyed, document_handle
from tests.http.parties import ORIGINS, PAYROLL, Clock, client
from tests.http.relying import NAVIGATED
from tests.http.sending import read, send

ORIGIN: Final = "https://secure.lunasec.localhost:1"
EVALUATE: Final = Path(__file__).parent / "evaluate.mjs"
WORKER: Final = Path(__file__).parents[2] / "web/frame/worker.js"

# Of these nothing may be found, whatever the reason.
GRAVE: Final = frozenset({"HIGH", "SYNTAX", "MEDIUM", "HIGH_MAYBE"})

Finding = tuple[str, str]
ACCEPTED: Final[Mapping[Finding, str]] = {
    ("MEDIUM_MAYBE", "SCRIPT_ALLOWLIST_BYPASS"): (
        "a reminder: no bypass was found. Scripts come from one folder of fixed modules, and no"
        " answer of the tokenizer is made of a callback's name"
    ),
    ("STRICT_CSP", "STRICT_DYNAMIC"): (
        "hosts may be on a list where they serve nothing else: ours is one folder, and a nonce"
        " would make each document another one, which no cache could keep"
    ),
    ("INFO", "REQUIRE_TRUSTED_TYPES_FOR_SCRIPTS"): (
        "no script runs under these policies, or an application's own, for which that is to decide"
    ),
}


def evaluated(policies: Mapping[str, str]) -> dict[str, set[Finding]]:
    """Return what the evaluator finds in each policy: how grave, and what kind."""
    done = subprocess.run(
        ["node", EVALUATE],  # noqa: S607 - the machine's own Node
        input=json.dumps(policies),
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, list[list[str]]] = json.loads(done.stdout)
    return {name: {(each[0], each[1]) for each in listed} for name, listed in found.items()}


@pytest_asyncio.fixture
async def parties(tmp_path: Path) -> AsyncGenerator[local.Local]:
    """Give a tokenizer whose origins are all https, as they are in use."""
    known = local.configured(tmp_path, ORIGIN)
    file = tmp_path / "lunasec.toml"
    file.write_text(file.read_text().replace("http:", "https:"))
    settings, clock = local.read(tmp_path), Clock(local.START)
    tokenizer = wiring.tokenizer(
        settings, store=MemoryStore(), blobs=MemoryBlobs(), keyset=local.KEYSET, clock=clock
    )
    transport = httpx.ASGITransport(tokenizer.app)
    async with client(transport=transport, base_url=ORIGIN) as asked:
        yield local.Local(
            origin=ORIGIN, client=asked, clock=clock, credentials=known, tokenizer=tokenizer
        )
    await tokenizer.close()


async def _served(parties: local.Local) -> dict[str, httpx.Response]:
    """Ask for a document, an asset, an answer and a refusal of every kind."""
    base = parties.tokenizer.services.assets.base
    page = ORIGINS[PAYROLL].replace("http:", "https:")
    paths = {f"{role} of {name}": f"/frame/{name}/{role}" for name in ORIGINS for role in ROLES}
    paths |= {"entry": "/lunasec.js", "module": f"{base}frame/field.js", "errors": "/errors"}
    paths |= {"look": f"{base}frame/frame.css", "worker": "/download/worker.js", "nothing": "/x"}
    answers = {name: await parties.client.get(path) for name, path in paths.items()}
    told = {**NAVIGATED, "accept": "text/html"}
    answers["log-in"] = await parties.client.get("/session/log-in/nobody", headers=told)
    keyed = Keyed(parties=parties, application=PAYROLL)
    handle = await document_handle(parties, keyed.session, origin=page)
    answers["without cookies"] = await keyed.loads(handle)
    browser = parties.browser()
    answers["ensure"] = await browser.asks("/session/ensure")
    state: str = answers["ensure"].json()["state"]
    handle = await parties.handle(state, browser.session, origin=page)
    answers["session"] = await browser.follow(handle)
    answers["refusal"] = await browser.follow(handle)
    sent = await send(browser, b"a file")
    [token] = (await browser.asks("/tokenize", values=[sent.value()])).json()["tokens"]
    await parties.grant(browser.session, [token])
    answers["segment"] = await read(browser, token, 0)
    return answers


async def test_policies_have_nothing_that_is_found(parties: local.Local) -> None:
    """Each answer has one policy, in which nothing is found but what is accepted, with a reason."""
    answers = await _served(parties)
    assert {each.status_code for each in answers.values()} == {200, 204, 403, 404}
    policies: dict[str, str] = {}
    for name, each in answers.items():
        [policies[name]] = each.headers.get_list("content-security-policy")
    made = re.search(r'"Content-Security-Policy": "(.*)"', WORKER.read_text())
    assert made is not None
    policies["download"] = made[1]
    advised = re.findall(r"^  ((?:\w+-src) .*?;)", _advice(parties), re.MULTILINE)
    assert len(advised) == 3
    policies["advice"] = "default-src 'none'; base-uri 'none'; " + " ".join(advised)
    found = evaluated(policies)
    assert {
        name: each - set(ACCEPTED) for name, each in found.items() if each - set(ACCEPTED)
    } == {}
    assert set().union(*found.values()) == set(ACCEPTED), "what is accepted is there"


def _advice(parties: local.Local) -> str:
    return page_policy.lines(parties.tokenizer.services.settings)


def test_accepted_findings_are_slight() -> None:
    """What is accepted is a reminder: nothing of it is grave."""
    assert {severity for severity, _ in ACCEPTED} & GRAVE == set()


def test_evaluator_would_find_a_weak_policy() -> None:
    """The control: what makes a policy worthless is found, and is grave."""
    weak = {
        "inline": "default-src 'none'; script-src 'unsafe-inline'",
        "anywhere": "default-src 'none'; script-src *",
        "objects": "script-src 'self'",
        "base": "default-src 'none'; script-src 'nonce-0123456789abcdef'",
        "misspelled": "default-src 'none'; script-scr 'none'",
    }
    for name, found in evaluated(weak).items():
        assert {severity for severity, _ in found} & GRAVE, name
