"""``advisor test``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from advisor import trials
from advisor.commands.shared import FailedError, corpus_of, count, packs_option


@click.command("test")
@click.argument("rules", nargs=-1)
@click.option("--verbose", "-v", is_flag=True, help="Print the tests that pass, too.")
@packs_option
def command(rules: Sequence[str], verbose: bool, packs: Sequence[str]) -> None:
    """Run the tests in rule files: all, or those of RULES (rule ids, topics or files)."""
    corpus = corpus_of(packs)
    try:
        chosen = trials.rules_under(corpus, rules)
    except LookupError as error:
        raise FailedError(str(error.args[0])) from error
    done = failed = 0
    for trial in trials.run(corpus, chosen):
        done += 1
        failed += not trial.passed
        if verbose or not trial.passed:
            click.echo(str(trial))
    summary = f"{done - failed} passed, {failed} failed, in {count(len(chosen), 'rule')}"
    if failed:
        raise FailedError(summary)
    click.echo(summary)
