"""Questions put to the solver, and the smallest situation that answers one.

Smallest means: with as few facts known as can be; of those, with as few members in their sets; of those, with the facts
that come first in the vocabulary, and the values that come first there or are lowest. So which situation is found does
not depend on how the solver searches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import z3

from advisor.conditions import Facts, Value
from advisor.domains import classes_of
from advisor.vocabulary import Cone, Expr, Variable, Vocabulary

Possible: TypeAlias = "bool | None"
"""Whether there is a situation; None where the solver ran out of time."""


@dataclass(frozen=True, slots=True)
class Example:
    """A situation of which something is true.

    Attributes:
        facts: the known facts, in canonical form.
        smallest: whether none is smaller; false where the solver ran out of time before that was shown.
    """

    facts: Facts
    smallest: bool


class _OutOfTimeError(Exception):
    """The solver ran out of time."""


class Search:
    """Asks whether there are situations of some kind.

    Args:
        vocabulary: the facts, and what is defined from them.
        timeout: the seconds that the solver may take for one question.
    """

    def __init__(self, vocabulary: Vocabulary, timeout: float) -> None:
        self.vocabulary = vocabulary
        self.timeout = timeout

    def possible(self, *wanted: Expr) -> Possible:
        """Return whether there is a situation in which all of this is true."""
        try:
            return self._solver(self.vocabulary.cone(wanted), wanted).check()
        except _OutOfTimeError:
            return None

    def smallest(self, *wanted: Expr) -> Example | None:
        """Return the smallest situation in which all of this is true; None where none was found.

        Ask ``possible`` first: None may also mean that the solver ran out of time.
        """
        # What bears on no part of the question is unknown in a smallest situation.
        cone = self.vocabulary.cone(wanted)
        solver = self._solver(cone, wanted)
        try:
            if not solver.check():
                return None
        except _OutOfTimeError:
            return None
        model = solver.model()
        try:
            solver.fewest([variable.known for variable in cone.variables])
            sets = [variable for variable in cone.variables if variable.fact.type == "set"]
            solver.fewest([bit for variable in sets for bit in variable.bits.values()])
            return Example(dict(self._chosen(solver, cone.variables)), smallest=True)
        except _OutOfTimeError:
            return Example(dict(self._read(model, cone.variables)), smallest=False)

    def conflict(self, wanted: Sequence[Expr]) -> list[int] | None:
        """Return which of these can't all be true together; none of them could be left out.

        Returns:
            Their places in the list; None where the solver ran out of time, or all can be true.
        """
        if self.possible(*wanted) is not False:
            return None
        kept = list(range(len(wanted)))
        for index in range(len(wanted)):
            without = [other for other in kept if other != index]
            if self.possible(*(wanted[other] for other in without)) is False:
                kept = without
        return kept

    def _solver(self, cone: Cone, wanted: Iterable[Expr]) -> _Solver:
        return _Solver(self.vocabulary, cone, wanted, self.timeout)

    def _chosen(self, solver: _Solver, variables: Iterable[Variable]) -> Iterator[tuple[str, Value]]:
        """Settle on one situation: facts, then values, each the first that can be."""
        for variable in [variable for variable in variables if solver.prefer(variable.known)]:
            name = variable.fact.name
            if variable.fact.type == "set":
                yield name, tuple(word for word, bit in variable.bits.items() if solver.prefer(bit))
            else:
                values = self._values(variable)
                yield name, next(value for value in values if solver.prefer(self.vocabulary.has_value(name, value)))

    def _values(self, variable: Variable) -> tuple[Value, ...]:
        """Return values of a fact that is no set: one of each class that the tests tell apart, simple ones first."""
        fact = variable.fact
        match fact.type:
            case "boolean":
                return (True, False)
            case "enum":
                return fact.allowed
            case _:
                tests = tuple(self.vocabulary.tests[fact.name])
                return tuple(found.nearest for found in classes_of(fact, tests, fact.minimum or 0))

    def _read(self, model: Any, variables: Iterable[Variable]) -> Iterator[tuple[str, Value]]:
        """Return the situation of a model; of numbers, one that passes the same tests."""

        def holds(wanted: Expr) -> bool:
            return bool(z3.is_true(model.eval(wanted, model_completion=True)))

        for variable in variables:
            name = variable.fact.name
            if not holds(variable.known):
                continue
            match variable.fact.type:
                case "set":
                    yield name, tuple(word for word, bit in variable.bits.items() if holds(bit))
                case "boolean" | "enum":
                    yield name, next(v for v in self._values(variable) if holds(self.vocabulary.has_value(name, v)))
                case _:
                    tests = tuple(self.vocabulary.tests[name])
                    passes = sum(holds(self.vocabulary.test(test)) << index for index, test in enumerate(tests))
                    classes = classes_of(variable.fact, tests, variable.fact.minimum or 0)
                    yield name, next(found.nearest for found in classes if found.passes == passes)


class _Solver:
    """The solver for one question, which knows what bears on it; every method may run out of time."""

    def __init__(self, vocabulary: Vocabulary, cone: Cone, wanted: Iterable[Expr], timeout: float) -> None:
        self._vocabulary = vocabulary
        self._solver = vocabulary.solver(cone)
        self._solver.set("timeout", max(1, round(timeout * 1000)))
        self._solver.add(*wanted)

    def check(self) -> bool:
        answer = self._solver.check()
        if answer == z3.unknown:
            raise _OutOfTimeError
        return bool(answer == z3.sat)

    def model(self) -> Any:
        """Return what the last check found."""
        return self._solver.model()

    def can(self, wanted: Expr) -> bool:
        """Return whether this may be true too."""
        self._solver.push()
        try:
            self._solver.add(wanted)
            return self.check()
        finally:
            self._solver.pop()

    def fewest(self, bits: Sequence[Expr]) -> None:
        """Keep to situations in which as few of the bits hold as can be."""
        for number in range(len(bits) + 1):
            bound = self._vocabulary.at_most(bits, number)
            if self.can(bound):
                self._solver.add(bound)
                return

    def prefer(self, wanted: Expr) -> bool:
        """Keep to situations in which this is true, if there are any, or else to those in which it isn't."""
        can = self.can(wanted)
        self._solver.add(wanted if can else z3.Not(wanted))
        return can
