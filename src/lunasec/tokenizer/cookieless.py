"""Sessions of pages whose browser keeps no cookie of ours: a document, its key, signed requests."""

from collections.abc import Callable
from dataclasses import dataclass

from lunasec.errors import NoSession
from lunasec.tokenizer.core.cookieless import CountSigned, OpenDocument, RegisterKey
from lunasec.tokenizer.core.identity import FrameCaller
from lunasec.tokenizer.core.ledger import Session, Want
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.signed import Request
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.ports import Clock, Signatures, Store
from lunasec.tokenizer.sessions import SECRET_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A coordinator's document: the session that it is for, and the secret that stands in it."""

    reference: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookieless:
    """What takes the place of the cookie; each step passes the gate."""

    gate: Gate
    store: Store
    signatures: Signatures
    clock: Clock
    random: Callable[[int], bytes]

    async def open(self, application: str, handle: Secret, *, framed: bool) -> Document:
        """Turn a handle into a document, once.

        `framed` says that the browser loads it into a frame (`Sec-Fetch-Dest: iframe`).

        Raises: `HandleInvalid`, `Unavailable`.
        """
        secret = Secret(self.random(SECRET_BYTES))
        kept = await self.gate.admit(
            OpenDocument(
                application=application,
                handle_hash=handle.digest(),
                framed=framed,
                secret_hash=secret.digest(),
                now=self.clock(),
            )
        )
        return Document(reference=kept.reference, secret=secret)

    async def register(
        self, caller: FrameCaller, secret: Secret, public_key: bytes, *, direct: bool
    ) -> Session:
        """Turn a document's secret, or with `direct` its handle, into a session of a key, once.

        Raises: `HandleInvalid`, `SessionChanged`, `Unavailable`.
        """
        sound = self.signatures.is_key(public_key)
        return await self.gate.admit(
            RegisterKey(
                caller=caller,
                secret_hash=secret.digest(),
                public_key=public_key if sound else None,
                now=self.clock(),
                direct=direct,
            )
        )

    async def count(self, application: str, request: Request, *, noted: Callable[[], bool]) -> None:
        """Prove that a live session's key signed a request that was never made before.

        When this returns, its counter is used up, durably. A refusal is written down in the audit
        log where `noted`, which is then asked, says so; who signs one request twice at the same
        moment is in it twice.

        Raises: `NoSession`, `Unavailable`.
        """
        signature, now = request.signature, self.clock()
        facts = await self.store.look(Want(application=application, session=signature.key_name))
        counted = CountSigned(
            application=application,
            key_name=signature.key_name,
            counter=signature.counter,
            genuine=self._is_genuine(request, facts.session),
            now=now,
        )
        if counted.refusal(facts) and not noted():
            raise NoSession
        await self.gate.admit(counted)

    def _is_genuine(self, request: Request, session: Session | None) -> bool:
        if session is None or not session.public_key:
            return False
        message = request.message(session.reference)
        return self.signatures.is_genuine(session.public_key, message, request.signature.value)
