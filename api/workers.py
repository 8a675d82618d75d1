"""The service in several processes that share one port.

Each worker loads the packs and follows them by itself. The process that starts them hands signals on: SIGHUP, so that
all look at their packs again, and those that end the service. A worker that dies is replaced; where none is left and
none can start, the service ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, MutableSequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeAlias

import uvicorn

from advisor.errors import CorpusError
from api.reload import LOG, LiveApp, on_hangup

FAILED = 3
"""Exit code of a worker that could not start, and of a service of which no worker could."""
_GIVING = 0.001
"""Seconds that a worker which has more connections gives the others to take up the next."""
_NOBODY = 1 << 30
"""How many connections a worker has that isn't there: more than any that is."""
Counts: TypeAlias = "MutableSequence[int]"
"""How many connections each worker has, seen by all of them."""
_SOON = 5.0
"""A worker that ends so many seconds after its start is not replaced before as many have passed again."""


@dataclass(frozen=True, slots=True)
class Served:
    """What each worker serves.

    Attributes:
        folders: pack folders; none for the built-in pack.
        watch: whether to take up edits without being asked.
        settings: the server's, as ``uvicorn.Config`` has them.
    """

    folders: tuple[Path, ...]
    watch: bool
    settings: dict[str, Any]

    def config(self) -> uvicorn.Config:
        """Return the settings of a server that loads the packs when it starts."""
        return uvicorn.Config(self._application, factory=True, **self.settings)

    def _application(self) -> LiveApp:
        try:
            return LiveApp(self.folders, watch=self.watch)
        except CorpusError as error:
            # They have become so since the service started: no bug, and nothing to be traced back.
            for problem in error.problems:
                LOG.error("%s", problem)
            sys.exit(FAILED)


class _Giving(socket.socket):
    """The port of all workers, as one of them sees it: whoever has more connections than another lets it go first.

    Without that, whoever happened to be awake would get a whole burst of connections, and keep them.
    """

    def __init__(self, listening: socket.socket, open_: Counts, worker: int) -> None:
        super().__init__(listening.family, listening.type, listening.proto, listening.detach())
        self._open = open_
        self._worker = worker

    def accept(self) -> tuple[socket.socket, Any]:
        """Take up a connection.

        Raises:
            BlockingIOError: there is none, or none any more.
        """
        if self._open[self._worker] > min(self._open):
            time.sleep(_GIVING)
        taken = super().accept()
        self._open[self._worker] += 1
        return taken


class _OneOfSeveral(uvicorn.Server):
    """A server that takes up one connection at a time, so that others which have time take up the next."""

    def __init__(self, config: uvicorn.Config, open_: Counts, worker: int) -> None:
        super().__init__(config)
        self._open = open_
        self._worker = worker

    async def on_tick(self, counter: int) -> bool:
        """Count the connections, ten times a second: some will have been closed."""
        self._open[self._worker] = len(self.server_state.connections)
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        # The event loop takes up as many connections at once as may wait in line: one worker would get all of a burst.
        waiting, self.config.backlog = self.config.backlog, 1
        await super().startup(sockets=sockets)
        for each in sockets or ():
            each.listen(waiting)


def _work(served: Served, listening: socket.socket, open_: Counts, worker: int) -> None:
    """Serve: what a worker does."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server = _OneOfSeveral(served.config(), open_, worker)
    with suppress(KeyboardInterrupt):
        server.run([_Giving(listening, open_, worker)])
    if not server.started:
        sys.exit(FAILED)


def _end_with_parent() -> None:
    """End this worker when the process that started it is gone, however it went."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    signal.raise_signal(signal.SIGTERM)


class Workers:
    """The workers of a service, as the process that starts them sees them."""

    def __init__(self, served: Served, number: int) -> None:
        """Take the port, so that who comes before the first worker is there waits for it.

        Args:
            served: what they serve.
            number: how many there are.
        """
        self._served = served
        self._number = number
        config = served.config()
        self._listening = config.bind_socket()
        self._listening.listen(config.backlog)
        self._context = multiprocessing.get_context("spawn")
        self._started: dict[BaseProcess, float] = {}
        self._places: dict[BaseProcess, int] = {}
        self._open: Counts = self._context.Array("i", [_NOBODY] * number, lock=False)
        self._due: list[float] = []
        self._ending = False
        self._code = 0

    def run(self) -> int:
        """Serve until a signal ends the service, or no worker can; return the exit code."""
        for name, handle in {
            "SIGINT": self._end,
            "SIGTERM": self._end,
            "SIGBREAK": self._end,
            "SIGHUP": on_hangup(self._look_again),
        }.items():
            if (number := getattr(signal, name, None)) is not None:
                signal.signal(number, _handler(handle))
        self._due = [time.monotonic()] * self._number
        while self._started or self._due:
            now = time.monotonic()
            for due in [due for due in self._due if due <= now]:
                self._due.remove(due)
                self._start()
            pause = max(0.0, min(self._due) - now) if self._due else None
            ended = set(wait([process.sentinel for process in self._started], pause))
            for process in [process for process in self._started if process.sentinel in ended]:
                self._ended(process)
        self._listening.close()
        return self._code

    def _start(self) -> None:
        place = min(set(range(self._number)) - set(self._places.values()))
        args = (self._served, self._listening, self._open, place)
        process = self._context.Process(target=_work, args=args)
        with _ignored("SIGINT", "SIGHUP"):
            process.start()
        self._places[process] = place
        self._started[process] = time.monotonic()
        if self._ending:  # the signal came just now
            process.terminate()

    def _ended(self, process: BaseProcess) -> None:
        process.join()
        self._open[self._places.pop(process)] = _NOBODY
        now = time.monotonic()
        soon = now - self._started.pop(process) < _SOON or process.exitcode == FAILED
        if self._ending:
            return
        LOG.error("worker %s ended with exit code %s", process.pid, process.exitcode)
        if not soon:
            self._due.append(now)
        elif self._started:
            self._due.append(now + _SOON)
        else:
            LOG.error("no worker can start: the service ends")
            self._code = FAILED
            self._due.clear()

    def _end(self) -> None:
        self._ending = True
        self._due.clear()
        for process in list(self._started):
            process.terminate()

    def _look_again(self) -> None:
        for process in list(self._started):
            # One that has just ended keeps its number until it is joined.
            assert process.pid is not None
            os.kill(process.pid, signal.SIGHUP)


def _handler(handle: Callable[[], None]) -> Callable[[int, object], None]:
    return lambda *_: handle()


@contextmanager
def _ignored(*names: str) -> Iterator[None]:
    """Ignore signals for the moment in which a worker starts: it ignores them, too, until it can handle them."""
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
