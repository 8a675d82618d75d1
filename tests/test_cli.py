from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from advisor import cli
from advisor.corpus import Corpus

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        cli.main(list(arguments))
    output = capsys.readouterr()
    assert isinstance(exit_.value.code, int)
    assert "Traceback" not in output.err
    return exit_.value.code, output.out, output.err


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_prints_flags_then_headlines_then_detail(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    status, out, _ = run(capsys, "advise", str(path))
    assert status == 0
    order = ["HEADLINES", "FURTHER ELEMENTS, BY HEADING", "WHAT TO ASK NEXT", "TRUE OF EVERY ANSWER"]
    if "RED FLAGS" in out:
        order.insert(0, "RED FLAGS")
    places = [out.index(heading) for heading in order]
    assert places == sorted(places)
    assert "para. " in out
    assert max(map(len, out.splitlines())) <= 110


def test_json_and_markdown_are_the_same_answer(capsys: pytest.CaptureFixture[str]) -> None:
    example = str(EXAMPLES[0])
    _, as_json, _ = run(capsys, "advise", example, "--format", "json")
    _, markdown, _ = run(capsys, "advise", example, "--format", "markdown")
    answer = json.loads(as_json)
    assert answer["id"] in markdown
    assert markdown.startswith("# ")
    for item in answer["recommendations"]:
        assert item["title"].replace("-", "") in markdown.replace("-", "")


def test_a_situation_is_read_from_standard_input_as_json_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "advise", "-", "--format", "json"],
        input='{"situation_types": ["protracted"]}',
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert json.loads(done.stdout)["situation"]["facts"] == {"situation_types": ["protracted"]}
    assert done.stderr == ""


def test_a_bad_situation_names_file_line_and_column(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text("title: A case\nfacts:\n  situation_types: [mass_inflx]\n  bordr_status: closed\n")
    status, out, err = run(capsys, "advise", str(path))
    assert status == 1
    assert out == ""
    assert f"{path}:3:21: error: situation_types has no value 'mass_inflx'; did you mean 'mass_influx'?" in err
    assert f"{path}:4:3: error: no fact named 'bordr_status'; did you mean 'border_status'? (unknown-fact)" in err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("facts: [1]", "a situation is a mapping"),
        ("facts: {}\nfact: {}", "no key 'fact' beside facts"),
        ("region: eu\nregion: mena", "stands here twice"),
        ("transfer_voluntary: yes", "write true or false"),
        ("a: [", "the [ that opens here is not closed"),
    ],
)
def test_a_file_that_is_no_situation_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(text)
    status, _, err = run(capsys, "advise", str(path))
    assert status == 1
    assert says in err


def test_a_missing_file_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "advise", "no-such-file.yaml")
    assert (status, err) == (1, "no-such-file.yaml: No such file or directory\n")


def test_facts_lists_the_vocabulary(capsys: pytest.CaptureFixture[str], corpus: Corpus) -> None:
    _, out, _ = run(capsys, "facts")
    assert all(f"  {name} (" in out for name in corpus.facts)
    _, out, _ = run(capsys, "facts", "--group", "D", "--format", "json")
    assert {fact["group"] for fact in json.loads(out)} == {"D"}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("p16-07", "lesson p16-07"),
        ("resettlement", "element resettlement"),
        ("kosovo-1999", "precedent kosovo-1999"),
        ("border_status", "fact border_status"),
        ("16", "paragraph amman-2011:16"),
        ("III.A", "paragraph amman-2011:iii-a"),
        ("box Kosovo", "paragraph amman-2011:box-kosovo"),
        ("mass-influx", "finding mass-influx"),
    ],
)
def test_show_finds_anything_an_answer_names(capsys: pytest.CaptureFixture[str], name: str, says: str) -> None:
    status, out, _ = run(capsys, "show", *name.split())
    assert status == 0
    assert says in out


def test_show_prints_a_rule_as_written(capsys: pytest.CaptureFixture[str], corpus: Corpus) -> None:
    rule = next(iter(corpus.rules.values()))
    _, out, _ = run(capsys, "show", rule.id)
    assert all(line.strip() in out for line in rule.text.splitlines())


def test_show_offers_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "show", "resetlement")
    assert status == 1
    assert "did you mean 'resettlement'?" in err


def test_check_passes_the_builtin_pack(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "check")
    assert status == 0
    assert "amman-2011" in out
    assert "290 lessons" in out
    assert "0 warnings" in out


def test_check_says_everything_that_is_wrong_and_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rules = tmp_path / "rules" / "topic"
    rules.mkdir(parents=True)
    (rules / "one.yaml").write_text("id: two\ntitle: x\nwhen: {no_such_fact: true}\nthen: [{finding: none-such}]\n")
    status, out, _ = run(capsys, "check", str(tmp_path))
    assert status == 1
    for code in ("unknown-fact", "unknown-finding", "id-not-file-name", "missing-tests", "no-manifest"):
        assert f"({code})" in out


def test_test_runs_the_rules_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "test", "rules/safeguards", "--verbose")
    assert status == 0
    assert all(line.startswith("ok      safeguards/") for line in out.splitlines()[:-1])
    assert " 0 failed" in out
    status, _, err = run(capsys, "test", "no-such-rule")
    assert status == 1
    assert "'no-such-rule'" in err


def test_coverage_leaves_nothing_uncovered(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "coverage")
    assert status == 0
    assert "uncovered: none" in out
    _, out, _ = run(capsys, "coverage", "--format", "json")
    assert len(json.loads(out)["lessons"]) == 290


def test_a_misspelt_command_exits_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "advice")
    assert status == 2
    assert "advice" in err


def test_a_bug_leaves_a_log_and_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("advisor.load_corpus", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    status, _, err = run(capsys, "facts")
    assert status == 3
    (log,) = tmp_path.glob("advisor-*.log")
    assert str(log) in err
    assert "ZeroDivisionError: oops" in log.read_text()


def test_a_reader_that_leaves_early_causes_no_error() -> None:
    command = f"{sys.executable} -m advisor coverage | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
