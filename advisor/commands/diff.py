"""``advisor diff``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from advisor.commands.shared import FailedError, packs_option, terminal_width


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option("--situations", "drawn", type=click.IntRange(0, 100_000), default=300, show_default=True, metavar="N",
              help="How many situations to draw, beside those that are written down.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Draw others: any whole number.")
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option("--jobs", "-j", type=click.IntRange(1), metavar="N", help="Processes to use.  [default: one a core]")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
@click.option("--fail-on-change", is_flag=True, help="Exit with 1 if the advice on any situation differs.")
@packs_option
def command(
    old: str,
    new: str,
    drawn: int,
    seed: int,
    form: str,
    jobs: int | None,
    output: Path | None,
    fail_on_change: bool,
    packs: Sequence[str],
) -> None:
    """Say what changes from pack OLD to pack NEW: in their content, and in the advice, and through which rule.

    OLD and NEW are each a folder, the id of a pack that comes with the advisor, or a revision in git: REV, which means
    the folder of the other one as it was there, or REV:path/to/pack. With --pack, further packs on which both build.
    """
    from advisor import diff_views  # the engine is imported when it is needed
    from advisor.diff import diff
    from advisor.parallel import cores
    from advisor.revisions import opened

    bar = click.progressbar(length=1, label="Comparing", file=sys.stderr, hidden=not sys.stderr.isatty())
    with opened(old, new, packs) as before, opened(new, old, packs) as after, bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        found = diff(before, after, (old, new), drawn=drawn, seed=seed, jobs=jobs or cores(), progress=progress)
    if form == "json":
        text = found.model_dump_json(indent=2) + "\n"
    elif form == "markdown":
        text = diff_views.as_markdown(found)
    else:
        text = diff_views.as_text(found, terminal_width(120))
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise FailedError(f"{output}: {error.strerror}") from error
    if fail_on_change and found.advice_changed:
        raise FailedError(diff_views.verdict(found))
