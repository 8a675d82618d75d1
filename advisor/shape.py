"""What is wrong with the shape of a file, in an author's words: pydantic's errors translated, each at its place."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from advisor import marked
from advisor.errors import Problem, did_you_mean, listing, quoted, shown
from advisor.names import NameLists

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_NAMES_LOOK = {
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$": "small letters and digits, a letter first, words joined by -: early-support",
    r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$": "small letters and digits, a letter first, words joined by _: host_state",
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "small letters and digits, words joined by -: 16 or box-kosovo",
    r"^([a-z0-9-]+:)?[a-z0-9]+(-[a-z0-9]+)*$": "the id of a place, or source:place: 16 or amman-2011:16",
    r"^[A-Z][A-Z0-9]{0,7}$": "one to eight capital letters and digits, a letter first: A or GCR",
    r"^\d+\.\d+\.\d+$": "three numbers with dots between them: 1.0.0",
    r"^[0-9a-f]{64}$": "64 digits of a SHA-256, as `advisor source` prints them",
}
"""What names that must match a pattern look like, in words."""


def no_mapping(model: type[BaseModel], document: marked.Marked) -> Problem:
    """Return the problem of a file that holds no mapping."""
    keys = listing(list(model.model_fields))
    what = "the file is empty" if document.data is None else f"the file holds {shown(document.data)}, and no mapping"
    if document.data is None and document.text.strip():
        what = "the file has nothing but remarks in it"
    code = "empty-file" if document.data is None else "wrong-type"
    repair = f"Write key: value, line by line, beginning with {next(iter(model.model_fields))}: …"
    return document.problem(code, f"{what}; expected keys: {keys}", repair=repair)


def problems_of(error: ValidationError, model: type[BaseModel], document: marked.Marked) -> Iterator[Problem]:
    """Yield what is wrong with a document that is no ``model``."""
    details = error.errors(include_url=False)
    said = _Translator(model, document)
    outer = {detail["loc"][:length] for detail in details for length in range(len(detail["loc"]))}
    # A list of which no item could be read is not therefore empty.
    told = [detail for detail in details if not (detail["type"] == "too_short" and detail["loc"] in outer)]
    # A key that is only misspelt is not missing, too.
    meant = {(*detail["loc"][:-1], said.meant(detail)) for detail in told if detail["type"] == "extra_forbidden"}
    told = [detail for detail in told if not (detail["type"] == "missing" and detail["loc"] in meant)]
    for detail in told[: marked.MAX_PROBLEMS]:
        yield said.problem(detail)
    if len(told) > marked.MAX_PROBLEMS:
        last = said.problem(told[marked.MAX_PROBLEMS])
        message = f"the file has {len(told):,} problems; those from here on are left out"
        yield Problem("too-many-problems", message, last.file, last.line, last.column, last.pointer)


class _Translator:
    """Translates the errors of one document."""

    def __init__(self, model: type[BaseModel], document: marked.Marked) -> None:
        self.model = model
        self.document = document
        self.names = NameLists()

    def meant(self, detail: ErrorDetails) -> str | None:
        """Return the key that a key which doesn't exist may have been meant for."""
        path: marked.Path = tuple(part for part in detail["loc"] if isinstance(part, str | int))
        known = tuple(_keys(self.model, path[:-1]))
        return self.names.nearest(path[-1], known, known)

    def problem(self, detail: ErrorDetails) -> Problem:
        """Translate one of pydantic's errors: what is wrong, what is allowed, the nearest known name."""
        path: marked.Path = tuple(part for part in detail["loc"] if isinstance(part, str | int))
        kind, value = detail["type"], detail["input"]
        name = _name(path)

        def say(code: str, message: str, repair: str = "", **more: Any) -> Problem:
            return self.document.problem(code, message, path, repair=repair, **more)

        if kind == "missing":
            message = f"the key {name} is missing"
            return self.document.problem("missing-key", message, path[:-1], repair=f"Add {path[-1]}: …")
        if path and path[-1] == "[key]":  # a key of a mapping that allows only some
            path = path[:-1]
            return self.not_allowed(str(path[-1]), detail, path, f"a key of {_name(path[:-1])}")
        if kind == "extra_forbidden":
            return self.unknown_key(path)
        if kind == "literal_error":
            return self.not_allowed(value, detail, path, name)
        if kind in _WANTED:
            return say("wrong-type", f"{name} takes {_WANTED[kind]}, {_found(value)}", _retyped(kind, value, path))
        if kind == "string_pattern_mismatch":
            looks = _NAMES_LOOK.get(str(detail["ctx"]["pattern"]), "small letters, digits and hyphens")
            message = f"{quoted(value)} is not a fit name for {name}"
            return say("bad-name", message, f"A fit name is {looks}.", value=value)
        if kind in ("string_too_short", "too_short"):
            return say("empty", f"{name} must not be empty")
        if kind == "string_too_long":
            return say("too-long", f"{name} has more than {detail['ctx']['max_length']:,} characters")
        if kind == "too_long":
            return say("too-long", f"{name} has more than {detail['ctx']['max_length']:,} entries")
        if kind == "greater_than_equal":
            return say("out-of-range", f"{name} is {shown(value)}; it must be at least {detail['ctx']['ge']}")
        if kind == "less_than_equal":
            return say("out-of-range", f"{name} is {shown(value)}; it must be at most {detail['ctx']['le']}")
        return say("wrong-type", f"{name} cannot be {shown(value)}")

    def unknown_key(self, path: marked.Path) -> Problem:
        key = str(path[-1])
        known = tuple(_keys(self.model, path[:-1]))
        suggestion = self.names.nearest(key, known, known)
        allowed = f"; allowed: {listing(known)}" if known else ""
        message = f"no key {quoted(key)} here{did_you_mean(suggestion)}{allowed}"
        home = next((name for name in known if key in _keys(self.model, (*path[:-1], name))), None)
        repair = f"{key} belongs to an entry of {home}: indent it as the other lines of the entry are." if home else ""
        more = {"value": key, "allowed": known, "suggestion": suggestion}
        return self.document.problem("unknown-key", message, path, repair=repair, **more)

    def not_allowed(self, value: object, detail: ErrorDetails, path: marked.Path, name: str) -> Problem:
        allowed = tuple(re.findall(r"'([^']*)'", str(detail["ctx"]["expected"])))
        suggestion = self.names.nearest(value, allowed, allowed)
        message = f"{name} is one of {listing(allowed)}; not {shown(value)}{did_you_mean(suggestion)}"
        more = {"value": value, "allowed": allowed, "suggestion": suggestion}
        return self.document.problem("value-not-allowed", message, path, **more)


def _found(value: object) -> str:
    return "and here is nothing" if value is None else f"not {shown(value)}"


def _retyped(kind: str, value: object, path: marked.Path) -> str:
    """Return how a value of the wrong type may have been meant."""
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    wanted = _WANTED[kind]
    match value:
        case bool() | int() | float() if wanted == "text":
            return f'Put it in quotes: "{shown(value)}".'
        case str() if wanted == "a list" and re.match(r"-[^\s-]", value):
            return "Write a space after the dash of each entry."
        case str() | bool() | int() | float() if wanted == "a list":
            return f"Write {key}: [{value}]" if isinstance(value, str) else f"Write {key}: [{shown(value)}]"
        case str() if wanted == "a mapping" and re.match(r"[\w-]+:\S", value):
            return "Write a space after the colon."
        case list() if wanted == "a mapping":
            return "Take the dash away, and write key: value."
        case dict() if wanted == "a list":
            return "Write a dash before each entry."
        case str() if wanted == "true or false" and value in ("true", "false"):
            return f"Write {value} without quotes."
        case str() if wanted in ("a whole number", "a number") and re.fullmatch(r"-?\d+([.,]\d+)?", value):
            return "Write the number without quotes."
        case str() if re.fullmatch(r"\d{1,3}([,' .]\d{3})+", value):
            return f"Write it without separators: {re.sub(r'[^0-9]', '', value)}."
        case None:
            return f"Write a value after the colon, or take {key}: away." if key else ""
    return ""


def _name(path: marked.Path) -> str:
    """Return what the part at ``path`` is called: its key, or its place in the list that has one."""
    match path:
        case ():
            return "the file"
        case (*_, str(key), int(index)):
            return f"entry {index + 1} of {key}"
        case _:
            return quoted(str(path[-1]))


def _keys(model: type[BaseModel], path: marked.Path) -> list[str]:
    """Return the keys that the model has at ``path``."""
    current: Any = model
    for step in path:
        if isinstance(step, int):
            continue
        fields = getattr(current, "model_fields", {})
        if step not in fields:
            return []
        current = _inner_model(fields[step].annotation)
    return list(getattr(current, "model_fields", {}))


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, tuple, list):
        return next((found for part in get_args(annotation) if (found := _inner_model(part)) is not None), None)
    return None
