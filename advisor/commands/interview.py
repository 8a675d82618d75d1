"""``advisor interview``."""

from __future__ import annotations

import itertools
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

import advisor
from advisor import report, situation
from advisor.answer import Question
from advisor.commands.shared import FailedError, corpus_of, count, packs_option, read_text, terminal_width
from advisor.conditions import Facts
from advisor.interview import Interview, InvalidAnswerError, as_yaml

_HELP = "Commands: back, skip (not known), ? (help, and what each answer would bring), save, quit (with the advice)."


@click.command("interview")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), help="Keep what is told in this file.")
@packs_option
def command(file: Path | None, save: Path | None, packs: Sequence[str]) -> None:
    """Ask for what is not known, the most telling first, and advise on the answers.

    Starts from the situation in FILE, or from nothing. Type quit at any time to get the advice on what was told so far.
    What is told is kept in the file named by --save after every answer; without it, by the command save and on Ctrl-C,
    in a new file.
    """
    if save is not None:
        _check(save, file)
    corpus = corpus_of(packs)
    facts, head = _read(file, corpus) if file else ({}, {})
    keeper = _Keeper(save, head)
    interview = Interview(corpus, facts)
    try:
        interview = _Talk(interview, keeper).run()
    except (KeyboardInterrupt, click.Abort) as stop:
        click.echo(f"\n{stop.args[0] if stop.args else 'Stopped.'}", err=True)
        raise
    click.echo()
    click.echo(report.as_text(interview.result(), corpus, terminal_width()), nl=False)


def _check(save: Path, file: Path | None) -> None:
    """Refuse a file that would be lost, or that can't be written: better now than after twelve answers."""
    if not save.parent.is_dir():
        raise FailedError(f"{save}: there is no folder {save.parent}")
    if save.exists() and (file is None or not save.samefile(file)):
        raise FailedError(f"{save} exists already; to go on with it: advisor interview {save} --save {save}")


def _read(file: Path, corpus: advisor.Corpus) -> tuple[Facts, Mapping[str, str]]:
    text = read_text(file)
    known = situation.parse_file(file, text, corpus.facts)
    _, document = situation.read_file(file, text)
    data = document.data if isinstance(document.data, dict) and "facts" in document.data else {}
    return known, {key: str(data[key]) for key in ("title", "story") if data.get(key) is not None}


class _Keeper:
    """Keeps what was told in a file."""

    def __init__(self, file: Path | None, head: Mapping[str, str]) -> None:
        self.named = file is not None
        self._file = file
        self._head = head

    def keep(self, interview: Interview) -> Path:
        """Write the situation; an older state of the file is replaced as a whole, or not at all."""
        file = self._file = self._file or _unused()
        new = file.with_name(f".{file.name}.new")
        try:
            new.write_text(as_yaml(interview, self._head), encoding="utf-8")
            new.replace(file)
        except OSError as error:
            raise FailedError(f"{file}: {error.strerror}") from error
        return file


def _unused() -> Path:
    """Return a name in the current folder that no file has: what the user didn't name is not overwritten."""
    names = itertools.chain(["situation.yaml"], (f"situation-{number}.yaml" for number in itertools.count(2)))
    return next(path for name in names if not (path := Path(name)).exists())


class _Talk:
    """The conversation in a terminal or over a pipe."""

    def __init__(self, interview: Interview, keeper: _Keeper) -> None:
        self.interview = interview
        self.keeper = keeper
        self.kept = interview
        self.commands: Mapping[str, Callable[[], None]] = {
            "back": self._back,
            "b": self._back,
            "skip": self._skip,
            "s": self._skip,
            "not known": self._skip,
            "save": self._save,
            "?": self._help,
            "help": self._help,
        }

    def run(self) -> Interview:
        """Ask until nothing is left to ask, the officer stops or the input ends."""
        click.echo(_HELP)
        try:
            while (question := self.interview.current) is not None:
                self._ask(question)
                if not self._listen(question):
                    return self.interview
        except KeyboardInterrupt:
            raise KeyboardInterrupt(self._parting()) from None
        if self.interview.skipped:
            skipped = count(len(self.interview.skipped), "answer")
            click.echo(f"\nThere is nothing left to ask; {skipped} not known could still change the advice.")
        else:
            click.echo("\nThere is nothing left to ask: no fact that is still unknown could change the advice.")
        return self.interview

    def _ask(self, question: Question) -> None:
        number = len(self.interview.steps) + 1
        click.echo()
        _say(f"{number}. {question.question}  [{question.fact}; {count(self.interview.left, 'question')} open]")
        for index, value in enumerate(question.values, 1):
            _say(f"{index:>2}  {value.label} ({str(value.value).lower()})", "   ", "       ")
        if question.type == "set":
            _say("Several with commas between them; none if none fits.", "   ")

    def _listen(self, question: Question) -> bool:
        """Read until the question is dealt with; return whether to go on."""
        while True:
            line = _read_line()
            if line is None:
                return False
            said = line.strip()
            if said.lower() in ("quit", "q"):
                return False
            before = self.interview
            if (act := self.commands.get(said.lower())) is not None:
                act()
                if self.interview is not before:
                    return True
                continue
            try:
                self.interview = before.answer(said)
            except InvalidAnswerError as error:
                _say(_sentence(str(error)), "   ! ", "     ")
                continue
            fact = self.interview.corpus.facts[question.fact]
            told = fact.label_of(self.interview.facts[question.fact])
            _say(f"{fact.label}: {told}. {self.interview.change_since(before).text}", "   > ", "     ")
            self._keep()
            return True

    def _keep(self) -> None:
        if self.keeper.named:
            self._save(quiet=True)

    def _back(self) -> None:
        if not self.interview.steps:
            _say("This is the first question.", "   ! ")
            return
        self.interview = self.interview.back()
        self._keep()

    def _skip(self) -> None:
        self.interview = self.interview.skip()
        self._keep()

    def _save(self, *, quiet: bool = False) -> None:
        try:
            file = self.keeper.keep(self.interview)
        except FailedError as error:
            # What was told so far is still in memory; a full disk is no reason to lose it.
            _say(f"Not kept: {error}", "   ! ")
            return
        self.kept = self.interview
        if not quiet:
            _say(f"Kept in {file}.", "   > ")

    def _help(self) -> None:
        found = self.interview.prospects
        if found is not None:
            _say(found.help, "   ")
            for prospect in found.prospects:
                _say(f"{prospect.label}: {prospect.text}", "   - ", "     ")
        _say(_HELP, "   ")

    def _parting(self) -> str:
        if self.interview.steps and (self.kept is not self.interview or self.keeper.named):
            return f"Stopped. What was told is kept in {self.keeper.keep(self.interview)}."
        return "Stopped."


def _say(text: str, first: str = "", rest: str | None = None) -> None:
    width = max(40, terminal_width())
    indent = " " * len(first) if rest is None else rest
    click.echo(textwrap.fill(text, width, initial_indent=first, subsequent_indent=indent, break_long_words=False))


def _sentence(text: str) -> str:
    said = text[:1].upper() + text[1:]
    return said if said.endswith((".", "?")) else f"{said}."


def _read_line() -> str | None:
    """Return the next line of input; None at its end."""
    try:
        if sys.stdin.isatty():
            return input("> ")
        click.echo("> ", nl=False)
        line = sys.stdin.readline()
        click.echo(line.rstrip("\n") if line else "")  # so that what a pipe says can be read beside the questions
    except EOFError:
        click.echo()
        return None
    except UnicodeDecodeError as error:
        raise FailedError(f"the input is not UTF-8 text (byte {error.start})") from error
    return line or None
