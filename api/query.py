"""Query parameters of requests: named values alone, and what isn't known is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Request

from advisor.errors import did_you_mean, listing, nearest
from advisor.refusal import Fault, sentence
from api.problems import ApiError


def choices(request: Request, allowed: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the query parameters; of one that is not given, the first of its allowed values.

    Args:
        request: the request.
        allowed: for each parameter its values, the default first.

    Raises:
        ApiError: a parameter is unknown, stands twice or has another value; with every fault.
    """
    found: dict[str, str] = {}
    faults = []
    for name, value in request.query_params.multi_items():
        if name not in allowed:
            suggestion = nearest(name, allowed)
            detail = f"no parameter {name[:80]!r}{did_you_mean(suggestion)}; allowed: {listing(list(allowed))}"
            faults.append(Fault(code="unknown-parameter", detail=detail, allowed=tuple(allowed), suggestion=suggestion))
        elif name in found:
            faults.append(Fault(code="given-twice", detail=f"{name!r} stands twice; which of them counts?"))
        elif value not in allowed[name]:
            suggestion = nearest(value, allowed[name])
            values = listing(allowed[name])
            detail = f"{name!r} has no value {value[:80]!r}{did_you_mean(suggestion)}; allowed: {values}"
            known = tuple(allowed[name])
            faults.append(
                Fault(code="value-not-allowed", detail=detail, value=value[:80], allowed=known, suggestion=suggestion)
            )
        found[name] = value
    if faults:
        raise ApiError("invalid-query", sentence(faults[0].detail), faults)
    return {name: found.get(name, values[0]) for name, values in allowed.items()}


def described(allowed: Mapping[str, Sequence[str]], texts: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the parameters as OpenAPI describes them."""
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": texts[name],
            "schema": {"type": "string", "enum": list(values), "default": values[0]},
        }
        for name, values in allowed.items()
    ]
