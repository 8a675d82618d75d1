"""Work spread over the machine's cores, with the results in the order of the work.

Each process has what all of the work needs, a corpus above all, once: where the system can fork, it inherits it;
elsewhere it loads it when it starts.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

S = TypeVar("S")
W = TypeVar("W")
R = TypeVar("R")

AHEAD = 3
"""How many shares are begun for each process, done ones that wait for an earlier one included."""

_shared: Any = None
"""What the work needs, in a process that is one of several."""


def cores() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    work: Callable[[S, W], R],
    shares: Iterable[W],
    shared: S,
    jobs: int,
    load: Callable[[], S] | None = None,
) -> Generator[R, None, None]:
    """Yield what comes of each share of work, in order, as soon as it and all before it are done.

    The shares are taken as they are needed, a few for each process, however many there are; and no more of them while
    nobody takes what is yielded.

    Args:
        work: what to do with a share; a function of a module, so that another process can find it.
        shares: the work, cut up.
        shared: what all of the work needs.
        jobs: how many processes; with one, everything is done here.
        load: makes the same in a process that can't inherit it; without it, such processes are not begun.
    """
    coming = iter(shares)
    first = list(islice(coming, jobs))
    jobs = min(jobs, len(first))
    coming = chain(first, coming)
    fork = _can_fork()
    if jobs <= 1 or (load is None and not fork):
        yield from (work(shared, share) for share in coming)
        return
    global _shared  # noqa: PLW0603 - what a forked process inherits
    _shared = shared if fork else None
    context = multiprocessing.get_context("fork" if fork else "spawn")
    pool = ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(None if fork else load,))
    begun: deque[Future[R]] = deque()
    try:
        for share in coming:
            begun.append(pool.submit(_work, work, share))
            if len(begun) >= jobs * AHEAD:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        _shared = None
        pool.shutdown(cancel_futures=True)


def _can_fork() -> bool:
    """Return whether this process can be forked safely: with several threads, what one holds would stay held."""
    tasks = Path("/proc/self/task")
    return sys.platform == "linux" and tasks.is_dir() and len(list(tasks.iterdir())) == 1


def _start(load: Callable[[], Any] | None) -> None:
    global _shared  # noqa: PLW0603 - of this process
    # Who interrupts the command means the process that began the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if load is not None:
        _shared = load()


def _end_with_parent() -> None:
    """End this process with the one that began it, which may have been killed and can't say so."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _work(work: Callable[[Any, W], R], share: W) -> R:
    return work(_shared, share)
