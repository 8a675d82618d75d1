from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from advisor import marked
from advisor.errors import CorpusError


def problems(text: str) -> list[str]:
    with pytest.raises(CorpusError) as refused:
        marked.read(text, "f.yaml")
    return [str(problem).removeprefix("f.yaml:") for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("# nothing but a comment\n", None),
        ("a: 1", {"a": 1}),
        ("a: -17", {"a": -17}),
        ("a: 1.5", {"a": 1.5}),
        ("a: 1e3", {"a": 1000.0}),
        ("a: true\nb: False", {"a": True, "b": False}),
        ("a: null\nb: ~\nc:", {"a": None, "b": None, "c": None}),
        ("a: 'yes'\nb: \"no\"", {"a": "yes", "b": "no"}),
        ("a: '16'", {"a": "16"}),
        ("a: 2011-06-27", {"a": "2011-06-27"}),
        (
            "a: 0o17\nc: 0x1F\nd: 1_000\ne: 1:30",
            {"a": "0o17", "c": "0x1F", "d": "1_000", "e": "1:30"},
        ),
        ("a: .inf\nb: .nan", {"a": ".inf", "b": ".nan"}),
        ("16: sixteen\ntrue: word", {"16": "sixteen", "true": "word"}),
        ("a: >-\n  one\n  two\n", {"a": "one two"}),
        ("a: [b, {c: d}]", {"a": ["b", {"c": "d"}]}),
    ],
)
def test_plain_data_is_read_without_surprises(text: str, data: object) -> None:
    read = marked.read(text, "f.yaml").data
    assert read == data
    assert repr(read) == repr(data), "1 and true are not the same"


def test_each_part_knows_its_line_and_column() -> None:
    document = marked.read("first: 1\nsecond:\n  - {deep: true}\n  -   far\n", "f.yaml")
    assert document.where(("first",)) == (1, 1)
    assert document.where(("second",)) == (2, 1)
    assert document.where(("second", 0)) == (3, 5)
    assert document.where(("second", 0, "deep")) == (3, 6)
    assert document.where(("second", 1)) == (4, 7)


def test_a_part_that_was_not_written_is_placed_at_the_nearest_around_it() -> None:
    document = marked.read("\na:\n  b: 1\n", "f.yaml")
    assert document.where(("a", "b", "c", 5)) == (3, 3)
    assert document.where(("x",)) == (2, 1)
    assert marked.read("", "f.yaml").where(("x", "y")) == (1, 1)


def test_a_problem_carries_file_place_and_pointer() -> None:
    problem = marked.read("a/b:\n  - c~d: 1\n", "f.yaml").problem("code", "What is wrong", ("a/b", 0, "c~d"), value=1)
    assert str(problem) == "f.yaml:2:5: error: What is wrong (code)"
    assert (problem.pointer, problem.value) == ("/a~1b/0/c~0d", 1)


@pytest.mark.parametrize("word", ["y", "n", "yes", "no", "on", "off", "Yes", "NO", "On", "OFF", "N"])
def test_a_word_that_some_tools_read_as_a_boolean_is_refused(word: str) -> None:
    assert problems(f"a:\n  - {word}\n") == [
        f"2:5: error: {word!r} is read differently by different tools; write true or false, or put it in quotes "
        "(ambiguous-boolean)"
    ]


ALIAS = "error: anchors and aliases (& and *) are not used here; write the value out (alias)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "a: 1\nb: 2\na: 3\n",
            ["3:1: error: the key 'a' stands here twice (first on line 1) (duplicate-key)"],
            id="two equal keys",
        ),
        pytest.param(
            "x:\n  - a: 1\n    'a': 2\n",
            ["3:5: error: the key 'a' stands here twice (first on line 2) (duplicate-key)"],
            id="two equal keys below, one in quotes",
        ),
        pytest.param("a: &b 1\nc: *b\n", [f"1:4: {ALIAS}", f"2:4: {ALIAS}"], id="an anchor and its alias"),
        pytest.param("&a [*a]", [f"1:1: {ALIAS}", f"1:5: {ALIAS}"], id="an alias of the list in which it stands"),
        pytest.param(
            "<<: {a: 1}",
            ["1:1: error: merge keys (<<) are not used here; write the values out (alias)"],
            id="merge key",
        ),
        pytest.param(
            "a: !!str 5\nb: !x y\n",
            [
                "1:4: error: tags (!) are not used here; write the plain value (tag)",
                "2:4: error: tags (!) are not used here; write the plain value (tag)",
            ],
            id="tags",
        ),
        pytest.param(
            "? [a]\n: b\n",
            ["1:3: error: a key is a word, not a list or a mapping (key-not-text)"],
            id="a list as a key",
        ),
        pytest.param(
            "a: [1\n",
            ["1:4: error: the [ that opens here is not closed (unbalanced-brackets)"],
            id="an open bracket",
        ),
        pytest.param("\t- a", ["1:1: error: this line starts with a tab; YAML takes spaces only (tab)"], id="a tab"),
        pytest.param("a: *x", [f"1:4: {ALIAS}"], id="an alias of nothing"),
        pytest.param(
            "a: 1\n---\nb: 2\n",
            ["2:1: error: a second document starts here; a file holds one (two-documents)"],
            id="two documents",
        ),
        pytest.param(
            "b: 1\na: \x01",
            [
                "2:4: error: the character U+0001 (a control character) cannot be seen and has no place in a text "
                "(odd-character)"
            ],
            id="a control character",
        ),
        pytest.param(
            "- " * 51 + "x",
            ["1:101: error: the document is nested too deeply (too-deep)"],
            id="a list in a list in a list",
        ),
        pytest.param(
            "[" * 500 + "]" * 500,
            ["1:51: error: the document is nested too deeply (too-deep)"],
            id="very deep brackets",
        ),
        pytest.param(
            "a: yes\nb: 1\nb: 2\n? {c: d}\n: e\n",
            [
                "1:4: error: 'yes' is read differently by different tools; write true or false, or put it in quotes "
                "(ambiguous-boolean)",
                "3:1: error: the key 'b' stands here twice (first on line 2) (duplicate-key)",
                "4:3: error: a key is a word, not a list or a mapping (key-not-text)",
            ],
            id="all of them at once",
        ),
    ],
)
def test_what_can_be_misread_is_refused(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def test_what_is_too_deep_for_the_parser_itself_is_told_as_that() -> None:
    (problem,) = problems("[" * 5000 + "]" * 5000)
    assert problem.endswith("error: the document is nested too deeply (too-deep)")


def test_half_a_character_is_refused_by_either_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        monkeypatch.setattr(marked, "_Loader", loader)
        (problem,) = problems('a: "\\ud800"')
        assert problem.endswith("(bad-escape)")


def test_fifty_levels_are_not_too_deep() -> None:
    data = marked.read("- " * 50 + "x", "f.yaml").data
    for _ in range(50):
        (data,) = data
    assert data == "x"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("1e999", id="infinite, which the module says it refuses"),
        pytest.param("1234567890123456789012345", id="a long whole number is rounded"),
        pytest.param("017", id="a leading zero makes a whole number a float"),
    ],
)
def test_a_number_is_not_changed_by_reading(written: str) -> None:
    assert not isinstance(marked.read(f"a: {written}", "f.yaml").data["a"], float)


def test_a_document_of_any_depth_is_refused_without_a_crash() -> None:
    code = (
        "from advisor import marked\nfrom advisor.errors import CorpusError\n"
        "try:\n    marked.read('[' * 200_000, 'f.yaml')\nexcept CorpusError:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "refused")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        places = [(1, 1), *marked.read(text, "f.yaml").marks.values()]
    except CorpusError as error:
        places = [(problem.line, problem.column) for problem in error.problems]
    assert places
    assert all(line >= 1 and column >= 1 for line, column in places)
