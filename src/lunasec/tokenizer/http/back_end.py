"""What applications' back ends ask, each with its signed credential."""

from collections.abc import Sequence

from msgspec import UNSET
from starlette.responses import Response

from lunasec.encoding import to_base64url
from lunasec.errors import MalformedRequest
from lunasec.tokenizer.core.grants import GRANT_SECONDS
from lunasec.tokenizer.core.identity import ApplicationCaller
from lunasec.tokenizer.core.ledger import Action
from lunasec.tokenizer.core.sessions import HANDLE_SECONDS
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.http import answers, browser, proxied, wire
from lunasec.tokenizer.http.answers import answer
from lunasec.tokenizer.http.services import Services
from lunasec.tokenizer.sessions import Offering


async def offer(services: Services, caller: ApplicationCaller, body: wire.OfferHandle) -> Response:
    """Step 3: the application vouches for a session."""
    proxied.require_own_sessions(services.settings.applications[caller.application])
    if body.origin not in services.settings.applications[caller.application].origins:
        raise MalformedRequest("`origin` is not one of the application's origins.")
    if (body.state is UNSET) is not body.document:
        raise MalformedRequest("A handle is for a `state`, or for a `document`.")
    offering = Offering(
        state=None if body.state is UNSET else body.state,
        reference=body.session,
        origin=body.origin,
        expires_in=body.expires_in,
        subject=body.subject,
        temporary=body.temporary,
    )
    handle = await services.sessions.offer(caller, offering)
    return answer(
        answers.OfferedHandle(handle=to_base64url(handle.reveal()), expires_in=HANDLE_SECONDS)
    )


async def end(services: Services, caller: ApplicationCaller, body: wire.EndSession) -> Response:
    """Log-out."""
    application = services.settings.applications[caller.application]
    proxy, oidc = application.provider, application.oidc
    await services.sessions.end(
        caller,
        body.session,
        proxied=proxy is not None or oidc is not None,
        # Each log-in with a provider says when it was begun: one after this is welcome.
        shared=oidc is not None or (proxy is not None and not proxy.session_claim),
    )
    return answer(answers.Done())


async def upgrade(
    services: Services, caller: ApplicationCaller, body: wire.UpgradeSession
) -> Response:
    """Sign-up: a temporary session's tokens become a user's."""
    proxied.require_own_sessions(services.settings.applications[caller.application])
    await services.sessions.upgrade(caller, body.old, body.session, body.subject)
    return answer(answers.Done())


async def create_grants(
    services: Services, caller: ApplicationCaller, body: wire.CreateGrants
) -> Response:
    """Let a session read tokens."""
    tokens = _tokens(body.tokens)
    services.budgets.charge_grants(caller.application, len(tokens), services.clock())
    created = await services.grants.create(
        caller,
        body.session,
        tokens,
        expires_in=GRANT_SECONDS if body.expires_in is UNSET else body.expires_in,
        max_reads=body.max_reads,
        may_copy="copy" in body.actions,
    )
    return answer(answers.CreatedGrants(expires_at=created.expires_at, refused=[*created.refused]))


async def verify_grants(
    services: Services, caller: ApplicationCaller, body: wire.VerifyGrants
) -> Response:
    """Say whether a session made, or may read, tokens."""
    granted = await services.grants.verify(
        caller, body.session, _tokens(body.tokens), Action(body.action)
    )
    return answer(answers.VerifiedGrants(granted=[*granted]))


async def revoke_grants(
    services: Services, caller: ApplicationCaller, body: wire.RevokeGrants
) -> Response:
    """Take grants back."""
    tokens = None if body.tokens is None else _tokens(body.tokens)
    await services.grants.revoke(caller, body.session, tokens)
    return answer(answers.Done())


async def describe(services: Services, caller: ApplicationCaller, body: wire.Tokens) -> Response:
    """Say what tokens are, in the name of a session that may read them."""
    tokens = _tokens(body.tokens)
    async with services.refusals.reserve(caller.application, body.session, len(tokens)) as asked:
        records = await services.vault.describe(caller, body.session, tokens)
        asked.answered(refused=records.count(None))
    return await browser.described(services, caller.application, caller.key_id, records)


async def erase(services: Services, caller: ApplicationCaller, body: wire.Erase) -> Response:
    """Make tokens, or all that was stored for a subject, unreadable."""
    if (body.tokens is None) is (body.subject is None):
        raise MalformedRequest("Name `tokens`, or a `subject`.")
    if body.subject is not None:
        erased = await _erase_subject(services, caller, body.subject, body.session)
        return answer(answers.Erased(erased=erased))
    tokens = _tokens(body.tokens or ())
    services.budgets.charge_erases(caller.application, len(tokens), services.clock())
    erased = await services.erasures.erase(caller, tokens, body.session)
    return answer(answers.Erased(erased=erased))


async def _erase_subject(
    services: Services, caller: ApplicationCaller, subject: str, session: str | None
) -> int:
    """Charge for what there is before any of it goes: a person is erased whole, or not at all.

    Nobody costs as much as one token: that too is written down.
    """
    name = caller.application
    most = services.settings.applications[name].erases_per_hour + 1
    there = await services.erasures.count_of(name, subject, most)
    services.budgets.charge_erases(name, max(1, there), services.clock())
    return await services.erasures.erase_subject(caller, subject, session)


def _tokens(texts: Sequence[str]) -> list[Token]:
    return [Token.parse(each) for each in texts]
