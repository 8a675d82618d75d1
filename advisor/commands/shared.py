"""What several commands need."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

import advisor
from advisor import content
from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from advisor.conditions import Facts
    from advisor.corpus import Corpus
    from advisor.pack import Draft

packs_option = click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="FOLDER",
    help="A pack to use, beside all on which it builds: its folder, or the id of one that comes with the advisor; may "
    f"be repeated.  [default: ${content.PACKS_VARIABLE}, or the built-in pack]",
)
"""Gives a command the parameter ``packs``; see ``corpus_of``."""


class FailedError(AdvisorError):
    """The command did what it could, and the result is a failure; its text says so."""


def corpus_of(packs: Sequence[str]) -> Corpus:
    """Return the corpus of the packs named by ``--pack``, or by the environment, or the built-in one.

    Raises:
        CorpusError: the content is refused; with every problem.
    """
    return advisor.load_corpus(*content.named_folders(packs))


def draft_of(packs: Sequence[str]) -> Draft:
    """Return the packs named by ``--pack``, or by the environment, or the built-in one, as far as they can be read.

    Raises:
        FailedError: there is no pack; with every problem.
    """
    from advisor import pack

    draft = pack.read(content.named_folders(packs) or [content.builtin_folder()])
    if not draft.manifests:
        raise FailedError("\n".join(map(str, draft.problems)))
    return draft


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


def facts_in(file: Path, corpus: Corpus) -> Facts:
    """Return the known facts of the situation in a file, or in standard input for ``-``.

    Raises:
        FailedError: there is no such file, or it isn't UTF-8 text.
        SituationError: it can't be read as a situation; with every problem, placed in the file.
    """
    from advisor import situation

    return situation.parse_file(None if str(file) == "-" else file, read_text(file), corpus.facts)


def count(number: int, what: str) -> str:
    """Return ``1 rule``, ``2 rules``."""
    return f"{number} {what}" + ("" if number == 1 else "s")


def terminal_width(limit: int = 110) -> int:
    """Return how many columns text may take: the terminal's, 100 where there is none, at most the limit."""
    return min(shutil.get_terminal_size((100, 24)).columns, limit)
