"""What to ask next, over HTTP."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from advisor.corpus import Corpus
from advisor.prospects import NextQuestions, ask
from api.situations import REQUEST_BODY, answer_on


def add_routes(app: FastAPI, corpus: Corpus) -> None:
    """Add ``POST /v1/questions``."""

    @app.post(
        "/v1/questions",
        tags=["advice"],
        summary="Say what to ask next, and what each answer would bring",
        operation_id="questions",
        responses={200: {"model": NextQuestions}},
        openapi_extra=REQUEST_BODY,
    )
    async def post_questions(request: Request) -> Response:
        return await answer_on(request, lambda facts: ask(facts, corpus))
