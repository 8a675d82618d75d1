"""``advisor compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from advisor import marked
from advisor.commands.shared import FailedError, corpus_of, facts_in, packs_option, terminal_width
from advisor.errors import CorpusError, Problem, SituationError


@click.command("compare")
@click.argument("before", metavar="A", type=click.Path(path_type=Path, allow_dash=True))
@click.argument("after", metavar="[B]", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--set", "told", metavar="FACT=VALUE", multiple=True, help="Tell a fact otherwise: border_status=closed.")
@click.option("--unset", "withdrawn", metavar="FACT", multiple=True, help="Take a fact back: nobody knows it.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@packs_option
def command(
    before: Path, after: Path | None, told: Sequence[str], withdrawn: Sequence[str], form: str, packs: Sequence[str]
) -> None:
    """Say how the advice on two situations differs, and through which facts.

    The situations are in files A and B; or there is A alone, with a change: --set border_status=closed
    --set 'contributions_offered=[money]' --unset region.
    """
    from advisor import compare, compare_views  # the engine is imported when it is needed
    from advisor.case import Case
    from advisor.lookahead import look_ahead

    change = _change(told, withdrawn)
    if (after is None) is not bool(change):
        raise click.UsageError("compare A with a file B, or with a change of it: --set FACT=VALUE, --unset FACT")
    if after is not None and str(before) == str(after) == "-":
        raise click.UsageError("standard input can be read only once")
    corpus = corpus_of(packs)

    def case_in(file: Path) -> Case:
        facts = facts_in(file, corpus)
        return Case(corpus, facts, look_ahead(corpus, facts))

    one = case_in(before)
    found = compare.compare(one, compare.changed(one, change) if after is None else case_in(after))
    if form == "json":
        click.echo(found.model_dump_json(indent=2))
    elif form == "markdown":
        click.echo(compare_views.as_markdown(found), nl=False)
    else:
        click.echo(compare_views.as_text(found, terminal_width()), nl=False)


def _change(told: Sequence[str], withdrawn: Sequence[str]) -> dict[str, Any]:
    """Return fact names to values, None for those taken back.

    Raises:
        FailedError: something isn't FACT=VALUE, or a fact is named twice.
        SituationError: a value can't be read.
    """
    pairs: list[tuple[str, Any]] = []
    for text in told:
        name, equals, value = text.partition("=")
        if not equals:
            raise FailedError(f"--set takes FACT=VALUE, for instance border_status=closed; not {text!r}")
        pairs.append((name.strip(), _value(name.strip(), value)))
    pairs += ((name.strip(), None) for name in withdrawn)
    change: dict[str, Any] = {}
    for name, value in pairs:
        if name in change:
            raise FailedError(f"{name} is changed twice; which of them counts?")
        change[name] = value
    return change


def _value(name: str, text: str) -> Any:
    if not text.strip():
        raise FailedError(f"--set {name}= has no value; --unset {name} takes a fact back, '{name}=[]' says none")
    try:
        return marked.read(text, f"--set {name}").data
    except CorpusError as error:
        # On a command line there are no lines and columns to point at.
        raise SituationError(Problem(one.code, one.message, f"--set {name}") for one in error.problems) from error
