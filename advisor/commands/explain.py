"""``advisor explain``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor.commands.shared import corpus_of, facts_in, packs_option, terminal_width


@click.command("explain")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--why", "wanted", metavar="ID", help="Say why it is advised.")
@click.option("--why-not", "missed", metavar="ID", help="Say why it is not advised, and what it would take.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
def command(file: Path, wanted: str | None, missed: str | None, form: str, packs: Sequence[str]) -> None:
    """Explain the advice on the situation in FILE: why a thing is advised, or why it is not.

    ID is that of an element, a lesson, a finding or a rule (a red flag has the id of its rule).
    """
    from advisor import why, whynot  # the engine is imported when it is needed
    from advisor.case import Case
    from advisor.lookahead import look_ahead

    if (wanted is None) is (missed is None):
        raise click.UsageError("say --why ID or --why-not ID")
    corpus = corpus_of(packs)
    facts = facts_in(file, corpus)
    case = Case(corpus, facts, look_ahead(corpus, facts))
    width = terminal_width()
    if wanted is not None:
        answer = why.why(case, wanted)
        text = why.as_text(answer, width)
        data = answer.model_dump_json(indent=2)
    else:
        other = whynot.why_not(case, missed or "")
        text = whynot.as_text(other, width)
        data = other.model_dump_json(indent=2)
    click.echo(data if form == "json" else text, nl=form == "json")
