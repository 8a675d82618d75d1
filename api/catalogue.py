"""Everything that an answer names, to be looked up: one list and one entry for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from advisor.attachment import Attached, AttachmentError
from advisor.corpus import Corpus
from advisor.errors import UnknownIdError, did_you_mean, listing, nearest
from advisor.lookup import KINDS, describe
from advisor.refusal import Fault, sentence
from api.problems import ApiError

Entry = dict[str, Any]

FILTERS: Mapping[str, Mapping[str, str]] = {
    "rules": {
        "topic": "topic",
        "lesson": "lessons",
        "finding": "findings",
        "reading": "reading",
        "pack": "pack",
    },
    "lessons": {
        "place": "place",
        "kind": "kind",
        "strength": "strength",
        "basis": "basis",
        "element": "attaches_to",
        "rule": "rules",
        "pack": "pack",
    },
    "elements": {"group": "group", "phase": "phases", "pack": "pack"},
    "findings": {"kind": "kind", "pack": "pack"},
    "precedents": {"kind": "kinds", "element": "elements_present", "pack": "pack"},
    "facts": {"group": "group", "type": "type", "pack": "pack"},
    "sources": {"pack": "pack"},
    "references": {"kind": "kind", "place": "cited_in", "pack": "pack"},
}
"""For each list, its filters: query parameter and the key of the entries that it is held against."""


def add_routes(app: FastAPI, corpus: Corpus) -> None:
    """Add a list and an entry for every kind, the paragraphs of the sources, and the corpus itself."""
    entries = {kind: _entries(corpus, kind) for kind in KINDS}
    for kind in KINDS:
        if kind != "places":
            _add_kind(app, kind, entries[kind])
    _add_paragraphs(app, corpus, entries["places"])
    _add_corpus(app, corpus)


def _entries(corpus: Corpus, kind: str) -> dict[str, Entry]:
    # The corpus is frozen, so each entry is described once.
    return {name: describe(corpus, kind, name) for name in getattr(corpus, kind)}


def _add_kind(app: FastAPI, kind: str, entries: Mapping[str, Entry]) -> None:
    filters = FILTERS[kind]
    singular = kind.removesuffix("s")
    query = [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": f"by {key}"}
        for name, key in filters.items()
    ]

    @app.get(
        f"/v1/{kind}",
        tags=["catalogue"],
        summary=f"List {kind}",
        operation_id=f"list_{kind}",
        openapi_extra={"parameters": query},
    )
    async def get_list(request: Request) -> JSONResponse:
        return _listed(kind, entries.values(), request, filters)

    @app.get(f"/v1/{kind}/{{name}}", tags=["catalogue"], summary=f"Show a {singular}", operation_id=f"show_{singular}")
    async def get_entry(name: str) -> JSONResponse:
        if name not in entries:
            raise UnknownIdError(singular, name[:80], entries)
        return JSONResponse(entries[name])


def _add_paragraphs(app: FastAPI, corpus: Corpus, places: Mapping[str, Entry]) -> None:
    filters = {"kind": "kind", "part": "part", "lesson": "lessons"}
    query = [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": f"by {key}"}
        for name, key in filters.items()
    ]

    @app.get(
        "/v1/sources/{source}/paragraphs",
        tags=["catalogue"],
        summary="List the paragraphs of a source",
        operation_id="list_paragraphs",
        openapi_extra={"parameters": query},
    )
    async def get_paragraphs(source: str, request: Request) -> JSONResponse:
        corpus.get("sources", source)
        found = [entry for entry in places.values() if entry["source"] == source]
        return _listed("paragraphs", found, request, filters)

    attached = Attached(corpus)

    @app.get(
        "/v1/sources/{source}/paragraphs/{place}",
        tags=["catalogue"],
        summary="Show a paragraph",
        description="With the source's own text beside our gist, where whoever runs the service has attached a copy.",
        operation_id="show_paragraph",
    )
    def get_paragraph(source: str, place: str) -> JSONResponse:
        corpus.get("sources", source)
        name = f"{source}:{place}"
        if name not in places:
            known = [entry["id"] for entry in places.values() if entry["source"] == source]
            raise UnknownIdError("paragraph", place[:80], known)
        entry = {**places[name], "text": None, "text_matches": None}
        with suppress(AttachmentError):  # `advisor source status` says what is wrong with it
            entry = attached.beside(entry, "places", name)
        return JSONResponse(entry)


def _add_corpus(app: FastAPI, corpus: Corpus) -> None:
    @app.get("/v1/corpus", tags=["catalogue"], summary="Describe the corpus", operation_id="show_corpus")
    async def get_corpus() -> JSONResponse:
        return JSONResponse(
            {
                "version": corpus.version,
                "digest": corpus.digest,
                "packs": [pack.model_dump(mode="json") for pack in corpus.packs],
                "counts": {kind: len(getattr(corpus, kind)) for kind in KINDS},
                "element_groups": [group.model_dump(mode="json") for group in corpus.element_groups.values()],
                "fact_groups": [group.model_dump(mode="json") for group in corpus.fact_groups.values()],
                "topics": [topic.model_dump(mode="json") for topic in corpus.topics.values()],
            }
        )


def _listed(kind: str, entries: Any, request: Request, filters: Mapping[str, str]) -> JSONResponse:
    wanted = _wanted(request, filters)
    found = [entry for entry in entries if all(test(entry) for test in wanted)]
    return JSONResponse({"kind": kind, "count": len(found), "items": found})


def _wanted(request: Request, filters: Mapping[str, str]) -> list[Callable[[Entry], bool]]:
    """Return the query parameters as tests of an entry.

    Raises:
        ApiError: a parameter is not one of the list's filters.
    """
    tests: list[Callable[[Entry], bool]] = []
    faults = []
    for name, value in request.query_params.multi_items():
        if name not in filters:
            suggestion = nearest(name, filters)
            detail = f"no filter {name[:80]!r}{did_you_mean(suggestion)}; allowed: {listing(list(filters))}"
            allowed = tuple(filters)
            faults.append(Fault(code="unknown-filter", detail=detail, allowed=allowed, suggestion=suggestion))
        else:
            tests.append(_test(filters[name], value))
    if faults:
        raise ApiError("invalid-query", sentence(faults[0].detail), faults)
    return tests


def _test(key: str, value: str) -> Callable[[Entry], bool]:
    def holds(entry: Entry) -> bool:
        found = entry.get(key)
        members = found if isinstance(found, list) else [found]
        # Places are kept as "source:place"; the place alone will do.
        return any(member == value or str(member).split(":")[-1] == value for member in members)

    return holds
