"""The catalogue of all that can be wrong with a pack: one file a code in ``advisor/diagnostics/``.

A check says what is wrong where; the catalogue says, for all places alike, how bad it is, what it means, why it
matters and what to do. Beside the entries lie two small packs, ``mini`` and ``later`` (which builds on it), that have
no problem: the examples of an entry are changes to them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from advisor import marked
from advisor.errors import Problem, Severity, UnknownIdError
from advisor.model import Content, KebabId, Line, Text

_FOLDER = Path(__file__).resolve().parent / "diagnostics"
PACKS = _FOLDER / "packs"
"""The small packs to which the examples are changes."""

Group = Literal["files", "yaml", "shape", "names", "facts", "conditions", "rules", "gaps", "scenarios", "packs"]
GROUPS: dict[Group, str] = {
    "files": "Files and folders",
    "yaml": "Writing YAML",
    "shape": "Keys and values",
    "names": "Names",
    "facts": "Facts and labels",
    "conditions": "Conditions",
    "rules": "Rules",
    "gaps": "What is forgotten",
    "scenarios": "Scenarios, examples and invariants",
    "packs": "Packs beside one another",
}
"""The groups in which codes are listed, with their titles."""

_LONGEST_REPAIR = 300

_Written = Annotated[str, StringConstraints(strip_whitespace=False)]


class Change(Content):
    """What an example does to a file of the small pack, in its good and in its bad form.

    Attributes:
        file: path below the pack's folder; files of the second small pack begin with ``later/``.
        was: text that stands in the file once and is replaced; ``good``, if it isn't given. A file that the small
            pack doesn't have is written as a whole, or isn't there where the form is None.
        good: what stands there in the good form.
        bad: what stands there in the bad form.
        made: how the bad form is made where text doesn't tell.
        times: how often the bad form is repeated.
    """

    file: Line
    was: _Written | None = None
    good: _Written | None = None
    bad: _Written | None = None
    made: Literal["alone", "elsewhere", "folder", "latin-1", "link", "many", "removed", "renamed", "utf-16"] | None = (
        None
    )
    times: int = 1


class Diagnostic(Content):
    """An entry of the catalogue."""

    code: KebabId
    group: Group
    severity: Severity
    title: Line
    means: Text
    matters: Text
    repair: Text
    example: tuple[Change, ...] = Field(min_length=1)
    place: Line = Field(description="Where the bad example is reported: file:line:column, or line:column of its file.")
    also: tuple[KebabId, ...] = Field((), description="Other problems that the bad example brings with it.")

    @property
    def placed(self) -> str:
        """``file:line:column`` at which the bad example is reported."""
        return self.place if self.place.count(":") > 1 else f"{self.example[0].file}:{self.place}"


@lru_cache(maxsize=1)
def codes() -> tuple[str, ...]:
    """Return all codes, in the order of the alphabet."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def diagnostic(code: str) -> Diagnostic:
    """Return what the catalogue says of a code.

    Raises:
        UnknownIdError: it has no such code; its text has the nearest one.
    """
    path = _FOLDER / f"{code}.yaml"
    # One file is read, not all: a pack with one accepted warning is loaded as fast as one with none.
    if not code.replace("-", "").isalnum() or not path.is_file():
        raise UnknownIdError("diagnostic", code, codes())
    return Diagnostic.model_validate_json(json.dumps(marked.read(path.read_text(encoding="utf-8"), path.name).data))


def all_diagnostics() -> Iterator[Diagnostic]:
    """Yield the whole catalogue, group by group."""
    entries = [diagnostic(code) for code in codes()]
    for group in GROUPS:
        yield from (entry for entry in entries if entry.group == group)


def completed(problem: Problem) -> Problem:
    """Return a problem with the severity that the catalogue gives its code, and with a repair."""
    if problem.code not in codes():
        return problem
    entry = diagnostic(problem.code)
    meant = f"Write {problem.suggestion} if that is what was meant." if problem.suggestion else ""
    # What was written can be of any length, and a repair that quotes it with it.
    own = problem.repair if len(problem.repair) <= _LONGEST_REPAIR else ""
    return replace(problem, severity=entry.severity, repair=own or meant or entry.repair)
