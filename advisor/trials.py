"""Trials: the tests in rule files, run one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from advisor import situation
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

    def __str__(self) -> str:
        expected: str = self.test.expect
        if self.test.pressing is not None:
            expected += " (pressing)" if self.test.pressing else " (not pressing)"
        got = f"{self.outcome} (pressing)" if self.pressing else self.outcome
        verdict = "ok" if self.passed else f"FAILED: expected {expected}, got {got}"
        return f"{self.rule.topic}/{self.rule.id}: {self.test.name}: {verdict}"


def rules_under(corpus: Corpus, names: Iterable[str]) -> list[Rule]:
    """Return the rules named by id, topic, ``rules/topic`` or file; all rules where nothing is named.

    Raises:
        LookupError: a name stands for no rule; the text names it.
    """
    wanted = [name.rstrip("/") for name in names]
    if not wanted:
        return list(corpus.rules.values())
    found: dict[str, Rule] = {}
    for name in wanted:
        matches = [
            rule
            for rule in corpus.rules.values()
            if name in (rule.id, rule.topic, f"rules/{rule.topic}") or name.endswith(rule.file) or name == "rules"
        ]
        if not matches:
            raise LookupError(f"no rule, topic or rule file {name!r}")
        found |= {rule.id: rule for rule in matches}
    return [found[name] for name in sorted(found)]


def run(corpus: Corpus, rules: Iterable[Rule], engine: Engine | None = None) -> Iterator[Trial]:
    """Run the tests of the rules on the engine that gives advice."""
    engine = engine or engine_for(corpus)
    for rule in rules:
        for test in rule.tests:
            facts = situation.parse(test.given, corpus.facts)
            result = engine.run(facts)
            outcome: Outcome
            if rule.id in result.fired:
                outcome = "fires"
            else:
                truths = {**corpus.truths(facts), **dict.fromkeys(result.findings, True)}
                outcome = "open" if evaluate(rule.when, facts, truths) is None else "silent"
            yield Trial(rule, test, outcome, rule.id in result.pressing)
