"""Advice: what the rules that fired say, assembled into an answer.

Nothing here depends on the order of rules or facts, and nothing is kept between calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import reduce
from operator import or_

from advisor import notes, situation
from advisor.answer import FORMAT, Advice, SetAside, SituationNote
from advisor.brief import Brief
from advisor.case import Case
from advisor.citations import corpus_note
from advisor.conditions import Facts, plain
from advisor.corpus import Corpus, PerCorpus
from advisor.engine import engine_for
from advisor.lines import Lines
from advisor.model import Strength
from advisor.questions import MAX_QUESTIONS, open_facts, questions, questions_json
from advisor.shapes import to_json


def advise(facts: Mapping[str, object], corpus: Corpus) -> Advice:
    """Return the advice on a situation.

    Args:
        facts: what is known: fact names to values; a missing or None fact is unknown, an empty list means none.
        corpus: what to advise from.

    Raises:
        advisor.SituationError: a fact is not in the vocabulary or its value is not allowed; with every problem.
    """
    return assemble(_case(facts, corpus))


def advise_json(facts: Mapping[str, object], corpus: Corpus) -> bytes:
    """Return the advice on a situation as JSON text in UTF-8: what ``advise(…).model_dump_json()`` gives.

    Raises:
        advisor.SituationError: as for ``advise``.
    """
    return write(_case(facts, corpus))


def answer_to(facts: Mapping[str, object], corpus: Corpus) -> Answer:
    """Return the answer to a situation, to be had in any of its forms.

    Raises:
        advisor.SituationError: as for ``advise``.
    """
    return Answer(_case(facts, corpus))


def _case(facts: Mapping[str, object], corpus: Corpus) -> Case:
    known = corpus.reader.read(facts)
    return Case(corpus, known, engine_for(corpus).run(known))


def answer_id(facts: Facts, corpus: Corpus) -> str:
    """Return the id of the answer to canonical facts: a digest of the facts, the corpus and the answer's format."""
    return identity(facts, corpus.digest)


def identity(facts: Facts, digest: str, form: str = FORMAT) -> str:
    """Return the id of the answer to canonical facts from the corpus with this digest, in a format."""
    text = "\n".join((form, digest, situation.to_json(facts)))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:40]


class Answer:
    """The parts of the answer to a case, from which it is made as an object or as JSON text."""

    def __init__(self, case: Case) -> None:
        corpus = case.corpus
        self.case = case
        self.id = answer_id(case.facts, corpus)
        self.lines = Lines(case)
        standing = self.lines.recommendations
        self.recommended = reduce(or_, [line.frame.bit for line in standing], 0)
        """The elements that are recommended, as a set of bits."""
        self.findings = notes.findings(case)
        self.precedents = notes.precedents(case)
        self.open = open_facts(case, self.lines.headlines)
        # With one source there is nothing to choose.
        used = self._sources() if len(corpus.sources) > 1 else corpus.sources.keys()
        self.notices = notes.notices(case, len(standing), used, complete=not self.open)

    def _sources(self) -> set[str]:
        """Return the sources that lines and precedents cite, or beside which other sources are set."""
        lines = self.lines
        told = (*lines.red_flags, *lines.recommendations, *lines.arguments, *lines.set_aside)
        return set().union(*(line.frame.sources for line in told), *(told.frame.sources for told in self.precedents))

    def brief(self) -> Brief:
        """Return the brief form of the answer."""
        lines = self.lines
        of: dict[Strength, list[str]] = {"must": [], "should": [], "consider": [], "avoid": []}
        for line in lines.recommendations:
            of[line.frame.item.strength].append(line.id)
        return Brief.model_construct(
            answer=self.id,
            complete=not self.open,
            questions_open=len(self.open),
            findings=tuple(told.frame.name for told in self.findings),
            red_flags=tuple(line.id for line in lines.red_flags),
            headlines=tuple(line.id for line in lines.headlines),
            must=tuple(of["must"]),
            should=tuple(of["should"]),
            consider=tuple(of["consider"]),
            avoid=tuple(of["avoid"]),
            arguments=tuple(line.id for line in lines.arguments),
            set_aside=tuple(line.id for line in lines.set_aside),
            provisional=tuple(line.id for line in lines.recommendations if line.provisional),
            precedents=tuple(told.frame.name for told in self.precedents),
            questions=tuple(fact.name for fact in self.open[: min(MAX_QUESTIONS, self.open.to_ask)]),
        )

    def advice(self) -> Advice:
        """Return the answer as an object."""
        case, lines = self.case, self.lines
        return Advice(
            id=self.id,
            corpus=constants(case.corpus).note,
            situation=SituationNote(
                facts={name: plain(value) for name, value in case.facts.items()},
                findings=tuple(told.frame.note(case) for told in self.findings),
            ),
            red_flags=tuple(line.item() for line in lines.red_flags),
            recommendations=tuple(line.item() for line in lines.recommendations),
            arguments=tuple(line.item() for line in lines.arguments),
            set_aside=tuple(item for line in lines.set_aside if isinstance(item := line.item(), SetAside)),
            precedents=tuple(told.frame.note(case, self.recommended) for told in self.precedents),
            questions=questions(case, self.open),
            questions_open=len(self.open),
            complete=not self.open,
            notices=tuple(self.notices),
        )

    def written(self) -> bytes:
        """Return the answer as JSON text."""
        case, lines, recommended = self.case, self.lines, self.recommended
        into: list[bytes] = []
        into += b'{"id":"', self.id.encode(), constants(case.corpus).written, b',"situation":{"facts":'
        into += to_json(dict(case.facts)), b',"findings":['
        for number, finding in enumerate(self.findings):
            if number:
                into.append(b",")
            finding.write(case, recommended, into)
        into.append(b"]}")
        listed = {
            b',"red_flags":[': lines.red_flags,
            b',"recommendations":[': lines.recommendations,
            b',"arguments":[': lines.arguments,
            b',"set_aside":[': lines.set_aside,
        }
        for key, told in listed.items():
            into.append(key)
            for number, line in enumerate(told):
                if number:
                    into.append(b",")
                line.write(into)
            into.append(b"]")
        into.append(b',"precedents":[')
        for number, precedent in enumerate(self.precedents):
            if number:
                into.append(b",")
            precedent.write(case, recommended, into)
        asked = b",".join(questions_json(case, self.open))
        complete = b"false" if self.open else b"true"
        told_of = b",".join(map(notes.notice_json, self.notices))
        into += b'],"questions":[', asked, b'],"questions_open":', str(len(self.open)).encode()
        into += b',"complete":', complete, b',"notices":[', told_of, b"]}"
        return b"".join(into)


class Constants:
    """What is the same in every answer from a corpus.

    Attributes:
        note: what an answer says of the corpus.
        written: the JSON text of this and of what stands between it and the answer's id.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.note = corpus_note(corpus)
        self.written = f'","format":"{FORMAT}","corpus":{self.note.model_dump_json()}'.encode()


constants: PerCorpus[Constants] = PerCorpus(Constants)


def assemble(case: Case) -> Advice:
    """Return the answer to a case."""
    return Answer(case).advice()


def write(case: Case) -> bytes:
    """Return the answer to a case as JSON text in UTF-8."""
    return Answer(case).written()
