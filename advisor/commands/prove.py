"""``advisor prove``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor.commands.shared import FailedError, corpus_of, packs_option, terminal_width
from advisor.prove import TIMEOUT, prove


@click.command("prove")
@click.argument("names", nargs=-1)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.001),
    default=TIMEOUT,
    show_default=True,
    metavar="SECONDS",
    help="How long the solver may take for one question.",
)
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write each situation that shows a failure to a file there.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--verbose", "-v", is_flag=True, help="List what was proved, too.")
@packs_option
def command(
    names: Sequence[str], timeout: float, folder: Path | None, form: str, verbose: bool, packs: Sequence[str]
) -> None:
    """Prove what the rules do in all situations, or show a smallest situation in which they don't.

    Proved are: that every rule can fire (reachable); that none says only what others say (needed); that nothing is
    called for and to be avoided at once (consistent); that each kind of situation gets advice in each phase (advised);
    and what the packs declare (invariants). NAMES restricts this to kinds, invariants, rules, elements or lessons.
    """
    from advisor import prove_text

    verdicts = prove(corpus_of(packs), names, timeout)
    if form == "json":
        click.echo(verdicts.model_dump_json(indent=2))
    else:
        width = terminal_width()
        click.echo(prove_text.as_text(verdicts, width, everything=verbose), nl=False)
    if folder is not None:
        for verdict in verdicts.verdicts:
            if verdict.counterexample is not None:
                file = folder / prove_text.file_name(verdict)
                _write(file, prove_text.situation_file(verdict))
                click.echo(f"written: {file}", err=True)
    if not verdicts.good:
        failed, open_ = verdicts.count("failed"), verdicts.count("not_decided")
        raise FailedError(f"{verdicts.count('proved')} proved, {failed} failed, {open_} not decided")


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise FailedError(f"{file}: {error.strerror}") from error
