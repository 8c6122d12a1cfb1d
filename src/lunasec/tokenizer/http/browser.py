"""What our frames ask: for a session, to keep values, to give them back, what they are."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from msgspec import UNSET, UnsetType
from msgspec.structs import replace
from starlette.responses import Response
from starlette.types import Scope

from lunasec.encoding import to_base64url
from lunasec.errors import MalformedRequest, NoSession
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.ledger import Record, Session, metadata_size
from lunasec.tokenizer.core.policy import Act, StepUp
from lunasec.tokenizer.core.sealed import OpenedValue, SealedValue
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.signed import Signature
from lunasec.tokenizer.core.stream import KIND
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.core.values import Release
from lunasec.tokenizer.http import answers, caller, cookies, proxied, sealed, wire
from lunasec.tokenizer.http.answers import answer
from lunasec.tokenizer.http.bodies import SMALL_BODY, STRANGERS
from lunasec.tokenizer.http.budgets import Stored
from lunasec.tokenizer.http.held import Room
from lunasec.tokenizer.http.services import FrameRequest, Services
from lunasec.tokenizer.sessions import Active, state_of

COOKIES: Final = "refused cookies"
PROXIED: Final = "refused sessions of an auth proxy"

SIGNATURE_HEADER: Final = "lunasec-signature"
"""What a document without cookies sends in their place; no page of another origin may send it."""


LOG_IN: Final = "log-in"
"""In the place of a state: the browser logs in with an identity provider, at `/session/log-in`."""

STEP_UP: Final = "step-up"
"""Beside a live session: a policy may want it confirmed there who that is."""


async def frame_request(
    services: Services, headers: caller.Fields, scope: Scope, media_type: str = caller.JSON
) -> FrameRequest:
    """Recognize one of our own frames, with its cookie, its signature, or its auth proxy's word.

    Raises: `CrossOriginRefused`, `ApplicationUnknown`, `UnsupportedMediaType`, `MalformedRequest`,
    `NotProxied`, `Unavailable`.
    """
    application = caller.frame_application(headers, services.settings, media_type)
    signature = caller.only(headers, SIGNATURE_HEADER)
    if signature is not None:
        signed = Signature.parse(signature)
        frame = FrameRequest(
            application=application, cookie=None, headers=headers, signature=signed
        )
    else:
        frame = FrameRequest(
            application=application,
            cookie=cookies.read(headers, cookies.session_name(application.name)),
            headers=headers,
        )
    return await proxied.identified(services, frame, headers, scope)


async def sender(services: Services, frame: FrameRequest, size: int) -> tuple[str, str]:
    """Say in whose name a body of that size is held, while nobody has proven yet who sends it.

    Whoever brings what only one browser has is as good as that session here, and only here.

    Raises: `Unavailable`.
    """
    session = None if size <= SMALL_BODY else await named(services, frame)
    return STRANGERS if session is None else (session.application, holder(session))


async def named(services: Services, frame: FrameRequest) -> Session | None:
    """Find the live session that a request's cookie, or its signature's key, names.

    Raises: `Unavailable`.
    """
    application, named = frame.application.name, frame.named
    return None if named is None else await services.sessions.find(application, named)


async def ensure(services: Services, frame: FrameRequest, body: wire.Ensure) -> Response:
    """Step 1: say that the session lives, or hand out the state with which to set one up."""
    if frame.proxied is not None:
        # A frame that renews gets nothing else: the proxy's word is as new as the request.
        noted = _noted(services, frame)
        return _ensured(await services.sessions.enter(frame.proxied, body.session, noted=noted))
    active = await services.sessions.ensure(frame.caller(body.session))
    if active is not None and not body.renew:
        return _ensured(active, STEP_UP if frame.application.asks_log_ins else UNSET)
    if frame.application.oidc is not None:
        return answer(answers.Ensured(active=False, state=LOG_IN))
    if frame.signature is not None:
        # The page has its application vouch for a new document; nothing is kept in the browser.
        return answer(answers.Ensured(active=False))
    # Parallel tabs agree on one binding: it is reused for as long as the browser keeps it.
    name = cookies.binding_name(frame.application.name)
    binding = cookies.read(frame.headers, name) or services.sessions.secret()
    response = answer(answers.Ensured(active=False, state=state_of(binding)))
    cookies.keep(response, frame.application, name, binding, cookies.BINDING_SECONDS)
    return response


def _ensured(active: Active, state: str | UnsetType = UNSET) -> Response:
    return answer(
        answers.Ensured(
            active=True,
            session=active.reference,
            expires_in=active.expires_in,
            renew_in=active.renew_in,
            state=state,
        )
    )


async def tokenize(services: Services, frame: FrameRequest, body: wire.Tokenize) -> Response:
    """Keep sealed values, and answer their tokens."""
    who, session = await proven(services, frame, body.session)
    values = [sealed.sealed_value(each) for each in body.values]
    ids = sealed.upload_ids(body.values)
    stored = Stored(
        application=who.application,
        reference=who.reference,
        temporary=session.temporary,
        values=len(values),
        size=sum(len(each.ciphertext) + metadata_size(each.metadata) for each in values),
    )
    # Before anything is waited for, or many at once would each find room.
    services.budgets.check_values(stored, services.clock())
    services.budgets.charge_values(stored, services.clock())
    if ids:
        values = await _with_files(services, who, values, ids)
    tokens = await services.vault.tokenize(who, values)
    return answer(answers.Tokenized(tokens=[each.text() for each in tokens]))


async def _with_files(
    services: Services, who: FrameCaller, values: list[SealedValue], ids: list[Secret]
) -> list[SealedValue]:
    """Give each manifest the upload that it names; each is whole by now."""
    async with services.refusals.reserve(who.application, who.reference, 1):
        uploads = iter(await services.files.whole(who, ids))
    return [replace(each, upload=next(uploads)) if each.kind == KIND else each for each in values]


async def detokenize(services: Services, frame: FrameRequest, body: wire.Detokenize) -> Response:
    """Answer sealed values with their keys, as far as they are granted."""
    who, session = await proven(services, frame, body.session)
    if len(set(body.tokens)) < len(body.tokens):
        raise MalformedRequest("A token is there twice; ask for each once.")
    tokens = [Token.parse(each) for each in body.tokens]
    whose, budgets = (who.application, who.reference), services.budgets
    budgets.charge_reads(*whose, len(tokens), services.clock())
    budgets.check_bytes_read(*whose, services.clock())
    async with Room(services, who.application, holder(session)) as room:

        async def decided(released: Sequence[Release | StepUp | None]) -> None:
            asked.answered(refused=released.count(None))
            size = sum([each.record.weight for each in released if isinstance(each, Release)])
            budgets.charge_bytes_read(*whose, size, services.clock())
            await room.make(size)

        async with services.refusals.reserve(*whose, len(tokens)) as asked:
            opened = await services.vault.detokenize(who, tokens, Act(body.action), decided)
        return room.answer(answers.Detokenized(values=[_released(each) for each in opened]))


async def describe(services: Services, frame: FrameRequest, body: wire.Tokens) -> Response:
    """Answer what tokens are, as far as they are granted."""
    who, session = await proven(services, frame, body.session)
    tokens = [Token.parse(each) for each in body.tokens]
    async with services.refusals.reserve(who.application, who.reference, len(tokens)) as asked:
        records = await services.vault.describe(who, body.session, tokens)
        asked.answered(refused=records.count(None))
    return await described(services, who.application, holder(session), records)


async def described(
    services: Services, application: str, holder: str, records: list[Record | StepUp | None]
) -> Response:
    """Answer descriptions, as soon as there is room for them."""
    async with Room(services, application, holder) as room:
        there = [each.metadata for each in records if isinstance(each, Record)]
        await room.make(sum(map(metadata_size, there)))
        return room.answer(answers.described(records))


async def proven(
    services: Services, frame: FrameRequest, reference: str
) -> tuple[FrameCaller, Session]:
    """Name the caller and find its session, before a token costs a derivation or anybody a write.

    Behind an auth proxy the first request enters the session, whatever it asks for: each brings the
    proxy's word, and a page then waits for one answer and not for two.

    Anybody can send a cookie that was made up, and whoever has an account at the proxy a session
    that is not theirs. While many do, the refusal costs no entry in the audit log either; who has a
    session notices nothing. Whether the session still lives when the tokens are judged, the store
    decides again.
    """
    who, noted = frame.caller(reference), _noted(services, frame)
    if who.session_hash is None:
        raise NoSession
    if frame.proxied is not None and await named(services, frame) is None:
        await services.sessions.enter(frame.proxied, reference, noted=noted)
    return who, await services.sessions.prove(who, noted=noted)


def _noted(services: Services, frame: FrameRequest) -> Callable[[], bool]:
    """Give what counts a refusal, and says whether it may cost an entry in the audit log."""
    what = COOKIES if frame.proxied is None else PROXIED
    charge = services.budgets.charge_unproven
    return partial(charge, what, frame.application.name, services.clock())


def holder(session: Session) -> str:
    """Name who holds a place: a session, or all those that anybody can have together."""
    return "" if session.temporary else session.reference


def _released(opened: OpenedValue | StepUp | None) -> answers.ReleasedValue | answers.Refused:
    if not isinstance(opened, OpenedValue):
        return answers.refused(opened)
    return answers.ReleasedValue(
        key=to_base64url(opened.dek.reveal()),
        ciphertext=to_base64url(opened.ciphertext),
        kind=opened.kind,
        metadata=dict(opened.metadata),
        expires_in=opened.expires_in,
        may_copy=opened.may_copy,
        file=answers.stream(opened.file),
    )
