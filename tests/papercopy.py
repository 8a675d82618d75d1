"""A made-up paper in the layout of the real one, and copies of it that are laid out anyhow."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from fpdf import FPDF
from minipack import MiniPack

from advisor.paper import digest

TITLE = "Crossing Rivers Together"
HEAD = f"{TITLE} Meeting of ferrymen, 3 and 4 May 2001 Every village on the “long river” keeps a ferry of its own."
PARAGRAPHS = {
    1: "Rivers part villages that would like to trade. Ferries join them again, but ferries cost more than any one "
    "village has.[1] The charter of the valley (“the Charter”)[2] says as much.",
    2: "Earlier efforts are well-known. In the dry summer of 1998.[3] Some 3.4 thousand people crossed on foot, and "
    "12,500 goats with them; 7 ferries lay idle.",
    3: "Nobody has yet written down how the villages should share the work of rowing, the cost of tar, and the "
    "long-term upkeep of landing-places on both banks.",
    4: "When the water is high, ferries are difficult to steer. The five lower villages then lend their strongest "
    "rowers, as custom demands; first-comers are carried first.",
    5: "Experience shows that ropes alone are not enough.[4] Two villages that share a rope need a rule about who "
    "mends it, and within what time.",
    6: "Disputes are settled at the landing-place, “before the tar is dry”, by the eldest rower \u2013 or by lot.",
    7: "A list of questions follows. It may help villages that have never kept a ferry: the questions are “building "
    "stones”, nothing more.",
    8: "Those who row also steer, and those who steer also row; the offices change at noon and at every full moon.",
    9: "This paper has looked at ferries of all kinds. Bridges will be discussed when stone becomes affordable.",
}
BOXES = {
    "mill": "Background: In 1990 the mill village lost 2 of its 3 ferries to ice. Arrangements: Eleven villages lent "
    "planks and 40 rowers for one winter.[5] Further information: Chronicle of the Mill, volume 6, page 88.",
    "ford": "Background: The ford has been impassable since the flood. Arrangements: Travellers pay with salt. "
    "Further information: Ask at the ford.",
}
SECTIONS = {
    "A": "A. Aims and forms of a ferry agreement What is to be shared? • Rowers and their provisions • Tar, rope and "
    "timber (including what was promised in earlier years) • The night watch",
    "B": "B. Kinds of help What may a village offer? • Money, as far as it has any[6] • Rowers between sowing and "
    "harvest - Young rowers, who need training; - Old ones, who give it",
}
NOTES = {
    1: "See, e.g., The Ferryman\u2019s Almanac, 1999, pp. 12-14, http://ferries.example/almanac/old-series/1999.html.",
    2: "Charter of the Valley, sealed on 2 February 1401, Articles 3, 9 and 27; see also above n [1].",
    3: "Ibid.",
    4: "Rope was first spun in the upper villages. For further analysis of rope see A. Spinner, “Of Rope” in C. Weaver "
    "(ed), Things that Hold (1987), which has chapters on hemp, on flax, on the hair of horses and on knots, and which "
    "every ferry should carry in a dry place; and the same author's later work on cables, never finished.",
    5: "Chronicle of the Mill, above.",
    6: "Most have none: see further Accounts of the Valley, 2000.",
}
_MARK = re.compile(r"\[(\d)\](?!\.|,|;)")


def clean(text: str) -> str:
    """Return a text without the marks of notes, which stand in brackets here."""
    return _MARK.sub("", text) if not text.startswith(("Charter", "See")) else text


def texts() -> dict[str, str]:
    """Return the clean text of every place, by id."""
    found = {"head": HEAD} | {str(number): clean(text) for number, text in PARAGRAPHS.items()}
    found |= {f"box-{name}": clean(text) for name, text in BOXES.items()}
    found |= {f"s-{name.lower()}": clean(text) for name, text in SECTIONS.items()}
    return found | {f"n{number}": text for number, text in NOTES.items()}


def source_yaml() -> str:
    """Return the source file of a pack whose digests are those of the clean texts."""
    refs = {"head": ("head", "head", "Front matter")}
    refs |= {str(number): (str(number), "paragraph", "Introduction") for number in range(1, 4)}
    refs |= {str(number): (str(number), "paragraph", "II") for number in (4, 5)}
    refs |= {f"box-{name}": (f"box {name}", "box", "II") for name in BOXES}
    refs |= {str(number): (str(number), "paragraph", "II") for number in (6,)}
    refs |= {"7": ("7", "paragraph", "III")}
    refs |= {f"s-{name.lower()}": (f"III.{name}", "section", "III") for name in SECTIONS}
    refs |= {str(number): (str(number), "paragraph", "Conclusion") for number in (8, 9)}
    refs |= {f"n{number}": (f"n{number}", "note", "II") for number in NOTES}
    headings = {"5": "Lessons learned", "6": "Characteristics of ferries", "box-mill": "Examples of ferries"}
    lines = [
        *("id: paper", f"title: {TITLE}", "short: The paper", "publisher: Nobody", 'date: "2001"', "language: en"),
        *("standing: A paper made up for tests.", "references: [a-treaty]", "places:"),
    ]
    wanted = texts()
    for name, (ref, kind, part) in refs.items():
        lines += [f'  - id: "{name}"', f'    ref: "{ref}"', f"    kind: {kind}", f"    part: {part}", "    page: 1"]
        lines += [f"    digest: {digest(wanted[name])}", f"    gist: What stands at {name}."]
        lines += [f"    heading: {headings[name]}"] if name in headings else []
        lines += ["    cites: [a-treaty]"] if name == "1" else []
        lines += ["    no_lesson: Made up."] if name not in ("1", "2") else []
    return "\n".join(lines) + "\n"


def with_paper(pack: MiniPack) -> MiniPack:
    """Return the small pack with the made-up paper as its source."""
    return pack.write("knowledge/sources/paper.yaml", source_yaml())


@dataclass
class Copy:
    """How a copy of the paper is laid out.

    Attributes:
        width: characters of a line.
        height: lines of a page.
        hyphenated: whether words are parted at line ends.
        marks: whether marks of notes are ``glued`` to words, stand ``apart``, or are ``raised`` digits.
        feet: whether each page has a running head and a page number.
        gaps: whether blank lines part paragraphs.
        straight: whether quotation marks are straight and dashes are hyphens.
        feeds: whether form feeds part pages; else their first lines have one space before them.
        changed: words to be replaced in the paper.
    """

    width: int = 72
    height: int = 34
    hyphenated: bool = True
    marks: str = "glued"
    feet: bool = True
    gaps: bool = True
    straight: bool = False
    feeds: bool = True
    changed: dict[str, str] = field(default_factory=dict)

    def pages(self) -> list[list[str]]:
        """Return the pages: body, a rule, the notes whose marks stand above it."""
        waiting = [line for block in self._blocks() for line in [*self._wrapped(block), *([""] if self.gaps else [])]]
        pages: list[list[str]] = []
        carried: list[str] = []
        while waiting or carried:
            body: list[str] = []
            notes, carried = carried, []
            while waiting and len(body) + len(notes) < self.height:
                line = waiting.pop(0)
                for mark in _MARK.findall(line):
                    notes += self._wrapped(f"{mark} {self._edited(NOTES[int(mark)])}")
                body.append(_MARK.sub(self._mark, line))
            # What doesn't fit goes on below the next page's rule.
            room = max(2, self.height - len(body))
            carried = notes[room:]
            rule = ["", " " * 40] if notes else []
            pages.append(self._framed([*body, *rule, *notes[:room]], len(pages) + 1))
        return pages

    def text(self) -> str:
        """Return the copy as text."""
        if self.feeds:
            return "\f".join("\n".join(page) for page in self.pages())
        pages = [list(page) for page in self.pages()]
        for page in pages:
            first = next(index for index, line in enumerate(page) if line.strip())
            page[first] = f" {page[first]}"
        return "\n".join("\n".join(page) for page in pages)

    def pdf(self) -> bytes:
        """Return the copy as a PDF whose marks are small digits, raised."""
        pdf = FPDF(format="A4")
        pdf.set_auto_page_break(False)
        for page in Copy(**{**self.__dict__, "marks": "held", "straight": True}).pages():
            pdf.add_page()
            for row, line in enumerate(page):
                x, y = 20.0, 20.0 + 5 * row
                for part in re.split(r"(\{\d\})", line.replace("•", "\u00b7")):
                    raised = part.startswith("{")
                    pdf.set_font("Helvetica", size=6 if raised else 10)
                    shown = part.strip("{}")
                    pdf.text(x, y - (1.5 if raised else 0), shown)
                    x += pdf.get_string_width(shown)
        return bytes(pdf.output())

    def _mark(self, match: re.Match[str]) -> str:
        digit = match.group(1)
        return {
            "glued": digit,
            "apart": f" {digit}",
            "raised": digit.translate(str.maketrans("123456", "¹²³⁴⁵⁶")),
            "held": f"{{{digit}}}",
        }[self.marks]

    def _blocks(self) -> list[str]:
        def numbered(number: int) -> str:
            return f"{number}. {PARAGRAPHS[number]}"

        def items(text: str) -> list[str]:
            return re.split(r" (?=[•-] |What |Arrangements:|Further information:)", text)

        blocks = [TITLE, "Meeting of ferrymen, 3 and 4 May 2001", HEAD.split("2001 ", 1)[1], "Introduction"]
        blocks += [numbered(1), numbered(2), numbered(3), "II. Ferries in High Water", numbered(4)]
        blocks += ["Lessons learned from high water", numbered(5), "Examples of ferries that were shared"]
        blocks += ["The Mill (1990)", *items(BOXES["mill"]), "The Ford", *items(BOXES["ford"])]
        blocks += ["Characteristics of ferries", numbered(6), "III. Agreeing on Ferries", numbered(7)]
        blocks += [one for section in SECTIONS.values() for one in items(section)]
        return list(map(self._edited, [*blocks, "Conclusion", numbered(8), numbered(9)]))

    def _edited(self, text: str) -> str:
        for old, new in self.changed.items():
            text = text.replace(old, new)
        return text.translate(str.maketrans("“”\u2019\u2013", '""\'-')) if self.straight else text

    def _wrapped(self, text: str) -> list[str]:
        chance = random.Random(f"{text}{self.width}")
        lines = [""]
        for word in text.split():
            room = self.width - len(lines[-1]) - 2
            if len(lines[-1]) + 1 + len(word) <= self.width or not lines[-1]:
                lines[-1] = f"{lines[-1]} {word}".strip()
            elif self.hyphenated and word.isalpha() and len(word) > 5 and room > 2 and chance.random() < 0.8:
                at = min(room, len(word) - 2)
                lines[-1] += f" {word[:at]}-"
                lines.append(word[at:])
            else:
                lines.append(word)
        return lines

    def _framed(self, page: list[str], number: int) -> list[str]:
        return ["Crossing Rivers: a draft", "", *page, "", f"- {number} -"] if self.feet and self.feeds else page
