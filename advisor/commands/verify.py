"""``advisor verify``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor import content
from advisor.commands.shared import FailedError, corpus_of, packs_option, read_text


@click.command("verify")
@click.argument("answer", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
@packs_option
def command(ctx: click.Context, answer: Path, form: str, packs: Sequence[str]) -> None:
    """Derive a saved ANSWER (JSON; - for standard input) again, offline, and say whether it holds.

    Where no pack is named, the packs that the answer names are used if they come with the advisor.

    Exit status: 0 it holds; 1 it differs, or is no answer.
    """
    from advisor import verification  # the engine is imported when it is needed

    try:
        if str(answer) != "-" and answer.is_file() and answer.stat().st_size > verification.MAX_BYTES:
            raise verification.AnswerError(f"more than {verification.MAX_BYTES:,} bytes; an answer is far smaller")
        saved = verification.read(read_text(answer))
        verified = verification.verify(saved, corpus_of(packs or _shipped(verification.packs_of(saved))))
    except verification.AnswerError as error:
        raise FailedError(f"{'<stdin>' if str(answer) == '-' else answer}: {error}") from error
    click.echo(verified.model_dump_json(indent=2) if form == "json" else verified.as_text())
    if not verified.holds:
        ctx.exit(1)


def _shipped(names: Sequence[str]) -> Sequence[str]:
    """Return the packs, or none where one doesn't come with the advisor."""
    return names if set(names) <= set(content.shipped_folders()) else ()
