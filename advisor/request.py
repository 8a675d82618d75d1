"""What a request or a line of many tells: JSON text in which nothing is overlooked, and the frame around the facts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from advisor.errors import did_you_mean, nearest, pointer
from advisor.refusal import Fault, RefusedError, sentence


def parse_json(text: bytes, what: str = "body") -> Any:
    """Return JSON text as plain data; equal keys and numbers that JSON doesn't have are refused.

    Args:
        text: the text, in UTF-8.
        what: what messages call it.

    Raises:
        RefusedError: with the line and column of what can't be read.
    """
    try:
        return _DECODER.decode(text.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"column {error.colno}" if what == "line" else f"line {error.lineno}, column {error.colno}"
        message = f"the {what} is empty" if not text.strip() else f"{error.msg} ({where})"
        raise RefusedError("malformed-json", f"The {what} is not JSON: {message}.") from error
    except UnicodeDecodeError as error:
        raise RefusedError("malformed-json", f"The {what} is not UTF-8 text (byte {error.start}).") from error
    except RecursionError as error:
        raise RefusedError("malformed-json", f"The {what} is nested too deeply.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        shown = key[:80].encode("utf-8", "replace").decode()
        raise RefusedError("malformed-json", f"The key {shown!r} stands twice in one object; which of them counts?")
    return found


def _constant(name: str) -> NoReturn:
    raise RefusedError("malformed-json", f"JSON has no number {name}.")


def _integer(digits: str) -> int | float:
    # Python refuses to read integers of thousands of digits; as a number they are out of every range anyway.
    return int(digits) if len(digits) <= 300 else float("inf")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)


def facts_of(data: Any) -> Any:
    """Return the facts of the request ``{"facts": {…}}``.

    Raises:
        RefusedError: with every fault of its frame.
    """
    return fields_of(data, ["facts"], [], 'the request is {"facts": {name: value, …}}')["facts"]


def fields_of(
    data: Any, required: Sequence[str], optional: Sequence[str], example: str, what: str = "body"
) -> dict[str, Any]:
    """Return a request's object, whose keys are all of the required ones and none but the optional ones beside them.

    Args:
        data: what was read.
        required: keys that must be there.
        optional: keys that may be there.
        example: what a request looks like, for messages.
        what: what messages call it.

    Raises:
        RefusedError: with every fault of its frame.
    """
    if not isinstance(data, dict):
        fault = Fault(code="wrong-type", detail=f"the {what} is no object; {example}")
        raise RefusedError("invalid-situation", f"The {what} must be an object.", [fault])
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
        raise RefusedError("invalid-situation", _summary(found), found)
    return data


def _summary(found: list[Fault]) -> str:
    return f"{len(found)} faults were found." if len(found) > 1 else sentence(found[0].detail)
