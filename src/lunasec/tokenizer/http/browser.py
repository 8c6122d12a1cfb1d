"""What browsers ask: the frames' own requests, and the redirect that opens a session."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from lunasec.encoding import to_base64url
from lunasec.errors import HandleInvalid, NoSession, SchemeDisabled
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.http import caller, cookies, limits, wire
from lunasec.tokenizer.http.answers import answer, described
from lunasec.tokenizer.http.services import FrameRequest, Services
from lunasec.tokenizer.sessions import state_of
from lunasec.tokenizer.settings import Application
from lunasec.tokenizer.vault import OpenedValue


def frame_request(services: Services, headers: Headers) -> FrameRequest:
    """Recognize one of our own frames, or refuse.

    Raises: `CrossOriginRefused`, `ApplicationUnknown`, `UnsupportedMediaType`.
    """
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
            wire.Ensured(
                active=True,
                session=active.reference,
                expires_in=active.expires_in,
                renew_in=active.renew_in,
            )
        )
    # Parallel tabs agree on one binding: it is reused for as long as the browser keeps it.
    binding = frame.binding or services.sessions.secret()
    response = answer(wire.Ensured(active=False, state=state_of(binding)))
    name = cookies.binding_name(frame.application.name)
    cookies.keep(response, frame.application, name, binding, cookies.BINDING_SECONDS)
    return response


async def create_by_redirect(request: Request, services: Services) -> Response:
    """Step 5: the browser brings the handle that the application's redirect gave it."""
    application = caller.application_named(request.path_params["application"], services.settings)
    fetched = (
        request.headers.get("sec-fetch-dest") == "empty"
        and request.headers.get("sec-fetch-mode") == "no-cors"
    )
    handle = request.query_params.get("handle", "")
    return await _redeem(request, services, application, handle, fetched=fetched)


async def create_by_post(request: Request, services: Services) -> Response:
    """Step 5 for header sessions: the coordinator brings the handle."""
    application = caller.frame_application(request.headers, services.settings)
    if not application.header_sessions or application.name != request.path_params["application"]:
        raise SchemeDisabled("`header_sessions` is off for this application.")
    body = wire.read(await limits.body(request), wire.CreateSession)
    return await _redeem(request, services, application, body.handle, fetched=True)


async def _redeem(
    request: Request, services: Services, application: Application, text: str, *, fetched: bool
) -> Response:
    handle = cookies.secret(text)
    if handle is None:
        raise HandleInvalid
    services.budgets.check_bootstraps(application.name)
    name = cookies.session_name(application.name)
    old = cookies.read(request.headers, name)
    try:
        opened = await services.sessions.redeem(
            application.name,
            handle,
            binding=cookies.read(request.headers, cookies.binding_name(application.name)),
            cookie_hash=old.digest() if old else None,
            fetched=fetched,
        )
    except HandleInvalid:
        services.budgets.charge_bootstrap(application.name)
        raise
    response = Response(status_code=204, headers={"Cache-Control": "no-store"})
    cookies.keep(response, application, name, opened.secret, opened.lifetime)
    return response


async def tokenize(services: Services, frame: FrameRequest, body: wire.Tokenize) -> Response:
    """Keep sealed values, and answer their tokens."""
    who = _session_bound(frame, body.session)
    values = [wire.sealed_value(each) for each in body.values]
    tokens = await services.vault.tokenize(who, values)
    return answer(wire.Tokenized(tokens=[each.text() for each in tokens]))


async def detokenize(services: Services, frame: FrameRequest, body: wire.Tokens) -> Response:
    """Answer sealed values with their keys, as far as they are granted."""
    who = _session_bound(frame, body.session)
    tokens = [Token.parse(each) for each in body.tokens]
    services.budgets.check_refusals(who.application, who.reference)
    opened = await services.vault.detokenize(who, tokens)
    services.budgets.charge_refusals(who.application, who.reference, opened.count(None))
    return answer(wire.Detokenized(values=[_released(each) for each in opened]))


async def describe(services: Services, frame: FrameRequest, body: wire.Tokens) -> Response:
    """Answer what tokens are, as far as they are granted."""
    who = _session_bound(frame, body.session)
    tokens = [Token.parse(each) for each in body.tokens]
    services.budgets.check_refusals(who.application, who.reference)
    records = await services.vault.describe(who, body.session, tokens)
    services.budgets.charge_refusals(who.application, who.reference, records.count(None))
    return answer(described(records))


def _session_bound(frame: FrameRequest, reference: str) -> FrameCaller:
    """Turn away a browser without a cookie before it costs anybody a write."""
    if frame.cookie is None:
        raise NoSession
    return frame.caller(reference)


def _released(opened: OpenedValue | None) -> wire.ReleasedValue | wire.Refused:
    if opened is None:
        return wire.Refused(code="not_granted")
    return wire.ReleasedValue(
        key=to_base64url(opened.dek.reveal()),
        ciphertext=to_base64url(opened.ciphertext),
        kind=opened.kind,
        metadata=dict(opened.metadata),
        expires_in=opened.expires_in,
    )
