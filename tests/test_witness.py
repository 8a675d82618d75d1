"""Witnesses, held against brute force over every situation of a small vocabulary.

ADVISOR_EXAMPLES sets on how many random conditions (30 unless told).
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from smallworld import FACTS, conditions, ending, situations, truth, worlds

from advisor.conditions import All, AnyOf, Condition, FactTest, FindingIs
from advisor.goals import FALSE, TRUE, UNKNOWN, Comes, EndDifferently, Goal, HoldsAlone, Version
from advisor.witness import Witnesses

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "30"))
BITS = {True: TRUE, False: FALSE, None: UNKNOWN}


def check(goal: Goal, deriving: Any, reached: Any) -> None:
    """Hold a search against every situation: it finds one that reaches the goal, with as few facts as any, or none."""
    verdict = Witnesses(FACTS, deriving).find(goal)
    smallest = next((facts for facts in situations(*goal.conditions, deriving=deriving) if reached(facts)), None)
    assert verdict.impossible is (smallest is None)
    if smallest is not None:
        assert verdict.facts is not None
        assert reached(verdict.facts)
        assert len(verdict.facts) == len(smallest)


@settings(max_examples=EXAMPLES)
@given(worlds(), st.data())
def test_a_condition_comes_to_a_truth_in_the_situation_found_or_in_none(world: Any, data: st.DataObject) -> None:
    names, deriving = world
    condition: Condition = data.draw(conditions(names, ["low", "high"]))
    for wanted, bit in BITS.items():
        check(Comes(condition, bit), deriving, lambda facts, wanted=wanted: truth(condition, facts, deriving) is wanted)


@settings(max_examples=EXAMPLES)
@given(worlds(), st.data())
def test_a_branch_holds_alone_in_the_situation_found_or_in_none(world: Any, data: st.DataObject) -> None:
    names, deriving = world
    branch, *others = data.draw(st.lists(conditions(names, ["low"]), min_size=2, max_size=3))

    def reached(facts: Any) -> bool:
        holds = truth(branch, facts, deriving) is True
        return holds and not any(truth(other, facts, deriving) is True for other in others)

    check(HoldsAlone(branch, tuple(others)), deriving, reached)


@settings(max_examples=EXAMPLES)
@given(worlds(), st.data())
def test_two_versions_of_a_rule_end_differently_in_the_situation_found_or_in_none(
    world: Any, data: st.DataObject
) -> None:
    names, deriving = world
    when, pressing, changed = (data.draw(conditions(names, ["low", "high"])) for _ in range(3))
    one = Version(when, pressing)
    for other in (Version(changed, pressing), Version(when, changed), Version(when, AnyOf(()))):

        def reached(facts: Any, other: Version = other) -> bool:
            ends = (ending(each.when, each.pressing_when, facts, deriving) for each in (one, other))
            return len(set(ends)) == 2

        check(EndDifferently(one, other), deriving, reached)


def test_a_finding_that_nobody_spells_out_may_be_anything() -> None:
    for bit in BITS.values():
        assert Witnesses(FACTS, {}).find(Comes(FindingIs("free"), bit)).facts == {}


def test_a_search_that_is_too_long_says_that_nothing_was_decided() -> None:
    both = All((FactTest("agreed", "is", True), FactTest("agreed", "is", False)))
    assert Witnesses(FACTS, {}).find(Comes(both, TRUE)).impossible
    verdict = Witnesses(FACTS, {}).find(Comes(both, TRUE), budget=1)
    assert (verdict.facts, verdict.impossible) == (None, False)
