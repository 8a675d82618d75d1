from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import values

import advisor
from advisor import cli, content
from advisor.advice import advise
from advisor.corpus import Corpus
from advisor.trace import traced
from advisor.verification import AnswerError, read, verify
from api.app import create_app

ROOT = Path(__file__).resolve().parent.parent
FACTS: dict[str, Any] = {
    "situation_types": ["mass_influx"],
    "border_status": "closed",
    "host_capacity": "overwhelmed",
    "arrivals_count": 300_000,
    "contributions_offered": ["money"],
    "measures_proposed": ["evacuation"],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def answer(corpus: Corpus) -> dict[str, Any]:
    """Return an answer made by another process, with another hash seed."""
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "advise", "-", "--format", "json"],
        input=json.dumps(dict(reversed(FACTS.items()))),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
    )
    return read(done.stdout)


@pytest.fixture
def edited(answer: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(answer)


def test_an_answer_of_another_process_holds(answer: dict[str, Any], corpus: Corpus) -> None:
    verified = verify(answer, corpus)
    assert verified.holds
    assert verified.differences == ()
    assert verified.id == verified.id_of_contents == verified.id_derived == answer["id"]


def test_an_answer_of_the_service_and_one_with_its_trace_hold(corpus: Corpus) -> None:
    reply = TestClient(create_app(corpus)).post("/v1/advice", json={"facts": FACTS})
    assert verify(reply.json(), corpus).holds
    assert verify(json.loads(traced(FACTS, corpus).model_dump_json()), corpus).holds


def test_keys_sorted_and_numbers_written_otherwise_change_nothing(answer: dict[str, Any], corpus: Corpus) -> None:
    again = json.loads(json.dumps(answer, sort_keys=True))
    again["situation"]["facts"]["arrivals_count"] = 300_000.0
    again["situation"]["facts"]["years_in_exile"] = None
    assert verify(again, corpus).holds


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("border_status", "open", "changed"),
        ("arrivals_count", 50, "changed"),
        ("contributions_offered", ["money", "hosting_places"], "changed"),
        ("host_capacity", None, "missing"),
        ("transfer_voluntary", False, "added"),
        ("years_in_exile", 7, "added"),
    ],
)
def test_one_changed_fact_is_named_with_what_it_was(
    edited: dict[str, Any], corpus: Corpus, name: str, value: Any, kind: str
) -> None:
    edited["situation"]["facts"][name] = value
    verified = verify(edited, corpus)
    assert not verified.holds
    assert verified.changed == ("facts",)
    (difference,) = verified.facts
    assert (difference.pointer, difference.kind) == (f"/situation/facts/{name}", kind)
    assert (difference.saved, difference.derived) == (value, FACTS.get(name))
    assert verified.differences == (), "all else is what the original facts say"


def test_a_changed_fact_and_an_edited_sentence_are_told_apart(edited: dict[str, Any], corpus: Corpus) -> None:
    edited["situation"]["facts"]["border_status"] = "open"
    edited["recommendations"][0]["title"] += "!"
    verified = verify(edited, corpus)
    assert [one.pointer for one in verified.facts] == ["/situation/facts/border_status"]
    assert [one.pointer for one in verified.differences] == ["/recommendations/0/title"]
    assert verified.changed == ("facts", "text")


def test_one_edited_sentence_is_named_with_the_old_and_the_new(edited: dict[str, Any], corpus: Corpus) -> None:
    line = edited["recommendations"][3]
    old = line["text"]
    line["text"] = "Do nothing at all."
    verified = verify(edited, corpus)
    assert verified.changed == ("text",)
    (difference,) = verified.differences
    assert difference.pointer == "/recommendations/3/text"
    assert difference.line == line["id"]
    assert (difference.saved, difference.derived) == ("Do nothing at all.", old)
    assert old in verified.as_text()


def test_lines_dropped_added_and_moved_are_named(edited: dict[str, Any], corpus: Corpus) -> None:
    lines = edited["recommendations"]
    dropped = lines.pop(2)
    invented = {**lines[0], "id": "made-up", "title": "Made up"}
    lines.append(invented)
    lines[0], lines[1] = lines[1], lines[0]
    found = {(one.kind, one.line, one.derived or one.saved) for one in verify(edited, corpus).differences}
    assert found == {
        ("missing", dropped["id"], dropped["title"]),
        ("added", "made-up", "Made up"),
        ("moved", None, None),
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [("id", "0" * 40), ("corpus/digest", "0" * 64), ("corpus/version", "amman-2011 9.9.9"), ("format", "0")],
)
def test_an_edited_id_digest_version_or_format_is_an_edited_text(
    edited: dict[str, Any], corpus: Corpus, path: str, value: str
) -> None:
    *above, key = path.split("/")
    target = edited[above[0]] if above else edited
    target[key] = value
    verified = verify(edited, corpus)
    assert verified.changed == ("text",)
    assert [one.pointer for one in verified.differences] == [f"/{path}"]


def test_one_changed_rule_is_told_from_a_changed_fact(answer: dict[str, Any], tmp_path: Path, corpus: Corpus) -> None:
    folder = content.builtin_folder()
    for part in content.PARTS:
        shutil.copytree(folder / part, tmp_path / part)
    rationale = answer["recommendations"][0]["rationale"][0]
    path = next((tmp_path / "rules").rglob(f"{rationale['rule']}.yaml"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(corpus.rules[rationale["rule"]].title, "Another title"), encoding="utf-8")
    manifest = tmp_path / "knowledge" / "pack.yaml"
    version = corpus.packs[0].version
    manifest.write_text(manifest.read_text().replace(f"version: {version}", "version: 9.0.0"))
    verified = verify(answer, advisor.load_corpus(tmp_path))
    assert verified.changed == ("corpus",)
    assert verified.id == verified.id_of_contents, "the facts are those of the id"
    assert [(pack.id, pack.saved, pack.present) for pack in verified.packs] == [("amman-2011", version, "9.0.0")]
    assert verified.corpus_saved != verified.corpus_present
    differing = {(one.pointer, one.derived) for one in verified.differences}
    assert ("/recommendations/0/rationale/0/title", "Another title") in differing
    assert all(derived == "Another title" for _, derived in differing)


def test_a_fact_that_the_vocabulary_does_not_have_is_said_to_be_refused(edited: dict[str, Any], corpus: Corpus) -> None:
    edited["situation"]["facts"]["bordr_status"] = "open"
    verified = verify(edited, corpus)
    assert verified.changed == ("facts",)
    assert verified.id_derived is None
    assert verified.facts_refused == ("no fact named 'bordr_status'; did you mean 'border_status'?",)


@settings(max_examples=15)
@given(data=st.data())
def test_any_one_changed_fact_is_found(data: st.DataObject, corpus: Corpus) -> None:
    answer = json.loads(advise(FACTS, corpus).model_dump_json())
    fact = data.draw(st.sampled_from(sorted(corpus.facts.values(), key=lambda one: one.name)))
    value = data.draw(values(fact))
    answer["situation"]["facts"][fact.name] = value
    verified = verify(answer, corpus)
    same = advisor.advise({**FACTS, fact.name: value}, corpus).id == answer["id"]
    assert verified.holds is same
    assert same or [one.line for one in verified.facts] == [fact.name]


@settings(max_examples=15)
@given(data=st.data())
def test_whatever_stands_in_a_part_is_reported_and_never_fails(data: st.DataObject, corpus: Corpus) -> None:
    answer = json.loads(advise({"situation_types": ["protracted"]}, corpus).model_dump_json())
    key = data.draw(st.sampled_from(sorted(answer)))
    drawn = data.draw(JSON)
    assume(drawn != answer[key])
    answer[key] = drawn
    try:
        verified = verify(answer, corpus)
    except AnswerError:
        return
    assert not verified.holds
    assert verified.as_text()
    assert verified.model_dump_json()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is nothing in it"),
        ("[]", "the JSON is no object"),
        ("null", "the JSON is no object"),
        ("# Advice", "Expecting value (line 1, column 1)"),
        ('{"id": "abc", "corp', "it ends too early"),
        ('{"id": "a", "id": "b"}', "'id' stands twice"),
        ('{"id": NaN}', "no number NaN"),
        ('{"a": ' * 100_000, "nested too deeply"),
        ('{"id": "abc"}', "it lacks /corpus/digest, /situation/facts"),
        ('{"openapi": "3.1.0", "paths": {}}', "its keys: openapi, paths"),
        ('{"id": 1, "corpus": [], "situation": {"facts": []}}', "it lacks /id, /corpus/digest, /situation/facts"),
        (" " * 20_000_001, "more than 20,000,000 characters"),
    ],
)
def test_what_is_no_answer_is_refused_in_a_sentence(text: str, says: str, corpus: Corpus) -> None:
    with pytest.raises(AnswerError) as raised:
        verify(read(text), corpus)
    assert says in str(raised.value)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        cli.main(list(arguments))
    output = capsys.readouterr()
    assert isinstance(exit_.value.code, int)
    return exit_.value.code, output.out, output.err


def test_the_command_says_holds_or_differs_by_its_exit_status(
    capsys: pytest.CaptureFixture[str], answer: dict[str, Any], edited: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer))
    status, out, _ = run(capsys, "verify", str(path))
    assert (status, out.split(":")[0]) == (0, "holds")
    edited["recommendations"][0]["title"] = "Anything goes"
    path.write_text(json.dumps(edited))
    status, out, _ = run(capsys, "verify", str(path))
    assert status == 1
    assert "saved:   Anything goes" in out
    status, out, _ = run(capsys, "verify", str(path), "--format", "json")
    assert status == 1
    assert json.loads(out)["changed"] == ["text"]
    path.write_text(json.dumps(answer)[:500])
    status, out, err = run(capsys, "verify", str(path))
    assert (status, out) == (1, "")
    assert f"{path}: not a JSON answer: it ends too early" in err


def test_an_answer_is_read_from_standard_input(answer: dict[str, Any]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "verify", "-"],
        input=json.dumps(answer),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (done.returncode, done.stderr) == (0, "")
