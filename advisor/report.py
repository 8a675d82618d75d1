"""Answers as an officer reads them: red flags, headlines, then the outline of an arrangement; as text or Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Protocol

from advisor.answer import (
    Advice,
    Item,
    Notice,
    PrecedentNote,
    Rationale,
)
from advisor.corpus import Corpus
from advisor.line_words import (
    BESIDE_WORDS,
    element_titles,
    places_of,
    reasons_in_words,
    said,
    tagged,
    waiting_in_words,
    worth,
)
from advisor.ranking import is_general
from advisor.setting_aside import SettingAside
from advisor.wording import cited

FULL_PRECEDENTS = 5
"""How many precedents are told in full; the rest are named."""


class Writer(Protocol):
    """Puts headings, lines and notes into a format."""

    def title(self, text: str) -> None:
        """Write the title of the whole."""

    def heading(self, text: str) -> None:
        """Write the heading of a section."""

    def subheading(self, text: str) -> None:
        """Write the heading of a group of lines."""

    def line(self, number: int | None, text: str, tag: str) -> None:
        """Write the first line of an item: its title and, after it, its tag."""

    def note(self, text: str, label: str = "") -> None:
        """Write text that belongs to the item above."""

    def paragraph(self, text: str) -> None:
        """Write a paragraph of its own."""

    def result(self) -> str:
        """Return all that was written."""


class TextWriter:
    """Plain text, wrapped."""

    def __init__(self, width: int = 100) -> None:
        self._width = max(40, width)
        self._lines: list[str] = []

    def title(self, text: str) -> None:
        """Write the title, underlined."""
        self._lines += [text, "=" * min(len(text), self._width)]

    def heading(self, text: str) -> None:
        """Write a section heading in capitals."""
        self._lines += ["", text.upper(), "-" * min(len(text), self._width)]

    def subheading(self, text: str) -> None:
        """Write a group heading."""
        self._lines += ["", text]

    def line(self, number: int | None, text: str, tag: str) -> None:
        """Write an item's first line."""
        mark = f"{number:>2}. " if number is not None else " -  "
        self._wrap(f"{text}  [{tag}]" if tag else text, mark)

    def note(self, text: str, label: str = "") -> None:
        """Write an indented note."""
        self._wrap(f"{label}: {text}" if label else text, "    ", "      " if label else "    ")

    def paragraph(self, text: str) -> None:
        """Write a wrapped paragraph."""
        self._wrap(text, "")

    def result(self) -> str:
        """Return the text."""
        return "\n".join(self._lines) + "\n"

    def _wrap(self, text: str, first: str, rest: str | None = None) -> None:
        indent = rest if rest is not None else " " * len(first)
        self._lines += _wrapped(text, self._width, first, indent) or [first.rstrip()]


_TO_SPACE = dict.fromkeys(map(ord, "\t\n\v\f\r"), " ")


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    """Return the lines that ``textwrap.wrap`` makes of a text; it takes apart only words that stand at an end of line.

    Args:
        text: the text.
        width: how wide lines may be; words are not broken but after their hyphens.
        first: what the first line begins with.
        rest: what all others do.
    """
    lines: list[str] = []
    line, gap, begun = first, "", False
    for word in text.expandtabs().translate(_TO_SPACE).split(" "):
        if not word:
            gap += " "
            continue
        if len(line) + len(gap) + len(word) <= width:
            line += gap + word
        else:
            # What is one narrow line each is what can't be taken apart any further.
            for part in textwrap.wrap(word, 1, break_long_words=False) if "-" in word else (word,):
                if len(line) + len(gap) + len(part) <= width:
                    line += gap
                elif begun:
                    lines.append(line)
                    line = rest
                line += part
                gap, begun = "", True
        gap, begun = " ", True
    return [*lines, line] if begun else lines


class MarkdownWriter:
    """Markdown (CommonMark)."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def title(self, text: str) -> None:
        """Write a first-level heading."""
        self._lines += [f"# {escaped(text)}"]

    def heading(self, text: str) -> None:
        """Write a second-level heading."""
        self._lines += ["", f"## {escaped(text)}", ""]

    def subheading(self, text: str) -> None:
        """Write a third-level heading."""
        self._lines += ["", f"### {escaped(text)}", ""]

    def line(self, number: int | None, text: str, tag: str) -> None:
        """Write a list item."""
        mark = f"{number}." if number is not None else "-"
        self._lines.append(f"{mark} **{escaped(text)}**" + (f" *({escaped(tag)})*" if tag else ""))

    def note(self, text: str, label: str = "") -> None:
        """Write a nested list item."""
        self._lines.append("   - " + (f"*{escaped(label)}:* " if label else "") + escaped(text))

    def paragraph(self, text: str) -> None:
        """Write a paragraph."""
        self._lines += ["", escaped(text)]

    def result(self) -> str:
        """Return the document."""
        return "\n".join(self._lines) + "\n"


def as_text(advice: Advice, corpus: Corpus, width: int = 100) -> str:
    """Return the answer as plain text of at most ``width`` columns."""
    return _write(advice, corpus, TextWriter(width))


def as_markdown(advice: Advice, corpus: Corpus) -> str:
    """Return the answer as Markdown."""
    return _write(advice, corpus, MarkdownWriter())


def _write(advice: Advice, corpus: Corpus, writer: Writer) -> str:
    return _Report(advice, corpus, writer).write()


class _Report:
    def __init__(self, advice: Advice, corpus: Corpus, writer: Writer) -> None:
        self.advice = advice
        self.corpus = corpus
        self.writer = writer

    def write(self) -> str:
        self._opening()
        self._flags()
        self._headlines()
        self._outline()
        self._set_aside()
        self._arguments()
        self._precedents()
        self._questions()
        self._notices()
        return self.writer.result()

    def _opening(self) -> None:
        advice, writer = self.advice, self.writer
        writer.title("Advice on sharing responsibility")
        facts = "; ".join(
            f"{self.corpus.facts[name].label}: {self.corpus.facts[name].label_of(value)}"
            for name, value in advice.situation.facts.items()
        )
        writer.paragraph(f"What you told: {facts or 'nothing yet'}.")
        findings = "; ".join(note.title for note in advice.situation.findings)
        if findings:
            writer.paragraph(f"What follows from it: {findings}.")

    def _flags(self) -> None:
        if self.advice.red_flags:
            self.writer.heading("Red flags")
        for item in self.advice.red_flags:
            self.writer.line(None, item.title, tagged(item, self.corpus))
            self._text(item)
            self._why(item)

    def _headlines(self) -> None:
        headlines = self.advice.headlines
        if headlines:
            self.writer.heading("Headlines")
        for number, item in enumerate(headlines, 1):
            self._item(item, number)

    def _outline(self) -> None:
        rest = [item for item in self.advice.recommendations if not item.headline]
        general = [item for item in rest if is_general(item, self.corpus)]
        particular = [item for item in rest if item not in general]
        if particular:
            self.writer.heading("Further elements, by heading")
        for group in self.corpus.element_groups.values():
            items = [item for item in particular if item.group == group.id]
            if items:
                self.writer.subheading(group.title)
            for item in items:
                self._item(item, None)
        if general:
            self.writer.heading("What every arrangement should settle")
        for item in general:
            self.writer.line(None, item.title, tagged(item, self.corpus))
            self.writer.note(f"{item.text} ({cited(places_of(item))})")

    def _text(self, item: Item) -> None:
        """Write what a line says; where several sources speak, each in a note of its own, with date and standing."""
        if not item.by_source:
            self.writer.note(item.text)
        for view in item.by_source:
            self.writer.note(
                f"{view.text} [{said(view.strength, view.hedge)}]", f"{view.source.short} ({worth(view.source)})"
            )

    def _beside(self, rationale: Iterable[Rationale], told: Collection[str] = ()) -> None:
        """Write which lessons of other packs have to do with those of a line; what the line says itself is left out."""
        for beside in dict.fromkeys(one for reason in rationale for one in reason.beside):
            if beside.lesson in told:
                continue
            places = cited(beside.paragraphs)
            text = f"{beside.text} ({places}; {worth(beside.source)})"
            self.writer.note(text, BESIDE_WORDS[beside.relation])

    def _item(self, item: Item, number: int | None) -> None:
        title = item.title if item.kind == "recommendation" else f"Beware: {item.title}"
        self.writer.line(number, title, tagged(item, self.corpus))
        self._text(item)
        self._why(item)
        if item.conditions:
            conditions = (f"{condition.text} ({cited(places_of(condition))})" for condition in item.conditions)
            self.writer.note(" ".join(conditions), "Conditions")
            self._beside(reason for condition in item.conditions for reason in condition.rationale)
        if item.provisional:
            self.writer.note(f"could still be set aside, {self._setting_aside.in_words(item)}", "Provisional")

    @cached_property
    def _setting_aside(self) -> SettingAside:
        return SettingAside(self.corpus, self.corpus.reader.read(self.advice.situation.facts))

    def _reasons(self, rationale: Iterable[Rationale]) -> str:
        return "; ".join(reasons_in_words(rationale, self.corpus))

    def _why(self, item: Item) -> None:
        self.writer.note(f"{self._reasons(item.rationale)} ({cited(places_of(item))})", "Why")
        for remark in dict.fromkeys(reason.remark.text for reason in item.rationale if reason.remark):
            self.writer.note(remark, "Note")
        self._beside(item.rationale, item.lessons)

    def _set_aside(self) -> None:
        if self.advice.set_aside:
            self.writer.heading("Set aside")
        for item in self.advice.set_aside:
            self.writer.line(None, item.title, "set aside")
            for reason in item.defeated_by:
                places = cited(reason.paragraphs)
                self.writer.note(
                    f"{reason.title}. {reason.text} ({self._reasons([reason])}; {places})",
                    "Because",
                )
            self.writer.note(f"{item.text} ({cited(places_of(item))})", "Otherwise")

    def _arguments(self) -> None:
        if self.advice.arguments:
            self.writer.heading("Arguments for partners")
        for item in self.advice.arguments:
            self.writer.line(None, item.title, tagged(item, self.corpus))
            self._text(item)
            self._why(item)

    def _precedents(self) -> None:
        if self.advice.precedents:
            self.writer.heading("Precedents")
        shown, rest = self.advice.precedents[:FULL_PRECEDENTS], self.advice.precedents[FULL_PRECEDENTS:]
        for note in shown:
            self._precedent(note)
        if rest:
            names = "; ".join(f"{note.title} ({note.precedent})" for note in rest)
            self.writer.paragraph(f"Touched on as well: {names}.")

    def _precedent(self, note: PrecedentNote) -> None:
        self.writer.line(None, note.title, note.years)
        self.writer.note(f"{note.summary} ({cited(note.paragraphs)})")
        for label, names in (
            ("It had, and recommended here", note.elements_recommended_here),
            ("It had, and not recommended here", note.elements_not_recommended_here),
        ):
            if names:
                self.writer.note(element_titles(names, self.corpus), label)
        for remark in note.remarks:
            self.writer.note(remark.text, "Note")
        self._beside(note.rationale)

    def _questions(self) -> None:
        if self.advice.questions:
            self.writer.heading("What to ask next")
        for number, question in enumerate(self.advice.questions, 1):
            self.writer.line(number, question.question, f"{question.fact}; {waiting_in_words(question)}")
            values = ", ".join(f"{value.label} ({str(value.value).lower()})" for value in question.values)
            if values:
                self.writer.note(values)

    def _notices(self) -> None:
        self.writer.heading("True of every answer")
        for notice in self.advice.notices:
            if notice.kind == "standing":
                self._notice(notice)
        for notice in self.advice.notices:
            if notice.kind == "complete":
                self.writer.heading("Nothing left to ask")
                self.writer.paragraph(notice.text)
        still_open = [notice for notice in self.advice.notices if notice.kind == "open"]
        if still_open:
            self.writer.heading("Why this says little")
        for notice in still_open:
            self._notice(notice)
        note = self.advice.corpus
        self.writer.paragraph(f"Answer {self.advice.id}, from {note.version} (digest {note.digest[:12]}).")

    def _notice(self, notice: Notice) -> None:
        places = f" ({cited(notice.paragraphs)})" if notice.paragraphs else ""
        self.writer.line(None, notice.title, "")
        self.writer.note(f"{notice.text}{places}")


def escaped(text: str) -> str:
    """Return text with the marks of Markdown escaped."""
    for mark in "\\`*_[]<>":
        text = text.replace(mark, f"\\{mark}")
    return text
