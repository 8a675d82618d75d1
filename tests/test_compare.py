from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from kleene import Raw
from minipack import MiniPack
from strategies import SITUATIONS
from test_cli import run

import advisor
from advisor import situation, through
from advisor.advice import assemble
from advisor.answer import Advice, Item
from advisor.case import Case
from advisor.compare import Comparison, Difference, changed, compare
from advisor.compare_views import as_markdown, as_text
from advisor.corpus import Corpus
from advisor.errors import AdvisorError, SituationError
from advisor.lookahead import look_ahead
from api.app import create_app

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "60"))
FOLDER = Path(__file__).resolve().parent.parent / "examples"
KOSOVO, BHUTAN = str(FOLDER / "kosovo-1999.yaml"), str(FOLDER / "bhutan-nepal-2007.yaml")


def case_of(facts: Raw, corpus: Corpus | None = None) -> Case:
    known = corpus or advisor.load_corpus()
    parsed = situation.parse(facts, known.facts)
    return Case(known, parsed, look_ahead(known, parsed))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Raw, Raw]:
    """Draw a situation, and another that differs in some facts: told, told otherwise or taken back."""
    before = draw(SITUATIONS)
    other = draw(SITUATIONS)
    told = draw(st.lists(st.sampled_from(sorted(other)), unique=True, max_size=8)) if other else []
    back = draw(st.lists(st.sampled_from(sorted(before)), unique=True, max_size=3)) if before else []
    after = {name: value for name, value in before.items() if name not in back}
    return before, after | {name: other[name] for name in told}


def items(answer: Advice) -> dict[tuple[str, str], Item | None]:
    found: dict[tuple[str, str], Item | None] = {("finding", note.finding): None for note in answer.situation.findings}
    for item in (*answer.red_flags, *answer.recommendations, *answer.arguments):
        found[item.kind, item.id] = item
    return found


def shown(answer: Advice, line: str, name: str) -> tuple[Any, ...]:
    """Return how a line stands in an answer: whether, how strongly, whether provisional, whether pressing."""
    found = items(answer)
    if (line, name) in found:
        item = found[line, name]
        if item is None:
            return ("stands", None, False, False)
        force = None if item.kind == "contradiction" else (item.strength, item.hedge)
        return ("stands", force, bool(item.provisional), item.pressing)
    elements = {item.id for item in answer.set_aside if item.element == item.id}
    aside = {
        "recommendation": elements,
        "caution": {item.id for item in answer.set_aside if item.kind == "caution"},
        "set_aside": {item.id for item in answer.set_aside if item.kind != "caution"} - elements,
    }.get(line, set())
    return ("set_aside" if name in aside else None, None, False, False)


PLACE = {"strengthened": 1, "weakened": 1, "turned": 1, "made_provisional": 2, "no_longer_provisional": 2}


def aspect(one: Difference, state: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what of a line shows a difference."""
    index = PLACE.get(one.change, 3 if "pressing" in one.change else 0)
    return (state[0], state[index])


@settings(max_examples=max(15, EXAMPLES // 4))
@given(pairs())
def test_the_differences_are_those_of_the_two_answers(pair: tuple[Raw, Raw]) -> None:
    before, after = case_of(pair[0]), case_of(pair[1])
    answers = assemble(before), assemble(after)
    found = compare(before, after)
    assert (found.before.id, found.after.id) == (answers[0].id, answers[1].id)
    seen = {(one.line, one.id, one.change) for one in found.differences}
    assert len(seen) == len(found.differences)
    corpus = before.corpus
    keys: set[tuple[str, str]] = {("recommendation", name) for name in corpus.elements}
    keys |= {("finding", name) for name in corpus.findings}
    keys |= {(line, name) for line in ("caution", "argument", "set_aside") for name in corpus.lessons}
    keys |= {(line, name) for line in ("red_flag", "contradiction") for name in corpus.rules}
    for line, name in keys:
        one, two = shown(answers[0], line, name), shown(answers[1], line, name)
        changes = {change for kind, key, change in seen if (kind, key) == (line, name)}
        expected = set()
        if one[0] != two[0]:
            moved = {None: "dropped", "set_aside": "set_aside", "stands": "added" if one[0] is None else "restored"}
            expected = {moved[two[0]]}
        elif one[0] == "stands":
            if one[1] != two[1]:
                expected |= changes & {"strengthened", "weakened", "turned"} or {"a change of strength"}
            if one[2] != two[2]:
                expected.add("made_provisional" if two[2] else "no_longer_provisional")
            if one[3] != two[3]:
                expected.add("newly_pressing" if two[3] else "no_longer_pressing")
        assert changes == expected, (line, name)


@settings(max_examples=max(12, EXAMPLES // 5))
@given(pairs(), st.data())
def test_what_a_difference_is_put_down_to_brings_it_about(pair: tuple[Raw, Raw], data: st.DataObject) -> None:
    before, after = case_of(pair[0]), case_of(pair[1])
    found = compare(before, after)
    if not found.differences:
        return
    one = data.draw(st.sampled_from(found.differences))
    differing = {change.fact for change in found.facts}
    wanted = aspect(one, shown(assemble(after), one.line, one.id))

    def told(names: Any) -> Raw:
        facts = {name: value for name, value in pair[0].items() if name not in names}
        return facts | {name: pair[1][name] for name in names if name in pair[1]}

    def brings(names: Any) -> bool:
        return aspect(one, shown(assemble(case_of(told(names))), one.line, one.id)) == wanted

    assert one.through
    assert not brings(())
    for names in one.through[:2]:
        assert set(names) <= differing
        assert brings(names)
        for fewer in combinations(names, len(names) - 1):
            assert not brings(fewer)
    alone = {name for name in differing if brings((name,))}
    assert alone == {names[0] for names in one.through if len(names) == 1}
    assert set(one.undone_by) == {name for name in differing if not brings(differing - {name})}


def test_beyond_what_can_be_tried_nothing_can_be_left_out(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(file: str) -> Case:
        path = Path(file)
        facts = situation.parse_file(path, path.read_text("utf-8"), corpus.facts)
        return Case(corpus, facts, look_ahead(corpus, facts))

    before, after = told(KOSOVO), told(BHUTAN)
    thorough = compare(before, after)
    monkeypatch.setattr(through, "MAX_TRIED", 0)
    quick = compare(before, after)
    assert [one.change for one in quick.differences] == [one.change for one in thorough.differences]
    for one, two in zip(thorough.differences, quick.differences, strict=True):
        assert len(two.through) == 1
        assert len(two.through[0]) >= len(one.through[0])
        assert set(two.undone_by) <= set(two.through[0]) or one.undone_by == two.undone_by


def test_the_order_of_facts_makes_no_difference(corpus: Corpus) -> None:
    facts = {"situation_types": ["mass_influx", "protracted"], "border_status": "open", "region": "africa"}
    turned = {**dict(reversed(facts.items())), "situation_types": ["protracted", "mass_influx"]}
    later = {**facts, "border_status": "closed", "contributions_offered": ["money"]}
    one = compare(case_of(facts), case_of(later))
    two = compare(case_of(turned), case_of(dict(reversed(later.items()))))
    assert one.model_dump_json() == two.model_dump_json()


def test_answers_compare_as_cases_do(corpus: Corpus) -> None:
    facts: Raw = {"situation_types": ["mass_influx"]}
    later: Raw = {**facts, "border_status": "closed"}
    expected = compare(case_of(facts), case_of(later))
    assert compare(advisor.advise(facts), advisor.advise(later), corpus) == expected
    assert compare(case_of(facts), advisor.advise(later)) == expected
    with pytest.raises(AdvisorError, match="from which corpus"):
        compare(advisor.advise(facts), advisor.advise(later))


def test_answers_from_different_corpora_are_not_compared(pack: MiniPack) -> None:
    with pytest.raises(AdvisorError, match="only what comes from one corpus"):
        compare(case_of({}), case_of({}, pack.load()))


def test_a_change_is_checked_like_a_situation() -> None:
    case = case_of({"situation_types": ["mass_influx"], "border_status": "open"})
    with pytest.raises(SituationError, match="did you mean 'border_status'"):
        changed(case, {"border_statu": None})
    assert dict(changed(case, {"border_status": None, "region": "africa"}).facts) == {
        "situation_types": ("mass_influx",),
        "region": "africa",
    }


# --- what it says -----------------------------------------------------------------------------------------------------


def test_closing_the_border_adds_its_red_flag(corpus: Corpus) -> None:
    before = case_of({"situation_types": ["mass_influx"], "border_status": "open"})
    found = compare(before, changed(before, {"border_status": "closed"}))
    (flag,) = found.of("added", line="red_flag")
    assert flag.through == (("border_status",),)
    assert flag.undone_by == ("border_status",)
    assert flag.sentence == (
        f"With “State of the border” now “Closed”, the red flag “{flag.title}” is raised, because "
        f"{flag.effect.partition('because ')[2]} (para. 11)."
    )
    assert "“State of the border”" in flag.effect or "“Border closed” holds" in flag.effect


def test_a_combination_is_named_where_no_fact_does_it_alone(pack: MiniPack) -> None:
    pack.replace(
        "rules/hosting/camps-on-offered-land.yaml",
        "when:\n  land_offered: true\n",
        "when:\n  all:\n    - land_offered: true\n    - region: north\n",
    )
    for given_, expected in (("land_offered: true", "fires"), ("land_offered: false", "silent")):
        pack.replace(
            "rules/hosting/camps-on-offered-land.yaml",
            f"given: {{{given_}}}\n    expect: {expected}",
            f"given: {{{given_}, region: north}}\n    expect: {expected}",
        )
    before = case_of({"region": "south"}, pack.load())
    found = compare(before, changed(before, {"land_offered": True, "region": "north", "arrivals": 3}))
    (camps,) = found.of("added")
    assert camps.through == (("region", "land_offered"),)
    assert camps.undone_by == ("region", "land_offered")
    assert camps.sentence == (
        "With “Region” now “North” and “Land for camps” known to be “Land is offered” together, “Camps” is added "
        "(consider, sometimes), because “Land for camps” is “Land is offered” and “Region” is “North” (para. 2)."
    )


def test_facts_that_do_it_each_by_itself_are_all_named(pack: MiniPack) -> None:
    before = case_of({}, pack.load())
    found = compare(before, changed(before, {"situation_types": ["mass_influx"], "arrivals": 20_000}))
    (shelter,) = found.of("added", line="recommendation")
    assert shelter.through == (("situation_types",), ("arrivals",))
    assert shelter.undone_by == ()
    assert shelter.cause == (
        "“Kinds of situation” known to be “Mass influx”, or by itself with “Arrivals” known to be 20,000 people"
    )


def test_the_text_of_a_comparison(pack: MiniPack) -> None:
    before = case_of({"land_offered": True, "arrivals": 20_000}, pack.load())
    found = compare(before, changed(before, {"years": 6, "arrivals": 60_000}))
    assert as_text(found) == (
        "What differs\n"
        "============\n"
        "\n"
        "FACTS\n"
        "-----\n"
        " - “Arrivals” now 60,000 people (it was 20,000 people).\n"
        " - “Years” known to be 6.\n"
        "\n"
        "RECOMMENDATIONS\n"
        "---------------\n"
        " - With “Arrivals” now 60,000 people, “Shelter” becomes pressing.\n"
        " - With “Years” known to be 6:\n"
        "    - “Camps” is set aside by “No camps for long stays” (para. 2), because “Years” is 6.\n"
        "    - The warning “No camps for long stays” is added (avoid), because “Years” is 6 (para. 2).\n"
        "\n"
        "QUESTIONS\n"
        "---------\n"
        " - “Years” is settled: 6.\n"
    )


def test_the_text_of_taking_a_fact_back(pack: MiniPack) -> None:
    before = case_of({"land_offered": True, "years": 1}, pack.load())
    assert as_text(compare(before, changed(before, {"years": None}))) == (
        "What differs\n"
        "============\n"
        "\n"
        "FACTS\n"
        "-----\n"
        " - “Years” no longer known (it was 1).\n"
        "\n"
        "RECOMMENDATIONS\n"
        "---------------\n"
        " - “Camps” becomes provisional: “Years” could set it aside.\n"
    ) + ("\nQUESTIONS\n---------\n - “Years” is worth asking now.\n")


def test_markdown_says_the_same_with_its_marks_escaped(corpus: Corpus) -> None:
    before = case_of({"situation_types": ["mass_influx"], "border_status": "open"})
    found = compare(before, changed(before, {"border_status": "closed"}))
    text = as_markdown(found)
    assert text.startswith("# What differs\n\n## Facts\n\n- “State of the border” now “Closed” (it was “Open”).\n")
    assert "## Red flags\n\n- The red flag “" in text


def test_equal_situations_differ_in_nothing() -> None:
    found = compare(case_of({"region": "africa"}), case_of({"region": "africa"}))
    assert (found.facts, found.differences, found.questions) == ((), (), ())
    assert "The situations are the same." in as_text(found)


# --- command line and service -----------------------------------------------------------------------------------------


def test_two_files_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "compare", KOSOVO, BHUTAN)
    assert status == 0
    assert "RECOMMENDATIONS" in out
    assert max(map(len, out.splitlines())) <= 110


def test_a_change_is_told_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    change = ["--set", "border_status=open", "--set", "contributions_offered=[money]", "--unset", "region"]
    status, out, _ = run(capsys, "compare", KOSOVO, *change, "--format", "json")
    assert status == 0
    found = Comparison.model_validate_json(out)
    assert {one.fact: one.after for one in found.facts} == {
        "region": None,
        "border_status": "open",
        "contributions_offered": ["money"],
    }


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ([], 2, "compare A with a file B, or with a change of it"),
        ([BHUTAN, "--unset", "region"], 2, "compare A with a file B, or with a change of it"),
        (["--set", "region"], 1, "--set takes FACT=VALUE"),
        (["--set", "region="], 1, "--unset region takes a fact back"),
        (["--set", "region=afrika"], 1, "did you mean 'africa'?"),
        (["--set", "border_status=yes"], 1, "--set border_status: error:"),
        (["--set", "regio=africa"], 1, "did you mean 'region'?"),
        (["--unset", "regio"], 1, "did you mean 'region'?"),
        (["--set", "region=[a"], 1, "--set region: error: the [ that opens here is not closed"),
        (["--set", "region=africa", "--unset", "region"], 1, "region is changed twice"),
        (["no-such-file.yaml"], 1, "no-such-file.yaml"),
    ],
)
def test_the_command_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, says: str
) -> None:
    code, _, err = run(capsys, "compare", KOSOVO, *arguments)
    assert code == status
    assert says in " ".join(err.split())


@pytest.fixture(scope="module")
def client(corpus: Corpus) -> Iterator[TestClient]:
    with TestClient(create_app(corpus), raise_server_exceptions=False) as client:
        yield client


def test_the_service_compares_as_the_library_does(client: TestClient) -> None:
    before: Raw = {"situation_types": ["mass_influx"], "border_status": "open", "region": "africa"}
    after: Raw = {"situation_types": ["mass_influx"], "border_status": "closed"}
    expected = compare(case_of(before), case_of(after)).model_dump_json()
    one = client.post("/v1/compare", json={"before": {"facts": before}, "after": {"facts": after}})
    change = {"border_status": "closed", "region": None}
    two = client.post("/v1/compare", json={"before": {"facts": before}, "change": change})
    assert one.status_code == two.status_code == 200
    assert one.text == two.text == expected


@pytest.mark.parametrize(
    ("body", "pointers", "says"),
    [
        ({"before": {"facts": {}}}, [None], "neither"),
        ({"before": {"facts": {}}, "after": {"facts": {}}, "change": {}}, [None], "both"),
        ({"before": {"facts": {}}, "change": []}, ["/change"], "maps fact names"),
        ({"before": {"facts": {}}, "change": None}, ["/change"], "maps fact names"),
        ({"before": {"facts": {}}, "change": {"regio": None}}, ["/change/regio"], "did you mean 'region'"),
        ({"before": {"facts": {"region": 5}}, "change": {}}, ["/before/facts/region"], "region"),
        ({"before": {"facts": {}}, "after": {"facts": {"region": 5}}}, ["/after/facts/region"], "region"),
        ({"before": {"fact": {}}, "change": {}}, ["/before", "/before/fact"], "'facts' is missing"),
        ({"before": [], "change": {}}, ["/before"], "no object"),
        ({"change": {}}, [None], "'before' is missing"),
    ],
)
def test_the_service_names_what_is_wrong(client: TestClient, body: Any, pointers: list[str | None], says: str) -> None:
    reply = client.post("/v1/compare", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert reply.status_code == 422
    assert [fault.get("pointer") for fault in reply.json()["errors"]] == pointers
    assert says in reply.json()["errors"][0]["detail"]
