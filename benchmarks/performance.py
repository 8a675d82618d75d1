"""Measures all that the page on performance says, and writes the page: ``make bench``.

``performance.py [--quick] [--to FOLDER] [--only PART…] [--render]`` measures each part (``engines``, ``answers``,
``serving``, ``memory``, ``starting``, ``batches``; ``million`` where it is asked for) and writes ``performance.md``,
``performance/*.svg`` and ``performance/results.json`` below FOLDER, ``docs`` if nothing else is said. Parts that aren't
measured anew stay as they are in ``results.json``; ``--render`` measures none. The text of the page is in
``performance.template.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from string import Template
from typing import Any

from figures import log, significant, spread

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PARTS = ("engines", "answers", "serving", "memory", "starting", "batches")
LONG = ("million",)
"""Parts that are measured only where they are asked for: they take half an hour or more."""
PACKAGES = ("experta", "clipspy", "zen-engine", "pydantic", "fastapi", "uvicorn", "httptools", "uvloop")
BATCH, MILLION = 10_000, 1_000_000
Results = dict[str, Any]


def machine() -> Results:
    """Return what it is measured on."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processors": known,
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": versions,
    }


def _engines(quick: bool) -> Results:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "engines.json"
        rounds = ["3", "1", "10"] if quick else []
        # A process of its own: CLIPS writes to standard output, and what the corpora take is given back.
        command = [sys.executable, str(HERE / "comparing.py"), str(file), *rounds]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        found: Results = json.loads(file.read_text("utf-8"))
        return found


def _answers(quick: bool) -> Results:
    import parts

    return parts.measure(20, 50) if quick else parts.measure()


def _serving(quick: bool) -> Results:
    import serving

    return serving.measure(2, 1.0) if quick else serving.measure()


def _memory(quick: bool) -> Results:
    import soak

    return soak.measure(500, 2_000) if quick else soak.measure()


def _starting(quick: bool) -> Results:
    import starting

    log("starting")
    taken = starting.measure(3, 1) if quick else starting.measure()
    return {
        name: {key: significant(value) for key, value in each.items() if isinstance(value, int | float)}
        for name, each in taken.items()
    }


def _batches(quick: bool) -> Results:
    import batching

    log("batches")
    sizes = (200, 400) if quick else (BATCH, 4 * BATCH)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in (0, *sizes):
            with (folder / f"{number}.ndjson").open("wb") as file:
                subprocess.run([sys.executable, str(HERE / "situations.py"), str(number)], stdout=file, check=True)
        output = folder / "out.ndjson"

        def run(number: int, jobs: int) -> Any:
            return batching.timed(folder / f"{number}.ndjson", output, jobs, "brief")

        ratios, rates = [], []
        for _ in range(1 if quick else 3):
            # Starting the processes counts for both, and isn't what is asked: it is taken off.
            one, two = (run(sizes[0], jobs).seconds - run(0, jobs).seconds for jobs in (1, 2))
            ratios.append(one / two)
            rates.append(sizes[0] / one)
        return {
            "two_times_one": spread(ratios),
            "per_second": spread(rates),
            "memory": [[number, run(number, 2).pss] for number in sizes],
        }


def _million(quick: bool) -> Results:
    import batching

    log("a million situations")
    number = BATCH if quick else MILLION
    with tempfile.TemporaryDirectory() as name:
        source, output = Path(name) / "in.ndjson", Path(name) / "out.ndjson"
        with source.open("wb") as file:
            subprocess.run([sys.executable, str(HERE / "situations.py"), str(number)], stdout=file, check=True)
        held = batching.timed(source, output, 2, "brief").pss
        with output.open("rb") as lines:
            assert sum(1 for _ in lines) == number, "not every situation was answered"
    return {"situations": number, "bytes": held}


MEASURED: Mapping[str, Callable[[bool], Results]] = {
    "engines": _engines,
    "answers": _answers,
    "serving": _serving,
    "memory": _memory,
    "starting": _starting,
    "batches": _batches,
    "million": _million,
}


def shown(value: Mapping[str, float], digits: int = 2) -> str:
    """Return a median with its spread: ``1.20 (1.10-1.30)``."""
    middle, low, high = (_number(value[key], digits) for key in ("median", "p10", "p90"))
    return f"{middle} ({low} – {high})"  # noqa: RUF001  # an en dash, as ranges have


def _number(value: float, digits: int) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.{digits}f}" if value >= 0.1 else f"{value:.{digits + 1}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def inverse(value: Mapping[str, float]) -> dict[str, float]:
    """Return the spread of the inverse of what spreads so."""
    return {"median": 1 / value["median"], "p10": 1 / value["p90"], "p90": 1 / value["p10"]}


def page(results: Results) -> str:
    """Return the page."""
    import plots

    known = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in known["packages"].items() if version[0].isdigit())
    absent = [name for name, version in known["packages"].items() if not version[0].isdigit()]
    engines, serving, memory = results["engines"], results["serving"], results["memory"]
    sizes = list(engines["sizes"].values())

    def cell(size: Results, name: str) -> str:
        engine = size["engines"].get(name, {})
        if "ms" not in engine:
            return "not measured"
        return f"{shown(engine['ms'])}; **{_number(engine['times_advisor']['median'], 2)}**"

    names = {name: plots.NAMES.get(name, name) for name in sizes[0]["engines"]}
    skipped = sorted(
        {
            f"Not measured: {names[name]} with {size['rules']:,} rules, because {engine['not_measured']}."
            for size in sizes
            for name, engine in size["engines"].items()
            if "not_measured" in engine
        }
    )
    fewer = [
        f"With {size['rules']:,} rules, {names[name]} was told {engine['situations']} situations."
        for size in sizes
        for name, engine in size["engines"].items()
        if engine.get("situations", engines["situations"]) < engines["situations"]
    ]
    pinned = (
        "One processor was the service's and the other the client's; two workers had to share both with it."
        if serving["pinned"]
        else "There is one processor, which the service shares with the client."
    )
    return Template((HERE / "performance.template.md").read_text("utf-8")).substitute(
        machine=(
            f"Measured on {known['processors']} processors ({known['architecture']}, {known['system']}) with Python "
            f"{known['python']}: {versions}" + (f"; without {' and '.join(absent)}." if absent else ".")
        ),
        figures=table(["", "asked", "reached"], _figures(results)),
        sizes=", ".join(f"{size['rules']:,}" for size in sizes),
        engines="Milliseconds a situation, and in bold the multiple of this engine's:\n\n"
        + table(
            ["", *(f"{size['rules']:,} rules" for size in sizes)],
            [[label, *(cell(size, name) for size in sizes)] for name, label in names.items()],
        ),
        skipped=" ".join([*skipped, *fewer]),
        situations=str(engines["situations"]),
        serving=table(
            ["", "requests a second", "median, ms", "99th percentile, ms"],
            [
                [f"{label}, {connections}", *(shown(serving[connections][name][key], 1) for key in _SERVED)]
                for connections in ("16 connections", "64 connections")
                for label, name in (("bare", "bare"), ("the way alone", "way"), ("advisor", "advisor"))
            ],
        ),
        answer_kb=_number(serving["answer_bytes"] / 1000, 0),
        pinned=pinned,
        memory=_memory_text(memory),
        parts=_parts_table(results["answers"]),
        ways=_item(_ways_text(results["answers"])),
        left=_item(_left_text(results)),
        others=_others(results),
        client=_client_text(serving),
    )


def _item(text: str) -> str:
    """Return what is to stand in a list in lines of an even length."""
    return textwrap.fill(text, 120, initial_indent="- ", subsequent_indent="  ", break_long_words=False)


def _parts_table(answers: Results) -> str:
    taken = answers["parts"]
    whole = sum(part["median"] for part in taken.values())
    rows = [[name, shown(part), f"{part['median'] / whole:.0%}"] for name, part in taken.items()]
    return table(["part of an answer", "ms", "share"], rows)


def _ways_text(answers: Results) -> str:
    anew, turn, once = (shown(answers["ways"][name]) for name in ("anew", "in turn", "at once"))
    return (
        "**What is kept lies far from the processor.** A situation that wasn't met before takes "
        f"{anew} ms; {answers['situations']} that were, told one after the other, take {turn} ms; each of these told "
        f"again at once takes {once} ms, though the work is the same. An answer is put together from some five "
        "thousand objects out of a hundred megabytes, and to fetch them takes as long as all else. Huge pages, a later "
        "Python and other ways to keep them changed nothing that could be measured."
    )


def _left_text(results: Results) -> str:
    """Return what a request may take, and what of it is the way there and back."""
    served, parts = results["serving"]["16 connections"], results["answers"]["parts"]
    bare, way, own = (1000 / served[name]["per_second"]["median"] for name in ("bare", "way", "advisor"))
    firing, writing = (parts[name]["median"] for name in ("firing the rules", "writing it down"))
    ms = [_number(number, 2) for number in (bare, own, way, bare / 0.4 - way, own - way, firing, writing)]
    return (
        "**What is left for an answer is little.** A request takes {} ms of the bare endpoint and {} ms of the "
        "advisor's. Of these {} ms are the way there and "
        "back: the same endpoint with answers that were prepared. At 40 % of the bare endpoint's requests {} ms would "
        "be left for an answer, which takes {} ms; firing the rules alone takes {} ms, and writing it down {} ms."
    ).format(*ms)


def _client_text(serving: Results) -> str:
    client = serving["client"]
    if client["wrk"] is None:
        return "it is not on the machine of these figures"
    busy = serving["16 connections"]["bare"]["client_busy"]["median"]
    return (
        f"which got {client['wrk']:,.0f} requests a second out of the bare endpoint where the client here got "
        f"{client['own']:,.0f}, for which it was busy {busy:.0%} of the time"
    )


_SERVED = ("per_second", "p50_ms", "p99_ms")


def _memory_text(memory: Results) -> str:
    if "bytes" not in memory:
        return f"Not measured: {memory['not_measured']}."
    (early, late), (first, last) = memory["requests"], memory["bytes"]
    return (
        f"After {early:,} requests the service holds {first / 1e6:.1f} MB, after {late:,} it holds {last / 1e6:.1f} MB "
        f"(RSS), {(last / first - 1) * 100:+.1f} %."
    )


def _figures(results: Results) -> list[list[str]]:
    engines, serving, memory = results["engines"], results["serving"], results["memory"]
    sizes = engines["sizes"]
    rows: list[list[str]] = []

    def more(size: str) -> str:
        return f"{size} times the rules" if size != "1" else "the built-in rules"

    def engine(size: str, name: str) -> Mapping[str, float] | None:
        found: Mapping[str, float] | None = sizes.get(size, {}).get("engines", {}).get(name, {}).get("times_advisor")
        return found

    if (times := engine("1", "experta")) is not None:
        rows.append(["1. Rules fired with their trace, times as fast as stock experta", "at least 20", shown(times)])
    rows += (
        [f"1. The same with {more(size)}, times {name}'s time", "at most 1", shown(inverse(times))]
        for name in ("CLIPS", "ZEN")
        for size in sizes
        if (times := engine(size, name)) is not None
    )
    if (times := engine("1", "function")) is not None:
        rows.append(["1. The same, times the written function's time", "at most 10", shown(inverse(times))])
    for size, times in engines["growth"].items():
        if size == "100":
            rows.append([f"2. With {more(size)} and the same ones firing, times as long", "at most 2", shown(times)])
    share = {key: value * 100 for key, value in serving["16 connections"]["per_second_times_bare"].items()}
    two = serving["workers"]["two_times_one"]
    rows += [
        ["3. Answers over HTTP, one worker, % of the bare endpoint's", "at least 40", shown(share, 1)],
        [
            "3. 99th percentile at 64 connections, times the bare endpoint's",
            "at most 3",
            shown(serving["64 connections"]["p99_ms_times_bare"]),
        ],
        ["3. Requests a second of two workers, times one's", "at least 1.7", shown(two)],
    ]
    if "starting" in results:
        ratio = results["starting"]["advise"]["ratio"]
        label = "4. `advisor advise` from a cold start, times the imports it needs"
        rows.append([label, "at most 2", _number(ratio, 2)])
    if "bytes" in memory:
        label = f"5. Memory after {memory['requests'][1]:,} requests, times after {memory['requests'][0]:,}"
        rows.append([label, "within 0.05 of 1", _number(memory["late_times_early"], 3)])
    if "batches" in results:
        batches = results["batches"]
        number, held = batches["memory"][-1]
        rows.append(
            [
                "6. A batch with two processes, times as fast as with one",
                "at least 1.8",
                shown(batches["two_times_one"]),
            ]
        )
        if "million" in results:
            number, held = results["million"]["situations"], results["million"]["bytes"]
        label = f"6. Memory of a batch of {number:,} situations, all processes, in MB"
        rows.append([label, "under 500", _number(held / 1e6, 0)])
    return rows


def _others(results: Results) -> str:
    lines: list[str] = []
    if "starting" in results:
        rows = [
            [name, f"{taken['wall'] * 1000:.0f}", _number(taken["ratio"], 2), _number(taken["processor_ratio"], 2)]
            for name, taken in results["starting"].items()
        ]
        head = ["a process that does this", "ms, from start to end", "times the imports", "the same, of processor time"]
        lines += [table(head, rows), ""]
    if "batches" in results:
        batches = results["batches"]
        lines.append(
            f"`advisor batch` answers {shown(batches['per_second'], 0)} situations a second in one process, briefly."
        )
        lines += (
            f"Two processes, and what holds them together, took at most {held / 1e6:,.0f} MB for {number:,} situations."
            for number, held in batches["memory"]
        )
    if "million" in results:
        number, held = results["million"]["situations"], results["million"]["bytes"]
        lines.append(f"For {number:,} situations they took at most {held / 1e6:,.0f} MB.")
    return "\n".join(lines).strip() or "Not measured."


def _keep(results: Results, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def write(results: Results, folder: Path) -> None:
    """Write the page, its plots and the results below a folder."""
    import plots

    below = folder / "performance"
    _keep(results, below / "results.json")
    plots.engines(results["engines"], below / "engines.svg")
    plots.serving(results["serving"], below / "serving.svg")
    if "curve" in results["memory"]:
        plots.memory(results["memory"], below / "memory.svg")
    (folder / "performance.md").write_text(page(results), encoding="utf-8")


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description="Measure, and write the page on performance.")
    parser.add_argument("--quick", action="store_true", help="a short trial, whose figures mean little")
    parser.add_argument("--to", type=Path, help="where to write; docs, or build for a short trial")
    parser.add_argument("--only", nargs="+", choices=(*PARTS, *LONG), default=PARTS, help="parts to measure anew")
    parser.add_argument("--render", action="store_true", help="measure nothing, write the page anew")
    asked = parser.parse_args()
    folder = asked.to or ROOT / ("build" if asked.quick else "docs")
    file = folder / "performance" / "results.json"
    results: Results = json.loads(file.read_text("utf-8")) if file.exists() else {}
    begun = time.monotonic()
    if not asked.render:
        results["machine"] = machine()
        for part in asked.only:
            results[part] = MEASURED[part](asked.quick)
            _keep(results, file)  # so that a run that was stopped can be gone on with, by --only
    if missing := [part for part in PARTS if part not in results]:
        parser.error(f"there is no page yet: {', '.join(missing)} were never measured")
    write(results, folder)
    log(f"wrote {folder / 'performance.md'} after {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
