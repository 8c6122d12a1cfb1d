"""Builds everything once, from the settings; the only owner of the clock and of randomness."""

import secrets
import time
from dataclasses import dataclass

from starlette.types import ASGIApp

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.core.keyset import Keyset
from lunasec.tokenizer.core.upkeep import Upkeep
from lunasec.tokenizer.embedded import DataDirectory, Opened, open_directory
from lunasec.tokenizer.gate import Gate
from lunasec.tokenizer.grants import Grants
from lunasec.tokenizer.http.app import tokenizer_app
from lunasec.tokenizer.http.budgets import Budgets
from lunasec.tokenizer.http.frames import Assets, directory
from lunasec.tokenizer.http.metrics import Counted, Metrics
from lunasec.tokenizer.http.services import Services
from lunasec.tokenizer.jose.application import ApplicationTokens
from lunasec.tokenizer.jose.keys import KeySet
from lunasec.tokenizer.ports import Clock, Store
from lunasec.tokenizer.sessions import Sessions
from lunasec.tokenizer.settings import Application, Settings
from lunasec.tokenizer.vault import Vault


def system_clock() -> int:
    """Tell the time in whole seconds."""
    return int(time.time())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenizer:
    """A whole tokenizer, not yet listening."""

    app: ASGIApp
    services: Services
    store: Store
    gate: Gate
    clock: Clock

    async def upkeep(self) -> None:
        """Drop what nobody can use any more; to be called every minute or so."""
        settings = self.services.settings
        await self.gate.admit(Upkeep(now=self.clock(), erase_delay=settings.erase_delay))


def tokenizer(
    settings: Settings, *, store: Store, keyset: Keyset, clock: Clock = system_clock
) -> Tokenizer:
    """Build a tokenizer on a store and a key set.

    Raises: `ConfigurationInvalid` when an application's public keys can't be read.
    """
    metrics = Metrics()
    gate, cipher = Gate(Counted(store, metrics)), Cipher(keyset)
    services = Services(
        settings=settings,
        sessions=Sessions(gate=gate, store=store, clock=clock, random=secrets.token_bytes),
        grants=Grants(gate=gate, cipher=cipher, clock=clock),
        vault=Vault(gate=gate, cipher=cipher, clock=clock, random=secrets.token_bytes),
        credentials=ApplicationTokens(
            {name: public_keys(each) for name, each in settings.applications.items()},
            audience=settings.origin,
        ),
        assets=Assets(directory()),
        budgets=Budgets(settings.applications, metrics),
        metrics=metrics,
        clock=clock,
    )
    return Tokenizer(
        app=tokenizer_app(services), services=services, store=store, gate=gate, clock=clock
    )


def public_keys(application: Application) -> KeySet:
    """Read an application's public keys.

    Raises: `ConfigurationInvalid`, with the file's name.
    """
    setting = f"applications.{application.name}.keys"
    try:
        return KeySet.parse(application.keys.read_bytes())
    except OSError as error:
        detail = (
            f"{setting}: {application.keys}: {error.strerror}."
            f" `lunasec app add {application.name}` makes it."
        )
        raise ConfigurationInvalid(detail) from None
    except ConfigurationInvalid as error:
        raise ConfigurationInvalid(f"{setting}: {application.keys}: {error.detail}") from None


def embedded(settings: Settings) -> tuple[Tokenizer, Opened]:
    """Build the default tokenizer: everything in one data directory.

    Raises: `ConfigurationInvalid`, `KeyFileDamaged`, `StoreDamaged`, `StoreRolledBack`.
    """
    opened = open_directory(DataDirectory(path=settings.data), now=system_clock())
    return tokenizer(settings, store=opened.store, keyset=opened.keyset), opened
