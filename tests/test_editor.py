"""What an author sees in an editor: the YAML language server, told by the line at the top of a file to use a schema.

The server is installed by ``npm ci --prefix tests/editor``. It is given no address to fetch from.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contentfiles import PACKS, ROOT, content_files, kind_of
from lsp import LanguageServer, Message
from minipack import MiniPack
from test_cli import run
from thorough import IN_CI, some

from advisor.corpus import Corpus
from advisor.schemas import KINDS

SERVER = ROOT / "tests/editor/node_modules/yaml-language-server/bin/yaml-language-server"
SETTINGS: dict[str, Any] = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False},
        "kubernetesCRDStore": {"enable": False},
    },
    "http": {},
}
LINE = "# yaml-language-server: $schema=../../schemas/rule.schema.json\n"
HERE = "‸"
"""Marks a place in a text."""


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    node = shutil.which("node")
    if node is None or not SERVER.is_file():
        missing = "node is not on the path" if node is None else "run `npm ci --prefix tests/editor`"
        message = f"the YAML language server is not there: {missing}"
        if IN_CI:
            pytest.fail(message)
        pytest.skip(message)
    with LanguageServer([node, str(SERVER), "--stdio"], ROOT, SETTINGS) as running:
        yield running


def place(text: str) -> tuple[str, int, int]:
    """Return the text without its mark, and the mark's line and column."""
    before, _, after = text.partition(HERE)
    return before + after, before.count("\n") + 1, len(before) - before.rfind("\n")


def offered(server: LanguageServer, path: Path, text: str) -> dict[str, Message]:
    plain, line, column = place(text)
    server.edit(path, plain)
    return server.completion(path, line, column)


def shown(server: LanguageServer, path: Path, text: str) -> str:
    plain, line, column = place(text)
    server.edit(path, plain)
    return server.hover(path, line, column)


def underlined(text: str, problems: list[Message]) -> list[tuple[str, str]]:
    """Return what is underlined, with the message, in the order of the text; all of it must lie on one line."""
    lines = text.splitlines()
    found = []
    for problem in problems:
        start, end = problem["range"]["start"], problem["range"]["end"]
        assert start["line"] == end["line"]
        place = (start["line"], start["character"])
        found.append((place, lines[start["line"]][start["character"] : end["character"]], problem["message"]))
    return [(text, message) for _, text, message in sorted(found)]


def rule(name: str) -> Path:
    """Return the path of a rule that the editor has open and that nobody has saved."""
    return ROOT / "rules" / "mass-influx" / f"{name}.yaml"


# --- completion -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", ["  ‸", "  all:\n    - ‸", "  any:\n    - region: eu\n    - not:\n        ‸"])
def test_completion_offers_the_facts_in_a_condition(server: LanguageServer, corpus: Corpus, condition: str) -> None:
    rest = "then:\n  - finding: mass-influx\n"
    items = offered(server, rule("conditions"), f"{LINE}id: x\ntitle: x\nwhen:\n{condition}\n{rest}")
    assert set(items) >= {*corpus.facts, "all", "any", "not"}
    assert ("finding" in items) == ("not:" not in condition), "findings cannot be negated"
    question = corpus.facts["contributions_offered"].question
    assert str(items["contributions_offered"]["documentation"]).startswith(question)


def test_completion_offers_the_values_of_a_fact(server: LanguageServer, corpus: Corpus) -> None:
    items = offered(server, rule("values"), f"{LINE}id: x\nwhen:\n  contributions_offered: {{only: [‸]}}\n")
    allowed = corpus.facts["contributions_offered"].allowed
    assert set(items) >= set(allowed)
    assert items["debt_relief"]["documentation"].startswith(corpus.facts["contributions_offered"].values[6].label)
    items = offered(server, rule("one-value"), f"{LINE}id: x\nwhen:\n  host_capacity: ‸\n")
    assert set(items) == set(corpus.facts["host_capacity"].allowed)


def test_completion_offers_the_operators_that_fit_a_fact(server: LanguageServer) -> None:
    items = offered(server, rule("set"), f"{LINE}id: x\nwhen:\n  contributions_offered:\n    ‸\n")
    assert set(items) == {"has", "has_any", "has_all", "lacks", "lacks_all", "only", "empty", "count_at_least"}
    items = offered(server, rule("number"), f"{LINE}id: x\nwhen:\n  arrivals_count: {{a‸}}\n")
    assert set(items) == {"at_least", "at_most", "more_than", "less_than"}


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("lesson: ‸", "lessons"),
        ("finding: ‸", "findings"),
        ("lesson: p16-07\n    cautions: [‸]", "elements"),
        ("lesson: p16-07\n    recommends:\n      - ‸", "elements"),
        ("lesson: p16-07\n    cites: [‸]", "precedents"),
    ],
)
def test_completion_offers_what_a_consequence_may_name(
    server: LanguageServer, corpus: Corpus, key: str, kind: str
) -> None:
    items = offered(server, rule(kind), f"{LINE}id: x\nwhen:\n  region: eu\nthen:\n  - {key}\n")
    entries = getattr(corpus, kind)
    assert {label for label in items if "(array item)" not in label} == set(entries)
    name, entry = next(iter(entries.items()))
    assert items[name]["documentation"].startswith(entry.title)


def test_completion_offers_the_keys_of_a_rule_and_of_a_consequence(server: LanguageServer) -> None:
    items = offered(server, rule("keys"), f"{LINE}id: x\n‸\n")
    assert set(items) >= {"title", "reading", "note", "when", "pressing_when", "then", "tests"}
    assert items["pressing_when"]["documentation"].startswith("The condition that makes its advice more urgent")
    text = f"{LINE}id: x\nwhen:\n  region: eu\nthen:\n  - lesson: p16-07\n    cautions: [financial-assistance]\n    ‸\n"
    items = offered(server, rule("consequence"), text)
    assert set(items) >= {"cites", "defeats", "strength"}
    assert not {"finding", "contradiction", "already_met"} & set(items), "they stand in consequences of their own"


def test_completion_offers_facts_and_values_in_a_test(server: LanguageServer, corpus: Corpus) -> None:
    start = f"{LINE}id: x\nwhen:\n  region: eu\ntests:\n  - name: one\n    given:"
    assert set(offered(server, rule("given"), f"{start}\n      ‸\n    expect: fires\n")) == set(corpus.facts)
    assert set(offered(server, rule("given-flow"), f"{start} {{bor‸}}\n")) >= set(corpus.facts)
    assert set(offered(server, rule("expect"), f"{start} {{}}\n    expect: ‸\n")) == {"fires", "silent", "open"}


def test_completion_quotes_a_paragraph_number(server: LanguageServer) -> None:
    line = "# yaml-language-server: $schema=../../schemas/lessons.schema.json\n"
    path = ROOT / "knowledge/lessons/unsaved.yaml"
    items = offered(server, path, f"{line}source: amman-2011\nlessons:\n  - id: x\n    place: ‸\n")
    assert items['"16"']["insertText"] == '"16"'
    assert items["box-kosovo"]["insertText"] == "box-kosovo"
    assert items["amman-2011:16"]["documentation"].startswith("Amman discussion paper (2011), 16")


# --- hover texts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spot", "says"),
    [
        ("border_sta‸tus: closed", ["Is the border open to new arrivals?", "`closure_threatened`"]),
        ("contributions_offered: {on‸ly: [money]}", ["nothing but these values"]),
        ("finding: money-‸only", ["Only money offered"]),
    ],
)
def test_resting_on_a_word_of_a_condition_explains_it(server: LanguageServer, spot: str, says: list[str]) -> None:
    text = shown(server, rule("hover"), f"{LINE}id: x\ntitle: x\nwhen:\n  {spot}\nthen:\n  - finding: mass-influx\n")
    assert [part for part in says if part not in text] == []


@pytest.mark.parametrize(
    ("spot", "kind", "name"),
    [
        ("lesson: p16‸-07\n    cautions: [financial-assistance]", "lessons", "p16-07"),
        ("lesson: p16-07\n    cautions: [combined-package, financial‸-assistance]", "elements", "financial-assistance"),
        ("lesson: p16-07\n    cautions: []\n    cites: [kosovo-‸1999]", "precedents", "kosovo-1999"),
    ],
)
def test_resting_on_a_name_shows_its_title_and_no_other(
    server: LanguageServer, corpus: Corpus, spot: str, kind: str, name: str
) -> None:
    text = shown(server, rule("hover-name"), f"{LINE}id: x\ntitle: x\nwhen:\n  region: eu\nthen:\n  - {spot}\n")
    entries = getattr(corpus, kind)
    assert entries[name].title in text
    assert [other for other, entry in entries.items() if other != name and entry.title in text] == []


# --- errors -----------------------------------------------------------------------------------------------------------


def test_a_correct_rule_has_no_error_and_a_misspelt_key_is_underlined_where_it_stands(server: LanguageServer) -> None:
    path = ROOT / "rules/mass-influx/money-alone-in-mass-influx.yaml"
    text = path.read_text(encoding="utf-8")
    assert server.edit(path, text) == []
    for right, wrong in (("\nreading:", "readng"), ("\n    cautions:", "cautoins"), ("\n    expect:", "expcet")):
        spoilt = text.replace(right, right.replace(right.strip(" \n:"), wrong), 1)
        found = underlined(spoilt, server.edit(path, spoilt))
        assert (wrong, f"Property {wrong} is not allowed.") in found
        assert {what for what, _ in found} <= {wrong, "n", "-", "l"}, "what is missing is said where the entry begins"
        assert server.edit(path, text) == []


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("finding: money-only", "region: europe_non_eu\n      border_status: closed", "A condition has one key; join"),
        ("    cautions: [financial-assistance]\n", "", "Say how the lesson is applied: recommends,"),
        ("expect: open", "expect: opne", 'Value is not accepted. Valid values: "fires", "silent", "open".'),
        ("id: money-alone", "id: Money-alone", "Small letters and digits, words joined by hyphens"),
        ("reading: source", "reading: ours", "A reading of ours needs a note that says what is ours."),
    ],
)
def test_errors_are_said_in_plain_words(server: LanguageServer, right: str, wrong: str, message: str) -> None:
    path = ROOT / "rules/mass-influx/money-alone-in-mass-influx.yaml"
    text = path.read_text(encoding="utf-8")
    assert right in text
    found = server.edit(path, text.replace(right, wrong, 1))
    assert [problem["message"][: len(message)] for problem in found] == [message]


@pytest.mark.parametrize("name", some(tuple(KINDS), 3))
def test_a_file_of_each_kind_is_without_error(server: LanguageServer, name: str) -> None:
    path = next(path for path in content_files() if kind_of(path) == name)
    text = path.read_text(encoding="utf-8")
    # An error first, so that the silence after it is known to be that of a server that looked.
    assert ("no_such_key", "Property no_such_key is not allowed.") in underlined(
        text + "no_such_key: 1\n", server.edit(path, text + "no_such_key: 1\n")
    )
    assert server.edit(path, text) == []


# --- a pack of one's own ----------------------------------------------------------------------------------------------


def test_the_schemas_of_a_pack_offer_its_own_names_and_underline_any_other(
    server: LanguageServer, pack: MiniPack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "schemas", "--pack", "mini")[0] == 0
    path = pack.folder / "rules/hosting/unsaved.yaml"
    items = offered(server, path, f"{LINE}id: unsaved\ntitle: x\nwhen:\n  ‸\nthen:\n  - finding: mass-influx\n")
    assert set(items) == {
        "situation_types",
        "region",
        "arrivals",
        "years",
        "land_offered",
        "all",
        "any",
        "not",
        "finding",
    }
    assert "Is land offered for camps?" in shown(server, path, f"{LINE}id: x\ntitle: x\nwhen:\n  land_of‸fered: true\n")
    text = LINE + pack.text("rules/hosting/camps-on-offered-land.yaml")
    assert server.edit(path, text) == []
    spoilt = text.replace("when:\n  land_offered:", "when:\n  land_ofered:").replace("[camps]", "[kamps]")
    assert underlined(spoilt, server.edit(path, spoilt)) == [
        ("land_ofered", "Property land_ofered is not allowed."),
        ("kamps", "There is no element of this name. If it is new, write the schemas again (advisor schemas)."),
    ]


def test_the_published_schemas_leave_the_names_of_a_pack_alone(server: LanguageServer) -> None:
    folder = PACKS["eu-updates"]
    path = folder / "rules/eu-law/unsaved.yaml"
    line = LINE.replace("../../", "../../../../")
    text = f"{line}id: x\ntitle: x\nwhen:\n  eu_temporary_protection: true\nthen:\n  - finding: own-finding\n"
    spoilt = text.replace("then:", "thne:")
    assert ("thne", "Property thne is not allowed.") in underlined(spoilt, server.edit(path, spoilt))
    assert server.edit(path, text) == []


def test_the_lock_of_the_server_names_no_host() -> None:
    text = (ROOT / "tests/editor/package-lock.json").read_text(encoding="utf-8")
    assert '"node_modules/yaml-language-server"' in text
    assert "integrity" in text
    assert "http" not in text
    assert "resolved" not in text
