"""Notes: what an answer says beside its lines: of findings, of precedents, and of what is true of every answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any

from advisor.answer import FindingNote, Notice, PrecedentNote, Rationale
from advisor.applications import applied
from advisor.case import Case
from advisor.citations import paragraphs
from advisor.corpus import Corpus, PerCorpus
from advisor.grounds import Piece, joined, names_written, put_in
from advisor.model import Precedent
from advisor.precedents import order, pairs, points_to
from advisor.questions import open_topics
from advisor.reasons import Reason, reasons
from advisor.recent import Recent
from advisor.rule import Rule

FEW_LINES = 8
"""With fewer recommendations than this, an answer says which rules are open and why."""
_RATIONALE = b'"rationale":['
_KEPT = 16
"""For so many combinations of rules a note is kept."""


class _Grounded:
    """A note but for the tests behind its reasons.

    Attributes:
        reasons: its reasons.
    """

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        self._read: Callable[[Sequence[int]], Any] = itemgetter(*(one.node for one in reasons))
        self._written: Recent[object, tuple[Piece, ...]] = Recent(_KEPT)

    def rationale(self, case: Case) -> tuple[Rationale, ...]:
        """Return its reasons in a case as an answer has them."""
        return tuple(reason.on(case.ground(reason.rule), case.facts) for reason in self.reasons)

    def write_rationale(self, case: Case, into: list[bytes]) -> None:
        """Write its reasons in a case as JSON text."""
        key = self._read(case.grounds.numbers)
        found = self._written[key]
        if found is None:
            told = (reason.written(case.ground(reason.rule)) for reason in self.reasons)
            found = self._written.keep(key, joined(told, b","))
        into += put_in(found, case.numbers)


class _Findings:
    """What is said of each finding, but for the tests behind it."""

    def __init__(self, corpus: Corpus) -> None:
        self.order = {name: number for number, name in enumerate(corpus.findings)}
        self._kept: dict[str, Recent[frozenset[str], FindingFrame]] = {name: Recent(_KEPT) for name in corpus.findings}
        self._deriving = {name: frozenset(rule.id for rule in rules) for name, rules in corpus.deriving.items()}

    def of(self, corpus: Corpus, name: str, fired: frozenset[str]) -> FindingFrame:
        """Return the note on a finding where these rules fired."""
        kept = self._kept[name]
        among = self._deriving[name] & fired
        found = kept[among]
        if found is None:
            rules = [rule for rule in corpus.deriving[name] if rule.id in among]
            found = kept.keep(among, FindingFrame(corpus, name, rules))
        return found


_findings: PerCorpus[_Findings] = PerCorpus(_Findings)


class FindingFrame(_Grounded):
    """A note on a finding, but for the tests behind it."""

    def __init__(self, corpus: Corpus, name: str, rules: Sequence[Rule]) -> None:
        finding = corpus.findings[name]
        known = reasons(corpus)
        super().__init__([known.own(corpus, rule, rule.title, finding.places) for rule in rules])
        self.name = name
        self._note = FindingNote(finding=name, title=finding.title, text=finding.text, rationale=())

    @cached_property
    def _before(self) -> bytes:
        return self._note.model_dump_json().encode().rsplit(_RATIONALE, 1)[0] + _RATIONALE

    def note(self, case: Case) -> FindingNote:
        """Return the note as an answer has it."""
        return self._note.model_copy(update={"rationale": self.rationale(case)})

    def write(self, case: Case, into: list[bytes]) -> None:
        """Write the note as JSON text."""
        into.append(self._before)
        self.write_rationale(case, into)
        into.append(b"]}")


def findings(case: Case) -> list[FindingFrame]:
    """Return the notes on the findings of a case, in the corpus's order."""
    known, fired = _findings(case.corpus), case.run.fired
    names = sorted(case.run.findings, key=known.order.__getitem__)
    return [known.of(case.corpus, name, fired) for name in names]


# --- precedents -------------------------------------------------------------------------------------------------------


class PrecedentFrame(_Grounded):
    """A note on a precedent, but for the elements that are recommended in the case, and the tests behind it."""

    def __init__(self, corpus: Corpus, precedent: Precedent, rules: Iterable[Rule]) -> None:
        said = (one for rule in rules for one in applied(corpus).calm[rule.id])
        ranked = sorted((one for one in said if points_to(one, precedent)), key=lambda one: one.rank)
        known = reasons(corpus)
        super().__init__([known.applied(corpus, one) for one in ranked])
        self.name = precedent.id
        self._elements = precedent.elements_present
        self._note = PrecedentNote(
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
        cited = {place.source for place in self._note.paragraphs}
        self.sources = frozenset(cited.union(*(reason.sources for reason in self.reasons)))

    @cached_property
    def _parts(self) -> tuple[bytes, bytes]:
        start, rest = self._note.model_dump_json().encode().split(_RECOMMENDED, 1)
        middle = rest.split(_NOT_RECOMMENDED, 1)[1].rsplit(_RATIONALE, 1)[0]
        return start + _RECOMMENDED, middle + _RATIONALE

    def note(self, case: Case, recommended: Collection[str]) -> PrecedentNote:
        """Return the note as an answer has it.

        Args:
            case: the case.
            recommended: the elements that are recommended in it.
        """
        gaps = {
            "elements_recommended_here": tuple(one for one in self._elements if one in recommended),
            "elements_not_recommended_here": tuple(one for one in self._elements if one not in recommended),
            "rationale": self.rationale(case),
        }
        return self._note.model_copy(update=gaps)

    def write(self, case: Case, recommended: Collection[str], into: list[bytes]) -> None:
        """Write the note as JSON text; see ``note``."""
        here = [one for one in self._elements if one in recommended]
        others = [one for one in self._elements if one not in recommended]
        start, middle = self._parts
        into += start, names_written(here), _NOT_RECOMMENDED, names_written(others), middle
        self.write_rationale(case, into)
        into.append(b"]}")


_RECOMMENDED, _NOT_RECOMMENDED = b'"elements_recommended_here":[', b'],"elements_not_recommended_here":['


class _Precedents:
    """What is said of each precedent."""

    def __init__(self, corpus: Corpus) -> None:
        self.pointing = _pointing(corpus)
        self._kept: dict[str, Recent[frozenset[str], PrecedentFrame]] = {
            name: Recent(_KEPT) for name in corpus.precedents
        }

    def of(self, corpus: Corpus, name: str, among: frozenset[str]) -> PrecedentFrame:
        kept = self._kept[name]
        found = kept[among]
        if found is None:
            rules = [corpus.rules[rule] for rule in sorted(among)]
            found = kept.keep(among, PrecedentFrame(corpus, corpus.precedents[name], rules))
        return found


_precedents: PerCorpus[_Precedents] = PerCorpus(_Precedents)


def _pointing(corpus: Corpus) -> dict[str, frozenset[str]]:
    """Return for each precedent the rules that point to it when they fire."""
    found: dict[str, set[str]] = {name: set() for name in corpus.precedents}
    for rule, pointed_to in pairs(corpus).items():
        for name, _ in pointed_to:
            found[name].add(rule)
    return {name: frozenset(rules) for name, rules in found.items()}


def precedents(case: Case) -> list[PrecedentFrame]:
    """Return the notes on the precedents to which the lessons applied in a case point, the most telling first."""
    known, fired = _precedents(case.corpus), case.run.fired
    return [known.of(case.corpus, name, among) for name in order(case) if (among := known.pointing[name] & fired)]


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


@lru_cache(maxsize=256)
def notice_json(notice: Notice) -> bytes:
    """Return a notice as JSON text; most are the same in every answer."""
    return notice.model_dump_json().encode()


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
