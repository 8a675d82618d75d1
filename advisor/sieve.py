"""Sieves: all tests on one fact, sorted so that a value tells at once which of them it passes.

A sieve is made once for a corpus. Tests on a word or a truth value are looked up by the value, tests on a number by
where the number lies among the thresholds, tests on single members of a set by the members; what is left (tests on
several members, on the size of a set) is tried one by one, each distinct test once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Set
from dataclasses import replace
from typing import Any, Protocol, TypeAlias

from advisor.conditions import OPERATORS, FactTest, Value

Nodes: TypeAlias = "list[int]"
Tests: TypeAlias = Mapping[FactTest, int]
"""The distinct tests on one fact, and the number by which the index knows each."""


class Sieve(Protocol):
    """All tests on one fact."""

    def passed(self, value: Any) -> Collection[int]:
        """Return the tests that a known value passes, each once.

        Args:
            value: the value in canonical form.

        Raises:
            TypeError: the value is not of the fact's type.
        """

    def split(self, value: Any) -> tuple[Nodes, Nodes]:
        """Return the tests that a known value passes, and those that it fails.

        Args:
            value: the value in canonical form.

        Raises:
            TypeError: the value is not of the fact's type.
        """


def sieve(tests: Tests) -> Sieve:
    """Return the sieve of the tests on a fact."""
    operators = {test.operator for test in tests}
    if operators <= {"is", "one_of"}:
        return _ByValue(tests)
    if operators <= set(_CUTS):
        return _ByThreshold(tests)
    return _ByMember(tests)


class _ByValue:
    """Tests on a fact that has one of a few values."""

    def __init__(self, tests: Tests) -> None:
        named: dict[Value, None] = {}
        for test in tests:
            named.update(dict.fromkeys(test.operand if isinstance(test.operand, tuple) else (test.operand,)))
        self._by_value = {value: _parted(tests, {test for test in tests if test.holds(value)}) for value in named}
        # A value that no test names passes the negated ones alone.
        self._other = _parted(tests, {test for test in tests if test.negated})

    def passed(self, value: Any) -> Nodes:
        return self._by_value.get(value, self._other)[0]

    def split(self, value: Any) -> tuple[Nodes, Nodes]:
        return self._by_value.get(value, self._other)


def _parted(tests: Tests, passing: Set[FactTest]) -> tuple[Nodes, Nodes]:
    passed = [node for test, node in tests.items() if test in passing]
    return passed, [node for test, node in tests.items() if test not in passing]


# A test on a number asks on which side of a cut it lies. A cut lies just below a number (0) or just above it (1);
# for each operator: where its cut lies, and whether numbers above the cut pass.
_CUTS: Mapping[str, tuple[int, bool]] = {
    "at_least": (0, True),
    "less_than": (0, False),
    "more_than": (1, True),
    "at_most": (1, False),
}


class _ByThreshold:
    """Tests on a fact that is a number: those that pass above their cut and those that pass below it, in order."""

    def __init__(self, tests: Tests) -> None:
        self._above: Nodes = []
        self._below: Nodes = []
        self._above_cuts: list[tuple[Any, int]] = []
        self._below_cuts: list[tuple[Any, int]] = []
        placed = [(test.operand, *_CUTS[test.operator], test.negated, node) for test, node in tests.items()]
        for operand, side, above, negated, node in sorted(placed):
            passes_above = above is not negated
            (self._above if passes_above else self._below).append(node)
            (self._above_cuts if passes_above else self._below_cuts).append((operand, side))

    def passed(self, value: Any) -> Nodes:
        over = bisect_right(self._above_cuts, (value, 0))
        under = bisect_right(self._below_cuts, (value, 0))
        return self._above[:over] + self._below[under:]

    def split(self, value: Any) -> tuple[Nodes, Nodes]:
        over = bisect_right(self._above_cuts, (value, 0))
        under = bisect_right(self._below_cuts, (value, 0))
        return self._above[:over] + self._below[under:], self._above[over:] + self._below[:under]


class _ByMember:
    """Tests on a fact that is a set."""

    def __init__(self, tests: Tests) -> None:
        # What lacks a member is what doesn't have it.
        plain: dict[FactTest, int] = {}
        inverted: dict[FactTest, int] = {}
        for test, node in tests.items():
            operator = _LACKING.get(test.operator, test.operator)
            (inverted if test.negated is (operator == test.operator) else plain)[replace(test, operator=operator)] = (
                node
            )
        self._plain = _Members(plain)
        self._inverted = _Members(inverted)
        self._all = frozenset(tests.values())
        self._all_inverted = frozenset(inverted.values())
        self._kept: dict[tuple[str, ...], tuple[int, ...]] = {}

    def passed(self, value: Any) -> tuple[int, ...]:
        found = self._kept.get(value)
        if found is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            passed = self._plain.holding(value) | (self._all_inverted - self._inverted.holding(value))
            found = self._kept[value] = tuple(passed)
        return found

    def split(self, value: Any) -> tuple[Nodes, Nodes]:
        passed = self.passed(value)
        return list(passed), list(self._all.difference(passed))


_KEPT = 256
"""For so many sets, and no more, it is kept which tests of a fact each passes."""


_LACKING: Mapping[str, str] = {"lacks": "has", "lacks_all": "has_any"}


class _Members:
    """Tests on a set by its members and their number; whether they are negated is left aside."""

    def __init__(self, tests: Tests) -> None:
        self._any: dict[str, list[int]] = {}
        self._every: dict[str, list[tuple[frozenset[str], int]]] = {}
        self._only: dict[str, list[tuple[frozenset[str], int]]] = {}
        sizes: list[FactTest] = []
        for test, node in tests.items():
            operand = frozenset(test.operand if isinstance(test.operand, tuple) else (str(test.operand),))
            match test.operator:
                case "has" | "has_any":
                    for member in operand:
                        self._any.setdefault(member, []).append(node)
                case "has_all":
                    # A set that has them all has the first of them.
                    self._every.setdefault(min(operand), []).append((operand, node))
                case "only":
                    for member in operand:
                        self._only.setdefault(member, []).append((operand, node))
                case _:
                    sizes.append(test)
        largest = max((int(test.operand) for test in sizes if not isinstance(test.operand, tuple)), default=0)
        self._by_size = [
            [tests[test] for test in sizes if OPERATORS[test.operator]((None,) * size, test.operand)]
            for size in range(max(largest, 1) + 1)
        ]

    def holding(self, value: tuple[str, ...]) -> set[int]:
        """Return the tests that hold for a set."""
        found = set(self._by_size[min(len(value), len(self._by_size) - 1)])
        any_of, every = self._any, self._every
        for member in value:
            if member in any_of:
                found.update(any_of[member])
            if member in every:
                found.update([node for operand, node in every[member] if operand.issubset(value)])
        if value and value[0] in self._only:
            found.update([node for operand, node in self._only[value[0]] if operand.issuperset(value)])
        return found
