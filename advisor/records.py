"""Records: what stands in for pydantic's models in a process that validates nothing.

Importing pydantic's models and building what validates them takes longer than all else that one answer needs. Where a
process has but to answer one question from a compiled corpus, nothing is left to validate: its content was validated
before it was compiled, and what stands in an answer is made by typed code. Such a process may do with records: objects
of the same classes, with the same fields, defaults and copies, which can't be changed either. They can't read, describe
or validate; a process that needs that has models, as all others do.

Which of the two ``advisor.shapes`` gives is settled when it is first imported, once for a process. The command line
says whether it is willing (``allow``), and what has found a compiled corpus decides (``choose``).
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar

_UNSET: Any = object()
_SHAPES = "advisor.shapes"


class ModelsNeededError(Exception):
    """Shapes are records, and what was to be done needs models: another process must do it."""


class _State:
    allowed = False
    chosen = False


def allow(*, wanted: bool = True) -> None:
    """Say that this process answers one question and ends, so that it may do with records."""
    _State.allowed = wanted


def allowed() -> bool:
    """Return whether this process may do with records."""
    return _State.allowed


def choose() -> None:
    """Have shapes be records if that is allowed, and they aren't models already."""
    if _State.allowed and _SHAPES not in sys.modules:
        _State.chosen = True


def chosen() -> bool:
    """Return whether shapes are records in this process."""
    return _State.chosen


class Field:
    """What is said of a field beside its type: here, what it holds where nothing is given, and when JSON omits it."""

    __slots__ = ("default", "default_factory", "exclude_if")

    def __init__(
        self,
        default: Any = _UNSET,
        *,
        default_factory: Callable[[], Any] | None = None,
        exclude_if: Callable[[Any], bool] | None = None,
        **_: object,
    ) -> None:
        self.default = default
        self.default_factory = default_factory
        self.exclude_if = exclude_if


def StringConstraints(**_: object) -> None:  # noqa: N802 - stands in for a class of this name
    """Say nothing: no text is held against it."""


ConfigDict = dict


class Record:
    """A frozen record whose fields are the annotations of its class; they are never evaluated."""

    model_fields: ClassVar[dict[str, Field]] = {}
    _defaults: ClassVar[dict[str, Any]] = {}
    _factories: ClassVar[dict[str, Callable[[], Any]]] = {}
    _omitted: ClassVar[dict[str, Callable[[Any], bool]]] = {}

    def __init_subclass__(cls) -> None:
        fields = dict(cls.model_fields)
        for name in inspect.get_annotations(cls):
            said = cls.__dict__.get(name, _UNSET)
            fields[name] = said if isinstance(said, Field) else Field(said)
            if said is not _UNSET:
                delattr(cls, name)
        cls.model_fields = fields
        cls._defaults = {name: field.default for name, field in fields.items() if field.default is not _UNSET}
        cls._factories = {name: field.default_factory for name, field in fields.items() if field.default_factory}
        cls._omitted = {name: field.exclude_if for name, field in fields.items() if field.exclude_if}

    def __init__(self, **given: Any) -> None:
        values = self.__dict__
        values.update(self._defaults)
        for name, make in self._factories.items():
            values[name] = make()
        values.update(given)
        if values.keys() != self.model_fields.keys():
            odd = ", ".join(sorted(values.keys() ^ self.model_fields.keys()))
            raise TypeError(f"{type(self).__name__} has not these fields, or must have them: {odd}")

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        # A model that was pickled: beside its fields, it says which of them were given.
        self.__dict__.update(state["__dict__"])

    def __setattr__(self, name: str, value: object) -> None:
        raise ValueError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise ValueError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *map(self.__dict__.__getitem__, self.model_fields)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={self.__dict__[name]!r}' for name in self.model_fields)})"

    def model_copy(self, *, update: Mapping[str, Any]) -> Any:
        """Return a copy with other values."""
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied.__dict__.update(update)
        return copied

    def model_dump_json(self) -> str:
        """Return it as JSON text."""
        return to_json(self).decode()


@cache
def _encoder() -> Callable[[object], str]:
    from json import JSONEncoder

    return JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_fields_of).encode


def _fields_of(value: Any) -> dict[str, Any]:
    if not isinstance(value, Record):
        raise TypeError(f"{type(value).__name__} is no part of a record")
    values, omitted = value.__dict__, value._omitted
    return {
        name: values[name]
        for name in value.model_fields
        if not omitted or name not in omitted or not omitted[name](values[name])
    }


def to_json(value: object) -> bytes:
    """Return a record or plain data as JSON text in UTF-8."""
    return _encoder()(value).encode()
