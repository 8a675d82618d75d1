"""A situation tried on both sides of a change: how its advice differs, or that the new side can't read it.

A fact, or a value, that the old corpus doesn't have is unknown there: of a situation that tells it, the old side reads
the rest. Advice is assembled only where the change can make a difference (``advisor.touched``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from advisor import situation
from advisor.answer import Paragraph, Part
from advisor.attribution import Attribution, Difference
from advisor.case import Case
from advisor.conditions import Facts, evaluate
from advisor.corpus import Corpus
from advisor.errors import SituationError
from advisor.line_states import LineState
from advisor.lookahead import hypothetical
from advisor.probes import Origin, Probe
from advisor.told_lines import TOLD_ORDER, ToldChange, ToldKey, ToldKind, ToldLine, told_lines
from advisor.touched import Change


class LineChange(Part):
    """A way in which a line of advice differs on a situation."""

    line: ToldKind = Field(
        description="'set_aside' is a lesson that is set aside while an element of which it speaks stands."
    )
    id: str = Field(description="Id of the element, lesson, rule or precedent.")
    title: str
    change: ToldChange
    before: LineState | None
    after: LineState | None
    causes: tuple[str, ...] = Field(
        description="Changed entries through which it comes about, as kind:id; 'order' for the order of entries."
    )
    through: tuple[str, ...] = Field((), description="Rules that did not change, by way of which the causes work.")
    displaced: bool = Field(
        False, description="Whether other lines made room for it among the headlines or took its place; it is the same."
    )
    paragraphs: tuple[Paragraph, ...]


class ToldSituation(Part):
    """A situation."""

    origin: Origin
    name: str = Field(description="Id of an example or scenario; rule and name of a test; number of a drawn one.")
    facts: dict[str, Any]


def told_situation(probe: Probe) -> ToldSituation:
    """Return a situation as it is reported."""
    return ToldSituation(origin=probe.origin, name=probe.name, facts=dict(probe.told))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a situation.

    Attributes:
        probe: the situation.
        changes: the lines that differ.
        refused: why the new corpus can't read it.
        less: whether the old corpus reads only a part of it.
        fires: for each touched rule whether it holds, before and after, where one of them is true.
    """

    probe: Probe
    changes: tuple[LineChange, ...] = ()
    refused: tuple[str, ...] = ()
    less: bool = False
    fires: Mapping[str, tuple[bool, bool]] = field(default_factory=dict)


class Trial:
    """Tries situations on both corpora."""

    def __init__(self, change: Change, *, thorough: bool) -> None:
        self.change = change
        self._thorough = thorough

    def outcome(self, probe: Probe) -> Outcome:
        """Return what comes of a situation in the two corpora."""
        change = self.change
        try:
            after = situation.parse(probe.told, change.new.facts)
        except SituationError as error:
            if _readable(probe.told, change.old) is None:
                return Outcome(probe)  # neither side can tell what is meant
            return Outcome(probe, refused=tuple(problem.message for problem in error.problems))
        before, less = self._read_before(probe.told)
        truths = (change.old.truths(before), change.new.truths(after))
        fires = {
            name: pair
            for name in change.rules
            if any(
                pair := tuple(
                    name in corpus.rules and evaluate(corpus.rules[name].when, facts, known) is True
                    for corpus, facts, known in zip((change.old, change.new), (before, after), truths, strict=True)
                )
            )
        }
        same = before == after
        if same and not self._thorough and not change.busy(after, truths[0], truths[1], change.rules):
            return Outcome(probe, less=less)
        return Outcome(
            probe,
            changes=self._changes(hypothetical(change.old, before), hypothetical(change.new, after)),
            less=less,
            fires={name: (pair[0], pair[1]) for name, pair in fires.items()},
        )

    def _read_before(self, told: Mapping[str, Any]) -> tuple[Facts, bool]:
        """Return what the old corpus reads of a situation, and whether that is less than is told."""
        facts = _readable(told, self.change.old)
        if facts is not None:
            return facts, False
        kept = {}
        for name, value in told.items():
            members = [[member] for member in value] if isinstance(value, list | tuple) else [value]
            fit = [one for one in members if _readable({name: one}, self.change.old) is not None]
            if isinstance(value, list | tuple):
                if name in self.change.old.facts and (fit or not value):
                    kept[name] = [one[0] for one in fit]
            elif fit:
                kept[name] = value
        return situation.parse(kept, self.change.old.facts), True

    def _changes(self, before: Case, after: Case) -> tuple[LineChange, ...]:
        one, other = told_lines(before), told_lines(after)
        if one.keys() == other.keys() and all(line.same(other[key]) for key, line in one.items()):
            return ()
        found = Attribution(self.change, before, after).differences(one, other)
        return tuple(
            line_change
            for key in sorted(found, key=lambda key: (TOLD_ORDER.index(key[0]), key[1]))
            for line_change in _line_changes(key, one.get(key), other.get(key), found[key])
        )


def outcomes_of(trial: Trial, share: Iterable[Probe]) -> list[Outcome]:
    """Return what comes of some situations, in their order; a function of a module, for another process to find."""
    return [trial.outcome(probe) for probe in share]


def _readable(told: Mapping[str, Any], corpus: Corpus) -> Facts | None:
    try:
        return situation.parse(told, corpus.facts)
    except SituationError:
        return None


def _line_changes(
    key: ToldKey,
    before: ToldLine | None,
    after: ToldLine | None,
    difference: Difference,
) -> Iterator[LineChange]:
    line = after or before
    assert line is not None
    for change in difference.changes:
        yield LineChange(
            line=key[0],
            id=key[1],
            title=line.title,
            change=change,
            before=before.state if before else None,
            after=after.state if after else None,
            causes=tuple(sorted(difference.causes)),
            through=difference.through,
            displaced=difference.displaced,
            paragraphs=line.paragraphs,
        )
