"""Marked YAML: plain data that remembers at which line and column each part was written.

Only what cannot be misread is accepted: two equal keys, ``yes`` and ``no`` as booleans, anchors, aliases,
merge keys and tags are refused; dates stay text.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, NoReturn

import yaml

from advisor.errors import CorpusError, Fix, Problem, pointer, quoted

Path = tuple[str | int, ...]

_MAX_DEPTH = 50
_MAX_PARTS = 30_000
"""The largest file of the built-in pack has less than a tenth of that."""
MAX_PROBLEMS = 1_000
"""How many problems of one file are told."""
_MAX_KEY = 100
_MAX_DIGITS = 300
_AMBIGUOUS = re.compile(r"(?i)^(y|n|yes|no|on|off)$")
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULL = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?$")
_CURLY = re.compile("^[\u201c\u201e][^\u201c-\u201e]*[\u201c\u201d]$|^[\u2018\u201a][^\u2018-\u201b]*[\u2018\u2019]$")
"""Text that stands in curly quotes as a whole: who wrote it took them for quotes."""
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u2028-\u202e\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that YAML refuses, breaks lines at though no editor does, or that can't be seen or turn text around."""
_HALF = re.compile("[\ud800-\udfff]")
_GLUED = re.compile(r"^([A-Za-z_][\w-]*):(\S.*)$")
_WHOLE_CHARACTER = "Write the character itself."
_NO_ALIAS = "anchors and aliases (& and *) are not used here; write the value out"
_DISCARDED = "\0discarded"
"""Stands for a key whose value is read but not kept."""
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Marked:
    """A YAML document as plain data, with the place of each of its parts.

    Attributes:
        data: dicts with text keys, lists, text, numbers, booleans and None.
        file: the name shown in messages.
        text: the document as it was written.
        marks: for each path of keys and indexes, the one-based line and column of the key or the item.
    """

    data: Any
    file: str
    text: str
    marks: dict[Path, tuple[int, int]] = field(repr=False)

    def where(self, path: Path) -> tuple[int, int]:
        """Return line and column of ``path``, or of the nearest part around it that was written."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, (1, 1))

    def problem(self, code: str, message: str, path: Path = (), **more: Any) -> Problem:
        """Return a problem placed at ``path`` of this document, with its repair to the letter where that is known."""
        line, column = self.where(path)
        value, suggestion = more.get("value"), more.get("suggestion")
        if isinstance(value, str) and isinstance(suggestion, str) and path in self.marks:
            more["fix"] = self._fix(line, column, path, value, suggestion)
        return Problem(code, message, self.file, line, column, pointer(path), **more)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def _fix(self, line: int, column: int, path: Path, value: str, text: str) -> Fix | None:
        """Return how ``value``, which stands at ``path`` as key, entry or value of the key, becomes ``text``."""
        here = self._lines[line - 1][column - 1 :]
        written = rf"(?P<quote>['\"]?){re.escape(value)}(?P=quote)(?![\w-])"
        at_key = re.match(rf"{written}(?P<colon>\s*:(?=\s|$))?", here)
        after_key = re.match(rf"['\"]?{re.escape(str(path[-1]))}['\"]?\s*:\s+{written}", here) if path else None
        if at_key and at_key["colon"] and after_key:
            return None  # key and value are the same word, and which of them is meant can't be told
        found = after_key or at_key
        if found is None:
            return None
        start = column + found.end("quote")
        return Fix(line, start, start + len(value), text)


def read(text: str, file: str) -> Marked:
    """Read one YAML document.

    Raises:
        CorpusError: the text isn't YAML, or uses a form that can be misread; with every such place.
    """
    reader = _Reader(text, file)
    reader.read()
    if reader.problems:
        raise CorpusError(sorted(reader.problems, key=lambda problem: (problem.line, problem.column)))
    return Marked(reader.data, file, text, reader.marks)


class _GaveUpError(Exception):
    """There is no point in reading on."""


class _Reader:
    """Builds plain data from the parser's events, one after the other, so that depth costs no more than length."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.data: Any = None
        self.marks: dict[Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._documents = 0
        self._parts = 0

    def read(self) -> None:
        """Read the text into ``data`` and ``marks``, and what is wrong with it into ``problems``."""
        with suppress(_GaveUpError):
            self._unfit_characters()
            loader = _Loader(self.text)
            try:
                while (event := loader.get_event()) is not None:
                    handle = self._HANDLERS.get(type(event))
                    if handle is not None:
                        handle(self, event)
            except yaml.YAMLError as error:
                # The parser has a limit of its own, far beyond ours, which it may meet while it reads ahead.
                if "maximum nesting depth" in str(getattr(error, "problem", "")):
                    self._too_deep(getattr(error, "problem_mark", None))
                from advisor import syntax  # most files have no such error, and many a process reads one

                self.problems.append(syntax.problem_of(self.text, self.file, error))
            finally:
                loader.dispose()

    def _problem(self, code: str, message: str, line: int, column: int, repair: str = "", **more: Any) -> None:
        path = self._open[-1].path if self._open else ()
        self.problems.append(Problem(code, message, self.file, line, column, pointer(path), repair=repair, **more))
        if len(self.problems) >= MAX_PROBLEMS:
            message = f"the file has {MAX_PROBLEMS:,} problems up to here, and was read no further"
            self.problems.append(Problem("too-many-problems", message, self.file, line, column))
            raise _GaveUpError

    def _too_deep(self, mark: Any) -> NoReturn:
        repair = f"Content needs a handful of levels, and {_MAX_DEPTH} are allowed."
        line, column = (mark.line, mark.column) if mark else (0, 0)
        self._problem("too-deep", "the document is nested too deeply", line + 1, column + 1, repair)
        raise _GaveUpError

    def _at(self, event: Any, code: str, message: str, repair: str = "") -> None:
        self._problem(code, message, event.start_mark.line + 1, event.start_mark.column + 1, repair)

    def _unfit_characters(self) -> None:
        """Report characters that YAML doesn't allow, or that make text look other than it is."""
        line, start = 1, 0
        for match in _UNFIT.finditer(self.text):
            ends = self.text.count("\n", start, match.start())
            if ends:
                line, start = line + ends, self.text.rindex("\n", start, match.start()) + 1
            column = match.start() - start + 1
            character = match.group()
            name = unicodedata.name(character, "a control character").lower()
            message = f"the character U+{ord(character):04X} ({name}) cannot be seen and has no place in a text"
            self._problem("odd-character", message, line, column, "Delete it; most editors can show such characters.")
        if self.problems:
            raise _GaveUpError

    # --- events -------------------------------------------------------------------------------------------------------

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            repair = "Take the line of dashes (---) away, or write a second file."
            self._at(event, "two-documents", "a second document starts here; a file holds one", repair)
            raise _GaveUpError

    def _alias(self, event: Any) -> None:
        self._at(event, "alias", _NO_ALIAS)
        self._put(None, event)

    def _mapping(self, event: Any) -> None:
        self._collection({}, event)

    def _sequence(self, event: Any) -> None:
        self._collection([], event)

    def _collection(self, collection: dict[str, Any] | list[Any], event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            self._properties(event)
        parent = self._open[-1] if self._open else None
        if parent is not None and parent.wants_key:
            self._at(event, "key-not-text", "a key is a word, not a list or a mapping")
            parent.key = _DISCARDED
            inner = _Open(collection, parent.path)
        else:
            inner = _Open(collection, self._put(collection, event))
        if len(self._open) >= _MAX_DEPTH:
            self._too_deep(event.start_mark)
        self._open.append(inner)

    def _end(self, _: Any) -> None:
        self._open.pop()

    def _word(self, event: Any) -> None:
        tagged = (event.anchor is not None or event.tag is not None) and self._properties(event)
        plain = not event.style
        text: str = event.value
        if self._open and self._open[-1].wants_key:
            self._key(text, plain, event)
        elif not plain:
            if not _encodable(text):
                self._at(event, "bad-escape", "half a character is written here", _WHOLE_CHARACTER)
                text = ""
            self._put(text, event)
        elif tagged:
            self._put(None, event)
        elif _AMBIGUOUS.match(text):
            self._put(None, event)
            message = f"{text!r} is read differently by different tools; write true or false, or put it in quotes"
            wanted = "true" if text.lower() in ("y", "yes", "on") else "false"
            self._at(event, "ambiguous-boolean", message, f"Write {wanted}, or '{text}' if the word itself is meant.")
        elif _CURLY.match(text):
            self._put(text, event)
            self._curly(text, event)
        else:
            self._put(_scalar(text), event)

    def _key(self, text: str, plain: bool, event: Any) -> None:
        mapping = self._open[-1]
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        mapping.key = _DISCARDED
        if len(text) > _MAX_KEY:
            message = f"a key has at most {_MAX_KEY} characters, and this one has {len(text):,}"
            self._at(event, "too-long", message, "Write a short key; a long text is a value.")
        elif not _encodable(text):
            self._at(event, "bad-escape", "half a character is written here", _WHOLE_CHARACTER)
        elif text == "<<":
            self._at(event, "alias", "merge keys (<<) are not used here; write the values out")
        elif plain and _CURLY.match(text):
            self._curly(text, event)
        elif plain and "\N{NO-BREAK SPACE}" in text:
            message = "this line has a no-break space (U+00A0), which only looks like a space"
            column += text.index("\N{NO-BREAK SPACE}")
            self._problem("odd-character", message, line, column, "Write ordinary spaces.")
        elif text in mapping.data:
            first = self.marks[(*mapping.path, text)][0]
            message = f"the key {quoted(text)} stands here twice (first on line {first})"
            self._at(event, "duplicate-key", message, "Take one of the two away, or put what both say into one.")
        else:
            mapping.key = text
            self.marks[(*mapping.path, text)] = (line, column)

    def _curly(self, text: str, event: Any) -> None:
        message = "the quotes around this text are curly, and part of the text to YAML"
        from advisor import syntax

        self._at(event, "smart-quotes", message, f"Write straight quotes: {syntax.in_quotes(text)}")

    def _properties(self, event: Any) -> bool:
        """Report an anchor or a tag of a value; return whether there was one."""
        if event.anchor is not None:
            self._at(event, "alias", _NO_ALIAS)
        elif event.tag is not None:
            self._at(event, "tag", "tags (!) are not used here; write the plain value")
        else:
            return False
        return True

    def _put(self, value: Any, event: Any) -> Path:
        """Put a value where the document has come to, and return the path of that place."""
        self._parts += 1
        if self._parts > _MAX_PARTS:
            message = f"the file has over {_MAX_PARTS:,} entries; spread the content over several files"
            self._at(event, "too-many-entries", message)
            raise _GaveUpError
        if not self._open:
            self.data = value
            self.marks[()] = (event.start_mark.line + 1, event.start_mark.column + 1)
            return ()
        parent = self._open[-1]
        if type(parent.data) is list:
            path: Path = (*parent.path, len(parent.data))
            parent.data.append(value)
            self.marks[path] = (event.start_mark.line + 1, event.start_mark.column + 1)
            return path
        key = parent.key
        parent.key = None
        if key is None:  # an alias where a key belongs
            parent.key = _DISCARDED
            return parent.path
        if key is _DISCARDED:
            return parent.path
        parent.data[key] = value
        if value is None and ":" in key and (slip := _glued(key)):
            line, column = self.marks[(*parent.path, key)]
            word, rest = slip
            message = f"after the colon of {quoted(word)} a space is missing"
            self._problem("missing-space", message, line, column + len(word) + 1, f"Write {word}: {rest}")
        return (*parent.path, key)

    _HANDLERS: ClassVar[dict[type[Any], Callable[[_Reader, Any], None]]] = {
        yaml.DocumentStartEvent: _document,
        yaml.AliasEvent: _alias,
        yaml.MappingStartEvent: _mapping,
        yaml.SequenceStartEvent: _sequence,
        yaml.MappingEndEvent: _end,
        yaml.SequenceEndEvent: _end,
        yaml.ScalarEvent: _word,
    }


class _Open:
    """A mapping or list of which the end has not been read."""

    __slots__ = ("data", "key", "path")

    def __init__(self, data: Any, path: Path) -> None:
        self.data = data
        self.path = path
        self.key: str | None = None

    @property
    def wants_key(self) -> bool:
        """Whether what comes next is a key."""
        return self.key is None and type(self.data) is dict


def _encodable(text: str) -> bool:
    """Return whether text is made of whole characters; an escape can write half of one."""
    return text.isascii() or not _HALF.search(text)


def _glued(key: str) -> tuple[str, str] | None:
    """Return key and value of what was read as a key alone because no space follows the colon: ``{a:1}``."""
    found = _GLUED.match(key)
    return (found[1], found[2]) if found else None


def _scalar(value: str) -> str | int | float | bool | None:
    """Resolve a plain scalar by the YAML 1.2 core schema, without its octal, hexadecimal and non-finite numbers.

    What only looks like a number (``007``, ``1e999``) stays text, so that nothing is changed by being read.
    """
    if value in _BOOLEAN:
        return _BOOLEAN[value]
    if value in _NULL:
        return None
    if _INTEGER.match(value) and len(value) <= _MAX_DIGITS:
        return int(value)
    if _FLOAT.match(value) and len(value) <= _MAX_DIGITS and math.isfinite(number := float(value)):
        return number
    return value
