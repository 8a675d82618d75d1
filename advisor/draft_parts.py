"""The parts of a draft: what a document holds, whichever form it is written in.

Text is ready to be written as it stands: nothing in it hides, turns other text around or is no character of XML. What
is a mark in one form of document (an asterisk in Markdown) is for the module of that form to escape.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from advisor.errors import printable

Emphasis = Literal["plain", "strong", "aside"]
"""How a run stands out: not at all, as what to read first (bold), or as said beside the matter (italic)."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one emphasis."""

    text: str
    emphasis: Emphasis = "plain"


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of a footnote, after the text that it belongs to."""

    number: int


Parts: TypeAlias = tuple[Run | Mark, ...]
"""Running text, with the marks of its footnotes."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section.

    Attributes:
        level: 2 or 3; sections have 1.
        text: what it says.
    """

    level: Literal[2, 3]
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text.

    Attributes:
        parts: what it says.
        leads: whether it opens what follows, and so stays on its page.
    """

    parts: Parts
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list.

    Attributes:
        parts: what it says.
        depth: 0 for entries of the list itself, 1 for what stands below one of them, and so on.
    """

    parts: Parts
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; where it is numbered, its entries of depth 0 are."""

    entries: tuple[Entry, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        head: the headings of its columns.
        rows: its rows, each with a cell for every column.
        widths: how wide each column is beside the others.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Parts, ...], ...]
    widths: tuple[int, ...]


Block: TypeAlias = Heading | Paragraph | Listing | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A section, under a heading of level 1.

    Attributes:
        name: by which a page can link to it: ``outline``, ``annex-trace``.
        title: its heading.
        blocks: what stands in it.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]

    @property
    def annex(self) -> bool:
        """Whether it comes after the document proper."""
        return self.name.startswith("annex-")


@dataclass(frozen=True, slots=True)
class Footnote:
    """A footnote; they are numbered from 1, in the order of their marks."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class DraftOutline:
    """The draft outline of an arrangement: what an officer takes away.

    Attributes:
        title: what it is.
        subtitle: which case it is about.
        situation: what is known of the situation, in a line; empty where the subtitle says it already.
        byline: who prepared it and when; empty where neither was told.
        author: who prepared it; empty where it wasn't told.
        date: when, as ``2026-11-26``; empty where it wasn't told.
        language: the code of its language.
        sections: the document proper, then its annexes.
        footnotes: its footnotes.
        answer: id of the answer that it tells.
        version: the corpus that gave the answer.
        digest: the digest of this corpus.
    """

    title: str
    subtitle: str
    situation: str
    byline: str
    author: str
    date: str
    language: str
    sections: tuple[Section, ...]
    footnotes: tuple[Footnote, ...]
    answer: str
    version: str
    digest: str

    @property
    def origin(self) -> str:
        """What stands at the foot of every page, so that a page that got loose can be traced."""
        return f"Draft for discussion · answer {self.answer[:12]}"


_JOINING = frozenset("\u200c\u200d\u00ad\u034f")
"""Characters of no width that words of some scripts are spelt with."""


def clean(text: str) -> str:
    r"""Return text fit for any document, on one line.

    What would turn other text around, steer a device, or is no character that documents can have is shown as its code
    point, ``\u202e``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(text))


def _shown(text: str) -> Iterator[str]:
    for character in text:
        if character.isprintable() or character in _JOINING:
            yield character
        elif character in "\t\n\v\f\r\x85\u2028\u2029":
            yield " "
        elif unicodedata.category(character) == "Zs":  # spaces that keep words together, and thin ones
            yield character
        else:
            yield printable(character)
