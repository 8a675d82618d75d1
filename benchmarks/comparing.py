"""What rules cost with their trace: the advisor beside experta, CLIPS, ZEN and a function written for these rules.

All engines have the same rules and are told the same situations; that they give the same answers, traces included, is
checked before anything is timed. Times are of the processor, in one process, the engines in turn, so that a machine
that is now fast and now slow is so to all of them. At its turn an engine is told all situations one after another, as
in a service: what it needs is in the processor's caches, what one situation alone needs is not.
"""

from __future__ import annotations

import gc
import importlib
import json
import math
import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

import generated
from engines import Engine
from figures import log, spread
from situations import varied

import advisor
from advisor import situation
from advisor.conditions import Facts
from advisor.corpus import Corpus

SIZES = (1, 10, 100)
"""How many times the built-in rules."""
SITUATIONS = 30
ROUNDS = 11
BUDGET = 25.0
"""Seconds of processor time that one engine may take at one size; a slow one is told fewer situations."""
FEWEST = 3
LONGEST = 40.0
"""Seconds that one run may take; an engine that would take longer isn't measured."""
ENGINES = {
    "advisor": ("engines", "Advisor"),
    "function": ("written_function", "WrittenFunction"),
    "ZEN": ("zen_decision", "Zen"),
    "CLIPS": ("clips_engine", "Clips"),
    "experta": ("stock_experta", "StockExperta"),
}
"""Where each engine's class is, the slowest last; importing it needs its package."""


def engine_class(name: str) -> type[Engine]:
    """Return the class of an engine.

    Raises:
        ModuleNotFoundError: its package isn't installed.
    """
    module, attribute = ENGINES[name]
    found: type[Engine] = getattr(importlib.import_module(module), attribute)
    return found


def cases(corpus: Corpus, number: int = SITUATIONS) -> list[Facts]:
    """Return the situations that are told, in canonical form: the examples first, then varied ones."""
    examples = [situation.parse(example.facts, corpus.facts) for _, example in sorted(corpus.examples.items())]
    more = (situation.parse(facts, corpus.facts) for facts in varied(corpus))
    return [*examples, *islice(more, max(0, number - len(examples)))][:number]


def timed(engine: Engine, facts: Facts) -> float:
    """Return the processor time, in seconds, of one run."""
    start = time.process_time()
    engine.run(facts)
    return time.process_time() - start


class Compared:
    """An engine at one size: how it was made, and what was measured of it."""

    def __init__(self, name: str, corpus: Corpus, first: Facts) -> None:
        self.name = name
        kind = engine_class(name)
        start = time.process_time()
        self.engine = kind(corpus)
        self.engine.run(first)  # by which everything is compiled that is compiled when it is needed
        self.made = time.process_time() - start
        self.rounds = 0
        self.times: list[list[float]] = []

    def plan(self, reference: Engine, known: Sequence[Facts], rounds: int) -> None:
        """Hold the engine's answers to another's, and settle how many situations and rounds there is time for.

        Raises:
            AssertionError: an answer differs.
        """
        taken: list[float] = []
        for facts in known:
            start = time.process_time()
            answer = self.engine.run(facts)
            taken.append(time.process_time() - start)
            _check(self.name, self.engine.outcome(answer), reference.outcome(reference.run(facts)), facts)
            if sum(taken) > BUDGET / 2 and len(taken) >= FEWEST:
                break
        each = statistics.median(taken)
        self.rounds = max(2, min(rounds, math.floor(BUDGET / (each * len(taken)))))
        self.times = [[] for _ in taken]

    def turn(self, known: Sequence[Facts]) -> None:
        """Tell it the situations once."""
        self.engine.run(known[0])
        for facts, times in zip(known, self.times, strict=False):
            times.append(timed(self.engine, facts))

    def medians(self) -> list[float]:
        """Return for each situation the median over the rounds, in milliseconds."""
        return [statistics.median(times) * 1000 for times in self.times]


def _check(name: str, outcome: Any, reference: Any, facts: Facts) -> None:
    for part in ("because", "pressing", "findings"):
        found, wanted = getattr(outcome, part), getattr(reference, part)
        assert found == wanted, f"{name} gives other {part} on {situation.to_json(facts)}: {found} and not {wanted}"


def compare(corpus: Corpus, known: Sequence[Facts], rounds: int, skipped: Mapping[str, str]) -> dict[str, Any]:
    """Return what was measured of all engines that have the rules of one corpus.

    Args:
        corpus: the rules.
        known: the situations.
        rounds: how often each is told, where there is time for it.
        skipped: engines that are left out, and why.
    """
    found: list[Compared] = []
    missing = dict(skipped)
    for name in ENGINES:
        if name in missing:
            continue
        try:
            compared = Compared(name, corpus, known[0])
        except ModuleNotFoundError as error:
            missing[name] = f"{error.name} is not installed"
            continue
        found.append(compared)
        compared.plan(found[0].engine, known, rounds)
        log(f"  {name}: made in {compared.made:.1f} s, equal in {len(compared.times)} situations")
    gc.collect()
    gc.freeze()  # else a corpus as large as these is looked through again and again
    for number in range(max(each.rounds for each in found)):
        for each in found:
            if number < each.rounds:
                each.turn(known)
    gc.unfreeze()
    base = found[0].medians()
    advised = found[0].engine
    fired = [len(advised.outcome(advised.run(facts)).because) for facts in known]
    engines: dict[str, Any] = {}
    for each in found:
        own = each.medians()
        engines[each.name] = {
            "made_s": round(each.made, 3),
            "situations": len(own),
            "rounds": each.rounds,
            "ms": spread(own),
            "times_advisor": spread([one / other for one, other in zip(own, base, strict=False)]),
        }
    engines |= {name: {"not_measured": why} for name, why in missing.items()}
    return {"rules": len(corpus.rules), "fired": statistics.median(fired), "engines": engines}


def growth(corpora: Mapping[int, Corpus], known: Sequence[Facts], rounds: int) -> dict[str, Any]:
    """Return how many times as long the advisor takes with more rules of which none fires, all sizes in turn."""
    compared = {times: Compared("advisor", corpus, known[0]) for times, corpus in corpora.items()}
    for facts in known:
        fired = {frozenset(each.engine.outcome(each.engine.run(facts)).because) for each in compared.values()}
        assert len(fired) == 1, f"other rules fire where there are more: {situation.to_json(facts)}"
    for each in compared.values():
        each.times = [[] for _ in known]
    for _ in range(rounds):
        for each in compared.values():
            each.turn(known)
    medians = {times: each.medians() for times, each in compared.items()}
    return {
        str(times): spread([one / other for one, other in zip(own, medians[1], strict=True)])
        for times, own in medians.items()
    }


def measure(rounds: int = ROUNDS, sizes: Sequence[int] = SIZES, number: int = SITUATIONS) -> dict[str, Any]:
    """Return what was measured at all sizes."""
    known = cases(advisor.load_corpus(), number)
    corpora: dict[int, Corpus] = {}
    results: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    for times in sizes:
        log(f"{times} times the built-in rules")
        corpora[times] = generated.corpus_of(times, known)
        results[str(times)] = compare(corpora[times], known, rounds, skipped)
        following = next((size for size in sizes if size > times), None)
        if following is not None:
            skipped |= _too_slow(results, times, following)
    gc.collect()
    gc.freeze()
    return {"situations": len(known), "sizes": results, "growth": growth(corpora, known, rounds)}


def _too_slow(results: Mapping[str, Any], times: int, following: int) -> dict[str, str]:
    """Return the engines that would take too long with more rules, and why: nothing is gained by waiting for them."""
    found: dict[str, str] = {}
    sizes = [int(size) for size in results]
    for name in ENGINES:
        known = [results[str(size)]["engines"][name].get("ms") for size in sizes]
        if name == "advisor" or known[-1] is None:
            continue
        seconds = known[-1]["median"] / 1000
        grown = known[-1]["median"] / known[-2]["median"] if len(known) > 1 else following / times
        if seconds * grown > LONGEST:
            found[name] = (
                f"with {times} times the rules one run took {seconds:,.1f} s, each step {grown:,.0f} times as long as "
                f"the one before: it would be {seconds * grown:,.0f} s"
            )
    return found


def versions() -> dict[str, str]:
    """Return the versions of the engines' packages that are installed."""
    found = {}
    for name in ("experta", "clipspy", "zen-engine"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def main(arguments: Sequence[str]) -> None:
    """Measure, and write what was measured to a file: ``comparing.py FILE [ROUNDS [SIZE…]]``."""
    file, rounds, *sizes = [*arguments, str(ROUNDS)] if len(arguments) == 1 else arguments
    result = measure(int(rounds), tuple(map(int, sizes)) or SIZES)
    Path(file).write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # CLIPS would say on standard output what it didn't free


if __name__ == "__main__":
    main(sys.argv[1:])
