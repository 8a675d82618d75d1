"""`advisor check`: its formats, its options and what it says to CI by its exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from minipack import MiniPack
from sarif_schema import SCHEMA

from advisor import cli, diagnostics
from advisor.check_report import MOST_SHOWN
from advisor.cli import main

CAMPS = "rules/hosting/camps-on-offered-land.yaml"
UNKNOWN_FACT = f"mini/{CAMPS}:4:3: error: no fact named 'land_ofered'; did you mean 'land_offered'? (unknown-fact)"


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        main(["check", *arguments])
    printed = capsys.readouterr()
    assert isinstance(exit_.value.code, int)
    return exit_.value.code, printed.out, printed.err


@pytest.fixture
def misspelt(pack: MiniPack) -> MiniPack:
    """Return a pack with an error."""
    return pack.replace(CAMPS, "  land_offered: true\nthen", "  land_ofered: true\nthen")


@pytest.fixture
def doubtful(pack: MiniPack) -> MiniPack:
    """Return a pack with a warning, and with something to know."""
    kitchens = "  - id: kitchens\n    group: hosting\n    title: Kitchens\n    text: Food for all.\n"
    pack.replace("knowledge/pack.yaml", "  - {id: hosting, title: Hosting people}\n", "")
    return pack.append("knowledge/elements.yaml", kitchens)


# --- text and exit status ---------------------------------------------------------------------------------------------


def test_a_pack_without_problems_exits_with_0(capsys: pytest.CaptureFixture[str], pack: MiniPack) -> None:
    summary = "mini 1.0.0: 4 rules, 4 lessons, 3 places, 5 facts, 1 findings, 2 elements, 1 precedents; 0 warnings\n"
    assert check(capsys, "mini") == (0, summary, "")
    assert check(capsys, "--pack", "mini") == (0, summary, "")
    assert check(capsys, "mini", "--quiet") == (0, "", "")


def test_an_error_exits_with_1_and_says_what_to_write(capsys: pytest.CaptureFixture[str], misspelt: MiniPack) -> None:
    status, out, err = check(capsys, "mini")
    repair = "    repair: Write land_offered if that is what was meant."
    assert (status, err) == (1, "")
    assert out.splitlines() == [UNKNOWN_FACT, repair, "refused: 1 error, 0 warnings"]
    assert check(capsys, "mini", "-q") == (1, f"{UNKNOWN_FACT}\n", "")


def test_warnings_fail_only_where_they_are_asked_to(capsys: pytest.CaptureFixture[str], doubtful: MiniPack) -> None:
    status, out, _ = check(capsys, "mini")
    assert status == 0
    assert "warning: no rule recommends the element 'kitchens' (element-never-recommended)" in out
    assert out.endswith("; 1 warning, 1 to know\n")
    assert check(capsys, "mini", "--strict")[0] == 1
    # What is only to know fails nothing.
    assert check(capsys, "mini", "--strict", "--skip", "element-never-recommended")[0] == 0


def test_only_and_skip_choose_what_is_told_and_never_hide_that_a_pack_is_refused(
    capsys: pytest.CaptureFixture[str], misspelt: MiniPack
) -> None:
    misspelt.replace("rules/hosting/shelter-first.yaml", "cites: [the-town]", "cites: [the-city]")
    status, out, _ = check(capsys, "mini", "--only", "unknown-fact")
    assert status == 1
    assert re.findall(r"\(([a-z-]+)\)$", out, re.MULTILINE) == ["unknown-fact"]
    assert out.endswith("refused: 2 errors, 0 warnings (1 not shown)\n")
    skipped = check(capsys, "mini", "--skip", "unknown-fact", "--skip", "unknown-precedent")
    assert skipped == (1, "refused: 2 errors, 0 warnings (2 not shown)\n", "")
    assert check(capsys, "mini", "--only", "unknown-element")[0] == 1


@pytest.mark.parametrize("option", ["--only", "--skip", "--explain"])
def test_a_code_that_does_not_exist_exits_with_2(capsys: pytest.CaptureFixture[str], option: str) -> None:
    status, _, err = check(capsys, option, "unknown-fat")
    assert status == 2
    assert "no diagnostic 'unknown-fat'; did you mean 'unknown-fact'?" in err


def test_a_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = check(capsys, "--explain", "negated-finding")
    entry = diagnostics.diagnostic("negated-finding")
    assert status == 0
    assert out.startswith(f"negated-finding (error): {entry.title}\n")
    assert entry.means in " ".join(out.split())
    assert "Bad: rules/hosting/shelter-first.yaml\n    when:\n      not: {finding: mass-influx}\n" in out
    assert "Good: rules/hosting/shelter-first.yaml\n    when:\n      finding: mass-influx\n" in out


def test_of_very_many_problems_a_text_has_the_first_ones_and_json_all(
    capsys: pytest.CaptureFixture[str], pack: MiniPack
) -> None:
    names = ", ".join(f"no-such-{number}" for number in range(MOST_SHOWN + 50))
    pack.replace(CAMPS, "recommends: [camps]", f"recommends: [camps, {names}]")
    status, out, _ = check(capsys, "mini", "--quiet")
    assert status == 1
    *shown, rest = out.splitlines()
    assert len(shown) == MOST_SHOWN
    assert rest == "and 50 more in mini; --format json has them all"
    assert len(json.loads(check(capsys, "mini", "--format", "json")[1])["problems"]) == MOST_SHOWN + 50


def test_problems_are_sorted_by_place(capsys: pytest.CaptureFixture[str], misspelt: MiniPack) -> None:
    misspelt.replace(CAMPS, "expect: open", "expect: opne").replace(CAMPS, "name: land is offered", "name: ''")
    misspelt.replace("knowledge/elements.yaml", 'places: ["2"]', 'places: ["8"]')
    places = [line.split(": error")[0] for line in check(capsys, "mini", "-q")[1].splitlines()]
    assert places == [f"mini/{file}" for file in ("knowledge/elements.yaml:17:14", f"{CAMPS}:9:5", f"{CAMPS}:17:5")]


def test_a_file_name_that_would_steer_the_terminal_is_written_out(
    capsys: pytest.CaptureFixture[str], pack: MiniPack
) -> None:
    pack.write("rules/hosting/\x1b[31mred\u202e.yaml", "id: x\n")
    _, out, _ = check(capsys, "mini")
    assert "mini/rules/hosting/\\x1b[31mred\\u202e.yaml:1:1: error: " in out
    assert "\x1b" not in out
    assert "\u202e" not in out


# --- JSON -------------------------------------------------------------------------------------------------------------


def test_json_has_everything_that_is_known_of_a_problem(capsys: pytest.CaptureFixture[str], misspelt: MiniPack) -> None:
    status, out, _ = check(capsys, "mini", "--format", "json")
    data = json.loads(out)
    assert status == 1
    assert data["corpus"] is None
    assert data["counts"] == {"error": 1, "warning": 0, "info": 0}
    assert data["problems"] == [
        {
            "code": "unknown-fact",
            "message": "no fact named 'land_ofered'; did you mean 'land_offered'?",
            "file": f"mini/{CAMPS}",
            "line": 4,
            "column": 3,
            "pointer": "/when/land_ofered",
            "value": "land_ofered",
            "suggestion": "land_offered",
            "severity": "error",
            "repair": "Write land_offered if that is what was meant.",
            "fix": {"line": 4, "column": 3, "end_column": 14, "text": "land_offered"},
            "of": "camps-on-offered-land",
            "help": "/v1/diagnostics/unknown-fact",
        }
    ]


def test_json_of_a_sound_pack_names_the_corpus(capsys: pytest.CaptureFixture[str], pack: MiniPack) -> None:
    data = json.loads(check(capsys, "mini", "--format", "json")[1])
    assert data["problems"] == []
    assert data["corpus"] == {"version": "mini 1.0.0", "digest": pack.load().digest}


# --- SARIF ------------------------------------------------------------------------------------------------------------


def sarif(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    document = json.loads(check(capsys, *arguments, "--format", "sarif")[1])
    jsonschema.validate(document, SCHEMA, format_checker=jsonschema.FormatChecker())
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_describes_every_code_and_points_at_the_place(
    capsys: pytest.CaptureFixture[str], misspelt: MiniPack
) -> None:
    run = sarif(capsys, "mini")
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [entry.code for entry in diagnostics.all_diagnostics()]
    (result,) = run["results"]
    rule = rules[result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "unknown-fact"
    assert "Why it matters" in rule["help"]["text"]
    assert "```yaml" in rule["help"]["markdown"]
    place = result["locations"][0]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": f"mini/{CAMPS}", "uriBaseId": "%SRCROOT%"}
    assert place["physicalLocation"]["region"] == {"startLine": 4, "startColumn": 3, "endColumn": 14}
    assert place["logicalLocations"][0]["name"] == "camps-on-offered-land"


def test_a_fix_in_sarif_mends_the_file(capsys: pytest.CaptureFixture[str], misspelt: MiniPack) -> None:
    misspelt.replace(CAMPS, "recommends: [camps]", "recommends: [camp]").replace(CAMPS, "l-camps", "l-camp")
    misspelt.replace(CAMPS, "expect: silent", "expect: 'silence'").replace(CAMPS, "given: {}", "gvien: {}")
    misspelt.replace("rules/findings/mass-influx.yaml", "{has: mass_influx}", "{has: mass_inflx}")
    misspelt.replace("knowledge/facts.yaml", "{has: protracted}", "{hsa: protracted}")
    while results := sarif(capsys, "mini")["results"]:
        (change,) = results[0]["fixes"][0]["artifactChanges"]
        (replacement,) = change["replacements"]
        region = replacement["deletedRegion"]
        path = Path(change["artifactLocation"]["uri"])
        lines = path.read_text(encoding="utf-8").split("\n")
        line = lines[region["startLine"] - 1]
        before, after = line[: region["startColumn"] - 1], line[region["endColumn"] - 1 :]
        lines[region["startLine"] - 1] = before + replacement["insertedContent"]["text"] + after
        path.write_text("\n".join(lines), encoding="utf-8")
    assert misspelt.problems() == []


def test_levels_of_sarif_are_those_of_the_problems(capsys: pytest.CaptureFixture[str], doubtful: MiniPack) -> None:
    run = sarif(capsys, "mini")
    assert {result["ruleId"]: result["level"] for result in run["results"]} == {
        "element-never-recommended": "warning",
        "topic-untitled": "note",
    }
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 0}]


def test_a_finding_keeps_its_fingerprint_when_lines_move(
    capsys: pytest.CaptureFixture[str], misspelt: MiniPack
) -> None:
    misspelt.replace(CAMPS, "recommends: [camps]", "recommends: [camps, tents, tents]")

    def prints() -> list[dict[str, str]]:
        return [result["partialFingerprints"] for result in sarif(capsys, "mini")["results"]]

    before = prints()
    misspelt.write(CAMPS, "# a remark\n\n" + misspelt.text(CAMPS))
    assert prints() == before
    assert len({str(one) for one in before}) == len(before)


def test_uris_in_sarif_are_written_as_uris_are(capsys: pytest.CaptureFixture[str], pack: MiniPack) -> None:
    pack.write("rules/hosting/eine Übung.yaml", "id: x\n")
    (uri,) = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in sarif(capsys, "mini")["results"]
    }
    assert uri == "mini/rules/hosting/eine%20%C3%9Cbung.yaml"


# --- annotations ------------------------------------------------------------------------------------------------------


def test_annotations_stand_at_the_line_with_the_repair_below(
    capsys: pytest.CaptureFixture[str], misspelt: MiniPack
) -> None:
    status, out, _ = check(capsys, "mini", "--format", "github")
    assert status == 1
    assert out.splitlines()[0] == (
        f"::error file=mini/{CAMPS},line=4,col=3,title=unknown-fact::no fact named 'land_ofered'; did you mean "
        "'land_offered'?%0AWrite land_offered if that is what was meant."
    )


def test_annotations_have_levels_and_no_sign_of_a_command_in_them(
    capsys: pytest.CaptureFixture[str], doubtful: MiniPack
) -> None:
    (doubtful.folder / "rules/hosting/100%, a: b\n::error::x.yaml").write_text("id: x\n", encoding="utf-8")
    *commands, _summary = check(capsys, "mini", "--format", "github")[1].splitlines()
    assert [command.split(" ")[0] for command in commands] == ["::error"]
    assert "file=mini/rules/hosting/100%25%2C a%3A b%0A%3A%3Aerror%3A%3Ax.yaml,line=1" in commands[0]
    doubtful.remove("rules/hosting/100%, a: b\n::error::x.yaml")
    commands = check(capsys, "mini", "--format", "github", "--quiet")[1].splitlines()
    assert [command.split(" ")[0] for command in commands] == ["::warning", "::notice"]


def test_the_built_in_packs_have_no_problem_of_any_kind(capsys: pytest.CaptureFixture[str]) -> None:
    for pack in ("amman-2011", "eu-updates"):
        status, out, _ = check(capsys, "--pack", pack, "--format", "json", "--strict")
        assert status == 0
        assert json.loads(out)["problems"] == []


def test_a_bug_in_a_check_is_called_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr("advisor.commands.check.examine", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    status, _, err = check(capsys)
    assert status == cli.BUG
    assert "a bug" in err
