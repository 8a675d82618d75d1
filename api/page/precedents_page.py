"""The page on precedents: earlier arrangements beside the situation, all of them, and up to three side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from advisor.corpus import Corpus
from advisor.errors import nearest
from advisor.model import Fact
from advisor.precedents import ElementCompared, FactCompared, PrecedentCompared, Relation, Standing, compare
from api.page import link
from api.page.situation import LONG, case_of, shown, told_of
from api.page.templating import Templates

SHOW = "show"
"""The parameter that names a precedent to be set beside others."""
MAX_SHOWN = 3


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact of the situation and of a precedent.

    Attributes:
        name: the fact.
        label: what it is called.
        relation: how the two compare.
        here: the value here; empty where it isn't known.
        there: the value there; empty where it isn't told.
    """

    name: str
    label: str
    relation: Relation
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Told:
    """A precedent on the page.

    Attributes:
        found: the comparison.
        facts: its facts, those told of both first.
        recommended: how many of the elements that it had are recommended here.
        lacked: elements that are recommended here, by their titles, and that it is known to have done without.
    """

    found: PrecedentCompared
    facts: tuple[FactRow, ...]
    recommended: int
    lacked: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A fact of one of the precedents side by side; no relation where neither it nor the situation tells the fact."""

    relation: Relation | None
    there: str


@dataclass(frozen=True, slots=True)
class FactsBeside:
    """A fact of the situation and of the precedents side by side."""

    name: str
    label: str
    here: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ElementsBeside:
    """An element that one of the precedents side by side had.

    Attributes:
        id: its id.
        title: its title.
        standing: what becomes of it here; None where it isn't compared.
        had: for each precedent whether it had it; None where nothing is said of it.
    """

    id: str
    title: str
    standing: Standing
    had: tuple[bool | None, ...]


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""

    def page(request: Request) -> Response:
        told = told_of(request, corpus)
        found = tuple(_told(corpus, one) for one in compare(case_of(told, corpus)).precedents)
        asked = [value[:LONG] for key, value in link.pairs_of(request.url.query) if key == SHOW]
        named = [name for name in dict.fromkeys(asked) if name in corpus.precedents]
        strange = [(name, nearest(name, corpus.precedents)) for name in asked if name and name not in corpus.precedents]
        beside = [one for one in found if one.found.precedent in named[:MAX_SHOWN]]
        context: dict[str, Any] = {
            **shown(request, corpus, told),
            "found": found,
            "beside": beside,
            "too_many": len(named) > MAX_SHOWN,
            "strange": strange[:MAX_SHOWN],
            "fact_rows": tuple(_facts_beside(corpus, beside)),
            "element_rows": tuple(_elements_beside(corpus, beside)),
            "most": MAX_SHOWN,
        }
        return templates.page("precedents", request, context)

    return [Route("/precedents", page)]


def _told(corpus: Corpus, one: PrecedentCompared) -> Told:
    return Told(
        found=one,
        facts=tuple(_row(corpus.facts[fact.fact], fact) for fact in one.facts),
        recommended=sum(element.standing == "recommended" for element in one.elements),
        lacked=tuple((name, corpus.elements[name].title) for name in one.lacked),
    )


def _row(fact: Fact, one: FactCompared) -> FactRow:
    return FactRow(fact.name, fact.label, one.relation, _in_words(fact, one.here), _in_words(fact, one.there))


def _in_words(fact: Fact, value: object) -> str:
    return "" if value is None else fact.label_of(value)


def _facts_beside(corpus: Corpus, beside: Sequence[Told]) -> Iterator[FactsBeside]:
    """Yield the facts that one of the precedents tells, those first that are told here."""
    rows = [{row.name: row for row in one.facts} for one in beside]
    named = [name for name in corpus.facts if any(name in of and of[name].there for of in rows)]
    here = {name: next(of[name].here for of in rows if name in of) for name in named}
    for name in sorted(named, key=lambda name: not here[name]):
        cells = tuple(Cell(of[name].relation, of[name].there) if name in of else Cell(None, "") for of in rows)
        yield FactsBeside(name, corpus.facts[name].label, here[name], cells)


def _elements_beside(corpus: Corpus, beside: Sequence[Told]) -> Iterator[ElementsBeside]:
    """Yield the elements that one of the precedents had, those first that are recommended here."""
    found: dict[str, ElementCompared] = {}
    for one in beside:
        for element in one.found.elements:
            found.setdefault(element.element, element)
    order: tuple[Standing, ...] = ("recommended", "set_aside", "open", "not_recommended")
    places = {name: place for place, name in enumerate(corpus.elements)}
    for element in sorted(found.values(), key=lambda one: (order.index(one.standing), places[one.element])):
        had = tuple(_had(corpus, one, element.element) for one in beside)
        yield ElementsBeside(element.element, element.title, element.standing, had)


def _had(corpus: Corpus, one: Told, element: str) -> bool | None:
    precedent = corpus.precedents[one.found.precedent]
    if element in precedent.elements_present:
        return True
    return False if element in precedent.elements_absent else None
