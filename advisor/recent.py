"""What was worked out lately and is kept for whoever asks again; bounded, and shared between threads.

Two generations are kept: what is asked for moves to the younger one; when that is full it becomes the older one, and
what nobody asked for meanwhile is forgotten. So it is when an entry comes after much else was kept elsewhere: or
thousands of tables, each of which hardly ever gets a new entry, would go on filling for as long as a process lives.
Threads that ask at once may lose one another's entries, which are then worked out again; they never get anything else
than what was kept for their key.
"""

from __future__ import annotations

from itertools import count
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")

_AGE = 1 << 15
"""An entry that comes when so many were kept in all tables since the younger generation began makes it the older one.

An answer to a new situation keeps eight or so: these are some four thousand answers.
"""
_kept = count()


class Recent(dict[K, T | None], Generic[K, T]):
    """A table of what was asked for lately; ``table[key]`` is None where nothing is kept for the key."""

    __slots__ = ("_before", "_half", "_turned")

    def __init__(self, most: int) -> None:
        """Take how many entries are kept at most, at least two."""
        self._half = max(1, most // 2)
        self._before: dict[K, T | None] = {}
        self._turned = 0

    def __missing__(self, key: K) -> T | None:
        found = self._before.get(key)
        return None if found is None else self.keep(key, found)

    def keep(self, key: K, value: T) -> T:
        """Keep and return what was worked out for a key."""
        kept = next(_kept)
        # Who never gets new entries doesn't grow: it is enough to look here, and finding what is kept costs no more.
        if len(self) >= self._half or kept - self._turned > _AGE:
            self._turned = kept
            self._before = dict(self)
            self.clear()
        self[key] = value
        return value
