"""``advisor coverage``."""

from __future__ import annotations

import click

import advisor
from advisor import coverage
from advisor.commands.shared import FailedError


@click.command("coverage")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(form: str) -> None:
    """Say for each paragraph and lesson which rules apply it, or why none does."""
    measured = coverage.measure(advisor.load_corpus())
    click.echo(measured.model_dump_json(indent=2) if form == "json" else coverage.as_text(measured))
    if measured.uncovered:
        raise FailedError(f"uncovered: {', '.join(measured.uncovered)}")
