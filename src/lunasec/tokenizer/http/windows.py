"""Windows: what was used in the last seconds, in two numbers a key."""

from dataclasses import dataclass, field

Key = tuple[str, ...]

Counts = tuple[int, int, int]
"""The number of a window, the count of the one before it, and its own."""


@dataclass(slots=True, kw_only=True)
class Window:
    """Counts over a sliding window, by key: this window's count, and what is left of the last.

    An approximation that needs two numbers a key (Cloudflare's, 2017): it assumes that the last
    window was used up evenly.
    """

    seconds: int
    _counts: dict[Key, Counts] = field(default_factory=dict[Key, Counts])
    _swept: int = 0

    def used(self, key: Key, now: int) -> int:
        """Say how much was used in the seconds up to now."""
        if key not in self._counts:
            return 0
        last, current = self._at(key, now // self.seconds)
        rest = self.seconds - now % self.seconds
        return current + last * rest // self.seconds

    def add(self, key: Key, cost: int, now: int) -> None:
        """Count `cost` more."""
        index = now // self.seconds
        self._sweep(index)
        last, current = self._at(key, index)
        index = max(index, self._counts.get(key, (index, 0, 0))[0])
        self._counts[key] = (index, last, current + cost)

    def _at(self, key: Key, index: int) -> tuple[int, int]:
        then, last, current = self._counts.get(key, (index, 0, 0))
        # A clock that went back changes nothing: `then` is not left for an earlier window.
        if index <= then:
            return last, current
        return (current, 0) if index == then + 1 else (0, 0)

    def _sweep(self, index: int) -> None:
        """Forget, once a window, the keys that count nothing any more."""
        if index > self._swept:
            self._swept = index
            self._counts = {key: at for key, at in self._counts.items() if at[0] >= index - 1}
