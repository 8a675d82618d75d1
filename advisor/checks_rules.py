"""That a rule says what it says once, no stronger than its lessons, and is tested."""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from advisor.checks_names import situation_problems, vocabulary
from advisor.conditions import Condition, FindingIs, leaves
from advisor.errors import Problem, listing, quoted
from advisor.model import STRENGTHS, VERBS, Consequence, Strength
from advisor.pack import Draft, Entry

_TOPIC = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CIRCLE = 8
"""How many findings of a circle a message names."""


def check_rule_shape(draft: Draft) -> Iterator[Problem]:
    """Check that a rule's file is named after it, a reading of ours is explained, each consequence says one thing."""
    for name, entry in draft.rule_files.items():
        topic = entry.document.file.split("/")[-2]
        if not _TOPIC.fullmatch(topic):
            message = f"the folder {quoted(topic)} is not named as a topic is: small letters, words joined by -"
            fit = re.sub(r"[^a-z0-9]+", "-", topic.lower()).strip("-")
            yield entry.problem("bad-file-name", message, repair=f"Name it {fit}." if _TOPIC.fullmatch(fit) else "")
        stem = entry.document.file.split("/")[-1].rsplit(".", 1)[0]
        if stem != name:
            yield entry.problem(
                "id-not-file-name", f"the rule's id {name!r} differs from its file's name {stem!r}", "id"
            )
        if entry.value.reading == "ours" and not entry.value.note:
            message = "a rule whose reading is ours needs a note that says what is ours"
            yield entry.problem("reading-without-note", message, "reading")
        for index, consequence in enumerate(entry.value.then):
            before = entry.value.then[index - 1] if index else None
            yield from _consequence_shape(entry, consequence, index, before)


def _consequence_shape(
    entry: Entry[Any], consequence: Consequence, index: int, before: Consequence | None
) -> Iterator[Problem]:
    kinds = [kind for kind in ("finding", "lesson", "contradiction", "already_met") if _given(consequence, kind)]
    verbs = [verb for verb in VERBS if _given(consequence, verb)]
    where = ("then", index)
    if len(kinds) != 1:
        message = "a consequence has exactly one of finding, lesson, contradiction, already_met"
        # A dash too many: what belongs to the lesson above stands as an entry of its own.
        split = not kinds and verbs and before is not None and before.lesson is not None and before.verb is None
        repair = f"Take the dash before {verbs[0]} away, so that it belongs to the lesson above." if split else ""
        found = listing(kinds) or "none"
        yield entry.problem("consequence-shape", f"{message}; this one has {found}", *where, repair=repair)
    elif kinds != ["lesson"]:
        stray = [key for key in (*VERBS, "cites", "defeats", "strength") if _given(consequence, key)]
        if stray:
            message = f"{listing(stray)} can stand only beside a lesson"
            yield entry.problem("consequence-shape", message, *where, stray[0])
    elif len(verbs) > 1:
        message = f"a lesson is applied by one of {listing(VERBS)}; here are {listing(verbs)}. Write two consequences"
        yield entry.problem("consequence-shape", message, *where, verbs[1])
    elif not verbs and not consequence.cites and not consequence.defeats:
        message = f"the lesson is named but not applied; add one of {listing([*VERBS, 'cites', 'defeats'])}"
        yield entry.problem(
            "consequence-shape", message, *where, repair="Write recommends: [element] below the lesson."
        )
    if consequence.recommends == () or consequence.already_met == ():
        message = "name at least one element"
        yield entry.problem("consequence-shape", message, *where)


def _given(consequence: Consequence, key: str) -> bool:
    value = getattr(consequence, key)
    return bool(value) if key in ("cites", "defeats") else value is not None


def check_strength(draft: Draft) -> Iterator[Problem]:
    """Check that no rule makes a lesson stronger than it is or recommends what it speaks against."""
    for entry in draft.rule_files.values():
        for index, consequence in enumerate(entry.value.then):
            lesson = draft.lessons.get(consequence.lesson or "")
            if lesson is None:
                continue
            own = lesson.value.strength
            if own == "avoid" and consequence.recommends is not None:
                message = f"lesson {lesson.id} speaks against something; apply it by cautions or flags"
                yield entry.problem("recommends-avoid", message, "then", index, "recommends")
            given = consequence.strength
            if given is not None and not _weaker(given, own):
                message = f"{given!r} is not weaker than the lesson's own {own!r}; a rule may only weaken a lesson"
                yield entry.problem("strength-raised", message, "then", index, "strength")


def _weaker(given: Strength, own: Strength) -> bool:
    return given in STRENGTHS and own in STRENGTHS and STRENGTHS.index(given) > STRENGTHS.index(own)


def check_defeats(draft: Draft) -> Iterator[Problem]:
    """Check that what defeats is not itself defeated, so that one pass over the defeats settles them."""
    defeated = {
        target: entry
        for entry in draft.rule_files.values()
        for consequence in entry.value.then
        for target in consequence.defeats
    }
    for entry in draft.rule_files.values():
        for index, consequence in enumerate(entry.value.then):
            if consequence.defeats and consequence.lesson in defeated:
                other = defeated[consequence.lesson]
                message = (
                    f"lesson {consequence.lesson} defeats others here, but is itself defeated by rule {other.id} "
                    f"({other.written}); a defeater may not be defeated"
                )
                yield entry.problem("defeated-defeater", message, "then", index, "defeats")


def check_cycles(draft: Draft) -> Iterator[Problem]:
    """Check that no finding depends on itself."""
    graph: dict[str, set[str]] = {name: set() for name in draft.findings}
    for entry in draft.rules.values():
        for finding in entry.value.findings:
            graph.setdefault(finding, set()).update(_findings_of(entry.value.when))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        inside = set(circle)
        told = " → ".join(reversed(circle)) if len(circle) <= _CIRCLE else " → ".join([*circle[-1:-_CIRCLE:-1], "…"])
        for entry in draft.rules.values():
            if not inside.isdisjoint(entry.value.findings) and not inside.isdisjoint(_findings_of(entry.value.when)):
                message = f"findings run in a circle: {told}"
                yield entry.problem("finding-cycle", message, "when")


def _findings_of(condition: Condition) -> set[str]:
    return {leaf.finding for leaf in leaves(condition) if isinstance(leaf, FindingIs)}


def check_rule_tests(draft: Draft) -> Iterator[Problem]:
    """Check that each rule has a case that fires, one that is silent and one that is open, in known facts."""
    facts = vocabulary(draft)
    for entry in draft.rule_files.values():
        expected = {test.expect for test in entry.value.tests}
        missing = [kind for kind in ("fires", "silent", "open") if kind not in expected]
        if missing:
            message = f"a rule needs a test that expects each of fires, silent and open; missing: {listing(missing)}"
            yield entry.problem("missing-tests", message, "tests")
        names: set[str] = set()
        for index, test in enumerate(entry.value.tests):
            if test.name in names:
                yield entry.problem("duplicate-id", f"two tests are called {test.name!r}", "tests", index, "name")
            names.add(test.name)
            yield from situation_problems(draft, entry, test.given, facts, "tests", index, "given")
