"""How like the present situation earlier ones are: all precedents of a corpus counted at once.

Two values are alike if they are equal; two sets if they have a member in common, or both have none; two numbers if no
rule tells them apart.

Counts for all precedents are kept in one whole number, ``_BITS`` binary digits for each: so one sum adds for all.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any

from advisor.conditions import Facts, FactTest, Value
from advisor.corpus import Corpus, PerCorpus
from advisor.sieve import sieve

_BITS = 16
"""Enough for the facts that a vocabulary may have."""


class Likeness:
    """The precedents of a corpus, prepared to be held against situations.

    Attributes:
        names: the ids of the precedents, sorted; all counts are in this order.
        situations: the facts of each in canonical form.
        places: for each the place of its counts.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.names = tuple(sorted(corpus.precedents))
        precedents = [corpus.precedents[name] for name in self.names]
        self.situations = {one.id: corpus.reader.read(one.situation) for one in precedents}
        self.places = {name: place for place, name in enumerate(self.names)}
        self._facts: dict[str, _Told] = {}
        for fact, described in corpus.facts.items():
            told = {place: facts[fact] for place, facts in enumerate(self.situations.values()) if fact in facts}
            if told:
                numeric = described.type in ("integer", "number")
                self._facts[fact] = _Numbers(told, corpus.tests[fact]) if numeric else _Told(told)
        self._kinds: dict[str, int] = {}
        for place, precedent in enumerate(precedents):
            for kind in precedent.kinds:
                self._kinds[kind] = self._kinds.get(kind, 0) + _one(place)

    def facts(self, here: Facts) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return for each precedent in how many facts it is like a situation, and how many are told of both."""
        like = both = 0
        for fact, value in here.items():
            if (told := self._facts.get(fact)) is not None:
                like += told.like(value)
                both += told.by
        return self._each(like), self._each(both)

    def kinds(self, here: Iterable[str]) -> tuple[int, ...]:
        """Return for each precedent how many of these kinds of situation it is of."""
        return self._each(sum([self._kinds.get(kind, 0) for kind in here]))

    def alike(self, name: str, fact: str, here: Value) -> bool:
        """Return whether a precedent that tells a fact is like a situation in it."""
        return bool(self._facts[fact].like(here) & _one(self.places[name]))

    def _each(self, counts: int) -> tuple[int, ...]:
        number = len(self.names)
        return struct.unpack(f"<{number}H", counts.to_bytes(number * _BITS // 8, "little"))


def _one(place: int) -> int:
    """Return a count of one for the precedent at a place, and of none for all others."""
    return 1 << place * _BITS


class _Told:
    """What precedents tell of one fact: a word, a truth value or a set.

    Attributes:
        by: the precedents that tell it.
    """

    def __init__(self, told: Mapping[int, Any]) -> None:
        self.by = sum(map(_one, told))
        self._telling: dict[Any, int] = {}
        for place, value in told.items():
            # An empty set is alike to an empty one, any other to what shares a member.
            for part in (value or ((),)) if isinstance(value, tuple) else (value,):
                self._telling[part] = self._telling.get(part, 0) | _one(place)

    def like(self, here: Any) -> int:
        """Return the precedents of which the value is like that of a situation."""
        if isinstance(here, tuple) and here:
            found = 0
            for member in here:
                found |= self._telling.get(member, 0)
            return found
        return self._telling.get(here, 0)


class _Numbers(_Told):
    """What precedents tell of one fact that is a number."""

    def __init__(self, told: Mapping[int, Any], tests: Iterable[FactTest]) -> None:
        self._sieve = sieve({test: number for number, test in enumerate(tests)})
        super().__init__({place: self._passed(value) for place, value in told.items()})

    def _passed(self, value: Any) -> frozenset[int]:
        return frozenset(self._sieve.split(value)[0])

    def like(self, here: Any) -> int:
        """Return the precedents of which no rule tells the number from that of a situation."""
        return super().like(self._passed(here))


likeness: PerCorpus[Likeness] = PerCorpus(Likeness)
