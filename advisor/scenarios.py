"""Scenarios held against the advice: which lines are missing, which must not be there, and why it is so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from pydantic import Field

from advisor.advice import assemble
from advisor.answer import Advice, Item, Part, Rationale, SetAside
from advisor.applications import canonical
from advisor.case import Case
from advisor.lines import Lines
from advisor.model import Expectation, Precedent, Scenario
from advisor.questions import MAX_QUESTIONS, next_facts, open_facts
from advisor.ranking import MAX_HEADLINES, MAX_PER_GROUP, NotHeadline, placed
from advisor.rule import Rule
from advisor.standing import targets_of
from advisor.why import account_of, verdict
from advisor.whynot import why_not
from advisor.wording import because_in_words, capital, in_brackets, listed, quoted, value_in_words

Key: TypeAlias = Literal[
    "recommended",
    "headlines",
    "red_flags",
    "set_aside",
    "cautions",
    "arguments",
    "precedents",
    "questions",
    "never",
]
KEYS: tuple[Key, ...] = (
    "recommended", "headlines", "red_flags", "set_aside", "cautions", "arguments", "precedents", "questions", "never",
)  # fmt: skip
"""What a scenario can expect, in the order in which it is told."""


class Miss(Part):
    """A way in which the advice on a scenario is not what it expects."""

    expected: Key = Field(description="The list of the scenario in which it stands, or which is empty.")
    change: Literal["missing", "unexpected"]
    id: str = Field(description="Id of the element, lesson, rule, precedent or fact.")
    title: str
    reason: str = Field(description="Why it is so, in a sentence or a few.")

    def __str__(self) -> str:
        what = _CALLED[self.expected]
        if self.change == "unexpected":
            what = "must not be" if self.expected == "never" else f"there should be no {what}"
        title = "" if quoted(self.title) in self.reason else f", {quoted(self.title)}"
        return f"{self.change} {self.id} ({what}){title}: {self.reason}"


_CALLED: Mapping[Key, str] = {
    "recommended": "recommendation",
    "headlines": "headline",
    "red_flags": "red flag",
    "set_aside": "line that is set aside",
    "cautions": "caution",
    "arguments": "argument",
    "precedents": "precedent",
    "questions": "question",
    "never": "line",
}


def hold(case: Case, scenario: Scenario) -> tuple[Miss, ...]:
    """Return every way in which the advice on a case is not what a scenario expects; none where it holds.

    Args:
        case: the scenario's facts, as the engine ran them.
        scenario: what is expected.
    """
    return tuple(_Held(case, scenario.expect).misses())


def given(answer: Advice, key: Key) -> dict[str, str]:
    """Return the names under which an answer has what a list of a scenario speaks of, each with its title.

    A line is named by its id and, where it is a caution, an argument or set aside, by any lesson behind it.
    """
    match key:
        case "precedents":
            return {note.precedent: note.title for note in answer.precedents}
        case "questions":
            return {question.fact: question.question for question in answer.questions}
    found: dict[str, str] = {}
    for item in _items(answer, key):
        # A recommendation is named after its element alone, a red flag after its rule.
        by_element = key in ("recommended", "headlines") and item.kind != "caution"
        lessons = () if by_element or key == "red_flags" else item.lessons
        for name in (item.id, *lessons):
            found.setdefault(name, item.title)
    return found


def _items(answer: Advice, key: Key) -> tuple[Item, ...]:
    """Return the lines of which a list of a scenario speaks."""
    match key:
        case "recommended":
            return answer.recommendations
        case "headlines":
            return answer.headlines
        case "cautions":
            return tuple(item for item in answer.recommendations if item.kind == "caution")
        case "red_flags":
            return answer.red_flags
        case "set_aside":
            return answer.set_aside
        case "arguments":
            return answer.arguments
        case "never":
            return (*answer.recommendations, *answer.red_flags, *answer.arguments)
        case _:
            return ()


class _Held:
    def __init__(self, case: Case, expect: Expectation) -> None:
        self.case = case
        self.corpus = case.corpus
        self.expect = expect
        self.answer = assemble(case)

    def misses(self) -> Iterator[Miss]:
        for key in KEYS:
            names: tuple[str, ...] | None = getattr(self.expect, key)
            there = given(self.answer, key)
            if key == "never" or names is None:
                for name in names or ():
                    if name in there:
                        yield self._unexpected(key, name, there[name])
                continue
            for name in names:
                if name not in there:
                    reason = " ".join(self._missing(key, name))
                    yield Miss(expected=key, change="missing", id=name, title=self._title(key, name), reason=reason)
            if not names:
                # A line is named here once, by its own id.
                own = {item.id for item in _items(self.answer, key)} or set(there)
                yield from (self._unexpected(key, name, title) for name, title in there.items() if name in own)

    def _title(self, key: Key, name: str) -> str:
        if key == "questions":
            return self.corpus.facts[name].question
        kinds: dict[Key, tuple[str, ...]] = {"red_flags": ("rules",), "precedents": ("precedents",)}
        for kind in kinds.get(key, ("elements", "lessons", "rules")):
            if name in getattr(self.corpus, kind):
                return str(getattr(self.corpus, kind)[name].title)
        return name

    # --- what is there and should not be ---

    def _unexpected(self, key: Key, name: str, title: str) -> Miss:
        return Miss(expected=key, change="unexpected", id=name, title=title, reason=" ".join(self._because(key, name)))

    def _because(self, key: Key, name: str) -> Iterator[str]:
        if key == "questions":
            yield "It could still change the advice."
            return
        if key == "precedents":
            note = next(note for note in self.answer.precedents if note.precedent == name)
            yield from (f"{capital(self._by(reason))}." for reason in note.rationale[:1])
            return
        lines = _items(self.answer, key)
        item = next((item for item in lines if item.id == name), None)
        item = item or next(item for item in lines if name in item.lessons)
        named = [reason for reason in item.rationale if reason.lesson == name]
        yield from (f"{capital(self._by(reason))}." for reason in named or item.rationale)
        if isinstance(item, SetAside):
            yield from (f"Set aside {self._by(reason)}." for reason in item.defeated_by)

    def _by(self, reason: Rationale) -> str:
        """Return the rule behind a line, with what made it fire, as a clause."""
        clauses = listed([because_in_words(self.corpus, because) for because in reason.because])
        rule = f" ({reason.rule})" if reason.rule else ""
        return f"by {quoted(reason.title)}{rule}{in_brackets(reason.paragraphs)}, because {clauses}"

    # --- what should be there and is not ---

    def _missing(self, key: Key, name: str) -> Iterator[str]:
        match key:
            case "headlines" if name in given(self.answer, "recommended"):
                yield self._not_a_headline(name)
            case "set_aside":
                yield from self._not_set_aside(name)
            case "precedents":
                yield from self._not_pointed_to(self.corpus.precedents[name])
            case "questions":
                yield self._not_asked(name)
            case "red_flags":
                yield from why_not(self.case, f"rule:{name}").sentences
            case "cautions" | "arguments":
                yield from self._not_said(key, name)
            case _:
                kind = "element" if name in self.corpus.elements else "lesson"
                explained = why_not(self.case, f"{kind}:{name}")
                if explained.outcome == "advised":
                    yield from self._not_said("cautions", name)
                else:
                    yield from explained.sentences

    def _not_a_headline(self, name: str) -> str:
        lines = Lines(self.case)
        ranked = list(placed(lines.ranked, lines.flagged))
        for place, (line, passed_over) in enumerate(ranked, 1):
            if name == line.id or (line.kind == "caution" and name in line.frame.item.lessons):
                assert passed_over is not None
                why = self._passed_over(line.group, passed_over)
                return f"It is recommended, but no headline: rank {place} of {len(ranked)}; {why}."
        raise AssertionError(f"{name} is among the recommendations")

    def _passed_over(self, group: str, why: NotHeadline) -> str:
        match why:
            case "framing":
                return "it only frames the outline"
            case "outside":
                return "it is for other phases than those in scope"
            case "flagged":
                return "a red flag says the same already"
            case "minor":
                return "no lesson behind it has a weight of 2 or more"
            case "full":
                return f"{MAX_HEADLINES} lines come before it"
            case "crowded":
                heading = quoted(self.corpus.element_groups[group].title)
                return f"the heading {heading} has {MAX_PER_GROUP} headlines before it"
            case "repeated":
                return "what it would lead with, another headline says already"

    def _not_set_aside(self, name: str) -> Iterator[str]:
        kind: Literal["element", "lesson"] = "element" if name in self.corpus.elements else "lesson"
        account = account_of(self.case, kind, name)
        yield verdict(self.corpus, account)
        if account.outcome == "not_advised":
            yield from why_not(self.case, f"{kind}:{name}").sentences[1:]
        says = canonical(self.corpus.lessons[name]) if kind == "lesson" else name
        setting = [
            rule
            for rule in self.corpus.rules.values()
            if {name, says} & {target for then in rule.then for target in targets_of(then)}
        ]
        yield from self._nearest(setting, "set it aside")

    def _not_said(self, key: Key, name: str) -> Iterator[str]:
        """Yield why a lesson gives no caution or argument, though it may give something else."""
        verb = {"cautions": "cautions", "arguments": "argues"}[key]
        lesson = self.corpus.lessons[name]
        saying = [
            rule
            for rule in self.corpus.applying[name]
            if any(then.lesson == name and then.verb == verb for then in rule.then)
        ]
        if not saying:
            used = sorted({then.verb for rule in self.corpus.applying[name] for then in rule.then
                           if then.lesson == name and then.verb})  # fmt: skip
            yield f"No rule {verb} by it" + (f"; rules apply it by {listed(used)}." if used else ".")
            return
        explained = why_not(self.case, f"lesson:{lesson.id}")
        yield from explained.sentences if explained.outcome != "advised" else ()
        if explained.outcome == "advised":
            yield from self._nearest(saying, "say it so")

    def _not_pointed_to(self, precedent: Precedent) -> Iterator[str]:
        pointing = [
            rule
            for rule in self.corpus.rules.values()
            if any(precedent.id in then.cites or then.lesson in precedent.lessons for then in rule.then)
        ]
        yield "No rule that fired points to it."
        yield from self._nearest(pointing, "point to it")

    def _nearest(self, rules: Iterable[Rule], does: str) -> Iterator[str]:
        """Yield which of some rules comes nearest to firing, and what it would take."""
        states = [why_not(self.case, f"rule:{rule.id}").rules[0] for rule in rules]
        if not states:
            yield f"No rule could {does}."
            return
        near = min(
            states,
            key=lambda one: (
                one.nearest is None,
                (one.nearest.changes, one.nearest.unknown) if one.nearest else (0, 0),
                one.rule,
            ),
        )
        count = "1 rule" if len(states) == 1 else f"{len(states)} rules"
        yield f"{count} could {does}; nearest: {quoted(near.title)} ({near.rule}). {near.sentence}"

    def _not_asked(self, name: str) -> str:
        fact = self.corpus.facts[name]
        if name in self.case.facts:
            return f"It is told already: {value_in_words(fact, self.case.facts[name])}."
        asked = [one.name for one in next_facts(open_facts(self.case, self.answer.headlines))]
        if name not in asked:
            return "Nothing waits for it: knowing it could not change the advice, or it is not worth asking here."
        return f"It is question {asked.index(name) + 1} of {len(asked)}; an answer asks the first {MAX_QUESTIONS}."
