"""Mutants: conditions that differ from a rule's own in one place, to see whether its tests would notice.

Four kinds. ``flip`` negates a test; a finding, which can't be negated, never holds. ``drop`` takes a condition out of
the ``all`` or ``any`` in which it stands; of a condition that stands alone it makes one that always holds and one that
never does. ``widen`` lets a little more pass: one value more, a limit one step lower, one of several values instead
of all of them, ``any`` for ``all``. ``narrow`` lets a little less pass. Two mutants of a rule are never the same
condition. Nothing here runs a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from advisor.conditions import All, AnyOf, Condition, FactTest, FindingIs, Value, leaves
from advisor.model import Fact
from advisor.positions import PARTS, Part, Span
from advisor.rule import Rule

Kind: TypeAlias = Literal["flip", "drop", "widen", "narrow"]
KINDS: tuple[Kind, ...] = ("flip", "drop", "widen", "narrow")

ALWAYS = All(())
"""Holds in every situation: every part of it holds, for it has none."""
NEVER = AnyOf(())
"""Holds in none."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule with one place of its conditions changed.

    Attributes:
        rule: id of the rule.
        part: the condition that is changed.
        kind: how.
        span: the tests that belong to what is changed.
        member: the value of a list that was taken out.
        before: what is changed.
        after: what stands in its place: ``ALWAYS`` in an ``all`` and ``NEVER`` in an ``any`` is nothing.
        condition: the whole condition, changed.
    """

    rule: str
    part: Part
    kind: Kind
    span: Span
    member: str | None
    before: Condition
    after: Condition
    condition: Condition


Differs: TypeAlias = "Callable[[Mutant], bool]"
"""Whether a mutant may end otherwise than its rule in some situation."""


def mutants_of(rule: Rule, vocabulary: Mapping[str, Fact], differs: Differs) -> Iterator[Mutant]:
    """Yield the mutants of a rule, each condition once, in the order of the file.

    Args:
        rule: the rule.
        vocabulary: the facts, for the values that a test may be widened by.
        differs: consulted where there is a choice: of all values by which a test can be widened, the nearest that
            makes a difference is taken; where none does, the nearest.
    """
    for part in PARTS:
        condition = rule.when if part == "when" else rule.pressing_when
        if condition is None:
            continue
        seen = {condition}
        for site in _sites(condition):
            for kind, choices in _changes(site, vocabulary):
                made = (_made(rule, part, kind, condition, site, change) for change in choices)
                mutant = _chosen(made, differs) if len(choices) > 1 else next(made)
                if mutant.condition not in seen:
                    seen.add(mutant.condition)
                    yield mutant


def _chosen(mutants: Iterable[Mutant], differs: Differs) -> Mutant:
    tried = []
    for mutant in mutants:
        if differs(mutant):
            return mutant
        tried.append(mutant)
    return tried[0]


# --- places in a condition --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Site:
    """A part of a condition.

    Attributes:
        node: the part.
        path: the numbers of the parts that lead to it.
        span: the tests that belong to it.
        inside: what it stands in; None for the whole.
    """

    node: Condition
    path: tuple[int, ...]
    span: Span
    inside: All | AnyOf | None


def _sites(condition: Condition) -> Iterator[_Site]:
    """Yield every part of a condition, the whole first."""

    def visit(node: Condition, path: tuple[int, ...], first: int, inside: All | AnyOf | None) -> Iterator[_Site]:
        size = sum(1 for _ in leaves(node))
        yield _Site(node, path, (first, first + size - 1), inside)
        if isinstance(node, All | AnyOf):
            for index, child in enumerate(node.parts):
                yield from visit(child, (*path, index), first, node)
                first += sum(1 for _ in leaves(child))

    return visit(condition, (), 0, None)


def replaced(condition: Condition, path: Sequence[int], new: Condition) -> Condition:
    """Return the condition with the part at ``path`` replaced, and what then says nothing left out."""
    if not path:
        return new
    assert isinstance(condition, All | AnyOf)
    parts = list(condition.parts)
    parts[path[0]] = replaced(parts[path[0]], path[1:], new)
    return joined(type(condition), parts)


def joined(kind: type[All] | type[AnyOf], parts: Iterable[Condition]) -> Condition:
    """Return the parts joined: ``ALWAYS`` and ``NEVER`` worked in, one part bare, parts of the same kind flattened."""
    nothing, everything = (ALWAYS, NEVER) if kind is All else (NEVER, ALWAYS)
    flat: list[Condition] = []
    for part in parts:
        if part == everything:
            return everything
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    if not flat:
        return nothing
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


# --- what can be changed ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change:
    after: Condition
    member: str | None = None


def _made(rule: Rule, part: Part, kind: Kind, condition: Condition, site: _Site, change: _Change) -> Mutant:
    mutated = replaced(condition, site.path, change.after)
    return Mutant(rule.id, part, kind, site.span, change.member, site.node, change.after, mutated)


def _changes(site: _Site, vocabulary: Mapping[str, Fact]) -> Iterator[tuple[Kind, Sequence[_Change]]]:
    """Yield kinds of change with the changes between which there is a choice."""
    match site.node:
        case FactTest() as test:
            yield "flip", [_Change(replace(test, negated=not test.negated))]
        case FindingIs():
            yield "flip", [_Change(NEVER)]
    if site.inside is None and isinstance(site.node, FactTest | FindingIs):
        yield "drop", [_Change(ALWAYS)]
        yield "drop", [_Change(NEVER)]
    elif site.inside is not None:
        yield "drop", [_Change(ALWAYS if isinstance(site.inside, All) else NEVER)]
    match site.node:
        case FactTest() as test:
            fact = vocabulary[test.fact]
            for kind, variants in ((_WIDER, _wider(test, fact)), (_NARROWER, _narrower(test, fact))):
                for choices in variants:
                    changes = [_Change(variant, _lost(test, variant)) for variant in choices]
                    if changes:
                        yield kind[test.negated], changes
        case All(parts=parts) if parts:
            yield "widen", [_Change(joined(AnyOf, parts))]
        case AnyOf(parts=parts) if parts:
            yield "narrow", [_Change(joined(All, parts))]


_WIDER: tuple[Kind, Kind] = ("widen", "narrow")
_NARROWER: tuple[Kind, Kind] = ("narrow", "widen")
"""What a test is when less or more passes it, by whether it is negated."""
_LISTS = {"has": "has_any", "lacks": "lacks_all", "is": "one_of"}
"""For a test of one value the one of several."""
_OPENED = {"more_than": "at_least", "less_than": "at_most"}
_STEP = {"at_least": -1, "more_than": -1, "at_most": 1, "less_than": 1}


def _wider(test: FactTest, fact: Fact) -> Iterator[Sequence[FactTest]]:
    """Yield choices of tests that a little more passes than this one, its negation left aside."""
    match test.operator:
        case "is" if fact.type == "boolean":
            return
        case "is" | "one_of":
            # Values of an enum are mostly degrees: what lies on either side is a mistake that can be made.
            beside = _unnamed(test, fact)
            close = [value for distance, value in beside if distance == 1]
            if len(close) < 2:
                yield _with_more(test, [value for _, value in beside])
            else:
                yield from (_with_more(test, [value]) for value in close)
        case "has" | "has_any" | "only":
            yield _with_more(test, [value for _, value in _unnamed(test, fact)])
        case "has_all":
            yield [replace(test, operator="has_any")]
        case "lacks_all":
            yield from ([lost] for lost in _with_less(test))
        case "count_at_least" if isinstance(test.operand, int) and test.operand > 1:
            yield [replace(test, operand=test.operand - 1)]
        case "more_than" | "less_than" if fact.type == "number":
            yield [replace(test, operator=_OPENED[test.operator])]
        case "at_least" | "at_most" | "more_than" | "less_than":
            yield [_moved(test, _STEP[test.operator])]


def _narrower(test: FactTest, fact: Fact) -> Iterator[Sequence[FactTest]]:
    """Yield choices of tests that a little less passes than this one, its negation left aside."""
    match test.operator:
        case "one_of" | "has_any" | "only":
            yield from ([lost] for lost in _with_less(test))
        case "lacks" | "lacks_all":
            yield _with_more(test, [value for _, value in _unnamed(test, fact)])
        case "count_at_least" if isinstance(test.operand, int) and test.operand < len(fact.allowed):
            yield [replace(test, operand=test.operand + 1)]
        case "at_least" | "at_most" if fact.type == "number":
            closed = next(operator for operator, opened in _OPENED.items() if opened == test.operator)
            yield [replace(test, operator=closed)]
        case "at_least" | "at_most" | "more_than" | "less_than":
            yield [_moved(test, -_STEP[test.operator])]


def _moved(test: FactTest, by: int) -> FactTest:
    assert isinstance(test.operand, int | float)
    return replace(test, operand=test.operand + by)


def _named(test: FactTest) -> tuple[str, ...]:
    return test.operand if isinstance(test.operand, tuple) else (str(test.operand),)


def _unnamed(test: FactTest, fact: Fact) -> list[tuple[int, str]]:
    """Return the values that a test doesn't name with their distance from those it does, near and later ones first."""
    named = [fact.allowed.index(value) for value in _named(test)]
    ranked = sorted(
        (min(abs(index - other) for other in named), index < max(named), index, value)
        for index, value in enumerate(fact.allowed)
        if index not in named
    )
    return [(distance, value) for distance, _, _, value in ranked]


def _with_more(test: FactTest, values: Iterable[str]) -> list[FactTest]:
    operator = _LISTS.get(test.operator, test.operator)
    return [replace(test, operator=operator, operand=(*_named(test), value)) for value in values]


def _with_less(test: FactTest) -> Iterator[FactTest]:
    """Yield the test without each of its values; of one value there is nothing to take."""
    single = {many: one for one, many in _LISTS.items()}
    named = _named(test)
    for value in named if len(named) > 1 else ():
        left: Value = tuple(other for other in named if other != value)
        operator = test.operator
        if len(named) == 2 and operator in single:
            operator, left = single[operator], left[0] if isinstance(left, tuple) else left
        yield replace(test, operator=operator, operand=left)


def _lost(test: FactTest, variant: Condition) -> str | None:
    """Return the value that a variant of a test has lost."""
    if not isinstance(test.operand, tuple) or not isinstance(variant, FactTest):
        return None
    return next((value for value in test.operand if value not in _named(variant)), None)
