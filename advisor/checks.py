"""What content must satisfy beyond its shape.

Names exist, strengths are kept, rules are tested, findings don't run in circles, nothing is forgotten.

Each check is a generator of problems over a draft; the registry at the end of the module names them all. A problem of
severity ``error`` refuses the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from advisor import checks_packs, situation
from advisor.conditions import Condition, FindingIs, leaves
from advisor.errors import Problem, SituationError, did_you_mean, listing, nearest
from advisor.model import STRENGTHS, VERBS, Consequence, Expectation, Fact, Strength
from advisor.pack import Draft, Entry

Check = Callable[[Draft], Iterator[Problem]]


def run(draft: Draft) -> list[Problem]:
    """Return all problems of a draft, those of reading included, sorted by place."""
    problems = [problem for problem in draft.problems if _can_be_judged(problem, draft.unread)]
    for check in CHECKS:
        problems += (problem for problem in check(draft) if _can_be_judged(problem, draft.unread))
    unique = dict.fromkeys(problems) if all(_hashable(problem) for problem in problems) else problems
    return sorted(unique, key=lambda problem: (problem.file, problem.line, problem.column, problem.code))


_RESTS_ON = {
    "not-built-on": ("bases",),
    "unknown-place": ("sources",),
    "unknown-source": ("sources",),
    "unknown-reference": ("references", "sources"),
    "unknown-fact": ("facts",),
    "unknown-fact-group": ("facts",),
    "unknown-kind-of-situation": ("facts",),
    "unknown-finding": ("findings",),
    "unknown-element": ("elements",),
    "unknown-element-group": ("elements",),
    "unknown-lesson": ("lessons",),
    "unknown-element-or-lesson": ("elements", "lessons"),
    "unknown-precedent": ("precedents",),
    "unknown-rule-or-lesson": ("rules", "lessons"),
    "unknown-claim": ("facts",),
    "unknown-rule": ("rules", "facts"),
    "unknown-line": ("elements", "lessons", "rules", "facts"),
    "unknown-example": ("examples",),
    "finding-never-derived": ("rules", "facts"),
    "lesson-unused": ("rules", "facts"),
    "element-never-recommended": ("rules", "facts"),
    "place-uncovered": ("lessons",),
}
"""For problems that say that something is nowhere: the kinds of content of which every file must have been read."""


def _can_be_judged(problem: Problem, unread: set[str]) -> bool:
    return not unread.intersection(_RESTS_ON.get(problem.code, ()))


def _hashable(problem: Problem) -> bool:
    try:
        hash(problem)
    except TypeError:
        return False
    return True


# --- names ------------------------------------------------------------------------------------------------------------


def _known(
    entry: Entry[Any], names: Iterable[str], known: Iterable[str], what: str, *path: str | int, listed: bool = True
) -> Iterator[Problem]:
    """Yield a problem for each name that isn't known; ``listed`` where the names stand in a list at ``path``."""
    known_names = known if isinstance(known, set | frozenset | Mapping) else set(known)
    for index, name in enumerate(names):
        if name not in known_names:
            yield _unknown(entry, name, known_names, what, *path, *((index,) if listed else ()))


def _unknown(entry: Entry[Any], name: str, known: Iterable[str], what: str, *path: str | int) -> Problem:
    # Places are qualified by their source once read; authors write them bare.
    shown = name.removeprefix(":")
    suggestion = nearest(shown, known)
    code = f"unknown-{what.replace(' ', '-')}"
    message = f"no {what} named {shown!r}{did_you_mean(suggestion)}"
    return entry.problem(code, message, *path, value=shown, suggestion=suggestion)


def check_source_names(draft: Draft) -> Iterator[Problem]:
    """Check references between places, and from places to references."""
    for entry in draft.places.values():
        yield from _known(entry, entry.value.refers_to, draft.places, "place", "refers_to")
        yield from _known(entry, entry.value.cites, draft.references, "reference", "cites")
    for reference in draft.references.values():
        yield from _known(reference, reference.value.cited_in, draft.places, "place", "cited_in")
    for source in draft.sources.values():
        yield from _known(source, source.value.references, draft.references, "reference", "references")


def check_knowledge_names(draft: Draft) -> Iterator[Problem]:
    """Check places, groups, elements, lessons and facts named in the knowledge files."""
    for fact in draft.facts.values():
        yield from _known(fact, [fact.value.group], draft.fact_groups, "fact group", "group", listed=False)
        yield from _known(fact, fact.value.places, draft.places, "place", "places")
    types = _situation_types(draft)
    for finding in draft.findings.values():
        yield from _known(finding, finding.value.places, draft.places, "place", "places")
        if finding.value.situation_type is not None:
            named = [finding.value.situation_type]
            yield from _known(finding, named, types, "kind of situation", "situation_type", listed=False)
    for group in draft.element_groups.values():
        yield from _known(group, [group.value.place], draft.places, "place", "place", listed=False)
    for element in draft.elements.values():
        yield from _known(element, [element.value.group], draft.element_groups, "element group", "group", listed=False)
        yield from _known(element, element.value.places, draft.places, "place", "places")
        yield from _known(element, element.value.not_the_same_as, draft.elements, "element", "not_the_same_as")


def check_lesson_names(draft: Draft) -> Iterator[Problem]:
    """Check what lessons name, and that ``same_as`` leads to a lesson that stands for itself."""
    for entry in draft.lessons.values():
        lesson = entry.value
        source = draft.lesson_sources[lesson.id]
        if source not in draft.sources:
            of_file = Entry(source, source, entry.pack, entry.document)
            yield _unknown(of_file, source, draft.sources, "source", "source")
        yield from _known(entry, [lesson.place], draft.places, "place", "place", listed=False)
        yield from _known(entry, lesson.facts, draft.facts, "fact", "facts")
        yield from _known(entry, lesson.attaches_to, draft.elements, "element", "attaches_to")
        if lesson.same_as is None:
            continue
        other = draft.lessons.get(lesson.same_as)
        if other is None:
            yield _unknown(entry, lesson.same_as, draft.lessons, "lesson", "same_as")
        elif lesson.same_as == lesson.id or other.value.same_as is not None:
            message = f"same_as must name a lesson that is not itself the same as another; {lesson.same_as!r} is"
            yield entry.problem("same-as-chain", message, "same_as")


def check_precedents(draft: Draft) -> Iterator[Problem]:
    """Check what precedents name, and that their situations can be told in the vocabulary."""
    vocabulary = _vocabulary(draft)
    types = _situation_types(draft)
    for entry in draft.precedents.values():
        precedent = entry.value
        yield from _known(entry, precedent.kinds, types, "kind of situation", "kinds")
        yield from _known(entry, precedent.places, draft.places, "place", "places")
        yield from _known(entry, precedent.lessons, draft.lessons, "lesson", "lessons")
        yield from _known(entry, precedent.references, draft.references, "reference", "references")
        yield from _known(entry, precedent.elements_present, draft.elements, "element", "elements_present")
        yield from _known(entry, precedent.elements_absent, draft.elements, "element", "elements_absent")
        for index, figure in enumerate(precedent.figures):
            yield from _known(entry, [figure.place], draft.places, "place", "figures", index, "place", listed=False)
        yield from _situation_problems(entry, precedent.situation, vocabulary, "situation")


def check_invariants(draft: Draft) -> Iterator[Problem]:
    """Check places, lessons and elements that invariants and tensions name; their claims are read with their names."""
    for invariant in draft.invariants.values():
        yield from _known(invariant, invariant.value.places, draft.places, "place", "places")
    for tension in draft.tensions.values():
        yield from _known(tension, [tension.value.lesson], draft.lessons, "lesson", "lesson", listed=False)
        yield from _known(tension, tension.value.elements, draft.elements, "element", "elements")
        yield from _known(tension, tension.value.places, draft.places, "place", "places")


def _situation_types(draft: Draft) -> tuple[str, ...]:
    entry = draft.facts.get("situation_types")
    return entry.value.allowed if entry else ()


def _vocabulary(draft: Draft) -> dict[str, Fact]:
    return {name: entry.value for name, entry in draft.facts.items()}


def _situation_problems(
    entry: Entry[Any], facts: dict[str, Any], vocabulary: dict[str, Fact], *path: str | int
) -> Iterator[Problem]:
    try:
        situation.parse(facts, vocabulary)
    except SituationError as error:
        for problem in error.problems:
            where = problem.pointer.split("/")[1:2]
            yield entry.problem(problem.code, problem.message, *path, *where, suggestion=problem.suggestion)


# --- facts ------------------------------------------------------------------------------------------------------------


def check_facts(draft: Draft) -> Iterator[Problem]:
    """Check that each type of fact has what it needs, and nothing that belongs to another type."""
    for entry in draft.facts.values():
        fact = entry.value
        if fact.type in ("enum", "set"):
            if not fact.values:
                yield entry.problem("fact-shape", f"{fact.name} is of type {fact.type} and lists no values", "values")
            for index, value in enumerate(fact.values):
                if value.value in fact.allowed[:index]:
                    yield entry.problem("duplicate-id", f"the value {value.value!r} stands here twice", "values", index)
        elif fact.values:
            yield entry.problem("fact-shape", f"a fact of type {fact.type} has no list of values", "values")
        if fact.type == "boolean" and set(fact.labels or {}) != {"true", "false"}:
            yield entry.problem("fact-shape", f"{fact.name} needs labels for true and for false", "labels")
        numeric = fact.type in ("integer", "number")
        if numeric and (fact.minimum is None or fact.maximum is None):
            yield entry.problem("fact-shape", f"{fact.name} is a number and needs a minimum and a maximum", "type")
        ask = draft.asks.get(fact.name)
        if ask is not None and any(isinstance(leaf, FindingIs) for leaf in leaves(ask)):
            yield entry.problem("ask-when-finding", "ask_when tests facts only, not findings", "ask_when")


# --- rules ------------------------------------------------------------------------------------------------------------


def check_rule_shape(draft: Draft) -> Iterator[Problem]:
    """Check that a rule's file is named after it, a reading of ours is explained, each consequence says one thing."""
    for name, entry in draft.rule_files.items():
        stem = entry.document.file.split("/")[-1].rsplit(".", 1)[0]
        if stem != name:
            yield entry.problem(
                "id-not-file-name", f"the rule's id {name!r} differs from its file's name {stem!r}", "id"
            )
        if entry.value.reading == "ours" and not entry.value.note:
            message = "a rule whose reading is ours needs a note that says what is ours"
            yield entry.problem("reading-without-note", message, "reading")
        for index, consequence in enumerate(entry.value.then):
            yield from _consequence_shape(entry, consequence, index)


def _consequence_shape(entry: Entry[Any], consequence: Consequence, index: int) -> Iterator[Problem]:
    kinds = [kind for kind in ("finding", "lesson", "contradiction", "already_met") if _given(consequence, kind)]
    verbs = [verb for verb in VERBS if _given(consequence, verb)]
    where = ("then", index)
    if len(kinds) != 1:
        message = "a consequence has exactly one of finding, lesson, contradiction, already_met"
        yield entry.problem("consequence-shape", f"{message}; this one has {listing(kinds) or 'none'}", *where)
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
        yield entry.problem("consequence-shape", message, *where)
    if consequence.recommends == () or consequence.already_met == ():
        message = "name at least one element"
        yield entry.problem("consequence-shape", message, *where)


def _given(consequence: Consequence, key: str) -> bool:
    return (
        getattr(consequence, key) not in (None,) if key not in ("cites", "defeats") else bool(getattr(consequence, key))
    )


def check_rule_names(draft: Draft) -> Iterator[Problem]:
    """Check findings, lessons, elements and precedents named in rules."""
    targets = {*draft.elements, *draft.lessons}
    for name, entry in draft.rule_files.items():
        rule = draft.rules.get(name)
        if rule is not None:
            for key, condition in (("when", rule.value.when), ("pressing_when", rule.value.pressing_when)):
                if condition is not None:
                    yield from _finding_names(entry, entry.value.model_dump()[key], draft, key)
        for index, consequence in enumerate(entry.value.then):
            here = ("then", index)
            if consequence.finding is not None:
                named = [consequence.finding]
                yield from _known(entry, named, draft.findings, "finding", *here, "finding", listed=False)
            if consequence.lesson is not None:
                named = [consequence.lesson]
                yield from _known(entry, named, draft.lessons, "lesson", *here, "lesson", listed=False)
            for verb in (*VERBS, "already_met"):
                elements = getattr(consequence, verb) or ()
                yield from _known(entry, elements, draft.elements, "element", *here, verb)
            yield from _known(entry, consequence.cites, draft.precedents, "precedent", *here, "cites")
            yield from _known(entry, consequence.defeats, targets, "element or lesson", *here, "defeats")


def _finding_names(entry: Entry[Any], raw: Any, draft: Draft, *path: str | int) -> Iterator[Problem]:
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key == "finding" and isinstance(value, str):
                yield from _known(entry, [value], draft.findings, "finding", *path, key, listed=False)
            elif key in ("all", "any", "not"):
                yield from _finding_names(entry, value, draft, *path, key)
    elif isinstance(raw, list):
        for index, part in enumerate(raw):
            yield from _finding_names(entry, part, draft, *path, index)


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
        for entry in draft.rules.values():
            if set(entry.value.findings) & set(circle) and _findings_of(entry.value.when) & set(circle):
                message = f"findings run in a circle: {' → '.join(reversed(circle))}"
                yield entry.problem("finding-cycle", message, "when")


def _findings_of(condition: Condition) -> set[str]:
    return {leaf.finding for leaf in leaves(condition) if isinstance(leaf, FindingIs)}


def check_rule_tests(draft: Draft) -> Iterator[Problem]:
    """Check that each rule has a case that fires, one that is silent and one that is open, in known facts."""
    vocabulary = _vocabulary(draft)
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
            yield from _situation_problems(entry, test.given, vocabulary, "tests", index, "given")


# --- scenarios and examples -------------------------------------------------------------------------------------------


def check_examples(draft: Draft) -> Iterator[Problem]:
    """Check that the situations in ``examples/`` can be told in the vocabulary."""
    vocabulary = _vocabulary(draft)
    for entry in draft.examples.values():
        yield from _situation_problems(entry, entry.value.facts, vocabulary, "facts")


def check_scenarios(draft: Draft) -> Iterator[Problem]:
    """Check that each scenario tells its facts once, in the vocabulary, and expects something."""
    vocabulary = _vocabulary(draft)
    for entry in draft.scenarios.values():
        scenario = entry.value
        if (scenario.facts is None) == (scenario.example is None):
            message = "a scenario tells its facts itself (facts) or names an example that does (example)"
            found = "this one has neither" if scenario.facts is None else "this one does both"
            where = () if scenario.facts is None else ("example",)
            yield entry.problem("scenario-shape", f"{message}; {found}", *where)
        if scenario.example is not None:
            yield from _known(entry, [scenario.example], draft.examples, "example", "example", listed=False)
        if scenario.facts is not None:
            yield from _situation_problems(entry, scenario.facts, vocabulary, "facts")
        if scenario.expect.empty:
            keys = listing(list(Expectation.model_fields))
            message = (
                f"the scenario expects nothing, and so would pass whatever is advised; expect one or more of {keys}"
            )
            yield entry.problem("scenario-shape", message, "expect")


def check_scenario_names(draft: Draft) -> Iterator[Problem]:
    """Check elements, lessons, rules, precedents and facts named by what scenarios expect."""
    lines = {*draft.elements, *draft.lessons}
    every = {*lines, *draft.rule_files}
    flagging = {
        name
        for name, entry in draft.rule_files.items()
        if any(then.flags is not None or then.contradiction is not None for then in entry.value.then)
    }
    for entry in draft.scenarios.values():
        expect = entry.value.expect
        for key in ("recommended", "headlines", "set_aside"):
            yield from _known(entry, getattr(expect, key) or (), lines, "element or lesson", "expect", key)
        for key in ("cautions", "arguments"):
            yield from _known(entry, getattr(expect, key) or (), draft.lessons, "lesson", "expect", key)
        yield from _known(entry, expect.precedents or (), draft.precedents, "precedent", "expect", "precedents")
        yield from _known(entry, expect.questions or (), draft.facts, "fact", "expect", "questions")
        yield from _known(entry, expect.red_flags or (), draft.rule_files, "rule", "expect", "red_flags")
        for index, name in enumerate(expect.red_flags or ()):
            if name in draft.rule_files and name not in flagging:
                suggestion = nearest(name, flagging)
                message = f"the rule {name!r} raises no red flag{did_you_mean(suggestion)}"
                yield entry.problem("scenario-shape", message, "expect", "red_flags", index, suggestion=suggestion)
        for index, name in enumerate(expect.never):
            if name not in every:
                suggestion = nearest(name, every)
                message = (
                    f"no line of advice named {name!r}{did_you_mean(suggestion)}; lines are named after elements, "
                    "lessons and, where they are red flags, rules"
                )
                yield entry.problem("unknown-line", message, "expect", "never", index, suggestion=suggestion)


# --- nothing forgotten ------------------------------------------------------------------------------------------------


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
            yield entry.problem("element-never-recommended", message, "id", severity="warning")


CHECKS: tuple[Check, ...] = (
    checks_packs.check_sources_listed,
    checks_packs.check_topics,
    checks_packs.check_relations,
    checks_packs.check_built_on,
    check_source_names,
    check_knowledge_names,
    check_lesson_names,
    check_precedents,
    check_invariants,
    check_facts,
    check_rule_shape,
    check_rule_names,
    check_strength,
    check_defeats,
    check_cycles,
    check_rule_tests,
    check_examples,
    check_scenarios,
    check_scenario_names,
    check_findings_used,
    check_lessons_used,
    check_places_covered,
    check_elements_used,
)
