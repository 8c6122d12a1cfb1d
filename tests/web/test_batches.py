"""How a page's reads and writes are split at the tokenizer's limits, and what is tried again."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, Response, Route, expect

from lunasec.tokenizer.core.tokens import Token
from tests.web.elements import SSN, asked, problem, responses, shown, text
from tests.web.site import Site, coordinator

LONGEST = 64 * 1024
REQUEST_BYTES = 2**20

# One more field of the coordinator's: `many` asks it for each of these at once.
ATTACHED = """
const { port1: port, port2: other } = new MessageChannel();
postMessage("attach", location.origin, [other]);
const ask = (question) => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => resolve(data);
  port.postMessage(question, [port2]);
});
const many = async (questions) => (await Promise.all(questions.map(ask))).map(({ type }) => type);
"""

READ = "(tokens) => {" + ATTACHED + " return many(tokens.map((token) => ({type: 'read', token}))) }"

STORE = (
    """async ([count, size]) => {
  const base = document.querySelector("script").src.replace(/frame.*/, "");
  const { seal } = await import(base + "frame/seal.js");
  const sealed = await seal("x".repeat(size), { application: "payroll", kind: "text" });"""
    + ATTACHED
    + """
  return many(Array.from({ length: count }, () => ({ type: "store", ...sealed, kind: "text" })));
}"""
)


def items(answers: list[Response], name: str) -> list[int]:
    """Return how many tokens or values each request carried, the fullest first."""
    bodies: list[dict[str, Any]] = [json.loads(each.request.post_data or "") for each in answers]
    return sorted((len(each[name]) for each in bodies), reverse=True)


async def test_a_read_has_at_most_a_thousand_items(site: Site, page: Page) -> None:
    """What is more goes in a request of its own, and waits for what is left of the budget."""
    await site.show(page, "<secure-input></secure-input>")
    tokens = [Token.of(at.to_bytes(32)).text() for at in range(1_001)]
    answers = responses(page)
    assert set(await coordinator(page).evaluate(READ, tokens)) == {"refused"}
    counts = items(answers, "tokens")
    assert sum(counts) == 1_001
    assert 2 <= len(counts) <= 3
    assert counts[0] <= 1_000
    assert {each.status for each in answers} == {200, 429}


@pytest.mark.parametrize(("count", "size", "fewest"), [(21, LONGEST, 3), (1_001, 1, 2)])
async def test_a_write_stays_below_the_tokenizers_limit(
    site: Site, page: Page, count: int, size: int, fewest: int
) -> None:
    """Long values are split by their size, short ones by their number."""
    await site.show(page, "<secure-input></secure-input>")
    answers = responses(page)
    assert set(await coordinator(page).evaluate(STORE, [count, size])) == {"answer"}
    counts = items(answers, "values")
    assert sum(counts) == count
    assert counts[0] <= 1_000
    # On a busy machine the first ones go before the last ones came.
    assert fewest <= len(counts) <= fewest + 1
    assert all(len(each.request.post_data or "") < REQUEST_BYTES for each in answers)


async def test_more_than_fits_in_an_answer(site: Site, page: Page) -> None:
    """A page of many long values gets all of them: each half that is too large is halved."""
    tokens: list[str] = []
    for _ in range(13):
        tokens += await site.store(page, *["x" * LONGEST] * 10)
    [short] = await site.store(page, SSN)
    await site.show(page, text(short))
    await expect(shown(page)).to_have_text(SSN)
    answers = responses(page)
    assert set(await coordinator(page).evaluate(READ, tokens)) == {"answer"}
    assert sorted(each.status for each in answers) == [200, 200, 413]
    assert items(answers, "tokens") == [130, 65, 65]


@pytest.mark.parametrize(
    ("status", "code", "requests"),
    [(413, "too_large", 1), (404, "application_unknown", 1), (503, "sealed", 2)],
)
async def test_only_what_may_pass_is_tried_again(
    site: Site, page: Page, status: int, code: str, requests: int
) -> None:
    """A final answer is said once; of one that may pass by itself the element asks again."""
    [token] = await site.store(page, SSN)

    async def refuse(route: Route) -> None:
        await route.fulfill(status=status, json={"code": code})

    await page.route("**/detokenize", refuse)
    reads = asked(page, "/detokenize")
    await site.show(page, text(token))
    await problem(page, code)
    await page.wait_for_timeout(3_000)
    assert len(reads) == requests
