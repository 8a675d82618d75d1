"""Where the tests of a rule's conditions stand in its file.

A condition forgets how it was written: negation is pushed to its tests, and an ``all`` inside an ``all`` is flattened.
What it keeps is the order of its tests. So a test is named here by its number in that order, and a part of a condition
by the numbers of its first and its last test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any, Literal, TypeAlias

from advisor import marked
from advisor.rule import Rule

Part: TypeAlias = Literal["when", "pressing_when"]
PARTS: tuple[Part, ...] = ("when", "pressing_when")
Span: TypeAlias = "tuple[int, int]"
"""The numbers of the first and the last test of a part of a condition, from 0."""


@dataclass(frozen=True, slots=True)
class _Test:
    """A test as it is written.

    Attributes:
        path: where an author looks for it: its fact, or its operator where the fact has several.
        operand: where what it is held against stands.
        members: the values listed there.
    """

    path: marked.Path
    operand: marked.Path
    members: tuple[object, ...]


@dataclass(frozen=True)
class Positions:
    """The positions of one rule's tests; its file is read again when the first is asked for."""

    rule: Rule

    @cached_property
    def _document(self) -> marked.Marked:
        return marked.read(self.rule.text, self.rule.file)

    def where(self, part: Part, span: Span, member: str | None = None) -> tuple[int, int]:
        """Return the one-based line and column of a part of a condition.

        Args:
            part: which condition of the rule.
            span: the tests that belong to the part; of a single test, its number twice.
            member: a value in the list of a single test, whose own position is wanted.
        """
        tests = list(_tests(self._document.data[part], (part,)))[span[0] : span[1] + 1]
        path = _shared(test.path for test in tests)
        if len(tests) == 1 and member in tests[0].members:
            path = (*tests[0].operand, tests[0].members.index(member))
        return self._document.where(path)


def _shared(paths: Iterable[marked.Path]) -> marked.Path:
    """Return the steps with which all paths begin."""
    steps = takewhile(lambda step: len(set(step)) == 1, zip(*paths, strict=False))
    return tuple(step[0] for step in steps)


def _tests(raw: Any, path: marked.Path) -> Iterator[_Test]:
    """Yield the tests in the order in which the condition keeps them."""
    ((key, value),) = raw.items()
    here = (*path, key)
    match key, value:
        case "all" | "any", list():
            for index, part in enumerate(value):
                yield from _tests(part, (*here, index))
        case "not", dict():
            yield from _tests(value, here)
        case _, dict():
            for operator, operand in value.items():
                members = tuple(operand) if isinstance(operand, list) else ()
                yield _Test(here if len(value) == 1 else (*here, operator), (*here, operator), members)
        case _:
            yield _Test(here, here, tuple(value) if isinstance(value, list) else ())
