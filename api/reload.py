"""The service with a corpus that follows its packs: a valid edit takes over, an invalid one leaves the old one serving.

Every corpus has an application of its own, made anew for it, so that a request sees one corpus from first to last:
requests under way finish on the application on which they began, those that come after go to the new one.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import fastapi.dependencies.models
from starlette.types import Receive, Scope, Send

from advisor import content
from advisor.errors import CorpusError
from advisor.live import Look, Refusal, Served, difference, look
from api.app import Service, create_app
from api.status import Keeping

LOG = logging.getLogger("uvicorn.error")
"""The server's own log: what is reloaded and what is refused stands between its lines."""

_QUIET_MS, _AT_MOST_MS = 100, 400
"""An edit is looked at when nothing more has changed for so long, or after so long if changes go on."""
_GLANCE_MS = 500
"""How often to look for what a watcher of files isn't told of: folders that come and go, links that lead elsewhere."""
_PAUSES = (0.1, 0.2, 0.5, 1.0)
"""Seconds to wait while files change under their reader: once each, then the last again and again."""

_YOUNG = 20_000
"""After how many new objects to look for garbage among them. Answers leave hardly any that isn't freed by itself."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_GLIBC = {_TRIM_THRESHOLD: 128 * 1024, _MMAP_THRESHOLD: 32 * 1024, _ARENA_MAX: 1}
"""What glibc is told, by its numbers: how many bytes may lie free at the end of its heap, from how many on a block
has pages of its own, and how many heaps there may be."""
_ENDED = 10.0
"""Seconds after which requests have ended as a rule."""


class LiveApp:
    """The service as an ASGI application that replaces the application inside it when its packs have changed."""

    def __init__(self, folders: Sequence[Path] = (), *, watch: bool = False) -> None:
        """Load the packs.

        Args:
            folders: pack folders; none for the built-in pack.
            watch: whether to take up edits by itself. At SIGHUP they are taken up in any case.

        Raises:
            CorpusError: the packs are refused; with every problem.
        """
        self._folders = tuple(folders)
        self._watch = watch
        found = next((found for _ in range(5) if (found := look(self._folders)).settled), None) or look(self._folders)
        if found.corpus is None:
            raise CorpusError(found.errors)
        self._stamp = found.stamp
        self._served = Served(found.corpus, _now())
        self._app = self._application(self._served)
        self._looking = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def served(self) -> Served:
        """What is served, and what became of the latest edit."""
        return self._served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by the present application, or start and stop with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._app(scope, receive, send)

    def _application(self, served: Served) -> Service:
        def refusal() -> Refusal | None:
            return self._served.refusal if self._served.corpus is served.corpus else None

        return create_app(served.corpus, Keeping(served, self._watch, refusal))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # the server starts
        gc.set_threshold(_YOUNG)
        _give_back()
        _set_aside()
        loop = asyncio.get_running_loop()
        with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):  # not on this system or thread
            loop.add_signal_handler(signal.SIGHUP, on_hangup(lambda: self._start(self.look_again(asked=True))))
        if self._watch:
            self._start(self._follow())
        await send({"type": "lifespan.startup.complete"})
        await receive()  # and stops
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await send({"type": "lifespan.shutdown.complete"})

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            LOG.error("a bug: the packs are no longer followed", exc_info=error)

    async def _follow(self) -> None:
        """Look at the packs again whenever their files have changed."""
        from watchfiles import awatch

        while True:
            parts = self._stamp.parts
            watching_since_before = False
            try:
                async for changes in awatch(
                    *self._stamp.folders,
                    watch_filter=None,  # what counts is what the files look like afterwards
                    debounce=_AT_MOST_MS,
                    step=_QUIET_MS,
                    rust_timeout=_GLANCE_MS,
                    yield_on_timeout=True,
                ):
                    # The first time round: what was edited before the watch began.
                    if changes or not watching_since_before or not self._stamp.at_a_glance(self._folders):
                        await self._look_if_edited()
                    if self._stamp.parts != parts:
                        break  # other folders are to be watched now
                    watching_since_before = True
            except (OSError, RuntimeError) as error:
                # A folder has gone just now, or the system watches no more files: look by ourselves, then try again.
                LOG.debug("cannot watch the packs: %s", error)
                await asyncio.sleep(_GLANCE_MS / 1000)
                await self._look_if_edited()

    async def _look_if_edited(self) -> None:
        if await asyncio.to_thread(content.stamp, self._folders) != self._stamp:
            await self.look_again()

    async def look_again(self, *, asked: bool = False) -> None:
        """Look at the packs, take them over if they are valid and different, and say in the log what came of it.

        Args:
            asked: whether somebody asked for it, and is to be told in any case.
        """
        async with self._looking:
            try:
                found = await self._settled()
                before, after = self._served, self._served.after(found, _now())
                if after.corpus is not before.corpus:
                    application = await asyncio.to_thread(self._application, after)
                    # From here on requests go to the new one; there is no await in between.
                    self._app = application
                    _forget_routes()
                    if gc.get_freeze_count():
                        gc.unfreeze()  # or what is gone would stay
                        self._start(_set_aside_later())
                self._served, self._stamp = after, found.stamp
                _log(before, after, asked=asked)
            except Exception:
                self._stamp = await asyncio.to_thread(content.stamp, self._folders)
                LOG.exception("a bug: the packs could not be looked at; the corpus from before goes on serving")

    async def _settled(self) -> Look:
        for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
            found = await asyncio.to_thread(look, self._folders)
            if found.settled:
                return found
            await asyncio.sleep(pause)
        raise AssertionError  # the pauses never end


def _give_back() -> None:
    """Have the C library give back to the system what is freed, where it is glibc.

    By itself it keeps more and more, a few hundred bytes for each request. An answer is made in large blocks of many
    sizes; when they are freed, what is kept for later answers comes to lie in their place, and the next ones find no
    room but at the end. Large blocks with pages of their own leave no such gaps. An answer has few of them, so it
    hardly takes longer. Further heaps, one for each thread of the pool, would have gaps of their own and save nobody
    from waiting, since one thread at a time runs Python.
    """
    with suppress(OSError, AttributeError, TypeError):
        libc = ctypes.CDLL(None)
        for number, value in _GLIBC.items():
            libc.mallopt(number, value)


def _set_aside() -> None:
    """Spare the collector of garbage from looking, again and again, through what stays as long as the corpus does.

    A corpus with its application is some hundred thousand objects; to look through them holds up all requests.
    """
    gc.collect()
    gc.freeze()


async def _set_aside_later() -> None:
    """Do so when requests on an application that was replaced have ended, so that it isn't kept with the rest."""
    await asyncio.sleep(_ENDED)
    _set_aside()


def _forget_routes() -> None:
    """Empty the caches in which FastAPI keeps the last thousands of routes, and with them applications that are gone.

    What it keeps there (whether a function is a coroutine, say) it works out again when a route is next called.
    """
    for kept in vars(fastapi.dependencies.models).values():
        if callable(clear := getattr(kept, "cache_clear", None)):
            clear()


def _now() -> datetime:
    return datetime.now(UTC)


def on_hangup(look_again: Callable[[], None]) -> Callable[[], None]:
    """Return what to do at SIGHUP: look again, but stop where it says that the terminal has been closed."""
    on_terminal = os.isatty(sys.stderr.fileno())

    def handle() -> None:
        if on_terminal and not os.isatty(sys.stderr.fileno()):
            signal.raise_signal(signal.SIGTERM)
        else:
            look_again()

    return handle


def _log(before: Served, after: Served, *, asked: bool) -> None:
    digest = after.corpus.digest[:12]
    if after.refusal is not None:
        if asked or after.refusal is not before.refusal:
            for problem in after.refusal.problems:
                LOG.error("%s", problem)
            count = len(after.refusal.problems)
            errors = f"{count} errors" if count > 1 else "1 error"
            LOG.error("refused: %s; goes on serving: %s; digest %s", errors, after.corpus.version, digest)
    elif after.corpus is not before.corpus:
        LOG.info("took up: %s", difference(before.corpus, after.corpus))
        for problem in after.corpus.warnings:
            LOG.warning("%s", problem)
    elif before.refusal is not None:
        LOG.info("no longer refused: the packs are again what is served; digest %s", digest)
    elif asked:
        LOG.info("nothing to take up: the packs are what is served; digest %s", digest)
