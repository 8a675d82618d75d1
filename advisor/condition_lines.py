"""The conditions of a rule as they stand in a case, one a line, each marked true, false or unknown.

The findings that a condition needs are opened one level down: why each holds, or the rules that come nearest to
deriving it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field

from advisor.answer import Part
from advisor.case import Case
from advisor.conditions import Condition, Truth, evaluate
from advisor.nearmiss import NearMisses
from advisor.rule import Rule
from advisor.whynot import ConditionState, condition_state
from advisor.wording import quoted

MARKS: Mapping[Truth, str] = {True: "✓", False: "✗", None: "?"}
"""How a condition that holds, fails or is unknown is marked."""
MAX_RULES = 3
"""How many of the rules that could derive a finding are opened, the nearest first."""


class ConditionLine(Part):
    """A condition, or a part of one."""

    depth: int = Field(description="0 for the condition itself; each part stands one deeper.")
    truth: bool | None = Field(description="Whether it holds; null where that is unknown.")
    text: str = Field(description="What it asks for, in words, and what was told where that doesn't do.")

    def __str__(self) -> str:
        return f"{'  ' * self.depth}{MARKS[self.truth]} {self.text}"


def condition_lines(case: Case, condition: Condition) -> tuple[ConditionLine, ...]:
    """Return a condition as lines, with the findings that it needs opened one level down."""
    return tuple(_lines(case, condition_state(case, condition), 0, NearMisses(case.corpus, case.facts)))


def _lines(case: Case, state: ConditionState, depth: int, misses: NearMisses | None) -> Iterator[ConditionLine]:
    """Yield a condition and its parts; ``misses`` ranks the rules behind findings, which stay shut without it."""
    told = f"; it is {state.value_label}" if state.kind == "fact" and state.truth is not True else ""
    yield ConditionLine(depth=depth, truth=state.truth, text=f"{state.text}{told}{':' if state.parts else ''}")
    for part in state.parts:
        yield from _lines(case, part, depth + 1, misses)
    if state.finding is None or misses is None:
        return
    rules = _deriving(case, state.finding, misses)
    for rule in rules[:MAX_RULES]:
        truth = evaluate(rule.when, case.facts, case.truths)
        yield ConditionLine(depth=depth + 1, truth=truth, text=f"by {quoted(rule.title)} ({rule.id}):")
        yield from _lines(case, condition_state(case, rule.when), depth + 2, None)
    if (rest := len(rules) - MAX_RULES) > 0:
        text = f"or by {rest} more {'rules' if rest > 1 else 'rule'}, farther off"
        yield ConditionLine(depth=depth + 1, truth=state.truth, text=text)


def _deriving(case: Case, finding: str, misses: NearMisses) -> list[Rule]:
    """Return the rules that derive a finding; where none did, those that could, the nearest first."""
    rules = case.corpus.deriving[finding]
    fired = [rule for rule in rules if rule.id in case.run.fired]
    if fired:
        return fired[:1]

    def distance(rule: Rule) -> tuple[object, ...]:
        miss = misses.of(rule.when)
        return (miss is None, miss.changes if miss else 0, miss.unknown if miss else 0, rule.id)

    return sorted(rules, key=distance)
