"""Why a thing is not advised: every rule that could have led to it, and how far each is from doing so.

Rules are listed with those that fired first, then the nearest miss: the fewest known facts that would have to change,
then the fewest unknown facts that would have to become known (see ``advisor.nearmiss``), then their order by id.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import Field

from advisor.answer import Paragraph, Part, Rationale
from advisor.applications import canonical
from advisor.case import Case
from advisor.conditions import All, AnyOf, Condition, FactTest, FindingIs, Truth, evaluate, leaves, plain
from advisor.errors import listing
from advisor.model import Reading
from advisor.nearmiss import NearMiss as Miss
from advisor.nearmiss import NearMisses
from advisor.rule import Rule
from advisor.why import Account, Outcome, TargetKind, Why, account_of, find_target, verdict, why
from advisor.why import as_text as why_as_text
from advisor.wording import (
    because_in_words,
    capital,
    clause,
    in_brackets,
    joined,
    listed,
    quoted,
    told,
    value_in_words,
)

Status = Literal["fired", "open", "silent"]

FULL_TREES = 3
"""How many rules are told with all their conditions as text; the rest get a sentence."""


class ConditionState(Part):
    """A condition of a rule, or a part of it, as it stands in the situation."""

    kind: Literal["all", "any", "fact", "finding"]
    truth: bool | None = Field(description="null where it is unknown.")
    text: str = Field(description="What it asks for, in words.")
    fact: str | None = Field(None, description="The fact that it tests.")
    value: Any = Field(None, description="The fact's value; null where it is unknown.")
    value_label: str | None = Field(None, description="The value as an officer reads it.")
    finding: str | None = Field(None, description="The finding that it needs; see the answer's findings.")
    parts: tuple[ConditionState, ...] = ()


class WantedFact(Part):
    """What a fact would have to be."""

    fact: str
    label: str
    value: Any = Field(description="Its value now; null where it is unknown.")
    value_label: str
    wanted: tuple[str, ...] = Field(description="The tests that it doesn't pass, in words.")
    would_do: Any = Field(description="The value nearest to the present one that would do.")
    would_do_label: str


class NearMiss(Part):
    """The least that would make a rule fire."""

    changes: int = Field(description="How many known facts would have to change.")
    unknown: int = Field(description="How many unknown facts would have to become known.")
    facts: tuple[WantedFact, ...]


class RuleState(Part):
    """A rule that could have led there."""

    rule: str
    title: str
    status: Status
    brings: tuple[str, ...] = Field(description="What it would bring of what was asked for, in words.")
    lessons: tuple[str, ...]
    when: ConditionState
    nearest: NearMiss | None = Field(description="Null where nothing could make it fire.")
    sentence: str
    paragraphs: tuple[Paragraph, ...]
    reading: Reading
    note: str | None = None


class FindingState(Part):
    """A finding that one of the rules needs, with the rules that derive it."""

    finding: str
    title: str
    truth: bool | None
    rules: tuple[RuleState, ...]


class WhyNot(Part):
    """Why a thing is not advised; or that it is, or was set aside."""

    id: str
    kind: TargetKind
    title: str
    outcome: Outcome = Field(description="For a finding 'advised' means derived, for a rule that it fired.")
    sentences: tuple[str, ...]
    rules: tuple[RuleState, ...] = Field(description="Those that fired first, then the nearest miss.")
    findings: tuple[FindingState, ...] = Field(description="Every finding that the rules need, also through others.")
    set_aside_by: tuple[Rationale, ...] = Field(
        description="What set it aside; where nothing led to it, what would set it aside if something did."
    )
    why: Why | None = Field(description="Why it is advised, where it is.")


def why_not(case: Case, name: str) -> WhyNot:
    """Return why a thing is not advised, with every rule that could have led to it.

    Args:
        case: the situation.
        name: id of an element (rules recommend it), a lesson (rules apply it, or recommend an element with which it is
            printed), a finding (rules derive it) or a rule (itself); a rule that shares its id with another of these is
            ``rule:ID``.

    Raises:
        UnknownIdError: there is no such thing; its text has the nearest id.
    """
    kind, name = find_target(case.corpus, name)
    account = account_of(case, kind, name)
    teller = _Teller(case)
    rules = tuple(sorted((teller.state(rule, brings) for rule, brings in _leading(case, kind, name)), key=_nearness))
    return WhyNot(
        id=name,
        kind=kind,
        title=account.title,
        outcome=account.outcome,
        sentences=tuple(teller.summary(account, rules)),
        rules=rules,
        findings=tuple(teller.findings(rule.rule for rule in rules)),
        set_aside_by=account.set_aside_by,
        why=why(case, f"{kind}:{name}") if account.outcome == "advised" else None,
    )


def _nearness(state: RuleState) -> tuple[object, ...]:
    near = state.nearest
    distance = (near is None, near.changes if near else 0, near.unknown if near else 0)
    return (state.status != "fired", *distance, state.rule)


def _leading(case: Case, kind: TargetKind, name: str) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    """Yield the rules that can lead to a thing, with what each brings of it."""
    corpus = case.corpus
    if kind == "rule":
        rule = corpus.rules[name]
        titles = [corpus.lessons[lesson].title for lesson in rule.lessons]
        titles += [corpus.findings[finding].title for finding in rule.findings]
        yield rule, tuple(map(quoted, titles))
        return
    if kind == "finding":
        yield from ((rule, (f"derives {quoted(corpus.findings[name].title)}",)) for rule in corpus.deriving[name])
        return
    guarded = corpus.lessons[name].attaches_to if kind == "lesson" else (name,)
    for rule in corpus.rules.values():
        brings = []
        for then in rule.then:
            if kind == "lesson" and then.lesson == name:
                about = joined([quoted(corpus.elements[element].title) for element in then.elements])
                brings.append(f"{then.verb or 'applies it'} {about}".strip())
            brings += (
                f"recommends {quoted(corpus.elements[element].title)}"
                for element in guarded
                if element in (then.recommends or ()) and then.lesson != name
            )
        if brings:
            yield rule, tuple(dict.fromkeys(brings))


def condition_state(case: Case, condition: Condition) -> ConditionState:
    """Return a condition as it stands in a case, with its parts, each true, false or unknown."""
    truth: Truth = evaluate(condition, case.facts, case.truths)
    match condition:
        case FactTest():
            value = case.facts.get(condition.fact)
            return ConditionState(
                kind="fact",
                truth=truth,
                text=clause(case.corpus, condition),
                fact=condition.fact,
                value=None if value is None else plain(value),
                value_label=value_in_words(case.corpus.facts[condition.fact], value),
            )
        case FindingIs():
            title = quoted(case.corpus.findings[condition.finding].title)
            text = f"the finding {title} holds"
            return ConditionState(kind="finding", truth=truth, text=text, finding=condition.finding)
        case All() | AnyOf():
            every = isinstance(condition, All)
            return ConditionState(
                kind="all" if every else "any",
                truth=truth,
                text="all of these" if every else "one or more of these",
                parts=tuple(condition_state(case, part) for part in condition.parts),
            )


class _Teller:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.corpus = case.corpus
        self._misses = NearMisses(case.corpus, case.facts)

    def state(self, rule: Rule, brings: tuple[str, ...]) -> RuleState:
        miss = self._misses.of(rule.when)
        truth = evaluate(rule.when, self.case.facts, self.case.truths)
        status: Status = "fired" if rule.id in self.case.run.fired else "open" if truth is None else "silent"
        places = [self.corpus.lessons[name].place for name in rule.lessons]
        places += [place for name in rule.findings for place in self.corpus.findings[name].places]
        return RuleState(
            rule=rule.id,
            title=rule.title,
            status=status,
            brings=brings,
            lessons=rule.lessons,
            when=condition_state(self.case, rule.when),
            nearest=self._near(miss) if miss else None,
            sentence=self._sentence(rule, status, miss),
            paragraphs=self.case.paragraphs(places),
            reading=rule.reading,
            note=rule.note if rule.reading == "ours" else None,
        )

    def findings(self, rules: Iterable[str]) -> Iterator[FindingState]:
        needed: dict[str, None] = {}
        pending = list(rules)
        while pending:
            for leaf in leaves(self.corpus.rules[pending.pop()].when):
                if isinstance(leaf, FindingIs) and leaf.finding not in needed:
                    needed[leaf.finding] = None
                    pending += (rule.id for rule in self.corpus.deriving[leaf.finding])
        for name, finding in self.corpus.findings.items():
            if name in needed:
                states = [
                    self.state(rule, (f"derives {quoted(finding.title)}",)) for rule in self.corpus.deriving[name]
                ]
                yield FindingState(
                    finding=name,
                    title=finding.title,
                    truth=self.case.truths[name],
                    rules=tuple(sorted(states, key=_nearness)),
                )

    def _near(self, miss: Miss) -> NearMiss:
        facts = []
        for wanted in miss.wanted:
            fact = self.corpus.facts[wanted.fact]
            value = self.case.facts.get(wanted.fact)
            facts.append(
                WantedFact(
                    fact=fact.name,
                    label=fact.label,
                    value=None if value is None else plain(value),
                    value_label=value_in_words(fact, value),
                    wanted=tuple(clause(self.corpus, test) for test in wanted.failing),
                    would_do=plain(wanted.value),
                    would_do_label=value_in_words(fact, wanted.value),
                )
            )
        return NearMiss(changes=miss.changes, unknown=miss.unknown, facts=tuple(facts))

    def _sentence(self, rule: Rule, status: Status, miss: Miss | None) -> str:
        """Return what a rule applies because of, or what it would take."""
        if status == "fired":
            reasons = [because_in_words(self.corpus, because) for because in self.case.because(rule)]
            return f"Applies, because {listed(reasons)}."
        if miss is None:
            return "Cannot apply: it asks for what no facts can give."
        wishes = []
        for wanted in miss.wanted:
            fact = self.corpus.facts[wanted.fact]
            wish = joined([clause(self.corpus, test, wished=True) for test in wanted.failing])
            present = self.case.facts.get(wanted.fact)
            if len(miss.wanted) == 1:
                return f"Would apply if {wish}; {told(fact, present)}."
            wishes.append(f"{wish} ({'now ' if present is not None else ''}{value_in_words(fact, present)})")
        return f"Would apply if {listed(wishes)}."

    def summary(self, account: Account, rules: tuple[RuleState, ...]) -> Iterator[str]:
        """Yield what came of the thing, and what it would take, in a few sentences."""
        yield verdict(self.corpus, account)
        if account.notice:
            yield "It is said with every answer."
        if account.comes_with:
            names = joined([quoted(self.corpus.elements[name].title) for name in account.comes_with])
            yield f"It comes with {names}."
        if account.outcome != "not_advised" and account.set_aside_by:
            for reason in account.set_aside_by:
                part = "A lesson behind it is set aside by" if account.outcome == "advised" else "It is set aside by"
                yield f"{part} {self._against(reason)}"
        if account.outcome == "not_advised":
            yield from self._missed(account, rules)
            for reason in account.set_aside_by:
                yield f"Even then it would be set aside by {self._against(reason)}"

    def _against(self, reason: Rationale) -> str:
        clauses = listed([because_in_words(self.corpus, because) for because in reason.because])
        return f"{quoted(reason.title)}{in_brackets(reason.paragraphs)}, because {clauses}."

    def _missed(self, account: Account, rules: tuple[RuleState, ...]) -> Iterator[str]:
        if not rules:
            lesson = self.corpus.lessons.get(account.name) if account.kind == "lesson" else None
            yield lesson.no_advice if lesson is not None and lesson.no_advice else "No rule leads to it."
            return
        if account.kind == "rule":
            yield rules[0].sentence
            return
        still_open = sum(rule.status == "open" for rule in rules)
        counts = {"open for want of facts": still_open, "ruled out by the facts": len(rules) - still_open}
        parts = joined([f"{number} {how}" for how, number in counts.items() if number])
        yield f"{'1 rule' if len(rules) == 1 else f'{len(rules)} rules'} could lead to it: {parts}."
        if rules[0].nearest is not None:
            yield f"Nearest: {quoted(rules[0].title)}{in_brackets(rules[0].paragraphs)}. {rules[0].sentence}"
        if account.kind == "lesson":
            says = canonical(self.corpus.lessons[account.name])
            twins = sorted({one.lesson.id for one in self.case.applications if one.says == says})
            if twins:
                yield f"What it says is applied all the same, by {listing(twins)}."


_MARKS: dict[Truth, str] = {True: "[true]", False: "[false]", None: "[unknown]"}


def as_text(answer: WhyNot, width: int = 100) -> str:
    """Return the explanation as text: the sentences, then each rule, the nearest with all their conditions."""
    lines: list[str] = []

    def write(text: str, depth: int = 0, mark: str = "") -> None:
        indent = "  " * depth + mark
        rest = " " * len(indent)
        lines.extend(textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=rest, break_long_words=False))

    for sentence in answer.sentences:
        write(sentence)
    if answer.why is not None:
        lines.append("")
        lines += why_as_text(answer.why, width).splitlines()[1:]
    findings = {state.finding: state for state in answer.findings}
    shown: set[str] = set()

    def tree(state: ConditionState, depth: int) -> None:
        known = f"; it is {state.value_label}" if state.kind == "fact" and state.truth is not True else ""
        write(f"{state.text}{known}{':' if state.parts else ''}", depth, f"{_MARKS[state.truth]} ")
        for part in state.parts:
            tree(part, depth + 1)
        if state.finding is not None and state.truth is not True and state.finding not in shown:
            shown.add(state.finding)
            for rule in findings[state.finding].rules:
                write(f"by {quoted(rule.title)} ({rule.rule})", depth + 1)
                tree(rule.when, depth + 2)

    if answer.rules:
        lines += ["", "Rules, the nearest first" if answer.outcome == "not_advised" else "Rules that lead to it"]
    for number, rule in enumerate(answer.rules, 1):
        lines.append("")
        write(f"{rule.title} ({rule.rule}){in_brackets(rule.paragraphs)}: {rule.status}", 0, f"{number:>2}. ")
        write(rule.sentence, 2)
        if answer.kind != "finding" and answer.kind != "rule" and rule.brings:
            write(f"{capital(listed(rule.brings))}.", 2)
        if rule.reading == "ours":
            write("The trigger is our reading.", 2)
        if number <= FULL_TREES and rule.status != "fired":
            tree(rule.when, 2)
    return "\n".join(lines) + "\n"
