"""What packs must satisfy beside one another: they use only what they build on, and never silently change another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from advisor.claims import SPEAKS_OF, Atom, Guarded, Known, Says, atoms
from advisor.conditions import FactTest, FindingIs, leaves
from advisor.errors import Problem, did_you_mean
from advisor.model import RELATIONS, VERBS
from advisor.pack import Draft, Entry

_Reference = tuple[Entry[Any], str, str, tuple[str | int, ...]]
"""An entry, and kind, name and place inside the entry of something that it names."""


def check_sources_listed(draft: Draft) -> Iterator[Problem]:
    """Check that a manifest lists the pack's own sources, so that it is plain which one a bare number means."""
    for entry in draft.manifests.values():
        own = [name for name, source in draft.sources.items() if source.pack == entry.pack]
        for index, name in enumerate(entry.value.sources):
            if name not in own:
                suggestion = draft.names.nearest(name, ("own source", entry.pack), own)
                message = f"this pack has no source named {name!r}{did_you_mean(suggestion)}"
                yield entry.problem("unknown-source", message, "sources", index, suggestion=suggestion)
        unlisted = [name for name in own if name not in entry.value.sources]
        if len(own) > 1 and unlisted:
            message = (
                f"the pack has several sources; list them all under sources, the main one first (missing: "
                f"{', '.join(unlisted)})"
            )
            yield entry.problem("source-unlisted", message, *(("sources",) if entry.value.sources else ()))


def check_topics(draft: Draft) -> Iterator[Problem]:
    """Check that no two manifests, and no manifest twice, name the same topic."""
    seen: dict[str, tuple[Entry[Any], int]] = {}
    for entry in draft.manifests.values():
        for index, topic in enumerate(entry.value.topics):
            if topic.id in seen:
                other, place = seen[topic.id]
                line, _ = other.document.where(("topics", place))
                message = f"the topic {topic.id!r} exists already, at {other.document.file}:{line}; use it as it is"
                yield entry.problem("duplicate-id", message, "topics", index, "id")
            else:
                seen[topic.id] = (entry, index)


def check_relations(draft: Draft) -> Iterator[Problem]:
    """Check that what a lesson supersedes, narrows or supports, and only that, is a lesson of another pack."""
    for entry in draft.lessons.values():
        for relation in RELATIONS:
            for index, name in enumerate(getattr(entry.value, relation)):
                other = draft.lessons.get(name)
                if other is None:
                    suggestion = draft.names.nearest(name, "lesson", draft.lessons)
                    message = f"no lesson named {name!r}{did_you_mean(suggestion)}"
                    yield entry.problem("unknown-lesson", message, relation, index, value=name, suggestion=suggestion)
                elif other.pack == entry.pack:
                    message = f"{relation} names lessons of other packs, and {name} is of this one; change it there"
                    yield entry.problem("relation-in-own-pack", message, relation, index)
        same = draft.lessons.get(entry.value.same_as or "")
        if same is not None and same.pack != entry.pack:
            message = f"same_as names lessons of the same pack; what confirms {same.id} of pack {same.pack} supports it"
            yield entry.problem("same-as-other-pack", message, "same_as")


def check_built_on(draft: Draft) -> Iterator[Problem]:
    """Check that a pack names only what is its own or of a pack on which it builds."""
    owners: Mapping[str, Mapping[str, Entry[Any]]] = {
        "place": draft.places,
        "fact": draft.facts,
        "fact group": draft.fact_groups,
        "finding": draft.findings,
        "element": draft.elements,
        "element group": draft.element_groups,
        "lesson": draft.lessons,
        "precedent": draft.precedents,
        "reference": draft.references,
        "rule": draft.rule_files,
    }
    for entry, kind, name, path in _references(draft):
        owner = owners[kind].get(name)
        if owner is not None and owner.pack != entry.pack and owner.pack not in draft.bases.get(entry.pack, ()):
            message = (
                f"the {kind} {name!r} is of pack {owner.pack!r} ({owner.written}), on which this pack does not build; "
                "name it under builds_on in knowledge/pack.yaml"
            )
            yield entry.problem("not-built-on", message, *path)


def _references(draft: Draft) -> Iterator[_Reference]:
    """Yield everything that entries name outside themselves."""
    for kinds in (draft.facts, draft.findings, draft.elements, draft.precedents, draft.added_values):
        for entry in kinds.values():
            yield from _listed(entry, "place", "places")
    for fact in draft.facts.values():
        yield from _listed(fact, "fact group", "group")
    for added in draft.added_values.values():
        yield from _listed(added, "fact", "fact")
    for group in draft.element_groups.values():
        yield from _listed(group, "place", "place")
    for element in draft.elements.values():
        yield from _listed(element, "element group", "group")
        yield from _listed(element, "element", "not_the_same_as")
    for lesson in draft.lessons.values():
        yield from _listed(lesson, "place", "place")
        yield from _listed(lesson, "fact", "facts")
        yield from _listed(lesson, "element", "attaches_to")
        for relation in RELATIONS:
            yield from _listed(lesson, "lesson", relation)
    for precedent in draft.precedents.values():
        yield from _listed(precedent, "lesson", "lessons")
        yield from _listed(precedent, "reference", "references")
        yield from _listed(precedent, "element", "elements_present")
        yield from _listed(precedent, "element", "elements_absent")
    for rule in draft.rules.values():
        yield from _of_rule(draft, rule)
    yield from _of_invariants(draft)


def _of_rule(draft: Draft, rule: Entry[Any]) -> Iterator[_Reference]:
    for key in ("when", "pressing_when"):
        condition = getattr(rule.value, key)
        for leaf in leaves(condition) if condition is not None else ():
            match leaf:
                case FactTest():
                    yield rule, "fact", leaf.fact, (key,)
                case FindingIs():
                    yield rule, "finding", leaf.finding, (key,)
    for index, then in enumerate(rule.value.then):
        here = ("then", index)
        if then.finding is not None:
            yield rule, "finding", then.finding, (*here, "finding")
        if then.lesson is not None:
            yield rule, "lesson", then.lesson, (*here, "lesson")
        for verb in (*VERBS, "already_met"):
            for place, name in enumerate(getattr(then, verb) or ()):
                yield rule, "element", name, (*here, verb, place)
        for place, name in enumerate(then.cites):
            yield rule, "precedent", name, (*here, "cites", place)
        for place, name in enumerate(then.defeats):
            yield rule, "element" if name in draft.elements else "lesson", name, (*here, "defeats", place)


def _of_invariants(draft: Draft) -> Iterator[_Reference]:
    for tension in draft.tensions.values():
        yield from _listed(tension, "place", "places")
        yield from _listed(tension, "lesson", "lesson")
        yield from _listed(tension, "element", "elements")
    for name, entry in draft.invariants.items():
        yield from _listed(entry, "place", "places")
        promise = draft.promises.get(name)
        for key in ("wherever", "then"):
            claim = getattr(promise, key, None)
            where = key if getattr(entry.value, key) is not None else "never"
            for atom in atoms(claim) if claim is not None else ():
                yield from ((entry, kind, named, (where,)) for kind, named in _named_in(draft, atom))


def _named_in(draft: Draft, atom: Atom) -> Iterator[tuple[str, str]]:
    match atom:
        case FactTest() | Known():
            yield "fact", atom.fact
        case FindingIs():
            yield "finding", atom.finding
        case Guarded():
            yield from (("element", atom.element), ("lesson", atom.lesson))
        case Says():
            yield from ((kind, atom.name) for kind in SPEAKS_OF[atom.verb])


def _listed(entry: Entry[Any], kind: str, key: str) -> Iterator[_Reference]:
    named = getattr(entry.value, key, ())
    if isinstance(named, str):
        yield entry, kind, named, (key,)
        return
    for index, name in enumerate(named):
        yield entry, kind, name, (key, index)
