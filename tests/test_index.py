"""The index finds the rules that Rete finds, and tells false from unknown as Kleene's logic does."""

from __future__ import annotations

import os
import random

import pytest
from minipack import MiniPack
from randomrules import random_corpus, random_facts
from test_engine import some_situations

from advisor import situation
from advisor.conditions import Facts, FactTest, Truth, Value, evaluate, leaves
from advisor.corpus import Corpus
from advisor.engine import Engine, Run, engine_for
from advisor.errors import AdvisorError
from advisor.sieve import sieve

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


def test_on_random_situations_of_the_built_in_corpus_both_matchers_fire_the_same(corpus: Corpus) -> None:
    rete = Engine(corpus, workers=1, matcher="rete")
    indexed = Engine(corpus, workers=1, matcher="indexed")
    fired = 0
    for raw in some_situations(corpus, EXAMPLES * 10):
        facts = situation.parse(raw, corpus.facts)
        run = indexed.run(facts)
        assert run == rete.run(facts), raw
        fired += len(run.fired)
    assert fired


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
        assert indexed.run(facts) == expected, facts
        # Rete is asked of nothing where nothing is known; a rule always waits for something.
        assert rete.run(facts) == expected, facts
        decided = corpus.decide(facts)
        assert {name: decided.of(node) for name, node in corpus.index.nodes.items()} == {
            name: truths[name] for name in corpus.rules
        }
        assert decided.findings == {name: truths[name] for name in corpus.findings}


def test_facts_told_one_after_the_other_decide_what_they_decide_together(corpus: Corpus) -> None:
    for raw in some_situations(corpus, 30):
        facts = situation.parse(raw, corpus.facts)
        step = corpus.decide({})
        for name, value in facts.items():
            step = step.told({name: value})
        assert step.truth == corpus.decide(facts).truth


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
