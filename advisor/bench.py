"""The bench: mutants tried on the tests of a corpus.

A mutant is *killed* if a test in its rule's own file no longer comes out as it says, or else, by way of the findings
that the rule derives, a test of another rule; or else a scenario no longer gets the advice that it must get. It is
*equivalent* if it ends as its rule does in every situation; that is decided, not guessed (``advisor.witness``). All
others *survive*.

Rules are evaluated by Kleene's logic, without the engine; the tests hold both to each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal, TypeAlias

from advisor import scenarios, situation
from advisor.conditions import Facts, FindingIs, Truth, evaluate, leaves
from advisor.corpus import Corpus
from advisor.goals import EndDifferently, Version
from advisor.lookahead import hypothetical
from advisor.model import Fact, RuleTest
from advisor.mutants import NEVER, Mutant, mutants_of
from advisor.rule import Rule
from advisor.trials import Outcome
from advisor.witness import Witnesses

Status: TypeAlias = Literal["killed", "equivalent", "survived"]
By: TypeAlias = Literal["own", "rules", "scenarios"]


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of a mutant.

    Attributes:
        status: killed, equivalent or survived.
        by: whose test killed it.
        test: the first test that did.
        facts: a smallest situation in which a survivor ends otherwise than its rule; None where none was found.
    """

    status: Status
    by: By | None = None
    test: str | None = None
    facts: Facts | None = None


class Bench:
    """Tries mutants on the tests of one corpus."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._situations: dict[tuple[str, int], tuple[Facts, Mapping[str, Truth]]] = {}
        deriving = {name: [rule.when for rule in rules] for name, rules in corpus.deriving.items()}
        self._witnesses = Witnesses(corpus.facts, deriving)
        self._vocabularies: dict[str, Mapping[str, Fact]] = {}

    def failing(self) -> Iterator[str]:
        """Yield the tests of rules, and the scenarios, that fail before anything is changed."""
        for rule in self.corpus.rules.values():
            yield from (f"{rule.topic}/{rule.id}: {test.name}" for test in self.failing_of(rule))
        for name, scenario in self.corpus.scenarios.items():
            if scenarios.hold(hypothetical(self.corpus, self._told[name][0]), scenario):
                yield f"scenarios/{name}: {scenario.title}"

    def failing_of(self, rule: Rule) -> Iterator[RuleTest]:
        """Yield the tests of a rule that fail; the rule may differ from the corpus's own."""
        for number, test in enumerate(rule.tests):
            if not _passes(test, *_ending(_own(rule), *self._situation(rule, number))):
                yield test

    def mutants_of(self, rule: Rule) -> Iterator[Mutant]:
        """Yield the mutants of a rule."""
        own = _own(rule)

        def differs(mutant: Mutant) -> bool:
            return not self._witnesses.find(EndDifferently(own, _version(rule, mutant))).impossible

        return mutants_of(rule, self._vocabulary(rule.pack), differs)

    def _vocabulary(self, pack: str) -> Mapping[str, Fact]:
        """Return the facts as a pack's rules can name them: without values that packs on which it doesn't build add."""
        if pack not in self._vocabularies:
            known = self._bases(pack)
            origins = self.corpus.origins
            facts = dict(self.corpus.facts)
            for name, fact in facts.items():
                values = [each for each in fact.values if origins.get(f"values:{name}={each.value}", pack) in known]
                if len(values) < len(fact.values):
                    facts[name] = fact.model_copy(update={"values": tuple(values)})
            self._vocabularies[pack] = facts
        return self._vocabularies[pack]

    def _bases(self, pack: str) -> set[str]:
        """Return a pack and all on which it builds."""
        manifests = {manifest.id: manifest for manifest in self.corpus.packs}
        found: set[str] = set()
        pending = [pack]
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending += (base.pack for base in manifests[name].builds_on) if name in manifests else ()
        return found

    def outcome(self, rule: Rule, mutant: Mutant | None, facts: Facts) -> tuple[Outcome, bool]:
        """Return how a rule, or a mutant of it, ends in a situation, and whether it is pressing."""
        version = _own(rule) if mutant is None else _version(rule, mutant)
        return _ending(version, facts, self.corpus.truths(facts))

    def try_on(self, rule: Rule, mutant: Mutant) -> Ending:
        """Return what comes of one mutant of a rule."""
        version = _version(rule, mutant)
        for number, test in enumerate(rule.tests):
            if not _passes(test, *_ending(version, *self._situation(rule, number))):
                return Ending("killed", "own", test.name)
        if mutant.part == "when" and (noticed := self._noticed_by_rules(rule, version)) is not None:
            return Ending("killed", "rules", noticed)
        if (noticed := self._noticed_by_scenarios(rule, version)) is not None:
            return Ending("killed", "scenarios", noticed)
        verdict = self._witnesses.find(EndDifferently(_own(rule), version))
        return Ending("equivalent") if verdict.impossible else Ending("survived", facts=verdict.facts)

    def _noticed_by_rules(self, rule: Rule, version: Version) -> str | None:
        """Return the first test of another rule that fails through the findings that a version of a rule derives."""
        changed: Corpus | None = None
        for other in self._depending(rule):
            for number, test in enumerate(other.tests):
                facts, truths = self._situation(other, number)
                if evaluate(rule.when, facts, truths) is evaluate(version.when, facts, truths):
                    continue
                changed = changed or self._with(rule, version)
                if not _passes(test, *_ending(_own(other), facts, changed.truths(facts))):
                    return f"{other.id}: {test.name}"
        return None

    def _noticed_by_scenarios(self, rule: Rule, version: Version) -> str | None:
        """Return the first scenario that doesn't get its advice from a version of a rule."""
        changed: Corpus | None = None
        for name, (facts, truths) in self._told.items():
            if _ending(_own(rule), facts, truths) == _ending(version, facts, truths):
                continue
            changed = changed or self._with(rule, version)
            if scenarios.hold(hypothetical(changed, facts), self.corpus.scenarios[name]):
                return name
        return None

    def _with(self, rule: Rule, version: Version) -> Corpus:
        changed = replace(rule, when=version.when, pressing_when=version.pressing_when)
        return replace(self.corpus, rules=MappingProxyType({**self.corpus.rules, rule.id: changed}))

    def _depending(self, rule: Rule) -> list[Rule]:
        """Return the rules that test a finding of this one, also by way of other findings."""
        names: set[str] = set()
        pending = [rule]
        while pending:
            for finding in pending.pop().findings:
                for other in self._testing.get(finding, ()):
                    if other.id not in names:
                        names.add(other.id)
                        pending.append(other)
        return [self.corpus.rules[name] for name in sorted(names)]

    @cached_property
    def _testing(self) -> Mapping[str, Sequence[Rule]]:
        found: dict[str, list[Rule]] = {}
        for _, rule in sorted(self.corpus.rules.items()):
            conditions = [condition for condition in (rule.when, rule.pressing_when) if condition is not None]
            tested = {leaf.finding for each in conditions for leaf in leaves(each) if isinstance(leaf, FindingIs)}
            for finding in tested:
                found.setdefault(finding, []).append(rule)
        return found

    @cached_property
    def _told(self) -> Mapping[str, tuple[Facts, Mapping[str, Truth]]]:
        """The situations of the scenarios."""
        told = {}
        for name, scenario in sorted(self.corpus.scenarios.items()):
            facts = situation.parse(scenario.facts or {}, self.corpus.facts)
            told[name] = facts, self.corpus.truths(facts)
        return told

    def _situation(self, rule: Rule, number: int) -> tuple[Facts, Mapping[str, Truth]]:
        """Return the facts of a test in canonical form, and the truths of the findings in it."""
        key = rule.id, number
        if key not in self._situations:
            facts = situation.parse(rule.tests[number].given, self.corpus.facts)
            self._situations[key] = facts, self.corpus.truths(facts)
        return self._situations[key]


def _own(rule: Rule) -> Version:
    return Version(rule.when, rule.pressing_when or NEVER)


def _version(rule: Rule, mutant: Mutant) -> Version:
    own = _own(rule)
    if mutant.part == "when":
        return Version(mutant.condition, own.pressing_when)
    return Version(own.when, mutant.condition)


def _ending(version: Version, facts: Facts, truths: Mapping[str, Truth]) -> tuple[Outcome, bool]:
    truth = evaluate(version.when, facts, truths)
    outcome: Outcome = "fires" if truth else "open" if truth is None else "silent"
    return outcome, bool(truth) and evaluate(version.pressing_when, facts, truths) is True


def _passes(test: RuleTest, outcome: Outcome, pressing: bool) -> bool:
    return outcome == test.expect and test.pressing in (None, pressing)
