"""A page of documentation as data, and its two forms: Markdown for a website, text for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the page's own."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, with code in backticks and links as Markdown has them."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; the last column may have several lines."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list of short texts."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Code, in a language."""

    language: str
    text: str


Block: TypeAlias = Heading | Paragraph | Table | Items | Listing


def as_markdown(blocks: Iterable[Block]) -> str:
    """Return the page as Markdown."""
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def as_text(blocks: Iterable[Block], width: int) -> str:
    """Return the page as plain text.

    Args:
        blocks: the page.
        width: columns of the terminal.
    """
    return "\n\n".join(_text(block, width) for block in blocks) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {text}"
        case Paragraph(text):
            return _filled(text, 120)
        case Items(texts):
            return "\n".join(_filled(text, 120, "- ") for text in texts)
        case Listing(language, text):
            return f"```{language}\n{text.rstrip()}\n```"
        case Table(columns, rows):
            lines = [columns, tuple("---" for _ in columns), *rows]
            return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _filled(text: str, width: int, mark: str = "") -> str:
    wrapper = textwrap.TextWrapper(width, break_long_words=False, break_on_hyphens=False)
    wrapper.initial_indent, wrapper.subsequent_indent = mark, " " * len(mark)
    return wrapper.fill(text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


def _text(block: Block, width: int) -> str:
    match block:
        case Heading(level, text):
            return f"{text}\n{('=' if level == 1 else '-') * len(text)}"
        case Paragraph(text):
            return _filled(_plain(text), width)
        case Items(texts):
            return "\n".join(_filled(_plain(text), width, "  - ") for text in texts)
        case Listing(_, text):
            return textwrap.indent(text.rstrip(), "    ")
        case Table(_, rows):
            return "\n".join(line for row in rows for line in _row(row, width))


def _row(row: tuple[str, ...], width: int) -> Iterator[str]:
    first, *middle, last = map(_plain, row)
    told = "; ".join(part for part in middle if part)
    yield f"  {first}" + (f"  ({told})" if told else "")
    for line in last.splitlines():
        yield from textwrap.wrap(line, width, initial_indent="      ", subsequent_indent="      ")


def _plain(text: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "")
