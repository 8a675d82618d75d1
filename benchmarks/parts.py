"""Where the time of an answer goes: its parts, and how much of it is that others were asked in between.

``python benchmarks/parts.py [NUMBER]`` prints it as JSON. Many situations are told first, as to a service that has run
for a while. Then as many as are asked for, none of which was told before, are told

- anew: each for the first time;
- in turn: all of them once more, one after the other;
- at once: each several times in a row, of which the quickest counts. The work is the same as in turn; what differs is
  how far from the processor the parts of the answer lie.

The parts of an answer are measured in turn. Times are of the processor.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from itertools import islice
from time import thread_time
from typing import Any

from figures import log, spread
from situations import Told, varied

import advisor
from advisor import notes
from advisor.advice import Answer, advise_json, answer_id
from advisor.case import Case
from advisor.corpus import Corpus
from advisor.engine import engine_for
from advisor.lines import Lines
from advisor.questions import open_facts

BEFORE, NUMBER, AT_ONCE = 4_000, 400, 6


def _parts(facts: Told, corpus: Corpus) -> dict[str, float]:
    """Return the seconds that each part of an answer takes."""
    taken: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begun = thread_time()
        found = work()
        taken[name] = thread_time() - begun
        return found

    known = timed("reading the facts", lambda: corpus.reader.read(facts))
    run = timed("firing the rules", lambda: engine_for(corpus).run(known))
    case = timed("the case", lambda: Case(corpus, known, run))
    timed("what held for each rule", lambda: case.grounds)
    lines: Lines = timed("the lines", lambda: Lines(case))
    timed("their order, and headlines", lambda: lines.headlines)
    timed("findings", lambda: notes.findings(case))
    timed("precedents", lambda: notes.precedents(case))
    timed("what is true, false, unknown", lambda: case.decided.states)
    timed("what is open, what to ask", lambda: open_facts(case, lines.headlines))
    timed("its id", lambda: answer_id(known, corpus))
    answer = Answer(case)
    timed("what may set lines aside", lambda: [line.provisional for line in answer.lines.ranked])
    timed("writing it down", answer.written)
    return taken


def measure(number: int = NUMBER, before: int = BEFORE) -> dict[str, Any]:
    """Return what was measured, in milliseconds an answer.

    Args:
        number: how many situations are measured.
        before: how many others are told first.
    """
    log("the parts of an answer")
    corpus = advisor.load_corpus()
    told = list(islice(varied(corpus, 5), before + number))
    for facts in told[:before]:
        advise_json(facts, corpus)
    measured = told[before:]
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        ways = {"anew": [_ms(facts, corpus) for facts in measured]}
        ways["in turn"] = [_ms(facts, corpus) for facts in measured]
        parts = [_parts(facts, corpus) for facts in measured]
        ways["at once"] = [min(_ms(facts, corpus) for _ in range(AT_ONCE)) for facts in measured]
    finally:
        gc.enable()
        gc.unfreeze()
    return {
        "situations": number,
        "before": before,
        "ways": {name: spread(taken) for name, taken in ways.items()},
        "mean_anew": statistics.fmean(ways["anew"]),
        "parts": {name: spread([taken[name] * 1000 for taken in parts]) for name in parts[0]},
    }


def _ms(facts: Told, corpus: Corpus) -> float:
    begun = thread_time()
    advise_json(facts, corpus)
    return (thread_time() - begun) * 1000


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    print(json.dumps(measure(*map(int, arguments)), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
