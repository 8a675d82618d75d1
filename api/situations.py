"""Requests that tell a situation and nothing else: ``{"facts": {…}}``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from advisor.errors import SituationError
from advisor.refusal import refusal_of
from advisor.request import facts_of
from api.body import read_json

REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AdviceRequest"}}},
        "required": True,
    }
}
"""How the OpenAPI document describes such a request."""


async def answer_on(request: Request, work: Callable[[Any], BaseModel]) -> Response:
    """Return what ``work`` makes of the facts of a request, as JSON.

    Raises:
        RefusedError: the request can't be read, or tells facts that can't be; with every fault.
    """
    facts = facts_of(await read_json(request))
    try:
        answer = await run_in_threadpool(work, facts)
    except SituationError as error:
        raise refusal_of(error) from error
    return Response(answer.model_dump_json(), media_type="application/json")
