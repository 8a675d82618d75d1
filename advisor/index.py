"""The index: the conditions of all rules as one network, from the tests on facts up to the rules.

It is compiled once for a corpus, is frozen and shared between threads. Each distinct test is a node, and so is each
distinct condition inside another one, each finding, each rule and each ``pressing_when``. A node that joins others is a
gate: an *all* or an *any* over its parts; a finding is an *any* over the rules that derive it. What is known of a case
is decided at the tests and passes upwards, from a part to the gates that have it; a gate counts the parts for which it
still waits. So the work grows with the tests that are decided and the gates that they reach: rules of which nothing is
known cost nothing. ``docs/matching.md`` says how it works and why it is right.

Two things are made from it: the register of ``advisor.matching``, by which the engine finds the rules that fire, and
``advisor.decided``, which tells false from unknown.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping

from advisor.conditions import All, AnyOf, Condition, FactTest, FindingIs
from advisor.rule import Rule
from advisor.sieve import Sieve, sieve


class Index:
    """The network of one corpus.

    Nodes are numbered: first the rules in the order of their ids, then each ``pressing_when``, then the findings, then
    what is shared: tests, and conditions inside others.

    Attributes:
        rules: the rules' ids, sorted.
        nodes: for each rule its node, which is its place among them.
        derives: for each rule, the findings that it derives.
        presses: for each node of a ``pressing_when``, the node of its rule.
        findings: the nodes of the findings.
        facts: the vocabulary.
        numbers: for each fact its number, which is its place there.
        fact_of: for each node of a test, the number of its fact; -1 for gates.
        parts: for each gate, the nodes that it joins, in the order in which they are written.
        is_all: for each gate, whether all its parts must hold (1) or one is enough (0).
        in_all: for each node, the gates of which it is a part and that need all their parts.
        in_any: for each node, the gates of which it is a part and that need one.
        is_part: for each node 1 if it is a part of some gate, and 0 if not, as most rules aren't.
        sieves: for each fact that is tested, its tests.
    """

    def __init__(self, rules: Iterable[Rule], findings: Iterable[str], facts: Iterable[str]) -> None:
        ordered = sorted(rules, key=lambda rule: rule.id)
        self.rules = tuple(rule.id for rule in ordered)
        self.nodes = {name: node for node, name in enumerate(self.rules)}
        self.facts = tuple(facts)
        self.numbers = {name: number for number, name in enumerate(self.facts)}
        self.derives = [tuple(dict.fromkeys(rule.findings)) for rule in ordered]
        self.presses: dict[int, int] = {}
        self.findings: dict[str, int] = {}
        self.parts: list[tuple[int, ...]] = [()] * len(ordered)
        self.is_all = bytearray(len(ordered))
        self.fact_of: list[int] = [-1] * len(ordered)
        self._shared: dict[tuple[bool, tuple[int, ...]], int] = {}
        self._tests: dict[str, dict[FactTest, int]] = {}
        for number, rule in enumerate(ordered):
            if rule.pressing_when is not None:
                self.presses[self._new_gate()] = number
        for name in findings:
            self.findings[name] = self._new_gate()
        deriving: dict[str, list[int]] = {name: [] for name in self.findings}
        for number, rule in enumerate(ordered):
            self._set_gate(number, rule.when)
            for name in self.derives[number]:
                deriving[name].append(number)
        for node, number in self.presses.items():
            condition = ordered[number].pressing_when
            assert condition is not None
            self._set_gate(node, condition)
        for name, numbers in deriving.items():
            self.parts[self.findings[name]] = tuple(numbers)
        self.in_all, self.in_any = self._upwards()
        self.is_part = bytes(bool(above or beside) for above, beside in zip(self.in_all, self.in_any, strict=True))
        self.sieves: Mapping[str, Sieve] = {name: sieve(tests) for name, tests in self._tests.items()}
        del self._shared, self._tests  # nobody asks again, and an index is kept on disk
        self.rule_ends = len(self.rules) + len(self.presses)
        """The first node that is neither a rule nor a ``pressing_when``: the first finding."""
        self.finding_ends = self.rule_ends + len(self.findings)
        """The first node that is shared: a test, or a condition inside others."""
        self._behind: dict[int, frozenset[int]] = {}

    def __len__(self) -> int:
        return len(self.parts)

    def is_finding(self, node: int) -> bool:
        """Return whether a node is a finding."""
        return self.rule_ends <= node < self.finding_ends

    def behind(self, node: int) -> frozenset[int]:
        """Return all facts, by their numbers, on which a node may depend, also through findings."""
        found = self._behind.get(node)
        if found is None:
            fact = self.fact_of[node]
            inside = [self.behind(part) for part in self.parts[node]]
            found = self._behind[node] = frozenset((fact,)) if fact >= 0 else frozenset().union(*inside)
        return found

    def waiting(self) -> array[int]:
        """Return for each node how many parts it waits for while nothing is known."""
        return array("I", map(len, self.parts))

    def _new_gate(self) -> int:
        self.parts.append(())
        self.is_all.append(0)
        self.fact_of.append(-1)
        return len(self.parts) - 1

    def _set_gate(self, node: int, condition: Condition) -> None:
        # A condition that is a single test is an "all" of one part.
        joined = condition if isinstance(condition, All | AnyOf) else All((condition,))
        self.parts[node] = self._nodes(joined)
        self.is_all[node] = isinstance(joined, All)

    def _nodes(self, condition: All | AnyOf) -> tuple[int, ...]:
        """Return the nodes of a condition's parts."""
        return tuple(map(self._node, condition.parts))

    def _node(self, condition: Condition) -> int:
        """Return the node of a condition inside another one; the same for all that say the same."""
        match condition:
            case FactTest():
                tests = self._tests.setdefault(condition.fact, {})
                if condition not in tests:
                    tests[condition] = self._new_gate()
                    self.fact_of[tests[condition]] = self.numbers[condition.fact]
                return tests[condition]
            case FindingIs():
                return self.findings[condition.finding]
            case All() | AnyOf():
                key = (isinstance(condition, All), self._nodes(condition))
                if key not in self._shared:
                    self._shared[key] = self._new_gate()
                    self._set_gate(self._shared[key], condition)
                return self._shared[key]

    def _upwards(self) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
        in_all: list[list[int]] = [[] for _ in self.parts]
        in_any: list[list[int]] = [[] for _ in self.parts]
        for gate, parts in enumerate(self.parts):
            for part in parts:
                (in_all if self.is_all[gate] else in_any)[part].append(gate)
        return list(map(tuple, in_all)), list(map(tuple, in_any))
