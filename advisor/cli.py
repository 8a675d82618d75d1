"""The command line. This is the one module of the library that prints."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

import advisor
from advisor import coverage as coverage_module
from advisor import report, trials
from advisor.corpus import Corpus, examine
from advisor.errors import AdvisorError

OK, FAILED, BUG, INTERRUPTED = 0, 1, 3, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(advisor.__version__, prog_name="advisor")
def commands() -> None:
    """Advise on sharing responsibility in refugee situations, and say why.

    Exit status: 0 all well; 1 the input was refused or a check failed; 2 the command was misspelt; 3 a bug.
    """


@commands.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
def advise(file: Path, form: str) -> None:
    """Advise on the situation in FILE (YAML or JSON; - for standard input)."""
    from advisor import advice as advice_module
    from advisor import situation

    corpus = advisor.load_corpus()
    facts = situation.parse_file(None if str(file) == "-" else file, _read(file), corpus.facts)
    answer = advice_module.advise(facts, corpus)
    if form == "json":
        click.echo(answer.model_dump_json(indent=2))
    elif form == "markdown":
        click.echo(report.as_markdown(answer, corpus), nl=False)
    else:
        width = min(shutil.get_terminal_size((100, 24)).columns, 110)
        click.echo(report.as_text(answer, corpus, width), nl=False)


@commands.command()
@click.option("--group", help="Only one block of questions (A to H).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def facts(group: str | None, form: str) -> None:
    """List the facts that can be told of a situation, with their questions and values."""
    corpus = advisor.load_corpus()
    if group is not None:
        corpus.get("fact_groups", group)
    chosen = [fact for fact in corpus.facts.values() if group in (None, fact.group)]
    if form == "json":
        click.echo(json.dumps([fact.model_dump(mode="json", exclude_none=True) for fact in chosen], indent=2))
        return
    for heading in corpus.fact_groups.values():
        members = [fact for fact in chosen if fact.group == heading.id]
        if members:
            click.echo(f"\n{heading.id}. {heading.title}")
        for fact in members:
            allowed = ", ".join(fact.allowed) or (f"{fact.minimum} to {fact.maximum}" if fact.unit else "true, false")
            click.echo(f"  {fact.name} ({fact.type}): {fact.question}\n      {allowed}")


@commands.command()
@click.argument("name", metavar="ID", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def show(name: Sequence[str], form: str) -> None:
    """Show anything that an answer names: a rule, lesson, element, finding, precedent, fact, source or paragraph.

    A paragraph is named as it is cited: 16, III.A, n14, box Kosovo.
    """
    from advisor import lookup

    corpus = advisor.load_corpus()
    found = lookup.find(corpus, " ".join(name))
    entries = {f"{kind}:{key}": lookup.describe(corpus, kind, key) for kind, key in found}
    if form == "json":
        click.echo(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    for (kind, key), entry in zip(found, entries.values(), strict=True):
        click.echo(f"{lookup.SINGULAR[kind]} {key}")
        click.echo(lookup.as_text(entry))


@commands.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, file_okay=False))
def check(folders: Sequence[Path]) -> None:
    """Check the built-in pack, or the packs in FOLDERS, and say everything that is wrong."""
    corpus, problems = examine(*folders)
    for problem in problems:
        click.echo(str(problem), err=problem.severity == "error")
    errors = sum(problem.severity == "error" for problem in problems)
    if corpus is None:
        raise _FailedError(f"refused: {_count(errors, 'error')}, {_count(len(problems) - errors, 'warning')}")
    click.echo(f"{corpus.version}: {_contents(corpus)}; {_count(len(problems), 'warning')}")


@commands.command()
@click.argument("rules", nargs=-1)
@click.option("--verbose", "-v", is_flag=True, help="Print the tests that pass, too.")
def test(rules: Sequence[str], verbose: bool) -> None:
    """Run the tests in rule files: all, or those of RULES (rule ids, topics or files)."""
    corpus = advisor.load_corpus()
    try:
        chosen = trials.rules_under(corpus, rules)
    except LookupError as error:
        raise _FailedError(str(error.args[0])) from error
    done = failed = 0
    for trial in trials.run(corpus, chosen):
        done += 1
        failed += not trial.passed
        if verbose or not trial.passed:
            click.echo(str(trial))
    summary = f"{done - failed} passed, {failed} failed, in {_count(len(chosen), 'rule')}"
    if failed:
        raise _FailedError(summary)
    click.echo(summary)


@commands.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def coverage(form: str) -> None:
    """Say for each paragraph and lesson which rules apply it, or why none does."""
    measured = coverage_module.measure(advisor.load_corpus())
    click.echo(measured.model_dump_json(indent=2) if form == "json" else coverage_module.as_text(measured))
    if measured.uncovered:
        raise _FailedError(f"uncovered: {', '.join(measured.uncovered)}")


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def serve(host: str, port: int) -> None:
    """Serve the advisor over HTTP."""
    import uvicorn

    advisor.load_corpus()  # content that is refused is said here, before a server starts
    # The service lies beside this package; a folder called "api" in the working directory must not be taken for it.
    beside = str(Path(advisor.__file__).resolve().parent.parent)
    uvicorn.run("api.app:create_app", factory=True, app_dir=beside, host=host, port=port, server_header=False)


def _read(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise _FailedError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _FailedError(f"{file}: not UTF-8 text (byte {error.start})") from error


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _contents(corpus: Corpus) -> str:
    kinds = ("rules", "lessons", "places", "facts", "findings", "elements", "precedents")
    return ", ".join(f"{len(getattr(corpus, kind))} {kind}" for kind in kinds)


class _FailedError(AdvisorError):
    """The command did what it could, and the result is a failure."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: expected errors are printed without a traceback, bugs leave a log."""
    sys.exit(_run(list(sys.argv[1:] if arguments is None else arguments)))


def _run(arguments: list[str]) -> int:
    try:
        commands.main(arguments, prog_name="advisor", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except AdvisorError as error:
        click.echo(str(error), err=True)
        return FAILED
    except BrokenPipeError:
        # The reader has gone (advisor … | head); say nothing more, also when Python closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        with tempfile.NamedTemporaryFile("w", prefix="advisor-", suffix=".log", delete=False) as log:
            traceback.print_exc(file=log)
        click.echo(f"advisor: a bug: {type(error).__name__}: {error}\nPlease report it with {log.name}", err=True)
        return BUG
    return OK
