"""The forward-chaining engine: rules run by experta, which keeps the facts and the agenda and fires.

This is the only module that imports experta.

What is matched. A situation is one experta fact that carries the known facts of the case as fields; each derived
finding is a fact of its own. Which rules that activates is for one of two matchers to say:

``indexed``
    The default. ``advisor.index`` has the conditions of all rules as one network, from each distinct test up to the
    rules; a fact touches only the tests on it. experta asks what a fact activates, and gets the rules that hold now.

``rete``
    experta's own. A rule's condition is a tree of ``all`` and ``any`` over tests; each branch of an ``any`` becomes a
    production, and an ``any`` inside an ``all`` gets a marker fact of its own that its branches declare. So every
    production is a plain conjunction, and a rule with ten alternatives costs ten patterns, not a product of them. A
    test on an absent field is false in experta, and negation stands only at the tests; so a production never fires on
    what isn't known. It takes time that grows with the number of rules at every step. It is what the other is held to.

Both fire the same rules: ``docs/matching.md`` says why, and the tests hold them to it.
"""

from __future__ import annotations

import collections
import collections.abc
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from queue import LifoQueue
from typing import Any

from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs, predicate
from advisor.corpus import Corpus, PerCorpus
from advisor.errors import AdvisorError, did_you_mean, listing, nearest
from advisor.index import Index, Matching
from advisor.rule import Rule


def _import_experta() -> Any:
    """Import experta, whose pinned frozendict 1.2 still looks for ``collections.Mapping`` (gone since Python 3.10).

    The name is lent for the time of the import alone, and logging handlers that experta installs are removed again.
    """
    handlers = list(logging.getLogger().handlers)
    lent = not hasattr(collections, "Mapping")
    if lent:
        collections.Mapping = collections.abc.Mapping  # type: ignore[attr-defined]
    try:
        import experta
    finally:
        if lent:
            del collections.Mapping  # type: ignore[attr-defined]
        for handler in set(logging.getLogger().handlers) - set(handlers):
            logging.getLogger().removeHandler(handler)
    return experta


experta: Any = _import_experta()


_Fact: type[Any] = experta.Fact
_Matcher: type[Any] = experta.abstract.Matcher
_Strategy: type[Any] = experta.abstract.Strategy
_Activation: type[Any] = experta.activation.Activation


class Situation(_Fact):  # type: ignore[misc]  # experta ships no types
    """The known facts of a case, one field each."""


class Derived(_Fact):  # type: ignore[misc]  # experta ships no types
    """A finding that a rule derived."""


class Holds(_Fact):  # type: ignore[misc]  # experta ships no types
    """An ``any`` inside a rule's condition, of which a branch holds."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run.

    Attributes:
        fired: ids of the rules that fired.
        pressing: ids of the rules that fired and whose ``pressing_when`` holds.
        findings: ids of the findings that were derived.
    """

    fired: frozenset[str]
    pressing: frozenset[str]
    findings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Production:
    """A conjunction of tests, and what it brings about.

    Attributes:
        name: unique, and in an order that follows from the rules' ids alone.
        tests: tests on facts, all of which must hold.
        findings: findings, all of which must have been derived.
        markers: markers, all of which must have been declared.
        fires: the rule that fires, if it is one of a rule's own branches.
        presses: the rule that becomes pressing.
        declares: the marker that it declares.
        derives: findings that follow.
    """

    name: str
    tests: tuple[FactTest, ...]
    findings: tuple[str, ...]
    markers: tuple[str, ...]
    fires: str | None = None
    presses: str | None = None
    declares: str | None = None
    derives: tuple[str, ...] = ()


def productions(rule: Rule) -> Iterator[Production]:
    """Yield the productions of a rule."""
    yield from _branches(rule.when, rule.id, fires=rule.id, derives=rule.findings)
    if rule.pressing_when is not None:
        yield from _branches(rule.pressing_when, f"{rule.id}!", presses=rule.id)


def _branches(condition: Condition, name: str, **effect: Any) -> Iterator[Production]:
    branches = condition.parts if isinstance(condition, AnyOf) else (condition,)
    for number, branch in enumerate(branches):
        parts = branch.parts if isinstance(branch, All) else (branch,)
        here = f"{name}.{number}"
        tests: list[FactTest] = []
        findings: list[str] = []
        markers: list[str] = []
        for index, part in enumerate(parts):
            match part:
                case FactTest():
                    tests.append(part)
                case FindingIs():
                    findings.append(part.finding)
                case _:
                    marker = f"{here}.{index}"
                    markers.append(marker)
                    yield from _branches(part, marker, declares=marker)
        yield Production(here, tuple(tests), tuple(findings), tuple(markers), **effect)


def _compile(production: Production) -> Any:
    """Return the production as an experta rule."""
    patterns: list[Any] = []
    fields: dict[str, Any] = {}
    for test in production.tests:
        check = experta.P(predicate(test.operator, test.operand, test.negated))
        fields[test.fact] = fields[test.fact] & check if test.fact in fields else check
    if fields:
        patterns.append(Situation(**fields))
    patterns += (Derived(finding=name) for name in production.findings)
    patterns += (Holds(marker=name) for name in production.markers)

    def effect(engine: Any) -> None:
        if production.fires is not None:
            engine.fired.add(production.fires)
        if production.presses is not None:
            engine.pressed.add(production.presses)
        if production.declares is not None:
            engine.declare(Holds(marker=production.declares))
        for finding in production.derives:
            engine.declare(Derived(finding=finding))

    return experta.Rule(*patterns)(effect)


class _Indexed(_Matcher):  # type: ignore[misc]  # experta ships no types
    """experta's way to have facts matched, over the index of a corpus.

    Facts are never retracted: a run begins with a reset.
    """

    def __init__(self, engine: Any) -> None:
        super().__init__(engine)
        self._index: Index = engine.index
        self._matching = Matching(self._index)
        self._rules: dict[int, Any] = {}

    def reset(self) -> None:
        self._matching.reset()

    def changes(self, adding: Any = None, deleting: Any = None) -> tuple[list[Any], list[Any]]:
        """Return the activations that new facts bring, and those that they take back: none."""
        assert not deleting
        return [self._activation(node) for fact in adding or () for node in self._nodes(fact)], []

    def _nodes(self, fact: Any) -> Iterator[int]:
        if isinstance(fact, Situation):
            for name, value in fact.items():
                yield from self._matching.tell(name, value)
        elif isinstance(fact, Derived):
            yield from self._matching.derive(fact["finding"])

    def _activation(self, node: int) -> Any:
        rule = self._rules.get(node)
        if rule is None:
            # experta's form of a rule that never fires isn't needed. Its condition stands in the index.
            rule = self._rules[node] = experta.Rule()(self._effect(node))
        # experta would write the facts of each activation out whenever it fires, for a log that nobody keeps.
        return _Activation(rule, ())

    def _effect(self, node: int) -> Callable[[Any], None]:
        if node in self._index.presses:
            pressed = self._index.rules[self._index.presses[node]]
            return lambda engine: engine.pressed.add(pressed)
        name = self._index.rules[node]
        derives = self._index.derives[node]

        def effect(engine: Any) -> None:
            engine.fired.add(name)
            for finding in derives:
                engine.declare(Derived(finding=finding))

        return effect


class _AsTheyCome(_Strategy):  # type: ignore[misc]  # experta ships no types
    """Fires what was activated last first, in the order of the index.

    experta's own strategy sorts by the facts behind an activation, and keeps activations of past engines alive in a
    cache. Which rules fire doesn't depend on the order: a rule takes nothing back.
    """

    def _update_agenda(self, agenda: Any, added: list[Any], removed: list[Any]) -> None:
        agenda.activations.extend(added)


def _no_deffacts(_: Any) -> list[Any]:
    # reset() would look through every attribute of the engine for initial facts; there are none.
    return []


def _indexed_engine(rules: Iterable[Rule], index: Index) -> Any:
    """Return a new experta engine that matches by the index."""
    attributes = {"__matcher__": _Indexed, "__strategy__": _AsTheyCome, "index": index, "get_deffacts": _no_deffacts}
    return type("IndexedEngine", (experta.KnowledgeEngine,), attributes)()


def _rete_engine(rules: Iterable[Rule], index: Index) -> Any:
    """Return a new experta engine that matches by experta's own Rete.

    Each engine gets a class of its own: experta's rules are class attributes to which instances write.
    """
    compiled = [_compile(production) for rule in rules for production in productions(rule)]
    attributes: dict[str, Any] = {f"rule_{number:05}": rule for number, rule in enumerate(compiled)}
    return type("ReteEngine", (experta.KnowledgeEngine,), {**attributes, "get_deffacts": _no_deffacts})()


MATCHERS: Mapping[str, Callable[[Iterable[Rule], Index], Any]] = {"indexed": _indexed_engine, "rete": _rete_engine}
"""The matchers by name, the default first."""
MATCHER_VARIABLE = "ADVISOR_MATCHER"
"""Environment variable that names the matcher to use."""


class _Worker:
    """One experta engine, used by one thread at a time."""

    # experta fills caches at class level while it builds a matcher.
    _building = threading.Lock()

    def __init__(self, rules: Iterable[Rule], index: Index, matcher: str) -> None:
        with self._building:
            self._engine: Any = MATCHERS[matcher](rules, index)

    def run(self, facts: Facts) -> Run:
        engine = self._engine
        engine.fired, engine.pressed = set(), set()
        engine.reset()
        if facts:
            # Straight into the list of facts: declare() would match at once, and run() does so anyway.
            engine.facts.declare(Situation(**facts))
            engine.run()
        findings = frozenset(fact["finding"] for fact in engine.facts.values() if isinstance(fact, Derived))
        run = Run(frozenset(engine.fired), frozenset(engine.pressed & engine.fired), findings)
        engine.reset()  # keep nothing of this case
        return run


class Engine:
    """Runs the rules of one corpus; safe to call from any number of threads.

    It keeps as many experta engines as the machine has processors: more would only wait for one another. It holds the
    corpus's rules, but not the corpus.
    """

    def __init__(self, corpus: Corpus, workers: int | None = None, matcher: str | None = None) -> None:
        """Make an engine.

        Args:
            corpus: whose rules to run.
            workers: how many threads may run them at once.
            matcher: ``indexed`` or ``rete``; what ``ADVISOR_MATCHER`` says, or ``indexed``, if None.

        Raises:
            AdvisorError: there is no such matcher.
        """
        name = matcher or os.environ.get(MATCHER_VARIABLE) or next(iter(MATCHERS))
        if name not in MATCHERS:
            known = listing(list(MATCHERS))
            raise AdvisorError(f"no matcher {name!r}{did_you_mean(nearest(name, MATCHERS))}; there are {known}")
        rules, index = tuple(corpus.rules.values()), corpus.index
        self._make: Callable[[], _Worker] = lambda: _Worker(rules, index, name)
        self._idle: LifoQueue[_Worker | None] = LifoQueue()
        for _ in range(workers or min(os.cpu_count() or 1, 8)):
            self._idle.put(None)  # made when first needed

    def run(self, facts: Facts) -> Run:
        """Fire the rules on the known facts of a case."""
        worker = self._idle.get()
        try:
            worker = worker or self._make()
            run = worker.run(facts)
        except BaseException:
            # An exception inside a rule leaves an experta engine in a state that must not be used again.
            worker = None
            raise
        finally:
            self._idle.put(worker)
        return run


engine_for: PerCorpus[Engine] = PerCorpus(Engine)
"""The engine of a corpus; the same one for the life of the corpus."""
