"""A tokenizer without HTTP: the use cases on a store, with a clock that tests set."""

import secrets
from collections.abc import Callable

from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.core.audit import Head
from lunasec.tokenizer.core.envelope import BUCKET_BYTES, HEADER_BYTES, TAG_BYTES
from lunasec.tokenizer.core.identity import ApplicationCaller, FrameCaller
from lunasec.tokenizer.core.keyset import FRESH_BYTES, Keyset, rotated
from lunasec.tokenizer.core.sealed import SealedValue
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.erasures import Erasures
from lunasec.tokenizer.file_upkeep import FileKeeper
from lunasec.tokenizer.files import Files
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.grants import Grants
from lunasec.tokenizer.ports import Blobs, Store
from lunasec.tokenizer.sessions import Offering, Sessions, state_of
from lunasec.tokenizer.stores.memory_blobs import MemoryBlobs
from lunasec.tokenizer.upkeep import Upkeep
from lunasec.tokenizer.vault import Vault
from tests.stores.made_up import ALICE, APPLICATION, NOW, ORIGIN

ERASE_DELAY = 1000


def fresh_keys() -> Keyset:
    """Make the keys of a new tokenizer."""
    return Keyset.fresh(secrets.token_bytes(FRESH_BYTES), NOW)


def sealed(data: bytes = b"", *, buckets: int = 1) -> SealedValue:
    """Make a value as a frame would have sealed it; `data` stands somewhere in it."""
    size = HEADER_BYTES - 2 + buckets * BUCKET_BYTES + TAG_BYTES
    filling = secrets.token_bytes(size - len(data))
    return SealedValue(
        dek=Secret(secrets.token_bytes(32)),
        ciphertext=b"\x01\x01" + filling + data,
        kind="text",
        metadata=(),
    )


class Whole:
    """Sessions, grants, vault and upkeep of one tokenizer."""

    def __init__(
        self,
        store: Store,
        keyset: Keyset,
        *,
        now: int = NOW,
        gate: Gate | None = None,
        blobs: Blobs | None = None,
        anchor: Callable[[Head], None] | None = None,
        audit_keep: int | None = None,
    ) -> None:
        """Build it; the clock stands still at `now`."""
        self.now = now
        self.store = store
        self.keyset = keyset
        self.gate = gate or Gate(store)
        self.blobs = blobs or MemoryBlobs()
        self.cipher = Cipher(keyset)
        self.sessions = Sessions(
            gate=self.gate, store=store, clock=self.clock, random=secrets.token_bytes
        )
        self.grants = Grants(gate=self.gate, cipher=self.cipher, clock=self.clock)
        self.vault = Vault(
            store=store,
            gate=self.gate,
            cipher=self.cipher,
            clock=self.clock,
            random=secrets.token_bytes,
        )
        self.erasures = Erasures(gate=self.gate, store=store, cipher=self.cipher, clock=self.clock)
        self.files = Files(
            gate=self.gate,
            store=store,
            blobs=self.blobs,
            cipher=self.cipher,
            clock=self.clock,
            random=secrets.token_bytes,
        )
        self.keeper = FileKeeper(gate=self.gate, store=store, blobs=self.blobs)
        self.upkeep = Upkeep(
            gate=self.gate,
            store=store,
            locks=self.cipher,
            files=self.keeper,
            keyset=keyset,
            erase_delay=ERASE_DELAY,
            rotate=self.rotated,
            anchor=anchor,
            audit_keep=audit_keep,
        )
        self.back_end = ApplicationCaller(application=APPLICATION, key_id="key-1")

    def clock(self) -> int:
        """Tell the time."""
        return self.now

    def rotated(self, now: int) -> Keyset:
        """Begin a wrap epoch, as a key service does."""
        self.keyset = rotated(self.keyset, now)
        return self.keyset

    async def log_in(
        self, reference: str = ALICE, *, subject: str | None = "alice", temporary: bool = False
    ) -> FrameCaller:
        """Set up a session, as browser and application do together."""
        binding = self.sessions.secret()
        offering = Offering(
            state=state_of(binding),
            reference=reference,
            origin=ORIGIN,
            expires_in=3600,
            subject=subject,
            temporary=temporary,
        )
        handle = await self.sessions.offer(self.back_end, offering)
        opened = await self.sessions.redeem(
            APPLICATION, handle, binding=binding, cookie_hash=None, fetched=True
        )
        return FrameCaller(
            application=APPLICATION, session_hash=opened.secret.digest(), reference=reference
        )

    async def tokens(self, frame: FrameCaller, count: int = 1, *, buckets: int = 1) -> list[Token]:
        """Store values and give the session the right to read them."""
        values = [sealed(buckets=buckets) for _ in range(count)]
        tokens = await self.vault.tokenize(frame, values)
        await self.grant(frame, tokens)
        return tokens

    async def grant(self, frame: FrameCaller, tokens: list[Token]) -> None:
        """Let the frame's session read tokens for a quarter of an hour."""
        await self.grants.create(
            self.back_end, frame.reference, tokens, expires_in=900, max_reads=None
        )

    async def readable(self, frame: FrameCaller, tokens: list[Token]) -> list[bool]:
        """Say which tokens the frame can read now."""
        return [each is not None for each in await self.vault.detokenize(frame, tokens)]
