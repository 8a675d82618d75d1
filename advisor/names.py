"""Names that are known, and which of them somebody meant who misspelt one."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable

_SHOWN = 200
_FEW = 60
_CANDIDATES = 24
_BUDGET = 200


class Names:
    """Known names, to find the one that is most like a misspelt name.

    Case and the difference between ``-``, ``_`` and a space are forgiven. Of many known names only those that share
    the most pairs of letters with the misspelt one are looked at closely, and after some hundred different misspelt
    names no more are looked up: a file with that many has one cause, and a message is owed within a second.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = known
        self._names: dict[str, str] = {}
        self._pairs: dict[str, list[str]] = {}
        self._found: dict[str, str | None] = {}

    def nearest(self, name: object) -> str | None:
        """Return the known name most like ``name``, or None where none is near."""
        if not isinstance(name, str):
            return None
        wanted = _plain(name[:_SHOWN])
        if wanted not in self._found:
            if len(self._found) >= _BUDGET:
                return None
            self._found[wanted] = self._look_up(wanted)
        return self._found[wanted]

    def _look_up(self, wanted: str) -> str | None:
        if not self._names:
            self._names = {_plain(name): name for name in sorted(self._known, reverse=True)}
        candidates = self._names if len(self._names) <= _FEW else self._alike(wanted)
        import difflib  # where no name is misspelt, nobody needs it

        found = difflib.get_close_matches(wanted, candidates, n=1, cutoff=0.6)
        if not found and len(wanted) >= 4:
            found = sorted((name for name in self._names if wanted in name or name in wanted), key=len)
        return self._names[found[0]] if found else None

    def _alike(self, wanted: str) -> list[str]:
        """Return the names that share the most pairs of neighbouring letters with ``wanted``."""
        if not self._pairs:
            pairs = defaultdict(list)
            for name in self._names:
                for pair in _pairs(name):
                    pairs[pair].append(name)
            self._pairs = pairs
        shared: Counter[str] = Counter()
        for pair in sorted(_pairs(wanted)):
            shared.update(self._pairs.get(pair, ()))
        # Of a long name many pairs are shared by chance: what counts is the part of both names that is shared.
        size = len(wanted)
        return heapq.nlargest(_CANDIDATES, shared, key=lambda name: shared[name] / (size + len(name)))


class NameLists:
    """The names of several kinds, each made ready when it is first asked about; made anew for each reading."""

    def __init__(self) -> None:
        self._lists: dict[object, Names] = {}

    def nearest(self, name: object, kind: object, known: Iterable[str]) -> str | None:
        """Return the name most like ``name`` among those of a kind, which are always the same; None if none is near."""
        if kind not in self._lists:
            self._lists[kind] = Names(known)
        return self._lists[kind].nearest(name)


def _plain(text: str) -> str:
    return text.lower().replace("-", "_").replace(" ", "_")


def _pairs(name: str) -> set[str]:
    return {name[index : index + 2] for index in range(len(name) - 1)} or {name}
