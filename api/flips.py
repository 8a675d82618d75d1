"""Flip points over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from advisor.corpus import Corpus
from advisor.domains import TooManyValuesError
from advisor.errors import SituationError, UnknownIdError, pointer
from advisor.flips import MAX_FACTS, FlipPoints, flip_points
from advisor.refusal import Fault, refusal_of, sentence
from advisor.request import fields_of
from api.body import read_json
from api.problems import ApiError

MAX_LINES = 30
"""Of how many lines one request may ask; an answer has about as many red flags and headlines at most."""

_EXAMPLE = 'the request is {"facts": {name: value, …}, "of": [id, …], "limit": 1 to 3}'


def request_schema() -> dict[str, Any]:
    """Return the schema of a request for flip points."""
    return {
        "title": "FlipsRequest",
        "type": "object",
        "properties": {
            "facts": {"$ref": "#/components/schemas/Facts"},
            "of": {
                "description": "Ids of recommendations (their element), cautions (their lesson) and red flags (their "
                "rule), in the answer or not. Omitted or empty: all red flags and headlines.",
                "type": "array",
                "items": {"type": "string"},
                "maxItems": MAX_LINES,
                "examples": [["temporary-protection"]],
            },
            "limit": {
                "description": "How many facts may change together.",
                "type": "integer",
                "minimum": 1,
                "maximum": MAX_FACTS,
                "default": MAX_FACTS,
            },
        },
        "required": ["facts"],
        "additionalProperties": False,
    }


def add_routes(app: FastAPI, corpus: Corpus) -> None:
    """Add ``POST /v1/flips``."""

    @app.post(
        "/v1/flips",
        tags=["advice"],
        summary="Find the smallest changes of facts that add or remove a line",
        operation_id="flips",
        responses={200: {"model": FlipPoints}},
        openapi_extra={
            "requestBody": {"content": {"application/json": {"schema": request_schema()}}, "required": True}
        },
    )
    async def post_flips(request: Request) -> Response:
        fields = fields_of(await read_json(request), ["facts"], ["of", "limit"], _EXAMPLE)
        of, limit = _of(fields.get("of")), _limit(fields.get("limit"))
        try:
            points = await run_in_threadpool(flip_points, fields["facts"], corpus, of, limit)
        except SituationError as error:
            raise refusal_of(error) from error
        except UnknownIdError as error:
            where = pointer(["of", of.index(error.name)])
            raise _refused("unknown-id", str(error), where, error.name, suggestion=error.suggestion) from error
        except TooManyValuesError as error:
            raise ApiError("invalid-request", sentence(str(error))) from error
        return Response(points.model_dump_json(), media_type="application/json")


def _of(raw: Any) -> list[str]:
    if raw is None:
        return []
    if not isinstance(raw, list) or not all(isinstance(name, str) for name in raw):
        raise _refused("wrong-type", "'of' is a list of ids", "/of")
    if len(raw) > MAX_LINES:
        raise _refused(
            "out-of-range", f"'of' names {len(raw):,} ids; at most {MAX_LINES} can be asked of at once", "/of"
        )
    # Shown again where they are unknown: short, and text that JSON can say.
    return [name[:80].encode("utf-8", "replace").decode() for name in raw]


def _limit(raw: Any) -> int:
    if raw is None:
        return MAX_FACTS
    if not isinstance(raw, int) or isinstance(raw, bool) or not 1 <= raw <= MAX_FACTS:
        allowed = tuple(str(number) for number in range(1, MAX_FACTS + 1))
        raise _refused("out-of-range", f"'limit' is a whole number from 1 to {MAX_FACTS}", "/limit", allowed=allowed)
    return raw


def _refused(code: str, detail: str, where: str, value: Any = None, **more: Any) -> ApiError:
    fault = Fault(code=code, detail=detail, pointer=where, value=value, **more)
    return ApiError("invalid-request", sentence(detail), [fault])
