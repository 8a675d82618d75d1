"""The benchmarks compare what is equal: all engines give the same rules, with the same traces, on the same facts."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import pytest

import advisor
from advisor import situation
from advisor.conditions import All, AnyOf, Condition, FactTest, evaluate
from advisor.corpus import Corpus

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
PACKAGES = {"objects": None, "function": None, "experta": None, "CLIPS": "clips", "ZEN": "zen"}


@pytest.fixture(scope="module", autouse=True)
def benchmarks_on_the_path() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield


def module(name: str) -> ModuleType:
    return importlib.import_module(name)


def engine(name: str, corpus: Corpus) -> Any:
    if (package := PACKAGES.get(name)) is not None:
        pytest.importorskip(package, reason=f"{name} is of the extra 'bench', which isn't installed")
    return module("comparing").engine_class(name)(corpus)


@pytest.mark.parametrize("name", PACKAGES)
def test_an_engine_gives_the_same_rules_traces_and_findings_as_the_advisor(name: str, corpus: Corpus) -> None:
    other, own = engine(name, corpus), engine("advisor", corpus)
    for facts in module("comparing").cases(corpus, 12):
        assert other.outcome(other.run(facts)) == own.outcome(own.run(facts)), situation.to_json(facts)


@pytest.mark.parametrize("name", PACKAGES)
def test_an_engine_fires_nothing_where_nothing_is_known(name: str, corpus: Corpus) -> None:
    other = engine(name, corpus)
    assert other.outcome(other.run({})).because == {}


@pytest.mark.parametrize("name", ["function", "CLIPS", "ZEN"])
def test_an_engine_has_every_operator_right_negated_or_not(name: str, corpus: Corpus) -> None:
    rules, others = operators(corpus)
    other = engine(name, rules)
    for facts in others:
        fired = other.outcome(other.run(facts)).because
        for rule in rules.rules.values():
            assert (rule.id in fired) is (evaluate(rule.when, facts, {}) is True), (str(rule.when), facts)


def operators(corpus: Corpus) -> tuple[Corpus, list[dict[str, Any]]]:
    """Return a corpus with a rule for each operator, and its negation, and situations that tell them apart."""
    offered = corpus.facts["contributions_offered"].allowed[:3]
    regions = corpus.facts["region"].allowed[:3]
    flag = next(name for name, fact in corpus.facts.items() if fact.type == "boolean")
    tests: list[Condition] = []
    for negated in (False, True):
        tests += [FactTest("region", "is", regions[0], negated), FactTest("region", "one_of", regions[:2], negated)]
        tests += [FactTest(flag, "is", value, negated) for value in (True, False)]
        tests += [FactTest("contributions_offered", operator, offered[0], negated) for operator in ("has", "lacks")]
        tests += [
            FactTest("contributions_offered", operator, offered[:2], negated)
            for operator in ("has_any", "has_all", "lacks_all", "only")
        ]
        tests += [FactTest("contributions_offered", "empty", value, negated) for value in (True, False)]
        tests += [FactTest("contributions_offered", "count_at_least", 2, negated)]
        tests += [
            FactTest("arrivals_count", operator, 10, negated)
            for operator in ("at_least", "at_most", "more_than", "less_than")
        ]
    tests.append(All((tests[0], AnyOf((tests[2], All((tests[4], tests[6])))))))
    like = next(iter(corpus.rules.values()))
    rules = {
        f"rule-{number}": replace(like, id=f"rule-{number}", when=test, pressing_when=None, then=())
        for number, test in enumerate(tests)
    }
    known: list[dict[str, Any]] = [{}]
    known += [{"region": region} for region in regions] + [{flag: value} for value in (True, False)]
    known += [{"arrivals_count": number} for number in (9, 10, 11)]
    known += [{"contributions_offered": offered[:number]} for number in range(4)]
    known += [{"contributions_offered": offered[1:]}, {"contributions_offered": offered[2:]}]
    known += [{"region": regions[0], flag: True, "contributions_offered": offered[:1]}]
    return replace(corpus, rules=MappingProxyType(rules)), known


def test_an_engine_that_answers_differently_is_not_passed_over(corpus: Corpus) -> None:
    comparing = module("comparing")
    known = comparing.cases(corpus, comparing.A_ROUND)
    own, other = (comparing.Compared(name, corpus, known[:1], 1) for name in ("advisor", "function"))
    for each in (own, other):
        each.turn(0, known)
        each.check(own, known)
    because, _, _ = other.answers[3]
    because.popitem()
    with pytest.raises(AssertionError, match="function gives other because on"):
        other.check(own, known)
    assert len(other.times(own)) == comparing.A_ROUND


def test_a_quantile_lies_between_its_neighbours() -> None:
    figures = module("figures")
    assert figures.quantile([4, 1, 3, 2], 0.5) == 2.5
    assert figures.quantile([1], 0.9) == 1
    assert figures.spread([3, 1, 2]) == {"median": 2, "p10": 1.2, "p90": 2.8}


def test_the_bare_endpoint_takes_what_the_advisor_takes_and_refuses_what_it_refuses(corpus: Corpus) -> None:
    model = module("bare").request_model(corpus.facts)
    for facts in islice(module("situations").varied(corpus), 20):
        model.model_validate_json(json.dumps({"facts": facts}))
    for facts in ({"region": "atlantis"}, {"no_such_fact": True}, {"arrivals_count": -1}, {"arrivals_count": True}):
        with pytest.raises(ValueError, match="validation error"):
            model.model_validate_json(json.dumps({"facts": facts}))
        with pytest.raises(advisor.SituationError):
            advisor.advise(facts)
    assert sys.modules["api.reload"].LiveApp.__module__ == "api.reload"
