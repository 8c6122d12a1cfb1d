"""What the handlers of requests work with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct

from lunasec.tokenizer.cookieless import Cookieless
from lunasec.tokenizer.core.identity import FrameCaller, Proxied
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.signed import Signature
from lunasec.tokenizer.erasures import Erasures
from lunasec.tokenizer.files import Files
from lunasec.tokenizer.grants import Grants
from lunasec.tokenizer.http import places
from lunasec.tokenizer.http.assets import Assets
from lunasec.tokenizer.http.bodies import Bodies
from lunasec.tokenizer.http.budgets import Budgets
from lunasec.tokenizer.http.caller import (
    Credentials,
    IdTokens,
    Listed,
    LogOuts,
    Proxy,
    RelyingParties,
)
from lunasec.tokenizer.http.fonts import Fonts
from lunasec.tokenizer.http.metrics import Metrics
from lunasec.tokenizer.http.places import Places
from lunasec.tokenizer.http.refusals import Refusals
from lunasec.tokenizer.http.turns import Turns
from lunasec.tokenizer.log_ins import LogIns
from lunasec.tokenizer.ports import Clock
from lunasec.tokenizer.sessions import Sessions
from lunasec.tokenizer.settings import Application, Settings
from lunasec.tokenizer.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that was built at start; `wiring` builds it once."""

    settings: Settings
    sessions: Sessions
    cookieless: Cookieless
    grants: Grants
    vault: Vault
    erasures: Erasures
    files: Files
    credentials: Credentials
    proxies: Mapping[str, Proxy]
    log_outs: Mapping[str, LogOuts]
    log_ins: LogIns
    relying: Mapping[str, RelyingParties]
    id_tokens: Mapping[str, IdTokens]
    assets: Assets
    fonts: Fonts
    budgets: Budgets
    metrics: Metrics
    clock: Clock
    refusals: Refusals
    bodies: Bodies
    presented: set[bytes] = field(default_factory=set[bytes])
    """Hashes of handles that are being redeemed at this moment."""
    turns: Turns = field(default_factory=Turns)
    uploads: Places = field(default_factory=lambda: Places(places.UPLOADS))
    downloads: Places = field(default_factory=lambda: Places(places.DOWNLOADS))
    answers: Places = field(default_factory=lambda: Places(places.ANSWERS))


class FrameRequest(Struct, frozen=True, kw_only=True, gc=False):
    """A request of one of our own frames: which application's, and the cookie it brought.

    With a signature, its cookies are as good as absent: who it is, one thing says alone, and only
    once the signature was `proven`.
    """

    application: Application
    cookie: Secret | None
    headers: Listed
    signature: Signature | None = None
    proven: bool = False
    proxied: Proxied | None = None

    def caller(self, reference: str) -> FrameCaller:
        """Name the caller, pinned to the session that the body says."""
        return FrameCaller(
            application=self.application.name,
            session_hash=self._session_hash(),
            reference=reference,
            login=self.proxied.login if self.proxied and self.proxied.shared else 0,
            signed=self.signature is not None,
            person=self.proxied.person if self.proxied is not None else None,
            needs_person=self.application.asks_log_ins,
        )

    @property
    def named(self) -> bytes | None:
        """The hash by which the session is kept that the request names, proven or not."""
        if self.proxied is not None:
            return self.proxied.name
        if self.signature is not None:
            return self.signature.key_name
        return self.cookie.digest() if self.cookie else None

    def _session_hash(self) -> bytes | None:
        return None if self.signature is not None and not self.proven else self.named
