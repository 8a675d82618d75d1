"""Lines of advice as they stand in a case, and the ways in which one line differs between two cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Literal, TypeAlias

from pydantic import Field

from advisor.answer import Part
from advisor.applications import STRENGTH_ORDER
from advisor.case import Case
from advisor.model import HEDGES, Hedge, Strength
from advisor.questions import open_facts
from advisor.standing import Line, lines_of, pressing, provisional

LineKind: TypeAlias = Literal[
    "red_flag", "contradiction", "recommendation", "caution", "set_aside", "argument", "finding"
]
ChangeKind: TypeAlias = Literal[
    "added",
    "dropped",
    "set_aside",
    "restored",
    "strengthened",
    "weakened",
    "turned",
    "made_provisional",
    "no_longer_provisional",
    "newly_pressing",
    "no_longer_pressing",
]
Key: TypeAlias = "tuple[LineKind, str]"

LINE_ORDER: tuple[LineKind, ...] = (
    "red_flag", "contradiction", "recommendation", "caution", "set_aside", "argument", "finding",
)  # fmt: skip


class LineState(Part):
    """A line as it is in one of the situations."""

    standing: Literal["stands", "set_aside"]
    strength: Strength | None = None
    hedge: Hedge | None = None
    pressing: bool = False
    provisional: tuple[str, ...] = Field((), description="Unknown facts that could still set it aside.")


class LineStates:
    """The lines of one case, by key."""

    def __init__(self, case: Case) -> None:
        self.case = case

    @cached_property
    def lines(self) -> dict[Key, Line]:
        """The lines with a lesson behind them, and what is set aside of each."""
        found: dict[Key, Line] = {}
        for (kind, name), line in lines_of(self.case).items():
            found[kind, name] = line
            for one in line.defeated if line.standing and kind == "recommendation" else ():
                lesson = found.setdefault(("set_aside", one.says), Line())
                lesson.defeated.append(one)
                lesson.defeated_by |= line.defeated_by
        for one in self.case.applications:
            if one.consequence.flags is not None:
                found.setdefault(("red_flag", one.rule.id), Line()).standing.append(one)
            if one.consequence.argues is not None:
                found.setdefault(("argument", one.says), Line()).standing.append(one)
        return found

    @cached_property
    def bare(self) -> set[Key]:
        """Contradictions and findings, behind which there is no lesson."""
        found: set[Key] = {("finding", name) for name in self.case.run.findings}
        return found | {
            ("contradiction", rule.id)
            for rule in self.case.fired
            if any(then.contradiction is not None for then in rule.then)
        }

    def state(self, key: Key) -> LineState | None:
        """Return a line as it is; None where there is none."""
        line = self.lines.get(key)
        if line is None:
            return LineState(standing="stands") if key in self.bare else None
        kind, name = key
        applications = line.standing or line.defeated
        first = min(applications, key=lambda one: one.rank)
        element = name if kind == "recommendation" else None
        hangs = kind in ("recommendation", "caution") and bool(line.standing)
        return LineState(
            standing="stands" if line.standing else "set_aside",
            strength=first.strength,
            hedge=first.lesson.hedge,
            pressing=bool(line.standing) and pressing(self.case, element, applications),
            provisional=provisional(self.case, element, applications) if hangs else (),
        )

    @cached_property
    def open(self) -> set[str]:
        """The unknown facts that are worth asking and could change a line."""
        # Headlines matter to the order of questions alone.
        found = open_facts(self.case, ())
        return {fact.name for fact in found if fact.worth is not False and fact.pull > 0}


def said(state: LineState | None) -> str:
    """Return strength and hedge: ``should, usually``."""
    if state is None or state.strength is None:
        return ""
    return state.strength + ("" if state.hedge in (None, "none") else f", {state.hedge}")


Aspect: TypeAlias = "Callable[[LineState | None], object]"
"""What of a line is compared."""


def changes(before: LineState | None, after: LineState | None) -> Iterator[tuple[ChangeKind, Aspect]]:
    """Yield the ways in which a line differs, each with what shows it."""
    if _standing(before) != _standing(after):
        if after is None:
            yield "dropped", _standing
        elif after.standing == "set_aside":
            yield "set_aside", _standing
        else:
            yield ("added" if before is None else "restored"), _standing
        return
    if before is None or after is None or after.standing == "set_aside":
        return
    if _force(before) != _force(after):
        turned = before.strength != after.strength and "avoid" in (before.strength, after.strength)
        stronger = _measure(after) < _measure(before)
        yield ("turned" if turned else "strengthened" if stronger else "weakened"), _force
    if bool(before.provisional) != bool(after.provisional):
        yield ("made_provisional" if after.provisional else "no_longer_provisional"), _hanging
    if before.pressing != after.pressing:
        yield ("newly_pressing" if after.pressing else "no_longer_pressing"), _pressing


def _standing(state: LineState | None) -> object:
    return state and state.standing


def _force(state: LineState | None) -> object:
    return state and (state.standing, state.strength, state.hedge)


def _measure(state: LineState) -> tuple[int, int]:
    return (STRENGTH_ORDER[state.strength or "consider"], HEDGES.index(state.hedge or "none"))


def _hanging(state: LineState | None) -> object:
    return state and (state.standing, bool(state.provisional))


def _pressing(state: LineState | None) -> object:
    return state and (state.standing, state.pressing)
