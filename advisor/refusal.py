"""What was refused and why, in the shape in which the service and batches say it: every fault, with its field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Field

from advisor.errors import AdvisorError, Problem, SituationError


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    code: str = Field(description="Stable name of the kind of fault, e.g. unknown-fact.")
    detail: str = Field(description="What is wrong, for the person who wrote it.")
    pointer: str = Field("", description="JSON pointer (RFC 6901) of the field in the request's body.")
    value: Any = Field(None, description="The value that was given.")
    allowed: tuple[str, ...] = Field((), description="What is allowed there.")
    suggestion: str | None = Field(None, description="The nearest known name.")


class RefusedError(AdvisorError):
    """A request, or a line of many, that can't be answered.

    Attributes:
        kind: what kind of problem it is, e.g. ``invalid-situation``; the service describes it at ``/v1/problems/KIND``.
        detail: a sentence for the person who wrote it.
        errors: every fault, where they have places.
    """

    def __init__(self, kind: str, detail: str, errors: Iterable[Fault] = ()) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)


def refusal_of(error: SituationError, prefix: str = "/facts") -> RefusedError:
    """Return the refusal of a situation; ``prefix`` is the pointer of its facts."""
    found = faults(error.problems, prefix)
    detail = found[0].detail if len(found) == 1 else f"{len(found)} faults were found in the facts"
    return RefusedError("invalid-situation", sentence(detail), found)


def faults(problems: Iterable[Problem], prefix: str = "") -> tuple[Fault, ...]:
    """Return problems as faults; ``prefix`` is the pointer of what was checked."""
    return tuple(
        Fault(
            code=problem.code,
            detail=problem.message,
            pointer=prefix + problem.pointer,
            value=problem.value,
            allowed=problem.allowed,
            suggestion=problem.suggestion,
        )
        for problem in problems
    )


def sentence(text: str) -> str:
    """Return text with a full stop; a fact's name at its start stays as it is written."""
    return text if text.endswith(("?", ".")) else f"{text}."
