"""``advisor mutate``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

import click

import advisor
from advisor import content
from advisor.commands.shared import FailedError, corpus_of, packs_option


@click.command("mutate")
@click.argument("rules", nargs=-1)
@click.option("--survivors", is_flag=True, help="Print each mutant that survives, and a situation that would kill it.")
@click.option(
    "--min", "least", metavar="PERCENT", type=click.FloatRange(0, 100), help="Fail where the score is below this."
)
@click.option("--jobs", "-j", type=click.IntRange(1), metavar="N", help="Processes to use.  [default: as it pays]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
def command(
    rules: Sequence[str], survivors: bool, least: float | None, jobs: int | None, form: str, packs: Sequence[str]
) -> None:
    """Change each condition of each rule a little, and say which changes no test notices.

    All rules, or RULES (ids of rules or packs, topics, files). A condition is flipped, dropped, widened or narrowed;
    then a test of the rule, of another rule or a scenario has to fail. What makes no difference in any situation is
    counted apart.
    """
    from advisor import mutation, selection  # the engine is imported when it is needed
    from advisor.mutation_text import as_text

    corpus = corpus_of(packs)
    chosen = [corpus.rules[one.id] for one in selection.choose(corpus, rules, kind="rules")]
    load = partial(advisor.load_corpus, *content.named_folders(packs))
    with click.progressbar(
        length=len(chosen), label="Mutating", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        found = mutation.run(corpus, chosen, jobs=jobs, load=load, done=bar.update)
    if form == "json":
        click.echo(found.model_dump_json(indent=2))
    else:
        click.echo(as_text(found, survivors=survivors))
    if least is not None and found.score < least:
        raise FailedError(f"the score is {found.score:.1f} %, less than {least:g} %")
