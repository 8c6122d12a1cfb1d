"""What goes over the wire: calls against the tokenizer's own reader, refusals by their codes."""

from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunasec.errors import LunaSecError, NotGranted, Unavailable
from lunasec.sdk import wire
from lunasec.sdk.answers import Received, UnknownRefusal, parse
from lunasec.sdk.wire import Call
from lunasec.tokenizer.http import answers
from lunasec.tokenizer.http import wire as tokenizer
from tests.sdk.scripted import ERRORS, HANDLE, STATE, refusal, token

REFERENCE = "r" * 43
TOKENS = [token(1), token(2)]
OFFER = wire.offer_handle(
    state=STATE, session=REFERENCE, origin="https://app.example.com", expires_in=60
)
TEMPORARY = wire.offer_handle(
    state=STATE,
    session=REFERENCE,
    origin="https://app.example.com",
    expires_in=60,
    subject="ada",
    temporary=True,
)
GRANT = wire.create_grants(session=REFERENCE, tokens=TOKENS, expires_in=900)
READ_ONCE = wire.create_grants(session=REFERENCE, tokens=TOKENS, expires_in=900, max_reads=1)
VERIFY = wire.verify_grants(session=REFERENCE, tokens=TOKENS)
UPGRADE = wire.upgrade_session(old="o" * 43, session=REFERENCE)
END = wire.end_session(session=REFERENCE)
NAMED = wire.upgrade_session(old="o" * 43, session=REFERENCE, subject="ada")
ERASE = wire.erase_tokens(tokens=TOKENS)
FORGET = wire.erase_subject(subject="ada")
ERASE_OWN = wire.erase_tokens(tokens=TOKENS, session=REFERENCE)
FORGET_ME = wire.erase_subject(subject="ada", session=REFERENCE)
DESCRIBE = wire.describe_tokens(session=REFERENCE, tokens=TOKENS)

CALLS: list[tuple[Call[Any], str, type[tokenizer.Body]]] = [
    (OFFER, "/session/handles", tokenizer.OfferHandle),
    (TEMPORARY, "/session/handles", tokenizer.OfferHandle),
    (END, "/session/end", tokenizer.EndSession),
    (UPGRADE, "/session/upgrade", tokenizer.UpgradeSession),
    (NAMED, "/session/upgrade", tokenizer.UpgradeSession),
    (GRANT, "/grants", tokenizer.CreateGrants),
    (READ_ONCE, "/grants", tokenizer.CreateGrants),
    (VERIFY, "/grants/verify", tokenizer.VerifyGrants),
    (wire.revoke_grants(session=REFERENCE), "/grants/revoke", tokenizer.RevokeGrants),
    (wire.revoke_grants(tokens=TOKENS), "/grants/revoke", tokenizer.RevokeGrants),
    (DESCRIBE, "/tokens/describe", tokenizer.Tokens),
    (ERASE, "/tokens/erase", tokenizer.Erase),
    (FORGET, "/tokens/erase", tokenizer.Erase),
    (ERASE_OWN, "/tokens/erase", tokenizer.Erase),
    (FORGET_ME, "/tokens/erase", tokenizer.Erase),
]


@pytest.mark.parametrize(("call", "path", "body"), CALLS)
def test_the_tokenizer_reads_every_call(
    call: Call[Any], path: str, body: type[tokenizer.Body]
) -> None:
    """Each call is at the protocol's address, and the tokenizer's strict type takes its body."""
    assert call.path == path
    read = msgspec.json.decode(msgspec.json.encode(tokenizer.read(call.body, body)))
    stated = msgspec.json.decode(call.body)
    assert {**read, **stated} == read


def test_what_is_not_said_is_not_sent() -> None:
    """Optional fields are left out, not sent as null: unknown and null fields may be refused."""
    assert msgspec.json.decode(OFFER.body).keys() == {"state", "session", "origin", "expires_in"}
    assert "max_reads" not in msgspec.json.decode(GRANT.body)
    assert msgspec.json.decode(TEMPORARY.body)["temporary"] is True


def test_what_may_be_sent_twice() -> None:
    """Only calls that change no more at the second time: no upgrade, erase or counted grant."""
    once = {call.path for call, _, _ in CALLS if not call.repeatable}
    assert once == {"/session/upgrade", "/grants", "/tokens/erase"}
    assert GRANT.repeatable
    assert not READ_ONCE.repeatable


def _received(body: object, status: int = 200, media_type: str = "application/json") -> Received:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Received(status=status, media_type=media_type, body=content)


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        (OFFER, answers.OfferedHandle(handle=HANDLE, expires_in=60)),
        (END, answers.Done()),
        (GRANT, answers.CreatedGrants(expires_at=1_900_000_000, refused=[1])),
        (VERIFY, answers.VerifiedGrants(granted=[True, False])),
        (ERASE, answers.Erased(erased=2)),
        (
            DESCRIBE,
            answers.Described(
                tokens=[
                    answers.Description(kind="ssn", size=256, created_at=1, metadata={"a": "b"}),
                    answers.Refused(code="not_granted"),
                ]
            ),
        ),
    ],
)
def test_reads_every_answer_of_the_tokenizer(call: Call[Any], answer: answers.Answer) -> None:
    """What the tokenizer writes is read whole."""
    read = parse(call, _received(answer))
    stated = msgspec.to_builtins(answer)
    assert msgspec.json.decode(msgspec.json.encode(stated), type=call.answer) == read


def test_a_newer_tokenizer_may_say_more() -> None:
    """Fields of an answer that this version does not know are passed over."""
    assert parse(GRANT, _received({"expires_at": 1, "refused": [], "new": 1})).expires_at == 1


@pytest.mark.parametrize(
    "handle",
    ["", "short", f"{HANDLE}&x=1", f"{HANDLE}\r\nSet-Cookie: a=b", "a/b" * 20, "é" * 43, 7],
)
def test_t15_a_handle_is_letters_alone(handle: object) -> None:
    """What would mean something in a URL or a header is no handle."""
    with pytest.raises(Unavailable) as refused:
        parse(OFFER, _received({"handle": handle, "expires_in": 60}))
    assert "Set-Cookie" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_handle_is_not_shown() -> None:
    """The text form of an answer hides the handle."""
    read = parse(OFFER, _received({"handle": HANDLE, "expires_in": 60}))
    assert HANDLE not in f"{read!r}{read!s}"


@pytest.mark.parametrize("error", ERRORS)
def test_every_code_is_its_class(error: type[LunaSecError]) -> None:
    """Each problem document of the catalog becomes the error of its code, with its detail."""
    response = refusal(error("what is wrong", retry_after=7))
    with pytest.raises(error) as raised:
        parse(GRANT, _refused(response))
    assert type(raised.value) is error
    assert raised.value.detail == "what is wrong"
    assert raised.value.retry_after == 7


def _refused(response: httpx.Response) -> Received:
    return Received(
        status=response.status_code,
        media_type=response.headers["content-type"],
        body=response.content,
        retry_after=response.headers.get("retry-after"),
    )


def test_unknown_codes_are_errors_too() -> None:
    """A code of a newer tokenizer is a `LunaSecError` that states it."""
    body = {"code": "moon_in_the_way", "status": 418, "detail": "wait"}
    with pytest.raises(UnknownRefusal) as raised:
        parse(GRANT, _received(body, 418, "application/problem+json"))
    assert isinstance(raised.value, LunaSecError)
    assert (raised.value.stated_code, raised.value.stated_status) == ("moon_in_the_way", 418)


@pytest.mark.parametrize("status", [204, 301, 302, 307, 308, 400, 401, 403, 404, 500, 502])
@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"<html>Log in</html>", "text/html"),
        (b"", ""),
        (b'{"code": "not_granted"}', "application/json"),
        (b'{"code": "<script>"}', "application/problem+json"),
        (b'{"code": 7}', "application/problem+json"),
        (b"[]", "application/problem+json"),
        (b"\xff", "application/problem+json"),
    ],
)
def test_what_is_not_the_tokenizers_is_unavailable(
    status: int, body: bytes, media_type: str
) -> None:
    """A proxy's page, a redirect or a broken problem says that the tokenizer was not reached."""
    with pytest.raises(Unavailable):
        parse(GRANT, _received(body, status, media_type))


@pytest.mark.parametrize("media_type", ["text/html", "", "application/problem+json", "text/json"])
def test_success_is_json_alone(media_type: str) -> None:
    """A log-in page with status 200 is no answer, whatever is in it."""
    with pytest.raises(Unavailable):
        parse(GRANT, _received({"expires_at": 1}, 200, media_type))


@given(body=st.binary(max_size=200), status=st.integers(100, 599), problem=st.booleans())
def test_any_answer_is_an_answer_or_an_error(body: bytes, status: int, *, problem: bool) -> None:
    """Whatever comes, `parse` gives the call's type or raises a `LunaSecError`."""
    media_type = "application/problem+json" if problem else "application/json"
    try:
        answer = parse(END, _received(body, status, media_type))
    except LunaSecError:
        return
    assert isinstance(answer, wire.Nothing)


@pytest.mark.parametrize("value", [None, "", "soon", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_other_forms_of_retry_after_are_none(value: str | None) -> None:
    """Only seconds are read; anything else is as good as absent."""
    received = Received(
        status=403,
        media_type="application/problem+json",
        body=b'{"code":"not_granted"}',
        retry_after=value,
    )
    with pytest.raises(NotGranted) as raised:
        parse(GRANT, received)
    assert raised.value.retry_after is None
