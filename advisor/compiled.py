"""Compiled corpora on disk, so that starting doesn't read and check hundreds of files again.

A corpus that was loaded without an error is kept in the user's cache folder. What is kept is found again by a key made
from what is on disk at the moment: every byte of the packs, the program that reads them, and all on which it rests. So
an edit makes another key, and what was kept before it is never found. ``docs/cache.md`` says the rest.

Two things protect whoever reads what is kept. It is used only if this user alone could have written it, and it carries
its own digest. And it is read by an unpickler that knows the classes of content and calls nothing else.

Whatever isn't as it should be is no error: the packs are then read as if nothing were kept.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import io
import os
import pickle
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, overload

import advisor
from advisor import content, records
from advisor.errors import Problem

if TYPE_CHECKING:
    from advisor.corpus import Corpus, PerCorpus
    from advisor.model import RuleTest

T = TypeVar("T")

FOLDER_VARIABLE = "ADVISOR_CACHE"
"""Environment variable that names another folder than the user's usual one, or says that nothing is kept (``off``)."""
OFF = "off"
NEWEST = 8
"""How many corpora are kept: those that were used last."""
MOST_BYTES = 64_000_000
"""How much they may take together."""

_SUFFIX = ".corpus"
_MAGIC = b"advisor corpus 1"
# What advice seldom needs is read when it is first asked for.
_LATER = ("references", "invariants", "promises", "scenarios", "examples", "written")
_MODULES = ("advisor.model", "advisor.rule", "advisor.conditions", "advisor.claims", "advisor.errors")
# What is made from a corpus before anything can be answered, and takes far longer to make than to read.
_MADE: Mapping[str, frozenset[str]] = {
    "advisor.index": frozenset({"Index"}),
    "advisor.sieve": frozenset({"_ByValue", "_ByThreshold", "_ByMember", "_Members"}),
    "advisor.cells": frozenset({"Layout", "Site", "Reader", "_Level"}),
    "advisor.matching": frozenset({"Register", "Joined"}),
    "advisor.frames": frozenset({"Outline"}),
    "advisor.waiting": frozenset({"Stakes", "Lanes", "_Names", "_Belonging", "_Marks"}),
    # They do no more than pick from what is there.
    "builtins": frozenset({"slice"}),
    "operator": frozenset({"itemgetter"}),
}
_ONLY_FILES = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_A_DAY = 86_400
_READ_BY = ("pydantic", "version.py"), ("pydantic_core", "core_schema.py"), ("yaml", "__init__.py")


def load(*folders: str | os.PathLike[str]) -> Corpus:
    """Load packs and all on which they build; as ``corpus.load`` does, from what is kept where that is the same.

    Raises:
        CorpusError: the content is refused as a whole; with every problem at once, each with file, line and column.
    """
    corpus, problems = examine(*folders)
    from advisor.corpus import accepted  # by now it is settled of what content is made

    return accepted(corpus, problems)


def examine(*folders: str | os.PathLike[str]) -> tuple[Corpus | None, list[Problem]]:
    """Load packs and return the corpus (None where it is refused) with all problems and warnings."""
    named = tuple(map(Path, folders)) or (content.builtin_folder(),)
    at = folder()
    key = key_of(named) if at is not None else None
    if at is None or key is None:
        return read(*named)
    kept = _fetch(at, key)
    if kept is not None:
        return kept, list(kept.warnings)
    before = content.stamp(named)
    corpus, problems = read(*named)
    # What was edited meanwhile may have been read in part before and in part after the edit.
    if corpus is not None and content.stamp(named) == before and key_of(named) == key:
        _keep(at, key, corpus)
    return corpus, problems


def read(*folders: Path) -> tuple[Corpus | None, list[Problem]]:
    """Read packs; see ``corpus.examine``."""
    from advisor import corpus  # not before it is settled whether shapes are models

    return corpus.examine(*folders)


def folder() -> Path | None:
    """Return the folder in which corpora are kept; None where nothing is kept."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return None if chosen == OFF else Path(chosen)
    if sys.platform == "linux":
        # As platformdirs would say, which takes longer to import than the corpus takes to read.
        named = os.environ.get("XDG_CACHE_HOME", "").strip() or os.path.expanduser("~/.cache")  # noqa: PTH111 - as it does
        return Path(named, "burden-sharing-advisor") if os.path.isabs(named) else None  # noqa: PTH117 - of a text
    import platformdirs

    return platformdirs.user_cache_path("burden-sharing-advisor", appauthor=False)


def key_of(folders: Sequence[Path]) -> str | None:
    """Return what tells a corpus from every other one: its content as it is now, and what would read it.

    None where something in the packs is no plain file: such packs are read anew each time.
    """
    parts = content.digest_of(folders)
    program = _program()
    if parts is None or program is None:
        return None
    return hashlib.sha256("\n".join((parts, *program)).encode()).hexdigest()


def _program() -> tuple[str, ...] | None:
    """Return what tells the program that reads packs from another; None if that can't be said.

    Its own files are told apart as Python itself does to see whether they must be compiled anew: by size and date.
    """
    here = Path(__file__).parent
    found: list[str] = []
    try:
        for base in (here, here / "diagnostics"):
            with os.scandir(base) as entries:
                source = (entry for entry in entries if entry.name.endswith((".py", ".pyc", ".so", ".pyd", ".yaml")))
                found += [f"{entry.name} {_dated(entry.stat())}" for entry in source]
        # Of what reads YAML and validates, the files that say which version it is: importing it to ask takes longer.
        for package, file in _READ_BY:
            spec = importlib.util.find_spec(package)
            if spec is None or spec.origin is None:
                return None
            path = os.path.join(os.path.dirname(spec.origin), file)  # noqa: PTH118, PTH120 - of a text
            found.append(f"{path} {_dated(os.stat(path))}")  # noqa: PTH116 - of a text
    except (OSError, ImportError, ValueError):
        return None
    return (_MAGIC.decode(), advisor.__version__, sys.version, *sorted(found))


def _dated(about: os.stat_result) -> str:
    return f"{about.st_size} {about.st_mtime_ns} {about.st_ino}"


# --- reading ----------------------------------------------------------------------------------------------------------


def _fetch(at: Path, key: str) -> Corpus | None:
    """Return what is kept under a key; None where that is nothing, or nothing that can be relied on."""
    try:
        payload = _payload(at, key)
        if payload is None:
            return None
        records.choose()
        return _thawed(payload)
    except Exception as error:  # whatever is wrong with it, the packs themselves can be read
        _log("the compiled corpus %s is not used: %r", key, error)
        if records.chosen():
            raise records.ModelsNeededError from error
        return None


def _payload(at: Path, key: str) -> bytes | None:
    """Return what was written under a key, without its header; None if there is nothing, or something else."""
    header, _, payload = (_bytes_of(at, key) or b"").partition(b"\n")
    return payload if header == _header(key, payload) else None


def _bytes_of(at: Path, key: str) -> bytes | None:
    """Return the bytes kept under a key, if this user alone could have written them."""
    try:
        with _Folder(at) as kept, kept.opened(key + _SUFFIX, os.O_RDONLY) as file:
            about = os.fstat(file.fileno())
            if not (stat.S_ISREG(about.st_mode) and _is_ours(about)) or about.st_size > MOST_BYTES:
                return None
            raw: bytes = file.read()
            if about.st_mtime < time.time() - _A_DAY:  # what is used is kept longest
                with suppress(OSError, NotImplementedError):
                    os.utime(file.fileno())
            return raw
    except FileNotFoundError:
        return None


def _is_ours(about: os.stat_result) -> bool:
    """Return whether this user alone can write a file or folder; on Windows a user's folders are the user's alone."""
    if not hasattr(os, "geteuid"):
        return True
    return about.st_uid == os.geteuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


class _Folder:
    """The folder in which corpora are kept, held open: what is done in it is done in the folder that was looked at."""

    _BY_HANDLE = os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd

    def __init__(self, path: Path) -> None:
        self._path = path
        self.handle: int | None = None

    def __enter__(self) -> _Folder:
        if self._BY_HANDLE:
            self.handle = os.open(self._path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        about = os.stat(self._path) if self.handle is None else os.fstat(self.handle)  # noqa: PTH116 - beside fstat
        if not _is_ours(about):
            self.__exit__()
            raise PermissionError(f"others may write in {self._path}")
        return self

    def __exit__(self, *_: object) -> None:
        if self.handle is not None:
            os.close(self.handle)

    def name(self, name: str) -> str:
        """Return how a file of this folder is named together with ``handle``."""
        return name if self.handle is not None else str(self._path / name)

    def opened(self, name: str, flags: int) -> Any:
        """Return a file of this folder, opened and unbuffered; no link is followed."""
        return os.fdopen(os.open(self.name(name), flags | _ONLY_FILES, 0o600, dir_fd=self.handle), _MODES[flags], 0)

    def names(self) -> list[str]:
        """Return what lies in it."""
        return os.listdir(self._path if self.handle is None else self.handle)  # noqa: PTH208 - of an open folder


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_MODES = {os.O_RDONLY: "rb", _NEW: "wb"}


def _thawed(payload: bytes) -> Corpus:
    """Return the corpus that was written; see ``_frozen``."""
    from advisor.corpus import MADE_BEFORE, Corpus
    from advisor.rule import Rule

    source = io.BytesIO(payload)
    main, rules, lengths = _Reader(source).load()
    start = source.tell()
    sections: dict[str, _Section] = {}
    for name, length in lengths.items():
        sections[name] = _Section(payload[start : start + length])
        start += length
    tests = sections["tests"]
    ready = (Rule(**values, tests=_Tests(tests, number)) for number, values in enumerate(rules))
    entries: dict[str, Any] = {name: _Later[object](sections[name]) for name in _LATER}
    entries |= {name: MappingProxyType(value) if isinstance(value, dict) else value for name, value in main.items()}
    entries["rules"] = MappingProxyType({rule.id: rule for rule in ready})
    corpus = Corpus(**entries)
    MADE_BEFORE[corpus] = _Later[object](sections["made"])
    return corpus


def _header(key: str, payload: bytes) -> bytes:
    return b" ".join((_MAGIC, key.encode(), hashlib.sha256(payload).hexdigest().encode()))


class _Reader(pickle.Unpickler):
    """Reads what was written here: content, conditions, claims, problems, what is made from them, and plain data."""

    def find_class(self, module: str, name: str) -> type:
        from advisor.model import Content

        made = name in _MADE.get(module, ())
        found = getattr(importlib.import_module(module), name, None) if made or module in _MODULES else None
        if isinstance(found, type) and (
            made or (found.__module__ == module and (issubclass(found, Content) or _is_plain(found)))
        ):
            return found
        raise pickle.UnpicklingError(f"no class of content: {module}.{name}")


def _is_plain(kind: type) -> bool:
    return is_dataclass(kind) and "__post_init__" not in vars(kind)


class _Section:
    """A part of what is kept that is read when it is first asked for."""

    def __init__(self, raw: bytes) -> None:
        self._raw: bytes | None = raw
        self._value: Any = None

    def value(self) -> Any:
        raw = self._raw
        if raw is not None:  # two threads may both read it, to the same end
            self._value = _Reader(io.BytesIO(raw)).load()
            self._raw = None
        return self._value


class _Later(Mapping[str, T]):
    """A mapping that is read when it is first asked for."""

    def __init__(self, section: _Section) -> None:
        self._section = section

    def __getitem__(self, name: str) -> T:
        found: T = self._section.value()[name]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._section.value())

    def __len__(self) -> int:
        return len(self._section.value())

    def __repr__(self) -> str:
        return repr(self._section.value())


class _Tests(Sequence["RuleTest"]):
    """The tests of a rule, read with those of all rules when they are first asked for."""

    __slots__ = ("_number", "_section")

    def __init__(self, section: _Section, number: int) -> None:
        self._section = section
        self._number = number

    def _tests(self) -> tuple[RuleTest, ...]:
        tests: tuple[RuleTest, ...] = self._section.value()[self._number]
        return tests

    @overload
    def __getitem__(self, index: int) -> RuleTest: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[RuleTest, ...]: ...
    def __getitem__(self, index: int | slice) -> RuleTest | tuple[RuleTest, ...]:
        return self._tests()[index]

    def __len__(self) -> int:
        return len(self._tests())

    def __eq__(self, other: object) -> bool:
        return self._tests() == (other._tests() if isinstance(other, _Tests) else other)

    def __hash__(self) -> int:
        return hash(self._tests())

    def __repr__(self) -> str:
        return repr(self._tests())

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return tuple, (self._tests(),)


# --- writing ----------------------------------------------------------------------------------------------------------


def _keep(at: Path, key: str, corpus: Corpus) -> None:
    """Keep a corpus under a key, and fewer of the others; where that can't be done, nothing happens."""
    try:
        payload = _frozen(corpus)
        if len(payload) > MOST_BYTES // 2:
            return
        at.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _Folder(at) as kept:
            _write(kept, key + _SUFFIX, _header(key, payload) + b"\n" + payload)
            _prune(kept)
    except Exception as error:  # a full disk, a folder that can't be written: the corpus is at hand all the same
        _log("the compiled corpus %s is not kept: %r", key, error)


def _frozen(corpus: Corpus) -> bytes:
    """Return a corpus as bytes; see ``_thawed``."""
    from advisor.corpus import Corpus
    from advisor.rule import Rule

    rules = tuple(
        {field.name: getattr(rule, field.name) for field in fields(Rule) if field.name != "tests"}
        for rule in corpus.rules.values()
    )
    eager = {
        field.name: _plain(getattr(corpus, field.name))
        for field in fields(Corpus)
        if field.name != "rules" and field.name not in _LATER
    }
    sections = {name: _pickled(_plain(getattr(corpus, name))) for name in _LATER}
    sections["tests"] = _pickled(tuple(tuple(rule.tests) for rule in corpus.rules.values()))
    sections["made"] = _pickled(_made_from(corpus))
    main = eager, rules, {name: len(raw) for name, raw in sections.items()}
    return b"".join((_pickled(main), *sections.values()))


def _made_from(corpus: Corpus) -> dict[str, object]:
    """Return what is kept of what is made from a corpus, each by its name."""
    from advisor.corpus import indexes, layouts
    from advisor.engine import registers
    from advisor.frames import outlines
    from advisor.precedents import pairs
    from advisor.waiting import stakes

    kept: tuple[PerCorpus[Any], ...] = (indexes, layouts, registers, outlines, pairs, stakes)
    return {made.name: made(corpus) for made in kept}


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value


def _pickled(value: object) -> bytes:
    buffer = io.BytesIO()
    _Writer(buffer, 5).dump(value)
    return buffer.getvalue()


class _Writer(pickle.Pickler):
    """Writes what ``_Reader`` reads."""

    def reducer_override(self, value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            # By its arguments: the way that Python has for frozen dataclasses takes ten times as long to read.
            return type(value), tuple(getattr(value, field.name) for field in fields(value))
        return NotImplemented


def _write(kept: _Folder, name: str, raw: bytes) -> None:
    """Write a file aside and put it into place, so that nobody sees a part of it."""
    aside = f"{name}.{os.getpid()}.{os.urandom(4).hex()}"
    try:
        with kept.opened(aside, _NEW) as file:
            left = memoryview(raw)
            while left:
                left = left[file.write(left) :]
        os.replace(kept.name(aside), kept.name(name), src_dir_fd=kept.handle, dst_dir_fd=kept.handle)
    except BaseException:
        _remove(kept, aside)
        raise


def _prune(kept: _Folder) -> None:
    """Remove the corpora that were not used for longest, and what interrupted writers left."""
    found = []
    for name in kept.names():
        with suppress(OSError):
            about = os.stat(kept.name(name), dir_fd=kept.handle, follow_symlinks=False)
            if name.endswith(_SUFFIX):
                found.append((about.st_mtime, about.st_size, name))
            elif _SUFFIX in name and about.st_mtime < time.time() - _A_DAY:
                _remove(kept, name)
    taken = 0
    for number, (_, size, name) in enumerate(sorted(found, reverse=True)):
        taken += size
        if number >= NEWEST or taken > MOST_BYTES:
            _remove(kept, name)


def _remove(kept: _Folder, name: str) -> None:
    with suppress(OSError):
        os.unlink(kept.name(name), dir_fd=kept.handle)


def _log(message: str, *values: object) -> None:
    import logging

    logging.getLogger(__name__).debug(message, *values)
