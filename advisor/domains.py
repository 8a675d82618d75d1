"""The values that a fact can take, sorted into classes that the tests of some rules can't tell apart.

A rule sees nothing of a value but which of its tests the value passes. So of all values of a fact only one of each
class need be tried, and what holds for it holds for the class. The classes are exact: every allowed value is in one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TypeAlias

from advisor.conditions import FactTest, Value
from advisor.errors import AdvisorError
from advisor.model import Fact

MAX_PATTERNS = 1 << 20
"""How many patterns of a set's members are looked through; all sets of nineteen members are half as many."""

Cut: TypeAlias = "tuple[int | float, int]"
"""A place between numbers: just before the number where the second part is 0, just after it where it is 1."""
Span: TypeAlias = "tuple[Cut, Cut]"
"""All numbers between two cuts."""

_BELOW: Cut = (-math.inf, 0)
_ABOVE: Cut = (math.inf, 1)
_MEMBERS = ("has", "has_any", "lacks", "lacks_all", "only")
"""Tests of sets that treat alike the members that they name, and alike those that they don't name."""


class TooManyValuesError(AdvisorError):
    """The rules tell apart so many values of a fact that they can't be looked through."""


@dataclass(frozen=True, slots=True)
class ValueClass:
    """Values of a fact that pass the same tests.

    Attributes:
        passes: for each test, in the order in which they were given, whether the values pass it, as bits.
        nearest: the value that is nearest to the present one.
        distance: how far it is: of sets the number of members added and removed, of all else 0 or 1.
        values: all values, of an enum or a boolean.
        spans: all values, of a number.
        inside: members that all values have, of a set.
        possible: members that at least one value has, of a set.
    """

    passes: int
    nearest: Value
    distance: float = 1
    values: tuple[Value, ...] = ()
    spans: tuple[Span, ...] = ()
    inside: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()


def classes_of(fact: Fact, tests: Sequence[FactTest], present: Value | None) -> tuple[ValueClass, ...]:
    """Return the classes of the values that a fact can take.

    Args:
        fact: the fact.
        tests: tests on it.
        present: its value now; None where it is unknown. Being unknown is no value, and in no class.

    Returns:
        The classes: of an enum in the order of its values, of a number from low to high, of a set from near to far.

    Raises:
        TooManyValuesError: the tests name so many members of a set that its values can't be looked through.
    """
    match fact.type:
        case "boolean":
            found = _of_words((False, True), tests, present)
        case "enum":
            found = _of_words(fact.allowed, tests, present)
        case "set":
            return _of_sets(fact, tests, present if isinstance(present, tuple) else ())
        case _:
            number = present if isinstance(present, int | float) else None
            found = _of_numbers(fact, tests, number)
    return found


def some_value_passes(fact: Fact, tests: Sequence[FactTest], most: int) -> bool | None:
    """Return whether the fact can have a value that passes all of these tests on it.

    None where to know it more than ``most`` values would have to be tried.
    """
    values: Iterable[Value]
    match fact.type:
        case "boolean":
            values = (False, True)
        case "enum":
            values = fact.allowed
        case "set":
            groups = _groups(fact, tests, ())
            if math.prod(group.cap + 1 for group in groups) > most:
                return None
            values = (
                tuple(member for group, digit in zip(groups, digits, strict=True) for member in group.members[:digit])
                for digits in product(*(range(group.cap + 1) for group in groups))
            )
        case _:
            start, _ = range_of(fact)
            values = (_within(span, fact.type == "integer", None, start) for span in pairwise(_cuts(fact, tests)))
    return any(all(test.holds(value) for test in tests) for value in values)


def _passes(tests: Sequence[FactTest], value: Value) -> int:
    return sum(test.holds(value) << index for index, test in enumerate(tests))


def _of_words(values: Iterable[Value], tests: Sequence[FactTest], present: Value | None) -> tuple[ValueClass, ...]:
    found: dict[int, list[Value]] = {}
    for value in values:
        found.setdefault(_passes(tests, value), []).append(value)
    return tuple(
        ValueClass(passes, present, 0, values=tuple(members))
        if present is not None and present in members
        else ValueClass(passes, members[0], values=tuple(members))
        for passes, members in found.items()
    )


# --- numbers ----------------------------------------------------------------------------------------------------------


def _of_numbers(fact: Fact, tests: Sequence[FactTest], present: int | float | None) -> tuple[ValueClass, ...]:
    start, _ = range_of(fact)
    cuts = _cuts(fact, tests)
    found: dict[int, list[tuple[Span, int | float]]] = {}
    for span in pairwise(cuts):
        value = _within(span, fact.type == "integer", present, start)
        found.setdefault(_passes(tests, value), []).append((span, value))
    classes = []
    for passes, parts in found.items():
        distances = [(abs(value - present) if present is not None else 1, value) for _, value in parts]
        distance, nearest = min(distances, key=lambda pair: pair[0])
        classes.append(ValueClass(passes, nearest, distance, spans=joined(span for span, _ in parts)))
    return tuple(classes)


def _cuts(fact: Fact, tests: Sequence[FactTest]) -> list[Cut]:
    """Return the places at which the verdict of a test changes, and the ends, from low to high."""
    start, end = range_of(fact)
    return sorted({start, end, *(cut for test in tests if start < (cut := _cut(fact, test)) < end)})


def range_of(fact: Fact) -> Span:
    """Return the cuts between which all values of a number lie."""
    whole = fact.type == "integer"
    start = _BELOW if fact.minimum is None else (fact.minimum, 0)
    end = _ABOVE if fact.maximum is None else (fact.maximum + 1, 0) if whole else (fact.maximum, 1)
    return start, end


def _cut(fact: Fact, test: FactTest) -> Cut:
    """Return where a test changes its verdict."""
    threshold = test.operand
    assert isinstance(threshold, int | float)
    after = test.operator in ("at_most", "more_than")
    if fact.type != "integer":
        return (threshold, int(after))
    # Between whole numbers there is one place to cut: just before the upper of the two.
    return (math.floor(threshold) + 1 if after else math.ceil(threshold), 0)


def _within(span: Span, whole: bool, present: int | float | None, start: Cut) -> int | float:
    """Return the number between two cuts that is nearest to the present one; with none present, one at a threshold."""
    (low, low_side), (high, high_side) = span
    if present is not None and span[0] <= (present, 0) and (present, 1) <= span[1]:
        return present
    upwards = present < high if present is not None else span[0] != start
    if whole:
        end = low if upwards else high - 1
        return _plain(end) if abs(end) < math.inf else _inside(low, high, upwards)
    if upwards:
        return _plain(low) if not low_side and abs(low) < math.inf else _inside(low, high, upwards)
    return _plain(high) if high_side and abs(high) < math.inf else _inside(low, high, upwards)


def _inside(low: int | float, high: int | float, upwards: bool) -> int | float:
    """Return a number strictly between two, a whole one if there is one."""
    if math.isinf(low) and math.isinf(high):
        return 0
    if math.isinf(low):
        return math.ceil(high) - 1
    if math.isinf(high):
        return math.floor(low) + 1
    up, down = math.floor(low) + 1, math.ceil(high) - 1
    if up <= down:
        return up if upwards else down
    return _plain((low + high) / 2)


def _plain(number: int | float) -> int | float:
    return int(number) if number == int(number) else float(number)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans from low to high, with those that touch made one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and found[-1][1] == span[0]:
            found[-1] = (found[-1][0], span[1])
        else:
            found.append(span)
    return tuple(found)


# --- sets -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Group:
    """Members of a set that no test tells apart.

    Attributes:
        members: the members.
        cap: from how many of them on more make no difference.
        present: those that the present value has.
    """

    members: tuple[str, ...]
    cap: int
    present: tuple[str, ...]

    def taken(self, digit: int) -> tuple[str, ...]:
        """Return ``digit`` of the members, or more where that makes no difference, as near to the present as can be."""
        count = min(max(len(self.present), digit), self.most(digit))
        absent = [member for member in self.members if member not in self.present]
        return (*self.present[:count], *absent[: max(0, count - len(self.present))])

    def most(self, digit: int) -> int:
        """Return how many of the members a value may have that counts as having ``digit`` of them."""
        return len(self.members) if digit == self.cap else digit


def _groups(fact: Fact, tests: Sequence[FactTest], present: tuple[str, ...]) -> list[_Group]:
    counts = [test.operand for test in tests if test.operator == "count_at_least" and isinstance(test.operand, int)]
    found: dict[tuple[object, ...], list[str]] = {}
    for member in fact.allowed:
        found.setdefault(tuple(_sees(test, member) for test in tests), []).append(member)
    return [
        _Group(
            tuple(members),
            min(len(members), max(counts, default=1)),
            tuple(member for member in members if member in present),
        )
        for members in found.values()
    ]


def _sees(test: FactTest, member: str) -> object:
    """Return what a test sees of a member; members of which it sees the same are interchangeable."""
    operand = test.operand
    if test.operator in ("count_at_least", "empty"):
        return True
    named = member in operand if isinstance(operand, tuple) else member == operand
    # has_all tells its members apart; of an operator that isn't known here nothing is assumed.
    return named if test.operator in _MEMBERS else member if named or test.operator != "has_all" else None


def _of_sets(fact: Fact, tests: Sequence[FactTest], present: tuple[str, ...]) -> tuple[ValueClass, ...]:
    groups = _groups(fact, tests, present)
    size = math.prod(group.cap + 1 for group in groups)
    if size > MAX_PATTERNS:
        raise TooManyValuesError(
            f"{fact.name}: the rules tell {size:,} sets of its members apart; at most {MAX_PATTERNS:,} can be compared"
        )
    found: dict[int, tuple[tuple[int, list[int]], tuple[str, ...], set[str], set[str]]] = {}
    position = {member: index for index, member in enumerate(fact.allowed)}
    for digits in product(*(range(group.cap + 1) for group in groups)):
        taken = {member for group, digit in zip(groups, digits, strict=True) for member in group.taken(digit)}
        value = tuple(sorted(taken, key=position.__getitem__))
        passes = _passes(tests, value)
        rank = (len(taken.symmetric_difference(present)), [position[member] for member in value])
        inside, possible = _bounds(groups, digits)
        if passes in found:
            best, nearest, before, could = found[passes]
            best, nearest = min((best, nearest), (rank, value))
            found[passes] = (best, nearest, before & inside, could | possible)
        else:
            found[passes] = (rank, value, inside, possible)
    return tuple(
        ValueClass(passes, nearest, rank[0], inside=frozenset(inside), possible=frozenset(possible))
        for passes, (rank, nearest, inside, possible) in sorted(found.items(), key=lambda pair: pair[1][0])
    )


def _bounds(groups: Sequence[_Group], digits: Sequence[int]) -> tuple[set[str], set[str]]:
    """Return the members that all values with these digits have, and those that at least one has."""

    def chosen(*, certain: bool) -> Iterator[str]:
        for group, digit in zip(groups, digits, strict=True):
            if (digit == len(group.members)) if certain else digit:
                yield from group.members

    return set(chosen(certain=True)), set(chosen(certain=False))
