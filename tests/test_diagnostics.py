"""The catalogue is true: each example gives the problem it shows, at its place, and none when it is mended."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from beside import Later
from fastapi.testclient import TestClient
from minipack import MiniPack
from overlay import lay

from advisor import catalogue_pages, claims, content, diagnostics
from advisor.corpus import examine
from advisor.errors import Problem
from api.app import create_app

ROOT = Path(__file__).resolve().parent.parent

CATALOGUE = {entry.code: entry for entry in diagnostics.all_diagnostics()}


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(content, "MAX_FILES", 25)


def found(folder: Path, given: list[str]) -> list[Problem]:
    return examine(*given)[1]


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize("code", CATALOGUE)
def test_a_bad_example_gives_its_problem_at_its_place(code: str, tmp_path: Path) -> None:
    entry = CATALOGUE[code]
    problems = found(tmp_path, lay(tmp_path, entry.example, "bad"))
    places = [f"{problem.file}:{problem.line}:{problem.column}" for problem in problems if problem.code == code]
    assert places[:1] == [entry.placed], "\n".join(map(str, problems))
    assert {problem.code for problem in problems} == {code, *entry.also}, "\n".join(map(str, problems))
    assert all(problem.repair for problem in problems)


@pytest.mark.usefixtures("small_limit")
@pytest.mark.parametrize("code", CATALOGUE)
def test_a_good_example_gives_no_problem(code: str, tmp_path: Path) -> None:
    problems = found(tmp_path, lay(tmp_path, CATALOGUE[code].example, "good"))
    assert [str(problem) for problem in problems] == []


CALLS = {"Problem", "problem", "say", "report", "_problem", "_at", "_Slip"}
"""The functions by which the code names what is wrong; the code is among their first arguments."""
KEBAB = re.compile(r"[a-z]+(-[a-z0-9]+)+|alias|empty|link|tab|tag|unreadable")


def given_codes() -> set[str]:
    """Return every code that the library can give, as its source says."""
    found = {f"unknown-{'-or-'.join(named)}" for named in claims.SPEAKS_OF.values()}
    for path in (ROOT / "advisor").glob("*.py"):
        if path.stem == "tables":  # what is wrong with a table of situations is no matter of content
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments):
                    if name in CALLS:
                        found |= {
                            text for argument in arguments[:2] for text in texts(argument) if KEBAB.fullmatch(text)
                        }
                    if name in ("known", "unknown") and len(arguments) > 3:
                        found |= {f"unknown-{text.replace(' ', '-')}" for text in texts(arguments[3])}
                case ast.Assign(targets=[ast.Name(id="code")], value=value):
                    found |= {text for text in texts(value) if KEBAB.fullmatch(text)}
    return found


def texts(node: ast.AST) -> set[str]:
    if isinstance(node, ast.JoinedStr):
        return set()
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_the_catalogue_has_every_code_that_can_be_given_and_no_other() -> None:
    assert given_codes() == set(diagnostics.codes())


def test_the_page_of_checks_is_up_to_date() -> None:
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert page == catalogue_pages.as_markdown(), "make docs writes it anew"
    assert all(f"\n### {code}\n" in page for code in diagnostics.codes())


def test_entries_say_what_they_are_and_are_told_in_full() -> None:
    for entry in CATALOGUE.values():
        assert entry.title[0].isupper() or entry.title.split()[0] in ("yes,", "same_as", "ask_when"), entry.code
        assert not entry.title.endswith(".")
        assert all(text.endswith(".") for text in (entry.means, entry.matters, entry.repair)), entry.code
        assert set(entry.also) <= set(CATALOGUE)
        told = catalogue_pages.as_text(entry)
        assert "\nBad: " in told, entry.code
        assert "\nGood: " in told, entry.code


def test_the_service_has_the_catalogue() -> None:
    client = TestClient(create_app())
    listed = client.get("/v1/diagnostics").json()
    assert [entry["code"] for entry in listed["items"]] == list(CATALOGUE)
    warnings = client.get("/v1/diagnostics?severity=warning&group=rules").json()
    assert {entry["code"] for entry in warnings["items"]} >= {"duplicate-rule", "subsumed-rule"}
    assert all(entry["severity"] == "warning" for entry in warnings["items"])
    entry = client.get("/v1/diagnostics/unknown-fact").json()
    assert entry["means"] == CATALOGUE["unknown-fact"].means
    missed = client.get("/v1/diagnostics/unknown-fat")
    assert missed.status_code == 404
    assert missed.json()["errors"][0]["suggestion"] == "unknown-fact"
    assert client.get("/v1/diagnostics/..%2Ferrors").status_code == 404
    assert client.get("/v1/diagnostics?severity=fatal").status_code == 400


# --- accepting warnings -----------------------------------------------------------------------------------------------

ACCEPTED = """\
accepts:
  - problem: question-unneeded
    of: region
    reason: No rule needs it yet; the pack later adds values to it, and tests them.
"""


def codes(pack: MiniPack) -> list[str]:
    return [problem.code for problem in examine(pack.folder)[1]]


def test_a_warning_that_is_accepted_with_a_reason_is_not_told(pack: MiniPack) -> None:
    assert codes(pack) == []
    assert codes(pack.replace("knowledge/pack.yaml", ACCEPTED, "")) == ["question-unneeded"]


def test_a_warning_is_accepted_of_a_file_too(pack: MiniPack) -> None:
    pack.replace("knowledge/pack.yaml", "of: region", "of: knowledge/facts.yaml")
    assert codes(pack) == []
    assert codes(pack.replace("knowledge/pack.yaml", "of: knowledge", "of: rules")) == [
        "question-unneeded",
        "accepted-in-vain",
    ]


def test_an_acceptance_without_a_reason_is_refused(pack: MiniPack) -> None:
    reason = ACCEPTED.splitlines(keepends=True)[-1]
    assert codes(pack.replace("knowledge/pack.yaml", reason, "")) == ["missing-key"]


def test_whether_a_warning_is_accepted_in_vain_is_not_judged_of_a_pack_that_is_refused(pack: MiniPack) -> None:
    pack.replace("knowledge/pack.yaml", "of: region", "of: years")
    assert codes(pack) == ["question-unneeded", "accepted-in-vain"]
    pack.replace("knowledge/elements.yaml", 'places: ["2"]', 'places: ["8"]')
    assert codes(pack) == ["unknown-place", "question-unneeded"]


def test_one_pack_does_not_accept_the_warnings_of_another(pack: MiniPack) -> None:
    later = Later(pack.folder.parent / "later")
    rule = "rules/decree/tents-in-the-west.yaml"
    later.replace(rule, "  region: west\n", "  land_offered: true\n").replace(
        rule, "{region: west}", "{land_offered: true}"
    )
    later.replace(rule, "{region: north}", "{land_offered: false}").append("knowledge/pack.yaml", ACCEPTED)

    def told() -> list[tuple[str, str]]:
        return [(problem.code, problem.file) for problem in examine(pack.folder, later.folder)[1]]

    in_vain = ("accepted-in-vain", "later/knowledge/pack.yaml")
    assert told() == [in_vain]
    pack.replace("knowledge/pack.yaml", ACCEPTED, "")
    assert told() == [in_vain, ("question-unneeded", "mini/knowledge/facts.yaml")]


def test_a_pack_on_top_may_bring_what_another_accepts_not_to_have(pack: MiniPack) -> None:
    later = Later(pack.folder.parent / "later")
    assert examine(pack.folder, later.folder)[1] == []
