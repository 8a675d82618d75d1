"""``advisor reference``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from advisor import content
from advisor.commands.shared import FailedError, count, draft_of, packs_option, terminal_width


@click.command("reference")
@click.argument("name", metavar="[PAGE]", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path, file_okay=False), help="Write all pages there instead.")
@packs_option
def command(name: str | None, form: str, output: Path | None, packs: Sequence[str]) -> None:
    """Show a page of the reference for authors: the keys of a kind of file, the conditions, or all facts.

    Without PAGE it lists the pages.
    """
    from advisor import document, reference

    draft = draft_of(packs)
    if output is not None:
        pages = {"README": reference.contents(), **{one: reference.page(one, draft) for one in reference.PAGES}}
        try:
            output.mkdir(parents=True, exist_ok=True)
            for one, blocks in pages.items():
                (output / f"{one}.md").write_text(document.as_markdown(blocks), encoding="utf-8")
        except OSError as error:
            raise FailedError(f"{output}: {error.strerror}") from error
        click.echo(f"{count(len(pages), 'page')} in {content.shown(output)}")
        return
    blocks = reference.contents() if name is None else reference.page(name, draft)
    width = terminal_width()
    click.echo(document.as_markdown(blocks) if form == "markdown" else document.as_text(blocks, width), nl=False)
