"""What a batch has done so far, kept on disk beside what it wrote, so that one that was killed can go on.

All of it is in one folder beside the output: the journal, and the output as far as it has got. What the journal doesn't
name has not been done: it is written anew after what it speaks of has reached the disk, and takes the place of the one
before in one step.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

from advisor.errors import AdvisorError

FORMAT = 1
"""Version of the shape of a journal, and of what lies beside it."""

Identity: TypeAlias = Mapping[str, str | int]
"""What a batch is: its input, what answers and how, in words that can be compared."""


@dataclass(slots=True)
class Progress:
    """How far a batch has got.

    Attributes:
        offset: how much of the input has been answered: bytes of text, rows of a table.
        line: the number of the last line that has been read, blank ones included.
        written: how much of the output there is: bytes of text, parts of a table.
        done: how many situations were told, well or badly.
        bad: how many of them could not be answered.
        finished: whether the output is whole.
    """

    offset: int = 0
    line: int = 0
    written: int = 0
    done: int = 0
    bad: int = 0
    finished: bool = False


class JournalError(AdvisorError):
    """A batch that was begun can't be gone on with."""


class Journal:
    """The journal of one output.

    Attributes:
        folder: where it lies, with the output as far as it has got.
        identity: what the batch is.
    """

    def __init__(self, output: Path, identity: Identity) -> None:
        self.folder = output.with_name(output.name + ".unfinished")
        self.identity = identity
        self._output = output
        self._file = self.folder / "journal.json"
        self._lock: int | None = None

    def begin(self, *, anew: bool = False) -> Progress | None:
        """Make the folder or take it over, and return how far the batch had got; None where it had not begun.

        Args:
            anew: whether to take away what was begun there, whatever it is.

        Raises:
            JournalError: another batch was begun there, or another process is at work on it.
        """
        self.folder.mkdir(exist_ok=True)
        self._take()
        if anew:
            for path in self.folder.iterdir():
                if path.name != _LOCK:
                    path.unlink()
        try:
            read = json.loads(self._file.read_bytes())
            begun, progress = read["identity"], Progress(**read["progress"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise JournalError(f"{self._file}: the journal is damaged; {_AGAIN}") from error
        if begun != self.identity:
            differ = [name for name in {**begun, **self.identity} if begun.get(name) != self.identity.get(name)]
            told = "; ".join(f"{name}: {_told(begun, name)} then, {_told(self.identity, name)} now" for name in differ)
            raise JournalError(f"{self._output}: what was begun there can't be gone on with ({told}); {_AGAIN}")
        return progress

    def commit(self, progress: Progress) -> None:
        """Keep how far the batch has got; what it has written must have reached the disk."""
        text = json.dumps({"identity": dict(self.identity), "progress": asdict(progress)}, indent=1)
        fresh = self._file.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)
        sync_folder(self.folder)

    def clear(self) -> None:
        """Take away the folder with all in it, the journal last but one."""
        for path in sorted(self.folder.iterdir(), key=lambda path: (path.name == _LOCK, path == self._file)):
            path.unlink(missing_ok=True)
        self.release()
        self.folder.rmdir()

    def release(self) -> None:
        """Let another process go on."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take(self) -> None:
        try:
            import fcntl
        except ImportError:  # Windows: there two processes on one output are not noticed
            return
        if self._lock is None:
            self._lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            # Of this process alone: those that it begins don't hold it when it is killed.
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise JournalError(f"{self._output}: another process is writing it") from error


_LOCK = "lock"
_AGAIN = "--restart begins again"


def _told(identity: Mapping[str, Any], name: str) -> str:
    return str(identity.get(name, "nothing"))


def sync_folder(folder: Path) -> None:
    """Have the names in a folder reach the disk, where the system can be asked to."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
