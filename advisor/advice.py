"""Advice: what the rules that fired say, assembled into an answer.

Nothing here depends on the order of rules or facts, and nothing is kept between calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from advisor import situation
from advisor.answer import (
    FORMAT,
    Advice,
    CorpusNote,
    FindingNote,
    Item,
    Notice,
    PackNote,
    PrecedentNote,
    SituationNote,
)
from advisor.case import Application, Case, plain
from advisor.conditions import Facts
from advisor.corpus import Corpus
from advisor.engine import engine_for
from advisor.lines import Lines
from advisor.questions import open_topics, questions

FEW_LINES = 8
"""With fewer recommendations than this, an answer says which rules are open and why."""


def advise(facts: Mapping[str, object], corpus: Corpus) -> Advice:
    """Return the advice on a situation.

    Args:
        facts: what is known: fact names to values; a missing or None fact is unknown, an empty list means none.
        corpus: what to advise from.

    Raises:
        advisor.SituationError: a fact is not in the vocabulary or its value is not allowed; with every problem.
    """
    known = situation.parse(facts, corpus.facts)
    return assemble(Case(corpus, known, engine_for(corpus).run(known)))


def answer_id(facts: Facts, corpus: Corpus) -> str:
    """Return the id of the answer to canonical facts: a digest of the facts, the corpus and the answer's format."""
    text = "\n".join((FORMAT, corpus.digest, situation.to_json(facts)))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def assemble(case: Case) -> Advice:
    """Return the answer to a case."""
    corpus = case.corpus
    lines = Lines(case)
    recommendations, set_aside = lines.recommendations()
    return Advice(
        id=answer_id(case.facts, corpus),
        corpus=CorpusNote(
            version=corpus.version,
            digest=corpus.digest,
            packs=tuple(PackNote(id=pack.id, version=pack.version, title=pack.title) for pack in corpus.packs),
        ),
        situation=SituationNote(
            facts={name: plain(value) for name, value in case.facts.items()},
            findings=tuple(_finding(case, name) for name in corpus.findings if name in case.run.findings),
        ),
        red_flags=lines.red_flags(),
        recommendations=recommendations,
        arguments=lines.arguments(),
        set_aside=set_aside,
        precedents=_precedents(case, recommendations),
        questions=questions(case, [item for item in recommendations if item.headline]),
        notices=_notices(case, len(recommendations)),
    )


def _finding(case: Case, name: str) -> FindingNote:
    finding = case.corpus.findings[name]
    rules = [rule for rule in case.corpus.deriving[name] if rule.id in case.run.fired]
    return FindingNote(
        finding=name,
        title=finding.title,
        text=finding.text,
        rationale=tuple(case.rule_rationale(rule, rule.title, finding.places) for rule in rules),
    )


def _precedents(case: Case, recommendations: Iterable[Item]) -> tuple[PrecedentNote, ...]:
    recommended = {item.element for item in recommendations if item.element}
    types = case.facts.get("situation_types")
    kinds = set(types) if isinstance(types, tuple) else set()
    kinds |= {
        finding.situation_type
        for name in case.run.findings
        if (finding := case.corpus.findings[name]).situation_type is not None
    }
    notes: list[tuple[tuple[object, ...], PrecedentNote]] = []
    for name, precedent in case.corpus.precedents.items():
        found = [
            application
            for application in case.applications
            if name in application.consequence.cites or application.lesson.id in precedent.lessons
        ]
        if not found:
            continue
        ranked = _strongest_first(found)
        note = PrecedentNote(
            precedent=name,
            title=precedent.title,
            years=precedent.years,
            summary=precedent.summary,
            lessons=tuple(dict.fromkeys(application.lesson.id for application in ranked)),
            elements_recommended_here=tuple(one for one in precedent.elements_present if one in recommended),
            elements_not_recommended_here=tuple(one for one in precedent.elements_present if one not in recommended),
            paragraphs=case.paragraphs(precedent.places),
            remarks=precedent.remarks,
            rationale=tuple(case.rationale(application) for application in ranked),
        )
        shared = kinds & set(precedent.kinds)
        # By kinds of situation in common, then by the lessons that point to it.
        notes.append(((-len(shared), -len(note.lessons), name), note))
    return tuple(note for _, note in sorted(notes, key=lambda pair: pair[0]))


def _notices(case: Case, lines: int) -> tuple[Notice, ...]:
    notices = [
        Notice(
            id=lesson.id,
            kind="standing",
            title=lesson.title,
            text=lesson.text,
            lessons=(lesson.id,),
            paragraphs=case.paragraphs([lesson.place]),
        )
        for lesson in case.corpus.lessons.values()
        if lesson.notice
    ]
    notices += (
        Notice(
            id=f"source-{source.id}",
            kind="standing",
            title=f"Source: {source.short}",
            text=f"{source.standing} This advice is about situations; it says nothing on any individual's case.",
        )
        for source in case.corpus.sources.values()
    )
    if lines < FEW_LINES:
        notices += open_topics(case)
    return tuple(notices)


def _strongest_first(applications: Iterable[Application]) -> list[Application]:
    return sorted(applications, key=lambda application: application.rank)
