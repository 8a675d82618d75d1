"""Precedents compared with the present situation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from strategies import SITUATIONS, Raw
from test_questions import EXAMPLES, case_of, example

import advisor
from advisor import cli, situation
from advisor.advice import assemble
from advisor.conditions import Value
from advisor.corpus import Corpus
from advisor.precedents import PrecedentCompared, compare, situation_of
from api.app import create_app

EXAMPLE_FILE = Path(__file__).resolve().parent.parent / "examples" / "kosovo-1999.yaml"


def compared(corpus: Corpus, raw: Raw, name: str) -> PrecedentCompared:
    facts = situation.parse(raw, corpus.facts)
    return next(one for one in compare(case_of(corpus, facts)).precedents if one.precedent == name)


def relations(one: PrecedentCompared) -> dict[str, str]:
    return {fact.fact: fact.relation for fact in one.facts}


@pytest.mark.parametrize(
    ("example_name", "precedent"),
    [
        ("kosovo-1999", "kosovo-1999"),
        ("bhutan-nepal-2007", "bhutan-nepal-2007"),
        ("brazil-ecuador-2010", "brazil-ecuador-2010"),
        ("canada-us-2004", "canada-us-2004"),
        ("francisco-y-catalina-2006", "francisco-y-catalina-2006"),
        ("indochina-1989", "indochina-cpa-1989"),
    ],
)
def test_each_boxed_situation_is_most_like_the_arrangement_that_was_made(
    example_name: str, precedent: str, corpus: Corpus
) -> None:
    facts = example(example_name, corpus)
    assert compare(case_of(corpus, facts)).precedents[0].precedent == precedent
    assert assemble(case_of(corpus, facts)).precedents[0].precedent == precedent


def test_each_fact_is_alike_unlike_not_known_here_or_not_told_there(corpus: Corpus) -> None:
    raw = {
        "situation_types": ["mass_influx", "rescue_at_sea"],
        "region": "africa",
        "border_status": "closed",
        "host_capacity": "strained",
        "arrivals_count": 200_000,
    }
    one = compared(corpus, raw, "kosovo-1999")
    found = relations(one)
    assert found["situation_types"] == "like"
    assert next(fact for fact in one.facts if fact.fact == "situation_types").shared == ("mass_influx",)
    assert found["region"] == "unlike"
    assert found["border_status"] == "like"
    assert found["host_capacity"] == "untold_there"
    assert found["arrival_pattern"] == "unknown_here"
    # 200,000 and 850,000 lie above every threshold of the rules.
    assert found["arrivals_count"] == "like"
    assert relations(compared(corpus, raw | {"arrivals_count": 50}, "kosovo-1999"))["arrivals_count"] == "unlike"


def test_the_empty_set_is_unlike_a_set_with_members(corpus: Corpus) -> None:
    one = compared(corpus, {"host_pressures": []}, "kosovo-1999")
    assert relations(one)["host_pressures"] == "unlike"


def alike(corpus: Corpus, fact: str, here: Value, there: Value) -> bool:
    if isinstance(here, tuple) and isinstance(there, tuple):
        return bool(set(here) & set(there)) or here == there
    if corpus.facts[fact].type in ("integer", "number"):
        return here == there or all(test.holds(here) == test.holds(there) for test in corpus.tests[fact])
    return here == there


@settings(max_examples=EXAMPLES)
@given(SITUATIONS)
def test_the_measure_counts_what_the_tables_show(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    facts = situation.parse(raw, corpus.facts)
    case = case_of(corpus, facts)
    answer = assemble(case)
    recommended = {item.element for item in answer.recommendations if item.element}
    aside = {item.element for item in answer.set_aside if item.element}
    found = compare(case).precedents
    assert {one.precedent for one in found} == set(corpus.precedents)
    keys = []
    for rank, one in enumerate(found, 1):
        precedent = corpus.precedents[one.precedent]
        told = situation_of(corpus, precedent)
        assert set(relations(one)) == {*facts, *told}
        counts = list(relations(one).values())
        assert one.rank == rank
        for fact in set(told) & set(facts):
            assert (relations(one)[fact] == "like") is alike(corpus, fact, facts[fact], told[fact])
        assert counts.count("like") == one.measure.facts_like
        assert counts.count("unlike") == one.measure.facts_unlike
        assert counts.count("unknown_here") == len(set(told) - set(facts))
        keys.append(
            (
                -len(one.measure.kinds_shared),
                one.measure.facts_unlike - one.measure.facts_like,
                -len(one.measure.lessons),
                one.precedent,
            )
        )
        assert {element.element for element in one.elements} == set(precedent.elements_present)
        for element in one.elements:
            assert (element.standing == "recommended") == (element.element in recommended)
            assert (element.standing == "set_aside") == (element.element in aside - recommended)
            assert (element.why_not is None) == (element.standing == "recommended")
        assert set(one.lacked) == set(precedent.elements_absent) & recommended
    assert keys == sorted(keys)
    # The answer has the precedents to which its lessons point, in the same order.
    assert [note.precedent for note in answer.precedents] == [one.precedent for one in found if one.measure.lessons]


def test_why_an_element_is_not_recommended_names_what_it_depends_on(corpus: Corpus) -> None:
    elements = {
        element.element: element
        for element in compared(
            corpus,
            {
                "situation_types": ["mass_influx"],
                "measures_proposed": ["evacuation"],
                "transfer_voluntary": False,
                "actors_engaged": ["host_state"],
            },
            "kosovo-1999",
        ).elements
    }
    evacuation = elements["humanitarian-evacuation"]
    assert evacuation.standing == "set_aside"
    assert evacuation.rules == ("unwilling-people-are-not-transferred",)
    waiting = elements["interlocking-commitments"]
    assert waiting.standing == "open"
    assert waiting.facts
    assert all(name in corpus.facts for name in waiting.facts)
    families = compared(corpus, {"living_situation": ["camps"], "actors_engaged": ["host_state"]}, "kosovo-1999")
    silent = next(element for element in families.elements if element.element == "host-family-support")
    assert silent.standing == "not_recommended"
    assert silent.why_not is not None
    assert "Host families" in silent.why_not or "host families" in silent.why_not


def test_what_it_did_without_is_said_where_it_is_recommended_here(corpus: Corpus) -> None:
    lacking = [one for one in corpus.precedents.values() if one.elements_absent]
    assert lacking
    facts = {"situation_types": ["mass_influx"], "measures_proposed": ["evacuation"]}
    assert compared(corpus, facts, "libya-2011").lacked == ("humanitarian-evacuation",)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
@pytest.mark.parametrize("name", [None, "bhutan-nepal-2007"])
def test_the_command_shows_a_table(form: str, name: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["precedents", str(EXAMPLE_FILE), *([name] if name else []), "--format", form]
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    out = capsys.readouterr().out
    assert end.value.code == 0
    if form == "json":
        found = json.loads(out)["precedents"]
        assert found[0]["precedent"] == (name or "kosovo-1999")
        assert len(found) == (1 if name else len(advisor.load_corpus().precedents))
    else:
        assert ("Fact by fact" in out or "FACT BY FACT" in out) == bool(name)
        if form == "markdown":
            rows = [line for line in out.splitlines() if line.startswith("|")]
            assert len({line.replace("\\|", "").count("|") for line in rows[:3]}) == 1
        else:
            assert all(len(line) <= 140 for line in out.splitlines())


def test_an_unknown_precedent_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["precedents", str(EXAMPLE_FILE), "kosovo-1998"])
    assert end.value.code == 1
    assert "did you mean 'kosovo-1999'" in capsys.readouterr().err


def test_the_service_compares_precedents(corpus: Corpus) -> None:
    client = TestClient(create_app(corpus))
    reply = client.post("/v1/precedents", json={"facts": {"situation_types": ["protracted"], "region": "americas"}})
    assert reply.status_code == 200
    assert [one["rank"] for one in reply.json()["precedents"]] == list(range(1, len(corpus.precedents) + 1))
    assert client.get(reply.json()["precedents"][0]["href"]).status_code == 200
    refused = client.post("/v1/precedents", json={"facts": {"regoin": "americas"}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["suggestion"] == "region"
    assert client.get("/v1/precedents").status_code == 200
