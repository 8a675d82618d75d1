"""``POST /v1/advice``: from the request's bytes to the answer's by the shortest way.

What the answers of one corpus have in common is made once. An answer takes less time than handing it to another thread
and back would, so it is given where the request was read; what takes longer goes to the pool of threads, so that the
service can go on listening meanwhile.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import thread_time
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from advisor.advice import advise_json
from advisor.corpus import Corpus
from advisor.errors import SituationError
from advisor.refusal import RefusedError, refusal_of
from advisor.request import facts_of, parse_json
from advisor.trace import traced
from api.body import read_body
from api.problems import internal_error, response
from api.query import choices

PATH = "/v1/advice"
QUERY = {"trace": ("false", "true")}
"""The parameters of the request: the values of each, the default first."""

_LARGE = 4_096
"""Bytes of a request beyond which it is read in the pool; one that tells every fact has about three thousand.

In larger ones something is wrong, and to find the nearest names for thousands of unknown ones takes long.
"""
_RECENT = 16
"""How many of the latest answers count in how long one takes."""

Headers = tuple[tuple[bytes, bytes], ...]


class AdviceEndpoint:
    """Answers ``POST /v1/advice`` from one corpus, as an ASGI application and as a function of a request."""

    def __init__(self, corpus: Corpus, headers: Headers = ()) -> None:
        """Prepare what the answers have in common.

        Args:
            corpus: what to advise from.
            headers: the headers that every reply carries.
        """
        self._corpus = corpus
        self._always = headers
        self._headers = [(b"content-type", b"application/json"), *headers]
        self._seconds = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        try:
            body = await self._answer(scope, receive)
        except ClientDisconnect:
            return  # nobody is left to be told
        except RefusedError as error:
            await self._reply(response(error), scope, receive, send)
            return
        except Exception as error:
            await self._reply(response(internal_error(error)), scope, receive, send)
            raise  # so that the server's log has it
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": 200, "headers": [length, *self._headers]})
        await send({"type": "http.response.body", "body": body})

    async def respond(self, request: Request) -> Response:
        """Return the reply to a request that came through the application's routes; who sends it adds the headers.

        Raises:
            RefusedError: the request is refused.
        """
        return Response(await self._answer(request.scope, request.receive), media_type="application/json")

    async def _reply(self, reply: Response, scope: Scope, receive: Receive, send: Send) -> None:
        reply.raw_headers += self._always
        await reply(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> bytes:
        trace = bool(scope["query_string"]) and choices(Request(scope), QUERY)["trace"] == "true"
        body = await read_body(scope, receive)
        if trace:
            return await run_in_threadpool(self._told, body, self._traced)
        if len(body) > _LARGE or self._seconds > sys.getswitchinterval():
            return await run_in_threadpool(self._told, body, self._advised)
        return self._told(body, self._advised)

    def _told(self, body: bytes, work: Callable[[Any], bytes]) -> bytes:
        facts = facts_of(parse_json(body))
        try:
            return work(facts)
        except SituationError as error:
            raise refusal_of(error) from error

    def _advised(self, facts: Any) -> bytes:
        begun = thread_time()
        answer = advise_json(facts, self._corpus)
        # Threads may lose one another's measurements, which does no harm.
        self._seconds += (thread_time() - begun - self._seconds) / _RECENT
        return answer

    def _traced(self, facts: Any) -> bytes:
        return traced(facts, self._corpus).model_dump_json().encode()
