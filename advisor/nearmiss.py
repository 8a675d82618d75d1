"""The nearest miss: how little would have to be otherwise for a condition to hold.

A condition holds through one of its branches: a choice of one alternative of every ``any``, and of one deriving rule
of every finding. A branch asks certain tests of certain facts. A fact that passes all the tests asked of it stays as it
is; one that is known and doesn't would have to change; an unknown one would have to become known. The nearest miss is
the branch with the fewest facts to change, and among those the fewest that have to become known. A fact counts once,
however many tests ask for it, and a branch that asks of a fact what no value can give is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs, Value
from advisor.corpus import Corpus
from advisor.domains import classes_of

Cost: TypeAlias = "tuple[int, int]"
"""Facts to change, facts to become known; compared in this order."""
Demands: TypeAlias = "dict[str, tuple[FactTest, ...]]"
"""For each fact the tests asked of it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a fact would have to be.

    Attributes:
        fact: name of the fact.
        failing: the tests asked of it that don't hold at present.
        value: the value nearest to the present one that passes all tests asked of it.
    """

    fact: str
    failing: tuple[FactTest, ...]
    value: Value


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The least that would make a condition hold.

    Attributes:
        changes: how many known facts would have to change.
        unknown: how many unknown facts would have to become known.
        wanted: what each of these facts would have to be; in the vocabulary's order.
    """

    changes: int
    unknown: int
    wanted: tuple[Wanted, ...]


class NearMisses:
    """The nearest misses of one situation."""

    def __init__(self, corpus: Corpus, facts: Facts) -> None:
        self.corpus = corpus
        self.facts = facts
        self._fitting: dict[tuple[str, tuple[FactTest, ...]], Value | None] = {}
        self._best: tuple[Cost, Demands] | None = None

    def of(self, condition: Condition) -> NearMiss | None:
        """Return the least that would make a condition hold: nothing where it does, None where nothing can."""
        self._best = None
        self._extend({}, (condition,))
        if self._best is None:
            return None
        cost, demands = self._best
        wanted = []
        for name in self.corpus.facts:
            failing = tuple(test for test in demands.get(name, ()) if not self._holds(test))
            if failing and (value := self._fit(name, demands[name])) is not None:
                wanted.append(Wanted(name, failing, value))
        return NearMiss(*cost, tuple(wanted))

    def _extend(self, demands: Demands, pending: tuple[Condition, ...]) -> None:
        """Go on with a branch, depth first; branches no better than the best so far are left.

        Args:
            demands: the tests asked of each fact so far.
            pending: conditions that have to hold, too.
        """
        choices: list[tuple[Condition, ...]] = []
        stack = list(reversed(pending))
        while stack:
            match condition := stack.pop():
                case All():
                    stack.extend(reversed(condition.parts))
                case AnyOf():
                    choices.append(condition.parts)
                case FindingIs():
                    choices.append(tuple(rule.when for rule in self.corpus.deriving[condition.finding]))
                case FactTest():
                    before = demands.get(condition.fact, ())
                    if condition not in before:
                        demands = {**demands, condition.fact: (*before, condition)}
        cost = self._cost(demands)
        # Demands only grow, and with them the cost.
        if cost is None or (self._best is not None and cost >= self._best[0]):
            return
        if not choices:
            self._best = (cost, demands)
            return
        # The choice with the fewest alternatives first: it shows soonest that a branch leads nowhere.
        first = min(range(len(choices)), key=lambda index: (len(choices[index]), index))
        rest = tuple(AnyOf(parts) for index, parts in enumerate(choices) if index != first)
        for part in choices[first]:
            self._extend(demands, (part, *rest))

    def _holds(self, test: FactTest) -> bool:
        value = self.facts.get(test.fact)
        return value is not None and test.holds(value)

    def _cost(self, demands: Demands) -> Cost | None:
        changes = unknown = 0
        for name, tests in demands.items():
            if all(map(self._holds, tests)):
                continue
            if self._fit(name, tests) is None:
                return None
            changes += name in self.facts
            unknown += name not in self.facts
        return changes, unknown

    def _fit(self, name: str, tests: tuple[FactTest, ...]) -> Value | None:
        """Return the value nearest to the present one that passes all tests; None if no value does."""
        key = (name, tests)
        if key not in self._fitting:
            classes = classes_of(self.corpus.facts[name], tests, self.facts.get(name))
            every = (1 << len(tests)) - 1
            self._fitting[key] = next((one.nearest for one in classes if one.passes == every), None)
        return self._fitting[key]
