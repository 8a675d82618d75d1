"""Advice: what the rules that fired say, assembled into an answer.

Nothing here depends on the order of rules or facts, and nothing is kept between calls.

How lines are ranked (the lower comes first, compared from left to right):

1. life-saving elements and lines that a duty of law calls for;
2. lines for the phases that the officer named, before those for other phases;
3. the weight of the lessons behind the line: 3 before 2 before 1;
4. pressing lines, which further facts make more urgent;
5. strength: must, then should and avoid, then consider;
6. lines with no hedge, then those hedged by "usually", then by "sometimes";
7. lines on which more of the known facts bear;
8. the order of Part III.

The first fifteen lines of weight 2 or more are headlines. So that no heading crowds out the others, at most four of
them come from one heading (life-saving lines and duties of law aside); so that none says what another said, no lesson
leads two of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from advisor import situation
from advisor.answer import (
    FORMAT,
    Advice,
    AnswerValue,
    Because,
    BecauseElement,
    BecauseFact,
    BecauseFinding,
    CorpusNote,
    FindingNote,
    Item,
    ItemKind,
    Notice,
    PackNote,
    Paragraph,
    PrecedentNote,
    Question,
    Rationale,
    SetAside,
    SituationNote,
)
from advisor.conditions import Facts, FactTest, FindingIs, Truth, Value, evaluate, support, undecided
from advisor.corpus import Corpus
from advisor.engine import Run, engine_for
from advisor.model import Consequence, Fact, Lesson, Strength
from advisor.rule import Rule

MAX_HEADLINES = 15
MAX_PER_GROUP = 4
MAX_QUESTIONS = 12
FEW_LINES = 8
"""With fewer recommendations than this, an answer says which rules are open and why."""

_STRENGTH_ORDER: Mapping[Strength, int] = {"must": 0, "should": 1, "avoid": 1, "consider": 2}
_HEDGE_ORDER = {"none": 0, "usually": 1, "sometimes": 2}


def advise(facts: Mapping[str, object], corpus: Corpus) -> Advice:
    """Return the advice on a situation.

    Args:
        facts: what is known: fact names to values; a missing or None fact is unknown, an empty list means none.
        corpus: what to advise from.

    Raises:
        advisor.SituationError: a fact is not in the vocabulary or its value is not allowed; with every problem.
    """
    known = situation.parse(facts, corpus.facts)
    return _Assembly(corpus, known, engine_for(corpus).run(known)).advice()


def answer_id(facts: Facts, corpus: Corpus) -> str:
    """Return the id of the answer to canonical facts: a digest of the facts, the corpus and the answer's format."""
    text = "\n".join((FORMAT, corpus.digest, situation.to_json(facts)))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class _Application:
    """A lesson applied by a rule that fired."""

    rule: Rule
    consequence: Consequence
    lesson: Lesson
    strength: Strength
    pressing: bool

    @property
    def rank(self) -> tuple[object, ...]:
        return (
            _STRENGTH_ORDER[self.strength],
            _HEDGE_ORDER[self.lesson.hedge],
            -self.lesson.weight,
            self.lesson.id,
            self.rule.id,
        )


@dataclass
class _Line:
    """Applications that make one item, with what set some of them aside."""

    standing: list[_Application] = field(default_factory=list)
    defeated: list[_Application] = field(default_factory=list)
    defeated_by: dict[str, Rationale] = field(default_factory=dict)


class _Assembly:
    """One answer in the making."""

    def __init__(self, corpus: Corpus, facts: Facts, run: Run) -> None:
        self.corpus = corpus
        self.facts = facts
        self.run = run
        self.fired = [corpus.rules[name] for name in sorted(run.fired)]
        # experta says what is derived; what is not may still be open.
        self.truths: dict[str, Truth] = {**corpus.truths(facts), **dict.fromkeys(run.findings, True)}

    # --- the parts ----------------------------------------------------------------------------------------------------

    def advice(self) -> Advice:
        recommendations, set_aside = self._recommendations()
        return Advice(
            id=answer_id(self.facts, self.corpus),
            corpus=CorpusNote(
                version=self.corpus.version,
                digest=self.corpus.digest,
                packs=tuple(PackNote(id=pack.id, version=pack.version, title=pack.title) for pack in self.corpus.packs),
            ),
            situation=SituationNote(
                facts={name: _plain(value) for name, value in self.facts.items()},
                findings=tuple(self._finding(name) for name in self.corpus.findings if name in self.run.findings),
            ),
            red_flags=self._red_flags(),
            recommendations=recommendations,
            arguments=self._arguments(),
            set_aside=set_aside,
            precedents=self._precedents(recommendations),
            questions=self._questions(),
            notices=self._notices(len(recommendations)),
        )

    @cached_property
    def applications(self) -> list[_Application]:
        """All lessons applied by the rules that fired."""
        found = []
        for rule in self.fired:
            for consequence in rule.then:
                if consequence.lesson is not None:
                    lesson = self.corpus.lessons[consequence.lesson]
                    strength = consequence.strength or lesson.strength
                    pressing = rule.id in self.run.pressing
                    found.append(_Application(rule, consequence, lesson, strength, pressing))
        return found

    @cached_property
    def open_rules(self) -> list[Rule]:
        """The rules that may still fire once more is known."""
        return [
            rule
            for rule in self.corpus.rules.values()
            if rule.id not in self.run.fired and evaluate(rule.when, self.facts, self.truths) is None
        ]

    def _recommendations(self) -> tuple[tuple[Item, ...], tuple[SetAside, ...]]:
        lines: dict[tuple[str, str], _Line] = {}
        for application in self.applications:
            consequence = application.consequence
            for element in consequence.recommends or ():
                lines.setdefault(("recommendation", element), _Line()).standing.append(application)
            if consequence.cautions is not None:
                lines.setdefault(("caution", self._canonical(application.lesson)), _Line()).standing.append(application)
        self._apply_defeats(lines)
        items: list[Item] = []
        aside: list[SetAside] = []
        for (kind, name), line in lines.items():
            make = self._recommendation if kind == "recommendation" else self._caution
            if line.standing:
                items.append(make(name, line.standing))
            if line.defeated:
                defeats = tuple(rationale for _, rationale in sorted(line.defeated_by.items()))
                item = make(name, line.defeated).model_copy(update={"provisional": ()})
                aside.append(SetAside(**_fields(item), defeated_by=defeats))
        aside.sort(key=self._rank)
        return self._with_headlines(items), tuple(aside)

    def _apply_defeats(self, lines: Mapping[tuple[str, str], _Line]) -> None:
        for rule in self.fired:
            for consequence in rule.then:
                targets = {*consequence.defeats, *(consequence.already_met or ())}
                if not targets:
                    continue
                canonical = {self._canonical(self.corpus.lessons[name]) for name in targets & set(self.corpus.lessons)}
                for (kind, name), line in lines.items():
                    whole = kind == "recommendation" and name in targets
                    defeated = [
                        application
                        for application in (*line.standing, *line.defeated)
                        if whole or self._canonical(application.lesson) in canonical
                    ]
                    if not defeated:
                        continue
                    line.standing = [application for application in line.standing if application not in defeated]
                    line.defeated += [application for application in defeated if application not in line.defeated]
                    line.defeated_by[f"{rule.id}/{consequence.lesson or ''}"] = self._defeat(rule, consequence)

    def _defeat(self, rule: Rule, consequence: Consequence) -> Rationale:
        if consequence.lesson is None:
            return self._rule_rationale(rule, f"In place already: {rule.title}", self._fact_places(rule))
        lesson = self.corpus.lessons[consequence.lesson]
        strength = consequence.strength or lesson.strength
        return self._rationale(_Application(rule, consequence, lesson, strength, pressing=False))

    def _recommendation(self, name: str, applications: list[_Application]) -> Item:
        element = self.corpus.elements[name]
        ranked = self._ranked(applications)
        return Item(
            id=name,
            kind="recommendation",
            title=element.title,
            headline=False,
            group=element.group,
            element=name,
            phases=element.phases,
            conditions=self._conditions(name),
            provisional=self._provisional(name, applications),
            text=_joined(application.lesson.text for application in ranked[:3]),
            **self._common(applications, ranked),
        )

    def _caution(self, name: str, applications: list[_Application]) -> Item:
        lesson = self.corpus.lessons[name]
        ranked = self._ranked(applications)
        bears_on = self._bearing(application.consequence.cautions or () for application in applications)
        return Item(
            id=name,
            kind="caution",
            title=lesson.title,
            headline=False,
            group=self._group(bears_on),
            bears_on=bears_on,
            provisional=self._provisional(None, applications),
            text=_joined(application.lesson.text for application in ranked),
            **self._common(applications, ranked),
        )

    def _red_flags(self) -> tuple[Item, ...]:
        flags: list[Item] = []
        for rule in self.fired:
            found = [
                application
                for application in self.applications
                if application.rule is rule and application.consequence.flags is not None
            ]
            if found:
                flags.append(self._spoken("red_flag", rule.id, rule.title, found, "flags"))
            flags += (self._contradiction(rule, said) for then in rule.then if (said := then.contradiction) is not None)
        return tuple(sorted(flags, key=lambda flag: (flag.kind == "contradiction", *self._rank(flag))))

    def _arguments(self) -> tuple[Item, ...]:
        by_lesson: dict[str, list[_Application]] = {}
        for application in self.applications:
            if application.consequence.argues is not None:
                by_lesson.setdefault(self._canonical(application.lesson), []).append(application)
        items = [
            self._spoken("argument", name, self.corpus.lessons[name].title, found, "argues")
            for name, found in by_lesson.items()
        ]
        return tuple(sorted(items, key=self._rank))

    def _spoken(self, kind: ItemKind, name: str, title: str, applications: list[_Application], verb: str) -> Item:
        ranked = self._ranked(applications)
        bears_on = self._bearing(getattr(application.consequence, verb) for application in applications)
        return Item(
            id=name,
            kind=kind,
            title=title,
            text=_joined(application.lesson.text for application in ranked),
            headline=kind == "red_flag",
            group=self._group(bears_on),
            bears_on=bears_on,
            **self._common(applications, ranked),
        )

    def _contradiction(self, rule: Rule, text: str) -> Item:
        return Item(
            id=rule.id,
            kind="contradiction",
            title=rule.title,
            text=text,
            strength="should",
            hedge="none",
            basis=None,
            headline=True,
            group=next(iter(self.corpus.element_groups), ""),
            lessons=(),
            rationale=(self._rule_rationale(rule, text, self._fact_places(rule)),),
        )

    def _conditions(self, element: str) -> tuple[Item, ...]:
        attached = {self._canonical(lesson): lesson for lesson in reversed(self.corpus.attached[element])}
        items = []
        for lesson in attached.values():
            rationale = Rationale(
                rule=None,
                lesson=lesson.id,
                text=lesson.text,
                strength=lesson.strength,
                hedge=lesson.hedge,
                basis=lesson.basis,
                because=(BecauseElement(element=element),),
                paragraphs=self._paragraphs([lesson.place]),
                reading="source",
                remark=lesson.remark,
                pack=self.corpus.origins[f"lessons:{lesson.id}"],
            )
            items.append(
                Item(
                    id=lesson.id,
                    kind="condition",
                    title=lesson.title,
                    text=lesson.text,
                    strength=lesson.strength,
                    hedge=lesson.hedge,
                    basis=lesson.basis,
                    headline=False,
                    group=self.corpus.elements[element].group,
                    element=element,
                    lessons=(lesson.id,),
                    rationale=(rationale,),
                )
            )
        return tuple(sorted(items, key=self._rank))

    def _precedents(self, recommendations: Iterable[Item]) -> tuple[PrecedentNote, ...]:
        recommended = {item.element for item in recommendations if item.element}
        types = self.facts.get("situation_types")
        kinds = set(types) if isinstance(types, tuple) else set()
        kinds |= {
            finding.situation_type
            for name in self.run.findings
            if (finding := self.corpus.findings[name]).situation_type is not None
        }
        notes: list[tuple[tuple[object, ...], PrecedentNote]] = []
        for name, precedent in self.corpus.precedents.items():
            found = [
                application
                for application in self.applications
                if name in application.consequence.cites or application.lesson.id in precedent.lessons
            ]
            if not found:
                continue
            ranked = self._ranked(found)
            note = PrecedentNote(
                precedent=name,
                title=precedent.title,
                years=precedent.years,
                summary=precedent.summary,
                lessons=tuple(dict.fromkeys(application.lesson.id for application in ranked)),
                elements_recommended_here=tuple(one for one in precedent.elements_present if one in recommended),
                elements_not_recommended_here=tuple(
                    one for one in precedent.elements_present if one not in recommended
                ),
                paragraphs=self._paragraphs(precedent.places),
                remarks=precedent.remarks,
                rationale=tuple(self._rationale(application) for application in ranked),
            )
            shared = kinds & set(precedent.kinds)
            # By kinds of situation in common, then by the lessons that point to it.
            notes.append(((-len(shared), -len(note.lessons), name), note))
        return tuple(note for _, note in sorted(notes, key=lambda pair: pair[0]))

    def _questions(self) -> tuple[Question, ...]:
        waiting: dict[str, int] = {}
        decides: dict[str, int] = {}
        weights: dict[str, int] = {}
        for rule in self.open_rules:
            weight = max((self.corpus.lessons[name].weight for name in rule.lessons), default=1)
            decisive = any(then.flags is not None or then.defeats or then.already_met for then in rule.then)
            for name in self._deciding(rule):
                waiting[name] = waiting.get(name, 0) + 1
                decides[name] = decides.get(name, 0) + decisive
                weights[name] = weights.get(name, 0) + weight * (2 if decisive else 1)
        order = {name: index for index, name in enumerate(self.corpus.facts)}
        asked = [name for name in waiting if self._worth_asking(name)]
        asked.sort(key=lambda name: (-weights[name], order[name]))
        return tuple(
            self._question(self.corpus.facts[name], waiting[name], decides[name]) for name in asked[:MAX_QUESTIONS]
        )

    def _worth_asking(self, name: str) -> bool:
        ask = self.corpus.asks.get(name)
        return ask is None or evaluate(ask, self.facts, {}) is True

    def _question(self, fact: Fact, waiting: int, decides: int) -> Question:
        values = tuple(AnswerValue(value=value.value, label=value.label) for value in fact.values)
        if fact.type == "boolean":
            values = tuple(AnswerValue(value=value, label=fact.label_of(value)) for value in (True, False))
        return Question(
            fact=fact.name,
            group=fact.group,
            question=fact.question,
            help=fact.help,
            type=fact.type,
            values=values,
            waiting=waiting,
            decides=decides,
            paragraphs=self._paragraphs(fact.places),
        )

    def _notices(self, lines: int) -> tuple[Notice, ...]:
        notices = [
            Notice(
                id=lesson.id,
                kind="standing",
                title=lesson.title,
                text=lesson.text,
                lessons=(lesson.id,),
                paragraphs=self._paragraphs([lesson.place]),
            )
            for lesson in self.corpus.lessons.values()
            if lesson.notice
        ]
        notices += (
            Notice(
                id=f"source-{source.id}",
                kind="standing",
                title=f"Source: {source.short}",
                text=f"{source.standing} This advice is about situations; it says nothing on any individual's case.",
            )
            for source in self.corpus.sources.values()
        )
        if lines < FEW_LINES:
            notices += self._open_topics()
        return tuple(notices)

    def _open_topics(self) -> Iterator[Notice]:
        by_topic: dict[str, list[Rule]] = {}
        for rule in self.open_rules:
            if rule.lessons:
                by_topic.setdefault(rule.topic, []).append(rule)
        order = {name: index for index, name in enumerate(self.corpus.facts)}
        for topic in self.corpus.topics.values():
            rules = by_topic.get(topic.id, [])
            counts: dict[str, int] = {}
            for rule in rules:
                for name in self._deciding(rule):
                    counts[name] = counts.get(name, 0) + 1
            facts = sorted(counts, key=lambda name: (-counts[name], order[name]))[:5]
            if rules:
                count = f"{len(rules)} rules" if len(rules) > 1 else "1 rule"
                labels = ", ".join(self.corpus.facts[name].label.lower() for name in facts)
                yield Notice(
                    id=f"open-{topic.id}",
                    kind="open",
                    title=f"Open: {topic.title}",
                    text=f"{count} on this could not be decided. Most wanted: {labels}.",
                    facts=tuple(facts),
                )

    def _finding(self, name: str) -> FindingNote:
        finding = self.corpus.findings[name]
        rules = [rule for rule in self.corpus.deriving[name] if rule.id in self.run.fired]
        return FindingNote(
            finding=name,
            title=finding.title,
            text=finding.text,
            rationale=tuple(self._rule_rationale(rule, rule.title, finding.places) for rule in rules),
        )

    # --- what they are made of ----------------------------------------------------------------------------------------

    def _common(self, applications: list[_Application], ranked: list[_Application]) -> dict[str, object]:
        """Return what every item made of applied lessons has: the strongest lesson speaks for the line."""
        first = ranked[0]
        lessons = dict.fromkeys(application.lesson.id for application in sorted(applications, key=lambda a: a.rank))
        return {
            "strength": first.strength,
            "hedge": first.lesson.hedge,
            "basis": first.lesson.basis,
            "pressing": any(application.pressing for application in applications),
            "lessons": tuple(lessons),
            "rationale": self._merged(applications),
        }

    def _ranked(self, applications: Iterable[_Application]) -> list[_Application]:
        """Return the applications, strongest first, with lessons that say the same only once."""
        found: dict[str, _Application] = {}
        for application in sorted(applications, key=lambda one: one.rank):
            found.setdefault(self._canonical(application.lesson), application)
        return list(found.values())

    def _merged(self, applications: Iterable[_Application]) -> tuple[Rationale, ...]:
        """Return one rationale for each rule and lesson; lessons that say the same share theirs."""
        found: dict[tuple[str, str], Rationale] = {}
        for application in sorted(applications, key=lambda one: one.rank):
            key = (application.rule.id, self._canonical(application.lesson))
            rationale = self._rationale(application)
            if key in found:
                paragraphs = tuple(dict.fromkeys((*found[key].paragraphs, *rationale.paragraphs)))
                found[key] = found[key].model_copy(update={"paragraphs": paragraphs})
            else:
                found[key] = rationale
        return tuple(found.values())

    def _rationale(self, application: _Application) -> Rationale:
        rule, lesson = application.rule, application.lesson
        return Rationale(
            rule=rule.id,
            lesson=lesson.id,
            text=lesson.text,
            strength=application.strength,
            hedge=lesson.hedge,
            basis=lesson.basis,
            because=self._because(rule),
            paragraphs=self._paragraphs([lesson.place]),
            reading=rule.reading,
            note=rule.note if rule.reading == "ours" else None,
            remark=lesson.remark,
            pack=rule.pack,
        )

    def _rule_rationale(self, rule: Rule, text: str, places: Iterable[str]) -> Rationale:
        return Rationale(
            rule=rule.id,
            lesson=None,
            text=text,
            because=self._because(rule),
            paragraphs=self._paragraphs(places),
            reading=rule.reading,
            note=rule.note if rule.reading == "ours" else None,
            pack=rule.pack,
        )

    def _because(self, rule: Rule) -> tuple[Because, ...]:
        found: dict[str, Because] = {}
        conditions = [rule.when, rule.pressing_when] if rule.id in self.run.pressing else [rule.when]
        for condition in conditions:
            for leaf in support(condition, self.facts, self.truths) if condition else ():
                match leaf:
                    case FactTest():
                        value = _plain(self.facts[leaf.fact])
                        matched = _plain(leaf.matched(self.facts[leaf.fact]))
                        test = str(leaf)
                        found[test] = BecauseFact(fact=leaf.fact, value=value, matched=matched, test=test)
                    case FindingIs():
                        found[f"finding {leaf.finding}"] = BecauseFinding(finding=leaf.finding)
        return tuple(found.values())

    def _deciding(self, rule: Rule) -> tuple[str, ...]:
        """Return the unknown facts that could decide an open rule, also through the findings it waits for."""
        facts: dict[str, None] = {}
        seen: set[str] = set()
        pending = [rule]
        while pending:
            for leaf in undecided(pending.pop().when, self.facts, self.truths):
                match leaf:
                    case FactTest():
                        facts[leaf.fact] = None
                    case FindingIs() if leaf.finding not in seen:
                        seen.add(leaf.finding)
                        pending += (
                            other
                            for other in self.corpus.deriving[leaf.finding]
                            if evaluate(other.when, self.facts, self.truths) is None
                        )
        return tuple(name for name in self.corpus.facts if name in facts)

    @cached_property
    def _open_defeats(self) -> list[tuple[set[str], tuple[str, ...]]]:
        """For each open rule that could set something aside: its targets, and the facts that would decide it."""
        found = []
        for rule in self.open_rules:
            targets = {name for then in rule.then for name in (*then.defeats, *(then.already_met or ()))}
            if targets:
                found.append((targets, self._deciding(rule)))
        return found

    def _provisional(self, element: str | None, applications: Iterable[_Application]) -> tuple[str, ...]:
        names = {application.lesson.id for application in applications}
        names |= {self._canonical(application.lesson) for application in applications}
        if element:
            names.add(element)
        facts = {fact for targets, deciding in self._open_defeats if targets & names for fact in deciding}
        return tuple(name for name in self.corpus.facts if name in facts)

    def _canonical(self, lesson: Lesson) -> str:
        return lesson.same_as or lesson.id

    def _bearing(self, lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
        named = {element for elements in lists for element in elements}
        return tuple(element for element in self.corpus.elements if element in named)

    def _group(self, elements: tuple[str, ...]) -> str:
        if elements:
            return self.corpus.elements[elements[0]].group
        return next(iter(self.corpus.element_groups), "")

    def _paragraphs(self, places: Iterable[str]) -> tuple[Paragraph, ...]:
        return tuple(paragraph(self.corpus, place) for place in dict.fromkeys(places))

    def _fact_places(self, rule: Rule) -> tuple[str, ...]:
        names = [because.fact for because in self._because(rule) if isinstance(because, BecauseFact)]
        return tuple(dict.fromkeys(place for name in names for place in self.corpus.facts[name].places))

    # --- ranking ------------------------------------------------------------------------------------------------------

    def _rank(self, item: Item) -> tuple[object, ...]:
        element = self.corpus.elements.get(item.element or "")
        duty = item.basis == "legal_duty" and item.strength in ("must", "avoid")
        first = duty or (element is not None and element.life_saving)
        scope = self.facts.get("phases_in_scope")
        outside = bool(isinstance(scope, tuple) and scope and item.phases and not set(scope) & set(item.phases))
        weights = [self.corpus.lessons[name].weight for name in item.lessons]
        bearing = {json.dumps(because.model_dump()) for reason in item.rationale for because in reason.because}
        return (
            not first,
            outside,
            -max(weights, default=1),
            not item.pressing,
            _STRENGTH_ORDER[item.strength],
            _HEDGE_ORDER[item.hedge],
            -len(bearing),
            *self._outline_order(item),
        )

    def _outline_order(self, item: Item) -> tuple[object, ...]:
        elements = list(self.corpus.elements)
        groups = list(self.corpus.element_groups)
        group = groups.index(item.group) if item.group in groups else len(groups)
        element = elements.index(item.element) if item.element else len(elements)
        return (group, element, item.id)

    def _with_headlines(self, items: list[Item]) -> tuple[Item, ...]:
        ranked = sorted(items, key=self._rank)
        per_group: dict[str, int] = {}
        leading: set[str] = set()
        headlines: list[Item] = []
        rest: list[Item] = []
        for item in ranked:
            other, outside, weight = self._rank(item)[:3]
            lead = self._canonical(self.corpus.lessons[item.lessons[0]])
            crowded = bool(other) and per_group.get(item.group, 0) >= MAX_PER_GROUP
            minor = outside or (isinstance(weight, int) and weight > -2)
            if len(headlines) >= MAX_HEADLINES or crowded or minor or lead in leading:
                rest.append(item)
            else:
                leading.add(lead)
                per_group[item.group] = per_group.get(item.group, 0) + 1
                headlines.append(item.model_copy(update={"headline": True}))
        rest.sort(key=lambda item: (self._outline_order(item)[0], self._rank(item)))
        return (*headlines, *rest)


def paragraph(corpus: Corpus, place: str) -> Paragraph:
    """Return the link to a qualified place."""
    source, name = place.split(":", 1)
    return Paragraph(source=source, ref=corpus.places[place].ref, href=f"/v1/sources/{source}/paragraphs/{name}")


def _plain(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value


def _joined(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(texts))


def _fields(item: Item) -> dict[str, object]:
    return {name: getattr(item, name) for name in Item.model_fields}
