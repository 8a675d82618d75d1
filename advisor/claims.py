"""Claims: what a pack says of the advice itself, so that it can be checked in a case and proved for all of them.

A claim is about one answer: an element is recommended, a lesson is printed, a fact is known and passes a test. It is
true or false there, never unknown, so it may be negated freely. This module reads claims; ``advisor.invariants`` holds
them against a case and ``advisor.formula`` against all situations at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from advisor import conditions
from advisor.conditions import All, AnyOf, Condition, FactTest, FactType, FindingIs, Path, Report
from advisor.errors import did_you_mean, listing, quoted
from advisor.names import NameLists

Verb: TypeAlias = Literal["recommends", "cautions", "flags", "argues", "prints", "sets_aside", "fires", "presses"]
VERBS: tuple[Verb, ...] = get_args(Verb)
SPEAKS_OF: Mapping[Verb, tuple[str, ...]] = {
    "recommends": ("element",),
    "cautions": ("lesson",),
    "flags": ("rule", "lesson"),
    "argues": ("lesson",),
    "prints": ("lesson",),
    "sets_aside": ("element", "lesson"),
    "fires": ("rule",),
    "presses": ("rule",),
}
"""For each verb, what it may be said of."""


@dataclass(frozen=True, slots=True)
class Says:
    """Holds where an answer does something with one element, lesson or rule.

    Attributes:
        verb: what the answer does.
        name: id of the element, lesson or rule.
    """

    verb: Verb
    name: str

    def __str__(self) -> str:
        return f"{self.verb} {self.name}"


@dataclass(frozen=True, slots=True)
class Guarded:
    """Holds where an element is not recommended, or a lesson is printed with it: as its safeguard or a reason of it."""

    element: str
    lesson: str

    def __str__(self) -> str:
        return f"{self.lesson} is printed with {self.element}"


@dataclass(frozen=True, slots=True)
class Known:
    """Holds where a fact is known, whatever its value."""

    fact: str

    def __str__(self) -> str:
        return f"{self.fact} is known"


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where the claim does not."""

    part: Claim

    def __str__(self) -> str:
        return f"not ({self.part})"


@dataclass(frozen=True, slots=True)
class Every:
    """Holds where every part holds."""

    parts: tuple[Claim, ...]

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, Some) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Some:
    """Holds where at least one part holds."""

    parts: tuple[Claim, ...]

    def __str__(self) -> str:
        return " or ".join(f"({part})" if isinstance(part, Every) else str(part) for part in self.parts)


Atom: TypeAlias = "FactTest | FindingIs | Known | Says | Guarded"
Claim: TypeAlias = "Atom | Not | Every | Some"


@dataclass(frozen=True, slots=True)
class Promise:
    """What holds of every answer: wherever one claim holds, so does another.

    Attributes:
        wherever: where the promise is made.
        then: what holds there; None where ``wherever`` is what must never be.
    """

    wherever: Claim
    then: Claim | None

    @property
    def broken(self) -> Claim:
        """The claim that holds where the promise is broken."""
        return self.wherever if self.then is None else Every((self.wherever, Not(self.then)))


@dataclass(frozen=True, slots=True)
class Names:
    """The names that claims may use.

    Attributes:
        facts: the vocabulary.
        elements: for each element the group in which it stands.
        groups: the groups of elements.
        lessons: ids of lessons.
        rules: ids of rules.
        findings: ids of findings.
    """

    facts: Mapping[str, FactType]
    elements: Mapping[str, str]
    groups: Collection[str]
    lessons: Collection[str]
    rules: Collection[str]
    findings: Collection[str]

    def of(self, verb: Verb) -> tuple[str, Collection[str]]:
        """Return what a verb speaks of, in words, and the names that it may take."""
        known: Mapping[str, Collection[str]] = {"element": self.elements, "lesson": self.lessons, "rule": self.rules}
        kinds = SPEAKS_OF[verb]
        return " or ".join(kinds), {name for kind in kinds for name in known[kind]}


def atoms(claim: Claim) -> Iterator[Atom]:
    """Yield the atoms of a claim in the order in which they are written."""
    match claim:
        case Not():
            yield from atoms(claim.part)
        case Every() | Some():
            for part in claim.parts:
                yield from atoms(part)
        case _:
            yield claim


_LISTED: dict[str, tuple[Verb, type[Every] | type[Some]]] = {
    f"{verb}_{word}": (verb, join) for verb in VERBS for word, join in (("any", Some), ("all", Every))
}
_KEYS = ("all", "any", "not", "finding", "known", *VERBS, "recommends_any_of_group", "guarded")
"""What claims may begin with, beside facts and the verbs with ``_any`` or ``_all``."""


def parse(raw: object, names: Names, path: Path, report: Report, near: NameLists | None = None) -> Claim | None:
    """Read a claim as written in YAML.

    Args:
        raw: plain data.
        names: what it may name.
        path: where ``raw`` stands in its file, for messages.
        report: receives each problem (code, message, path).
        near: finds the nearest known names; who reads many claims makes one for all.

    Returns:
        The claim; None where it can't be read (which was reported).
    """
    return _Reader(names, report, near or NameLists()).claim(raw, path)


class _Reader:
    def __init__(self, names: Names, report: Report, near: NameLists) -> None:
        self.names = names
        self.report = report
        self.near = near

    def claim(self, raw: object, path: Path) -> Claim | None:
        if not isinstance(raw, dict) or len(raw) != 1:
            found = f"this has {len(raw)} keys" if isinstance(raw, dict) else "this is none"
            message = (
                f"a claim is a mapping with one key (a fact, or one of {listing(_KEYS)}); {found}. "
                "Join several by all or any"
            )
            self.report("claim-shape", message, path)
            return None
        ((key, value),) = raw.items()
        here = (*path, key)
        match key:
            case "all" | "any":
                return self._join(key, value, here)
            case "not":
                part = self.claim(value, here)
                return None if part is None else Not(part)
            case "finding":
                named = self._name(value, "finding", self.names.findings, here)
                return None if named is None else FindingIs(named)
            case "known":
                named = self._name(value, "fact", self.names.facts, here)
                return None if named is None else Known(named)
            case "recommends_any_of_group":
                return self._group(value, here)
            case "guarded":
                return self._guarded(value, here)
            case _ if key in VERBS:
                what, known = self.names.of(key)
                named = self._name(value, what, known, here)
                return None if named is None else Says(key, named)
            case _ if key in _LISTED:
                return self._listed(key, value, here)
            case _ if key in self.names.facts:
                condition = conditions.parse(raw, self.names.facts, path, self.report, self.near)
                return None if condition is None else _claim(condition)
            case _:
                suggestion = self.near.nearest(key, "claim", [*_KEYS, *_LISTED, *self.names.facts])
                message = f"no claim or fact named {quoted(key)}{did_you_mean(suggestion)}"
                self.report("unknown-claim", message, here, value=key, suggestion=suggestion)
                return None

    def _join(self, key: str, value: object, path: Path) -> Claim | None:
        if not isinstance(value, list) or not value:
            self.report("claim-shape", f"{key!r} takes a list of one or more claims", path)
            return None
        parts = [self.claim(part, (*path, index)) for index, part in enumerate(value)]
        return _joined(Every if key == "all" else Some, [part for part in parts if part is not None], len(parts))

    def _listed(self, key: str, value: object, path: Path) -> Claim | None:
        verb, join = _LISTED[key]
        what, known = self.names.of(verb)
        named = self._names(value, what, known, path)
        return None if named is None else _joined(join, [Says(verb, name) for name in named], len(named))

    def _group(self, value: object, path: Path) -> Claim | None:
        group = self._name(value, "element group", self.names.groups, path)
        inside = [name for name, group_of in self.names.elements.items() if group_of == group]
        if group is not None and not inside:
            self.report("claim-shape", f"no element stands in the group {quoted(group)}", path)
        return _joined(Some, [Says("recommends", name) for name in inside], len(inside))

    def _guarded(self, value: object, path: Path) -> Claim | None:
        if not isinstance(value, dict) or set(value) != {"elements", "by"}:
            message = "'guarded' takes two keys: elements (a list of elements) and by (a list of lessons)"
            self.report("claim-shape", message, path)
            return None
        elements = self._names(value["elements"], "element", self.names.elements, (*path, "elements"))
        lessons = self._names(value["by"], "lesson", self.names.lessons, (*path, "by"))
        if elements is None or lessons is None:
            return None
        parts = [Guarded(element, lesson) for element in elements for lesson in lessons]
        return _joined(Every, parts, len(parts))

    def _names(self, value: object, what: str, known: Collection[str], path: Path) -> list[str] | None:
        if not isinstance(value, list) or not value:
            self.report("claim-shape", f"{path[-1]!r} takes a list of one or more names: {_plural(what)}", path)
            return None
        named = [self._name(name, what, known, (*path, index)) for index, name in enumerate(value)]
        good = [name for name in named if name is not None]
        return list(dict.fromkeys(good)) if len(good) == len(named) else None

    def _name(self, value: object, what: str, known: Collection[str], path: Path) -> str | None:
        if not isinstance(value, str):
            self.report("claim-shape", f"{_key(path)!r} takes the name of one {what}", path)
            return None
        if value in known:
            return value
        suggestion = self.near.nearest(value, what, known)
        code = f"unknown-{what.replace(' ', '-')}"
        message = f"no {what} named {quoted(value)}{did_you_mean(suggestion)}"
        self.report(code, message, path, value=value, suggestion=suggestion)
        return None


def _joined(join: type[Every] | type[Some], parts: Sequence[Claim], written: int) -> Claim | None:
    """Return the parts as one claim; None where one of those written could not be read."""
    if not parts or len(parts) < written:
        return None
    return parts[0] if len(parts) == 1 else join(tuple(parts))


def _claim(condition: Condition) -> Claim:
    """Return a condition on facts as a claim: that it is known to hold."""
    match condition:
        case All():
            return Every(tuple(_claim(part) for part in condition.parts))
        case AnyOf():
            return Some(tuple(_claim(part) for part in condition.parts))
        case _:
            return condition


def _key(path: Path) -> object:
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _plural(what: str) -> str:
    return " or ".join(f"{word}s" for word in what.split(" or "))
