"""Traces as Mermaid text: a flowchart that pull requests, wikis and notebooks draw.

A renderer draws some five hundred edges at most; the proof of a line stays far below that, a whole trace may not.
"""

from __future__ import annotations

import textwrap

from advisor.answer import EdgeKind, NodeKind, Trace, TraceEdge, TraceNode
from advisor.proof_text import KIND_WORDS
from advisor.wording import cited

_SHAPES: dict[NodeKind, tuple[str, str]] = {
    "fact": ("([", "])"),
    "finding": ("{{", "}}"),
    "rule": ("[[", "]]"),
    "lesson": ("[/", "/]"),
    "defeat": ("(", ")"),
    "red_flag": ("[/", "\\]"),
    "contradiction": ("[/", "\\]"),
    "condition": ("(", ")"),
    "precedent": ("[(", ")]"),
}
_STYLES: dict[NodeKind, str] = {
    "fact": "fill:#eef0f2,stroke:#4a5560,color:#14181c",
    "finding": "fill:#d9ecf8,stroke:#005a8c,color:#14181c",
    "rule": "fill:#ffffff,stroke:#14181c,color:#14181c",
    "lesson": "fill:#fdf3cf,stroke:#745900,color:#14181c",
    "element": "fill:#d3f0e5,stroke:#00664b,color:#14181c,stroke-width:3px",
    "red_flag": "fill:#fbe0d0,stroke:#a33f00,color:#14181c,stroke-width:3px",
    "defeat": "fill:#f6e3ee,stroke:#8f3a6e,color:#14181c,stroke-dasharray:6 3",
    "condition": "fill:#ffffff,stroke:#00664b,color:#14181c,stroke-dasharray:2 2",
}
_LIKE: dict[NodeKind, NodeKind] = {
    "contradiction": "red_flag",
    "caution": "element",
    "argument": "element",
    "set_aside": "element",
    "precedent": "fact",
}
_WORDS: dict[EdgeKind, str] = {
    "defeats": "sets aside",
    "meets_already": "in place already",
    "attaches": "comes with it",
    "proposes": "on the table",
}


def as_mermaid(trace: Trace) -> str:
    """Return a trace as the text of a Mermaid flowchart, from the facts on the left to the lines on the right."""
    ids = {node.id: f"n{index}" for index, node in enumerate(trace.nodes)}
    lines = ["flowchart LR"]
    used: dict[NodeKind, list[str]] = {}
    for node in trace.nodes:
        opening, closing = _SHAPES.get(node.kind, ("[", "]"))
        lines.append(f'  {ids[node.id]}{opening}"{_label(node)}"{closing}')
        used.setdefault(_LIKE.get(node.kind, node.kind), []).append(ids[node.id])
    drawn = dict.fromkeys((edge.source, edge.target, _arrow(edge)) for edge in trace.edges)
    lines += (f"  {ids[source]} {arrow} {ids[target]}" for source, target, arrow in drawn)
    for kind, names in used.items():
        lines += [f"  classDef {kind} {_STYLES[kind]}", f"  class {','.join(names)} {kind}"]
    return "\n".join(lines) + "\n"


def _label(node: TraceNode) -> str:
    kind = KIND_WORDS[node.kind] if node.standing else "Set aside"
    aside = [node.strength or "", cited(node.paragraphs) if node.kind in ("lesson", "condition") else ""]
    head = ", ".join(part for part in (kind, *aside) if part)
    return "<br/>".join(map(_escaped, (head, *textwrap.wrap(node.label, 44))))


def _escaped(text: str) -> str:
    """Return text with everything that Mermaid or HTML could take for its own as a character code."""
    return "".join(mark if mark.isalnum() or mark in " ,.:-" else f"#{ord(mark)};" for mark in text)


def _arrow(edge: TraceEdge) -> str:
    words = _WORDS.get(edge.kind, "more urgent" if edge.pressing else "")
    line = "-.->" if edge.pressing or edge.kind in _WORDS or not edge.standing else "-->"
    return f'{line}|"{words}"|' if words else line
