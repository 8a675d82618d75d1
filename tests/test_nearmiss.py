from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kleene import operator_holds
from minipack import MiniPack

from advisor import situation
from advisor.conditions import Condition, parse
from advisor.corpus import Corpus
from advisor.nearmiss import NearMisses

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "60"))
Raw = dict[str, Any]
KINDS = ("mass_influx", "protracted", "rescue_at_sea")
KIND_SETS = [list(some) for size in range(4) for some in combinations(KINDS, size)]
# Every value that conditions with the thresholds 5 and 7 can tell apart.
VALUES: dict[str, list[Any]] = {
    "situation_types": KIND_SETS,
    "region": ["north", "south"],
    "arrivals": [0, 4, 5, 6, 7, 8],
    "land_offered": [True, False],
}


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    folder: Path = tmp_path_factory.mktemp("packs") / "mini"
    return MiniPack(folder).load()


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=1)


TESTS: st.SearchStrategy[Raw] = st.one_of(
    st.fixed_dictionaries({"land_offered": st.booleans()}),
    st.fixed_dictionaries({"region": st.sampled_from(["north", "south"]) | st.just(["north", "south"])}),
    st.builds(
        lambda operator, bound: {"arrivals": {operator: bound}},
        st.sampled_from(["at_least", "at_most", "more_than", "less_than"]),
        st.sampled_from([5, 7]),
    ),
    st.builds(
        lambda operator, members: {"situation_types": {operator: members}},
        st.sampled_from(["has_any", "has_all", "lacks_all", "only"]),
        some(KINDS),
    ),
    st.builds(lambda member: {"situation_types": {"has": member}}, st.sampled_from(KINDS)),
    st.builds(lambda empty: {"situation_types": {"empty": empty}}, st.booleans()),
    st.builds(lambda count: {"situation_types": {"count_at_least": count}}, st.integers(1, 3)),
)


def trees(leaves: st.SearchStrategy[Raw]) -> st.SearchStrategy[Raw]:
    return st.recursive(
        leaves,
        lambda parts: st.builds(
            lambda key, members: {key: members},
            st.sampled_from(["all", "any"]),
            st.lists(parts, min_size=2, max_size=3),
        ),
        max_leaves=6,
    )


PLAIN = TESTS | TESTS.map(lambda test: {"not": test})
SITUATIONS = st.fixed_dictionaries({}, optional={name: st.sampled_from(found) for name, found in VALUES.items()})


def truth(raw: Raw, facts: Raw, deriving: list[Raw]) -> bool | None:
    ((key, value),) = raw.items()
    if key == "not":
        inner = truth(value, facts, deriving)
        return None if inner is None else not inner
    if key in ("all", "any", "finding"):
        parts = deriving if key == "finding" else value
        found = [truth(part, facts, deriving) for part in parts]
        decisive = key != "all"
        return decisive if decisive in found else None if None in found else not decisive
    if key not in facts:
        return None
    if isinstance(value, dict):
        return all(operator_holds(name, facts[key], operand) for name, operand in value.items())
    return facts[key] in value if isinstance(value, list) else bool(facts[key] == value)


def least(raw: Raw, facts: Raw, deriving: list[Raw]) -> tuple[int, int] | None:
    """Return the least number of facts to change, then to become known, over all situations that differ from this."""

    def ways() -> Iterator[tuple[int, int]]:
        choices = [[None, *found] for found in VALUES.values()]
        for chosen in product(*choices):
            told = {name: value for name, value in zip(VALUES, chosen, strict=True) if value is not None}
            if truth(raw, {**facts, **told}, deriving):
                differ = [name for name, value in told.items() if name not in facts or facts[name] != value]
                yield sum(name in facts for name in differ), sum(name not in facts for name in differ)

    return min(ways(), default=None)


def read(raw: Raw, corpus: Corpus) -> Condition:
    condition = parse(raw, corpus.facts, (), lambda *problem, **_: pytest.fail(str(problem)))
    assert condition is not None
    return condition


@settings(max_examples=EXAMPLES)
@given(trees(PLAIN | st.just({"finding": "mass-influx"})), st.lists(trees(PLAIN), min_size=1, max_size=2), SITUATIONS)
def test_the_nearest_miss_is_the_least_of_all_situations(
    mini: Corpus, raw: Raw, deriving: list[Raw], facts: Raw
) -> None:
    model = mini.rules["mass-influx"]
    rules = {f"r{index}": replace(model, id=f"r{index}", when=read(one, mini)) for index, one in enumerate(deriving)}
    corpus = replace(mini, rules=MappingProxyType(rules))
    miss = NearMisses(corpus, situation.parse(facts, corpus.facts)).of(read(raw, corpus))
    wanted = least(raw, facts, deriving)
    assert (None if miss is None else (miss.changes, miss.unknown)) == wanted
    if miss is not None:
        would_do = {one.fact: list(one.value) if isinstance(one.value, tuple) else one.value for one in miss.wanted}
        assert len(would_do) == miss.changes + miss.unknown
        assert truth(raw, {**facts, **would_do}, deriving) is True


def test_a_fact_that_several_tests_ask_for_counts_once(mini: Corpus) -> None:
    raw = {"all": [{"situation_types": {"has": "protracted"}}, {"situation_types": {"lacks": "mass_influx"}}]}
    miss = NearMisses(mini, {"situation_types": ("mass_influx",)}).of(read(raw, mini))
    assert miss is not None
    assert (miss.changes, miss.unknown) == (1, 0)
    assert miss.wanted[0].value == ("protracted",)


def test_what_no_value_can_pass_is_no_way(mini: Corpus) -> None:
    impossible = {"all": [{"arrivals": {"at_least": 7}}, {"arrivals": {"less_than": 7}}]}
    assert NearMisses(mini, {}).of(read(impossible, mini)) is None
    other = {"any": [impossible, {"all": [{"region": "north"}, {"land_offered": True}]}]}
    miss = NearMisses(mini, {"arrivals": 7}).of(read(other, mini))
    assert miss is not None
    assert [one.fact for one in miss.wanted] == ["region", "land_offered"]


def test_a_change_weighs_more_than_any_number_of_unknown_facts(mini: Corpus) -> None:
    raw = {"any": [{"region": "north"}, {"all": [{"land_offered": True}, {"arrivals": {"at_least": 5}}]}]}
    miss = NearMisses(mini, {"region": "south"}).of(read(raw, mini))
    assert miss is not None
    assert (miss.changes, miss.unknown) == (0, 2)
