"""Advice: what the rules that fired say, assembled into an answer.

Nothing here depends on the order of rules or facts, and nothing is kept between calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping

from advisor import precedents, situation
from advisor.answer import (
    FORMAT,
    Advice,
    FindingNote,
    Item,
    Notice,
    PrecedentNote,
    SituationNote,
)
from advisor.case import Case, corpus_note, plain
from advisor.conditions import Facts
from advisor.corpus import Corpus
from advisor.engine import engine_for
from advisor.lines import Lines
from advisor.questions import open_facts, open_topics, questions

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


def advise_json(facts: Mapping[str, object], corpus: Corpus) -> bytes:
    """Return the advice on a situation as JSON text in UTF-8: what ``advise(…).model_dump_json()`` gives.

    Raises:
        advisor.SituationError: as for ``advise``.
    """
    return advise(facts, corpus).model_dump_json().encode()


def answer_id(facts: Facts, corpus: Corpus) -> str:
    """Return the id of the answer to canonical facts: a digest of the facts, the corpus and the answer's format."""
    return identity(facts, corpus.digest)


def identity(facts: Facts, digest: str, form: str = FORMAT) -> str:
    """Return the id of the answer to canonical facts from the corpus with this digest, in a format."""
    text = "\n".join((form, digest, situation.to_json(facts)))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:40]


def assemble(case: Case) -> Advice:
    """Return the answer to a case."""
    corpus = case.corpus
    lines = Lines(case)
    recommendations, set_aside = lines.recommendations()
    open_ = open_facts(case, (item for item in recommendations if item.headline))
    red_flags, arguments = lines.red_flags(), lines.arguments()
    told = precedents.notes(case, recommendations)
    lines_told = (*red_flags, *recommendations, *arguments, *set_aside)
    # With one source there is nothing to choose.
    used = _sources_of(lines_told, told) if len(corpus.sources) > 1 else set(corpus.sources)
    return Advice(
        id=answer_id(case.facts, corpus),
        corpus=corpus_note(corpus),
        situation=SituationNote(
            facts={name: plain(value) for name, value in case.facts.items()},
            findings=tuple(_finding(case, name) for name in corpus.findings if name in case.run.findings),
        ),
        red_flags=red_flags,
        recommendations=recommendations,
        arguments=arguments,
        set_aside=set_aside,
        precedents=told,
        questions=questions(case, open_),
        questions_open=len(open_),
        complete=not open_,
        notices=_notices(case, len(recommendations), used, complete=not open_),
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


def _sources_of(items: Iterable[Item], told: Iterable[PrecedentNote]) -> set[str]:
    """Return the sources that lines and precedents cite, or beside which other sources are set."""
    lines = list(items)
    reasons = [
        *(reason for line in lines for reason in line.rationale),
        *(reason for line in lines for condition in line.conditions for reason in condition.rationale),
        *(reason for note in told for reason in note.rationale),
    ]
    places = [place for reason in reasons for place in reason.paragraphs]
    places += (place for note in told for place in note.paragraphs)
    return {place.source for place in places} | {one.source.source for reason in reasons for one in reason.beside}


def _notices(case: Case, lines: int, used: Collection[str], *, complete: bool) -> tuple[Notice, ...]:
    # The first source is said with every answer, the others where they say something in it.
    first = next(iter(case.corpus.sources), None)
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
        if source.id == first or source.id in used
    )
    if complete:
        text = "No fact that is still unknown could change this advice; there is nothing left to ask."
        notices.append(Notice(id="complete", kind="complete", title="Complete", text=text))
    elif lines < FEW_LINES:
        notices += open_topics(case)
    return tuple(notices)
