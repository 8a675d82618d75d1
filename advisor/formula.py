"""The rules as one formula over the facts of any situation, for a solver that decides questions about all of them.

A fact is a bit that says whether it is known, beside its value: a bit for a boolean, one bit a value for an enum or a
set, a number in its range. What isn't known has no value, so that each situation is one assignment. A test on a fact
needs it to be known, also where it is negated; conditions negate nothing else, so a rule fires exactly where its
condition is true in the three-valued sense. Findings depend on one another in no circle: each is the disjunction of
the rules that derive it. What stands, is set aside, flagged and printed follows ``advisor.standing`` and
``advisor.lines``.

``advisor.counterexample`` asks the questions; these two modules alone know z3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import z3

from advisor.case import canonical
from advisor.claims import Claim, Every, Guarded, Known, Not, Says, Some
from advisor.conditions import All, Condition, Facts, FactTest, FindingIs, Value
from advisor.corpus import Corpus
from advisor.model import Consequence, Fact, Lesson, Strength
from advisor.rule import Rule
from advisor.standing import targets_of

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
class Applied:
    """A lesson as a rule applies it, where it fires.

    Attributes:
        rule: the rule.
        consequence: the consequence that applies it.
        lesson: the lesson.
        strength: the strength with which.
    """

    rule: Rule
    consequence: Consequence
    lesson: Lesson
    strength: Strength

    @property
    def says(self) -> str:
        """The lesson, or the one that it restates."""
        return canonical(self.lesson)


class Formula:
    """The rules of a corpus, over the facts of any situation.

    Attributes:
        corpus: the corpus.
        variables: the facts.
        rules: for each rule, whether it fires.
        pressing: for each rule that may press, whether it does.
        findings: for each finding, whether it is derived.
        elements: for each element, whether its recommendation stands.
        definitions: what holds of every situation, and fixes all of the above from the facts.
        tests: every test of a fact that was translated, by fact.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._context = z3.Context()
        self.definitions: list[Expr] = []
        self.tests: dict[str, dict[FactTest, None]] = {name: {} for name in corpus.facts}
        self.variables = {fact.name: self._variable(fact) for fact in corpus.facts.values()}
        self.applied = [
            Applied(rule, then, lesson, then.strength or lesson.strength)
            for _, rule in sorted(corpus.rules.items())
            for then in rule.then
            if then.lesson is not None and (lesson := corpus.lessons[then.lesson])
        ]
        self._setting_aside = self._defeaters()
        self.findings = {name: self._bit(f"finding {name}") for name in corpus.findings}
        self.rules = {
            name: self._defined(f"fires {name}", self.condition(rule.when))
            for name, rule in sorted(corpus.rules.items())
        }
        self.pressing = {
            name: self._defined(f"presses {name}", self.every([self.rules[name], self.condition(rule.pressing_when)]))
            for name, rule in sorted(corpus.rules.items())
            if rule.pressing_when is not None
        }
        for name, finding in self.findings.items():
            self.definitions.append(finding == self.some(self.rules[rule.id] for rule in corpus.deriving[name]))
        self.elements = {name: self._defined(f"recommends {name}", self._stands(name)) for name in corpus.elements}

    def solver(self) -> Any:
        """Return a new solver that knows the definitions. Its search is the same in every run."""
        solver = z3.Solver(ctx=self._context)
        solver.set("random_seed", 0)
        solver.add(self.definitions)
        return solver

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

    def _defined(self, name: str, meaning: Expr) -> Expr:
        bit = self._bit(name)
        self.definitions.append(bit == meaning)
        return bit

    # --- facts --------------------------------------------------------------------------------------------------------

    def _variable(self, fact: Fact) -> Variable:
        known = self._bit(f"known {fact.name}")
        bits = {value: self._bit(f"{fact.name}={value}") for value in fact.allowed}
        match fact.type:
            case "boolean":
                value = self._bit(fact.name)
                self.definitions.append(z3.Implies(value, known))
                return Variable(fact, known, {}, value)
            case "enum":
                self.definitions.append(known == self.some(bits.values()))
                self.definitions.append(self.at_most(bits.values(), 1))
                return Variable(fact, known, bits, None)
            case "set":
                self.definitions.append(z3.Implies(self.some(bits.values()), known))
                return Variable(fact, known, bits, None)
            case _:
                make = z3.Int if fact.type == "integer" else z3.Real
                value = make(fact.name, self._context)
                if fact.minimum is not None:
                    self.definitions.append(value >= fact.minimum)
                if fact.maximum is not None:
                    self.definitions.append(value <= fact.maximum)
                nothing = fact.minimum if fact.minimum is not None else fact.maximum or 0
                self.definitions.append(z3.Or(known, value == nothing))
                return Variable(fact, known, {}, value)

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

    # --- conditions and findings --------------------------------------------------------------------------------------

    def condition(self, condition: Condition) -> Expr:
        """Return that a condition is true, which is more than not false."""
        match condition:
            case FactTest():
                return self.test(condition)
            case FindingIs():
                return self.findings[condition.finding]
            case All():
                return self.every(self.condition(part) for part in condition.parts)
            case _:
                return self.some(self.condition(part) for part in condition.parts)

    def test(self, test: FactTest) -> Expr:
        """Return that a fact is known and passes a test."""
        self.tests[test.fact][test] = None
        variable = self.variables[test.fact]
        passes = _OPERATORS[test.operator](self, variable, test.operand)
        return self.every([variable.known, z3.Not(passes) if test.negated else passes])

    # --- lines --------------------------------------------------------------------------------------------------------

    def _defeaters(self) -> dict[str, list[str]]:
        """For each element (``element …``) and lesson (``lesson …``) the rules that set it aside where they fire."""
        found: dict[str, list[str]] = {}
        for name, rule in sorted(self.corpus.rules.items()):
            targets = {target for then in rule.then for target in targets_of(then)}
            lessons = self.corpus.lessons
            keys = {f"element {target}" for target in targets}
            keys |= {f"lesson {canonical(lessons[target])}" for target in targets if target in lessons}
            for key in keys:
                found.setdefault(key, []).append(name)
        return found

    def _aside(self, kind: str, name: str) -> Expr:
        return self.some(self.rules[rule] for rule in self._setting_aside.get(f"{kind} {name}", ()))

    def _fires(self, applied: Applied) -> Expr:
        return self.rules[applied.rule.id]

    def _recommending(self, element: str) -> Iterator[Applied]:
        return (one for one in self.applied if element in (one.consequence.recommends or ()))

    def _unbeaten(self, applied: Applied) -> Expr:
        """Return that a lesson is applied, and not set aside as a lesson."""
        return self.every([self._fires(applied), z3.Not(self._aside("lesson", applied.says))])

    def _stands(self, element: str) -> Expr:
        calling = self.some(self._unbeaten(applied) for applied in self._recommending(element))
        return self.every([calling, z3.Not(self._aside("element", element))])

    def avoided(self, element: str) -> Iterator[tuple[Applied, Expr]]:
        """Yield the lessons that say that the element is to be avoided, each with whether it is said.

        It is said by a caution that stands and by a red flag, of strength ``avoid``, that names the element.
        """
        for applied in self.applied:
            if applied.strength == "avoid":
                if element in (applied.consequence.cautions or ()):
                    yield applied, self._unbeaten(applied)
                elif element in (applied.consequence.flags or ()):
                    yield applied, self._fires(applied)

    def reasons(self, element: str) -> Iterator[tuple[Applied, Expr]]:
        """Yield the lessons that call for an element, each with whether it is a reason of a line that stands."""
        for applied in self._recommending(element):
            yield applied, self.every([self._fires(applied), self.elements[element], self._unbeaten(applied)])

    # --- claims -------------------------------------------------------------------------------------------------------

    def claim(self, claim: Claim) -> Expr:
        """Return that a claim holds of the answer."""
        match claim:
            case FactTest():
                return self.test(claim)
            case FindingIs():
                return self.findings[claim.finding]
            case Known():
                return self.variables[claim.fact].known
            case Guarded():
                guarded = self._printed_with(claim.element, self._restated(claim.lesson))
                return z3.Or(z3.Not(self.elements[claim.element]), guarded)
            case Not():
                return z3.Not(self.claim(claim.part))
            case Every():
                return self.every(self.claim(part) for part in claim.parts)
            case Some():
                return self.some(self.claim(part) for part in claim.parts)
            case Says():
                return self._says(claim)

    def _says(self, claim: Says) -> Expr:
        name = claim.name
        match claim.verb:
            case "recommends":
                return self.elements[name]
            case "cautions":
                return self._cautions(self._restated(name))
            case "flags":
                rule = self.corpus.rules.get(name)
                flags = rule and any(then.flags is not None or then.contradiction is not None for then in rule.then)
                return self.some([*([self.rules[name]] if flags else []), self._spoken("flags", self._restated(name))])
            case "argues":
                return self._spoken("argues", self._restated(name))
            case "prints":
                return self._prints(self._restated(name))
            case "sets_aside":
                return self.some([self._element_aside(name), self._lesson_aside(self._restated(name))])
            case "fires":
                return self.rules[name]
            case "presses":
                return self.pressing.get(name, self.some(()))

    def _restated(self, name: str) -> str:
        lesson = self.corpus.lessons.get(name)
        return canonical(lesson) if lesson else ""

    def _applying(self, lesson: str, verb: str) -> Iterator[Applied]:
        return (one for one in self.applied if one.says == lesson and getattr(one.consequence, verb) is not None)

    def _cautions(self, lesson: str) -> Expr:
        return self.some(self._unbeaten(applied) for applied in self._applying(lesson, "cautions"))

    def _spoken(self, verb: str, lesson: str) -> Expr:
        return self.some(self._fires(applied) for applied in self._applying(lesson, verb))

    def _attached(self, lesson: str) -> list[str]:
        same = (other for other in self.corpus.lessons.values() if canonical(other) == lesson)
        return sorted({element for other in same for element in other.attaches_to})

    def _printed_with(self, element: str, lesson: str) -> Expr:
        if element in self._attached(lesson):
            return self.elements[element]
        return self.some(reason for applied, reason in self.reasons(element) if applied.says == lesson)

    def _prints(self, lesson: str) -> Expr:
        if any(other.notice for other in self.corpus.lessons.values() if canonical(other) == lesson):
            return self.every(())
        bearing = {element for one in self._applying(lesson, "recommends") for element in one.consequence.elements}
        with_elements = {*bearing, *self._attached(lesson)}
        return self.some(
            [
                *(self._printed_with(element, lesson) for element in sorted(with_elements)),
                self._cautions(lesson),
                self._spoken("flags", lesson),
                self._spoken("argues", lesson),
            ]
        )

    def _element_aside(self, element: str) -> Expr:
        if element not in self.elements:
            return self.some(())
        called = self.some(self._fires(applied) for applied in self._recommending(element))
        return self.every([called, z3.Not(self.elements[element])])

    def _lesson_aside(self, lesson: str) -> Expr:
        """Return that a lesson is applied somewhere and set aside there, as itself or with an element."""
        parts = []
        for applied in self._applying(lesson, "recommends"):
            elements = (self._aside("element", element) for element in applied.consequence.elements)
            parts.append(self.every([self._fires(applied), self.some([self._aside("lesson", lesson), *elements])]))
        warned = self.some(self._fires(applied) for applied in self._applying(lesson, "cautions"))
        return self.some([*parts, self.every([warned, self._aside("lesson", lesson)])])


def _words(operand: Any) -> tuple[str, ...]:
    return operand if isinstance(operand, tuple) else (operand,)


def _is(formula: Formula, variable: Variable, operand: Any) -> Expr:
    if variable.bits:
        return variable.bits[operand]
    return variable.value if operand else z3.Not(variable.value)


def _has_any(formula: Formula, variable: Variable, operand: Any) -> Expr:
    return formula.some(variable.bits[word] for word in _words(operand))


def _has_all(formula: Formula, variable: Variable, operand: Any) -> Expr:
    return formula.every(variable.bits[word] for word in _words(operand))


def _lacks_all(formula: Formula, variable: Variable, operand: Any) -> Expr:
    return z3.Not(_has_any(formula, variable, operand))


def _only(formula: Formula, variable: Variable, operand: Any) -> Expr:
    others = (z3.Not(bit) for word, bit in variable.bits.items() if word not in operand)
    return formula.every([formula.some(variable.bits.values()), *others])


def _empty(formula: Formula, variable: Variable, operand: Any) -> Expr:
    filled = formula.some(variable.bits.values())
    return z3.Not(filled) if operand else filled


_OPERATORS: Mapping[str, Callable[[Formula, Variable, Any], Expr]] = {
    "is": _is,
    "one_of": _has_any,
    "has": _has_any,
    "has_any": _has_any,
    "has_all": _has_all,
    "lacks": _lacks_all,
    "lacks_all": _lacks_all,
    "only": _only,
    "empty": _empty,
    "count_at_least": lambda formula, variable, operand: formula.at_least(variable.bits.values(), operand),
    "at_least": lambda formula, variable, operand: variable.value >= formula._number(operand),
    "at_most": lambda formula, variable, operand: variable.value <= formula._number(operand),
    "more_than": lambda formula, variable, operand: variable.value > formula._number(operand),
    "less_than": lambda formula, variable, operand: variable.value < formula._number(operand),
}
"""What passes each operator of conditions, of a value that is known."""
