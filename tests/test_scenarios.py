"""Scenarios as content: what a pack's author is told of a scenario that can't be meant."""

from __future__ import annotations

import pytest
from minipack import MiniPack
from test_cli import run

FILE = "scenarios/the-flood.yaml"
FLOOD = """\
title: The flood
story: Six thousand people came in a week.
facts:
  situation_types: [mass_influx]
expect:
  recommended: [shelter]
  never: [camps]
"""
EXAMPLE = """\
title: The flood
facts:
  situation_types: [mass_influx]
  arrivals: 6000
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(
            "situation_types",
            "situation_type",
            "4:3: error: no fact named 'situation_type'; did you mean 'situation_types'? (unknown-fact)",
            id="a fact",
        ),
        pytest.param(
            "mass_influx",
            "mass_inflow",
            "4:3: error: situation_types has no value 'mass_inflow'; did you mean 'mass_influx'?; "
            "allowed: mass_influx, protracted, rescue_at_sea (value-not-allowed)",
            id="a value",
        ),
        pytest.param(
            "[shelter]",
            "[shelter, shelters]",
            "6:26: error: no element or lesson named 'shelters'; did you mean 'shelter'? (unknown-element-or-lesson)",
            id="an element",
        ),
        pytest.param(
            "recommended: [shelter]",
            "headlines: [l-shelte]",
            "6:15: error: no element or lesson named 'l-shelte'; did you mean 'l-shelter'? (unknown-element-or-lesson)",
            id="a headline",
        ),
        pytest.param(
            "recommended: [shelter]",
            "cautions: [shelter]",
            "6:14: error: no lesson named 'shelter'; did you mean 'l-shelter'? (unknown-lesson)",
            id="a caution that is no lesson",
        ),
        pytest.param(
            "recommended: [shelter]",
            "precedents: [town]",
            "6:16: error: no precedent named 'town'; did you mean 'the-town'? (unknown-precedent)",
            id="a precedent",
        ),
        pytest.param(
            "recommended: [shelter]",
            "questions: [arivals]",
            "6:15: error: no fact named 'arivals'; did you mean 'arrivals'? (unknown-fact)",
            id="a question",
        ),
        pytest.param(
            "recommended: [shelter]",
            "red_flags: [shelters-first]",
            "6:15: error: no rule named 'shelters-first'; did you mean 'shelter-first'? (unknown-rule)",
            id="a red flag of no rule",
        ),
        pytest.param(
            "recommended: [shelter]",
            "red_flags: [shelter-first]",
            "6:15: error: the rule 'shelter-first' raises no red flag (scenario-shape)",
            id="a red flag of a rule that raises none",
        ),
        pytest.param(
            "never: [camps]",
            "never: [camp]",
            "7:11: error: no line of advice named 'camp'; did you mean 'camps'?; lines are named after elements, "
            "lessons and, where they are red flags, rules (unknown-line)",
            id="what must never be advised",
        ),
        pytest.param(
            "never: [camps]",
            "nevr: [camps]",
            "7:3: error: no key 'nevr' here; did you mean 'never'?; allowed: recommended, headlines, red_flags, "
            "set_aside, cautions, arguments, precedents, questions, never (unknown-key)",
            id="a key",
        ),
        pytest.param(
            "  recommended: [shelter]\n  never: [camps]\n",
            "  never: []\n",
            "5:1: error: the scenario expects nothing, and so would pass whatever is advised; expect one or more of "
            "recommended, headlines, red_flags, set_aside, cautions, arguments, precedents, questions, never "
            "(scenario-shape)",
            id="nothing expected",
        ),
        pytest.param(
            "expect:\n",
            "example: the-flood\nexpect:\n",
            "5:1: error: a scenario tells its facts itself (facts) or names an example that does (example); "
            "this one does both (scenario-shape)",
            id="facts told twice",
        ),
        pytest.param(
            "facts:\n  situation_types: [mass_influx]\n",
            "",
            "1:1: error: a scenario tells its facts itself (facts) or names an example that does (example); "
            "this one has neither (scenario-shape)",
            id="no facts",
        ),
        pytest.param(
            "facts:\n  situation_types: [mass_influx]\n",
            "example: the-floods\n",
            "3:1: error: no example named 'the-floods'; did you mean 'the-flood'? (unknown-example)",
            id="an example",
        ),
    ],
)
def test_a_fault_in_a_scenario_is_told_where_it_stands(pack: MiniPack, old: str, new: str, problem: str) -> None:
    pack.write(FILE, FLOOD).write("examples/the-flood.yaml", EXAMPLE)
    assert pack.problems() == []
    pack.replace(FILE, old, new)
    assert pack.problems() == [f"{FILE}:{problem}"]


def test_a_fault_in_an_example_is_told_where_it_stands(pack: MiniPack) -> None:
    pack.write("examples/the-flood.yaml", EXAMPLE.replace("6000", "-6"))
    assert pack.problems() == [
        "examples/the-flood.yaml:4:3: error: arrivals is out of range: -6 is not from 0 to 1000000 (out-of-range)"
    ]


def test_a_scenario_takes_its_facts_from_an_example_of_its_pack(pack: MiniPack) -> None:
    told = FLOOD.replace("facts:\n  situation_types: [mass_influx]\n", "example: the-flood\n")
    pack.write(FILE, told).write("examples/the-flood.yaml", EXAMPLE)
    corpus = pack.load()
    assert corpus.scenarios["the-flood"].facts == {"situation_types": ["mass_influx"], "arrivals": 6000}
    assert corpus.written["scenarios:the-flood"] == f"mini/{FILE}:1"


def test_scenarios_and_examples_change_no_answer(pack: MiniPack) -> None:
    before = pack.load().digest
    pack.write(FILE, FLOOD).write("examples/the-flood.yaml", EXAMPLE)
    assert pack.load().digest == before


def test_an_empty_list_expects_that_there_is_none(pack: MiniPack) -> None:
    pack.write(FILE, FLOOD.replace("  recommended: [shelter]\n  never: [camps]\n", "  red_flags: []\n"))
    assert pack.problems() == []


def test_a_scenario_that_tells_its_facts_can_be_advised_on(capsys: pytest.CaptureFixture[str], pack: MiniPack) -> None:
    pack.write(FILE, FLOOD).write("examples/the-flood.yaml", EXAMPLE)
    status, out, _ = run(capsys, "advise", f"mini/{FILE}", "--pack", "mini", "--format", "json")
    assert status == 0
    assert '"element": "shelter"' in out
    pack.replace(FILE, "facts:\n  situation_types: [mass_influx]\n", "example: the-flood\n")
    status, _, err = run(capsys, "advise", f"mini/{FILE}", "--pack", "mini")
    assert status == 1
    assert err == (
        f"mini/{FILE}:3:1: error: this scenario takes its facts from an example: examples/the-flood.yaml; "
        "name that file (scenario-shape)\n"
    )
