"""``advisor coverage``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from advisor.commands.shared import FailedError, corpus_of, packs_option


@click.command("coverage")
@click.option("--tests", is_flag=True, help="Instead: what the tests reach of each rule's conditions.")
@click.option(
    "--min",
    "least",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="With --tests: fail where less than this is reached.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@packs_option
def command(tests: bool, least: float | None, form: str, packs: Sequence[str]) -> None:
    """Say for each paragraph and lesson which rules apply it, or why none does.

    With --tests: for each rule what its tests never reach, and a situation that would.
    """
    if least is not None and not tests:
        raise click.UsageError("--min goes with --tests")
    if tests:
        _tests(packs, least, form)
    else:
        _sources(packs, form)


def _sources(packs: Sequence[str], form: str) -> None:
    from advisor import coverage

    measured = coverage.measure(corpus_of(packs))
    click.echo(measured.model_dump_json(indent=2) if form == "json" else coverage.as_text(measured))
    if measured.uncovered:
        raise FailedError(f"uncovered: {', '.join(measured.uncovered)}")


def _tests(packs: Sequence[str], least: float | None, form: str) -> None:
    from advisor import reach, situation

    corpus = corpus_of(packs)
    told = [situation.parse(scenario.facts or {}, corpus.facts) for scenario in corpus.scenarios.values()]
    measured = reach.measure(corpus, extra=told)
    click.echo(measured.model_dump_json(indent=2) if form == "json" else reach.as_text(measured))
    if least is not None and measured.percent < least:
        raise FailedError(f"the tests reach {measured.percent:.1f} %, less than {least:g} %")
