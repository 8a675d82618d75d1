"""Work on a corpus spread over the machine's cores, with the results in the order of the work.

Each process has the corpus once: where the system can fork, it inherits it; elsewhere it loads it when it starts.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

from advisor.corpus import Corpus

W = TypeVar("W")
R = TypeVar("R")

_corpus: Corpus | None = None
"""The corpus of this process, where it is one of several."""


def cores() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    work: Callable[[Corpus, W], R],
    shares: Sequence[W],
    corpus: Corpus,
    load: Callable[[], Corpus],
    jobs: int,
) -> Iterator[R]:
    """Yield what comes of each share of work, in order, as soon as it and all before it are done.

    Args:
        work: what to do with a share; a function of a module, so that another process can find it.
        shares: the work, cut up.
        corpus: the corpus, as it is loaded here.
        load: loads the same corpus, in a process that can't inherit it.
        jobs: how many processes; with one, everything is done here.
    """
    jobs = min(jobs, len(shares))
    if jobs <= 1:
        yield from (work(corpus, share) for share in shares)
        return
    global _corpus  # noqa: PLW0603 - what a forked process inherits
    fork = _can_fork()
    _corpus = corpus if fork else None
    context = multiprocessing.get_context("fork" if fork else "spawn")
    pool = ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(None if fork else load,))
    try:
        for future in [pool.submit(_work, work, share) for share in shares]:
            yield future.result()
    finally:
        _corpus = None
        pool.shutdown(cancel_futures=True)


def _can_fork() -> bool:
    """Return whether this process can be forked safely: with several threads, what one holds would stay held."""
    tasks = Path("/proc/self/task")
    return sys.platform == "linux" and tasks.is_dir() and len(list(tasks.iterdir())) == 1


def _start(load: Callable[[], Corpus] | None) -> None:
    global _corpus  # noqa: PLW0603 - the corpus of this process
    # Who interrupts the command means the process that began the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if load is not None:
        _corpus = load()


def _work(work: Callable[[Corpus, W], R], share: W) -> R:
    assert _corpus is not None, "the process has started"
    return work(_corpus, share)
