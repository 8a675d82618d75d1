"""``advisor serve`` with a bare endpoint beside it: ``python benchmarks/bare.py REQUESTS [OPTION…]``.

The bare endpoint, ``/bare/advice``, is what FastAPI costs by itself: it validates the same request by a pydantic model
of the vocabulary and returns the bytes that the advisor answers to that very request, which were prepared when it
started, for the requests in the file. At ``/way/advice`` is the advisor's own endpoint with these answers: what it
costs to come there and back. All are answered by the same server, started by the same code: what follows the file are
the options of ``advisor serve``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, create_model
from starlette.types import ASGIApp, Receive, Scope, Send

import advisor
from advisor.advice import advise_json
from advisor.commands import serve
from advisor.corpus import Corpus
from advisor.model import Fact
from advisor.request import facts_of, parse_json

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from api import reload
from api.advice import AdviceEndpoint
from api.app import DIGEST_HEADER

PATH, WAY = "/bare/advice", "/way/advice"
Model: TypeAlias = type[BaseModel]


def request_model(vocabulary: Mapping[str, Fact]) -> Model:
    """Return the model of a request: what the advisor takes and nothing else."""
    fields: Any = {name: (_type(fact) | None, None) for name, fact in vocabulary.items()}
    strict = ConfigDict(extra="forbid")
    facts = create_model("BareFacts", __config__=strict, **fields)
    return create_model("BareRequest", __config__=strict, facts=(facts, ...))


def _type(fact: Fact) -> Any:
    match fact.type:
        case "boolean":
            return StrictBool
        case "enum":
            return Literal[fact.allowed]
        case "set":
            return list[Literal[fact.allowed]]  # type: ignore[name-defined]  # made while the program runs
        case "integer":
            return Annotated[StrictInt, Field(ge=fact.minimum, le=fact.maximum)]
        case _:
            return Annotated[float, Field(ge=fact.minimum, le=fact.maximum)]


class Way(AdviceEndpoint):
    """The advisor's endpoint, but for the answers, which were prepared."""

    def __init__(self, corpus: Corpus, prepared: Mapping[bytes, bytes]) -> None:
        super().__init__(corpus, ((DIGEST_HEADER.lower().encode(), corpus.digest.encode()),))
        self._prepared = prepared

    def _told(self, body: bytes, work: object) -> bytes:
        facts_of(parse_json(body))
        return self._prepared[body]


def bare_app(corpus: Corpus, answers: Mapping[bytes, bytes]) -> FastAPI:
    """Return an application whose one endpoint validates a request and returns an answer that was prepared."""
    headers = {DIGEST_HEADER: corpus.digest}
    prepared = {
        body: Response(answer, headers=headers, media_type="application/json") for body, answer in answers.items()
    }
    app = FastAPI()
    model = request_model(corpus.facts)

    async def advise(told: BaseModel, request: Request) -> Response:
        return prepared[await request.body()]  # which FastAPI has read and kept

    advise.__annotations__["told"] = model
    app.post(PATH)(advise)
    return app


def main(file: str, options: list[str]) -> None:
    """Serve all of them."""
    corpus = advisor.load_corpus()
    prepared = {body: advise_json(json.loads(body)["facts"], corpus) for body in Path(file).read_bytes().splitlines()}
    beside: dict[str, ASGIApp] = {PATH: bare_app(corpus, prepared), WAY: Way(corpus, prepared)}

    class Beside(reload.LiveApp):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            app = beside.get(scope.get("path", ""))
            if app is not None:
                await app(scope, receive, send)
            else:
                await super().__call__(scope, receive, send)

    reload.LiveApp = Beside  # type: ignore[misc]  # what "advisor serve" starts
    serve.command.main(options, standalone_mode=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
