"""``advisor show``."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from advisor import attachment, lookup
from advisor.commands.shared import corpus_of, packs_option


@click.command("show")
@click.argument("name", metavar="ID", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
def command(name: Sequence[str], form: str, packs: Sequence[str]) -> None:
    """Show anything that an answer names: a rule, lesson, element, finding, precedent, fact, source or paragraph.

    A paragraph is named as it is cited: 16, III.A, n14, box Kosovo.
    """
    corpus = corpus_of(packs)
    found = lookup.find(corpus, " ".join(name))
    entries = {f"{kind}:{key}": lookup.describe(corpus, kind, key) for kind, key in found}
    try:
        attached = attachment.Attached(corpus)
        entries = {name: attached.beside(entry, *name.split(":", 1)) for name, entry in entries.items()}
    except attachment.AttachmentError as error:
        click.echo(f"the attached text is left out: {error}", err=True)
    if form == "json":
        click.echo(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    for (kind, key), entry in zip(found, entries.values(), strict=True):
        click.echo(f"{lookup.SINGULAR[kind]} {key}")
        click.echo(lookup.as_text(entry))
