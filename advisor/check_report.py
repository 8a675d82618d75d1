"""What a check found, as text, as JSON and as annotations of a pull request; ``advisor.sarif`` has SARIF."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from advisor.content import PARTS
from advisor.corpus import Corpus
from advisor.errors import Problem, Severity, printable

MOST_SHOWN = 200
"""How many problems of one pack a text has; JSON and SARIF have all."""
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Attributes:
        corpus: the corpus; None where it is refused.
        found: all problems, sorted by place.
        problems: those that are to be told.
    """

    corpus: Corpus | None
    found: tuple[Problem, ...]
    problems: tuple[Problem, ...]

    def failed(self, strict: bool = False) -> bool:
        """Return whether the check fails: where the corpus is refused, whatever is told; if ``strict`` by warnings."""
        return self.corpus is None or (strict and any(problem.severity == "warning" for problem in self.problems))

    @property
    def summary(self) -> str:
        """What was checked and how many problems there are, in a line."""
        counts = Counter(problem.severity for problem in self.found)
        told = [_count(counts[severity], severity) for severity in ("error", "warning")]
        if self.corpus is not None:
            told = told[1:]
        if counts["info"]:
            told.append(f"{counts['info']} to know")
        untold = len(self.found) - len(self.problems)
        more = f" ({untold} not shown)" if untold else ""
        if self.corpus is None:
            return f"refused: {', '.join(told)}{more}"
        return f"{self.corpus.version}: {_contents(self.corpus)}; {', '.join(told)}{more}"


def chosen(
    corpus: Corpus | None, found: Sequence[Problem], only: Sequence[str] = (), skip: Sequence[str] = ()
) -> Checked:
    """Return what a check found; told are the codes in ``only`` (all codes if it is empty) that are not in ``skip``."""
    told = (problem for problem in found if problem.code not in skip and (not only or problem.code in only))
    return Checked(corpus, tuple(found), tuple(told))


def _contents(corpus: Corpus) -> str:
    kinds = ("rules", "lessons", "places", "facts", "findings", "elements", "precedents")
    return ", ".join(f"{len(getattr(corpus, kind))} {kind}" for kind in kinds)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def as_text(checked: Checked, *, quiet: bool = False) -> Iterator[str]:
    """Yield the lines of a text: each problem with its repair, then a summary; if ``quiet`` the problems alone."""
    shown: Counter[str] = Counter()
    for problem in checked.problems:
        pack = _pack(problem.file)
        shown[pack] += 1
        if shown[pack] <= MOST_SHOWN:
            yield str(problem)
            if problem.repair and not quiet:
                yield printable(f"    repair: {problem.repair}")
    for pack, number in sorted(shown.items()):
        if number > MOST_SHOWN:
            where = f" in {printable(pack)}" if pack else ""
            yield f"and {number - MOST_SHOWN:,} more{where}; --format json has them all"
    if not quiet:
        yield checked.summary


def _pack(file: str) -> str:
    """Return the folder of the pack in which a file lies."""
    parts = file.split("/")
    place = next((index for index, part in enumerate(parts) if part in PARTS), len(parts))
    return "/".join(parts[:place])


def as_json(checked: Checked) -> str:
    """Return everything as JSON."""
    corpus = checked.corpus
    counts = Counter(problem.severity for problem in checked.problems)
    return json.dumps(
        {
            "format": "1",
            "corpus": None if corpus is None else {"version": corpus.version, "digest": corpus.digest},
            "summary": checked.summary,
            "counts": {severity: counts[severity] for severity in SEVERITIES},
            "problems": [problem_data(problem) for problem in checked.problems],
        },
        indent=2,
    )


def problem_data(problem: Problem) -> dict[str, Any]:
    """Return a problem as plain data, without what is empty."""
    data = {key: value for key, value in dataclasses.asdict(problem).items() if value not in (None, "", ())}
    return data | {"message": printable(problem.message), "help": f"/v1/diagnostics/{problem.code}"}


_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def as_annotations(checked: Checked, *, quiet: bool = False) -> Iterator[str]:
    """Yield workflow commands, by which a CI service shows each problem at its line of a pull request."""
    for problem in checked.problems:
        place = {"file": problem.file, "line": problem.line, "col": problem.column, "title": problem.code}
        given = ",".join(f"{key}={_property(str(value))}" for key, value in place.items() if value)
        text = printable(problem.message) + (f"\n{printable(problem.repair)}" if problem.repair else "")
        yield f"::{_LEVELS[problem.severity]} {given}::{_escaped(text)}"
    if not quiet:
        yield checked.summary


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(printable(text)).replace(":", "%3A").replace(",", "%2C")
