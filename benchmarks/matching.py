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

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
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
SIZES = (425, 4_250, 5_000, 20_000)
"""How many rules are generated beside the built-in ones; the first two are as many, and ten times as many."""
RETE_UP_TO = 4_250
REPEATS = 9
RETE_REPEATS = 3


def median_seconds(call: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median of the processor time of a call, the first one not counted."""
    call()
    times = []
    for _ in range(repeats):
        start = time.process_time()  # of this process alone: other work on the machine counts the less
        call()
        times.append(time.process_time() - start)
    return statistics.median(times)


def situations(corpus: Corpus) -> dict[str, Facts]:
    """Return the situations, in canonical form, by name."""
    told = {path.stem: yaml.safe_load(path.read_text("utf-8"))["facts"] for path in (ROOT / "examples").glob("*.yaml")}
    return {name: situation.parse(facts, corpus.facts) for name, facts in sorted({**told, "four facts": FEW}.items())}


def ratio(times: Mapping[str, float], to: Mapping[str, float]) -> float:
    """Return the median, over the situations, of times as multiples of other times."""
    return statistics.median(times[name] / to[name] for name in to)


def main() -> None:
    """Measure and print two tables."""
    builtin = advisor.load_corpus()
    cases = situations(builtin)
    fired = {name: len(Engine(builtin, workers=1).run(facts).fired) for name, facts in cases.items()}
    print("rules that fire:", ", ".join(f"{name} {count}" for name, count in fired.items()))
    print(f"{'rules':>8}{'Rete/index':>12}{'index':>8}{'answer':>8}   (index and answer: times the built-in pack's)")
    plain_runs: dict[str, float] = {}
    plain_answers: dict[str, float] = {}
    for size in (0, *SIZES):
        with tempfile.TemporaryDirectory() as folder:
            corpus = builtin
            if size:
                pack = Path(folder) / "generated"
                generated.write(pack, size, silent_in=cases.values())
                corpus = advisor.load_corpus(pack)
        indexed = Engine(corpus, workers=1, matcher="indexed")
        for name, facts in cases.items():
            assert len(indexed.run(facts).fired) == fired[name]
        runs = {name: median_seconds(partial(indexed.run, facts)) for name, facts in cases.items()}
        answers = {name: median_seconds(partial(advise, facts, corpus)) for name, facts in cases.items()}
        plain_runs, plain_answers = plain_runs or runs, plain_answers or answers
        against = ""
        if size <= RETE_UP_TO:
            rete = Engine(corpus, workers=1, matcher="rete")
            slow = {name: median_seconds(partial(rete.run, facts), RETE_REPEATS) for name, facts in cases.items()}
            against = f"{ratio(slow, runs):.0f}"
        print(
            f"{len(corpus.rules):8,}{against:>12}{ratio(runs, plain_runs):8.1f}{ratio(answers, plain_answers):8.1f}",
            f"   {statistics.median(runs.values()) * 1000:.2f} ms, {statistics.median(answers.values()) * 1000:.1f} ms",
            flush=True,
        )


if __name__ == "__main__":
    main()
