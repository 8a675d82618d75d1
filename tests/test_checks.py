from __future__ import annotations

import pytest
from minipack import MiniPack

import advisor
from advisor.corpus import examine

CAMPS = "rules/hosting/camps-on-offered-land.yaml"
SHELTER = "rules/hosting/shelter-first.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        pytest.param(
            "knowledge/sources/paper.yaml",
            'refers_to: ["2"]',
            'refers_to: ["9"]',
            "16:17: error: no place named 'paper:9'; did you mean 'paper:3'? (unknown-place)",
            id="a place that a place refers to",
        ),
        pytest.param(
            "knowledge/sources/paper.yaml",
            "cites: [a-treaty]",
            "cites: [a-treat]",
            "17:13: error: no reference named 'a-treat'; did you mean 'a-treaty'? (unknown-reference)",
            id="a reference that a place cites",
        ),
        pytest.param(
            "knowledge/references.yaml",
            'cited_in: ["1"]',
            'cited_in: ["1", "7"]',
            "5:21: error: no place named 'paper:7'; did you mean 'paper:3'? (unknown-place)",
            id="a place where a reference is cited",
        ),
        pytest.param(
            "knowledge/sources/paper.yaml",
            "references: [a-treaty]",
            "references: [a-treaty, b]",
            "8:24: error: no reference named 'b' (unknown-reference)",
            id="a reference of a source",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            "  - name: region\n    group: A",
            "  - name: region\n    group: B",
            "18:5: error: no fact group named 'B' (unknown-fact-group)",
            id="a group of facts",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            '"false": No land is offered}\n    places: ["2"]',
            '"false": No land is offered}\n    places: ["2", "12"]',
            "55:19: error: no place named 'paper:12'; did you mean 'paper:2'? (unknown-place)",
            id="a place of a fact",
        ),
        pytest.param(
            "knowledge/findings.yaml",
            'places: ["1"]',
            'places: ["11"]',
            "6:14: error: no place named 'paper:11'; did you mean 'paper:1'? (unknown-place)",
            id="a place of a finding",
        ),
        pytest.param(
            "knowledge/findings.yaml",
            "situation_type: mass_influx",
            "situation_type: mass_inflow",
            (
                "7:5: error: no kind of situation named 'mass_inflow'; did you mean 'mass_influx'? "
                "(unknown-kind-of-situation)"
            ),
            id="a kind of situation of a finding",
        ),
        pytest.param(
            "knowledge/elements.yaml",
            'place: "1"\n    text: How',
            'place: "0"\n    text: How',
            "4:5: error: no place named 'paper:0'; did you mean 'paper:3'? (unknown-place)",
            id="a place of a group of elements",
        ),
        pytest.param(
            "knowledge/elements.yaml",
            "  - id: camps\n    group: hosting",
            "  - id: camps\n    group: hostings",
            "14:5: error: no element group named 'hostings'; did you mean 'hosting'? (unknown-element-group)",
            id="a group of elements",
        ),
        pytest.param(
            "knowledge/elements.yaml",
            'places: ["2"]',
            'places: ["other:2"]',
            "17:14: error: no place named 'other:2' (unknown-place)",
            id="a place of an element",
        ),
        pytest.param(
            "knowledge/elements.yaml",
            "not_the_same_as: [shelter]",
            "not_the_same_as: [shelters]",
            "18:23: error: no element named 'shelters'; did you mean 'shelter'? (unknown-element)",
            id="an element that is not the same",
        ),
        pytest.param(
            "knowledge/lessons/paper.yaml",
            '  - id: l-camps\n    place: "2"',
            '  - id: l-camps\n    place: "22"',
            "15:5: error: no place named 'paper:22'; did you mean 'paper:2'? (unknown-place)",
            id="a place of a lesson",
        ),
        pytest.param(
            "knowledge/lessons/paper.yaml",
            "facts: [situation_types]",
            "facts: [situation_type]",
            "13:13: error: no fact named 'situation_type'; did you mean 'situation_types'? (unknown-fact)",
            id="a fact of a lesson",
        ),
        pytest.param(
            "knowledge/lessons/paper.yaml",
            "attaches_to: [camps]",
            "attaches_to: [camps, tents]",
            "44:26: error: no element named 'tents' (unknown-element)",
            id="an element that a lesson attaches to",
        ),
        pytest.param(
            "knowledge/lessons/paper.yaml",
            "    weight: 2\n",
            "    weight: 2\n    same_as: l-camp\n",
            "24:5: error: no lesson named 'l-camp'; did you mean 'l-camps'? (unknown-lesson)",
            id="a lesson that another restates",
        ),
        pytest.param(
            "knowledge/lessons/paper.yaml",
            "    weight: 2\n",
            "    weight: 2\n    same_as: l-camps\n",
            (
                "24:5: error: same_as must name a lesson that is not itself the same as another; 'l-camps' is "
                "(same-as-chain)"
            ),
            id="a lesson that restates itself",
        ),
        pytest.param(
            "knowledge/precedents/the-town.yaml",
            "kinds: [mass_influx]",
            "kinds: [mass_influx, flood]",
            "4:22: error: no kind of situation named 'flood' (unknown-kind-of-situation)",
            id="a kind of situation of a precedent",
        ),
        pytest.param(
            "knowledge/precedents/the-town.yaml",
            'places: ["1"]',
            'places: ["1", "8"]',
            "14:15: error: no place named 'paper:8'; did you mean 'paper:3'? (unknown-place)",
            id="a place of a precedent",
        ),
        pytest.param(
            "knowledge/precedents/the-town.yaml",
            "lessons: [l-shelter]",
            "lessons: [shelter]",
            "15:11: error: no lesson named 'shelter'; did you mean 'l-shelter'? (unknown-lesson)",
            id="a lesson of a precedent",
        ),
        pytest.param(
            "knowledge/precedents/the-town.yaml",
            "references: [a-treaty]",
            "references: [treaty]",
            "16:14: error: no reference named 'treaty'; did you mean 'a-treaty'? (unknown-reference)",
            id="a reference of a precedent",
        ),
        pytest.param(
            "knowledge/precedents/the-town.yaml",
            "elements_present: [shelter]",
            "elements_present: [sheltr]",
            "12:20: error: no element named 'sheltr'; did you mean 'shelter'? (unknown-element)",
            id="an element that a precedent had",
        ),
        pytest.param(
            "knowledge/precedents/the-town.yaml",
            "elements_absent: [camps]",
            "elements_absent: [camps, kitchens]",
            "13:26: error: no element named 'kitchens' (unknown-element)",
            id="an element that a precedent lacked",
        ),
        pytest.param(
            "knowledge/precedents/the-town.yaml",
            'value: about 5000, place: "1"',
            'value: about 5000, place: "5"',
            "11:39: error: no place named 'paper:5'; did you mean 'paper:3'? (unknown-place)",
            id="a place of a figure",
        ),
        pytest.param(
            "knowledge/precedents/the-town.yaml",
            "arrivals: 5000",
            "arrival: 5000",
            "9:3: error: no fact named 'arrival'; did you mean 'arrivals'? (unknown-fact)",
            id="a fact in a precedent's situation",
        ),
        pytest.param(
            "knowledge/precedents/the-town.yaml",
            "arrivals: 5000",
            "arrivals: -1",
            "9:3: error: arrivals is out of range: -1 is not from 0 to 1000000 (out-of-range)",
            id="a value in a precedent's situation",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            "    values:\n      - {value: north, label: North}\n      - {value: south, label: South}\n",
            "",
            "17:5: error: region is of type enum and lists no values (fact-shape)",
            id="an enum without values",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            "      - {value: south, label: South}\n",
            "      - {value: south, label: South}\n      - {value: south, label: Far south}\n",
            "27:9: error: the value 'south' stands here twice (duplicate-id)",
            id="a value that is listed twice",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            "    unit: people\n",
            "    unit: people\n    values:\n      - {value: few, label: Few}\n",
            "34:5: error: a fact of type integer has no list of values (fact-shape)",
            id="a number with values",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            '{"true": Land is offered, "false": No land is offered}',
            '{"true": Land is offered}',
            "54:5: error: land_offered needs labels for true and for false (fact-shape)",
            id="a boolean with one label",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            '    labels: {"true": Land is offered, "false": No land is offered}\n',
            "",
            "48:5: error: land_offered needs labels for true and for false (fact-shape)",
            id="a boolean without labels",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            "    maximum: 150\n",
            "",
            "39:5: error: years is a number and needs a minimum and a maximum (fact-shape)",
            id="a number without a maximum",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            "      situation_types: {has: protracted}\n",
            "      finding: mass-influx\n",
            "46:5: error: ask_when tests facts only, not findings (ask-when-finding)",
            id="a question that depends on a finding",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            "      situation_types: {has: protracted}\n",
            "      situation_kinds: {has: protracted}\n",
            "47:7: error: no fact named 'situation_kinds'; did you mean 'situation_types'? (unknown-fact)",
            id="a question that depends on no known fact",
        ),
        pytest.param(
            "rules/hosting/camps-on-offered-land.yaml",
            "id: camps-on-offered-land",
            "id: camps-on-land",
            (
                "1:1: error: the rule's id 'camps-on-land' differs from its file's name 'camps-on-offered-land' "
                "(id-not-file-name)"
            ),
            id="an id that is not the file's name",
        ),
        pytest.param(
            "rules/hosting/no-camps-for-years.yaml",
            "note: Five years is our reading of long.\n",
            "",
            "3:1: error: a rule whose reading is ours needs a note that says what is ours (reading-without-note)",
            id="a reading of ours without a note",
        ),
        pytest.param(
            "rules/hosting/shelter-first.yaml",
            "    cites: [the-town]\n",
            "    cites: [the-town]\n  - recommends: [shelter]\n",
            (
                "11:5: error: a consequence has exactly one of finding, lesson, contradiction, already_met; "
                "this one has none (consequence-shape)"
            ),
            id="a consequence of no kind",
        ),
        pytest.param(
            "rules/findings/mass-influx.yaml",
            "  - finding: mass-influx\n",
            "  - finding: mass-influx\n    recommends: [shelter]\n",
            "11:5: error: recommends can stand only beside a lesson (consequence-shape)",
            id="elements recommended beside a finding",
        ),
        pytest.param(
            "rules/hosting/no-camps-for-years.yaml",
            "    cautions: [camps]\n",
            "    cautions: [camps]\n    flags: []\n",
            (
                "10:5: error: a lesson is applied by one of recommends, cautions, flags, argues; here are "
                "cautions, flags. Write two consequences (consequence-shape)"
            ),
            id="a lesson applied in two ways",
        ),
        pytest.param(
            "rules/hosting/shelter-first.yaml",
            "    cites: [the-town]\n",
            "    cites: [the-town]\n  - lesson: l-shelter\n",
            (
                "11:5: error: the lesson is named but not applied; add one of recommends, cautions, flags, "
                "argues, cites, defeats (consequence-shape)"
            ),
            id="a lesson named but not applied",
        ),
        pytest.param(
            "rules/hosting/shelter-first.yaml",
            "    cites: [the-town]\n",
            "    cites: [the-town]\n  - already_met: []\n",
            "11:5: error: name at least one element (consequence-shape)",
            id="nothing met already",
        ),
        pytest.param(
            "rules/hosting/shelter-first.yaml",
            "  finding: mass-influx\n",
            (
                "  any:\n    - all:\n      - finding: mass-influx\n      - finding: mass-inflow\n    - "
                "land_offered: true\n"
            ),
            "7:9: error: no finding named 'mass-inflow'; did you mean 'mass-influx'? (unknown-finding)",
            id="a finding in a rule's condition",
        ),
        pytest.param(
            "rules/hosting/shelter-first.yaml",
            "  arrivals: {more_than: 50000}\n",
            "  finding: mass-inflows\n",
            "6:3: error: no finding named 'mass-inflows'; did you mean 'mass-influx'? (unknown-finding)",
            id="a finding in what presses",
        ),
        pytest.param(
            "rules/findings/mass-influx.yaml",
            "  - finding: mass-influx\n",
            "  - finding: mass-influx\n  - finding: influx\n",
            "11:5: error: no finding named 'influx'; did you mean 'mass-influx'? (unknown-finding)",
            id="a finding that a rule derives",
        ),
        pytest.param(
            "rules/hosting/shelter-first.yaml",
            "    cites: [the-town]\n",
            "    cites: [the-town]\n  - lesson: l-sheltr\n    recommends: [shelter]\n",
            "11:5: error: no lesson named 'l-sheltr'; did you mean 'l-shelter'? (unknown-lesson)",
            id="a lesson that a rule applies",
        ),
        pytest.param(
            "rules/hosting/camps-on-offered-land.yaml",
            "recommends: [camps]",
            "recommends: [camps, camp]",
            "7:25: error: no element named 'camp'; did you mean 'camps'? (unknown-element)",
            id="an element that a rule recommends",
        ),
        pytest.param(
            "rules/hosting/shelter-first.yaml",
            "    cites: [the-town]\n",
            "    cites: [the-town]\n  - already_met: [roofs]\n",
            "11:19: error: no element named 'roofs' (unknown-element)",
            id="an element that is met already",
        ),
        pytest.param(
            "rules/hosting/shelter-first.yaml",
            "cites: [the-town]",
            "cites: [the-city, the-town]",
            "10:13: error: no precedent named 'the-city'; did you mean 'the-town'? (unknown-precedent)",
            id="a precedent that a rule cites",
        ),
        pytest.param(
            "rules/hosting/no-camps-for-years.yaml",
            "defeats: [camps]",
            "defeats: [camps, l-camp]",
            "10:22: error: no element or lesson named 'l-camp'; did you mean 'l-camps'? (unknown-element-or-lesson)",
            id="what a rule defeats",
        ),
        pytest.param(
            "rules/hosting/no-camps-for-years.yaml",
            "cautions: [camps]",
            "recommends: [camps]",
            "9:5: error: lesson l-no-camps speaks against something; apply it by cautions or flags (recommends-avoid)",
            id="a lesson against something that is made to recommend",
        ),
        pytest.param(
            "rules/hosting/camps-on-offered-land.yaml",
            "recommends: [camps]",
            "recommends: [camps]\n    strength: should",
            (
                "8:5: error: 'should' is not weaker than the lesson's own 'consider'; a rule may only weaken a "
                "lesson (strength-raised)"
            ),
            id="a strength above the lesson's own",
        ),
        pytest.param(
            "rules/hosting/camps-on-offered-land.yaml",
            "recommends: [camps]",
            "recommends: [camps]\n    strength: consider",
            (
                "8:5: error: 'consider' is not weaker than the lesson's own 'consider'; a rule may only weaken "
                "a lesson (strength-raised)"
            ),
            id="a strength that is the lesson's own",
        ),
        pytest.param(
            "rules/hosting/no-camps-for-years.yaml",
            "    cautions: [camps]\n",
            "    cautions: [camps]\n    strength: consider\n",
            (
                "10:5: error: 'consider' is not weaker than the lesson's own 'avoid'; a rule may only weaken a "
                "lesson (strength-raised)"
            ),
            id="a strength for a lesson that speaks against something",
        ),
        pytest.param(
            "rules/hosting/shelter-first.yaml",
            "recommends: [shelter]",
            "recommends: [shelter]\n    strength: avoid",
            (
                "10:5: error: 'avoid' is not weaker than the lesson's own 'should'; a rule may only weaken a "
                "lesson (strength-raised)"
            ),
            id="avoid for a lesson that calls for something",
        ),
        pytest.param(
            "rules/hosting/camps-on-offered-land.yaml",
            (
                "  - name: no land is offered\n"
                "    given: {land_offered: false}\n"
                "    expect: silent\n"
                "  - name: nobody asked\n"
                "    given: {}\n"
                "    expect: open\n"
            ),
            "",
            (
                "8:1: error: a rule needs a test that expects each of fires, silent and open; missing: silent, "
                "open (missing-tests)"
            ),
            id="tests of one outcome alone",
        ),
        pytest.param(
            "rules/hosting/camps-on-offered-land.yaml",
            (
                "tests:\n"
                "  - name: land is offered\n"
                "    given: {land_offered: true}\n"
                "    expect: fires\n"
                "  - name: no land is offered\n"
                "    given: {land_offered: false}\n"
                "    expect: silent\n"
                "  - name: nobody asked\n"
                "    given: {}\n"
                "    expect: open\n"
            ),
            "",
            (
                "1:1: error: a rule needs a test that expects each of fires, silent and open; missing: fires, "
                "silent, open (missing-tests)"
            ),
            id="no tests",
        ),
        pytest.param(
            "rules/hosting/camps-on-offered-land.yaml",
            "name: nobody asked",
            "name: land is offered",
            "15:5: error: two tests are called 'land is offered' (duplicate-id)",
            id="two tests of one name",
        ),
        pytest.param(
            "rules/hosting/camps-on-offered-land.yaml",
            "given: {land_offered: false}",
            "given: {land_offerd: false}",
            "13:13: error: no fact named 'land_offerd'; did you mean 'land_offered'? (unknown-fact)",
            id="a fact in a test",
        ),
        pytest.param(
            "rules/findings/mass-influx.yaml",
            "given: {situation_types: [mass_influx]}",
            "given: {situation_types: [mass_influx, drought]}",
            (
                "13:13: error: situation_types has no value 'drought'; allowed: mass_influx, protracted, "
                "rescue_at_sea (value-not-allowed)"
            ),
            id="a value in a test",
        ),
        pytest.param(
            "knowledge/findings.yaml",
            "    situation_type: mass_influx\n",
            (
                "    situation_type: mass_influx\n"
                "  - id: crowding\n"
                "    title: Crowding\n"
                "    text: Many people.\n"
                "    kind: strain\n"
            ),
            "8:5: error: no rule derives the finding 'crowding' (finding-never-derived)",
            id="a finding that no rule derives",
        ),
        pytest.param(
            "knowledge/lessons/paper.yaml",
            "    attaches_to: [camps]\n",
            "",
            (
                "34:5: error: lesson l-choice leads to nothing: apply it in a rule, attach it to an element "
                "(attaches_to), make it a notice, or say why not (no_advice) (lesson-unused)"
            ),
            id="a lesson that leads to nothing",
        ),
        pytest.param(
            "knowledge/lessons/paper.yaml",
            "    attaches_to: [camps]\n",
            "    attaches_to: [camps]\n    no_advice: Nobody asks.\n",
            "45:5: error: lesson l-choice says that it leads to no advice, but it does (lesson-used)",
            id="a lesson that leads to something and says it does not",
        ),
        pytest.param(
            "knowledge/sources/paper.yaml",
            "    no_lesson: Thanks alone.\n",
            "",
            (
                "24:5: error: no lesson rests on paper:3; write one, or say why there is none (no_lesson) "
                "(place-uncovered)"
            ),
            id="a place without a lesson",
        ),
        pytest.param(
            "knowledge/sources/paper.yaml",
            "    gist: Camps are a last resort.\n",
            "    gist: Camps are a last resort.\n    no_lesson: None.\n",
            "24:5: error: paper:2 says that it has no lesson, but it has (place-covered)",
            id="a place with a lesson that says it has none",
        ),
        pytest.param(
            "knowledge/elements.yaml",
            "  - id: camps\n",
            "  - id: kitchens\n    group: hosting\n    title: Kitchens\n    text: Food for all.\n  - id: camps\n",
            "13:5: warning: no rule recommends the element 'kitchens' (element-never-recommended)",
            id="an element that no rule recommends",
        ),
    ],
)
def test_a_slip_is_that_one_problem(pack: MiniPack, file: str, old: str, new: str, problem: str) -> None:
    assert pack.replace(file, old, new).problems() == [f"{file}:{problem}"]


def test_an_unknown_source_of_lessons_is_a_problem(pack: MiniPack) -> None:
    text = pack.text("knowledge/lessons/paper.yaml").split("  - id: l-camps")[0]
    text = text.replace("l-shelter", "l-other").replace('place: "1"', "place: paper:1") + "    notice: true\n"
    pack.write("knowledge/lessons/other.yaml", text.replace("source: paper", "source: papper"))
    assert pack.problems() == [
        "knowledge/lessons/other.yaml:1:1: error: no source named 'papper'; did you mean 'paper'? (unknown-source)"
    ]


def test_a_chain_of_lessons_that_restate_each_other_is_a_problem(pack: MiniPack) -> None:
    file = "knowledge/lessons/paper.yaml"
    pack.replace(file, "    weight: 2\n", "    weight: 2\n    same_as: l-choice\n")
    pack.replace(file, "    attaches_to: [camps]\n", "    attaches_to: [camps]\n    same_as: l-shelter\n")
    assert pack.problems() == [
        f"{file}:24:5: error: same_as must name a lesson that is not itself the same as another; 'l-choice' is "
        "(same-as-chain)"
    ]


@pytest.mark.parametrize(
    ("second", "both"),
    [
        ("contradiction: These do not fit.", "lesson, contradiction"),
        ("already_met: [camps]", "lesson, already_met"),
        ("finding: mass-influx", "finding, lesson"),
    ],
)
def test_a_consequence_of_two_kinds_is_a_problem(pack: MiniPack, second: str, both: str) -> None:
    pack.replace(CAMPS, "recommends: [camps]\n", f"recommends: [camps]\n    {second}\n")
    assert pack.problems() == [
        f"{CAMPS}:6:5: error: a consequence has exactly one of finding, lesson, contradiction, already_met; "
        f"this one has {both} (consequence-shape)"
    ]


@pytest.mark.parametrize("stray", ["cites: [the-town]", "defeats: [camps]", "strength: consider", "flags: []"])
def test_what_belongs_to_a_lesson_cannot_stand_beside_a_finding(pack: MiniPack, stray: str) -> None:
    file = "rules/findings/mass-influx.yaml"
    pack.replace(file, "  - finding: mass-influx\n", f"  - finding: mass-influx\n    {stray}\n")
    key = stray.split(":")[0]
    assert pack.problems() == [f"{file}:11:5: error: {key} can stand only beside a lesson (consequence-shape)"]


def test_a_recommendation_of_nothing_is_a_problem(pack: MiniPack) -> None:
    pack.replace(CAMPS, "recommends: [camps]\n", "recommends: [camps]\n  - lesson: l-camps\n    recommends: []\n")
    assert pack.problems() == [f"{CAMPS}:8:5: error: name at least one element (consequence-shape)"]


def test_a_defeater_that_is_defeated_is_a_problem_that_names_both_rules(pack: MiniPack) -> None:
    pack.replace(CAMPS, "recommends: [camps]", "recommends: [camps]\n    defeats: [l-no-camps]")
    assert pack.problems() == [
        "rules/hosting/no-camps-for-years.yaml:10:5: error: lesson l-no-camps defeats others here, but is itself "
        f"defeated by rule camps-on-offered-land (mini/{CAMPS}:1); a defeater may not be defeated (defeated-defeater)"
    ]


def test_a_circle_of_findings_is_a_problem_of_each_rule_in_it(pack: MiniPack) -> None:
    finding = "  - id: crowding\n    title: Crowding\n    text: Many people.\n    kind: strain\n"
    pack.append("knowledge/findings.yaml", finding)
    file = "rules/findings/mass-influx.yaml"
    pack.replace(file, "at_least: 10000}\n", "at_least: 10000}\n    - finding: crowding\n")
    pack.replace(SHELTER, "cites: [the-town]\n", "cites: [the-town]\n  - finding: crowding\n")
    problems = pack.problems()
    assert [problem.split(" findings run")[0] for problem in problems] == [
        f"{file}:5:1: error:",
        f"{SHELTER}:3:1: error:",
    ]
    assert all("in a circle" in problem and problem.endswith("(finding-cycle)") for problem in problems)
    assert all("mass-influx" in problem and "crowding" in problem for problem in problems)


def test_a_finding_that_rests_on_itself_is_a_circle(pack: MiniPack) -> None:
    file = "rules/findings/mass-influx.yaml"
    pack.replace(file, "at_least: 10000}\n", "at_least: 10000}\n    - finding: mass-influx\n")
    assert pack.problems() == [
        f"{file}:5:1: error: findings run in a circle: mass-influx → mass-influx (finding-cycle)"
    ]


def test_a_warning_does_not_refuse_the_corpus(pack: MiniPack) -> None:
    kitchens = "  - id: kitchens\n    group: hosting\n    title: Kitchens\n    text: Food for all.\n"
    corpus = pack.append("knowledge/elements.yaml", kitchens).load()
    assert [problem.code for problem in corpus.warnings] == ["element-never-recommended"]
    assert "kitchens" in corpus.elements


def test_an_error_refuses_the_corpus_and_leaves_warnings_out(pack: MiniPack) -> None:
    kitchens = "  - id: kitchens\n    group: hosting\n    title: Kitchens\n    text: Food for all.\n"
    pack.append("knowledge/elements.yaml", kitchens).replace(CAMPS, "recommends: [camps]", "recommends: [camps, roofs]")
    assert len(pack.problems()) == 2
    with pytest.raises(advisor.CorpusError) as refused:
        pack.load()
    assert [problem.code for problem in refused.value.problems] == ["unknown-element"]


def test_problems_of_several_files_are_all_told_at_once(pack: MiniPack) -> None:
    pack.replace(CAMPS, "recommends: [camps]", "recommends: [camps, tents]")
    pack.replace(SHELTER, "cites: [the-town]", "cites: [the-city]")
    pack.replace("knowledge/findings.yaml", 'places: ["1"]', 'places: ["77"]')
    pack.replace("rules/hosting/no-camps-for-years.yaml", "given: {years: 1}", "given: {years: 151}")
    problems = pack.problems()
    assert [problem.rsplit(" ", 1)[1] for problem in problems] == [
        "(unknown-place)",
        "(unknown-element)",
        "(out-of-range)",
        "(unknown-precedent)",
    ]
    with pytest.raises(advisor.CorpusError) as refused:
        pack.load()
    assert len(refused.value.problems) == 4


def test_a_pack_without_rules_is_refused(pack: MiniPack) -> None:
    for name in ("knowledge/findings.yaml", "knowledge/elements.yaml", "knowledge/precedents/the-town.yaml"):
        pack.remove(name)
    for path in sorted((pack.folder / "rules").rglob("*.yaml")):
        path.unlink()
    lessons = pack.text("knowledge/lessons/paper.yaml").replace("    attaches_to: [camps]\n", "")
    pack.write("knowledge/lessons/paper.yaml", lessons.replace("    weight:", "    no_advice: None.\n    weight:"))
    corpus, problems = examine("mini")
    assert corpus is None
    assert list(map(str, problems)) == ["mini/knowledge/pack.yaml:1:1: error: there is no rule in this pack (no-rules)"]


def test_the_built_in_corpus_has_no_problems(corpus: advisor.Corpus) -> None:
    assert [str(problem) for problem in corpus.warnings if problem.severity == "error"] == []
