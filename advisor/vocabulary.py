"""The facts of any situation as the variables of a solver, and what their tests say of them.

A fact is a bit that says whether it is known, beside its value: a bit for a boolean, one bit a value for an enum or a
set, a number in its range. What isn't known has no value, so that each situation is one assignment. A test on a fact
needs it to be known, also where it is negated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any, TypeAlias

import z3

from advisor.conditions import Facts, FactTest, Value
from advisor.model import Fact

Expr: TypeAlias = Any
"""A z3 expression; z3 ships no types."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A fact of any situation.

    Attributes:
        fact: the fact.
        known: whether it is known.
        bits: for each allowed value of an enum or a set, whether it is the value, or in it.
        value: the value of a boolean or a number.
    """

    fact: Fact
    known: Expr
    bits: Mapping[str, Expr]
    value: Expr


@dataclass(frozen=True, slots=True)
class Cone:
    """What bears on a question.

    Attributes:
        definitions: what holds of every situation and fixes the answer from the facts.
        variables: the facts on which it depends, in the vocabulary's order.
    """

    definitions: list[Expr]
    variables: list[Variable]


class Vocabulary:
    """The facts of any situation, and what is defined from them.

    Attributes:
        variables: the facts.
        tests: every test of a fact that was translated, by fact.
    """

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self._context = z3.Context()
        self._definitions: dict[str, list[Expr]] = {}
        self._bearing: dict[str, tuple[str, ...]] = {}
        self._fact_of: dict[str, str] = {}
        self.tests: dict[str, dict[FactTest, None]] = {name: {} for name in facts}
        self.variables = {fact.name: self._variable(fact) for fact in facts.values()}

    def solver(self, about: Cone | None = None) -> Any:
        """Return a new solver that knows the definitions, all or those of a cone. Its search is the same each time."""
        solver = z3.SimpleSolver(ctx=self._context)
        solver.set("random_seed", 0)
        solver.set("ctrl_c", False)  # an interruption ends the program, not one question
        for definition in about.definitions if about is not None else chain(*self._definitions.values()):
            # As add() does, which looks at each anew; they are formulas all.
            z3.Z3_solver_assert(self._context.ref(), solver.solver, definition.as_ast())
        return solver

    def cone(self, wanted: Iterable[Expr]) -> Cone:
        """Return what bears on expressions: the facts, and the definitions through which they do."""
        pending = [name for expression in wanted for name in names_in(expression)]
        found: dict[str, None] = {}
        while pending:
            name = pending.pop()
            key = self._fact_of.get(name, name)
            if key not in found:
                found[key] = None
                pending += self._bearing.get(key, ())
        definitions = [part for key in sorted(found) for part in self._definitions[key]]
        return Cone(definitions, [variable for name, variable in self.variables.items() if f"fact {name}" in found])

    # --- logic --------------------------------------------------------------------------------------------------------

    def every(self, parts: Iterable[Expr]) -> Expr:
        """Return the conjunction of the parts; true where there is none."""
        return z3.And([z3.BoolVal(True, self._context), *parts])

    def some(self, parts: Iterable[Expr]) -> Expr:
        """Return the disjunction of the parts; false where there is none."""
        return z3.Or([z3.BoolVal(False, self._context), *parts])

    def at_most(self, bits: Iterable[Expr], number: int) -> Expr:
        """Return that at most so many of the bits hold."""
        listed = list(bits)
        return z3.AtMost(*listed, number) if listed else self.every(())

    def at_least(self, bits: Iterable[Expr], number: int) -> Expr:
        """Return that at least so many of the bits hold."""
        listed = list(bits)
        return z3.AtLeast(*listed, number) if listed else self.some(()) if number > 0 else self.every(())

    def _bit(self, name: str) -> Expr:
        return z3.Bool(name, self._context)

    def _defined(self, name: str, meaning: Expr, bearing: Iterable[str]) -> Expr:
        bit = self._bit(name)
        self._define(bit, meaning, bearing)
        return bit

    def _define(self, bit: Expr, meaning: Expr, bearing: Iterable[str]) -> None:
        """Say what a bit means; ``bearing`` are the definitions of what the meaning is made of."""
        name = str(bit.decl().name())
        self._definitions[name] = [bit == meaning]
        self._bearing[name] = tuple(bearing)

    # --- facts --------------------------------------------------------------------------------------------------------

    def _variable(self, fact: Fact) -> Variable:
        known = self._bit(f"known {fact.name}")
        bits = {value: self._bit(f"{fact.name}={value}") for value in fact.allowed}
        domain: list[Expr] = []
        value: Expr = None
        match fact.type:
            case "boolean":
                value = self._bit(fact.name)
                domain = [z3.Implies(value, known)]
            case "enum":
                domain = [known == self.some(bits.values()), self.at_most(bits.values(), 1)]
            case "set":
                domain = [z3.Implies(self.some(bits.values()), known)]
            case _:
                value = (z3.Int if fact.type == "integer" else z3.Real)(fact.name, self._context)
                domain += [value >= fact.minimum] if fact.minimum is not None else []
                domain += [value <= fact.maximum] if fact.maximum is not None else []
                nothing = fact.minimum if fact.minimum is not None else fact.maximum or 0
                domain.append(z3.Or(known, value == nothing))
        self._definitions[f"fact {fact.name}"] = domain
        for part in (known, value, *bits.values()):
            if part is not None:
                self._fact_of[str(part.decl().name())] = f"fact {fact.name}"
        return Variable(fact, known, bits, value)

    def situation(self, facts: Facts) -> Expr:
        """Return that the situation is exactly this one."""
        return self.every(
            self.has_value(name, facts[name]) if name in facts else z3.Not(variable.known)
            for name, variable in self.variables.items()
        )

    def has_value(self, name: str, value: Value) -> Expr:
        """Return that a fact is known and has this value."""
        variable = self.variables[name]
        match variable.fact.type:
            case "boolean":
                here = variable.value if value else z3.Not(variable.value)
            case "enum":
                here = variable.bits[str(value)]
            case "set":
                members = value if isinstance(value, tuple) else ()
                here = self.every(bit if word in members else z3.Not(bit) for word, bit in variable.bits.items())
            case _:
                here = variable.value == self._number(value)
        return self.every([variable.known, here])

    def _number(self, value: object) -> Expr:
        assert isinstance(value, int | float)
        exact = Fraction(value)
        if exact.denominator == 1:
            return exact.numerator  # z3 takes whole numbers of Python as they are
        return z3.Q(exact.numerator, exact.denominator, self._context)

    def test(self, test: FactTest) -> Expr:
        """Return that a fact is known and passes a test."""
        self.tests[test.fact][test] = None
        variable = self.variables[test.fact]
        passes = _OPERATORS[test.operator](self, variable, test.operand)
        return self.every([variable.known, z3.Not(passes) if test.negated else passes])


def names_in(expression: Expr) -> Iterator[str]:
    """Yield the names of the bits and numbers in an expression."""
    pending, seen = [expression], set()
    while pending:
        part = pending.pop()
        if part.get_id() in seen:
            continue
        seen.add(part.get_id())
        if z3.is_const(part) and part.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            yield str(part.decl().name())
        pending += part.children()


def _words(operand: Any) -> tuple[str, ...]:
    return operand if isinstance(operand, tuple) else (operand,)


def _is(vocabulary: Vocabulary, variable: Variable, operand: Any) -> Expr:
    if variable.bits:
        return variable.bits[operand]
    return variable.value if operand else z3.Not(variable.value)


def _has_any(vocabulary: Vocabulary, variable: Variable, operand: Any) -> Expr:
    return vocabulary.some(variable.bits[word] for word in _words(operand))


def _has_all(vocabulary: Vocabulary, variable: Variable, operand: Any) -> Expr:
    return vocabulary.every(variable.bits[word] for word in _words(operand))


def _lacks_all(vocabulary: Vocabulary, variable: Variable, operand: Any) -> Expr:
    return z3.Not(_has_any(vocabulary, variable, operand))


def _only(vocabulary: Vocabulary, variable: Variable, operand: Any) -> Expr:
    others = (z3.Not(bit) for word, bit in variable.bits.items() if word not in operand)
    return vocabulary.every([vocabulary.some(variable.bits.values()), *others])


def _empty(vocabulary: Vocabulary, variable: Variable, operand: Any) -> Expr:
    filled = vocabulary.some(variable.bits.values())
    return z3.Not(filled) if operand else filled


_OPERATORS: Mapping[str, Callable[[Vocabulary, Variable, Any], Expr]] = {
    "is": _is,
    "one_of": _has_any,
    "has": _has_any,
    "has_any": _has_any,
    "has_all": _has_all,
    "lacks": _lacks_all,
    "lacks_all": _lacks_all,
    "only": _only,
    "empty": _empty,
    "count_at_least": lambda vocabulary, variable, operand: vocabulary.at_least(variable.bits.values(), operand),
    "at_least": lambda vocabulary, variable, operand: variable.value >= vocabulary._number(operand),
    "at_most": lambda vocabulary, variable, operand: variable.value <= vocabulary._number(operand),
    "more_than": lambda vocabulary, variable, operand: variable.value > vocabulary._number(operand),
    "less_than": lambda vocabulary, variable, operand: variable.value < vocabulary._number(operand),
}
"""What passes each operator of conditions, of a value that is known."""
