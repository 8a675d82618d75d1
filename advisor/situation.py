"""Situations: the facts known of one case, checked against the vocabulary."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from advisor import marked
from advisor.conditions import Facts, Value
from advisor.errors import CorpusError, Problem, SituationError, did_you_mean, listing, pointer
from advisor.model import Fact, SituationFile
from advisor.names import NameLists

MAX_BYTES = 1_000_000
"""A situation with every fact known takes about three thousand bytes."""


def parse(raw: object, vocabulary: Mapping[str, Fact], names: NameLists | None = None) -> Facts:
    """Return the known facts of a situation in canonical form: in the vocabulary's order, sets in its order too.

    Args:
        raw: mapping of fact names to values; null means unknown.
        vocabulary: the facts that may be told.
        names: finds the nearest known names; who reads many situations makes one for all.

    Raises:
        SituationError: with every problem of every fact.
    """
    names = names or NameLists()
    if not isinstance(raw, Mapping):
        message = f"facts are a mapping of fact names to values, not {_type_name(raw)}"
        raise SituationError([Problem("wrong-type", message, value=_short(raw))])
    problems: list[Problem] = []
    known: dict[str, Value] = {}
    for name, value in raw.items():
        fact = vocabulary.get(name) if isinstance(name, str) else None
        if fact is None:
            problems.append(_unknown(name, vocabulary, names))
        elif value is not None:
            wrong = list(_problems(fact, value, names))
            problems += wrong
            if not wrong:
                known[fact.name] = _canonical(fact, value)
    if problems:
        raise SituationError(problems)
    return {name: known[name] for name in vocabulary if name in known}


class Reader:
    """Reads situations by one vocabulary: what ``parse`` gives, sooner, since what facts allow is prepared."""

    def __init__(self, vocabulary: Mapping[str, Fact]) -> None:
        self._vocabulary = dict(vocabulary)
        # For each fact the type of the values that are looked at here; all others are left to ``parse``.
        self._types: dict[str, type] = {name: _PLAIN[fact.type] for name, fact in vocabulary.items()}
        self._allowed = {name: fact.allowed for name, fact in vocabulary.items()}
        self._ranges = {
            name: (
                -math.inf if fact.minimum is None else fact.minimum,
                math.inf if fact.maximum is None else fact.maximum,
            )
            for name, fact in vocabulary.items()
        }

    def read(self, raw: object) -> Facts:
        """Return the known facts of a situation in canonical form, as ``parse`` does.

        Raises:
            SituationError: with every problem of every fact.
        """
        known = self._plain(raw) if type(raw) is dict else None
        return parse(raw, self._vocabulary) if known is None else known

    def _plain(self, raw: dict[Any, Any]) -> Facts | None:
        """Return the known facts, or None where something is wrong or written in another way than JSON's usual one."""
        types, allowed = self._types, self._allowed
        known: dict[str, Value] = {}
        for name, value in raw.items():
            plain, kind = types.get(name), type(value)
            if kind is not plain:  # a boolean is no whole number here
                if value is None and plain is not None:
                    continue
                return None
            if plain is list:
                if len(value) == 1 and type(value[0]) is str and value[0] in allowed[name]:
                    known[name] = (value[0],)
                    continue
                members = tuple([member for member in allowed[name] if member in value]) if value else ()
                if len(members) != len(value):  # some are not allowed, or stand there twice
                    return None
                known[name] = members
                continue
            if plain is str:
                if value not in allowed[name]:
                    return None
            elif plain is int:
                low, high = self._ranges[name]
                if not low <= value <= high:
                    return None
            known[name] = value
        return {name: known[name] for name in types if name in known}


_PLAIN: Mapping[str, type] = {"boolean": bool, "enum": str, "set": list, "integer": int, "number": int}
"""For each type of fact, the type that values have in JSON as a rule."""


def _unknown(name: object, vocabulary: Iterable[str], names: NameLists) -> Problem:
    suggestion = names.nearest(name, "fact", vocabulary)
    shown = _shown_name(name)
    return Problem(
        "unknown-fact",
        f"no fact named {shown!r}{did_you_mean(suggestion)}",
        pointer=pointer([shown]),
        value=shown,
        suggestion=suggestion,
    )


def _shown_name(name: object) -> str:
    return str(_short(name))


def _problems(fact: Fact, value: object, names: NameLists) -> Iterator[Problem]:
    here = pointer([fact.name])

    def problem(code: str, message: str, at: str = here, shown: object = value, **more: Any) -> Problem:
        return Problem(code, message, pointer=at, value=_short(shown), **more)

    match fact.type:
        case "boolean":
            if not isinstance(value, bool):
                message = f"{fact.name} is true or false (or null where unknown), not {_type_name(value)}"
                yield problem("wrong-type", message, allowed=("true", "false"))
        case "enum":
            if not isinstance(value, str):
                message = f"{fact.name} is one word of {listing(fact.allowed)}; not {_type_name(value)}"
                yield problem("wrong-type", message, allowed=fact.allowed)
            elif value not in fact.allowed:
                yield _not_allowed(fact, value, here, names)
        case "set":
            if not isinstance(value, list | tuple | set | frozenset):
                message = f"{fact.name} is a list of {listing(fact.allowed)}; not {_type_name(value)}"
                yield problem("wrong-type", message, allowed=fact.allowed)
                return
            members = value if isinstance(value, list | tuple) else sorted(value, key=lambda one: str(_short(one)))
            for index, member in enumerate(members):
                if not isinstance(member, str):
                    message = f"each entry of {fact.name} is a word, not {_type_name(member)}"
                    at = f"{here}/{index}"
                    yield problem("wrong-type", message, at, member, allowed=fact.allowed)
                elif member not in fact.allowed:
                    yield _not_allowed(fact, member, f"{here}/{index}", names)
        case _:
            yield from _number_problems(fact, value, here)


def _number_problems(fact: Fact, value: object, here: str) -> Iterator[Problem]:
    whole = fact.type == "integer"
    want = "a whole number" if whole else "a number"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or (isinstance(value, float) and not math.isfinite(value)):
        message = f"{fact.name} is {want}, not {_type_name(value)}"
        yield Problem("wrong-type", message, pointer=here, value=_short(value))
        return
    assert isinstance(value, int | float)
    if whole and value != int(value):
        yield Problem("wrong-type", f"{fact.name} is a whole number, not {value}", pointer=here, value=value)
        return
    low, high = fact.minimum, fact.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        message = f"{fact.name} is out of range: {_short(value)} is not from {low} to {high}"
        yield Problem("out-of-range", message, pointer=here, value=_short(value), allowed=(f"{low} to {high}",))


def _not_allowed(fact: Fact, value: str, at: str, names: NameLists) -> Problem:
    suggestion = names.nearest(value, ("value", fact.name), fact.allowed)
    shown = _short(value)
    message = f"{fact.name} has no value {shown!r}{did_you_mean(suggestion)}; allowed: {listing(fact.allowed)}"
    return Problem("value-not-allowed", message, pointer=at, value=shown, allowed=fact.allowed, suggestion=suggestion)


def _canonical(fact: Fact, value: Any) -> Value:
    if fact.type == "set":
        return tuple(member for member in fact.allowed if member in value)
    if fact.type == "integer":
        return int(value)
    if fact.type == "number" and value == int(value):
        return int(value)  # 5 and 5.0 are one number, and one answer
    checked: Value = value
    return checked


def _type_name(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return f"{str(value).lower()} (true or false)"
        case int() | float():
            return f"the number {_short(value)}"
        case str():
            return f"the text {_short(value)!r}"
        case list() | tuple() | set() | frozenset():
            return "a list"
        case Mapping():
            return "a mapping"
        case _:
            return f"a {type(value).__name__}"


def _short(value: object) -> object:
    """Return a value fit to be shown in a message: long text cut, and nothing that JSON can't say."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return (
            value
            if abs(value) < 10**15
            else f"{str(value)[:15]}… ({len(str(value))} digits)"
            if abs(value) < 10**4000
            else "a number of over four thousand digits"
        )
    try:
        text = value if isinstance(value, str) else repr(value)
    except ValueError:  # Python does not print integers of thousands of digits
        return f"a {type(value).__name__} with a number of thousands of digits in it"
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= 80 else f"{text[:80]}…"


def read_file(path: Path | None, text: str) -> tuple[dict[str, Any], marked.Marked]:
    """Read a situation file (YAML or JSON) and return its facts as written, with their marks.

    The file holds the facts themselves, or a mapping with ``facts`` (and ``title`` and ``story``, if you like). So a
    scenario that tells its facts is a situation, too; what it expects is left aside.

    Raises:
        SituationError: it isn't YAML or JSON, or isn't a situation.
    """
    file = str(path) if path else "<stdin>"
    try:
        document = marked.read(text, file)
    except CorpusError as error:
        raise SituationError(error.problems) from error
    data = document.data
    if isinstance(data, dict) and "facts" not in data and {"example", "expect"} <= set(data):
        message = f"this scenario takes its facts from an example: examples/{data['example']}.yaml; name that file"
        raise SituationError([document.problem("scenario-shape", message, ("example",))])
    if isinstance(data, dict) and "facts" in data:
        # A scenario tells a situation, too, and what is expected of the advice on it.
        stray = [key for key in data if key not in (*SituationFile.model_fields, "expect")]
        if stray:
            beside = listing([key for key in SituationFile.model_fields if key != "facts"])
            raise SituationError(
                document.problem("unknown-key", f"no key {key!r} beside facts; allowed: {beside}", (key,))
                for key in stray
            )
        data = data["facts"]
    if data is None:
        data = {}
    if not isinstance(data, dict):
        message = f"a situation is a mapping of fact names to values, not {_type_name(data)}"
        raise SituationError([document.problem("wrong-type", message)])
    return data, document


def parse_file(path: Path | None, text: str, vocabulary: Mapping[str, Fact]) -> Facts:
    """Read a situation file and check it; problems carry the file's line and column.

    Raises:
        SituationError: with every problem.
    """
    raw, document = read_file(path, text)
    prefix: marked.Path = ("facts",) if isinstance(document.data, dict) and "facts" in document.data else ()
    names = {pointer([_shown_name(name)]): name for name in raw}
    try:
        return parse(raw, vocabulary)
    except SituationError as error:
        placed = []
        for problem in error.problems:
            fact, *entry = problem.pointer.split("/")[1:]
            where: marked.Path = (*prefix, names[f"/{fact}"], *(int(index) for index in entry))
            line, column = document.where(where)
            placed.append(
                Problem(
                    problem.code,
                    problem.message,
                    document.file,
                    line,
                    column,
                    problem.pointer,
                    problem.value,
                    problem.allowed,
                    problem.suggestion,
                )
            )
        raise SituationError(placed) from error


def title_in(path: Path | None, text: str) -> str:
    """Return what the case in a situation file is called; nothing where the file doesn't say.

    Raises:
        SituationError: as for ``read_file``.
    """
    data = read_file(path, text)[1].data
    title = data.get("title") if isinstance(data, dict) and "facts" in data else None
    return title if isinstance(title, str) else ""


_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json(facts: Facts) -> str:
    """Return the canonical JSON text of known facts: the input of digests."""
    return _as_json(dict(facts))


def written(facts: Facts) -> dict[str, Any]:
    """Return canonical facts as they are written in YAML or JSON: sets as lists."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in facts.items()}


def in_a_line(given: Mapping[str, Any]) -> str:
    """Return facts as the ``given`` of a test has them, on one line of YAML."""
    return "{" + ", ".join(f"{name}: {_in_a_line(value)}" for name, value in given.items()) + "}"


def _in_a_line(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)
