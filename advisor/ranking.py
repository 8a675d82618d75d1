"""Ranking: which lines of advice come first, and which are headlines.

How lines are ranked (the lower comes first, compared from left to right):

1. life-saving elements, duties of law and all else that must be;
2. lines for the phases that the officer named, before those for other phases;
3. lines that something particular to this case calls for, before those true of every refugee situation;
4. the weight of the lessons behind the line: 3 before 2 before 1;
5. pressing lines: further facts make them more urgent, or the measure is on the table;
6. strength: must, then should and avoid, then consider;
7. lines with no hedge, then those hedged by "usually", then by "sometimes";
8. lines on which more of the known facts bear;
9. the order of Part III.

The first fifteen lines of weight 2 or more are headlines, but for elements that only frame the outline (the name of
the challenge, a phase) and cautions that a red flag has raised already. So that no heading crowds out the others, at
most five headlines come from one heading (life-saving lines and duties aside); so that none says what another said,
each has a lesson that leads no other.

A rank is one whole number, in which each of these has its digits: those that follow from the lessons are the same in
every case, and made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, Protocol, TypeAlias, TypeVar

from advisor.answer import BecauseFinding, Item
from advisor.applications import STRENGTH_ORDER
from advisor.corpus import Corpus, PerCorpus
from advisor.model import HEDGES

MAX_HEADLINES = 15
MAX_PER_GROUP = 5

NotHeadline: TypeAlias = Literal["framing", "outside", "flagged", "minor", "full", "crowded", "repeated"]
"""Why a line is no headline: it only frames the outline, is for other phases, was flagged, weighs too little, comes
after fifteen others, comes after five of its heading, or would lead with what another headline says."""

# The digits of a rank, from the lowest: the line's id, its element, its heading; then how much bears on it, and so on.
_ID, _ELEMENT, _GROUP = 0, 24, 48
_OUTLINE = 64
_BEARING, _MOST_BEARING = _OUTLINE, (1 << 16) - 1
_HEDGE, _STRENGTH = _OUTLINE + 16, _OUTLINE + 18
CALM = 1 << (_OUTLINE + 20)
"""What is added to the rank of a line that isn't pressing."""
_WEIGHT, _MOST_WEIGHT = _OUTLINE + 21, (1 << 8) - 1
_GENERAL = 1 << (_OUTLINE + 29)
OUTSIDE = 1 << (_OUTLINE + 30)
"""What is added to the rank of a line that is for other phases than those in scope."""
_OTHER = 1 << (_OUTLINE + 31)


class Ranks:
    """The part of ranks that follows from lessons and elements."""

    def __init__(self, corpus: Corpus) -> None:
        self._elements = {name: number for number, name in enumerate(corpus.elements)}
        self._groups = {name: number for number, name in enumerate(corpus.element_groups)}
        ids = sorted({*corpus.elements, *corpus.lessons, *corpus.rules})
        self._ids = {name: number for number, name in enumerate(ids)}
        self._life_saving = frozenset(name for name, element in corpus.elements.items() if element.life_saving)

    def lasting(self, item: Item, weight: int) -> int:
        """Return what of a line's rank is the same in every case in which the same rules call for it.

        Args:
            item: the line.
            weight: the greatest weight of its lessons.
        """
        duty = item.strength == "must" or (item.basis == "legal_duty" and item.strength == "avoid")
        element = self._elements.get(item.element or "", len(self._elements))
        return (
            (0 if duty or item.element in self._life_saving else _OTHER)
            + (_MOST_WEIGHT - weight << _WEIGHT)
            + (STRENGTH_ORDER[item.strength] << _STRENGTH)
            + (HEDGES.index(item.hedge) << _HEDGE)
            + (self.place(item.group) << _GROUP)
            + (element << _ELEMENT)
            + (self._ids[item.id] << _ID)
        )

    def place(self, group: str) -> int:
        """Return the place of a heading in the outline."""
        return self._groups.get(group, len(self._groups))


ranks: PerCorpus[Ranks] = PerCorpus(Ranks)


def passing(bearing: int, *, general: bool) -> int:
    """Return what of a line's rank depends on the tests behind it.

    Args:
        bearing: how many tests bear on it.
        general: whether it holds of every situation alike.
    """
    return (_MOST_BEARING - min(bearing, _MOST_BEARING) << _BEARING) + (_GENERAL if general else 0)


class Ranked(Protocol):
    """A line of one answer, as far as it is compared with others."""

    @property
    def rank(self) -> int:
        """Its rank: the lower comes first."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def group(self) -> str:
        """The heading under which it stands."""

    @property
    def weight(self) -> int:
        """The greatest weight of its lessons."""

    @property
    def framing(self) -> bool:
        """Whether its element only frames the outline."""

    @property
    def leads(self) -> tuple[str, ...]:
        """The lessons that could lead it: of those particular to the case the weightiest, strongest first."""


R = TypeVar("R", bound=Ranked)


def placed(ranked: Iterable[R], flagged: frozenset[str]) -> Iterator[tuple[R, NotHeadline | None]]:
    """Yield lines, each with the reason for which it is no headline, or None where it is one.

    Args:
        ranked: the recommendations and cautions of an answer, by rank.
        flagged: the lessons that its red flags apply.
    """
    per_group: dict[str, int] = {}
    leading: set[str] = set()
    headlines = 0
    for line in ranked:
        passed_over: NotHeadline | None = None
        if line.framing:
            passed_over = "framing"
        elif line.rank & OUTSIDE:
            passed_over = "outside"
        elif line.kind == "caution" and flagged.issuperset(line.leads):
            passed_over = "flagged"
        elif line.weight < 2:
            passed_over = "minor"
        elif headlines >= MAX_HEADLINES:
            passed_over = "full"
        elif (other := line.rank >= _OTHER) and per_group.get(line.group, 0) >= MAX_PER_GROUP:
            passed_over = "crowded"
        elif (lead := next((name for name in line.leads if name not in leading), None)) is None:
            passed_over = "repeated"
        else:
            leading.add(lead)
            per_group[line.group] = per_group.get(line.group, 0) + other
            headlines += 1
        yield line, passed_over


def is_general(item: Item, corpus: Corpus) -> bool:
    """Return whether a line of an answer holds of every situation alike."""
    return all(
        isinstance(because, BecauseFinding) and corpus.findings[because.finding].general
        for reason in item.rationale
        for because in reason.because
    )
