"""Runs a batch that is killed at chosen moments, and says how each run ended.

    python tests/killed.py INPUT OUTPUT JOBS MOMENT...

A moment is a number of operations on files (opened, renamed, removed, cut …) after which the process kills itself as
``kill -9`` does, in the middle of its work; 0 lets it go on to the end. Each run is a fork of this process, so that the
corpus is loaded once. Prints one line of JSON: for each run its exit status, negative where a signal ended it, and how
many operations there were.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import advisor
from advisor import batch


def run(order: batch.Order, jobs: int, moment: int, corpus: advisor.Corpus) -> tuple[int, int]:
    """Return how a run ended that is killed at a moment, and how many operations it had until then."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0
        me = os.getpid()

        def hook(event: str, _: tuple[object, ...]) -> None:
            nonlocal count
            if event in ("open", "os.rename", "os.remove", "os.truncate", "os.mkdir", "os.rmdir") and os.getpid() == me:
                count += 1
                if count == moment:
                    os.kill(me, signal.SIGKILL)

        status = 99
        try:
            sys.addaudithook(hook)
            batch.run(order, corpus, jobs=jobs)
            os.write(writer, str(count).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    _, ended = os.waitpid(child, 0)
    with os.fdopen(reader) as told:
        count = int(told.read() or 0)
    return os.waitstatus_to_exitcode(ended), count


if __name__ == "__main__":
    batch.COMMIT_SECONDS = 0.0
    batch.SHARE = {"full": 3, "brief": 4}
    source, output, jobs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    suffixes = batch.SUFFIXES
    target = suffixes[output.suffix]
    assert target != "csv"
    what = batch.Order(source, output, suffixes[source.suffix], target, "brief")
    loaded = advisor.load_corpus()
    print(json.dumps([run(what, jobs, int(moment), loaded) for moment in sys.argv[4:]]))
