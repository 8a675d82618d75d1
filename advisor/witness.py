"""Witnesses: a situation, as small as can be, in which something comes true of a rule's conditions.

What is looked for is a goal (``advisor.goals``). Its conditions are spelt out down to tests on facts: a finding is what
its rules test. Then facts are decided one by one, unknown or known and passing or failing a test, and only as far as it
matters: each part of a condition has a set of truths that it may still take, and where the goal is out of reach the
search turns back. It tries with no fact known, then with one, two and so on, so the first witness has as few facts as
can be. If it comes to the end without one, there is none in any situation. That is exact, since the values of each fact
are sorted into exact classes (``advisor.domains``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs, Value
from advisor.domains import TooManyValuesError, ValueClass, classes_of
from advisor.goals import ANY, FALSE, ONE, TRUE, UNKNOWN, Goal, Truths
from advisor.model import Fact

BUDGET = 20_000
"""How many partial situations are looked at for one goal."""
SMALL = 4
"""Up to how many known facts the smallest witness is looked for before any witness is."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a search has come to.

    Attributes:
        facts: a situation that reaches the goal; None where none was found.
        impossible: whether there is no such situation. False without facts means: not decided.
    """

    facts: Facts | None
    impossible: bool


class _BudgetError(Exception):
    """The search has become too long."""


_Atom: TypeAlias = "FactTest | FindingIs"
_Decided: TypeAlias = "tuple[tuple[FactTest, bool], ...]"
_Assignment: TypeAlias = "dict[str, _Decided | Truths]"
"""By fact: the tests that its value passes and fails, or ``UNKNOWN``. By finding: its truth. Else undecided."""


class Witnesses:
    """Searches for witnesses; keeps what it learns of the facts' values.

    Args:
        vocabulary: the facts.
        deriving: for each finding the conditions that derive it. A finding that isn't there may be true, false or
            unknown, whatever the facts are.
    """

    def __init__(self, vocabulary: Mapping[str, Fact], deriving: Mapping[str, Sequence[Condition]]) -> None:
        self._vocabulary = vocabulary
        self._deriving = deriving
        self._classes: dict[tuple[FactTest, ...], tuple[ValueClass, ...]] = {}
        self._open: dict[tuple[_Decided, FactTest], Truths] = {}

    def find(self, goal: Goal, budget: int = BUDGET) -> Verdict:
        """Return a smallest situation that reaches a goal, or that there is none.

        Args:
            goal: what to look for.
            budget: how many partial situations may be looked at.
        """
        search = _Search(self, goal, budget)
        try:
            for limit in range(SMALL + 1):
                if (found := search.within(limit)) is not None:
                    return Verdict(self._situation(found), impossible=False)
            if (found := search.within(len(search.facts))) is None:
                return Verdict(None, impossible=True)
        except _BudgetError:
            return Verdict(None, impossible=False)
        try:
            for limit in range(SMALL + 1, _size(found)):
                if (smaller := search.within(limit)) is not None:
                    return Verdict(self._situation(smaller), impossible=False)
        except _BudgetError:
            pass  # a witness there is, though perhaps not the smallest
        return Verdict(self._situation(found), impossible=False)

    def _situation(self, assignment: _Assignment) -> Facts:
        facts: dict[str, Value] = {}
        for name in self._vocabulary:
            decided = assignment.get(name)
            if isinstance(decided, tuple):
                tests = tuple(test for test, _ in decided)
                wanted = sum(passed << index for index, (_, passed) in enumerate(decided))
                facts[name] = next(each.nearest for each in self._of(tests) if each.passes == wanted)
        return facts

    def _of(self, tests: tuple[FactTest, ...]) -> tuple[ValueClass, ...]:
        if tests not in self._classes:
            try:
                self._classes[tests] = classes_of(self._vocabulary[tests[0].fact], tests, None)
            except TooManyValuesError as error:
                raise _BudgetError from error
        return self._classes[tests]

    def open_to(self, decided: _Decided, test: FactTest) -> Truths:
        """Return what a test may come to on a known value that passes and fails other tests."""
        for other, passed in decided:
            if other == test:
                return TRUE if passed else FALSE
        key = (decided, test)
        if key not in self._open:
            wanted = sum(passed << index for index, (_, passed) in enumerate(decided))
            own = 1 << len(decided)
            found = 0
            for each in self._of((*(other for other, _ in decided), test)):
                if each.passes & ~own == wanted:
                    found |= TRUE if each.passes & own else FALSE
            self._open[key] = found
        return self._open[key]

    def spelt(self, finding: str) -> Sequence[Condition] | None:
        """Return the conditions that derive a finding; None where it is free."""
        return self._deriving.get(finding)


def _size(assignment: _Assignment) -> int:
    return sum(isinstance(decided, tuple) for decided in assignment.values())


class _Search:
    """One search, over the goal's conditions as one list of parts, each after those of which it is made."""

    def __init__(self, witnesses: Witnesses, goal: Goal, budget: int) -> None:
        self._witnesses = witnesses
        self._goal = goal
        self._left = budget
        self._nodes: list[_Atom | tuple[Literal["all", "any"], tuple[int, ...]]] = []
        self._numbers: dict[object, int] = {}
        self._tops = tuple(self._add(condition) for condition in goal.conditions)
        self._order = self._by_relevance()
        self.facts = tuple(dict.fromkeys(node.fact for node in self._nodes if isinstance(node, FactTest)))

    # --- the parts ---

    def _add(self, condition: Condition) -> int:
        match condition:
            case FactTest():
                return self._number(condition)
            case FindingIs(finding=name):
                spelt = self._witnesses.spelt(name)
                if spelt is None:
                    return self._number(condition)
                if condition not in self._numbers:
                    self._numbers[condition] = self._number(("any", tuple(self._add(each) for each in spelt)))
                return self._numbers[condition]
            case All(parts=parts):
                return self._number(("all", tuple(self._add(part) for part in parts)))
            case AnyOf(parts=parts):
                return self._number(("any", tuple(self._add(part) for part in parts)))

    def _number(self, node: _Atom | tuple[Literal["all", "any"], tuple[int, ...]]) -> int:
        if node not in self._numbers:
            self._nodes.append(node)
            self._numbers[node] = len(self._nodes) - 1
        return self._numbers[node]

    def _below(self, top: int) -> list[int]:
        """Return a part and all of which it is made."""
        seen: dict[int, None] = {}
        pending = [top]
        while pending:
            number = pending.pop()
            if number not in seen:
                seen[number] = None
                node = self._nodes[number]
                if isinstance(node, tuple):
                    pending.extend(reversed(node[1]))
        return list(seen)

    def _by_relevance(self) -> list[int]:
        """Return the tests, those first on which fewest of the conditions depend: there the conditions differ."""
        tops: dict[int, int] = {}
        for top in self._tops:
            for number in self._below(top):
                tops[number] = tops.get(number, 0) + 1
        ranked = sorted(tops, key=tops.__getitem__)
        return [number for number in ranked if not isinstance(self._nodes[number], tuple)]

    # --- the search ---

    def within(self, limit: int) -> _Assignment | None:
        """Return what decides that the goal is reached, with at most so many facts known; None if nothing does.

        Raises:
            _BudgetError: the search has become too long.
        """
        return self._search({}, limit)

    def _search(self, assignment: _Assignment, limit: int) -> _Assignment | None:
        self._left -= 1
        if self._left < 0:
            raise _BudgetError
        truths = self._truths(assignment, ANY if limit else UNKNOWN)
        tops = [truths[top] for top in self._tops]
        if not self._goal.possible(tops):
            return None
        if self._goal.reached(tops):
            return assignment
        number = self._next(truths, assignment)
        for name, choice, cost in self._choices(self._nodes[number], assignment, truths[number]):
            if cost <= limit:
                found = self._search({**assignment, name: choice}, limit - cost)
                if found is not None:
                    return found
        return None

    def _choices(
        self, atom: object, assignment: _Assignment, possible: Truths
    ) -> Iterator[tuple[str, _Decided | Truths, int]]:
        """Yield ways to decide a test: the name of the fact or finding, what is decided, the facts that it takes."""
        if isinstance(atom, FindingIs):
            yield from ((f"finding {atom.finding}", truth, 0) for truth in ONE)
            return
        assert isinstance(atom, FactTest)
        decided = assignment.get(atom.fact)
        if isinstance(decided, tuple):
            before, cost = decided, 0
        else:
            yield atom.fact, UNKNOWN, 0
            before, cost = (), 1
            possible = self._witnesses.open_to((), atom)
        for truth, passed in ((TRUE, True), (FALSE, False)):
            if possible & truth:
                yield atom.fact, (*before, (atom, passed)), cost

    def _truths(self, assignment: _Assignment, undecided: Truths) -> list[Truths]:
        """Return for each part the truths that it may still take."""
        truths: list[Truths] = []
        for node in self._nodes:
            match node:
                case FactTest():
                    decided = assignment.get(node.fact, undecided)
                    truth = decided if isinstance(decided, int) else self._witnesses.open_to(decided, node)
                case FindingIs():
                    free = assignment.get(f"finding {node.finding}", ANY)
                    assert isinstance(free, int)
                    truth = free
                case (operator, parts):
                    truth = _all(truths[part] for part in parts)
                    if operator == "any":
                        truth = _swapped(_all(_swapped(truths[part]) for part in parts))
            truths.append(truth)
        return truths

    def _next(self, truths: Sequence[Truths], assignment: _Assignment) -> int:
        """Return the test to decide next: one that still matters.

        Tests of a fact that is known already come first: it is there that a search finds soonest that it can't go on.
        """
        mattering = set()
        pending = list(self._tops)
        while pending:
            number = pending.pop()
            if number not in mattering and truths[number] not in ONE:
                mattering.add(number)
                node = self._nodes[number]
                if isinstance(node, tuple):
                    pending.extend(node[1])
        order = [number for number in self._order if number in mattering]
        return next((number for number in order if self._known(number, assignment)), order[0])

    def _known(self, number: int, assignment: _Assignment) -> bool:
        node = self._nodes[number]
        return isinstance(node, FactTest) and isinstance(assignment.get(node.fact), tuple)


def _all(parts: Iterable[Truths]) -> Truths:
    """Return the truths that an ``all`` may take, by those that its parts may take."""
    true, false, unknown, never_false = True, False, False, True
    for part in parts:
        true = true and bool(part & TRUE)
        false = false or bool(part & FALSE)
        unknown = unknown or bool(part & UNKNOWN)
        never_false = never_false and bool(part & (TRUE | UNKNOWN))
    return TRUE * true | FALSE * false | UNKNOWN * (unknown and never_false)


def _swapped(truths: Truths) -> Truths:
    """Return the truths of the negation."""
    return truths & UNKNOWN | FALSE * bool(truths & TRUE) | TRUE * bool(truths & FALSE)
