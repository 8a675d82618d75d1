"""The paper's own text, found in a copy of it: numbered paragraphs, lettered sections, boxes and notes.

A copy comes as pages of lines, from a PDF or a text file, and no two programs lay them out alike: lines and pages
break anywhere, words are hyphenated, notes stand between the lines of a paragraph, their marks may be raised digits
that come out glued to a word, after a space, or on a line of their own. So two things work together:

* ``plain`` reduces text to what all copies share, and ``digest`` is taken of that;
* where a place begins is seen from its number, letter or label; where it ends is the line at which the digest that we
  keep is reached. Only for a place whose text differs does the layout (headings, gaps) have to tell.

Nothing here knows a sentence of the paper; what it knows is the layout and the digests.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from advisor.model import Place, Source
from advisor.pages import Pages

BOX_LABEL = "Background:"
"""The words with which the text of each box begins; its title stands above them."""

_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"')
)
_BULLETS = "•‣◦▪●○■□·∙\uf0b7\uf0a7"
# White space, bullets, and every dash: a hyphen at a line's end may belong to the word or to the line.
_DROPPED = re.compile(rf"[\s{_BULLETS}\-\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u200b-\u200f\u2060\ufeff]+")
_BULLET = re.compile(rf"^\s*[{_BULLETS}]\s*")
_DASH_ITEM = re.compile(r"^\s*[-\u2010-\u2015] ")
_LABEL = re.compile(r"^[^\W\d_][\w ]{2,40}:")
_PARAGRAPH = re.compile(r"^\s*(\d{1,3})\.(?:\s+|$|(?=[^\W\d_]|[\"'\u2018\u201c]))")
_SECTION = re.compile(r"^\s*([A-Z])\.\s*(?=[^\W\d_])")
_PART = re.compile(r"^\s*[IVX]{1,5}\.\s*(?=[^\W\d_])")
_RULE = re.compile(r"^(?:\s{20,}|\s*[_\-\u2010-\u2015]{10,}\s*)$")
_PAGE_NUMBER = re.compile(
    r"^[\s|\-\u2010-\u2015]*(?:page\s*)?(\d{1,4})(?:\s*(?:/|of)\s*\d{1,4})?[\s|\-\u2010-\u2015]*$", re.IGNORECASE
)
_LONE_NUMBER = re.compile(r"^\s*\d{1,3}\s*$")
# A number glued to a word or to the punctuation after it, and not the rest of a number such as 3.4 or 96,000; a year
# with a full stop (2011.6) is none of these.
_GLUED = re.compile(
    r"(?<=[^\W\d_]|[.,;:!?)\]\u2019\u201d\"'])(?<!\b\d[.,])(?<!\b\d\d[.,])(?<!\b\d\d\d[.,])(\d{1,3})(?!\w|[.,]\d)"
)
_SPACED = re.compile(r"(?<![^\s])(\d{1,3})(?!\w|[.,]\d)")
_ENDED = tuple(".?!:;)]”\"'0123456789")
_LONGEST_NOTE = 60
_LONGEST_PLACE = 400
"""In lines."""
_OTHERS = 2
"""In how many ways the marks that stand apart are chosen."""
_GLUED_WEIGHT = 3
"""Of a number glued to a word, as a mark of a note; one that stands apart weighs 1."""
_RECOGNISED_WEIGHT = 1000
"""Of a numbered line at which a recognised paragraph starts; any other weighs 1."""
_MISSED = 3
"""Of how many numbers that should come next, any may."""


def plain(text: str) -> str:
    """Return what of a text does not depend on its layout.

    Compatibility forms (ligatures, raised digits) are resolved, quotation marks unified, and white space, bullets and
    all dashes and hyphens dropped. Every letter, figure and punctuation mark counts.
    """
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text).translate(_QUOTES))


def digest(text: str) -> str:
    """Return the SHA-256 of the plain text, in hexadecimal."""
    return hashlib.sha256(plain(text).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class _Line:
    """A line of a copy.

    Attributes:
        text: as it is shown, marks of notes taken out.
        others: the same without numbers that may be marks but stand apart from any word, in each way to choose them.
        page: index of its page.
        starts: whether a page starts here, as far as can be seen.
        gap: whether a blank line stands above.
        rule: whether a rule, as above notes, stands above.
    """

    text: str
    others: tuple[str, ...]
    page: int
    starts: bool = False
    gap: bool = False
    rule: bool = False

    @property
    def plain(self) -> str:
        return plain(self.text)

    def cut(self, pattern: re.Pattern[str]) -> _Line:
        """Return the line without what the pattern finds at its start."""
        text, *others = (pattern.sub("", one, count=1) for one in (self.text, *self.others))
        return replace(self, text=text, others=tuple(others))


@dataclass
class _Outline:
    """What of a source its layout is found by."""

    source: Source
    paragraphs: dict[int, Place] = field(default_factory=dict)
    notes: dict[int, Place] = field(default_factory=dict)
    followers: dict[int, list[Place]] = field(default_factory=dict)
    heads: list[Place] = field(default_factory=list)
    headings: tuple[str, ...] = ()
    parts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        number = 0
        for place in self.source.places:
            digits = re.search(r"\d+$", place.ref)
            if place.kind == "paragraph" and digits:
                number = int(digits.group())
                self.paragraphs[number] = place
            elif place.kind == "note" and digits:
                self.notes[int(digits.group())] = place
            elif place.kind in ("section", "box"):
                self.followers.setdefault(number, []).append(place)
            elif place.kind == "head":
                self.heads.append(place)
        named = (name for place in self.source.places for name in (place.heading, place.section) if name)
        self.headings = tuple(dict.fromkeys(map(plain, named)))
        self.parts = frozenset(plain(place.part) for place in self.source.places)


def find_places(pages: Pages, source: Source) -> dict[str, str]:
    """Return the text of every place of the source that is found in a copy, by place id.

    Args:
        pages: the copy, see ``advisor.pages``.
        source: the layout to look for, and the digests by which an end is recognised.
    """
    outline = _Outline(source)
    lines = _lines(pages)
    body, notes = _parted(lines, outline)
    body = _without_marks(body, len(outline.notes))
    words = Counter(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", "\n".join(line.text for line in lines)))
    found = _body_places(body, outline)
    found |= {outline.notes[number].id: note for number, note in notes.items()}
    kinds = {place.id: place.kind for place in source.places}
    texts = {
        place.id: _flowing(found[place.id], kinds[place.id], words) for place in source.places if place.id in found
    }
    return {name: text for name, text in texts.items() if text}


# --- lines ------------------------------------------------------------------------------------------------------------


def _lines(pages: Pages) -> list[_Line]:
    """Return all lines that hold text, without page numbers and running heads and feet."""
    raw = [[unicodedata.normalize("NFKC", line).replace("\u00ad", "-") for line in page] for page in pages]
    # Some programs set one space before the first line of a page, and no form feed.
    full = [line for page in raw for line in page if line.strip()]
    spaced = sum(bool(re.match(r" \S", line)) for line in full)
    by_space = len(raw) == 1 and spaced * 10 < len(full)
    left_out = _furniture(raw) if len(raw) > 1 else [_lone_numbers(raw[0])]
    lines: list[_Line] = []
    for number, (page, dropped) in enumerate(zip(raw, left_out, strict=True)):
        starts, gap, rule = True, True, False
        for index, line in enumerate(page):
            if index in dropped:
                starts = starts or by_space  # the number of a page that nothing else parts from the one before
                continue
            if not line.strip() or _RULE.match(line):
                gap, rule = True, rule or bool(_RULE.match(line))
                continue
            begins = starts or (by_space and bool(re.match(r" \S", line)))
            text = line.strip()
            # A number alone may be a page's or a note's.
            others = ("" if _LONE_NUMBER.match(text) else text,) * _OTHERS
            lines.append(_Line(text, others, number, begins, gap, rule))
            starts, gap, rule = False, False, False
    return lines


def _edges(page: Sequence[str]) -> list[int]:
    """Return the indexes of the two first and the two last lines that hold text, from the edges inwards."""
    full = [index for index, line in enumerate(page) if line.strip() and not _RULE.match(line)]
    return list(dict.fromkeys([*full[:1], *full[-1:], *full[1:2], *full[-2:-1]]))


def _pattern(line: str) -> str:
    return re.sub(r"\d+", "#", plain(line)).lower()


def _running(pages: Sequence[Sequence[str]]) -> set[str]:
    """Return what stands at the edges of many pages, with digits made alike."""
    seen = Counter(pattern for page in pages for pattern in {_pattern(page[index]) for index in _edges(page)})
    return {pattern for pattern, count in seen.items() if count >= max(min(3, len(pages)), 0.4 * len(pages))}


def _furniture(pages: Sequence[Sequence[str]]) -> list[set[int]]:
    """Return for each page the lines that are running heads or feet, or its number."""
    running = _running(pages)
    edges = [_edges(page) for page in pages]
    dropped = [{at for at in edge if _pattern(page[at]) in running} for page, edge in zip(pages, edges, strict=True)]
    numbers: list[tuple[int, int, int]] = []
    for index, (page, edge) in enumerate(zip(pages, edges, strict=True)):
        # A number may be the page's where nothing but a running head or foot is nearer to the edge.
        for outer, inner in ((edge[:1], edge[2:3]), (edge[1:2], edge[3:4])):
            for at in outer if outer and outer[0] not in dropped[index] else inner:
                match = _PAGE_NUMBER.match(page[at])
                numbers += [(index, at, int(match.group(1)) - index)] if match else []
    # And it is where it counts up with the pages.
    offsets = Counter(offset for _, _, offset in numbers)
    for index, at, offset in numbers:
        if offset == 1 or offsets[offset] > 1:
            dropped[index].add(at)
    return dropped


def _lone_numbers(page: Sequence[str]) -> set[int]:
    """Return the lines that hold a number alone between blank lines: page numbers, where pages aren't known."""

    def blank(index: int) -> bool:
        return not 0 <= index < len(page) or not page[index].strip()

    lone = {index for index, line in enumerate(page) if _LONE_NUMBER.match(line)}
    return {index for index in lone if index == 0 or (blank(index - 1) and blank(index + 1))}


# --- notes ------------------------------------------------------------------------------------------------------------


def _parted(lines: Sequence[_Line], outline: _Outline) -> tuple[list[_Line], dict[int, list[_Line]]]:
    """Part the lines of the body from those of the notes.

    A block of notes begins with the next note's number; it ends with its page, with the next paragraph's number, or
    where its last note has the digest.
    """
    body: list[_Line] = []
    notes: dict[int, list[_Line]] = {}
    current = paragraph = 0
    inside = False  # whether the note above goes on
    below = False  # whether the line above belongs to a note
    for index, line in enumerate(lines):
        numbered = _PARAGRAPH.match(line.text)
        number = int(numbered.group(1)) if numbered else 0
        following = number in outline.paragraphs and paragraph < number <= paragraph + _MISSED
        if line.starts or following:
            inside = below = False
        start = _note_start(lines, index, current + 1, outline)
        if start is None and _looks_like_note(line, current + 1, below, body, outline):
            start = current + 1
        if start is not None:
            if not inside and current:
                _take_back(body, notes[current], outline.notes[current], line.page)
            current, inside = start, True
            rest = line.cut(_number(start))
            notes[start] = [rest] if rest.text else []
        elif inside:
            notes[current].append(line)
        elif line.rule and current and not _complete(notes[current], outline.notes[current]):
            inside = True  # a rule, and no number: the last page's note goes on
            notes[current].append(line)
        else:
            paragraph = number if following else paragraph
            body.append(line)
        below = start is not None or inside
        if below and _complete(notes[current], outline.notes[current]):
            inside = False
    return body, notes


def _note_start(lines: Sequence[_Line], index: int, expected: int, outline: _Outline) -> int | None:
    """Return the number of the note that starts at a line, known by its digest, or None."""
    for number in range(expected, expected + _MISSED):
        place = outline.notes.get(number)
        if place is None or place.digest is None or not lines[index].text.startswith(str(number)):
            continue
        if _reach([lines[index].cut(_number(number)), *lines[index + 1 : index + _LONGEST_NOTE]], place.digest):
            return number
    return None


def _looks_like_note(line: _Line, number: int, below: bool, body: Sequence[_Line], outline: _Outline) -> bool:
    """Say whether the note of this number seems to start at a line: after a rule, a note, or its mark."""
    if number not in outline.notes or not line.text.startswith(str(number)):
        return False
    after = line.text[len(str(number)) :]
    if not after:
        return below or line.rule
    if _begins_lower(after) or not (after[0].isspace() or after[0].isalpha() or plain(after[0]) in ("'", '"', "[")):
        return False
    mark = re.compile(rf"[^\W\d_.]{number}(?!\d)|[.,;:!?)\]\u2019\u201d\"']\s?{number}(?!\d)")
    return below or line.rule or any(mark.search(one.text) for one in body[-80:])


def _number(number: int) -> re.Pattern[str]:
    return re.compile(rf"^\s*{number}\s*")


def _begins_lower(text: str) -> bool:
    return text.lstrip()[:1].islower()


def _complete(note: Sequence[_Line], place: Place) -> bool:
    return place.digest is not None and digest("".join(line.text for line in note)) == place.digest


def _take_back(body: list[_Line], note: list[_Line], place: Place, page: int) -> None:
    """Move lines from the end of the body to a note that goes on at the foot of this page, if its digest says so."""
    if place.digest is None or _complete(note, place):
        return
    start = len(body)
    while start and body[start - 1].page == page and len(body) - start < _LONGEST_NOTE:
        start -= 1
        if _complete([*note, *body[start:]], place):
            note += body[start:]
            del body[start:]
            return


# --- marks of notes ---------------------------------------------------------------------------------------------------


def _without_marks(body: Sequence[_Line], count: int) -> list[_Line]:
    """Take the marks of notes out of the body: numbers that count up, glued to a word or apart from it."""
    seen: list[tuple[int, tuple[int, int], int]] = []
    for index, line in enumerate(body):
        glued = {match.start(1): int(match.group(1)) for match in _GLUED.finditer(line.text)}
        numbered = _PARAGRAPH.match(line.text)
        first = numbered.end() if numbered else 0
        apart = {match.start(1): int(match.group(1)) for match in _SPACED.finditer(line.text, first)}
        for start, number in sorted((apart | glued).items()):
            if 1 <= number <= count:
                seen.append((number, (index, start), _GLUED_WEIGHT if start in glued else 1))
    first_chain = _chain(seen)
    # Where a figure may be a mark as well, the first of two equally good choices is not always right.
    turned = _chain((count + 1 - number, at, weight) for number, at, weight in reversed(seen))
    last_chain = {count + 1 - number: found for number, found in turned.items()}
    strict = _by_line({number: at for number, (at, weight) in first_chain.items() if weight > 1})
    loose = [_by_line({number: at for number, (at, _) in chain.items()}) for chain in (first_chain, last_chain)]
    return [
        replace(
            line,
            text=_cut_out(line.text, strict.get(i, ())),
            others=tuple(
                _cut_out(line.text, marks.get(i, ())) if other else ""
                for other, marks in zip(line.others, loose, strict=True)
            ),
        )
        for i, line in enumerate(body)
    ]


T = TypeVar("T")


def _chain(seen: Iterable[tuple[int, T, int]]) -> dict[int, tuple[T, int]]:
    """Return, of numbers seen in this order, the chain that counts up and weighs most.

    Args:
        seen: number, where it stands, and weight.

    Returns:
        For each number on the chain, where it stands and its weight.
    """
    best: dict[int, tuple[int, Any]] = {}
    for number, at, weight in seen:
        before = max((best[other] for other in best if other < number), key=lambda one: one[0], default=(0, None))
        if number not in best or before[0] + weight > best[number][0]:
            best[number] = (before[0] + weight, (number, at, weight, before[1]))
    _, link = max(best.values(), key=lambda one: one[0], default=(0, None))
    found: dict[int, tuple[T, int]] = {}
    while link is not None:
        number, at, weight, link = link
        found[number] = (at, weight)
    return dict(reversed(found.items()))


def _by_line(marks: Mapping[int, tuple[int, int]]) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for number, (index, start) in marks.items():
        found.setdefault(index, []).append((start, start + len(str(number))))
    return found


def _cut_out(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


# --- the body ---------------------------------------------------------------------------------------------------------


def _reach(lines: Iterable[_Line], wanted: str) -> tuple[int, int] | None:
    """Return after how many lines the digest is reached, and by which of their texts (0: as shown); None if never."""
    hashes = [hashlib.sha256() for _ in range(1 + _OTHERS)]
    for count, line in enumerate(lines, 1):
        shown = line.plain.encode("utf-8", "replace")
        for which, (one, text) in enumerate(zip(hashes, (line.text, *line.others), strict=True)):
            one.update(shown if text == line.text else plain(text).encode("utf-8", "replace"))
            if one.hexdigest() == wanted:
                return count, which
    return None


def _recognised(lines: Sequence[_Line], wanted: str | None) -> list[_Line] | None:
    """Return the lines from the first on that have the digest, or None."""
    reached = _reach(lines[:_LONGEST_PLACE], wanted) if wanted else None
    if reached is None:
        return None
    count, which = reached
    return [replace(line, text=(line.text, *line.others)[which]) for line in lines[:count]]


def _body_places(body: Sequence[_Line], outline: _Outline) -> dict[str, list[_Line]]:
    starts, known = _paragraph_starts(body, outline)
    found = dict(known)
    first = min(starts.values(), default=len(body))
    for place in outline.heads:
        end = next((i for i in range(1, first) if _is_heading(body, i, outline)), first)
        found[place.id] = _recognised(body[:first], place.digest) or list(body[:end])
    begins = sorted(starts.items())
    limits = [*(begin for _, begin in begins[1:]), len(body)]
    for (number, begin), limit in zip(begins, limits, strict=False):
        anchors = _anchors(body, begin + 1, limit, outline.followers.get(number, ()))
        place = outline.paragraphs[number]
        ends = [*sorted(anchors.values()), limit]
        if place.id not in found:
            end = _end(body, begin, ends[0], outline)
            found[place.id] = [body[begin].cut(_PARAGRAPH), *body[begin + 1 : end]]
        for other in outline.followers.get(number, ()):
            if other.id not in anchors:
                continue
            at = anchors[other.id]
            after = min(end for end in ends if end > at)
            exact = _recognised(body[at:limit], other.digest)
            found[other.id] = exact or list(body[at : _end(body, at, after, outline)])
    return found


def _paragraph_starts(body: Sequence[_Line], outline: _Outline) -> tuple[dict[int, int], dict[str, list[_Line]]]:
    """Return at which line each paragraph starts, and the lines of those that are recognised.

    Of all lines that start with a number, the chain that counts up is taken which is longest, and before all has the
    most recognised paragraphs on it; a numbered list inside a paragraph is none.
    """
    known: dict[tuple[int, int], list[_Line]] = {}
    seen: list[tuple[int, int, int]] = []
    for index, line in enumerate(body):
        match = _PARAGRAPH.match(line.text)
        if match is None or (number := int(match.group(1))) not in outline.paragraphs:
            continue
        following = [line.cut(_PARAGRAPH), *body[index + 1 : index + _LONGEST_PLACE]]
        recognised = _recognised(following, outline.paragraphs[number].digest)
        if recognised is not None:
            known[number, index] = recognised
        seen.append((number, index, 1 if recognised is None else _RECOGNISED_WEIGHT))
    starts = {number: index for number, (index, _) in _chain(seen).items()}
    return starts, {outline.paragraphs[at[0]].id: known[at] for at in starts.items() if at in known}


def _anchors(body: Sequence[_Line], begin: int, limit: int, places: Iterable[Place]) -> dict[str, int]:
    """Return at which line each section and box between two paragraphs starts."""
    found: dict[str, int] = {}
    reached = begin
    for place in places:
        for index in range(reached, limit):
            if _opens(body[index], place):
                found[place.id] = index
                reached = index + 1
                break
    return found


def _opens(line: _Line, place: Place) -> bool:
    if place.kind == "box":
        return line.plain.startswith(plain(BOX_LABEL))
    match = _SECTION.match(line.text)
    return match is not None and match.group(1) == place.ref[-1].upper()


def _end(body: Sequence[_Line], begin: int, limit: int, outline: _Outline) -> int:
    """Return where a place that is not recognised ends, by the layout alone."""
    end = next((index for index in range(begin + 1, limit) if _is_heading(body, index, outline)), limit)
    if end == limit < len(body) and body[limit].plain.startswith(plain(BOX_LABEL)):
        # The title of a box: what stands above its label, up to a gap.
        end = max(begin + 1, limit - 1)
        while end > max(begin + 1, limit - 3) and not body[end].gap:
            end -= 1
    return end


def _is_heading(body: Sequence[_Line], index: int, outline: _Outline) -> bool:
    line, above = body[index], body[index - 1]
    if not line.gap and not above.text.rstrip().endswith(_ENDED):
        return False
    text = line.plain
    return (
        text in outline.parts
        or any(text.startswith(heading) for heading in outline.headings)
        or bool(_PART.match(line.text))
        or bool(_SECTION.match(line.text))
    )


# --- text as it is read -----------------------------------------------------------------------------------------------


def _flowing(lines: Sequence[_Line], kind: str, words: Mapping[str, int]) -> str:
    """Return lines as running text; in boxes and sections, bullets and labelled parts keep lines of their own."""
    text = ""
    for line in lines:
        bullet = _BULLET.match(line.text)
        part = f"• {line.text[bullet.end() :]}" if bullet else line.text
        own = kind not in ("paragraph", "note") and (bullet or _stands_apart(line, text, kind))
        if not text:
            text = part
        elif own:
            text += f"\n{part}"
        elif text.endswith("-"):
            text = _joined(text, part, words)
        else:
            text += f" {part}"
    return "\n".join(" ".join(one.split()) for one in text.split("\n")).strip()


def _stands_apart(line: _Line, before: str, kind: str) -> bool:
    if _DASH_ITEM.match(line.text):
        return True
    if not (line.gap or line.starts) or _begins_lower(line.text):
        return False
    return kind == "head" or before.endswith(_ENDED) or "?" in line.text or bool(_LABEL.match(line.text))


def _joined(text: str, part: str, words: Mapping[str, int]) -> str:
    """Join a word that is parted by a hyphen: without it where the copy has the whole word elsewhere."""
    head, tail = re.search(r"([^\W\d_]*)-$", text), re.match(r"[^\W\d_]*", part)
    assert head is not None
    assert tail is not None
    whole, hyphened = head.group(1) + tail.group(), f"{head.group(1)}-{tail.group()}"
    return text[:-1] + part if head.group(1) and tail.group() and words[whole] > words[hyphened] else text + part
