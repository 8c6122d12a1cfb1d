"""Sessions: ensure one, offer a handle for it, redeem that, upgrade it, end it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lunasec.encoding import to_base64url
from lunasec.errors import LunaSecError, MalformedRequest
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller, Proxied
from lunasec.tokenizer.core.ledger import Handle, Purpose, Session, Want
from lunasec.tokenizer.core.log_out import End, EndProxied, LogOut
from lunasec.tokenizer.core.proxied import Enter
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.sessions import (
    LONGEST_SECONDS,
    RENEW_AFTER,
    Offer,
    Prove,
    Redeem,
    standing,
)
from lunasec.tokenizer.core.upgrade import Upgrade
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.ports import Clock, Store

SECRET_BYTES: Final = 32
"""Of a cookie, a binding, a handle: 256 bits, which nobody guesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """The frame's session lives, for `expires_in` seconds; renew it after `renew_in`."""

    reference: str
    expires_in: int
    renew_in: int


def _active(session: Session, now: int) -> Active:
    return Active(
        reference=session.reference,
        expires_in=session.expires_at - now,
        renew_in=max(0, session.created_at + RENEW_AFTER - now),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """What an application says of a session that it vouches for; `state` is None for a document."""

    state: str | None
    reference: str
    origin: str
    expires_in: int
    subject: str | None
    temporary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A new session and the secret that its cookie holds."""

    secret: Secret
    session: Session
    lifetime: int


def state_of(binding: Secret) -> str:
    """Return what the page may know of a binding: its SHA-256, in base64url."""
    return to_base64url(binding.digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Steps 1, 3 and 5 of the bootstrap, and what ends or changes a session.

    Where it takes `noted`, that is asked of each refusal, and says whether it is written down.
    """

    gate: Gate
    store: Store
    clock: Clock
    random: Callable[[int], bytes]

    def secret(self) -> Secret:
        """Make a new bearer secret."""
        return Secret(self.random(SECRET_BYTES))

    async def ensure(self, caller: FrameCaller) -> Active | None:
        """Say whether the frame's session lives. Asking never prolongs it.

        Raises: `Unavailable`.
        """
        if caller.session_hash is None:
            return None
        now = self.clock()
        facts = await self.store.look(
            Want(application=caller.application, session=caller.session_hash)
        )
        session = standing(caller, facts.session, now)
        if isinstance(session, LunaSecError):
            return None
        return _active(session, now)

    async def enter(self, who: Proxied, pinned: str, *, noted: Callable[[], bool]) -> Active:
        """Open the session that an auth proxy's token names, or say that it lives.

        Raises: `SessionChanged`, `SessionEnded`, `Unavailable`.
        """
        now = self.clock()
        enter = Enter(who=who, pinned=pinned, now=now)
        decision = enter.decide(await self.store.look(enter.want()))
        session = decision.answer
        if isinstance(session, LunaSecError) and not noted():
            raise session
        # What changes nothing needs no turn at the gate, and no entry in the audit log.
        if decision.entries or isinstance(session, LunaSecError):
            session = await self.gate.admit(enter)
        return _active(session, now)

    async def find(self, application: str, session_hash: bytes) -> Session | None:
        """Find a live session by its name, which proves nothing.

        Raises: `Unavailable`.
        """
        facts = await self.store.look(Want(application=application, session=session_hash))
        session = facts.session
        if session is None or session.application != application:
            return None
        return session if self.clock() < session.expires_at else None

    async def prove(self, caller: FrameCaller, *, noted: Callable[[], bool]) -> Session:
        """Find the live session that the frame was pinned to, before anything costs more.

        Raises: `NoSession`, `SessionChanged`, `Unavailable`.
        """
        prove = Prove(caller=caller, now=self.clock())
        answer = prove.decide(await self.store.look(prove.want())).answer
        if not isinstance(answer, LunaSecError):
            return answer
        if noted():
            return await self.gate.admit(prove)
        raise answer

    async def offer(self, caller: ApplicationCaller, offering: Offering) -> Secret:
        """Keep an application's word for a session, and return the handle that redeems it.

        Raises: `MalformedRequest`, `SessionEnded`, `Unavailable`.
        """
        if offering.temporary and offering.subject:
            raise MalformedRequest("A temporary session has no subject.")
        if not 1 <= offering.expires_in <= LONGEST_SECONDS:
            detail = f"`expires_in` is from 1 to {LONGEST_SECONDS} seconds."
            raise MalformedRequest(detail)
        handle, now = self.secret(), self.clock()
        kept = Handle(
            handle_hash=handle.digest(),
            application=caller.application,
            reference=offering.reference,
            subject=offering.subject,
            temporary=offering.temporary,
            state=offering.state or "",
            origin=offering.origin,
            created_at=now,
            session_end=now + offering.expires_in,
            used=False,
            purpose=Purpose.BROWSER if offering.state else Purpose.DOCUMENT,
        )
        await self.gate.admit(Offer(caller=caller, handle=kept))
        return handle

    async def is_offered(self, application: str, handle: Secret) -> bool:
        """Say whether a handle was offered and not presented yet. Asking does not use it up.

        Raises: `Unavailable`.
        """
        facts = await self.store.look(Want(application=application, handle=handle.digest()))
        return facts.handle is not None and not facts.handle.used

    async def redeem(
        self,
        application: str,
        handle: Secret,
        *,
        binding: Secret | None,
        cookie_hash: bytes | None,
        fetched: bool,
    ) -> Opened:
        """Turn a handle into a session, in the one browser that it was made for.

        `fetched` says that the browser named the request a fetch (`Sec-Fetch-Dest: empty`).
        The handle is used up whatever comes of it.

        Raises: `HandleInvalid`, `Unavailable`.
        """
        secret, now = self.secret(), self.clock()
        session = await self.gate.admit(
            Redeem(
                application=application,
                handle_hash=handle.digest(),
                state=state_of(binding) if binding else "",
                fetched=fetched,
                cookie_hash=cookie_hash,
                secret_hash=secret.digest(),
                now=now,
            )
        )
        return Opened(secret=secret, session=session, lifetime=session.expires_at - now)

    async def upgrade(
        self, caller: ApplicationCaller, old: str, new: str, subject: str | None = None
    ) -> None:
        """Move a temporary session's store grants to a user's session, once.

        What they are for is the `subject`'s from now on.

        Raises: `UpgradeRefused`, `Unavailable`.
        """
        upgrade = Upgrade(caller=caller, old=old, new=new, subject=subject, now=self.clock())
        await self.gate.admit(upgrade)

    async def end(
        self,
        caller: ApplicationCaller,
        reference: str,
        *,
        proxied: bool = False,
        shared: bool = False,
    ) -> None:
        """End every session, grant and handle of a reference, for good.

        Where an auth proxy vouches (`proxied`) for users alone (`shared`), one who logs in after
        this is welcome. When this returns, no reader anywhere uses them any more.

        Raises: `Unavailable`.
        """
        now = self.clock()
        end = End(caller=caller, reference=reference, now=now, proxied=proxied, shared=shared)
        await self.gate.admit(end)

    async def log_out(self, log_out: LogOut, *, noted: Callable[[], bool]) -> None:
        """End what an identity provider says is over; when this returns, nobody uses it any more.

        Raises: `LogOutInvalid` for a token that was used before, `Unavailable`.
        """
        end = EndProxied(log_out=log_out, now=self.clock())
        seen = end.decide(await self.store.look(end.want())).answer
        if isinstance(seen, LunaSecError) and not noted():
            raise seen
        await self.gate.admit(end)
