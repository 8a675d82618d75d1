from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import advisor
from advisor.errors import nearest, printable, quoted, shown
from advisor.names import NameLists, Names


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("mass_inflx", "mass_influx"),
        ("Mass-Influx", "mass_influx"),
        ("influx", "mass_influx"),
        ("xyzzy", None),
        (5, None),
    ],
)
def test_the_nearest_name_is_the_one_that_was_meant(name: object, meant: str | None) -> None:
    assert nearest(name, ["protracted", "mass_influx", "rescue_at_sea"]) == meant


def test_among_many_names_the_nearest_is_found_as_among_few(corpus: advisor.Corpus) -> None:
    missed = 0
    for known in (list(corpus.elements), list(corpus.rules), list(corpus.facts)):
        assert len(known) > 60
        many = Names(known)
        for name in known[:60]:
            misspelt = name[:3] + name[4:]
            by_itself = difflib.get_close_matches(misspelt, sorted(known, reverse=True), n=1)
            missed += [many.nearest(misspelt)] != by_itself
    assert missed <= 2, "the pairs of letters lead to another name than the whole comparison"


def test_a_short_name_is_found_among_long_ones(corpus: advisor.Corpus) -> None:
    assert nearest("reachble", [*corpus.rules, *corpus.lessons, *corpus.elements, "reachable"]) == "reachable"


def test_after_some_hundred_misspelt_names_no_more_are_looked_up() -> None:
    names = Names([f"name-{number}" for number in range(1000)])
    found = [names.nearest(f"nmae-{number}") for number in range(1000)]
    assert found[0] == "name-0"
    assert found[-1] is None
    assert names.nearest("nmae-0") == "name-0", "what was looked up is remembered"


def test_lists_of_names_are_made_once() -> None:
    lists = NameLists()
    assert lists.nearest("nort", "region", ["north", "south"]) == "north"
    assert lists.nearest("nort", "region", ["never looked at"]) == "north"
    assert lists.nearest("nort", "other", ["mort"]) == "mort"


@given(st.text())
def test_what_is_printed_has_no_character_that_cannot_be_seen(text: str) -> None:
    assert printable(text).replace("\n", "").isprintable()
    assert quoted(text).isprintable()
    assert len(quoted(text)) < 1000


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        (1.5, "1.5"),
        ("it's", '"it\'s"'),
        ("\u202egnp\x1b[0m", "'\\u202egnp\\x1b[0m'"),
        ("x" * 1000, "'" + "x" * 80 + "…'"),
        ([], "an empty list"),
        ([1], "a list"),
        ({"a": 1}, "a mapping"),
        (10**400, "a number of more than fifteen digits"),
        (float("inf"), "a number that is not finite"),
    ],
)
def test_values_are_spoken_of_as_an_author_writes_them(value: object, words: str) -> None:
    assert shown(value) == words
