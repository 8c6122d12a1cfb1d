"""What the handlers of requests work with."""

from dataclasses import dataclass, field

from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.grants import Grants
from lunasec.tokenizer.http.budgets import Budgets
from lunasec.tokenizer.http.caller import Credentials
from lunasec.tokenizer.http.frames import Assets
from lunasec.tokenizer.http.metrics import Metrics
from lunasec.tokenizer.http.turns import Turns
from lunasec.tokenizer.ports import Clock
from lunasec.tokenizer.sessions import Sessions
from lunasec.tokenizer.settings import Application, Settings
from lunasec.tokenizer.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that was built at start; `wiring` builds it once."""

    settings: Settings
    sessions: Sessions
    grants: Grants
    vault: Vault
    credentials: Credentials
    assets: Assets
    budgets: Budgets
    metrics: Metrics
    clock: Clock
    turns: Turns = field(default_factory=Turns)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRequest:
    """A request of one of our own frames: which application's, and the cookies it brought."""

    application: Application
    cookie: Secret | None
    binding: Secret | None

    def caller(self, reference: str) -> FrameCaller:
        """Name the caller, pinned to the session that the body says."""
        return FrameCaller(
            application=self.application.name,
            session_hash=self.cookie.digest() if self.cookie else None,
            reference=reference,
        )
