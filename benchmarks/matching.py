"""What matching costs: the index beside experta's Rete, and answers from corpora with more and more rules.

The same situations (those of ``examples/``, and one of four facts) are put to the built-in pack, and to it with packs
of generated rules beside it of which none fires in them: so the same rules fire in each, and nothing grows but the
number of rules. Prints

- for each corpus, how many times as long a run takes by Rete as by the index (the larger ones are left out for Rete);
- for each corpus, how many times as long a run by the index, and a whole answer, take as with the built-in pack alone.

All are medians over the situations of ratios of medians, taken in one run; run it by ``make bench-matching``. It takes
a few minutes, most of which go into reading thousands of files.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import generated
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
SIZES = (425, 4_250, 5_000, 19_500)
"""How many rules are generated beside the built-in ones: as many, ten times as many, and as many as a pack may have."""
RETE_UP_TO = 5_000
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


def situations(corpus: Corpus) -> dict[str, Facts]:
    """Return the situations, in canonical form, by name."""
    told = {path.stem: yaml.safe_load(path.read_text("utf-8"))["facts"] for path in (ROOT / "examples").glob("*.yaml")}
    return {name: situation.parse(facts, corpus.facts) for name, facts in sorted({**told, "four facts": FEW}.items())}


def corpora(cases: Mapping[str, Facts]) -> list[Corpus]:
    """Return the built-in corpus, and it with more and more rules that don't fire in the cases."""
    found = [advisor.load_corpus()]
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            pack = Path(folder) / "generated"
            generated.write(pack, size, silent_in=cases.values())
            found.append(advisor.load_corpus(pack))
    return found


def main() -> None:
    """Measure and print a table."""
    cases = situations(advisor.load_corpus())
    known = corpora(cases)
    indexed = [Engine(corpus, workers=1, matcher="indexed") for corpus in known]
    small = [number for number, corpus in enumerate(known) if len(corpus.rules) <= RETE_UP_TO]
    rete = {number: Engine(known[number], workers=1, matcher="rete") for number in small}
    gc.collect()
    gc.freeze()  # corpora as large as these would otherwise be looked through again and again
    runs: list[list[float]] = []
    answers: list[list[float]] = []
    against: list[list[float]] = []
    for name, facts in cases.items():
        fired = {len(engine.run(facts).fired) for engine in indexed}
        assert len(fired) == 1, name
        runs.append(medians([partial(engine.run, facts) for engine in indexed]))
        answers.append(medians([partial(advise, facts, corpus) for corpus in known]))
        both = [partial(engine.run, facts) for number in small for engine in (rete[number], indexed[number])]
        times = medians(both, RETE_REPEATS)
        against.append([slow / fast for slow, fast in zip(times[::2], times[1::2], strict=True)])
        print(f"{name}: {fired.pop()} rules fire, answered in {answers[-1][0] * 1000:.1f} ms", flush=True)
    print(f"{'rules':>8}{'Rete/index':>12}{'index':>8}{'answer':>8}   (index and answer: times the built-in pack's)")
    for number, corpus in enumerate(known):
        rate = f"{statistics.median(row[number] for row in against):.0f}" if number < len(small) else ""
        run = statistics.median(row[number] / row[0] for row in runs)
        answer = statistics.median(row[number] / row[0] for row in answers)
        print(f"{len(corpus.rules):8,}{rate:>12}{run:8.1f}{answer:8.1f}")


if __name__ == "__main__":
    main()
