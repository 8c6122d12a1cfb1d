"""An auth proxy's public keys: fetched when they are asked for, and kept for a while."""

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from lunasec.errors import ConfigurationInvalid, Unavailable
from lunasec.jose.keys import KeySet, VerificationKey
from lunasec.jose.presets import Provider
from lunasec.jose.sources import has_own_places, place_of

FRESH_SECONDS: Final = 10 * 60
"""A key set is fetched anew when somebody asks after this time."""

STALE_SECONDS: Final = 24 * 3600
"""For so long the last one serves while its issuer can't be reached."""

SOONEST_SECONDS: Final = 10
"""Between two fetches, whatever key ids are asked for."""

WAIT_SECONDS: Final = 1.5
"""Nobody waits longer for a fetch, which goes on for whoever comes next."""

MOST_TRIES: Final = 32
"""In that time, where each key id has a place of its own: whoever makes ids up finds an end."""

Read = Callable[[str | Path], bytes]
Tell = Callable[[str], None]
"""Takes the reason why keys can't be had; nothing in it is secret."""


class Keys(Protocol):
    """The keys of one proxy, as they are now."""

    async def current(self, now: float) -> KeySet:
        """Give those that are known, fetched before where there is one place for all.

        Raises: `Unavailable`.
        """
        ...

    async def renewed(self, now: float, key_id: str) -> bool:
        """Look for a key that is not known; say whether there is anything new.

        Raises: `Unavailable`.
        """
        ...


def keys_of(provider: Provider, read: Read, tell: Tell) -> Keys:
    """Give the keys of a proxy, from where its configuration says that they are."""
    return (SingleKeys if has_own_places(provider.jwks) else KeySetKeys)(provider, read, tell)


def reason_of(error: OSError | ConfigurationInvalid) -> str:
    """Say why keys can't be had, without the address: it may have a password in it."""
    if isinstance(error, ConfigurationInvalid):
        return error.detail
    return error.strerror or str(error) or type(error).__name__


async def _in_time(fetching: "asyncio.Task[bool]") -> bool | None:
    """Wait for a fetch that others wait for too, whoever leaves; None where it takes too long."""
    done, _ = await asyncio.wait({fetching}, timeout=WAIT_SECONDS)
    return fetching.result() if done else None


class KeySetKeys:
    """A provider's keys: fetched when they are asked for, at most every few seconds.

    A key that its issuer no longer lists counts for as long as a token of it may live: whoever
    rotates keys takes the old one away while tokens that it signed are under way. So for as long
    nobody has to wait for newer keys, and behind a key server that is slow, nobody does.
    """

    def __init__(self, provider: Provider, read: Read, tell: Tell) -> None:
        """Begin with none."""
        self._provider, self._read, self._tell = provider, read, tell
        self._keys: dict[str, VerificationKey] = {}
        self._listed: dict[str, float] = {}  # when each was last seen in the set
        self._fetched = self._tried = float("-inf")
        self._under_way: asyncio.Task[bool] | None = None
        self._late = False  # the last fetch failed, or takes longer than anybody waits

    async def current(self, now: float) -> KeySet:
        """Give the keys; those of some minutes ago at once, and newer ones are fetched meanwhile.

        Raises: `Unavailable`.
        """
        stale = now >= self._fetched + FRESH_SECONDS
        if stale and (fetching := self._begin(now)) and self._is_worth_waiting(now):
            await self._waited(fetching)
        if now >= self._fetched + STALE_SECONDS:
            raise Unavailable("The auth proxy's keys can't be had.")
        return KeySet(keys=self._usable())

    async def renewed(
        self,
        now: float,
        key_id: str = "",  # noqa: ARG002 - one place has all keys
    ) -> bool:
        """Fetch the keys, unless somebody just did; say whether there is a new set."""
        fetching = self._begin(now)
        return fetching is not None and await self._waited(fetching)

    def _is_worth_waiting(self, now: float) -> bool:
        age = now - self._fetched
        return age >= STALE_SECONDS or (age > self._provider.longest_life and not self._late)

    async def _waited(self, fetching: "asyncio.Task[bool]") -> bool:
        found = await _in_time(fetching)
        self._late |= found is None
        return bool(found)

    def _begin(self, now: float) -> "asyncio.Task[bool] | None":
        """Begin a fetch, or join the one that is under way; None soon after the last one."""
        if self._under_way is not None:
            return self._under_way
        if now < self._tried + SOONEST_SECONDS:
            return None
        self._tried = now
        self._under_way = asyncio.create_task(self._fetch(now))
        self._under_way.add_done_callback(self._end)
        return self._under_way

    def _end(self, _: "asyncio.Task[bool]") -> None:
        self._under_way = None

    async def _fetch(self, now: float) -> bool:
        try:
            data = await asyncio.to_thread(self._read, self._provider.jwks)
            keys = KeySet.usable(data).keys
        except (OSError, ConfigurationInvalid) as error:
            self._tell(reason_of(error))
            self._late = True
            return False
        self._keys.update(keys)
        self._listed.update(dict.fromkeys(keys, now))
        self._fetched, self._late = now, False
        return True

    def _usable(self) -> dict[str, VerificationKey]:
        longest, denied = self._provider.longest_life, self._provider.denied_keys
        return {
            name: key
            for name, key in self._keys.items()
            if name not in denied and self._fetched - self._listed[name] <= longest
        }


class SingleKeys:
    """Keys of which each has a place of its own, at which the token's key id is put in."""

    def __init__(self, provider: Provider, read: Read, tell: Tell) -> None:
        """Begin with none."""
        self._provider, self._read, self._tell = provider, read, tell
        self._keys: dict[str, VerificationKey] = {}
        self._fetched: dict[str, float] = {}
        self._tries: deque[float] = deque(maxlen=MOST_TRIES)
        self._under_way: dict[str, asyncio.Task[bool]] = {}

    async def current(self, now: float) -> KeySet:
        """Give those that were fetched within a day: what an id stands for does not change."""
        self._keys = {
            name: key
            for name, key in self._keys.items()
            if now < self._fetched[name] + STALE_SECONDS
        }
        return KeySet(keys=self._keys)

    async def renewed(self, now: float, key_id: str) -> bool:
        """Fetch one key, once for all who ask; an id that leads elsewhere, or is denied, has none.

        Raises: `Unavailable` where it can't be fetched, though it may be there.
        """
        place = place_of(self._provider.jwks, key_id)
        if place is None or key_id in self._provider.denied_keys:
            return False
        found = await _in_time(self._under_way.get(key_id) or self._begin(place, key_id, now))
        if found is None:
            raise Unavailable("The auth proxy's keys can't be had in time.")
        return found

    def _begin(self, place: str | Path, key_id: str, now: float) -> "asyncio.Task[bool]":
        if len(self._tries) == MOST_TRIES and now < self._tries[0] + SOONEST_SECONDS:
            raise Unavailable("Too many of the auth proxy's keys are asked for.")
        self._tries.append(now)
        fetching = asyncio.create_task(self._fetch(place, key_id, now))
        self._under_way[key_id] = fetching
        fetching.add_done_callback(lambda _: self._under_way.pop(key_id))
        return fetching

    async def _fetch(self, place: str | Path, key_id: str, now: float) -> bool:
        try:
            found = KeySet.of_pem(await asyncio.to_thread(self._read, place), key_id)
        except FileNotFoundError as error:
            self._tell(reason_of(error))
            return False
        except (OSError, ConfigurationInvalid) as error:
            self._tell(reason_of(error))
            raise Unavailable("The auth proxy's keys can't be had.") from None
        self._keys |= found.keys
        self._fetched[key_id] = now
        return True
