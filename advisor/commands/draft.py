"""``advisor draft``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from advisor.commands.shared import FailedError, corpus_of, packs_option, read_text

_FORMATS = ["docx", "pdf", "markdown"]


@click.command("draft")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Where the draft goes; - for standard output.",
)
@click.option("--format", "form", type=click.Choice(_FORMATS), help="What to write.  [default: by the output's name]")
@click.option("--title", help="What the case is called.  [default: the title in FILE]")
@click.option("--author", default="", help="Who prepares the draft.")
@click.option("--date", default="", metavar="YYYY-MM-DD", help="The day that the draft bears; without it, none.")
@packs_option
def command(
    file: Path, output: Path, form: str | None, title: str | None, author: str, date: str, packs: Sequence[str]
) -> None:
    """Write a draft outline of the arrangement for the situation in FILE (YAML or JSON; - for standard input).

    A document for Word (.docx), a PDF or Markdown (.md), to take to a meeting: red flags, headlines, the outline,
    precedents and open questions, with footnotes to the paragraphs, and the derivation as an annex.
    """
    from advisor import situation  # the engine is imported when it is needed
    from advisor.draft import Front, FrontError, drafted
    from advisor.draft_forms import FORMS

    chosen = form or next((name for name, one in FORMS.items() if output.suffix.lower() == one.suffix), None)
    if chosen is None:
        known = ", ".join(one.suffix for one in FORMS.values())
        raise click.UsageError(f"{output.name} doesn't end with {known}; say what to write with --format")
    corpus = corpus_of(packs)
    path, text = None if str(file) == "-" else file, read_text(file)
    facts = situation.parse_file(path, text, corpus.facts)
    try:
        front = Front(situation.title_in(path, text) if title is None else title, author, date)
    except FrontError as error:
        raise click.BadParameter(f"{error}.", param_hint=f"--{error.field}") from error
    written = FORMS[chosen].write(drafted(facts, corpus, front))
    if str(output) == "-":
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(written)
    except OSError as error:
        raise FailedError(f"{output}: {error.strerror}") from error
