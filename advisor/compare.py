"""What if: two situations side by side, and through which facts their advice differs.

Each difference is traced to the changed facts that bring it about: the smallest sets of them that, changed in the
situation before and nothing else, do so already. Where several facts do it each by itself, all of them are named; where
only a combination does, the combination is. A line depends on few rules, so that this is tried on the rules that bear
on it alone, which comes to the same.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from math import comb
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from pydantic import Field

from advisor import situation
from advisor.advice import answer_id
from advisor.answer import Advice, Paragraph, Part
from advisor.case import STRENGTH_ORDER, Application, Case, canonical, plain
from advisor.conditions import Facts, FactTest, FindingIs, leaves
from advisor.corpus import Corpus
from advisor.errors import AdvisorError
from advisor.lookahead import look_ahead
from advisor.model import HEDGES, Hedge, Strength
from advisor.questions import open_facts
from advisor.report import escaped
from advisor.rule import Rule
from advisor.standing import Line, lines_of, pressing, provisional, targets_of
from advisor.wording import because_in_words, capital, in_brackets, joined, listed, quoted, value_in_words

LineKind: TypeAlias = Literal[
    "red_flag", "contradiction", "recommendation", "caution", "set_aside", "argument", "finding"
]
ChangeKind: TypeAlias = Literal[
    "added",
    "dropped",
    "set_aside",
    "restored",
    "strengthened",
    "weakened",
    "turned",
    "made_provisional",
    "no_longer_provisional",
    "newly_pressing",
    "no_longer_pressing",
]
Key: TypeAlias = "tuple[LineKind, str]"

_LINE_ORDER: tuple[LineKind, ...] = (
    "red_flag", "contradiction", "recommendation", "caution", "set_aside", "argument", "finding",
)  # fmt: skip
MAX_TRIED = 400
"""How many sets of facts are tried to find the smallest for one difference; beyond that, one from which nothing can be
left out is taken."""


class LineState(Part):
    """A line as it is in one of the situations."""

    standing: Literal["stands", "set_aside"]
    strength: Strength | None = None
    hedge: Hedge | None = None
    pressing: bool = False
    provisional: tuple[str, ...] = Field((), description="Unknown facts that could still set it aside.")


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
    return _hypothetical(case.corpus, {**kept, **told})


def _case(one: Case | Advice, corpus: Corpus) -> Case:
    digest = one.corpus.digest
    if digest != corpus.digest:
        raise AdvisorError(
            f"only what comes from one corpus can be compared; these come from {digest[:12]} and {corpus.digest[:12]}"
        )
    return one if isinstance(one, Case) else _hypothetical(corpus, situation.parse(one.situation.facts, corpus.facts))


def _hypothetical(corpus: Corpus, facts: Facts) -> Case:
    known = {name: facts[name] for name in corpus.facts if name in facts}
    return Case(corpus, known, look_ahead(corpus, known))


class _View:
    """The lines of one case, by key."""

    def __init__(self, case: Case) -> None:
        self.case = case

    @cached_property
    def lines(self) -> dict[Key, Line]:
        found: dict[Key, Line] = {}
        for (kind, name), line in lines_of(self.case).items():
            found[kind, name] = line
            for one in line.defeated if line.standing and kind == "recommendation" else ():
                lesson = found.setdefault(("set_aside", one.says), Line())
                lesson.defeated.append(one)
                lesson.defeated_by |= line.defeated_by
        for one in self.case.applications:
            if one.consequence.flags is not None:
                found.setdefault(("red_flag", one.rule.id), Line()).standing.append(one)
            if one.consequence.argues is not None:
                found.setdefault(("argument", one.says), Line()).standing.append(one)
        return found

    @cached_property
    def bare(self) -> set[Key]:
        """Contradictions and findings, behind which there is no lesson."""
        found: set[Key] = {("finding", name) for name in self.case.run.findings}
        return found | {
            ("contradiction", rule.id)
            for rule in self.case.fired
            if any(then.contradiction is not None for then in rule.then)
        }

    def state(self, key: Key) -> LineState | None:
        line = self.lines.get(key)
        if line is None:
            return LineState(standing="stands") if key in self.bare else None
        kind, name = key
        applications = line.standing or line.defeated
        first = min(applications, key=lambda one: one.rank)
        element = name if kind == "recommendation" else None
        hangs = kind in ("recommendation", "caution") and bool(line.standing)
        return LineState(
            standing="stands" if line.standing else "set_aside",
            strength=first.strength,
            hedge=first.lesson.hedge,
            pressing=bool(line.standing) and pressing(self.case, element, applications),
            provisional=provisional(self.case, element, applications) if hangs else (),
        )

    @cached_property
    def open(self) -> set[str]:
        """The unknown facts that are worth asking and could change a line."""
        # Headlines matter to the order of questions alone.
        found = open_facts(self.case, ())
        return {fact.name for fact in found if fact.worth is not False and fact.pull > 0}


class _Comparer:
    def __init__(self, before: Case, after: Case) -> None:
        self.corpus = before.corpus
        self.before = _View(before)
        self.after = _View(after)
        self.changed = [
            name
            for name in self.corpus.facts
            # True == 1, but not where a fact's value changes its type; facts have one type each.
            if before.facts.get(name) != after.facts.get(name)
        ]
        self._trials: dict[Key, _Trial] = {}

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
        for key in sorted(keys, key=lambda key: (_LINE_ORDER.index(key[0]), elements.get(key[1], 0), key[1])):
            before, after = self.before.state(key), self.after.state(key)
            for change, aspect in _changes(before, after):
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

    def _trial(self, key: Key) -> _Trial:
        if key not in self._trials:
            self._trials[key] = _Trial(self.corpus, key, self.before.case.facts, self.after.case.facts, self.changed)
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
                return f"{name} is added ({_said(after)}){because}", places
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
                return f"{name} is no longer set aside ({_said(after)})", places
            case "strengthened":
                return f"{name} is strengthened from {quoted(_said(before))} to {quoted(_said(after))}{because}", places
            case "weakened":
                # Why is what no longer holds; what is left isn't the reason.
                return f"{name} is weakened from {quoted(_said(before))} to {quoted(_said(after))}", places
            case "turned":
                return f"{name} turns from {quoted(_said(before))} to {quoted(_said(after))}{because}", places
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

    def _places(self, view: _View, key: Key, reason: Application | None) -> tuple[Paragraph, ...]:
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


def _said(state: LineState | None) -> str:
    """Return strength and hedge: ``should, usually``."""
    if state is None or state.strength is None:
        return ""
    return state.strength + ("" if state.hedge in (None, "none") else f", {state.hedge}")


Aspect: TypeAlias = "Callable[[LineState | None], object]"
"""What of a line is compared."""


def _changes(before: LineState | None, after: LineState | None) -> Iterator[tuple[ChangeKind, Aspect]]:
    """Yield the ways in which a line differs, each with what shows it."""
    if _standing(before) != _standing(after):
        if after is None:
            yield "dropped", _standing
        elif after.standing == "set_aside":
            yield "set_aside", _standing
        else:
            yield ("added" if before is None else "restored"), _standing
        return
    if before is None or after is None or after.standing == "set_aside":
        return
    if _force(before) != _force(after):
        turned = before.strength != after.strength and "avoid" in (before.strength, after.strength)
        stronger = _measure(after) < _measure(before)
        yield ("turned" if turned else "strengthened" if stronger else "weakened"), _force
    if bool(before.provisional) != bool(after.provisional):
        yield ("made_provisional" if after.provisional else "no_longer_provisional"), _hanging
    if before.pressing != after.pressing:
        yield ("newly_pressing" if after.pressing else "no_longer_pressing"), _pressing


def _standing(state: LineState | None) -> object:
    return state and state.standing


def _force(state: LineState | None) -> object:
    return state and (state.standing, state.strength, state.hedge)


def _measure(state: LineState) -> tuple[int, int]:
    return (STRENGTH_ORDER[state.strength or "consider"], HEDGES.index(state.hedge or "none"))


def _hanging(state: LineState | None) -> object:
    return state and (state.standing, bool(state.provisional))


def _pressing(state: LineState | None) -> object:
    return state and (state.standing, state.pressing)


class _Trial:
    """Tries changed facts on one line, with the rules that bear on it alone."""

    def __init__(self, corpus: Corpus, key: Key, before: Facts, after: Facts, changed: Collection[str]) -> None:
        rules = _bearing(corpus, key)
        tested = {
            leaf.fact
            for rule in rules.values()
            for condition in (rule.when, rule.pressing_when)
            for leaf in (leaves(condition) if condition is not None else ())
            if isinstance(leaf, FactTest)
        }
        # A measure on the table makes the element that it stands for pressing.
        tested |= {"measures_proposed"} if key[0] == "recommendation" else set()
        self._corpus = replace(corpus, rules=MappingProxyType(rules))
        self._key = key
        self._before = before
        self._after = after
        self.facts = [name for name in changed if name in tested]
        self._states: dict[frozenset[str], LineState | None] = {}

    def state(self, names: Iterable[str]) -> LineState | None:
        """Return the line in the situation before with these facts as they are after."""
        chosen = frozenset(names)
        if chosen not in self._states:
            facts = {name: value for name, value in self._before.items() if name not in chosen}
            facts |= {name: self._after[name] for name in chosen if name in self._after}
            self._states[chosen] = _View(_hypothetical(self._corpus, facts)).state(self._key)
        return self._states[chosen]

    def through(self, aspect: Aspect) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
        """Return the smallest sets of facts that bring a difference about, and the facts that undo it."""
        wanted = aspect(self.state(self.facts))

        def brings(names: Iterable[str]) -> bool:
            return aspect(self.state(names)) == wanted

        undone_by = tuple(name for name in self.facts if not brings(one for one in self.facts if one != name))
        tried = 0
        for size in range(1, len(self.facts) + 1):
            tried += comb(len(self.facts), size)
            if tried > MAX_TRIED:
                break
            found = tuple(names for names in combinations(self.facts, size) if brings(names))
            if found:
                return found, undone_by
        rest = list(self.facts)
        for name in self.facts:
            fewer = [one for one in rest if one != name]
            if brings(fewer):
                rest = fewer
        return (tuple(rest),), undone_by


def _bearing(corpus: Corpus, key: Key) -> dict[str, Rule]:
    """Return the rules on which a line depends, also through findings and what could set it aside."""
    kind, name = key
    found: dict[str, Rule] = {}
    match kind:
        case "recommendation":
            found = _leading(corpus, {name})
        case "set_aside":
            lessons = corpus.lessons
            elements = {
                element
                for rule in corpus.rules.values()
                for then in rule.then
                if then.lesson is not None and canonical(lessons[then.lesson]) == name
                for element in then.recommends or ()
            }
            found = _leading(corpus, elements)
        case "caution" | "argument":
            found = {
                rule.id: rule
                for rule in corpus.rules.values()
                if any(then.lesson and canonical(corpus.lessons[then.lesson]) == name for then in rule.then)
            }
            found |= _defeating(corpus, {name})
        case "finding":
            found = {rule.id: rule for rule in corpus.deriving[name]}
        case "red_flag" | "contradiction":
            found = {name: corpus.rules[name]}
    pending = list(found.values())
    while pending:
        rule = pending.pop()
        for condition in (rule.when, rule.pressing_when):
            for leaf in leaves(condition) if condition is not None else ():
                for other in corpus.deriving[leaf.finding] if isinstance(leaf, FindingIs) else ():
                    if other.id not in found:
                        found[other.id] = other
                        pending.append(other)
    return dict(sorted(found.items()))


def _leading(corpus: Corpus, elements: Collection[str]) -> dict[str, Rule]:
    found = {
        rule.id: rule
        for rule in corpus.rules.values()
        if any(set(elements) & set(then.recommends or ()) for then in rule.then)
    }
    lessons = {
        canonical(corpus.lessons[then.lesson])
        for rule in found.values()
        for then in rule.then
        if then.lesson is not None
    }
    return found | _defeating(corpus, {*elements, *lessons})


def _defeating(corpus: Corpus, names: Collection[str]) -> dict[str, Rule]:
    lessons = corpus.lessons
    return {
        rule.id: rule
        for rule in corpus.rules.values()
        for then in rule.then
        if set(names) & {canonical(lessons[one]) if one in lessons else one for one in targets_of(then)}
    }


# --- as an officer reads it -------------------------------------------------------------------------------------------

_SECTIONS: tuple[tuple[str, tuple[LineKind, ...]], ...] = (
    ("Red flags", ("red_flag", "contradiction")),
    ("Recommendations", ("recommendation", "caution")),
    ("Lessons set aside", ("set_aside",)),
    ("Arguments for partners", ("argument",)),
    ("Findings", ("finding",)),
)


def as_markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown."""
    lines = ["# What differs", ""]
    for heading, entries in _sections(comparison):
        lines += [f"## {heading}", ""]
        for sentence, parts in entries:
            lines += [f"- {escaped(sentence)}", *(f"  - {escaped(part)}" for part in parts)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def as_text(comparison: Comparison, width: int = 100) -> str:
    """Return the comparison as plain text of at most ``width`` columns."""
    lines = ["What differs", "============"]

    def write(text: str, mark: str) -> None:
        rest = " " * len(mark)
        lines.extend(textwrap.wrap(text, width, initial_indent=mark, subsequent_indent=rest, break_long_words=False))

    for heading, entries in _sections(comparison):
        lines += ["", heading.upper(), "-" * len(heading)]
        for sentence, parts in entries:
            write(sentence, " - ")
            for part in parts:
                write(part, "    - ")
    return "\n".join(lines) + "\n"


Entry: TypeAlias = "tuple[str, list[str]]"
"""A sentence and what belongs below it."""


def _sections(comparison: Comparison) -> Iterator[tuple[str, list[Entry]]]:
    facts: list[Entry] = [(f"{capital(change.text)}.", []) for change in comparison.facts]
    yield "Facts", facts or [("The situations are the same.", [])]
    for heading, kinds in _SECTIONS:
        found = [one for one in comparison.differences if one.line in kinds]
        if found:
            yield heading, _by_cause(found, alone=len(comparison.facts) == 1)
    if comparison.facts and not comparison.differences:
        yield "Advice", [("The advice is the same.", [])]
    if comparison.questions:
        yield "Questions", [(one.sentence, []) for one in comparison.questions]


def _by_cause(differences: Iterable[Difference], *, alone: bool) -> list[Entry]:
    """Return the differences with those of one cause together; where one fact alone differs it goes without saying."""
    causes: dict[str, list[Difference]] = {}
    for one in differences:
        causes.setdefault(one.cause, []).append(one)
    entries: list[Entry] = []
    for cause, found in causes.items():
        effects = [capital(f"{one.effect}{in_brackets(one.paragraphs)}.") for one in found]
        if alone:
            entries += [(effect, []) for effect in effects]
        elif len(found) == 1:
            entries.append((found[0].sentence, []))
        else:
            entries.append((f"With {cause}:", effects))
    return entries
