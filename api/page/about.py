"""The page on what the advice rests on, and what it is not."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

import advisor
from advisor.advice import answer_to
from advisor.citations import corpus_note
from advisor.corpus import Corpus
from api.page.assets import FOLDER
from api.page.situation import shown, told_of
from api.page.templating import Templates

LICENCES = {"htmx": "htmx.LICENSE.txt"}
"""What ships with the pages and was made by others: its name, and the file with its licence."""


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""
    notices = [one for one in answer_to({}, corpus).advice().notices if one.kind == "standing"]
    licences = {name: (FOLDER / file).read_text("utf-8") for name, file in LICENCES.items()}

    async def get(request: Request) -> Response:
        context = {
            **shown(request, corpus, told_of(request, corpus)),
            "notices": notices,
            "note": corpus_note(corpus),
            "version": advisor.__version__,
            "licences": licences,
            "numbers": {
                kind: len(getattr(corpus, kind)) for kind in ("rules", "lessons", "elements", "places", "precedents")
            },
        }
        return templates.page("about", request, context)

    return [Route("/about", get)]
