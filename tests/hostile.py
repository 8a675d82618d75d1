"""Runs `advisor check` on folders, each in a process of its own that the system limits, and says what it took.

    python tests/hostile.py FOLDER...

Prints one line of JSON for each folder: exit status, processor seconds, the most memory in bytes, and the output. The
advisor is imported once, and each check runs in a fork: what is measured is the check, with the interpreter's and the
advisor's own memory but without the time to import them.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from advisor import catalogue_pages, check_report, cli, sarif
from advisor.commands import check

SECONDS = 5
"""After so many seconds of processor time the system ends a check. A second is what is promised; the rest allows for
machines a few times slower than those of today, and for the count of others' work that a virtual machine may make."""


def measured(folder: str) -> dict[str, object]:
    """Return what checking a folder took."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            _limited(lambda: cli.main(["check", folder]), output.fileno())
        _, status, usage = os.wait4(child, 0)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": usage.ru_utime + usage.ru_stime,
        "memory": memory,
        "output": text,
    }


def _limited(run: Callable[[], None], output: int) -> None:
    code = 99
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        os.dup2(output, 1)
        os.dup2(output, 2)
        run()
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 98
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    assert all((catalogue_pages, check, check_report, sarif)), "imported before the first check"
    for name in sys.argv[1:]:
        print(json.dumps(measured(name)), flush=True)
        assert Path(name)
