"""Services that are measured: started as processes on this machine, and stopped again."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ADVISOR = ("-m", "advisor", "serve")
_PATIENCE = 240.0


@dataclass(frozen=True, slots=True)
class Service:
    """A service that runs.

    Attributes:
        port: where it listens.
        pid: its process.
    """

    port: int
    pid: int

    def memory(self) -> int | None:
        """Return how many bytes of memory its processes hold, None where the system doesn't tell."""
        found = [_resident(pid) for pid in (self.pid, *_children(self.pid))]
        known = [each for each in found if each is not None]
        return sum(known) if known else None


def _resident(pid: int) -> int | None:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return None


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()))
    return []


@contextlib.contextmanager
def service(
    program: Sequence[str], options: Sequence[str] = (), processors: Sequence[int] | None = None
) -> Iterator[Service]:
    """Start a service on a free port of this machine, wait until it answers, and stop it in the end.

    Args:
        program: what Python is to run.
        options: further options of ``advisor serve``.
        processors: the processors on which it may run; all if None, or where the system can't be told.

    Raises:
        RuntimeError: it doesn't start.
    """
    port = _free_port()
    command = [sys.executable, *program, "--port", str(port), *options]
    quiet = subprocess.DEVNULL
    environment = {**os.environ, "ADVISOR_PACKS": ""}
    process = subprocess.Popen(command, cwd=HERE.parent, env=environment, stdout=quiet, stderr=quiet)
    try:
        if processors is not None:
            pin(process.pid, processors)
        _wait(process, port)
        yield Service(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def pin(pid: int, processors: Sequence[int]) -> None:
    """Keep a process to some processors, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, processors)


def apart() -> tuple[list[int], list[int]] | None:
    """Return processors for the service and for the client: one each, or None where there is but one."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    known = sorted(os.sched_getaffinity(0))
    return ([known[0]], [known[-1]]) if len(known) > 1 else None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with code {process.returncode} before it answered")
        address = f"http://127.0.0.1:{port}/health"
        with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the service didn't answer within {_PATIENCE:.0f} s")


def put_under_load(told: dict[str, Any]) -> dict[str, float]:
    """Run the client as a process of its own, and return what came of it; ``load.py`` says what it can be told."""
    client = [sys.executable, str(HERE / "load.py")]
    done = subprocess.run(client, input=json.dumps(told), capture_output=True, text=True, timeout=1_200, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    found: dict[str, float] = json.loads(done.stdout)
    return found
