"""``advisor source``: your own copy of the paper."""

from __future__ import annotations

from pathlib import Path

import click

import advisor
from advisor import attachment


@click.group("source")
def command() -> None:
    """Keep the paper's own text, from a copy that you have, beside our gists."""


@command.command("attach")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", help="Id of the source; found out if not given.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def attach(file: Path, source: str | None, form: str) -> None:
    """Read FILE (PDF or text), check each paragraph, and keep the texts in your data folder."""
    inspection = attachment.attach(file, advisor.load_corpus(), source)
    if form == "json":
        click.echo(inspection.model_dump_json(indent=2))
    else:
        click.echo(f"attached: {inspection.title} ({inspection.source})\n{inspection.as_text()}")
        click.echo(f"kept in {inspection.file}")


@command.command("status")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def status(form: str) -> None:
    """Say which sources are attached, and which of their paragraphs match."""
    found = attachment.status(advisor.load_corpus())
    if form == "json":
        click.echo("[" + ",\n".join(one.model_dump_json(indent=2) for one in found) + "]")
        return
    for one in found:
        click.echo(f"attached: {one.title} ({one.source})\n{one.as_text()}\nkept in {one.file}")
    if not found:
        click.echo("no source is attached; `advisor source attach FILE` reads a PDF or text that you have")


@command.command("detach")
@click.option("--source", help="Id of the source; all if not given.")
def detach(source: str | None) -> None:
    """Remove the attached texts from your data folder."""
    removed = attachment.detach(advisor.load_corpus(), source)
    click.echo(f"detached: {', '.join(removed)}" if removed else "nothing was attached")
