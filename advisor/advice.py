"""Advice: what the rules that fired say, assembled into an answer.

Nothing here depends on the order of rules or facts, and nothing is kept between calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Protocol

from pydantic_core import to_json

from advisor import notes, situation
from advisor.answer import FORMAT, Advice, SetAside, SituationNote
from advisor.case import Case
from advisor.citations import corpus_note
from advisor.conditions import Facts, plain
from advisor.corpus import Corpus, PerCorpus
from advisor.engine import engine_for
from advisor.grounds import Piece
from advisor.lines import Lines
from advisor.questions import open_facts, questions


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


def _case(facts: Mapping[str, object], corpus: Corpus) -> Case:
    known = situation.parse(facts, corpus.facts)
    return Case(corpus, known, engine_for(corpus).run(known))


def answer_id(facts: Facts, corpus: Corpus) -> str:
    """Return the id of the answer to canonical facts: a digest of the facts, the corpus and the answer's format."""
    return identity(facts, corpus.digest)


def identity(facts: Facts, digest: str, form: str = FORMAT) -> str:
    """Return the id of the answer to canonical facts from the corpus with this digest, in a format."""
    text = "\n".join((form, digest, situation.to_json(facts)))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:40]


class _Answer:
    """The parts of the answer to a case, from which it is made as an object or as JSON text."""

    def __init__(self, case: Case) -> None:
        corpus = case.corpus
        self.case = case
        self.id = answer_id(case.facts, corpus)
        self.lines = Lines(case)
        standing = self.lines.recommendations
        self.findings = notes.findings(case)
        self.precedents = notes.precedents(case, {line.element for line in standing if line.element})
        self.open = open_facts(case, self.lines.headlines)
        # With one source there is nothing to choose.
        used = self._sources() if len(corpus.sources) > 1 else corpus.sources.keys()
        self.notices = notes.notices(case, len(standing), used, complete=not self.open)

    def _sources(self) -> set[str]:
        """Return the sources that lines and precedents cite, or beside which other sources are set."""
        lines = self.lines
        told: tuple[_Citing, ...] = (
            *lines.red_flags,
            *lines.recommendations,
            *lines.arguments,
            *lines.set_aside,
            *self.precedents,
        )
        return {source for each in told for source in each.sources()}

    def advice(self) -> Advice:
        """Return the answer as an object."""
        case, lines = self.case, self.lines
        return Advice(
            id=self.id,
            corpus=constants(case.corpus).note,
            situation=SituationNote(
                facts={name: plain(value) for name, value in case.facts.items()},
                findings=tuple(finding.note() for finding in self.findings),
            ),
            red_flags=tuple(line.item() for line in lines.red_flags),
            recommendations=tuple(line.item() for line in lines.recommendations),
            arguments=tuple(line.item() for line in lines.arguments),
            set_aside=tuple(item for line in lines.set_aside if isinstance(item := line.item(), SetAside)),
            precedents=tuple(precedent.note() for precedent in self.precedents),
            questions=questions(case, self.open),
            questions_open=len(self.open),
            complete=not self.open,
            notices=tuple(self.notices),
        )

    def written(self) -> bytes:
        """Return the answer as JSON text."""
        case, lines = self.case, self.lines
        pieces: list[Piece] = [b'{"id":"', self.id.encode(), constants(case.corpus).written]
        pieces += b',"situation":{"facts":', to_json(dict(case.facts)), b',"findings":['
        _list(pieces, self.findings)
        pieces.append(b']},"red_flags":[')
        _list(pieces, lines.red_flags)
        pieces.append(b'],"recommendations":[')
        _list(pieces, lines.recommendations)
        pieces.append(b'],"arguments":[')
        _list(pieces, lines.arguments)
        pieces.append(b'],"set_aside":[')
        _list(pieces, lines.set_aside)
        pieces.append(b'],"precedents":[')
        _list(pieces, self.precedents)
        asked = b",".join(question.model_dump_json().encode() for question in questions(case, self.open))
        complete = b"false" if self.open else b"true"
        told = b",".join(notice.model_dump_json().encode() for notice in self.notices)
        pieces += b'],"questions":[', asked, b'],"questions_open":', str(len(self.open)).encode()
        pieces += b',"complete":', complete, b',"notices":[', told, b"]}"
        numbers = {name: to_json(value) for name, value in case.facts.items() if isinstance(value, int | float)}
        return b"".join([numbers[piece] if isinstance(piece, str) else piece for piece in pieces])


class _Citing(Protocol):
    def sources(self) -> Iterable[str]: ...


class _Written(Protocol):
    def written(self) -> Iterable[Piece]: ...


def _list(pieces: list[Piece], parts: Iterable[_Written]) -> None:
    for number, part in enumerate(parts):
        if number:
            pieces.append(b",")
        pieces += part.written()


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
    return _Answer(case).advice()


def write(case: Case) -> bytes:
    """Return the answer to a case as JSON text in UTF-8."""
    return _Answer(case).written()
