"""What content must satisfy beyond its shape.

Names exist, strengths are kept, rules are tested, findings don't run in circles, nothing is forgotten or idle.

Each check is a generator of problems over a draft; the registry at the end of the module names them all. What a code
means, and whether it refuses the corpus, stands in the catalogue (``advisor.diagnostics``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from advisor import (
    checks_accepted,
    checks_facts,
    checks_gaps,
    checks_logic,
    checks_names,
    checks_packs,
    checks_rules,
    checks_scenarios,
    diagnostics,
)
from advisor.errors import Problem
from advisor.pack import Draft

Check = Callable[[Draft], Iterator[Problem]]


def run(draft: Draft) -> list[Problem]:
    """Return all problems of a draft, those of reading included and those that a pack accepts left out, by place."""
    problems = list(draft.problems)
    for check in CHECKS:
        problems += check(draft)
    if not draft.rule_files and "rules" not in draft.unread:
        problems += (entry.problem("no-rules", "there is no rule in this pack") for entry in draft.manifests.values())
    problems = [problem for problem in problems if _can_be_judged(problem, draft.unread)]
    problems = _without_echoes(problems)
    unique = dict.fromkeys(problems) if all(_hashable(problem) for problem in problems) else problems
    left = checks_accepted.settled([diagnostics.completed(problem) for problem in unique], draft)
    return sorted(left, key=lambda problem: (problem.file, problem.line, problem.column, problem.code))


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
    "place-unreachable": ("rules", "facts", "lessons"),
    "question-unneeded": ("rules", "facts"),
    "topic-untitled": ("pack",),
    "defeat-of-nothing": ("rules", "facts"),
    "defeat-never-meets": ("rules", "facts"),
}
"""For problems that say that something is nowhere: the kinds of content of which every file must have been read."""


def _can_be_judged(problem: Problem, unread: set[str]) -> bool:
    return not unread.intersection(_RESTS_ON.get(problem.code, ()))


_ECHOES = {
    "lesson-unused": "unknown-lesson",
    "finding-never-derived": "unknown-finding",
    "element-never-recommended": "unknown-element",
    "place-uncovered": "unknown-place",
}
"""Problems that follow from a misspelt name if it is theirs that was meant."""
_DROWNED = {
    "unknown-place": ("unknown-source",),
    "place-uncovered": ("unknown-source",),
    "place-unreachable": ("unknown-source", "unknown-finding", "unknown-lesson", "unknown-element"),
    "question-unneeded": ("duplicate-id", "no-rules"),
    "finding-never-derived": ("no-rules",),
    "element-never-recommended": ("no-rules",),
    "lesson-unused": ("no-rules",),
    "defeat-of-nothing": ("unknown-element", "unknown-lesson"),
    "topic-untitled": ("bad-file-name",),
}
"""Problems that can't be told from what follows of others while there is one of these."""


def _without_echoes(problems: list[Problem]) -> list[Problem]:
    """Return the problems without those that would go away with another that is among them."""
    given = {problem.code for problem in problems}
    meant = {(problem.code, problem.suggestion) for problem in problems}
    return [
        problem
        for problem in problems
        if (_ECHOES.get(problem.code), problem.of) not in meant and given.isdisjoint(_DROWNED.get(problem.code, ()))
    ]


def _hashable(problem: Problem) -> bool:
    try:
        hash(problem)
    except TypeError:
        return False
    return True


CHECKS: tuple[Check, ...] = (
    checks_packs.check_sources_listed,
    checks_packs.check_topics,
    checks_packs.check_relations,
    checks_packs.check_built_on,
    checks_names.check_source_names,
    checks_names.check_knowledge_names,
    checks_names.check_lesson_names,
    checks_names.check_precedents,
    checks_names.check_invariants,
    checks_names.check_rule_names,
    checks_facts.check_facts,
    checks_facts.check_labels,
    checks_facts.check_placeholders,
    checks_facts.check_questions_needed,
    checks_rules.check_rule_shape,
    checks_rules.check_strength,
    checks_rules.check_defeats,
    checks_rules.check_cycles,
    checks_rules.check_rule_tests,
    checks_scenarios.check_examples,
    checks_scenarios.check_scenarios,
    checks_scenarios.check_scenario_names,
    checks_logic.check_conditions,
    checks_logic.check_repetitions,
    checks_logic.check_defeats_meet,
    checks_gaps.check_findings_used,
    checks_gaps.check_lessons_used,
    checks_gaps.check_places_covered,
    checks_gaps.check_elements_used,
    checks_gaps.check_topics_titled,
    checks_gaps.check_places_reached,
)
