"""That everything which content names exists, with the nearest known name where it doesn't."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from advisor import situation
from advisor.errors import Problem, SituationError, did_you_mean, quoted
from advisor.model import VERBS, Fact
from advisor.pack import Draft, Entry


def known(
    draft: Draft, entry: Entry[Any], named: Iterable[str], what: str, *path: str | int, listed: bool = True
) -> Iterator[Problem]:
    """Yield a problem for each name that isn't known; ``listed`` where the names stand in a list at ``path``."""
    register = _register(draft, what)
    for index, name in enumerate(named):
        if name not in register:
            yield unknown(draft, entry, name, what, *path, *((index,) if listed else ()))


def unknown(draft: Draft, entry: Entry[Any], name: str, what: str, *path: str | int) -> Problem:
    """Return the problem of a name that isn't known."""
    # Places are qualified by their source once read; authors write them bare.
    bare = name.removeprefix(":")
    suggestion = draft.names.nearest(bare, what, _register(draft, what))
    code = f"unknown-{what.replace(' ', '-')}"
    message = f"no {what} named {quoted(bare)}{did_you_mean(suggestion)}"
    return entry.problem(code, message, *path, value=bare, suggestion=suggestion)


def _register(draft: Draft, what: str) -> Iterable[str] | Mapping[str, object]:
    match what:
        case "kind of situation":
            return situation_types(draft)
        case "element or lesson":
            return draft.elements_and_lessons
        case "rule":
            return draft.rule_files
        case _:
            register: Mapping[str, object] = getattr(draft, f"{what.replace(' ', '_')}s")
            return register


def situation_types(draft: Draft) -> tuple[str, ...]:
    """Return the kinds of situation: the values of the fact that names them."""
    entry = draft.facts.get("situation_types")
    return entry.value.allowed if entry else ()


def vocabulary(draft: Draft) -> dict[str, Fact]:
    """Return the facts by name."""
    return {name: entry.value for name, entry in draft.facts.items()}


def situation_problems(
    draft: Draft, entry: Entry[Any], facts: dict[str, Any], known_facts: dict[str, Fact], *path: str | int
) -> Iterator[Problem]:
    """Yield what is wrong with a situation that stands in an entry at ``path``."""
    try:
        situation.parse(facts, known_facts, draft.names)
    except SituationError as error:
        for problem in error.problems:
            where = problem.pointer.split("/")[1:2]
            more = {"value": problem.value, "allowed": problem.allowed, "suggestion": problem.suggestion}
            yield entry.problem(problem.code, problem.message, *path, *where, **more)


def check_source_names(draft: Draft) -> Iterator[Problem]:
    """Check references between places, and from places to references."""
    for entry in draft.places.values():
        yield from known(draft, entry, entry.value.refers_to, "place", "refers_to")
        yield from known(draft, entry, entry.value.cites, "reference", "cites")
    for reference in draft.references.values():
        yield from known(draft, reference, reference.value.cited_in, "place", "cited_in")
    for source in draft.sources.values():
        yield from known(draft, source, source.value.references, "reference", "references")


def check_knowledge_names(draft: Draft) -> Iterator[Problem]:
    """Check places, groups, elements, lessons and facts named in the knowledge files."""
    for fact in draft.facts.values():
        yield from known(draft, fact, [fact.value.group], "fact group", "group", listed=False)
        yield from known(draft, fact, fact.value.places, "place", "places")
    for finding in draft.findings.values():
        yield from known(draft, finding, finding.value.places, "place", "places")
        if finding.value.situation_type is not None:
            named = [finding.value.situation_type]
            yield from known(draft, finding, named, "kind of situation", "situation_type", listed=False)
    for group in draft.element_groups.values():
        yield from known(draft, group, [group.value.place], "place", "place", listed=False)
    for element in draft.elements.values():
        yield from known(draft, element, [element.value.group], "element group", "group", listed=False)
        yield from known(draft, element, element.value.places, "place", "places")
        yield from known(draft, element, element.value.not_the_same_as, "element", "not_the_same_as")


def check_lesson_names(draft: Draft) -> Iterator[Problem]:
    """Check what lessons name, and that ``same_as`` leads to a lesson that stands for itself."""
    for entry in draft.lessons.values():
        lesson = entry.value
        source = draft.lesson_sources[lesson.id]
        if source not in draft.sources:
            of_file = Entry(source, source, entry.pack, entry.document)
            yield unknown(draft, of_file, source, "source", "source")
        yield from known(draft, entry, [lesson.place], "place", "place", listed=False)
        yield from known(draft, entry, lesson.facts, "fact", "facts")
        yield from known(draft, entry, lesson.attaches_to, "element", "attaches_to")
        if lesson.same_as is None:
            continue
        other = draft.lessons.get(lesson.same_as)
        if other is None:
            yield unknown(draft, entry, lesson.same_as, "lesson", "same_as")
        elif lesson.same_as == lesson.id or other.value.same_as is not None:
            message = f"same_as must name a lesson that is not itself the same as another; {lesson.same_as!r} is"
            yield entry.problem("same-as-chain", message, "same_as")


def check_precedents(draft: Draft) -> Iterator[Problem]:
    """Check what precedents name, and that their situations can be told in the vocabulary."""
    facts = vocabulary(draft)
    for entry in draft.precedents.values():
        precedent = entry.value
        yield from known(draft, entry, precedent.kinds, "kind of situation", "kinds")
        yield from known(draft, entry, precedent.places, "place", "places")
        yield from known(draft, entry, precedent.lessons, "lesson", "lessons")
        yield from known(draft, entry, precedent.references, "reference", "references")
        yield from known(draft, entry, precedent.elements_present, "element", "elements_present")
        yield from known(draft, entry, precedent.elements_absent, "element", "elements_absent")
        for index, figure in enumerate(precedent.figures):
            yield from known(draft, entry, [figure.place], "place", "figures", index, "place", listed=False)
        yield from situation_problems(draft, entry, precedent.situation, facts, "situation")


def check_invariants(draft: Draft) -> Iterator[Problem]:
    """Check places, lessons and elements that invariants and tensions name; their claims are read with their names."""
    for invariant in draft.invariants.values():
        yield from known(draft, invariant, invariant.value.places, "place", "places")
    for tension in draft.tensions.values():
        yield from known(draft, tension, [tension.value.lesson], "lesson", "lesson", listed=False)
        yield from known(draft, tension, tension.value.elements, "element", "elements")
        yield from known(draft, tension, tension.value.places, "place", "places")


def check_rule_names(draft: Draft) -> Iterator[Problem]:
    """Check findings, lessons, elements and precedents named in rules."""
    for name, entry in draft.rule_files.items():
        if name in draft.rules:
            yield from _finding_names(draft, entry, entry.value.when, "when")
            yield from _finding_names(draft, entry, entry.value.pressing_when, "pressing_when")
        for index, consequence in enumerate(entry.value.then):
            here = ("then", index)
            if consequence.finding is not None:
                yield from known(draft, entry, [consequence.finding], "finding", *here, "finding", listed=False)
            if consequence.lesson is not None:
                yield from known(draft, entry, [consequence.lesson], "lesson", *here, "lesson", listed=False)
            for verb in (*VERBS, "already_met"):
                yield from known(draft, entry, getattr(consequence, verb) or (), "element", *here, verb)
            yield from known(draft, entry, consequence.cites, "precedent", *here, "cites")
            yield from known(draft, entry, consequence.defeats, "element or lesson", *here, "defeats")


def _finding_names(draft: Draft, entry: Entry[Any], raw: Any, *path: str | int) -> Iterator[Problem]:
    """Check the findings named in a condition as it was written, so that each is placed where it stands."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key == "finding" and isinstance(value, str):
                yield from known(draft, entry, [value], "finding", *path, key, listed=False)
            elif key in ("all", "any", "not"):
                yield from _finding_names(draft, entry, value, *path, key)
    elif isinstance(raw, list):
        for index, part in enumerate(raw):
            yield from _finding_names(draft, entry, part, *path, index)
