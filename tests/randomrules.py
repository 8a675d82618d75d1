"""Random rules over the vocabulary of the small pack: every operator, negated or not, nested, with findings."""

from __future__ import annotations

import random
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from minipack import MiniPack

from advisor.conditions import Condition, Facts, parse
from advisor.corpus import Corpus
from advisor.model import Consequence
from advisor.rule import Rule

_KINDS = ("mass_influx", "protracted", "rescue_at_sea")
_NUMBERS = (0, 1, 5, 6)


def random_corpus(pack: MiniPack, dice: random.Random, rules: int = 30) -> Corpus:
    """Return the small pack's corpus with other rules and findings."""
    mini = pack.load()
    finding = mini.findings["mass-influx"]
    names = [f"finding-{number}" for number in range(dice.randint(1, 6))]
    made: dict[str, Rule] = {}
    for number in range(rules):
        # A rule may wait only for findings before the one that it derives: they never run in circles.
        derived = dice.randint(-len(names), len(names) - 1)
        known = names if derived < 0 else names[:derived]
        then = [Consequence(finding=names[derived])] if derived >= 0 else [Consequence(lesson="l-camps", recommends=())]
        made[f"rule-{number:03}"] = replace(
            mini.rules["camps-on-offered-land"],
            id=f"rule-{number:03}",
            when=_condition(mini, dice, known, 3),
            pressing_when=_condition(mini, dice, names, 2) if dice.random() < 0.3 else None,
            then=tuple(then),
        )
    # One finding that nothing derives.
    findings = dict.fromkeys((*names, "finding-of-nothing"), finding)
    return replace(mini, rules=MappingProxyType(made), findings=MappingProxyType(findings))


def _condition(corpus: Corpus, dice: random.Random, findings: list[str], depth: int) -> Condition:
    def report(code: str, message: str, path: object, **_: object) -> None:
        raise AssertionError((code, message, path))

    condition = parse(_raw(dice, findings, depth, negated=False), corpus.facts, (), report)
    assert condition is not None
    return condition


def _raw(dice: random.Random, findings: list[str], depth: int, *, negated: bool) -> dict[str, Any]:
    chance = dice.random()
    if depth and chance < 0.5:
        parts = [_raw(dice, findings, depth - 1, negated=negated) for _ in range(dice.randint(1, 4))]
        return {dice.choice(("all", "any")): parts}
    if depth and chance < 0.6:
        # Findings can't be negated.
        return {"not": _raw(dice, findings, depth - 1, negated=True)}
    if chance < 0.75 and not negated:
        return {"finding": dice.choice([*findings, *findings, "finding-of-nothing"])}
    return _test(dice)


def _test(dice: random.Random) -> dict[str, Any]:
    match dice.randint(0, 4):
        case 0:
            return {"land_offered": dice.random() < 0.5}
        case 1:
            return {"region": dice.choice(("north", "south", ["north"], ["north", "south"]))}
        case 2:
            several = dice.sample(_KINDS, dice.randint(1, 3))
            operators: list[tuple[str, Any]] = [(name, several) for name in ("has_any", "has_all", "lacks_all", "only")]
            operators += [(name, several[0]) for name in ("has", "lacks")]
            operators += [("empty", dice.random() < 0.5), ("count_at_least", dice.randint(1, 3))]
            return {"situation_types": dict([dice.choice(operators)])}
        case _:
            names = dice.sample(("at_least", "at_most", "more_than", "less_than"), dice.randint(1, 2))
            return {dice.choice(("arrivals", "years")): {name: dice.choice(_NUMBERS) for name in names}}


def random_facts(dice: random.Random) -> Facts:
    """Return some known facts, in canonical form: few of them as often as all."""
    whole: Facts = {
        "situation_types": tuple(kind for kind in _KINDS if dice.random() < 0.4),
        "region": dice.choice(("north", "south")),
        "arrivals": dice.choice(_NUMBERS),
        "years": dice.choice((*_NUMBERS, 0.5, 5.0, 5.5)),
        "land_offered": dice.random() < 0.5,
    }
    known = dice.randint(0, len(whole))
    chosen = dice.sample(sorted(whole), known)
    return {name: value for name, value in whole.items() if name in chosen}
