"""``advisor precedents``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor.commands.shared import corpus_of, facts_in, packs_option, terminal_width


@click.command("precedents")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("name", metavar="[ID]", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@packs_option
def command(file: Path, name: str | None, form: str, packs: Sequence[str]) -> None:
    """Compare the situation in FILE with earlier ones: all in a table, or the one named ID fact by fact."""
    from advisor.case import Case
    from advisor.lookahead import look_ahead
    from advisor.precedent_tables import detail, overview
    from advisor.precedents import compare

    corpus = corpus_of(packs)
    if name is not None:
        corpus.get("precedents", name)
    facts = facts_in(file, corpus)
    found = compare(Case(corpus, facts, look_ahead(corpus, facts)))
    if name is not None:
        found = found.model_copy(update={"precedents": tuple(one for one in found.precedents if one.precedent == name)})
    width = terminal_width(140)
    if form == "json":
        click.echo(found.model_dump_json(indent=2))
    elif name is not None:
        click.echo(detail(found.precedents[0], corpus, markdown=form == "markdown", width=width), nl=False)
    else:
        click.echo(overview(found.precedents, markdown=form == "markdown", width=width), nl=False)
