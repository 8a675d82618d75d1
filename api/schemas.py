"""The JSON Schemas of files and answers, over HTTP: an editor can take them from a running service."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from advisor.content import BUILTIN
from advisor.corpus import Corpus
from advisor.errors import UnknownIdError
from advisor.nameable import names_of_corpus
from advisor.schemas import MEDIA_TYPE, NAMES, schema
from api.query import choices, described


class _SchemaResponse(JSONResponse):
    media_type = MEDIA_TYPE


def add_routes(app: FastAPI, corpus: Corpus) -> None:
    """Add the list of schemas, and each of them for the names of the corpus."""
    builtin_alone = [manifest.id for manifest in corpus.packs] == [BUILTIN]
    query = {"names": ("open", "closed") if builtin_alone else ("closed", "open")}
    texts = {"names": "Whether names that the packs served here don't define are an error (closed) or not (open)."}
    address = {name: f"/v1/schemas/{name}" for name in NAMES}

    @app.get("/v1/schemas", tags=["catalogue"], summary="List the JSON Schemas", operation_id="list_schemas")
    async def get_schemas(request: Request) -> JSONResponse:
        choices(request, {})
        items = [{"name": name, "href": address[name]} for name in NAMES]
        return JSONResponse({"kind": "schemas", "count": len(items), "items": items})

    @app.get(
        "/v1/schemas/{name}",
        tags=["catalogue"],
        summary="Show a JSON Schema, of a kind of file that an author writes or of what the advisor gives out",
        operation_id="show_schema",
        response_class=_SchemaResponse,
        openapi_extra={"parameters": described(query, texts)},
    )
    def get_schema(name: str, request: Request) -> JSONResponse:
        if name not in NAMES:
            raise UnknownIdError("schema", name[:80], NAMES)
        closed = choices(request, query)["names"] == "closed"
        return _SchemaResponse(schema(name, names_of_corpus(corpus, closed=closed), address[name]))
