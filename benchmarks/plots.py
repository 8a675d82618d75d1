"""The plots of the page on performance, as SVG: the same bytes for the same results, readable in light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt  # the backend is chosen first

_INK = "#010203"
_STYLE = (
    "<style>:root{color:#1f2328}@media(prefers-color-scheme:dark){:root{color:#e6edf3}}"
    "text{fill:currentColor;font-family:sans-serif}</style>"
)
"""Whoever looks at an SVG sees ink that fits the background; matplotlib knows no such colour."""
COLOURS = {"advisor": "#d1495b", "function": "#8a8f98", "ZEN": "#2a9d6f", "CLIPS": "#3b82c4", "experta": "#c98a1b"}
MARKERS = {"advisor": "o", "function": "s", "ZEN": "^", "CLIPS": "D", "experta": "v"}
NAMES = {
    "advisor": "this engine",
    "objects": "this engine, reasons as objects",
    "function": "written function",
    "experta": "stock experta",
}
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "advisor",
    "font.size": 11,
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), _INK),
    "axes.spines.top": False,
    "axes.spines.right": False,
}


@contextmanager
def _figure(file: Path, width: float, height: float, columns: int = 1) -> Iterator[Any]:
    with mpl.rc_context(_SETTINGS):
        figure, axes = plt.subplots(1, columns, figsize=(width, height), layout="constrained")
        yield axes
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        plt.close(figure)
    text = file.read_text("utf-8").replace(_INK, "currentColor")
    start = text.index("<defs>")
    lines = [line.rstrip() for line in f"{text[:start]}{_STYLE}\n {text[start:]}".splitlines()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def engines(results: Mapping[str, Any], file: Path) -> None:
    """Draw what a run takes as rules grow in number, for each engine."""
    with _figure(file, 7.5, 4.4) as axes:
        for name, colour in COLOURS.items():
            points = [
                (size["rules"], size["engines"][name]["ms"])
                for size in results["sizes"].values()
                if "ms" in size["engines"].get(name, {})
            ]
            if not points:
                continue
            rules = [each for each, _ in points]
            middle = [ms["median"] for _, ms in points]
            ends = [
                [ms["median"] - ms["p10"] for _, ms in points],
                [ms["p90"] - ms["median"] for _, ms in points],
            ]
            bold = 2.4 if name == "advisor" else 1.3
            axes.errorbar(
                rules, middle, ends, color=colour, marker=MARKERS[name], capsize=3, linewidth=bold, markersize=6
            )
            axes.annotate(
                NAMES.get(name, name),
                (rules[-1], middle[-1]),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        known = [size["rules"] for size in results["sizes"].values()]
        axes.set_xticks(known, [f"{number:,}" for number in known])
        axes.minorticks_off()
        axes.set_xlim(known[0] * 0.8, known[-1] * 6 if len(known) > 1 else known[0] * 2)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
        axes.set_xlabel("rules (the same ones fire)")
        axes.set_ylabel("milliseconds a situation, with the trace")
        axes.grid(axis="y", color="#8a8f98", alpha=0.25)


def serving(results: Mapping[str, Any], file: Path) -> None:
    """Draw requests a second and how long the slowest take, of both endpoints."""
    panels = (
        ("per_second", "requests a second, 16 connections", results["16 connections"]),
        ("p99_ms", "99th percentile in ms, 64 connections", results["64 connections"]),
    )
    with _figure(file, 7.5, 2.3, 2) as pair:
        for axes, (figure, label, known) in zip(pair, panels, strict=True):
            rows = [("bare FastAPI", "bare", "#8a8f98"), ("advisor", "advisor", COLOURS["advisor"])]
            for place, (_, name, colour) in enumerate(reversed(rows)):
                value = known[name][figure]
                error = [[value["median"] - value["p10"]], [value["p90"] - value["median"]]]
                axes.barh(place, value["median"], xerr=error, color=colour, height=0.6, ecolor=_INK, capsize=3)
            axes.set_yticks(range(len(rows)), [name for name, _, _ in reversed(rows)])
            axes.set_xlabel(label)
            axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))


def memory(results: Mapping[str, Any], file: Path) -> None:
    """Draw a service's memory as requests go by."""
    curve = results["curve"]
    with _figure(file, 7.5, 2.6) as axes:
        axes.plot([done / 1000 for done, _ in curve], [held / 1e6 for _, held in curve], color=COLOURS["advisor"])
        early, late = (held / 1e6 for held in results["bytes"])
        axes.scatter([each / 1000 for each in results["requests"]], [early, late], color=COLOURS["advisor"], zorder=3)
        axes.set_ylim(0, max(held for _, held in curve) / 1e6 * 1.15)
        axes.set_xlim(left=0)
        axes.set_xlabel("thousands of requests, none asked twice")
        axes.set_ylabel("MB (RSS)")
        axes.grid(axis="y", color="#8a8f98", alpha=0.25)
