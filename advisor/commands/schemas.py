"""``advisor schemas``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor import content
from advisor.commands.shared import FailedError, count, draft_of, packs_option


@click.command("schemas")
@packs_option
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write them.  [default: schemas/ in the folder of the last pack named, or else here]",
)
def command(packs: Sequence[str], output: Path | None) -> None:
    """Write the JSON Schemas that give editors completion, hover texts and errors.

    With --pack they know the names that the packs define, and underline any other; a pack need not be free of errors
    for it. Without, they are those of the built-in pack, to which packs may add names. docs/editors.md says how to set
    up an editor.
    """
    from advisor import schemas
    from advisor.nameable import names_of_draft

    folders = content.named_folders(packs)
    draft = draft_of(packs)
    names = names_of_draft(draft, closed=bool(folders))
    kinds = tuple(schemas.KINDS) if folders else schemas.NAMES
    own = [Path(name) for name in packs if Path(name).is_dir()]
    target = output or Path(*own[-1:]) / schemas.FOLDER
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name in kinds:
            (target / schemas.file_name(name)).write_text(schemas.schema_text(name, names), encoding="utf-8")
    except OSError as error:
        raise FailedError(f"{target}: {error.strerror}") from error
    click.echo(f"{count(len(kinds), 'schema')} in {content.shown(target)}; first lines of files:")
    for kind in schemas.KINDS.values():
        click.echo(f"  {kind.where:<42} {kind.line}")
    if draft.problems:
        left_out = f"{count(len(draft.problems), 'problem')} in the packs; what can't be read is missing in the schemas"
        click.echo(f"{left_out}. `advisor check` says what.", err=True)
