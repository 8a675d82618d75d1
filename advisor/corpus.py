"""The corpus: all packs loaded, checked and frozen."""

from __future__ import annotations

import hashlib
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from advisor import content
from advisor.awaited import Awaited
from advisor.cells import Layout
from advisor.conditions import Condition, FactTest, FindingIs, Truth, leaves
from advisor.conditions import Facts as Facts
from advisor.decided import Decided, Undecided
from advisor.errors import CorpusError, Problem, UnknownIdError
from advisor.index import Index
from advisor.model import RELATIONS, Topic
from advisor.rule import Rule
from advisor.situation import Reader

if TYPE_CHECKING:
    from advisor import pack
    from advisor.claims import Promise
    from advisor.model import (
        Element,
        ElementGroup,
        Example,
        Fact,
        FactGroup,
        Finding,
        Invariant,
        Lesson,
        Manifest,
        Place,
        Precedent,
        Reference,
        Relation,
        Scenario,
        Source,
        Tension,
    )

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Corpus:
    """Everything that advice is made from. Immutable; share it between threads.

    All mappings are keyed by id and ordered as the content is. Places are keyed ``source:place``.

    Attributes:
        digest: SHA-256 over all content files, in hexadecimal.
        packs: the manifests, each after the packs on which it builds.
        topics: the titles of the folders below ``rules/``.
        digests: for each pack, SHA-256 over its content files, in hexadecimal.
        origins: for each id, ``kind:id``, the pack that it comes from; values that a pack added to a fact of another
            are ``values:fact=value``.
        asks: for facts that are not always worth asking, the condition under which they are.
        invariants: what packs declare to hold of every answer.
        promises: the claims of the invariants, as read.
        tensions: lessons that may stand beside the elements of which they warn.
        scenarios: whole situations with the advice that they must get, by the names of their files; the facts of those
            that name an example are filled in.
        examples: situations as officers tell them, by the names of their files.
        written: for each id, ``kind:id``, where it was read: ``file:line``, the file as messages show it.
        warnings: what the checks found that doesn't refuse the corpus.
    """

    digest: str
    packs: tuple[Manifest, ...]
    topics: Mapping[str, Topic]
    sources: Mapping[str, Source]
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
    asks: Mapping[str, Condition]
    invariants: Mapping[str, Invariant]
    promises: Mapping[str, Promise]
    tensions: tuple[Tension, ...]
    origins: Mapping[str, str]
    digests: Mapping[str, str]
    scenarios: Mapping[str, Scenario] = field(default_factory=dict, repr=False)
    examples: Mapping[str, Example] = field(default_factory=dict, repr=False)
    written: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[Problem, ...] = field(default=(), repr=False)

    @property
    def version(self) -> str:
        """Ids and versions of all packs, e.g. ``amman-2011 1.0.0``."""
        return ", ".join(f"{manifest.id} {manifest.version}" for manifest in self.packs)

    def get(self, kind: str, name: str) -> object:
        """Return the entry of a kind (``lessons``, ``rules`` …) with this id.

        Raises:
            UnknownIdError: there is none; its text has the nearest known id.
        """
        entries: Mapping[str, object] = getattr(self, kind)
        if name not in entries:
            raise UnknownIdError(kind.replace("_", " ").removesuffix("s"), name, entries)
        return entries[name]

    def source_of(self, place: str) -> str:
        """Return the id of the source of a qualified place."""
        return place.split(":", 1)[0]

    @cached_property
    def deriving(self) -> Mapping[str, tuple[Rule, ...]]:
        """For each finding, the rules that derive it."""
        found: dict[str, list[Rule]] = {name: [] for name in self.findings}
        for _, rule in sorted(self.rules.items()):
            for finding in rule.findings:
                found[finding].append(rule)
        return MappingProxyType({name: tuple(rules) for name, rules in found.items()})

    @cached_property
    def finding_order(self) -> tuple[str, ...]:
        """All findings, each after those on which it depends."""
        graph = {
            name: {
                leaf.finding
                for rule in self.deriving[name]
                for leaf in leaves(rule.when)
                if isinstance(leaf, FindingIs)
            }
            for name in sorted(self.findings)
        }
        return tuple(TopologicalSorter(graph).static_order())

    @cached_property
    def attached(self) -> Mapping[str, tuple[Lesson, ...]]:
        """For each element, the lessons printed with it whenever it is recommended."""
        found: dict[str, list[Lesson]] = {name: [] for name in self.elements}
        for lesson in self.lessons.values():
            for element in lesson.attaches_to:
                found[element].append(lesson)
        return MappingProxyType({name: tuple(lessons) for name, lessons in found.items()})

    @cached_property
    def applying(self) -> Mapping[str, tuple[Rule, ...]]:
        """For each lesson, the rules that apply it."""
        found: dict[str, list[Rule]] = {name: [] for name in self.lessons}
        for _, rule in sorted(self.rules.items()):
            for lesson in rule.lessons:
                found[lesson].append(rule)
        return MappingProxyType({name: tuple(rules) for name, rules in found.items()})

    @cached_property
    def relations(self) -> Mapping[str, tuple[tuple[Relation, bool, Lesson], ...]]:
        """For lessons that other packs speak of, or that speak of other packs: how, and with which other lesson.

        The second part is True where the lesson itself speaks, and False where the other speaks of it.
        """
        found: dict[str, list[tuple[Relation, bool, Lesson]]] = {}
        for lesson in self.lessons.values():
            for relation in RELATIONS:
                for name in getattr(lesson, relation):
                    found.setdefault(lesson.id, []).append((relation, True, self.lessons[name]))
                    found.setdefault(name, []).append((relation, False, lesson))
        return MappingProxyType({name: tuple(related) for name, related in found.items()})

    def superseded(self, lesson: str) -> bool:
        """Return whether a lesson of another pack supersedes this one."""
        return any(kind == "supersedes" and not own for kind, own, _ in self.relations.get(lesson, ()))

    @cached_property
    def tests(self) -> Mapping[str, tuple[FactTest, ...]]:
        """For each fact, every test of it in a rule, each once."""
        found: dict[str, dict[FactTest, None]] = {name: {} for name in self.facts}
        for rule in self.rules.values():
            for condition in (rule.when, rule.pressing_when):
                for leaf in leaves(condition) if condition else ():
                    if isinstance(leaf, FactTest):
                        found[leaf.fact][leaf] = None
        return MappingProxyType({name: tuple(tests) for name, tests in found.items()})

    @cached_property
    def setting_aside(self) -> Mapping[str, tuple[Rule, ...]]:
        """For each element and lesson that some rule could set aside, or a lesson that it restates, these rules."""
        found: dict[str, list[Rule]] = {}
        for _, rule in sorted(self.rules.items()):
            for target in sorted(self.targets(rule)):
                found.setdefault(target, []).append(rule)
        return MappingProxyType({target: tuple(rules) for target, rules in found.items()})

    def targets(self, rule: Rule) -> set[str]:
        """Return the elements and lessons that a rule could set aside, with the lessons that these restate."""
        named = {name for then in rule.then for name in (*then.defeats, *(then.already_met or ()))}
        return named | {self.lessons[name].same_as or name for name in named if name in self.lessons}

    @cached_property
    def reader(self) -> Reader:
        """Reads situations by the vocabulary."""
        return Reader(self.facts)

    @cached_property
    def index(self) -> Index:
        """The conditions of all rules, compiled for matching."""
        return indexes(self)

    @cached_property
    def undecided(self) -> Undecided:
        """What is decided while nothing is known of a case, which is what every case begins with."""
        return Undecided(layouts(self))

    def decide(self, facts: Facts) -> Decided:
        """Return what is true, false and unknown on known facts in canonical form."""
        return self.undecided.told(facts)

    def awaited(self, decided: Decided) -> Awaited:
        """Return what waits for which facts where something is decided."""
        return Awaited(decided)

    def truths(self, facts: Facts) -> dict[str, Truth]:
        """Return for each finding whether it is derived (true), can't be (false) or may yet be (None)."""
        return self.decide(facts).findings


MADE_BEFORE: weakref.WeakKeyDictionary[Corpus, Mapping[str, Any]] = weakref.WeakKeyDictionary()
"""For corpora that come from disk, what was made from them before they were kept there, by its name."""


class PerCorpus(Generic[T]):
    """What is made once for a corpus, when it is first asked for, and kept as long as the corpus.

    What is made must not refer to the corpus itself, or neither would ever be freed.
    """

    def __init__(self, make: Callable[[Corpus], T], name: str = "") -> None:
        """Say how it is made.

        Args:
            make: makes it, from nothing but the corpus.
            name: under which it may come with a corpus (``MADE_BEFORE``); none for what is made each time.
        """
        self._make = make
        self.name = name
        self._kept: weakref.WeakKeyDictionary[Corpus, T] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    def __call__(self, corpus: Corpus) -> T:
        """Return what is kept for a corpus; the same for every thread."""
        with self._lock:
            if corpus not in self._kept:
                before = MADE_BEFORE.get(corpus, {}) if self.name else {}
                self._kept[corpus] = before[self.name] if self.name in before else self._make(corpus)
            return self._kept[corpus]

    def __len__(self) -> int:
        """Return for how many corpora something is kept."""
        return len(self._kept)


indexes: PerCorpus[Index] = PerCorpus(
    lambda corpus: Index(corpus.rules.values(), corpus.findings, corpus.facts), "index"
)
layouts: PerCorpus[Layout] = PerCorpus(lambda corpus: Layout(corpus.index), "layout")


def load(*folders: str | PathLike[str]) -> Corpus:
    """Load packs and all on which they build.

    Args:
        folders: pack folders, in any order; none for the built-in pack alone. What a pack builds on is looked for among
            them first, then among the packs that come with the advisor.

    Raises:
        CorpusError: the content is refused as a whole; with every problem at once, each with file, line and column.
    """
    return accepted(*examine(*folders))


def accepted(corpus: Corpus | None, problems: Iterable[Problem]) -> Corpus:
    """Return what was examined.

    Raises:
        CorpusError: it was refused; with every error.
    """
    if corpus is None:
        raise CorpusError(problem for problem in problems if problem.severity == "error")
    return corpus


def examine(*folders: str | PathLike[str]) -> tuple[Corpus | None, list[Problem]]:
    """Load packs and return the corpus (None where it is refused) with all problems and warnings."""
    from advisor import checks, pack  # who has a compiled corpus needs no more of this module than its class

    draft = pack.read([Path(folder) for folder in folders] or [content.builtin_folder()])
    problems = checks.run(draft)
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    return _frozen(draft, tuple(problems)), problems


def _frozen(draft: pack.Draft, warnings: tuple[Problem, ...]) -> Corpus:
    manifests = tuple(entry.value for entry in draft.manifests.values())
    topics = {topic.id: topic for manifest in manifests for topic in manifest.topics}
    for entry in draft.rules.values():
        topic = entry.value.topic
        topics.setdefault(topic, Topic(id=topic, title=topic.replace("-", " ").capitalize()))
    kinds: dict[str, Mapping[str, pack.Entry[object]]] = {
        "facts": draft.facts,
        "findings": draft.findings,
        "elements": draft.elements,
        "lessons": draft.lessons,
        "precedents": draft.precedents,
        "rules": draft.rules,
        "sources": draft.sources,
        "references": draft.references,
        "invariants": draft.invariants,
        "values": draft.value_origins,
        "scenarios": draft.scenarios,
        "examples": draft.examples,
    }
    origins = {f"{kind}:{name}": entry.pack for kind, entries in kinds.items() for name, entry in entries.items()}
    return Corpus(
        digest=hashlib.sha256("\n".join(draft.digests[name] for name in draft.manifests).encode()).hexdigest(),
        packs=manifests,
        topics=MappingProxyType(topics),
        sources=_values(draft.sources),
        places=_values(draft.places),
        references=_values(draft.references),
        fact_groups=_values(draft.fact_groups),
        facts=_values(draft.facts),
        findings=_values(draft.findings),
        element_groups=_values(draft.element_groups),
        elements=_values(draft.elements),
        lessons=_values(draft.lessons),
        precedents=_values(draft.precedents),
        rules=MappingProxyType(dict(sorted((name, entry.value) for name, entry in draft.rules.items()))),
        asks=MappingProxyType(draft.asks),
        invariants=_values(draft.invariants),
        promises=MappingProxyType(draft.promises),
        tensions=tuple(entry.value for entry in draft.tensions.values()),
        origins=MappingProxyType(origins),
        digests=MappingProxyType(draft.digests),
        scenarios=MappingProxyType({name: _told(entry.value, draft) for name, entry in draft.scenarios.items()}),
        examples=_values(draft.examples),
        written=MappingProxyType(
            {f"{kind}:{name}": entry.written for kind, entries in kinds.items() for name, entry in entries.items()}
        ),
        warnings=warnings,
    )


def _values(entries: Mapping[str, pack.Entry[T]]) -> Mapping[str, T]:
    return MappingProxyType({name: entry.value for name, entry in entries.items()})


def _told(scenario: Scenario, draft: pack.Draft) -> Scenario:
    """Return a scenario with the facts of the example that it names."""
    if scenario.example is None:
        return scenario
    example = draft.examples[scenario.example].value
    return scenario.model_copy(update={"facts": example.facts, "story": scenario.story or example.story})


def problems_of(folders: Iterable[str | PathLike[str]]) -> list[Problem]:
    """Return every problem and warning of the packs."""
    return examine(*folders)[1]
