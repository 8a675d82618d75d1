"""Bodies of requests from forms, read as far as they may be long."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def read_body(request: Request, most: int) -> bytes:
    """Return the body of a request.

    Args:
        request: the request.
        most: of how many bytes it may be.

    Raises:
        HTTPException: it is longer.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{most:,}")
    return bytes(body)
