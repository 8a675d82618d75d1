"""What matching costs: the register beside experta's Rete, and answers from corpora with more and more rules.

The same situations (those of ``examples/``, one of four facts, and a dozen like those that officers told) are put to
the built-in corpus, and to it with generated rules beside it of which none fires in them: so the same rules fire in
each, and nothing grows but their number. Prints

- for each corpus, how many times as long a run takes by Rete as by the register (in some of the situations; the
  largest is left out);
- for each corpus, how many times as long a run by the register, and a whole answer, take as with the built-in one;
- how long a run takes, and how long it takes to compile the rules, in milliseconds.

The ratios are medians over the situations of ratios of medians, taken in one run; run it by ``make bench-matching``.
It takes a few minutes.
"""

from __future__ import annotations

import dataclasses
import gc
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import generated
import situations
import yaml

import advisor
from advisor import situation
from advisor.advice import advise
from advisor.conditions import Facts
from advisor.corpus import Corpus
from advisor.engine import Engine

ROOT = Path(__file__).resolve().parent.parent
FEW = {
    "situation_types": ["mass_influx"],
    "border_status": "closed",
    "host_capacity": "overwhelmed",
    "contributions_offered": ["money"],
}
TIMES = (1, 2, 10, 100)
"""How many times as many rules as the built-in corpus has."""
RETE_UP_TO = 10
RETE_CASES = 6
LIKE_THOSE_TOLD = 12
REPEATS = 9
RETE_REPEATS = 3


def medians(calls: Sequence[Callable[[], object]], repeats: int = REPEATS) -> list[float]:
    """Return the median of the processor time, in seconds, of each of some calls, the first of each not counted.

    They are made in turn, so that a machine that is now fast and now slow is so to all of them.
    """
    times: list[list[float]] = [[] for _ in calls]
    for repeat in range(repeats + 1):
        for call, taken in zip(calls, times, strict=True):
            start = time.process_time()
            call()
            if repeat:
                taken.append(time.process_time() - start)
    return list(map(statistics.median, times))


def cases_of(corpus: Corpus) -> dict[str, Facts]:
    """Return the situations, in canonical form, by name."""
    told = {path.stem: yaml.safe_load(path.read_text("utf-8"))["facts"] for path in (ROOT / "examples").glob("*.yaml")}
    like = itertools.islice(situations.varied(corpus), LIKE_THOSE_TOLD)
    told |= {"four facts": FEW, **{f"like those told, {number + 1}": facts for number, facts in enumerate(like)}}
    return {name: situation.parse(facts, corpus.facts) for name, facts in sorted(told.items())}


def compiled(corpus: Corpus) -> tuple[Engine, float]:
    """Return the engine of a corpus that matches by the register, and how long it took to compile the rules."""
    anew = dataclasses.replace(corpus)  # what generated the rules may have compiled the index already
    start = time.process_time()
    engine = Engine(anew, workers=1, matcher="indexed")
    return engine, time.process_time() - start


def main() -> None:
    """Measure and print a table."""
    cases = cases_of(advisor.load_corpus())
    known = [generated.corpus_of(times, silent_in=cases.values()) for times in TIMES]
    gc.collect()
    gc.freeze()  # corpora as large as these would otherwise be looked through again and again
    indexed, compiling = zip(*map(compiled, known), strict=True)
    small = [number for number, times in enumerate(TIMES) if times <= RETE_UP_TO]
    rete = {number: Engine(known[number], workers=1, matcher="rete") for number in small}
    gc.collect()
    gc.freeze()
    runs: list[list[float]] = []
    answers: list[list[float]] = []
    against: list[list[float]] = []
    for name, facts in cases.items():
        found = [engine.run(facts) for engine in indexed]
        assert all(run == found[0] and run.layers == found[0].layers for run in found), name
        runs.append(medians([partial(engine.run, facts) for engine in indexed]))
        answers.append(medians([partial(advise, facts, corpus) for corpus in known]))
        if len(against) < RETE_CASES:
            both = [partial(engine.run, facts) for number in small for engine in (rete[number], indexed[number])]
            times = medians(both, RETE_REPEATS)
            against.append([slow / fast for slow, fast in zip(times[::2], times[1::2], strict=True)])
        print(f"{name}: {len(found[0].fired)} rules fire, answered in {answers[-1][0] * 1000:.1f} ms", flush=True)
    print("   (run and answer: times the built-in corpus's)")
    print(f"{'rules':>8}{'Rete/register':>15}{'run':>8}{'answer':>8}{'a run, ms':>12}{'compiling, ms':>15}")
    for number, corpus in enumerate(known):
        rate = f"{statistics.median(row[number] for row in against):.0f}" if number in small else ""
        run = statistics.median(row[number] / row[0] for row in runs)
        answer = statistics.median(row[number] / row[0] for row in answers)
        took = statistics.median(row[number] for row in runs)
        cost = f"{run:8.1f}{answer:8.1f}{took * 1000:12.3f}{compiling[number] * 1000:15.0f}"
        print(f"{len(corpus.rules):8,}{rate:>15}{cost}")


if __name__ == "__main__":
    main()
