"""What conditions say of one another, as far as their shape tells: which can never hold, and which follow.

Tests of one fact are compared exactly, over all values that the fact can take. Between facts and findings nothing is
assumed: what follows only from the rules together is for a prover. So each "yes" here is certain, and a "no" may be
a yes that takes more to see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.conditions import All, AnyOf, Condition, FactTest, FindingIs, leaves
from advisor.domains import some_value_passes
from advisor.model import Fact

_MAX_TESTS = 40
"""Tests of one fact that are compared together; a condition has a handful."""
_MAX_VALUES = 500
"""How many kinds of values of one fact are tried in a comparison."""
_MAX_COMPARISONS = 20_000
"""How many comparisons are made; the built-in pack takes a thirtieth."""

Given = Mapping[str, tuple[tuple[int, FactTest], ...]]
"""For each fact the tests that hold, each with its number among the tests of the condition."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Tests of one fact that no value passes together.

    Attributes:
        tests: their numbers among the tests of the condition, in order.
        whole: whether because of them the whole condition can never hold, and not only one branch of it.
    """

    tests: tuple[int, ...]
    whole: bool


class Logic:
    """Compares conditions over a vocabulary, and remembers what it has compared."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self.facts = facts
        self._possible: dict[frozenset[FactTest], bool] = {}
        # With each condition, so that no other can come to have its id.
        self._seen: dict[int, tuple[Condition, list[Conflict]]] = {}

    def possible(self, tests: Sequence[FactTest]) -> bool:
        """Return whether some value of the fact that all of these test passes them all; also where it can't be told."""
        key = frozenset(tests)
        if key not in self._possible:
            if len(self._possible) >= _MAX_COMPARISONS:
                return True
            self._possible[key] = self._some_value_passes(list(key))
        return self._possible[key]

    def _some_value_passes(self, tests: list[FactTest]) -> bool:
        fact = self.facts.get(tests[0].fact)
        if fact is None or len(tests) > _MAX_TESTS:
            return True
        return some_value_passes(fact, tests, _MAX_VALUES) is not False

    def always(self, tests: Sequence[FactTest]) -> bool:
        """Return whether each value of the fact that all of these test passes one of them."""
        return not self.possible([opposite(test) for test in tests])

    def never(self, condition: Condition) -> bool:
        """Return whether no situation can make the condition true, because tests of one fact exclude one another."""
        return any(conflict.whole for conflict in self.conflicts(condition))

    def conflicts(self, condition: Condition) -> list[Conflict]:
        """Return the tests that exclude one another: of the whole condition, or of its branches."""
        if id(condition) not in self._seen:
            self._seen[id(condition)] = (condition, self._conflicts(condition, 0, {})[1])
        return self._seen[id(condition)][1]

    def _conflicts(self, condition: Condition, start: int, given: Given) -> tuple[bool, list[Conflict]]:
        """Return whether the part can never hold where ``given`` does, and what excludes one another in it."""
        match condition:
            case FindingIs():
                return False, []
            case FactTest():
                conflict = self._conflict([*given.get(condition.fact, ()), (start, condition)])
                return conflict is not None, [conflict] if conflict else []
            case All():
                return self._conflicts_in_all(condition, start, given)
            case AnyOf():
                return self._conflicts_in_any(condition, start, given)

    def _conflict(self, tests: Sequence[tuple[int, FactTest]]) -> Conflict | None:
        if self.possible([test for _, test in tests]):
            return None
        number, last = tests[-1]
        if not self.possible([last]):
            return Conflict((number,), True)
        for other, test in tests[:-1]:
            if not self.possible([test, last]):
                return Conflict((other, number), True)
        return Conflict(tuple(number for number, _ in tests), True)

    def _conflicts_in_all(self, condition: All, start: int, given: Given) -> tuple[bool, list[Conflict]]:
        numbered = list(_numbered(condition.parts, start))
        holding = dict(given)
        for number, part in numbered:
            if isinstance(part, FactTest):
                holding[part.fact] = (*holding.get(part.fact, ()), (number, part))
                enough = len(holding[part.fact]) <= _MAX_TESTS
                if enough and (conflict := self._conflict(holding[part.fact])):
                    return True, [conflict]
        found: list[Conflict] = []
        for number, part in numbered:
            if isinstance(part, All | AnyOf):
                dead, conflicts = self._conflicts(part, number, holding)
                if dead:
                    return True, conflicts
                found += conflicts
        return False, found

    def _conflicts_in_any(self, condition: AnyOf, start: int, given: Given) -> tuple[bool, list[Conflict]]:
        found: list[Conflict] = []
        dead = True
        for number, part in _numbered(condition.parts, start):
            part_dead, conflicts = self._conflicts(part, number, given)
            found += conflicts
            dead = dead and part_dead
        return dead, found if dead else [replace(conflict, whole=False) for conflict in found]

    def follows(self, left: Condition, right: Condition) -> bool:
        """Return whether ``right`` holds wherever ``left`` does."""
        done: dict[tuple[int, int], bool] = {}

        def follows(left: Condition, right: Condition) -> bool:
            key = (id(left), id(right))
            if key not in done:
                done[key] = decide(left, right)
            return done[key]

        def decide(left: Condition, right: Condition) -> bool:
            if isinstance(left, AnyOf):
                return all(follows(part, right) for part in left.parts)
            if isinstance(right, All):
                return all(follows(left, part) for part in right.parts)
            if isinstance(left, All) and any(follows(part, right) for part in left.parts):
                return True
            if isinstance(right, AnyOf) and any(follows(left, part) for part in right.parts):
                return True
            if isinstance(left, FindingIs) or isinstance(right, FindingIs):
                return left == right
            given = left.parts if isinstance(left, All) else (left,)
            return self._tests_follow(given, right.parts if isinstance(right, AnyOf) else (right,))

        return follows(left, right)

    def _tests_follow(self, given: Sequence[Condition], wanted: Sequence[Condition]) -> bool:
        """Return whether tests that all hold make sure that one of the tests ``wanted``, all of one fact, holds."""
        for fact in sorted({part.fact for part in wanted if isinstance(part, FactTest)}):
            known = [part for part in given if isinstance(part, FactTest) and part.fact == fact]
            one_of = [part for part in wanted if isinstance(part, FactTest) and part.fact == fact]
            # A fact that is unknown passes no test, so that one test of it at least must be given.
            if known and not self.possible([*known, *map(opposite, one_of)]):
                return True
        return False


def opposite(test: FactTest) -> FactTest:
    """Return the test that a known value passes where it fails this one."""
    return replace(test, negated=not test.negated)


def _numbered(parts: Sequence[Condition], start: int) -> Iterator[tuple[int, Condition]]:
    """Yield the parts with the number that the first test of each has among all tests."""
    for part in parts:
        yield start, part
        start += sum(1 for _ in leaves(part))


def needs(condition: Condition) -> frozenset[str]:
    """Return facts and findings (``finding:id``) of which a condition must speak from which this one follows."""
    match condition:
        case FactTest():
            return frozenset((condition.fact,))
        case FindingIs():
            return frozenset((f"finding:{condition.finding}",))
        case All():
            return frozenset().union(*(needs(part) for part in condition.parts))
        case AnyOf():
            return frozenset.intersection(*(needs(part) for part in condition.parts))


def names(condition: Condition) -> frozenset[str]:
    """Return the facts and findings (``finding:id``) of which a condition speaks."""
    return frozenset(
        f"finding:{leaf.finding}" if isinstance(leaf, FindingIs) else leaf.fact for leaf in leaves(condition)
    )
