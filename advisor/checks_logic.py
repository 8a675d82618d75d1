"""What the conditions of rules say beside one another: that none is idle, said twice, or set against nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from advisor.conditions import All, AnyOf, Condition, FactTest, leaf_paths, leaves
from advisor.errors import Problem
from advisor.implication import Logic, names, needs
from advisor.model import Consequence, Fact
from advisor.pack import Draft, Entry
from advisor.rule import Rule

_MAX_LEAVES = 100
"""Conditions with more tests than this are not compared with others."""
_MAX_COMPARED = 1_000_000
"""How many pairs of tests, each of one of two rules with a like consequence, are compared at most."""


def check_conditions(draft: Draft) -> Iterator[Problem]:
    """Check that each condition can hold, and that none of its tests holds whatever is known."""
    logic = draft.logic
    for name, entry in draft.rules.items():
        written = draft.rule_files[name]
        for key in ("when", "pressing_when"):
            condition = getattr(entry.value, key)
            if condition is not None:
                yield from _condition_problems(written, condition, getattr(written.value, key), key, logic)
    for name, ask in draft.asks.items():
        fact = draft.facts[name]
        yield from _condition_problems(fact, ask, fact.value.ask_when, "ask_when", logic)


def _condition_problems(
    entry: Entry[Any], condition: Condition, raw: object, key: str, logic: Logic
) -> Iterator[Problem]:
    tests = list(leaves(condition))
    paths: list[tuple[str | int, ...]] = []

    def place(number: int) -> tuple[str | int, ...]:
        if not paths:
            paths.extend(leaf_paths(raw, (key,)))
        return paths[number]

    for conflict in logic.conflicts(condition):
        told = " and ".join(str(tests[number]) for number in conflict.tests[:3])
        what = "this condition" if conflict.whole else "this branch of the condition"
        if len(conflict.tests) == 1:
            fact = logic.facts[tests[conflict.tests[0]].fact]  # type: ignore[union-attr]  # conflicts are of facts
            message = f"{what} can never hold: {told}, {_range(fact)}"
        else:
            message = f"{what} can never hold: {told} exclude one another"
        yield entry.problem("never-holds", message, *place(conflict.tests[-1]))
    for numbers in _idle(condition, logic):
        test = tests[numbers[-1]]
        told = " or ".join(str(tests[number]) for number in numbers[:3])
        assert isinstance(test, FactTest)
        message = f"whatever value {test.fact} has, {told}: this asks only whether the fact is known"
        yield entry.problem("always-holds", message, *place(numbers[-1]))


def _range(fact: Fact) -> str:
    if fact.minimum is not None and fact.maximum is not None:
        return f"and it goes from {fact.minimum} to {fact.maximum}"
    return "and it can have no such value"


def _idle(condition: Condition, logic: Logic) -> Iterator[tuple[int, ...]]:
    """Yield the numbers of tests of one fact of which one holds whatever the fact's value is."""
    numbered = iter(range(1 << 30))

    def within(part: Condition) -> Iterator[tuple[int, ...]]:
        match part:
            case FactTest():
                number = next(numbered)
                if logic.always([part]):
                    yield (number,)
            case All() | AnyOf():
                by_fact: dict[str, list[tuple[int, FactTest]]] = defaultdict(list)
                for inner in part.parts:
                    if isinstance(inner, FactTest):
                        number = next(numbered)
                        if logic.always([inner]):
                            yield (number,)
                        else:
                            by_fact[inner.fact].append((number, inner))
                    else:
                        yield from within(inner)
                if isinstance(part, AnyOf):
                    for tests in by_fact.values():
                        if len(tests) > 1 and logic.always([test for _, test in tests]):
                            yield tuple(number for number, _ in tests)
            case _:
                next(numbered)

    return within(condition)


# --- said twice -------------------------------------------------------------------------------------------------------


def check_repetitions(draft: Draft) -> Iterator[Problem]:
    """Check that no rule says only what another says already, under the same condition or a wider one."""
    logic = draft.logic
    comparison = _Comparison([entry.value for entry in draft.rules.values()])
    for rule in comparison.rules:
        for other in comparison.candidates(rule):
            if not logic.follows(rule.when, other.when) or not _says_all(other, rule):
                continue
            same = logic.follows(other.when, rule.when) and _says_all(rule, other)
            if same and comparison.place[other.id] > comparison.place[rule.id]:
                continue  # said of the later of the two
            entry, first = draft.rules[rule.id], draft.rules[other.id]
            if same:
                message = f"this rule says the same as {other.id} ({first.written}), under the same condition"
                if rule.pressing_when != other.pressing_when:
                    message += "; only what makes it urgent differs"
                yield entry.problem("duplicate-rule", message, "when")
                break
            if rule.pressing_when is None or (
                other.pressing_when is not None and logic.follows(rule.pressing_when, other.pressing_when)
            ):
                message = (
                    f"wherever this rule fires, {other.id} ({first.written}) fires too and says all that it says: "
                    f"{other.when}"
                )
                yield entry.problem("subsumed-rule", message, "when")
                break


class _Comparison:
    """Finds for a rule the others from which it could differ in nothing."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.size = {rule.id: sum(1 for _ in leaves(rule.when)) for rule in rules}
        self.rules = [rule for rule in rules if self.size[rule.id] <= _MAX_LEAVES]
        self.place = {rule.id: place for place, rule in enumerate(self.rules)}
        self.names = {rule.id: names(rule.when) for rule in self.rules}
        self.needs = {rule.id: needs(rule.when) for rule in self.rules}
        self.compared = 0
        spoken: dict[str, int] = defaultdict(int)
        for rule in self.rules:
            for name in self.names[rule.id]:
                spoken[name] += 1
        # By consequence, and by the rarest thing of which a condition must speak for the rule's to follow from it.
        self.filed: Mapping[tuple[object, str], list[Rule]] = defaultdict(list)
        for rule in self.rules:
            anchor = min(self.needs[rule.id], key=lambda name: (spoken[name], name), default="")
            for key in dict.fromkeys(_key(consequence) for consequence in rule.then):
                self.filed[key, anchor].append(rule)

    def candidates(self, rule: Rule) -> Iterator[Rule]:
        """Yield rules with a consequence of the kind of this rule's first, whose condition might follow from its."""
        speaks = self.names[rule.id]
        key = _key(rule.then[0])
        for anchor in ("", *sorted(speaks)):
            for other in self.filed.get((key, anchor), ()):
                self.compared += 1
                if other.id != rule.id and self.needs[other.id] <= speaks:
                    self.compared += self.size[rule.id] * self.size[other.id]
                    if self.compared > _MAX_COMPARED:
                        return
                    yield other


def _key(consequence: Consequence) -> tuple[object, ...]:
    return (consequence.finding, consequence.lesson, consequence.verb, consequence.contradiction)


def _says_all(rule: Rule, other: Rule) -> bool:
    """Return whether a rule says all that another says."""
    return all(any(_covers(one, consequence) for one in rule.then) for consequence in other.then)


def _covers(one: Consequence, other: Consequence) -> bool:
    return (
        _key(one) == _key(other)
        and one.strength == other.strength
        and set(one.elements) >= set(other.elements)
        and set(one.cites) >= set(other.cites)
        and set(one.defeats) >= set(other.defeats)
    )


# --- defeats ----------------------------------------------------------------------------------------------------------


def check_defeats_meet(draft: Draft) -> Iterator[Problem]:
    """Check that what a rule defeats is said by some rule, and by one that can fire when it does."""
    logic = draft.logic
    said = _said(draft)
    for entry in draft.rules.values():
        rule = entry.value
        if not any(consequence.defeats for consequence in rule.then) or logic.never(rule.when):
            continue
        for index, consequence in enumerate(rule.then):
            for place, target in enumerate(consequence.defeats):
                if target not in draft.elements_and_lessons:
                    continue
                where = ("then", index, "defeats", place)
                sayers = said[_canonical(draft, target)]
                if not sayers:
                    how = "recommends it" if target in draft.elements else "recommends or cautions by it"
                    message = f"this defeats {target}, and no rule {how}"
                    yield entry.problem("defeat-of-nothing", message, *where)
                elif all(logic.never(All((rule.when, other.when))) for other in sayers):
                    others = ", ".join(sorted({other.id for other in sayers})[:3])
                    message = f"this defeats {target}, and never fires together with a rule that says it ({others})"
                    yield entry.problem("defeat-never-meets", message, *where)


def _said(draft: Draft) -> Mapping[str, list[Rule]]:
    """Return for elements the rules that recommend them, for lessons those that recommend or caution by them."""
    said: dict[str, list[Rule]] = defaultdict(list)
    for entry in draft.rules.values():
        for consequence in entry.value.then:
            for element in consequence.recommends or ():
                said[element].append(entry.value)
            if consequence.lesson is not None and consequence.verb in ("recommends", "cautions"):
                said[_canonical(draft, consequence.lesson)].append(entry.value)
    return said


def _canonical(draft: Draft, name: str) -> str:
    """Return the lesson that a lesson restates; any other name as it is."""
    lesson = draft.lessons.get(name)
    return lesson.value.same_as or name if lesson else name
