"""``advisor test``: what is run, what is said of what failed, and in which forms."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from minipack import MiniPack
from test_cli import run

from advisor import parallel, results, scenarios, trials
from advisor.advice import assemble
from advisor.corpus import Corpus, load
from advisor.model import Expectation
from advisor.selection import Chosen, NothingSelectedError, choose

SHELTER = "rules/hosting/shelter-first.yaml"
FLOOD = """\
title: The flood
facts:
  situation_types: [mass_influx]
  land_offered: true
  years: 6
expect:
  recommended: [shelter]
  headlines: [shelter]
  set_aside: [camps]
  precedents: [the-town]
  never: [camps]
"""
CAMPS_RULE = """\
id: camps-on-offered-land
title: Camps where land is offered
when:
  land_offered: true
then:
  - lesson: l-camps
    recommends: [camps]
tests:
  - name: land is offered
    given: {land_offered: true}
    expect: fires
  - name: no land is offered
    given: {land_offered: false}
    expect: silent
  - name: nobody asked
    given: {}
    expect: open
"""


@pytest.fixture
def mini(pack: MiniPack) -> MiniPack:
    pack.write("rules/hosting/camps-on-offered-land.yaml", CAMPS_RULE)
    return pack.write("scenarios/the-flood.yaml", FLOOD)


def outcome(corpus: Corpus, name: str) -> results.Result:
    (result,) = results.run(corpus, [Chosen("scenarios", name)])
    return result


# --- what is said of what failed ---


def test_a_rule_test_that_fails_shows_each_condition_with_its_mark(
    capsys: pytest.CaptureFixture[str], mini: MiniPack
) -> None:
    mini.replace(SHELTER, "when:\n  finding: mass-influx\n", WHEN)
    status, out, err = run(capsys, "test", "shelter-first", "--pack", "mini", "--filter", "a mass influx")
    assert status == 1
    assert err == "0 passed, 1 failed, in 1 rule\n"
    assert out == SAID


WHEN = """\
when:
  all:
    - finding: mass-influx
    - region: north
    - any:
        - land_offered: false
        - years: {at_least: 2}
"""
SAID = """\
FAILED  hosting/shelter-first: a mass influx
  mini/rules/hosting/shelter-first.yaml:17
  expected  fires
  got       open
  told      “Kinds of situation” is “Mass influx”
  when      ? all of these:
              ✓ the finding “Mass influx” holds
                ✓ by “Mass influx” (mass-influx):
                  ✓ one or more of these:
                    ✓ “Kinds of situation” includes “Mass influx”
                    ? “Arrivals” is at least 10,000 people; it is not known
              ? “Region” is “North”; it is not known
              ? one or more of these:
                ? “Land for camps” is “No land is offered”; it is not known
                ? “Years” is at least 2; it is not known

"""


def test_a_finding_that_does_not_hold_is_opened_one_level_down(pack: MiniPack) -> None:
    pack.replace(SHELTER, "situation_types: [mass_influx]", "situation_types: [protracted], arrivals: 12")
    (result, *_) = results.run(pack.load(), [Chosen("rules", "shelter-first", (0,))])
    assert (result.expected, result.got, result.line) == ("fires", "silent", 12)
    assert [str(line) for line in result.conditions] == [
        "✗ the finding “Mass influx” holds",
        "  ✗ by “Mass influx” (mass-influx):",
        "    ✗ one or more of these:",
        "      ✗ “Kinds of situation” includes “Mass influx”; it is “Protracted situation”",
        "      ✗ “Arrivals” is at least 10,000 people; it is 12 people",
    ]


def test_a_test_that_fails_by_its_pressing_alone_shows_what_would_press(pack: MiniPack) -> None:
    pack.replace(
        SHELTER,
        "    given: {situation_types: [mass_influx]}\n    expect: fires\n",
        "    given: {situation_types: [mass_influx], arrivals: 400}\n    expect: fires\n    pressing: true\n",
    )
    (result, *_) = results.run(pack.load(), [Chosen("rules", "shelter-first", (0,))])
    assert (result.passed, result.expected, result.got) == (False, "fires (pressing)", "fires")
    assert [str(line) for line in result.pressing_conditions] == [
        "✗ “Arrivals” is more than 50,000 people; it is 400 people"
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            "recommended: [shelter]",
            "recommended: [camps]",
            "missing camps (recommendation): “Camps” is called for, but set aside. It is set aside by “No camps for "
            "long stays” (para. 2), because “Years” is 6.",
            id="set aside",
        ),
        pytest.param(
            "set_aside: [camps]",
            "set_aside: [shelter]",
            "missing shelter (line that is set aside): “Shelter” is advised. No rule could set it aside.",
            id="not set aside",
        ),
        pytest.param(
            "headlines: [shelter]",
            "headlines: [l-no-camps, shelter]",
            "",
            id="a caution is a headline",
        ),
        pytest.param(
            "  situation_types: [mass_influx]",
            "  situation_types: [protracted]\n  arrivals: 10",
            "missing shelter (recommendation): “Shelter” is not advised. 1 rule could lead to it: 1 ruled out by the "
            "facts. Nearest: “Shelter comes first in a mass influx” (para. 1). Would apply if “Kinds of situation” "
            "included “Mass influx”; it is “Protracted situation”.\n"
            "missing shelter (headline): “Shelter” is not advised. 1 rule could lead to it: 1 ruled out by the "
            "facts. Nearest: “Shelter comes first in a mass influx” (para. 1). Would apply if “Kinds of situation” "
            "included “Mass influx”; it is “Protracted situation”.\n"
            "missing the-town (precedent), “The town that took everyone in”: No rule that fired points to it. "
            "1 rule could point to it; nearest: “Shelter comes first in a mass influx” (shelter-first). Would apply "
            "if “Kinds of situation” included “Mass influx”; it is “Protracted situation”.",
            id="nothing calls for it",
        ),
        pytest.param(
            "never: [camps]",
            "never: [shelter, l-no-camps]",
            "unexpected shelter (must not be), “Shelter”: By “Shelter comes first in a mass influx” (shelter-first) "
            "(para. 1), because the finding “Mass influx” holds.\n"
            "unexpected l-no-camps (must not be): By “No camps for long stays” "
            "(no-camps-for-years) (para. 2), because “Years” is 6.",
            id="what must not be",
        ),
        pytest.param(
            "set_aside: [camps]",
            "set_aside: []\n  cautions: []\n  arguments: []\n  red_flags: []",
            "unexpected camps (there should be no line that is set aside), “Camps”: By “Camps where land is offered” "
            "(camps-on-offered-land) (para. 2), because “Land for camps” is “Land is offered”. Set aside by “No camps "
            "for long stays” (no-camps-for-years) (para. 2), because “Years” is 6.\n"
            "unexpected l-no-camps (there should be no caution): By “No camps for long "
            "stays” (no-camps-for-years) (para. 2), because “Years” is 6.",
            id="an empty list",
        ),
        pytest.param(
            "never: [camps]",
            "arguments: [l-shelter]\n  cautions: [l-shelter]",
            "missing l-shelter (caution), “Shelter first”: No rule cautions by it; rules apply it by recommends.\n"
            "missing l-shelter (argument), “Shelter first”: No rule argues by it; rules apply it by recommends.",
            id="a lesson that says something else",
        ),
        pytest.param(
            "never: [camps]",
            "questions: [arrivals, years, region]",
            "missing years (question), “For how many years?”: It is told already: 6.\n"
            "missing region (question), “Where is it?”: Nothing waits for it: knowing it could not change the advice, "
            "or it is not worth asking here.",
            id="questions",
        ),
    ],
)
def test_a_scenario_that_fails_says_what_and_why(mini: MiniPack, old: str, new: str, said: str) -> None:
    assert outcome(mini.load(), "the-flood").passed
    result = outcome(mini.replace("scenarios/the-flood.yaml", old, new).load(), "the-flood")
    assert "\n".join(map(str, result.misses)) == said
    assert result.passed == (not said)


def test_a_line_that_is_no_headline_is_told_its_rank_and_what_passes_it_over(corpus: Corpus) -> None:
    scenario = corpus.scenarios["kosovo-1999"]
    case = trials.Trials(corpus).case(scenario.facts or {})
    names = ("host-family-support", "ad-hoc-arrangement", "emergency-assistance")
    misses = scenarios.hold(case, scenario.model_copy(update={"expect": Expectation(headlines=names)}))
    assert [miss.reason for miss in misses] == [
        "It is recommended, but no headline: rank 21 of 56; 15 lines come before it.",
        "It is recommended, but no headline: rank 39 of 56; no lesson behind it has a weight of 2 or more.",
    ]


@pytest.mark.parametrize("name", ["kosovo-1999", "us-guatemala-2019"])
def test_a_scenario_fails_by_exactly_what_differs(name: str, corpus: Corpus) -> None:
    case = trials.Trials(corpus).case(corpus.scenarios[name].facts or {})
    answer = assemble(case)
    there: dict[str, set[str]] = {
        "recommended": {item.id for item in answer.recommendations},
        "headlines": {item.id for item in answer.headlines},
        "red_flags": {item.id for item in answer.red_flags},
        "set_aside": {item.id for item in answer.set_aside},
        "cautions": {item.id for item in answer.recommendations if item.kind == "caution"},
        "arguments": {item.id for item in answer.arguments},
        "precedents": {note.precedent for note in answer.precedents},
        "questions": {question.fact for question in answer.questions},
    }
    flags = {rule.id for rule in corpus.rules.values() if any(then.flags is not None for then in rule.then)}
    every: dict[str, set[str]] = {
        "recommended": {*corpus.elements},
        "headlines": {*corpus.elements},
        "red_flags": flags,
        "set_aside": {*corpus.elements},
        "cautions": {one for one in corpus.lessons if not corpus.lessons[one].same_as},
        "arguments": {one for one in corpus.lessons if not corpus.lessons[one].same_as},
        "precedents": {*corpus.precedents},
        "questions": {*corpus.facts},
    }
    for key, present in there.items():
        # Every seventh name, so that it takes no time, and all that are there.
        asked = sorted({*sorted(every[key])[::7], *present})
        known = scenarios.given(answer, key)  # type: ignore[arg-type]
        expect = Expectation.model_validate({key: tuple(asked)})
        misses = scenarios.hold(case, corpus.scenarios[name].model_copy(update={"expect": expect}))
        assert {miss.id for miss in misses} == set(asked) - present - set(known)
        assert present <= set(known)
        assert all(miss.change == "missing" and miss.reason.strip() for miss in misses)
        nothing = Expectation.model_validate({key: ()})
        misses = scenarios.hold(case, corpus.scenarios[name].model_copy(update={"expect": nothing}))
        assert {miss.id for miss in misses} == present
    never = Expectation(never=tuple(sorted({*corpus.elements, *flags})))
    misses = scenarios.hold(case, corpus.scenarios[name].model_copy(update={"expect": never}))
    advised = {item.id for item in answer.recommendations if item.element}
    assert {miss.id for miss in misses} == advised | there["red_flags"] & flags


# --- what is run ---


def ids(chosen: tuple[Chosen, ...]) -> list[str]:
    return [one.id for one in chosen]


def test_tests_are_chosen_by_name_by_file_and_by_pack(corpus: Corpus) -> None:
    everything = choose(corpus)
    assert sum(one.size for one in everything if one.kind == "rules") == sum(
        len(rule.tests) for rule in corpus.rules.values()
    )
    assert ids(choose(corpus, kind="scenarios")) == sorted(corpus.scenarios)
    rule = corpus.rules["money-alone-in-mass-influx"]
    for name in (rule.id, rule.file, f"./{rule.file}", f"some/where/{rule.file}"):
        assert ids(choose(corpus, [name])) == [rule.id]
    for name in (rule.topic, f"rules/{rule.topic}", f"rules/{rule.topic}/"):
        assert ids(choose(corpus, [name])) == [one.id for one in corpus.rules.values() if one.topic == rule.topic]
    assert ids(choose(corpus, ["scenarios"])) == sorted(corpus.scenarios)
    assert choose(corpus, ["rules"]) == choose(corpus, kind="rules")
    assert ids(choose(corpus, ["scenarios/kosovo-1999.yaml", rule.id])) == [rule.id, "kosovo-1999"]
    assert choose(corpus, ["amman-2011"]) == everything


def test_a_folder_stands_for_the_tests_below_it(
    capsys: pytest.CaptureFixture[str], mini: MiniPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pack that builds on another has its tests beside the other's.
    shutil.copytree(Path(__file__).resolve().parent.parent / "packs" / "eu-updates", "updates")
    corpus = load("updates")
    assert {corpus.origins[f"{one.kind}:{one.id}"] for one in choose(corpus)} == {"amman-2011", "eu-updates"}
    assert choose(corpus, ["updates"]) == choose(corpus, ["eu-updates"])
    assert {one.kind for one in choose(corpus, ["updates/rules"])} == {"rules"}
    monkeypatch.chdir(mini.folder)
    for name in (".", "scenarios", "./scenarios", str(mini.folder / "scenarios")):
        status, out, _ = run(capsys, "test", "--pack", ".", name, "-v")
        assert status == 0
        assert "ok      scenarios/the-flood: The flood" in out
        assert ("hosting/" in out) == (name == ".")


def test_tests_are_chosen_by_text(corpus: Corpus) -> None:
    assert ids(choose(corpus, text="Kosovo, April")) == ["kosovo-1999"]
    assert ids(choose(corpus, text="KOSOVO-1999")) == ["kosovo-1999"]
    (one,) = choose(corpus, text="money and places are more than money")
    assert (one.id, one.tests) == ("money-alone-in-mass-influx", (2,))
    assert ids(choose(corpus, text="mass-influx/money-alone*")) == ["money-alone-in-mass-influx"]
    assert {one.kind for one in choose(corpus, ["scenarios"], "*-2019")} == {"scenarios"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["money-alone-in-a-mass-influx"], "did you mean 'money-alone-in-mass-influx'?"),
        (["kosvo-1999"], "did you mean 'kosovo-1999'?"),
        (["--filter", "shelterr"], "no rule, topic, test or scenario fits 'shelterr'"),
        (["--filter", "temporary-protecton*"], "did you mean 'temporary-protection"),
        (["rules", "--kind", "scenarios"], "there are no scenarios under rules"),
        (["kosovo-1999", "--kind", "rules"], "there are no tests in rule files under kosovo-1999"),
    ],
)
def test_a_choice_of_nothing_is_an_error(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    status, out, err = run(capsys, "test", *arguments)
    assert (status, out) == (1, "")
    assert said in err


def test_a_pack_without_scenarios_has_none_to_pass(pack: MiniPack) -> None:
    with pytest.raises(NothingSelectedError, match=r"there are no scenarios in mini 1\.0\.0"):
        choose(pack.load(), kind="scenarios")


# --- forms ---


def test_the_first_failure_ends_a_run_that_should_end_there(capsys: pytest.CaptureFixture[str], mini: MiniPack) -> None:
    mini.replace("rules/hosting/no-camps-for-years.yaml", "given: {years: 5}", "given: {years: 4}")
    mini.replace("scenarios/the-flood.yaml", "never: [camps]", "never: [shelter]")
    status, out, err = run(capsys, "test", "--pack", "mini", "--fail-fast")
    assert status == 1
    assert out.count("FAILED") == 1
    assert "stopped at the first that failed" in err
    status, out, err = run(capsys, "test", "--pack", "mini")
    assert (status, out.count("FAILED")) == (1, 2)
    assert err == "11 passed, 2 failed, in 4 rules and 1 scenario\n"


def test_the_json_and_the_junit_say_what_the_text_says(capsys: pytest.CaptureFixture[str], mini: MiniPack) -> None:
    mini.replace("scenarios/the-flood.yaml", "never: [camps]", "never: [shelter]")
    mini.replace(SHELTER, "name: a mass influx", 'name: "<a mass influx & more>"')
    status, out, _ = run(capsys, "test", "--pack", "mini", "--format", "json")
    assert status == 1
    found = results.Results.model_validate_json(out)
    assert (found.passed, found.failed, len(found.results)) == (12, 1, 13)
    (failed,) = (result for result in found.results if not result.passed)
    assert (failed.kind, failed.id, failed.file) == ("scenario", "the-flood", "mini/scenarios/the-flood.yaml")
    assert [miss.id for miss in failed.misses] == ["shelter"]
    assert json.loads(out)["corpus"]["packs"][0]["id"] == "mini"

    status, out, _ = run(capsys, "test", "--pack", "mini", "--format", "junit")
    assert status == 1
    root = ElementTree.fromstring(out)
    assert (root.get("tests"), root.get("failures")) == ("13", "1")
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("rules/findings", "3"), ("rules/hosting", "9"), ("scenarios", "1"),
    ]  # fmt: skip
    cases = {(case.get("classname"), case.get("name")): case for case in root.iter("testcase")}
    named = cases["rules.hosting.shelter-first", "<a mass influx & more>"]
    assert (named.get("file"), named.get("line"), len(named)) == (f"mini/{SHELTER}", "12", 0)
    (failure,) = cases["scenarios.the-flood", "The flood"]
    assert failure.text is not None
    assert "unexpected shelter (must not be)" in failure.text


def test_several_processes_say_what_one_says_in_the_same_order(tmp_path: Path) -> None:
    folder = tmp_path / "mini"
    MiniPack(folder).write("scenarios/the-flood.yaml", FLOOD.replace("never: [camps]", "never: [shelter]"))
    said = []
    for jobs in ("1", "3"):
        command = [sys.executable, "-m", "advisor", "test", "--pack", str(folder), "-v", "--jobs", jobs]
        # Shares of one test, so that there is work for several.
        program = "import advisor.commands.test as t; t.SHARE = 1; from advisor.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", program, *command[3:]], capture_output=True, text=True, timeout=120
        )
        said.append((done.returncode, done.stdout, done.stderr))
    assert said[0] == said[1]
    assert said[0][0] == 1
    assert "12 passed, 1 failed" in said[0][2]


def _names(corpus: Corpus, share: int) -> tuple[int, str, int]:
    return share, corpus.version, os.getpid()


def test_a_process_that_cannot_inherit_the_corpus_loads_it(pack: MiniPack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_can_fork", lambda: False)
    load_mini = _Load(str(pack.folder))
    done = list(parallel.spread(_names, [1, 2, 3], pack.load(), 2, load_mini))
    assert [(share, version) for share, version, _ in done] == [(n, "mini 1.0.0") for n in (1, 2, 3)]
    assert os.getpid() not in {process for _, _, process in done}


class _Load:
    """Loads a pack, in another process."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self) -> Corpus:
        return load(self.folder)


def test_a_bar_shows_on_a_terminal_alone(pack: MiniPack) -> None:
    command = [sys.executable, "-m", "advisor", "test", "--pack", str(pack.folder)]
    piped = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (piped.returncode, piped.stdout, piped.stderr) == (0, "12 passed, 0 failed, in 4 rules\n", "")
    ours, theirs = pty.openpty()
    try:
        shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=120)
        os.close(theirs)
        theirs = -1
        bar = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        if theirs >= 0:
            os.close(theirs)
    assert shown.stdout == piped.stdout
    assert "Testing" in bar
    assert "100%" in bar
