"""Sieves: all tests on one fact, sorted so that a value tells at once which of them it passes.

A sieve is made once for a corpus. Tests on a word or a truth value are looked up by the value, tests on a number by
where the number lies among the thresholds, tests on single members of a set by the members; what is left (tests on
several members, on the size of a set) is tried one by one, each distinct test once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Set
from typing import Any, Protocol, TypeAlias

from advisor.conditions import FactTest, Value, predicate

Nodes: TypeAlias = "list[int]"
Tests: TypeAlias = Mapping[FactTest, int]
"""The distinct tests on one fact, and the number by which the index knows each."""


class Sieve(Protocol):
    """All tests on one fact."""

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

    def split(self, value: Any) -> tuple[Nodes, Nodes]:
        over = bisect_right(self._above_cuts, (value, 0))
        under = bisect_right(self._below_cuts, (value, 0))
        return self._above[:over] + self._below[under:], self._above[over:] + self._below[:under]


class _ByMember:
    """Tests on a fact that is a set."""

    def __init__(self, tests: Tests) -> None:
        self._having: dict[str, Nodes] = {}
        self._lacking: dict[str, Nodes] = {}
        self._others: list[tuple[Callable[[Value], bool], int]] = []
        for test, node in tests.items():
            if test.operator in ("has", "lacks"):
                passes_with = (test.operator == "has") is not test.negated
                (self._having if passes_with else self._lacking).setdefault(str(test.operand), []).append(node)
            else:
                self._others.append((predicate(test.operator, test.operand, test.negated), node))

    def split(self, value: Any) -> tuple[Nodes, Nodes]:
        passed: Nodes = []
        failed: Nodes = []
        for member, nodes in self._having.items():
            (passed if member in value else failed).extend(nodes)
        for member, nodes in self._lacking.items():
            (failed if member in value else passed).extend(nodes)
        for holds, node in self._others:
            (passed if holds(value) else failed).append(node)
        return passed, failed
