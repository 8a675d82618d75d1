"""What an author may name in a content file: the facts and their values, the findings, lessons, elements and so on.

The names are those of packs as they stand, also of packs that are refused: whoever writes a lesson needs its name in
the rule that will apply it, and until there is such a rule the pack is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from advisor.corpus import Corpus
from advisor.model import (
    Element,
    ElementGroup,
    Example,
    Fact,
    FactGroup,
    Finding,
    Lesson,
    Manifest,
    Place,
    Precedent,
    Reference,
    Source,
)
from advisor.pack import Draft, Entry
from advisor.rule import Rule

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Name:
    """A name with what a reader wants to know of it: a title, and a text of a sentence or more."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Names:
    """All that may be named.

    Attributes:
        facts: the vocabulary.
        kinds: for each kind of name, one of ``LABELS``, the names in their order.
        closed: whether nothing else may be named. Where False, a pack that isn't at hand may add names of its own.
    """

    facts: Mapping[str, Fact]
    kinds: Mapping[str, tuple[Name, ...]] = field(repr=False)
    closed: bool


LABELS: Mapping[str, str] = {
    "pack": "pack",
    "source": "source",
    "reference": "reference",
    "place": "place",
    "fact": "fact",
    "fact-group": "block of questions",
    "situation-type": "kind of situation",
    "proposed-measure": "measure",
    "finding": "finding",
    "element-group": "heading",
    "element": "element",
    "lesson": "lesson",
    "precedent": "precedent",
    "rule": "rule",
    "example": "example",
}
"""The kinds of names, and what one of each is called in a message."""

EITHER: Mapping[str, tuple[str, ...]] = {
    "element-or-lesson": ("element", "lesson"),
    "rule-or-lesson": ("rule", "lesson"),
    "line": ("element", "lesson", "rule"),
}
"""Kinds that are made of others; a line of an answer has the id of the element, lesson or rule that it is about."""


@dataclass(frozen=True)
class _Contents:
    packs: tuple[Manifest, ...]
    sources: Mapping[str, Source]
    packs_of_sources: Mapping[str, str]
    places: Mapping[str, Place]
    references: Mapping[str, Reference]
    fact_groups: Mapping[str, FactGroup]
    facts: Mapping[str, Fact]
    findings: Mapping[str, Finding]
    element_groups: Mapping[str, ElementGroup]
    elements: Mapping[str, Element]
    lessons: Mapping[str, Lesson]
    precedents: Mapping[str, Precedent]
    rules: Mapping[str, Rule]
    examples: Mapping[str, Example]


def names_of_corpus(corpus: Corpus, *, closed: bool) -> Names:
    """Return the names of packs that were loaded."""
    contents = _Contents(
        packs=corpus.packs,
        sources=corpus.sources,
        packs_of_sources={name: corpus.origins[f"sources:{name}"] for name in corpus.sources},
        places=corpus.places,
        references=corpus.references,
        fact_groups=corpus.fact_groups,
        facts=corpus.facts,
        findings=corpus.findings,
        element_groups=corpus.element_groups,
        elements=corpus.elements,
        lessons=corpus.lessons,
        precedents=corpus.precedents,
        rules=corpus.rules,
        examples=corpus.examples,
    )
    return _names(contents, closed)


def names_of_draft(draft: Draft, *, closed: bool) -> Names:
    """Return the names of packs that were read but may yet be refused."""
    contents = _Contents(
        packs=tuple(_values(draft.manifests).values()),
        sources=_values(draft.sources),
        packs_of_sources={name: entry.pack for name, entry in draft.sources.items()},
        places=_values(draft.places),
        references=_values(draft.references),
        fact_groups=_values(draft.fact_groups),
        facts=_values(draft.facts),
        findings=_values(draft.findings),
        element_groups=_values(draft.element_groups),
        elements=_values(draft.elements),
        lessons=_values(draft.lessons),
        precedents=_values(draft.precedents),
        rules=_values(draft.rules),
        examples=_values(draft.examples),
    )
    return _names(contents, closed)


def about(fact: Fact) -> str:
    """Return the question that a fact answers, how to answer it, and what an officer reads for true and false."""
    labels = "".join(f" {value}: {label}." for value, label in (fact.labels or {}).items())
    return f"{fact.question} {fact.help}{labels}"


def _names(contents: _Contents, closed: bool) -> Names:
    kinds = {
        "pack": tuple(_titled(contents.packs)),
        "source": tuple(Name(one.id, one.title, one.standing) for one in contents.sources.values()),
        "reference": tuple(_references(contents)),
        "place": tuple(_places(contents)),
        "fact": tuple(Name(fact.name, fact.label, about(fact)) for fact in contents.facts.values()),
        "fact-group": tuple(_titled(contents.fact_groups.values())),
        "situation-type": tuple(_values_of_fact(contents, "situation_types")),
        "proposed-measure": tuple(_values_of_fact(contents, "measures_proposed")),
        "finding": tuple(_titled(contents.findings.values())),
        "element-group": tuple(_titled(contents.element_groups.values())),
        "element": tuple(_titled(contents.elements.values())),
        "lesson": tuple(_lessons(contents)),
        "precedent": tuple(
            Name(one.id, f"{one.title} ({one.years})", one.summary) for one in contents.precedents.values()
        ),
        "rule": tuple(Name(name, rule.title, rule.note or "") for name, rule in sorted(contents.rules.items())),
        "example": tuple(Name(name, one.title, one.story or "") for name, one in sorted(contents.examples.items())),
    }
    return Names(contents.facts, kinds, closed)


class _Titled(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...


def _titled(entries: Iterable[_Titled]) -> Iterator[Name]:
    return (Name(entry.id, entry.title, entry.text) for entry in entries)


def _references(contents: _Contents) -> Iterator[Name]:
    for one in contents.references.values():
        told = (one.publisher, one.date, one.locator, one.symbol)
        yield Name(one.id, one.title, ", ".join(part for part in told if part))


def _lessons(contents: _Contents) -> Iterator[Name]:
    for one in contents.lessons.values():
        standing = one.strength if one.hedge == "none" else f"{one.strength}, {one.hedge}"
        where = _cited(contents, one.place)
        yield Name(one.id, one.title, f"{one.text} ({where}: {standing}; {one.basis.replace('_', ' ')})")


def _places(contents: _Contents) -> Iterator[Name]:
    """Yield the places of the packs at work by their bare ids, and all places by their full ones."""
    beneath = {base.pack for pack in contents.packs for base in pack.builds_on}
    bare: dict[str, Name] = {}
    full = []
    for qualified, place in contents.places.items():
        source, _, name = qualified.partition(":")
        cited = _cited(contents, qualified)
        full.append(Name(qualified, cited, place.gist))
        if contents.packs_of_sources.get(source) not in beneath:
            bare.setdefault(name, Name(name, cited, place.gist))
    yield from bare.values()
    yield from full


def _cited(contents: _Contents, place: str) -> str:
    source = contents.sources.get(place.partition(":")[0])
    ref = contents.places[place].ref if place in contents.places else place
    return f"{source.short}, {ref}" if source else ref


def _values_of_fact(contents: _Contents, name: str) -> Iterator[Name]:
    if name in contents.facts:
        for value in contents.facts[name].values:
            yield Name(value.value, value.label, value.help or "")


def _values(entries: Mapping[str, Entry[T]]) -> Mapping[str, T]:
    return {name: entry.value for name, entry in entries.items()}
