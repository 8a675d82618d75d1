"""``advisor test``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

import advisor
from advisor import content
from advisor.commands.shared import FailedError, corpus_of, packs_option, terminal_width
from advisor.selection import Chosen, TestKind, choose

if TYPE_CHECKING:
    from advisor.corpus import Corpus
    from advisor.results import Result

SHARE = 40
"""About how many tests a process is given at a time."""


@click.command("test")
@click.argument("names", nargs=-1)
@click.option("--filter", "text", metavar="TEXT", help="Only what has TEXT in a name; or fits it as a pattern: sea*.")
@click.option("--kind", type=click.Choice(["rules", "scenarios"]), help="Only tests in rule files, or only scenarios.")
@click.option("--jobs", "-j", type=click.IntRange(1), metavar="N", help="Processes to use.  [default: as it pays]")
@click.option("--fail-fast", "-x", is_flag=True, help="Stop at the first test that fails.")
@click.option("--verbose", "-v", is_flag=True, help="Print the tests that pass, too.")
@click.option("--format", "form", type=click.Choice(["text", "json", "junit"]), default="text", show_default=True)
@packs_option
def command(
    names: Sequence[str],
    text: str | None,
    kind: TestKind | None,
    jobs: int | None,
    fail_fast: bool,
    verbose: bool,
    form: str,
    packs: Sequence[str],
) -> None:
    """Run the tests in rule files and the scenarios: all, or those of NAMES.

    NAMES are ids of rules, topics, scenarios or packs, or files or folders. Exit status 1 if a test fails, or if there
    is none.
    """
    from advisor import result_views, results  # the engine is imported when it is needed

    corpus = corpus_of(packs)
    chosen = choose(corpus, [content.shown(Path(name)) if Path(name).is_dir() else name for name in names], text, kind)
    width = terminal_width(120)
    found: list[Result] = []
    stopped = False
    count = sum(one.size for one in chosen)
    with click.progressbar(length=count, label="Testing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for result in _run(corpus, chosen, packs, jobs):
            found.append(result)
            bar.update(1)
            if fail_fast and not result.passed:
                stopped = len(found) < count
                break
    done = results.gather(corpus, found, stopped=stopped)
    if form == "json":
        click.echo(done.model_dump_json(indent=2))
    elif form == "junit":
        click.echo(result_views.as_junit(done), nl=False)
    else:
        for result in done.results:
            if verbose or not result.passed:
                click.echo(result_views.as_text(result, width) + ("" if result.passed else "\n"))
    if done.failed:
        raise FailedError(result_views.summary(done))
    if form == "text":
        click.echo(result_views.summary(done))


def _run(corpus: Corpus, chosen: Sequence[Chosen], packs: Sequence[str], jobs: int | None) -> Iterator[Result]:
    from advisor import parallel

    shares: list[list[Chosen]] = [[]]
    for one in chosen:
        if sum(other.size for other in shares[-1]) >= SHARE:
            shares.append([])
        shares[-1].append(one)
    load = partial(advisor.load_corpus, *content.named_folders(packs))
    # A process costs as much to start as a share takes.
    processes = jobs or min(parallel.cores(), (len(shares) + 1) // 2)
    for done in parallel.spread(_done, shares, corpus, processes, load):
        yield from done


def _done(corpus: Corpus, chosen: Sequence[Chosen]) -> list[Result]:
    from advisor import results

    return list(results.run(corpus, chosen))
