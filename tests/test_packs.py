"""Packs beside one another: what they build on, add and say of each other, and how answers show it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from beside import Later
from fastapi.testclient import TestClient
from minipack import MiniPack

import advisor
from advisor import report, situation
from advisor.case import Case
from advisor.cli import main
from advisor.content import BUILTIN, shipped_folders
from advisor.corpus import Corpus, examine, load
from advisor.engine import engine_for
from advisor.questions import next_facts, open_facts
from api.app import create_app

ROOT = Path(__file__).resolve().parent.parent
WEST = {"region": "west", "situation_types": ["mass_influx"]}


@pytest.fixture
def later(pack: MiniPack) -> Later:
    """Return the second pack, beside the first in the working folder."""
    return Later(pack.folder.parent / "later")


@pytest.fixture
def both(pack: MiniPack, later: Later) -> Corpus:
    return load(pack.folder, later.folder)


@pytest.fixture(scope="module")
def updated() -> Corpus:
    return load(shipped_folders()["eu-updates"])


def problems(*packs: MiniPack) -> list[str]:
    return [str(problem) for problem in examine(*(pack.folder for pack in packs))[1]]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    printed = capsys.readouterr()
    return int(exit_.value.code or 0), printed.out, printed.err


# --- what makes a corpus ----------------------------------------------------------------------------------------------


def test_packs_come_after_what_they_build_on_in_whatever_order_they_are_named(pack: MiniPack, later: Later) -> None:
    one, other = load(pack.folder, later.folder), load(later.folder, pack.folder)
    assert [manifest.id for manifest in one.packs] == ["mini", "later"]
    assert one.digest == other.digest
    answers = [advisor.advise(WEST, corpus).model_dump_json() for corpus in (one, other)]
    assert answers[0] == answers[1]


def test_a_pack_named_twice_counts_once(pack: MiniPack, later: Later) -> None:
    assert load(pack.folder, later.folder, Path("mini"), later.folder).digest == load(pack.folder, later.folder).digest


def test_what_a_pack_builds_on_comes_along_if_the_advisor_has_it(updated: Corpus, corpus: Corpus) -> None:
    assert [manifest.id for manifest in updated.packs] == [BUILTIN, "eu-updates"]
    assert updated.digests[BUILTIN] == corpus.digests[BUILTIN]
    assert updated.digest != corpus.digest


def test_a_folder_given_takes_the_place_of_the_pack_that_comes_with_the_advisor(tmp_path: Path) -> None:
    for part in ("knowledge", "rules"):
        shutil.copytree(ROOT / part, tmp_path / "own" / part)
    manifest = tmp_path / "own" / "knowledge" / "pack.yaml"
    manifest.write_text(manifest.read_text().replace("version: 1.0.0", "version: 1.0.7"))
    corpus = load(shipped_folders()["eu-updates"], tmp_path / "own")
    assert [str(one.version) for one in corpus.packs] == ["1.0.7", "1.0.0"]


def test_a_pack_that_is_nowhere_is_named_with_the_nearest(pack: MiniPack, later: Later) -> None:
    later.replace("knowledge/pack.yaml", "{pack: mini, at_least: 1.0.0}", "{pack: minni}")
    assert problems(pack, later) == [
        "later/knowledge/pack.yaml:6:6: error: this pack builds on 'minni', which is neither among the packs given nor "
        "one that comes with the advisor (amman-2011, eu-updates); did you mean 'mini'? (unknown-pack)"
    ]


def test_a_base_that_is_too_old_is_an_error(pack: MiniPack, later: Later) -> None:
    later.replace("knowledge/pack.yaml", "at_least: 1.0.0", "at_least: 1.10.0")
    assert problems(pack, later) == [
        "later/knowledge/pack.yaml:6:18: error: this pack builds on 'mini' 1.10.0 or later, and the one at hand is "
        "1.0.0 (pack-too-old)"
    ]


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("later", "the pack 'later' cannot build on itself"),
        ("mini", "packs build on one another in a circle: later → mini → later"),
    ],
)
def test_packs_do_not_build_in_circles(pack: MiniPack, later: Later, base: str, message: str) -> None:
    if base == "mini":
        pack.append("knowledge/pack.yaml", "builds_on: [{pack: later}]\n")
    else:
        later.replace("knowledge/pack.yaml", "{pack: mini, at_least: 1.0.0}", "{pack: mini}\n  - {pack: later}")
    assert [line.split("error: ")[1] for line in problems(pack, later) if "(pack-circle)" in line] == [
        f"{message} (pack-circle)"
    ]


# --- nothing is changed silently --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        pytest.param(
            "knowledge/elements.yaml",
            "elements:\n  - {id: shelter, group: hosting, title: Tents, text: Tents., places: ['7']}\n",
            "later/knowledge/elements.yaml:2:6: error: 'shelter' exists already, at mini/knowledge/elements.yaml:7 "
            "(duplicate-id)",
            id="an element",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            "added_values: [{fact: region, values: [{value: north, label: Up}]}]\n",
            "later/knowledge/facts.yaml:1:41: error: the value 'north' of region exists already, at "
            "mini/knowledge/facts.yaml:17 (duplicate-id)",
            id="a value",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            "added_values: [{fact: land_offered, values: [{value: perhaps, label: Perhaps}]}]\n",
            "later/knowledge/facts.yaml:1:17: error: land_offered is of type boolean and has no list of values to add "
            "to (fact-shape)",
            id="a value of a boolean",
        ),
        pytest.param(
            "knowledge/facts.yaml",
            "added_values: [{fact: regoin, values: [{value: west, label: West}]}]\n",
            "later/knowledge/facts.yaml:1:17: error: no fact named 'regoin'; did you mean 'region'? (unknown-fact)",
            id="a value of no fact",
        ),
    ],
)
def test_a_clash_names_both_places(pack: MiniPack, later: Later, file: str, text: str, told: str) -> None:
    later.write(file, text)
    assert told in problems(pack, later)


def test_two_packs_cannot_give_a_topic_two_titles(pack: MiniPack, later: Later) -> None:
    decree = "  - {id: decree, title: The decree}\n"
    later.replace("knowledge/pack.yaml", decree, decree + "  - {id: hosting, title: Guests}\n")
    assert problems(pack, later) == [
        "later/knowledge/pack.yaml:10:6: error: the topic 'hosting' exists already, at mini/knowledge/pack.yaml:7; use "
        "it as it is (duplicate-id)"
    ]


def test_a_pack_uses_only_what_it_builds_on(pack: MiniPack, later: Later) -> None:
    later.replace("knowledge/pack.yaml", "builds_on:\n  - {pack: mini, at_least: 1.0.0}\n", "")
    told = problems(pack, later)
    assert (
        "later/rules/decree/tents-in-the-west.yaml:3:1: error: the fact 'region' is of pack 'mini' "
        "(mini/knowledge/facts.yaml:17), on which this pack does not build; name it under builds_on in "
        "knowledge/pack.yaml (not-built-on)"
    ) in told
    named = {line.split("error: the ")[1].split(" is of")[0] for line in told if "(not-built-on)" in line}
    assert named == {"fact 'region'", "element 'shelter'", "lesson 'l-shelter'"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("supersedes: [l-shelter]", "supersedes: [d-tents]", "(relation-in-own-pack)"),
        ("supersedes: [l-shelter]", "narrows: [l-shelterr]", "did you mean 'l-shelter'? (unknown-lesson)"),
        ("supersedes: [l-shelter]", "same_as: l-shelter", "(same-as-other-pack)"),
    ],
)
def test_relations_lead_to_lessons_of_other_packs(pack: MiniPack, later: Later, old: str, new: str, told: str) -> None:
    later.replace("knowledge/lessons/decree.yaml", old, new)
    (problem,) = problems(pack, later)
    assert problem.startswith("later/knowledge/lessons/decree.yaml:13:")
    assert problem.endswith(told)


def test_several_sources_are_listed_in_the_manifest(pack: MiniPack, later: Later) -> None:
    text = later.text("knowledge/sources/decree.yaml")
    later.write("knowledge/sources/annex.yaml", text.replace("id: decree", "id: annex"))
    later.append("knowledge/lessons/decree.yaml", "    same_as: null\n")
    assert any(
        line.startswith("later/knowledge/pack.yaml:7:1: error: the pack has several sources; list them all")
        for line in problems(pack, later)
    )
    later.replace("knowledge/pack.yaml", "[decree]", "[decree, anex]")
    assert any("this pack has no source named 'anex'; did you mean 'annex'?" in line for line in problems(pack, later))


# --- how answers show it ----------------------------------------------------------------------------------------------


def test_a_line_says_which_packs_it_comes_from(both: Corpus) -> None:
    (line,) = [item for item in advisor.advise(WEST, both).recommendations if item.id == "shelter"]
    assert line.packs == ("mini", "later")
    assert {reason.pack for reason in line.rationale} == {"mini", "later"}
    (alone,) = [item for item in advisor.advise({"land_offered": True}, both).recommendations if item.id == "camps"]
    assert alone.packs == ("mini",)


def test_sources_that_differ_stand_side_by_side_with_date_and_standing(both: Corpus) -> None:
    (line,) = [item for item in advisor.advise(WEST, both).recommendations if item.id == "shelter"]
    decree, paper = line.by_source  # what supersedes comes before what is superseded, though the latter is stronger
    assert (decree.source.short, decree.source.date, decree.strength) == ("The decree", "2011-05-01", "consider")
    assert (paper.source.short, paper.source.date, paper.strength) == ("The paper", "2001", "should")
    assert decree.source.standing == "Binding on everybody; made up for tests."
    assert line.text == "The decree: Use tents for the first month. The paper: Give shelter before anything else."


def test_a_superseded_lesson_says_so_and_by_what(both: Corpus) -> None:
    (line,) = [
        item
        for item in advisor.advise({"situation_types": ["mass_influx"]}, both).recommendations
        if item.id == "shelter"
    ]
    assert line.by_source == ()
    ((beside,),) = [reason.beside for reason in line.rationale]
    assert (beside.relation, beside.lesson, beside.source.pack) == ("superseded_by", "d-tents", "later")
    assert beside.text == "Use tents for the first month."
    shown = report.as_text(advisor.advise({"situation_types": ["mass_influx"]}, both), both)
    assert "Superseded by: Use tents for the first month. (The decree, para. 7; 2011-05-01; binding on" in shown


def test_what_another_pack_says_stays_as_it_was(pack: MiniPack, later: Later) -> None:
    alone, together = load(pack.folder), load(pack.folder, later.folder)
    facts = {"situation_types": ["mass_influx"], "land_offered": True, "years": 7}
    before, after = advisor.advise(facts, alone), advisor.advise(facts, together)
    for part in ("red_flags", "recommendations", "arguments", "set_aside"):
        was, now = getattr(before, part), getattr(after, part)
        assert [(item.id, item.text, item.strength) for item in was] == [
            (item.id, item.text, item.strength) for item in now
        ]


def test_a_place_is_cited_with_its_source_where_there_are_several(both: Corpus, pack: MiniPack) -> None:
    facts = {"situation_types": ["mass_influx"]}
    assert "(The paper, para. 1)" in report.as_text(advisor.advise(facts, both), both)
    alone = pack.load()
    assert "(para. 1)" in report.as_text(advisor.advise(facts, alone), alone)


def test_an_answer_names_packs_and_sources(both: Corpus) -> None:
    note = advisor.advise(WEST, both).corpus
    assert [(pack.id, pack.builds_on) for pack in note.packs] == [("mini", ()), ("later", ("mini",))]
    assert [pack.digest for pack in note.packs] == [both.digests["mini"], both.digests["later"]]
    assert [(source.source, source.pack) for source in note.sources] == [("paper", "mini"), ("decree", "later")]


def test_an_added_value_can_be_told_and_is_known_as_the_packs(both: Corpus) -> None:
    assert both.facts["region"].allowed == ("north", "south", "west")
    assert both.origins["values:region=west"] == "later"
    with pytest.raises(advisor.SituationError, match="region has no value 'west'"):
        advisor.advise({"region": "west"})


# --- the command line and the service ---------------------------------------------------------------------------------


def test_packs_are_named_by_option_or_environment(
    capsys: pytest.CaptureFixture[str], pack: MiniPack, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("case.yaml").write_text("{region: west}")
    status, out, _ = run(capsys, "advise", "case.yaml", "--pack", "mini", "--pack", "later")
    assert (status, "Use tents for the first month." in out) == (0, True)
    monkeypatch.setenv("ADVISOR_PACKS", os.pathsep.join(["later", "mini"]))
    status, out, _ = run(capsys, "advise", "case.yaml")
    assert (status, "Use tents for the first month." in out) == (0, True)
    status, out, _ = run(capsys, "show", "d-tents")
    assert (status, "supersedes: l-shelter" in out, "pack: later" in out) == (0, True, True)


def test_a_pack_that_comes_with_the_advisor_is_named_by_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "show", "eu-tp-01", "--pack", "eu-updates")
    assert (status, "n15-01" in out) == (0, True)


def test_a_folder_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "facts", "--pack", "eu-updatess")
    assert (status, err) == (1, "eu-updatess:1:1: error: there is no folder 'eu-updatess' (no-folder)\n")


def test_the_packs_at_hand_are_listed(capsys: pytest.CaptureFixture[str], pack: MiniPack, later: Later) -> None:
    status, out, _ = run(capsys, "pack", "list", "--pack", "mini", "--pack", "later")
    assert status == 0
    assert [line.split(":")[0] for line in out.splitlines()] == [
        "amman-2011 1.0.0",
        "eu-updates 1.0.0 (builds on amman-2011)",
        "mini 1.0.0",
        "later 2.0.0 (builds on mini)",
    ]


def test_the_service_serves_the_packs_of_its_environment(pack: MiniPack, later: Later) -> None:
    program = (
        "from fastapi.testclient import TestClient\n"
        "from api.app import create_app\n"
        "print(TestClient(create_app()).get('/v1/lessons?pack=later').json()['items'][0]['id'])\n"
    )
    env = {**os.environ, "ADVISOR_PACKS": f"mini{os.pathsep}later", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env=env, capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "d-tents\n", done.stderr


def test_an_answer_is_verified_with_the_packs_that_it_names(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("case.yaml").write_text("{region: eu, host_capacity: strained}")
    _, answer, _ = run(capsys, "advise", "case.yaml", "--pack", "eu-updates", "--format", "json")
    Path("answer.json").write_text(answer)
    assert run(capsys, "verify", "answer.json")[0] == 0
    status, out, _ = run(capsys, "verify", "answer.json", "--pack", "amman-2011")
    assert (status, "the corpus is another one" in out, "eu-updates" in out) == (1, True, True)


# --- the pack that comes beside the built-in one ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(updated: Corpus) -> Iterator[TestClient]:
    with TestClient(create_app(updated)) as client:
        yield client


def test_the_eu_pack_is_in_order(updated: Corpus) -> None:
    assert updated.warnings == ()
    own = [rule for rule in updated.rules.values() if rule.pack == "eu-updates"]
    assert len(own) >= 7
    assert all(source.standing and source.date for source in updated.sources.values())


def test_the_dated_examples_of_the_paper_are_superseded(updated: Corpus) -> None:
    assert all(updated.superseded(lesson) for lesson in ("n15-01", "n18-01"))


def test_a_mass_influx_into_the_eu_gets_the_decision_beside_the_paper(client: TestClient) -> None:
    facts = {"situation_types": ["mass_influx"], "region": "eu", "eu_temporary_protection": False}
    answer = client.post("/v1/advice", json={"facts": facts}).json()
    (line,) = [item for item in answer["recommendations"] if item["id"] == "temporary-protection"]
    assert [view["source"]["source"] for view in line["by_source"]] == ["amman-2011", "eu-decision-2022-382"]
    assert line["by_source"][1]["source"]["standing"].startswith("Binding on the Member States")
    (place,) = line["by_source"][1]["paragraphs"]
    assert client.get(place["href"]).json()["ref"] == "Art. 1"


@pytest.mark.parametrize(("region", "asked"), [("eu", True), ("africa", False)])
def test_the_question_of_the_eu_pack_is_asked_of_the_eu_alone(updated: Corpus, region: str, asked: bool) -> None:
    facts = situation.parse({"situation_types": ["mass_influx"], "region": region}, updated.facts)
    case = Case(updated, facts, engine_for(updated).run(facts))
    assert ("eu_temporary_protection" in {fact.name for fact in next_facts(open_facts(case, ()))}) is asked


# --- starting a pack --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alone", [False, True])
def test_a_new_pack_works_as_it_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, _ = run(
        capsys, "pack", "new", "gcr-2018", "--title", "Compact: 'the \"2018\" one'", *["--alone"] * alone
    )
    assert status == 0
    written = [line.removeprefix("wrote ") for line in out.splitlines() if line.startswith("wrote ")]
    assert sorted(written) == sorted(path.as_posix() for path in Path("gcr-2018").rglob("*.yaml"))
    status, out, err = run(capsys, "check", "gcr-2018")
    assert (status, err, "0 warnings" in out) == (0, "", True)
    corpus = load("gcr-2018")
    assert len(corpus.packs) == (1 if alone else 2)
    assert corpus.packs[-1].title == "Compact: 'the \"2018\" one'"
    status, out, _ = run(capsys, "test", "--pack", "gcr-2018", "gcr-2018")
    assert status == 0
    status, out, _ = run(capsys, "mutate", "--pack", "gcr-2018", "gcr-2018", "--min", "100")
    assert status == 0
    answer = advisor.advise({"process_features": ["regular_meetings"]}, corpus)
    (line,) = [item for item in answer.recommendations if item.id == "follow-up"]
    assert "gcr-2018-01" in line.lessons


def test_two_new_packs_stand_beside_one_another(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(capsys, "pack", "new", "one")
    run(capsys, "pack", "new", "two")
    assert [manifest.id for manifest in load("two", "one").packs] == [BUILTIN, "one", "two"]
    assert [manifest.id for manifest in advisor.load_corpus("one", "eu-updates").packs] == [
        BUILTIN,
        "eu-updates",
        "one",
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "GCR 2018",
            "'GCR 2018' is no fit name for a pack; use lower-case words joined by hyphens, such as gcr-2018\n",
        ),
        ("amman-2011", "a pack called 'amman-2011' comes with the advisor; choose another name\n"),
        ("taken", "taken exists already and is not empty; nothing was written\n"),
    ],
)
def test_a_new_pack_overwrites_nothing_and_has_a_fit_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken").mkdir()
    Path("taken/file").write_text("mine")
    assert run(capsys, "pack", "new", name) == (1, "", told)
    assert [path.name for path in tmp_path.rglob("*")] == ["taken", "file"]
