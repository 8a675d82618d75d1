"""The page on which an officer works: the questions beside the advice, and the reasons of a line."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from advisor.advice import answer_to
from advisor.corpus import Corpus
from api.page import link
from api.page.advised import advised
from api.page.body import read_body
from api.page.intake import facts_in_words, intake
from api.page.kept import states_in
from api.page.link import Told
from api.page.situation import keeping, told_of
from api.page.templating import Templates, in_language, see_other

MAX_FORM = 256 * 1024
"""Bytes; a form with every fact told has about ten thousand."""


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""

    def page(request: Request, told: Told, have: Collection[str] = ()) -> Response:
        answer = answer_to(told.facts, corpus)
        query = link.query_of(told.facts)
        scripted = "HX-Request" in request.headers
        context: dict[str, Any] = {
            "told": told,
            "query": query,
            "keep": keeping(query),
            "pairs": link.pairs_of(query),
            "shared": link.shared(told.facts, corpus),
            "corpus_changed": told.corpus is not None and not corpus.digest.startswith(told.corpus),
            "intake": intake(answer, told, have),
            "advised": advised(answer, told, have),
            "facts": facts_in_words(corpus, told.facts),
            "have": have,
            "scripted": scripted,
        }
        # The address bar always has the link that shows this again.
        headers = {"HX-Replace-Url": in_language(request, link.address_of(told, skip=told.skipped))} if scripted else {}
        return templates.page("workspace", request, context, headers=headers)

    async def get(request: Request) -> Response:
        return await run_in_threadpool(page, request, told_of(request, corpus))

    async def post(request: Request) -> Response:
        pairs = link.pairs_of((await read_body(request, MAX_FORM)).decode("utf-8", "replace"))
        told = link.read(pairs, corpus)
        if "HX-Request" in request.headers:
            return await run_in_threadpool(page, request, told, states_in(pairs))
        if not link.carried(told):
            # It is shown where it was typed.
            return await run_in_threadpool(page, request, told)
        more: dict[str, str | tuple[str, ...]] = (
            {} if told.before is None else {link.BEFORE: link.query_of(told.before)}
        )
        if told.current:
            more[link.CURRENT] = told.current
        address = link.address_of(told, **more, skip=told.skipped, open=tuple(sorted(told.opened)))
        return see_other(request, address)

    return [Route("/", get, methods=["GET"]), Route("/", post, methods=["POST"])]
