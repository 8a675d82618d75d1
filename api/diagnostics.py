"""What can be wrong with a pack, over HTTP: the catalogue of `advisor check`."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from advisor import diagnostics
from advisor.check_report import SEVERITIES
from api.query import choices, described

_QUERY = {"severity": ("any", *SEVERITIES), "group": ("any", *diagnostics.GROUPS)}
_ABOUT = {"severity": "Only codes of this severity.", "group": "Only codes of this group."}


def add_routes(app: FastAPI) -> None:
    """Add ``GET /v1/diagnostics`` and ``GET /v1/diagnostics/{code}``."""
    entries = {entry.code: entry.model_dump(mode="json") for entry in diagnostics.all_diagnostics()}

    @app.get(
        "/v1/diagnostics",
        tags=["catalogue"],
        summary="List what can be wrong with a pack",
        operation_id="list_diagnostics",
        openapi_extra={"parameters": described(_QUERY, _ABOUT)},
    )
    async def get_diagnostics(request: Request) -> JSONResponse:
        wanted = {name: value for name, value in choices(request, _QUERY).items() if value != "any"}
        found = [entry for entry in entries.values() if wanted.items() <= entry.items()]
        return JSONResponse({"kind": "diagnostics", "count": len(found), "items": found})

    @app.get(
        "/v1/diagnostics/{code}",
        tags=["catalogue"],
        summary="Say what a code means, with examples",
        operation_id="show_diagnostic",
    )
    async def get_diagnostic(code: str) -> JSONResponse:
        return JSONResponse(entries[diagnostics.diagnostic(code[:80]).code])
