"""Goals: what can be looked for in situations, by the truths that conditions may take there.

That a condition comes to a truth, that one branch of an ``any`` holds alone, that two versions of a rule end
differently. A goal is asked before all is decided: while a condition may still take several truths, it says whether it
can be reached, and whether it is, however the rest is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from advisor.conditions import Condition

Truths: TypeAlias = int
"""A set of truths, as bits."""
TRUE, FALSE, UNKNOWN = 1, 2, 4
ANY = TRUE | FALSE | UNKNOWN
ONE = (TRUE, FALSE, UNKNOWN)


class Goal(Protocol):
    """What is looked for, by the truths that its conditions may still take."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions on which it depends."""

    def possible(self, truths: Sequence[Truths]) -> bool:
        """Return whether it may still be reached; exact where each condition has one truth left."""

    def reached(self, truths: Sequence[Truths]) -> bool:
        """Return whether it is reached, however the rest is decided."""


@dataclass(frozen=True, slots=True)
class Comes:
    """That a condition comes to a truth (``TRUE``, ``FALSE`` or ``UNKNOWN``)."""

    condition: Condition
    truth: Truths

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The condition."""
        return (self.condition,)

    def possible(self, truths: Sequence[Truths]) -> bool:
        """Return whether the condition may still come to it."""
        return bool(truths[0] & self.truth)

    def reached(self, truths: Sequence[Truths]) -> bool:
        """Return whether nothing else is left."""
        return truths[0] == self.truth


@dataclass(frozen=True, slots=True)
class HoldsAlone:
    """That one of the branches of an ``any`` holds and no other does."""

    branch: Condition
    others: tuple[Condition, ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The branch, then the others."""
        return (self.branch, *self.others)

    def possible(self, truths: Sequence[Truths]) -> bool:
        """Return whether the branch may hold and each other may not."""
        branch, *others = truths
        return bool(branch & TRUE) and TRUE not in others

    def reached(self, truths: Sequence[Truths]) -> bool:
        """Return whether the branch holds and no other can."""
        branch, *others = truths
        return branch == TRUE and not any(other & TRUE for other in others)


@dataclass(frozen=True, slots=True)
class Version:
    """The conditions of a rule.

    Attributes:
        when: under which it fires.
        pressing_when: under which it is pressing, where it fires; ``AnyOf(())`` if it never is.
    """

    when: Condition
    pressing_when: Condition


@dataclass(frozen=True, slots=True)
class EndDifferently:
    """That one version of a rule fires, is silent or is open and the other is not, or that one alone is pressing."""

    one: Version
    other: Version

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Both conditions under which they fire; where they differ in it, those under which they press as well."""
        press = (self.one.pressing_when, self.other.pressing_when)
        return (self.one.when, self.other.when, *(press if press[0] != press[1] else ()))

    def possible(self, truths: Sequence[Truths]) -> bool:
        """Return whether they may still end differently."""
        one, other, *press = truths
        if self.one.when != self.other.when and not (one == other and one in ONE):
            return True
        if not press or not one & other & TRUE:
            return False
        sure = {_presses(truth) for truth in press}
        return None in sure or len(sure) > 1

    def reached(self, truths: Sequence[Truths]) -> bool:
        """Return whether they can't but end differently."""
        one, other, *press = truths
        if not one & other:
            return True
        return one == other == TRUE and {_presses(truth) for truth in press} == {True, False}


def _presses(truths: Truths) -> bool | None:
    # What isn't true doesn't press, be it false or unknown.
    return True if truths == TRUE else None if truths & TRUE else False
