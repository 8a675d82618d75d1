"""Reading a request's body: bounded, JSON alone, and nothing in it overlooked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from advisor.errors import did_you_mean, nearest, pointer
from advisor.situation import MAX_BYTES
from api.problems import ApiError, Fault, sentence


async def read_json(request: Request) -> Any:
    """Return the body as plain data.

    Raises:
        ApiError: the media type isn't JSON, the body is too large or not JSON, a key stands twice in it.
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
        _check_media_type(media_type.decode("latin-1").split(";")[0].strip().lower())
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


def _check_media_type(media_type: str) -> None:
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        found = f"not {media_type!r}" if media_type else "and the request names no Content-Type"
        raise ApiError("unsupported-media-type", f"The body must be application/json, {found}.", headers=_ACCEPT)


_ACCEPT = {"Accept-Post": "application/json"}


def _too_large() -> ApiError:
    return ApiError("body-too-large", f"The body may have at most {MAX_BYTES:,} bytes.")


def parse_json(body: bytes) -> Any:
    """Return JSON text as plain data; equal keys and numbers that JSON doesn't have are refused.

    Raises:
        ApiError: with the line and column of what can't be read.
    """
    try:
        return _DECODER.decode(body.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        message = "the body is empty" if not body.strip() else f"{error.msg} ({where})"
        raise ApiError("malformed-json", f"The body is not JSON: {message}.") from error
    except UnicodeDecodeError as error:
        raise ApiError("malformed-json", f"The body is not UTF-8 text (byte {error.start}).") from error
    except RecursionError as error:
        raise ApiError("malformed-json", "The body is nested too deeply.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        shown = key[:80].encode("utf-8", "replace").decode()
        raise ApiError("malformed-json", f"The key {shown!r} stands twice in one object; which of them counts?")
    return found


def _constant(name: str) -> NoReturn:
    raise ApiError("malformed-json", f"JSON has no number {name}.")


def _integer(digits: str) -> int | float:
    # Python refuses to read integers of thousands of digits; as a number they are out of every range anyway.
    return int(digits) if len(digits) <= 300 else float("inf")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)


def facts_of(data: Any) -> Any:
    """Return the facts of the request ``{"facts": {…}}``.

    Raises:
        ApiError: with every fault of its frame.
    """
    return fields_of(data, ["facts"], [], 'the request is {"facts": {name: value, …}}')["facts"]


def fields_of(data: Any, required: Sequence[str], optional: Sequence[str], example: str) -> dict[str, Any]:
    """Return a request's object, whose keys are all of the required ones and none but the optional ones beside them.

    Args:
        data: the body.
        required: keys that must be there.
        optional: keys that may be there.
        example: what a request looks like, for messages.

    Raises:
        ApiError: with every fault of its frame.
    """
    if not isinstance(data, dict):
        fault = Fault(code="wrong-type", detail=f"the body is no object; {example}")
        raise ApiError("invalid-situation", "The body must be an object.", [fault])
    found = [
        Fault(code="missing-key", detail=f"the key {key!r} is missing; {example}")
        for key in required
        if key not in data
    ]
    allowed = (*required, *optional)
    for key in data:
        if key not in allowed:
            shown = key[:80].encode("utf-8", "replace").decode()
            suggestion = nearest(key, allowed)
            detail = f"no key {shown!r} here{did_you_mean(suggestion)}; {example}"
            found.append(
                Fault(
                    code="unknown-key",
                    detail=detail,
                    pointer=pointer([shown]),
                    allowed=allowed,
                    suggestion=suggestion,
                )
            )
    if found:
        raise ApiError("invalid-situation", _summary(found), found)
    return data


def _summary(found: list[Fault]) -> str:
    return f"{len(found)} faults were found." if len(found) > 1 else sentence(found[0].detail)
