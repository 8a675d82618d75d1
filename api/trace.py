"""Traces over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from advisor.answer import Trace
from advisor.corpus import Corpus
from advisor.errors import SituationError, UnknownIdError
from advisor.refusal import Fault, refusal_of, sentence
from advisor.request import fields_of
from advisor.trace import traced
from advisor.trace_views import VIEWS, shown
from api.body import read_json
from api.problems import ApiError
from api.query import choices, described

_EXAMPLE = 'the request is {"facts": {name: value, …}, "of": id}'
_QUERY: Mapping[str, Sequence[str]] = {
    "format": ("json", *(name for name in VIEWS if name != "json")),
    "all": ("false", "true"),
}
_TEXTS = {
    "format": "JSON, W3C PROV as JSON-LD, Mermaid, SVG, or proofs in plain text or Markdown.",
    "all": "Whether a picture (mermaid, svg) shows the whole graph and not the first headline alone.",
}


def request_schema() -> dict[str, Any]:
    """Return the schema of a request for a trace."""
    return {
        "title": "TraceRequest",
        "type": "object",
        "properties": {
            "facts": {"$ref": "#/components/schemas/Facts"},
            "of": {
                "description": "Id of a line, finding, lesson or rule of the answer; only what leads to it is shown.",
                "type": ["string", "null"],
                "examples": ["temporary-protection"],
            },
        },
        "required": ["facts"],
        "additionalProperties": False,
    }


def add_routes(app: FastAPI, corpus: Corpus) -> None:
    """Add ``POST /v1/trace`` and the schema of what it gives."""
    text = {"schema": {"type": "string"}}
    content = {view.media_type.split(";")[0]: text for view in VIEWS.values() if view.media_type != "application/json"}

    @app.post(
        "/v1/trace",
        tags=["advice"],
        summary="Show how the advice on a situation was derived",
        operation_id="trace",
        responses={200: {"model": Trace, "content": content}},
        openapi_extra={
            "requestBody": {"content": {"application/json": {"schema": request_schema()}}, "required": True},
            "parameters": described(_QUERY, _TEXTS),
        },
    )
    async def post_trace(request: Request) -> Response:
        query = choices(request, _QUERY)
        fields = fields_of(await read_json(request), ["facts"], ["of"], _EXAMPLE)
        of = fields.get("of")
        if of is not None and not isinstance(of, str):
            raise _refused("wrong-type", "'of' is the id of one line, finding, lesson or rule")
        if of is not None and query["all"] == "true":
            raise _refused("conflict", "'of' asks for one proof and all=true for the whole; choose one of them")
        # Shown again where it is unknown: short, and text that JSON can say.
        name = of and of[:120].encode("utf-8", "replace").decode()

        def view() -> str:
            trace = traced(fields["facts"], corpus).trace
            assert trace is not None
            trace = shown(trace, query["format"], name, everything=query["all"] == "true")
            return trace.model_dump_json() if query["format"] == "json" else VIEWS[query["format"]].render(trace)

        try:
            body = await run_in_threadpool(view)
        except SituationError as error:
            raise refusal_of(error) from error
        except UnknownIdError as error:
            raise _refused("unknown-id", str(error), value=error.name, suggestion=error.suggestion) from error
        return Response(body, headers={"content-type": VIEWS[query["format"]].media_type})


def _refused(code: str, detail: str, **more: Any) -> ApiError:
    return ApiError("invalid-request", sentence(detail), [Fault(code=code, detail=detail, pointer="/of", **more)])
