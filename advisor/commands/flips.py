"""``advisor flips``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor.commands.shared import corpus_of, facts_in, packs_option, terminal_width


@click.command("flips")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("of", metavar="[ID]...", nargs=-1)
@click.option("--limit", type=click.IntRange(1, 3), default=3, show_default=True, help="How many facts may change.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
def command(file: Path, of: Sequence[str], limit: int, form: str, packs: Sequence[str]) -> None:
    """Say which smallest changes of facts would add or remove a line of the advice on FILE.

    A line is named by its ID in the answer: the element of a recommendation, the lesson of a caution, the rule of a red
    flag; it need not be in the answer now. Without an ID: all red flags and headlines.
    """
    from advisor.flip_text import as_text
    from advisor.flips import flip_points  # the engine is imported when it is needed

    corpus = corpus_of(packs)
    facts = facts_in(file, corpus)
    points = flip_points(facts, corpus, of, limit)
    if form == "json":
        click.echo(points.model_dump_json(indent=2))
    else:
        click.echo(as_text(points, terminal_width()), nl=False)
