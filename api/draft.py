"""Draft outlines of arrangements over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from advisor.corpus import Corpus
from advisor.draft import MAX_TITLE, Front, FrontError, drafted
from advisor.draft_forms import FORMS
from advisor.errors import SituationError
from advisor.refusal import Fault, refusal_of, sentence
from advisor.request import fields_of
from api.body import read_json
from api.problems import ApiError
from api.query import choices, described

_EXAMPLE = 'the request is {"facts": {name: value, …}, "title": text, "author": text, "date": "2026-11-26"}'
_FRONT = ("title", "author", "date")
_QUERY: Mapping[str, Sequence[str]] = {"format": tuple(FORMS)}
_TEXTS = {"format": "A document for Word, PDF, or Markdown."}


def request_schema() -> dict[str, Any]:
    """Return the schema of a request for a draft."""
    text = {"type": ["string", "null"], "maxLength": MAX_TITLE}
    return {
        "title": "DraftRequest",
        "type": "object",
        "properties": {
            "facts": {"$ref": "#/components/schemas/Facts"},
            "title": {**text, "description": "What the case is called.", "examples": ["Kosovo, April 1999"]},
            "author": {**text, "description": "Who prepares the draft."},
            "date": {
                "description": "The day that the draft bears; without it, none.",
                "type": ["string", "null"],
                "format": "date",
                "examples": ["2026-11-26"],
            },
        },
        "required": ["facts"],
        "additionalProperties": False,
    }


def add_routes(app: FastAPI, corpus: Corpus) -> None:
    """Add ``POST /v1/draft``."""
    content = {
        form.media_type.split(";")[0]: {
            "schema": {"type": "string"}
            if form.media_type.startswith("text/")
            else {"type": "string", "format": "binary"}
        }
        for form in FORMS.values()
    }

    @app.post(
        "/v1/draft",
        tags=["advice"],
        summary="Write a draft outline of the arrangement that a situation calls for",
        operation_id="draft",
        response_class=Response,
        responses={200: {"description": "The draft", "content": content}},
        openapi_extra={
            "requestBody": {"content": {"application/json": {"schema": request_schema()}}, "required": True},
            "parameters": described(_QUERY, _TEXTS),
        },
    )
    async def post_draft(request: Request) -> Response:
        form = FORMS[choices(request, _QUERY)["format"]]
        fields = fields_of(await read_json(request), ["facts"], _FRONT, _EXAMPLE)
        front = _front(fields)
        try:
            body = await run_in_threadpool(lambda: form.write(drafted(fields["facts"], corpus, front)))
        except SituationError as error:
            raise refusal_of(error) from error
        name = f'attachment; filename="draft-outline{form.suffix}"'
        return Response(body, headers={"content-type": form.media_type, "content-disposition": name})


def _front(fields: Mapping[str, Any]) -> Front:
    """Return what is to stand at the front of a draft.

    Raises:
        ApiError: it can't; with every fault.
    """
    told = {name: fields[name] for name in _FRONT if fields.get(name) is not None}
    faults = [
        Fault(code="wrong-type", detail=f"{name!r} must be text", pointer=f"/{name}")
        for name, value in told.items()
        if not isinstance(value, str)
    ]
    for name, value in told.items():
        try:
            Front(**{name: value} if isinstance(value, str) else {})
        except FrontError as error:
            code = "bad-date" if name == "date" else "too-long"
            faults.append(Fault(code=code, detail=str(error), pointer=f"/{name}"))
    if faults:
        summary = sentence(faults[0].detail) if len(faults) == 1 else f"{len(faults)} faults were found."
        raise ApiError("invalid-request", summary, faults)
    return Front(**told)
