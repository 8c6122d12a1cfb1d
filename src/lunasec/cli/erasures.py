"""`lunasec erase`: what no application ever took, and giving back what one erased."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final, TypeVar

from lunasec.cli import ownership, times
from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import wiring
from lunasec.tokenizer.settings import Settings
from lunasec.tokenizer.upkeep import Upkeep

T = TypeVar("T")

YOUNGEST: Final = 3600
"""Seconds. A store grant lives this long at most; until then a form may still be on its way."""


def count(settings: Settings, older_than: int) -> int:
    """Count the tokens, made that many seconds ago, that no application ever verified.

    Raises: `ConfigurationInvalid` for a time in which a form may still be on its way.
    """
    if older_than < YOUNGEST:
        raise ConfigurationInvalid(
            f"--older-than: got {older_than} s, wants an hour or more: until then a form may still"
            " be on its way; for example 1d."
        )
    before = wiring.system_clock() - older_than
    return _with_keeper(settings, lambda keeper: keeper.count_unverified(before))


def never_verified(settings: Settings, older_than: int) -> str:
    """Erase them; it can be undone for `erase_delay`."""
    now = wiring.system_clock()
    erased = _with_keeper(settings, lambda keeper: keeper.erase_unverified(now - older_than, now))
    until = times.written(now + settings.erase_delay)
    return (
        f"{times.counted(erased, 'token was', 'tokens were')} erased. Until {until},\n"
        f"`lunasec erase --undo --application NAME --since {times.written(now)}` gives an\n"
        "application's back.\n"
    )


def undo(settings: Settings, application: str, since: int) -> str:
    """Give back what an application erased, as far as it is not destroyed yet."""
    if application not in settings.applications:
        known = ", ".join(settings.applications)
        raise ConfigurationInvalid(f"--application: there is no {application}, only {known}.")
    now = wiring.system_clock()
    restored = _with_keeper(settings, lambda keeper: keeper.undo_erase(application, since, now))
    number = times.counted(restored, "token", "tokens")
    return f"{number} of {application} can be read again by whoever is granted them.\n"


def _with_keeper(settings: Settings, work: Callable[[Upkeep], Coroutine[object, object, T]]) -> T:
    """Open the data directory as the server does, which therefore has to be stopped.

    Raises: `StoreDamaged` while it runs.
    """

    async def run() -> T:
        tokenizer, _ = wiring.embedded(settings)
        try:
            return await work(tokenizer.keeper)
        finally:
            await tokenizer.store.close()

    if not settings.data.exists():
        raise ConfigurationInvalid(f"there is no data directory at {settings.data}.")
    with ownership.kept(settings.data):
        return asyncio.run(run())
