"""What if: two situations side by side, and through which facts their advice differs.

Each difference is traced to the changed facts that bring it about: the smallest sets of them that, changed in the
situation before and nothing else, do so already. Where several facts do it each by itself, all of them are named; where
only a combination does, the combination is. A line depends on few rules, so that this is tried on the rules that bear
on it alone, which comes to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from advisor import situation
from advisor.advice import answer_id
from advisor.answer import Advice, Paragraph, Part
from advisor.applications import Application
from advisor.case import Case
from advisor.conditions import plain
from advisor.corpus import Corpus
from advisor.errors import AdvisorError
from advisor.line_states import LINE_ORDER, ChangeKind, Key, LineKind, LineState, LineStates, changes, said
from advisor.lookahead import hypothetical
from advisor.through import Through
from advisor.wording import because_in_words, in_brackets, joined, listed, quoted, value_in_words


class Side(Part):
    """One of the situations."""

    id: str = Field(description="Id of the answer to it.")
    facts: dict[str, Any]


class FactChange(Part):
    """A fact that differs."""

    fact: str
    label: str
    change: Literal["told", "changed", "withdrawn"]
    before: Any = Field(description="Null where it is unknown.")
    after: Any = Field(description="Null where it is unknown.")
    text: str


class Difference(Part):
    """A way in which the advice differs."""

    line: LineKind = Field(
        description="'set_aside' is a lesson that is set aside while an element it speaks of stands for other reasons."
    )
    id: str = Field(description="Id of the element, lesson, rule or finding.")
    title: str
    change: ChangeKind
    before: LineState | None
    after: LineState | None
    through: tuple[tuple[str, ...], ...] = Field(
        description="The smallest sets of changed facts each of which alone brings it about."
    )
    undone_by: tuple[str, ...] = Field(description="Changed facts each of which, taken back alone, undoes it.")
    cause: str = Field(description="The facts through which it changes, as a clause.")
    effect: str = Field(description="What changes, as a clause.")
    sentence: str = Field(description="What changes, and through which facts.")
    paragraphs: tuple[Paragraph, ...]


class QuestionChange(Part):
    """A question that is asked in one of the situations alone."""

    fact: str
    question: str
    change: Literal["settled", "moot", "raised"] = Field(
        description="Settled: it is answered now; moot: it could change nothing any more; raised: now it could."
    )
    sentence: str


class Comparison(Part):
    """Two situations side by side."""

    before: Side
    after: Side
    facts: tuple[FactChange, ...]
    differences: tuple[Difference, ...]
    questions: tuple[QuestionChange, ...]

    def of(self, *changes: ChangeKind, line: LineKind | None = None) -> tuple[Difference, ...]:
        """Return the differences of these kinds (all if none is named), of one kind of line if you like."""
        return tuple(
            one
            for one in self.differences
            if (not changes or one.change in changes) and (line is None or one.line == line)
        )


def compare(before: Case | Advice, after: Case | Advice, corpus: Corpus | None = None) -> Comparison:
    """Return how the advice on two situations differs, and through which facts.

    Args:
        before: one situation, or the advice on it.
        after: the other.
        corpus: what the advice was made from; needed where neither is a case.

    Raises:
        AdvisorError: the two are from different corpora, or the corpus isn't known.
    """
    cases = [one for one in (before, after) if isinstance(one, Case)]
    known = corpus or (cases[0].corpus if cases else None)
    if known is None:
        raise AdvisorError("to compare two answers, say from which corpus they are")
    return _Comparer(_case(before, known), _case(after, known)).comparison()


def changed(case: Case, change: Mapping[str, object]) -> Case:
    """Return the case with some facts told otherwise.

    Args:
        case: the case.
        change: fact names to values; None for a fact that is no longer known.

    Raises:
        SituationError: a fact is unknown to the vocabulary or its value is not allowed; with every problem.
    """
    told = situation.parse(change, case.corpus.facts)
    kept = {name: value for name, value in case.facts.items() if name not in change}
    return hypothetical(case.corpus, {**kept, **told})


def _case(one: Case | Advice, corpus: Corpus) -> Case:
    digest = one.corpus.digest
    if digest != corpus.digest:
        raise AdvisorError(
            f"only what comes from one corpus can be compared; these come from {digest[:12]} and {corpus.digest[:12]}"
        )
    return one if isinstance(one, Case) else hypothetical(corpus, situation.parse(one.situation.facts, corpus.facts))


class _Comparer:
    def __init__(self, before: Case, after: Case) -> None:
        self.corpus = before.corpus
        self.before = LineStates(before)
        self.after = LineStates(after)
        self.changed = [
            name
            for name in self.corpus.facts
            # True == 1, but not where a fact's value changes its type; facts have one type each.
            if before.facts.get(name) != after.facts.get(name)
        ]
        self._trials: dict[Key, Through] = {}

    def comparison(self) -> Comparison:
        return Comparison(
            before=self._side(self.before.case),
            after=self._side(self.after.case),
            facts=tuple(self._fact(name) for name in self.changed),
            differences=tuple(self._differences()),
            questions=tuple(self._questions()),
        )

    def _side(self, case: Case) -> Side:
        facts = {name: plain(value) for name, value in case.facts.items()}
        return Side(id=answer_id(case.facts, self.corpus), facts=facts)

    def _fact(self, name: str) -> FactChange:
        fact = self.corpus.facts[name]
        before, after = self.before.case.facts.get(name), self.after.case.facts.get(name)
        return FactChange(
            fact=name,
            label=fact.label,
            change="told" if before is None else "withdrawn" if after is None else "changed",
            before=None if before is None else plain(before),
            after=None if after is None else plain(after),
            text=self._cause(name, full=True),
        )

    def _cause(self, name: str, *, full: bool = False) -> str:
        """Return how a fact differs as a clause; in full, with what it was."""
        fact = self.corpus.facts[name]
        before, after = self.before.case.facts.get(name), self.after.case.facts.get(name)
        label = quoted(fact.label)
        was = f" (it was {value_in_words(fact, before)})" if full and before is not None else ""
        if after is None:
            return f"{label} no longer known{was}"
        if before is None:
            return f"{label} known to be {value_in_words(fact, after)}"
        if isinstance(before, tuple) and isinstance(after, tuple) and set(before) & set(after):
            # Of long lists what differs says more than the whole.
            gained = value_in_words(fact, [member for member in after if member not in before])
            lost = value_in_words(fact, [member for member in before if member not in after])
            parts = [f"with {gained}" if gained != "none" else "", f"without {lost}" if lost != "none" else ""]
            return f"{label} now {joined([part for part in parts if part])}"
        return f"{label} now {value_in_words(fact, after)}{was}"

    def _causes(self, through: Iterable[tuple[str, ...]]) -> str:
        """Return the sets of facts each of which brings something about, as one clause."""
        ways = [
            joined([self._cause(name) for name in names]) + (" together" if len(names) > 1 else "") for names in through
        ]
        return ways[0] + "".join(f", or by itself with {way}" for way in ways[1:])

    def _differences(self) -> Iterator[Difference]:
        keys = {*self.before.lines, *self.before.bare, *self.after.lines, *self.after.bare}
        elements = {name: index for index, name in enumerate(self.corpus.elements)}
        for key in sorted(keys, key=lambda key: (LINE_ORDER.index(key[0]), elements.get(key[1], 0), key[1])):
            before, after = self.before.state(key), self.after.state(key)
            for change, aspect in changes(before, after):
                through, undone_by = self._trial(key).through(aspect)
                effect, paragraphs = self._effect(key, change, before, after)
                yield Difference(
                    line=key[0],
                    id=key[1],
                    title=self._title(key),
                    change=change,
                    before=before,
                    after=after,
                    through=through,
                    undone_by=undone_by,
                    effect=effect,
                    cause=(cause := self._causes(through)),
                    sentence=f"With {cause}, {effect}{in_brackets(paragraphs)}.",
                    paragraphs=paragraphs,
                )

    def _trial(self, key: Key) -> Through:
        if key not in self._trials:
            self._trials[key] = Through(self.corpus, key, self.before.case.facts, self.after.case.facts, self.changed)
        return self._trials[key]

    def _title(self, key: Key) -> str:
        kind, name = key
        match kind:
            case "recommendation":
                return self.corpus.elements[name].title
            case "finding":
                return self.corpus.findings[name].title
            case "red_flag" | "contradiction":
                return self.corpus.rules[name].title
            case _:
                return self.corpus.lessons[name].title

    def _effect(
        self, key: Key, change: ChangeKind, before: LineState | None, after: LineState | None
    ) -> tuple[str, tuple[Paragraph, ...]]:
        """Return what changes as a clause, with the paragraphs behind it."""
        kind = key[0]
        name = {
            "red_flag": "the red flag ",
            "argument": "the argument ",
            "finding": "the finding ",
            "caution": "the warning ",
            "set_aside": "the lesson ",
        }.get(kind, "") + quoted(self._title(key))
        view = self.after if after is not None else self.before
        line = view.lines.get(key)
        reason = self._reason(key) if after is not None else None
        because = f", because {self._because(reason)}" if reason is not None else ""
        places = self._places(view, key, reason)
        match change:
            case "added":
                if kind == "red_flag":
                    return f"{name} is raised{because}", places
                if kind == "contradiction":
                    return f"the facts do not fit: {name}{self._bare_because(key)}", places
                if kind == "finding":
                    return f"{name} holds{self._bare_because(key)}", places
                return f"{name} is added ({said(after)}){because}", places
            case "dropped":
                if before is not None and before.standing == "set_aside":
                    if kind == "set_aside":
                        return f"{name} is no longer among what is set aside", places
                    return f"{name} is no longer called for (it was set aside)", places
                ends = {"red_flag": "falls away", "contradiction": "is cleared up", "finding": "no longer holds"}
                return f"{name} {ends.get(kind, 'is no longer advised')}", places
            case "set_aside":
                reasons = [] if line is None else [view.case.defeat(*by) for _, by in sorted(line.defeated_by.items())]
                by = listed([f"{quoted(one.title)}{in_brackets(one.paragraphs)}" for one in reasons])
                how = "is called for, but set aside" if before is None and kind != "set_aside" else "is set aside"
                why = listed(list(dict.fromkeys(_clauses(self.corpus, one.because) for one in reasons)))
                return f"{name} {how} by {by}, because {why}", ()
            case "restored":
                return f"{name} is no longer set aside ({said(after)})", places
            case "strengthened":
                return f"{name} is strengthened from {quoted(said(before))} to {quoted(said(after))}{because}", places
            case "weakened":
                # Why is what no longer holds; what is left isn't the reason.
                return f"{name} is weakened from {quoted(said(before))} to {quoted(said(after))}", places
            case "turned":
                return f"{name} turns from {quoted(said(before))} to {quoted(said(after))}{because}", places
            case "made_provisional":
                labels = [quoted(self.corpus.facts[one].label) for one in (after.provisional if after else ())]
                return f"{name} becomes provisional: {joined(labels)} could set it aside", ()
            case "no_longer_provisional":
                return f"{name} is no longer provisional", ()
            case "newly_pressing":
                return f"{name} becomes pressing", ()
            case "no_longer_pressing":
                return f"{name} is no longer pressing", ()

    def _reason(self, key: Key) -> Application | None:
        """Return the strongest application behind a line, if possible one that is new."""
        line = self.after.lines.get(key)
        if line is None or not line.standing:
            return None
        fired = self.before.case.run.fired
        return min(line.standing, key=lambda one: (one.rule.id in fired, one.rank))

    def _because(self, application: Application) -> str:
        return _clauses(self.corpus, self.after.case.because(application.rule))

    def _bare_because(self, key: Key) -> str:
        kind, name = key
        rules = self.corpus.deriving[name] if kind == "finding" else (self.corpus.rules[name],)
        case = self.after.case
        clauses = [_clauses(self.corpus, case.because(rule)) for rule in rules if rule.id in case.run.fired]
        return f", because {listed(list(dict.fromkeys(clauses)))}"

    def _places(self, view: LineStates, key: Key, reason: Application | None) -> tuple[Paragraph, ...]:
        kind, name = key
        if reason is not None:
            return view.case.paragraphs([reason.lesson.place])
        line = view.lines.get(key)
        if line is not None:
            ranked = sorted(line.standing or line.defeated, key=lambda one: one.rank)
            return view.case.paragraphs(one.lesson.place for one in ranked)
        if kind == "finding":
            return view.case.paragraphs(self.corpus.findings[name].places)
        return view.case.paragraphs(view.case.fact_places(self.corpus.rules[name]))

    def _questions(self) -> Iterator[QuestionChange]:
        before, after = self.before.open, self.after.open
        for name, fact in self.corpus.facts.items():
            label = quoted(fact.label)
            if name in before and name in self.after.case.facts:
                value = value_in_words(fact, self.after.case.facts[name])
                text = f"{label} is settled: {value}."
                yield QuestionChange(fact=name, question=fact.question, change="settled", sentence=text)
            elif name in before - after:
                text = f"{label} need not be asked any more; it could change nothing."
                yield QuestionChange(fact=name, question=fact.question, change="moot", sentence=text)
            elif name in after - before:
                text = f"{label} is worth asking now."
                yield QuestionChange(fact=name, question=fact.question, change="raised", sentence=text)


def _clauses(corpus: Corpus, because: Iterable[Any]) -> str:
    return listed([because_in_words(corpus, one) for one in because])
