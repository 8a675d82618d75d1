"""The paper's own words behind a trace, from the copy that the user has attached."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from advisor.answer import Trace
from advisor.attachment import Attached, PlaceText
from advisor.corpus import Corpus
from advisor.model import Place
from advisor.report import escaped

TITLE = "In the paper's own words"
DIFFERS = "in your copy; the text is another than the one we know"


def as_text(trace: Trace, corpus: Corpus, width: int = 100) -> str:
    """Return the attached texts of the paragraphs behind a trace as plain text; nothing where none is attached.

    Raises:
        AttachmentError: what is kept can't be read.
    """
    lines: list[str] = []
    for place, found in _texts(trace, corpus):
        lines += ["", place.ref + ("" if found.matches else f" ({DIFFERS})")]
        for line in found.text.splitlines():
            lines += textwrap.wrap(line, width, initial_indent="  ", subsequent_indent="  ", break_long_words=False)
    return "\n".join(["", TITLE.upper(), *lines]) + "\n" if lines else ""


def as_markdown(trace: Trace, corpus: Corpus) -> str:
    """Return the attached texts of the paragraphs behind a trace as Markdown; nothing where none is attached.

    Raises:
        AttachmentError: what is kept can't be read.
    """
    lines: list[str] = []
    for place, found in _texts(trace, corpus):
        lines += ["", f"### {escaped(place.ref)}" + ("" if found.matches else f" ({DIFFERS})"), ""]
        lines += [f"> {escaped(line)}  " for line in found.text.splitlines()]
    return "\n".join(["", f"## {TITLE}", *lines]) + "\n" if lines else ""


def _texts(trace: Trace, corpus: Corpus) -> Iterator[tuple[Place, PlaceText]]:
    attached = Attached(corpus)
    cited = {(paragraph.source, paragraph.ref) for node in trace.nodes for paragraph in node.paragraphs}
    for name, place in corpus.places.items():
        if (corpus.source_of(name), place.ref) in cited and (found := attached.text_of(name)) is not None:
            yield place, found
