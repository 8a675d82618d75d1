"""Random small corpora: a few rules over a few facts with few values, so that all situations can be looked at."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from advisor import Corpus
from advisor.conditions import Condition, parse
from advisor.model import Consequence, Fact, Finding
from advisor.rule import Rule

Raw = dict[str, Any]

SMALL_FACTS: list[Raw] = [
    {"name": "kinds", "type": "set", "values": ["one", "two", "three"]},
    {"name": "state", "type": "enum", "values": ["red", "green", "blue"]},
    {"name": "sure", "type": "boolean"},
    {"name": "agreed", "type": "boolean"},
    {"name": "people", "type": "integer", "minimum": 0, "maximum": 4},
    {"name": "years", "type": "number", "minimum": 0, "maximum": 2},
]
LESSONS = ["l-shelter", "l-camps", "l-no-camps", "l-again"]
ELEMENTS = ["shelter", "camps"]
FINDINGS = ["f-one", "f-two"]


def small_facts() -> dict[str, Fact]:
    facts = {}
    for spec in SMALL_FACTS:
        values = [{"value": value, "label": str(value).title()} for value in spec.get("values", ())]
        data = {**spec, "group": "A", "question": "?", "help": "?", "label": str(spec["name"]).title()}
        facts[str(spec["name"])] = Fact.model_validate_json(
            json.dumps({**data, "values": values, "places": ["paper:1"]})
        )
    return facts


def random_test(rng: random.Random, facts: Sequence[Raw] = SMALL_FACTS) -> Raw:
    fact = rng.choice(facts)
    name = str(fact["name"])
    match fact["type"]:
        case "boolean":
            test: Any = rng.random() < 0.5
        case "enum":
            test = rng.choice([rng.choice(["red", "green", "blue"]), rng.sample(["red", "green", "blue"], 2)])
        case "set":
            members = rng.sample(["one", "two", "three"], rng.randint(1, 2))
            test = rng.choice(
                [
                    {"has": members[0]},
                    {"lacks": members[0]},
                    {rng.choice(["has_any", "has_all", "lacks_all", "only"]): members},
                    {"empty": rng.random() < 0.5},
                    {"count_at_least": rng.randint(1, 3)},
                ]
            )
        case _:
            threshold = rng.choice([0, 1, 2, 3]) if fact["type"] == "integer" else rng.choice([0, 0.5, 1, 2])
            test = {rng.choice(["at_least", "at_most", "more_than", "less_than"]): threshold}
    return {"not": {name: test}} if rng.random() < 0.2 else {name: test}


def random_condition(
    rng: random.Random, findings: Sequence[str], depth: int = 2, facts: Sequence[Raw] = SMALL_FACTS
) -> Raw:
    if depth and rng.random() < 0.6:
        parts = [random_condition(rng, findings, depth - 1, facts) for _ in range(rng.randint(2, 3))]
        return {rng.choice(["all", "any"]): parts}
    if findings and rng.random() < 0.35:
        return {"finding": rng.choice(findings)}
    return random_test(rng, facts)


def compiled(written: Mapping[str, Raw], base: Corpus) -> Corpus:
    """Return the small pack's corpus with these rules over the small facts in place of its own."""
    facts = small_facts()

    def no_problem(*problem: object, **more: object) -> None:
        raise AssertionError(problem)

    def condition(raw: Raw) -> Condition:
        read = parse(raw, facts, (), no_problem)
        assert read is not None
        return read

    rules = {}
    for name, raw in written.items():
        pressing = condition(raw["pressing_when"]) if "pressing_when" in raw else None
        then = tuple(Consequence.model_validate_json(json.dumps(one)) for one in raw["then"])
        when = condition(raw["when"])
        rules[name] = Rule(name, "hosting", "mini", name, "source", None, when, pressing, then, (), f"{name}.yaml", "")
    again = base.lessons["l-camps"].model_copy(update={"id": "l-again", "same_as": "l-shelter"})
    findings = {name: Finding(id=name, title=name, text=name, kind="situation") for name in FINDINGS}
    return dataclasses.replace(
        base,
        facts=MappingProxyType(facts),
        rules=MappingProxyType(rules),
        findings=MappingProxyType(findings),
        lessons=MappingProxyType({**base.lessons, "l-again": again}),
        precedents=MappingProxyType({}),
        origins=MappingProxyType({**base.origins, "lessons:l-again": "mini"}),
        asks=MappingProxyType({}),
    )


def rich_rules(rng: random.Random, facts: Sequence[Raw] = SMALL_FACTS) -> dict[str, Raw]:
    """Return rules on some of the small facts that use every kind of consequence."""
    elements, lessons = ["shelter", "camps"], ["l-shelter", "l-camps", "l-no-camps", "l-again", "l-choice"]
    rules: dict[str, Raw] = {}

    def some(names: list[str]) -> list[str]:
        return rng.sample(names, rng.randint(1, 2))

    def consequence() -> Raw:
        kind = rng.choice(
            ["recommends", "recommends", "cautions", "flags", "argues", "defeats", "met", "contradiction"]
        )
        lesson = rng.choice(lessons)
        match kind:
            case "met":
                return {"already_met": some(elements)}
            case "contradiction":
                return {"contradiction": "These do not fit."}
            case "defeats":
                return {"lesson": lesson, "defeats": some([*elements, *lessons])}
        then: Raw = {"lesson": lesson, kind: some(elements)}
        return {**then, "defeats": some([*elements, *lessons])} if rng.random() < 0.15 else then

    def add(name: str, findings: list[str], then: list[Raw]) -> None:
        rules[name] = {"id": name, "when": random_condition(rng, findings, 2, facts), "then": then}
        if rng.random() < 0.4:
            rules[name]["pressing_when"] = random_condition(rng, findings, 2, facts)

    for number in range(rng.randint(1, 2)):
        add(f"one-{number}", [], [{"finding": "f-one"}])
    add("two", ["f-one"], [{"finding": "f-two"}, *([consequence()] if rng.random() < 0.5 else [])])
    for number in range(rng.randint(3, 9)):
        add(f"rule-{number}", FINDINGS, [consequence() for _ in range(rng.randint(1, 3))])
    return rules


def random_facts(rng: random.Random, corpus: Corpus, count: int) -> Raw:
    facts: Raw = {}
    for name in rng.sample(list(corpus.facts), min(count, len(corpus.facts))):
        fact = corpus.facts[name]
        match fact.type:
            case "boolean":
                facts[name] = rng.random() < 0.5
            case "enum":
                facts[name] = rng.choice(fact.allowed)
            case "set":
                facts[name] = [member for member in fact.allowed if rng.random() < 0.35]
            case "integer":
                facts[name] = rng.choice([n for n in (0, 1, 2, 3, 4, 5, 100, 10_000, 100_000) if n <= fact.maximum])  # type: ignore[operator]
            case _:
                facts[name] = rng.choice([0, 0.5, 1, 1.5, 2])
    return facts
