"""What a service's memory comes to: after 20,000 requests, and after 200,000, none of them asked twice.

``python benchmarks/soak.py [EARLY [LATE]]`` prints it, in bytes, and the ratio. Requests
are made up while they are sent.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from figures import log, significant
from load import load
from services import ADVISOR, Service, apart, service
from serving import PATHS, QUIET
from situations import varied

import advisor

EARLY, LATE = 20_000, 200_000
STEPS = 20
"""How often memory is looked at on the way, for the plot."""
CONNECTIONS = 16


def bodies(seed: int) -> Iterator[bytes]:
    """Yield requests without end, none twice."""
    return (json.dumps({"facts": facts}, ensure_ascii=False).encode() for facts in varied(advisor.load_corpus(), seed))


def _memory(running: Service) -> int:
    # What is freed at once when nobody asks is not counted.
    time.sleep(0.5)
    found = running.memory()
    assert found is not None
    return found


def measure(early: int = EARLY, late: int = LATE) -> dict[str, Any]:
    """Return the memory of a service after so many requests, and after so many more."""
    log(f"memory after {early:,} and {late:,} requests")
    own, _ = apart() or (None, None)
    with service(ADVISOR, QUIET, own) as running:
        if running.memory() is None:
            return {"not_measured": "the system doesn't say how much memory a process holds (/proc)"}
        asked = bodies(4)
        curve: list[tuple[int, int]] = []
        begun = time.perf_counter()
        step = max(1, late // STEPS)
        points = sorted({early, late, *(number for number in range(step, late, step))})
        done = 0
        for point in points:
            load(running.port, PATHS["advisor"], asked, CONNECTIONS, float("inf"), point - done)
            done = point
            curve.append((done, _memory(running)))
        taken = time.perf_counter() - begun
    known = dict(curve)
    return {
        "requests": [early, late],
        "bytes": [known[early], known[late]],
        "late_times_early": significant(known[late] / known[early]),
        "curve": curve,
        "per_second": significant(done / taken),
    }


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    print(json.dumps(measure(*map(int, arguments)), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
