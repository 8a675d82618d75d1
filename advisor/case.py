"""A case: the known facts of a situation, what fired on them, what is still open, and the reasons of each.

Everything here follows from the facts, the corpus and the engine's run; nothing is kept between calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain

from advisor.answer import Because, Paragraph, Rationale
from advisor.applications import Application, applied
from advisor.awaited import Awaited
from advisor.citations import paragraphs, places_of_facts
from advisor.conditions import Facts, Truth
from advisor.corpus import Corpus
from advisor.decided import Decided
from advisor.engine import Run
from advisor.grounds import FiredGrounds, Ground, grounds
from advisor.model import Consequence
from advisor.reasons import Reason, reasons
from advisor.rule import Rule
from advisor.shapes import to_json


class Case:
    """One situation, and what the rules make of it.

    Attributes:
        corpus: the corpus.
        facts: the known facts, in canonical form.
        run: what the engine fired.
        nodes: the rules that fired, by their nodes in the index, in order.
    """

    def __init__(self, corpus: Corpus, facts: Facts, run: Run) -> None:
        self.corpus = corpus
        self.facts = facts
        self.run = run
        # Nodes of rules are in the order of their ids.
        self.nodes = sorted(map(corpus.index.nodes.__getitem__, run.fired))

    @cached_property
    def fired(self) -> list[Rule]:
        """The rules that fired, by id."""
        names = self.corpus.index.rules
        return [self.corpus.rules[names[node]] for node in self.nodes]

    @cached_property
    def decided(self) -> Decided:
        """What is true, false and unknown on the facts."""
        return self.corpus.decide(self.facts)

    @cached_property
    def awaited(self) -> Awaited:
        """What the undecided rules wait for."""
        return self.corpus.awaited(self.decided)

    @cached_property
    def truths(self) -> dict[str, Truth]:
        """For each finding whether it is derived (true), can't be (false) or may yet be (None)."""
        # The engine says what is derived; what is not may still be open.
        return {**self.decided.findings, **dict.fromkeys(self.run.findings, True)}

    @cached_property
    def applications(self) -> list[Application]:
        """All lessons applied by the rules that fired."""
        known, pressing = applied(self.corpus), self.run.pressing
        each = ((known.pressing if rule.id in pressing else known.calm)[rule.id] for rule in self.fired)
        return list(chain.from_iterable(each))

    @cached_property
    def open_rules(self) -> list[Rule]:
        """The rules that may still fire once more is known."""
        names = self.corpus.index.rules
        return [self.corpus.rules[names[node]] for node in self.decided.open_rules]

    @cached_property
    def grounds(self) -> FiredGrounds:
        """The tests that made rules fire, and those that make them pressing."""
        pressing = frozenset(map(self.corpus.index.nodes.__getitem__, self.run.pressing))
        return grounds(self.corpus).fired(self.nodes, pressing, self.facts, self.run.findings)

    @cached_property
    def numbers(self) -> Mapping[str, bytes]:
        """The known facts that are numbers, as JSON text."""
        return {
            name: to_json(value)
            for name, value in self.facts.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        }

    def ground(self, rule: Rule) -> Ground:
        """Return the tests that made a rule fire, and those that make it pressing."""
        return self.grounds.of[self.corpus.index.nodes[rule.id]]

    def because(self, rule: Rule) -> tuple[Because, ...]:
        """Return the tests that made a rule fire, and those that make it pressing, as an answer has them.

        There are none for a rule that didn't fire.
        """
        return self.ground(rule).because(self.facts) if rule.id in self.run.fired else ()

    def deciding(self, *rules: str) -> tuple[str, ...]:
        """Return the unknown facts that could decide open rules, also through the findings for which they wait."""
        return self.awaited.names(map(self.corpus.index.nodes.__getitem__, rules))

    def rationale(self, application: Application) -> Rationale:
        """Return the reason that an applied lesson gives."""
        return self._on(reasons(self.corpus).applied(self.corpus, application))

    def rule_rationale(self, rule: Rule, text: str, places: Iterable[str]) -> Rationale:
        """Return the reason that a rule gives of itself, without a lesson."""
        return self._on(reasons(self.corpus).own(self.corpus, rule, text, places))

    def defeat(self, rule: Rule, consequence: Consequence) -> Rationale:
        """Return the reason that a rule gives for setting something aside."""
        return self._on(reasons(self.corpus).defeat(self.corpus, rule, consequence, self.ground(rule)))

    def _on(self, reason: Reason) -> Rationale:
        return reason.on(self.ground(reason.rule), self.facts)

    def paragraphs(self, places: Iterable[str]) -> tuple[Paragraph, ...]:
        """Return the links to qualified places, each once."""
        return paragraphs(self.corpus, places)

    def fact_places(self, rule: Rule) -> tuple[str, ...]:
        """Return the places that make the facts matter which made a rule fire."""
        return places_of_facts(self.corpus, self.ground(rule).facts)
