"""The formula and the engine say the same of a situation: what fires, stands, is flagged, printed and set aside.

ADVISOR_EXAMPLES sets on how many random situations and corpora (60 unless told).
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
import z3
from minipack import MiniPack
from smallcorpora import Raw, compiled, random_facts, rich_rules

from advisor import Corpus, situation
from advisor.case import Case
from advisor.claims import SPEAKS_OF, VERBS, Atom, Guarded, Known, Says
from advisor.conditions import FindingIs
from advisor.engine import engine_for
from advisor.formula import Formula
from advisor.invariants import Outcome, holds, outcome_of
from advisor.standing import lines_of

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "60"))


def everything(corpus: Corpus) -> Iterator[Atom]:
    """Yield all that can be said of an answer in one atom."""
    names = {"element": corpus.elements, "lesson": corpus.lessons, "rule": corpus.rules}
    for verb in VERBS:
        for name in sorted({name for kind in SPEAKS_OF[verb] for name in names[kind]}):
            yield Says(verb, name)
    yield from map(FindingIs, corpus.findings)
    yield from map(Known, corpus.facts)
    for lesson in corpus.lessons.values():
        reasons = {
            element
            for rule in corpus.rules.values()
            for then in rule.then
            if then.lesson == lesson.id
            for element in then.recommends or ()
        }
        yield from (Guarded(element, lesson.id) for element in sorted({*lesson.attaches_to, *reasons}))


def avoided(case: Case) -> set[tuple[str, str]]:
    """Return the pairs of an element and a lesson that says in this case that it is to be avoided."""
    lines = lines_of(case)
    warning = [one for (kind, _), line in lines.items() if kind == "caution" for one in line.standing]
    flagging = [one for one in case.applications if one.consequence.flags is not None]
    return {
        (element, one.says)
        for one in (*warning, *flagging)
        if one.strength == "avoid"
        for element in one.consequence.elements
    }


def possible(solver: Any, literals: list[Any]) -> bool:
    """Return whether the solver can make all literals true. Thousands of them would take z3's own ``check`` long."""
    array = (z3.Ast * len(literals))(*(literal.as_ast() for literal in literals))
    answer = z3.Z3_solver_check_assumptions(solver.ctx.ref(), solver.solver, len(literals), array)
    assert answer != z3.Z3_L_UNDEF
    return bool(answer == z3.Z3_L_TRUE)


class Sides:
    """Formula and engine of one corpus, side by side."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.formula = Formula(corpus)
        self.atoms = list(everything(corpus))
        self.pairs = {(name, one.says) for name in corpus.elements for one, _ in self.formula.avoided(name)}
        meant = [(str(atom), self.formula.claim(atom)) for atom in self.atoms]
        for element, lesson in sorted(self.pairs):
            against = [said for one, said in self.formula.avoided(element) if one.says == lesson]
            meant.append((f"{element} to be avoided by {lesson}", self.formula.some(against)))
        self.solver = self.formula.solver()
        self.bits: dict[str, tuple[Any, Any]] = {}
        for name, meaning in meant:
            bit = z3.Bool(f"says {name}", meaning.ctx)
            self.solver.add(bit == meaning)
            self.bits[name] = (bit, z3.Not(bit))

    def differences(self, raw: Raw) -> list[str]:
        """Return on what the two differ in a situation."""
        facts = situation.parse(raw, self.corpus.facts)
        case = Case(self.corpus, facts, engine_for(self.corpus).run(facts))
        outcome: Outcome = outcome_of(case)
        seen = {str(atom): holds(atom, outcome) for atom in self.atoms}
        against = avoided(case)
        assert against <= self.pairs
        seen |= {f"{element} to be avoided by {lesson}": (element, lesson) in against for element, lesson in self.pairs}
        here = self.formula.situation(facts)
        # The facts fix the rest, so that the formula agrees wherever it can be true together with what was seen.
        self.solver.push()
        self.solver.add(here)
        assert self.solver.check() == z3.sat, "the situation is one"
        told = [(name, *self.bits[name]) for name in seen]
        names: list[str] = []
        if not possible(self.solver, [bit if seen[name] else unsaid for name, bit, unsaid in told]):
            names = [name for name, bit, unsaid in told if not possible(self.solver, [bit if seen[name] else unsaid])]
        fixed = not any(possible(self.solver, [unsaid if seen[name] else bit]) for name, bit, unsaid in told[::97])
        self.solver.pop()
        assert fixed, "the facts leave nothing open"
        return names


@pytest.fixture(scope="module")
def sides() -> Sides:
    import advisor

    return Sides(advisor.load_corpus())


def test_formula_and_engine_agree_on_random_situations(sides: Sides) -> None:
    spoken = 0
    for seed in range(EXAMPLES):
        rng = random.Random(seed)
        raw = random_facts(rng, sides.corpus, rng.choice([0, 1, 2, 3, 5, 8, 12, 20, 40]))
        assert sides.differences(raw) == [], (seed, raw)
        spoken += bool(raw)
    assert spoken > EXAMPLES / 2


def test_formula_and_engine_agree_on_the_tests_of_all_rules(sides: Sides) -> None:
    # Each rule's tests lie at its edges; now and then two of them are told as one situation.
    given = [test.given for rule in sides.corpus.rules.values() for test in rule.tests]
    rng = random.Random(0)
    for _ in range(EXAMPLES // 2):
        one, two = rng.sample(given, 2)
        raw = {**one, **two} if rng.random() < 0.5 else one
        assert sides.differences(raw) == [], raw


def random_corpus(rng: random.Random, base: Corpus) -> Corpus:
    return compiled(rich_rules(rng), base)


def test_formula_and_engine_agree_on_random_small_corpora(pack: MiniPack) -> None:
    pack.replace(
        "knowledge/lessons/paper.yaml", "attaches_to: [camps]", "attaches_to: [camps, shelter]\n    notice: true"
    )
    base = pack.load()
    for seed in range(max(1, EXAMPLES // 4)):
        rng = random.Random(seed)
        here = Sides(random_corpus(rng, base))
        for _ in range(8):
            raw = random_facts(rng, here.corpus, rng.choice([0, 2, 4, 6]))
            assert here.differences(raw) == [], (seed, raw)


def test_situations_that_differ_are_told_apart(sides: Sides) -> None:
    # Unknown is not false, and asked-and-none is not unknown.
    formula, solver = sides.formula, sides.formula.solver()
    for one, two in (
        ({}, {"transfer_voluntary": False}),
        ({}, {"unhcr_risk": ()}),
        ({}, {"arrivals_count": 0}),
        ({"unhcr_risk": ()}, {"unhcr_risk": ("relieving_states",)}),
    ):
        assert solver.check(formula.situation(one), formula.situation(two)) == z3.unsat
        assert solver.check(formula.situation(one)) == solver.check(formula.situation(two)) == z3.sat


def test_only_what_the_vocabulary_allows_is_a_situation(sides: Sides) -> None:
    formula, solver = sides.formula, sides.formula.solver()
    region, count = formula.variables["region"], formula.variables["arrivals_count"]
    assert solver.check(region.bits["eu"], region.bits["africa"]) == z3.unsat
    assert solver.check(region.known, z3.Not(formula.some(region.bits.values()))) == z3.unsat
    assert solver.check(count.value < 0) == z3.unsat
    assert solver.check(count.value > 1_000_000_000) == z3.unsat
    assert solver.check(count.known, count.value == 1_000_000_000) == z3.sat
