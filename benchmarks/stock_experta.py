"""experta as it comes: its own Rete and its own strategy, the rules as one would write them for it."""

from __future__ import annotations

from typing import Any

from engines import Answer, Branches, Engine, Outcome, outcome, tests_of

from advisor.conditions import Facts, FactTest, predicate
from advisor.corpus import Corpus
from advisor.engine import experta

_Fact: type[Any] = experta.Fact


class Known(_Fact):  # type: ignore[misc]  # experta ships no types
    """The known facts of a case, one field each."""


class Derived(_Fact):  # type: ignore[misc]  # experta ships no types
    """A finding that a rule derived."""


class Holds(_Fact):  # type: ignore[misc]  # experta ships no types
    """An ``any`` inside a condition, of which a branch holds."""


class StockExperta(Engine):
    """experta's KnowledgeEngine with its default matcher and strategy; each branch of a condition is a rule.

    A rule has one pattern for all its tests of facts and one for each finding; what it does is to note its number and
    to declare what follows. Equality is a literal; other tests are predicates.
    """

    name = "experta"
    package = "experta"

    def __init__(self, corpus: Corpus) -> None:
        self.branches = Branches(corpus)
        rules = {f"rule_{number:05}": self._rule(number) for number in range(len(self.branches.all))}
        self.engine: Any = type("Stock", (experta.KnowledgeEngine,), rules)()

    def _rule(self, number: int) -> Any:
        branch = self.branches.all[number]
        fields: dict[str, Any] = {}
        for name, tests in tests_of(branch).items():
            checks = list(map(_check, tests))
            fields[name] = checks[0]
            for check in checks[1:]:
                fields[name] &= check
        patterns: list[Any] = [Known(**fields)] if fields else []
        patterns += (Derived(finding=finding) for finding in branch.findings)
        patterns += (Holds(marker=marker) for marker in branch.markers)

        def effect(engine: Any) -> None:
            engine.held.append(number)
            if branch.declares is not None:
                engine.declare(Holds(marker=branch.declares))
            for finding in branch.derives:
                engine.declare(Derived(finding=finding))

        return experta.Rule(*patterns)(effect)

    def run(self, facts: Facts) -> Answer:
        """Reset, declare the facts, run."""
        engine = self.engine
        engine.held = []
        engine.reset()
        engine.declare(Known(**facts))
        engine.run()
        return self.branches.answer(engine.held)

    def outcome(self, answer: Answer) -> Outcome:
        """Return the outcome."""
        return outcome(answer)


def _check(test: FactTest) -> Any:
    if test.operator == "is" and isinstance(test.operand, str) and not test.negated:
        return experta.L(test.operand)
    return experta.P(predicate(test.operator, test.operand, test.negated))
