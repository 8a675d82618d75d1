"""CLIPS by way of clipspy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import clips
from engines import Answer, Branches, Engine, Outcome, outcome, symbol, tests_of, words

from advisor.conditions import Facts, FactTest
from advisor.corpus import Corpus

_COMPARED = {"at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<"}
_MEMBERS = ("has", "has_any", "has_all", "only")
"""Tests of a set that don't hold of one that is unknown, whose only member is nil."""


class Clips(Engine):
    """The rules as defrules; each branch of a condition is one.

    A case is one fact of a template with a slot for each fact of the vocabulary; ``nil`` is unknown. Findings, and
    each *any* inside an *all*, are facts of their own. A rule adds its number to a global multifield, which is read
    once at the end. Of the ways that were tried this is the fastest by a factor of two or more: a fact for each known
    fact makes CLIPS join them, and facts or calls into Python for what fired have to cross into Python one at a time.
    """

    name = "CLIPS"
    package = "clipspy"

    def __init__(self, corpus: Corpus) -> None:
        self.branches = Branches(corpus)
        self.environment = environment = clips.Environment()
        self.sets = {name for name, fact in corpus.facts.items() if fact.type == "set"}
        slots = " ".join(
            f"({'multislot' if name in self.sets else 'slot'} {name} (default nil))" for name in corpus.facts
        )
        environment.build(f"(deftemplate situation {slots})")
        environment.build("(deftemplate derived (slot finding))")
        environment.build("(deftemplate holds (slot marker))")
        environment.build("(defglobal ?*held* = (create$))")
        # Slots in one order for all rules, so that rules share the beginnings of their patterns.
        self.order = {name: place for place, name in enumerate(corpus.facts)}
        for number in range(len(self.branches.all)):
            environment.build(self._rule(number))
        self.template = environment.find_template("situation")
        self.held = environment.find_global("held")
        told = {value for fact in corpus.facts.values() for value in fact.allowed}
        self.symbols: dict[str | bool, Any] = {value: clips.Symbol(value) for value in sorted(told)}
        self.symbols |= {value: clips.Symbol(symbol(value)) for value in (True, False)}

    def _rule(self, number: int) -> str:
        branch = self.branches.all[number]
        tests = sorted(tests_of(branch).items(), key=lambda each: self.order[each[0]])
        slots = [self._slot(name, each, f"?v{place}") for place, (name, each) in enumerate(tests)]
        patterns = [f"(situation {' '.join(slots)})"] if slots else []
        patterns += (f"(derived (finding {finding}))" for finding in branch.findings)
        patterns += (f"(holds (marker {marker}))" for marker in branch.markers)
        actions = [f"(bind ?*held* (create$ ?*held* {number}))"]
        if branch.declares is not None:
            actions.append(f"(assert (holds (marker {branch.declares})))")
        actions += (f"(assert (derived (finding {finding})))" for finding in branch.derives)
        return f"(defrule rule-{number} {' '.join(patterns)} => {' '.join(actions)})"

    def _slot(self, name: str, tests: Sequence[FactTest], variable: str) -> str:
        if name in self.sets:
            calls = [_of_set(test, variable) for test in tests]
            if not any(test.operator in _MEMBERS and not test.negated for test in tests):
                calls.insert(0, f"(not (member$ nil {variable}))")
            return f"({name} ${variable}&:{_joined('and', calls)})"
        if len(tests) == 1 and tests[0].operator in ("is", "one_of"):
            (test,) = tests
            values = [symbol(test.operand)] if test.operator == "is" else list(test.operand)  # type: ignore[arg-type]
            return f"({name} {'~nil&~' + '&~'.join(values) if test.negated else '|'.join(values)})"
        return f"({name} {variable}&~nil&:{_joined('and', [_of_one(test, variable) for test in tests])})"

    def run(self, facts: Facts) -> Answer:
        """Reset, assert the case, run, and read which branches held."""
        symbols = self.symbols
        self.environment.reset()
        slots: dict[str, Any] = {}
        for name, value in facts.items():
            if isinstance(value, tuple):
                slots[name] = [symbols[member] for member in value]
            else:
                slots[name] = symbols[value] if isinstance(value, str | bool) else value
        self.template.assert_fact(**slots)
        self.environment.run()
        return self.branches.answer(self.held.value)

    def outcome(self, answer: Answer) -> Outcome:
        """Return the outcome."""
        return outcome(answer)


def _of_set(test: FactTest, value: str) -> str:
    match test.operator:
        case "only":
            text = f"(and (> (length$ {value}) 0) (subsetp {value} (create$ {' '.join(words(test))})))"
        case "empty":
            text = f"({'=' if test.operand is True else '>'} (length$ {value}) 0)"
        case "count_at_least":
            text = f"(>= (length$ {value}) {test.operand})"
        case operator:
            looked_for = [f"(member$ {word} {value})" for word in words(test)]
            text = _joined("and" if operator == "has_all" else "or", looked_for)
            if operator.startswith("lacks"):
                text = f"(not {text})"
    return f"(not {text})" if test.negated else text


def _of_one(test: FactTest, value: str) -> str:
    if test.operator in _COMPARED:
        text = f"({_COMPARED[test.operator]} {value} {test.operand})"
    else:
        values = test.operand if isinstance(test.operand, tuple) else (test.operand,)
        text = _joined("or", [f"(eq {value} {symbol(each)})" for each in values])
    return f"(not {text})" if test.negated else text


def _joined(function: str, calls: Sequence[str]) -> str:
    return calls[0] if len(calls) == 1 else f"({function} {' '.join(calls)})"
