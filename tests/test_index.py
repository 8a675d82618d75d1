"""Rules are found that Rete finds, in the same layers, and false is told from unknown as Kleene's logic does."""

from __future__ import annotations

import itertools
import os
import random
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from minipack import MiniPack
from randomrules import random_corpus, random_facts
from test_engine import some_situations

from advisor import situation
from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs, Truth, Value, evaluate, leaves
from advisor.corpus import Corpus
from advisor.engine import Engine, Run, engine_for
from advisor.errors import AdvisorError
from advisor.sieve import sieve

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import generated
import situations

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "10"))
"""How many random corpora are tried, and ten times as many situations of the built-in one."""


def naive(corpus: Corpus, facts: Facts) -> dict[str, Truth]:
    """Return the truth of every rule, and of every finding, by evaluating every condition."""
    found: dict[str, Truth] = {}

    def finding(name: str) -> Truth:
        truths = [rule(one) for one, other in corpus.rules.items() if name in other.findings]
        return True if True in truths else None if None in truths else False

    def rule(name: str) -> Truth:
        if name not in found:
            when = corpus.rules[name].when
            waits = {leaf.finding for leaf in leaves(when) if not isinstance(leaf, FactTest)}
            found[name] = evaluate(when, facts, {one: finding(one) for one in waits})
        return found[name]

    return {name: rule(name) for name in corpus.rules} | {name: finding(name) for name in corpus.findings}


def layers_by_evaluating(corpus: Corpus, facts: Facts) -> list[set[str]]:
    """Return the rules that fire, by layers: what holds on facts alone, then what holds with their findings, and so on.

    A rule that fires stands one above the highest layer of the findings on which it first rests; so it comes into the
    first layer in which it holds.
    """
    layers: list[set[str]] = []
    fired: set[str] = set()
    while True:
        known = {finding: True for name in fired for finding in corpus.rules[name].findings}
        new = {
            name
            for name, rule in corpus.rules.items()
            if name not in fired and evaluate(rule.when, facts, dict(known)) is True
        }
        if not new:
            return layers
        layers.append(new)
        fired |= new


def test_on_random_situations_of_the_built_in_corpus_both_matchers_fire_the_same(corpus: Corpus) -> None:
    rete = Engine(corpus, workers=1, matcher="rete")
    indexed = Engine(corpus, workers=1, matcher="indexed")
    fired = 0
    for raw in some_situations(corpus, EXAMPLES * 10):
        facts = situation.parse(raw, corpus.facts)
        run, by_rete = indexed.run(facts), rete.run(facts)
        assert run == by_rete, raw
        assert run.layers == by_rete.layers, raw
        assert list(run.layers) == layers_by_evaluating(corpus, facts), raw
        fired += len(run.fired)
    assert fired


def test_on_situations_as_officers_tell_them_both_matchers_fire_the_same_in_several_layers(corpus: Corpus) -> None:
    rete = Engine(corpus, workers=1, matcher="rete")
    indexed = Engine(corpus, workers=1, matcher="indexed")
    layers = 0
    for raw in itertools.islice(situations.varied(corpus), EXAMPLES * 2):
        facts = situation.parse(raw, corpus.facts)
        run, by_rete = indexed.run(facts), rete.run(facts)
        assert run == by_rete, raw
        assert run.layers == by_rete.layers, raw
        assert frozenset().union(*run.layers) == run.fired
        assert sum(map(len, run.layers)) == len(run.fired)
        layers = max(layers, len(run.layers))
    assert layers > 2


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_on_random_corpora_both_matchers_and_naive_logic_agree(pack: MiniPack, seed: int) -> None:
    dice = random.Random(seed)
    corpus = random_corpus(pack, dice)
    rete = Engine(corpus, workers=1, matcher="rete")
    indexed = Engine(corpus, workers=1, matcher="indexed")
    for _ in range(40):
        facts = random_facts(dice)
        truths = naive(corpus, facts)
        pressing = {
            rule.id
            for rule in corpus.rules.values()
            if rule.pressing_when and truths[rule.id] and evaluate(rule.pressing_when, facts, truths)
        }
        expected = Run(
            frozenset(name for name in corpus.rules if truths[name]),
            frozenset(pressing),
            frozenset(name for name in corpus.findings if truths[name]),
        )
        run, by_rete = indexed.run(facts), rete.run(facts)
        assert run == expected, facts
        # Rete is asked of nothing where nothing is known; a rule always waits for something.
        assert by_rete == expected, facts
        assert list(run.layers) == list(by_rete.layers) == layers_by_evaluating(corpus, facts), facts
        decided = corpus.decide(facts)
        assert {name: decided.of(node) for name, node in corpus.index.nodes.items()} == {
            name: truths[name] for name in corpus.rules
        }
        assert decided.findings == {name: truths[name] for name in corpus.findings}


def test_generated_rules_that_are_to_be_silent_are_and_the_others_fire_as_before(corpus: Corpus) -> None:
    told = [situation.parse(raw, corpus.facts) for raw in itertools.islice(situations.varied(corpus), 20)]
    large = generated.corpus_of(5, silent_in=told)
    assert len(large.rules) == 5 * len(corpus.rules)
    small, indexed = Engine(corpus, workers=1), Engine(large, workers=1)
    for facts in told:
        run = indexed.run(facts)
        assert run == small.run(facts)
        assert run.layers == small.run(facts).layers
    # In other situations some of them do fire, as they do when each condition is evaluated.
    fired: set[str] = set()
    for raw in some_situations(corpus, 10):
        facts = situation.parse(raw, corpus.facts)
        run = indexed.run(facts)
        assert list(run.layers) == layers_by_evaluating(large, facts)
        fired |= run.fired - corpus.rules.keys()
    assert fired


def condition(depth: int, leaf: FactTest | FindingIs, other: FactTest) -> Condition:
    """Return an ``all`` and an ``any`` inside one another so many times, all of which turn on the innermost part."""
    found: Condition = leaf
    for level in range(depth):
        found = AnyOf((found, All((other, found)))) if level % 2 else All((found, AnyOf((found, other))))
    return found


WIDE = 300


@pytest.mark.parametrize(
    ("when", "facts", "fires"),
    [
        (All(tuple(FactTest("years", "at_least", number) for number in range(WIDE))), {"years": WIDE - 1}, True),
        (All(tuple(FactTest("years", "at_least", number) for number in range(WIDE))), {"years": WIDE - 2}, False),
        (AnyOf(tuple(FactTest("years", "at_least", WIDE + number) for number in range(WIDE))), {"years": WIDE}, True),
        (AnyOf(tuple(FactTest("years", "at_least", WIDE + number) for number in range(WIDE))), {"years": 1}, False),
        # As many ways in which it holds as no list could hold.
        (
            All(
                tuple(
                    AnyOf((FactTest("years", "at_least", number), FactTest("arrivals", "at_least", number)))
                    for number in range(1, 100)
                )
            ),
            {"years": 50, "arrivals": 99},
            True,
        ),
        (
            All(
                tuple(
                    AnyOf((FactTest("years", "at_least", number), FactTest("arrivals", "at_least", number)))
                    for number in range(1, 100)
                )
            ),
            {"years": 50, "arrivals": 98},
            False,
        ),
        # Findings inside what is joined, derived in the same run.
        (
            All((FindingIs("mass-influx"), AnyOf((FindingIs("mass-influx"), FactTest("years", "at_least", 5))))),
            {},
            False,
        ),
        (
            All(
                (
                    AnyOf((FactTest("years", "at_least", 5), FindingIs("mass-influx"))),
                    AnyOf((FactTest("land_offered", "is", True), FindingIs("mass-influx"))),
                )
            ),
            {"arrivals": 60_000},
            True,
        ),
        (
            All(
                (FactTest("years", "at_least", 5), AnyOf((FactTest("years", "at_least", 9), FindingIs("mass-influx"))))
            ),
            {"arrivals": 60_000, "years": 6},
            True,
        ),
        (condition(12, FactTest("years", "at_least", 5), FactTest("land_offered", "is", True)), {"years": 5}, True),
        (condition(12, FindingIs("mass-influx"), FactTest("land_offered", "is", True)), {"arrivals": 60_000}, True),
        (condition(12, FindingIs("mass-influx"), FactTest("land_offered", "is", True)), {"arrivals": 3}, False),
    ],
)
def test_wide_and_deep_conditions_hold_when_they_hold(
    pack: MiniPack, when: Condition, facts: Facts, *, fires: bool
) -> None:
    mini = pack.load()
    asked = replace(mini.rules["camps-on-offered-land"], id="asked", when=when)
    again = replace(asked, id="again")  # so that neither is alone where it is filed
    corpus = replace(mini, rules=MappingProxyType({**mini.rules, "asked": asked, "again": again}))
    run = Engine(corpus, workers=1).run(facts)
    assert {"asked", "again"} & run.fired == ({"asked", "again"} if fires else set())
    assert list(run.layers) == layers_by_evaluating(corpus, facts)


def test_which_situations_come_with_a_corpus_makes_no_difference_to_what_fires(corpus: Corpus) -> None:
    bare = replace(corpus, scenarios=MappingProxyType({}), examples=MappingProxyType({}))
    backwards = {name: corpus.facts[name] for name in reversed(tuple(corpus.facts))}
    odd = replace(corpus, scenarios=MappingProxyType({}), facts=MappingProxyType(backwards))
    engines = [Engine(one, workers=1) for one in (corpus, bare, odd)]
    for raw in some_situations(corpus, 30):
        facts = situation.parse(raw, corpus.facts)
        first, *others = [engine.run(facts) for engine in engines]
        assert all(other == first and other.layers == first.layers for other in others)


def test_facts_decide_the_same_in_whatever_order_they_are_told(corpus: Corpus) -> None:
    for raw in some_situations(corpus, 30):
        facts = situation.parse(raw, corpus.facts)
        assert corpus.decide(dict(reversed(list(facts.items())))).truth == corpus.decide(facts).truth


TESTS: dict[str, list[tuple[str, Value]]] = {
    "region": [("is", "north"), ("is", "south"), ("one_of", ("north", "south")), ("one_of", ("south", "east"))],
    "land": [("is", True), ("is", False)],
    "years": [
        (operator, number)
        for operator in ("at_least", "at_most", "more_than", "less_than")
        for number in (0, 1, 2.5, 5, 5.5)
    ],
    "kinds": [
        ("has", "a"),
        ("has", "b"),
        ("lacks", "a"),
        ("has_any", ("a", "b")),
        ("has_all", ("a", "b")),
        ("lacks_all", ("b", "c")),
        ("only", ("a", "c")),
        ("empty", True),
        ("empty", False),
        ("count_at_least", 2),
    ],
}
VALUES: dict[str, list[Value]] = {
    "region": ["north", "south", "east", "west"],
    "land": [True, False],
    "years": [-1, 0, 0.5, 1, 2, 2.5, 3, 5, 5.0, 5.5, 6, 10**9],
    "kinds": [(), ("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("a", "b", "c"), ("d",)],
}


@pytest.mark.parametrize("fact", TESTS)
def test_a_value_passes_the_tests_that_hold_and_fails_the_others(fact: str) -> None:
    tests = [
        FactTest(fact, operator, operand, negated) for operator, operand in TESTS[fact] for negated in (False, True)
    ]
    found = sieve({test: number for number, test in enumerate(tests)})
    for value in VALUES[fact]:
        passed, failed = found.split(value)
        assert sorted(passed) == [number for number, test in enumerate(tests) if test.holds(value)], value
        assert sorted(found.passed(value)) == sorted(passed)
        assert sorted([*passed, *failed]) == list(range(len(tests)))


def test_the_matcher_can_be_chosen_by_name_or_in_the_environment(
    pack: MiniPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    mini = pack.load()
    expected = engine_for(mini).run({"years": 6, "arrivals": 60_000})
    assert expected == Run(
        frozenset({"mass-influx", "no-camps-for-years", "shelter-first"}),
        frozenset({"shelter-first"}),
        frozenset({"mass-influx"}),
    )
    monkeypatch.setenv("ADVISOR_MATCHER", "rete")
    assert Engine(mini).run({"years": 6, "arrivals": 60_000}) == expected
    monkeypatch.setenv("ADVISOR_MATCHER", "index")
    with pytest.raises(AdvisorError, match=r"no matcher 'index'; did you mean 'indexed'\?; there are indexed, rete"):
        Engine(mini)
