"""One situation of many: how a line tells it, and the line with which it is answered.

A line that can't be answered is answered with what is wrong with it, in the service's words.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import Field

from advisor.advice import answer_to
from advisor.answer import Advice, Part
from advisor.brief import Brief
from advisor.corpus import Corpus
from advisor.errors import SituationError
from advisor.refusal import Fault, RefusedError, refusal_of
from advisor.request import fields_of, parse_json
from advisor.situation import MAX_BYTES

Select = Literal["full", "brief"]
"""What is given of each answer: all of it, or what ``Brief`` has."""

Id: TypeAlias = str | int | float
"""What a line is called by whoever wrote it."""

_EXAMPLE = 'a line is {"facts": {name: value, …}}, with an "id" beside the facts if you like'


class Refusal(Part):
    """Why a line has no answer: what the service says of such a request, without the status."""

    type: str = Field(description="Where the service describes this kind of problem.")
    detail: str = Field(description="What is wrong, for the person who wrote the line.")
    errors: tuple[Fault, ...] = Field((), description="Every fault, with its field.")


class AnsweredLine(Part):
    """One line of the answer to many situations: an answer, its brief form, or what is wrong."""

    line: int = Field(description="The line of the input, or the row of a table, counted from 1.")
    id: Id | None = Field(None, description="The line's id, where it has one.")
    advice: Advice | None = Field(None, description="The answer.")
    brief: Brief | None = Field(None, description="Its brief form, if that was asked for.")
    problem: Refusal | None = Field(None, description="Why there is no answer.")


@dataclass(frozen=True, slots=True)
class Record:
    """A situation as a line tells it.

    Attributes:
        line: the number of the line, from 1.
        facts: the facts as they are written, not checked.
        id: what the line is called by whoever wrote it.
        refusal: why the facts can't be read.
    """

    line: int
    facts: Any = None
    id: Id | None = None
    refusal: RefusedError | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A line and its answer.

    Attributes:
        line: the number of the line, from 1.
        id: what the line is called by whoever wrote it.
        advice: the answer as JSON text; empty where it wasn't asked for.
        brief: its brief form, if that was asked for.
        refusal: why there is no answer.
    """

    line: int
    id: Id | None
    advice: bytes = b""
    brief: Brief | None = None
    refusal: RefusedError | None = None

    def json_line(self) -> bytes:
        """Return the line of output."""
        start = b'{"line":%d' % self.line
        if self.id is not None:
            start += b',"id":' + _json(self.id)
        if self.refusal is not None:
            return start + b',"problem":' + problem_json(self.refusal) + b"}\n"
        if self.brief is not None:
            return start + b',"brief":' + self.brief.model_dump_json().encode() + b"}\n"
        return start + b',"advice":' + self.advice + b"}\n"


def answered(record: Record, corpus: Corpus, *, full: bool, brief: bool) -> Answered:
    """Return the answer to a line, or why there is none; nothing that a line tells raises an error.

    Args:
        record: the line.
        corpus: what to advise from.
        full: whether to give the whole answer.
        brief: whether to give its brief form.
    """
    if record.refusal is not None:
        return Answered(record.line, record.id, refusal=record.refusal)
    try:
        answer = answer_to(record.facts, corpus)
        told = answer.written() if full else b""
        return Answered(record.line, record.id, told, answer.brief() if brief else None)
    except SituationError as error:
        return Answered(record.line, record.id, refusal=refusal_of(error))
    except Exception as error:
        # One line on which the program fails doesn't take the others with it; the service does the same.
        refusal = RefusedError("internal-error", f"A bug: {type(error).__name__}. Please report it.")
        return Answered(record.line, record.id, refusal=refusal)


def problem_json(refusal: RefusedError) -> bytes:
    """Return a refusal as JSON text."""
    problem = Refusal(type=f"/v1/problems/{refusal.kind}", detail=refusal.detail, errors=refusal.errors)
    return problem.model_dump_json(exclude_defaults=True).encode()


def read_line(number: int, raw: bytes | int) -> Record:
    """Return the situation that a line of JSON tells.

    Args:
        number: the number of the line.
        raw: the line; of one that is too long to be kept, how many bytes it has.
    """
    if isinstance(raw, int):
        return too_long(number, raw)
    id_: Id | None = None
    try:
        data = parse_json(raw, "line")
        if isinstance(data, dict) and "id" in data:
            id_ = checked_id(data["id"])
        return Record(number, fields_of(data, ["facts"], ["id"], _EXAMPLE, "line")["facts"], id_)
    except RefusedError as error:
        return Record(number, id=id_, refusal=error)


def checked_id(raw: object) -> Id | None:
    """Return the id of a line.

    Raises:
        RefusedError: it is neither a text nor a number.
    """
    if raw is None or isinstance(raw, str) or (isinstance(raw, int) and not isinstance(raw, bool)):
        return raw
    if isinstance(raw, float) and math.isfinite(raw):
        return raw
    fault = Fault(code="wrong-type", detail="the id of a line is a text or a number", pointer="/id")
    raise RefusedError("invalid-situation", "The id of a line is a text or a number.", [fault])


def too_long(number: int, size: int) -> Record:
    """Return what is known of a line that is longer than any situation."""
    detail = f"The line has {size:,} bytes; it may have at most {MAX_BYTES:,}."
    return Record(number, refusal=RefusedError("body-too-large", detail))


def _json(id_: Id) -> bytes:
    try:
        return json.dumps(id_, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(id_).encode()  # half a surrogate pair, which only an escape can say


class LineSplitter:
    """Cuts bytes that come in blocks into lines; of a line that is longer than any situation only the length is kept.

    Attributes:
        size: how many bytes the lines had that were yielded, their ends included.
    """

    def __init__(self) -> None:
        self.size = 0
        self._rest = bytearray()
        self._passed = 0  # bytes of a line that is too long, and was not kept

    def feed(self, block: bytes) -> Iterator[bytes | int]:
        """Yield the lines that end in a block, without their ends; the length of those too long."""
        first, *others = block.split(b"\n")
        if not others:
            self._keep(first)
            return
        self._keep(first)
        yield self._line(1)
        *whole, last = others
        for line in whole:
            self.size += len(line) + 1
            yield line if len(line) <= MAX_BYTES else len(line)
        self._keep(last)

    def end(self) -> Iterator[bytes | int]:
        """Yield the last line, where it has no end."""
        if self._rest or self._passed:
            yield self._line(0)

    def _keep(self, part: bytes) -> None:
        if self._passed or len(self._rest) + len(part) > MAX_BYTES:
            self._passed += len(self._rest) + len(part)
            self._rest.clear()
        else:
            self._rest += part

    def _line(self, end: int) -> bytes | int:
        line: bytes | int = self._passed or bytes(self._rest)
        self.size += (line if isinstance(line, int) else len(line)) + end
        self._rest.clear()
        self._passed = 0
        return line
