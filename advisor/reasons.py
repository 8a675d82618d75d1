"""Reasons: what rules say of themselves and of the lessons that they apply, without the tests that made them fire.

They are the same in every case, so each is made once for a corpus. ``advisor.grounds`` has the tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from advisor.answer import Beside, BesideKind, Rationale
from advisor.applications import Application
from advisor.citations import paragraphs, places_of_facts, source_note
from advisor.conditions import Facts
from advisor.corpus import Corpus, PerCorpus
from advisor.grounds import Ground, Piece
from advisor.model import Consequence, Lesson, Relation
from advisor.rule import Rule

_BECAUSE = b'"because":['
_PASSIVE: dict[Relation, BesideKind] = {
    "supersedes": "superseded_by",
    "narrows": "narrowed_by",
    "supports": "supported_by",
}
_MET = "What this would bring is in place already."


class Reason:
    """One reason of a line, without the tests that made its rule fire.

    Attributes:
        rationale: the reason as an answer has it, with no tests.
        rule: the rule that gives it.
        node: the rule's node in the index.
        says: the lesson that it applies, or the one that this restates.
        sources: the sources that it cites, or beside which others are set.
    """

    def __init__(self, corpus: Corpus, rule: Rule, rationale: Rationale, says: str | None = None) -> None:
        self.rule = rule
        self.node = corpus.index.nodes[rule.id]
        self.rationale = rationale
        self.says = says
        self.sources = frozenset(place.source for place in rationale.paragraphs) | {
            one.source.source for one in rationale.beside
        }

    @cached_property
    def _parts(self) -> tuple[bytes, bytes]:
        # In a text every quotation mark has a backslash before it, so this is where the key stands.
        before, after = self.rationale.model_dump_json().encode().split(_BECAUSE, 1)
        return before + _BECAUSE, after

    def written(self, ground: Ground) -> tuple[Piece, ...]:
        """Return the reason with its tests as JSON text."""
        before, after = self._parts
        return (before, *ground.pieces, after)

    def on(self, ground: Ground, facts: Facts) -> Rationale:
        """Return the reason with its tests."""
        return self.rationale.model_copy(update={"because": ground.because(facts)})


class Reasons:
    """The reasons of one corpus, made as they are asked for and kept."""

    def __init__(self, _: Corpus) -> None:
        self._applied: dict[tuple[str, int], Reason] = {}
        self._merged: dict[tuple[Reason, ...], Reason] = {}
        self._own: dict[tuple[str, str, tuple[str, ...]], Reason] = {}

    def applied(self, corpus: Corpus, one: Application) -> Reason:
        """Return the reason that an applied lesson gives."""
        key = (one.rule.id, id(one.consequence))
        found = self._applied.get(key)
        if found is None:
            rationale = _rationale(corpus, one)
            found = self._applied.setdefault(key, Reason(corpus, one.rule, rationale, one.says))
        return found

    def own(self, corpus: Corpus, rule: Rule, text: str, places: Iterable[str]) -> Reason:
        """Return the reason that a rule gives of itself, without a lesson."""
        key = (rule.id, text, tuple(dict.fromkeys(places)))
        found = self._own.get(key)
        if found is None:
            rationale = Rationale(
                rule=rule.id,
                lesson=None,
                title=rule.title,
                text=text,
                because=(),
                paragraphs=paragraphs(corpus, key[2]),
                reading=rule.reading,
                note=rule.note if rule.reading == "ours" else None,
                pack=rule.pack,
            )
            found = self._own.setdefault(key, Reason(corpus, rule, rationale))
        return found

    def defeat(self, corpus: Corpus, rule: Rule, consequence: Consequence, ground: Ground) -> Reason:
        """Return the reason that a rule gives for setting something aside."""
        if consequence.lesson is None:
            return self.own(corpus, rule, _MET, places_of_facts(corpus, ground.facts))
        lesson = corpus.lessons[consequence.lesson]
        strength = consequence.strength or lesson.strength
        return self.applied(corpus, Application(rule, consequence, lesson, strength, pressing=False))

    def merged(self, corpus: Corpus, applications: Iterable[Application]) -> tuple[Reason, ...]:
        """Return one reason for each rule and lesson; lessons that say the same share theirs."""
        found: dict[tuple[str, str], list[Reason]] = {}
        for one in sorted(applications, key=lambda each: each.rank):
            found.setdefault((one.rule.id, one.says), []).append(self.applied(corpus, one))
        return tuple(self._one(corpus, tuple(dict.fromkeys(reasons))) for reasons in found.values())

    def _one(self, corpus: Corpus, reasons: tuple[Reason, ...]) -> Reason:
        first, *others = reasons
        if not others:
            return first
        found = self._merged.get(reasons)
        if found is None:
            places = tuple(dict.fromkeys(place for each in reasons for place in each.rationale.paragraphs))
            rationale = first.rationale.model_copy(update={"paragraphs": places})
            found = self._merged.setdefault(reasons, Reason(corpus, first.rule, rationale, first.says))
        return found


def _rationale(corpus: Corpus, one: Application) -> Rationale:
    rule, lesson = one.rule, one.lesson
    return Rationale(
        rule=rule.id,
        lesson=lesson.id,
        title=rule.title,
        text=lesson.text,
        strength=one.strength,
        hedge=lesson.hedge,
        basis=lesson.basis,
        because=(),
        paragraphs=paragraphs(corpus, [lesson.place]),
        reading=rule.reading,
        note=rule.note if rule.reading == "ours" else None,
        remark=lesson.remark,
        pack=rule.pack,
        beside=beside(corpus, lesson),
    )


def beside(corpus: Corpus, lesson: Lesson) -> tuple[Beside, ...]:
    """Return the lessons of other packs that have to do with a lesson."""
    return tuple(
        Beside(
            relation=kind if own else _PASSIVE[kind],
            lesson=other.id,
            text=other.text,
            strength=other.strength,
            hedge=other.hedge,
            basis=other.basis,
            source=source_note(corpus, corpus.source_of(other.place)),
            paragraphs=paragraphs(corpus, [other.place]),
        )
        for kind, own, other in corpus.relations.get(lesson.id, ())
    )


reasons: PerCorpus[Reasons] = PerCorpus(Reasons)
