"""Presence: whether a line stands, as one formula over the tests of all rules that matter to it.

A rule fires where its condition is true, and negation stands at the tests alone; so of each test it matters only
whether it is known to hold. With the findings spelt out, the presence of a line is then a plain formula of two values:
some rule leads to it, and no rule sets it aside. A formula is evaluated for many situations at once: each situation is
a bit of a whole number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from advisor.applications import canonical
from advisor.conditions import AnyOf, Condition, FactTest, FindingIs
from advisor.corpus import Corpus
from advisor.model import Consequence
from advisor.rule import Rule
from advisor.standing import targets_of

Operator: TypeAlias = Literal["all", "any", "not"]
LineKind: TypeAlias = Literal["recommendation", "caution", "red_flag"]
Masks: TypeAlias = "Callable[[FactTest], tuple[int, int]]"
"""For a test, the situations in which it surely holds, and those in which it may hold, as bits."""


class Presence:
    """The formula of one line.

    Attributes:
        nodes: the parts of the formula, each after those that it is made of: tests, or an operator with the indexes of
            the parts that it joins. The last is the whole.
        facts: the facts that it tests, in the vocabulary's order.
    """

    def __init__(self, corpus: Corpus, kind: LineKind, name: str) -> None:
        self._corpus = corpus
        self._findings: dict[str, int] = {}
        self._tests: dict[FactTest, int] = {}
        self.nodes: list[FactTest | tuple[Operator, tuple[int, ...]]] = []
        match kind:
            case "recommendation":
                self._recommendation(name)
            case "caution":
                leads = self._rules(lambda then: then.cautions is not None and self._says(then) == name)
                self._join("all", [leads, self._never(self._defeating(name))])
            case "red_flag":
                self._join("all", [self._condition(corpus.rules[name].when)])
        tested = {test.fact for test in self._tests}
        self.facts = tuple(fact for fact in corpus.facts if fact in tested)

    def _recommendation(self, element: str) -> None:
        by_lesson: dict[str, list[Rule]] = {}
        for rule in self._corpus.rules.values():
            for then in rule.then:
                if element in (then.recommends or ()) and then.lesson is not None:
                    by_lesson.setdefault(self._says(then), []).append(rule)
        standing = [
            self._join("all", [self._any(rules), self._never(self._defeating(lesson))])
            for lesson, rules in sorted(by_lesson.items())
        ]
        whole = self._rules(lambda then: element in targets_of(then))
        self._join("all", [self._join("any", standing), self._never(whole)])

    def _says(self, then: Consequence) -> str:
        return canonical(self._corpus.lessons[then.lesson]) if then.lesson else ""

    def _defeating(self, lesson: str) -> int:
        lessons = self._corpus.lessons
        return self._rules(
            lambda then: any(name in lessons and canonical(lessons[name]) == lesson for name in targets_of(then))
        )

    def _rules(self, chosen: Callable[[Consequence], bool]) -> int:
        return self._any(rule for rule in self._corpus.rules.values() if any(map(chosen, rule.then)))

    def _any(self, rules: Iterable[Rule]) -> int:
        return self._join("any", [self._condition(rule.when) for rule in sorted(rules, key=lambda rule: rule.id)])

    def _never(self, node: int) -> int:
        return self._join("not", [node])

    def _condition(self, condition: Condition) -> int:
        match condition:
            case FactTest():
                if condition not in self._tests:
                    self.nodes.append(condition)
                    self._tests[condition] = len(self.nodes) - 1
                return self._tests[condition]
            case FindingIs(finding):
                if finding not in self._findings:
                    self._findings[finding] = self._any(self._corpus.deriving[finding])
                return self._findings[finding]
            case _:
                parts = [self._condition(part) for part in condition.parts]
                return self._join("any" if isinstance(condition, AnyOf) else "all", parts)

    def _join(self, operator: Operator, parts: Sequence[int]) -> int:
        self.nodes.append((operator, tuple(parts)))
        return len(self.nodes) - 1

    def bounds(self, masks: Masks, full: int) -> list[tuple[int, int]]:
        """Return for each node the situations in which it surely holds, and those in which it may hold.

        Args:
            masks: the same for each test.
            full: all situations.
        """
        found: list[tuple[int, int]] = []
        for node in self.nodes:
            if isinstance(node, FactTest):
                found.append(masks(node))
                continue
            operator, parts = node
            if operator == "not":
                surely, possibly = found[parts[0]]
                found.append((full & ~possibly, full & ~surely))
                continue
            surely = possibly = full if operator == "all" else 0
            for part in parts:
                one, two = found[part]
                if operator == "all":
                    surely &= one
                    possibly &= two
                else:
                    surely |= one
                    possibly |= two
            found.append((surely, possibly))
        return found

    def undecided(self, bounds: Sequence[tuple[int, int]], situation: int) -> list[int]:
        """Return the nodes on which, of the nodes that ``bounds`` leaves open, the whole depends, each after its parts.

        Args:
            bounds: what ``bounds`` returned.
            situation: index of the situation.
        """
        found: set[int] = set()
        pending = [len(self.nodes) - 1]
        while pending:
            index = pending.pop()
            surely, possibly = bounds[index]
            if index in found or not (surely ^ possibly) >> situation & 1:
                continue
            found.add(index)
            node = self.nodes[index]
            if not isinstance(node, FactTest):
                pending += node[1]
        return sorted(found)

    def holds(self, undecided: Sequence[int], tests: Mapping[FactTest, int], full: int) -> int:
        """Return the situations in which the whole holds, by its undecided nodes alone.

        A part of an undecided node that isn't undecided itself is decided so that it makes no difference there: a true
        part of an ``all``, a false part of an ``any``.

        Args:
            undecided: what ``undecided`` returned.
            tests: for each undecided test the situations in which it holds.
            full: all situations.
        """
        found: dict[int, int] = {}
        for index in undecided:
            node = self.nodes[index]
            if isinstance(node, FactTest):
                found[index] = tests[node]
                continue
            operator, parts = node
            open_parts = [found[part] for part in parts if part in found]
            if operator == "not":
                found[index] = full & ~open_parts[0]
                continue
            result = full if operator == "all" else 0
            for part in open_parts:
                result = result & part if operator == "all" else result | part
            found[index] = result
        return found[undecided[-1]]
