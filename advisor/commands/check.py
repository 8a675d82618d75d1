"""``advisor check``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

import advisor
from advisor import content, diagnostics
from advisor.commands.shared import packs_option
from advisor.corpus import examine
from advisor.errors import UnknownIdError


def _known_code(_: click.Context, parameter: click.Parameter, given: str | tuple[str, ...] | None) -> object:
    for code in (given,) if isinstance(given, str) else given or ():
        try:
            diagnostics.diagnostic(code)
        except UnknownIdError as error:
            raise click.BadParameter(str(error), param=parameter) from error
    return given


@click.command("check")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@packs_option
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif", "github"]), default="text", show_default=True,
    help="github: annotations of a pull request."
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Fail by warnings, too.")
@click.option("--only", metavar="CODE", multiple=True, callback=_known_code, help="Tell problems of this code alone.")
@click.option("--skip", metavar="CODE", multiple=True, callback=_known_code, help="Tell no problems of this code.")
@click.option("--quiet", "-q", is_flag=True, help="Print the problems alone: no repairs, no summary.")
@click.option("--explain", metavar="CODE", callback=_known_code, help="Say what a code means, with examples.")
@click.pass_context
def command(
    context: click.Context,
    folders: Sequence[Path],
    packs: Sequence[str],
    form: str,
    strict: bool,
    only: Sequence[str],
    skip: Sequence[str],
    quiet: bool,
    explain: str | None,
) -> None:
    """Check the built-in pack, or the packs in FOLDERS, and say everything that is wrong.

    Each problem has a code; --explain says what a code means. Exit status: 0 no errors, 1 errors (or warnings, with
    --strict), 2 the command was misspelt.
    """
    from advisor import catalogue_pages, check_report, sarif

    if explain is not None:
        click.echo(catalogue_pages.as_text(diagnostics.diagnostic(explain)))
        return
    named = (*map(str, folders), *packs)
    checked = check_report.chosen(*examine(*content.named_folders(named)), only=only, skip=skip)
    match form:
        case "json":
            click.echo(check_report.as_json(checked))
        case "sarif":
            click.echo(sarif.as_sarif(checked, advisor.__version__))
        case "github":
            for line in check_report.as_annotations(checked, quiet=quiet):
                click.echo(line)
        case _:
            for line in check_report.as_text(checked, quiet=quiet):
                click.echo(line)
    context.exit(int(checked.failed(strict)))
