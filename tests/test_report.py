"""Answers as text: lines are as wide as they may be, and no wider."""

from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from advisor.corpus import Corpus
from advisor.report import TextWriter

WIDTHS = st.integers(min_value=40, max_value=60)
ODD = "ab1 -.,'\u2013\u2014\u00e9()"


def texts(letters: str) -> st.SearchStrategy[str]:
    return st.text(letters) | st.text(letters, min_size=100)


def paragraph(text: str, width: int) -> list[str]:
    writer = TextWriter(width)
    writer.paragraph(text)
    return writer.result().removesuffix("\n").split("\n")


@given(texts(ODD + "\t\n"), WIDTHS)
def test_lines_break_where_pythons_own_wrapping_breaks_them(text: str, width: int) -> None:
    assert paragraph(text, width) == (textwrap.wrap(text, width, break_long_words=False) or [""])


@given(texts(ODD), WIDTHS, st.booleans())
def test_so_do_lines_with_a_number_and_notes_with_a_label(text: str, width: int, noted: bool) -> None:
    writer = TextWriter(width)
    if noted:
        writer.note(text, "because")
        said, first, rest = f"because: {text}", "    ", "      "
    else:
        writer.line(7, text, "must")
        said, first, rest = f"{text}  [must]", " 7. ", "    "
    wrapped = textwrap.wrap(said, width, initial_indent=first, subsequent_indent=rest, break_long_words=False)
    assert writer.result() == "\n".join(wrapped) + "\n"


def test_texts_of_lessons_are_wrapped_alike(corpus: Corpus) -> None:
    for lesson in corpus.lessons.values():
        for width in (40, 100):
            assert paragraph(lesson.text, width) == textwrap.wrap(lesson.text, width, break_long_words=False)
