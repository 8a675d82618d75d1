"""``advisor batch``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

import advisor
from advisor import content
from advisor.commands.shared import FailedError, corpus_of, packs_option
from advisor.errors import printable

if TYPE_CHECKING:
    from advisor.answering import Select
    from advisor.batch import Source, Target
    from advisor.journal import Progress


@click.command("batch")
@click.argument("file", metavar="INPUT", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--output", "-o", required=True, type=click.Path(path_type=Path, allow_dash=True), help="Where the answers go."
)
@click.option(
    "--from", "source", type=click.Choice(["ndjson", "csv", "parquet"]), help="What INPUT is.  [default: by its name]"
)
@click.option(
    "--to", "target", type=click.Choice(["ndjson", "parquet"]), help="What the output is.  [default: by its name]"
)
@click.option(
    "--select",
    type=click.Choice(["full", "brief"]),
    default="full",
    show_default=True,
    help="What to give of each answer: all of it, some 150 kB; or the ids of what is advised, some 3 kB.",
)
@click.option("--jobs", "-j", type=click.IntRange(1), metavar="N", help="Processes to use.  [default: one a core]")
@click.option("--restart", is_flag=True, help="Begin again, whatever was begun there and not finished.")
@click.option("--overwrite", is_flag=True, help="Replace the output if it is there.")
@packs_option
def command(
    file: Path,
    output: Path,
    source: Source | None,
    target: Target | None,
    select: Select,
    jobs: int | None,
    restart: bool,
    overwrite: bool,
    packs: Sequence[str],
) -> None:
    """Advise on each of the many situations in INPUT (- for standard input; -o - for standard output).

    INPUT is NDJSON, {"facts": {...}} on each line, or a table with a column for each fact, CSV or Parquet. A line that
    can't be answered is answered with what is wrong with it, and the others go on. What was ended before its time goes
    on from there when the same command is given again. Exit status 1 if a line was bad.
    """
    from advisor import batch, parallel  # the engine is imported when it is needed

    order = batch.Order(
        None if str(file) == "-" else file,
        None if str(output) == "-" else output,
        source or _source(file),
        target or _target(output),
        select,
    )
    corpus = corpus_of(packs)
    load = partial(advisor.load_corpus, *content.named_folders(packs))
    terminal = sys.stderr.isatty()
    with _Bar(str(order.input or "<stdin>"), batch.length(order, corpus) if terminal else None) as bar:
        try:
            done = batch.run(
                order,
                corpus,
                jobs=jobs or parallel.cores(),
                load=load,
                restart=restart,
                overwrite=overwrite,
                watch=bar.show,
            )
        except KeyboardInterrupt:
            if order.output is not None:
                # click ends the line.
                click.echo("\nStopped; the same command goes on from here.", err=True, nl=False)
            raise
    told = f"{done.done:,} situation{'' if done.done == 1 else 's'}, {done.bad:,} bad"
    if done.bad > batch.MAX_REPORTS:
        told += f" (the first {batch.MAX_REPORTS} were told here; the output tells of all)"
    if done.bad:
        raise FailedError(told)
    click.echo(told, err=True)


def _source(path: Path) -> Source:
    from advisor.batch import SUFFIXES

    if str(path) == "-":
        return "ndjson"
    if (kind := SUFFIXES.get(path.suffix.lower())) is None:
        raise click.UsageError(f"{path.name} doesn't end with {', '.join(SUFFIXES)}; say what it is with --from")
    return kind


def _target(path: Path) -> Target:
    from advisor.batch import SUFFIXES

    if str(path) == "-":
        return "ndjson"
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None or kind == "csv":
        known = ", ".join(suffix for suffix, kind in SUFFIXES.items() if kind != "csv")
        raise click.UsageError(f"{path.name} doesn't end with {known}; say what to write with --to")
    return kind


class _Bar:
    """Shows how far a batch has got, in a terminal by a bar, and what is wrong with the first bad lines.

    It shows the part of the input that is done, since how many situations that has nobody knows before.
    """

    def __init__(self, name: str, length: int | None) -> None:
        self._name = name
        self._terminal = sys.stderr.isatty()
        self._bar = click.progressbar(
            () if length is None else None,
            length=length,
            label="Advising",
            file=sys.stderr,
            hidden=not self._terminal,
            item_show_func=lambda told: told,
        )
        self._offset = 0
        self._begun: tuple[float, int] | None = None

    def __enter__(self) -> _Bar:
        self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.render_finish()

    def show(self, progress: Progress, reports: Sequence[str]) -> None:
        """Show how far it has got, after what is wrong with the latest bad lines."""
        for report in reports:
            # In a terminal it takes the line of the bar, which goes on below.
            click.echo(("\r\033[K" if self._terminal else "") + printable(f"{self._name}:{report}"), err=True)
        now = time.monotonic()
        start, before = self._begun = self._begun or (now, progress.done)
        rate = (progress.done - before) / (now - start) if now > start else 0
        told = f"{progress.done:,} done, {progress.bad:,} bad, {rate:,.0f}/s"
        self._bar.update(progress.offset - self._offset, told)
        self._offset = progress.offset
