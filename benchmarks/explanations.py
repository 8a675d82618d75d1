"""What explanations cost, as ratios to plain answers in one run.

Prints, over the situations of ``scenarios/``, the median time of a plain answer and, as multiples of the plain
answer to the same situation: the answer with its trace, the flip points of all its headlines and red flags (up to
three facts, confirmed by the engine), and the next questions with what each answer to them would bring.

Run it by ``make bench-explanations``; the numbers differ between machines, the ratios hardly.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

import advisor
from advisor.advice import advise
from advisor.flips import flip_points
from advisor.prospects import ask
from advisor.trace import traced

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 7


def median_seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median time of a call, the first one not counted."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def situations() -> dict[str, dict[str, object]]:
    """Return the facts of all situations of the tests, by name."""
    found = {}
    for path in sorted((ROOT / "scenarios").glob("*.yaml")):
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "example" in case:
            case = yaml.safe_load((ROOT / "examples" / f"{case['example']}.yaml").read_text(encoding="utf-8"))
        found[path.stem] = case["facts"]
    return found


def main() -> None:
    """Measure and print a table."""
    corpus = advisor.load_corpus()
    rows: list[tuple[float, float, float]] = []
    print(f"{'situation':32}{'lines':>6}{'plain':>10}{'+ trace':>9}{'flips':>8}{'questions':>11}")
    for name, facts in situations().items():
        size = len(advise(facts, corpus).recommendations)
        plain = median_seconds(partial(advise, facts, corpus))
        trace = median_seconds(partial(traced, facts, corpus)) / plain
        flips = median_seconds(partial(flip_points, facts, corpus), 1) / plain
        questions = median_seconds(partial(ask, facts, corpus), 1) / plain
        rows.append((trace, flips, questions))
        print(f"{name:32}{size:6}{plain * 1000:8.0f}ms{trace:9.2f}{flips:8.1f}{questions:11.1f}")
    for label, values in zip(("with its trace", "flip points", "next questions"), zip(*rows, strict=True), strict=True):
        print(f"{label}: median {statistics.median(values):.2f}, most {max(values):.2f} plain answers")


if __name__ == "__main__":
    main()
