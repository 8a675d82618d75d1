"""Errors as problem details (RFC 9457): which field, which value, what is allowed, the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from advisor.errors import Problem, SituationError

MEDIA_TYPE = "application/problem+json"

KINDS: Mapping[str, tuple[int, str]] = {
    "malformed-json": (400, "The body is not JSON"),
    "invalid-query": (400, "A query parameter is not allowed"),
    "not-found": (404, "There is nothing here"),
    "method-not-allowed": (405, "This address has no such method"),
    "body-too-large": (413, "The body is too large"),
    "unsupported-media-type": (415, "The body must be JSON"),
    "invalid-situation": (422, "The situation cannot be read"),
    "invalid-request": (422, "The request cannot be read"),
    "internal-error": (500, "The service failed"),
}
"""Kinds of problems: status code and title."""


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    code: str = Field(description="Stable name of the kind of fault, e.g. unknown-fact.")
    detail: str = Field(description="What is wrong, for the person who wrote it.")
    pointer: str = Field("", description="JSON pointer (RFC 6901) of the field in the request's body.")
    value: Any = Field(None, description="The value that was given.")
    allowed: tuple[str, ...] = Field((), description="What is allowed there.")
    suggestion: str | None = Field(None, description="The nearest known name.")


class ProblemDetails(BaseModel):
    """An error, as RFC 9457 describes them, with every fault of the request."""

    type: str = Field(description="Where the kind of problem is described.")
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()


class ApiError(Exception):
    """A request that was refused."""

    def __init__(
        self, kind: str, detail: str, errors: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """Return the problem as a response."""
        status, title = KINDS[self.kind]
        details = ProblemDetails(
            type=f"/v1/problems/{self.kind}", title=title, status=status, detail=self.detail, errors=self.errors
        )
        content = details.model_dump(mode="json", exclude_defaults=True)
        return JSONResponse(content, status, headers=self.headers, media_type=MEDIA_TYPE)


def sentence(text: str) -> str:
    """Return text with a full stop; a fact's name at its start stays as it is written."""
    return text if text.endswith(("?", ".")) else f"{text}."


def faults(problems: Iterable[Problem], prefix: str = "") -> tuple[Fault, ...]:
    """Return the library's problems as faults; ``prefix`` is the pointer of what was checked."""
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


def refused_situation(error: SituationError, where: str = "/facts") -> ApiError:
    """Return the refusal of a request whose facts can't be read, with every fault of them.

    Args:
        error: what is wrong with them.
        where: the pointer of the facts in the request's body.
    """
    found = faults(error.problems, where)
    detail = found[0].detail if len(found) == 1 else f"{len(found)} faults were found in the facts"
    return ApiError("invalid-situation", sentence(detail), found)


def internal_error(error: Exception) -> ApiError:
    """Return what is said of an exception that nobody expected."""
    return ApiError("internal-error", f"A bug: {type(error).__name__}. Please report it.")
