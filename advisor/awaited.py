"""What undecided conditions wait for: the unknown facts that could decide them, and the share of each in the decision.

Where k undecided conditions must hold together, each decides the less: a fact's share is one k-squared-th of its share
in the part. Where one of several will do, a fact has its greatest share. Through the findings a condition waits for
what the rules that derive them wait for. A share is always one part in so many, and is told as that number.

What the rules wait for is read from their cells (``advisor.cells``), which know it of earlier cases.
"""

from __future__ import annotations

from collections.abc import Iterable

from advisor.cells import Record, Shares
from advisor.decided import Decided


class Awaited:
    """What the undecided rules and findings of one case wait for."""

    def __init__(self, decided: Decided) -> None:
        self._index = decided.index
        self._cells = decided.cells
        self._states = decided.states
        self._keys = decided.keys
        self._records: dict[int, Record] = {}

    def names(self, nodes: Iterable[int]) -> tuple[str, ...]:
        """Return the facts that could decide some rules, ``pressing_when`` or findings, in the vocabulary's order.

        What is decided has none.
        """
        chosen = frozenset().union(*map(self.shares, nodes))
        return self._cells.names(chosen)

    def shares(self, node: int) -> Shares:
        """Return the facts that could decide a rule, ``pressing_when`` or finding, each with its share."""
        if self._index.is_finding(node):
            return self._cells.behind(self._states, node).shares
        record, place = self._at(node)
        return record.shares[place]

    def alone(self, node: int) -> int:
        """Return the facts each of which alone could make a rule or ``pressing_when`` true, as a set of bits."""
        record, place = self._at(node)
        return record.alone(place)

    def _at(self, node: int) -> tuple[Record, int]:
        """Return the record of a gate's cell, and the gate's place in it."""
        number, place = self._cells.layout.site_of[node]
        record = self._records.get(number)
        if record is None:
            cell = self._cells.rules[number]
            record = self._records[number] = cell.records[self._keys[number]]
        return record, place
