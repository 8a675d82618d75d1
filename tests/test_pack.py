from __future__ import annotations

from pathlib import Path

import pytest
from minipack import MORE_RULE, MiniPack

from advisor.corpus import examine
from advisor.errors import CorpusError

SECOND_SOURCE = """\
id: second
title: Another paper
short: The other
publisher: Nobody
date: "2002"
language: en
standing: Made up as well.
places:
  - id: "1"
    ref: "1"
    kind: note
    part: Notes
    page: 1
    gist: A note.
    no_lesson: A note alone.
"""
MORE_LESSONS = """\
source: paper
lessons:
  - id: l-more
    place: "1"
    kind: lesson
    title: More
    when: always
    text: There is more to say.
    strength: should
    hedge: usually
    basis: lesson
    weight: 1
    notice: true
"""
# Files on which no other file depends: a slip in one of them leaves the rest of the pack whole.
EXTRA = {
    "knowledge/sources/second.yaml": SECOND_SOURCE,
    "knowledge/lessons/more.yaml": MORE_LESSONS,
    "rules/hosting/more.yaml": MORE_RULE,
}


def extra(pack: MiniPack, name: str) -> None:
    """Write one of the extra files, and into the manifest what it asks for."""
    pack.write(name, EXTRA[name])
    if name.startswith("knowledge/sources/"):
        pack.append("knowledge/pack.yaml", "sources: [paper, second]\n")


def slip(pack: MiniPack, file: str, old: str, new: str) -> list[str]:
    if file in EXTRA:
        extra(pack, file)
    return pack.replace(file, old, new).problems()


def test_the_small_pack_and_its_extra_files_are_valid(pack: MiniPack) -> None:
    for name in EXTRA:
        extra(pack, name)
    assert pack.problems() == []
    assert "more" in pack.load().rules


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        pytest.param(
            "knowledge/lessons/more.yaml",
            "    hedge: usually\n",
            "    hedge: usually\n    remrak: Old.\n",
            (
                "11:5: error: no key 'remrak' here; did you mean 'remark'?; allowed: id, place, kind, title, "
                "when, text, strength, hedge, basis, weight, facts, same_as, supersedes, narrows, supports, "
                "attaches_to, notice, no_advice, remark, note (unknown-key)"
            ),
            id="a key that does not exist",
        ),
        pytest.param(
            "rules/hosting/more.yaml",
            "title: More camps\n",
            "title: More camps\ntopic: hosting\n",
            (
                "3:1: error: no key 'topic' here; allowed: id, title, reading, note, when, pressing_when, then, "
                "tests (unknown-key)"
            ),
            id="a key that does not exist at the top",
        ),
        pytest.param(
            "knowledge/lessons/more.yaml",
            "    notice: true\n",
            "    notice: true\n    remark: {kind: dated, text: Old., txt: Old.}\n",
            "14:39: error: no key 'txt' here; did you mean 'text'?; allowed: kind, text (unknown-key)",
            id="a key that does not exist inside a mapping",
        ),
        pytest.param(
            "knowledge/pack.yaml",
            "text: A pack with just enough in it.\n",
            "",
            "1:1: error: the key 'text' is missing (missing-key)",
            id="a missing key",
        ),
        pytest.param(
            "knowledge/sources/second.yaml",
            "    gist: A note.\n",
            "",
            "9:5: error: the key 'gist' is missing (missing-key)",
            id="a missing key in a list",
        ),
        pytest.param(
            "knowledge/lessons/more.yaml",
            "hedge: usually",
            "hedge: sometime",
            (
                "10:5: error: 'hedge' is one of none, usually, sometimes; not 'sometime'; did you mean "
                "'sometimes'? (value-not-allowed)"
            ),
            id="a value that is none of those allowed",
        ),
        pytest.param(
            "rules/hosting/more.yaml",
            "expect: open",
            "expect: 5",
            "17:5: error: 'expect' is one of fires, silent, open; not 5 (value-not-allowed)",
            id="a value that is like none of those allowed",
        ),
        pytest.param(
            "knowledge/sources/second.yaml",
            "page: 1",
            "page: first",
            "13:5: error: 'page' takes a whole number, not 'first' (wrong-type)",
            id="text where a number belongs",
        ),
        pytest.param(
            "knowledge/sources/second.yaml",
            "page: 1",
            "page: 1.5",
            "13:5: error: 'page' takes a whole number, not 1.5 (wrong-type)",
            id="a fraction where a whole number belongs",
        ),
        pytest.param(
            "knowledge/sources/second.yaml",
            'date: "2002"',
            "date: 2002",
            "5:1: error: 'date' takes text, not 2002 (wrong-type)",
            id="a number where text belongs",
        ),
        pytest.param(
            "knowledge/lessons/more.yaml",
            "notice: true",
            'notice: "true"',
            "13:5: error: 'notice' takes true or false, not 'true' (wrong-type)",
            id="text where true or false belongs",
        ),
        pytest.param(
            "rules/hosting/more.yaml",
            "given: {}",
            "given: []",
            "16:5: error: 'given' takes a mapping, not an empty list (wrong-type)",
            id="a list where a mapping belongs",
        ),
        pytest.param(
            "knowledge/sources/second.yaml",
            "gist: A note.",
            "gist:",
            "14:5: error: 'gist' takes text, and here is nothing (wrong-type)",
            id="nothing where text belongs",
        ),
        pytest.param(
            "knowledge/lessons/more.yaml",
            "l-more",
            "l-More",
            "3:5: error: 'l-More' is not a fit name for 'id' (bad-name)",
            id="an id with capitals",
        ),
        pytest.param(
            "knowledge/pack.yaml",
            "1.0.0",
            '"1.0"',
            "2:1: error: '1.0' is not a fit name for 'version' (bad-name)",
            id="a version of two parts",
        ),
        pytest.param(
            "knowledge/sources/second.yaml",
            "gist: A note.",
            'gist: "  "',
            "14:5: error: 'gist' must not be empty (empty)",
            id="an empty text",
        ),
        pytest.param(
            "rules/hosting/more.yaml",
            "then:\n  - lesson: l-shelter\n    recommends: [camps]\n",
            "then: []\n",
            "5:1: error: 'then' must not be empty (empty)",
            id="an empty list",
        ),
        pytest.param(
            "knowledge/sources/second.yaml",
            "short: The other",
            "short: " + "x" * 301,
            "3:1: error: 'short' has more than 300 characters (too-long)",
            id="a line that is too long",
        ),
        pytest.param(
            "knowledge/sources/second.yaml",
            "page: 1",
            "page: 0",
            "13:5: error: 'page' is 0; it must be at least 1 (out-of-range)",
            id="a number below the least",
        ),
        pytest.param(
            "knowledge/lessons/more.yaml",
            "weight: 1",
            "weight: 4",
            "12:5: error: 'weight' is 4; it must be at most 3 (out-of-range)",
            id="a number above the most",
        ),
        pytest.param(
            "knowledge/sources/second.yaml",
            "page: 1",
            "page: 1e999",
            "13:5: error: 'page' takes a whole number, not '1e999' (wrong-type)",
            id="a number that is not finite",
        ),
        pytest.param(
            "rules/hosting/more.yaml",
            "  land_offered: true\nthen",
            "  land_offered: true\n  land_offered: true\nthen",
            "5:3: error: the key 'land_offered' stands here twice (first on line 4) (duplicate-key)",
            id="two equal keys",
        ),
        pytest.param(
            "knowledge/lessons/more.yaml",
            "notice: true",
            "notice: yes",
            (
                "13:13: error: 'yes' is read differently by different tools; write true or false, or put it in "
                "quotes (ambiguous-boolean)"
            ),
            id="yes for true",
        ),
        pytest.param(
            "knowledge/lessons/more.yaml",
            "kind: lesson",
            "kind: [lesson",
            "5:11: error: the [ that opens here is not closed (unbalanced-brackets)",
            id="broken YAML",
        ),
    ],
)
def test_a_slip_in_a_file_is_that_one_problem(pack: MiniPack, file: str, old: str, new: str, problem: str) -> None:
    assert slip(pack, file, old, new) == [f"{file}:{problem}"]


def test_a_date_without_quotes_stays_text(pack: MiniPack) -> None:
    assert slip(pack, "knowledge/sources/second.yaml", 'date: "2002"', "date: 2002-01-01") == []
    assert pack.load().sources["second"].date == "2002-01-01"


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        pytest.param("recommends: camps", "7:5: error: 'recommends' takes a list, not 'camps' (wrong-type)", id="word"),
        pytest.param("recommnds: [camps]", None, id="key"),
    ],
)
def test_a_slip_in_a_consequence_is_that_one_problem(pack: MiniPack, new: str, problem: str | None) -> None:
    problems = slip(pack, "rules/hosting/more.yaml", "recommends: [camps]", new)
    assert len(problems) == 1
    assert problem is None or problems == [f"rules/hosting/more.yaml:{problem}"]


def test_a_word_in_place_of_an_entry_is_not_called_by_its_index(pack: MiniPack) -> None:
    problems = slip(pack, "knowledge/pack.yaml", "  - {id: hosting, title: Hosting people}\n", "  - hosting\n")
    assert [problem for problem in problems if "takes a mapping" in problem]
    assert not [problem for problem in problems if "'1' takes" in problem]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("knowledge/facts.yaml", "question: Where is it?", "qestion: Where is it?"),
        ("knowledge/facts.yaml", "maximum: 150", "maximum: 150.5"),
        ("knowledge/elements.yaml", "life_saving: true", "life_saving: often"),
        ("knowledge/lessons/paper.yaml", "hedge: usually", "hedge: mostly"),
        ("knowledge/sources/paper.yaml", "page: 2", "page: two"),
        ("knowledge/references.yaml", "kind: treaty", "kind: [treaty"),
        ("rules/hosting/camps-on-offered-land.yaml", "  land_offered: true\nthen", "  land_ofered: true\nthen"),
    ],
)
def test_a_slip_brings_no_false_problems_in_files_that_are_right(pack: MiniPack, file: str, old: str, new: str) -> None:
    problems = slip(pack, file, old, new)
    assert [problem for problem in problems if problem.startswith(file)]
    assert [problem for problem in problems if not problem.startswith(file)] == []


def test_a_value_for_a_label_that_a_boolean_does_not_have_is_a_problem(pack: MiniPack) -> None:
    labels = '{"true": Land is offered, "false": No land is offered'
    problems = slip(pack, "knowledge/facts.yaml", labels, labels + ", maybe: Perhaps")
    assert any(problem.startswith("knowledge/facts.yaml:54:") and "error" in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- l-shelter\n", "the file holds a list, and no mapping; expected keys: source, lessons (wrong-type)"),
        ("", "the file is empty; expected keys: source, lessons (empty-file)"),
        ("# to come\n", "the file has nothing but remarks in it; expected keys: source, lessons (empty-file)"),
        ("just words\n", "the file holds 'just words', and no mapping; expected keys: source, lessons (wrong-type)"),
    ],
)
def test_a_file_that_holds_no_mapping_names_the_keys_it_should_have(pack: MiniPack, text: str, what: str) -> None:
    file = "knowledge/lessons/more.yaml"
    assert pack.write(file, text).problems() == [f"{file}:1:1: error: {what}"]


@pytest.mark.parametrize("file", ["knowledge/lesson/more.yaml", "rules/stray.yaml", "rules/a/b/c.yml"])
def test_a_file_in_no_known_place_is_a_problem(pack: MiniPack, file: str) -> None:
    expected = (
        f"{file}:1:1: error: no content is kept under {file!r}; knowledge/ holds pack.yaml, sources/, "
        "references.yaml, facts.yaml, findings.yaml, elements.yaml, lessons/, precedents/ and invariants.yaml, rules/ "
        "one folder a topic, and scenarios/ and examples/ one file a situation (misplaced-file)"
    )
    assert pack.write(file, "id: stray\n").problems() == [expected]


def test_hidden_files_and_other_files_are_left_alone(pack: MiniPack) -> None:
    pack.write("rules/hosting/.more.yaml", "[").write("rules/hosting/notes.txt", "[").write("rules/.swp/a/b.yaml", "[")
    assert pack.problems() == []


def test_a_pack_without_a_manifest_is_a_problem(pack: MiniPack) -> None:
    pack.remove("knowledge/pack.yaml")
    _, problems = examine(pack.folder)
    assert [(problem.code, problem.message, problem.file) for problem in problems] == [
        (
            "no-manifest",
            "the pack has no manifest; write knowledge/pack.yaml with id, version, title and text",
            "mini/knowledge/pack.yaml",
        )
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "knowledge/sources/paper.yaml",
            '  - id: "3"\n',
            '  - id: "2"\n',
            "24:5: error: 'paper:2' exists already, at mini/knowledge/sources/paper.yaml:18 (duplicate-id)",
        ),
        (
            "knowledge/facts.yaml",
            "  - name: years\n",
            "  - name: arrivals\n",
            "37:5: error: 'arrivals' exists already, at mini/knowledge/facts.yaml:27 (duplicate-id)",
        ),
        (
            "knowledge/elements.yaml",
            "  - id: camps\n",
            "  - id: shelter\n",
            "13:5: error: 'shelter' exists already, at mini/knowledge/elements.yaml:7 (duplicate-id)",
        ),
        (
            "knowledge/lessons/paper.yaml",
            "  - id: l-choice\n",
            "  - id: l-camps\n",
            "34:5: error: 'l-camps' exists already, at mini/knowledge/lessons/paper.yaml:14 (duplicate-id)",
        ),
    ],
)
def test_a_name_given_twice_tells_where_it_was_given_first(
    pack: MiniPack, file: str, old: str, new: str, problem: str
) -> None:
    found = [line.replace(": 'mini/", ": '") for line in slip(pack, file, old, new) if line.startswith(file)]
    assert found == [f"{file}:{problem}"]


def test_two_rules_of_one_id_in_two_topics_are_a_problem(pack: MiniPack) -> None:
    pack.write("rules/findings/shelter-first.yaml", pack.text("rules/hosting/shelter-first.yaml"))
    assert pack.problems() == [
        "rules/hosting/shelter-first.yaml:1:1: error: 'shelter-first' exists already, "
        "at mini/rules/findings/shelter-first.yaml:1 (duplicate-id)"
    ]


def test_problems_of_several_files_are_all_told_at_once_in_the_order_of_files_and_lines(pack: MiniPack) -> None:
    for name, text in EXTRA.items():
        pack.write(name, text)
    pack.replace("knowledge/pack.yaml", "version: 1.0.0", "version: one")
    pack.replace("knowledge/sources/second.yaml", "page: 1", "page: first")
    pack.replace("knowledge/lessons/more.yaml", "weight: 1", "weight: 9")
    pack.replace("knowledge/lessons/more.yaml", "hedge: usually", "hedge: mostly")
    pack.replace("rules/hosting/more.yaml", "land_offered: true\nthen", "{region: west}\nthen")
    pack.write("rules/hosting/broken.yaml", "[")
    problems = pack.problems()
    assert [problem.split(": error")[0] for problem in problems] == [
        "knowledge/lessons/more.yaml:10:5",
        "knowledge/lessons/more.yaml:12:5",
        "knowledge/pack.yaml:2:1",
        "knowledge/sources/second.yaml:13:5",
        "rules/hosting/broken.yaml:1:1",
        "rules/hosting/more.yaml:4:4",
    ]
    with pytest.raises(CorpusError) as refused:
        pack.load()
    assert len(refused.value.problems) == 6
    assert str(refused.value).count("\n") == 5
    assert {problem.severity for problem in refused.value.problems} == {"error"}


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _, problems = examine("nowhere")
    assert list(map(str, problems))[:1] == ["nowhere:1:1: error: there is no folder 'nowhere' (no-folder)"]


def test_a_folder_without_content_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bare" / "knowledge").mkdir(parents=True)
    _, problems = examine("bare")
    message = "bare:1:1: error: no YAML file below knowledge/ or rules/ in 'bare' (no-content)"
    assert list(map(str, problems))[:1] == [message]


def test_a_folder_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    assert [problem.code for problem in examine(tmp_path / "nowhere")[1]] == ["no-folder"]


def test_a_file_that_is_too_large_is_a_problem(pack: MiniPack) -> None:
    pack.write("rules/hosting/more.yaml", "#" * 2_000_001)
    message = "rules/hosting/more.yaml:1:1: error: the file has 2,000,001 bytes; content files have at most 2,000,000"
    assert f"{message} (file-too-large)" in pack.problems()


def test_a_file_that_is_not_utf_8_is_a_problem(pack: MiniPack) -> None:
    (pack.folder / "rules/hosting/more.yaml").write_bytes(b"title: caf\xe9\n")
    message = (
        "rules/hosting/more.yaml:1:11: error: here the file is not UTF-8 text; in the encoding of older programs this "
        "would be é (not-utf-8)"
    )
    assert message in pack.problems()


def test_a_file_that_cannot_be_read_is_a_problem(pack: MiniPack) -> None:
    (pack.folder / "rules/hosting/more.yaml").mkdir()
    message = "rules/hosting/more.yaml:1:1: error: this is a folder, and has the name of a content file (unreadable)"
    assert message in pack.problems()


def test_a_byte_order_mark_and_the_line_ends_of_windows_are_read(pack: MiniPack) -> None:
    plain = pack.load()
    path = pack.folder / "rules/hosting/shelter-first.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    again = pack.load()
    assert again.rules["shelter-first"] == plain.rules["shelter-first"]
    assert again.digest == plain.digest


def test_places_written_bare_are_those_of_the_packs_own_source(pack: MiniPack) -> None:
    extra(pack, "knowledge/sources/second.yaml")
    pack.replace("knowledge/elements.yaml", 'places: ["2"]', 'places: ["2", "second:1"]')
    corpus = pack.load()
    assert corpus.elements["camps"].places == ("paper:2", "second:1")
    assert corpus.lessons["l-shelter"].place == "paper:1"
    assert corpus.places["paper:1"].refers_to == ("paper:2",)


def test_a_rule_keeps_its_origin(pack: MiniPack) -> None:
    rule = pack.load().rules["no-camps-for-years"]
    assert (rule.topic, rule.pack, rule.file) == ("hosting", "mini", "rules/hosting/no-camps-for-years.yaml")
    assert rule.text == pack.text("rules/hosting/no-camps-for-years.yaml")
    assert (rule.reading, rule.note) == ("ours", "Five years is our reading of long.")
    assert str(rule.when) == "years is at least 5"
