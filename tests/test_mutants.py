"""Mutants: what is made, that "equivalent" and "survived" are right, and what the command says.

ADVISOR_EXAMPLES sets on how many random rules (30 unless told).
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from beside import Later
from hypothesis import given, settings
from hypothesis import strategies as st
from minipack import MORE_RULE, MiniPack
from smallworld import (
    FACTS,
    VALUES,
    conditions,
    corpus_with,
    ending,
    fact_tests,
    rule_of,
    situations,
    truth,
    worlds,
)  # fmt: skip

from advisor import cli, mutation, trials
from advisor.bench import Bench
from advisor.conditions import Condition, FactTest, FindingIs, leaves, parse
from advisor.content import BUILTIN, shipped_folders
from advisor.corpus import Corpus, load
from advisor.mutants import ALWAYS, KINDS, NEVER, Mutant, mutants_of
from advisor.positions import PARTS, Positions

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "30"))
ROOT = Path(__file__).parent.parent


def condition(raw: Any) -> Condition:
    """Read a condition over the small vocabulary."""
    problems: list[str] = []
    read = parse(raw, FACTS, (), lambda code, message, path, **more: problems.append(message))
    assert read is not None, problems
    return read


def made(raw: Any, pressing: Any = None) -> list[str]:
    """Return the mutants of a rule, each in a line; where there is a choice, the nearest."""
    read = rule_of(condition(raw), None if pressing is None else condition(pressing))
    return [
        f"{'pressing ' if mutant.part == 'pressing_when' else ''}{mutant.kind}: {mutant.condition or 'always'}"
        if mutant.condition not in (ALWAYS, NEVER)
        else f"{mutant.kind}: {'always' if mutant.condition == ALWAYS else 'never'}"
        for mutant in mutants_of(read, FACTS, lambda _: True)
    ]


# --- what is made -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"agreed": True}, ["flip: agreed is not true", "drop: always", "drop: never"]),
        ({"finding": "overload"}, ["flip: never", "drop: always"]),
        (
            {"border": "guarded"},
            [
                "flip: border is not guarded",
                "drop: always",
                "drop: never",
                "widen: border is one of guarded, threatened",
                "widen: border is one of guarded, open",
            ],
        ),
        (
            {"border": ["threatened", "closed"]},
            [
                "flip: border is none of threatened, closed",
                "drop: always",
                "drop: never",
                "widen: border is one of threatened, closed, guarded",
                "narrow: border is closed",
                "narrow: border is threatened",
            ],
        ),
        (
            {"not": {"border": "closed"}},
            [
                "flip: border is closed",
                "drop: always",
                "drop: never",
                "narrow: border is none of closed, threatened",
            ],
        ),
        (
            {"kinds": {"has": "influx"}},
            [
                "flip: kinds does not include influx",
                "drop: always",
                "drop: never",
                "widen: kinds includes one of influx, exile",
            ],
        ),
        (
            {"kinds": {"has_all": ["influx", "exile"]}},
            [
                "flip: kinds lacks one of influx, exile",
                "drop: always",
                "drop: never",
                "widen: kinds includes one of influx, exile",
            ],
        ),
        (
            {"kinds": {"lacks_all": ["influx", "exile"]}},
            [
                "flip: kinds includes one of influx, exile",
                "drop: always",
                "drop: never",
                "widen: kinds does not include exile",
                "widen: kinds does not include influx",
                "narrow: kinds includes none of influx, exile, rescue",
            ],
        ),
        (
            {"kinds": {"only": ["influx"]}},
            [
                "flip: kinds is empty or more than influx",
                "drop: always",
                "drop: never",
                "widen: kinds is nothing but influx, exile",
            ],
        ),
        ({"kinds": {"empty": True}}, ["flip: kinds is not empty", "drop: always", "drop: never"]),
        (
            {"kinds": {"count_at_least": 2}},
            [
                "flip: kinds has fewer entries than 2",
                "drop: always",
                "drop: never",
                "widen: kinds has at least this many entries: 1",
                "narrow: kinds has at least this many entries: 3",
            ],
        ),
        (
            {"states": {"at_least": 2}},
            [
                "flip: states is less than 2",
                "drop: always",
                "drop: never",
                "widen: states is at least 1",
                "narrow: states is at least 3",
            ],
        ),
        (
            {"years": {"less_than": 2}},
            [
                "flip: years is at least 2",
                "drop: always",
                "drop: never",
                "widen: years is at most 2",
                "narrow: years is less than 1",
            ],
        ),
        (
            {"years": {"at_least": 2}},
            [
                "flip: years is less than 2",
                "drop: always",
                "drop: never",
                "widen: years is at least 1",
                "narrow: years is more than 2",
            ],
        ),
    ],
)
def test_a_rule_of_one_test_has_these_mutants(raw: Any, expected: list[str]) -> None:
    assert made(raw) == expected


def test_conditions_inside_others_are_dropped_flipped_and_joined_otherwise() -> None:
    raw = {"all": [{"finding": "overload"}, {"any": [{"agreed": True}, {"agreed": False}, {"border": "open"}]}]}
    assert made(raw) == [
        "widen: finding overload or agreed is true or agreed is false or border is open",
        "flip: never",
        "drop: agreed is true or agreed is false or border is open",
        "drop: finding overload",
        "narrow: finding overload and agreed is true and agreed is false and border is open",
        "flip: finding overload and (agreed is not true or agreed is false or border is open)",
        "drop: finding overload and (agreed is false or border is open)",
        "flip: finding overload and (agreed is true or agreed is not false or border is open)",
        "drop: finding overload and (agreed is true or border is open)",
        "flip: finding overload and (agreed is true or agreed is false or border is not open)",
        "drop: finding overload and (agreed is true or agreed is false)",
        "widen: finding overload and (agreed is true or agreed is false or border is one of open, guarded)",
    ]


def test_pressing_when_has_mutants_of_its_own() -> None:
    assert made({"finding": "overload"}, {"agreed": False})[2:] == [
        "pressing flip: agreed is not false",
        "drop: always",
        "drop: never",
    ]


def test_of_the_values_to_widen_by_the_nearest_that_makes_a_difference_is_taken() -> None:
    several = condition({"any": [{"kinds": {"has": "influx"}}, {"kinds": {"has": "exile"}}]})
    own = rule_of(several)

    def differs(mutant: Mutant) -> bool:
        return any(truth(several, facts, {}) is not truth(mutant.condition, facts, {}) for facts in everything())

    def everything() -> list[dict[str, Any]]:
        return list(situations(several, deriving={}))

    widened = [str(mutant.after) for mutant in mutants_of(own, FACTS, differs) if mutant.kind == "widen"]
    assert widened == ["kinds includes one of influx, rescue", "kinds includes one of exile, rescue"]
    # Where none makes a difference, the nearest stands for all.
    assert [str(m.after) for m in mutants_of(own, FACTS, lambda _: False) if m.kind == "widen"] == [
        "kinds includes one of influx, exile",
        "kinds includes one of exile, rescue",
    ]


@settings(max_examples=EXAMPLES * 3)
@given(fact_tests(sorted(FACTS)))
def test_a_wider_test_lets_more_pass_and_a_narrower_one_less(test: FactTest) -> None:
    known = [value for value in VALUES[test.fact] if value is not None]
    passing = {str(value) for value in known if test.holds(value)}
    for mutant in mutants_of(rule_of(test), FACTS, lambda _: True):
        if isinstance(mutant.after, FactTest):
            now = {str(value) for value in known if mutant.after.holds(value)}
            match mutant.kind:
                case "flip":
                    assert now == {str(value) for value in known} - passing
                case "widen":
                    assert now >= passing
                case "narrow":
                    assert now <= passing


@settings(max_examples=EXAMPLES)
@given(conditions(sorted(FACTS), ["low", "high"]))
def test_no_two_mutants_are_the_same_condition_and_each_says_what_it_changes(when: Condition) -> None:
    mutants = list(mutants_of(rule_of(when), FACTS, lambda _: True))
    assert {mutant.kind for mutant in mutants} <= set(KINDS)
    assert len({mutant.condition for mutant in mutants} | {when}) == len(mutants) + 1
    tests = list(leaves(when))
    for mutant in mutants:
        first, last = mutant.span
        assert list(leaves(mutant.before)) == tests[first : last + 1]


# --- what comes of them -----------------------------------------------------------------------------------------------


@settings(max_examples=EXAMPLES)
@given(worlds(), st.data())
def test_equivalent_and_survived_are_right_by_brute_force(world: Any, data: st.DataObject) -> None:
    names, deriving = world
    when = data.draw(conditions(names, ["low", "high"]))
    pressing = data.draw(st.none() | conditions(names, ["low"]))
    own = rule_of(when, pressing)
    corpus = corpus_with([own], deriving)
    bench = Bench(corpus)
    for mutant in bench.mutants_of(own):
        version = {mutant.part: mutant.condition}
        changed = (version.get("when", when), version.get("pressing_when", pressing))
        every = situations(when, *(p for p in (pressing, mutant.condition) if p is not None), deriving=deriving)
        apart = [
            facts for facts in every if ending(when, pressing, facts, deriving) != ending(*changed, facts, deriving)
        ]
        ended = bench.try_on(own, mutant)
        # Without a test nothing is killed: what isn't equivalent survives, with a smallest situation as a hint.
        assert ended.status == ("survived" if apart else "equivalent")
        if apart:
            assert ended.facts in apart
            assert len(ended.facts) == len(apart[0])


def test_a_mutant_is_killed_exactly_where_the_engine_fails_a_test_of_the_changed_pack(pack: MiniPack) -> None:
    corpus = pack.load()
    bench = Bench(corpus)
    seen = set()
    for own in corpus.rules.values():
        for mutant in bench.mutants_of(own):
            if mutant.condition == ALWAYS:
                continue  # the engine has no rule without a test
            part: dict[str, Any] = {mutant.part: mutant.condition}
            changed = dataclasses.replace(own, **part)
            other = dataclasses.replace(corpus, rules=MappingProxyType({**corpus.rules, own.id: changed}))
            failing = [trial for trial in trials.run(other, other.rules.values()) if not trial.passed]
            status = bench.try_on(own, mutant).status
            assert (status == "killed") is bool(failing), mutant
            seen.add(status)
    assert seen == {"killed", "survived"}


def test_a_large_rule_fails_its_tests_as_by_the_engine(corpus: Corpus) -> None:
    bench = Bench(corpus)
    name = "evacuation-keeps-a-border-open"
    pressing = corpus.rules[name].pressing_when
    assert pressing is not None
    changed = dataclasses.replace(corpus.rules[name], when=pressing)
    other = dataclasses.replace(corpus, rules=MappingProxyType({**corpus.rules, name: changed}))
    failing = [trial.test.name for trial in trials.run(other, [changed]) if not trial.passed]
    assert [test.name for test in bench.failing_of(changed)] == failing != []


def test_a_test_of_another_rule_notices_through_the_finding(pack: MiniPack) -> None:
    pack.replace(
        "rules/findings/mass-influx.yaml",
        "  - name: few people in a protracted situation\n    given: {situation_types: [protracted], arrivals: 5}\n",
        "  - name: nobody in a protracted situation\n    given: {situation_types: [protracted], arrivals: 0}\n",
    )
    pack.replace(
        "rules/hosting/shelter-first.yaml",
        "    given: {situation_types: [protracted], arrivals: 5}\n",
        "    given: {situation_types: [protracted], arrivals: 9999}\n",
    )
    found = mutation.run(pack.load(), [pack.load().rules["mass-influx"]])
    noticed = [tried for tried in found.mutants if tried.by == "rules"]
    assert [(tried.after, tried.test) for tried in noticed] == [
        ("arrivals is at least 9999", "shelter-first: few people in a protracted situation")
    ]


def test_rules_are_widened_by_values_that_their_pack_can_name(pack: MiniPack) -> None:
    south = MORE_RULE.replace("land_offered: true", "region: south").replace("land_offered: false", "region: north")
    pack.write("rules/hosting/more.yaml", south)
    later = Later(pack.folder.parent / "later")
    bench = Bench(load(pack.folder, later.folder))

    def wider(rule: str) -> list[str]:
        mutants = bench.mutants_of(bench.corpus.rules[rule])
        return [str(mutant.after) for mutant in mutants if mutant.kind == "widen"]

    assert bench.corpus.facts["region"].allowed == ("north", "south", "west")
    assert wider("more") == ["region is one of south, north"]
    assert wider("tents-in-the-west") == ["region is one of west, south"]


def test_where_a_test_fails_already_nothing_is_mutated(pack: MiniPack) -> None:
    pack.replace("rules/hosting/no-camps-for-years.yaml", "given: {years: 5}", "given: {years: 4}")
    pack.replace("rules/hosting/no-camps-for-years.yaml", "given: {years: 1}", "given: {years: 1}")
    with pytest.raises(mutation.FailingTestsError) as error:
        mutation.run(pack.load(), list(pack.load().rules.values()))
    assert str(error.value) == (
        "these tests fail before anything is changed; run advisor test:\n  hosting/no-camps-for-years: five years"
    )


def test_a_scenario_notices_what_no_test_of_a_rule_does(pack: MiniPack) -> None:
    corpus = pack.load()
    before = mutation.run(corpus, [corpus.rules["shelter-first"]])
    pack.write("scenarios/a-town.yaml", A_TOWN)
    corpus = pack.load()
    after = mutation.run(corpus, [corpus.rules["mass-influx"]])
    noticed = [(str(tried), tried.test) for tried in after.mutants if tried.by == "scenarios"]
    change = "arrivals is at least 10000 -> arrivals is at least 10001"
    assert noticed == [(f"mini/rules/findings/mass-influx.yaml:8:7: narrow: {change}", "a-town")]
    assert before.survived > 0
    pack.replace("scenarios/a-town.yaml", "recommended: [shelter]", "recommended: [camps]")
    with pytest.raises(mutation.FailingTestsError, match=r"\n  scenarios/a-town: Ten thousand come to a town$"):
        mutation.run(pack.load(), [])


A_TOWN = """\
title: Ten thousand come to a town
facts: {arrivals: 10000}
expect:
  recommended: [shelter]
"""


def test_the_result_is_the_same_however_many_processes_share_the_work(pack: MiniPack) -> None:
    for number in range(30):
        pack.write(f"rules/hosting/more-{number}.yaml", MORE_RULE.replace("id: more", f"id: more-{number}"))
    corpus = load("mini")
    rules = list(corpus.rules.values())
    done: list[int] = []
    alone = mutation.run(corpus, rules)
    shared = mutation.run(corpus, rules, jobs=2, load=partial(load, "mini"), done=done.append)
    assert alone == shared
    assert done == [25, 9]


# --- the built-in pack ------------------------------------------------------------------------------------------------


def test_the_built_in_pack_scores_above_95_and_every_survivor_is_explained(corpus: Corpus) -> None:
    found = mutation.run(corpus, list(corpus.rules.values()))
    assert found.score > 95
    assert found.killed > 2000
    page = (ROOT / "docs" / "mutation.md").read_text(encoding="utf-8")
    section = page.split("## Survivors of the built-in pack", 1)[1].split("\n## ", 1)[0]
    documented = re.findall(r"^- `([^`]+)`: \S", section, re.MULTILINE)
    assert [_without_position(str(tried)) for tried in found.survivors] == documented
    equivalents = page.split("## Equivalent mutants of the built-in pack", 1)[1].split("\n## ", 1)[0]
    listed = re.findall(r"^- `([^`]+)`: \S", equivalents, re.MULTILINE)
    assert [_without_position(str(tried)) for tried in found.mutants if tried.status == "equivalent"] == listed


def test_no_mutant_of_the_other_packs_that_come_along_survives() -> None:
    for name, folder in shipped_folders().items():
        corpus = load(folder)
        bench = Bench(corpus)
        rules = [own for own in corpus.rules.values() if own.pack == name != BUILTIN]
        endings = [(mutant, bench.try_on(own, mutant).status) for own in rules for mutant in bench.mutants_of(own)]
        assert [mutant for mutant, status in endings if status == "survived"] == []
        assert endings or name == BUILTIN


def _without_position(told: str) -> str:
    return re.sub(r"^(\S+?):\d+:\d+:", r"\1:", told)


def test_positions_point_at_the_tests_as_they_are_written(corpus: Corpus) -> None:
    for own in corpus.rules.values():
        positions, lines = Positions(own), own.text.splitlines()
        for part in PARTS:
            condition = getattr(own, part)
            for number, leaf in enumerate(leaves(condition) if condition else ()):
                line, column = positions.where(part, (number, number))
                here = lines[line - 1][column - 1 :]
                if isinstance(leaf, FindingIs):
                    assert here.startswith(f"finding: {leaf.finding}"), own.id
                else:
                    assert here.startswith((f"{leaf.fact}:", f"{leaf.operator}:")), own.id
                    for member in leaf.operand if isinstance(leaf.operand, tuple) else ():
                        line, column = positions.where(part, (number, number), member)
                        assert lines[line - 1][column - 1 :].startswith(member), own.id


def test_positions_of_what_was_negated_and_flattened() -> None:
    text = """\
when:
  all:
    - all:
        - agreed: true
        - not:
            any:
              - border: [closed, threatened]
              - kinds: {has: exile}
    - states:
        at_least: 1
        at_most: 3
"""
    positions = Positions(dataclasses.replace(rule_of(condition({"agreed": True})), text=text))
    tests = ["agreed", "border", "kinds", "at_least", "at_most"]
    lines = text.splitlines()
    for number, starts in enumerate(tests):
        line, column = positions.where("when", (number, number))
        assert lines[line - 1][column - 1 :].startswith(starts)
    assert positions.where("when", (1, 1), "threatened") == (7, 34)
    # What several tests share: the innermost key around them.
    assert positions.where("when", (1, 2)) == (6, 13)  # any
    assert positions.where("when", (0, 2)) == (3, 7)  # the all inside
    assert positions.where("when", (3, 4)) == (9, 7)  # states
    assert positions.where("when", (0, 4)) == (2, 3)  # the whole


# --- the command ------------------------------------------------------------------------------------------------------


def run_cli(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(["mutate", *arguments])
    captured = capsys.readouterr()
    assert isinstance(stop.value.code, int)
    return stop.value.code, captured.out, captured.err


def test_the_command_says_what_survives_and_what_would_kill_it(
    pack: MiniPack, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run_cli(capsys, "--pack", "mini", "--survivors")
    assert (status, err) == (0, "")
    assert out.replace("mini/rules/", "") == MINI_SURVIVORS
    status, out, err = run_cli(capsys, "--pack", "mini", "no-camps-for-years", "--min", "80")
    assert out == MINI_SUMS
    assert (status, err) == (0, "")
    status, _, err = run_cli(capsys, "--pack", "mini", "no-camps-for-years", "--min", "81")
    assert (status, err) == (1, "the score is 80.0 %, less than 81 %\n")


def test_the_command_writes_json(pack: MiniPack, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run_cli(capsys, "--pack", "mini", "hosting", "--format", "json", "-j", "2")
    found = json.loads(out)
    assert status == 0
    assert found["killed"] + found["equivalent"] + found["survived"] == len(found["mutants"])
    first = next(tried for tried in found["mutants"] if tried["status"] == "survived")
    assert first == MINI_FIRST


def test_the_command_knows_its_rules(pack: MiniPack, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run_cli(capsys, "--pack", "mini", "shelter")
    assert err == (
        "no rule, topic, scenario, pack or file of a rule or scenario 'shelter'; did you mean 'shelter-first'?\n"
    )
    assert status == 1


MINI_SURVIVORS = """\
findings/mass-influx.yaml:8:7: widen: arrivals is at least 10000 -> arrivals is at least 9999
  given {arrivals: 9999}, the rule is open, the mutant fires
findings/mass-influx.yaml:8:7: narrow: arrivals is at least 10000 -> arrivals is at least 10001
  given {arrivals: 10000}, the rule fires, the mutant is open
hosting/no-camps-for-years.yaml:6:3: widen: years is at least 5 -> years is at least 4
  given {years: 4}, the rule is silent, the mutant fires
hosting/shelter-first.yaml:6:3: flip (pressing_when): arrivals is more than 50000 -> arrivals is at most 50000
  given {arrivals: 50001}, the rule fires and is pressing, the mutant fires
hosting/shelter-first.yaml:6:3: drop (pressing_when): arrivals is more than 50000 -> always
  given {situation_types: [mass_influx]}, the rule fires, the mutant fires and is pressing
hosting/shelter-first.yaml:6:3: drop (pressing_when): arrivals is more than 50000 -> never
  given {arrivals: 50001}, the rule fires and is pressing, the mutant fires
hosting/shelter-first.yaml:6:3: widen (pressing_when): arrivals is more than 50000 -> arrivals is more than 49999
  given {arrivals: 50000}, the rule fires, the mutant fires and is pressing
hosting/shelter-first.yaml:6:3: narrow (pressing_when): arrivals is more than 50000 -> arrivals is more than 50001
  given {arrivals: 50001}, the rule fires and is pressing, the mutant fires

flip         5 killed      0 equivalent      1 survived
drop         7 killed      0 equivalent      2 survived
widen        1 killed      0 equivalent      3 survived
narrow       2 killed      0 equivalent      2 survived

4 rules, 23 mutants: 15 killed (15 by tests of their rule, 0 by other rules', 0 by scenarios), 0 equivalent, 8 survived
score: 65.2 % of 23 mutants not equivalent
"""
MINI_SUMS = """\
mini/rules/hosting/no-camps-for-years.yaml: 1 survived

advisor mutate --survivors says which, and what a test would have to tell.

flip         1 killed      0 equivalent      0 survived
drop         2 killed      0 equivalent      0 survived
widen        0 killed      0 equivalent      1 survived
narrow       1 killed      0 equivalent      0 survived

1 rule, 5 mutants: 4 killed (4 by tests of their rule, 0 by other rules', 0 by scenarios), 0 equivalent, 1 survived
score: 80.0 % of 5 mutants not equivalent
"""
MINI_FIRST = {
    "rule": "no-camps-for-years",
    "file": "mini/rules/hosting/no-camps-for-years.yaml",
    "line": 6,
    "column": 3,
    "part": "when",
    "kind": "widen",
    "before": "years is at least 5",
    "after": "years is at least 4",
    "status": "survived",
    "by": None,
    "test": None,
    "hint": {"given": {"years": 4}, "expect": "silent", "pressing": False, "mutant": "fires", "mutant_pressing": False},
}
