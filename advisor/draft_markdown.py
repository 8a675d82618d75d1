"""Drafts as Markdown: CommonMark, with the tables and footnotes that GitHub, Pandoc and most editors know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from advisor.draft_parts import Block, DraftOutline, Emphasis, Heading, Listing, Mark, Paragraph, Parts, Table
from advisor.report import escaped

_AROUND: dict[Emphasis, str] = {"plain": "", "strong": "**", "aside": "*"}
_STARTS_A_BLOCK = re.compile(r"^(\d*)([#+=:.)-])")


def as_markdown(draft: DraftOutline) -> str:
    """Return a draft as Markdown."""
    lines = [f"# {_escaped(draft.title)}", "", f"**{_escaped(draft.subtitle)}**"]
    lines += [line for text in (draft.situation, draft.byline) if text for line in ("", _started(_escaped(text)))]
    for section in draft.sections:
        lines += ["", f"## {_escaped(section.title)}"]
        for block in section.blocks:
            lines += ["", *_block(block)]
    lines += ["", "---", "", *(f"[^{note.number}]: {_escaped(note.text)}" for note in draft.footnotes)]
    return "\n".join(lines) + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(level=level, text=text):
            yield f"{'#' * (level + 1)} {_escaped(text)}"
        case Paragraph(parts=parts):
            yield _started(_inline(parts))
        case Listing(entries=entries, numbered=numbered):
            number = 0
            for entry in entries:
                number += entry.depth == 0
                mark = f"{number}. " if numbered and entry.depth == 0 else "- "
                # Wide enough to stand below a number, too.
                yield f"{'    ' * entry.depth}{mark}{_started(_inline(entry.parts))}"
        case Table(head=head, rows=rows):
            yield _row([_escaped(cell) for cell in head])
            yield _row(["---" for _ in head])
            for row in rows:
                yield _row([_inline(cell) for cell in row])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _inline(parts: Parts) -> str:
    written = []
    for part in parts:
        if isinstance(part, Mark):
            written.append(f"[^{part.number}]")
            continue
        # Marks of emphasis hold only where they touch a word.
        inner = part.text.strip()
        around = _AROUND[part.emphasis]
        before, after = part.text.partition(inner)[::2] if inner else (part.text, "")
        written.append(f"{before}{around}{_escaped(inner)}{around}{after}" if inner else before)
    return "".join(written).strip()


def _started(text: str) -> str:
    """Return text that begins no heading, list or rule by how it starts."""
    return _STARTS_A_BLOCK.sub(r"\1\\\2", text)


def _escaped(text: str) -> str:
    text = escaped(text)
    for mark in "|~&$":
        text = text.replace(mark, f"\\{mark}")
    return text
