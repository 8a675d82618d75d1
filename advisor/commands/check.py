"""``advisor check``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor import content
from advisor.commands.shared import FailedError, count, packs_option
from advisor.corpus import Corpus, examine


@click.command("check")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, file_okay=False))
@packs_option
def command(folders: Sequence[Path], packs: Sequence[str]) -> None:
    """Check the built-in pack, or the packs in FOLDERS, and say everything that is wrong."""
    corpus, problems = examine(*(folders or content.named_folders(packs)))
    for problem in problems:
        click.echo(str(problem), err=problem.severity == "error")
    errors = sum(problem.severity == "error" for problem in problems)
    if corpus is None:
        raise FailedError(f"refused: {count(errors, 'error')}, {count(len(problems) - errors, 'warning')}")
    click.echo(f"{corpus.version}: {_contents(corpus)}; {count(len(problems), 'warning')}")


def _contents(corpus: Corpus) -> str:
    kinds = ("rules", "lessons", "places", "facts", "findings", "elements", "precedents")
    return ", ".join(f"{len(getattr(corpus, kind))} {kind}" for kind in kinds)
