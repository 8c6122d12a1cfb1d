"""Builds everything once, from the settings; the only owner of the clock and of randomness."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp

from lunasec.tokenizer import ownership
from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.cookieless import Cookieless
from lunasec.tokenizer.core.audit import Head
from lunasec.tokenizer.core.keyset import Keyset
from lunasec.tokenizer.core.policy import Policy
from lunasec.tokenizer.counterparties import Counterparties, counterparties
from lunasec.tokenizer.embedded import DataDirectory, Opened, open_directory
from lunasec.tokenizer.erasures import Erasures
from lunasec.tokenizer.file_upkeep import FileKeeper
from lunasec.tokenizer.files import Files
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.grants import Grants
from lunasec.tokenizer.http.app import tokenizer_app
from lunasec.tokenizer.http.assets import Assets, directory
from lunasec.tokenizer.http.bodies import Bodies
from lunasec.tokenizer.http.budgets import Budgets
from lunasec.tokenizer.http.fonts import Fonts
from lunasec.tokenizer.http.metrics import Counted, Metrics
from lunasec.tokenizer.http.refusals import Refusals
from lunasec.tokenizer.http.services import Services
from lunasec.tokenizer.jose.signatures import EcdsaSignatures
from lunasec.tokenizer.log_ins import LogIns
from lunasec.tokenizer.ports import Blobs, Clock, Store
from lunasec.tokenizer.sessions import Sessions
from lunasec.tokenizer.settings import Settings
from lunasec.tokenizer.upkeep import Upkeep
from lunasec.tokenizer.vault import Vault


def _running() -> float:
    """Count seconds that nobody sets: on Linux also those in which the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class SteadyClock:
    """The machine's clock, in whole seconds, which never runs slower than time does.

    Where the machine's is set back, sessions and grants would live as much longer. So this one goes
    on from where it was, and credentials are refused until the process starts anew: in doubt, no.
    Set forward, it follows.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        running: Callable[[], float] = _running,
    ) -> None:
        """Read both: what the clock on the wall says, and what only time itself moves."""
        self._wall, self._running = wall, running
        self._ahead = wall() - running()

    def __call__(self) -> int:
        """Tell the time."""
        # The wall first: a pause between the two can't put this clock forward.
        wall = self._wall()
        running = self._running()
        self._ahead = max(self._ahead, wall - running)
        return int(self._ahead + running)


system_clock: Final = SteadyClock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenizer:
    """A whole tokenizer, not yet listening."""

    app: ASGIApp
    services: Services
    store: Store
    blobs: Blobs
    gate: Gate
    keeper: Upkeep
    clock: Clock

    async def close(self) -> None:
        """Finish what is under way, and let go of everything."""
        await self.blobs.close()
        await self.store.close()

    async def upkeep(self) -> None:
        """Do what is due; to be called every minute or so."""
        await self.keeper.run(self.clock())


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is in the files that the configuration names, each read once."""

    others: Counterparties
    fonts: Fonts
    policies: Mapping[str, Policy]


def written(settings: Settings) -> Written:
    """Read the files that the configuration names; nothing is made.

    Raises: `ConfigurationInvalid`, with the setting, or the file, that is wrong.
    """
    return Written(
        others=counterparties(settings),
        fonts=Fonts(settings.applications),
        policies={
            name: ownership.policy(each)
            for name, each in settings.applications.items()
            if each.ownership
        },
    )


def tokenizer(
    settings: Settings,
    *,
    store: Store,
    blobs: Blobs,
    keyset: Keyset,
    clock: Clock = system_clock,
    rotate: Callable[[int], Keyset] | None = None,
    anchor: Callable[[Head], None] | None = None,
    files: Written | None = None,
) -> Tokenizer:
    """Build a tokenizer on a store, blobs and a key set; `rotate` and `anchor` are upkeep's.

    Raises: `ConfigurationInvalid` as `written` does, where `files` were not read before.
    """
    files = files or written(settings)
    others, policies = files.others, files.policies
    metrics = Metrics()
    budgets = Budgets(settings.applications, metrics)
    gate, cipher = Gate(Counted(store, metrics)), Cipher(keyset)
    services = Services(
        settings=settings,
        sessions=Sessions(gate=gate, store=store, clock=clock, random=secrets.token_bytes),
        cookieless=Cookieless(
            gate=gate,
            store=store,
            signatures=EcdsaSignatures(),
            clock=clock,
            random=secrets.token_bytes,
        ),
        grants=Grants(gate=gate, cipher=cipher, clock=clock),
        erasures=Erasures(gate=gate, store=store, cipher=cipher, clock=clock, policies=policies),
        files=Files(
            gate=gate,
            store=store,
            blobs=blobs,
            cipher=cipher,
            clock=clock,
            random=secrets.token_bytes,
            policies=policies,
        ),
        vault=Vault(
            gate=gate,
            store=store,
            cipher=cipher,
            clock=clock,
            random=secrets.token_bytes,
            policies=policies,
            on_damage=metrics.damaged,
        ),
        credentials=others.credentials,
        proxies=others.proxies,
        log_outs=others.log_outs,
        log_ins=LogIns(gate=gate, clock=clock, random=secrets.token_bytes),
        relying=others.relying,
        id_tokens=others.id_tokens,
        assets=Assets(directory()),
        fonts=files.fonts,
        budgets=budgets,
        refusals=Refusals(budgets, clock),
        bodies=Bodies(metrics),
        metrics=metrics,
        clock=clock,
    )
    keeper = Upkeep(
        gate=gate,
        store=store,
        locks=cipher,
        files=FileKeeper(gate=gate, store=store, blobs=blobs),
        keyset=keyset,
        erase_delay=settings.erase_delay,
        rotate=rotate,
        anchor=anchor,
        audit_keep=settings.audit_keep,
    )
    return Tokenizer(
        app=tokenizer_app(services),
        services=services,
        store=store,
        blobs=blobs,
        gate=gate,
        keeper=keeper,
        clock=clock,
    )


def embedded(settings: Settings) -> tuple[Tokenizer, Opened]:
    """Build the default tokenizer: everything in one data directory.

    What others wrote is read first: where it is wrong, nothing is made.

    Raises: `ConfigurationInvalid`, `KeyFileDamaged`, `StoreDamaged`, `StoreRolledBack`.
    """
    files, data = written(settings), DataDirectory(path=settings.data)
    opened = open_directory(data, now=system_clock())
    built = tokenizer(
        settings,
        store=opened.store,
        blobs=opened.blobs,
        keyset=opened.keyset,
        rotate=data.keys.rotate,
        anchor=data.audit_anchor.keep,
        files=files,
    )
    opened.store.count_groups(built.services.metrics.committed)
    return built, opened
