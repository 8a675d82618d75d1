"""Diffs as a reviewer reads them: as text, or as Markdown for a pull request."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from advisor.both_sides import LineChange, ToldSituation
from advisor.content_changes import ContentChange
from advisor.diff import Cause, Diff, Effect, Firing, Refused, SituationChange
from advisor.line_states import said
from advisor.probes import Origin
from advisor.report import escaped
from advisor.told_lines import ToldChange, ToldKind
from advisor.wording import capital, in_brackets, joined, quoted

MAX_SHOWN = 240
"""How many letters of a changed value are shown; JSON has all."""
MAX_SILENT = 20

_KIND_WORDS: Mapping[str, tuple[str, str]] = {
    "packs": ("pack", "Packs"),
    "sources": ("source", "Sources"),
    "places": ("paragraph", "Paragraphs"),
    "references": ("reference", "References"),
    "fact_groups": ("group of facts", "Groups of facts"),
    "facts": ("fact", "Facts"),
    "values": ("value", "Values of facts"),
    "findings": ("finding", "Findings"),
    "element_groups": ("heading", "Headings"),
    "elements": ("element", "Elements"),
    "lessons": ("lesson", "Lessons"),
    "precedents": ("precedent", "Precedents"),
    "topics": ("topic", "Topics"),
    "rules": ("rule", "Rules"),
    "invariants": ("invariant", "Invariants"),
    "examples": ("example", "Examples"),
    "scenarios": ("scenario", "Scenarios"),
}
_ORIGIN_WORDS: Mapping[Origin, str] = {
    "example": "the example",
    "scenario": "the scenario",
    "rule_test": "a test of the rule",
    "drawn": "drawn,",
}
_LINE_WORDS: Mapping[ToldKind, str] = {
    "red_flag": "the red flag ",
    "contradiction": "the clash of facts ",
    "recommendation": "",
    "caution": "the warning ",
    "set_aside": "the lesson ",
    "argument": "the argument ",
    "precedent": "the precedent ",
}
_ADDS: Mapping[ToldKind, tuple[str, str]] = {
    "red_flag": ("raises", "no longer raises"),
    "contradiction": ("reports", "no longer reports"),
    "recommendation": ("recommends", "no longer recommends"),
    "caution": ("gives", "no longer gives"),
    "set_aside": ("has", "no longer has, as set aside,"),
    "argument": ("gives", "no longer gives"),
    "precedent": ("points to", "no longer points to"),
}
_DOES: Mapping[ToldChange, str] = {
    "set_aside": "sets aside {}",
    "restored": "no longer sets aside {}",
    "turned": "turns {}",
    "strengthened": "strengthens {}",
    "weakened": "weakens {}",
    "made_headline": "makes {} a headline",
    "no_longer_headline": "no longer has {} among the headlines",
    "made_provisional": "makes {} provisional",
    "no_longer_provisional": "makes {} no longer provisional",
    "provisional_otherwise": "lets {} hang on other unknown facts",
    "newly_pressing": "makes {} pressing",
    "no_longer_pressing": "makes {} no longer pressing",
    "other_safeguards": "prints other safeguards with {}",
    "other_reasons": "gives other reasons for {}",
    "reworded": "says {} in other words",
    "moved": "puts {} elsewhere in the outline",
}


class _Writer(Protocol):
    def title(self, text: str) -> None:
        """Write the title."""

    def heading(self, text: str, depth: int) -> None:
        """Write a heading; 1 for a section."""

    def paragraph(self, text: str) -> None:
        """Write a paragraph."""

    def item(self, text: str, depth: int = 0) -> None:
        """Write an entry of a list."""

    def code(self, text: str) -> None:
        """Write data as it is."""

    def name(self, text: str) -> str:
        """Return an id as it is set off from words."""

    def words(self, text: str) -> str:
        """Return words as they are."""

    def result(self) -> str:
        """Return all that was written."""


def as_text(diff: Diff, width: int = 100) -> str:
    """Return the diff as plain text of at most ``width`` columns, but for data."""
    return _write(diff, _Text(width))


def as_markdown(diff: Diff) -> str:
    """Return the diff as Markdown."""
    return _write(diff, _Markdown())


def verdict(diff: Diff) -> str:
    """Return on how many situations the advice differs, in a sentence or two."""
    total = diff.tried.total
    if not diff.situations:
        differs = f"The advice is the same in all {_count(total, 'situation')}."
    else:
        differs = f"The advice differs in {len(diff.situations):,} of {_count(total, 'situation')}."
    if diff.refused:
        count = len(diff.refused)
        differs += f" {_count(count, 'situation')} can no longer be told."
    return differs


class _Text:
    def __init__(self, width: int) -> None:
        self._width = max(60, width)
        self._lines: list[str] = []

    def title(self, text: str) -> None:
        self._lines += [text, "=" * min(len(text), self._width)]

    def heading(self, text: str, depth: int) -> None:
        self._lines += ["", *textwrap.wrap(text.upper() if depth == 1 else text, self._width)]
        if depth == 1:
            self._lines.append("-" * min(len(text), self._width))

    def paragraph(self, text: str) -> None:
        self._lines += textwrap.wrap(text, self._width)

    def item(self, text: str, depth: int = 0) -> None:
        mark = f"{'  ' * depth} - "
        rest = " " * len(mark)
        self._lines += textwrap.wrap(
            text, self._width, initial_indent=mark, subsequent_indent=rest, break_long_words=False
        )

    def code(self, text: str) -> None:
        self._lines.append(f"    {text}")

    def name(self, text: str) -> str:
        return text

    def words(self, text: str) -> str:
        return text

    def result(self) -> str:
        return "\n".join(self._lines) + "\n"


class _Markdown:
    def __init__(self) -> None:
        self._lines: list[str] = []

    def title(self, text: str) -> None:
        self._lines += [f"# {text}", ""]

    def heading(self, text: str, depth: int) -> None:
        self._block(f"{'#' * (depth + 1)} {text}")

    def paragraph(self, text: str) -> None:
        self._block(text)

    def item(self, text: str, depth: int = 0) -> None:
        self._lines.append(f"{'  ' * depth}- {text}")

    def code(self, text: str) -> None:
        self._block(f"```json\n{text}\n```")

    def name(self, text: str) -> str:
        # A name with a backtick in it can only come from outside: a folder, a revision.
        return f"`{text}`" if "`" not in text else f"`` {text} ``"

    def words(self, text: str) -> str:
        return escaped(text)

    def result(self) -> str:
        return "\n".join(self._lines).rstrip("\n") + "\n"

    def _block(self, text: str) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")
        self._lines += [text, ""]


def _write(diff: Diff, writer: _Writer) -> str:
    _Report(diff, writer).write()
    return writer.result()


class _Report:
    def __init__(self, diff: Diff, writer: _Writer) -> None:
        self._diff = diff
        self._writer = writer
        self._name = writer.name
        self._words = writer.words

    def write(self) -> None:
        diff, writer = self._diff, self._writer
        writer.title(f"What changes from {self._name(diff.old.name)} to {self._name(diff.new.name)}")
        if diff.old.corpus.version != diff.new.corpus.version:
            writer.paragraph(self._words(f"{diff.old.corpus.version} → {diff.new.corpus.version}"))
        writer.paragraph(f"{self._words(verdict(diff))} {self._tried()}")
        self._content()
        if diff.causes or diff.silent or diff.refused:
            writer.heading("Advice", 1)
        for refused in _by_problem(diff.refused):
            self._refused(refused)
        for cause in diff.causes:
            self._cause(cause)
        if diff.silent:
            self._silent()

    def _tried(self) -> str:
        tried = self._diff.tried
        parts = [
            _count(tried.example, "example"),
            _count(tried.scenario, "scenario"),
            f"{_count(tried.rule_test, 'situation')} of tests of rules",
            f"{tried.drawn:,} drawn",
        ]
        less = f" {tried.told_less:,} of them tell what the old side does not know; it reads the rest."
        return f"Tried: {joined(parts)}.{less if tried.told_less else ''}"

    # --- content ---

    def _content(self) -> None:
        self._writer.heading("Content", 1)
        if not self._diff.content:
            self._writer.paragraph("Nothing changed.")
        kinds = dict.fromkeys(one.kind for one in self._diff.content)
        for kind in kinds:
            self._writer.heading(_kind_words(kind)[1], 2)
            for one in self._diff.content:
                if one.kind == kind:
                    self._entry(one)

    def _entry(self, one: ContentChange) -> None:
        title = f" {self._words(one.title)}" if one.title not in ("", one.id) else ""
        pack = f" (pack {self._name(one.pack)})" if one.pack and len(self._diff.new.corpus.packs) > 1 else ""
        self._writer.item(f"{one.change}: {self._name(one.id)}{title}{pack}")
        for key in one.keys:
            self._writer.item(f"{self._name(key.key)}: {self._words(_cut(key.text))}", 1)

    # --- advice ---

    def _refused(self, refused: Sequence[Refused]) -> None:
        count = len(refused)
        self._writer.heading(f"Can no longer be told: {_count(count, 'situation')}", 2)
        for problem in refused[0].problems:
            self._writer.item(self._words(problem))
        first = min(refused, key=lambda one: len(one.situation.facts))
        self._situation(first.situation)

    def _cause(self, cause: Cause) -> None:
        writer = self._writer
        kind, _, name = cause.ref.partition(":")
        called = f"{capital(_kind_words(kind)[0])} {self._name(name)}" if name else cause.title
        title = f": {self._words(cause.title)}" if name and cause.title not in ("", name) else ""
        writer.heading(f"{called} ({cause.change}){title}", 2)
        said_of = f"The advice differs through it in {_count(cause.situations, 'situation')}."
        writer.paragraph(said_of + (f" {_firing(cause.fires)}" if cause.fires else ""))
        for text in self._effects(cause.effects):
            writer.item(text)
        self._example(cause.example)

    def _effects(self, effects: Iterable[Effect]) -> Iterator[str]:
        """Yield what a cause does: lines that come, go and change one by one, the rest a kind at a time."""
        folded: dict[tuple[bool, ToldChange], list[Effect]] = {}
        for effect in effects:
            if effect.displaced or effect.change in ("other_reasons", "reworded", "moved"):
                folded.setdefault((effect.displaced, effect.change), []).append(effect)
                continue
            by = f", by way of {joined([self._name(rule) for rule in effect.through])}" if effect.through else ""
            done = _does(effect.line, effect.change, self._words(quoted(effect.title)))
            places = self._words(in_brackets(effect.paragraphs))
            yield f"{done}{places} in {_count(effect.situations, 'situation')}{by}"
        for (displaced, change), found in folded.items():
            lines = [
                f"{_LINE_WORDS[one.line]}{self._words(quoted(one.title))} ({one.situations:,})"
                for one in sorted(found, key=lambda one: -one.situations)
            ]
            start = "by that " if displaced else ""
            if change == "made_headline":
                yield f"{start}makes headlines of {joined(lines)}"
            else:
                yield f"{start}{_DOES[change].format(joined(lines))}"

    def _example(self, example: SituationChange) -> None:
        self._situation(example.situation)
        for change in example.changes:
            if not change.displaced or len(example.changes) == 1:
                self._writer.item(self._line(change))

    def _situation(self, told: ToldSituation) -> None:
        origin = _ORIGIN_WORDS[told.origin]
        rule, _, test = told.name.partition(": ")
        if told.origin == "rule_test":
            where = f"{origin} {self._name(rule)}, {self._words(quoted(test))}"
        else:
            where = f"{origin} {told.name if told.origin == 'drawn' else self._name(told.name)}"
        self._writer.paragraph(f"For instance ({where}):")
        self._writer.code(json.dumps(told.facts, ensure_ascii=False))

    def _line(self, change: LineChange) -> str:
        done = _does(change.line, change.change, self._words(quoted(change.title)))
        was, now = said(change.before), said(change.after)
        if change.change in ("strengthened", "weakened", "turned"):
            done += f" from {quoted(was)} to {quoted(now)}"
        elif change.change == "added" and now:
            done += f" ({now})"
        places = self._words(in_brackets(change.paragraphs))
        by = f", by way of {joined([self._name(rule) for rule in change.through])}" if change.through else ""
        return f"{done}{places}{by}"

    def _silent(self) -> None:
        names = [self._name(ref.partition(":")[2]) for ref in self._diff.silent]
        shown = names[:MAX_SILENT] + ([f"{len(names) - MAX_SILENT} more"] if len(names) > MAX_SILENT else [])
        self._writer.heading("Changed, and no situation shows it", 2)
        self._writer.item(joined(shown))


def _does(line: ToldKind, change: ToldChange, title: str) -> str:
    title = f"{_LINE_WORDS[line]}{title}"
    if change in ("added", "dropped"):
        return f"{_ADDS[line][change == 'dropped']} {title}"
    return _DOES[change].format(title)


def _kind_words(kind: str) -> tuple[str, str]:
    return _KIND_WORDS.get(kind, (kind.replace("_", " ").removesuffix("s"), kind.replace("_", " ").capitalize()))


def _firing(fires: Firing) -> str:
    if fires.newly or fires.no_longer:
        parts = [f"in {fires.newly:,} where it did not" if fires.newly else ""]
        parts += [f"no longer in {fires.no_longer:,} where it did" if fires.no_longer else ""]
        return f"It fires in {_count(fires.after, 'situation')}: {joined([part for part in parts if part])}."
    return f"It fires in {_count(fires.after, 'situation')}, as it did."


def _by_problem(refused: Iterable[Refused]) -> list[list[Refused]]:
    """Return the situations that can't be told any more by why they can't."""
    found: dict[tuple[str, ...], list[Refused]] = {}
    for one in refused:
        found.setdefault(one.problems, []).append(one)
    return sorted(found.values(), key=lambda same: (-len(same), same[0].problems))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN].rstrip()} …"
