from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from minipack import MiniPack
from strategies import SITUATIONS, Raw

import advisor
from advisor import situation
from advisor.conditions import Facts
from advisor.errors import Problem, SituationError
from advisor.model import Fact
from advisor.situation import Reader


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Fact]:
    return MiniPack(tmp_path_factory.mktemp("situation") / "mini").load().facts


def refused(raw: object, facts: Mapping[str, Fact]) -> tuple[Problem, ...]:
    with pytest.raises(SituationError) as error:
        situation.parse(raw, facts)
    return error.value.problems


HUGE = pytest.param(10**5000, id="huge")


def only(raw: object, facts: Mapping[str, Fact]) -> Problem:
    (problem,) = refused(raw, facts)
    return problem


KINDS = "mass_influx, protracted, rescue_at_sea"


def test_an_unknown_fact_is_refused_with_the_nearest_name(facts: Mapping[str, Fact]) -> None:
    problem = only({"regoin": "north"}, facts)
    assert str(problem) == "/regoin: error: no fact named 'regoin'; did you mean 'region'? (unknown-fact)"
    assert (problem.value, problem.suggestion) == ("regoin", "region")


@pytest.mark.parametrize("name", ["Land-Offered", "land offered", "LAND_OFFERED", "offered", "land_ofered"])
def test_case_hyphens_and_spaces_are_forgiven_in_a_suggestion(facts: Mapping[str, Fact], name: str) -> None:
    assert only({name: True}, facts).suggestion == "land_offered"


@pytest.mark.parametrize("name", ["xyzzy", "", "²", "a/b~c"])
def test_a_fact_like_none_is_refused_without_a_suggestion(facts: Mapping[str, Fact], name: str) -> None:
    problem = only({name: True}, facts)
    assert problem.code == "unknown-fact"
    assert problem.message == f"no fact named {name!r}"
    assert problem.suggestion is None


def test_a_pointer_is_escaped(facts: Mapping[str, Fact]) -> None:
    assert only({"a/b~c": True}, facts).pointer == "/a~1b~0c"


@pytest.mark.parametrize("name", [5, None, True, 1.5, ("region",), HUGE])
def test_a_name_that_is_not_text_is_an_unknown_fact(facts: Mapping[str, Fact], name: object) -> None:
    assert only({name: True}, facts).code == "unknown-fact"


def test_a_very_long_name_is_cut_in_the_message(facts: Mapping[str, Fact]) -> None:
    assert only({"x" * 10_000: True}, facts).message == f"no fact named '{'x' * 80}…'"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("land_offered", 1, "land_offered is true or false (or null where unknown), not the number 1"),
        ("land_offered", "true", "land_offered is true or false (or null where unknown), not the text 'true'"),
        ("land_offered", [True], "land_offered is true or false (or null where unknown), not a list"),
        ("land_offered", {}, "land_offered is true or false (or null where unknown), not a mapping"),
        ("region", 5, "region is one word of north, south; not the number 5"),
        ("region", True, "region is one word of north, south; not true (true or false)"),
        ("region", ["north"], "region is one word of north, south; not a list"),
        ("region", {"north": True}, "region is one word of north, south; not a mapping"),
        ("situation_types", "protracted", f"situation_types is a list of {KINDS}; not the text 'protracted'"),
        ("situation_types", 7.5, f"situation_types is a list of {KINDS}; not the number 7.5"),
        ("situation_types", {"protracted": True}, f"situation_types is a list of {KINDS}; not a mapping"),
        ("situation_types", b"protracted", f"situation_types is a list of {KINDS}; not a bytes"),
        ("arrivals", "5", "arrivals is a whole number, not the text '5'"),
        ("arrivals", True, "arrivals is a whole number, not true (true or false)"),
        ("arrivals", [5], "arrivals is a whole number, not a list"),
        ("arrivals", 5.5, "arrivals is a whole number, not 5.5"),
        ("arrivals", math.nan, "arrivals is a whole number, not the number nan"),
        ("arrivals", math.inf, "arrivals is a whole number, not the number inf"),
        ("years", False, "years is a number, not false (true or false)"),
        ("years", "two", "years is a number, not the text 'two'"),
        ("years", math.nan, "years is a number, not the number nan"),
        ("years", -math.inf, "years is a number, not the number -inf"),
        ("years", 2 + 1j, "years is a number, not a complex"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    facts: Mapping[str, Fact], name: str, value: object, message: str
) -> None:
    problem = only({name: value}, facts)
    assert (problem.code, problem.message, problem.pointer) == ("wrong-type", message, f"/{name}")


@pytest.mark.parametrize(
    ("member", "what"),
    [
        (5, "the number 5"),
        (None, "null"),
        (["protracted"], "a list"),
        ({}, "a mapping"),
        (True, "true (true or false)"),
    ],
)
def test_each_entry_of_a_list_is_a_word(facts: Mapping[str, Fact], member: object, what: str) -> None:
    problem = only({"situation_types": ["protracted", member]}, facts)
    assert problem.message == f"each entry of situation_types is a word, not {what}"
    assert (problem.code, problem.pointer) == ("wrong-type", "/situation_types/1")
    assert problem.allowed == ("mass_influx", "protracted", "rescue_at_sea")


def test_a_value_that_is_not_allowed_is_refused_with_the_nearest_one(facts: Mapping[str, Fact]) -> None:
    problem = only({"region": "North"}, facts)
    assert str(problem) == (
        "/region: error: region has no value 'North'; did you mean 'north'?; allowed: north, south (value-not-allowed)"
    )
    assert (problem.value, problem.allowed, problem.suggestion) == ("North", ("north", "south"), "north")
    problem = only({"situation_types": ["mass_influx", "mass influxes"]}, facts)
    assert (problem.code, problem.pointer) == ("value-not-allowed", "/situation_types/1")
    assert problem.suggestion == "mass_influx"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("arrivals", -1, "arrivals is out of range: -1 is not from 0 to 1000000"),
        ("arrivals", 1_000_001, "arrivals is out of range: 1000001 is not from 0 to 1000000"),
        ("years", 150.5, "years is out of range: 150.5 is not from 0 to 150"),
        ("years", -0.5, "years is out of range: -0.5 is not from 0 to 150"),
        ("arrivals", 10**20, "arrivals is out of range: 100000000000000… (21 digits) is not from 0 to 1000000"),
        pytest.param(
            "years",
            -(10**5000),
            "years is out of range: a number of over four thousand digits is not from 0 to 150",
            id="huge",
        ),
        ("years", 1e300, "years is out of range: 1e+300 is not from 0 to 150"),
    ],
)
def test_a_number_out_of_range_is_refused(facts: Mapping[str, Fact], name: str, value: object, message: str) -> None:
    problem = only({name: value}, facts)
    assert (problem.code, problem.message) == ("out-of-range", message)


@pytest.mark.parametrize(("name", "value"), [("arrivals", 0), ("arrivals", 1_000_000), ("years", 0), ("years", 150)])
def test_the_ends_of_a_range_belong_to_it(facts: Mapping[str, Fact], name: str, value: int) -> None:
    assert situation.parse({name: value}, facts) == {name: value}


@pytest.mark.parametrize(
    "raw", [{"region": "\ud800"}, {"\udfff": True}, {"situation_types": ["a\ud800"]}, {"years": "\ud800"}]
)
def test_half_a_character_is_refused_in_words_that_can_be_sent(facts: Mapping[str, Fact], raw: object) -> None:
    problem = only(raw, facts)
    told = (problem.message, problem.pointer, problem.value, problem.suggestion)
    json.dumps(told, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"region": [10**5000]}, id="in a list"),
        pytest.param({"region": {"n": 10**5000}}, id="in a mapping"),
        pytest.param({"situation_types": {10**5000}}, id="in a set"),
        pytest.param({(10**5000,): True}, id="in a name"),
    ],
)
def test_a_huge_number_inside_another_value_is_refused(facts: Mapping[str, Fact], raw: object) -> None:
    assert len(refused(raw, facts)) == 1


@pytest.mark.parametrize(
    ("raw", "what"), [(None, "null"), ([], "a list"), ("region", "the text 'region'"), (5, "the number 5")]
)
def test_facts_that_are_no_mapping_are_refused(facts: Mapping[str, Fact], raw: object, what: str) -> None:
    problem = only(raw, facts)
    assert problem.code == "wrong-type"
    assert problem.message == f"facts are a mapping of fact names to values, not {what}"


def test_all_problems_are_told_at_once(facts: Mapping[str, Fact]) -> None:
    raw = {"regoin": 1, "arrivals": -5, "situation_types": ["x", 5, "protracted"], "land_offered": None, "years": True}
    assert [(problem.code, problem.pointer) for problem in refused(raw, facts)] == [
        ("unknown-fact", "/regoin"),
        ("out-of-range", "/arrivals"),
        ("value-not-allowed", "/situation_types/0"),
        ("wrong-type", "/situation_types/1"),
        ("wrong-type", "/years"),
    ]


def test_null_is_unknown_and_an_empty_list_is_known(facts: Mapping[str, Fact]) -> None:
    assert situation.parse({"region": None, "situation_types": [], "land_offered": False, "years": 0}, facts) == {
        "situation_types": (),
        "years": 0,
        "land_offered": False,
    }


def test_facts_and_entries_are_put_in_the_order_of_the_vocabulary(facts: Mapping[str, Fact]) -> None:
    raw = {"land_offered": True, "region": "south", "situation_types": ["rescue_at_sea", "mass_influx", "mass_influx"]}
    known = situation.parse(raw, facts)
    assert list(known.items()) == [
        ("situation_types", ("mass_influx", "rescue_at_sea")),
        ("region", "south"),
        ("land_offered", True),
    ]


def test_sets_and_tuples_are_lists_too(facts: Mapping[str, Fact]) -> None:
    for value in (
        {"protracted", "mass_influx"},
        ("protracted", "mass_influx"),
        frozenset(["mass_influx", "protracted"]),
    ):
        assert situation.parse({"situation_types": value}, facts) == {"situation_types": ("mass_influx", "protracted")}


def test_equal_numbers_are_one_number(facts: Mapping[str, Fact]) -> None:
    for value in (5, 5.0):
        known = situation.parse({"arrivals": value, "years": value}, facts)
        assert situation.to_json(known) == '{"arrivals":5,"years":5}'
    assert situation.to_json(situation.parse({"years": -0.0}, facts)) == '{"years":0}'
    assert situation.to_json(situation.parse({"years": 2.5}, facts)) == '{"years":2.5}'


@given(raw=SITUATIONS)
def test_a_canonical_situation_is_its_own_canonical_form(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    known = situation.parse(raw, corpus.facts)
    assert set(known) == set(raw)
    assert situation.parse(known, corpus.facts) == known
    assert situation.to_json(situation.parse(json.loads(situation.to_json(known)), corpus.facts)) == (
        situation.to_json(known)
    )


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@given(data=st.data())
def test_whatever_is_given_is_known_or_refused(data: st.DataObject) -> None:
    corpus = advisor.load_corpus()
    names = st.sampled_from(list(corpus.facts)) | st.text(max_size=10)
    raw: dict[str, Any] = data.draw(st.dictionaries(names, JUNK, max_size=4))
    wrong: list[str] = []
    try:
        known = dict(situation.parse(raw, corpus.facts))
    except SituationError as error:
        known = {}
        wrong = [problem.code for problem in error.problems]
        for problem in error.problems:
            json.dumps([problem.message, problem.value], allow_nan=False).encode()
    else:
        assert set(known) == {name for name, value in raw.items() if value is not None}
    assert set(wrong) <= {"unknown-fact", "wrong-type", "value-not-allowed", "out-of-range"}


# --- files ------------------------------------------------------------------------------------------------------------


def from_file(text: str, facts: Mapping[str, Fact]) -> list[str]:
    with pytest.raises(SituationError) as error:
        situation.parse_file(Path("case.yaml"), text, facts)
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize(
    "text",
    [
        "region: south\nyears: 2.5\n",
        "title: A case\nstory: Told at length.\nfacts:\n  years: 2.5\n  region: south\n",
        '{"facts": {"region": "south", "years": 2.5, "arrivals": null}}',
        "# a comment\nregion: south\nyears: 2.5\narrivals:\n",
    ],
)
def test_a_file_holds_the_facts_themselves_or_a_mapping_with_facts(facts: Mapping[str, Fact], text: str) -> None:
    assert situation.parse_file(None, text, facts) == {"region": "south", "years": 2.5}


@pytest.mark.parametrize("text", ["", "facts:\n", "facts: {}\n", "{}", "# nothing known\n"])
def test_an_empty_file_is_a_situation_of_which_nothing_is_known(facts: Mapping[str, Fact], text: str) -> None:
    assert situation.parse_file(None, text, facts) == {}


def test_problems_in_a_file_have_line_and_column(facts: Mapping[str, Fact]) -> None:
    assert from_file("region: east\nsituation_types:\n  - protracted\n  - 5\n\nregoin: north\n", facts) == [
        "case.yaml:1:1: error: region has no value 'east'; allowed: north, south (value-not-allowed)",
        "case.yaml:4:5: error: each entry of situation_types is a word, not the number 5 (wrong-type)",
        "case.yaml:6:1: error: no fact named 'regoin'; did you mean 'region'? (unknown-fact)",
    ]
    assert from_file("title: x\nfacts:\n  years: 200\n  a/b~c: 1\n", facts) == [
        "case.yaml:3:3: error: years is out of range: 200 is not from 0 to 150 (out-of-range)",
        "case.yaml:4:3: error: no fact named 'a/b~c' (unknown-fact)",
    ]


def test_a_json_file_has_line_and_column_too(facts: Mapping[str, Fact]) -> None:
    assert from_file('{"years": 2,\n  "region": "east"}', facts) == [
        "case.yaml:2:3: error: region has no value 'east'; allowed: north, south (value-not-allowed)"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("facts: 5", "1:1: error: a situation is a mapping of fact names to values, not the number 5 (wrong-type)"),
        ("- region", "1:1: error: a situation is a mapping of fact names to values, not a list (wrong-type)"),
        ("facts: {}\nfact: {}\n", "2:1: error: no key 'fact' beside facts; allowed: title, story (unknown-key)"),
        (
            "region: [",
            "1:9: error: the [ that opens here is not closed (unbalanced-brackets)",
        ),
        ("land_offered: yes", None),
        (
            "region: north\nregion: south",
            "2:1: error: the key 'region' stands here twice (first on line 1) (duplicate-key)",
        ),
    ],
)
def test_a_file_that_is_no_situation_is_refused(facts: Mapping[str, Fact], text: str, problem: str | None) -> None:
    (found,) = from_file(text, facts)
    if problem is None:
        assert found.startswith("case.yaml:1:15: error: 'yes' is read differently")
    else:
        assert found == f"case.yaml:{problem}"


def test_standard_input_is_called_by_its_name(facts: Mapping[str, Fact]) -> None:
    with pytest.raises(SituationError, match=r"^<stdin>:1:1: error: no fact named 'x' \(unknown-fact\)$"):
        situation.parse_file(None, "x: 1", facts)


def test_an_unknown_fact_named_like_a_digit_is_refused(facts: Mapping[str, Fact]) -> None:
    assert from_file("region: north\n²: true\n", facts) == ["case.yaml:2:1: error: no fact named '²' (unknown-fact)"]


@pytest.mark.parametrize("name", ["5", "x" * 100])
def test_an_unknown_fact_is_placed_where_it_stands(facts: Mapping[str, Fact], name: str) -> None:
    (problem,) = from_file(f"region: north\n{name}: true\n", facts)
    assert problem.startswith("case.yaml:2:1: ")


def read(raw: object, how: Callable[[object], Facts]) -> tuple[object, ...]:
    """Return the facts of a situation, in their order and with their types, or everything that is wrong with it."""
    try:
        known = how(raw)
    except SituationError as error:
        return error.problems
    return tuple((name, type(value), value) for name, value in known.items())


NEARLY: tuple[Any, ...] = (
    True,
    False,
    0,
    1,
    2,
    -1,
    1.0,
    2.5,
    1e9,
    "",
    "no",
    None,
    [],
    (),
    [True],
    [None],
    [["a"]],
    {},
    math.nan,
    10**400,
)


@given(data=st.data())
def test_a_reader_prepared_for_a_vocabulary_reads_as_parse_does(data: st.DataObject) -> None:
    corpus = advisor.load_corpus()
    raw: Raw = dict(data.draw(SITUATIONS))
    for name in data.draw(st.lists(st.sampled_from([*corpus.facts, "regoin"]), max_size=3)):
        allowed = [*getattr(corpus.facts.get(name), "allowed", ()), "other"]
        members = st.lists(st.sampled_from(allowed), max_size=4)
        raw[name] = data.draw(st.sampled_from(NEARLY) | st.sampled_from(allowed) | members | members.map(tuple) | JUNK)
    assert read(raw, corpus.reader.read) == read(raw, lambda raw: situation.parse(raw, corpus.facts))


@pytest.mark.parametrize("raw", [None, [], "region", {5: True}, {None: None}, {"region": "north", "regoin": None}])
def test_a_reader_refuses_what_parse_refuses(raw: object, facts: Mapping[str, Fact]) -> None:
    assert read(raw, Reader(facts).read) == read(raw, lambda raw: situation.parse(raw, facts))
