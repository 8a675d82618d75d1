"""``advisor source``: your own copy of the paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor import attachment
from advisor.commands.shared import corpus_of, packs_option


@click.group("source")
def command() -> None:
    """Keep the paper's own text, from a copy that you have, beside our gists."""


@command.command("attach")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", help="Id of the source; found out if not given.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
def attach(file: Path, source: str | None, form: str, packs: Sequence[str]) -> None:
    """Read FILE (PDF or text), check each paragraph, and keep the texts in your data folder."""
    inspection = attachment.attach(file, corpus_of(packs), source)
    if form == "json":
        click.echo(inspection.model_dump_json(indent=2))
    else:
        click.echo(f"attached: {inspection.title} ({inspection.source})\n{inspection.as_text()}")
        click.echo(f"kept in {inspection.file}")


@command.command("status")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
def status(form: str, packs: Sequence[str]) -> None:
    """Say which sources are attached, and which of their paragraphs match."""
    found = attachment.status(corpus_of(packs))
    if form == "json":
        click.echo("[" + ",\n".join(one.model_dump_json(indent=2) for one in found) + "]")
        return
    for one in found:
        click.echo(f"attached: {one.title} ({one.source})\n{one.as_text()}\nkept in {one.file}")
    if not found:
        click.echo("no source is attached; `advisor source attach FILE` reads a PDF or text that you have")


@command.command("detach")
@click.option("--source", help="Id of the source; all if not given.")
@packs_option
def detach(source: str | None, packs: Sequence[str]) -> None:
    """Remove the attached texts from your data folder."""
    removed = attachment.detach(corpus_of(packs), source)
    click.echo(f"detached: {', '.join(removed)}" if removed else "nothing was attached")
