"""What a batch costs: its memory in all processes together, and how much faster two processes are than one.

``python benchmarks/batching.py [NUMBER] [--select full|brief] [--to ndjson|parquet] [--repeats N]`` writes so many
situations (``benchmarks/situations.py``), none twice, has ``advisor batch`` answer them with one process and with two,
in turn, and prints

- situations a second of each, from the best of the repeats, without what a batch of none takes;
- how many times as fast two processes are as one;
- how much longer one process takes for a situation than the answer alone, in a loop that does nothing else;
- the most memory of all processes together, as the system counts it: PSS, in which what processes share counts once,
  and RSS, in which it counts for each. Linux alone says so.

It checks that both write the same bytes. Run it by ``make bench-batching``.
"""

from __future__ import annotations

import argparse
import filecmp
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from situations import varied

import advisor
from advisor.advice import advise_json

SAMPLE_SECONDS = 0.1


@dataclass
class Run:
    """What one run took: seconds, and the most memory in bytes."""

    seconds: float
    pss: int
    rss: int


def family(pid: int) -> list[int]:
    """Return a process and all that it began, as far as they are there."""
    found = [pid]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    return found


def memory(pids: list[int]) -> tuple[int, int]:
    """Return PSS and RSS of processes together, in bytes."""
    sums = {"Pss": 0, "Rss": 0}
    for pid in pids:
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name in sums:
                    sums[name] += int(rest.split()[0]) * 1024
        except OSError:
            continue
    return sums["Pss"], sums["Rss"]


def timed(source: Path, output: Path, jobs: int, select: str) -> Run:
    """Have a file answered, and return what it took."""
    output.unlink(missing_ok=True)
    command = [sys.executable, "-m", "advisor", "batch", source, "-o", output, "--jobs", str(jobs), "--select", select]
    start = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stderr=subprocess.DEVNULL)
    most = (0, 0)
    while True:
        try:
            status = process.wait(SAMPLE_SECONDS)
        except subprocess.TimeoutExpired:
            now = memory(family(process.pid))
            most = (max(most[0], now[0]), max(most[1], now[1]))
        else:
            break
    assert status == 0, f"{source} was not answered"
    return Run(time.perf_counter() - start, *most)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("number", type=int, nargs="?", default=2_000)
    parser.add_argument("--select", choices=["full", "brief"], default="brief")
    parser.add_argument("--to", choices=["ndjson", "parquet"], default="ndjson")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, none = folder / "situations.ndjson", folder / "none.ndjson"
        none.touch()
        script = str(Path(__file__).with_name("situations.py"))
        with source.open("wb") as file:
            subprocess.run([sys.executable, script, str(asked.number)], stdout=file, check=True)
        outputs = {jobs: folder / f"by-{jobs}.{asked.to}" for jobs in (1, 2)}
        runs: dict[int, list[Run]] = {1: [], 2: []}
        empty: dict[int, list[Run]] = {1: [], 2: []}
        for _ in range(asked.repeats):
            for jobs, output in outputs.items():
                empty[jobs].append(timed(none, output, jobs, asked.select))
                runs[jobs].append(timed(source, output, jobs, asked.select))
        assert filecmp.cmp(outputs[1], outputs[2], shallow=False), "one process and two don't write the same"
        size = outputs[1].stat().st_size
    alone = answers_alone()
    print(f"{asked.number:,} situations, {asked.select}, {asked.to}: {size / asked.number:,.0f} bytes an answer")
    taken = {}
    for jobs in runs:
        taken[jobs] = min(run.seconds for run in runs[jobs]) - min(run.seconds for run in empty[jobs])
        pss, rss = (max(getattr(run, what) for run in runs[jobs]) / 1e6 for what in ("pss", "rss"))
        rate = asked.number / taken[jobs]
        print(f"--jobs {jobs}: {rate:8,.0f} a second; at most {pss:,.0f} MB (PSS), {rss:,.0f} MB (RSS), all processes")
    print(f"two processes are {taken[1] / taken[2]:.2f} times as fast as one")
    each = taken[1] / asked.number
    print(f"an answer alone takes {alone * 1e3:.3f} ms, a situation of a batch {each * 1e3:.3f} ms")


def answers_alone(number: int = 300) -> float:
    """Return the seconds that an answer takes, the best of three times over some situations."""
    corpus = advisor.load_corpus()
    told = list(islice(varied(corpus), number))
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for facts in told:
            advise_json(facts, corpus)
        best = min(best, time.perf_counter() - start)
    return best / number


if __name__ == "__main__":
    main()
