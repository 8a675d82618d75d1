"""Drafts as PDF, by fpdf2: with bookmarks, fonts of their own, and footnotes at the foot of their pages.

The fonts (see ``fonts/OFL.txt``) have Latin, Greek, Cyrillic, Hebrew and Arabic letters; what they haven't is shown as
an empty box.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences

from advisor.draft_layout import (
    BODY,
    COLUMN,
    FOOT,
    HEIGHT,
    LEFT,
    NOTE,
    WIDTH,
    Face,
    Line,
    Page,
    Style,
    pages_of,
)
from advisor.draft_parts import DraftOutline

FONTS = Path(__file__).parent / "fonts"
LANGUAGE = "en-GB"
_INK, _BLACK, _RULE, _FILL = (31, 56, 100), (0, 0, 0), (150, 150, 150), (231, 236, 244)
_MISSING = "\N{WHITE SQUARE}"
_UNDATED = datetime(1980, 1, 1, tzinfo=UTC)
"""A file must tell when it was made; what changes with the clock would make equal drafts differ."""
_SIZE = 100.0
"""The size in which text is measured."""


def as_pdf(draft: DraftOutline) -> bytes:
    """Return a draft as PDF; equal drafts give equal bytes."""
    return _Printer(draft).bytes()


class _Printer:
    def __init__(self, draft: DraftOutline) -> None:
        self.draft = draft
        self.pdf = FPDF(unit="pt", format=(WIDTH, HEIGHT))
        self.pdf.set_auto_page_break(False)
        self.pdf.c_margin = 0
        for style, name in (("", "Regular"), ("B", "Bold"), ("I", "Italic")):
            self.pdf.add_font("Liberation", style, FONTS / f"LiberationSans-{name}.ttf")
        self.own = self._letters("liberation")
        self.further: frozenset[str] = frozenset()
        self.widths: dict[tuple[str, Style], float] = {}

    def bytes(self) -> bytes:
        self._properties()
        pages = pages_of(self.draft, self.measure)
        for number, page in enumerate(pages, 1):
            self._page(page, number, len(pages))
        return bytes(self.pdf.output())

    def measure(self, text: str, style: Style) -> float:
        """Return how wide a text is in a font of one point."""
        key = (text, style)
        if key not in self.widths:
            self.pdf.set_font("Liberation", style, _SIZE)
            self._shape(text)
            self.widths[key] = self.pdf.get_string_width(self._known(text)) / _SIZE
        return self.widths[key]

    def _properties(self) -> None:
        draft, pdf = self.draft, self.pdf
        pdf.set_title(f"{draft.title}: {draft.subtitle}")
        pdf.set_subject(draft.situation)
        pdf.set_author(draft.author)
        pdf.set_keywords(f"answer {draft.answer}, {draft.version}, digest {draft.digest}")
        pdf.set_creator("burden-sharing advisor")
        pdf.set_lang(LANGUAGE)
        pdf.set_creation_date(datetime.fromisoformat(draft.date).replace(tzinfo=UTC) if draft.date else _UNDATED)
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)

    def _page(self, page: Page, number: int, of: int) -> None:
        self.pdf.add_page()
        for y, line in page.lines:
            self._line(y, line)
        if page.notes:
            self._rule(LEFT, page.notes[0][0] - 4, LEFT + COLUMN / 3)
        for y, line in page.notes:
            self._line(y, line)
        face = Face("", NOTE)
        self._text(LEFT, FOOT, self.draft.origin, face)
        told = f"Page {number} of {of}"
        self._text(LEFT + COLUMN - self.measure(told, "") * NOTE, FOOT, told, face)

    def _line(self, y: float, line: Line) -> None:
        if line.heading:
            level, text = line.heading
            self.pdf.set_y(y)
            self.pdf.start_section(text, level - 1, strict=False)
        if line.rules:
            self._frame(y, line)
        for piece in line.pieces:
            raised = BODY * 0.33 if piece.face.raised else 0.0
            self._text(piece.x, y + line.baseline - raised, piece.text, piece.face)

    def _frame(self, y: float, line: Line) -> None:
        rules = line.rules
        assert rules is not None
        left, right, below = rules.edges[0], rules.edges[-1], y + line.height
        if rules.filled:
            self.pdf.set_fill_color(*_FILL)
            self.pdf.rect(left, y, right - left, line.height, style="F")
        for edge in rules.edges:
            self._rule(edge, y, edge, below)
        if rules.top:
            self._rule(left, y, right)
        if rules.bottom:
            self._rule(left, below, right)

    def _rule(self, left: float, top: float, right: float, bottom: float | None = None) -> None:
        self.pdf.set_draw_color(*_RULE)
        self.pdf.set_line_width(0.5)
        self.pdf.line(left, top, right, top if bottom is None else bottom)

    def _text(self, x: float, baseline: float, text: str, face: Face) -> None:
        self.pdf.set_font("Liberation", face.style, face.size)
        self.pdf.set_text_color(*(_INK if face.ink else _BLACK))
        shaped = self._shape(text)
        text = self._known(text)
        if not shaped:
            self.pdf.text(x, baseline, text)
            return
        # Only cells are shaped. A cell sets its letters so far below its upper end.
        self.pdf.set_xy(x, baseline - 0.8 * face.size)
        self.pdf.cell(self.pdf.get_string_width(text), face.size, text)

    def _shape(self, text: str) -> bool:
        """Have text shaped if it has letters that the first font lacks or that run from right to left."""
        odd = not self.own.issuperset(text) or any("\u0590" <= character <= "\u08ff" for character in text)
        if odd and not self.further:
            self._add_further_fonts()
        # The text is English with words of other scripts in it, whichever of them comes first on a line.
        self.pdf.set_text_shaping(use_shaping_engine=odd, direction="ltr" if odd else None)
        return odd

    def _add_further_fonts(self) -> None:
        for style, name in (("", "Regular"), ("B", "Bold")):
            self.pdf.add_font("Naskh", style, FONTS / f"NotoNaskhArabic-{name}.ttf")
        self.pdf.set_fallback_fonts(["Naskh"], exact_match=False)
        self.further = self._letters("naskh")

    def _letters(self, name: str) -> frozenset[str]:
        font = self.pdf.fonts[name]
        assert isinstance(font, TTFFont)
        return frozenset(map(chr, font.cmap))

    def _known(self, text: str) -> str:
        """Return text in which letters that no font has are shown as empty boxes."""
        if self.own.issuperset(text):
            return text
        return "".join(one if one in self.own or one in self.further else _MISSING for one in text)
