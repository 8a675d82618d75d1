"""What conditions say of one another is true of all values: a "yes" never fails where it is tried out."""

from __future__ import annotations

import os
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.conditions import (
    All,
    AnyOf,
    Condition,
    FactTest,
    FindingIs,
    Value,
    evaluate,
    leaf_paths,
    leaves,
    parse,
)
from advisor.implication import Logic, names, needs, opposite
from advisor.model import Fact, FactValue

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "80"))


def fact(name: str, kind: Any, values: str = "", **more: Any) -> Fact:
    listed = tuple(FactValue(value=value, label=value.upper()) for value in values.split())
    shared = {"group": "A", "question": "?", "help": "h", "label": name.upper(), "places": ("1",)}
    return Fact(name=name, type=kind, values=listed, **{**shared, **more})


FACTS = {
    "open": fact("open", "boolean"),
    "where": fact("where", "enum", "north south east"),
    "who": fact("who", "set", "women men others"),
    "many": fact("many", "integer", minimum=0, maximum=4),
}
VALUES: dict[str, tuple[Value, ...]] = {
    "open": (True, False),
    "where": ("north", "south", "east"),
    "who": tuple(
        tuple(member for member, chosen in zip(("women", "men", "others"), bits, strict=True) if chosen)
        for bits in product((False, True), repeat=3)
    ),
    "many": (0, 1, 2, 3, 4),
}
RAW: dict[str, list[Any]] = {
    "open": [True, False],
    "where": ["north", ["north", "south"], ["south", "east"], ["north", "south", "east"]],
    "who": [
        {"has": "men"},
        {"lacks": "men"},
        {"has_any": ["women", "men"]},
        {"has_all": ["women", "men"]},
        {"lacks_all": ["men", "others"]},
        {"only": ["women"]},
        {"only": ["women", "men", "others"]},
        {"empty": True},
        {"empty": False},
        {"count_at_least": 2},
    ],
    "many": [
        {"at_least": 0},
        {"at_least": 3},
        {"at_most": 2},
        {"more_than": 3},
        {"less_than": 1},
        {"at_least": 2, "at_most": 3},
    ],
}
TESTS = [{name: raw} for name, raws in RAW.items() for raw in raws]
RAW_CONDITIONS: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([*TESTS, *({"not": test} for test in TESTS), {"finding": "f"}, {"finding": "g"}]),
    lambda inner: st.builds(
        lambda key, parts: {key: parts}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=7,
)


def read(raw: Any) -> Condition:
    def report(code: str, message: str, path: object, **_: Any) -> None:
        raise AssertionError(message)

    condition = parse(raw, FACTS, ("when",), report)
    assert condition is not None
    return condition


def situations(*conditions: Condition) -> list[tuple[dict[str, Value], dict[str, bool | None]]]:
    """Return every situation, unknown facts included, that the conditions can tell from another."""
    spoken = sorted({leaf.fact for one in conditions for leaf in leaves(one) if isinstance(leaf, FactTest)})
    found = sorted({leaf.finding for one in conditions for leaf in leaves(one) if isinstance(leaf, FindingIs)})
    told: list[tuple[dict[str, Value], dict[str, bool | None]]] = []
    for values in product(*((None, *VALUES[name]) for name in spoken)):
        facts = {name: value for name, value in zip(spoken, values, strict=True) if value is not None}
        truths = product((True, None, False), repeat=len(found))
        told += [(facts, dict(zip(found, each, strict=True))) for each in truths]
    return told


@given(RAW_CONDITIONS)
@settings(max_examples=EXAMPLES)
def test_a_condition_that_is_said_never_to_hold_never_holds(raw: Any) -> None:
    condition = read(raw)
    if Logic(FACTS).never(condition):
        assert not [told for told in situations(condition) if evaluate(condition, *told) is True]


@given(RAW_CONDITIONS, RAW_CONDITIONS)
@settings(max_examples=EXAMPLES)
def test_a_condition_that_is_said_to_follow_follows(left: Any, right: Any) -> None:
    first, second = read(left), read(right)
    logic = Logic(FACTS)
    assert logic.follows(first, first)
    assert logic.follows(read({"all": [left, right]}), first)
    assert logic.follows(first, read({"any": [right, left]}))
    if logic.follows(first, second):
        assert needs(second) <= names(first) | (needs(second) if logic.never(first) else frozenset())
        for told in situations(first, second):
            assert evaluate(first, *told) is not True or evaluate(second, *told) is True, told


@given(RAW_CONDITIONS)
@settings(max_examples=EXAMPLES)
def test_each_test_is_placed_where_it_is_written(raw: Any) -> None:
    condition = read(raw)
    tests, paths = list(leaves(condition)), list(leaf_paths(raw, ("when",)))
    assert len(tests) == len(paths)
    for test, path in zip(tests, paths, strict=True):
        assert (test.fact if isinstance(test, FactTest) else "finding") in path
        assert isinstance(test, FindingIs) or path[-1] in (test.fact, test.operator)


TEST = st.sampled_from([leaf for raw in TESTS for leaf in leaves(read(raw)) if isinstance(leaf, FactTest)])


@given(st.lists(TEST, min_size=1, max_size=4))
@settings(max_examples=EXAMPLES)
def test_whether_some_value_passes_is_decided_exactly(tests: list[FactTest]) -> None:
    tests = [test for test in tests if test.fact == tests[0].fact]
    logic = Logic(FACTS)
    passing = [value for value in VALUES[tests[0].fact] if all(test.holds(value) for test in tests)]
    assert logic.possible(tests) is bool(passing)
    failing = [value for value in VALUES[tests[0].fact] if not any(test.holds(value) for test in tests)]
    assert logic.always(tests) is not bool(failing)
    assert logic.always([tests[0], opposite(tests[0])])


@pytest.mark.parametrize(
    ("raw", "conflicts"),
    [
        ({"many": {"at_least": 9}}, [((0,), True)]),
        ({"all": [{"open": True}, {"many": {"at_least": 3}}, {"open": False}]}, [((0, 2), True)]),
        ({"any": [{"open": True}, {"all": [{"where": "north"}, {"where": "south"}]}]}, [((1, 2), False)]),
        ({"all": [{"where": "north"}, {"any": [{"where": "south"}, {"finding": "f"}]}]}, [((0, 1), False)]),
        (
            {"all": [{"where": "north"}, {"any": [{"where": "south"}, {"where": "east"}]}]},
            [((0, 1), True), ((0, 2), True)],
        ),
        ({"all": [{"who": {"has": "men"}}, {"who": {"only": ["women", "others"]}}]}, [((0, 1), True)]),
        ({"all": [{"many": {"at_least": 1}}, {"many": {"at_most": 2}}, {"many": {"more_than": 1}}]}, []),
        (
            {"all": [{"who": {"lacks": "men"}}, {"who": {"lacks": "women"}}, {"who": {"count_at_least": 2}}]},
            [((0, 1, 2), True)],
        ),
    ],
)
def test_conflicts_name_the_tests_that_exclude_one_another(
    raw: Any, conflicts: list[tuple[tuple[int, ...], bool]]
) -> None:
    assert [(found.tests, found.whole) for found in Logic(FACTS).conflicts(read(raw))] == conflicts


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"where": "north"}, {"where": ["north", "east"]}),
        ({"not": {"where": ["south", "east"]}}, {"where": "north"}),
        ({"many": {"more_than": 2}}, {"many": {"at_least": 3}}),
        ({"who": {"has_all": ["men", "women"]}}, {"who": {"count_at_least": 2}}),
        ({"all": [{"many": {"at_least": 2}}, {"many": {"at_most": 2}}]}, {"not": {"many": {"more_than": 2}}}),
        ({"where": ["north", "south"]}, {"any": [{"where": "north"}, {"where": "south"}]}),
        (
            {"all": [{"any": [{"finding": "f"}, {"finding": "g"}]}, {"open": True}]},
            {"any": [{"finding": "g"}, {"finding": "f"}]},
        ),
    ],
)
def test_what_follows_is_seen_through_its_writing(left: Any, right: Any) -> None:
    logic = Logic(FACTS)
    assert logic.follows(read(left), read(right))
    assert not logic.follows(read({"open": True}), read(right))


def test_a_test_that_any_value_passes_does_not_follow_from_nothing_known() -> None:
    # It holds only once the fact is known.
    assert not Logic(FACTS).follows(read({"open": True}), read({"many": {"at_least": 0}}))


def test_all_and_any_of_conditions_are_compared_by_their_parts() -> None:
    f, g = FindingIs("f"), FindingIs("g")
    logic = Logic(FACTS)
    assert logic.follows(All((f, g)), AnyOf((g, f)))
    assert not logic.follows(AnyOf((f, g)), All((f, g)))
