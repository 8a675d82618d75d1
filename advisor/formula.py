"""The rules as one formula over the facts of any situation, for a solver that decides questions about all of them.

Conditions negate nothing but tests on facts, and a test needs its fact to be known (``advisor.vocabulary``); so a rule
fires exactly where its condition is true in the three-valued sense. Findings depend on one another in no circle: each
is the disjunction of the rules that derive it. What stands, is set aside, flagged and printed follows
``advisor.standing`` and ``advisor.lines``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import z3

from advisor.applications import canonical
from advisor.claims import Claim, Every, Guarded, Known, Not, Says, Some
from advisor.conditions import All, Condition, FactTest, FindingIs, leaves
from advisor.corpus import Corpus
from advisor.model import Consequence, Lesson, Strength
from advisor.rule import Rule
from advisor.standing import targets_of
from advisor.vocabulary import Expr, Vocabulary


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


class Formula(Vocabulary):
    """The rules of a corpus, over the facts of any situation.

    Attributes:
        corpus: the corpus.
        rules: for each rule, whether it fires.
        pressing: for each rule that may press, whether it does.
        findings: for each finding, whether it is derived.
        elements: for each element, whether its recommendation stands.
    """

    def __init__(self, corpus: Corpus) -> None:
        super().__init__(corpus.facts)
        self.corpus = corpus
        self.applied = [
            Applied(rule, then, lesson, then.strength or lesson.strength)
            for _, rule in sorted(corpus.rules.items())
            for then in rule.then
            if then.lesson is not None and (lesson := corpus.lessons[then.lesson])
        ]
        self._setting_aside = self._defeaters()
        self.findings = {name: self._bit(f"finding {name}") for name in corpus.findings}
        self.rules = {
            name: self._defined(f"fires {name}", self.condition(rule.when), _bearing(rule.when))
            for name, rule in sorted(corpus.rules.items())
        }
        self.pressing = {
            name: self._defined(
                f"presses {name}",
                self.every([self.rules[name], self.condition(rule.pressing_when)]),
                [f"fires {name}", *_bearing(rule.pressing_when)],
            )
            for name, rule in sorted(corpus.rules.items())
            if rule.pressing_when is not None
        }
        for name, finding in self.findings.items():
            deriving = [rule.id for rule in corpus.deriving[name]]
            self._define(finding, self.some(self.rules[rule] for rule in deriving), map("fires {}".format, deriving))
        self.elements = {
            name: self._defined(f"recommends {name}", self._stands(name), map("fires {}".format, self._deciding(name)))
            for name in corpus.elements
        }

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

    def _deciding(self, element: str) -> set[str]:
        """Return the rules that decide whether the recommendation of an element stands."""
        calling = list(self._recommending(element))
        keys = {f"element {element}", *(f"lesson {applied.says}" for applied in calling)}
        aside = {rule for key in keys for rule in self._setting_aside.get(key, ())}
        return aside | {applied.rule.id for applied in calling}

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


def _bearing(condition: Condition) -> Iterator[str]:
    """Yield the definitions of what a condition is made of."""
    for leaf in leaves(condition):
        yield f"finding {leaf.finding}" if isinstance(leaf, FindingIs) else f"fact {leaf.fact}"
