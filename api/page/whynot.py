"""Why something is not advised, or why it is: looked for by name, explained rule by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from advisor.case import Case
from advisor.conditions import Value
from advisor.corpus import Corpus
from advisor.domains import TooManyValuesError
from advisor.errors import UnknownIdError, nearest
from advisor.flips import Change, Flips, flips
from advisor.standing import lines_of
from advisor.why import TargetKind, find_target
from advisor.whynot import NearMiss, why_not
from api.page.link import Told
from api.page.situation import asked_of, case_of, shown, told_of
from api.page.templating import Templates
from api.page.tracing import branches_of
from api.page.whatif import what_if

ASKED, OF = "q", "of"
"""The parameters: what is looked for, and what was chosen: ``kind:id``."""
MOST = 60
"""So many things at most are offered to choose from."""

_KINDS: Mapping[TargetKind, str] = {
    "element": "elements",
    "lesson": "lessons",
    "finding": "findings",
    "rule": "rules",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be explained."""

    kind: TargetKind
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Heading:
    """Elements under a heading of the outline."""

    title: str
    elements: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What was found.

    Attributes:
        exact: what is called just so; the first is meant.
        others: what has the words in its title or id.
        near: what has the name most like it, where nothing else was found.
        left_off: how many more there are.
    """

    exact: tuple[Choice, ...]
    others: tuple[Choice, ...]
    near: tuple[Choice, ...]
    left_off: int


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""

    def page(request: Request) -> Response:
        told = told_of(request, corpus)
        asked, of = asked_of(request, ASKED), asked_of(request, OF)
        context = {**shown(request, corpus, told), "q": asked, "answer": None, "search": None, "headings": ()}
        case = case_of(told, corpus)
        if of:
            kind, name = find_target(corpus, of)
            return templates.page("whynot", request, {**context, **_explained(case, told, kind, name)})
        if not asked:
            return templates.page("whynot", request, {**context, "headings": tuple(_headings(case))})
        found = search(corpus, asked)
        # What is called just so is meant, and the others are named beside it; else what alone has the words in it.
        one = found.exact[:1] or (found.others if len(found.others) == 1 else ())
        if one:
            explained = _explained(case, told, one[0].kind, one[0].id)
            return templates.page("whynot", request, {**context, **explained, "search": found})
        status = HTTPStatus.OK if found.others else HTTPStatus.NOT_FOUND
        return templates.page("whynot", request, {**context, "search": found}, status)

    return [Route("/why-not", page)]


def search(corpus: Corpus, asked: str) -> Search:
    """Return the elements, lessons, findings and rules that are called so, or have the words in their title or id."""
    everything = list(_choices(corpus))
    wanted = _plain(asked)
    for kind in _KINDS:
        if wanted.startswith(f"{kind}:") and (
            exact := [one for one in everything if _plain(f"{one.kind}:{one.id}") == wanted]
        ):
            return Search(tuple(exact), (), (), 0)
    exact = [one for one in everything if wanted in (_plain(one.id), _plain(one.title))]
    words = wanted.split()
    others = [
        one
        for one in everything
        if one not in exact and all(word in f"{_plain(one.id)} {_plain(one.title)}" for word in words)
    ]
    near: list[Choice] = []
    if not exact and not others:
        for names in ({one.title: one for one in everything}, {one.id: one for one in everything}):
            found = nearest(asked, names)
            if found is not None and names[found] not in near:
                near.append(names[found])
    return Search(tuple(exact), tuple(others[:MOST]), tuple(near), max(0, len(others) - MOST))


def _plain(text: str) -> str:
    """Return text as it is compared: case and hyphens don't count."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())


def _choices(corpus: Corpus) -> Iterator[Choice]:
    for kind, entries in _KINDS.items():
        for name, entry in getattr(corpus, entries).items():
            yield Choice(kind, name, entry.title)


def _headings(case: Case) -> Iterator[Heading]:
    """Yield the elements that are not advised on what is known, under the headings of the outline."""
    corpus = case.corpus
    advised = {name for (kind, name), line in lines_of(case).items() if kind == "recommendation" and line.standing}
    of: dict[str, list[Choice]] = {}
    for name, element in corpus.elements.items():
        if name not in advised:
            of.setdefault(element.group, []).append(Choice("element", name, element.title))
    for group, found in corpus.element_groups.items():
        if group in of:
            yield Heading(found.title, tuple(of[group]))


def _explained(case: Case, told: Told, kind: TargetKind, name: str) -> dict[str, Any]:
    """Return what the page says of one thing."""
    answer = why_not(case, f"{kind}:{name}")
    return {
        "answer": answer,
        "steps": branches_of(answer.why.steps) if answer.why else (),
        "found": frozenset(state.finding for state in answer.findings),
        "flips": _flips(case, name) if kind in ("element", "lesson", "rule") else None,
        "tried": _tried(case, told),
        "missed": _missed(case, told),
        "entry": f"/{_KINDS[kind]}/{name}",
    }


def _flips(case: Case, name: str) -> Flips | None:
    """Return what would change it; None where it is no line of the advice that a change could add or remove."""
    try:
        return flips(case, name)
    except (UnknownIdError, TooManyValuesError):
        return None


def _tried(case: Case, told: Told) -> Callable[[Iterable[Change]], str]:
    """Return what makes a link to the page that sets a change beside the situation."""

    def href(changes: Iterable[Change]) -> str:
        return what_if(told.facts, _read(case.corpus, {change.fact: change.nearest for change in changes}))

    return href


def _missed(case: Case, told: Told) -> Callable[[NearMiss], str]:
    """Return what makes a link to the page that sets the least that would make a rule fire beside the situation."""

    def href(miss: NearMiss) -> str:
        return what_if(told.facts, _read(case.corpus, {wanted.fact: wanted.would_do for wanted in miss.facts}))

    return href


def _read(corpus: Corpus, raw: Mapping[str, object]) -> Mapping[str, Value | None]:
    return dict(corpus.reader.read(raw))
