"""Files read into pages of lines: PDF by way of pypdf, or plain text with form feeds between pages."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from advisor.errors import AdvisorError

MAX_BYTES = 20_000_000
"""The largest file that is read; the paper is a hundredth of it."""
MAX_PAGES = 300
MAX_LINES = 20_000
MAX_LINE = 20_000
"""Characters of the longest line that is read whole."""

Pages = tuple[tuple[str, ...], ...]


class UnreadableError(AdvisorError):
    """A file can't be read as PDF or as text; the message says why, without the file's name."""


def read_pages(raw: bytes) -> Pages:
    """Return the pages of a PDF or of plain text, each as its lines.

    Text that holds no form feed is one page.

    Raises:
        UnreadableError: it is neither, too large, encrypted or broken, or there is no text in it.
    """
    if len(raw) > MAX_BYTES:
        raise UnreadableError(f"the file has more than {MAX_BYTES:,} bytes, too many to be the paper")
    pages = _pdf(raw) if b"%PDF-" in raw[:1024] else _text(raw)
    lines = sum(map(len, pages))
    if lines > MAX_LINES or any(len(line) > MAX_LINE for page in pages for line in page):
        raise UnreadableError(f"the file has {lines:,} lines or very long ones, too much to be the paper")
    if not any(line.strip() for page in pages for line in page):
        raise UnreadableError("there is no text in the file; if it is a scan, text recognition has to come first")
    return pages


def _text(raw: bytes) -> Pages:
    if raw[:4] == b"PK\x03\x04":
        raise UnreadableError("the file is a word processor's document or an archive; save it as PDF or as plain text")
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        # What Windows programs write as text; bytes that it doesn't have are no text at all.
        try:
            text = raw.decode("cp1252")
        except UnicodeDecodeError as error:
            raise UnreadableError("the file is neither a PDF nor text") from error
    if "\0" in text:
        raise UnreadableError("the file is neither a PDF nor text")
    return tuple(tuple(page.split("\n")) for page in text.replace("\r\n", "\n").replace("\r", "\n").split("\f"))


def _pdf(raw: bytes) -> Pages:
    import pypdf  # only who attaches a PDF pays for it
    from pypdf.errors import DependencyError, FileNotDecryptedError

    with _quiet("pypdf"):
        try:
            reader = pypdf.PdfReader(io.BytesIO(raw))
            # Many PDFs are encrypted with an empty password, which protects nothing.
            if reader.is_encrypted and not reader.decrypt(""):
                raise UnreadableError("the PDF is protected by a password; save a copy without one")
            if len(reader.pages) > MAX_PAGES:
                raise UnreadableError(f"the PDF has {len(reader.pages)} pages, too many to be the paper")
            return tuple(tuple(page.extract_text().split("\n")) for page in reader.pages)
        except UnreadableError:
            raise
        except (DependencyError, FileNotDecryptedError) as error:
            raise UnreadableError("the PDF is encrypted; save a copy that isn't, or its text") from error
        except (Exception, RecursionError) as error:
            # A broken PDF fails anywhere in the reader, in any way.
            raise UnreadableError(f"the PDF is broken or cut off ({type(error).__name__})") from error


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a library from logging what is said in a message, or made good by it."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
