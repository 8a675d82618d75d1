"""Notes: what an answer says beside its lines: of findings, of precedents, and of what is true of every answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property, lru_cache, partial, reduce
from operator import itemgetter, or_
from typing import Any, Generic, TypeVar

from advisor.answer import FindingNote, Notice, PrecedentNote, Rationale
from advisor.applications import applied
from advisor.case import Case
from advisor.citations import paragraphs
from advisor.corpus import Corpus, PerCorpus
from advisor.frames import element_bits
from advisor.grounds import FiredGrounds, Piece, joined, names_written, put_in
from advisor.model import Precedent
from advisor.precedents import pairs, points_to, ranked
from advisor.questions import open_topics
from advisor.reasons import Reason, reasons
from advisor.recent import Recent
from advisor.rule import Rule

FEW_LINES = 8
"""With fewer recommendations than this, an answer says which rules are open and why."""
_RATIONALE = b'"rationale":['
_FRAMES, _TOLD, _BEFORE = 64, 128, 16
"""For so many combinations of rules, of the tests behind them, and of elements that are recommended, a note is kept."""


F = TypeVar("F", bound="NoteFrame")


class NoteFrame:
    """A note but for the tests behind its reasons.

    Attributes:
        reasons: its reasons.
    """

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)

    def before(self, recommended: int) -> bytes:
        """Return its JSON text up to its reasons, where these elements are recommended, as a set of bits."""
        raise NotImplementedError

    def rationale(self, case: Case) -> tuple[Rationale, ...]:
        """Return its reasons in a case as an answer has them."""
        return tuple(reason.on(case.ground(reason.rule), case.facts) for reason in self.reasons)


class Told(Generic[F]):
    """A note with the tests behind its reasons, as it stands in every case in which they are the same.

    Attributes:
        frame: the note without them.
    """

    __slots__ = ("_pairs", "_rationale", "frame")

    def __init__(self, frame: F, grounds: FiredGrounds) -> None:
        self.frame = frame
        self._pairs = [(reason, grounds.of[reason.node]) for reason in frame.reasons]
        self._rationale: tuple[Piece, ...] | None = None

    def write(self, case: Case, recommended: int, into: list[bytes]) -> None:
        """Write the note as JSON text.

        Args:
            case: the case.
            recommended: the elements that are recommended in it, as a set of bits.
            into: takes the text.
        """
        into.append(self.frame.before(recommended))
        into += put_in(self.rationale, case.numbers)

    @property
    def rationale(self) -> tuple[Piece, ...]:
        """Its reasons, and what ends the note, as JSON text."""
        found = self._rationale
        if found is None:
            told = joined((reason.written(ground) for reason, ground in self._pairs), b",")
            found = self._rationale = joined((told, (b"]}",)))
        return found


class _Kept(Generic[F]):
    """What is told of one finding or precedent, by the tests behind the rules on which that depends."""

    __slots__ = ("_frame_of", "_frames", "_told", "nodes", "read")

    def __init__(self, nodes: tuple[int, ...], frame_of: Callable[[Corpus, frozenset[int]], F]) -> None:
        self.nodes = nodes
        # The first one twice, so that there are always several to pick.
        self.read: Callable[[Sequence[int]], Any] = itemgetter(nodes[0], *nodes)
        self._frame_of = frame_of
        self._frames: Recent[frozenset[int], F] = Recent(_FRAMES)
        self._told: Recent[object, Told[F]] = Recent(_TOLD)

    def of(self, corpus: Corpus, grounds: FiredGrounds) -> Told[F] | None:
        """Return what is told of it in a case; None where none of the rules fired."""
        key = self.read(grounds.numbers)
        return (self._told[key] or self._make(corpus, key, grounds)) if any(key) else None

    def _make(self, corpus: Corpus, key: object, grounds: FiredGrounds) -> Told[F]:
        fired = frozenset(node for node in self.nodes if grounds.numbers[node])
        frame = self._frames[fired] or self._frames.keep(fired, self._frame_of(corpus, fired))
        return self._told.keep(key, Told(frame, grounds))


# --- findings ---------------------------------------------------------------------------------------------------------


class FindingFrame(NoteFrame):
    """A note on a finding, but for the tests behind it."""

    def __init__(self, corpus: Corpus, name: str, rules: Iterable[Rule]) -> None:
        finding = corpus.findings[name]
        known = reasons(corpus)
        super().__init__([known.own(corpus, rule, rule.title, finding.places) for rule in rules])
        self.name = name
        self._note = FindingNote(finding=name, title=finding.title, text=finding.text, rationale=())

    def before(self, recommended: int) -> bytes:
        """Return its JSON text up to its reasons."""
        return self._before

    @cached_property
    def _before(self) -> bytes:
        return self._note.model_dump_json().encode().rsplit(_RATIONALE, 1)[0] + _RATIONALE

    def note(self, case: Case) -> FindingNote:
        """Return the note as an answer has it."""
        return self._note.model_copy(update={"rationale": self.rationale(case)})


class _Findings:
    """What is told of each finding, in the corpus's order."""

    def __init__(self, corpus: Corpus) -> None:
        nodes = corpus.index.nodes
        self._kept = {
            name: _Kept(tuple(nodes[rule.id] for rule in rules), partial(_finding, name))
            for name in corpus.findings
            if (rules := corpus.deriving[name])
        }
        self._order = {name: number for number, name in enumerate(self._kept)}

    def of(self, case: Case) -> list[Told[FindingFrame]]:
        """Return what is told of the findings of a case."""
        corpus, grounds, kept = case.corpus, case.grounds, self._kept
        names = sorted(case.run.findings, key=self._order.__getitem__)
        return [told for name in names if (told := kept[name].of(corpus, grounds))]


def _finding(name: str, corpus: Corpus, fired: frozenset[int]) -> FindingFrame:
    nodes = corpus.index.nodes
    return FindingFrame(corpus, name, [rule for rule in corpus.deriving[name] if nodes[rule.id] in fired])


_findings: PerCorpus[_Findings] = PerCorpus(_Findings)


def findings(case: Case) -> list[Told[FindingFrame]]:
    """Return the notes on the findings of a case, in the corpus's order."""
    return _findings(case.corpus).of(case)


# --- precedents -------------------------------------------------------------------------------------------------------


class PrecedentFrame(NoteFrame):
    """A note on a precedent, but for the elements that are recommended in the case, and the tests behind it.

    Attributes:
        name: the precedent.
        lessons: how many lessons point to it.
        sources: the sources that it cites, or beside which others are set.
    """

    def __init__(self, corpus: Corpus, precedent: Precedent, rules: Iterable[Rule]) -> None:
        said = (one for rule in rules for one in applied(corpus).calm[rule.id])
        ranked = sorted((one for one in said if points_to(one, precedent)), key=lambda one: one.rank)
        known = reasons(corpus)
        bits = element_bits(corpus)
        self._bits = {name: bits[name] for name in precedent.elements_present}
        self._all = reduce(or_, self._bits.values(), 0)
        self._before: Recent[int, bytes] = Recent(_BEFORE)
        super().__init__([known.applied(corpus, one) for one in ranked])
        self.name = precedent.id
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
        self.lessons = len(self._note.lessons)
        cited = {place.source for place in self._note.paragraphs}
        self.sources = frozenset(cited.union(*(reason.sources for reason in self.reasons)))

    def before(self, recommended: int) -> bytes:
        """Return its JSON text up to its reasons, where these elements are recommended, as a set of bits."""
        here = recommended & self._all
        found = self._before[here]
        if found is None:
            start, middle = self._parts
            recommended_here, others = map(names_written, self._parted(here))
            found = self._before.keep(here, b"".join((start, recommended_here, _NOT_RECOMMENDED, others, middle)))
        return found

    @cached_property
    def _parts(self) -> tuple[bytes, bytes]:
        start, rest = self._note.model_dump_json().encode().split(_RECOMMENDED, 1)
        middle = rest.split(_NOT_RECOMMENDED, 1)[1].rsplit(_RATIONALE, 1)[0]
        return start + _RECOMMENDED, middle + _RATIONALE

    def _parted(self, recommended: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the elements that it had: those that are recommended in a case, and those that aren't."""
        return (
            tuple(name for name, bit in self._bits.items() if bit & recommended),
            tuple(name for name, bit in self._bits.items() if not bit & recommended),
        )

    def note(self, case: Case, recommended: int) -> PrecedentNote:
        """Return the note as an answer has it.

        Args:
            case: the case.
            recommended: the elements that are recommended in it, as a set of bits.
        """
        here, others = self._parted(recommended)
        gaps = {
            "elements_recommended_here": here,
            "elements_not_recommended_here": others,
            "rationale": self.rationale(case),
        }
        return self._note.model_copy(update=gaps)


_RECOMMENDED, _NOT_RECOMMENDED = b'"elements_recommended_here":[', b'],"elements_not_recommended_here":['


class _Precedents:
    """What is told of each precedent to which some rule points, by its id."""

    def __init__(self, corpus: Corpus) -> None:
        pointing: dict[str, set[int]] = {}
        for rule, pointed_to in pairs(corpus).items():
            for name, _ in pointed_to:
                pointing.setdefault(name, set()).add(corpus.index.nodes[rule])
        self._kept = {
            name: _Kept(tuple(sorted(nodes)), partial(_precedent, name)) for name, nodes in sorted(pointing.items())
        }

    def of(self, case: Case) -> list[Told[PrecedentFrame]]:
        """Return what is told of the precedents to which the lessons applied in a case point."""
        corpus, grounds = case.corpus, case.grounds
        found = {name: told for name, kept in self._kept.items() if (told := kept.of(corpus, grounds))}
        return [found[name] for name in ranked(case, {name: told.frame.lessons for name, told in found.items()})]


def _precedent(name: str, corpus: Corpus, fired: frozenset[int]) -> PrecedentFrame:
    rules = [corpus.rules[corpus.index.rules[node]] for node in sorted(fired)]
    return PrecedentFrame(corpus, corpus.precedents[name], rules)


_precedents: PerCorpus[_Precedents] = PerCorpus(_Precedents)


def precedents(case: Case) -> list[Told[PrecedentFrame]]:
    """Return the notes on the precedents to which the lessons applied in a case point, the most telling first."""
    return _precedents(case.corpus).of(case)


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
