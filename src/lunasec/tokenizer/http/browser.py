"""What our frames ask: for a session, to keep values, to give them back, what they are."""

from starlette.datastructures import Headers
from starlette.responses import Response

from lunasec.encoding import to_base64url
from lunasec.errors import NoSession, SessionChanged
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.ledger import Session
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.http import answers, caller, cookies, wire
from lunasec.tokenizer.http.answers import answer
from lunasec.tokenizer.http.budgets import Stored
from lunasec.tokenizer.http.services import FrameRequest, Services
from lunasec.tokenizer.sessions import state_of
from lunasec.tokenizer.vault import OpenedValue

COOKIES = "refused cookies"


def frame_request(services: Services, raw: Headers) -> FrameRequest:
    """Recognize one of our own frames, or refuse.

    Raises: `CrossOriginRefused`, `ApplicationUnknown`, `UnsupportedMediaType`, `MalformedRequest`.
    """
    headers = caller.Fields(raw)
    application = caller.frame_application(headers, services.settings)
    return FrameRequest(
        application=application,
        cookie=cookies.read(headers, cookies.session_name(application.name)),
        binding=cookies.read(headers, cookies.binding_name(application.name)),
    )


async def ensure(services: Services, frame: FrameRequest, body: wire.Ensure) -> Response:
    """Step 1: say that the session lives, or hand out the state with which to set one up."""
    active = await services.sessions.ensure(frame.caller(body.session))
    if active is not None and not body.renew:
        return answer(
            answers.Ensured(
                active=True,
                session=active.reference,
                expires_in=active.expires_in,
                renew_in=active.renew_in,
            )
        )
    # Parallel tabs agree on one binding: it is reused for as long as the browser keeps it.
    binding = frame.binding or services.sessions.secret()
    response = answer(answers.Ensured(active=False, state=state_of(binding)))
    name = cookies.binding_name(frame.application.name)
    cookies.keep(response, frame.application, name, binding, cookies.BINDING_SECONDS)
    return response


async def tokenize(services: Services, frame: FrameRequest, body: wire.Tokenize) -> Response:
    """Keep sealed values, and answer their tokens."""
    who, session = await _proven(services, frame, body.session)
    values = [wire.sealed_value(each) for each in body.values]
    stored = Stored(
        application=who.application,
        reference=who.reference,
        temporary=session.temporary,
        values=len(values),
        size=sum(len(each.ciphertext) for each in values),
    )
    services.budgets.check_values(stored, services.clock())
    tokens = await services.vault.tokenize(who, values)
    services.budgets.charge_values(stored, services.clock())
    return answer(answers.Tokenized(tokens=[each.text() for each in tokens]))


async def detokenize(services: Services, frame: FrameRequest, body: wire.Tokens) -> Response:
    """Answer sealed values with their keys, as far as they are granted."""
    who, _ = await _proven(services, frame, body.session)
    tokens = [Token.parse(each) for each in body.tokens]
    services.budgets.check_refusals(who.application, who.reference, services.clock())
    opened = await services.vault.detokenize(who, tokens)
    _charge(services, who, opened.count(None))
    return answer(answers.Detokenized(values=[_released(each) for each in opened]))


async def describe(services: Services, frame: FrameRequest, body: wire.Tokens) -> Response:
    """Answer what tokens are, as far as they are granted."""
    who, _ = await _proven(services, frame, body.session)
    tokens = [Token.parse(each) for each in body.tokens]
    services.budgets.check_refusals(who.application, who.reference, services.clock())
    records = await services.vault.describe(who, body.session, tokens)
    _charge(services, who, records.count(None))
    return answers.described(records)


async def _proven(
    services: Services, frame: FrameRequest, reference: str
) -> tuple[FrameCaller, Session]:
    """Name the caller and find its session, before a token costs a derivation or anybody a write.

    Anybody can send a cookie that was made up. While many do, the refusal costs no entry in the
    audit log either; who has a session notices nothing. Whether the session still lives when the
    tokens are judged, the store decides again.
    """
    if frame.cookie is None:
        raise NoSession
    who, now = frame.caller(reference), services.clock()
    left = services.budgets.has_unproven_left(COOKIES, who.application, now)
    try:
        return who, await services.sessions.prove(who, noted=left)
    except (NoSession, SessionChanged):
        services.budgets.charge_unproven(COOKIES, who.application, now)
        raise


def _charge(services: Services, who: FrameCaller, refused: int) -> None:
    now = services.clock()
    services.budgets.charge_refusals(who.application, who.reference, refused, now)


def _released(opened: OpenedValue | None) -> answers.ReleasedValue | answers.Refused:
    if opened is None:
        return answers.Refused(code="not_granted")
    return answers.ReleasedValue(
        key=to_base64url(opened.dek.reveal()),
        ciphertext=to_base64url(opened.ciphertext),
        kind=opened.kind,
        metadata=dict(opened.metadata),
        expires_in=opened.expires_in,
    )
