"""Trials: the tests in rule files, run one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from advisor import situation
from advisor.case import Case
from advisor.conditions import evaluate
from advisor.corpus import Corpus
from advisor.engine import Engine, engine_for
from advisor.model import RuleTest
from advisor.rule import Rule

Outcome = Literal["fires", "silent", "open"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A test of a rule and what came of it.

    Attributes:
        rule: the rule.
        test: its test.
        outcome: ``fires``, ``silent`` or ``open``.
        pressing: whether ``pressing_when`` holds.
    """

    rule: Rule
    test: RuleTest
    outcome: Outcome
    pressing: bool

    @property
    def passed(self) -> bool:
        """Whether the outcome is the one expected."""
        return self.outcome == self.test.expect and self.test.pressing in (None, self.pressing)

    @property
    def expected(self) -> str:
        """What the test expects, in words."""
        pressing = {None: "", True: " (pressing)", False: " (not pressing)"}
        return f"{self.test.expect}{pressing[self.test.pressing]}"

    @property
    def got(self) -> str:
        """What came of it, in words."""
        return f"{self.outcome} (pressing)" if self.pressing else self.outcome

    def __str__(self) -> str:
        verdict = "ok" if self.passed else f"FAILED: expected {self.expected}, got {self.got}"
        return f"{self.rule.topic}/{self.rule.id}: {self.test.name}: {verdict}"


def run(corpus: Corpus, rules: Iterable[Rule], engine: Engine | None = None) -> Iterator[Trial]:
    """Run the tests of the rules on the engine that gives advice."""
    trials = Trials(corpus, engine)
    for rule in rules:
        for test in rule.tests:
            yield trials.of(rule, test)


class Trials:
    """Tries rules on situations, each situation once however many tests tell it."""

    def __init__(self, corpus: Corpus, engine: Engine | None = None) -> None:
        self._corpus = corpus
        self._engine = engine or engine_for(corpus)
        self._cases: dict[str, Case] = {}

    def of(self, rule: Rule, test: RuleTest) -> Trial:
        """Return what comes of a test of a rule."""
        case = self.case(test.given)
        outcome: Outcome
        if rule.id in case.run.fired:
            outcome = "fires"
        else:
            outcome = "open" if evaluate(rule.when, case.facts, case.truths) is None else "silent"
        return Trial(rule, test, outcome, rule.id in case.run.pressing)

    def case(self, given: Mapping[str, object]) -> Case:
        """Return a situation as the engine ran it.

        Raises:
            SituationError: it can't be told in the vocabulary.
        """
        facts = situation.parse(given, self._corpus.facts)
        key = situation.to_json(facts)
        if key not in self._cases:
            self._cases[key] = Case(self._corpus, facts, self._engine.run(facts))
        return self._cases[key]
