"""Packs: content files read into typed entries that remember where they were written."""

from __future__ import annotations

import hashlib
import json
from collections import ChainMap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from advisor import claims, conditions, content, marked, shape
from advisor.errors import CorpusError, Problem, did_you_mean
from advisor.implication import Logic
from advisor.model import (
    AddedValues,
    Content,
    Element,
    ElementGroup,
    ElementsFile,
    Example,
    Fact,
    FactGroup,
    FactsFile,
    Finding,
    FindingsFile,
    Invariant,
    InvariantsFile,
    Lesson,
    LessonsFile,
    Manifest,
    Place,
    Precedent,
    Reference,
    ReferencesFile,
    RuleFile,
    Scenario,
    Source,
    Tension,
)
from advisor.names import NameLists
from advisor.rule import Rule
from advisor.stack import MANIFEST, PackFiles, stack

T_co = TypeVar("T_co", covariant=True)
C = TypeVar("C", bound=Content)


@dataclass(frozen=True)
class Entry(Generic[T_co]):
    """A piece of content and where it was written."""

    id: str
    value: T_co
    pack: str
    document: marked.Marked = field(repr=False)
    path: marked.Path = ()

    def problem(self, code: str, message: str, *below: str | int, **more: Any) -> Problem:
        """Return a problem placed at ``below`` inside this entry."""
        return self.document.problem(code, message, (*self.path, *below), of=self.id, **more)

    @property
    def written(self) -> str:
        """``file:line`` of the entry."""
        return f"{self.document.file}:{self.document.where(self.path)[0]}"


Entries = dict[str, Entry[C]]

INVARIANTS = "knowledge/invariants.yaml"


@dataclass
class Draft:
    """The content of one or more packs, read but not yet checked against itself.

    Attributes:
        documents: all files that could be read.
        names: finds the nearest known names.
        unread: the kinds of content of which a file could not be read: what refers to them can't be judged.
        bases: for each pack, the ids of all packs on which it builds, directly or by way of others.
        digests: for each pack, SHA-256 over the content files from which advice follows, in hexadecimal.
    """

    manifests: Entries[Manifest] = field(default_factory=dict)
    sources: Entries[Source] = field(default_factory=dict)
    places: Entries[Place] = field(default_factory=dict)
    references: Entries[Reference] = field(default_factory=dict)
    fact_groups: Entries[FactGroup] = field(default_factory=dict)
    facts: Entries[Fact] = field(default_factory=dict)
    findings: Entries[Finding] = field(default_factory=dict)
    element_groups: Entries[ElementGroup] = field(default_factory=dict)
    elements: Entries[Element] = field(default_factory=dict)
    lessons: Entries[Lesson] = field(default_factory=dict)
    lesson_sources: dict[str, str] = field(default_factory=dict)
    added_values: Entries[AddedValues] = field(default_factory=dict)
    value_origins: Entries[AddedValues] = field(default_factory=dict)
    precedents: Entries[Precedent] = field(default_factory=dict)
    rule_files: Entries[RuleFile] = field(default_factory=dict)
    rules: dict[str, Entry[Rule]] = field(default_factory=dict)
    asks: dict[str, conditions.Condition] = field(default_factory=dict)
    invariants: Entries[Invariant] = field(default_factory=dict)
    tensions: Entries[Tension] = field(default_factory=dict)
    promises: dict[str, claims.Promise] = field(default_factory=dict)
    scenarios: Entries[Scenario] = field(default_factory=dict)
    examples: Entries[Example] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    documents: list[marked.Marked] = field(default_factory=list)
    names: NameLists = field(default_factory=NameLists)
    unread: set[str] = field(default_factory=set)
    bases: dict[str, frozenset[str]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    @cached_property
    def logic(self) -> Logic:
        """Compares conditions over the vocabulary; to be asked when all facts have been read."""
        return Logic({name: entry.value for name, entry in self.facts.items()})

    @property
    def elements_and_lessons(self) -> ChainMap[str, Entry[Any]]:
        """Everything that a rule can defeat, by id."""
        return ChainMap[str, Entry[Any]](self.elements, self.lessons)


def read(folders: Iterable[Path]) -> Draft:
    """Read packs, and all on which they build. Whatever can't be read is left out and stands in ``problems``."""
    draft = Draft()
    packs, problems = stack(folders)
    draft.problems += problems
    if any(problem.code in ("unknown-pack", "pack-circle", "pack-too-old") for problem in problems):
        draft.unread |= {*_KINDS.values(), "bases"}
    for pack in packs:
        draft.digests[pack.id] = _digest(pack)
        direct = {name for _, name, _ in pack.bases()}
        draft.bases[pack.id] = frozenset(direct.union(*(draft.bases.get(name, ()) for name in direct)))
        _PackReader(draft, pack).read()
    _add_values(draft)
    _read_conditions(draft)
    _read_claims(draft)
    return draft


def _digest(pack: PackFiles) -> str:
    digest = hashlib.sha256()
    for file in pack.files:
        # Scenarios are tests, examples are questions, invariants are promises: what they say changes no advice.
        if not file.name.startswith(("scenarios/", "examples/")) and file.name != INVARIANTS:
            digest.update(f"{file.name}\0{len(file.text)}\0{file.text}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


class _PackReader:
    """Reads the files of one pack into a draft."""

    def __init__(self, draft: Draft, files: PackFiles) -> None:
        self.draft = draft
        self.folder = files.folder
        self.files = files.files
        self.pack = files.id
        self.source = ""

    def read(self) -> None:
        documents: list[tuple[content.ContentFile, marked.Marked]] = []
        for file in self.files:
            try:
                if file.problem is not None:
                    raise CorpusError([file.problem])
                document = marked.read(file.text, file.shown)
                documents.append((file, document))
                self.draft.documents.append(document)
            except CorpusError as error:
                self.draft.problems += error.problems
                self.draft.unread |= _kinds(file.name)
        # The manifest and the sources come first: the other files refer to places of the pack's own source.
        for file, document in sorted(documents, key=lambda pair: _reading_order(pair[0].name)):
            self._file(file, document)
        if not any(file.name == MANIFEST for file in self.files):
            message = "the pack has no manifest; write knowledge/pack.yaml with id, version, title and text"
            self.draft.unread.add("pack")
            self.draft.problems.append(Problem("no-manifest", message, content.shown(self.folder / MANIFEST), 1, 1))

    def _file(self, file: content.ContentFile, document: marked.Marked) -> None:
        draft = self.draft
        parts = file.name.split("/")
        match parts:
            case ["knowledge", "pack.yaml"]:
                for manifest in self._validated(Manifest, document):
                    self.source = next(iter(manifest.sources), "")
                    self._add(draft.manifests, manifest.id, manifest, document, ())
            case ["knowledge", "sources", _]:
                for source in self._validated(Source, document):
                    self.source = self.source or source.id
                    self._add(draft.sources, source.id, source, document, ())
                    for index, place in enumerate(source.places):
                        qualified = place.model_copy(update={"refers_to": _qualified(place.refers_to, source.id)})
                        self._add(draft.places, f"{source.id}:{place.id}", qualified, document, ("places", index))
            case ["knowledge", "references.yaml"]:
                for listed in self._validated(ReferencesFile, document):
                    for index, reference in enumerate(listed.references):
                        cited_in = _qualified(reference.cited_in, self.source)
                        citing = reference.model_copy(update={"cited_in": cited_in})
                        self._add(draft.references, reference.id, citing, document, ("references", index))
            case ["knowledge", "facts.yaml"]:
                for facts in self._validated(FactsFile, document):
                    for index, group in enumerate(facts.groups):
                        self._add(draft.fact_groups, group.id, group, document, ("groups", index))
                    for index, fact in enumerate(facts.facts):
                        self._add(draft.facts, fact.name, self._placed(fact), document, ("facts", index))
                    for index, added in enumerate(facts.added_values):
                        name = f"{self.pack}:{added.fact}"
                        self._add(draft.added_values, name, added, document, ("added_values", index))
            case ["knowledge", "findings.yaml"]:
                for findings in self._validated(FindingsFile, document):
                    for index, finding in enumerate(findings.findings):
                        self._add(draft.findings, finding.id, self._placed(finding), document, ("findings", index))
            case ["knowledge", "elements.yaml"]:
                for elements in self._validated(ElementsFile, document):
                    for index, heading in enumerate(elements.groups):
                        placed = heading.model_copy(update={"place": _qualified([heading.place], self.source)[0]})
                        self._add(draft.element_groups, heading.id, placed, document, ("groups", index))
                    for index, element in enumerate(elements.elements):
                        self._add(draft.elements, element.id, self._placed(element), document, ("elements", index))
            case ["knowledge", "lessons", _]:
                for lessons in self._validated(LessonsFile, document):
                    for index, lesson in enumerate(lessons.lessons):
                        stated = lesson.model_copy(update={"place": _qualified([lesson.place], lessons.source)[0]})
                        self._add(draft.lessons, lesson.id, stated, document, ("lessons", index))
                        draft.lesson_sources[lesson.id] = lessons.source
            case ["knowledge", "precedents", _]:
                for precedent in self._validated(Precedent, document):
                    figures = tuple(
                        figure.model_copy(update={"place": _qualified([figure.place], self.source)[0]})
                        for figure in precedent.figures
                    )
                    told = self._placed(precedent).model_copy(update={"figures": figures})
                    self._add(draft.precedents, precedent.id, told, document, ())
            case ["knowledge", "invariants.yaml"]:
                for promised in self._validated(InvariantsFile, document):
                    for index, invariant in enumerate(promised.invariants):
                        self._add(
                            draft.invariants, invariant.id, self._placed(invariant), document, ("invariants", index)
                        )
                    for index, tension in enumerate(promised.tensions):
                        name = f"{self.pack}:{index}"
                        self._add(draft.tensions, name, self._placed(tension), document, ("tensions", index))
            case ["scenarios", stem]:
                for scenario in self._validated(Scenario, document):
                    self._add(draft.scenarios, stem.rsplit(".", 1)[0], scenario, document, ())
            case ["examples", stem]:
                for example in self._validated(Example, document):
                    self._add(draft.examples, stem.rsplit(".", 1)[0], example, document, ())
            case ["rules", _, _]:
                for rule in self._validated(RuleFile, document):
                    self._add(draft.rule_files, rule.id, rule, document, ())
            case _:
                message = (
                    f"no content is kept under {file.name!r}; knowledge/ holds pack.yaml, sources/, references.yaml, "
                    "facts.yaml, findings.yaml, elements.yaml, lessons/, precedents/ and invariants.yaml, rules/ one "
                    "folder a topic, and scenarios/ and examples/ one file a situation"
                )
                draft.problems.append(Problem("misplaced-file", message, file.shown, 1, 1))

    def _placed(self, value: C) -> C:
        places: tuple[str, ...] = getattr(value, "places")  # noqa: B009 - not every content has places
        return value.model_copy(update={"places": _qualified(places, self.source)})

    def _validated(self, model: type[C], document: marked.Marked) -> Iterator[C]:
        """Yield the document as ``model``, or report what is wrong with it."""
        if not isinstance(document.data, dict):
            self.draft.problems.append(shape.no_mapping(model, document))
            self.draft.unread.add(_KINDS[model])
            return
        try:
            # By way of JSON, so that lists become tuples while everything else stays strict.
            yield model.model_validate_json(json.dumps(document.data))
        except ValidationError as error:
            self.draft.unread.add(_KINDS[model])
            self.draft.problems += shape.problems_of(error, model, document)

    def _add(self, entries: Entries[C], name: str, value: C, document: marked.Marked, path: marked.Path) -> None:
        entry = Entry(name, value, self.pack, document, path)
        if name in entries:
            first = entries[name].written
            self.draft.problems.append(entry.problem("duplicate-id", f"{name!r} exists already, at {first}", "id"))
        else:
            entries[name] = entry


_KINDS: dict[type[Content], str] = {
    Manifest: "pack",
    Source: "sources",
    ReferencesFile: "references",
    FactsFile: "facts",
    FindingsFile: "findings",
    ElementsFile: "elements",
    LessonsFile: "lessons",
    Precedent: "precedents",
    InvariantsFile: "invariants",
    RuleFile: "rules",
    Scenario: "scenarios",
    Example: "examples",
}


def _kinds(name: str) -> set[str]:
    """Return the kinds of content that a file or folder of this name holds."""
    folder, *below = name.split("/")
    if folder != "knowledge":
        return {folder}
    return {below[0].split(".")[0]} if below else {*_KINDS.values()}


def _reading_order(name: str) -> tuple[int, str]:
    first = 0 if name == MANIFEST else 1 if name.startswith("knowledge/sources/") else 2
    return (first, name)


def _qualified(places: Iterable[str], source: str) -> tuple[str, ...]:
    return tuple(place if ":" in place else f"{source}:{place}" for place in places)


def _add_values(draft: Draft) -> None:
    """Put the values that packs add to facts of other packs into those facts."""
    for entry in draft.added_values.values():
        added = entry.value
        fact = draft.facts.get(added.fact)
        if fact is None:
            suggestion = draft.names.nearest(added.fact, "fact", draft.facts)
            message = f"no fact named {added.fact!r}{did_you_mean(suggestion)}"
            draft.problems.append(entry.problem("unknown-fact", message, "fact", suggestion=suggestion))
            continue
        if fact.pack == entry.pack:
            message = f"{added.fact} is this pack's own fact ({fact.written}); list its values there"
            draft.problems.append(entry.problem("added-to-own-fact", message, "fact"))
            continue
        if fact.value.type not in ("enum", "set"):
            message = f"{added.fact} is of type {fact.value.type} and has no list of values to add to"
            draft.problems.append(entry.problem("fact-shape", message, "fact"))
            continue
        for index, value in enumerate(added.values):
            here = ("values", index, "value")
            earlier = draft.value_origins.get(f"{added.fact}={value.value}")
            if value.value in draft.facts[added.fact].value.allowed:
                first = earlier.written if earlier else fact.written
                message = f"the value {value.value!r} of {added.fact} exists already, at {first}"
                draft.problems.append(entry.problem("duplicate-id", message, *here))
                continue
            draft.value_origins[f"{added.fact}={value.value}"] = entry
            known = draft.facts[added.fact]
            extended = known.value.model_copy(update={"values": (*known.value.values, value)})
            draft.facts[added.fact] = replace(known, value=extended)


def _read_conditions(draft: Draft) -> None:
    vocabulary = {name: entry.value for name, entry in draft.facts.items()}

    def parse(entry: Entry[Any], raw: object, key: str) -> conditions.Condition | None:
        return conditions.parse(raw, vocabulary, (key,), _reporter(draft, entry), draft.names)

    for name, fact in draft.facts.items():
        if fact.value.ask_when is not None and (ask := parse(fact, fact.value.ask_when, "ask_when")) is not None:
            draft.asks[name] = ask
    for name, entry in draft.rule_files.items():
        file = entry.value
        when = parse(entry, file.when, "when")
        pressing = None if file.pressing_when is None else parse(entry, file.pressing_when, "pressing_when")
        if when is None or (pressing is None and file.pressing_when is not None):
            draft.unread.add("rules")
        if when is None:
            continue
        topic, stem = entry.document.file.split("/")[-2:]
        rule = Rule(
            id=name,
            topic=topic,
            pack=entry.pack,
            title=file.title,
            reading=file.reading,
            note=file.note,
            when=when,
            pressing_when=pressing,
            then=file.then,
            tests=file.tests,
            file=f"rules/{topic}/{stem}",
            text=entry.document.text,
        )
        draft.rules[name] = Entry(name, rule, entry.pack, entry.document, entry.path)


def _read_claims(draft: Draft) -> None:
    names = claims.Names(
        facts={name: entry.value for name, entry in draft.facts.items()},
        elements={name: entry.value.group for name, entry in draft.elements.items()},
        groups=draft.element_groups.keys(),
        lessons=draft.lessons.keys(),
        rules=draft.rule_files.keys(),
        findings=draft.findings.keys(),
    )
    for name, entry in draft.invariants.items():
        report = _reporter(draft, entry)
        stated = entry.value
        raw = {key: getattr(stated, key) for key in ("wherever", "then", "never") if getattr(stated, key) is not None}
        read = {key: claims.parse(value, names, (key,), report, draft.names) for key, value in raw.items()}
        wherever, then = read.get("wherever") or read.get("never"), read.get("then")
        if set(read) not in ({"wherever", "then"}, {"never"}):
            given = " and ".join(read) or "none of them"
            report("invariant-shape", f"an invariant has wherever and then, or never alone; this one has {given}", ())
        elif wherever is not None and None not in read.values():
            draft.promises[name] = claims.Promise(wherever, then)


def _reporter(draft: Draft, entry: Entry[Any]) -> conditions.Report:
    """Return what reports a problem at a path inside an entry."""

    def report(code: str, message: str, path: conditions.Path, **more: Any) -> None:
        draft.problems.append(entry.problem(code, message, *path, **more))

    return report
