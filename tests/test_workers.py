"""The service in several processes: they share a port, hear the same signals, and are replaced when they die."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from minipack import MiniPack
from test_reload import RULE, Service, edit, serving, title

from advisor import cli
from api import workers as several

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")


def workers(service: Service) -> list[int]:
    """Return the processes that said that they serve, as the log has them."""
    return [int(found[1]) for line in service.lines if (found := re.search(r"Started server process \[(\d+)\]", line))]


def count(service: Service, text: str) -> int:
    return sum(text in line for line in service.lines)


def running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def two_workers(*arguments: str, cwd: Path) -> Iterator[Service]:
    with serving("--workers", "2", "--pack", "mini", *arguments, cwd=cwd) as service:
        service.until(lambda: count(service, "Application startup complete") == 2)
        yield service
    service.until(lambda: not any(map(running, workers(service))))


def test_all_workers_take_up_an_edit_at_sighup_and_end_with_the_service(pack: MiniPack) -> None:
    with two_workers(cwd=pack.folder.parent) as service:
        assert len(set(workers(service)) - {service.process.pid}) == 2
        assert service.ask("/v1/advice", {"years": 4})[0]["recommendations"] == []
        edit(pack, 4)
        service.process.send_signal(signal.SIGHUP)
        service.until(lambda: count(service, "took up: mini 1.0.0") == 2)
        assert {title(service) for _ in range(20)} == {"No camps from 4 years"}
        edit(pack, "no")
        service.process.send_signal(signal.SIGHUP)
        service.until(lambda: count(service, "refused: 1 error") == 2)
        assert service.status["state"] == "refused"
        assert title(service) == "No camps from 4 years"


def test_all_workers_follow_the_packs(pack: MiniPack) -> None:
    with two_workers("--watch", cwd=pack.folder.parent) as service:
        edit(pack, 4)
        service.until(lambda: count(service, "took up: mini 1.0.0") == 2)
        assert {title(service) for _ in range(20)} == {"No camps from 4 years"}


def test_a_worker_that_dies_is_replaced_and_says_why_when_it_cannot_start(pack: MiniPack) -> None:
    with two_workers(cwd=pack.folder.parent) as service:
        text = pack.text(RULE)
        edit(pack, "four")
        os.kill(workers(service)[0], signal.SIGKILL)
        service.until(lambda: count(service, "ended with exit code 3"))
        assert count(service, f"mini/{RULE}:6:11: error: ")
        assert service.get("/health")["status"] == "ok"
        pack.write(RULE, text)
        service.until(lambda: count(service, "Application startup complete") == 3)
        assert service.process.poll() is None
    assert count(service, "Traceback") == 0


def test_ctrl_c_ends_all_workers(pack: MiniPack) -> None:
    with two_workers(cwd=pack.folder.parent) as service:
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(60) == 0
    assert count(service, "Traceback") == 0


def test_no_worker_outlives_the_process_that_started_it(pack: MiniPack) -> None:
    command = [sys.executable, "-m", "advisor", "serve", "--port", "0", "--workers", "2", "--pack", "mini"]
    with subprocess.Popen(command, cwd=pack.folder.parent, stderr=subprocess.PIPE, text=True) as process:
        service = Service(process)
        service.until(lambda: count(service, "Application startup complete") == 2)
        process.kill()
        service.until(lambda: not any(map(running, workers(service))))


def test_packs_that_are_refused_are_said_before_workers_start(
    pack: MiniPack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])  # the command adds to it
    edit(pack, "four")
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", "--workers", "2", "--pack", "mini"])
    assert ended.value.code == 1
    assert f"mini/{RULE}:6:11: error: " in capsys.readouterr().err


def test_a_worker_with_more_connections_lets_another_take_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(several, "_GIVING", 0.5)
    with socket.socket() as port, ThreadPoolExecutor() as pool:
        port.bind(("127.0.0.1", 0))
        port.listen()
        port.setblocking(False)
        connections = [3, 0]
        busy, idle = (several._Giving(port.dup(), connections, worker) for worker in (0, 1))
        with busy, idle, socket.create_connection(port.getsockname()):
            for each in (busy, idle):
                each.setblocking(False)
            waiting = pool.submit(busy.accept)
            idle.accept()[0].close()
            with pytest.raises(BlockingIOError):
                waiting.result()
        assert connections == [3, 1]
