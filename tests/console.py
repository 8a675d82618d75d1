"""Runs a page of documentation as it is printed: writes its files, runs its commands, compares what they say.

A page's blocks, in order:

- a fenced ``yaml`` block after a line that ends in ```path`:`` is written to that file;
- a fenced ``console`` block holds commands (``$ …``) and, under each, what it prints; a line ``…`` stands for any
  lines; a command that ends in ``&`` goes on in the background until the page ends.

All other blocks are prose. Run as a program, it puts what the commands print today into the page.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 120
_FENCE = re.compile(r"^```(\w*)$")
_FILE = re.compile(r"`([^`]+)`:$")
PORT = "8000"
"""The port that pages name; each run takes a free one in its place."""


@dataclass
class Command:
    """A command of a page, with the lines that it is said to print, and where they stand."""

    text: str
    expected: list[str] = field(default_factory=list)
    first: int = 0
    last: int = 0


@dataclass
class File:
    """A file that a page says to write."""

    path: str
    text: str


def steps(page: str) -> Iterator[Command | File]:
    """Yield the commands and files of a page in their order."""
    lines = page.splitlines()
    number, before = 0, ""
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if not fence:
            before = lines[number] or before
            number += 1
            continue
        start = number + 1
        end = next(index for index in range(start, len(lines)) if lines[index] == "```")
        if fence[1] == "console":
            yield from _commands(lines, start, end)
        elif fence[1] == "yaml" and (named := _FILE.search(before)):
            yield File(named[1], "\n".join(lines[start:end]) + "\n")
        number, before = end + 1, ""


def _commands(lines: list[str], start: int, end: int) -> Iterator[Command]:
    command: Command | None = None
    for number in range(start, end):
        line = lines[number]
        if line.startswith("$ "):
            if command:
                yield command
            command = Command(line[2:], first=number + 1, last=number + 1)
        elif command and command.text.endswith("\\") and not command.expected:
            command.text = command.text[:-1] + line.strip()
            command.first = command.last = number + 1
        elif command:
            command.expected.append(line)
            command.last = number + 1
    if command:
        yield command


class Session:
    """A folder in which the steps of a page are carried out."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        # The commands are those of the environment that runs the tests; messages must not depend on the terminal.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, **(environment or {}), "PATH": path, "COLUMNS": "100", "NO_COLOR": "1"}
        self._background: list[subprocess.Popen[str]] = []

    def write(self, file: File) -> None:
        path = self.folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")

    def run(self, command: Command) -> list[str]:
        """Return the lines that a command prints, standard error among them."""
        text = command.text.replace(PORT, self.port)
        if text.endswith("&"):
            process = subprocess.Popen(
                ["bash", "-c", f"exec {text[:-1]}"], cwd=self.folder, env=self.environment, text=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            self._background.append(process)
            self._wait_for_port(process)
            return []
        done = subprocess.run(
            ["bash", "-c", text], cwd=self.folder, env=self.environment, text=True, timeout=SECONDS,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        return done.stdout.replace(self.port, PORT).rstrip("\n").splitlines()

    def _wait_for_port(self, process: subprocess.Popen[str]) -> None:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(self.port))) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("the server does not answer")

    def close(self) -> None:
        for process in self._background:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


def agrees(expected: list[str], printed: list[str]) -> bool:
    """Return whether lines are as expected; an expected ``…`` stands for any number of lines."""
    pattern = "\n".join(r"(?:.*\n)*?" + r"(?:.*)" if line == "…" else re.escape(line) for line in expected)
    return re.fullmatch(pattern, "\n".join(printed)) is not None


def refreshed(page: str, folder: Path) -> str:
    """Return the page with what its commands print today; output that has an ``…`` and still agrees is kept."""
    session = Session(folder)
    lines = page.splitlines()
    changes: list[tuple[Command, list[str]]] = []
    try:
        for step in steps(page):
            if isinstance(step, File):
                session.write(step)
                continue
            printed = session.run(step)
            if not agrees(step.expected, printed):
                changes.append((step, printed))
    finally:
        session.close()
    for command, printed in reversed(changes):
        lines[command.first : command.last] = printed
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as empty:
            Path(name).write_text(refreshed(Path(name).read_text(encoding="utf-8"), Path(empty)), encoding="utf-8")
