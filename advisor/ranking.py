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
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Literal, TypeAlias

from advisor.answer import BecauseFinding, Item, Rationale
from advisor.case import STRENGTH_ORDER, canonical
from advisor.conditions import Facts
from advisor.corpus import Corpus
from advisor.model import HEDGES

MAX_HEADLINES = 15
MAX_PER_GROUP = 5

NotHeadline: TypeAlias = Literal["framing", "outside", "flagged", "minor", "full", "crowded", "repeated"]
"""Why a line is no headline: it only frames the outline, is for other phases, was flagged, weighs too little, comes
after fifteen others, comes after five of its heading, or would lead with what another headline says."""


class Ranking:
    """The order of the lines of one answer."""

    def __init__(self, corpus: Corpus, facts: Facts) -> None:
        self._corpus = corpus
        self._facts = facts
        self._elements = {name: index for index, name in enumerate(corpus.elements)}
        self._groups = {name: index for index, name in enumerate(corpus.element_groups)}

    def with_headlines(self, items: Iterable[Item], flagged: Set[str]) -> tuple[Item, ...]:
        """Return the lines with the headlines, by rank, first; the rest by heading."""
        headlines: list[Item] = []
        rest: list[Item] = []
        for item, passed_over in self.placed(items, flagged):
            if passed_over:
                rest.append(item)
            else:
                headlines.append(item.model_copy(update={"headline": True}))
        rest.sort(key=lambda item: (self._outline_order(item)[0], self.rank(item)))
        return (*headlines, *rest)

    def placed(self, items: Iterable[Item], flagged: Set[str]) -> Iterator[tuple[Item, NotHeadline | None]]:
        """Yield the lines by rank, each with the reason for which it is no headline, or None where it is one.

        Args:
            items: the recommendations and cautions of an answer.
            flagged: the lessons that its red flags apply.
        """
        per_group: dict[str, int] = {}
        leading: set[str] = set()
        headlines = 0
        for item in sorted(items, key=self.rank):
            other, outside, _, weight = self.rank(item)[:4]
            lead = next((name for name in self._leads(item) if name not in leading), None)
            passed_over: NotHeadline | None = None
            if item.element is not None and self._corpus.elements[item.element].framing:
                passed_over = "framing"
            elif outside:
                passed_over = "outside"
            elif item.kind == "caution" and flagged >= set(self._leads(item)):
                passed_over = "flagged"
            elif isinstance(weight, int) and weight > -2:
                passed_over = "minor"
            elif headlines >= MAX_HEADLINES:
                passed_over = "full"
            elif other and per_group.get(item.group, 0) >= MAX_PER_GROUP:
                passed_over = "crowded"
            elif lead is None:
                passed_over = "repeated"
            else:
                leading.add(lead)
                per_group[item.group] = per_group.get(item.group, 0) + bool(other)
                headlines += 1
            yield item, passed_over

    def rank(self, item: Item) -> tuple[object, ...]:
        """Return what lines are compared by; see the top of this module."""
        element = self._corpus.elements.get(item.element or "")
        duty = item.strength == "must" or (item.basis == "legal_duty" and item.strength == "avoid")
        first = duty or (element is not None and element.life_saving)
        scope = self._facts.get("phases_in_scope")
        outside = bool(isinstance(scope, tuple) and scope and item.phases and not set(scope) & set(item.phases))
        weights = [self._corpus.lessons[name].weight for name in item.lessons]
        bearing = {str(because) for reason in item.rationale for because in reason.because}
        return (
            not first,
            outside,
            self.general(item),
            -max(weights, default=1),
            not item.pressing,
            STRENGTH_ORDER[item.strength],
            HEDGES.index(item.hedge),
            -len(bearing),
            *self._outline_order(item),
        )

    def _leads(self, item: Item) -> Iterator[str]:
        """Yield the lessons that could lead a line: of those particular to the case the weightiest, strongest first."""
        reasons = [reason for reason in item.rationale if not self._general(reason)] or item.rationale
        named = {canonical(self._corpus.lessons[reason.lesson]) for reason in reasons if reason.lesson}
        lessons = [self._corpus.lessons[name] for name in item.lessons]
        fit = [lesson for lesson in lessons if canonical(lesson) in named]
        greatest = max(lesson.weight for lesson in fit)
        return (canonical(lesson) for lesson in fit if lesson.weight == greatest)

    def _outline_order(self, item: Item) -> tuple[object, ...]:
        group = self._groups.get(item.group, len(self._groups))
        element = self._elements.get(item.element or "", len(self._elements))
        return (group, element, item.id)

    def general(self, item: Item) -> bool:
        """Return whether a line holds of every situation alike."""
        return all(self._general(reason) for reason in item.rationale)

    def _general(self, reason: Rationale) -> bool:
        return all(
            isinstance(because, BecauseFinding) and self._corpus.findings[because.finding].general
            for because in reason.because
        )
