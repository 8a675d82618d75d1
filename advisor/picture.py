"""Traces as a picture (SVG): facts on the left, advice on the right, every condition and consequence a line between.

Kinds are told apart by shape and words as well as by colour (those of Okabe and Ito, darkened for contrast), lines by
their strokes; the text is dark on light. There is no script in it, and every text is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

from advisor.answer import NodeKind, Trace, TraceEdge, TraceNode
from advisor.layered import Layout, Point, place
from advisor.proof_text import KIND_WORDS
from advisor.wording import cited

_WIDTH, _BROAD_WIDTH = 248, 300
"""Width of a box in a proof and in a large picture; in pixels, as all figures here."""
_MARGIN = 24
_SIZE, _SMALL = 13.0, 10.5
_LEADING, _LEADING_SMALL = 16.0, 13.0
_PAD = 12
_WHOLE = 80
"""With more nodes than this, boxes are broad and low, and columns stand further apart."""
_MOST = 3
"""In a large picture, so many lines at most for the conditions of a rule."""
_FAN = 6
"""In a large picture, lines from a box with more than these are light, so that the others can be followed."""


@dataclass(frozen=True, slots=True)
class _Look:
    """How nodes of a kind are drawn."""

    fill: str
    stroke: str
    shape: str
    bold: bool = False
    dash: str = ""


_LOOKS: dict[NodeKind, _Look] = {
    "fact": _Look("#eef0f2", "#4a5560", "pill"),
    "finding": _Look("#d9ecf8", "#005a8c", "hexagon"),
    "rule": _Look("#ffffff", "#14181c", "barred"),
    "lesson": _Look("#fdf3cf", "#745900", "folded"),
    "defeat": _Look("#f6e3ee", "#8f3a6e", "box", dash="7 3"),
    "element": _Look("#d3f0e5", "#00664b", "box", bold=True),
    "caution": _Look("#fbe9c6", "#8a5200", "notched", bold=True),
    "red_flag": _Look("#fbe0d0", "#a33f00", "flag", bold=True),
    "contradiction": _Look("#fbe0d0", "#a33f00", "notched", bold=True, dash="2 3"),
    "argument": _Look("#e6e3f7", "#4b3f94", "box", bold=True),
    "set_aside": _Look("#f3f3f3", "#5c5c5c", "box", dash="3 3"),
    "precedent": _Look("#eef0f2", "#4a5560", "folded", dash="3 3"),
    "condition": _Look("#ffffff", "#00664b", "pill", dash="3 3"),
}


@dataclass(frozen=True, slots=True)
class _Stroke:
    """How lines of a kind are drawn; of several that share a trunk the first of ``_STROKES`` is shown."""

    name: str
    says: str
    colour: str
    width: float
    dash: str = ""


_STROKES = (
    _Stroke("plain", "holds, and so leads to", "#3d4750", 1.5),
    _Stroke("other", "holds, but another condition would have done", "#727d87", 1.0),
    _Stroke("press", "makes it more urgent", "#005a8c", 1.5, "2 4"),
    _Stroke("comes", "comes with it", "#00664b", 1.5, "10 3 2 3"),
    _Stroke("aside", "reason that is set aside", "#727d87", 1.5, "5 4"),
    _Stroke("defeat", "sets aside", "#a33f00", 2.2, "9 3"),
)


Href: TypeAlias = "Callable[[TraceNode], str]"
"""Says where a box leads that is followed."""


def as_svg(trace: Trace, href: Href | None = None) -> str:
    """Return a trace as an SVG document.

    Args:
        trace: the trace.
        href: where each box leads; without it the boxes are no links.
    """
    return _Picture(trace, href).svg()


class _Picture:
    def __init__(self, trace: Trace, href: Href | None = None) -> None:
        self.trace = trace
        self.href = href
        self.nodes = {node.id: node for node in trace.nodes}
        self.columns = _columns(trace)
        self.of_column = {name: number for number, (_, names) in enumerate(self.columns) for name in names}
        self.large = len(trace.nodes) > _WHOLE
        self.box = _BROAD_WIDTH if self.large else _WIDTH
        self.labels = {node.id: wrap(node.label, self.box - 2 * _PAD - 6) for node in trace.nodes}
        self.under = {node.id: self._conditions(node) for node in trace.nodes}
        self.heights = {
            name: len(lines) * _LEADING + len(self.under[name]) * _LEADING_SMALL + (28 if self.large else 34)
            for name, lines in self.labels.items()
        }
        self.step = self.box + (160 if self.large else 84)
        drawn = [edge for edge in trace.edges if self.of_column[edge.source] < self.of_column[edge.target]]
        self.links: dict[tuple[str, str], list[TraceEdge]] = {}
        for edge in drawn:
            self.links.setdefault((edge.source, edge.target), []).append(edge)
        columns = [names for _, names in self.columns]
        self.layout: Layout = place(columns, self.heights, self.links, 8 if self.large else 18)
        self.width = max(900, 2 * _MARGIN + self.step * (len(self.columns) - 1) + self.box)
        self.fans = {source for source, _ in self.links if self.large and self._targets(source) > _FAN}

    def _conditions(self, node: TraceNode) -> list[str]:
        """Return, for a rule of a large picture, its conditions in words: so many lines are hard to follow back."""
        if node.kind != "rule" or not self.large:
            return []
        held = [edge.source for edge in self.trace.edges if edge.target == node.id and not edge.pressing]
        room = self.box - 2 * _PAD - 6
        said = "; ".join(shortened(self.nodes[name].label, room, _SMALL) for name in dict.fromkeys(held))
        lines = wrap(f"if {said}", room, _SMALL)
        return lines if len(lines) <= _MOST else [*lines[: _MOST - 1], shortened(lines[_MOST - 1] + " …", room, _SMALL)]

    def _targets(self, source: str) -> int:
        return sum(one == source for one, _ in self.links)

    def svg(self) -> str:
        legend, below = self._legend(78)
        self.top = below + 44
        height = self.top + self.layout.height + _MARGIN
        title, description = self._title(), self._description()
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}" height="{height:g}" '
                # What is inside an image can't be reached; what has links in it is a group.
                f'viewBox="0 0 {self.width:g} {height:g}" role="{"group" if self.href else "img"}" '
                f'aria-labelledby="title desc" '
                f'font-family="Helvetica, Arial, \'DejaVu Sans\', sans-serif" fill="#14181c">',
                f'<title id="title">{_safe(title)}</title>',
                f'<desc id="desc">{_safe(description)}</desc>',
                _markers(),
                f'<rect width="{self.width:g}" height="{height:g}" fill="#ffffff"/>',
                _text(_MARGIN, 38, shortened(title, self.width - 2 * _MARGIN, 20), 20, "bold"),
                _text(_MARGIN, 60, f"Answer {self.trace.answer}, from {self.trace.corpus.version}", 11),
                *legend,
                *self._headings(),
                *self._lines(),
                *(self._node(node) for node in self.trace.nodes),
                "</svg>\n",
            ]
        )

    def _title(self) -> str:
        return f"Why: {self.nodes[self.trace.of].label}" if self.trace.of else "Why: every line of the advice"

    def _description(self) -> str:
        counts: dict[NodeKind, int] = {}
        for node in self.trace.nodes:
            counts[node.kind] = counts.get(node.kind, 0) + 1
        kinds = ", ".join(f"{KIND_WORDS[kind].lower()}: {count}" for kind, count in counts.items())
        facts = "; ".join(node.label for node in self.trace.nodes if node.kind == "fact")
        return (
            f"A graph that is read from left to right, from facts over findings, rules and lessons to advice. "
            f"It shows {kinds}. The facts: {facts or 'none'}. "
            "The same derivation in words is the trace as text or Markdown."
        )

    def _x(self, column: int) -> float:
        return _MARGIN + column * self.step

    def _y(self, point: Point) -> float:
        return self.top + self.layout.y[point]

    def _headings(self) -> list[str]:
        return [
            _text(self._x(number), self.top - 14, heading, 12, "bold", "#3d4750")
            for number, (heading, _) in enumerate(self.columns)
        ]

    # --- lines ---

    def _lines(self) -> list[str]:
        """Return the links; where several share a stretch, it is drawn once."""
        stretches: dict[tuple[Point, Point], _Stroke] = {}
        ends: list[tuple[Point, Point, _Stroke, list[TraceEdge]]] = []
        for (source, target), edges in self.links.items():
            stroke = min((_stroke(edge) for edge in edges), key=_STROKES.index)
            route = self.layout.routes[source, target]
            for stretch in pairwise(route[:-1]):
                stretches[stretch] = min(stretches.get(stretch, stroke), stroke, key=_STROKES.index)
            ends.append((route[-2], route[-1], stroke, edges))
        drawn = []
        for (one, other), stroke in sorted(stretches.items(), key=lambda pair: pair[0]):
            start, at = self._start(one), (self._x(other[1]), self._y(other))
            across = f"H{at[0] + self.box:g}"
            drawn.append(_path(f"{_curve(start, at)}{across}", stroke, light=one[0] in self.fans))
        ports = self._ports(ends)
        for one, other, stroke, edges in ends:
            start, at = self._start(one), (self._x(other[1]), ports[one, other])
            says = "; ".join(dict.fromkeys(self._says(edge) for edge in edges))
            drawn.append(_path(_curve(start, (at[0] - 3, at[1])), stroke, says, arrow=True, light=one[0] in self.fans))
        return drawn

    def _start(self, point: Point) -> tuple[float, float]:
        return self._x(point[1]) + self.box, self._y(point)

    def _ports(self, ends: Iterable[tuple[Point, Point, _Stroke, list[TraceEdge]]]) -> dict[tuple[Point, Point], float]:
        """Return the height at which each line ends: spread over the left side of the box, in the order of arrival."""
        arriving: dict[Point, list[Point]] = {}
        for one, other, _, _ in ends:
            arriving.setdefault(other, []).append(one)
        ports = {}
        for other, points in arriving.items():
            space = min(12.0, (self.heights[other[0]] - 18) / max(len(points) - 1, 1))
            first = self._y(other) - space * (len(points) - 1) / 2
            for number, one in enumerate(sorted(points, key=self._y)):
                ports[one, other] = first + number * space
        return ports

    def _says(self, edge: TraceEdge) -> str:
        stroke = _stroke(edge).says
        ends = f"{self.nodes[edge.source].label} → {self.nodes[edge.target].label}"
        return f"{ends}: {edge.test} ({stroke})" if edge.test else f"{ends}: {stroke}"

    # --- boxes ---

    def _node(self, node: TraceNode) -> str:
        column = self.of_column[node.id]
        height = self.heights[node.id]
        x, y = self._x(column), self._y((node.id, column)) - height / 2
        look = _look(node)
        above, below = (15, 30) if self.large else (18, 34)
        told = ". ".join(part for part in (node.text, cited(node.paragraphs)) if part)
        lines = [
            _text(x + _PAD + 3, y + below + number * _LEADING, line, _SIZE, "bold" if look.bold else "normal")
            for number, line in enumerate(self.labels[node.id])
        ]
        last = y + below + (len(lines) - 1) * _LEADING + _LEADING_SMALL
        lines += (
            _text(x + _PAD + 3, last + number * _LEADING_SMALL, line, _SMALL, fill="#3d4750")
            for number, line in enumerate(self.under[node.id])
        )
        head = shortened(_head(node), self.box - 2 * _PAD - 8, _SMALL)
        opening, closing = (
            (f"<a href={quoteattr(_allowed(self.href(node)))}>", "</a>") if self.href else ("<g>", "</g>")
        )
        return "\n".join(
            [
                opening,
                f"<title>{_safe(f'{KIND_WORDS[node.kind]} {node.name}: {node.label}. {told}')}</title>",
                _shape(look, x, y, self.box, height),
                _text(x + _PAD + 3, y + above, head, _SMALL, "normal", look.stroke),
                *lines,
                closing,
            ]
        )

    # --- legend ---

    def _legend(self, top: float) -> tuple[list[str], float]:
        """Return the legend, with what the picture has in it, and how far down it reaches."""
        x, y = float(_MARGIN), top
        parts = []

        def room(wide: float) -> None:
            nonlocal x, y
            if x > _MARGIN and x + wide > self.width - _MARGIN:
                x, y = float(_MARGIN), y + 26

        for look, word in dict.fromkeys((_look(node), _word(node)) for node in self.trace.nodes):
            wide = 40 + _wide(word, 12) + 22
            room(wide)
            parts.append(_shape(look, x, y, 32, 18, small=True))
            parts.append(_text(x + 40, y + 13, word, 12))
            x += wide
        x, y = float(_MARGIN), y + 26
        used = {_stroke(edge) for edges in self.links.values() for edge in edges}
        for stroke in _STROKES:
            if stroke in used:
                wide = 50 + _wide(stroke.says, 12) + 22
                room(wide)
                parts.append(_path(f"M{x:g} {y + 9:g}H{x + 38:g}", stroke, arrow=True))
                parts.append(_text(x + 50, y + 13, stroke.says, 12))
                x += wide
        return parts, y + 26


def _columns(trace: Trace) -> list[tuple[str, list[str]]]:
    """Return the columns with their headings: rules that apply lessons stand in one, and so do lessons, and advice."""
    deriving = {edge.source for edge in trace.edges if edge.kind == "derives"}
    into: dict[str, list[str]] = {}
    for edge in trace.edges:
        into.setdefault(edge.target, []).append(edge.source)
    depth: dict[str, int] = {}
    for node in trace.nodes:  # sources stand before targets
        if node.kind in ("fact", "finding") or node.id in deriving:
            depth[node.id] = 1 + max((depth.get(source, 0) for source in into.get(node.id, ())), default=-1)
    last = max(depth.values(), default=0)
    places: dict[tuple[int, str], list[str]] = {}
    for node in trace.nodes:
        if node.id in depth:
            heading = {"fact": "Facts", "finding": "Findings"}.get(node.kind, "Rules that derive findings")
            key = (depth[node.id], heading)
        else:
            key = {
                "rule": (last + 1, "Rules"),
                "lesson": (last + 2, "Lessons"),
                "defeat": (last + 3, "What sets aside"),
                "condition": (last + 5, "Comes with it"),
            }.get(node.kind, (last + 4, "Advice"))
        places.setdefault(key, []).append(node.id)
    merged: dict[int, tuple[list[str], list[str]]] = {}
    for (number, heading), names in sorted(places.items()):
        headings, members = merged.setdefault(number, ([], []))
        headings.append(heading)
        members += names
    return [(", ".join(headings), names) for headings, names in merged.values()]


def _stroke(edge: TraceEdge) -> _Stroke:
    if edge.kind == "attaches":
        name = "comes"
    elif edge.kind in ("defeats", "meets_already") and not edge.source.startswith(("lesson:", "rule:")):
        name = "defeat"
    elif edge.pressing:
        name = "press"
    elif not edge.standing:
        name = "aside"
    else:
        name = "plain" if edge.needed else "other"
    return next(stroke for stroke in _STROKES if stroke.name == name)


def _look(node: TraceNode) -> _Look:
    return _LOOKS[node.kind if node.standing or node.kind == "condition" else "set_aside"]


def _word(node: TraceNode) -> str:
    return KIND_WORDS[node.kind] if node.standing else "Set aside"


def _head(node: TraceNode) -> str:
    parts = [_word(node)]
    if node.strength:
        hedge = f", {node.hedge}" if node.hedge and node.hedge != "none" else ""
        parts.append(node.strength + hedge)
    if node.kind in ("lesson", "defeat", "condition"):
        parts.append(cited(node.paragraphs))
    if node.reading == "ours":
        parts.append("our reading")
    if node.pressing:
        parts.append("pressing")
    return " · ".join(part for part in parts if part)


# --- text ---

_NARROW, _BROAD = set("iljtfrI.,:;'|!()[]/- "), set("mwMW@%")


def _wide(text: str, size: float) -> float:
    """Return the width of a text, on the safe side: as a broad sans serif would set it."""
    units = sum(
        0.38 if mark in _NARROW else 0.96 if mark in _BROAD else 0.7 if mark.isupper() else 0.61 for mark in text
    )
    return units * size


def wrap(text: str, width: float, size: float = _SIZE) -> list[str]:
    """Return the text in lines that fit; a word that is too long for a line is cut into pieces."""
    lines = [""]
    for word in text.split():
        piece = word
        while _wide(piece, size) > width:
            cut = next(end for end in range(len(piece) - 1, 0, -1) if end == 1 or _wide(piece[:end], size) <= width)
            lines.append(piece[:cut])
            piece = piece[cut:]
        together = f"{lines[-1]} {piece}".strip()
        if _wide(together, size) <= width:
            lines[-1] = together
        else:
            lines.append(piece)
    return [line for line in lines if line] or [""]


def shortened(text: str, width: float, size: float) -> str:
    """Return the text, or as much of it as fits, with an ellipsis."""
    if _wide(text, size) <= width:
        return text
    end = next((end for end in range(len(text), 0, -1) if _wide(text[:end] + "…", size) <= width), 1)
    return text[:end].rstrip() + "…"


def _safe(text: str) -> str:
    """Return text as XML has it: escaped, and without the characters that XML doesn't allow."""
    return escape(_allowed(text))


_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Signs that turn the direction of the text after them."""


def _allowed(text: str) -> str:
    """Return text without what XML doesn't allow, and what would make a box say something else than stands in it."""
    text = text.translate(_TURNING)
    allowed = "".join(mark for mark in text if mark in "\t\n" or (mark >= " " and not "\ud800" <= mark <= "\udfff"))
    return allowed.replace("\ufffe", "").replace("\uffff", "")


def _text(x: float, y: float, text: str, size: float, weight: str = "normal", fill: str = "#14181c") -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" font-weight="{weight}" fill="{fill}">{_safe(text)}</text>'


# --- shapes ---


def _curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    middle = (start[0] + end[0]) / 2
    return f"M{start[0]:g} {start[1]:.1f}C{middle:g} {start[1]:.1f} {middle:g} {end[1]:.1f} {end[0]:g} {end[1]:.1f}"


def _path(line: str, stroke: _Stroke, says: str = "", *, arrow: bool = False, light: bool = False) -> str:
    dash = f' stroke-dasharray="{stroke.dash}"' if stroke.dash else ""
    faint = ' stroke-opacity="0.45"' if light else ""
    marker = f' marker-end="url(#end-{stroke.name})"' if arrow else ""
    title = f"<title>{_safe(says)}</title>" if says else ""
    return (
        f'<path d="{line}" fill="none" stroke="{stroke.colour}" stroke-width="{stroke.width:g}"{dash}{faint}{marker}>'
        f"{title}</path>"
    )


def _markers() -> str:
    drawn = []
    for stroke in _STROKES:
        # What sets aside ends in a bar, all else in an arrowhead.
        bar = stroke.name == "defeat"
        line = "M7 0V10" if bar else "M0 1L8 5L0 9z"
        paint = f'fill="none" stroke="{stroke.colour}" stroke-width="3"' if bar else f'fill="{stroke.colour}"'
        drawn.append(
            f'<marker id="end-{stroke.name}" viewBox="0 0 10 10" refX="7" refY="5" markerWidth="9" markerHeight="9" '
            f'markerUnits="userSpaceOnUse" orient="auto"><path d="{line}" {paint}/></marker>'
        )
    return f"<defs>{''.join(drawn)}</defs>"


def _shape(look: _Look, x: float, y: float, width: float, height: float, *, small: bool = False) -> str:
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    thick = 2.6 if look.bold else 1.3
    paint = f'fill="{look.fill}" stroke="{look.stroke}" stroke-width="{thick:g}" stroke-linejoin="round"{dash}'
    cut = 6 if small else 12
    outline: Callable[..., Sequence[tuple[float, float]]] | None = _OUTLINES.get(look.shape)
    if outline is not None:
        points = " ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in outline(width, height, cut))
        return f'<polygon points="{points}" {paint}/>'
    radius = min(height / 2, 18) if look.shape == "pill" else 3
    box = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" {paint}/>'
    if look.shape == "barred":
        bar = 4 if small else 7
        box += f'<path d="M{x + bar:g} {y:g}V{y + height:g}" stroke="{look.stroke}" stroke-width="1.3"/>'
    return box


_OUTLINES: dict[str, Callable[[float, float, float], Sequence[tuple[float, float]]]] = {
    "hexagon": lambda w, h, c: [(c, 0), (w - c, 0), (w, h / 2), (w - c, h), (c, h), (0, h / 2)],
    "folded": lambda w, h, c: [(0, 0), (w - c, 0), (w, c), (w, h), (0, h)],
    "notched": lambda w, h, c: [(c, 0), (w - c, 0), (w, c), (w, h - c), (w - c, h), (c, h), (0, h - c), (0, c)],
    "flag": lambda w, h, c: [(0, 0), (w, 0), (w - c, h / 2), (w, h), (0, h)],
}
