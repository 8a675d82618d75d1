"""Grounds: the tests that made a rule fire in a case, and that made it pressing.

They depend on the few facts and findings that the rule tests. So they are worked out once for each combination of
these, and kept for other cases in which the rule fires on the same. A number counts by where it lies among the
thresholds of all tests on it; it is put in where grounds are written.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeAlias

from advisor.answer import Because, BecauseFact, BecauseFinding
from advisor.conditions import All, Condition, Facts, FactTest, FindingIs, leaves, plain, support
from advisor.corpus import Corpus, PerCorpus
from advisor.recent import Recent
from advisor.shapes import to_json

Piece: TypeAlias = "bytes | str"
"""A piece of JSON text, or the name of a fact whose number stands in its place."""
_KEPT = 64
"""For so many combinations of its facts the grounds of a rule are kept."""


class Ground:
    """The tests that made one rule fire.

    Attributes:
        tests: the tests, each once, in the order in which they are written.
        facts: the facts that they test, each once.
        bearing: what tells the tests apart, to count on how many a line rests.
        general: whether the rule rests on findings that are true of every situation, and on nothing else.
        numeric: whether one of the facts is a number.
        number: tells it from all other grounds of the same rule; never 0.
        pressing: whether tests that make the rule pressing are among them.
    """

    def __init__(
        self,
        number: int,
        tests: Iterable[FactTest | FindingIs],
        facts: Facts,
        numeric: AbstractSet[str],
        general: AbstractSet[str],
        *,
        pressing: bool,
    ) -> None:
        """Take down the grounds of a rule.

        Args:
            number: tells it from all other grounds of the same rule.
            tests: the tests that hold.
            facts: the known facts.
            numeric: the facts that are numbers.
            general: the findings that are true of every situation.
            pressing: whether tests that make the rule pressing are among them.
        """
        self.number = number
        self.pressing = pressing
        by_text = {str(test): test for test in tests}
        self.tests = tuple(by_text.values())
        self._known = {test.fact: facts[test.fact] for test in self.tests if isinstance(test, FactTest)}
        self._numeric = numeric
        self.numeric = not numeric.isdisjoint(self._known)
        self.facts = tuple(self._known)
        # Two tests with the same words may have looked for different members of a set.
        self.bearing = frozenset(
            (text, test.matched(facts[test.fact]) if isinstance(test, FactTest) and test.fact not in numeric else None)
            for text, test in by_text.items()
        )
        self.general = all(isinstance(test, FindingIs) and test.finding in general for test in self.tests)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The tests as JSON text, with commas between them."""
        return joined((_pieces(test, self._known, self._numeric) for test in self.tests), b",")

    def because(self, facts: Facts) -> tuple[Because, ...]:
        """Return the tests as an answer has them."""
        return tuple(_because(test, facts) for test in self.tests)


def joined(texts: Iterable[tuple[Piece, ...]], between: bytes = b"") -> tuple[Piece, ...]:
    """Return texts as one, with what is to stand between them; neighbouring pieces are made one."""
    found: list[Piece] = []
    for number, text in enumerate(texts):
        for piece in (between, *text) if number and between else text:
            if found and isinstance(piece, bytes) and isinstance(last := found[-1], bytes):
                found[-1] = last + piece
            else:
                found.append(piece)
    return tuple(found)


def put_in(pieces: Iterable[Piece], numbers: Mapping[str, bytes]) -> list[bytes]:
    """Return a text with the numbers of facts put in."""
    return [piece if isinstance(piece, bytes) else numbers[piece] for piece in pieces]


def names_written(names: Iterable[str]) -> bytes:
    """Return names, in which there is nothing to escape, as the inside of a JSON list."""
    text = '","'.join(names)
    return f'"{text}"'.encode() if text else b""


def _because(test: FactTest | FindingIs, facts: Facts) -> BecauseFact | BecauseFinding:
    if isinstance(test, FindingIs):
        return BecauseFinding(finding=test.finding)
    value = facts[test.fact]
    return BecauseFact(fact=test.fact, value=plain(value), matched=plain(test.matched(value)), test=str(test))


def _pieces(test: FactTest | FindingIs, facts: Facts, numeric: AbstractSet[str]) -> tuple[Piece, ...]:
    because = _because(test, facts)
    if isinstance(because, BecauseFact) and because.fact in numeric:
        # The whole number matches a test on it.
        rest = {"test": because.test}
        name = because.fact
        return b'{"fact":' + to_json(name) + b',"value":', name, b',"matched":', name, b"," + to_json(rest)[1:]
    return (because.model_dump_json().encode(),)


def _nothing(_: Sequence[object]) -> tuple[object, ...]:
    return ()


class _Tested:
    """What a condition tests, and the grounds kept for it."""

    __slots__ = ("condition", "findings", "kept", "read")

    def __init__(self, condition: Condition, numbers: Mapping[str, int]) -> None:
        tests = list(leaves(condition))
        facts = sorted({numbers[test.fact] for test in tests if isinstance(test, FactTest)})
        self.condition = condition
        self.read: Callable[[Sequence[object]], Any] = itemgetter(*facts) if facts else _nothing
        self.findings = sorted({test.finding for test in tests if isinstance(test, FindingIs)})
        self.kept: Recent[object, Ground] = Recent(_KEPT)


class FiredGrounds:
    """The grounds of the rules that fired in a case.

    Attributes:
        of: for each rule that fired, by its node, its grounds.
        numbers: for each rule of the corpus the number of its grounds; 0 of one that didn't fire.
    """

    __slots__ = ("numbers", "of")

    def __init__(self, rules: int) -> None:
        self.of: dict[int, Ground] = {}
        # Of zeros, a block of bytes is made sooner than a list.
        self.numbers = array("I", bytes(array("I").itemsize * rules))


class Grounds:
    """The grounds of all rules of a corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self._numbers = corpus.index.numbers
        self._rules = [corpus.rules[name] for name in corpus.index.rules]
        self._general = frozenset(name for name, finding in corpus.findings.items() if finding.general)
        self._numeric = frozenset(name for name, fact in corpus.facts.items() if fact.type in ("integer", "number"))
        tested = ((name, {test.operand for test in corpus.tests[name]}) for name in self._numeric)
        self._cuts: dict[str, list[Any]] = {name: sorted(operands) for name, operands in tested}
        self._calm: list[_Tested | None] = [None] * len(self._rules)
        self._pressing: list[_Tested | None] = [None] * len(self._rules)
        self._given = [0] * len(self._rules)
        """For each rule how many grounds it had."""

    def _outcomes(self, facts: Facts) -> list[object]:
        """Return for each fact of the vocabulary, by its number, what tells apart values that pass different tests.

        Args:
            facts: the known facts; None stands for the others.
        """
        found: list[object] = [None] * len(self._numbers)
        for name, value in facts.items():
            cuts = self._cuts.get(name)
            found[self._numbers[name]] = value if cuts is None else bisect_left(cuts, value) + bisect_right(cuts, value)
        return found

    def fired(
        self, nodes: Iterable[int], pressing: AbstractSet[int], facts: Facts, findings: AbstractSet[str]
    ) -> FiredGrounds:
        """Return the grounds of all rules that fired.

        Args:
            nodes: the rules that fired, by their nodes.
            pressing: those of them whose ``pressing_when`` holds, too.
            facts: the known facts.
            findings: the findings that were derived.
        """
        outcomes = self._outcomes(facts)
        derived = findings.__contains__
        calm, urgent = self._calm, self._pressing
        found = FiredGrounds(len(self._rules))
        of, numbers = found.of, found.numbers
        for node in nodes:
            presses = node in pressing
            tested = (urgent if presses else calm)[node] or self._tested(node, presses=presses)
            key = tested.read(outcomes)
            if tested.findings:
                key = (key, *map(derived, tested.findings))
            ground = tested.kept[key] or self._make(node, tested, key, facts, findings, presses=presses)
            of[node] = ground
            numbers[node] = ground.number
        return found

    def _make(
        self, node: int, tested: _Tested, key: object, facts: Facts, findings: AbstractSet[str], *, presses: bool
    ) -> Ground:
        tests = support(tested.condition, facts, dict.fromkeys(findings, True))
        with _GIVING:
            self._given[node] += 1
            number = self._given[node]
        return tested.kept.keep(key, Ground(number, tests, facts, self._numeric, self._general, pressing=presses))

    def _tested(self, node: int, *, presses: bool) -> _Tested:
        rule = self._rules[node]
        conditions = (rule.when, rule.pressing_when) if presses and rule.pressing_when else (rule.when,)
        found = (self._pressing if presses else self._calm)[node] = _Tested(All(conditions), self._numbers)
        return found


_GIVING = threading.Lock()
"""No two grounds of a rule may get the same number."""
grounds: PerCorpus[Grounds] = PerCorpus(Grounds)
