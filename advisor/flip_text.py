"""Flip points as text: for each line how it stands, then a sentence for each way that it flips."""

from __future__ import annotations

import textwrap

from advisor.flips import Change, FlipPoints


def as_text(points: FlipPoints, width: int = 100) -> str:
    """Return flip points as text.

    Args:
        points: the flip points.
        width: the longest line, in characters.
    """
    lines: list[str] = []
    for line in points.lines:
        lines += [f"{line.kind.replace('_', ' ')} {line.id}", *_wrapped(line.text, width, "  ")]
        for size in range(1, points.limit + 1):
            flips_of_size = [flip for flip in line.flips if len(flip.facts) == size]
            if flips_of_size:
                lines.append(f"  {'One fact' if size == 1 else f'{size} facts together'}:")
            for flip in flips_of_size:
                for way in flip.ways:
                    lines += _wrapped(way.text, width, "    - ")
                    for change in way.changes:
                        lines += _wrapped(_in_names(change), width, "        ")
        lines.append("")
    return "\n".join([*lines, *_wrapped(points.note, width, "")]) + "\n"


def _in_names(change: Change) -> str:
    """Return a change with the names that a situation file has."""
    nearest = _written(change.nearest)
    if change.type == "set":
        parts = [f"nearest {nearest}"]
        if change.includes:
            parts.append(f"must have {', '.join(change.includes)}")
        if change.excludes:
            parts.append(f"must not have {', '.join(change.excludes)}")
        told = "; ".join(parts)
    elif change.values:
        told = " or ".join(map(_written, change.values))
    else:
        told = f"nearest {nearest}"
    return f"{change.fact}: {told} (now {_written(change.present)})"


def _written(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(value)}]" if isinstance(value, list) else str(value)


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=" " * len(indent), break_long_words=False
    )
