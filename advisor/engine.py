"""The forward-chaining engine: rules compiled to experta, which matches facts and fires them.

This is the only module that imports experta.

How a rule becomes productions. A situation is one experta fact that carries the known facts of the case as fields; each
derived finding is a fact of its own. A rule's condition is a tree of ``all`` and ``any`` over tests; each branch of an
``any`` becomes a production, and an ``any`` inside an ``all`` gets a marker fact of its own that its branches declare.
So every production is a plain conjunction, and a rule with ten alternatives costs ten patterns, not a product of them.
A test on an absent field is false in experta, and negation stands only at the tests; so a production never fires on
what isn't known.
"""

from __future__ import annotations

import collections
import collections.abc
import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import cpu_count
from queue import LifoQueue
from typing import Any

from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs, predicate
from advisor.corpus import Corpus
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


def _engine_class(corpus: Corpus) -> type[Any]:
    """Return a new class of experta engine that holds the corpus's rules.

    Each engine gets a class of its own: experta's rules are class attributes to which instances write.
    """
    compiled = [_compile(production) for rule in corpus.rules.values() for production in productions(rule)]
    attributes: dict[str, Any] = {f"rule_{number:05}": rule for number, rule in enumerate(compiled)}

    def no_deffacts(_: Any) -> list[Any]:
        # reset() would look through every attribute of the engine for initial facts; there are none.
        return []

    return type("RuleEngine", (experta.KnowledgeEngine,), {**attributes, "get_deffacts": no_deffacts})


class _Worker:
    """One experta engine, used by one thread at a time."""

    # experta fills caches at class level while it builds a matcher.
    _building = threading.Lock()

    def __init__(self, corpus: Corpus) -> None:
        with self._building:
            self._engine: Any = _engine_class(corpus)()

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

    It keeps as many experta engines as the machine has processors: more would only wait for one another.
    """

    def __init__(self, corpus: Corpus, workers: int | None = None) -> None:
        self._make: Callable[[], _Worker] = lambda: _Worker(corpus)
        self._idle: LifoQueue[_Worker | None] = LifoQueue()
        for _ in range(workers or min(cpu_count() or 1, 8)):
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


_engines: weakref.WeakKeyDictionary[Corpus, Engine] = weakref.WeakKeyDictionary()
_engines_lock = threading.Lock()


def engine_for(corpus: Corpus) -> Engine:
    """Return the engine of a corpus; the same one for the life of the corpus."""
    with _engines_lock:
        engine = _engines.get(corpus)
        if engine is None:
            # The workers hold the corpus's rules but, by way of a weak reference, not the corpus itself.
            reference = weakref.proxy(corpus)
            engine = _engines[corpus] = Engine(reference)
        return engine
