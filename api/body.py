"""Reading a request's body: bounded, and of the media type that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from advisor.request import parse_json
from advisor.situation import MAX_BYTES
from api.problems import ApiError


async def read_json(request: Request) -> Any:
    """Return the body as plain data.

    Raises:
        RefusedError: the media type isn't JSON, the body is too large or not JSON, a key stands twice in it.
        ClientDisconnect: the client has gone before it said everything.
    """
    return parse_json(await read_body(request.scope, request.receive))


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """Return the body of a request as it was sent.

    Raises:
        ApiError: the media type isn't JSON, or the body is too large.
        ClientDisconnect: the client has gone before it said everything.
    """
    media_type = declared = b""
    for name, value in scope["headers"]:
        # Of a header that stands twice, the first counts.
        if name == b"content-type":
            media_type = media_type or value
        elif name == b"content-length":
            declared = declared or value
    if media_type != b"application/json":
        require_media_type(media_type.decode("latin-1"), "application/json", _is_json)
    if declared.isdigit() and int(declared[:20]) > MAX_BYTES:
        raise _too_large()
    body, more = await _part(receive)
    if not more and len(body) <= MAX_BYTES:
        return body
    chunks, size = [body], len(body)
    while size <= MAX_BYTES:
        if not more:
            return b"".join(chunks)
        body, more = await _part(receive)
        chunks.append(body)
        size += len(body)
    raise _too_large()


async def _part(receive: Receive) -> tuple[bytes, bool]:
    """Return the next part of the body, and whether there may be more."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


def require_media_type(found: str, wanted: str, fits: Callable[[str], bool]) -> None:
    """Refuse a request whose body is of another media type.

    Args:
        found: the request's Content-Type, empty where it has none.
        wanted: the media type that is wanted, for messages.
        fits: whether a media type will do.

    Raises:
        ApiError: it is of another one.
    """
    media_type = found.split(";")[0].strip().lower()
    if not fits(media_type):
        instead = f"not {media_type!r}" if media_type else "and the request names no Content-Type"
        detail = f"The body must be {wanted}, {instead}."
        raise ApiError("unsupported-media-type", detail, headers={"Accept-Post": wanted})


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _too_large() -> ApiError:
    return ApiError("body-too-large", f"The body may have at most {MAX_BYTES:,} bytes.")
