"""Log-in with an application's identity provider: a navigation there, and the one that comes back.

Where it comes back to the application, the configuration says; no target is ever a request's.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from lunasec.errors import CrossOriginRefused, LogInInvalid, SchemeDisabled
from lunasec.jose.proxied import Named
from lunasec.tokenizer.core.identity import Person
from lunasec.tokenizer.core.log_in import LOG_IN_SECONDS, LogIn
from lunasec.tokenizer.http import caller, cookies, persons, styled
from lunasec.tokenizer.http.not_logged_in import PAGE
from lunasec.tokenizer.http.services import Services
from lunasec.tokenizer.relying import Prompt, RelyingParty
from lunasec.tokenizer.sessions import Opened
from lunasec.tokenizer.settings import Application

LOG_INS: Final = "refused log-ins"
MOST: Final = 16
"""Fields of an answer. Four count; the rest is for others (RFC 6749, section 4.1.2)."""

FRAME: Final = "iframe"
CONFIRMING: Final = f"prompt={Prompt.LOGIN}"
"""What an address says behind `?` where the person is to confirm who that is."""

_COUNTED: Final = frozenset({"state", "code", "error", "iss"})
_PRIVATE: Final = {"Cache-Control": "no-store"}


async def begin(request: Request, services: Services) -> Response:
    """Send a browser to the provider (OpenID Connect Core 1.0, section 3.1.2.1).

    A person goes there, to confirm who that is or just to log in; or a hidden frame of the page,
    which asks for an answer without a page.
    """
    application, party = _party(request, services)
    prompt = _prompt(request)
    name = cookies.log_in_name(application.name)
    # Parallel tabs have one secret: it is kept for as long as the browser keeps it.
    binding, begun = services.log_ins.begin(
        application.name, party.issuer, cookies.read(request.headers, name)
    )
    address = await services.relying[application.name].authorization(
        state=begun.state,
        nonce=begun.nonce,
        verifier=begun.verifier,
        prompt=prompt,
        now=services.clock(),
    )
    response = _sent_to(address)
    cookies.keep_for_return(response, name, binding, LOG_IN_SECONDS)
    return response


async def finish(request: Request, services: Services) -> Response:
    """Take a browser that comes back from the provider, and give it a session.

    1. It is a navigation to our own host, for an application that has a provider.
    2. Of each parameter that counts there is one.
    3. `state` is of this browser, and of a log-in that it began here, not long ago (RFC 6749,
       section 10.12), and of no other answer that is under way.
    4. `iss` names the provider; it is there where that says so of itself (RFC 9207, section 2.4).
    5. An answer that is an error logs nobody in.
    6. The code is exchanged, with the verifier that this browser's secret makes.
    7. The ID token is the provider's, for us, and for this log-in.
    8. The state opened no session before, and nothing of whom the token names was logged out since
       the log-in was begun. Now the state is used up.
    """
    # 1.
    application, party = _party(request, services)
    navigation = _destination(request.headers)
    try:
        opened = await _opened(request, services, application, party)
    except LogInInvalid as refusal:
        # Anybody can have one refused: while many do, it costs no entry in the audit log.
        if services.budgets.charge_unproven(LOG_INS, application.name, services.clock()):
            await services.log_ins.refuse(application.name, refusal.detail)
        raise LogInInvalid from None
    response = _back(application, party, navigation)
    if opened is not None:
        name = cookies.session_name(application.name)
        cookies.keep_for_return(response, name, opened.secret, opened.lifetime)
    return response


async def _opened(
    request: Request, services: Services, application: Application, party: RelyingParty
) -> Opened | None:
    name, log_ins = application.name, services.log_ins
    # 2.
    said = _parameters(request.scope["query_string"])
    # 3.
    binding = cookies.read(request.headers, cookies.log_in_name(name))
    log_in = log_ins.resume(name, party.issuer, binding, said.get("state", ""))
    with _alone(services, log_in):
        return await _exchanged(request, services, application, party, log_in, said)


async def _exchanged(
    request: Request,
    services: Services,
    application: Application,
    party: RelyingParty,
    log_in: LogIn,
    said: Mapping[str, str],
) -> Opened | None:
    name, provider, now = application.name, services.relying[application.name], services.clock()
    # 4.
    if ("iss" in said or await provider.names_itself(now)) and said.get("iss") != party.issuer:
        raise LogInInvalid("another issuer's answer")
    # 5.
    if "error" in said:
        await _noted(services, name)
        return None
    # 6.
    code = said.get("code", "")
    if not code:
        raise LogInInvalid("no code")
    token = await provider.id_token(code=code, verifier=log_in.verifier, now=now)
    # 7.
    named = await services.id_tokens[name].verify(token, nonce=log_in.nonce, now=services.clock())
    # 8.
    old = cookies.read(request.headers, cookies.session_name(name))
    person = _person(application, named, services.clock() + party.tokens.leeway)
    return await services.log_ins.open(name, party.issuer, log_in, named, person, old)


def _person(application: Application, named: Named, latest: float) -> Person | None:
    """Read what policies may ask for, where there are some.

    Raises: `LogInInvalid`.
    """
    if not application.policies:
        return None
    try:
        # Straight from a provider, where people may write any address into their own accounts.
        return persons.person(named.members, latest=latest, trusts_email=False)
    except ValueError as error:
        raise LogInInvalid(str(error)) from None


@contextmanager
def _alone(services: Services, log_in: LogIn) -> Generator[None]:
    """Let one answer of a log-in go on at a time: the provider hears of its code once.

    Raises: `LogInInvalid`.
    """
    if log_in.state_hash in services.presented:
        raise LogInInvalid("used state")
    services.presented.add(log_in.state_hash)
    try:
        yield
    finally:
        services.presented.discard(log_in.state_hash)


async def _noted(services: Services, application: str) -> None:
    """Write down that the provider logged nobody in."""
    if services.budgets.charge_unproven(LOG_INS, application, services.clock()):
        with suppress(LogInInvalid):
            await services.log_ins.refuse(application, "the provider refused")


def _parameters(query: bytes) -> dict[str, str]:
    """Read what the provider says by way of the browser; others' parameters are none of ours.

    Raises: `LogInInvalid` where one that counts is there twice, or an ID token came this way.
    """
    try:
        fields = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST
        )
    except ValueError:
        raise LogInInvalid("unreadable answer") from None
    counted = [(name, value) for name, value in fields if name in _COUNTED]
    said = dict(counted)
    if len(said) != len(counted):
        raise LogInInvalid("a parameter twice")
    return said


def _back(application: Application, party: RelyingParty, destination: str) -> Response:
    """Send a person back to the application; a hidden frame has only to know that it is over."""
    if destination == PAGE:
        return _sent_to(party.landing)
    ancestors = f"default-src 'none'; frame-ancestors {' '.join(application.origins)}"
    headers = {**_PRIVATE, "Content-Security-Policy": ancestors}
    return Response(
        "<!doctype html><title>LunaSec</title>", headers=headers, media_type=styled.HTML
    )


def _sent_to(address: str) -> Response:
    return Response(status_code=303, headers={**_PRIVATE, "Location": address})


def _party(request: Request, services: Services) -> tuple[Application, RelyingParty]:
    """Find the application, and the provider that it has.

    Raises: `CrossOriginRefused`, `ApplicationUnknown`, `SchemeDisabled`.
    """
    caller.require_host(request.headers, services.settings)
    application = caller.application_named(request.path_params["application"], services.settings)
    request.scope["lunasec.application"] = application.name
    if application.oidc is None:
        raise SchemeDisabled("The application's frames log in with nobody.")
    return application, application.oidc


def _prompt(request: Request) -> Prompt | None:
    """Say what the person is to be asked: a page may make it more than the provider would ask."""
    if _destination(request.headers) == FRAME:
        return Prompt.NONE
    confirming = request.scope["query_string"] == CONFIRMING.encode()
    return Prompt.LOGIN if confirming else None


def _destination(headers: Headers) -> str:
    """Say whether a page or a frame is loaded; nothing else begins or finishes a log-in.

    Raises: `CrossOriginRefused`.
    """
    stated = headers.getlist("sec-fetch-dest")
    if headers.getlist("sec-fetch-mode") != ["navigate"] or stated not in ([PAGE], [FRAME]):
        raise CrossOriginRefused("A log-in is a page that is loaded, or a frame.")
    return stated[0]
