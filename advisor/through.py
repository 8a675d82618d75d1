"""Through which facts a line differs: the smallest sets of changed facts that bring a difference about.

A line depends on few rules, so that this is tried on the rules that bear on it alone, which comes to the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import combinations
from math import comb
from types import MappingProxyType

from advisor.applications import canonical
from advisor.conditions import Facts, FactTest, FindingIs, leaves
from advisor.corpus import Corpus
from advisor.line_states import Aspect, Key, LineState, LineStates
from advisor.lookahead import hypothetical
from advisor.rule import Rule
from advisor.standing import targets_of

MAX_TRIED = 400
"""How many sets of facts are tried to find the smallest for one difference; beyond that, one from which nothing can be
left out is taken."""


class Through:
    """Tries changed facts on one line, with the rules that bear on it alone."""

    def __init__(self, corpus: Corpus, key: Key, before: Facts, after: Facts, changed: Collection[str]) -> None:
        rules = _bearing(corpus, key)
        tested = {
            leaf.fact
            for rule in rules.values()
            for condition in (rule.when, rule.pressing_when)
            for leaf in (leaves(condition) if condition is not None else ())
            if isinstance(leaf, FactTest)
        }
        # A measure on the table makes the element that it stands for pressing.
        tested |= {"measures_proposed"} if key[0] == "recommendation" else set()
        self._corpus = replace(corpus, rules=MappingProxyType(rules))
        self._key = key
        self._before = before
        self._after = after
        self.facts = [name for name in changed if name in tested]
        self._states: dict[frozenset[str], LineState | None] = {}

    def state(self, names: Iterable[str]) -> LineState | None:
        """Return the line in the situation before with these facts as they are after."""
        chosen = frozenset(names)
        if chosen not in self._states:
            facts = {name: value for name, value in self._before.items() if name not in chosen}
            facts |= {name: self._after[name] for name in chosen if name in self._after}
            self._states[chosen] = LineStates(hypothetical(self._corpus, facts)).state(self._key)
        return self._states[chosen]

    def through(self, aspect: Aspect) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
        """Return the smallest sets of facts that bring a difference about, and the facts that undo it."""
        wanted = aspect(self.state(self.facts))

        def brings(names: Iterable[str]) -> bool:
            return aspect(self.state(names)) == wanted

        undone_by = tuple(name for name in self.facts if not brings(one for one in self.facts if one != name))
        tried = 0
        for size in range(1, len(self.facts) + 1):
            tried += comb(len(self.facts), size)
            if tried > MAX_TRIED:
                break
            found = tuple(names for names in combinations(self.facts, size) if brings(names))
            if found:
                return found, undone_by
        rest = list(self.facts)
        for name in self.facts:
            fewer = [one for one in rest if one != name]
            if brings(fewer):
                rest = fewer
        return (tuple(rest),), undone_by


def _bearing(corpus: Corpus, key: Key) -> dict[str, Rule]:
    """Return the rules on which a line depends, also through findings and what could set it aside."""
    kind, name = key
    found: dict[str, Rule] = {}
    match kind:
        case "recommendation":
            found = _leading(corpus, {name})
        case "set_aside":
            lessons = corpus.lessons
            elements = {
                element
                for rule in corpus.rules.values()
                for then in rule.then
                if then.lesson is not None and canonical(lessons[then.lesson]) == name
                for element in then.recommends or ()
            }
            found = _leading(corpus, elements)
        case "caution" | "argument":
            found = {
                rule.id: rule
                for rule in corpus.rules.values()
                if any(then.lesson and canonical(corpus.lessons[then.lesson]) == name for then in rule.then)
            }
            found |= _defeating(corpus, {name})
        case "finding":
            found = {rule.id: rule for rule in corpus.deriving[name]}
        case "red_flag" | "contradiction":
            found = {name: corpus.rules[name]}
    pending = list(found.values())
    while pending:
        rule = pending.pop()
        for condition in (rule.when, rule.pressing_when):
            for leaf in leaves(condition) if condition is not None else ():
                for other in corpus.deriving[leaf.finding] if isinstance(leaf, FindingIs) else ():
                    if other.id not in found:
                        found[other.id] = other
                        pending.append(other)
    return dict(sorted(found.items()))


def _leading(corpus: Corpus, elements: Collection[str]) -> dict[str, Rule]:
    found = {
        rule.id: rule
        for rule in corpus.rules.values()
        if any(set(elements) & set(then.recommends or ()) for then in rule.then)
    }
    lessons = {
        canonical(corpus.lessons[then.lesson])
        for rule in found.values()
        for then in rule.then
        if then.lesson is not None
    }
    return found | _defeating(corpus, {*elements, *lessons})


def _defeating(corpus: Corpus, names: Collection[str]) -> dict[str, Rule]:
    lessons = corpus.lessons
    return {
        rule.id: rule
        for rule in corpus.rules.values()
        for then in rule.then
        if set(names) & {canonical(lessons[one]) if one in lessons else one for one in targets_of(then)}
    }
