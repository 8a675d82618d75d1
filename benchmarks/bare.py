"""``advisor serve`` with a bare endpoint beside it: ``python benchmarks/bare.py REQUESTS [OPTION…]``.

The bare endpoint, ``/bare/advice``, is what FastAPI costs by itself: it validates the same request by a pydantic model
of the vocabulary and returns the bytes that the advisor answers to that very request, which were prepared when it
started, for the requests in the file. Both are answered by the same server, started by the same code: what follows the
file are the options of ``advisor serve``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, create_model
from starlette.types import Receive, Scope, Send

import advisor
from advisor.advice import advise_json
from advisor.commands import serve
from advisor.corpus import Corpus
from advisor.model import Fact

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from api import reload
from api.app import DIGEST_HEADER

PATH = "/bare/advice"
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


def bare_app(corpus: Corpus, requests: list[bytes]) -> FastAPI:
    """Return an application whose one endpoint validates a request and returns an answer that was prepared."""
    headers = {DIGEST_HEADER: corpus.digest}
    prepared = {
        body: Response(advise_json(json.loads(body)["facts"], corpus), headers=headers, media_type="application/json")
        for body in requests
    }
    app = FastAPI()
    model = request_model(corpus.facts)

    async def advise(told: BaseModel, request: Request) -> Response:
        return prepared[await request.body()]  # which FastAPI has read and kept

    advise.__annotations__["told"] = model
    app.post(PATH)(advise)
    return app


def main(file: str, options: list[str]) -> None:
    """Serve both."""
    bare = bare_app(advisor.load_corpus(), Path(file).read_bytes().splitlines())

    class Beside(reload.LiveApp):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"] == PATH:
                await bare(scope, receive, send)
            else:
                await super().__call__(scope, receive, send)

    reload.LiveApp = Beside  # type: ignore[misc]  # what "advisor serve" starts
    serve.command.main(options, standalone_mode=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
