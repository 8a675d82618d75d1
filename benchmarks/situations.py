"""Situations to measure with: as many as are wanted, each like one that somebody told, none twice.

``python benchmarks/situations.py NUMBER`` prints them as lines of JSON, ``{"facts": {…}}`` each. Every one begins as a
scenario or an example of the built-in pack, of which a few facts are forgotten, a few others are told differently, and
a few are added: so what is known, and how much of it, is what officers know. The same numbers give the same situations
on every machine.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import advisor
from advisor import situation
from advisor.conditions import Facts
from advisor.corpus import Corpus
from advisor.model import Fact

Told = dict[str, Any]

_FORGOTTEN, _CHANGED, _ADDED = 0.15, 0.1, 4
"""The chance that a fact is forgotten, that it is told differently, and the most facts that are added."""


def told(corpus: Corpus) -> list[Facts]:
    """Return the situations of the corpus's scenarios and examples, in canonical form, each once."""
    found = [scenario.facts or {} for _, scenario in sorted(corpus.scenarios.items())]
    found += [example.facts for _, example in sorted(corpus.examples.items())]
    parsed = {situation.to_json(facts := situation.parse(raw, corpus.facts)): facts for raw in found}
    return list(parsed.values())


def varied(corpus: Corpus, seed: int = 1) -> Iterator[Told]:
    """Yield situations without end, none twice, as plain data.

    Args:
        corpus: whose scenarios and examples they vary.
        seed: other seeds give other situations.
    """
    dice = random.Random(f"situations {seed}")
    begun = told(corpus)
    seen: set[str] = set()
    while True:
        facts = _variant(dict(dice.choice(begun)), corpus.facts, dice)
        key = situation.to_json(situation.parse(facts, corpus.facts))
        if key not in seen:
            seen.add(key)
            yield facts


def _variant(facts: Mapping[str, object], vocabulary: Mapping[str, Fact], dice: random.Random) -> Told:
    found: Told = {}
    for name, value in facts.items():
        if dice.random() >= _FORGOTTEN:
            changed = dice.random() < _CHANGED
            found[name] = _value(vocabulary[name], dice) if changed else _plain(vocabulary[name], value, dice)
    others = [name for name in vocabulary if name not in facts]
    for name in dice.sample(others, min(len(others), dice.randint(0, _ADDED))):
        found[name] = _value(vocabulary[name], dice)
    return found


def _plain(fact: Fact, value: Any, dice: random.Random) -> Any:
    """Return a value as JSON has it; a large number as another observer would have counted it."""
    if isinstance(value, tuple):
        return list(value)
    if fact.type == "integer" and not isinstance(value, bool) and value >= 1_000:
        return _within(fact, round(value * dice.uniform(0.8, 1.25)))
    return value


def _value(fact: Fact, dice: random.Random) -> Any:
    match fact.type:
        case "boolean":
            return dice.random() < 0.5
        case "enum":
            return dice.choice(fact.allowed)
        case "set":
            return dice.sample(fact.allowed, dice.randint(0, min(3, len(fact.allowed))))
        case _:
            return _within(fact, round(10 ** dice.uniform(0, 6)))


def _within(fact: Fact, number: int) -> int:
    low = number if fact.minimum is None else max(number, fact.minimum)
    return low if fact.maximum is None else min(low, fact.maximum)


def main() -> None:
    """Print as many situations as are asked for."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    for facts, _ in zip(varied(advisor.load_corpus()), range(number), strict=False):
        print(json.dumps({"facts": facts}, ensure_ascii=False))


if __name__ == "__main__":
    main()
