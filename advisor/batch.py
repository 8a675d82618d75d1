"""Many situations from a file answered into a file: on all cores, in bounded memory, and again after a kill.

The input is cut into shares of some lines. A process answers a share into a file of its own, and this one, in the
order of the input, adds that file to the output or, for Parquet, keeps it as a part, since nothing can be added to a
table that is whole. Every few seconds what has been written is made to reach the disk, and then the journal says so
(``advisor.journal``). A batch that was killed and begins anew cuts the output to what the journal says and goes on from
there. The answer to a line follows from the line and the corpus alone, so the output is that of an undisturbed batch.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from io import BufferedReader, FileIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol, TypeAlias

import advisor
from advisor import parallel
from advisor.answering import Answered, LineSplitter, Record, Select, answered, read_line
from advisor.corpus import Corpus
from advisor.errors import AdvisorError
from advisor.journal import FORMAT, Identity, Journal, JournalError, Progress, sync_folder
from advisor.situation import MAX_BYTES
from advisor.tables import Columns, ParquetSituations, arrow, csv_columns, join_parts, read_row, write_part

if TYPE_CHECKING:
    import pyarrow as pa

Source = Literal["ndjson", "csv", "parquet"]
Target = Literal["ndjson", "parquet"]

SUFFIXES: Mapping[str, Source] = {
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".parquet": "parquet",
}
"""What a file's name says of what is in it."""

SHARE: dict[Select, int] = {"full": 64, "brief": 256}
"""How many lines are answered together."""
SHARE_BYTES = 1_000_000
"""How many bytes of input such lines have at most, but for the last."""
COMMIT_SECONDS = 2.0
"""How often what was written is made to last."""
MAX_REPORTS = 20
"""Of how many bad lines it is told what is wrong with them; the output tells it of all."""
_BLOCK = 1 << 16


class BatchError(AdvisorError):
    """A batch could not be done, or not to the end; the text says what has to be done about it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done.

    Attributes:
        input: the file with the situations; standard input if None.
        output: the file for the answers; standard output if None.
        source: what the input is.
        target: what the output is to be.
        select: what is given of each answer.
    """

    input: Path | None
    output: Path | None
    source: Source
    target: Target
    select: Select = "full"


Watch: TypeAlias = "Callable[[Progress, Sequence[str]], object]"
"""Called as a batch goes on, with how far it has got, and what is wrong with the latest bad lines, a sentence each."""


def run(
    order: Order,
    corpus: Corpus,
    *,
    jobs: int = 1,
    load: Callable[[], Corpus] | None = None,
    restart: bool = False,
    overwrite: bool = False,
    watch: Watch = lambda progress, reports: None,
) -> Progress:
    """Answer many situations; go on where a batch with the same order and corpus was ended from outside.

    Args:
        order: what is to be done.
        corpus: what to advise from.
        jobs: how many processes to use.
        load: makes the corpus in a process that can't inherit it; see ``advisor.parallel``.
        restart: whether to begin again, whatever was begun.
        overwrite: whether the output may take the place of a file that is there.
        watch: called as the batch goes on.

    Raises:
        BatchError: a file can't be read or written, or the output is there; the text says what to do.
        JournalError: what was begun can't be gone on with.
        InputError: the input can't be read at all; with every problem.
    """
    _check_input(order)
    try:
        if order.output is None:
            if order.target == "parquet":
                raise BatchError("Parquet is written to a file, not to standard output; name one with --output")
            with tempfile.TemporaryDirectory(prefix="advisor-batch-") as folder:
                batch = _Batch(order, corpus, Path(folder), _Stream(sys.stdout.buffer), Progress(), None, watch)
                return batch.run(jobs, load)
        return _into_file(order, order.output, corpus, jobs, load, restart, overwrite, watch)
    except BrokenPipeError:
        raise
    except OSError as error:
        about = error.filename or order.output or "standard output"
        kept = "" if order.output is None else f"; {_KEPT}"
        raise BatchError(f"{about}: {error.strerror or error}{kept}") from error
    except BrokenProcessPool as error:
        raise BatchError(f"one of the processes was ended from outside, for want of memory perhaps; {_KEPT}") from error


def length(order: Order, corpus: Corpus) -> int | None:
    """Return how long the input is, as ``Progress.offset`` counts it; None of what comes from elsewhere."""
    if order.input is None or not order.input.is_file():
        return None
    if order.source == "parquet":
        return ParquetSituations(order.input, corpus.facts).count
    return order.input.stat().st_size


_KEPT = "what was done is kept, and the same command goes on from there"


def _into_file(
    order: Order,
    output: Path,
    corpus: Corpus,
    jobs: int,
    load: Callable[[], Corpus] | None,
    restart: bool,
    overwrite: bool,
    watch: Watch,
) -> Progress:
    _check_output(order, output)
    journal = Journal(output, _identity(order, corpus))
    there = output.exists() and not overwrite
    if there and not journal.folder.exists():
        raise BatchError(f"{output} is there already; --overwrite replaces it")
    try:
        begun = journal.begin(anew=restart)
        whole = journal.folder / "output"
        moved = begun is not None and begun.finished and not whole.exists()
        if there and not moved:
            if begun is None:
                journal.clear()  # left by a batch that was killed when it had done everything else
            raise BatchError(f"{output} is there already; --overwrite replaces it")
        if begun is not None and order.input is None:
            raise JournalError(f"{output}: a batch from standard input can't be gone on with; --restart begins again")
        progress = Progress() if begun is None or (moved and not output.exists()) else begun
        if not progress.finished:
            try:
                _write(order, corpus, jobs, load, journal, whole, progress, watch)
            except AdvisorError:
                if begun is None and not progress.done:
                    journal.clear()  # nothing has come of it
                raise
        # Who killed a batch just here finds one of the two, and the journal that says that it is whole.
        if whole.exists():
            whole.replace(output)
            sync_folder(output.parent)
        journal.clear()
        return progress
    finally:
        journal.release()


def _write(
    order: Order,
    corpus: Corpus,
    jobs: int,
    load: Callable[[], Corpus] | None,
    journal: Journal,
    whole: Path,
    progress: Progress,
    watch: Watch,
) -> None:
    """Write the output as a whole, and say so in the journal."""
    sink = _File(whole, progress) if order.target == "ndjson" else _Parts(whole, progress, order.select)
    try:
        _Batch(order, corpus, journal.folder, sink, progress, journal, watch).run(jobs, load)
        sink.finish()
    finally:
        sink.close()
    progress.finished = True
    journal.commit(progress)


def _check_input(order: Order) -> None:
    if order.input is None:
        if order.source == "parquet":
            raise BatchError("Parquet is read from a file, not from standard input")
        return
    try:
        with order.input.open("rb"):
            pass
    except OSError as error:
        raise BatchError(f"{order.input}: {error.strerror}") from error


def _check_output(order: Order, output: Path) -> None:
    if not output.parent.is_dir():
        raise BatchError(f"there is no folder {output.parent} to write {output.name} in")
    if output.exists() and not output.is_file():
        raise BatchError(f"{output} is no plain file; - is standard output")
    if order.input is not None and output.exists() and output.samefile(order.input):
        raise BatchError(f"{output} is the input, too")


def _identity(order: Order, corpus: Corpus) -> Identity:
    """Return all that the output follows from, and what tells this input from another or from what it was."""
    what: dict[str, str | int] = {"journal": FORMAT, "advisor": advisor.__version__, "packs": corpus.version}
    what |= {"digest of the packs": corpus.digest, "from": order.source, "to": order.target, "select": order.select}
    if "parquet" in (order.source, order.target):
        what["pyarrow"] = arrow()[0].__version__
    if order.input is None:
        return what | {"input": "standard input"}
    with order.input.open("rb") as file:
        status = os.fstat(file.fileno())
        beginning = hashlib.sha256(file.read(_BLOCK)).hexdigest()
    changed = datetime.fromtimestamp(status.st_mtime_ns // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return what | {
        "size of the input": status.st_size,
        "time of the input": f"{changed}.{status.st_mtime_ns % 10**9:09}",
        "beginning of the input": beginning,
    }


# --- where answers go -------------------------------------------------------------------------------------------------


class _Sink(Protocol):
    """Where answers go, a share at a time."""

    def take(self, share: Path) -> int:
        """Take over the file with the answers to a share, and return how much of the output that is."""

    def taken(self) -> Callable[[], object]:
        """Return what makes all last that was taken until now."""

    def finish(self) -> None:
        """Make the output whole, and make it last."""

    def close(self) -> None:
        """Let go of what is open."""


class _Stream:
    """Standard output."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def take(self, share: Path) -> int:
        with share.open("rb") as answers:
            shutil.copyfileobj(answers, self._stream)
        self._stream.flush()
        share.unlink()
        return 0

    def taken(self) -> Callable[[], object]:
        return bool

    def finish(self) -> None:
        pass

    def close(self) -> None:
        pass


class _File:
    """A file of lines that grows; what the journal doesn't know of it is cut off."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+")
        if os.fstat(self._file.fileno()).st_size < progress.written:
            self._file.close()
            raise JournalError(f"{path}: what was done is no longer there; --restart begins again")
        self._file.truncate(progress.written)
        self._file.seek(progress.written)

    def take(self, share: Path) -> int:
        with share.open("rb") as answers:
            size = os.fstat(answers.fileno()).st_size
            _copy(answers, self._file, size)
        share.unlink()
        return size

    def taken(self) -> Callable[[], object]:
        return self.finish

    def finish(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def _copy(source: BufferedReader, target: FileIO, size: int) -> None:
    if hasattr(os, "copy_file_range"):
        # Inside the system, which may even let both files share what lies on the disk.
        with suppress(OSError):
            while size and (copied := os.copy_file_range(source.fileno(), target.fileno(), size)):
                size -= copied
    while block := source.read(1 << 20):
        left = memoryview(block)
        while left:
            left = left[target.write(left) :]


class _Parts:
    """Small tables, joined in the end."""

    def __init__(self, path: Path, progress: Progress, select: Select) -> None:
        self._path = path
        self._select = select
        self._count = progress.written
        self._fresh: list[Path] = []

    def _part(self, number: int) -> Path:
        return self._path.with_name(f"{number:08}.arrow")

    def take(self, share: Path) -> int:
        self._count += 1
        part = self._part(self._count)
        share.replace(part)
        self._fresh.append(part)
        return 1

    def taken(self) -> Callable[[], object]:
        fresh, self._fresh = self._fresh, []
        return partial(_sync, fresh)

    def finish(self) -> None:
        parts = (self._part(number) for number in range(1, self._count + 1))
        join_parts(parts, self._path, self._select)
        _sync([self._path])

    def close(self) -> None:
        pass


def _sync(paths: Iterable[Path]) -> None:
    """Have files reach the disk."""
    for path in paths:
        with path.open("r+b") as file:
            os.fsync(file.fileno())


# --- the work ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Share:
    """Lines that are answered together.

    Attributes:
        number: which share it is, of this process.
        line: the number of the first of them.
        told: the lines as they stand; of those that are too long the length. Or rows of a table.
        offset: where in the input the next share begins.
    """

    number: int
    line: int
    told: list[bytes | int] | pa.RecordBatch
    offset: int


@dataclass(frozen=True, slots=True)
class _Done:
    """What came of a share."""

    path: Path
    offset: int
    line: int
    done: int
    bad: int
    reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    """What all shares need."""

    corpus: Corpus
    order: Order
    columns: Columns | None
    folder: Path
    token: str

    def records(self, share: _Share) -> Iterator[Record]:
        if not isinstance(share.told, list):
            for number, row in enumerate(share.told.to_pylist(), share.line):
                yield read_row(number, row)
            return
        read = self.columns.read if self.columns is not None else read_line
        for number, raw in enumerate(share.told, share.line):
            if isinstance(raw, int) or raw.strip():
                yield read(number, raw)


def _answer(work: _Work, share: _Share) -> _Done:
    """Write the answers to a share, and return what came of it."""
    path = work.folder / f"share-{work.token}-{share.number}"
    reports: list[str] = []
    done = bad = 0

    table = work.order.target == "parquet"
    full = work.order.select == "full"

    def lines() -> Iterator[Answered]:
        nonlocal done, bad
        for record in work.records(share):
            one = answered(record, work.corpus, full=full, brief=table or not full)
            done += 1
            if one.refusal is not None:
                bad += 1
                if len(reports) < MAX_REPORTS:
                    first = one.refusal.errors[:1]
                    detail = first[0].detail if first else one.refusal.detail
                    more = f" (and {len(one.refusal.errors) - 1} more)" if len(one.refusal.errors) > 1 else ""
                    reports.append(f"{one.line}: error: {detail}{more}")
            yield one

    if table:
        write_part(path, lines(), work.order.select)
    else:
        with path.open("wb") as file:
            for one in lines():
                file.write(one.json_line())
    last = share.line + len(share.told) - 1
    return _Done(path, share.offset, last, done, bad, tuple(reports))


def _load_work(load: Callable[[], Corpus], work: _Work) -> _Work:
    return replace(work, corpus=load())


def _opened(path: Path | None) -> BufferedReader:
    return os.fdopen(0, "rb", closefd=False) if path is None else path.open("rb")


class _Batch:
    """One run of a batch."""

    def __init__(
        self,
        order: Order,
        corpus: Corpus,
        folder: Path,
        sink: _Sink,
        progress: Progress,
        journal: Journal | None,
        watch: Watch,
    ) -> None:
        self._order = order
        self._corpus = corpus
        self._folder = folder
        self._sink = sink
        self._progress = progress
        self._journal = journal
        self._watch = watch

    def run(self, jobs: int, load: Callable[[], Corpus] | None) -> Progress:
        """Answer what has not been answered yet."""
        for left in self._folder.glob("share-*"):
            left.unlink()
        order = self._order
        with nullcontext() if order.source == "parquet" else _opened(order.input) as stream:
            columns, shares = self._told(stream)
            return self._answer(columns, shares, jobs, load)

    def _answer(
        self, columns: Columns | None, shares: Iterator[_Share], jobs: int, load: Callable[[], Corpus] | None
    ) -> Progress:
        # What another process still writes that was killed with its batch has another name.
        work = _Work(self._corpus, self._order, columns, self._folder, f"{os.getpid()}-{time.time_ns()}")
        make = None if load is None else partial(_load_work, load, replace(work, corpus=None))  # type: ignore[arg-type]
        progress, reported = self._progress, min(self._progress.bad, MAX_REPORTS)
        self._watch(progress, ())
        committed = time.monotonic()
        # Making things last takes the disk some time, in which the work goes on.
        with closing(parallel.spread(_answer, shares, work, jobs, make)) as answers, ThreadPoolExecutor(1) as keeper:
            kept: Future[None] | None = None
            for done in answers:
                progress.written += self._sink.take(done.path)
                progress.offset, progress.line = done.offset, done.line
                progress.done += done.done
                progress.bad += done.bad
                reports = done.reports[: MAX_REPORTS - reported]
                reported += len(reports)
                self._watch(progress, reports)
                if time.monotonic() - committed >= COMMIT_SECONDS and (kept is None or kept.done()):
                    if kept is not None:
                        kept.result()
                    kept = keeper.submit(self._keep, self._sink.taken(), replace(progress))
                    committed = time.monotonic()
            if kept is not None:
                kept.result()
        self._keep(self._sink.taken(), progress)
        return progress

    def _keep(self, make_last: Callable[[], object], progress: Progress) -> None:
        """Make what was taken last, and say so in the journal."""
        if self._journal is not None:
            make_last()
            self._journal.commit(progress)

    def _told(self, stream: BufferedReader | None) -> tuple[Columns | None, Iterator[_Share]]:
        """Return the columns of a CSV file, and the shares that have not been answered yet."""
        order, progress = self._order, self._progress
        if stream is None:
            assert order.input is not None
            return None, self._rows(ParquetSituations(order.input, self._corpus.facts))
        columns = None
        if order.source == "csv":
            header = stream.readline(MAX_BYTES)
            columns = csv_columns(header.rstrip(b"\r\n"), self._corpus.facts, str(order.input or "<stdin>"))
            if not progress.line:
                progress.line, progress.offset = 1, len(header)
        if progress.offset and order.input is not None:
            stream.seek(progress.offset)
        return columns, self._lines(stream)

    def _lines(self, stream: BufferedReader) -> Iterator[_Share]:
        """Yield the lines of a stream in shares; what comes through a pipe isn't kept waiting for more."""
        splitter = LineSplitter()
        begin, number, line = self._progress.offset, 0, self._progress.line + 1
        told: list[bytes | int] = []
        most, size = SHARE[self._order.select], 0
        ended = False
        while not ended:
            block = stream.read1(_BLOCK)
            ended = not block
            for raw in splitter.end() if ended else splitter.feed(block):
                told.append(raw)
                size += 0 if isinstance(raw, int) else len(raw)
                if len(told) >= most or size >= SHARE_BYTES:
                    yield _Share(number, line, told, begin + splitter.size)
                    number, line, told, size = number + 1, line + len(told), [], 0
            if told and (ended or self._order.input is None):
                yield _Share(number, line, told, begin + splitter.size)
                number, line, told, size = number + 1, line + len(told), [], 0

    def _rows(self, table: ParquetSituations) -> Iterator[_Share]:
        row = self._progress.offset
        for number, rows in enumerate(table.batches(row, SHARE[self._order.select])):
            yield _Share(number, row + 1, rows, row + rows.num_rows)
            row += rows.num_rows
