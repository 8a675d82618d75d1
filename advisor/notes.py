"""Notes: what an answer says beside its lines: of findings, of precedents, and of what is true of every answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from advisor.answer import FindingNote, Notice, PrecedentNote
from advisor.applications import applications_of
from advisor.case import Case
from advisor.citations import paragraphs
from advisor.corpus import Corpus, PerCorpus
from advisor.grounds import Piece, names_written
from advisor.model import Precedent
from advisor.precedents import order, points_to
from advisor.questions import open_topics
from advisor.reasons import Reason, reasons
from advisor.rule import Rule

FEW_LINES = 8
"""With fewer recommendations than this, an answer says which rules are open and why."""
_RATIONALE = b'"rationale":['
_KEPT = 64
"""For so many combinations of rules a note is kept."""


class _Findings:
    """What is said of each finding, but for the tests behind it."""

    def __init__(self, corpus: Corpus) -> None:
        self.order = {name: number for number, name in enumerate(corpus.findings)}
        self._kept: dict[str, dict[frozenset[str], FindingFrame]] = {name: {} for name in corpus.findings}
        self._deriving = {name: frozenset(rule.id for rule in rules) for name, rules in corpus.deriving.items()}

    def of(self, corpus: Corpus, name: str, fired: frozenset[str]) -> FindingFrame:
        kept = self._kept[name]
        among = self._deriving[name] & fired
        found = kept.get(among)
        if found is None:
            if len(kept) >= _KEPT:
                kept.clear()
            found = kept[among] = FindingFrame(
                corpus, name, [rule for rule in corpus.deriving[name] if rule.id in among]
            )
        return found


_findings: PerCorpus[_Findings] = PerCorpus(_Findings)


class FindingFrame:
    """A note on a finding, but for the tests behind it.

    Attributes:
        note: the note as an answer has it, with no reasons.
        reasons: its reasons.
        before: its JSON text up to the reasons.
    """

    __slots__ = ("before", "note", "reasons")

    def __init__(self, corpus: Corpus, name: str, rules: Sequence[Rule]) -> None:
        finding = corpus.findings[name]
        known = reasons(corpus)
        self.note = FindingNote(finding=name, title=finding.title, text=finding.text, rationale=())
        self.reasons = tuple(known.own(corpus, rule, rule.title, finding.places) for rule in rules)
        self.before = self.note.model_dump_json().encode().rsplit(_RATIONALE, 1)[0] + _RATIONALE


class ToldFinding:
    """A note on a finding that was derived in a case."""

    __slots__ = ("_case", "_frame")

    def __init__(self, case: Case, frame: FindingFrame) -> None:
        self._case = case
        self._frame = frame

    def note(self) -> FindingNote:
        """Return the note as an answer has it."""
        return self._frame.note.model_copy(update={"rationale": _rationale(self._case, self._frame.reasons)})

    def written(self) -> Iterator[Piece]:
        """Yield the note as JSON text."""
        yield self._frame.before
        yield from _written(self._case, self._frame.reasons)
        yield b"]}"


def findings(case: Case) -> list[ToldFinding]:
    """Return the notes on the findings of a case, in the corpus's order."""
    known, fired = _findings(case.corpus), case.run.fired
    names = sorted(case.run.findings, key=known.order.__getitem__)
    return [ToldFinding(case, known.of(case.corpus, name, fired)) for name in names]


def _rationale(case: Case, told: Iterable[Reason]) -> tuple[object, ...]:
    return tuple(reason.on(case.grounds[reason.rule.id], case.facts) for reason in told)


def _written(case: Case, told: Iterable[Reason]) -> Iterator[Piece]:
    grounds = case.grounds
    for number, reason in enumerate(told):
        if number:
            yield b","
        yield from reason.written(grounds[reason.rule.id])


# --- precedents -------------------------------------------------------------------------------------------------------


class PrecedentFrame:
    """A note on a precedent, but for the elements that are recommended in the case, and the tests behind it.

    Attributes:
        note: the note as an answer has it, with no elements and no reasons.
        elements: the elements that the precedent had.
        reasons: its reasons.
        before: its JSON text up to the elements that are recommended.
        middle: from those that are not to the reasons.
    """

    __slots__ = ("before", "elements", "middle", "note", "reasons")

    def __init__(self, corpus: Corpus, precedent: Precedent, rules: Iterable[Rule]) -> None:
        applied = (one for rule in rules for one in applications_of(corpus, rule))
        pointing = [one for one in applied if points_to(one, precedent)]
        ranked = sorted(pointing, key=lambda one: one.rank)
        known = reasons(corpus)
        self.reasons = tuple(known.applied(corpus, one) for one in ranked)
        self.elements = precedent.elements_present
        self.note = PrecedentNote(
            precedent=precedent.id,
            title=precedent.title,
            years=precedent.years,
            summary=precedent.summary,
            lessons=tuple(dict.fromkeys(one.lesson.id for one in ranked)),
            elements_recommended_here=(),
            elements_not_recommended_here=(),
            paragraphs=paragraphs(corpus, precedent.places),
            remarks=precedent.remarks,
            rationale=(),
        )
        text = self.note.model_dump_json().encode()
        start, rest = text.split(_RECOMMENDED, 1)
        middle = rest.split(_NOT_RECOMMENDED, 1)[1].rsplit(_RATIONALE, 1)[0]
        self.before = start + _RECOMMENDED
        self.middle = middle + _RATIONALE


_RECOMMENDED, _NOT_RECOMMENDED = b'"elements_recommended_here":[', b'],"elements_not_recommended_here":['


class _Precedents:
    """What is said of each precedent."""

    def __init__(self, corpus: Corpus) -> None:
        self.pointing = {name: _pointing(corpus, one) for name, one in corpus.precedents.items()}
        self._kept: dict[str, dict[frozenset[str], PrecedentFrame]] = {name: {} for name in corpus.precedents}

    def of(self, corpus: Corpus, name: str, among: frozenset[str]) -> PrecedentFrame:
        kept = self._kept[name]
        found = kept.get(among)
        if found is None:
            if len(kept) >= _KEPT:
                kept.clear()
            rules = [corpus.rules[rule] for rule in sorted(among)]
            found = kept[among] = PrecedentFrame(corpus, corpus.precedents[name], rules)
        return found


_precedents: PerCorpus[_Precedents] = PerCorpus(_Precedents)


def _pointing(corpus: Corpus, precedent: Precedent) -> frozenset[str]:
    """Return the rules that point to a precedent when they fire."""
    return frozenset(
        name
        for name, rule in corpus.rules.items()
        if any(points_to(one, precedent) for one in applications_of(corpus, rule))
    )


class ToldPrecedent:
    """A note on a precedent to which the lessons applied in a case point."""

    __slots__ = ("_case", "frame", "here", "not_here")

    def __init__(self, case: Case, frame: PrecedentFrame, recommended: Collection[str]) -> None:
        self._case = case
        self.frame = frame
        self.here = tuple(one for one in frame.elements if one in recommended)
        self.not_here = tuple(one for one in frame.elements if one not in recommended)

    def note(self) -> PrecedentNote:
        """Return the note as an answer has it."""
        gaps = {
            "elements_recommended_here": self.here,
            "elements_not_recommended_here": self.not_here,
            "rationale": _rationale(self._case, self.frame.reasons),
        }
        return self.frame.note.model_copy(update=gaps)

    def written(self) -> Iterator[Piece]:
        """Yield the note as JSON text."""
        yield self.frame.before
        yield names_written(self.here)
        yield _NOT_RECOMMENDED
        yield names_written(self.not_here)
        yield self.frame.middle
        yield from _written(self._case, self.frame.reasons)
        yield b"]}"

    def sources(self) -> Iterator[str]:
        """Yield the sources that it cites, or beside which others are set."""
        yield from (place.source for place in self.frame.note.paragraphs)
        for reason in self.frame.reasons:
            yield from reason.sources


def precedents(case: Case, recommended: Collection[str]) -> list[ToldPrecedent]:
    """Return the notes on the precedents to which the lessons applied in a case point, the most telling first.

    Args:
        case: the case.
        recommended: the elements that are recommended in it.
    """
    known, fired = _precedents(case.corpus), case.run.fired
    return [
        ToldPrecedent(case, known.of(case.corpus, name, among), recommended)
        for name in order(case)
        if (among := known.pointing[name] & fired)
    ]


# --- what is true of every answer -------------------------------------------------------------------------------------


class _Standing:
    """The notices that are the same in every answer."""

    def __init__(self, corpus: Corpus) -> None:
        self.lessons = tuple(
            Notice(
                id=lesson.id,
                kind="standing",
                title=lesson.title,
                text=lesson.text,
                lessons=(lesson.id,),
                paragraphs=paragraphs(corpus, [lesson.place]),
            )
            for lesson in corpus.lessons.values()
            if lesson.notice
        )
        self.sources = {
            source.id: Notice(
                id=f"source-{source.id}",
                kind="standing",
                title=f"Source: {source.short}",
                text=f"{source.standing} This advice is about situations; it says nothing on any individual's case.",
            )
            for source in corpus.sources.values()
        }


_standing: PerCorpus[_Standing] = PerCorpus(_Standing)
_COMPLETE = Notice(
    id="complete",
    kind="complete",
    title="Complete",
    text="No fact that is still unknown could change this advice; there is nothing left to ask.",
)


def notices(case: Case, lines: int, used: Collection[str], *, complete: bool) -> list[Notice]:
    """Return what is true of every answer, and why one says little.

    Args:
        case: the case.
        lines: how many recommendations and cautions the answer has.
        used: the sources that it cites.
        complete: whether nothing that is unknown could change it.
    """
    known = _standing(case.corpus)
    # The first source is said with every answer, the others where they say something in it.
    first = next(iter(case.corpus.sources), None)
    found = [*known.lessons, *(one for name, one in known.sources.items() if name == first or name in used)]
    if complete:
        found.append(_COMPLETE)
    elif lines < FEW_LINES:
        found += open_topics(case)
    return found
