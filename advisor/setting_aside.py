"""Which answers to open questions would set aside a line that is provisional on them, each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from advisor.answer import Item
from advisor.conditions import Facts, Value
from advisor.corpus import Corpus
from advisor.lines import Lines
from advisor.lookahead import hypothetical
from advisor.model import Fact
from advisor.wording import joined, value_in_words


@dataclass(frozen=True, slots=True)
class Turn:
    """An unknown fact that a line is provisional on.

    Attributes:
        fact: its name.
        label: what it is called.
        values: those that alone would set the line aside; none where it takes more than one fact, or a number.
        words: the same in words, after the label: ``is “Met”``.
    """

    fact: str
    label: str
    values: tuple[Value, ...]
    words: str


class SettingAside:
    """What would become of the lines of one answer if one more fact were known."""

    def __init__(self, corpus: Corpus, facts: Facts) -> None:
        """Take a situation.

        Args:
            corpus: the corpus that answered.
            facts: the known facts.
        """
        self._corpus = corpus
        self._facts = facts
        self._standing: dict[tuple[str, Value], frozenset[tuple[str, str]]] = {}

    def turns(self, item: Item) -> tuple[Turn, ...]:
        """Return the facts that a line is provisional on, with the values that would set it aside."""
        found = []
        for name in item.provisional:
            fact = self._corpus.facts[name]
            values = tuple(value for value in _values(fact) if (item.kind, item.id) not in self._told(name, value))
            found.append(Turn(name, fact.label, values, _in_words(fact, values)))
        return tuple(found)

    def in_words(self, item: Item) -> str:
        """Return when a provisional line would be set aside: ``if “Basic needs” is “Met”``."""
        turns = self.turns(item)
        parts = [f"if “{turn.label}” {turn.words}" for turn in turns if turn.values]
        if together := [f"“{turn.label}”" for turn in turns if not turn.values]:
            parts.append(f"depending on {joined(together)}")
        return "; or ".join(parts)

    def _told(self, name: str, value: Value) -> frozenset[tuple[str, str]]:
        found = self._standing.get((name, value))
        if found is None:
            lines = Lines(hypothetical(self._corpus, {**self._facts, name: value}))
            found = frozenset((line.kind, line.id) for line in lines.ranked)
            self._standing[name, value] = found
        return found


def _values(fact: Fact) -> Iterator[Value]:
    if fact.type == "boolean":
        yield from (True, False)
    elif fact.type == "enum":
        yield from (one.value for one in fact.values)
    elif fact.type == "set":
        yield from ((one.value,) for one in fact.values)
        yield ()


def _in_words(fact: Fact, values: tuple[Value, ...]) -> str:
    if not values:
        return ""
    if fact.type != "set":
        return f"is {joined([value_in_words(fact, value) for value in values], 'or')}"
    members = [value_in_words(fact, value) for value in values if value]
    parts = [f"includes {joined(members, 'or')}"] if members else []
    return " or ".join([*parts, "is none"] if () in values else parts)
