"""T24: what a request may cost, whoever sends it. The slow and the many are in `tests/http`."""

import gc
import time
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Any, Final

import msgspec
import pytest
from starlette.datastructures import Headers

from lunasec.encoding import from_base64url, to_base64url
from lunasec.errors import LunaSecError
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.http import cookies, wire
from lunasec.tokenizer.http.limits import BODY_BYTES
from tests.http.local import Local
from tests.http.parties import UNKNOWN, Browser, code, sealed, unknown

MOST_SECONDS: Final = 0.05
S: Final = b"A" * 43
NESTED: Final = BODY_BYTES // 2 - 200

FLOODS: Final[dict[str, tuple[bytes, type[wire.Body]]]] = {
    "an integer of a million digits": (
        b'{"session":"%s","tokens":["a"],"expires_in":%s}' % (S, b"9" * 1_000_000),
        wire.CreateGrants,
    ),
    "an integer of 4,300 digits": (
        b'{"session":"%s","tokens":["a"],"expires_in":%s}' % (S, b"9" * 4_300),
        wire.CreateGrants,
    ),
    "a fraction of a million digits": (
        b'{"session":"%s","tokens":["a"],"expires_in":0.%s}' % (S, b"7" * 1_000_000),
        wire.CreateGrants,
    ),
    "an exponent": (
        b'{"session":"%s","tokens":["a"],"expires_in":1e%s}' % (S, b"9" * 1_000_000),
        wire.CreateGrants,
    ),
    "lists in lists": (b'{"session":"%s","tokens":%s' % (S, b"[" * NESTED), wire.Tokens),
    "lists in lists, closed": (
        b'{"session":"%s","tokens":%s%s}' % (S, b"[" * NESTED, b"]" * NESTED),
        wire.Tokens,
    ),
    "unknown lists in lists": (b'{"x":%s%s}' % (b"[" * NESTED, b"]" * NESTED), wire.Tokens),
    "objects in objects": (b'{"x":' * (BODY_BYTES // 6), wire.Tokens),
    "objects in metadata": (
        b'{"session":"%s","values":[{"key":"","ciphertext":"","metadata":%s'
        % (S, b'{"":' * 200_000),
        wire.Tokenize,
    ),
    "empty tokens": (
        b'{"session":"%s","tokens":[%s""]}' % (S, b'"",' * 340_000),
        wire.Tokens,
    ),
    "one long text": (b'{"session":"%s"}' % (b"A" * 1_000_000), wire.EndSession),
    "one long text of almost hashes": (b'{"session":"%s"}' % (b"A-_" * 330_000), wire.EndSession),
    "a long kind": (
        b'{"session":"%s","values":[{"key":"","ciphertext":"","kind":"%s"}]}'
        % (S, b"a-" * 500_000),
        wire.Tokenize,
    ),
    "many values": (
        b'{"session":"%s","values":[%s{}]}' % (S, b'{"key":"","ciphertext":""},' * 38_000),
        wire.Tokenize,
    ),
    "many unknown members": (
        b"{%s}" % b",".join(b'"%d":0' % each for each in range(100_000)),
        wire.Tokens,
    ),
    "one member many times": (
        b"{%s}" % b",".join([b'"session":"%s"' % S] * 18_000),
        wire.EndSession,
    ),
    "metadata of one name": (
        b'{"session":"%s","values":[{"key":"","ciphertext":"","metadata":{%s}}]}'
        % (S, b",".join([b'"a":""'] * 140_000)),
        wire.Tokenize,
    ),
    "metadata of many names": (
        b'{"session":"%s","values":[{"key":"","ciphertext":"","metadata":{%s}}]}'
        % (S, b",".join(b'"%x":""' % each for each in range(90_000))),
        wire.Tokenize,
    ),
    "escapes": (b'{"session":"%s"}' % (b"\\u0041" * 170_000), wire.EndSession),
    "half surrogates": (b'{"session":"%s"}' % (b"\\ud800" * 170_000), wire.EndSession),
    "white space": (b" " * (BODY_BYTES - 1), wire.EndSession),
}


def seconds(work: Callable[[], Any]) -> float:
    """Measure the time that a thread works on something: the least of several tries."""
    times: list[float] = []
    gc.disable()
    for _ in range(7):
        began = time.thread_time()
        work()
        times.append(time.thread_time() - began)
    gc.enable()
    return min(times)


@pytest.mark.parametrize("name", FLOODS)
def test_t24_body_costs_little_to_read(name: str) -> None:
    """The worst megabytes of JSON that could be thought of take under 50 ms to refuse."""
    body, kind = FLOODS[name]
    assert len(body) <= BODY_BYTES

    def read() -> None:
        try:
            wire.read(body, kind)
        except LunaSecError as error:
            assert error.code in {"malformed_request", "too_large"}  # noqa: PT017 - some are valid

    assert seconds(read) < MOST_SECONDS


def test_t24_tokens_cost_little_to_read() -> None:
    """A thousand tokens, wrong in their last character or long, take under 50 ms to refuse."""
    for text in (UNKNOWN[:-1] + "1", "lunasec-" + "A" * 900, "lunasec-" * 100, "\u00e9" * 1000):

        def parse(text: str = text) -> None:
            for _ in range(1000):
                with pytest.raises(LunaSecError):
                    Token.parse(text)

        assert seconds(parse) < 2 * MOST_SECONDS  # half of it is pytest's own


def test_t24_cookies_cost_little_to_read() -> None:
    """As many cookies as fit into a header take under 50 ms to look through."""
    for part in ("a=b; ", "__Host-lunasec-payroll=x;", ";", "=;", "__Host-lunasec-payroll"):
        headers = Headers({"cookie": part * (64 * 1024 // len(part))})
        assert seconds(partial(cookies.read, headers, "x")) < MOST_SECONDS


async def test_t24_request_has_a_thousand_items_and_no_more(
    parties: Local, victim: Browser
) -> None:
    """A thousand tokens or values are served, one more is refused, and so is none."""
    assert await victim.read(*unknown(1000)) == [None] * 1000
    wrong = ((1001, "too_large"), (0, "malformed_request"))
    for count, expected in wrong:
        tokens = unknown(count)
        assert code(await victim.asks("/detokenize", tokens=tokens)) == expected
        asked = await parties.ask("/grants", session=victim.session, tokens=tokens)
        assert code(asked) == expected
    assert len(await victim.store(*["x"] * 1000)) == 1000
    for count, expected in wrong:
        refused = await victim.asks("/tokenize", values=[sealed("x")] * count)
        assert code(refused) == expected


async def test_t24_body_is_a_megabyte_and_no_more(victim: Browser) -> None:
    """The limit holds to the byte, whether a length is announced or not."""
    body = msgspec.json.encode({"session": victim.session, "tokens": [UNKNOWN]})
    for size, expected in ((BODY_BYTES, 200), (BODY_BYTES + 1, 413)):
        padded = body + b" " * (size - len(body))

        for content in (padded, _parts(padded)):
            response = await victim.parties.client.post(
                "/detokenize",
                content=content,
                headers={
                    "sec-fetch-site": "same-origin",
                    "lunasec-application": "payroll",
                    "content-type": "application/json",
                    "cookie": f"__Host-lunasec-payroll={victim.cookie}",
                },
            )
            assert response.status_code == expected
            if expected == 413:
                assert code(response) == "too_large"


async def _parts(data: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(data), 100_000):
        yield data[start : start + 100_000]


async def test_t24_value_is_64_kib_and_no_more(victim: Browser) -> None:
    """The longest value is kept, one bucket more is refused: it has to be a file."""
    [token] = await victim.store("x" * 64 * 1024)
    assert token.startswith("lunasec-")
    longest = sealed("x" * 64 * 1024)
    for more, expected in ((256, "too_large"), (255, "ciphertext_malformed")):
        ciphertext = to_base64url(from_base64url(longest["ciphertext"]) + bytes(more))
        refused = await victim.asks("/tokenize", values=[{**longest, "ciphertext": ciphertext}])
        assert code(refused) == expected


async def test_t24_strangers_lock_nobody_out(parties: Local, victim: Browser) -> None:
    """Any number of made-up handles and cookies stops no log-in and no read."""
    for _ in range(300):
        stranger = parties.browser()
        await stranger.follow("B" * 42 + "A")
        stranger.cookies["__Host-lunasec-payroll"] = "B" * 42 + "A"
        assert code(await stranger.asks("/detokenize", tokens=[UNKNOWN])) == "no_session"
    assert code(await parties.browser().follow("B" * 42 + "A")) == "too_many_requests"
    newcomer = await parties.visitor()
    assert await newcomer.lives()
    assert await victim.lives()


async def test_t24_strangers_fill_no_log(parties: Local) -> None:
    """Beyond its budget, what was made up costs no entry in the audit log."""
    before = len(await parties.audit())
    for _ in range(300):
        stranger = parties.browser()
        await stranger.follow("B" * 42 + "A")
        stranger.cookies["__Host-lunasec-payroll"] = "B" * 42 + "A"
        await stranger.asks("/detokenize", tokens=[UNKNOWN])
        await stranger.asks("/tokenize", values=[sealed("x")])
        await stranger.asks("/tokens/describe", tokens=[UNKNOWN])
    assert len(await parties.audit()) - before == 400
