from __future__ import annotations

import itertools
from typing import Any

import pytest
from minipack import MORE_RULE, MiniPack

from advisor.conditions import (
    OPERATORS,
    All,
    AnyOf,
    Condition,
    FactTest,
    FindingIs,
    Truth,
    Value,
    evaluate,
    leaves,
    parse,
    predicate,
    support,
)
from advisor.model import Fact, FactValue


def fact(name: str, kind: Any, *values: str) -> Fact:
    allowed = tuple(FactValue(value=value, label=value) for value in values)
    return Fact(name=name, group="A", type=kind, question="?", help="?", label=name, places=("1",), values=allowed)


VOCABULARY = {
    one.name: one
    for one in (
        fact("urgent", "boolean"),
        fact("calm", "boolean"),
        fact("region", "enum", "north", "south", "west"),
        fact("needs", "set", "water", "food", "roof"),
        fact("people", "integer"),
        fact("years", "number"),
    )
}


def read(raw: object) -> Condition:
    told: list[tuple[object, ...]] = []
    condition = parse(raw, VOCABULARY, (), lambda *args, **_: told.append(args))
    assert told == []
    assert condition is not None
    return condition


def truth(raw: object, facts: dict[str, Value], findings: dict[str, Truth] | None = None) -> Truth:
    return evaluate(read(raw), facts, findings or {})


TRUTHS: tuple[Truth, ...] = (True, False, None)


def known(first: Truth, second: Truth) -> dict[str, Value]:
    # Two facts stand for the two parts of a join; a missing one is unknown.
    return {name: value for name, value in (("urgent", first), ("calm", second)) if value is not None}


@pytest.mark.parametrize(
    ("first", "second", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, True, False, True),
        (False, False, False, False),
        (False, None, False, None),
        (None, True, None, True),
        (None, False, False, None),
        (None, None, None, None),
    ],
)
def test_all_and_any_follow_kleene(first: Truth, second: Truth, both: Truth, either: Truth) -> None:
    parts = [{"urgent": True}, {"calm": True}]
    assert truth({"all": parts}, known(first, second)) is both
    assert truth({"any": parts}, known(first, second)) is either
    findings: dict[str, Truth] = {"urgent": first, "calm": second}
    derived = [{"finding": "urgent"}, {"finding": "calm"}]
    assert truth({"all": derived}, {}, findings) is both
    assert truth({"any": derived}, {}, findings) is either


@pytest.mark.parametrize(("value", "negation"), [(True, False), (False, True), (None, None)])
def test_not_turns_true_and_false_and_leaves_unknown(value: Truth, negation: Truth) -> None:
    assert truth({"not": {"urgent": True}}, known(value, None)) is negation


@pytest.mark.parametrize(("first", "second"), list(itertools.product(TRUTHS, TRUTHS)))
def test_negation_is_the_same_before_and_behind_a_join(first: Truth, second: Truth) -> None:
    parts = [{"urgent": True}, {"calm": True}]
    for join in ("all", "any"):
        plain = truth({join: parts}, known(first, second))
        assert truth({"not": {join: parts}}, known(first, second)) is (None if plain is None else not plain)
        assert truth({"not": {"not": {join: parts}}}, known(first, second)) is plain


OPERATOR_CASES: list[tuple[str, object, Value, Value]] = [
    # a condition, a value on which it holds, a value on which it does not
    ("urgent", True, True, False),
    ("urgent", False, False, True),
    ("region", "north", "north", "south"),
    ("region", ["north", "south"], "south", "west"),
    ("needs", {"has": "water"}, ("food", "water"), ("food",)),
    ("needs", {"has": "water"}, ("water",), ()),
    ("needs", {"has_any": ["water", "roof"]}, ("food", "roof"), ("food",)),
    ("needs", {"has_any": ["water", "roof"]}, ("water", "roof"), ()),
    ("needs", {"has_all": ["water", "roof"]}, ("water", "food", "roof"), ("water",)),
    ("needs", {"has_all": ["water", "roof"]}, ("water", "roof"), ()),
    ("needs", {"lacks": "water"}, ("food",), ("water",)),
    ("needs", {"lacks": "water"}, (), ("water", "roof")),
    ("needs", {"lacks_all": ["water", "food"]}, ("roof",), ("food", "roof")),
    ("needs", {"lacks_all": ["water", "food"]}, (), ("water",)),
    ("needs", {"only": ["water", "food"]}, ("food",), ("food", "roof")),
    ("needs", {"only": ["water", "food"]}, ("water", "food"), ()),
    ("needs", {"empty": True}, (), ("water",)),
    ("needs", {"empty": False}, ("water",), ()),
    ("needs", {"count_at_least": 2}, ("water", "food"), ("water",)),
    ("needs", {"count_at_least": 1}, ("roof",), ()),
    ("people", {"at_least": 5}, 5, 4),
    ("people", {"at_most": 5}, 5, 6),
    ("people", {"more_than": 5}, 6, 5),
    ("people", {"less_than": 5}, 4, 5),
    ("people", {"at_least": 0}, 0, -1),
    ("years", {"at_least": 1.5}, 1.5, 1.25),
    ("years", {"at_least": 2, "less_than": 5}, 2, 5),
    ("years", {"at_least": 2, "less_than": 5}, 4.5, 1),
]


@pytest.mark.parametrize(("name", "test", "yes", "no"), OPERATOR_CASES)
def test_each_operator_and_its_negation_on_known_and_unknown(name: str, test: object, yes: Value, no: Value) -> None:
    assert truth({name: test}, {name: yes}) is True
    assert truth({name: test}, {name: no}) is False
    assert truth({name: test}, {}) is None
    assert truth({"not": {name: test}}, {name: yes}) is False
    assert truth({"not": {name: test}}, {name: no}) is True
    assert truth({"not": {name: test}}, {}) is None


def test_every_operator_stands_in_the_cases_above() -> None:
    used = {
        leaf.operator
        for name, test, _, _ in OPERATOR_CASES
        for leaf in leaves(read({name: test}))
        if isinstance(leaf, FactTest)
    }
    assert used == set(OPERATORS)


def test_true_is_not_one() -> None:
    assert FactTest("urgent", "is", True).holds(1) is False
    assert FactTest("people", "is", 1).holds(True) is False


def test_a_finding_that_is_not_mentioned_is_unknown() -> None:
    assert truth({"finding": "strain"}, {}) is None
    assert truth({"finding": "strain"}, {}, {"strain": True}) is True
    assert truth({"finding": "strain"}, {}, {"strain": False}) is False


@pytest.mark.parametrize(
    ("test", "value", "matched"),
    [
        (FactTest("needs", "has", "water"), ("water", "roof"), ("water",)),
        (FactTest("needs", "has_any", ("roof", "water")), ("water", "food", "roof"), ("water", "roof")),
        (FactTest("needs", "has_all", ("roof", "water")), ("water", "food", "roof"), ("water", "roof")),
        (FactTest("needs", "has", "water", negated=True), ("roof",), ("roof",)),
        (FactTest("needs", "lacks", "water"), ("roof",), ("roof",)),
        (FactTest("needs", "only", ("roof", "food")), ("roof",), ("roof",)),
        (FactTest("needs", "count_at_least", 1), ("roof",), ("roof",)),
        (FactTest("region", "one_of", ("north", "south")), "north", "north"),
        (FactTest("people", "at_least", 5), 7, 7),
        (FactTest("urgent", "is", False), False, False),
    ],
)
def test_matched_is_what_was_looked_for(test: FactTest, value: Value, matched: Value) -> None:
    assert test.holds(value)
    assert test.matched(value) == matched


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"urgent": True}, "urgent is true"),
        ({"region": "north"}, "region is north"),
        ({"region": ["north", "south"]}, "region is one of north, south"),
        ({"not": {"region": ["north", "south"]}}, "region is none of north, south"),
        ({"needs": {"has_all": ["water", "roof"]}}, "needs includes all of water, roof"),
        ({"not": {"needs": {"has_all": ["water", "roof"]}}}, "needs lacks one of water, roof"),
        ({"needs": {"empty": True}}, "needs is empty"),
        ({"needs": {"empty": False}}, "needs is not empty"),
        ({"not": {"needs": {"empty": True}}}, "needs is not empty"),
        ({"people": {"at_least": 5, "less_than": 9}}, "people is at least 5 and people is less than 9"),
        ({"not": {"people": {"at_least": 5}}}, "people is less than 5"),
        ({"finding": "strain"}, "finding strain"),
        (
            {"all": [{"urgent": True}, {"any": [{"finding": "strain"}, {"region": "west"}]}]},
            "urgent is true and (finding strain or region is west)",
        ),
        (
            {"any": [{"urgent": True}, {"all": [{"finding": "strain"}, {"region": "west"}]}]},
            "urgent is true or (finding strain and region is west)",
        ),
    ],
)
def test_a_condition_is_told_in_words(raw: object, words: str) -> None:
    assert str(read(raw)) == words


def test_not_empty_false_is_told_as_empty() -> None:
    raw = {"not": {"needs": {"empty": False}}}
    assert (truth(raw, {"needs": ()}), truth(raw, {"needs": ("roof",)})) == (True, False)
    assert str(read(raw)) == "needs is empty"


def test_negation_is_pushed_to_the_tests_and_joins_of_one_kind_are_flat() -> None:
    raw = {"not": {"any": [{"urgent": True}, {"not": {"all": [{"calm": True}, {"region": "west"}]}}]}}
    assert read(raw) == All(
        (FactTest("urgent", "is", True, negated=True), FactTest("calm", "is", True), FactTest("region", "is", "west"))
    )
    assert read({"not": {"years": {"at_least": 1, "at_most": 2}}}) == AnyOf(
        (FactTest("years", "at_least", 1, negated=True), FactTest("years", "at_most", 2, negated=True))
    )
    assert read({"all": [{"any": [{"urgent": True}]}]}) == FactTest("urgent", "is", True)


def test_leaves_stand_in_the_order_in_which_they_are_written() -> None:
    raw = {"all": [{"years": {"at_least": 1}}, {"any": [{"finding": "strain"}, {"urgent": True}]}, {"calm": False}]}
    told = list(map(str, leaves(read(raw))))
    assert told == ["years is at least 1", "finding strain", "urgent is true", "calm is false"]


def test_support_is_all_that_makes_a_condition_true_and_nothing_else() -> None:
    raw = {"any": [{"urgent": True}, {"all": [{"calm": True}, {"region": "west"}]}, {"finding": "strain"}]}
    condition = read(raw)
    facts: dict[str, Value] = {"urgent": True, "calm": True, "region": "north"}
    assert list(support(condition, facts, {"strain": True})) == [FactTest("urgent", "is", True), FindingIs("strain")]
    assert list(support(condition, {"calm": True}, {})) == []
    assert list(support(condition, {"urgent": False, "calm": False}, {"strain": False})) == []


def test_one_predicate_is_one_object_so_that_the_engine_does_not_leak() -> None:
    assert predicate("at_least", 5, False) is predicate("at_least", 5, False)
    assert predicate("at_least", 5, False) is not predicate("at_least", 5, True)
    # 1 and true are equal, and yet two operands.
    assert predicate("is", True, False)(True) is True
    assert predicate("is", 1, False)(True) is False


def condition_problems(pack: MiniPack, condition: str) -> list[str]:
    file = "rules/hosting/more.yaml"
    pack.write(file, MORE_RULE.replace("  land_offered: true\nthen", f"{condition}then"))
    return [problem.removeprefix(f"{file}:") for problem in pack.problems()]


def test_the_rule_that_the_cases_below_spoil_is_valid(pack: MiniPack) -> None:
    assert condition_problems(pack, "  land_offered: true\n") == []


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        pytest.param(
            "  - land_offered: true\n",
            (
                "3:1: error: a condition is a mapping with one key (a fact, or one of all, any, not, finding); "
                "this is none. Join several by all or any (condition-shape)"
            ),
            id="a list",
        ),
        pytest.param(
            "  land_offered: true\n  region: north\n",
            (
                "3:1: error: a condition is a mapping with one key (a fact, or one of all, any, not, finding); "
                "this has 2 keys. Join several by all or any (condition-shape)"
            ),
            id="two facts side by side",
        ),
        pytest.param(
            "\n",
            (
                "3:1: error: a condition is a mapping with one key (a fact, or one of all, any, not, finding); "
                "this is none. Join several by all or any (condition-shape)"
            ),
            id="nothing",
        ),
        pytest.param(
            "  all: {land_offered: true}\n",
            "4:3: error: 'all' takes a list of one or more conditions (condition-shape)",
            id="all without a list",
        ),
        pytest.param(
            "  any: []\n",
            "4:3: error: 'any' takes a list of one or more conditions (condition-shape)",
            id="any of nothing",
        ),
        pytest.param(
            "  all: [land_offered]\n",
            (
                "4:9: error: a condition is a mapping with one key (a fact, or one of all, any, not, finding); "
                "this is none. Join several by all or any (condition-shape)"
            ),
            id="a word inside all",
        ),
        pytest.param(
            "  not:\n    finding: mass-influx\n",
            (
                "5:5: error: a finding cannot be negated: learning more must never take a rule back; negate "
                "facts instead (negated-finding)"
            ),
            id="a negated finding",
        ),
        pytest.param(
            (
                "  all:\n"
                "    - land_offered: true\n"
                "    - not:\n"
                "        any:\n"
                "          - region: north\n"
                "          - finding: mass-influx\n"
            ),
            (
                "9:13: error: a finding cannot be negated: learning more must never take a rule back; negate "
                "facts instead (negated-finding)"
            ),
            id="a negated finding inside any",
        ),
        pytest.param(
            "  finding: [mass-influx]\n",
            "4:3: error: 'finding' takes the id of one finding (condition-shape)",
            id="a list of findings",
        ),
        pytest.param(
            "  land_ofered: true\n",
            "4:3: error: no fact named 'land_ofered'; did you mean 'land_offered'? (unknown-fact)",
            id="a fact that does not exist",
        ),
        pytest.param(
            "  xyzzy: true\n",
            "4:3: error: no fact named 'xyzzy' (unknown-fact)",
            id="a fact that is like none",
        ),
        pytest.param(
            "  land_offered: maybe\n",
            "4:3: error: land_offered (its type is boolean) is tested by true or false; not 'maybe' (wrong-type)",
            id="a word for a boolean",
        ),
        pytest.param(
            "  region: 5\n",
            (
                "4:3: error: region (its type is enum) is tested by one value or a list of values: north, "
                "south; not 5 (wrong-type)"
            ),
            id="a number for an enum",
        ),
        pytest.param(
            "  region: []\n",
            (
                "4:3: error: region (its type is enum) is tested by one value or a list of values: north, "
                "south; not an empty list (wrong-type)"
            ),
            id="an empty list for an enum",
        ),
        pytest.param(
            "  region: nort\n",
            "4:3: error: region has no value 'nort'; did you mean 'north'?; allowed: north, south (value-not-allowed)",
            id="a value that an enum does not have",
        ),
        pytest.param(
            "  region: [north, west]\n",
            "4:19: error: region has no value 'west'; allowed: north, south (value-not-allowed)",
            id="a value in a list that an enum does not have",
        ),
        pytest.param(
            "  situation_types: [mass_influx]\n",
            (
                "4:3: error: situation_types (its type is set) is tested by an operator: has, has_any, has_all, "
                "lacks, lacks_all, only, empty, count_at_least; not a list (wrong-type)"
            ),
            id="a list for a set",
        ),
        pytest.param(
            "  situation_types: {}\n",
            (
                "4:3: error: situation_types (its type is set) is tested by an operator: has, has_any, has_all, "
                "lacks, lacks_all, only, empty, count_at_least; not an empty mapping (wrong-type)"
            ),
            id="no operator",
        ),
        pytest.param(
            "  situation_types: {at_least: 1}\n",
            (
                "4:21: error: no operator 'at_least' for situation_types (its type is set); did you mean "
                "'count_at_least'?; allowed: has, has_any, has_all, lacks, lacks_all, only, empty, "
                "count_at_least (unknown-operator)"
            ),
            id="an operator of another type",
        ),
        pytest.param(
            "  arrivals: {atleast: 5}\n",
            (
                "4:14: error: no operator 'atleast' for arrivals (its type is integer); did you mean "
                "'at_least'?; allowed: at_least, at_most, more_than, less_than (unknown-operator)"
            ),
            id="an operator that does not exist",
        ),
        pytest.param(
            "  situation_types: {has: mass_inflow}\n",
            (
                "4:21: error: situation_types has no value 'mass_inflow'; did you mean 'mass_influx'?; allowed: "
                "mass_influx, protracted, rescue_at_sea (value-not-allowed)"
            ),
            id="a value that a set does not have",
        ),
        pytest.param(
            "  situation_types: {has: [mass_influx]}\n",
            "4:21: error: 'has' takes one value: mass_influx, protracted, rescue_at_sea; not a list (wrong-type)",
            id="a list for has",
        ),
        pytest.param(
            "  situation_types: {has_any: mass_influx}\n",
            "4:21: error: 'has_any' takes a list of values: mass_influx, protracted, rescue_at_sea; not 'mass_influx' "
            "(wrong-type)",
            id="a word for has_any",
        ),
        pytest.param(
            "  situation_types: {only: []}\n",
            "4:21: error: 'only' takes a list of values: mass_influx, protracted, rescue_at_sea; not an empty list "
            "(wrong-type)",
            id="an empty list for only",
        ),
        pytest.param(
            "  situation_types: {lacks_all: [protracted, sea]}\n",
            (
                "4:45: error: situation_types has no value 'sea'; allowed: mass_influx, protracted, "
                "rescue_at_sea (value-not-allowed)"
            ),
            id="a value in a list that a set does not have",
        ),
        pytest.param(
            "  situation_types: {empty: none}\n",
            "4:21: error: 'empty' takes true or false; not 'none' (wrong-type)",
            id="a word for empty",
        ),
        pytest.param(
            "  situation_types: {count_at_least: 0}\n",
            "4:21: error: 'count_at_least' takes a whole number above 0; not 0 (wrong-type)",
            id="a count of nothing",
        ),
        pytest.param(
            "  situation_types: {count_at_least: true}\n",
            "4:21: error: 'count_at_least' takes a whole number above 0; not true (wrong-type)",
            id="a count of true",
        ),
        pytest.param(
            "  arrivals: {at_least: many}\n",
            "4:14: error: 'at_least' takes a number; not 'many' (wrong-type)",
            id="a word for a number",
        ),
        pytest.param(
            "  arrivals: {at_most: true}\n",
            "4:14: error: 'at_most' takes a number; not true (wrong-type)",
            id="true for a number",
        ),
    ],
)
def test_a_condition_that_cannot_be_read_is_that_one_problem(pack: MiniPack, condition: str, problem: str) -> None:
    assert condition_problems(pack, condition) == [problem]


def test_all_slips_of_one_condition_are_told_at_once(pack: MiniPack) -> None:
    slips = "  any:\n    - region: west\n    - all:\n      - arrivals: {at_least: many}\n      - years: {has: 5}\n"
    assert condition_problems(pack, slips) == [
        "5:7: error: region has no value 'west'; allowed: north, south (value-not-allowed)",
        "7:20: error: 'at_least' takes a number; not 'many' (wrong-type)",
        "8:17: error: no operator 'has' for years (its type is number); allowed: at_least, at_most, more_than, "
        "less_than (unknown-operator)",
    ]


def test_a_number_that_is_not_finite_is_no_operand(pack: MiniPack) -> None:
    assert condition_problems(pack, "  arrivals: {at_least: 1e999}\n") != []
