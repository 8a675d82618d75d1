"""What an officer takes away: the draft outline, on a page that prints as the PDF does, and as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from advisor.corpus import Corpus
from advisor.draft import Front, FrontError, drafted
from advisor.draft_forms import FORMS
from advisor.draft_parts import Entry, Parts
from api.page import link
from api.page.files import download
from api.page.situation import told_of
from api.page.templating import Templates

FIELDS = ("title", "author", "date")
"""What stands at the front of a draft: further parameters of its link."""


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""

    def page(request: Request) -> Response:
        told = told_of(request, corpus)
        given = _given(request)
        problem: FrontError | None = None
        try:
            front = Front(**given)
        except FrontError as error:
            front, problem = Front(), error
        query = link.query_of(told.facts)
        context: dict[str, Any] = {
            "told": told,
            "query": query,
            "pairs": link.pairs_of(query),
            "given": given,
            "problem": problem,
            "draft": drafted(told.facts, corpus, front),
            "forms": {
                name: link.link_to(f"/draft/outline{form.suffix}", told.facts, **_told(given, problem))
                for name, form in FORMS.items()
            },
            "tree": tree,
            "shared": link.shared(told.facts, corpus),
        }
        return templates.page("draft", request, context, HTTPStatus.OK if problem is None else 422)

    def file(request: Request) -> Response:
        suffix = request.path_params["suffix"]
        form = next((form for form in FORMS.values() if form.suffix == f".{suffix}"), None)
        if form is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        told = told_of(request, corpus)
        try:
            front = Front(**_given(request))
        except FrontError as error:
            raise HTTPException(HTTPStatus.BAD_REQUEST, f"{error}.") from error
        return download(form.write(drafted(told.facts, corpus, front)), f"outline{form.suffix}", form.media_type)

    return [Route("/draft", page), Route("/draft/outline.{suffix}", file)]


@dataclass(frozen=True, slots=True)
class Node:
    """An entry of a list with those that stand below it."""

    parts: Parts
    below: tuple[Node, ...]


def tree(entries: Sequence[Entry]) -> tuple[Node, ...]:
    """Return the entries of a list, each with those below it."""
    found: list[Node] = []
    at = 0
    while at < len(entries):
        end = at + 1
        while end < len(entries) and entries[end].depth > entries[at].depth:
            end += 1
        found.append(Node(entries[at].parts, tree(entries[at + 1 : end])))
        at = end
    return tuple(found)


def _given(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "").strip() for name in FIELDS}


def _told(given: dict[str, str], problem: FrontError | None) -> dict[str, str]:
    return {name: text for name, text in given.items() if text and (problem is None or problem.field != name)}
