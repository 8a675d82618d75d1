"""Situations told in a table, a fact a column: CSV, and Parquet, which needs pyarrow. Answers as a Parquet table.

In CSV a record is a line, so that one that is broken spoils no other.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, get_origin

from advisor.answering import Answered, Record, Select, checked_id, problem_json, too_long
from advisor.brief import Brief
from advisor.errors import AdvisorError, Problem, ProblemsError, did_you_mean, quoted
from advisor.model import Fact
from advisor.names import Names
from advisor.refusal import Fault, RefusedError, sentence

if TYPE_CHECKING:
    import pyarrow as pa

ID = "id"
"""The column in which a line has the id that whoever wrote it gave it."""

BETWEEN = ";"
"""What stands between the members of a set in a cell of CSV."""

_ROWS: Mapping[Select, int] = {"brief": 20_000, "full": 500}
"""How many rows of Parquet are written together: as many as are held in memory at a time."""

_NUMBER = re.compile(r"-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?")


class InputError(ProblemsError):
    """A file that can't be read as a table of situations at all; with every problem."""


# --- CSV --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a CSV file: for each the fact that it tells, or None for the ids of the lines."""

    facts: tuple[Fact | None, ...]

    def read(self, number: int, raw: bytes | int) -> Record:
        """Return the situation that a line tells.

        Args:
            number: the number of the line.
            raw: the line; of one that is too long to be kept, how many bytes it has.
        """
        if isinstance(raw, int):
            return too_long(number, raw)
        try:
            cells = _cells(raw)
        except RefusedError as error:
            return Record(number, refusal=error)
        if len(cells) != len(self.facts):
            message = f"the row has {len(cells)} cells, and there are {len(self.facts)} columns"
            return Record(number, refusal=_unreadable("ragged-row", message))
        facts: dict[str, object] = {}
        id_ = None
        for fact, cell in zip(self.facts, cells, strict=True):
            if text := cell.strip():
                if fact is None:
                    id_ = text
                else:
                    facts[fact.name] = _value(fact, text)
        return Record(number, facts, id_)


def csv_columns(header: bytes, vocabulary: Mapping[str, Fact], file: str) -> Columns:
    """Return the columns that the first line of a CSV file names.

    Args:
        header: the line.
        vocabulary: the facts that may be told.
        file: what messages call the file.

    Raises:
        InputError: a column is no fact, or stands there twice; with every problem.
    """
    if header.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError([Problem("not-utf-8", "the file is saved as UTF-16; CSV is read as UTF-8", file, 1)])
    try:
        names = [name.strip() for name in _cells(header.removeprefix(b"\xef\xbb\xbf"))]
    except RefusedError as error:
        message = f"the first line names the columns: {error.detail}"
        raise InputError([Problem("no-header", message, file, 1)]) from error
    if not any(names):
        raise InputError([Problem("no-header", "the first line names the columns, and it is empty", file, 1)])
    if len(names) == 1 and (other := next((mark for mark in ";\t|" if mark in names[0]), None)):
        message = f"columns are separated by commas; here they seem to be by {quoted(other)}"
        raise InputError([Problem("no-header", message, file, 1)])
    _check_columns(names, vocabulary, file)
    return Columns(tuple(vocabulary.get(name) if name != ID else None for name in names))


def _check_columns(names: Sequence[str], vocabulary: Mapping[str, Fact], file: str) -> None:
    known = Names([*vocabulary, ID])
    problems = []
    for number, name in enumerate(names, 1):
        if name != ID and name not in vocabulary:
            nearest = known.nearest(name)
            what = f"no fact named {quoted(name)}{did_you_mean(nearest)}" if name else "a column without a name"
            problems.append(Problem("unknown-fact", f"column {number}: {what}", file, 1, suggestion=nearest))
        elif name in names[: number - 1]:
            problems.append(Problem("given-twice", f"column {number}: {name} stands there twice", file, 1))
    if problems:
        raise InputError(problems)


def _cells(raw: bytes) -> list[str]:
    try:
        text = raw.rstrip(b"\r").decode()
        return next(csv.reader([text], strict=True), [])
    except UnicodeDecodeError as error:
        message = f"the line is not UTF-8 text (byte {error.start})"
        raise _unreadable("not-utf-8", message) from error
    except csv.Error as error:
        told = str(error)
        why = "a quote that is opened on it is not closed on it" if "end of data" in told else told.split(" - ")[0]
        raise _unreadable("bad-row", f"the line is not CSV: {why}") from error


def _unreadable(code: str, message: str) -> RefusedError:
    return RefusedError(
        "invalid-situation", sentence(message[0].upper() + message[1:]), [Fault(code=code, detail=message)]
    )


def _value(fact: Fact, cell: str) -> object:
    """Return what a cell says; what isn't of the fact's type stays text, and is refused as such."""
    match fact.type:
        case "boolean":
            return {"true": True, "false": False}.get(cell.lower(), cell)
        case "set":
            return [] if cell == "[]" else [member.strip() for member in cell.split(BETWEEN) if member.strip()]
        case "enum":
            return cell
        case _:
            return (float(cell) if set(cell) & set(".eE") else int(cell)) if _NUMBER.fullmatch(cell) else cell


# --- Parquet ----------------------------------------------------------------------------------------------------------


def arrow() -> tuple[ModuleType, ModuleType]:
    """Return pyarrow and pyarrow.parquet.

    Raises:
        AdvisorError: they are not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        message = "Parquet needs pyarrow, which is not installed: pip install 'burden-sharing-advisor[batch]'"
        raise AdvisorError(message) from error
    return pyarrow, pyarrow.parquet


class ParquetSituations:
    """The rows of a Parquet file, a few at a time.

    Attributes:
        count: how many there are.
    """

    def __init__(self, path: Path, vocabulary: Mapping[str, Fact]) -> None:
        pyarrow, parquet = arrow()
        self._path = path
        self._error: type[Exception] = pyarrow.lib.ArrowException
        try:
            # No threads: processes are forked later, and each row group is read bit by bit.
            self._file = parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 16)
        except self._error as error:
            raise self._damaged(error) from error
        _check_columns(self._file.schema_arrow.names, vocabulary, str(path))
        self.count: int = self._file.metadata.num_rows

    def batches(self, start: int, rows: int) -> Iterator[pa.RecordBatch]:
        """Yield rows, at most so many together, from a row on; the first is 0."""
        groups = [self._file.metadata.row_group(group).num_rows for group in range(self._file.num_row_groups)]
        passed = 0
        while groups and start >= groups[0]:
            start -= groups.pop(0)
            passed += 1
        here = list(range(passed, passed + len(groups)))
        try:
            for batch in self._file.iter_batches(rows, row_groups=here, use_threads=False) if here else ():
                if start >= batch.num_rows:
                    start -= batch.num_rows
                else:
                    yield batch.slice(start)
                    start = 0
        except (self._error, OSError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InputError:
        return InputError([Problem("not-parquet", f"this can't be read as Parquet: {error}", str(self._path))])


def read_row(number: int, row: dict[str, Any]) -> Record:
    """Return the situation that a row of a Parquet file tells."""
    try:
        id_ = checked_id(row.pop(ID, None))
    except RefusedError as error:
        return Record(number, refusal=error)
    return Record(number, {name: value for name, value in row.items() if value is not None}, id_)


def _schema(select: Select) -> pa.Schema:
    pyarrow, _ = arrow()
    kinds: dict[Any, pa.DataType] = {str: pyarrow.string(), bool: pyarrow.bool_(), int: pyarrow.int32()}
    fields = [("line", pyarrow.int64()), (ID, pyarrow.string()), ("problem", pyarrow.string())]
    for name, field in Brief.model_fields.items():
        listed = get_origin(field.annotation) is tuple
        fields.append((name, pyarrow.list_(pyarrow.string()) if listed else kinds[field.annotation]))
    return pyarrow.schema(fields + ([("advice", pyarrow.string())] if select == "full" else []))


def _row(one: Answered) -> dict[str, object]:
    row: dict[str, object] = {"line": one.line, ID: None if one.id is None else str(one.id)}
    if isinstance(one.id, str):
        row[ID] = one.id.encode("utf-8", "replace").decode()
    if one.refusal is not None:
        return row | {"problem": problem_json(one.refusal).decode()}
    return row | vars(one.brief) | {"advice": one.advice.decode()}


def write_part(path: Path, lines: Iterable[Answered], select: Select) -> None:
    """Write a few answers, of which each has its brief form, as an Arrow file; see ``join_parts``."""
    pyarrow, _ = arrow()
    table = pyarrow.Table.from_pylist([_row(one) for one in lines], _schema(select))
    options = pyarrow.ipc.IpcWriteOptions(compression="zstd", use_threads=False)
    with pyarrow.ipc.new_file(str(path), table.schema, options=options) as writer:
        writer.write_table(table)


def join_parts(parts: Iterable[Path], path: Path, select: Select) -> None:
    """Write the rows of many Arrow files as one Parquet file; the same rows give the same bytes, however parted.

    Args:
        parts: the files, in order.
        path: the file to write.
        select: what they have of each answer.
    """
    pyarrow, parquet = arrow()
    rows = _ROWS[select]
    with parquet.ParquetWriter(path, _schema(select), compression="zstd") as writer:
        waiting: list[pa.Table] = []
        for part in parts:
            with pyarrow.ipc.open_file(str(part)) as reader:
                waiting.append(reader.read_all())
            if sum(table.num_rows for table in waiting) >= rows:
                table = pyarrow.concat_tables(waiting)
                whole = table.num_rows - table.num_rows % rows
                for start in range(0, whole, rows):
                    writer.write_table(table.slice(start, rows).combine_chunks(), row_group_size=rows)
                waiting = [table.slice(whole).combine_chunks()]
        if rest := [table for table in waiting if table.num_rows]:
            writer.write_table(pyarrow.concat_tables(rest).combine_chunks(), row_group_size=rows)
