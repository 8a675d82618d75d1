"""Precedents compared, over HTTP."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from advisor import situation
from advisor.case import Case
from advisor.corpus import Corpus
from advisor.lookahead import look_ahead
from advisor.precedents import Precedents, compare
from api.situations import REQUEST_BODY, answer_on


def add_routes(app: FastAPI, corpus: Corpus) -> None:
    """Add ``POST /v1/precedents``; the precedents themselves are in the catalogue."""

    def compared(raw: object) -> Precedents:
        facts = situation.parse(raw, corpus.facts)
        return compare(Case(corpus, facts, look_ahead(corpus, facts)))

    @app.post(
        "/v1/precedents",
        tags=["advice"],
        summary="Compare a situation with earlier ones",
        operation_id="compare_precedents",
        responses={200: {"model": Precedents}},
        openapi_extra=REQUEST_BODY,
    )
    async def post_precedents(request: Request) -> Response:
        return await answer_on(request, compared)
