"""Log-ins with an identity provider: begin one, let it come back once, open its session."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lunasec.errors import LogInInvalid
from lunasec.jose.proxied import Named
from lunasec.references import session_reference
from lunasec.tokenizer.core.identity import Person
from lunasec.tokenizer.core.log_in import (
    SALT_BYTES,
    Enter,
    LogIn,
    Refuse,
    Who,
    begin,
    resume,
)
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.ports import Clock
from lunasec.tokenizer.sessions import SECRET_BYTES, Opened

FOREIGN: Final = "another browser's state"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIns:
    """What the relying party keeps and decides; the provider is asked elsewhere."""

    gate: Gate
    clock: Clock
    random: Callable[[int], bytes]

    def begin(self, application: str, issuer: str, binding: Secret | None) -> tuple[Secret, LogIn]:
        """Make a log-in for a browser, with the secret that it has to bring again; keep nothing."""
        secret = binding or Secret(self.random(SECRET_BYTES))
        salt = self.random(SALT_BYTES)
        return secret, begin(secret, application, issuer, salt, self.clock())

    def resume(self, application: str, issuer: str, binding: Secret | None, state: str) -> LogIn:
        """Find the log-in that comes back, to the browser that began it, and in time.

        Raises: `LogInInvalid`.
        """
        log_in = resume(binding, application, issuer, state) if binding else None
        if log_in is None:
            raise LogInInvalid(FOREIGN)
        if log_in.is_late(self.clock()):
            raise LogInInvalid("expired state")
        return log_in

    async def open(
        self,
        application: str,
        issuer: str,
        log_in: LogIn,
        named: Named,
        person: Person | None,
        cookie: Secret | None,
    ) -> Opened:
        """Open the session of whom the provider named, once for each log-in.

        Raises: `LogInInvalid` the second time, `SessionEnded` where whom it names was logged out
        since, `Unavailable`.
        """
        secret, now = Secret(self.random(SECRET_BYTES)), self.clock()
        enter = Enter(
            who=Who(
                application=application,
                session_id=named.session_id,
                user_id=named.user_id,
                reference=session_reference(application, named.session_id, named.subject),
                issuer=issuer,
                subject=named.subject,
                person=person,
            ),
            log_in=log_in,
            cookie_hash=cookie.digest() if cookie else None,
            secret_hash=secret.digest(),
            now=now,
        )
        session = await self.gate.admit(enter)
        return Opened(secret=secret, session=session, lifetime=session.expires_at - now)

    async def refuse(self, application: str, reason: str) -> None:
        """Write down why a log-in comes to nothing.

        Raises: `LogInInvalid`, without the reason, `Unavailable`.
        """
        await self.gate.admit(Refuse(application=application, reason=reason, now=self.clock()))
