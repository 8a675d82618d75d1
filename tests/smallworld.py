"""A vocabulary so small that every situation can be looked at, random rules over it, and naive logic to read them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

from hypothesis import strategies as st
from kleene import operator_holds

from advisor.conditions import All, AnyOf, Condition, FactTest, FindingIs, leaves
from advisor.corpus import Corpus
from advisor.model import Consequence, Fact, FactValue, Finding
from advisor.rule import Rule

Truth: TypeAlias = "bool | None"
Deriving: TypeAlias = "Mapping[str, Sequence[Condition]]"
"""For each finding the conditions that derive it."""


def _fact(name: str, kind: Any, *values: str, minimum: int | None = None, maximum: int | None = None) -> Fact:
    labels = tuple(FactValue(value=value, label=value) for value in values)
    return Fact(
        name=name, group="A", type=kind, question=name, help=name, label=name, places=("p:1",), values=labels,
        minimum=minimum, maximum=maximum,
    )  # fmt: skip


FACTS = {
    fact.name: fact
    for fact in (
        _fact("agreed", "boolean"),
        _fact("border", "enum", "open", "guarded", "threatened", "closed"),
        _fact("kinds", "set", "influx", "exile", "rescue"),
        _fact("states", "integer", minimum=0, maximum=4),
        _fact("years", "number", minimum=0, maximum=3),
    )
}
_WORDS = ("influx", "exile", "rescue")
VALUES: dict[str, tuple[Any, ...]] = {
    "agreed": (None, True, False),
    "border": (None, "open", "guarded", "threatened", "closed"),
    "kinds": (None, *(tuple(w for w, kept in zip(_WORDS, bits, strict=True) if kept)
                      for bits in product((False, True), repeat=3))),
    "states": (None, 0, 1, 2, 3, 4),
    "years": (None, 0, 0.5, 1, 1.5, 2, 2.5, 3),
}  # fmt: skip
"""All values that whole thresholds can tell apart, and unknown first."""


def situations(*conditions: Condition, deriving: Deriving) -> Iterator[dict[str, Any]]:
    """Yield every situation, as far as the conditions see it; small ones first."""
    names = sorted(facts_in(conditions, deriving))
    every = [
        {name: value for name, value in zip(names, values, strict=True) if value is not None}
        for values in product(*(VALUES[name] for name in names))
    ]
    yield from sorted(every, key=len)


def facts_in(conditions: Sequence[Condition], deriving: Deriving) -> set[str]:
    found: set[str] = set()
    for condition in conditions:
        for leaf in leaves(condition):
            found |= {leaf.fact} if isinstance(leaf, FactTest) else facts_in(deriving[leaf.finding], deriving)
    return found


def truth(condition: Condition, facts: Mapping[str, Any], deriving: Deriving) -> Truth:
    """Return what a condition comes to, findings spelt out."""
    if isinstance(condition, FactTest):
        value = facts.get(condition.fact)
        if value is None:
            return None
        if condition.operator in ("is", "one_of"):
            holds = value == condition.operand if condition.operator == "is" else value in condition.operand  # type: ignore[operator]
        else:
            holds = operator_holds(condition.operator, value, condition.operand)
        return holds is not condition.negated
    if isinstance(condition, FindingIs):
        truths, decisive = [truth(each, facts, deriving) for each in deriving[condition.finding]], True
    else:
        truths, decisive = [truth(part, facts, deriving) for part in condition.parts], isinstance(condition, AnyOf)
    return decisive if decisive in truths else None if None in truths else not decisive


def ending(when: Condition, pressing_when: Condition | None, facts: Mapping[str, Any], deriving: Deriving) -> Any:
    fires = truth(when, facts, deriving)
    return fires, fires is True and pressing_when is not None and truth(pressing_when, facts, deriving) is True


def written(condition: Condition) -> dict[str, Any]:
    """Return a condition as it is written in a rule file."""
    if isinstance(condition, FindingIs):
        return {"finding": condition.finding}
    if not isinstance(condition, FactTest):
        return {"all" if isinstance(condition, All) else "any": [written(part) for part in condition.parts]}
    operand = list(condition.operand) if isinstance(condition.operand, tuple) else condition.operand
    raw = {condition.fact: operand if condition.operator in ("is", "one_of") else {condition.operator: operand}}
    return {"not": raw} if condition.negated else raw


def rule_of(when: Condition, pressing_when: Condition | None = None, name: str = "a-rule", **more: Any) -> Rule:
    """Return a rule with these conditions, its text in the form of YAML that JSON is."""
    both = {"when": when} if pressing_when is None else {"when": when, "pressing_when": pressing_when}
    text = json.dumps({part: written(condition) for part, condition in both.items()})
    fields: dict[str, Any] = {"then": (), "tests": (), **more}
    return Rule(name, "topic", "small", name, "ours", None, when, pressing_when,
                file=f"rules/topic/{name}.yaml", text=text, **fields)  # fmt: skip


def corpus_with(rules: Iterable[Rule], deriving: Deriving) -> Corpus:
    """Return a corpus of rules over the small vocabulary, and of rules that derive the findings."""
    parents = [
        rule_of(each, name=f"{finding}-{number}", then=(Consequence(finding=finding),))
        for finding, several in deriving.items()
        for number, each in enumerate(several)
    ]
    derived = {name: Finding(id=name, title=name, text=name, kind="situation") for name in deriving}
    nothing: dict[str, Any] = {field.name: {} for field in dataclasses.fields(Corpus)}
    named = {rule.id: rule for rule in (*parents, *rules)}
    own = {"digest": "", "packs": (), "warnings": (), "facts": FACTS, "findings": derived, "rules": named}
    return Corpus(**{**nothing, **own})


@st.composite
def fact_tests(draw: st.DrawFn, names: Sequence[str]) -> FactTest:
    fact = FACTS[draw(st.sampled_from(names))]
    some = st.lists(st.sampled_from(fact.allowed or ("",)), unique=True, min_size=1, max_size=3).map(tuple)
    match fact.type:
        case "boolean":
            return FactTest(fact.name, "is", draw(st.booleans()))
        case "enum":
            values = draw(some)
            operator = "is" if len(values) == 1 else "one_of"
            return FactTest(fact.name, operator, values[0] if len(values) == 1 else values, draw(st.booleans()))
        case "set":
            operator = draw(st.sampled_from(("has", "has_any", "has_all", "lacks", "lacks_all", "only", "empty")))
            if operator == "empty":
                return FactTest(fact.name, operator, draw(st.booleans()))
            values = draw(some)
            operand: Any = values[0] if operator in ("has", "lacks") else values
            if draw(st.booleans()) and operator == "has":
                return FactTest(fact.name, "count_at_least", draw(st.integers(1, 3)), draw(st.booleans()))
            return FactTest(fact.name, operator, operand, draw(st.booleans()))
        case _:
            operator = draw(st.sampled_from(("at_least", "at_most", "more_than", "less_than")))
            return FactTest(fact.name, operator, draw(st.integers(0, 3)), draw(st.booleans()))


@st.composite
def conditions(draw: st.DrawFn, names: Sequence[str], findings: Sequence[str] = ()) -> Condition:
    leaf: st.SearchStrategy[Condition] = fact_tests(names)
    if findings:
        leaf = leaf | st.sampled_from(findings).map(FindingIs)

    def joined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        several = st.lists(parts, min_size=2, max_size=3).map(tuple)
        return several.map(All) | several.map(AnyOf)

    return draw(st.recursive(leaf, joined, max_leaves=5))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Sequence[str], Deriving]:
    """Draw two or three facts, and findings over them that build on one another."""
    names = draw(st.lists(st.sampled_from(sorted(FACTS)), unique=True, min_size=2, max_size=3))
    low = (draw(conditions(names)),)
    high = (draw(conditions(names, ["low"])), draw(conditions(names)))
    return names, {"low": low, "high": high}
