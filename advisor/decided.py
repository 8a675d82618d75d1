"""What is decided in one case: which conditions are true, which are false, which are unknown.

The truth of every condition (Kleene's logic) is passed up the network of ``advisor.index`` from the tests that the
known facts decide; what they don't reach stays as it is while nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress

from advisor.conditions import Facts, Truth
from advisor.index import Index

UNKNOWN, TRUE, FALSE = 0, 1, 2
_TRUTHS: tuple[Truth, ...] = (None, True, False)
# From the truths of nodes, in order, to a choice among them: those that are true, those that are unknown.
_WHERE_TRUE = bytes.maketrans(b"\0\1\2", b"\0\1\0")
_WHERE_UNKNOWN = bytes.maketrans(b"\0\1\2", b"\1\0\0")
_WHERE_NOTHING = bytes((1, *bytes(255)))
_NOT_FALSE_AS_DIGITS = bytes.maketrans(b"\0\1\2", b"110")


class Decided:
    """The truth of every condition of a corpus on the facts known of one case.

    Attributes:
        index: the corpus's index.
        truth: for each node: 0 where it is unknown, 1 where it is true, 2 where it is false.
        changed: for each gate 1 if one of its own tests or findings, or of a condition inside it, was decided by what
            was told, so that it waits for other parts than while nothing is known; 0 if not, and for findings.
    """

    def __init__(self, index: Index) -> None:
        """Decide what can be while nothing is known: findings that no rule derives are false."""
        self.index = index
        self.truth = bytearray(len(index))
        self.changed = bytearray(len(index))
        self._waiting = index.waiting()
        self._spread([], [node for node in index.findings.values() if not index.parts[node]])

    def told(self, facts: Facts) -> Decided:
        """Return what is decided on known facts, in canonical form, beside what is decided already.

        It may be asked by several threads at once.
        """
        case = object.__new__(Decided)
        case.index = self.index
        case.truth = self.truth[:]
        case.changed = self.changed[:]
        case._waiting = self._waiting[:]
        passed: list[int] = []
        failed: list[int] = []
        for name, value in facts.items():
            tests = self.index.sieves.get(name)
            if tests is not None:
                good, bad = tests.split(value)
                passed += good
                failed += bad
        case._mark(case._spread(passed, failed))
        return case

    def _spread(self, passed: list[int], failed: list[int]) -> list[int]:
        """Pass what is decided upwards; return the gates that wait for fewer parts than before.

        Args:
            passed: nodes that have become true.
            failed: nodes that have become false.
        """
        truth, waiting = self.truth, self._waiting
        in_all, in_any, is_part = self.index.in_all, self.index.in_any, self.index.is_part
        shrunk: list[int] = []
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
                if not truth[gate]:
                    if waiting[gate]:
                        shrunk.append(gate)
                    else:
                        truth[gate] = result
                        if is_part[gate]:
                            pending.append(gate)
        return shrunk

    def _mark(self, pending: list[int]) -> None:
        """Mark gates as changed, and those in which they stand, up to the rule; not through findings."""
        truth, changed = self.truth, self.changed
        rules, findings = self.index.rule_ends, self.index.finding_ends
        while pending:
            node = pending.pop()
            if truth[node] or changed[node] or rules <= node < findings:
                continue
            changed[node] = 1
            if node >= findings:
                pending += self.index.in_all[node]
                pending += self.index.in_any[node]

    def of(self, node: int) -> Truth:
        """Return whether a node is true, false or (None) unknown."""
        return _TRUTHS[self.truth[node]]

    @property
    def findings(self) -> dict[str, Truth]:
        """For each finding whether it is derived (true), can't be (false) or may yet be (None)."""
        return {name: _TRUTHS[self.truth[node]] for name, node in self.index.findings.items()}

    @property
    def true_rules(self) -> Iterator[int]:
        """The nodes of the rules that are true, in order."""
        return self._rules(_WHERE_TRUE)

    @property
    def open_rules(self) -> Iterator[int]:
        """The nodes of the rules that are unknown, in order."""
        return self._rules(_WHERE_UNKNOWN)

    @property
    def untouched(self) -> bytes:
        """For each rule, and then each ``pressing_when``: 1 if it is open as while nothing is known, 0 if not."""
        ends = self.index.rule_ends
        touched = int.from_bytes(self.truth[:ends]) | int.from_bytes(self.changed[:ends])
        return touched.to_bytes(ends).translate(_WHERE_NOTHING)

    def _rules(self, where: bytes) -> Iterator[int]:
        count = len(self.index.rules)
        return compress(range(count), self.truth[:count].translate(where))

    @property
    def possible_rules(self) -> int:
        """The rules that are true or unknown, as a set of bits: the first rule is the highest."""
        return int(self.truth[: len(self.index.rules)].translate(_NOT_FALSE_AS_DIGITS) or b"0", 2)
