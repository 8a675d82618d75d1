"""What can be wrong with content or with a situation, said to the person who wrote it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from advisor.names import Names

Severity = Literal["error", "warning", "info"]

_LONG = 80


@dataclass(frozen=True, slots=True)
class Fix:
    """What to write instead, where that is known to the letter.

    Attributes:
        line: one-based line of what is replaced.
        column: one-based column at which it starts.
        end_column: the column after its last character, on the same line.
        text: what to write there.
    """

    line: int
    column: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        code: stable kebab-case name of the kind of problem, e.g. ``unknown-fact``.
        message: a sentence for the author, with what is allowed and the nearest known name.
        file: path of the file as the author would type it; empty for a request.
        line: one-based line, 0 where there is none.
        column: one-based column, 0 where there is none.
        pointer: JSON pointer (RFC 6901) of the field inside the file or the request.
        value: the offending value, where showing it helps.
        allowed: what may stand there instead, if that can be listed.
        suggestion: the nearest known name.
        severity: an ``error`` refuses the input, a ``warning`` doesn't, an ``info`` is not even doubtful.
        repair: what to write instead; empty where the message says it all.
        fix: the same to the letter, where the nearest known name is what was meant.
        of: id of the rule, lesson, fact … in which it stands.
    """

    code: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    pointer: str = ""
    value: object = None
    allowed: tuple[str, ...] = ()
    suggestion: str | None = None
    severity: Severity = field(default="error")
    repair: str = ""
    fix: Fix | None = None
    of: str = ""

    def __str__(self) -> str:
        """Return ``path:line:column: severity: message (code)``, as compilers and linters print it."""
        place = ":".join(part for part in (self.file, str(self.line or ""), str(self.column or "")) if part)
        start = f"{place}: " if place else f"{self.pointer}: " if self.pointer else ""
        return printable(f"{start}{self.severity}: {self.message} ({self.code})")


class AdvisorError(Exception):
    """Base of all errors that are meant for the caller; its text can be shown as it is."""


class ProblemsError(AdvisorError):
    """Input that was refused, with every problem found in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[ProblemsError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class CorpusError(ProblemsError):
    """The content of one or more packs was refused as a whole."""


class SituationError(ProblemsError):
    """A situation was refused: a fact is unknown, of the wrong type, or has a value that is not allowed."""


class UnknownIdError(AdvisorError, LookupError):
    """Nothing in the corpus has this id."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.suggestion = nearest(name, known)
        super().__init__(f"no {kind} {name!r}{did_you_mean(self.suggestion)}")


def nearest(name: object, known: Iterable[str] | Names) -> str | None:
    """Return the known name most like ``name``, or None where none is near.

    Case and the difference between ``-``, ``_`` and a space are forgiven. Who asks often makes ``Names`` once.
    """
    return (known if isinstance(known, Names) else Names(known)).nearest(name)


def did_you_mean(suggestion: str | None) -> str:
    """Return the tail of a message that offers ``suggestion``."""
    return f"; did you mean {suggestion!r}?" if suggestion else ""


def printable(text: str) -> str:
    """Return text with all that would steer a terminal, hide or turn other text written as its code point."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character == "\n" else character.encode("unicode_escape").decode()
        for character in text
    )


def quoted(text: str) -> str:
    """Return text in quotes for a message, on one line and cut where it is long."""
    short = text if len(text) <= _LONG else f"{text[:_LONG]}…"
    escaped = printable(short.replace("\\", "\\\\")).replace("\n", "\\n")
    return f'"{escaped}"' if "'" in escaped and '"' not in escaped else f"'{escaped}'"


def shown(value: object) -> str:
    """Return a value that was read from YAML or JSON as a message speaks of it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return quoted(value)
        case int() if abs(value) >= 10**15:
            return "a number of more than fifteen digits"
        case float() if not math.isfinite(value):
            return "a number that is not finite"
        case int() | float():
            return str(value)
        case list() | tuple() | set() | frozenset():
            return "a list" if value else "an empty list"
        case _:
            return "a mapping" if value else "an empty mapping"


def listing(names: Sequence[str], limit: int = 20) -> str:
    """Return ``a, b, c`` for a message, cut after ``limit`` names."""
    shown = ", ".join(names[:limit])
    return f"{shown}, and {len(names) - limit} more" if len(names) > limit else shown


def pointer(path: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) for a path of keys and indexes."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
