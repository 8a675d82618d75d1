"""Marked YAML: plain data that remembers at which line and column each part was written.

Only what cannot be misread is accepted: two equal keys, ``yes`` and ``no`` as booleans, anchors, aliases,
merge keys and tags are refused; dates stay text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from advisor.errors import CorpusError, Problem, pointer

Path = tuple[str | int, ...]

_MAX_DEPTH = 50
_MAX_DIGITS = 300
_AMBIGUOUS = re.compile(r"(?i)^(y|n|yes|no|on|off)$")
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULL = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?$")
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
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
        """Return a problem placed at ``path`` of this document."""
        line, column = self.where(path)
        return Problem(code, message, self.file, line, column, pointer(path), **more)


def read(text: str, file: str) -> Marked:
    """Read one YAML document.

    Raises:
        CorpusError: the text isn't YAML, or uses a form that can be misread; with every such place.
    """
    try:
        # The events first: composing a document that is nested too deeply would overflow the parser's stack.
        problems = list(_unwanted(text, file))
        node = None if problems else yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = " ".join(part for part in (error.context, error.problem) if part)
        raise CorpusError([Problem("not-yaml", f"this is not YAML: {what}", file, line, column)]) from error
    except yaml.YAMLError as error:
        raise CorpusError([Problem("not-yaml", f"this is not YAML: {error}", file, 1, 1)]) from error
    if problems:
        raise CorpusError(problems)
    marks: dict[Path, tuple[int, int]] = {}
    data = None if node is None else _plain(node, (), file, marks, problems)
    if problems:
        raise CorpusError(problems)
    return Marked(data, file, text, marks)


def _unwanted(text: str, file: str) -> Iterator[Problem]:
    """Yield what is refused whatever it means: anchors, aliases, tags, and a depth that no content needs."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line, column = (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)
        if getattr(event, "anchor", None):
            message = "anchors and aliases (& and *) are not used here; write the value out"
            yield Problem("alias", message, file, line, column)
        elif getattr(event, "tag", None):
            yield Problem("tag", "tags (!) are not used here; write the plain value", file, line, column)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            yield Problem("too-deep", "the document is nested too deeply", file, line, column)
            return


def _plain(node: Any, path: Path, file: str, marks: dict[Path, tuple[int, int]], problems: list[Problem]) -> Any:
    marks.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))

    def problem(code: str, message: str, at: Any) -> None:
        line, column = at.start_mark.line + 1, at.start_mark.column + 1
        problems.append(Problem(code, message, file, line, column, pointer(path)))

    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                problem("key-not-text", "a key is a word, not a list or a mapping", key_node)
                continue
            key = str(key_node.value)
            if key in mapping:
                first = marks[(*path, key)][0]
                problem("duplicate-key", f"the key {key!r} stands here twice (first on line {first})", key_node)
                continue
            if key == "<<":
                problem("alias", "merge keys (<<) are not used here; write the values out", key_node)
                continue
            marks[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            mapping[key] = _plain(value_node, (*path, key), file, marks, problems)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, index), file, marks, problems) for index, item in enumerate(node.value)]
    value = str(node.value)
    if node.style in ("'", '"', "|", ">"):
        return value
    if _AMBIGUOUS.match(value):
        message = f"{value!r} is read differently by different tools; write true or false, or put it in quotes"
        problem("ambiguous-boolean", message, node)
        return None
    return _scalar(value)


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
