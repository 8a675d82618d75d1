"""What tests reach: the points, what is impossible, and what the command says.

ADVISOR_EXAMPLES sets on how many random rules (30 unless told).
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minipack import MiniPack
from smallworld import conditions, corpus_with, ending, rule_of, situations, truth, worlds

from advisor import cli, reach, situation
from advisor.conditions import AnyOf, Condition, evaluate, leaves
from advisor.corpus import Corpus
from advisor.engine import engine_for
from advisor.model import RuleTest
from advisor.rule import Rule

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "30"))
TRUTHS = {"true": True, "false": False, "unknown": None, "fires": True, "silent": False, "open": None}


def alternatives(condition: Condition) -> list[AnyOf]:
    """Return every ``any`` of a condition, in the order in which it is written."""
    below = [found for part in getattr(condition, "parts", ()) for found in alternatives(part)]
    return [condition, *below] if isinstance(condition, AnyOf) else below


def reached(rule: Rule, deriving: Any, told: list[dict[str, Any]]) -> set[tuple[str, str | None, str]]:
    """Return what naive logic sees reached in the situations told: the part, the test, and what is seen of it."""
    found: set[tuple[str, str | None, str]] = set()
    for facts in told:
        fires, pressing = ending(rule.when, rule.pressing_when, facts, deriving)
        found |= {("when", None, what) for what in ("fires", "silent", "open") if TRUTHS[what] is fires}
        if rule.pressing_when is not None and fires:
            found.add(("pressing_when", None, "pressing" if pressing else "not pressing"))
        for part, condition in (("when", rule.when), ("pressing_when", rule.pressing_when)):
            for leaf in leaves(condition) if condition else ():
                now = truth(leaf, facts, deriving)
                found |= {(part, str(leaf), what) for what in ("true", "false", "unknown") if TRUTHS[what] is now}
            for either in alternatives(condition) if condition else ():
                holding = [str(branch) for branch in either.parts if truth(branch, facts, deriving) is True]
                if len(holding) == 1:
                    found.add((part, holding[0], "decides alone"))
    return found


@settings(max_examples=EXAMPLES)
@given(worlds(), st.data())
def test_what_is_not_reached_is_told_with_a_situation_that_would_or_as_impossible(
    world: Any, data: st.DataObject
) -> None:
    names, deriving = world
    when = data.draw(conditions(names, ["low", "high"]))
    pressing = data.draw(st.none() | conditions(names, ["low"]))
    both = (when, pressing) if pressing is not None else (when,)
    every = list(situations(*both, deriving=deriving))
    told = data.draw(st.lists(st.sampled_from(every), max_size=3))
    tests = tuple(RuleTest(name=str(number), given=facts, expect="fires") for number, facts in enumerate(told))
    own = rule_of(when, pressing, tests=tests)
    corpus = corpus_with([own], deriving)
    found = reach.measure(corpus, [own]).rules[0]

    seen, possible = reached(own, deriving, told), reached(own, deriving, every)
    for point in found.unreached:
        where = (point.part, point.test, point.what)
        if point.what != "decides alone":  # one branch may stand in several alternatives
            assert where not in seen
            assert point.possible is (where in possible)
        assert point.possible is (point.given is not None)
        if point.given is not None:
            facts = dict(situation.parse(point.given, corpus.facts))
            assert where in reached(own, deriving, [facts])
    everything = reach.measure(corpus, [own], extra=every).rules[0]
    assert everything.points == everything.reached == found.points


def test_the_built_in_pack_is_reached(corpus: Corpus) -> None:
    found = reach.measure(corpus)
    assert found.percent > 93
    assert {rule.rule for rule in found.rules} == set(corpus.rules)
    ends = [
        (rule.rule, point.what)
        for rule in found.rules
        for point in rule.unreached
        if point.test is None and point.possible is not False
    ]
    assert ends == []
    engine = engine_for(corpus)
    for rule in [rule for rule in found.rules if rule.unreached][::20]:
        for point in rule.unreached:
            if point.given is not None and point.what in ("true", "false", "unknown"):
                truths = corpus.truths(facts := situation.parse(point.given, corpus.facts))
                run = engine.run(facts)
                assert run.findings == {name for name, truth in truths.items() if truth}
                condition = getattr(corpus.rules[rule.rule], point.part)
                leaf = next(leaf for leaf in leaves(condition) if str(leaf) == point.test)
                assert evaluate(leaf, facts, truths) is TRUTHS[point.what]


def test_situations_of_others_count_as_well(pack: MiniPack) -> None:
    corpus = pack.load()
    alone, together = reach.measure(corpus), reach.measure(corpus, extra=[{"arrivals": 50001}, {}])
    assert (alone.reached, together.reached) == (29, 34)
    assert together.percent == 100
    assert together.points == alone.points == 34


# --- the command ------------------------------------------------------------------------------------------------------


def run_cli(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(["coverage", *arguments])
    captured = capsys.readouterr()
    return stop.value.code, captured.out.replace("mini/rules/", ""), captured.err


def test_the_command_says_what_is_never_seen_and_what_would(pack: MiniPack, capsys: pytest.CaptureFixture[str]) -> None:
    pack.write("rules/hosting/either.yaml", EITHER_WAY)
    assert run_cli(capsys, "--pack", "mini", "--tests") == (0, SEEN, "")
    status, out, err = run_cli(capsys, "--pack", "mini", "--tests", "--min", "90")
    assert (status, out, err) == (1, SEEN, "the tests reach 87.2 %, less than 90 %\n")
    assert run_cli(capsys, "--pack", "mini", "--tests", "--min", "87") == (0, SEEN, "")


def test_the_command_writes_json(pack: MiniPack, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run_cli(capsys, "--pack", "mini", "--tests", "--format", "json")
    found = json.loads(out)
    assert status == 0
    assert (found["points"], found["reached"], found["impossible"]) == (34, 29, 0)
    first = found["rules"][0]["unreached"]
    assert first == []


def test_a_least_goes_with_tests(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run_cli(capsys, "--min", "50")
    assert status == 2
    assert "--min goes with --tests" in err


EITHER_WAY = """\
id: either
title: Camps whether or not land is offered
reading: ours
note: Made up.
when:
  any:
    - land_offered: true
    - all:
        - land_offered: true
        - years: {more_than: 3}
then:
  - lesson: l-camps
    recommends: [camps]
tests:
  - name: land is offered
    given: {land_offered: true, years: 1}
    expect: fires
  - name: no land is offered
    given: {land_offered: false}
    expect: silent
  - name: nobody asked
    given: {}
    expect: open
"""
SEEN = """\
hosting/either.yaml:8:7: land_offered is true and years is more than 3: can never hold where no other branch does
hosting/either.yaml:10:11: years is more than 3: is never seen to be true
  given {years: 4} it would
findings/mass-influx.yaml:7:7: situation_types includes mass_influx: is never seen to be unknown
  given {} it would
findings/mass-influx.yaml:8:7: arrivals is at least 10000: is never seen to hold where no other branch does
  given {arrivals: 10000} it would
findings/mass-influx.yaml:8:7: arrivals is at least 10000: is never seen to be true
  given {arrivals: 10000} it would
hosting/shelter-first.yaml:6:3: the rule is never seen to be pressing where it fires
  given {arrivals: 50001} it would
hosting/shelter-first.yaml:6:3: arrivals is more than 50000: is never seen to be true
  given {arrivals: 50001} it would

2 of 5 rules reached throughout; 6 of 47 points not reached, 1 more that no situation can reach
reached: 87.2 %
"""
