"""Drafts for Word (.docx), by python-docx; real headings, lists, tables and footnotes, to be worked on further.

python-docx has no footnotes, so that part of the file is made here: ``word/footnotes.xml``, its two styles, and the
marks in the text (ECMA-376, part 1, 17.11). The lists get definitions of their own, deeper than those of its template.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime

import docx
from docx.document import Document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Emu, Length, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph

from advisor.draft_parts import Block, DraftOutline, Footnote, Heading, Listing, Mark, Paragraph, Parts, Section, Table

FONT = "Arial"
LANGUAGE = "en-GB"
_INK = RGBColor(0x1F, 0x38, 0x64)
_DEPTHS = 9
"""As many levels as a list of Word can have."""
_WIDTH = Cm(16)
_ONE_PAGE = 600
"""Rows with fewer characters are kept on one page; longer ones may go on to the next."""
_BEFORE_ALL_FILES = (1980, 1, 1, 0, 0, 0)
"""The first moment that an archive can tell: what changes with the clock would make equal drafts differ."""

_STYLES = f"""
<w:styles {nsdecls("w")}>
  <w:style w:type="paragraph" w:styleId="FootnoteText">
    <w:name w:val="footnote text"/><w:basedOn w:val="Normal"/><w:uiPriority w:val="99"/>
    <w:pPr><w:spacing w:after="20" w:line="240" w:lineRule="auto"/></w:pPr>
    <w:rPr><w:sz w:val="17"/><w:szCs w:val="17"/></w:rPr>
  </w:style>
  <w:style w:type="character" w:styleId="FootnoteReference">
    <w:name w:val="footnote reference"/><w:basedOn w:val="DefaultParagraphFont"/><w:uiPriority w:val="99"/>
    <w:rPr><w:vertAlign w:val="superscript"/></w:rPr>
  </w:style>
</w:styles>"""
_SEPARATORS = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p>'
    f'<w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
)


def as_docx(draft: DraftOutline) -> bytes:
    """Return a draft as a file for Word; equal drafts give equal bytes."""
    return _Writer(draft).bytes()


class _Writer:
    def __init__(self, draft: DraftOutline) -> None:
        self.draft = draft
        self.document: Document = docx.Document()
        self.bullets, self.numbers = _lists(self.document)

    def bytes(self) -> bytes:
        self._style()
        self._properties()
        self._page()
        self._title()
        for section in self.draft.sections:
            self._section(section)
        _footnotes(self.document, self.draft.footnotes)
        written = io.BytesIO()
        self.document.save(written)
        return _at_no_time(written.getvalue())

    # --- the whole ---

    def _style(self) -> None:
        styles = self.document.styles
        for style in parse_xml(_STYLES):
            styles.element.append(style)
        for language in styles.element.iter(qn("w:lang")):
            language.set(qn("w:val"), LANGUAGE)
        looks = (
            ("Normal", 10, 0, 5),
            ("Title", 16.5, 0, 4),
            ("Subtitle", 13, 0, 6),
            ("Heading 1", 15, 16, 5),
            ("Heading 2", 12, 11, 4),
            ("Heading 3", 10.5, 8, 2),
            ("List Paragraph", 10, 0, 2.5),
            ("Footer", 8.5, 0, 0),
        )
        for name, size, before, after in looks:
            style = styles[name]
            assert isinstance(style, ParagraphStyle)
            _set_font(style)
            style.font.size = Pt(size)
            style.paragraph_format.space_before = Pt(before)
            style.paragraph_format.space_after = Pt(after)
            style.paragraph_format.line_spacing = 1.1 if name in ("Normal", "List Paragraph") else 1.0
            if name not in ("Normal", "List Paragraph", "Footer"):
                style.font.color.rgb = _INK
                style.font.italic = False
                style.font.bold = name != "Subtitle"
                style.paragraph_format.keep_with_next = True
            # The template draws a rule below titles and spaces letters out; entries of lists it sets without space.
            for tag in ("w:pBdr", "w:contextualSpacing"):
                for element in style.element.findall(f"./w:pPr/{tag}", {"w": _W}):
                    element.getparent().remove(element)
            for tag in ("w:spacing", "w:kern"):
                for element in style.element.findall(f"./w:rPr/{tag}", {"w": _W}):
                    element.getparent().remove(element)

    def _properties(self) -> None:
        draft, properties = self.draft, self.document.core_properties
        properties.title = f"{draft.title}: {draft.subtitle}"[:255]
        properties.author = draft.author
        properties.last_modified_by = draft.author
        properties.language = LANGUAGE
        properties.comments = f"Answer {draft.answer}, from {draft.version} (digest {draft.digest})"[:255]
        properties.subject = draft.situation[:255]
        if draft.date:
            properties.created = properties.modified = datetime.fromisoformat(draft.date).replace(tzinfo=UTC)
        else:  # the template's own dates tell nothing of this file
            element = properties._element
            for name in ("dcterms:created", "dcterms:modified"):
                for child in element.findall(qn(name)):
                    element.remove(child)
        package = self.document.part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:  # it pictures the template
                del package.rels[key]
        settings = self.document.settings.element
        compat = settings.find(qn("w:compat"))
        compat.addprevious(
            parse_xml(f'<w:footnotePr {nsdecls("w")}><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>')
        )
        for setting in compat.findall(qn("w:compatSetting")):
            if setting.get(qn("w:name")) == "compatibilityMode":
                setting.set(qn("w:val"), "15")

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
        section.top_margin = section.bottom_margin = Cm(2.3)
        foot = section.footer.paragraphs[0]
        stops = foot.paragraph_format.tab_stops
        for stop in (*foot.style.paragraph_format.tab_stops,) if isinstance(foot.style, ParagraphStyle) else ():
            stops.add_tab_stop(stop.position, WD_TAB_ALIGNMENT.CLEAR)
        stops.add_tab_stop(_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
        foot.add_run(f"{self.draft.origin}\tPage ")
        _field(foot, "PAGE")
        foot.add_run(" of ")
        _field(foot, "NUMPAGES")

    def _title(self) -> None:
        draft = self.draft
        self.document.add_paragraph(draft.title, "Title")
        self.document.add_paragraph(draft.subtitle, "Subtitle")
        for text in (draft.situation, draft.byline):
            if text:
                self.document.add_paragraph(text)

    def _section(self, section: Section) -> None:
        heading = self.document.add_paragraph(section.title, "Heading 1")
        if section.annex:
            heading.paragraph_format.page_break_before = True
        for block in section.blocks:
            self._block(block)

    # --- blocks ---

    def _block(self, block: Block) -> None:
        match block:
            case Heading(level=level, text=text):
                self.document.add_paragraph(text, f"Heading {level}")
            case Paragraph(parts=parts, leads=leads):
                paragraph = self.document.add_paragraph()
                paragraph.paragraph_format.keep_with_next = leads or None
                _write(paragraph, parts)
            case Listing():
                self._listing(block)
            case Table():
                self._table(block)

    def _listing(self, listing: Listing) -> None:
        number = _started_anew(self.document, self.numbers) if listing.numbered else self.bullets
        for entry in listing.entries:
            paragraph = self.document.add_paragraph(style="List Paragraph")
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = min(entry.depth, _DEPTHS - 1)
            properties.get_or_add_numId().val = number
            _write(paragraph, entry.parts)

    def _table(self, table: Table) -> None:
        made = self.document.add_table(len(table.rows) + 1, len(table.head), "Table Grid")
        made.autofit = False
        widths = [Emu(_WIDTH * width // sum(table.widths)) for width in table.widths]
        for column, width in zip(made.columns, widths, strict=True):
            column.width = width
        cells = made._cells  # asked for one by one, they would be counted anew each time
        heads, rest = cells[: len(table.head)], cells[len(table.head) :]
        for cell, text, width in zip(heads, table.head, widths, strict=True):
            paragraph = _fill(cell, width, head=True)
            paragraph.paragraph_format.keep_with_next = True
            paragraph.add_run(text).bold = True
        row_properties = made.rows[0]._tr.get_or_add_trPr()
        row_properties.append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        row_properties.append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
        for number, row in enumerate(table.rows):
            for column, (parts, width) in enumerate(zip(row, widths, strict=True)):
                paragraph = _fill(rest[number * len(row) + column], width)
                # No single row ends or begins a page.
                paragraph.paragraph_format.keep_with_next = number in (0, len(table.rows) - 2) or None
                _write(paragraph, parts)
            if sum(len(part.text) for cell in row for part in cell if not isinstance(part, Mark)) < _ONE_PAGE:
                made._tbl.tr_lst[number + 1].get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        self.document.add_paragraph().paragraph_format.space_after = Pt(0)


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _fill(cell: _Cell, width: Length, *, head: bool = False) -> WordParagraph:
    """Return the paragraph of an empty cell of a table."""
    cell.width = width
    if head:
        cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="E7ECF4"/>'))
    paragraph: WordParagraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.paragraph_format.space_before = Pt(2)
    return paragraph


def _set_font(style: ParagraphStyle) -> None:
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{name}"), FONT)


def _write(paragraph: WordParagraph, parts: Parts) -> None:
    for part in parts:
        if isinstance(part, Mark):
            run = paragraph.add_run()
            run._r.append(parse_xml(f'<w:rPr {nsdecls("w")}><w:rStyle w:val="FootnoteReference"/></w:rPr>'))
            run._r.append(parse_xml(f'<w:footnoteReference {nsdecls("w")} w:id="{part.number}"/>'))
            continue
        written = paragraph.add_run(part.text)
        if part.emphasis == "strong":
            written.bold = True
        elif part.emphasis == "aside":
            written.italic = True


def _field(paragraph: WordParagraph, instruction: str) -> None:
    paragraph._p.append(
        parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="{instruction}"><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    )


def _footnotes(document: Document, footnotes: Iterable[Footnote]) -> None:
    """Add the part of the file that holds the footnotes."""
    root = parse_xml(f"<w:footnotes {nsdecls('w')}>{_SEPARATORS}</w:footnotes>")
    for note in footnotes:
        element = parse_xml(
            f'<w:footnote {nsdecls("w")} w:id="{note.number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
            '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
            '<w:r><w:t xml:space="preserve"/></w:r></w:p></w:footnote>'
        )
        element.find(f".//{{{_W}}}t").text = f" {note.text}"
        root.append(element)
    name, package = PackURI("/word/footnotes.xml"), document.part.package
    part = XmlPart(name, CONTENT_TYPE.WML_FOOTNOTES, root, package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _lists(document: Document) -> tuple[int, int]:
    """Define a list with bullets and one with numbers, and return the ids of both."""
    numbering = document.part.numbering_part.element
    first = min(numbering.findall(qn("w:num")), key=numbering.index)
    taken = [int(one.get(qn("w:abstractNumId"))) for one in numbering.findall(qn("w:abstractNum"))]
    bullets, numbers = max(taken) + 1, max(taken) + 2
    for name, numbered in ((bullets, False), (numbers, True)):
        levels = "".join(_level(depth, numbered=numbered and depth == 0) for depth in range(_DEPTHS))
        first.addprevious(
            parse_xml(
                f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{name}">'
                f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
            )
        )
    return int(numbering.add_num(bullets).numId), numbers


def _level(depth: int, *, numbered: bool) -> str:
    left = 360 + 360 * depth
    kind, text = ("decimal", f"%{depth + 1}.") if numbered else ("bullet", "•" if depth % 2 == 0 else "–")  # noqa: RUF001
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/>'
        f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{left}" w:hanging="360"/></w:pPr>'
        f'<w:rPr><w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}"/></w:rPr></w:lvl>'
    )


def _started_anew(document: Document, numbers: int) -> int:
    """Return the id of a list that is numbered from 1, whatever lists there were before."""
    number = document.part.numbering_part.element.add_num(numbers)
    number.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(number.numId)


def _at_no_time(archive: bytes) -> bytes:
    """Return an archive with the same files, none of which tells when it was written."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, _BEFORE_ALL_FILES)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            target.writestr(info, source.read(name))
    return written.getvalue()
