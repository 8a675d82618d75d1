"""Errors as problem details (RFC 9457): which field, which value, what is allowed, the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from advisor.refusal import Fault, RefusedError

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


class ProblemDetails(BaseModel):
    """An error, as RFC 9457 describes them, with every fault of the request."""

    type: str = Field(description="Where the kind of problem is described.")
    title: str
    status: int
    detail: str
    errors: tuple[Fault, ...] = ()


class ApiError(RefusedError):
    """A request that was refused by the service itself, with headers that say more."""

    def __init__(
        self, kind: str, detail: str, errors: Iterable[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(kind, detail, errors)
        self.headers = dict(headers or {})


def response(error: RefusedError) -> JSONResponse:
    """Return a refusal as a response."""
    status, title = KINDS[error.kind]
    details = ProblemDetails(
        type=f"/v1/problems/{error.kind}", title=title, status=status, detail=error.detail, errors=error.errors
    )
    content = details.model_dump(mode="json", exclude_defaults=True)
    headers = error.headers if isinstance(error, ApiError) else None
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def internal_error(error: Exception) -> ApiError:
    """Return what is said of an exception that nobody expected."""
    return ApiError("internal-error", f"A bug: {type(error).__name__}. Please report it.")
