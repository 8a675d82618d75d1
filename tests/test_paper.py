from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from minipack import MiniPack
from papercopy import HEAD, Copy, texts, with_paper

from advisor.corpus import Corpus
from advisor.model import Source
from advisor.pages import MAX_BYTES, UnreadableError, read_pages
from advisor.paper import digest, find_places, plain

PAPER = Path(__file__).resolve().parents[2] / "shared" / "paper" / "000_261c6bef9c8703b1.txt"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return with_paper(MiniPack(tmp_path_factory.mktemp("pack") / "mini")).load().sources["paper"]


def unlike(found: dict[str, str]) -> list[str]:
    return [name for name, text in texts().items() if plain(found.get(name, "")) != plain(text)]


def read(copy: Copy, source: Source) -> dict[str, str]:
    return find_places(read_pages(copy.text().encode()), source)


def without_digests(source: Source) -> Source:
    places = tuple(place.model_copy(update={"digest": None}) for place in source.places)
    return source.model_copy(update={"places": places})


@pytest.mark.parametrize("marks", ["glued", "apart", "raised"])
@pytest.mark.parametrize("feeds", [True, False])
def test_every_place_is_found_whatever_the_marks_and_pages(source: Source, marks: str, feeds: bool) -> None:
    assert unlike(read(Copy(marks=marks, feeds=feeds), source)) == []


@given(
    width=st.integers(45, 110),
    height=st.integers(22, 60),
    hyphenated=st.booleans(),
    marks=st.sampled_from(["glued", "apart", "raised"]),
    feet=st.booleans(),
    gaps=st.booleans(),
    straight=st.booleans(),
)
def test_line_breaks_pages_and_hyphens_do_not_matter(
    source: Source, width: int, height: int, hyphenated: bool, marks: str, feet: bool, gaps: bool, straight: bool
) -> None:
    copy = Copy(width, height, hyphenated, marks, feet, gaps, straight)
    copy.feet &= len(copy.pages()) > 1  # what stands at the edge of one page alone can't be told from its text
    assert unlike(read(copy, source)) == []


def test_the_layout_alone_is_enough_to_find_the_places(source: Source) -> None:
    found = read(Copy(hyphenated=False), without_digests(source))
    assert set(unlike(found)) <= {"head"}


def test_a_pdf_gives_the_same_texts(source: Source) -> None:
    assert unlike(find_places(read_pages(Copy(height=40, width=80).pdf()), source)) == []


def test_a_note_goes_on_below_the_next_pages_rule(source: Source) -> None:
    def parted(copy: Copy) -> bool:
        start, end = (
            [any(words in line for line in page) for page in copy.pages()] for words in ("first spun", "later work")
        )
        return start != end

    copies = [copy for height in range(18, 40) if parted(copy := Copy(height=height, hyphenated=False))]
    assert copies, "no page break falls into the note"
    for copy in copies:
        assert unlike(read(copy, source)) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("12,500 goats", "12,600 goats", "2"),
        ("Two villages", "Three villages", "5"),
        ("stone becomes", "stones become", "9"),
        ("pay with salt", "pay with silver", "box-ford"),
        ("night watch", "day watch", "s-a"),
        ("on 2 February", "on 3 February", "n2"),
        ("as custom demands;", "as custom demands,", "4"),
    ],
)
def test_a_changed_word_figure_or_comma_is_seen_in_its_place_alone(
    source: Source, old: str, new: str, place: str
) -> None:
    found = read(Copy(changed={old: new}), source)
    assert unlike(found) == [place]
    assert plain(found[place]) == plain(texts()[place].replace(old, new))


def test_a_paragraph_that_is_left_out_is_not_found_and_its_neighbours_are(source: Source) -> None:
    text = Copy(height=200, hyphenated=False, feet=False).text()
    start, end = text.index("4. When the water"), text.index("Lessons learned")
    found = find_places(read_pages((text[:start] + text[end:]).encode()), source)
    assert unlike(found) == ["4"]
    assert "4" not in found


def test_text_is_shown_without_marks_feet_and_broken_words(source: Source) -> None:
    found = read(Copy(width=50), source)
    assert found["1"].endswith("than any one village has. The charter of the valley (“the Charter”) says as much.")
    assert "a draft" not in "".join(found.values())
    assert "\n" not in found["3"]
    assert found["s-a"].splitlines()[-1] == "• The night watch"
    assert [line.split(":")[0] for line in found["box-mill"].splitlines()] == [
        "Background",
        "Arrangements",
        "Further information",
    ]


def test_digests_ignore_layout_and_nothing_else() -> None:
    one = digest("“Co-operation” \u2013 in the ﬁeld\u2019s\nlong-\nterm inter\u00adest • ends.")
    assert one == digest('"Cooperation" in the field\'s long-term  interest\n\nends.')
    assert one != digest('"Cooperation" in the field\'s long-term interest ends')
    assert digest(HEAD) != digest(HEAD.replace("2001", "2002"))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "no text"),
        (b"   \n\f\n", "no text"),
        (b"PK\x03\x04rest", "word processor"),
        (bytes(range(256)) * 20, "neither a PDF nor text"),
        (b"%PDF-1.7\nnothing more", "broken"),
        (b"x" * (MAX_BYTES + 1), "bytes"),
        (b"line\n" * 30_000, "30,001 lines"),
        (b"x" * 100_000, "very long"),
    ],
)
def test_what_is_no_copy_is_refused_in_a_sentence(raw: bytes, says: str) -> None:
    with pytest.raises(UnreadableError, match=says):
        read_pages(raw)


def test_a_pdf_cut_anywhere_is_refused_or_read_in_part() -> None:
    pdf = Copy().pdf()
    for at in range(20, len(pdf), len(pdf) // 12):
        with suppress(UnreadableError):  # anything else would be a bug
            assert read_pages(pdf[:at])


def test_a_pdf_with_a_password_is_refused_and_one_with_an_empty_password_is_read(source: Source) -> None:
    import io

    import pypdf

    def encrypted(password: str) -> bytes:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(Copy(width=80).pdf()))
        writer.encrypt(password, "owner", algorithm="RC4-128")
        target = io.BytesIO()
        writer.write(target)
        return target.getvalue()

    with pytest.raises(UnreadableError, match="password"):
        read_pages(encrypted("secret"))
    assert unlike(find_places(read_pages(encrypted("")), source)) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_usual_encodings(source: Source, encoding: str) -> None:
    assert unlike(find_places(read_pages(Copy().text().encode(encoding)), source)) == []


@pytest.mark.skipif(not PAPER.exists(), reason="the paper itself is not part of the project")
def test_the_papers_own_text_matches_in_every_place(corpus: Corpus) -> None:
    source = corpus.sources["amman-2011"]
    found = find_places(read_pages(PAPER.read_bytes()), source)
    assert [place.id for place in source.places if digest(found.get(place.id, "")) != place.digest] == []
