from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from kleene import Raw, Reading, rule_files
from strategies import SITUATIONS
from test_cli import run

import advisor
from advisor import situation, whynot
from advisor.advice import assemble
from advisor.applications import canonical
from advisor.case import Case
from advisor.corpus import Corpus
from advisor.errors import UnknownIdError
from advisor.lookahead import look_ahead
from advisor.why import Why, why
from advisor.whynot import ConditionState, RuleState, WhyNot, why_not
from api.app import create_app

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "60"))
KOSOVO = str(Path(__file__).resolve().parent.parent / "examples" / "kosovo-1999.yaml")


def case_of(facts: Raw, corpus: Corpus | None = None) -> Case:
    known = corpus or advisor.load_corpus()
    parsed = situation.parse(facts, known.facts)
    return Case(known, parsed, look_ahead(known, parsed))


def leading(kind: str, name: str) -> set[str]:
    """Return the rules that can lead to a thing, by the rules as written."""
    if kind == "rule":
        return {name}
    if kind == "finding":
        return {rule for rule, raw in rule_files().items() if any(then.get("finding") == name for then in raw["then"])}
    elements = {name} if kind == "element" else set(advisor.load_corpus().lessons[name].attaches_to)
    return {
        rule
        for rule, raw in rule_files().items()
        for then in raw["then"]
        if elements & set(then.get("recommends", ())) or (kind == "lesson" and then.get("lesson") == name)
    }


def target(data: st.DataObject) -> tuple[str, str]:
    corpus = advisor.load_corpus()
    kind = data.draw(st.sampled_from(["element", "lesson", "finding", "rule"]))
    return kind, data.draw(st.sampled_from(sorted(getattr(corpus, f"{kind}s"))))


def folded(state: ConditionState) -> bool | None:
    """Return the truth of a condition from its leaves, by Kleene's tables."""
    if not state.parts:
        return state.truth
    found = [folded(part) for part in state.parts]
    decisive = state.kind == "any"
    return decisive if decisive in found else None if None in found else not decisive


def nodes(state: ConditionState) -> Iterator[ConditionState]:
    yield state
    for part in state.parts:
        yield from nodes(part)


@settings(max_examples=EXAMPLES)
@given(SITUATIONS, st.data())
def test_why_not_agrees_with_the_rules_as_written(facts: Raw, data: st.DataObject) -> None:
    kind, name = target(data)
    reading = Reading(facts)
    answer = why_not(case_of(facts), f"{kind}:{name}")
    assert {rule.rule for rule in answer.rules} == leading(kind, name)
    statuses: dict[bool | None, str] = {True: "fired", None: "open", False: "silent"}
    states = [*answer.rules, *(rule for finding in answer.findings for rule in finding.rules)]
    findings = {finding.finding: finding for finding in answer.findings}
    for rule in states:
        assert rule.status == statuses[reading.rules[rule.rule]]
        for node in nodes(rule.when):
            assert node.truth == folded(node)
            if node.kind == "finding":
                assert node.finding is not None
                assert node.truth == reading.findings[node.finding] == findings[node.finding].truth
            if node.kind == "fact":
                assert (node.truth is None) is (node.fact not in facts)
    for finding in answer.findings:
        assert {rule.rule for rule in finding.rules} == leading("finding", finding.finding)


def distance(rule: RuleState) -> tuple[bool, int, int]:
    near = rule.nearest
    return (near is None, near.changes if near else 0, near.unknown if near else 0)


@settings(max_examples=EXAMPLES)
@given(SITUATIONS, st.data())
def test_the_facts_of_a_near_miss_make_the_rule_fire_and_none_is_idle(facts: Raw, data: st.DataObject) -> None:
    kind, name = target(data)
    answer = why_not(case_of(facts), f"{kind}:{name}")
    fired = [rule.status == "fired" for rule in answer.rules]
    assert fired == sorted(fired, reverse=True)
    distances = [distance(rule) for rule in answer.rules]
    assert distances == sorted(distances)
    for rule in answer.rules[:3]:
        assert rule.nearest is not None
        change = {fact.fact: fact.would_do for fact in rule.nearest.facts}
        assert sum(name in facts for name in change) == rule.nearest.changes
        assert sum(name not in facts for name in change) == rule.nearest.unknown
        assert (rule.status == "fired") is (not change)
        assert rule.rule in Reading({**facts, **change}).fired
        for idle in change:
            fewer = {name: value for name, value in change.items() if name != idle}
            assert rule.rule not in Reading({**facts, **fewer}).fired


@settings(max_examples=max(20, EXAMPLES // 3))
@given(SITUATIONS, st.data())
def test_the_outcome_is_that_of_the_answer(facts: Raw, data: st.DataObject) -> None:
    case = case_of(facts)
    corpus, answer = case.corpus, assemble(case)
    recommended = {item.element for item in answer.recommendations if item.element}
    aside = {item.id for item in answer.set_aside}
    for name in corpus.elements:
        expected = "advised" if name in recommended else "set_aside" if name in aside else "not_advised"
        assert why(case, name).outcome == expected, name
    for name in corpus.findings:
        derived = name in case.run.findings
        assert why(case, name).outcome == ("advised" if derived else "not_advised")
    printed = {
        lesson
        for item in (*answer.red_flags, *answer.recommendations, *answer.arguments)
        for one in (item, *item.conditions)
        for lesson in one.lessons
    }
    printed |= {lesson for notice in answer.notices for lesson in notice.lessons}
    for name, lesson in corpus.lessons.items():
        outcome = why(case, name).outcome
        if name in printed:
            assert outcome == "advised", name
        elif outcome == "advised":
            # It only points to a precedent, or sets something aside.
            applied = [one for one in case.applications if one.lesson.id == name]
            assert any(one.consequence.verb is None for one in applied), name
        elif outcome == "set_aside":
            assert {name, canonical(lesson)} & {one for item in answer.set_aside for one in (item.id, *item.lessons)}
    name = data.draw(st.sampled_from(sorted(corpus.elements)))
    found = why_not(case, name)
    assert (found.why is not None) is (name in recommended)
    if found.why is not None:
        rules = {step.rule for step in found.why.steps if step.depth == 1 and step.rule}
        item = next(item for item in answer.recommendations if item.id == name)
        assert {reason.rule for reason in item.rationale} <= rules


@settings(max_examples=max(20, EXAMPLES // 3))
@given(SITUATIONS, st.data())
def test_every_reason_ends_in_known_facts(facts: Raw, data: st.DataObject) -> None:
    case = case_of(facts)
    known = sorted(case.run.findings) or ["refugee-situation"]
    for step, after in steps_with_next(why(case, data.draw(st.sampled_from(known)))):
        if step.finding is not None and "(see above)" not in step.text:
            assert after is not None
            assert after.depth == step.depth + 1
        if step.fact is not None:
            assert step.fact in case.facts
            assert case.corpus.facts[step.fact].label in step.text


def steps_with_next(answer: Why) -> Iterator[Any]:
    return zip(answer.steps, [*answer.steps[1:], None], strict=True)


def test_no_sentence_is_left_without_words() -> None:
    corpus = advisor.load_corpus()
    for facts in ({}, {"situation_types": ["mass_influx"], "border_status": "closed", "contributions_offered": []}):
        case = case_of(facts)
        for kind in ("elements", "lessons", "findings", "rules"):
            for name in getattr(corpus, kind):
                text = whynot.as_text(why_not(case, f"{kind.removesuffix('s')}:{name}"))
                assert not re.search(r"[^“]None|“”|\.\.| [.,;]|because \.", text), text


# --- what it says -----------------------------------------------------------------------------------------------------


def test_a_closed_border_names_the_fact_that_would_have_to_differ() -> None:
    answer = why_not(case_of({"border_status": "open"}), "border-closed")
    assert answer.outcome == "not_advised"
    assert answer.rules[0].sentence == "Would apply if “State of the border” were “Closed”; it is “Open”."
    near = answer.rules[0].nearest
    assert near is not None
    assert (near.changes, near.unknown) == (1, 0)
    assert near.facts[0].would_do == "closed"


def test_the_text_of_a_miss(mini: Corpus) -> None:
    answer = why_not(case_of({"arrivals": 12, "situation_types": ["protracted"], "years": 6}, mini), "camps")
    assert whynot.as_text(answer) == (
        "“Camps” is not advised.\n"
        "1 rule could lead to it: 1 open for want of facts.\n"
        "Nearest: “Camps where land is offered” (para. 2). Would apply if “Land for camps” were “Land is\n"
        "offered”; it is not known.\n"
        "Even then it would be set aside by “No camps for long stays” (para. 2), because “Years” is 6.\n"
        "\n"
        "Rules, the nearest first\n"
        "\n"
        " 1. Camps where land is offered (camps-on-offered-land) (para. 2): open\n"
        "    Would apply if “Land for camps” were “Land is offered”; it is not known.\n"
        "    Recommends “Camps”.\n"
        "    [unknown] “Land for camps” is “Land is offered”; it is not known\n"
    )


def test_the_text_of_a_miss_through_a_finding(mini: Corpus) -> None:
    answer = why_not(case_of({"arrivals": 12, "situation_types": ["protracted"]}, mini), "shelter")
    assert whynot.as_text(answer) == (
        "“Shelter” is not advised.\n"
        "1 rule could lead to it: 1 ruled out by the facts.\n"
        "Nearest: “Shelter comes first in a mass influx” (para. 1). Would apply if “Kinds of situation”\n"
        "included “Mass influx”; it is “Protracted situation”.\n"
        "\n"
        "Rules, the nearest first\n"
        "\n"
        " 1. Shelter comes first in a mass influx (shelter-first) (para. 1): silent\n"
        "    Would apply if “Kinds of situation” included “Mass influx”; it is “Protracted situation”.\n"
        "    Recommends “Shelter”.\n"
        "    [false] the finding “Mass influx” holds\n"
        "      by “Mass influx” (mass-influx)\n"
        "        [false] one or more of these:\n"
        "          [false] “Kinds of situation” includes “Mass influx”; it is “Protracted situation”\n"
        "          [false] “Arrivals” is at least 10,000 people; it is 12 people\n"
    )


def test_what_is_set_aside_says_by_what(mini: Corpus) -> None:
    answer = why_not(case_of({"land_offered": True, "years": 6}, mini), "camps")
    assert answer.outcome == "set_aside"
    assert answer.sentences == (
        "“Camps” is called for, but set aside.",
        "It is set aside by “No camps for long stays” (para. 2), because “Years” is 6.",
    )
    (reason,) = answer.set_aside_by
    assert (reason.rule, reason.lesson) == ("no-camps-for-years", "l-no-camps")
    assert why_not(case_of({"land_offered": True, "years": 6}, mini), "l-camps").outcome == "set_aside"


def test_what_is_advised_says_why(mini: Corpus) -> None:
    case = case_of({"situation_types": ["mass_influx"], "land_offered": True}, mini)
    answer = why_not(case, "shelter")
    assert answer.outcome == "advised"
    assert answer.why is not None
    assert [(step.depth, step.text) for step in answer.why.steps] == [
        (0, "“Shelter” is advised: it should be done, usually."),
        (1, "Shelter comes first in a mass influx. Give shelter before anything else. (para. 1)"),
        (2, "because the finding “Mass influx” holds:"),
        (3, "Mass influx (para. 1). The trigger is our reading."),
        (4, "because “Kinds of situation” is “Mass influx”"),
    ]
    assert why(case, "camps").steps[-1].text == "It is provisional: “Years” could still set it aside."


def test_a_safeguard_comes_with_its_element(mini: Corpus) -> None:
    without = why_not(case_of({}, mini), "l-choice")
    assert without.outcome == "not_advised"
    assert [rule.brings for rule in without.rules] == [("recommends “Camps”",)]
    given = why_not(case_of({"land_offered": True}, mini), "l-choice")
    assert given.sentences == ("“People may leave a camp” is applied.", "It comes with “Camps”.")


def test_an_unknown_id_is_refused_with_the_nearest(corpus: Corpus) -> None:
    with pytest.raises(UnknownIdError, match="did you mean 'temporary-protection'"):
        why_not(case_of({}), "temporary-protectio")
    with pytest.raises(UnknownIdError):
        why(case_of({}), "border_status")


@pytest.fixture
def mini(pack: Any) -> Corpus:
    loaded: Corpus = pack.load()
    return loaded


# --- command line and service -----------------------------------------------------------------------------------------


def test_the_command_explains_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "explain", KOSOVO, "--why-not", "readmission")
    assert status == 0
    assert out.startswith("“Readmission” is not advised.")
    status, out, _ = run(capsys, "explain", KOSOVO, "--why", "temporary-protection", "--format", "json")
    assert status == 0
    assert Why.model_validate_json(out).outcome == "advised"
    status, out, _ = run(capsys, "explain", KOSOVO, "--why-not", "mass-influx", "--format", "json")
    assert WhyNot.model_validate_json(out).kind == "finding"


def test_the_command_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "explain", KOSOVO, "--why-not", "temporary-protectio")
    assert status == 1
    assert "did you mean 'temporary-protection'?" in err
    for arguments in ([], ["--why", "camps", "--why-not", "camps"]):
        status, _, err = run(capsys, "explain", KOSOVO, *arguments)
        assert status == 2
        assert "--why ID or --why-not ID" in err


@pytest.fixture(scope="module")
def client(corpus: Corpus) -> Iterator[TestClient]:
    with TestClient(create_app(corpus), raise_server_exceptions=False) as client:
        yield client


def test_the_service_explains_as_the_library_does(client: TestClient) -> None:
    facts = {"situation_types": ["mass_influx"], "border_status": "closed"}
    reply = client.post("/v1/explain", json={"facts": facts, "why_not": "readmission"})
    assert reply.status_code == 200
    assert reply.text == why_not(case_of(facts), "readmission").model_dump_json()
    reply = client.post("/v1/explain", json={"facts": facts, "why": "temporary-protection"})
    assert reply.text == why(case_of(facts), "temporary-protection").model_dump_json()


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        ({"facts": {}}, None, "neither"),
        ({"facts": {}, "why": "a", "why_not": "b"}, None, "both"),
        ({"facts": {}, "why": 5}, "/why", "id of one thing"),
        ({"facts": {}, "why": None}, "/why", "id of one thing"),
        ({"facts": {}, "why_not": "temporary-protectio"}, "/why_not", "did you mean 'temporary-protection'"),
        ({"facts": {}, "why_not": "x" * 5000}, "/why_not", "no element"),
        ({"facts": {}, "why_not": "\ud800"}, "/why_not", "no element"),
        ({"facts": {"regio": 1}, "why": "camps"}, "/facts/regio", "did you mean 'region'"),
        ({"facts": [], "why": "camps"}, "/facts", "mapping"),
        ({"why": "camps"}, None, "'facts' is missing"),
        ([], None, "no object"),
    ],
)
def test_the_service_names_what_is_wrong(client: TestClient, body: Any, pointer: str | None, says: str) -> None:
    reply = client.post("/v1/explain", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert reply.status_code == 422
    fault = reply.json()["errors"][0]
    assert fault.get("pointer") == pointer
    assert says in fault["detail"]
