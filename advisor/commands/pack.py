"""``advisor pack``."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from pathlib import Path

import click

from advisor import content, template
from advisor.commands.shared import FailedError, corpus_of, packs_option

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@click.group("pack")
def command() -> None:
    """Start a pack of your own, or list the packs at hand."""


@command.command("new")
@click.argument("name")
@click.option("--title", help="What the pack is called.  [default: made of its name]")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to write it.  [default: ./NAME]")
@click.option("--alone", is_flag=True, help="Bring facts and elements of its own; build on no other pack.")
def new(name: str, title: str | None, folder: Path | None, alone: bool) -> None:
    """Write a small, working pack called NAME, to start from."""
    if not _NAME.fullmatch(name) or len(name) > 60:
        message = f"{name!r} is no fit name for a pack; use lower-case words joined by hyphens, such as gcr-2018"
        raise FailedError(message)
    if name in content.shipped_folders():
        raise FailedError(f"a pack called {name!r} comes with the advisor; choose another name")
    target = folder or Path(name)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FailedError(f"{target} exists already and is not empty; nothing was written")
    called = title or name.replace("-", " ").capitalize()
    files = template.files_of(name, called, datetime.datetime.now(datetime.UTC).year, alone=alone)
    for path, text in files.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(text, encoding="utf-8")
    for path in files:
        click.echo(f"wrote {(target / path).as_posix()}")
    click.echo(f"Next: advisor check {target.as_posix()}; advisor test --pack {target.as_posix()}")
    click.echo(f"For your editor: advisor schemas --pack {target.as_posix()}")


@command.command("list")
@packs_option
def list_(packs: Sequence[str]) -> None:
    """List the packs that come with the advisor, and those named by --pack."""
    shipped = content.shipped_folders()
    corpora = [corpus_of([name]) for name in shipped] + ([corpus_of(packs)] if packs else [])
    manifests = {manifest.id: manifest for corpus in corpora for manifest in corpus.packs}
    for manifest in manifests.values():
        base = f" (builds on {', '.join(base.pack for base in manifest.builds_on)})" if manifest.builds_on else ""
        click.echo(f"{manifest.id} {manifest.version}{base}: {manifest.title}")
