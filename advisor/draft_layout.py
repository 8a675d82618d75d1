"""The layout of a draft on pages: lines of words, and footnotes at the foot of the page that has their marks.

No library at hand sets footnotes at the foot of a page, since for that it must break pages with them in mind; so lines
and pages are broken here, and ``draft_pdf.py`` draws them. All lengths are points, from the page's upper left corner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal, TypeAlias

from advisor.draft_parts import (
    Block,
    DraftOutline,
    Emphasis,
    Heading,
    Listing,
    Mark,
    Paragraph,
    Parts,
    Run,
    Section,
    Table,
)

WIDTH, HEIGHT = 595.28, 841.89
"""A4."""
LEFT = 71.0
TOP = 66.0
BOTTOM = HEIGHT - 66.0
COLUMN = WIDTH - 2 * LEFT
FOOT = HEIGHT - 40.0
"""The baseline of what stands at the foot of every page."""
BODY, NOTE = 9.5, 8.0
_LEADING = 1.32
_INDENT = 16.0
_GAP_ABOVE_NOTES = 12.0
_HEADINGS = {1: (15.0, 17.0, 4.0), 2: (12.0, 11.0, 2.0), 3: (10.0, 9.0, 1.5)}
"""For each level of heading its size, and the space before and after it."""
_PADDING = 3.5
_KEPT = 12
"""Rows of at most so many lines are kept on one page."""
_LONG = 200

Style = Literal["", "B", "I"]
Measure: TypeAlias = Callable[[str, Style], float]
"""How wide a text is in a font of one point."""

_STYLES: dict[Emphasis, Style] = {"plain": "", "strong": "B", "aside": "I"}


@dataclass(frozen=True, slots=True)
class Face:
    """How text looks.

    Attributes:
        style: regular, bold or italic.
        size: its size.
        ink: whether it is coloured, as headings are.
        raised: whether it is the mark of a footnote.
    """

    style: Style
    size: float
    ink: bool = False
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one look on a line, and where it begins."""

    x: float
    text: str
    face: Face


@dataclass(frozen=True, slots=True)
class Rules:
    """What is drawn around the line of a table.

    Attributes:
        edges: where the vertical rules are.
        top: whether a row begins with the line.
        bottom: whether a row ends with it.
        filled: whether it belongs to the head.
    """

    edges: tuple[float, ...]
    top: bool
    bottom: bool
    filled: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line.

    Attributes:
        pieces: what stands on it.
        height: how high it is.
        baseline: how far below its upper end its letters stand.
        before: the space above it, unless it is the first of a page.
        kept: whether the next line belongs on the same page.
        notes: the footnotes whose marks are on it.
        heading: level and text, where a heading begins with it.
        opens_page: whether it begins a page.
        rules: what is drawn around it.
        repeated: what is set again above it where it is the first of a page: the head of its table.
    """

    pieces: tuple[Piece, ...]
    height: float
    baseline: float
    before: float = 0.0
    kept: bool = False
    notes: tuple[int, ...] = ()
    heading: tuple[int, str] | None = None
    opens_page: bool = False
    rules: Rules | None = None
    repeated: tuple[Line, ...] = ()


@dataclass(slots=True)
class Page:
    """A page: its lines and the lines of its footnotes, each with its upper end."""

    lines: list[tuple[float, Line]] = field(default_factory=list)
    notes: list[tuple[float, Line]] = field(default_factory=list)


def pages_of(draft: DraftOutline, measure: Measure) -> list[Page]:
    """Return the pages of a draft.

    Args:
        draft: the draft.
        measure: how wide text is.
    """
    setter = _Setter(measure)
    notes = {note.number: setter.note(note.number, note.text) for note in draft.footnotes}
    return _Paginator(notes).pages(list(setter.draft(draft)))


class _Setter:
    """Breaks text into lines."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure

    def draft(self, draft: DraftOutline) -> Iterator[Line]:
        yield from self._plain(draft.title, Face("B", 16.5, ink=True), after=2.0)
        yield from self._plain(draft.subtitle, Face("", 12.0, ink=True), after=2.0)
        for text in (draft.situation, draft.byline):
            yield from self._plain(text, Face("", BODY), after=2.0)
        for section in draft.sections:
            yield from self._section(section)

    def note(self, number: int, text: str) -> list[Line]:
        """Return the lines of a footnote."""
        return self.lines((Run(f"{number}  {text}"),), NOTE, leading=1.2)

    def _section(self, section: Section) -> Iterator[Line]:
        yield from self._heading(1, section.title, opens_page=section.annex)
        for block in section.blocks:
            yield from self._block(block)

    def _block(self, block: Block) -> Iterator[Line]:
        match block:
            case Heading(level=level, text=text):
                yield from self._heading(level, text)
            case Paragraph(parts=parts, leads=leads):
                yield from _spaced(self.lines(parts, BODY), before=4.0, leads=leads)
            case Listing():
                yield from self._listing(block)
            case Table():
                yield from self._table(block)

    def _plain(self, text: str, face: Face, after: float) -> Iterator[Line]:
        for line in self.lines((Run(text),), face.size, face=face) if text else ():
            yield replace(line, kept=True, before=after)

    def _heading(self, level: int, text: str, *, opens_page: bool = False) -> Iterator[Line]:
        size, before, after = _HEADINGS[level]
        lines = self.lines((Run(text),), size, face=Face("B", size, ink=True), leading=1.2)
        for number, line in enumerate(lines):
            first, last = number == 0, number == len(lines) - 1
            yield replace(
                line,
                before=before if first else 0.0,
                height=line.height + (after if last else 0.0),
                kept=True,
                heading=(level, text) if first else None,
                opens_page=opens_page and first,
            )

    def _listing(self, listing: Listing) -> Iterator[Line]:
        number = 0
        for entry in listing.entries:
            number += entry.depth == 0
            mark = f"{number}." if listing.numbered and entry.depth == 0 else "•"
            # However deep it is, half of the column is left for the text.
            left = LEFT + min(entry.depth * _INDENT, COLUMN / 2)
            lines = self.lines(entry.parts, BODY, left + _INDENT, COLUMN - (left + _INDENT - LEFT))
            if lines:
                pieces = (Piece(left, mark, Face("", BODY)), *lines[0].pieces)
                lines[0] = replace(lines[0], pieces=pieces)
            yield from _spaced(lines, before=2.5 if entry.depth == 0 else 1.5)

    def _table(self, table: Table) -> Iterator[Line]:
        total = sum(table.widths)
        edges = [LEFT]
        for width in table.widths:
            edges.append(edges[-1] + COLUMN * width / total)
        head = self._row([(Run(text, "strong"),) for text in table.head], edges, filled=True)
        head = [replace(line, kept=True, before=5.0 if number == 0 else 0.0) for number, line in enumerate(head)]
        yield from head
        again = tuple(replace(line, before=0.0) for line in head)
        for number, row in enumerate(table.rows):
            lines = [replace(line, repeated=again) for line in self._row(row, edges)]
            if number in _together(len(table.rows)) and len(lines) <= _KEPT:
                lines[-1] = replace(lines[-1], kept=True)
            yield from lines

    def _row(self, cells: Sequence[Parts], edges: Sequence[float], *, filled: bool = False) -> list[Line]:
        columns = [
            self.lines(parts, BODY - 0.5, left + _PADDING, right - left - 2 * _PADDING) or [_empty(BODY)]
            for parts, (left, right) in zip(cells, pairwise(edges), strict=True)
        ]
        rows = []
        for number in range(max(map(len, columns))):
            found = [column[number] for column in columns if number < len(column)]
            first, last = number == 0, number == max(map(len, columns)) - 1
            above, below = (_PADDING if first else 0.0), (_PADDING if last else 0.0)
            rows.append(
                Line(
                    tuple(piece for line in found for piece in line.pieces),
                    max(line.height for line in found) + above + below,
                    max(line.baseline for line in found) + above,
                    kept=not last and max(map(len, columns)) <= _KEPT,
                    notes=tuple(note for line in found for note in line.notes),
                    rules=Rules(tuple(edges), first, last, filled),
                )
            )
        return rows

    def lines(
        self,
        parts: Parts,
        size: float,
        left: float = LEFT,
        width: float = COLUMN,
        face: Face | None = None,
        leading: float = _LEADING,
    ) -> list[Line]:
        """Return running text broken into lines.

        Args:
            parts: the text.
            size: the size of its letters.
            left: where lines begin.
            width: how wide they may be.
            face: how it looks, where that isn't told by the emphasis of its runs.
            leading: the height of a line, as a multiple of the size.
        """
        lines: list[Line] = []
        line = _Filling(self.measure, left, width)

        def end() -> None:
            nonlocal line
            lines.append(Line(tuple(line.pieces), size * leading, size * (leading + 0.6) / 2, notes=tuple(line.notes)))
            line = _Filling(self.measure, left, width)

        for word in _words(parts, size, face):
            if not line.fits(word) and not line.empty:
                end()
            for part in (word,) if line.fits(word) else line.broken(word):
                if not line.empty and not line.fits(part):
                    end()
                line.add(part)
        if not line.empty:
            end()
        return lines


@dataclass(frozen=True, slots=True)
class _Letters:
    """Letters of one look within a word; the number of a footnote if they are its mark."""

    text: str
    face: Face
    note: int = 0


_Word: TypeAlias = "list[_Letters]"
"""What stands between two spaces."""


def _words(parts: Parts, size: float, face: Face | None) -> Iterator[_Word]:
    word: _Word = []
    for part in parts:
        if isinstance(part, Mark):
            word.append(_Letters(str(part.number), Face("", size * 0.68, raised=True), part.number))
            continue
        looks = face or Face(_STYLES[part.emphasis], size)
        for number, text in enumerate(part.text.split(" ")):
            if number and word:
                yield word
                word = []
            if text:
                word.append(_Letters(text, looks))
    if word:
        yield word


class _Filling:
    """A line that is being filled with words."""

    def __init__(self, measure: Measure, left: float, width: float) -> None:
        self.measure = measure
        self.left = left
        self.width = width
        self.used = 0.0
        self.pieces: list[Piece] = []
        self.notes: list[int] = []

    @property
    def empty(self) -> bool:
        """Whether nothing stands on it yet."""
        return not self.pieces

    def fits(self, word: _Word) -> bool:
        """Return whether a word still has room."""
        return self.used + self._gap() + sum(map(self._width, word)) <= self.width + 0.01

    def add(self, word: _Word) -> None:
        """Set a word."""
        gap = self._gap()
        for number, letters in enumerate(word):
            before = " " if gap and number == 0 else ""
            last = self.pieces[-1] if self.pieces else None
            if number == 0:
                self.used += gap
            if last and last.face == letters.face and not letters.note:
                # Text of one look is one piece, so that letters are joined and turned as their script asks.
                self.pieces[-1] = Piece(last.x, f"{last.text}{before}{letters.text}", last.face)
            else:
                self.pieces.append(Piece(self.left + self.used, letters.text, letters.face))
            self.used += self._width(letters)
            if letters.note:
                self.notes.append(letters.note)

    def broken(self, word: _Word) -> Iterator[_Word]:
        """Yield the parts of a word that is wider than a line, each as much as a line holds."""
        part, room = list[_Letters](), self.width
        for letters in word:
            taken = 0
            for place, character in enumerate(letters.text):
                width = self.measure(character, letters.face.style) * letters.face.size
                if width > room and (part or place > taken):
                    yield [*part, replace(letters, text=letters.text[taken:place])] if place > taken else part
                    part, room, taken = [], self.width, place
                room -= width
            part.append(replace(letters, text=letters.text[taken:]))
        yield part

    def _width(self, letters: _Letters) -> float:
        text, style = letters.text, letters.face.style
        if len(text) > _LONG:  # what nobody would call a word is not worth remembering
            return sum(self.measure(character, style) for character in text) * letters.face.size
        return self.measure(text, style) * letters.face.size

    def _gap(self) -> float:
        if not self.pieces:
            return 0.0
        face = self.pieces[-1].face
        return self.measure(" ", face.style) * (BODY if face.raised else face.size)


def _together(rows: int) -> set[int]:
    """Return which rows of a table stay with the next, so that no single one ends or begins a page."""
    return {0, rows - 2} if rows > 1 else set()


def _spaced(lines: Sequence[Line], before: float, *, leads: bool = False) -> Iterator[Line]:
    """Yield the lines of a paragraph so that no single one of them ends or begins a page."""
    for number, line in enumerate(lines):
        alone = number == 0 or number == len(lines) - 2 or len(lines) <= 3
        last = number == len(lines) - 1
        yield replace(line, before=before if number == 0 else 0.0, kept=leads and last if last else alone)


def _empty(size: float) -> Line:
    return Line((), size * _LEADING, size)


class _Paginator:
    """Breaks lines into pages, each with the footnotes of its lines."""

    def __init__(self, notes: dict[int, list[Line]]) -> None:
        self.notes = notes
        self.done: list[Page] = []
        self.begin(())

    def pages(self, lines: Sequence[Line]) -> list[Page]:
        """Return the pages."""
        for group in _groups(lines):
            if group[0].opens_page or not self.fits(group):
                self.turn(group[0].repeated)
            # A group that is longer than a page goes on as far as it must.
            for line in group:
                if not self.fits([line]):
                    self.turn(line.repeated)
                self.add(line)
        while self.waiting:
            self.turn(())
        self.end()
        return self.done

    def begin(self, waiting: Iterable[Line]) -> None:
        """Begin a page, with the lines of footnotes for which the one before it had no room."""
        self.page = Page()
        self.y = TOP
        self.foot = 0.0
        self.found: list[Line] = []
        self.waiting: list[Line] = []
        self._add_notes(waiting, (BOTTOM - TOP) / 2)

    def turn(self, repeated: Iterable[Line]) -> None:
        """End the page and begin another, unless nothing stands on it yet."""
        if not self.page.lines and not self.found:
            return
        waiting = self.waiting
        self.end()
        self.begin(waiting)
        for line in repeated:
            self._set(line)

    def fits(self, lines: Sequence[Line]) -> bool:
        """Return whether lines have room on the page, with their footnotes."""
        first = 0.0 if self.page.lines else lines[0].before
        height = sum(line.before + line.height for line in lines) - first
        notes = sum(note.height for line in lines for number in line.notes for note in self.notes[number])
        gap = _GAP_ABOVE_NOTES if notes and not self.foot else 0.0
        if self.waiting and notes:
            return False
        return self.y + height + notes + gap <= BOTTOM - self.foot

    def add(self, line: Line) -> None:
        """Set a line, and its footnotes as far as there is room."""
        self._set(line)
        notes = [note for number in line.notes for note in self.notes[number]]
        self._add_notes(notes, BOTTOM - self.foot - self.y)

    def _set(self, line: Line) -> None:
        self.y += line.before if self.page.lines else 0.0
        self.page.lines.append((self.y, line))
        self.y += line.height

    def _add_notes(self, lines: Iterable[Line], room: float) -> None:
        for line in lines:
            gap = 0.0 if self.found else _GAP_ABOVE_NOTES
            if self.waiting or line.height + gap > room:
                self.waiting.append(line)
                continue
            self.found.append(line)
            self.foot += line.height + gap
            room -= line.height + gap

    def end(self) -> None:
        """End the page: its footnotes stand on its lower edge."""
        y = BOTTOM - sum(line.height for line in self.found)
        for line in self.found:
            self.page.notes.append((y, line))
            y += line.height
        self.done.append(self.page)


def _groups(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield lines that belong on one page."""
    group: list[Line] = []
    for line in lines:
        group.append(line)
        if not line.kept:
            yield group
            group = []
    if group:
        yield group
