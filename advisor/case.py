"""A case: the known facts of a situation, what fired on them, what is still open, and the reasons of each.

Everything here follows from the facts, the corpus and the engine's run; nothing is kept between calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from advisor.answer import (
    Because,
    BecauseFact,
    BecauseFinding,
    Beside,
    BesideKind,
    CorpusNote,
    PackNote,
    Paragraph,
    Rationale,
    SourceNote,
)
from advisor.awaited import Awaited
from advisor.conditions import Facts, FactTest, FindingIs, Truth, Value, support
from advisor.corpus import Corpus
from advisor.decided import Decided
from advisor.engine import Run
from advisor.model import BASES, HEDGES, Consequence, Lesson, Relation, Strength
from advisor.rule import Rule

STRENGTH_ORDER: dict[Strength, int] = {"must": 0, "should": 1, "avoid": 1, "consider": 2}
"""How strengths compare when lines are ranked; what is to be avoided weighs as much as what should be done."""


_PASSIVE: dict[Relation, BesideKind] = {
    "supersedes": "superseded_by",
    "narrows": "narrowed_by",
    "supports": "supported_by",
}


@dataclass(frozen=True, slots=True)
class Application:
    """A lesson applied by a rule that fired.

    Attributes:
        rule: the rule.
        consequence: the consequence of the rule that applies the lesson.
        lesson: the lesson.
        strength: the lesson's strength, or a lower one if the rule weakens it.
        pressing: whether the rule's ``pressing_when`` holds.
        superseded: whether a lesson of another pack supersedes the lesson.
    """

    rule: Rule
    consequence: Consequence
    lesson: Lesson
    strength: Strength
    pressing: bool
    superseded: bool = False

    @property
    def says(self) -> str:
        """The lesson, or the one of which it is a restatement: what says the same counts once."""
        return canonical(self.lesson)

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorts the lessons of a line: in force, strong, norms and unhedged ones come first."""
        return (
            self.superseded,
            STRENGTH_ORDER[self.strength],
            BASES.index(self.lesson.basis),
            HEDGES.index(self.lesson.hedge),
            -self.lesson.weight,
            self.lesson.id,
            self.rule.id,
        )


def canonical(lesson: Lesson) -> str:
    """Return the id of the lesson, or of the one that it restates."""
    return lesson.same_as or lesson.id


class Case:
    """One situation, and what the rules make of it.

    Attributes:
        corpus: the corpus.
        facts: the known facts, in canonical form.
        run: what the engine fired.
        fired: the rules that fired, by id.
    """

    def __init__(self, corpus: Corpus, facts: Facts, run: Run) -> None:
        self.corpus = corpus
        self.facts = facts
        self.run = run
        self.fired = [corpus.rules[name] for name in sorted(run.fired)]

    @cached_property
    def decided(self) -> Decided:
        """What is true, false and unknown on the facts."""
        return self.corpus.decide(self.facts)

    @cached_property
    def awaited(self) -> Awaited:
        """What the undecided rules wait for."""
        return self.corpus.awaited(self.decided)

    @cached_property
    def truths(self) -> dict[str, Truth]:
        """For each finding whether it is derived (true), can't be (false) or may yet be (None)."""
        # The engine says what is derived; what is not may still be open.
        return {**self.decided.findings, **dict.fromkeys(self.run.findings, True)}

    @cached_property
    def applications(self) -> list[Application]:
        """All lessons applied by the rules that fired."""
        found = []
        for rule in self.fired:
            for consequence in rule.then:
                if consequence.lesson is not None:
                    lesson = self.corpus.lessons[consequence.lesson]
                    strength = consequence.strength or lesson.strength
                    pressing = rule.id in self.run.pressing
                    superseded = self.corpus.superseded(lesson.id)
                    found.append(Application(rule, consequence, lesson, strength, pressing, superseded))
        return found

    @cached_property
    def open_rules(self) -> list[Rule]:
        """The rules that may still fire once more is known."""
        names = self.corpus.index.rules
        return [self.corpus.rules[names[node]] for node in self.decided.open_rules]

    def because(self, rule: Rule) -> tuple[Because, ...]:
        """Return the tests that made a rule fire, and those that make it pressing."""
        found: dict[str, Because] = {}
        conditions = [rule.when, rule.pressing_when] if rule.id in self.run.pressing else [rule.when]
        for condition in conditions:
            for leaf in support(condition, self.facts, self.truths) if condition else ():
                match leaf:
                    case FactTest():
                        value = plain(self.facts[leaf.fact])
                        matched = plain(leaf.matched(self.facts[leaf.fact]))
                        test = str(leaf)
                        found[test] = BecauseFact(fact=leaf.fact, value=value, matched=matched, test=test)
                    case FindingIs():
                        found[f"finding {leaf.finding}"] = BecauseFinding(finding=leaf.finding)
        return tuple(found.values())

    def deciding(self, *rules: Rule) -> tuple[str, ...]:
        """Return the unknown facts that could decide open rules, also through the findings for which they wait."""
        index = self.corpus.index
        facts = self.awaited.facts(index.nodes[rule.id] for rule in rules)
        return tuple(index.facts[fact] for fact in sorted(facts))

    def rationale(self, application: Application) -> Rationale:
        """Return the reason that an applied lesson gives."""
        rule, lesson = application.rule, application.lesson
        return Rationale(
            rule=rule.id,
            lesson=lesson.id,
            title=rule.title,
            text=lesson.text,
            strength=application.strength,
            hedge=lesson.hedge,
            basis=lesson.basis,
            because=self.because(rule),
            paragraphs=self.paragraphs([lesson.place]),
            reading=rule.reading,
            note=rule.note if rule.reading == "ours" else None,
            remark=lesson.remark,
            pack=rule.pack,
            beside=self.beside(lesson),
        )

    def beside(self, lesson: Lesson) -> tuple[Beside, ...]:
        """Return the lessons of other packs that have to do with a lesson."""
        return tuple(
            Beside(
                relation=kind if own else _PASSIVE[kind],
                lesson=other.id,
                text=other.text,
                strength=other.strength,
                hedge=other.hedge,
                basis=other.basis,
                source=source_note(self.corpus, self.corpus.source_of(other.place)),
                paragraphs=self.paragraphs([other.place]),
            )
            for kind, own, other in self.corpus.relations.get(lesson.id, ())
        )

    def rule_rationale(self, rule: Rule, text: str, places: Iterable[str]) -> Rationale:
        """Return the reason that a rule gives of itself, without a lesson."""
        return Rationale(
            rule=rule.id,
            lesson=None,
            title=rule.title,
            text=text,
            because=self.because(rule),
            paragraphs=self.paragraphs(places),
            reading=rule.reading,
            note=rule.note if rule.reading == "ours" else None,
            pack=rule.pack,
        )

    def defeat(self, rule: Rule, consequence: Consequence) -> Rationale:
        """Return the reason that a rule gives for setting something aside."""
        if consequence.lesson is None:
            return self.rule_rationale(rule, "What this would bring is in place already.", self.fact_places(rule))
        lesson = self.corpus.lessons[consequence.lesson]
        strength = consequence.strength or lesson.strength
        return self.rationale(Application(rule, consequence, lesson, strength, pressing=False))

    def paragraphs(self, places: Iterable[str]) -> tuple[Paragraph, ...]:
        """Return the links to qualified places, each once."""
        return tuple(paragraph(self.corpus, place) for place in dict.fromkeys(places))

    def fact_places(self, rule: Rule) -> tuple[str, ...]:
        """Return the places that make the facts matter which made a rule fire."""
        names = [because.fact for because in self.because(rule) if isinstance(because, BecauseFact)]
        return tuple(dict.fromkeys(place for name in names for place in self.corpus.facts[name].places))


def paragraph(corpus: Corpus, place: str) -> Paragraph:
    """Return the link to a qualified place."""
    source, name = place.split(":", 1)
    short = corpus.sources[source].short if len(corpus.sources) > 1 else None
    href = f"/v1/sources/{source}/paragraphs/{name}"
    return Paragraph(source=source, ref=corpus.places[place].ref, href=href, short=short)


def source_note(corpus: Corpus, name: str) -> SourceNote:
    """Return what an answer says of a source."""
    source = corpus.sources[name]
    pack = corpus.origins[f"sources:{name}"]
    return SourceNote(source=name, short=source.short, date=source.date, standing=source.standing, pack=pack)


def corpus_note(corpus: Corpus) -> CorpusNote:
    """Return what an answer says of the corpus that gave it."""
    return CorpusNote(
        version=corpus.version,
        digest=corpus.digest,
        packs=tuple(
            PackNote(
                id=pack.id,
                version=pack.version,
                title=pack.title,
                builds_on=tuple(base.pack for base in pack.builds_on),
                digest=corpus.digests[pack.id],
            )
            for pack in corpus.packs
        ),
        sources=tuple(source_note(corpus, name) for name in corpus.sources),
    )


def plain(value: Value) -> object:
    """Return a fact's value as JSON has it: a set as a list."""
    return list(value) if isinstance(value, tuple) else value
