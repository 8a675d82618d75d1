"""What undecided rules wait for, held to the same worked out naively, condition by condition."""

from __future__ import annotations

import os
import random
from fractions import Fraction

import pytest
from minipack import MiniPack
from naivequestions import NaiveShares
from randomrules import random_corpus, random_facts
from thorough import IN_CI

from advisor import cells
from advisor.conditions import FindingIs

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "10" if IN_CI else "4"))

FORGETFUL = {"_KEYS": 0, "_KEYS_EACH": 1, "_CODES": 1, "_VALUES": 1}
"""Everything is forgotten at once, and numbers run out after a few cases."""
CROWDED = {"_SPREAD": 99.0, "MAX_RULES": 8, "_MAX_TESTS": 2, "_PAGE": 5, "_BLOCK": 2}
"""Cells see much, which is picked together from many places."""
APART = {"_SPREAD": 0.0, "MAX_RULES": 1, "_MAX_TESTS": 1}
"""Each rule is a cell."""


@pytest.mark.parametrize("seed", range(EXAMPLES))
@pytest.mark.parametrize("limits", [{}, FORGETFUL, CROWDED, APART, {**CROWDED, **FORGETFUL}])
def test_shares_are_those_of_naive_logic_whatever_was_asked_before(
    pack: MiniPack, monkeypatch: pytest.MonkeyPatch, seed: int, limits: dict[str, float]
) -> None:
    for name, limit in limits.items():
        monkeypatch.setattr(cells, name, limit)
    dice = random.Random(seed)
    corpus = random_corpus(pack, dice)
    names = corpus.index.facts
    seen = 0
    for _ in range(25):
        # The same corpus in many cases: what one case left for others is right for them.
        facts = random_facts(dice)
        decided = corpus.decide(facts)
        awaited = corpus.awaited(decided)
        plain = NaiveShares(corpus, facts, decided.findings)
        for name, rule in corpus.rules.items():
            node = corpus.index.nodes[name]
            expected = plain.shares(rule.when)
            shares = {names[fact]: Fraction(1, share) for fact, share in awaited.shares(node).items()}
            assert shares == expected, (facts, str(rule.when))
            assert set(awaited.names([node])) == set(expected)
            assert awaited.names([node]) == tuple(fact for fact in names if fact in expected)
            assert {names[fact] for fact in cells.members(awaited.alone(node))} == plain.alone(rule.when)
            seen += len(expected) > 1
        for name, node in corpus.index.findings.items():
            found = {names[fact]: Fraction(1, share) for fact, share in awaited.shares(node).items()}
            assert found == plain.shares(FindingIs(name))
    assert seen


def test_what_is_kept_is_bounded(pack: MiniPack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_KEYS", 40)
    monkeypatch.setattr(cells, "_KEYS_EACH", 1)
    dice = random.Random(1)
    corpus = random_corpus(pack, dice)
    undecided = corpus.undecided
    for _ in range(200):
        awaited = corpus.awaited(corpus.decide(random_facts(dice)))
        awaited.names(corpus.index.nodes.values())
        kept = undecided.cells
        assert kept.room.kept <= max(40, undecided.layout.tables) + undecided.layout.tables
        assert sum(len(cell.records) for cell in kept.rules) <= kept.room.kept
