"""Many situations in one request: a line for each goes out as soon as it is answered, while others still come in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from advisor.answering import AnsweredLine, LineSplitter, Select, answered, read_line
from advisor.corpus import Corpus
from api.body import require_media_type
from api.query import choices, described

MEDIA_TYPE = "application/x-ndjson"
_MEDIA_TYPES = (MEDIA_TYPE, "application/ndjson", "application/jsonl")
_QUERY = {"select": ("full", "brief")}
_TEXTS = {"select": "What is given of each answer: all of it, or what is advised by its ids."}


def line_schema() -> dict[str, Any]:
    """Return the schema of a line of a request."""
    return {
        "title": "BatchLine",
        "description": "One line; the body has as many as you like. Blank lines are passed over.",
        "type": "object",
        "properties": {
            "facts": {"$ref": "#/components/schemas/Facts"},
            "id": {
                "description": "What you call the situation; the line with its answer has it, too.",
                "type": ["string", "number", "null"],
            },
        },
        "required": ["facts"],
        "additionalProperties": False,
    }


class _Answers(Response):
    """The lines of answers, as the lines of the request come in.

    Nothing is read ahead of what has been answered, and nothing answered ahead of what the client has taken. Reading
    the request is also how it is noticed that the client has gone, so nothing else may read it (as Starlette's own
    streaming response does).
    """

    media_type = MEDIA_TYPE

    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        self.status_code = 200
        self.background = None
        self.body = b""
        self.raw_headers = [(b"content-type", MEDIA_TYPE.encode())]
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async for line in self._lines:
                await send({"type": "http.response.body", "body": line, "more_body": True})
        except ClientDisconnect:
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def add_routes(app: FastAPI, corpus: Corpus) -> None:
    """Add ``POST /v1/advice/batch``."""

    def answer(number: int, raw: bytes | int, select: Select) -> bytes:
        return answered(read_line(number, raw), corpus, full=select == "full", brief=select == "brief").json_line()

    async def answers(request: Request, select: Select) -> AsyncIterator[bytes]:
        splitter = LineSplitter()
        number = 0
        async for block in request.stream():
            # The stream ends with an empty block.
            for raw in splitter.feed(block) if block else splitter.end():
                number += 1
                if isinstance(raw, int) or raw.strip():
                    # Each line in a turn of its own, so that other requests get theirs in between.
                    yield await run_in_threadpool(answer, number, raw, select)

    @app.post(
        "/v1/advice/batch",
        tags=["advice"],
        summary="Advise on many situations, a line for each",
        description='The body is NDJSON, `{"facts": {…}}` on each line. Each line is answered by a line as soon as it '
        "has come in; read while you send, since the service doesn't run ahead of its reader. A line that can't be "
        "answered is answered with what is wrong with it, and the others go on; so the status says nothing of them.",
        operation_id="advise_many",
        status_code=200,
        response_class=_Answers,
        responses={200: {"model": AnsweredLine, "description": "One line; there are as many as in the request."}},
        openapi_extra={
            "requestBody": {"content": {MEDIA_TYPE: {"schema": line_schema()}}, "required": True},
            "parameters": described(_QUERY, _TEXTS),
        },
    )
    async def post_batch(request: Request) -> Response:
        select: Select = "brief" if choices(request, _QUERY)["select"] == "brief" else "full"
        require_media_type(request.headers.get("content-type", ""), MEDIA_TYPE, _MEDIA_TYPES.__contains__)
        return _Answers(answers(request, select))
