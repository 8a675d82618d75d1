"""That nothing is forgotten: what is written in a pack leads somewhere, or says why it doesn't."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from advisor.conditions import All, AnyOf, Condition, FactTest, FindingIs, leaves
from advisor.errors import Problem
from advisor.pack import Draft


def check_findings_used(draft: Draft) -> Iterator[Problem]:
    """Check that each finding is derived by a rule."""
    derived = {finding for entry in draft.rules.values() for finding in entry.value.findings}
    for name, entry in draft.findings.items():
        if name not in derived:
            yield entry.problem("finding-never-derived", f"no rule derives the finding {name!r}", "id")


def check_lessons_used(draft: Draft) -> Iterator[Problem]:
    """Check that each lesson leads to something, or says why it doesn't."""
    applied = {lesson for entry in draft.rules.values() for lesson in entry.value.lessons}
    for name, entry in draft.lessons.items():
        lesson = entry.value
        used = name in applied or lesson.attaches_to or lesson.notice
        if not used and not lesson.no_advice:
            message = (
                f"lesson {name} leads to nothing: apply it in a rule, attach it to an element (attaches_to), "
                "make it a notice, or say why not (no_advice)"
            )
            yield entry.problem("lesson-unused", message, "id")
        if used and lesson.no_advice:
            message = f"lesson {name} says that it leads to no advice, but it does"
            yield entry.problem("lesson-used", message, "no_advice")


def check_places_covered(draft: Draft) -> Iterator[Problem]:
    """Check that each place of a source has a lesson, or says why it has none."""
    covered = {entry.value.place for entry in draft.lessons.values()}
    for name, entry in draft.places.items():
        if name not in covered and not entry.value.no_lesson:
            message = f"no lesson rests on {name}; write one, or say why there is none (no_lesson)"
            yield entry.problem("place-uncovered", message, "id")
        if name in covered and entry.value.no_lesson:
            yield entry.problem("place-covered", f"{name} says that it has no lesson, but it has", "no_lesson")


def check_elements_used(draft: Draft) -> Iterator[Problem]:
    """Check that each element is recommended by some rule."""
    recommended = {
        element
        for entry in draft.rules.values()
        for consequence in entry.value.then
        for element in consequence.recommends or ()
    }
    for name, entry in draft.elements.items():
        if name not in recommended:
            message = f"no rule recommends the element {name!r}"
            yield entry.problem("element-never-recommended", message, "id")


def check_topics_titled(draft: Draft) -> Iterator[Problem]:
    """Check that each folder below ``rules/`` has a title in a manifest."""
    titled = {topic.id for entry in draft.manifests.values() for topic in entry.value.topics}
    seen: set[str] = set()
    for entry in draft.rules.values():
        topic = entry.value.topic
        if topic not in titled and topic not in seen:
            seen.add(topic)
            message = f"the topic {topic!r} has no title; answers speak of {topic.replace('-', ' ').capitalize()!r}"
            yield entry.problem("topic-untitled", message)


def check_places_reached(draft: Draft) -> Iterator[Problem]:
    """Check that of each place with lessons at least one can come to stand in an answer."""
    live = _live_rules(draft)
    applied = {lesson for name in live for lesson in draft.rules[name].value.lessons}
    recommended = {
        element
        for name in live
        for consequence in draft.rules[name].value.then
        for element in consequence.recommends or ()
    }
    lessons = defaultdict(list)
    for stated in draft.lessons.values():
        if not stated.value.no_advice:
            lessons[stated.value.place].append(stated.value)
    for name, entry in draft.places.items():
        if lessons[name] and not any(
            lesson.id in applied or lesson.notice or recommended.intersection(lesson.attaches_to)
            for lesson in lessons[name]
        ):
            told = ", ".join(lesson.id for lesson in lessons[name][:5])
            message = f"no situation leads to {name}: the rules for its lessons ({told}) can never fire"
            yield entry.problem("place-unreachable", message, "id")


def _live_rules(draft: Draft) -> set[str]:
    """Return the rules that some situation may fire, as far as the tests of single facts and findings tell."""
    logic = draft.logic
    waiting = defaultdict(list)
    possible = {name for name, entry in draft.rules.items() if not logic.never(entry.value.when)}
    for name in sorted(possible):
        for leaf in leaves(draft.rules[name].value.when):
            if isinstance(leaf, FindingIs):
                waiting[leaf.finding].append(name)
    live: set[str] = set()
    findings: set[str] = set()
    pending = sorted(possible)
    while pending:
        name = pending.pop()
        rule = draft.rules[name].value
        if name not in live and _reachable(rule.when, findings):
            live.add(name)
            for finding in rule.findings:
                if finding not in findings:
                    findings.add(finding)
                    pending += waiting[finding]
    return live


def _reachable(condition: Condition, findings: set[str]) -> bool:
    """Return whether a condition can hold when no other findings than these can be derived."""
    match condition:
        case FactTest():
            return True
        case FindingIs():
            return condition.finding in findings
        case All():
            return all(_reachable(part, findings) for part in condition.parts)
        case AnyOf():
            return any(_reachable(part, findings) for part in condition.parts)
