"""Why a thing is advised: the reasons of a line, in sentences, from the rules down to the facts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import Field

from advisor.answer import BecauseFinding, Paragraph, Part, Rationale
from advisor.applications import Application, canonical
from advisor.case import Case
from advisor.corpus import Corpus
from advisor.errors import UnknownIdError
from advisor.model import Lesson
from advisor.standing import lines_of, provisional, targets_of
from advisor.wording import because_in_words, in_brackets, joined, quoted

TargetKind: TypeAlias = Literal["element", "lesson", "finding", "rule"]
Outcome: TypeAlias = Literal["advised", "set_aside", "not_advised"]

_PLURAL: dict[str, str] = {"element": "elements", "lesson": "lessons", "finding": "findings", "rule": "rules"}
_ENDS: dict[str, tuple[str, str]] = {
    "element": ("is advised", "is not advised"),
    "lesson": ("is applied", "is not applied"),
    "finding": ("holds", "does not hold"),
    "rule": ("fired", "did not fire"),
    "flag": ("is raised", "is not raised"),
}
"""What is said of each kind where it came about, and where it didn't."""
_STRENGTH = {
    "must": "must be done",
    "should": "should be done",
    "consider": "is to be considered",
    "avoid": "is to be avoided",
}
_HEDGE = {"none": "", "usually": ", usually", "sometimes": ", in some cases"}


class Step(Part):
    """One sentence of an explanation."""

    depth: int = Field(description="0 for the thing itself; each reason stands one deeper than what it is a reason of.")
    text: str
    rule: str | None = None
    lesson: str | None = None
    finding: str | None = None
    fact: str | None = None
    paragraphs: tuple[Paragraph, ...] = ()


class Why(Part):
    """Why a thing is advised, or that it isn't."""

    id: str
    kind: TargetKind
    title: str
    outcome: Outcome = Field(description="For a finding 'advised' means derived, for a rule that it fired.")
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Account:
    """What came of an element, lesson, finding or rule.

    Attributes:
        kind: what it is.
        name: its id.
        title: what it is called.
        outcome: whether it is advised.
        reasons: why it is advised or, where it is set aside, would be.
        set_aside_by: what sets it aside, or would if a rule led to it.
        comes_with: recommended elements with which a lesson is printed.
        notice: whether it is a lesson that is printed with every answer.
        provisional: unknown facts that could still set it aside.
    """

    kind: TargetKind
    name: str
    title: str
    outcome: Outcome
    reasons: tuple[Rationale, ...]
    set_aside_by: tuple[Rationale, ...]
    comes_with: tuple[str, ...] = ()
    notice: bool = False
    provisional: tuple[str, ...] = ()


def why(case: Case, name: str) -> Why:
    """Return why a thing is advised, as sentences from its rules down to facts.

    Args:
        case: the situation.
        name: id of an element, lesson, finding or rule; a rule that shares its id with another of these is
            ``rule:ID``.

    Raises:
        UnknownIdError: there is no such thing; its text has the nearest id.
    """
    account = account_of(case, *find_target(case.corpus, name))
    return Why(
        id=account.name,
        kind=account.kind,
        title=account.title,
        outcome=account.outcome,
        steps=tuple(_Teller(case).steps(account)),
    )


def as_text(answer: Why, width: int = 100) -> str:
    """Return the explanation as indented text."""
    lines: list[str] = []
    for step in answer.steps:
        indent = "  " * step.depth
        lines += textwrap.wrap(step.text, width, initial_indent=indent, subsequent_indent=indent + "  ")
    return "\n".join(lines) + "\n"


def find_target(corpus: Corpus, name: str) -> tuple[TargetKind, str]:
    """Return kind and id of what can be explained.

    Raises:
        UnknownIdError: there is no element, lesson, finding or rule of this name.
    """
    kinds: tuple[TargetKind, ...] = ("element", "lesson", "finding", "rule")
    prefix, _, rest = name.partition(":")
    for kind in kinds:
        entries = getattr(corpus, _PLURAL[kind])
        if name in entries:
            return kind, name
        if prefix == kind and rest in entries:
            return kind, rest
    known = [known for kind in kinds for known in getattr(corpus, _PLURAL[kind])]
    raise UnknownIdError("element, lesson, finding or rule", name, known)


def account_of(case: Case, kind: TargetKind, name: str) -> Account:
    """Return what came of an element, lesson, finding or rule."""
    match kind:
        case "element":
            return _element(case, name)
        case "lesson":
            return _lesson(case, case.corpus.lessons[name])
        case "finding":
            finding = case.corpus.findings[name]
            rules = [rule for rule in case.corpus.deriving[name] if rule.id in case.run.fired]
            reasons = tuple(case.rule_rationale(rule, rule.title, finding.places) for rule in rules)
            return Account(kind, name, finding.title, "advised" if reasons else "not_advised", reasons, ())
        case "rule":
            rule = case.corpus.rules[name]
            if name not in case.run.fired:
                return Account(kind, name, rule.title, "not_advised", (), ())
            places = [case.corpus.lessons[lesson].place for lesson in rule.lessons] or case.fact_places(rule)
            reason = case.rule_rationale(rule, rule.title, places)
            return Account(kind, name, rule.title, "advised", (reason,), ())


def _element(case: Case, name: str) -> Account:
    title = case.corpus.elements[name].title
    line = lines_of(case).get(("recommendation", name))
    if line is None:
        return Account("element", name, title, "not_advised", (), _against(case, {name}))
    found = line.standing or line.defeated
    return Account(
        "element",
        name,
        title,
        "advised" if line.standing else "set_aside",
        _reasons(case, found),
        tuple(case.defeat(*pair) for _, pair in sorted(line.defeated_by.items(), key=lambda pair: pair[0])),
        provisional=provisional(case, name, line.standing) if line.standing else (),
    )


def _lesson(case: Case, lesson: Lesson) -> Account:
    names = {lesson.id, canonical(lesson)}
    against = _against(case, names)
    applied = [one for one in case.applications if one.lesson.id == lesson.id]
    # A line stands or falls as a whole; what a lesson says beside lines (a red flag, say) nothing sets aside.
    lines = lines_of(case)
    standing = [one for line in lines.values() for one in line.standing if one.lesson.id == lesson.id]
    beside = [one for one in applied if one.consequence.verb not in ("recommends", "cautions")]
    comes_with = tuple(
        element
        for element in lesson.attaches_to
        if (line := lines.get(("recommendation", element))) is not None and line.standing
    )
    stands = [one for one in applied if one in standing or one in beside]
    reached = bool(stands or comes_with or lesson.notice)
    if applied and not reached:
        whole = {
            key: pair
            for line in lines.values()
            for one in line.defeated
            if one.lesson.id == lesson.id
            for key, pair in line.defeated_by.items()
        }
        against = tuple(case.defeat(*pair) for _, pair in sorted(whole.items(), key=lambda pair: pair[0]))
    return Account(
        "lesson",
        lesson.id,
        lesson.title,
        "advised" if reached else "set_aside" if applied else "not_advised",
        _reasons(case, stands or applied),
        against,
        comes_with,
        lesson.notice,
        provisional(case, None, standing) if standing else (),
    )


def _reasons(case: Case, applications: list[Application]) -> tuple[Rationale, ...]:
    found: dict[tuple[str, str], Rationale] = {}
    for one in sorted(applications, key=lambda one: one.rank):
        found.setdefault((one.rule.id, one.lesson.id), case.rationale(one))
    return tuple(found.values())


def _against(case: Case, names: set[str]) -> tuple[Rationale, ...]:
    """Return the reasons that rules which fired give for setting aside what has one of these names."""
    lessons = case.corpus.lessons
    return tuple(
        case.defeat(rule, then)
        for rule in case.fired
        for then in rule.then
        if names & {canonical(lessons[one]) if one in lessons else one for one in targets_of(then)}
    )


def verdict(corpus: Corpus, account: Account) -> str:
    """Return what came of a thing as a sentence."""
    title = quoted(account.title)
    if account.outcome == "set_aside":
        return f"{title} is called for, but set aside."
    flag = account.kind == "rule" and any(then.flags is not None for then in corpus.rules[account.name].then)
    name = f"The finding {title}" if account.kind == "finding" else f"The red flag {title}" if flag else title
    return f"{name} {_ENDS['flag' if flag else account.kind][account.outcome == 'not_advised']}."


class _Teller:
    """Tells an account step by step; each finding is derived only once, where it is first named."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.corpus = case.corpus
        self._told: set[str] = set()

    def steps(self, account: Account) -> Iterator[Step]:
        yield Step(depth=0, text=self._opening(account))
        for element in account.comes_with:
            title = quoted(self.corpus.elements[element].title)
            lesson = self.corpus.lessons[account.name]
            yield Step(depth=1, text=f"It comes with {title}, which is recommended: {lesson.text}", lesson=lesson.id)
        if account.notice:
            yield Step(depth=1, text="It is said with every answer.", lesson=account.name)
        for reason in account.reasons:
            yield from self._reason(reason, 1)
        if account.outcome != "not_advised":
            part = "A part of it is set aside" if account.outcome == "advised" else "It is set aside"
            for against in account.set_aside_by:
                yield from self._reason(against, 1, opening=f"{part}: ")
        if account.provisional:
            labels = joined([quoted(self.corpus.facts[name].label) for name in account.provisional])
            yield Step(depth=1, text=f"It is provisional: {labels} could still set it aside.")

    def _opening(self, account: Account) -> str:
        said = verdict(self.corpus, account)
        first = account.reasons[0] if account.reasons else None
        if account.kind != "element" or account.outcome != "advised" or first is None or first.strength is None:
            return said
        return f"{said.removesuffix('.')}: it {_STRENGTH[first.strength]}{_HEDGE[first.hedge or 'none']}."

    def _reason(self, reason: Rationale, depth: int, opening: str = "") -> Iterator[Step]:
        places = in_brackets(reason.paragraphs)
        said = f"{reason.title}{places}." if reason.title == reason.text else f"{reason.title}. {reason.text}{places}"
        ours = " The trigger is our reading." if reason.reading == "ours" else ""
        yield Step(
            depth=depth,
            text=f"{opening}{said}{ours}",
            rule=reason.rule,
            lesson=reason.lesson,
            paragraphs=reason.paragraphs,
        )
        yield from self._because(reason, depth + 1)

    def _because(self, reason: Rationale, depth: int) -> Iterator[Step]:
        for because in reason.because:
            text = f"because {because_in_words(self.corpus, because)}"
            if not isinstance(because, BecauseFinding):
                yield Step(depth=depth, text=text, fact=getattr(because, "fact", None))
                continue
            finding = self.corpus.findings[because.finding]
            if finding.id in self._told:
                yield Step(depth=depth, text=f"{text} (see above)", finding=finding.id)
                continue
            self._told.add(finding.id)
            yield Step(depth=depth, text=f"{text}:", finding=finding.id)
            for rule in self.corpus.deriving[finding.id]:
                if rule.id in self.case.run.fired:
                    yield from self._reason(self.case.rule_rationale(rule, rule.title, finding.places), depth + 1)
