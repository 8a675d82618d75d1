"""The page on one line of the advice: why it is advised, on what it rests, and what would change it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from advisor.advice import answer_to
from advisor.answer import Advice, Item, Paragraph, PrecedentNote
from advisor.attachment import Attached, AttachmentError, PlaceText
from advisor.case import Case
from advisor.corpus import Corpus
from advisor.engine import engine_for
from advisor.errors import UnknownIdError
from advisor.flips import Flips, flips
from advisor.setting_aside import SettingAside
from api.page import link
from api.page.situation import questions_of, told_of
from api.page.templating import Templates


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""
    attached = Attached(corpus)

    def quoted(place: Paragraph) -> PlaceText | None:
        try:
            return attached.text_of(f"{place.source}:{place.href.rsplit('/', 1)[-1]}")
        except AttachmentError:
            return None  # the reader of the source says what is wrong with it

    def line(request: Request) -> Response:
        told = told_of(request, corpus)
        kind, name = request.path_params["kind"], request.path_params["name"]
        advice = answer_to(told.facts, corpus).advice()
        item = _item(advice, kind, name)
        context: dict[str, Any] = {
            "told": told,
            "query": link.query_of(told.facts),
            "question": questions_of(corpus, told.facts),
            "kind": kind,
            "name": name,
            "item": item,
            "title": item.title if item else _title(corpus, kind, name),
            "findings": {note.finding: note for note in advice.situation.findings},
            "precedents": () if item is None else _precedents(advice, item),
            "quoted": quoted,
            "turns": SettingAside(corpus, told.facts).turns(item) if item else (),
            "can_flip": kind in ("recommendation", "caution", "red_flag"),
        }
        status = HTTPStatus.OK if item else HTTPStatus.NOT_FOUND
        return templates.page("line", request, context, status)

    def changes(request: Request) -> Response:
        told = told_of(request, corpus)
        name = request.path_params["name"]
        case = Case(corpus, told.facts, engine_for(corpus).run(told.facts))
        found: Flips = flips(case, name)
        context = {"told": told, "query": link.query_of(told.facts), "flips": found, "href": _flipped(corpus, told)}
        return templates.page("flips", request, context)

    return [Route("/lines/{kind}/{name}", line), Route("/lines/{kind}/{name}/changes", changes)]


def _item(advice: Advice, kind: str, name: str) -> Item | None:
    lines = (*advice.red_flags, *advice.recommendations, *advice.arguments, *advice.set_aside)
    return next((item for item in lines if item.kind == kind and item.id == name), None)


def _title(corpus: Corpus, kind: str, name: str) -> str:
    """Return what a line is called that the answer doesn't have.

    Raises:
        UnknownIdError: no answer can have it.
    """
    for entries in (corpus.elements, corpus.lessons, corpus.rules):
        if name in entries:
            return str(entries[name].title)
    raise UnknownIdError("line", name[:80], [*corpus.elements, *corpus.lessons, *corpus.rules])


def _precedents(advice: Advice, item: Item) -> tuple[PrecedentNote, ...]:
    """Return the precedents that had the element, or to which one of the lessons points."""
    return tuple(
        note
        for note in advice.precedents
        if not set(item.lessons).isdisjoint(note.lessons) or item.element in note.elements_recommended_here
    )


def _flipped(corpus: Corpus, told: link.Told) -> Any:
    """Return what makes a link to the situation with the nearest values of a way."""

    def href(changes: Any) -> str:
        raw = {**told.facts, **{change.fact: change.nearest for change in changes}}
        return link.link_to("/", corpus.reader.read(raw), **{link.BEFORE: link.query_of(told.facts)})

    return href
