"""What undecided rules wait for, held to the same worked out naively, condition by condition."""

from __future__ import annotations

import os
import random
from collections import Counter
from fractions import Fraction

import pytest
from minipack import MiniPack
from randomrules import random_corpus, random_facts

from advisor import awaited as awaited_module
from advisor.awaited import Awaited
from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs, Truth, evaluate
from advisor.corpus import Corpus

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "10"))


class Naive:
    """The shares as the page on questions defines them, straight over the conditions."""

    def __init__(self, corpus: Corpus, facts: Facts, truths: dict[str, Truth]) -> None:
        self.corpus, self.facts, self.truths = corpus, facts, truths

    def shares(self, condition: Condition) -> dict[str, Fraction]:
        if evaluate(condition, self.facts, self.truths) is not None:
            return {}
        match condition:
            case FactTest():
                return {condition.fact: Fraction(1)}
            case FindingIs():
                return self.greatest([self.shares(rule.when) for rule in self.corpus.deriving[condition.finding]])
            case All() | AnyOf():
                parts = [found for part in condition.parts if (found := self.shares(part))]
                share = Fraction(1, len(parts) ** 2) if isinstance(condition, All) else Fraction(1)
                return self.greatest([{name: one * share for name, one in part.items()} for part in parts])

    def greatest(self, parts: list[dict[str, Fraction]]) -> dict[str, Fraction]:
        return {name: max(part.get(name, Fraction()) for part in parts) for part in parts for name in part}

    def alone(self, condition: Condition) -> set[str]:
        if evaluate(condition, self.facts, self.truths) is not None:
            return set()
        match condition:
            case FactTest():
                return {condition.fact}
            case FindingIs():
                return set().union(*(self.alone(rule.when) for rule in self.corpus.deriving[condition.finding]))
            case AnyOf():
                return set().union(*map(self.alone, condition.parts))
            case All():
                open_ = [one for one in condition.parts if evaluate(one, self.facts, self.truths) is None]
                first, *rest = map(self.alone, open_)
                return first.intersection(*rest)


def weighed(corpus: Corpus, awaited: Awaited, node: int) -> dict[str, Fraction]:
    """Return the shares of the facts for which one node waits: the weight of each is one."""
    sums: dict[str, Fraction] = {}
    for (fact, share), weight in awaited.weigh([(1, [awaited.waits(node)])]).items():
        assert weight == 1
        assert corpus.index.facts[fact] not in sums
        sums[corpus.index.facts[fact]] = Fraction(1, share)
    return sums


@pytest.mark.parametrize("seed", range(EXAMPLES))
@pytest.mark.parametrize("kept", [8, 0])
def test_shares_are_those_of_naive_logic_whatever_was_asked_before(
    pack: MiniPack, monkeypatch: pytest.MonkeyPatch, seed: int, kept: int
) -> None:
    monkeypatch.setattr(awaited_module, "_KEPT", kept)  # 0: everything is forgotten at once
    dice = random.Random(seed)
    corpus = random_corpus(pack, dice)
    names = corpus.index.facts
    seen = 0
    for _ in range(25):
        # The same corpus in many cases: what one case left for others is right for them.
        facts = random_facts(dice)
        decided = corpus.decide(facts)
        awaited = corpus.awaited(decided)
        plain = Naive(corpus, facts, decided.findings)
        for name, rule in corpus.rules.items():
            node = corpus.index.nodes[name]
            expected = plain.shares(rule.when)
            assert weighed(corpus, awaited, node) == expected, (facts, str(rule.when))
            assert {names[fact] for fact in awaited.facts([node])} == set(expected)
            assert {names[fact] for fact in awaited.alone(node)} == plain.alone(rule.when)
            seen += len(expected) > 1
    assert seen


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_the_weights_of_many_rules_are_the_sums_over_each(pack: MiniPack, seed: int) -> None:
    dice = random.Random(seed)
    corpus = random_corpus(pack, dice)
    facts = random_facts(dice)
    decided = corpus.decide(facts)
    awaited = corpus.awaited(decided)
    plain = Naive(corpus, facts, decided.findings)
    weights = {name: dice.randint(1, 5) for name in corpus.rules}
    expected: Counter[tuple[str, Fraction]] = Counter()
    for name, rule in corpus.rules.items():
        for pair in plain.shares(rule.when).items():
            expected[pair] += weights[name]
    batches = [(weight, [awaited.waits(corpus.index.nodes[name])]) for name, weight in weights.items()]
    found = {
        (corpus.index.facts[fact], Fraction(1, share)): sum_ for (fact, share), sum_ in awaited.weigh(batches).items()
    }
    assert found == dict(expected)
