"""The routes of the officer's page, as an application of its own beside the service's.

It has what only pages need: they are compressed, carry a strict Content-Security-Policy, and say in HTML what is wrong.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from advisor.corpus import Corpus
from advisor.errors import UnknownIdError
from api.page import about, drafts, files, lines, link, precedents_page, reader, tracing, whatif, whynot, workspace
from api.page.assets import PATH as ASSETS
from api.page.situation import keeping, told_of
from api.page.templating import Templates

_COMPRESSION = 3
"""Level 9, the middleware's own, takes several times as long for a tenth less."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    # Facts stand in links: no other site is told them.
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class _Careful:
    """Adds the headers that keep browsers from doing what no page here needs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        await self._app(scope, receive, careful)


class Pages(Mount):
    """The pages, beside the service's own routes: what no page has is left to these, unless a browser asks for it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether a page answers a request."""
        match, found = super().matches(scope)
        if match is Match.NONE:
            return match, found
        if any(route.matches(scope)[0] is not Match.NONE for route in self.routes) or _by_browser(scope):
            return match, found
        return Match.NONE, {}


def _by_browser(scope: Scope) -> bool:
    """Return whether somebody asks for a page, and not a program for data."""
    return "text/html" in Headers(scope=scope).get("Accept", "") and not scope["path"].startswith("/v1/")


def pages(corpus: Corpus) -> BaseRoute:
    """Return the route to all pages of a corpus."""
    templates = Templates(corpus)

    async def get_asset(request: Request) -> Response:
        reply = templates.assets.reply(request)
        if reply is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return reply

    def refused(request: Request, status: int, detail: str = "") -> Response:
        # What was known is kept, but where it may be the cause.
        query = "" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else link.query_of(told_of(request, corpus).facts)
        context = {"status": status, "detail": detail, "query": query, "keep": keeping(query)}
        return templates.page("refused", request, context, status)

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return refused(request, error.status_code, error.detail if error.status_code in (400, 413) else "")

    async def on_unknown(request: Request, error: Exception) -> Response:
        return refused(request, HTTPStatus.NOT_FOUND, str(error))

    async def on_bug(request: Request, error: Exception) -> Response:
        return refused(request, HTTPStatus.INTERNAL_SERVER_ERROR)

    app = Starlette(
        routes=[
            Route(f"{ASSETS}/{{digest}}/{{name}}", get_asset),
            *workspace.routes(corpus, templates),
            *lines.routes(corpus, templates),
            *files.routes(corpus, templates),
            *drafts.routes(corpus, templates),
            *whatif.routes(corpus, templates),
            *precedents_page.routes(corpus, templates),
            *tracing.routes(corpus, templates),
            *reader.routes(corpus, templates),
            *whynot.routes(corpus, templates),
            *about.routes(corpus, templates),
        ],
        middleware=[Middleware(_Careful), Middleware(GZipMiddleware, minimum_size=1_000, compresslevel=_COMPRESSION)],
        exception_handlers={HTTPException: on_http_error, UnknownIdError: on_unknown, Exception: on_bug},
    )
    return Pages("/", app)
