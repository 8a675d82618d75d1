"""Drafts: what an officer takes away is whole, in order, fit to print, and the same in every form."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import pytest
import yaml
from fastapi.testclient import TestClient
from pypdf import PdfReader
from pypdf.generic import Destination
from test_cli import run
from thorough import IN_CI, some

import advisor
from advisor.answer import Advice
from advisor.corpus import Corpus
from advisor.draft import MAX_TITLE, Front, FrontError, draft, drafted
from advisor.draft_forms import FORMS
from advisor.draft_layout import COLUMN, LEFT, pages_of
from advisor.draft_markdown import as_markdown
from advisor.draft_parts import DraftOutline, Heading, Listing, Mark, Paragraph, Parts, Run, Section, Table, clean
from advisor.trace import traced
from api.app import create_app

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
KOSOVO = ROOT / "examples" / "kosovo-1999.yaml"
SPITE = (
    "1. <b>&amp; ]]> \u202egnp.exe\u202c \x00\x0b\ud800\ufffe [^1] | `x` *a* # $h$ "
    "😀 漢字 مرحبا بالعالم and שלום Привет Ελλάδα " + "x" * 300
)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def facts_in(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["facts"]
    return found


@pytest.fixture(scope="module", params=some(EXAMPLES, 3), ids=lambda path: path.stem)
def answer(request: pytest.FixtureRequest, corpus: Corpus) -> Advice:
    return traced(facts_in(request.param), corpus)


@pytest.fixture(scope="module")
def kosovo(corpus: Corpus) -> Advice:
    return traced(facts_in(KOSOVO), corpus)


@pytest.fixture(scope="module")
def spiteful(kosovo: Advice) -> Advice:
    """Return an answer whose words try to be something else, or to be longer than a page."""
    items = list(kosovo.recommendations)
    items[0] = items[0].model_copy(update={"title": SPITE, "text": SPITE})
    items[1] = items[1].model_copy(update={"text": "word " * 20_000 + "y" * 60_000})
    return kosovo.model_copy(update={"recommendations": tuple(items)})


def squeezed(text: str) -> str:
    """Return text without its spaces, which lines and pages break as they like."""
    return re.sub(r"\s+", "", text)


def texts_of(parts: Parts) -> str:
    return "".join(part.text for part in parts if isinstance(part, Run))


def all_parts(outline: DraftOutline) -> Iterator[Parts]:
    for section in outline.sections:
        for block in section.blocks:
            match block:
                case Paragraph(parts=parts):
                    yield parts
                case Listing(entries=entries):
                    yield from (entry.parts for entry in entries)
                case Table(rows=rows):
                    yield from (cell for row in rows for cell in row)


def whole_text(outline: DraftOutline) -> str:
    return "\n".join(map(texts_of, all_parts(outline)))


@cache
def file_of(form: str, outline: DraftOutline) -> bytes:
    return FORMS[form].write(outline)


def words_of(form: str, outline: DraftOutline) -> str:
    """Return the text of a draft in one of its forms, read back by what reads such files."""
    written = file_of(form, outline)
    if form == "docx":
        document = docx.Document(io.BytesIO(written))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return squeezed("".join([*(paragraph.text for paragraph in document.paragraphs), *cells]))
    if form == "pdf":
        # What goes on on the next page is not parted by the foot of this one.
        pages = (page.extract_text() for page in PdfReader(io.BytesIO(written)).pages)
        return squeezed("".join(re.split(r"\n *\d+ +(?:UNHCR, |Amman )|\nDraft for disc", text)[0] for text in pages))
    # Marks of Markdown around and before words are no words.
    return squeezed(re.sub(r"\[\^\d+\]|(?<!\\)\*+|\\(?=[^\w\s])", "", written.decode()))


def without_marks(text: str) -> str:
    return squeezed(re.sub(r"\d", "", text))


# --- what stands in it ---


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_the_red_flags_headlines_and_what_was_set_aside(
    form: str, answer: Advice, corpus: Corpus
) -> None:
    # Digits are left out: a PDF has the marks of footnotes as plain digits.
    words = without_marks(words_of(form, draft(answer, corpus)))
    for item in (*answer.red_flags, *answer.recommendations, *answer.set_aside, *answer.arguments):
        assert without_marks(item.title) in words
        if not item.by_source:
            assert without_marks(item.text) in words, item.id
    for item in answer.recommendations:
        for condition in item.conditions:
            assert without_marks(condition.text) in words
    for question in answer.questions:
        assert without_marks(question.question) in words
    for notice in answer.notices:
        assert without_marks(notice.text) in words
    for note in answer.precedents:
        assert without_marks(note.title) in words


def test_the_outline_follows_part_iii_and_has_each_line_once(answer: Advice, corpus: Corpus) -> None:
    (outline,) = (section for section in draft(answer, corpus).sections if section.name == "outline")
    headings = [block.text for block in outline.blocks if isinstance(block, Heading) and block.level == 2]
    order = [group.title for group in corpus.element_groups.values()]
    known = [heading for heading in headings if heading in order]
    assert known == [title for title in order if title in known] != []
    assert headings[len(known) :] in ([], ["What every arrangement should settle"])
    titles = [block.text for block in outline.blocks if isinstance(block, Heading) and block.level == 3]
    headlines = sorted(item.title for item in answer.headlines if item.kind != "caution")
    assert sorted(title for title in titles if title != "Further elements") == headlines
    terse = [
        texts_of(entry.parts[:1])
        for block in outline.blocks
        if isinstance(block, Listing)
        for entry in block.entries
        if entry.depth == 0
    ]
    rest = [item.title for item in answer.recommendations if item.kind != "caution" and not item.headline]
    assert sorted(terse) == sorted(rest)


def test_a_line_says_how_strongly_why_and_what_could_set_it_aside(kosovo: Advice, corpus: Corpus) -> None:
    text = whole_text(draft(kosovo, corpus))
    assert "Consider, lesson learned. Use temporary evacuation and transfer abroad" in text
    assert "Why here: mass influx; contributions offered: Places to host people;" in text
    assert (
        "Provisional: Could still be set aside, if “Solution or other outcome” is “No outcome is provided for”; or if "
        "“Consent to be moved” is “The people concerned do not agree”." in text
    )
    assert "Conditions: Evacuate people, or move them by humanitarian transfer, only if they agree;" in text


def test_no_id_of_a_fact_or_finding_stands_in_it(answer: Advice, corpus: Corpus) -> None:
    text = whole_text(draft(answer, corpus))
    ids = (name for name in (*corpus.facts, *corpus.findings) if "_" in name or "-" in name)
    # Rules are named by their ids in the annex, to be looked up.
    rules = re.compile("|".join(sorted(map(re.escape, corpus.rules), key=len, reverse=True)))
    plain = rules.sub("", text)
    assert [name for name in ids if re.search(rf"\b{name}\b", plain) and "_" in name] == []


def test_the_annex_derives_every_finding_once_and_every_headline(answer: Advice, corpus: Corpus) -> None:
    (annex,) = (section for section in draft(answer, corpus).sections if section.name == "annex-trace")
    headings = [block.text for block in annex.blocks if isinstance(block, Heading) and block.level == 3]
    assert len(headings) == len(answer.red_flags) + len(answer.headlines)
    for item in answer.headlines:
        assert any(heading.endswith(f": {item.title}") for heading in headings)
    told = [
        texts_of(entry.parts[:1])
        for block in annex.blocks[:2]
        if isinstance(block, Listing)
        for entry in block.entries
        if entry.depth == 0
    ]
    assert sorted(told) == sorted(note.title for note in answer.situation.findings)
    assert "as above" not in "".join(texts_of(parts) for parts in all_parts_of(annex)).replace("Because: as above", "")


def all_parts_of(section: Section) -> Iterator[Parts]:
    for block in section.blocks:
        if isinstance(block, Listing):
            yield from (entry.parts for entry in block.entries)


def test_it_can_be_checked(kosovo: Advice, corpus: Corpus) -> None:
    outline = draft(kosovo, corpus)
    text = whole_text(outline)
    assert kosovo.id in text
    assert corpus.digest in text
    assert corpus.version in text
    assert kosovo.id[:12] in outline.origin


def test_it_says_what_case_it_is_and_bears_no_date_of_its_own(kosovo: Advice, corpus: Corpus) -> None:
    plain = draft(kosovo, corpus)
    assert plain.subtitle == "Mass influx · Europe outside the EU · 300,000 people"
    assert (plain.situation, plain.byline, plain.date) == ("", "", "")
    told = draft(kosovo, corpus, Front("Kosovo", "Ministry of the Interior", "1999-04-05"))
    assert (told.subtitle, told.situation) == ("Kosovo", plain.subtitle)
    assert told.byline == "Ministry of the Interior, 5 April 1999"


@pytest.mark.parametrize("form", FORMS)
def test_of_an_unknown_situation_there_is_a_short_draft(form: str, corpus: Corpus) -> None:
    outline = drafted({}, corpus)
    assert outline.subtitle == "Nothing is known of the situation yet"
    assert "Toolittleisknownforanylineofadvice" in words_of(form, outline)


def test_where_sources_differ_each_has_its_say() -> None:
    both = advisor.load_corpus("eu-updates")
    answer = traced(facts_in(KOSOVO) | {"region": "eu"}, both)
    text = whole_text(draft(answer, both))
    found = 0
    for item in answer.recommendations:
        for view in item.by_source:
            found += 1
            assert f"{view.source.short}: {view.text}" in text
    assert found


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ({"title": "x" * (MAX_TITLE + 1)}, "the title has 301 characters; at most 300 are allowed"),
        ({"author": "x" * 1_000_000}, "the author has 1,000,000 characters; at most 300 are allowed"),
        ({"date": "5 April"}, "the date must be a day, written like 2026-11-26"),
        ({"date": "2026-02-30"}, "the date must be a day, written like 2026-11-26"),
        ({"date": "20260226"}, "the date must be a day, written like 2026-11-26"),
    ],
)
def test_what_cannot_stand_at_the_front_is_refused(front: dict[str, str], message: str) -> None:
    with pytest.raises(FrontError, match=re.escape(message)):
        Front(**front)


def test_without_a_trace_there_is_no_draft(corpus: Corpus) -> None:
    with pytest.raises(ValueError, match="trace"):
        draft(advisor.advise({}, corpus), corpus)


# --- footnotes ---


def test_footnotes_are_numbered_in_the_order_of_their_marks(answer: Advice, corpus: Corpus) -> None:
    outline = draft(answer, corpus)
    marks = [part.number for parts in all_parts(outline) for part in parts if isinstance(part, Mark)]
    assert marks == [note.number for note in outline.footnotes] == list(range(1, len(marks) + 1))
    assert "June 2011 (cited below as “Amman discussion paper (2011)”)" in outline.footnotes[0].text
    assert all(note.text.startswith("Amman discussion paper (2011), ") for note in outline.footnotes[1:])


def test_word_has_real_footnotes(answer: Advice, corpus: Corpus) -> None:
    outline = draft(answer, corpus)
    with zipfile.ZipFile(io.BytesIO(file_of("docx", outline))) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))
        notes = ElementTree.fromstring(archive.read("word/footnotes.xml"))
        types = archive.read("[Content_Types].xml").decode()
        related = archive.read("word/_rels/document.xml.rels").decode()
    marks = [int(one.get(f"{W}id") or "") for one in body.iter(f"{W}footnoteReference")]
    found = {int(note.get(f"{W}id") or ""): "".join(t.text or "" for t in note.iter(f"{W}t")) for note in notes}
    assert marks == list(range(1, len(outline.footnotes) + 1))
    assert {number: text.strip() for number, text in found.items() if number > 0} == {
        note.number: note.text for note in outline.footnotes
    }
    assert {number for number in found if number <= 0} == {-1, 0}  # the lines above them
    assert "wordprocessingml.footnotes+xml" in types
    assert "footnotes.xml" in related


def test_markdown_has_its_footnotes(answer: Advice, corpus: Corpus) -> None:
    outline = draft(answer, corpus)
    text = as_markdown(outline)
    assert [int(number) for number in re.findall(r"\[\^(\d+)\](?!:)", text)] == [
        note.number for note in outline.footnotes
    ]
    assert [int(number) for number in re.findall(r"^\[\^(\d+)\]:", text, re.M)] == [
        note.number for note in outline.footnotes
    ]


def test_in_a_pdf_footnotes_stand_on_the_page_of_their_marks(answer: Advice, corpus: Corpus) -> None:
    for page in pages_of(draft(answer, corpus), lambda text, _: 0.5 * len(text)):
        marks = [number for _, line in page.lines for number in line.notes]
        begun = [line.pieces[0].text.split(" ")[0] for _, line in page.notes]
        assert [int(number) for number in begun if number.isdigit()][: len(marks)] == marks
        lowest = max((y + line.height for y, line in page.lines), default=0)
        assert all(y >= lowest for y, _ in page.notes)


# --- the files ---


def test_word_has_headings_lists_and_an_a4_page_with_its_number(answer: Advice, corpus: Corpus) -> None:
    outline = draft(answer, corpus, Front("A case", "A ministry", "2026-11-26"))
    document = docx.Document(io.BytesIO(file_of("docx", outline)))
    styled = [
        (int(paragraph.style.name[-1]), paragraph.text)
        for paragraph in document.paragraphs
        if paragraph.style is not None and (paragraph.style.name or "").startswith("Heading ")
    ]
    assert styled == list(headings_of(outline))
    section = document.sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    foot = section.footer._element.xml
    assert 'w:instr="PAGE"' in foot
    assert 'w:instr="NUMPAGES"' in foot
    properties = document.core_properties
    assert properties.title == "Draft outline of an arrangement to share responsibility: A case"
    assert (properties.author, properties.language) == ("A ministry", "en-GB")
    assert properties.created is not None
    assert properties.created.date().isoformat() == "2026-11-26"
    assert document.element.body.findall(f".//{W}numPr")


def headings_of(outline: DraftOutline) -> Iterator[tuple[int, str]]:
    for section in outline.sections:
        yield 1, section.title
        yield from ((block.level, block.text) for block in section.blocks if isinstance(block, Heading))


def test_without_a_date_word_tells_none() -> None:
    document = docx.Document(io.BytesIO(file_of("docx", drafted({}, advisor.load_corpus()))))
    assert document.core_properties.created is None
    assert document.core_properties.modified is None


def test_numbered_lists_begin_with_one(kosovo: Advice, corpus: Corpus) -> None:
    with zipfile.ZipFile(io.BytesIO(file_of("docx", draft(kosovo, corpus)))) as archive:
        numbering = ElementTree.fromstring(archive.read("word/numbering.xml"))
        body = ElementTree.fromstring(archive.read("word/document.xml"))
    used = {one.get(f"{W}val") for one in body.iter(f"{W}numId")}
    anew = {one.get(f"{W}numId") for one in numbering.iter(f"{W}num") if one.find(f".//{W}startOverride") is not None}
    assert len(used & anew) == 3  # headlines, precedents, questions
    # Word refuses definitions that follow their uses.
    tags = [child.tag for child in numbering]
    assert tags == sorted(tags, key=lambda tag: tag != f"{W}abstractNum")


def test_a_pdf_has_bookmarks_a_title_and_page_numbers(answer: Advice, corpus: Corpus) -> None:
    outline = draft(answer, corpus, Front("A case", "A ministry"))
    reader = PdfReader(io.BytesIO(file_of("pdf", outline)))
    assert [title for _, title in bookmarks(reader.outline)] == [title for _, title in headings_of(outline)]
    assert reader.metadata is not None
    assert reader.metadata.title == "Draft outline of an arrangement to share responsibility: A case"
    assert reader.metadata.author == "A ministry"
    assert str(reader.root_object["/Lang"]) == "en-GB"
    assert all(round(float(page.mediabox.width)) == 595 for page in reader.pages)
    for number, page in enumerate(reader.pages, 1):
        assert f"Page {number} of {len(reader.pages)}" in page.extract_text()


def bookmarks(entries: Any, depth: int = 1) -> Iterator[tuple[int, str]]:
    for entry in entries:
        if isinstance(entry, Destination):
            yield depth, str(entry.title)
        else:
            yield from bookmarks(entry, depth + 1)


def test_a_typical_draft_is_short(answer: Advice, corpus: Corpus) -> None:
    reader = PdfReader(io.BytesIO(file_of("pdf", draft(answer, corpus))))
    (annex,) = (place for place in reader.outline if getattr(place, "title", "").startswith("Annex A"))
    assert isinstance(annex, Destination)
    assert 6 <= (reader.get_destination_page_number(annex) or 0) <= 15


def test_no_heading_ends_a_page_and_nothing_is_wider_than_its_column(answer: Advice, corpus: Corpus) -> None:
    def measure(text: str, style: str) -> float:
        return (0.55 if style == "B" else 0.5) * len(text)

    for page in pages_of(draft(answer, corpus), measure):
        assert page.lines[-1][1].heading is None
        assert not page.lines[-1][1].kept
        for _, line in (*page.lines, *page.notes):
            for piece in line.pieces:
                assert piece.x + measure(piece.text, piece.face.style) * piece.face.size <= LEFT + COLUMN + 0.1


def test_equal_drafts_are_equal_to_the_byte(corpus: Corpus) -> None:
    code = f"""
import hashlib, json, advisor
from advisor.draft import Front, drafted
from advisor.draft_forms import FORMS
outline = drafted(json.loads({json.dumps(json.dumps(facts_in(KOSOVO)))}), advisor.load_corpus(), Front("Kosovo"))
for form in FORMS.values():
    print(hashlib.sha256(form.write(outline)).hexdigest())
"""
    environment = {**os.environ, "PYTHONHASHSEED": "1", "TZ": "Pacific/Apia"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    outline = drafted(facts_in(KOSOVO), corpus, Front("Kosovo"))
    assert done.stdout.split() == [hashlib.sha256(form.write(outline)).hexdigest() for form in FORMS.values()]


# --- words that are up to no good ---


def test_text_is_cleaned_wherever_it_stands(spiteful: Advice, corpus: Corpus) -> None:
    outline = draft(spiteful, corpus, Front(SPITE[:MAX_TITLE], SPITE[:MAX_TITLE]))
    headings = " ".join(text for _, text in headings_of(outline))
    for text in (whole_text(outline).replace("\n", ""), headings, outline.subtitle, outline.author, outline.byline):
        assert not [one for one in text if unicodedata.category(one) in ("Cc", "Cs", "Cn") or one in "\u202e\u202c"]
    assert r"\u202egnp.exe\u202c \x00 \ud800\ufffe" in outline.subtitle


def test_letters_that_scripts_need_stay() -> None:
    assert clean("می‌خواهم année  Straße") == "می‌خواهم année  Straße"
    assert clean("a\u00a0b\u202fc\n\td") == "a\u00a0b\u202fc  d"
    assert clean("a\u2066b\u2069\u200f") == r"a\u2066b\u2069\u200f"


def test_hostile_text_breaks_no_file(spiteful: Advice, corpus: Corpus) -> None:
    outline = draft(spiteful, corpus, Front(SPITE[:MAX_TITLE]))
    document = docx.Document(io.BytesIO(file_of("docx", outline)))
    assert any("<b>&amp; ]]>" in paragraph.text for paragraph in document.paragraphs)
    reader = PdfReader(io.BytesIO(file_of("pdf", outline)))
    text = squeezed("".join(page.extract_text() for page in reader.pages[:3]))
    assert r"\u202egnp.exe" in text
    assert "Привет" in text
    assert "Ελλάδα" in text
    markdown = as_markdown(outline)
    assert len(re.findall(r"(?<!\\)\[\^1\]", markdown)) == 2  # the mark and its footnote
    assert r"\<b\>" in markdown


def test_nothing_in_markdown_becomes_a_list_or_a_heading_by_how_it_begins(kosovo: Advice, corpus: Corpus) -> None:
    outline = draft(kosovo, corpus)
    begins = ("# a", "1. a", "1) a", "- a", "+ a", "=== a", "--- a")
    (section, *_) = outline.sections
    blocks = tuple(Paragraph((Run(text),)) for text in begins)
    text = as_markdown(dataclasses.replace(outline, sections=(dataclasses.replace(section, blocks=blocks),)))
    shown = [r"\# a", r"1\. a", r"1\) a", r"\- a", r"\+ a", r"\=== a", r"\--- a"]
    assert [line for line in text.splitlines() if line.endswith(" a")] == shown


def test_a_word_longer_than_a_page_stays_in_its_column(spiteful: Advice, corpus: Corpus) -> None:
    pages = pages_of(draft(spiteful, corpus), lambda text, _: 0.5 * len(text))
    pieces = [piece for page in pages for _, line in page.lines for piece in line.pieces]
    assert max(piece.x + 0.5 * len(piece.text) * piece.face.size for piece in pieces) <= LEFT + COLUMN + 0.1
    assert sum(piece.text.count("y") for piece in pieces) >= 60_000


def test_a_footnote_longer_than_a_page_goes_on_on_the_next(kosovo: Advice, corpus: Corpus) -> None:
    outline = draft(kosovo, corpus)
    long = [*outline.footnotes]
    long[0] = type(long[0])(1, "long " * 3_000)
    longer = dataclasses.replace(outline, footnotes=tuple(long))
    pages = pages_of(longer, lambda text, _: 0.5 * len(text))
    pieces = [piece.text for page in pages for _, line in page.notes for piece in line.pieces]
    assert sum(text.count("long") for text in pieces) == 3_000
    for page in pages:
        lowest = max((y + line.height for y, line in page.lines), default=0)
        assert all(y >= lowest - 0.1 for y, _ in page.notes)


# --- LibreOffice ---


def test_libreoffice_opens_what_word_is_given(tmp_path: Path, kosovo: Advice, corpus: Corpus) -> None:
    office = shutil.which("soffice")
    if office is None:
        message = "LibreOffice is not there: install libreoffice-writer-nogui"
        if IN_CI:
            pytest.fail(message)
        pytest.skip(message)
    outline = draft(kosovo, corpus)
    (tmp_path / "draft.docx").write_bytes(file_of("docx", outline))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"  # so that several may run at once
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), "draft.docx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    reader = PdfReader(tmp_path / "draft.pdf")
    pages = [page.extract_text() for page in reader.pages]
    assert 12 <= len(pages) <= 30
    text = "".join(map(squeezed, pages))
    for note in outline.footnotes:
        assert squeezed(f"{note.number} {note.text}") in text
    # The first footnote stands at the foot of the first page, not at the end.
    assert "cited below as" in pages[0]
    assert f"Page 1 of {len(pages)}" in pages[0]


# --- the command and the service ---


@pytest.mark.parametrize(("name", "begins"), [("d.docx", b"PK"), ("d.PDF", b"%PDF-"), ("d.md", b"# Draft outline")])
def test_the_command_writes_what_the_name_of_the_file_says(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, begins: bytes
) -> None:
    assert run(capsys, "draft", str(KOSOVO), "-o", str(tmp_path / name)) == (0, "", "")
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_the_command_takes_the_title_of_the_situation(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "d.txt"
    run(capsys, "draft", str(KOSOVO), "-o", str(out), "--format", "markdown")
    assert "**Kosovo, April 1999**" in out.read_text(encoding="utf-8")
    told = ("--title", "The border", "--author", "Ministry", "--date", "1999-04-05")
    run(capsys, "draft", str(KOSOVO), "-o", str(out), "--format", "markdown", *told)
    assert "**The border**" in out.read_text(encoding="utf-8")
    assert "\nMinistry, 5 April 1999\n" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("-o", "draft.odt"), 2, "draft.odt doesn't end with .docx, .pdf, .md; say what to write with --format"),
        (("-o", "d.pdf", "--date", "today"), 2, "--date: the date must be a day, written like 2026-11-26."),
        (("-o", "d.pdf", "--title", "x" * 301), 2, "--title: the title has 301 characters; at most 300 are allowed."),
        (("-o", "no/where/d.pdf"), 1, "d.pdf: No such file or directory"),
        ((), 2, "Missing option '--output'"),
    ],
)
def test_the_command_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    status: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "draft", str(KOSOVO), *arguments)
    assert (code, out) == (status, "")
    assert message in err
    assert [*tmp_path.iterdir()] == []


@pytest.fixture(scope="module")
def client(corpus: Corpus) -> TestClient:
    return TestClient(create_app(corpus))


@pytest.mark.parametrize("form", FORMS)
def test_the_service_gives_the_same_draft(client: TestClient, corpus: Corpus, form: str) -> None:
    facts = facts_in(KOSOVO)
    body = {"facts": facts, "title": "Kosovo", "author": None, "date": "1999-04-05"}
    reply = client.post(f"/v1/draft?format={form}", json=body)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == FORMS[form].media_type
    assert reply.headers["content-disposition"] == f'attachment; filename="draft-outline{FORMS[form].suffix}"'
    assert reply.content == FORMS[form].write(drafted(facts, corpus, Front("Kosovo", date="1999-04-05")))


def test_the_service_gives_a_document_for_word_unless_asked_for_another_form(client: TestClient) -> None:
    reply = client.post("/v1/draft", json={"facts": {}})
    assert reply.headers["content-type"] == FORMS["docx"].media_type
    hostile = client.post("/v1/draft?format=pdf", content=b'{"facts": {}, "title": "\\ud800\\u202ex"}', headers=JSON)
    assert hostile.status_code == 200


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("query", "body", "code", "pointer"),
    [
        ("?format=odt", {"facts": {}}, None, None),
        ("", {"facts": {"border": "closed"}}, "unknown-fact", "/facts/border"),
        ("", {"facts": {}, "titel": "x"}, "unknown-key", "/titel"),
        ("", {"facts": {}, "title": 1}, "wrong-type", "/title"),
        ("", {"facts": {}, "title": "x" * 301}, "too-long", "/title"),
        ("", {"facts": {}, "date": "soon"}, "bad-date", "/date"),
    ],
)
def test_the_service_says_what_is_wrong(
    client: TestClient, query: str, body: Mapping[str, object], code: str | None, pointer: str | None
) -> None:
    reply = client.post(f"/v1/draft{query}", json=body)
    assert 400 <= reply.status_code < 500
    assert reply.headers["content-type"] == "application/problem+json"
    if code:
        (fault,) = reply.json()["errors"]
        assert (fault["code"], fault["pointer"]) == (code, pointer)


def test_the_service_describes_drafts(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"]["/v1/draft"]["post"]
    assert {form.media_type.split(";")[0] for form in FORMS.values()} <= set(described["responses"]["200"]["content"])
    assert described["parameters"][0]["schema"]["enum"] == [*FORMS]


def test_who_writes_no_draft_does_not_wait_for_what_writes_them() -> None:
    code = (
        "import sys, advisor, advisor.cli, advisor.draft, advisor.draft_forms, api.app\n"
        "print(sorted({'docx', 'fpdf', 'lxml', 'PIL', 'fontTools'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
