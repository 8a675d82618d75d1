"""The lines of advice on a case as a reader sees them, made comparable between corpora.

What tells one corpus from another all by itself is left out: digests, versions, how a place is called where there are
several sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from advisor.answer import Item, Paragraph, Rationale, SetAside
from advisor.case import Case
from advisor.line_states import ChangeKind, LineKind, LineState, changes
from advisor.lines import Lines
from advisor.precedents import pointing

ToldKind: TypeAlias = LineKind | Literal["precedent"]
ToldKey: TypeAlias = tuple[ToldKind, str]
ToldChange: TypeAlias = (
    ChangeKind
    | Literal[
        "made_headline",
        "no_longer_headline",
        "other_reasons",
        "other_safeguards",
        "reworded",
        "moved",
        "provisional_otherwise",
    ]
)

TOLD_ORDER: tuple[ToldKind, ...] = (
    "red_flag", "contradiction", "recommendation", "caution", "set_aside", "argument", "precedent",
)  # fmt: skip
CHANGE_ORDER: tuple[ToldChange, ...] = (
    "added", "dropped", "set_aside", "restored", "turned", "strengthened", "weakened", "made_headline",
    "no_longer_headline", "made_provisional", "no_longer_provisional", "provisional_otherwise", "newly_pressing",
    "no_longer_pressing", "other_safeguards", "other_reasons", "reworded", "moved",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that fired and the lesson that it applies, or an attached lesson.

    Attributes:
        rule: id of the rule; None for a lesson that comes with an element.
        lesson: id of the lesson; None where the rule speaks for itself.
        of_rule: what the rule has part in: title, reading, note, what made it fire, whether it presses.
        of_lesson: what the lesson has part in: text, hedge, basis, places, remark, and what lessons stand beside it.
        strength: which both may set.
    """

    rule: str | None
    lesson: str | None
    of_rule: tuple[object, ...] = ()
    of_lesson: tuple[object, ...] = ()
    strength: str | None = None

    @property
    def pair(self) -> tuple[str | None, str | None]:
        """Rule and lesson."""
        return (self.rule, self.lesson)


@dataclass(frozen=True, slots=True)
class ToldLine:
    """A line of advice.

    Attributes:
        kind: what kind of line it is.
        id: id of its element, lesson, rule or precedent.
        title: what it is called.
        state: how it stands, how strong it is, what could set it aside.
        headline: whether it is one of the lines to read first.
        words: its text.
        about: heading, elements on which it bears, phases.
        basis: what the lesson that speaks for it rests on.
        safeguards: the lessons that come with it.
        reasons: why it is there, sorted by rule and lesson.
        against: what sets it aside.
        paragraphs: the places behind it, or behind what sets it aside; not compared.
    """

    kind: ToldKind
    id: str
    title: str
    state: LineState
    headline: bool
    words: str
    about: tuple[object, ...]
    basis: str | None
    safeguards: tuple[Reason, ...]
    reasons: tuple[Reason, ...]
    against: tuple[Reason, ...]
    paragraphs: tuple[Paragraph, ...]

    def same(self, other: ToldLine) -> bool:
        """Return whether two lines say the same."""
        return all(getattr(self, name) == getattr(other, name) for name in _COMPARED)

    @property
    def pairs(self) -> frozenset[tuple[str | None, str | None]]:
        """The rules and lessons behind it and against it."""
        return frozenset(one.pair for one in (*self.reasons, *self.against))


_COMPARED = ("title", "state", "headline", "words", "about", "basis", "safeguards", "reasons", "against")


def told_lines(case: Case) -> dict[ToldKey, ToldLine]:
    """Return the lines of advice on a case, and the precedents to which they point, by kind and id."""
    lines = Lines(case)
    all_lines = (*lines.red_flags, *lines.recommendations, *lines.arguments, *lines.set_aside)
    found = {(line.kind, line.id): line for line in (_told(line.item()) for line in all_lines)}
    return found | {("precedent", line.id): line for line in _precedents(case)}


def _told(item: Item) -> ToldLine:
    state = LineState(
        standing="set_aside" if isinstance(item, SetAside) else "stands",
        strength=item.strength if item.kind != "contradiction" else None,
        hedge=item.hedge if item.kind != "contradiction" else None,
        pressing=item.pressing and not isinstance(item, SetAside),
        provisional=item.provisional,
    )
    # A lesson set aside while its element stands has the kind of the element's line, and no element.
    partly = isinstance(item, SetAside) and item.kind == "recommendation" and item.element is None
    assert item.kind != "condition"
    return ToldLine(
        kind="set_aside" if partly else item.kind,
        id=item.id,
        title=item.title,
        state=state,
        headline=item.headline and item.kind in ("recommendation", "caution"),
        words=item.text,
        about=(item.group, item.bears_on, item.phases),
        basis=item.basis,
        safeguards=tuple(_reason(reason) for one in item.conditions for reason in one.rationale),
        reasons=_reasons(item.rationale),
        against=_reasons(item.defeated_by) if isinstance(item, SetAside) else (),
        paragraphs=tuple(
            dict.fromkeys(
                place
                for reason in (item.defeated_by if isinstance(item, SetAside) else item.rationale)
                for place in reason.paragraphs
            )
        ),
    )


def _reasons(rationale: tuple[Rationale, ...]) -> tuple[Reason, ...]:
    return tuple(sorted(map(_reason, rationale), key=lambda one: (one.rule or "", one.lesson or "")))


def _reason(reason: Rationale) -> Reason:
    return Reason(
        rule=reason.rule,
        lesson=reason.lesson,
        of_rule=(reason.title, reason.reading, reason.note, reason.pack, tuple(map(str, reason.because))),
        of_lesson=(
            reason.text,
            reason.hedge,
            reason.basis,
            reason.remark,
            tuple((place.source, place.ref) for place in reason.paragraphs),
            tuple((one.relation, one.lesson, one.text, one.strength, one.hedge) for one in reason.beside),
        ),
        strength=reason.strength,
    )


def _precedents(case: Case) -> Iterator[ToldLine]:
    for precedent in case.corpus.precedents.values():
        if found := pointing(case, precedent):
            pairs = {(one.rule.id, one.lesson.id) for one in found}
            yield ToldLine(
                kind="precedent",
                id=precedent.id,
                title=precedent.title,
                state=LineState(standing="stands"),
                headline=False,
                words=f"{precedent.years}: {precedent.summary}",
                about=precedent.elements_present,
                basis=None,
                safeguards=(),
                reasons=tuple(Reason(rule, lesson) for rule, lesson in sorted(pairs)),
                against=(),
                paragraphs=case.paragraphs(precedent.places),
            )


def line_changes(before: ToldLine | None, after: ToldLine | None) -> tuple[ToldChange, ...]:
    """Return the ways in which a line differs; none where it says the same, and at least one where it doesn't."""
    if before is not None and after is not None and before.same(after):
        return ()
    found: list[ToldChange] = [
        change for change, _ in changes(before.state if before else None, after.state if after else None)
    ]
    if before is None or after is None or before.state.standing != after.state.standing:
        return tuple(found)
    if before.headline != after.headline:
        found.append("made_headline" if after.headline else "no_longer_headline")
    if before.state.provisional != after.state.provisional and not _said(found, "provisional"):
        found.append("provisional_otherwise")
    if before.safeguards != after.safeguards:
        found.append("other_safeguards")
    if (before.reasons, before.against) != (after.reasons, after.against) and not _said(
        found, "strength", "weak", "turned"
    ):
        found.append("other_reasons")
    if before.title != after.title or (before.words != after.words and before.pairs == after.pairs):
        found.append("reworded")
    if before.about != after.about:
        found.append("moved")
    return tuple(sorted(found or ["other_reasons"], key=CHANGE_ORDER.index))


def _said(found: list[ToldChange], *parts: str) -> bool:
    return any(part in change for change in found for part in parts)
