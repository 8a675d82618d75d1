"""Precedents compared: how the present situation is like an earlier one and unlike it, and what of it is advised here.

How precedents are ranked (compared from left to right):

1. by the kinds of situation that they share with the present one: those told, and those that findings derive;
2. by the facts in which the two are alike, less those in which they differ;
3. by the lessons applied here that point to them;
4. by their ids.

Two values are alike if they are equal; two sets if they have a member in common, or both have none; two numbers if no
rule tells them apart. Each comparison carries these counts, so that nobody has to trust a score.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from advisor.answer import Paragraph, Part
from advisor.applications import Application, applied
from advisor.case import Case
from advisor.conditions import Value, plain
from advisor.corpus import Corpus, PerCorpus
from advisor.likeness import likeness
from advisor.lines import Lines, ToldLine
from advisor.model import Figure, Precedent, Remark
from advisor.rule import Rule
from advisor.shapes import Field
from advisor.standing import targets_of
from advisor.wording import clause, joined, listed, quoted, value_in_words

if TYPE_CHECKING:
    from advisor.nearmiss import Wanted

Relation = Literal["like", "unlike", "unknown_here", "untold_there"]
Standing = Literal["recommended", "set_aside", "open", "not_recommended"]


class FactCompared(Part):
    """One fact, here and there."""

    fact: str
    label: str
    relation: Relation = Field(
        description="'unknown_here': the precedent tells it, and nobody has told it of the present situation; "
        "'untold_there': it is told here, and the source says nothing of it for the precedent."
    )
    here: Any = Field(description="The value here; null where it isn't known.")
    there: Any = Field(description="The value as it stood before the earlier arrangement; null where it isn't told.")
    shared: tuple[str, ...] = Field((), description="Of two sets: the members that both have.")
    text: str = Field(description="The two values in words.")


class ElementCompared(Part):
    """One element that the precedent had, and what becomes of it here."""

    element: str
    title: str
    standing: Standing = Field(
        description="'open': a rule that waits for unknown facts could still call for it; "
        "'not_recommended': no rule that calls for it can fire on what is known."
    )
    headline: bool = False
    why_not: str | None = Field(None, description="Why it is not recommended here, in a sentence.")
    rules: tuple[str, ...] = Field((), description="The rules behind that: what sets it aside, waits or is silent.")
    facts: tuple[str, ...] = Field((), description="Unknown facts for which the rules wait, or known ones that differ.")


class Measure(Part):
    """What a precedent is ranked by."""

    kinds_shared: tuple[str, ...]
    facts_like: int
    facts_unlike: int
    lessons: tuple[str, ...] = Field(description="Lessons applied here that point to it.")
    text: str = Field(description="The same in a sentence.")


class PrecedentCompared(Part):
    """An earlier arrangement beside the present situation."""

    precedent: str
    title: str
    years: str
    summary: str
    parties: tuple[str, ...]
    rank: int = Field(description="1 for the precedent most to the point.")
    measure: Measure
    facts: tuple[FactCompared, ...] = Field(description="Alike first, then unlike, not known here, not told there.")
    elements: tuple[ElementCompared, ...] = Field(description="The elements it had; those recommended here first.")
    lacked: tuple[str, ...] = Field(description="Elements recommended here that it is known to have done without.")
    figures: tuple[Figure, ...]
    paragraphs: tuple[Paragraph, ...]
    remarks: tuple[Remark, ...]
    href: str


class Precedents(Part):
    """All precedents, compared with one situation."""

    facts: dict[str, Any] = Field(description="The known facts of the situation.")
    precedents: tuple[PrecedentCompared, ...] = Field(description="The most telling first.")


def compare(case: Case) -> Precedents:
    """Return every precedent of the corpus compared with a case, the most telling first."""
    comparison = _Comparison(case)
    return Precedents(
        facts={name: plain(value) for name, value in case.facts.items()},
        precedents=tuple(
            comparison.precedent(case.corpus.precedents[name], rank) for rank, name in enumerate(order(case), 1)
        ),
    )


def order(case: Case) -> list[str]:
    """Return the ids of all precedents, the most telling first."""
    pointing = pairs(case.corpus)
    lessons = dict.fromkeys(likeness(case.corpus).names, 0)
    for name, _ in frozenset().union(*[pointing[rule] for rule in case.run.fired if rule in pointing]):
        lessons[name] += 1
    return ranked(case, lessons)


def ranked(case: Case, lessons: Mapping[str, int]) -> list[str]:
    """Return precedents by their ids, the most telling first.

    Args:
        case: the case.
        lessons: for each precedent, in the order of their ids, how many lessons applied in the case point to it.
    """
    alike = likeness(case.corpus)
    kinds = alike.kinds(_kinds(case))
    like, both = alike.facts(case.facts)
    places = alike.places
    # Whole numbers are sooner compared than tuples; the names are in order, in which what is equal is left.
    found = {
        name: (kinds[place := places[name]] * _MOST + 2 * like[place] - both[place]) * _MOST + drawn
        for name, drawn in lessons.items()
    }
    return sorted(found, key=found.__getitem__, reverse=True)


_MOST = 1 << 20
"""More than there are facts or lessons."""


def _kinds(case: Case) -> set[str]:
    """Return the kinds of a situation: those told, and those that findings derive."""
    types = case.facts.get("situation_types")
    kinds = set(types) if isinstance(types, tuple) else set()
    for name in case.run.findings:
        if kind := case.corpus.findings[name].situation_type:
            kinds.add(kind)
    return kinds


def pointing(case: Case, precedent: Precedent) -> list[Application]:
    """Return the lessons applied in a case that point to a precedent."""
    return [application for application in case.applications if points_to(application, precedent)]


def points_to(application: Application, precedent: Precedent) -> bool:
    """Return whether a lesson as a rule applies it points to a precedent."""
    return precedent.id in application.consequence.cites or application.lesson.id in precedent.lessons


Pairs = Mapping[str, frozenset[tuple[str, str]]]


def _pairs_of(corpus: Corpus) -> Pairs:
    drawn: dict[str, list[str]] = {}
    for name, precedent in corpus.precedents.items():
        for lesson in precedent.lessons:
            drawn.setdefault(lesson, []).append(name)
    found = {}
    for rule in corpus.rules:
        pairs = {
            (name, one.lesson.id)
            for one in applied(corpus).calm[rule]
            for name in (*one.consequence.cites, *drawn.get(one.lesson.id, ()))
        }
        if pairs:
            found[rule] = frozenset(pairs)
    return found


pairs: PerCorpus[Pairs] = PerCorpus(_pairs_of, "pairs")
"""For each rule with lessons that point to precedents, the pairs of them: precedent and lesson."""


def situation_of(corpus: Corpus, precedent: Precedent) -> Mapping[str, Value]:
    """Return the facts of a precedent in canonical form."""
    return likeness(corpus).situations[precedent.id]


class _Comparison:
    def __init__(self, case: Case) -> None:
        from advisor.nearmiss import NearMisses  # an answer needs the order of precedents, and not this

        self.case = case
        self.corpus = case.corpus
        self._lines: Lines | None = None
        self._elements: dict[str, ElementCompared] = {}
        self._misses = NearMisses(case.corpus, case.facts)
        self._likeness = likeness(case.corpus)
        self._kinds = _kinds(case)
        self._like, self._both = self._likeness.facts(case.facts)

    def _measure(self, precedent: Precedent) -> Measure:
        kinds = tuple(kind for kind in precedent.kinds if kind in self._kinds)
        place = self._likeness.places[precedent.id]
        like, both = self._like[place], self._both[place]
        lessons = tuple(dict.fromkeys(one.lesson.id for one in pointing(self.case, precedent)))
        shared = _kinds_in_words(self.corpus, kinds)
        text = (
            f"{shared}; alike in {like} of {both} facts told of both; "
            f"{_number(len(lessons), 'lesson')} applied here "
            f"{'points' if len(lessons) == 1 else 'point'} to it."
        )
        return Measure(kinds_shared=kinds, facts_like=like, facts_unlike=both - like, lessons=lessons, text=text)

    def precedent(self, precedent: Precedent, rank: int) -> PrecedentCompared:
        """Return one precedent beside the present situation."""
        elements = [self._element(name) for name in precedent.elements_present]
        order: tuple[Standing, ...] = ("recommended", "set_aside", "open", "not_recommended")
        recommended, _ = self._advice()
        return PrecedentCompared(
            precedent=precedent.id,
            title=precedent.title,
            years=precedent.years,
            summary=precedent.summary,
            parties=precedent.parties,
            rank=rank,
            measure=self._measure(precedent),
            facts=tuple(self._facts(precedent)),
            elements=tuple(sorted(elements, key=lambda one: order.index(one.standing))),
            lacked=tuple(name for name in precedent.elements_absent if name in recommended),
            figures=precedent.figures,
            paragraphs=self.case.paragraphs(precedent.places),
            remarks=precedent.remarks,
            href=f"/v1/precedents/{precedent.id}",
        )

    # --- facts ---

    def _facts(self, precedent: Precedent) -> Iterator[FactCompared]:
        there = situation_of(self.corpus, precedent)
        found = [
            self._fact(precedent, name, there.get(name))
            for name in self.corpus.facts
            if name in {*there, *self.case.facts}
        ]
        for relation in ("like", "unlike", "unknown_here", "untold_there"):
            yield from (one for one in found if one.relation == relation)

    def _fact(self, precedent: Precedent, name: str, there: Value | None) -> FactCompared:
        fact = self.corpus.facts[name]
        here = self.case.facts.get(name)
        relation, shared = self._relation(precedent, name, there)
        both = f"here {value_in_words(fact, plain_or_none(here))}, there {value_in_words(fact, plain_or_none(there))}"
        if relation == "like" and here == there:
            both = f"here as there {value_in_words(fact, plain_or_none(here))}"
        elif relation == "untold_there":
            both = f"here {value_in_words(fact, plain_or_none(here))}, there not told"
        return FactCompared(
            fact=name,
            label=fact.label,
            relation=relation,
            here=plain_or_none(here),
            there=plain_or_none(there),
            shared=shared,
            text=both,
        )

    def _relation(self, precedent: Precedent, name: str, there: Value | None) -> tuple[Relation, tuple[str, ...]]:
        here = self.case.facts.get(name)
        if here is None:
            return "unknown_here", ()
        if there is None:
            return "untold_there", ()
        shared: tuple[str, ...] = ()
        if isinstance(here, tuple) and isinstance(there, tuple):
            shared = tuple(member for member in here if member in there)
        return ("like" if self._likeness.alike(precedent.id, name, here) else "unlike"), shared

    # --- elements ---

    def _advice(self) -> tuple[dict[str, ToldLine], dict[str, ToldLine]]:
        if self._lines is None:
            self._lines = Lines(self.case)
        return (
            {line.element: line for line in self._lines.recommendations if line.element},
            {line.element: line for line in self._lines.set_aside if line.element},
        )

    def _element(self, name: str) -> ElementCompared:
        if name not in self._elements:
            self._elements[name] = self._compared(name)
        return self._elements[name]

    def _compared(self, name: str) -> ElementCompared:
        title = self.corpus.elements[name].title
        recommended, aside = self._advice()
        if name in recommended:
            headline = recommended[name].headline
            return ElementCompared(element=name, title=title, standing="recommended", headline=headline)
        if name in aside:
            by = [rule for rule, _ in aside[name].frame.against]
            why = f"Set aside: {listed([rule.title for rule in by])}."
            rules = tuple(rule.id for rule in by)
            return ElementCompared(element=name, title=title, standing="set_aside", why_not=why, rules=rules)
        calling = [
            rule for rule in self.corpus.rules.values() if any(name in (then.recommends or ()) for then in rule.then)
        ]
        waiting = [rule for rule in self.case.open_rules if rule in calling]
        if waiting:
            return self._open(name, title, waiting)
        return self._silent(name, title, calling)

    def _open(self, name: str, title: str, waiting: list[Rule]) -> ElementCompared:
        counts: dict[str, int] = {}
        for rule in waiting:
            for fact in self.case.deciding(rule.id):
                counts[fact] = counts.get(fact, 0) + 1
        order = list(self.corpus.facts)
        facts = sorted(counts, key=lambda fact: (-counts[fact], order.index(fact)))[:3]
        labels = listed([quoted(self.corpus.facts[fact].label) for fact in facts])
        verb = "waits" if len(waiting) == 1 else "wait"
        return ElementCompared(
            element=name,
            title=title,
            standing="open",
            why_not=f"{_number(len(waiting), 'rule')} that would call for it {verb} above all for {labels}.",
            rules=tuple(rule.id for rule in waiting),
            facts=tuple(facts),
        )

    def _silent(self, name: str, title: str, calling: list[Rule]) -> ElementCompared:
        misses = [(miss, rule) for rule in calling if (miss := self._misses.of(rule.when))]
        if not misses:
            already = [rule.id for rule in self.case.fired if any(name in targets_of(then) for then in rule.then)]
            why = (
                "No rule calls for it in any situation." if not calling else "No rule that calls for it can fire here."
            )
            return ElementCompared(
                element=name, title=title, standing="not_recommended", why_not=why, rules=tuple(already)
            )
        miss, rule = min(misses, key=lambda pair: (pair[0].changes, pair[0].unknown, pair[1].id))
        wanted = [one for one in miss.wanted if one.fact in self.case.facts]
        asked = [wish for one in wanted for wish in self._wishes(one)]
        return ElementCompared(
            element=name,
            title=title,
            standing="not_recommended",
            why_not=f"A rule would call for it if {joined(asked)}.",
            rules=(rule.id,),
            facts=tuple(one.fact for one in wanted),
        )

    def _wishes(self, wanted: Wanted) -> Iterator[str]:
        fact = self.corpus.facts[wanted.fact]
        if fact.type == "enum":
            # Several tests of one word say less than the word that passes them all.
            yield f"{quoted(fact.label)} were {value_in_words(fact, wanted.value)}"
            return
        yield from (clause(self.corpus, test, wished=True) for test in wanted.failing)


def plain_or_none(value: Value | None) -> object:
    """Return a value as JSON has it; None where it isn't known."""
    return None if value is None else plain(value)


def _kinds_in_words(corpus: Corpus, kinds: Iterable[str]) -> str:
    fact = corpus.facts.get("situation_types")
    labels = [quoted(fact.label_of(kind) if fact else kind) for kind in kinds]
    return f"Shares {joined(labels)}" if labels else "Shares no kind of situation"


def _number(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
