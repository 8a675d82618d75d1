"""``advisor advise``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor import records
from advisor.commands.shared import corpus_of, facts_in, packs_option, terminal_width


@click.command("advise")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@packs_option
def command(file: Path, form: str, packs: Sequence[str]) -> None:
    """Advise on the situation in FILE (YAML or JSON; - for standard input)."""
    records.allow(wanted=records.allowed() and form != "json")
    corpus = corpus_of(packs)
    # The engine is imported when it is needed: a corpus that is refused needs none.
    from advisor import report
    from advisor.advice import advise

    facts = facts_in(file, corpus)
    answer = advise(facts, corpus)
    if form == "json":
        click.echo(answer.model_dump_json(indent=2))
    elif form == "markdown":
        click.echo(report.as_markdown(answer, corpus), nl=False)
    else:
        width = terminal_width()
        click.echo(report.as_text(answer, corpus, width), nl=False)
