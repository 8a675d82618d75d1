"""Files that come in and go out: situations to read and to keep, the answer as JSON."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import yaml
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message

from advisor import situation
from advisor.advice import advise_json
from advisor.corpus import Corpus
from advisor.errors import SituationError
from api.page import link
from api.page.body import read_body
from api.page.situation import keeping, told_of
from api.page.templating import Templates, see_other

_ENVELOPE = 10_000
"""Bytes that a form may add to the file in it."""


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""

    async def read(request: Request) -> Response:
        file, text = await _file(request)
        try:
            facts = await run_in_threadpool(situation.parse_file, None, text, corpus.facts)
        except SituationError as error:
            query = link.query_of(told_of(request, corpus).facts)
            context: dict[str, Any] = {"query": query, "keep": keeping(query), "file": file, "problems": error.problems}
            return templates.page("unread", request, context, HTTPStatus.UNPROCESSABLE_ENTITY)
        return see_other(request, link.link_to("/", facts))

    async def get_situation(request: Request) -> Response:
        told = told_of(request, corpus)
        text = yaml.safe_dump({"facts": situation.written(told.facts)}, sort_keys=False, allow_unicode=True)
        return download(text.encode(), "situation.yaml", "application/yaml")

    async def get_answer(request: Request) -> Response:
        told = told_of(request, corpus)
        answer = await run_in_threadpool(advise_json, told.facts, corpus)
        return download(answer, "answer.json", "application/json")

    return [
        Route("/read", read, methods=["POST"]),
        Route("/situation.yaml", get_situation),
        Route("/answer.json", get_answer),
    ]


def download(content: bytes, name: str, media_type: str) -> Response:
    """Return a reply that browsers keep as a file."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _file(request: Request) -> tuple[str, str]:
    """Return the name and the text of the file in a form.

    Raises:
        HTTPException: there is none, it is too large, or no text; ``refused.html`` has the words for it.
    """
    body = await read_body(request, situation.MAX_BYTES + _ENVELOPE)

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        async with Request(request.scope, again).form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise HTTPException(HTTPStatus.BAD_REQUEST, "no-file")
            name, content = file.filename, await file.read()
    except (MultiPartException, HTTPException) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "no-file") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "no-text") from error
    if not text.strip():
        raise HTTPException(HTTPStatus.BAD_REQUEST, "empty")
    return name, text
