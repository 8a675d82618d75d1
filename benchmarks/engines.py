"""The engines that are compared: each runs the same rules and says which fired, and by which tests.

An engine is made once for a corpus; that isn't timed. ``run`` is timed: it takes the facts of a case and returns, in
whatever form comes cheapest, which rules fired, which of them are pressing, which findings were derived, and for each
rule the tests that held. ``outcome`` puts that into one form for all engines, untimed, so that they can be held to
each other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from advisor.answer import BecauseFact
from advisor.case import Case
from advisor.conditions import Facts, FactTest, FindingIs
from advisor.corpus import Corpus
from advisor.engine import Production, engine_for, productions

Leaf: TypeAlias = "FactTest | FindingIs"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run, in a form that compares.

    Attributes:
        because: for each rule that fired, the tests that held: its trace.
        pressing: the rules that fired and press.
        findings: what was derived.
    """

    because: Mapping[str, frozenset[str]]
    pressing: frozenset[str]
    findings: frozenset[str]


class Engine(ABC):
    """An engine that has the rules of one corpus.

    Attributes:
        name: what tables call it.
        package: the distribution that it comes from, None for what is part of the advisor or of Python.
    """

    name: ClassVar[str]
    package: ClassVar[str | None] = None

    @abstractmethod
    def __init__(self, corpus: Corpus) -> None: ...

    @abstractmethod
    def run(self, facts: Facts) -> Any:
        """Fire the rules on the facts of a case, in canonical form."""

    @abstractmethod
    def outcome(self, answer: Any) -> Outcome:
        """Return what ``run`` returned in the form that compares."""


class Advisor(Engine):
    """The advisor: experta with the index as its matcher, and the tests that held as answers are made from them."""

    name = "advisor"

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.engine = engine_for(corpus)

    def run(self, facts: Facts) -> Any:
        """Run the engine, and gather the grounds of each rule that fired."""
        run = self.engine.run(facts)
        return run, Case(self.corpus, facts, run).grounds

    def outcome(self, answer: Any) -> Outcome:
        """Return the outcome."""
        run, grounds = answer
        names = self.corpus.index.rules
        because = {names[node]: frozenset(map(str, ground.tests)) for node, ground in grounds.of.items()}
        return Outcome(because, run.pressing, run.findings)


class AdvisorObjects(Advisor):
    """The same with its reasons as the library's objects, which say beside each test what of a value passed it."""

    name = "objects"

    def run(self, facts: Facts) -> Any:
        """Run the engine, and make the reasons of each rule that fired."""
        run = self.engine.run(facts)
        case = Case(self.corpus, facts, run)
        return run, {rule.id: case.because(rule) for rule in case.fired}

    def outcome(self, answer: Any) -> Outcome:
        """Return the outcome."""
        run, reasons = answer
        because = {
            rule: frozenset(
                (each.test or "") if isinstance(each, BecauseFact) else f"finding {each.finding}" for each in found
            )
            for rule, found in reasons.items()
        }
        return Outcome(because, run.pressing, run.findings)


Answer: TypeAlias = "tuple[dict[str, list[Leaf]], list[str], set[str]]"
"""For each rule that fired the tests that held; the pressing ones; the findings."""


class Branches:
    """The conditions of a corpus's rules as plain conjunctions, for engines that match nothing else.

    They are the productions of the advisor's Rete form: each branch of an *any* is one, and an *any* inside an *all*
    has a marker that its branches declare. An engine says by number which branches held; that gives the answer.
    """

    def __init__(self, corpus: Corpus) -> None:
        rules = corpus.rules.values()
        self.all: tuple[Production, ...] = tuple(each for rule in rules for each in productions(rule))
        self.declaring: dict[str, list[int]] = {}
        for number, branch in enumerate(self.all):
            if branch.declares is not None:
                self.declaring.setdefault(branch.declares, []).append(number)
        self._fires = [branch.fires for branch in self.all]
        self._presses = [branch.presses for branch in self.all]
        self._derives = [branch.derives for branch in self.all]
        self._leaves: list[tuple[Leaf, ...]] = [
            (*branch.tests, *(FindingIs(finding) for finding in branch.findings)) for branch in self.all
        ]
        self._inner = [tuple(n for marker in branch.markers for n in self.declaring[marker]) for branch in self.all]

    def answer(self, held: Iterable[int]) -> Answer:
        """Return the answer where these branches held; a branch inside another counts where the outer one does."""
        numbers = set(held)
        because: dict[str, list[Leaf]] = {}
        findings: set[str] = set()
        pressed: list[int] = []
        for number in numbers:
            if (rule := self._fires[number]) is not None:
                self._add(number, numbers, because.setdefault(rule, []))
                findings.update(self._derives[number])
            elif self._presses[number] is not None:
                pressed.append(number)
        pressing: list[str] = []
        for number in pressed:
            if (rule := self._presses[number]) in because:
                pressing.append(rule)
                self._add(number, numbers, because[rule])
        return because, pressing, findings

    def _add(self, number: int, held: set[int], leaves: list[Leaf]) -> None:
        leaves += self._leaves[number]
        for inner in self._inner[number]:
            if inner in held:
                self._add(inner, held, leaves)


def outcome(answer: Answer) -> Outcome:
    """Return the outcome of an answer."""
    because, pressing, findings = answer
    told = {rule: frozenset(map(str, leaves)) for rule, leaves in because.items()}
    return Outcome(told, frozenset(pressing), frozenset(findings))


def symbol(value: object) -> str:
    """Return a word, truth value or number as CLIPS writes it."""
    return str(value).upper() if isinstance(value, bool) else str(value)


def tests_of(branch: Production) -> dict[str, list[FactTest]]:
    """Return the tests of a branch by their facts."""
    found: dict[str, list[FactTest]] = {}
    for test in branch.tests:
        found.setdefault(test.fact, []).append(test)
    return found


def words(test: FactTest) -> tuple[str, ...]:
    """Return the words that a test of a word or a set looks for."""
    return test.operand if isinstance(test.operand, tuple) else (str(test.operand),)
