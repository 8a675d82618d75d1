"""``advisor coverage``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from advisor import coverage
from advisor.commands.shared import FailedError, corpus_of, packs_option


@click.command("coverage")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
def command(form: str, packs: Sequence[str]) -> None:
    """Say for each paragraph and lesson which rules apply it, or why none does."""
    measured = coverage.measure(corpus_of(packs))
    click.echo(measured.model_dump_json(indent=2) if form == "json" else coverage.as_text(measured))
    if measured.uncovered:
        raise FailedError(f"uncovered: {', '.join(measured.uncovered)}")
