"""The forms of a draft: for each its media type, the ending of its files, and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from advisor.draft_parts import DraftOutline


@dataclass(frozen=True, slots=True)
class Form:
    """A form of document.

    Attributes:
        media_type: how it is served.
        suffix: how files of it end.
        write: makes it of a draft; equal drafts give equal bytes.
    """

    media_type: str
    suffix: str
    write: Callable[[DraftOutline], bytes]


# What writes a form is imported when it is asked for, since the libraries for it take long to import.


def _docx(draft: DraftOutline) -> bytes:
    from advisor.draft_word import as_docx

    return as_docx(draft)


def _pdf(draft: DraftOutline) -> bytes:
    from advisor.draft_pdf import as_pdf

    return as_pdf(draft)


def _markdown(draft: DraftOutline) -> bytes:
    from advisor.draft_markdown import as_markdown

    return as_markdown(draft).encode()


FORMS: Mapping[str, Form] = {
    "docx": Form("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx", _docx),
    "pdf": Form("application/pdf", ".pdf", _pdf),
    "markdown": Form("text/markdown; charset=utf-8", ".md", _markdown),
}
"""The forms by their names."""
