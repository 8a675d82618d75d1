"""The command line: finds the verb, runs it, and turns what goes wrong into a sentence and an exit status.

This module and ``advisor.commands`` are all of the library that prints.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

import advisor
from advisor import records
from advisor.errors import AdvisorError

OK, FAILED, BUG, INTERRUPTED = 0, 1, 3, 130


VERBS = (
    "advise",
    "draft",
    "batch",
    "interview",
    "trace",
    "explain",
    "compare",
    "flips",
    "precedents",
    "facts",
    "show",
    "source",
    "verify",
    "pack",
    "check",
    "test",
    "diff",
    "coverage",
    "mutate",
    "schemas",
    "reference",
    "prove",
    "serve",
)
"""The commands, in the order of the help; each is a module of ``advisor.commands``."""


class _Verbs(click.Group):
    """A group that imports a command when it is asked for, so that no command pays for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(f"advisor.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(advisor.__version__, prog_name="advisor")
def commands() -> None:
    """Advise on sharing responsibility in refugee situations, and say why.

    Exit status: 0 all well; 1 the input was refused or a check failed; 2 the command was misspelt; 3 a bug.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: expected errors are printed without a traceback, bugs leave a log."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit status; see ``main``.

    Raises:
        records.ModelsNeededError: another process must do it, in which shapes are models; nothing was done yet.
    """
    try:
        status = commands.main(arguments, prog_name="advisor", standalone_mode=False)
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
    except records.ModelsNeededError:
        raise
    except Exception as error:
        import tempfile
        import traceback

        with tempfile.NamedTemporaryFile("w", prefix="advisor-", suffix=".log", delete=False) as log:
            traceback.print_exc(file=log)
        click.echo(f"advisor: a bug: {type(error).__name__}: {error}\nPlease report it with {log.name}", err=True)
        return BUG
    # Where a command exits by itself, click returns its status.
    return status if isinstance(status, int) else OK
