"""``advisor facts``."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from advisor.commands.shared import corpus_of, packs_option


@click.command("facts")
@click.option("--group", help="Only one block of questions (A to H).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
def command(group: str | None, form: str, packs: Sequence[str]) -> None:
    """List the facts that can be told of a situation, with their questions and values."""
    corpus = corpus_of(packs)
    if group is not None:
        corpus.get("fact_groups", group)
    chosen = [fact for fact in corpus.facts.values() if group in (None, fact.group)]
    if form == "json":
        click.echo(json.dumps([fact.model_dump(mode="json", exclude_none=True) for fact in chosen], indent=2))
        return
    for heading in corpus.fact_groups.values():
        members = [fact for fact in chosen if fact.group == heading.id]
        if members:
            click.echo(f"\n{heading.id}. {heading.title}")
        for fact in members:
            allowed = ", ".join(fact.allowed) or (f"{fact.minimum} to {fact.maximum}" if fact.unit else "true, false")
            click.echo(f"  {fact.name} ({fact.type}): {fact.question}\n      {allowed}")
