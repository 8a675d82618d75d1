"""That scenarios and examples can be told in the vocabulary, and expect lines that there are."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.checks_names import known, situation_problems, vocabulary
from advisor.errors import Problem, did_you_mean, listing
from advisor.model import Expectation
from advisor.pack import Draft


def check_examples(draft: Draft) -> Iterator[Problem]:
    """Check that the situations in ``examples/`` can be told in the vocabulary."""
    facts = vocabulary(draft)
    for entry in draft.examples.values():
        yield from situation_problems(draft, entry, entry.value.facts, facts, "facts")


def check_scenarios(draft: Draft) -> Iterator[Problem]:
    """Check that each scenario tells its facts once, in the vocabulary, and expects something."""
    facts = vocabulary(draft)
    for entry in draft.scenarios.values():
        scenario = entry.value
        if (scenario.facts is None) == (scenario.example is None):
            message = "a scenario tells its facts itself (facts) or names an example that does (example)"
            found = "this one has neither" if scenario.facts is None else "this one does both"
            where = () if scenario.facts is None else ("example",)
            yield entry.problem("scenario-shape", f"{message}; {found}", *where)
        if scenario.example is not None:
            yield from known(draft, entry, [scenario.example], "example", "example", listed=False)
        if scenario.facts is not None:
            yield from situation_problems(draft, entry, scenario.facts, facts, "facts")
        if scenario.expect.empty:
            keys = listing(list(Expectation.model_fields))
            message = (
                f"the scenario expects nothing, and so would pass whatever is advised; expect one or more of {keys}"
            )
            yield entry.problem("scenario-shape", message, "expect")


def check_scenario_names(draft: Draft) -> Iterator[Problem]:
    """Check elements, lessons, rules, precedents and facts named by what scenarios expect."""
    every = {*draft.elements_and_lessons, *draft.rule_files}
    flagging = {
        name
        for name, entry in draft.rule_files.items()
        if any(then.flags is not None or then.contradiction is not None for then in entry.value.then)
    }
    for entry in draft.scenarios.values():
        expect = entry.value.expect
        for key in ("recommended", "headlines", "set_aside"):
            yield from known(draft, entry, getattr(expect, key) or (), "element or lesson", "expect", key)
        for key in ("cautions", "arguments"):
            yield from known(draft, entry, getattr(expect, key) or (), "lesson", "expect", key)
        yield from known(draft, entry, expect.precedents or (), "precedent", "expect", "precedents")
        yield from known(draft, entry, expect.questions or (), "fact", "expect", "questions")
        yield from known(draft, entry, expect.red_flags or (), "rule", "expect", "red_flags")
        for index, name in enumerate(expect.red_flags or ()):
            if name in draft.rule_files and name not in flagging:
                suggestion = draft.names.nearest(name, "rule that flags", flagging)
                message = f"the rule {name!r} raises no red flag{did_you_mean(suggestion)}"
                yield entry.problem("scenario-shape", message, "expect", "red_flags", index, suggestion=suggestion)
        for index, name in enumerate(expect.never):
            if name not in every:
                suggestion = draft.names.nearest(name, "line", every)
                message = (
                    f"no line of advice named {name!r}{did_you_mean(suggestion)}; lines are named after elements, "
                    "lessons and, where they are red flags, rules"
                )
                yield entry.problem("unknown-line", message, "expect", "never", index, suggestion=suggestion)
