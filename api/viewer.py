"""The viewer of the OpenAPI document (Swagger UI), at ``/docs``, which loads nothing from another site."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

PATH = "/docs"
_FILES = "/docs-viewer"
# By itself it would have another site check the document.
_SETTINGS = {"validatorUrl": None, "tryItOutEnabled": True, "displayRequestDuration": True}


def add_routes(app: FastAPI) -> None:
    """Add the viewer and its files."""
    # The package's own way to serve them reads them by a call that Python 3.11 warns of.
    app.mount(_FILES, StaticFiles(packages=[("fastapi_swagger", "resources")]))

    @app.get(PATH, include_in_schema=False)
    async def get_viewer(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "").rstrip("/")
        return get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=app.title,
            swagger_js_url=f"{root}{_FILES}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{_FILES}/swagger-ui.css",
            swagger_favicon_url=f"{root}{_FILES}/favicon-32x32.png",
            swagger_ui_parameters=_SETTINGS,
        )
