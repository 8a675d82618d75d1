"""Flip points: the smallest changes of what is known that would add a line to an answer, or remove it.

The presence of a line is a formula over tests on facts (``advisor.presence``); the smallest changes that flip it are
worked out exactly (``advisor.smallest``). What is told of each is then looked up: by the rules evaluated directly, and
by the engine where that is asked for.

A fact that becomes unknown is no change here: it is not an answer that an officer gives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any, Literal

from pydantic import Field

from advisor import situation
from advisor.advice import answer_id, assemble
from advisor.answer import Item, Paragraph, Part
from advisor.applications import canonical
from advisor.case import Case
from advisor.conditions import Facts, FactTest, Value, plain
from advisor.corpus import Corpus
from advisor.domains import Cut, Span, ValueClass, range_of
from advisor.domains import joined as joined_spans
from advisor.engine import Run, engine_for
from advisor.errors import UnknownIdError
from advisor.lookahead import look_ahead
from advisor.model import Fact
from advisor.presence import LineKind, Presence
from advisor.smallest import Box, Found, search
from advisor.standing import lines_of
from advisor.wording import capital, clause, in_brackets, joined, quoted, value_in_words

MAX_FACTS = 3
"""How many facts a change may touch."""
MAX_TRIED = 24
"""How many combinations of values of one way are looked at for what becomes of the line."""

Outcome = Literal["stands", "set_aside", "absent"]


# --- the shape of an answer -------------------------------------------------------------------------------------------


class Range(Part):
    """Numbers between two bounds; a bound that is null is that of the fact itself."""

    at_least: float | int | None = None
    more_than: float | int | None = None
    at_most: float | int | None = None
    less_than: float | int | None = None


class Passed(Part):
    """A test that the values of a set pass, as rules write it."""

    operator: str
    operand: Any
    negated: bool = Field(description="Whether the values pass where the operator does not hold.")
    text: str


class Change(Part):
    """What a fact would have to become."""

    fact: str
    type: str
    present: Any = Field(description="Its value now; null where it is unknown.")
    nearest: Any = Field(description="Of all values that do it, the one nearest to the present value.")
    values: tuple[Any, ...] = Field((), description="Of a boolean or an enum: all values that do it.")
    ranges: tuple[Range, ...] = Field((), description="Of a number: all values that do it.")
    includes: tuple[str, ...] = Field((), description="Of a set: what every value that does it has.")
    excludes: tuple[str, ...] = Field((), description="Of a set: what no value that does it has.")
    conditions: tuple[tuple[Passed, ...], ...] = Field(
        (), description="Of a set: a value does it where it passes all tests of at least one of these lists."
    )
    text: str


class Way(Part):
    """Values that flip the line: any value of each change together with any of the others."""

    changes: tuple[Change, ...]
    outcomes: tuple[Outcome, ...] = Field(description="What would become of the line; more than one where it depends.")
    rules: tuple[str, ...] = Field(description="Of the nearest values: the rules that would do it.")
    paragraphs: tuple[Paragraph, ...]
    text: str


class Flip(Part):
    """A smallest set of facts whose change flips the line: no part of it does."""

    facts: tuple[str, ...]
    ways: tuple[Way, ...] = Field(description="Together all combinations of values that do it, and no others.")


class Flips(Part):
    """The flip points of one line."""

    id: str
    kind: Literal["recommendation", "caution", "red_flag"]
    title: str
    now: Outcome = Field(description="Whether it stands, is set aside or is absent.")
    limit: int = Field(description="At most so many facts change together.")
    tested: tuple[str, ...] = Field(description="The facts that matter to it: no other fact can add or remove it.")
    flips: tuple[Flip, ...]
    text: str


class FlipPoints(Part):
    """The flip points of lines of one answer."""

    answer: str = Field(description="Id of the answer whose lines these are.")
    limit: int
    confirmed: bool = Field(description="Whether the engine was run on the nearest values of every way.")
    lines: tuple[Flips, ...]
    note: str = "A fact that is known and becomes unknown is not counted as a change."


# --- of a situation ---------------------------------------------------------------------------------------------------


def flip_points(
    facts: Mapping[str, object],
    corpus: Corpus,
    of: Sequence[str] = (),
    limit: int = MAX_FACTS,
    *,
    confirm: bool = True,
) -> FlipPoints:
    """Return the flip points of lines of an answer.

    Args:
        facts: what is known, as for ``advise``.
        corpus: what to advise from.
        of: ids of recommendations (their element), cautions (their lesson) and red flags (their rule), present or not;
            none for all red flags and headlines of the answer.
        limit: how many facts may change together, 1 to 3.
        confirm: whether the engine is run on every way.

    Raises:
        advisor.SituationError: the facts are refused.
        advisor.UnknownIdError: an id names no line that a rule could bring about.
    """
    known = situation.parse(facts, corpus.facts)
    case = Case(corpus, known, engine_for(corpus).run(known))
    names = list(dict.fromkeys(of))
    if names:
        chosen = [_line(corpus, name) for name in names]
    else:
        answer = assemble(case)
        chosen = [(_kind(item), item.id) for item in (*answer.red_flags, *answer.headlines)]
        # A rule may raise a red flag and report a contradiction; it is one line here.
        chosen = list(dict.fromkeys(chosen))
    lines = tuple(_flips(case, kind, name, limit, confirm=confirm) for kind, name in chosen)
    return FlipPoints(answer=answer_id(known, corpus), limit=limit, confirmed=confirm, lines=lines)


def flips(case: Case, name: str, limit: int = MAX_FACTS, *, confirm: bool = False) -> Flips:
    """Return the flip points of one line: every smallest change of facts that adds or removes it.

    Args:
        case: the situation.
        name: id of a recommendation (its element), a caution (its lesson) or a red flag (its rule), present or not.
        limit: how many facts may change together, 1 to 3.
        confirm: whether the engine is run on every way, too; that the rules say so is always looked up.

    Raises:
        advisor.UnknownIdError: the id names no line that a rule could bring about.
        ValueError: the limit is not 1, 2 or 3.
    """
    kind, found = _line(case.corpus, name)
    return _flips(case, kind, found, limit, confirm=confirm)


def _flips(case: Case, kind: LineKind, name: str, limit: int, *, confirm: bool) -> Flips:
    if not 1 <= limit <= MAX_FACTS:
        raise ValueError(f"between 1 and {MAX_FACTS} facts may change together, not {limit}")
    teller = _Teller(case, kind, name, confirm=confirm)
    presence = Presence(case.corpus, kind, name)
    found = tuple(
        Flip(facts=one.facts, ways=tuple(teller.way(one, box) for box in one.boxes))
        for one in search(case, presence, limit)
    )
    return Flips(
        id=name,
        kind=kind,
        title=teller.title,
        now=teller.now,
        limit=limit,
        tested=presence.facts,
        flips=found,
        text=teller.summary(found, limit),
    )


def _kind(item: Item) -> LineKind:
    return "caution" if item.kind == "caution" else "recommendation" if item.kind == "recommendation" else "red_flag"


def _line(corpus: Corpus, name: str) -> tuple[LineKind, str]:
    """Return what kind of line an id names, and the id that the line has in answers."""
    if name in corpus.elements:
        return "recommendation", name
    cautions = {
        canonical(corpus.lessons[then.lesson])
        for rule in corpus.rules.values()
        for then in rule.then
        if then.cautions is not None and then.lesson is not None
    }
    if name in corpus.lessons and (said := canonical(corpus.lessons[name])) in cautions:
        return "caution", said
    flags = {
        rule.id
        for rule in corpus.rules.values()
        if any(then.flags is not None or then.contradiction is not None for then in rule.then)
    }
    if name in flags:
        return "red_flag", name
    raise UnknownIdError("recommendation, caution or red flag", name, sorted({*corpus.elements, *cautions, *flags}))


# --- in words ---------------------------------------------------------------------------------------------------------

_NOW: Mapping[LineKind, Mapping[Outcome, str]] = {
    "recommendation": {"stands": "is recommended", "set_aside": "is set aside", "absent": "is not recommended"},
    "caution": {"stands": "is given", "set_aside": "is set aside", "absent": "is not given"},
    "red_flag": {"stands": "is raised", "set_aside": "is set aside", "absent": "is not raised"},
}
_THEN: Mapping[LineKind, Mapping[Outcome, str]] = {
    "recommendation": {
        "stands": "would be recommended",
        "set_aside": "would be set aside",
        "absent": "would no longer be recommended",
    },
    "caution": {"stands": "would be given", "set_aside": "would be set aside", "absent": "would no longer be given"},
    "red_flag": {"stands": "would be raised", "set_aside": "would be set aside", "absent": "would no longer be raised"},
}
_OUTCOMES: tuple[Outcome, ...] = ("stands", "set_aside", "absent")


class _Teller:
    """Says what becomes of one line where facts change, and confirms it."""

    def __init__(self, case: Case, kind: LineKind, name: str, *, confirm: bool) -> None:
        self.case = case
        self.kind = kind
        self.name = name
        self.confirm = confirm
        entries: Mapping[LineKind, Mapping[str, Any]] = {
            "recommendation": case.corpus.elements,
            "caution": case.corpus.lessons,
            "red_flag": case.corpus.rules,
        }
        self.title: str = entries[kind][name].title
        self.now = self._outcome(case)[0]

    def way(self, found: Found, box: Box) -> Way:
        """Return one way with its sentence.

        Raises:
            RuntimeError: the rules say otherwise, which would be a bug.
        """
        changes = tuple(
            _change(self.case, fact, tests, classes, part)
            for fact, tests, classes, part in zip(found.facts, found.tests, found.classes, box, strict=True)
        )
        nearest = dict(zip(found.facts, (_nearest(part) for part in box), strict=True))
        outcome, rules, paragraphs = self._look(nearest, look_ahead)
        outcomes = {outcome}
        for values in islice(product(*map(_samples, box)), MAX_TRIED):
            outcomes.add(self._look(dict(zip(found.facts, values, strict=True)), look_ahead)[0])
        if self.confirm:
            outcomes.add(self._look(nearest, lambda corpus, facts: engine_for(corpus).run(facts))[0])
        if any((outcome == "stands") is (self.now == "stands") for outcome in outcomes):
            raise RuntimeError(f"{self.name} does not flip with {nearest}, though it should")
        ordered = tuple(outcome for outcome in _OUTCOMES if outcome in outcomes)
        then = joined([_THEN[self.kind][outcome] for outcome in ordered], "or")
        changed = ", and ".join(change.text for change in changes)
        text = f"If {changed}, {self._subject()} {then}{in_brackets(paragraphs)}."
        return Way(changes=changes, outcomes=ordered, rules=rules, paragraphs=paragraphs, text=text)

    def summary(self, found: Sequence[Flip], limit: int) -> str:
        """Return how things stand, in a sentence or two."""
        now = f"{self._subject()} {_NOW[self.kind][self.now]}."
        if not found:
            change = "change of one fact" if limit == 1 else f"change of up to {limit} facts"
            return capital(f"{now} No {change} would alter that.")
        return capital(now)

    def _subject(self) -> str:
        words = {"recommendation": "", "caution": "the caution ", "red_flag": "the red flag "}
        return words[self.kind] + quoted(self.title)

    def _look(
        self, values: Mapping[str, Value], run: Callable[[Corpus, Facts], Run]
    ) -> tuple[Outcome, tuple[str, ...], tuple[Paragraph, ...]]:
        corpus = self.case.corpus
        changed = {**self.case.facts, **values}
        facts = {name: changed[name] for name in corpus.facts if name in changed}
        return self._outcome(Case(corpus, facts, run(corpus, facts)))

    def _outcome(self, case: Case) -> tuple[Outcome, tuple[str, ...], tuple[Paragraph, ...]]:
        """Return what becomes of the line in a case, the rules that bring it about, and their places."""
        lessons = case.corpus.lessons
        if self.kind == "red_flag":
            rule = case.corpus.rules[self.name]
            flagged = [then.lesson for then in rule.then if then.flags is not None and then.lesson is not None]
            places = [lessons[lesson].place for lesson in flagged]
            if self.name not in case.run.fired:
                return "absent", (), ()
            return "stands", (self.name,), case.paragraphs(places or case.fact_places(rule))
        line = lines_of(case).get((self.kind, self.name))
        if line is None:
            return "absent", (), ()
        if line.standing:
            leading = sorted(line.standing, key=lambda one: one.rank)
            rules = tuple(dict.fromkeys(one.rule.id for one in leading))
            return "stands", rules, case.paragraphs(one.lesson.place for one in leading)
        defeats = [by for _, by in sorted(line.defeated_by.items(), key=lambda pair: pair[0])]
        places = []
        for rule, then in defeats:
            places += [lessons[then.lesson].place] if then.lesson else case.fact_places(rule)
        return "set_aside", tuple(dict.fromkeys(rule.id for rule, _ in defeats)), case.paragraphs(places)


def _nearest(part: Sequence[ValueClass]) -> Value:
    return min(part, key=lambda one: one.distance).nearest


def _samples(part: Sequence[ValueClass]) -> Iterator[Value]:
    """Yield the values of some classes that stand for all: words each, of all else the nearest of each class."""
    for one in part:
        yield from one.values or (one.nearest,)


def _change(
    case: Case, name: str, tests: Sequence[FactTest], classes: Sequence[ValueClass], part: Sequence[ValueClass]
) -> Change:
    fact = case.corpus.facts[name]
    present = case.facts.get(name)
    values = [value for one in part for value in one.values]
    conditions: tuple[tuple[FactTest, ...], ...] = ()
    includes: Iterable[str] = ()
    excludes: Iterable[str] = ()
    if fact.type == "set":
        conditions = tuple(_alternatives(tests, classes, part))
        inside = frozenset.intersection(*(one.inside for one in part))
        possible = frozenset.union(*(one.possible for one in part))
        includes = (member for member in fact.allowed if member in inside)
        excludes = (member for member in fact.allowed if member not in possible)
    ranges = tuple(_range(fact, span) for span in joined_spans(span for one in part for span in one.spans))
    any_value = len(part) == len(classes)
    return Change(
        fact=name,
        type=fact.type,
        present=None if present is None else plain(present),
        nearest=plain(_nearest(part)),
        values=tuple(value for value in (fact.allowed or (True, False)) if value in values),
        ranges=ranges,
        includes=tuple(includes),
        excludes=tuple(excludes),
        conditions=tuple(
            tuple(
                Passed(
                    operator=test.operator,
                    operand=plain(test.operand),
                    negated=test.negated,
                    text=clause(case.corpus, test),
                )
                for test in alternative
            )
            for alternative in conditions
        ),
        text=_clause(case.corpus, fact, present is not None, any_value, values, ranges, conditions),
    )


def _alternatives(
    tests: Sequence[FactTest], classes: Sequence[ValueClass], part: Sequence[ValueClass]
) -> Iterator[tuple[FactTest, ...]]:
    """Yield lists of tests; the values that pass all tests of at least one list are those of the given classes."""
    inside = {one.passes for one in part}

    def passing(chosen: Mapping[int, bool]) -> set[int]:
        return {
            one.passes
            for one in classes
            if all(bool(one.passes >> number & 1) is wanted for number, wanted in chosen.items())
        }

    left = list(part)
    while left:
        chosen = {number: bool(left[0].passes >> number & 1) for number in range(len(tests))}
        # What a value must not pass goes first, so that what it must pass remains to be said.
        for number in sorted(chosen, key=lambda number: (chosen[number], tests[number].negated)):
            fewer = {other: wanted for other, wanted in chosen.items() if other != number}
            if passing(fewer) <= inside:
                chosen = fewer
        covered = passing(chosen)
        left = [one for one in left if one.passes not in covered]
        yield tuple(tests[number] if wanted else _negated(tests[number]) for number, wanted in chosen.items())


def _negated(test: FactTest) -> FactTest:
    return FactTest(test.fact, test.operator, test.operand, not test.negated)


def _range(fact: Fact, span: Span) -> Range:
    start, end = range_of(fact)
    bounds: dict[str, float | int] = {}
    low, high = span
    if low != start:
        bounds["more_than" if low[1] else "at_least"] = _number(low)
    if high != end:
        if fact.type == "integer":
            bounds["at_most"] = _number(high) - 1
        else:
            bounds["at_most" if high[1] else "less_than"] = _number(high)
    return Range(**bounds)


def _number(cut: Cut) -> int | float:
    number = cut[0]
    assert not math.isinf(number)
    return int(number) if number == int(number) else float(number)


def _clause(
    corpus: Corpus,
    fact: Fact,
    known: bool,
    any_value: bool,
    values: Sequence[Value],
    ranges: Sequence[Range],
    conditions: Sequence[Sequence[FactTest]],
) -> str:
    """Return the change as a clause after *if*: a wish of a known fact, something to learn of an unknown one."""
    name = quoted(fact.label)
    if any_value:
        return f"it were known what {name} is, whatever it is"
    if conditions:
        alternatives = []
        for tests in conditions:
            said = [clause(corpus, test, wished=known) for test in tests]
            alternatives.append(joined([said[0], *(one.removeprefix(f"{name} ") for one in said[1:])]))
        first, *others = alternatives
        text = joined([first, *(one.removeprefix(f"{name} ") for one in others)], "or")
    elif ranges:
        said = [_range_in_words(fact, one) for one in ranges]
        text = f"{name} {'were' if known else 'is'} {joined(said, 'or')}"
    else:
        said = [value_in_words(fact, value) for value in values]
        text = f"{name} {'were' if known else 'is'} {joined(said, 'or')}"
    return text if known else f"it were known that {text}"


def _range_in_words(fact: Fact, one: Range) -> str:
    if one.at_least is not None and one.at_least == one.at_most:
        return fact.label_of(one.at_least)
    if one.at_least is not None and one.at_most is not None:
        return f"from {one.at_least:,} to {fact.label_of(one.at_most)}"
    bounds = {
        "at least": one.at_least,
        "more than": one.more_than,
        "at most": one.at_most,
        "less than": one.less_than,
    }
    return joined([f"{words} {fact.label_of(bound)}" for words, bound in bounds.items() if bound is not None])
