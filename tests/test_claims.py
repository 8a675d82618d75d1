"""The language of invariants: what is read, what is refused and where, and what holds of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from minipack import MiniPack

from advisor import Corpus, situation
from advisor.case import Case
from advisor.engine import engine_for
from advisor.invariants import deciding, holds, outcome_of, said

FILE = "knowledge/invariants.yaml"


def written(**keys: Any) -> str:
    """Return an invariants file with one invariant, a key a line."""
    invariant = {"title": "One", "reason": "Because.", "places": ["1"], **keys}
    lines = (f"    {key}: {json.dumps(value)}\n" for key, value in invariant.items())
    return "invariants:\n  - id: one\n" + "".join(lines)


def true_of(pack: MiniPack, claim: Any, facts: dict[str, Any]) -> bool:
    corpus = pack.write(FILE, written(never=claim)).load()
    known = situation.parse(facts, corpus.facts)
    outcome = outcome_of(Case(corpus, known, engine_for(corpus).run(known)))
    return holds(corpus.promises["one"].wherever, outcome)


CAMPS = {"land_offered": True}
DEFEATED = {"land_offered": True, "years": 6}
INFLUX = {"situation_types": ["mass_influx"]}


@pytest.mark.parametrize(
    ("claim", "facts", "expected"),
    [
        ({"recommends": "camps"}, CAMPS, True),
        ({"recommends": "camps"}, DEFEATED, False),
        ({"recommends": "shelter"}, CAMPS, False),
        ({"recommends_any": ["camps", "shelter"]}, CAMPS, True),
        ({"recommends_all": ["camps", "shelter"]}, CAMPS, False),
        ({"recommends_all": ["camps", "shelter"]}, {**CAMPS, **INFLUX}, True),
        ({"recommends_any_of_group": "hosting"}, CAMPS, True),
        ({"recommends_any_of_group": "hosting"}, {}, False),
        ({"cautions": "l-no-camps"}, DEFEATED, True),
        ({"cautions": "l-no-camps"}, CAMPS, False),
        ({"flags": "camps-on-offered-land"}, CAMPS, False),
        ({"argues": "l-camps"}, CAMPS, False),
        ({"prints": "l-camps"}, CAMPS, True),
        ({"prints": "l-camps"}, DEFEATED, False),
        ({"prints": "l-choice"}, CAMPS, True),
        ({"prints": "l-choice"}, DEFEATED, False),
        ({"prints": "l-no-camps"}, DEFEATED, True),
        ({"sets_aside": "camps"}, DEFEATED, True),
        ({"sets_aside": "l-camps"}, DEFEATED, True),
        ({"sets_aside": "camps"}, CAMPS, False),
        ({"sets_aside": "camps"}, {}, False),
        ({"fires": "no-camps-for-years"}, DEFEATED, True),
        ({"fires": "no-camps-for-years"}, CAMPS, False),
        ({"presses": "shelter-first"}, {"arrivals": 60_000}, True),
        ({"presses": "shelter-first"}, {"arrivals": 10_000}, False),
        ({"finding": "mass-influx"}, INFLUX, True),
        ({"finding": "mass-influx"}, {}, False),
        ({"known": "years"}, DEFEATED, True),
        ({"known": "years"}, CAMPS, False),
        ({"guarded": {"elements": ["camps"], "by": ["l-choice"]}}, CAMPS, True),
        ({"guarded": {"elements": ["camps"], "by": ["l-camps"]}}, CAMPS, True),
        ({"guarded": {"elements": ["camps"], "by": ["l-shelter"]}}, CAMPS, False),
        ({"guarded": {"elements": ["camps"], "by": ["l-choice", "l-shelter"]}}, CAMPS, False),
        ({"guarded": {"elements": ["camps"], "by": ["l-shelter"]}}, DEFEATED, True),
        ({"land_offered": True}, CAMPS, True),
        ({"land_offered": False}, {}, False),
        ({"not": {"land_offered": False}}, {}, True),
        ({"not": {"recommends": "camps"}}, {}, True),
        ({"not": {"finding": "mass-influx"}}, {}, True),
        ({"years": {"at_least": 5, "less_than": 7}}, DEFEATED, True),
        ({"years": {"at_least": 5, "less_than": 6}}, DEFEATED, False),
        ({"all": [{"recommends": "camps"}, {"not": {"known": "years"}}]}, CAMPS, True),
        ({"all": [{"recommends": "camps"}, {"known": "years"}]}, CAMPS, False),
        ({"any": [{"recommends": "shelter"}, {"known": "land_offered"}]}, CAMPS, True),
    ],
)
def test_a_claim_holds_of_an_answer(pack: MiniPack, claim: Any, facts: dict[str, Any], expected: bool) -> None:
    assert true_of(pack, claim, facts) is expected


def test_a_red_flag_is_named_by_its_rule_and_by_its_lesson(pack: MiniPack) -> None:
    pack.replace("rules/hosting/no-camps-for-years.yaml", "cautions: [camps]", "flags: [camps]")
    for name in ("no-camps-for-years", "l-no-camps"):
        assert true_of(pack, {"flags": name}, {"years": 6})
        assert not true_of(pack, {"flags": name}, {"years": 1})


def test_a_lesson_counts_as_the_one_that_it_restates(pack: MiniPack) -> None:
    again = pack.text("knowledge/lessons/paper.yaml").split("  - id: l-choice\n")[1]
    pack.append("knowledge/lessons/paper.yaml", f"  - id: l-again\n{again.rstrip()}\n    same_as: l-choice\n")
    for name in ("l-choice", "l-again"):
        assert true_of(pack, {"prints": name}, CAMPS)
        assert true_of(pack, {"guarded": {"elements": ["camps"], "by": [name]}}, CAMPS)


def test_what_makes_a_claim_hold_is_told_in_words(pack: MiniPack) -> None:
    claim = {
        "all": [
            {"recommends": "camps"},
            {"not": {"any": [{"prints": "l-shelter"}, {"finding": "mass-influx"}]}},
            {"not": {"known": "region"}},
            {"land_offered": True},
            {"not": {"guarded": {"elements": ["camps"], "by": ["l-shelter"]}}},
        ]
    }
    corpus = pack.write(FILE, written(never=claim)).load()
    known = situation.parse(CAMPS, corpus.facts)
    outcome = outcome_of(Case(corpus, known, engine_for(corpus).run(known)))
    told = [said(atom, truth) for atom, truth in deciding(corpus.promises["one"].wherever, outcome)]
    assert told == [
        "camps is recommended",
        "l-shelter is not printed",
        "the finding mass-influx is not derived",
        "region is unknown",
        "land_offered is true",
        "l-shelter is not printed with camps",
    ]


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        pytest.param(
            {"never": {"recommends": "camp"}},
            "6:13: error: no element named 'camp'; did you mean 'camps'? (unknown-element)",
            id="an element",
        ),
        pytest.param(
            {"never": {"recommends_any": ["camps", "shelters"]}},
            "6:41: error: no element named 'shelters'; did you mean 'shelter'? (unknown-element)",
            id="an element of a list",
        ),
        pytest.param(
            {"never": {"recommends_any_of_group": "hostin"}},
            "6:13: error: no element group named 'hostin'; did you mean 'hosting'? (unknown-element-group)",
            id="a group of elements",
        ),
        pytest.param(
            {"never": {"prints": "l-chioce"}},
            "6:13: error: no lesson named 'l-chioce'; did you mean 'l-choice'? (unknown-lesson)",
            id="a lesson",
        ),
        pytest.param(
            {"never": {"flags": "shelterfirst"}},
            "6:13: error: no rule or lesson named 'shelterfirst'; did you mean 'shelter-first'? "
            "(unknown-rule-or-lesson)",
            id="a rule or lesson",
        ),
        pytest.param(
            {"never": {"sets_aside": "tents"}},
            "6:13: error: no element or lesson named 'tents' (unknown-element-or-lesson)",
            id="an element or lesson",
        ),
        pytest.param(
            {"never": {"fires": "shelter-frist"}},
            "6:13: error: no rule named 'shelter-frist'; did you mean 'shelter-first'? (unknown-rule)",
            id="a rule",
        ),
        pytest.param(
            {"never": {"finding": "mass-inflow"}},
            "6:13: error: no finding named 'mass-inflow'; did you mean 'mass-influx'? (unknown-finding)",
            id="a finding",
        ),
        pytest.param(
            {"never": {"known": "year"}},
            "6:13: error: no fact named 'year'; did you mean 'years'? (unknown-fact)",
            id="a fact",
        ),
        pytest.param(
            {"never": {"recomends": "camps"}},
            "6:13: error: no claim or fact named 'recomends'; did you mean 'recommends'? (unknown-claim)",
            id="a misspelt claim",
        ),
        pytest.param(
            {"never": {"land_oferred": True}},
            "6:13: error: no claim or fact named 'land_oferred'; did you mean 'land_offered'? (unknown-claim)",
            id="a misspelt fact",
        ),
        pytest.param(
            {"never": {"region": "east"}},
            "6:13: error: region has no value 'east'; allowed: north, south (value-not-allowed)",
            id="a value of a fact",
        ),
        pytest.param(
            {"never": {"recommends": ["camps"]}},
            "6:13: error: 'recommends' takes the name of one element (claim-shape)",
            id="a list where one name stands",
        ),
        pytest.param(
            {"never": {"prints_all": "l-choice"}},
            "6:13: error: 'prints_all' takes a list of one or more names: lessons (claim-shape)",
            id="a name where a list stands",
        ),
        pytest.param(
            {"never": {"all": []}},
            "6:13: error: 'all' takes a list of one or more claims (claim-shape)",
            id="nothing to join",
        ),
        pytest.param(
            {"never": {"guarded": {"elements": ["camps"], "with": ["l-choice"]}}},
            "6:13: error: 'guarded' takes two keys: elements (a list of elements) and by (a list of lessons) "
            "(claim-shape)",
            id="a key of guarded",
        ),
        pytest.param(
            {"wherever": {"recommends": "camps"}},
            "2:5: error: an invariant has wherever and then, or never alone; this one has wherever (invariant-shape)",
            id="half of an invariant",
        ),
        pytest.param(
            {"wherever": {"recommends": "camps"}, "never": {"recommends": "shelter"}},
            "2:5: error: an invariant has wherever and then, or never alone; this one has wherever and never "
            "(invariant-shape)",
            id="two kinds of invariant in one",
        ),
        pytest.param(
            {"never": {"recommends": "camps"}, "places": ["8"]},
            "5:14: error: no place named 'paper:8'; did you mean 'paper:3'? (unknown-place)",
            id="a place",
        ),
    ],
)
def test_a_problem_of_an_invariant_is_placed(pack: MiniPack, claims: dict[str, Any], problem: str) -> None:
    assert pack.write(FILE, written(**claims)).problems() == [f"{FILE}:{problem}"]


def test_a_claim_that_is_no_mapping_with_one_key_is_refused_with_all_that_may_begin_one(pack: MiniPack) -> None:
    (problem,) = pack.write(FILE, written(never={"recommends": "camps", "known": "years"})).problems()
    assert "a claim is a mapping with one key (a fact, or one of all, any, not, finding, known, recommends" in problem
    assert problem.endswith("this has 2 keys. Join several by all or any (claim-shape)")


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("lesson", "l-no-camp", "no lesson named 'l-no-camp'; did you mean 'l-no-camps'? (unknown-lesson)"),
        ("elements", ["camp"], "no element named 'camp'; did you mean 'camps'? (unknown-element)"),
        ("places", ["8"], "no place named 'paper:8'; did you mean 'paper:3'? (unknown-place)"),
    ],
)
def test_a_problem_of_a_tension_is_placed(pack: MiniPack, key: str, value: Any, problem: str) -> None:
    tension = {"lesson": "l-no-camps", "elements": ["camps"], "reason": "Both.", "places": ["2"], key: value}
    (found,) = pack.write(FILE, yaml.safe_dump({"tensions": [tension]}, sort_keys=False)).problems()
    assert found.startswith(f"{FILE}:")
    assert found.endswith(f": error: {problem}")


def test_two_invariants_of_one_name_are_refused(pack: MiniPack) -> None:
    text = written(never={"recommends": "camps"})
    (problem,) = pack.write(FILE, text + text.split("\n", 1)[1]).problems()
    assert problem.endswith("error: 'one' exists already, at mini/knowledge/invariants.yaml:2 (duplicate-id)")


def test_invariants_change_no_advice_and_no_digest(pack: MiniPack) -> None:
    before = pack.load()
    after = pack.write(FILE, written(never={"recommends": "camps"})).load()
    assert after.digest == before.digest
    assert [one.id for one in after.invariants.values()] == ["one"]


def test_the_names_in_an_invariant_are_of_packs_on_which_it_builds(pack: MiniPack) -> None:
    other = pack.folder.parent / "other"
    manifest = "id: other\nversion: 1.0.0\ntitle: Other\ntext: Another pack.\n"
    (other / "knowledge").mkdir(parents=True)
    (other / "knowledge/pack.yaml").write_text(manifest, encoding="utf-8")
    claim = {"all": [{"recommends": "camps"}, {"fires": "shelter-first"}, {"years": {"at_least": 1}}]}
    (other / FILE).write_text(written(never=claim, places=["paper:1"]), encoding="utf-8")

    from advisor.corpus import examine

    corpus, problems = examine(pack.folder, other)
    assert corpus is None
    codes = [(problem.code, problem.message.split(" is of")[0]) for problem in problems]
    assert codes == [
        ("not-built-on", "the place 'paper:1'"),
        ("not-built-on", "the element 'camps'"),
        ("not-built-on", "the rule 'shelter-first'"),
        ("not-built-on", "the fact 'years'"),
    ]
    (other / "knowledge/pack.yaml").write_text(manifest + "builds_on: [{pack: mini}]\n", encoding="utf-8")
    both, problems = examine(pack.folder, other)
    assert isinstance(both, Corpus), problems
    assert both.origins["invariants:one"] == "other"
