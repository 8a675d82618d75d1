"""The situations on which two corpora are tried: those that are written down, and some that are drawn.

Written down are the examples, the scenarios and the tests in rule files of both corpora. The drawn ones start from the
rules that changed: for each, from what its tests tell and from the examples, the nearest situations in which it fires;
and from there each value that a test of its conditions tells apart, and the fact unknown. What is left of their number
is chance: facts of situations drawn so far set otherwise, and situations made up anew. The same corpora and the same
seed give the same situations.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any, Literal, TypeAlias

from advisor import situation
from advisor.conditions import All, Condition, Facts, FactTest, FindingIs, Value, leaves, plain
from advisor.corpus import Corpus
from advisor.domains import TooManyValuesError, classes_of
from advisor.errors import SituationError
from advisor.model import Fact
from advisor.nearmiss import NearMisses
from advisor.rule import Rule

Origin: TypeAlias = Literal["example", "scenario", "rule_test", "drawn"]
ORIGINS: tuple[Origin, ...] = ("example", "scenario", "rule_test", "drawn")

_BACKGROUNDS = 6
"""On how many examples and scenarios a changed rule is tried, beside its own tests."""
_DIRECTED = (2, 3)
"""Which part of the drawn situations is made from the changed rules, if they give so many."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A situation to try.

    Attributes:
        origin: where it comes from.
        name: what it is called: the id of an example or scenario, rule and name of a test, or a number.
        told: its facts as they are written, names to values.
    """

    origin: Origin
    name: str
    told: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The facts as text; the same for the same facts."""
        return json.dumps(self.told, sort_keys=True, ensure_ascii=False)


def probes(old: Corpus, new: Corpus, rules: Sequence[str], count: int, seed: int) -> list[Probe]:
    """Return the situations to try, each once, in a fixed order.

    Args:
        old: the corpus before.
        new: the corpus after.
        rules: ids of the rules that the change touches; those that changed themselves first.
        count: how many situations are drawn, at most.
        seed: for the draw.
    """
    found: dict[str, Probe] = {}
    for probe in (*_written(new), *_written(old)):
        found.setdefault(probe.key, probe)
    written = list(found.values())
    drawn = 0
    directed = _round_robin([_directed(corpus, name, written) for name in rules for corpus in (new, old)])
    for told in islice(directed, count * 20):
        if drawn >= (count * _DIRECTED[0]) // _DIRECTED[1]:
            break
        drawn += _take(found, told, drawn)
    chance = _Chance(old, new, Random(seed))
    pool = [probe.told for probe in found.values()]
    for _ in range(count * 5):
        if drawn >= count:
            break
        drawn += _take(found, chance.situation(pool), drawn)
    return list(found.values())


def _take(found: dict[str, Probe], told: Mapping[str, Any], drawn: int) -> bool:
    """Add a situation under the next number; return whether it is one that wasn't there."""
    probe = Probe("drawn", str(drawn + 1), told)
    return found.setdefault(probe.key, probe) is probe


def _written(corpus: Corpus) -> Iterator[Probe]:
    for name, example in sorted(corpus.examples.items()):
        yield Probe("example", name, _known(example.facts))
    for name, scenario in sorted(corpus.scenarios.items()):
        yield Probe("scenario", name, _known(scenario.facts or {}))
    for name, rule in corpus.rules.items():
        for test in rule.tests:
            yield Probe("rule_test", f"{name}: {test.name}", _known(test.given))


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _round_robin(sources: Iterable[Iterator[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Yield one of each source in turn, until all are empty."""
    waiting = list(sources)
    while waiting:
        still = []
        for source in waiting:
            for told in islice(source, 1):
                yield told
                still.append(source)
        waiting = still


# --- from the rules that changed ---


def _directed(corpus: Corpus, name: str, written: Sequence[Probe]) -> Iterator[dict[str, Any]]:
    """Yield situations in which a rule fires, the nearest to those that are written down, and those around them."""
    rule = corpus.rules.get(name)
    if rule is None:
        return
    conditions: list[Condition] = [rule.when]
    if rule.pressing_when is not None:
        conditions.append(All((rule.when, rule.pressing_when)))
    own = [test.given for test in rule.tests]
    backgrounds = [probe.told for probe in written if probe.origin in ("example", "scenario")][:_BACKGROUNDS]
    for told in ({}, *own, *backgrounds):
        try:
            facts = situation.parse(told, corpus.facts)
        except SituationError:
            continue
        for condition in conditions:
            miss = NearMisses(corpus, facts).of(condition)
            if miss is None:
                continue
            firing = {**facts, **{wanted.fact: wanted.value for wanted in miss.wanted}}
            yield _plain(corpus, firing)
            for test in _tests(corpus, rule):
                yield from _around(corpus, firing, test)


def _tests(corpus: Corpus, rule: Rule) -> list[FactTest]:
    """Return the tests of a rule, and of the rules that derive its findings, each once."""
    found: dict[FactTest, None] = {}
    for condition in (rule.when, rule.pressing_when):
        for leaf in leaves(condition) if condition is not None else ():
            match leaf:
                case FactTest():
                    found[leaf] = None
                case FindingIs(finding=name):
                    behind = (leaf for other in corpus.deriving[name] for leaf in leaves(other.when))
                    found |= {leaf: None for leaf in behind if isinstance(leaf, FactTest)}
    return list(found)


def _around(corpus: Corpus, facts: Mapping[str, Value], test: FactTest) -> Iterator[dict[str, Any]]:
    """Yield the situation with the fact of a test unknown, and with each value that the test tells apart."""
    name = test.fact
    yield _plain(corpus, {fact: value for fact, value in facts.items() if fact != name})
    try:
        classes = classes_of(corpus.facts[name], [test], facts.get(name))
    except TooManyValuesError:
        return
    for one in classes:
        yield _plain(corpus, {**facts, name: one.nearest})


def _plain(corpus: Corpus, facts: Facts) -> dict[str, Any]:
    return {name: plain(facts[name]) for name in corpus.facts if name in facts}


# --- by chance ---


class _Chance:
    def __init__(self, old: Corpus, new: Corpus, random: Random) -> None:
        # What both can be told; what one alone knows is tried where its rules changed.
        self._facts = [fact for name, fact in new.facts.items() if name in old.facts]
        self._random = random
        self._numbers = {
            fact.name: sorted({number for corpus in (old, new) for number in _thresholds(corpus, fact)})
            for fact in self._facts
        }
        self._allowed = {
            fact.name: [value for value in fact.allowed if value in old.facts[fact.name].allowed]
            for fact in self._facts
        }

    def situation(self, pool: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return one of the pool with a few facts set otherwise, or one made up anew."""
        anew = not pool or self._random.random() < 0.25
        told = {} if anew else dict(self._random.choice(pool))
        for _ in range(self._random.randint(2, 9) if anew else self._random.randint(1, 4)):
            fact = self._random.choice(self._facts)
            if fact.name in told and self._random.random() < 0.4:
                del told[fact.name]
            elif (value := self._value(fact)) is not None:
                told[fact.name] = value
        return told

    def _value(self, fact: Fact) -> Any:
        random = self._random
        match fact.type:
            case "boolean":
                return random.random() < 0.5
            case "enum":
                allowed = self._allowed[fact.name]
                return random.choice(allowed) if allowed else None
            case "set":
                allowed = self._allowed[fact.name]
                size = min(len(allowed), random.choice((0, 1, 1, 1, 2, 2, 3)))
                return [value for value in allowed if value in set(random.sample(allowed, size))]
            case _:
                numbers = self._numbers[fact.name]
                return random.choice(numbers) if numbers else None


def _thresholds(corpus: Corpus, fact: Fact) -> Iterator[int]:
    """Yield the numbers at which rules tell values of a fact apart, and those beside them."""
    low, high = corpus.facts[fact.name].minimum or 0, corpus.facts[fact.name].maximum or 0
    operands = [test.operand for test in corpus.tests[fact.name]]
    for number in (low, high, *(int(one) for one in operands if isinstance(one, int | float))):
        yield from (near for near in (number - 1, number, number + 1) if low <= near <= high)
