"""What several commands need."""

from __future__ import annotations

import sys
from pathlib import Path

from advisor.errors import AdvisorError


class FailedError(AdvisorError):
    """The command did what it could, and the result is a failure; its text says so."""


def read_text(file: Path) -> str:
    """Return the text of a file, or of standard input for ``-``.

    Raises:
        FailedError: there is no such file, or it isn't UTF-8 text.
    """
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise FailedError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FailedError(f"{file}: not UTF-8 text (byte {error.start})") from error


def count(number: int, what: str) -> str:
    """Return ``1 rule``, ``2 rules``."""
    return f"{number} {what}" + ("" if number == 1 else "s")
