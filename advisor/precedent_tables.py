"""Precedents compared, as tables: plain text for a terminal, Markdown for a paper."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from advisor.corpus import Corpus
from advisor.precedents import ElementCompared, FactCompared, PrecedentCompared, Relation, Standing
from advisor.report import escaped
from advisor.wording import value_in_words

_RELATION: dict[Relation, str] = {
    "like": "alike",
    "unlike": "unlike",
    "unknown_here": "not known here",
    "untold_there": "not told there",
}
_STANDING: dict[Standing, str] = {
    "recommended": "recommended here",
    "set_aside": "set aside here",
    "open": "still open here",
    "not_recommended": "not recommended here",
}
_RANKED_BY = (
    "Ranked by the kinds of situation shared, then by the facts alike less those unlike, then by the lessons applied "
    "here that point to the precedent."
)

Row = Sequence[str]


def overview(found: Sequence[PrecedentCompared], *, markdown: bool = False, width: int = 100) -> str:
    """Return one line for each precedent, the most telling first."""
    head = ("", "precedent", "years", "kinds shared", "alike", "unlike", "lessons", "elements here")
    rows = [
        (
            str(one.rank),
            one.precedent,
            one.years,
            ", ".join(one.measure.kinds_shared) or "none",
            str(one.measure.facts_like),
            str(one.measure.facts_unlike),
            str(len(one.measure.lessons)),
            f"{sum(element.standing == 'recommended' for element in one.elements)} of {len(one.elements)}",
        )
        for one in found
    ]
    if markdown:
        return f"# Precedents compared\n\n{_RANKED_BY}\n\n{_markdown(head, rows)}"
    return f"{textwrap.fill(_RANKED_BY, width)}\n\n{_text(head, rows, width)}"


def detail(one: PrecedentCompared, corpus: Corpus, *, markdown: bool = False, width: int = 100) -> str:
    """Return one precedent beside the present situation: fact by fact, then element by element."""
    facts = [_fact_row(fact, corpus) for fact in one.facts]
    elements = [_element_row(element) for element in one.elements]
    parts: list[tuple[str, Row, list[Row]]] = [
        ("Fact by fact", ("compared", "fact", "here", "there"), facts),
        ("What it had", ("standing", "element", "why not"), elements),
    ]
    title = f"{one.title}, {one.years}"
    lacked = ", ".join(corpus.elements[name].title for name in one.lacked)
    remarks = [remark.text for remark in one.remarks]
    if markdown:
        lines = [f"# {escaped(title)}", "", escaped(one.summary), "", f"*{escaped(one.measure.text)}*"]
        for heading, head, rows in parts:
            lines += ["", f"## {heading}", "", _markdown(head, rows).rstrip()]
        lines += ["", f"Recommended here, and it did without: {escaped(lacked)}."] if lacked else []
        lines += [line for remark in remarks for line in ("", f"> {escaped(remark)}")]
        return "\n".join(lines) + "\n"
    lines = [title, "=" * min(len(title), width), *textwrap.wrap(one.summary, width), ""]
    lines += textwrap.wrap(one.measure.text, width)
    for heading, head, rows in parts:
        lines += ["", heading.upper(), _text(head, rows, width).rstrip()]
    if lacked:
        lines += ["", *textwrap.wrap(f"Recommended here, and it did without: {lacked}.", width)]
    for remark in remarks:
        lines += ["", *textwrap.wrap(f"Note: {remark}", width)]
    return "\n".join(lines) + "\n"


def _fact_row(one: FactCompared, corpus: Corpus) -> Row:
    fact = corpus.facts[one.fact]
    there = "not told" if one.relation == "untold_there" else value_in_words(fact, one.there)
    return (_RELATION[one.relation], fact.label, value_in_words(fact, one.here), there)


def _element_row(one: ElementCompared) -> Row:
    standing = f"{_STANDING[one.standing]}{' (headline)' if one.headline else ''}"
    return (standing, one.title, one.why_not or "")


def _markdown(head: Row, rows: Iterable[Row]) -> str:
    lines = [
        head,
        tuple("---" for _ in head),
        *(tuple(escaped(cell).replace("|", "\\|") for cell in row) for row in rows),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _text(head: Row, rows: Sequence[Row], width: int) -> str:
    """Return aligned columns; where they are too wide for the line, the widest are wrapped."""
    table = [head, *rows]
    widths = [max(len(row[index]) for row in table) for index in range(len(head))]
    while sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > 12:
        widths[widths.index(max(widths))] -= 1
    lines = []
    for row in table:
        cells = [textwrap.wrap(cell, size) or [""] for cell, size in zip(row, widths, strict=True)]
        for index in range(max(map(len, cells))):
            parts = [
                (cell[index] if index < len(cell) else "").ljust(size) for cell, size in zip(cells, widths, strict=True)
            ]
            lines.append("  ".join(parts).rstrip())
    return "\n".join(lines) + "\n"
