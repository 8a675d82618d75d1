"""The language of conditions: tests on facts and findings, joined by all, any and not.

A condition is true, false or unknown (Kleene's strong logic). A test on an unknown fact is unknown, also when it is
negated. Negation is pushed to the tests while a condition is read, so none of the forms below negates anything but a
test on a fact; findings can't be negated, and thus learning more never takes a conclusion back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypeAlias

from advisor import condition_repairs
from advisor.errors import did_you_mean, listing, quoted, shown
from advisor.names import NameLists

Value: TypeAlias = "bool | int | float | str | tuple[str, ...]"
Facts: TypeAlias = Mapping[str, Value]
Truth: TypeAlias = "bool | None"
Path: TypeAlias = "tuple[str | int, ...]"
Report: TypeAlias = Callable[..., None]
"""Called with code, message and path for each problem."""


@dataclass(frozen=True, slots=True)
class FactTest:
    """A test on one fact, e.g. ``contributions_offered: {only: [money]}``.

    Attributes:
        fact: name of the fact.
        operator: one of the keys of ``OPERATORS``.
        operand: what the value is held against.
        negated: whether the test holds where the operator does not.
    """

    fact: str
    operator: str
    operand: Value
    negated: bool = False

    def holds(self, value: Value) -> bool:
        """Return whether a known value passes."""
        return predicate(self.operator, self.operand, self.negated)(value)

    def matched(self, value: Value) -> Value:
        """Return the part of a value that passes the test: of a set, the members that were looked for."""
        if self.operator in ("has", "has_any", "has_all") and isinstance(value, tuple) and not self.negated:
            wanted = self.operand if isinstance(self.operand, tuple) else (self.operand,)
            return tuple(member for member in value if member in wanted)
        return value

    def __str__(self) -> str:
        operand = self.operand
        shown = ", ".join(operand) if isinstance(operand, tuple) else str(operand).lower()
        if self.operator == "empty":
            return f"{self.fact} is {'' if operand is not self.negated else 'not '}empty"
        words = (_NEGATED_WORDS if self.negated else _WORDS)[self.operator]
        return f"{self.fact} {words} {shown}"


@dataclass(frozen=True, slots=True)
class FindingIs:
    """Holds where a finding was derived."""

    finding: str

    def __str__(self) -> str:
        return f"finding {self.finding}"


@dataclass(frozen=True, slots=True)
class All:
    """Holds where every part holds."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds where at least one part holds."""

    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, All) else str(part) for part in self.parts)


Condition: TypeAlias = "FactTest | FindingIs | All | AnyOf"


class FactType(Protocol):
    """What the reader of conditions needs to know of a fact."""

    @property
    def name(self) -> str:
        """Name of the fact."""

    @property
    def type(self) -> str:
        """One of boolean, enum, set, integer, number."""

    @property
    def allowed(self) -> tuple[str, ...]:
        """Allowed values of an enum or a set."""


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, operand: value == operand and isinstance(value, bool) == isinstance(operand, bool),
    "one_of": lambda value, operand: value in operand,
    "has": lambda value, operand: operand in value,
    "has_any": lambda value, operand: any(member in value for member in operand),
    "has_all": lambda value, operand: all(member in value for member in operand),
    "lacks": lambda value, operand: operand not in value,
    "lacks_all": lambda value, operand: not any(member in value for member in operand),
    "only": lambda value, operand: bool(value) and all(member in operand for member in value),
    "empty": lambda value, operand: (not value) is operand,
    "count_at_least": lambda value, operand: len(value) >= operand,
    "at_least": lambda value, operand: value >= operand,
    "at_most": lambda value, operand: value <= operand,
    "more_than": lambda value, operand: value > operand,
    "less_than": lambda value, operand: value < operand,
}

_WORDS = {
    "is": "is",
    "one_of": "is one of",
    "has": "includes",
    "has_any": "includes one of",
    "has_all": "includes all of",
    "lacks": "does not include",
    "lacks_all": "includes none of",
    "only": "is nothing but",
    "count_at_least": "has at least this many entries:",
    "at_least": "is at least",
    "at_most": "is at most",
    "more_than": "is more than",
    "less_than": "is less than",
}
_NEGATED_WORDS = {
    "is": "is not",
    "one_of": "is none of",
    "has": "does not include",
    "has_any": "includes none of",
    "has_all": "lacks one of",
    "lacks": "includes",
    "lacks_all": "includes one of",
    "only": "is empty or more than",
    "count_at_least": "has fewer entries than",
    "at_least": "is less than",
    "at_most": "is more than",
    "more_than": "is at most",
    "less_than": "is at least",
}
OPERATORS_OF: Mapping[str, tuple[str, ...]] = {
    "set": ("has", "has_any", "has_all", "lacks", "lacks_all", "only", "empty", "count_at_least"),
    "integer": ("at_least", "at_most", "more_than", "less_than"),
    "number": ("at_least", "at_most", "more_than", "less_than"),
}
"""For each type of fact that is tested by operators, those that fit it."""
OPERANDS: Mapping[str, str] = {
    **dict.fromkeys(("has", "lacks"), "value"),
    **dict.fromkeys(("has_any", "has_all", "lacks_all", "only"), "values"),
    "empty": "truth",
    "count_at_least": "count",
    **dict.fromkeys(OPERATORS_OF["number"], "number"),
}
"""For each operator what it takes: one value, a list of values, true or false, a whole number above 0, a number."""
_COMBINATORS = ("all", "any", "not", "finding")


@lru_cache(maxsize=None, typed=True)
def predicate(operator: str, operand: Value, negated: bool) -> Callable[[Value], bool]:
    """Return the test as a function of a known value.

    The same arguments give the same function object: experta keeps every predicate it has seen, for good, so that
    making them anew for each corpus would leak.
    """
    test = OPERATORS[operator]
    if negated:
        return lambda value: not test(value, operand)
    return lambda value: test(value, operand)


def plain(value: Value) -> object:
    """Return a fact's value as JSON has it: a set as a list."""
    return list(value) if isinstance(value, tuple) else value


def evaluate(condition: Condition, facts: Facts, findings: Mapping[str, Truth]) -> Truth:
    """Return whether the condition is true, false or (None) unknown.

    Args:
        condition: what to evaluate.
        facts: the known facts.
        findings: truth of each finding; a missing one counts as unknown.
    """
    match condition:
        case FactTest():
            value = facts.get(condition.fact)
            return None if value is None else condition.holds(value)
        case FindingIs():
            return findings.get(condition.finding)
        case All():
            truths = [evaluate(part, facts, findings) for part in condition.parts]
            return False if False in truths else None if None in truths else True
        case AnyOf():
            truths = [evaluate(part, facts, findings) for part in condition.parts]
            return True if True in truths else None if None in truths else False


def leaves(condition: Condition) -> Iterator[FactTest | FindingIs]:
    """Yield the tests of a condition in the order in which they are written."""
    match condition:
        case FactTest() | FindingIs():
            yield condition
        case All() | AnyOf():
            for part in condition.parts:
                yield from leaves(part)


def leaf_paths(raw: object, path: Path) -> Iterator[Path]:
    """Yield where each test of a condition stands in the YAML it was read from, in the order of ``leaves``.

    Args:
        raw: plain data that was read without a problem.
        path: where it stands in its file.
    """
    if isinstance(raw, list):
        for index, part in enumerate(raw):
            yield from leaf_paths(part, (*path, index))
    elif isinstance(raw, dict):
        for key, value in raw.items():
            here = (*path, key)
            if key in ("all", "any", "not"):
                yield from leaf_paths(value, here)
            elif isinstance(value, dict):  # a fact that is tested by operators
                yield from ((*here, operator) for operator in value)
            else:
                yield here


def support(condition: Condition, facts: Facts, findings: Mapping[str, Truth]) -> Iterator[FactTest | FindingIs]:
    """Yield the tests that make a true condition true: all that hold, through every branch that holds."""
    if evaluate(condition, facts, findings) is not True:
        return
    match condition:
        case FactTest() | FindingIs():
            yield condition
        case All() | AnyOf():
            for part in condition.parts:
                yield from support(part, facts, findings)


def parse(
    raw: object, vocabulary: Mapping[str, FactType], path: Path, report: Report, names: NameLists | None = None
) -> Condition | None:
    """Read a condition as written in YAML.

    Args:
        raw: plain data.
        vocabulary: the facts that may be tested.
        path: where ``raw`` stands in its file, for messages.
        report: receives each problem (code, message, path).
        names: finds the nearest known names; who reads many conditions makes one for all.

    Returns:
        The condition with negation pushed to its tests; None where it can't be read (which was reported).
    """
    return _Reader(vocabulary, report, names or NameLists()).condition(raw, path, negated=False)


class _Reader:
    def __init__(self, vocabulary: Mapping[str, FactType], report: Report, names: NameLists) -> None:
        self.vocabulary = vocabulary
        self.report = report
        self.names = names

    def condition(self, raw: object, path: Path, *, negated: bool) -> Condition | None:
        if not isinstance(raw, dict) or len(raw) != 1:
            found = f"this has {len(raw)} keys" if isinstance(raw, dict) else "this is none"
            message = (
                f"a condition is a mapping with one key (a fact, or one of {listing(_COMBINATORS)}); {found}. "
                "Join several by all or any"
            )
            self.report("condition-shape", message, path, repair=condition_repairs.of_shape(raw))
            return None
        ((key, value),) = raw.items()
        here = (*path, key)
        match key:
            case "all" | "any":
                return self._join(key, value, here, negated=negated)
            case "not":
                return self.condition(value, here, negated=not negated)
            case "finding":
                return self._finding(value, here, negated=negated)
            case _:
                return self._fact(key, value, here, negated=negated)

    def _join(self, key: str, value: object, path: Path, *, negated: bool) -> Condition | None:
        if not isinstance(value, list) or not value:
            repair = condition_repairs.of_list(key, value)
            self.report("condition-shape", f"{key!r} takes a list of one or more conditions", path, repair=repair)
            return None
        parts = [self.condition(part, (*path, index), negated=negated) for index, part in enumerate(value)]
        good = tuple(part for part in parts if part is not None)
        if len(good) < len(parts):
            return None
        if len(good) == 1:
            return good[0]
        # De Morgan: a negated "all" is an "any" of negated tests.
        kind: type[All] | type[AnyOf] = All if (key == "all") is not negated else AnyOf
        flat: list[Condition] = []
        for part in good:
            flat.extend(part.parts if isinstance(part, kind) else (part,))
        return kind(tuple(flat))

    def _finding(self, value: object, path: Path, *, negated: bool) -> Condition | None:
        if negated:
            message = "a finding cannot be negated: learning more must never take a rule back; negate facts instead"
            self.report("negated-finding", message, path)
            return None
        if not isinstance(value, str):
            self.report("condition-shape", "'finding' takes the id of one finding", path)
            return None
        return FindingIs(value)

    def _fact(self, name: str, raw: object, path: Path, *, negated: bool) -> Condition | None:
        fact = self.vocabulary.get(name)
        if fact is None:
            suggestion = self.names.nearest(name, "fact or word of conditions", [*self.vocabulary, *_COMBINATORS])
            message = f"no fact named {quoted(name)}{did_you_mean(suggestion)}"
            self.report("unknown-fact", message, path, value=name, suggestion=suggestion)
            return None
        match fact.type:
            case "boolean":
                if isinstance(raw, bool):
                    return FactTest(name, "is", raw, negated)
                self._wrong(fact, raw, path, "true or false")
                return None
            case "enum":
                return self._enum(fact, raw, path, negated=negated)
            case _:
                return self._operators(fact, raw, path, negated=negated)

    def _enum(self, fact: FactType, raw: object, path: Path, *, negated: bool) -> Condition | None:
        if isinstance(raw, str):
            return FactTest(fact.name, "is", raw, negated) if self._allowed(fact, raw, path) else None
        if isinstance(raw, list) and raw and all(isinstance(value, str) for value in raw):
            good = [self._allowed(fact, value, (*path, index)) for index, value in enumerate(raw)]
            return FactTest(fact.name, "one_of", tuple(raw), negated) if all(good) else None
        self._wrong(fact, raw, path, f"one value or a list of values: {listing(fact.allowed)}")
        return None

    def _operators(self, fact: FactType, raw: object, path: Path, *, negated: bool) -> Condition | None:
        operators = OPERATORS_OF[fact.type]
        if not isinstance(raw, dict) or not raw:
            self._wrong(fact, raw, path, f"an operator: {listing(operators)}")
            return None
        tests: list[Condition] = []
        for operator, operand in raw.items():
            here = (*path, operator)
            if operator not in operators:
                suggestion = self.names.nearest(operator, operators, operators)
                message = (
                    f"no operator {quoted(operator)} for {fact.name} (its type is {fact.type})"
                    f"{did_you_mean(suggestion)}; allowed: {listing(operators)}"
                )
                self.report("unknown-operator", message, here, value=operator, suggestion=suggestion)
            elif (value := self._operand(fact, operator, operand, here)) is not None:
                tests.append(FactTest(fact.name, operator, value, negated))
        if len(tests) < len(raw):
            return None
        if len(tests) == 1:
            return tests[0]
        return AnyOf(tuple(tests)) if negated else All(tuple(tests))

    def _operand(self, fact: FactType, operator: str, operand: object, path: Path) -> Value | None:
        number = isinstance(operand, int | float) and not isinstance(operand, bool)
        match OPERANDS[operator]:
            case "truth":
                good, want = isinstance(operand, bool), "true or false"
            case "count":
                good = isinstance(operand, int) and number and operand > 0
                want = "a whole number above 0"
            case "number":
                good, want = number, "a number"
            case "value":
                good, want = isinstance(operand, str), f"one value: {listing(fact.allowed)}"
                if good and not self._allowed(fact, operand, path):
                    return None
            case _:
                strings = isinstance(operand, list) and all(isinstance(value, str) for value in operand)
                good, want = strings and bool(operand), f"a list of values: {listing(fact.allowed)}"
                if good and isinstance(operand, list):
                    fine = [self._allowed(fact, value, (*path, index)) for index, value in enumerate(operand)]
                    return tuple(operand) if all(fine) else None
        if not good:
            message = f"{operator!r} takes {want}; not {shown(operand)}"
            repair = condition_repairs.of_operand(operator, operand, many=OPERANDS[operator] == "values")
            self.report("wrong-type", message, path, value=operand, repair=repair)
            return None
        assert isinstance(operand, bool | int | float | str)
        return operand

    def _allowed(self, fact: FactType, value: object, path: Path) -> bool:
        if value in fact.allowed:
            return True
        if not fact.allowed:
            return False  # which is a problem of the fact, and told there
        suggestion = self.names.nearest(value, ("value", fact.name), fact.allowed)
        message = f"{fact.name} has no value {shown(value)}{did_you_mean(suggestion)}; allowed: {listing(fact.allowed)}"
        self.report("value-not-allowed", message, path, value=value, allowed=fact.allowed, suggestion=suggestion)
        return False

    def _wrong(self, fact: FactType, raw: object, path: Path, want: str) -> None:
        message = f"{fact.name} (its type is {fact.type}) is tested by {want}; not {shown(raw)}"
        repair = condition_repairs.of_test(fact.type, fact.name, raw, OPERATORS_OF.get(fact.type, ()))
        self.report("wrong-type", message, path, value=raw, repair=repair)
