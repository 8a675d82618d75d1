"""What rules cost with their trace: the advisor beside experta, CLIPS, ZEN and a function written for these rules.

All engines have the same rules and are told the same situations, none twice, since some keep what they worked out; it
is as in a service that has answered others before. Each answer that was timed is held to the advisor's afterwards, with
its trace. Times are of the processor, in one process, the engines in turn, so that a machine that is now fast and now
slow is so to all of them.
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
from itertools import islice
from pathlib import Path
from typing import Any

import generated
from engines import Engine
from figures import log, significant, spread
from situations import varied

import advisor
from advisor import situation
from advisor.conditions import Facts
from advisor.corpus import Corpus

SIZES = (1, 10, 100)
"""How many times the built-in rules."""
ROUNDS = 11
A_ROUND = 30
"""Situations in each turn of an engine."""
BEFORE = 300
"""Situations that an engine is told before it is timed, as a service was that has run for a while."""
BUDGET = 25.0
"""Seconds of processor time that one engine may take at one size; a slow one is told fewer situations."""
FEWEST = 3
LONGEST = 10.0
"""Seconds that one run may take; an engine that would take longer isn't measured: to make it takes many times that."""
ENGINES = {
    "advisor": ("engines", "Advisor"),
    "objects": ("engines", "AdvisorObjects"),
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


def cases(corpus: Corpus, number: int) -> list[Facts]:
    """Return the situations that are told, in canonical form, none twice: the examples first, then varied ones."""
    examples = [situation.parse(example.facts, corpus.facts) for _, example in sorted(corpus.examples.items())]
    more = (situation.parse(facts, corpus.facts) for facts in varied(corpus))
    return [*examples, *islice(more, max(0, number - len(examples)))][:number]


class Compared:
    """An engine at one size: how long it took to make, and to answer.

    Attributes:
        name: its name.
        made: seconds from nothing to its first answer.
        taken: for each situation by its number, the milliseconds that its answer took.
        answers: the answers.
    """

    def __init__(self, name: str, corpus: Corpus, first: Sequence[Facts], rounds: int) -> None:
        """Make an engine.

        Args:
            name: which one.
            corpus: the rules.
            first: situations of which nothing is kept, to warm up and to see how many there is time for.
            rounds: how many turns there are to be.
        """
        self.name = name
        kind = engine_class(name)
        start = time.process_time()
        self.engine = kind(corpus)
        self.engine.run(first[0])  # by which everything is compiled that is compiled when it is needed
        self.made = time.process_time() - start
        self.taken: dict[int, float] = {}
        self.answers: dict[int, Any] = {}
        known: list[float] = []
        while len(known) < len(first) and sum(known) < BUDGET / 5:
            known.append(self._time(first[len(known)])[0])
        number = max(FEWEST, min(A_ROUND * rounds, math.floor(BUDGET / statistics.median(known))))
        # So many in each turn, in as many turns as there are; or one, in so many turns.
        self.turns, self.a_turn = (rounds, number // rounds) if number >= rounds else (number, 1)

    def _time(self, facts: Facts) -> tuple[float, Any]:
        start = time.process_time()
        answer = self.engine.run(facts)
        return time.process_time() - start, answer

    def turn(self, number: int, known: Sequence[Facts]) -> None:
        """Tell it the situations of one turn, or as many of them as there is time for."""
        if number < self.turns:
            start = number * A_ROUND
            for place in range(start, start + self.a_turn):
                seconds, self.answers[place] = self._time(known[place])
                self.taken[place] = seconds * 1000

    def check(self, reference: Compared, known: Sequence[Facts]) -> None:
        """Hold its answers to another engine's.

        Raises:
            AssertionError: one differs.
        """
        for place, answer in self.answers.items():
            found, wanted = self.engine.outcome(answer), reference.engine.outcome(reference.answers[place])
            for part in ("because", "pressing", "findings"):
                one, other = getattr(found, part), getattr(wanted, part)
                told = situation.to_json(known[place])
                assert one == other, f"{self.name} gives other {part} on {told}: {one} and not {other}"

    def times(self, other: Compared) -> list[float]:
        """Return how many times as long as another engine it took, for each situation that both were told."""
        return [taken / other.taken[place] for place, taken in self.taken.items() if place in other.taken]


def compare(
    corpus: Corpus, known: Sequence[Facts], first: Sequence[Facts], rounds: int, skipped: Mapping[str, str]
) -> dict[str, Any]:
    """Return what was measured of all engines that have the rules of one corpus.

    Args:
        corpus: the rules.
        known: the situations, as many as in all rounds.
        first: others, to warm up.
        rounds: how many turns each engine has.
        skipped: engines that are left out, and why.
    """
    found: list[Compared] = []
    missing = dict(skipped)
    for name in ENGINES:
        if name not in missing:
            try:
                found.append(Compared(name, corpus, first, rounds))
            except ModuleNotFoundError as error:
                missing[name] = f"{error.name} is not installed"
    gc.collect()
    gc.freeze()  # else a corpus as large as these is looked through again and again
    for number in range(rounds):
        for each in found:
            each.turn(number, known)
    gc.unfreeze()
    base = found[0]
    engines: dict[str, Any] = {}
    for each in found:
        each.check(base, known)
        engines[each.name] = {
            "made_s": significant(each.made),
            "situations": len(each.taken),
            "ms": spread(list(each.taken.values())),
            "times_advisor": spread(each.times(base)),
        }
        log(f"  {each.name}: {engines[each.name]['ms']['median']} ms, equal in {len(each.taken)} situations")
    engines |= {name: {"not_measured": why} for name, why in missing.items()}
    fired = statistics.median(len(base.engine.outcome(answer).because) for answer in base.answers.values())
    return {"rules": len(corpus.rules), "fired": fired, "engines": engines}


def growth(
    corpora: Mapping[int, Corpus], known: Sequence[Facts], first: Sequence[Facts], rounds: int
) -> dict[str, Any]:
    """Return how many times as long the advisor takes with more rules of which none fires, all sizes in turn."""
    compared = {times: Compared("advisor", corpus, first, rounds) for times, corpus in corpora.items()}
    for number in range(rounds):
        for each in compared.values():
            each.turn(number, known)
    for each in compared.values():
        each.check(compared[1], known)  # the same rules fire, for the same reasons
    return {str(times): spread(each.times(compared[1])) for times, each in compared.items()}


def measure(rounds: int = ROUNDS, sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Return what was measured at all sizes."""
    number = A_ROUND * rounds
    told = cases(advisor.load_corpus(), 2 * number + BEFORE)
    known, others, first = told[:number], told[number : 2 * number], told[2 * number :]
    corpora: dict[int, Corpus] = {}
    results: dict[str, Any] = {}
    skipped: dict[str, str] = {}
    for times in sizes:
        log(f"{times} times the built-in rules")
        corpora[times] = generated.corpus_of(times, told)
        results[str(times)] = compare(corpora[times], known, first, rounds, skipped)
        following = next((size for size in sizes if size > times), None)
        if following is not None:
            skipped |= _too_slow(results, times, following)
    gc.collect()
    gc.freeze()
    return {"situations": number, "sizes": results, "growth": growth(corpora, others, first, rounds)}


def _too_slow(results: Mapping[str, Any], times: int, following: int) -> dict[str, str]:
    """Return the engines that would take too long with more rules, and why: nothing is gained by waiting for them."""
    found: dict[str, str] = {}
    sizes = [int(size) for size in results]
    for name in ENGINES:
        known = [results[str(size)]["engines"][name].get("ms") for size in sizes]
        if known[-1] is None:
            continue
        seconds = known[-1]["median"] / 1000
        grown = known[-1]["median"] / known[-2]["median"] if len(known) > 1 else following / times
        if seconds * grown > LONGEST:
            found[name] = (
                f"with {times} times the rules one run took {seconds:,.1f} s, each step {grown:,.0f} times as long as "
                f"the one before: it would be {seconds * grown:,.0f} s"
            )
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
