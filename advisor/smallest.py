"""The smallest changes: which facts, changed together, make a formula over tests on facts true or false.

For all sets of one fact, then of two, then of three, the formula is bounded in one pass: which sets could flip it at
all if their facts took any value? Sets that have a smaller flip inside them are left out. For each set that remains,
only the tests that still matter while all other facts stay as they are tell values apart (``advisor.domains``); over
these classes of values the formula is worked out in full. So the result is exact: no smallest set is missing, and no
set is larger than it need be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from math import prod
from typing import TypeAlias

from advisor.case import Case
from advisor.conditions import FactTest
from advisor.domains import TooManyValuesError, ValueClass, classes_of
from advisor.presence import Presence

MAX_COMBINATIONS = 1 << 24
"""How many combinations of classes of values are worked out for one set of facts."""

Box: TypeAlias = "tuple[tuple[ValueClass, ...], ...]"
"""For each fact some classes of values, any of which does it together with any of the others'."""


@dataclass(frozen=True, slots=True)
class Found:
    """A smallest set of facts, and the ways to change them that flip the line.

    Attributes:
        facts: the facts, in the vocabulary's order.
        tests: for each fact the tests that matter while all other facts stay as they are.
        classes: for each fact the classes of its values under these tests.
        boxes: the ways: together they are all combinations of values that do it, and no others.
    """

    facts: tuple[str, ...]
    tests: tuple[tuple[FactTest, ...], ...]
    classes: tuple[tuple[ValueClass, ...], ...]
    boxes: tuple[Box, ...]


def search(case: Case, presence: Presence, limit: int) -> Iterator[Found]:
    """Yield every smallest set of at most ``limit`` facts that flips the line, small sets first.

    Args:
        case: the situation.
        presence: the formula of the line.
        limit: how many facts may change.
    """
    facts = presence.facts
    position = {fact: index for index, fact in enumerate(facts)}
    now = {test: _holds(case, test) for test in presence.nodes if isinstance(test, FactTest)}
    domains: dict[tuple[FactTest, ...], tuple[ValueClass, ...]] = {}
    smallest: list[tuple[int, ...]] = []
    for size in range(1, min(limit, len(facts)) + 1):
        sets, holding = _sets_of(len(facts), size)
        full = (1 << len(sets)) - 1

        def masks(test: FactTest, full: int = full, holding: tuple[int, ...] = holding) -> tuple[int, int]:
            free = holding[position[test.fact]]
            return (full & ~free, full) if now[test] else (0, free)

        bounds = presence.bounds(masks, full)
        surely, possibly = bounds[-1]
        candidates = surely ^ possibly
        for smaller in smallest:
            covered = full
            for index in smaller:
                covered &= holding[index]
            candidates &= ~covered
        for number in _bits(candidates):
            undecided = presence.undecided(bounds, number)
            tests: dict[str, list[FactTest]] = {facts[index]: [] for index in sets[number]}
            for index in undecided:
                node = presence.nodes[index]
                if isinstance(node, FactTest):
                    tests[node.fact].append(node)
            if not all(tests.values()):
                continue  # one of its facts makes no difference, and without it the set was tried already
            by_fact = tuple(tuple(sorted(found, key=str)) for found in tests.values())
            for fact, its_tests in zip(tests, by_fact, strict=True):
                if its_tests not in domains:
                    domains[its_tests] = classes_of(case.corpus.facts[fact], its_tests, case.facts.get(fact))
            classes = tuple(domains[its_tests] for its_tests in by_fact)
            boxes = _boxes(presence, undecided, by_fact, classes, _holds_now(case, presence, now))
            if boxes:
                smallest.append(sets[number])
                yield Found(tuple(tests), by_fact, classes, boxes)


def _holds(case: Case, test: FactTest) -> bool:
    value = case.facts.get(test.fact)
    return value is not None and test.holds(value)


def _holds_now(case: Case, presence: Presence, now: dict[FactTest, bool]) -> bool:
    return bool(presence.bounds(lambda test: (int(now[test]),) * 2, 1)[-1][0])


@lru_cache(maxsize=128)
def _sets_of(count: int, size: int) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Return all sets of ``size`` of ``count`` things, and for each thing the sets that hold it, as bits."""
    sets = tuple(combinations(range(count), size))
    holding = [bytearray(len(sets) // 8 + 1) for _ in range(count)]
    for number, members in enumerate(sets):
        for member in members:
            holding[member][number >> 3] |= 1 << (number & 7)
    return sets, tuple(int.from_bytes(bits, "little") for bits in holding)


def _bits(mask: int) -> Iterator[int]:
    """Yield the indexes of the bits that are set."""
    text = bin(mask)[:1:-1]
    index = text.find("1")
    while index >= 0:
        yield index
        index = text.find("1", index + 1)


def _boxes(
    presence: Presence,
    undecided: Sequence[int],
    tests: Sequence[Sequence[FactTest]],
    classes: Sequence[Sequence[ValueClass]],
    present: bool,
) -> tuple[Box, ...]:
    """Return the combinations of classes that flip the line, as boxes."""
    sizes = [len(its) for its in classes]
    total = prod(sizes)
    if total > MAX_COMBINATIONS:
        raise TooManyValuesError(
            f"the rules tell {total:,} combinations of values apart; at most {MAX_COMBINATIONS:,} can be compared"
        )
    full = (1 << total) - 1
    masks: dict[FactTest, int] = {}
    stride = 1
    for its_tests, its_classes in zip(tests, classes, strict=True):
        block, period = (1 << stride) - 1, stride * len(its_classes)
        repeated = full // ((1 << period) - 1)
        for number, test in enumerate(its_tests):
            once = sum(block << index * stride for index, one in enumerate(its_classes) if one.passes >> number & 1)
            masks[test] = once * repeated
        stride = period
    flipped = presence.holds(undecided, masks, full) ^ (full if present else 0)
    return tuple(_cover(flipped, classes)) if flipped else ()


def _cover(flipped: int, classes: Sequence[Sequence[ValueClass]]) -> Iterator[Box]:
    """Yield boxes, none of which could be larger, that together hold all combinations that flip, and no others."""
    sizes = [len(its) for its in classes]
    total = prod(sizes)
    text = bin(flipped)[:1:-1].ljust(total, "0")
    # Classes that do the same whatever the other facts are go together.
    merged: list[list[list[int]]] = []
    strides: list[int] = []
    stride = 1
    for size in sizes:
        strides.append(stride)
        period = stride * size
        rows: dict[str, list[int]] = {}
        for index in range(size):
            row = "".join(text[start + index * stride :][:stride] for start in range(0, total, period))
            if "1" in row:
                rows.setdefault(row, []).append(index)
        merged.append(list(rows.values()))
        stride = period

    def flips(numbers: Sequence[int]) -> bool:
        at = sum(merged[fact][number][0] * strides[fact] for fact, number in enumerate(numbers))
        return text[at] == "1"

    left = [numbers for numbers in product(*(range(len(its)) for its in merged)) if flips(numbers)]
    while left:
        box = [[number] for number in left[0]]
        for fact, its in enumerate(merged):
            for number in range(len(its)):
                others = [[number] if other == fact else part for other, part in enumerate(box)]
                if number not in box[fact] and all(map(flips, product(*others))):
                    box[fact].append(number)
        inside = set(product(*box))
        left = [numbers for numbers in left if numbers not in inside]
        yield tuple(
            tuple(its[index] for index in sorted(index for number in part for index in merged[fact][number]))
            for fact, (its, part) in enumerate(zip(classes, box, strict=True))
        )
