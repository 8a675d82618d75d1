"""Comparisons of two situations as an officer reads them: as text or Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from advisor.compare import Comparison, Difference
from advisor.line_states import LineKind
from advisor.report import escaped
from advisor.wording import capital, in_brackets

_SECTIONS: tuple[tuple[str, tuple[LineKind, ...]], ...] = (
    ("Red flags", ("red_flag", "contradiction")),
    ("Recommendations", ("recommendation", "caution")),
    ("Lessons set aside", ("set_aside",)),
    ("Arguments for partners", ("argument",)),
    ("Findings", ("finding",)),
)


def as_markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown."""
    lines = ["# What differs", ""]
    for heading, entries in _sections(comparison):
        lines += [f"## {heading}", ""]
        for sentence, parts in entries:
            lines += [f"- {escaped(sentence)}", *(f"  - {escaped(part)}" for part in parts)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def as_text(comparison: Comparison, width: int = 100) -> str:
    """Return the comparison as plain text of at most ``width`` columns."""
    lines = ["What differs", "============"]

    def write(text: str, mark: str) -> None:
        rest = " " * len(mark)
        lines.extend(textwrap.wrap(text, width, initial_indent=mark, subsequent_indent=rest, break_long_words=False))

    for heading, entries in _sections(comparison):
        lines += ["", heading.upper(), "-" * len(heading)]
        for sentence, parts in entries:
            write(sentence, " - ")
            for part in parts:
                write(part, "    - ")
    return "\n".join(lines) + "\n"


Entry: TypeAlias = "tuple[str, list[str]]"
"""A sentence and what belongs below it."""


def _sections(comparison: Comparison) -> Iterator[tuple[str, list[Entry]]]:
    facts: list[Entry] = [(f"{capital(change.text)}.", []) for change in comparison.facts]
    yield "Facts", facts or [("The situations are the same.", [])]
    for heading, kinds in _SECTIONS:
        found = [one for one in comparison.differences if one.line in kinds]
        if found:
            yield heading, _by_cause(found, alone=len(comparison.facts) == 1)
    if comparison.facts and not comparison.differences:
        yield "Advice", [("The advice is the same.", [])]
    if comparison.questions:
        yield "Questions", [(one.sentence, []) for one in comparison.questions]


def _by_cause(differences: Iterable[Difference], *, alone: bool) -> list[Entry]:
    """Return the differences with those of one cause together; where one fact alone differs it goes without saying."""
    causes: dict[str, list[Difference]] = {}
    for one in differences:
        causes.setdefault(one.cause, []).append(one)
    entries: list[Entry] = []
    for cause, found in causes.items():
        effects = [capital(f"{one.effect}{in_brackets(one.paragraphs)}.") for one in found]
        if alone:
            entries += [(effect, []) for effect in effects]
        elif len(found) == 1:
            entries.append((found[0].sentence, []))
        else:
            entries.append((f"With {cause}:", effects))
    return entries
