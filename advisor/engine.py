"""The forward-chaining engine: rules run by experta, which keeps the facts and the agenda and fires.

This is the only module that imports experta.

What is matched. A situation is one experta fact that carries the known facts of the case as fields; what rules derive
is declared as further facts. Which rules that activates is for one of two matchers to say:

``indexed``
    The default. Rules are filed by what they need (``advisor.matching``), so that facts lead to those that hold now and
    to few others. All rules that a new fact makes hold are one activation: a layer. Its right-hand side notes them as
    fired, and declares the findings that they derive as one fact, which activates the next layer. An activation that
    waits below those of the layers on the agenda notes in the end which of the rules that fired are pressing.

``rete``
    experta's own. A rule's condition is a tree of ``all`` and ``any`` over tests; each branch of an ``any`` becomes a
    production, and an ``any`` inside an ``all`` gets a marker fact of its own that its branches declare. So every
    production is a plain conjunction, and a rule with ten alternatives costs ten patterns, not a product of them. A
    test on an absent field is false in experta, and negation stands only at the tests; so a production never fires on
    what isn't known. It takes time that grows with the number of rules at every step. It is what the other is held to.

Both fire the same rules in the same layers: ``docs/matching.md`` says why, and the tests hold them to it.
"""

from __future__ import annotations

import collections
import collections.abc
import contextlib
import logging
import os
import threading
from bisect import insort
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, NamedTuple

from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs, predicate
from advisor.corpus import Corpus, PerCorpus
from advisor.errors import AdvisorError, SituationError, did_you_mean, listing, nearest
from advisor.matching import Matching, Register
from advisor.rule import Rule
from advisor.situation import parse


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


class _Plain(_Fact):  # type: ignore[misc]  # experta ships no types
    """A fact that is declared as it is: its fields are immutable already."""

    layer = 0
    """The layer of the rules that fire on it alone."""
    findings: Set[str] = frozenset()
    """The findings that it says were derived."""

    @classmethod
    def of(cls, fields: Mapping[str, object]) -> Any:
        """Return a fact without looking for what experta would have to freeze."""
        fact = cls()
        dict.update(fact, fields)
        return fact

    # Names of facts are never special to experta; it asks this of each field of every fact.
    is_special = staticmethod(frozenset({"__factid__", "__bind__"}).__contains__)


class Situation(_Plain):
    """The known facts of a case, one field each."""


class Layer(_Plain):
    """The findings that the rules of one layer derived, and none before them."""

    @property
    def findings(self) -> Set[str]:  # type: ignore[override]
        """All of them."""
        found: Set[str] = self["findings"]
        return found


class Derived(_Plain):
    """A finding that a rule derived: what Rete matches, one fact each."""

    @property
    def findings(self) -> Set[str]:  # type: ignore[override]
        """The one."""
        return {self["finding"]}


class Holds(_Plain):
    """An ``any`` inside a rule's condition, of which a branch holds."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run.

    Attributes:
        fired: ids of the rules that fired.
        pressing: ids of the rules that fired and whose ``pressing_when`` holds.
        findings: ids of the findings that were derived.
        layers: the rules that fired, by layers: the first rests on facts alone, each other on findings of those before
            it, and at least one of the layer just before. Empty where nothing was run, but it was told otherwise what
            would fire.
    """

    fired: frozenset[str]
    pressing: frozenset[str]
    findings: frozenset[str]
    layers: tuple[frozenset[str], ...] = field(default=(), compare=False)


class Production(NamedTuple):
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

    def effect(engine: Any, layer: int) -> None:
        if production.fires is not None and production.fires not in engine.fired:
            engine.fired.add(production.fires)
            while len(engine.layers) <= layer:
                engine.layers.append(set())
            engine.layers[layer].add(production.fires)
        if production.presses is not None:
            engine.pressed.add(production.presses)
        if production.declares is not None:
            engine.declare(_in_layer(Holds(marker=production.declares), layer))
        for finding in production.derives:
            engine.declare(_in_layer(Derived(finding=finding), layer + 1))

    return experta.Rule(*patterns)(effect)


def _in_layer(fact: Any, layer: int) -> Any:
    fact.layer = layer
    return fact


class _LowestLayerFirst(_Strategy):  # type: ignore[misc]  # experta ships no types
    """Fires Rete's productions by layers, so that each rule first fires in the lowest in which it can.

    experta's own strategy sorts by the facts behind an activation, and keeps activations of past engines alive in a
    cache. Which rules fire doesn't depend on the order: a rule takes nothing back.
    """

    def _update_agenda(self, agenda: Any, added: list[Any], removed: list[Any]) -> None:
        for activation in added:
            layer = max(fact.layer for fact in activation.facts)
            activation.key = -layer  # the last on the agenda is the next to fire
            activation.context = {**activation.context, "layer": layer}
            insort(agenda.activations, activation)


class _Indexed(_Matcher):  # type: ignore[misc]  # experta ships no types
    """experta's way to have facts matched, by the register of a corpus.

    Facts are never retracted: a run begins with a reset.
    """

    def __init__(self, engine: Any) -> None:
        super().__init__(engine)
        derives = engine.register.derives
        matching = self._matching = Matching(engine.register)

        # experta's form of rules that never fire isn't needed: their conditions stand in the register.
        def fire(engine: Any, rules: set[str]) -> None:
            engine.layers.append(rules)
            engine.fired |= rules
            found = {finding for rule in derives.keys() & rules for finding in derives[rule]} - engine.derived
            if found:
                engine.derived |= found
                engine.facts.declare(Layer.of({"findings": frozenset(found)}))

        def press(engine: Any) -> None:
            engine.pressed = matching.pressing(engine.fired)

        self._fire = experta.Rule()(fire)
        self._press = experta.Rule(salience=-1)(press)

    def reset(self) -> None:
        self._matching.reset()

    def changes(self, adding: Any = None, deleting: Any = None) -> tuple[list[Any], list[Any]]:
        """Return the activations that new facts bring, and those that they take back: none."""
        assert not deleting
        activations = []
        # experta would write the facts of each activation out whenever it fires, for a log that nobody keeps.
        for fact in adding or ():
            if isinstance(fact, Situation):
                rules = self._matching.tell(fact)
                activations.append(_Activation(self._press, ()))
            else:
                rules = self._matching.derive(fact.findings)
            if rules:
                activations.append(_Activation(self._fire, (), {"rules": rules}))
        return activations, []


class _AsTheyCome(_Strategy):  # type: ignore[misc]  # experta ships no types
    """Fires what was activated last first: layer after layer, and then what was activated with the first of them."""

    def _update_agenda(self, agenda: Any, added: list[Any], removed: list[Any]) -> None:
        agenda.activations.extend(added)


def _no_deffacts(_: Any) -> list[Any]:
    # reset() would look through every attribute of the engine for initial facts; there are none.
    return []


def _indexed(corpus: Corpus) -> Callable[[], Any]:
    """Return what makes experta engines that match by the register of a corpus."""
    attributes = {
        "__matcher__": _Indexed,
        "__strategy__": _AsTheyCome,
        "register": registers(corpus),
        "get_deffacts": _no_deffacts,
    }
    return type("IndexedEngine", (experta.KnowledgeEngine,), attributes)


def _told(corpus: Corpus) -> Iterator[Facts]:
    """Yield situations as officers tell them: those that came with the corpus."""
    told = [scenario.facts or {} for scenario in corpus.scenarios.values()]
    told += [example.facts for example in corpus.examples.values()]
    for facts in told:
        # Whoever puts a corpus together by hand may leave scenarios in it that speak of other facts.
        with contextlib.suppress(SituationError):
            yield parse(facts, corpus.facts)


registers: PerCorpus[Register] = PerCorpus(lambda corpus: Register(corpus.index, _told(corpus)), "register")
"""Where the rules of a corpus are filed."""


def _rete(corpus: Corpus) -> Callable[[], Any]:
    """Return what makes experta engines that match by experta's own Rete."""
    rules = tuple(corpus.rules.values())

    def make() -> Any:
        # Each engine gets a class of its own: experta's rules are class attributes to which instances write.
        compiled = [_compile(production) for rule in rules for production in productions(rule)]
        attributes: dict[str, Any] = {f"rule_{number:05}": rule for number, rule in enumerate(compiled)}
        attributes |= {"__strategy__": _LowestLayerFirst, "get_deffacts": _no_deffacts}
        return type("ReteEngine", (experta.KnowledgeEngine,), attributes)()

    return make


MATCHERS: Mapping[str, Callable[[Corpus], Callable[[], Any]]] = {"indexed": _indexed, "rete": _rete}
"""The matchers by name, the default first."""
MATCHER_VARIABLE = "ADVISOR_MATCHER"
"""Environment variable that names the matcher to use."""


class _Worker:
    """One experta engine, used by one thread at a time; always reset when it isn't."""

    # experta fills caches at class level while it builds a matcher.
    _building = threading.Lock()

    def __init__(self, make: Callable[[], Any]) -> None:
        with self._building:
            self._engine: Any = make()
        self._engine.reset()

    def run(self, facts: Facts) -> Run:
        engine = self._engine
        engine.fired, engine.pressed, engine.derived, engine.layers = set(), set(), set(), []
        if facts:
            # Straight into the list of facts: declare() would match at once, which run() does anyway, and look for
            # what facts of ours never have.
            engine.facts.declare(Situation.of(facts))
            engine.run()
        run = Run(
            frozenset(engine.fired),
            frozenset(engine.pressed & engine.fired),
            frozenset().union(*[fact.findings for fact in engine.facts.values()]),
            tuple(map(frozenset, engine.layers)),
        )
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
        self._make = MATCHERS[name](corpus)
        self._idle: list[_Worker] = []
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(workers or min(os.cpu_count() or 1, 8)):
            self._free.put(None)

    def run(self, facts: Facts) -> Run:
        """Fire the rules on the known facts of a case."""
        self._free.get()
        try:
            try:
                worker = self._idle.pop()  # the one used last
            except IndexError:
                worker = _Worker(self._make)
            run = worker.run(facts)
            # An exception inside a rule leaves an experta engine in a state that must not be used again.
            self._idle.append(worker)
        finally:
            self._free.put(None)
        return run


engine_for: PerCorpus[Engine] = PerCorpus(Engine)
"""The engine of a corpus; the same one for the life of the corpus."""
