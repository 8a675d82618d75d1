"""The application: each route is one call into the library."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

import advisor
from advisor.advice import advise_json
from advisor.answer import Advice
from advisor.content import named_folders
from advisor.corpus import Corpus
from advisor.errors import UnknownIdError
from advisor.live import Served
from advisor.refusal import Fault, RefusedError, sentence
from api import (
    advice,
    batch,
    catalogue,
    diagnostics,
    draft,
    explanations,
    flips,
    precedents,
    questions,
    schemas,
    status,
    trace,
    viewer,
)
from api.advice import AdviceEndpoint
from api.page.app import pages
from api.problems import KINDS, MEDIA_TYPE, ApiError, ProblemDetails, internal_error, response
from api.query import described
from api.schema import facts_schema, request_schema

DIGEST_HEADER = "Advisor-Corpus-Digest"
"""Response header with the digest of the corpus that answered."""

_DESCRIPTION = """Tell what is known of a refugee situation and get the elements of a cooperative arrangement between
States that the lessons call for: how strongly, under which conditions, and why. Every line leads back through its rule
and the facts that fired it to the numbered paragraph of the source.

A fact that is omitted or null is unknown, which is not the same as false. Every reply carries the digest of the corpus
in the header `Advisor-Corpus-Digest`. Errors are problem details (RFC 9457) and name every fault of a request."""


class Service(FastAPI):
    """The application for one corpus.

    Requests for advice go straight to what answers them, and not through what the framework does for every route; all
    others take its way. So do all where middleware was added, since it may want to see every request.
    """

    def __init__(self, corpus: Corpus, **settings: Any) -> None:
        super().__init__(**settings)
        self._header = (DIGEST_HEADER.lower().encode(), corpus.digest.encode())
        self.advice = AdviceEndpoint(corpus, (self._header,))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; every reply carries the digest of the corpus."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
        elif scope["path"] == advice.PATH and scope["method"] == "POST" and not self.user_middleware:
            await self.advice(scope, receive, send)
        else:

            async def send_with_digest(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message.get("headers", ()), self._header]
                await send(message)

            await super().__call__(scope, receive, send_with_digest)


def create_app(corpus: Corpus | None = None, keeping: status.Keeping | None = None) -> Service:
    """Return the service for one corpus.

    Args:
        corpus: what to advise from; the packs that ``ADVISOR_PACKS`` names, or the built-in one, if None.
        keeping: how it is kept up with its packs; it is not if None.
    """
    known = corpus or advisor.load_corpus(*named_folders())
    # What is made once for a corpus is made now, so that the first request doesn't have to.
    for facts in ({}, max((one.facts for one in known.examples.values()), key=len, default={})):
        advise_json(facts, known)
    app = Service(
        known,
        title="Burden-sharing advisor",
        version=advisor.__version__,
        description=_DESCRIPTION,
        openapi_tags=[{"name": "advice"}, {"name": "catalogue"}, {"name": "service"}],
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    _add_advice(app)
    batch.add_routes(app, known)
    flips.add_routes(app, known)
    explanations.add_routes(app, known)
    trace.add_routes(app, known)
    draft.add_routes(app, known)
    questions.add_routes(app, known)
    precedents.add_routes(app, known)
    catalogue.add_routes(app, known)
    diagnostics.add_routes(app)
    schemas.add_routes(app, known)
    viewer.add_routes(app)
    status.add_routes(app, keeping or status.Keeping(Served(known, datetime.now(UTC))))
    _add_service(app, known)
    app.router.routes.append(pages(known))
    _add_error_handlers(app)
    _generate_request_schema(app, known)
    return app


def _add_advice(app: Service) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/AdviceRequest"}}}}
    refused: dict[int | str, dict[str, Any]] = {
        status: {"description": title, "content": {MEDIA_TYPE: {"schema": _PROBLEM_REF}}}
        for kind, (status, title) in KINDS.items()
        if kind in ("malformed-json", "body-too-large", "unsupported-media-type", "invalid-situation")
    }

    @app.post(
        advice.PATH,
        tags=["advice"],
        summary="Advise on a situation",
        operation_id="advise",
        responses={200: {"model": Advice}, **refused},
        openapi_extra={
            "requestBody": {**body, "required": True},
            "parameters": described(advice.QUERY, {"trace": "Whether the answer carries its derivation."}),
        },
    )
    async def post_advice(request: Request) -> Response:
        return await app.advice.respond(request)


def _add_service(app: FastAPI, corpus: Corpus) -> None:
    @app.get("/health", tags=["service"], summary="Say that the service answers", operation_id="health")
    async def get_health() -> dict[str, str]:
        return {"status": "ok", "version": advisor.__version__, "corpus": corpus.version, "digest": corpus.digest}

    @app.get(
        "/v1/problems/{kind}", tags=["service"], summary="Describe a kind of problem", operation_id="describe_problem"
    )
    async def get_problem(kind: str) -> dict[str, object]:
        if kind not in KINDS:
            raise UnknownIdError("kind of problem", kind[:80], KINDS)
        status, title = KINDS[kind]
        return {"type": f"/v1/problems/{kind}", "title": title, "status": status}


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(RefusedError)
    async def on_refused(_: Request, error: RefusedError) -> JSONResponse:
        return response(error)

    @app.exception_handler(UnknownIdError)
    async def on_unknown_id(_: Request, error: UnknownIdError) -> JSONResponse:
        fault = Fault(code="unknown-id", detail=str(error), value=error.name[:80], suggestion=error.suggestion)
        return response(ApiError("not-found", sentence(str(error)), [fault]))

    @app.exception_handler(HTTPException)
    async def on_http_error(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 405:
            allowed = (error.headers or {}).get("Allow", "")
            detail = f"{request.method} is not allowed at {request.url.path}; allowed: {allowed}."
            return response(ApiError("method-not-allowed", detail, headers=error.headers))
        return response(ApiError("not-found", f"There is nothing at {request.url.path}; see /openapi.json."))

    @app.exception_handler(Exception)
    async def on_bug(_: Request, error: Exception) -> JSONResponse:
        return response(internal_error(error))


_PROBLEM_REF = {"$ref": "#/components/schemas/ProblemDetails"}


def _generate_request_schema(app: FastAPI, corpus: Corpus) -> None:
    """Put the request's schema, generated from the vocabulary, into the OpenAPI document."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["Facts"] = facts_schema(corpus)
            schemas["AdviceRequest"] = request_schema()
            problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= problem.pop("$defs", {})
            schemas["ProblemDetails"] = problem
            # Our own reading of requests answers in problem details, not in the framework's form.
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for path in document["paths"].values():
                for operation in path.values():
                    if "HTTPValidationError" in str(operation["responses"].get("422", "")):
                        del operation["responses"]["422"]
                    operation["responses"].setdefault(
                        "default", {"description": "A problem", "content": {MEDIA_TYPE: {"schema": _PROBLEM_REF}}}
                    )
                    # The framework takes whatever isn't JSON for text, also where a model says what it is.
                    lines = operation["responses"]["200"].get("content", {}).get(batch.MEDIA_TYPE, {})
                    lines.get("schema", {}).pop("type", None)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
