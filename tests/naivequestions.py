"""What undecided rules wait for and what to ask next, worked out naively: as the pages say, condition by condition."""

from __future__ import annotations

from fractions import Fraction

from advisor.applications import canonical
from advisor.case import Case
from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs, Truth, evaluate
from advisor.corpus import Corpus
from advisor.precedents import pointing
from advisor.rule import Rule

_STRENGTH = {"must": 4, "should": 3, "avoid": 3, "consider": 2}


class NaiveShares:
    """The shares as the page on questions defines them, straight over the conditions."""

    def __init__(self, corpus: Corpus, facts: Facts, truths: dict[str, Truth]) -> None:
        self.corpus, self.facts, self.truths = corpus, facts, truths

    def shares(self, condition: Condition) -> dict[str, Fraction]:
        if evaluate(condition, self.facts, self.truths) is not None:
            return {}
        match condition:
            case FactTest():
                return {condition.fact: Fraction(1)}
            case FindingIs():
                return self.greatest([self.shares(rule.when) for rule in self.corpus.deriving[condition.finding]])
            case All() | AnyOf():
                parts = [found for part in condition.parts if (found := self.shares(part))]
                share = Fraction(1, len(parts) ** 2) if isinstance(condition, All) else Fraction(1)
                return self.greatest([{name: one * share for name, one in part.items()} for part in parts])

    def greatest(self, parts: list[dict[str, Fraction]]) -> dict[str, Fraction]:
        return {name: max(part.get(name, Fraction()) for part in parts) for part in parts for name in part}

    def alone(self, condition: Condition) -> set[str]:
        if evaluate(condition, self.facts, self.truths) is not None:
            return set()
        match condition:
            case FactTest():
                return {condition.fact}
            case FindingIs():
                return set().union(*(self.alone(rule.when) for rule in self.corpus.deriving[condition.finding]))
            case AnyOf():
                return set().union(*map(self.alone, condition.parts))
            case All():
                open_ = [one for one in condition.parts if evaluate(one, self.facts, self.truths) is None]
                first, *rest = map(self.alone, open_)
                return first.intersection(*rest)

    def further(self, condition: Condition) -> set[str]:
        """Return the facts that could decide what is undecided in a condition that holds."""
        truth = evaluate(condition, self.facts, self.truths)
        if truth is None:
            return set(self.shares(condition))
        if truth and isinstance(condition, All | AnyOf):
            return set().union(*map(self.further, condition.parts))
        return set()


class NaivePulls:
    """The pulls as the top of ``advisor.questions`` defines them, rule by rule.

    Attributes:
        pulls: for each open fact how much waits for it; nothing for those that change no line but its reasons.
        waiting: for each of them how many rules wait for it.
        decides: for each of them how many of these raise a red flag or set advice aside.
    """

    def __init__(self, case: Case, leading: set[str]) -> None:
        self.case, self.corpus = case, case.corpus
        self.shares = NaiveShares(case.corpus, case.facts, case.truths)
        self.truth = {name: evaluate(rule.when, case.facts, case.truths) for name, rule in case.corpus.rules.items()}
        self.said = self._said()
        self.advised = self._advised()
        self.pulls: dict[str, Fraction] = {}
        self.waiting: dict[str, int] = {}
        self.decides: dict[str, int] = {}
        for rule in case.corpus.rules.values():
            self._count(rule)
        for name in self._finishing():
            self._add(name, Fraction(), 0, 0)
        self.table = self._on_the_table(leading)

    def _said(self) -> set[str]:
        """Return what stands or is set aside already."""
        found: set[str] = set()
        for one in self.case.applications:
            found.update(one.consequence.recommends or ())
            if one.consequence.cautions is not None or one.consequence.argues is not None:
                found.add(one.says)
        return found

    def _advised(self) -> set[str]:
        """Return what is advised or may yet be."""
        found: set[str] = set()
        for name, rule in self.corpus.rules.items():
            if self.truth[name] is not False:
                for then in rule.then:
                    found.update(then.recommends or ())
                    if then.lesson:
                        found.add(canonical(self.corpus.lessons[then.lesson]))
        return found

    def speaks(self, rule: Rule) -> bool:
        return any(then.lesson or then.contradiction for then in rule.then)

    def aims(self, rule: Rule) -> bool:
        return bool(self.corpus.targets(rule) & self.advised)

    def decisive(self, rule: Rule) -> bool:
        return any(then.flags is not None or then.defeats or then.already_met for then in rule.then)

    def new(self, rule: Rule) -> bool:
        """Return whether a rule would add a line or set one aside."""
        sources: set[str] = set()
        for then in rule.then:
            if then.flags is not None or then.contradiction:
                return True
            sources.update(then.recommends or ())
            if then.lesson and (then.cautions is not None or then.argues is not None):
                sources.add(canonical(self.corpus.lessons[then.lesson]))
        return bool(sources - self.said) or self.aims(rule)

    def worth(self, rule: Rule) -> Fraction:
        lessons = self.corpus.lessons
        worths = [
            lessons[then.lesson].weight * _STRENGTH[then.strength or lessons[then.lesson].strength]
            for then in rule.then
            if then.lesson
        ]
        if not worths and any(then.contradiction for then in rule.then):
            return Fraction(1, 4)
        worth = Fraction(max(worths, default=1) * (2 if self.decisive(rule) else 1))
        saving = any(self.corpus.elements[name].life_saving for then in rule.then for name in then.elements)
        return worth * (2 if saving else 1)

    def _count(self, rule: Rule) -> None:
        truth = self.truth[rule.id]
        urgent = self.shares.shares(rule.pressing_when) if rule.pressing_when else {}
        worth = self.worth(rule)
        if truth is None and (self.speaks(rule) or self.aims(rule)):
            worth *= 1 if self.new(rule) else Fraction(1, 4)
            own = self.shares.shares(rule.when)
            for name in own.keys() | urgent.keys():
                pull = worth * (own.get(name, 0) + urgent.get(name, Fraction()) / 4)
                self._add(name, pull, 1, int(name in own and self.decisive(rule)))
        elif truth and rule.lessons:
            for name, share in urgent.items():
                self._add(name, worth * share / 4, 1, 0)

    def _add(self, name: str, pull: Fraction, waiting: int, decides: int) -> None:
        self.pulls[name] = self.pulls.get(name, Fraction()) + pull
        self.waiting[name] = self.waiting.get(name, 0) + waiting
        self.decides[name] = self.decides.get(name, 0) + decides

    def _finishing(self) -> set[str]:
        found: set[str] = set()
        recommended: set[str] = set()
        for rule in self.case.fired:
            recommended.update(name for then in rule.then for name in then.recommends or ())
            if self.speaks(rule) or self.aims(rule):
                for condition in (rule.when, rule.pressing_when):
                    found |= self.shares.further(condition) if condition else set()
        elements = [self.corpus.elements[name] for name in recommended]
        others: set[str] = {"phases_in_scope"} if any(element.phases for element in elements) else set()
        others |= {"measures_proposed"} if any(element.proposed_as for element in elements) else set()
        cited = [one for one in self.corpus.precedents.values() if pointing(self.case, one)]
        if len(cited) > 1:
            others.update(name for one in cited for name in one.situation)
            for finding in self.corpus.findings.values():
                if any(finding.situation_type in one.kinds for one in cited):
                    found.update(self.shares.shares(FindingIs(finding.id)))
        return found | {name for name in others if name in self.corpus.facts and name not in self.case.facts}

    def _on_the_table(self, leading: set[str]) -> set[str]:
        proposed = self.case.facts.get("measures_proposed")
        measures = set(proposed) if isinstance(proposed, tuple) else set()
        chosen = {
            element.id
            for element in self.corpus.elements.values()
            if measures & set(element.proposed_as) or (element.proposed_as and element.id in leading)
        }
        found: set[str] = set()
        for rule in self.corpus.rules.values():
            flagged = {name for then in rule.then if then.flags is not None for name in then.elements}
            decided_on = flagged | {name for then in rule.then for name in then.defeats}
            if chosen & decided_on and (self.speaks(rule) or self.aims(rule)):
                found |= self.shares.alone(rule.when)
        return found & self.pulls.keys()
