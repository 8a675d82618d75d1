"""``advisor trace``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor.attachment import AttachmentError
from advisor.commands.shared import FailedError, corpus_of, facts_in, packs_option, terminal_width

_FORMATS = ["text", "markdown", "json", "prov", "mermaid", "svg"]


@click.command("trace")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--of", metavar="ID", help="Only what leads to this line, finding, lesson or rule of the answer.")
@click.option("--all", "everything", is_flag=True, help="The whole graph, also in a picture.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@packs_option
def command(file: Path, of: str | None, everything: bool, form: str, output: Path | None, packs: Sequence[str]) -> None:
    """Show how the advice on FILE (YAML or JSON; - for standard input) was derived.

    In words and data: every line of advice, down to the facts. In a picture (mermaid, svg): the first headline.
    """
    from advisor import proof_text, quotation  # the engine is imported when it is needed
    from advisor.trace import traced
    from advisor.trace_views import VIEWS, shown

    if of is not None and everything:
        raise click.UsageError("--of shows one line and --all every line; choose one of them.")
    corpus = corpus_of(packs)
    facts = facts_in(file, corpus)
    whole = traced(facts, corpus).trace
    assert whole is not None
    trace = shown(whole, form, of, everything=everything)
    width = terminal_width() if output is None else 100
    text = proof_text.as_text(trace, width) if form == "text" else VIEWS[form].render(trace)
    try:
        if form == "text":
            text += quotation.as_text(trace, corpus, width)
        elif form == "markdown":
            text += quotation.as_markdown(trace, corpus)
    except AttachmentError as error:
        click.echo(f"the attached text is left out: {error}", err=True)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise FailedError(f"{output}: {error.strerror}") from error
