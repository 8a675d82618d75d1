"""Figures of what was measured: medians, and how far they spread."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from typing import Any, TypeAlias

Spread: TypeAlias = "dict[str, float]"


def quantile(values: Sequence[float], part: float) -> float:
    """Return the value below which a part of the values lies, between the nearest two if need be."""
    known = sorted(values)
    place = part * (len(known) - 1)
    low = int(place)
    high = min(low + 1, len(known) - 1)
    return known[low] + (known[high] - known[low]) * (place - low)


def spread(values: Sequence[float]) -> Spread:
    """Return the median, and the tenth and ninetieth percentile."""
    return {
        "median": significant(statistics.median(values)),
        "p10": significant(quantile(values, 0.1)),
        "p90": significant(quantile(values, 0.9)),
    }


def significant(number: float, digits: int = 4) -> float:
    """Return a number with so many significant digits."""
    return float(f"{number:.{digits}g}")


def log(*what: Any) -> None:
    """Say on standard error how far the measurement is."""
    print(*what, file=sys.stderr, flush=True)
