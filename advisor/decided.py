"""What is decided in one case: which conditions are true, which are false, which are unknown.

The truth of every condition (Kleene's logic) is passed up the network of ``advisor.index`` from the tests that the
known facts decide, when it is asked for; what they don't reach stays as it is while nothing is known. What the findings
come to is read from the cells of ``advisor.cells``, which know it of earlier cases.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from functools import cached_property
from itertools import compress

from advisor.cells import FALSE, TRUE, Cells, Layout
from advisor.conditions import Facts, Truth
from advisor.index import Index

_TRUTHS: tuple[Truth, ...] = (None, True, False)
# From the truths of nodes, in order, to a choice among them: those that are true, those that are unknown.
_WHERE_TRUE = bytes.maketrans(b"\0\1\2", b"\0\1\0")
_WHERE_UNKNOWN = bytes.maketrans(b"\0\1\2", b"\1\0\0")


class Undecided:
    """A corpus of which nothing is known yet: what all its cases begin with, shared between threads.

    Attributes:
        index: the corpus's index.
        truth: for each node its truth: findings that no rule derives are false, all else is unknown.
        waiting: for each node how many parts it waits for.
        layout: how the conditions are parted into cells.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.index = index = layout.index
        self.truth = bytearray(len(index))
        self.waiting = index.waiting()
        _spread(
            index, self.truth, self.waiting, [], [node for node in index.findings.values() if not index.parts[node]]
        )
        self._cells = Cells(layout)

    @property
    def cells(self) -> Cells:
        """What is kept of cases; a case stays with what it began with."""
        if self._cells.full:
            self._cells = Cells(self.layout)
        return self._cells

    def told(self, facts: Facts) -> Decided:
        """Return what is decided on known facts, in canonical form."""
        return Decided(self, facts)


class Decided:
    """What is decided on the facts known of one case.

    Attributes:
        index: the corpus's index.
        cells: what is known of earlier cases.
    """

    def __init__(self, undecided: Undecided, facts: Facts) -> None:
        self._undecided = undecided
        self._facts = facts
        self.index = undecided.index
        self.cells = undecided.cells

    @cached_property
    def states(self) -> bytearray:
        """What the cells see of the case."""
        return self.cells.states(self._facts)

    @cached_property
    def keys(self) -> tuple[bytes, ...]:
        """The keys of all cells of rules."""
        return self.cells.layout.keys(self.states)

    @cached_property
    def truth(self) -> bytearray:
        """For each node: 0 where it is unknown, 1 where it is true, 2 where it is false."""
        passed: list[int] = []
        failed: list[int] = []
        for name, value in self._facts.items():
            tests = self.index.sieves.get(name)
            if tests is not None:
                good, bad = tests.split(value)
                passed += good
                failed += bad
        truth = self._undecided.truth[:]
        _spread(self.index, truth, self._undecided.waiting[:], passed, failed)
        return truth

    def of(self, node: int) -> Truth:
        """Return whether a node is true, false or (None) unknown."""
        return _TRUTHS[self.truth[node]]

    @property
    def findings(self) -> dict[str, Truth]:
        """For each finding whether it is derived (true), can't be (false) or may yet be (None)."""
        return dict(zip(self.index.findings, map(_TRUTHS.__getitem__, self.cells.truths(self.states)), strict=True))

    @property
    def true_rules(self) -> Iterator[int]:
        """The nodes of the rules that are true, in order."""
        return self._rules(_WHERE_TRUE)

    @property
    def open_rules(self) -> Iterator[int]:
        """The nodes of the rules that are unknown, in order."""
        return self._rules(_WHERE_UNKNOWN)

    def _rules(self, where: bytes) -> Iterator[int]:
        count = len(self.index.rules)
        return compress(range(count), self.truth[:count].translate(where))


def _spread(index: Index, truth: bytearray, waiting: array[int], passed: list[int], failed: list[int]) -> None:
    """Pass what is decided upwards.

    Args:
        index: the network.
        truth: for each node its truth, which is changed.
        waiting: for each node how many parts it waits for, which is changed.
        passed: nodes that have become true.
        failed: nodes that have become false.
    """
    in_all, in_any, is_part = index.in_all, index.in_any, index.is_part
    for node in passed:
        truth[node] = TRUE
    for node in failed:
        truth[node] = FALSE
    while passed or failed:
        if passed:
            node, result, pending, at_once, one_by_one = passed.pop(), TRUE, passed, in_any, in_all
        else:
            node, result, pending, at_once, one_by_one = failed.pop(), FALSE, failed, in_all, in_any
        for gate in at_once[node]:
            if not truth[gate]:
                truth[gate] = result
                if is_part[gate]:
                    pending.append(gate)
        for gate in one_by_one[node]:
            waiting[gate] -= 1
            if not truth[gate] and not waiting[gate]:
                truth[gate] = result
                if is_part[gate]:
                    pending.append(gate)
