"""The page on which an officer works: the questions beside the advice, and the reasons of a line."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from advisor.advice import answer_to
from advisor.corpus import Corpus
from api.page import link
from api.page.advised import advised
from api.page.body import read_body
from api.page.intake import facts_in_words, intake
from api.page.link import Told
from api.page.situation import told_of
from api.page.templating import Templates

MAX_FORM = 256 * 1024
"""Bytes; a form with every fact told has about ten thousand."""


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""

    def page(request: Request, told: Told) -> Response:
        answer = answer_to(told.facts, corpus)
        canonical = link.link_to("/", told.facts)
        context: dict[str, Any] = {
            "told": told,
            "query": link.query_of(told.facts),
            "pairs": link.pairs_of(link.query_of(told.facts)),
            "shared": link.shared(told.facts, corpus),
            "corpus_changed": told.corpus is not None and not corpus.digest.startswith(told.corpus),
            "intake": intake(answer, told),
            "advised": advised(answer, told),
            "facts": facts_in_words(corpus, told.facts),
        }
        # The address bar always has the link that shows this again.
        headers = {"HX-Replace-Url": canonical} if "HX-Request" in request.headers else {}
        return templates.page("workspace", request, context, headers=headers)

    async def get(request: Request) -> Response:
        return await run_in_threadpool(page, request, told_of(request, corpus))

    async def post(request: Request) -> Response:
        told = link.read(link.pairs_of((await read_body(request, MAX_FORM)).decode("utf-8", "replace")), corpus)
        if "HX-Request" in request.headers or told.problems or told.strangers:
            # What can't be read is shown where it was typed; a link could not carry it.
            return await run_in_threadpool(page, request, told)
        more = {} if told.before is None else {link.BEFORE: link.query_of(told.before)}
        return RedirectResponse(link.link_to("/", told.facts, **more), HTTPStatus.SEE_OTHER)

    return [Route("/", get, methods=["GET"]), Route("/", post, methods=["POST"])]
