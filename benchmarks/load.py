"""A client that puts a service under load, over as many connections as are wanted, and needs little of a processor.

Each connection is kept alive and sends its next request as soon as the answer to the last one is complete (a closed
loop). Run as a program it is a process of its own: it reads what to do as JSON on standard input (``port``, ``path``,
``bodies``: a file of requests, one a line, ``repeated``, ``first``, ``connections``, ``seconds``, ``most``,
``processors``) and prints what came of it as JSON.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from figures import quantile

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Refused(Exception):  # noqa: N818  # it says what happened
    """The service answered with something else than 200."""


class Connection:
    """A connection that is kept alive, and the answer that it waits for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = 0.0
        self._parts: list[bytes] = []
        self._missing = -1

    def send(self, request: bytes) -> None:
        """Send a request."""
        self._parts.clear()
        self._missing = -1
        self.sent = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take in what has arrived, and return whether the answer is complete.

        Raises:
            Refused: it isn't 200, or the connection was closed.
        """
        data = self.socket.recv(262_144)
        if not data:
            raise Refused("the connection was closed")
        self._parts.append(data)
        if self._missing < 0:
            whole = b"".join(self._parts) if len(self._parts) > 1 else data
            end = whole.find(_END)
            if end < 0:
                return False
            head = whole[:end].lower()
            if not head.startswith(b"http/1.1 200"):
                raise Refused(whole[:600].decode("utf-8", "replace"))
            start = head.index(_LENGTH) + len(_LENGTH)
            length = int(head[start:].split(b"\r\n", 1)[0])
            self._missing = length - (len(whole) - end - len(_END))
        else:
            self._missing -= len(data)
        return self._missing <= 0

    def body(self) -> bytes:
        """Return the body of the answer that is complete."""
        return b"".join(self._parts).split(_END, 1)[1]


def request(path: str, body: bytes) -> bytes:
    """Return a request as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass(slots=True)
class Load:
    """What came of putting a service under load.

    Attributes:
        requests: how many were answered.
        seconds: how long that took.
        processor: seconds of processor time that the client needed.
        latencies: seconds from sending each request to the end of its answer.
    """

    requests: int
    seconds: float
    processor: float
    latencies: list[float] = field(repr=False)

    def figures(self) -> dict[str, float]:
        """Return what of it is kept."""
        return {
            "requests": self.requests,
            "per_second": self.requests / self.seconds,
            "p50_ms": quantile(self.latencies, 0.5) * 1000,
            "p99_ms": quantile(self.latencies, 0.99) * 1000,
            "client_busy": self.processor / self.seconds,
        }


def load(port: int, path: str, bodies: Iterable[bytes], connections: int, seconds: float, most: int) -> Load:
    """Put a service under load.

    Args:
        port: where it listens.
        path: what to ask.
        bodies: the requests; it ends when there are none left.
        connections: how many connections ask at once.
        seconds: it sends no more after so long.
        most: it sends no more than so many.
    """
    waiting: Iterator[bytes] = (request(path, body) for body in islice(bodies, most))
    latencies: list[float] = []
    busy = time.process_time()
    begun = time.perf_counter()
    until = begun + seconds
    with selectors.DefaultSelector() as selector:
        opened = [Connection(port) for _ in range(connections)]
        asking = 0
        for connection in opened:
            if (first := next(waiting, None)) is not None:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                connection.send(first)
                asking += 1
        ended = begun
        while asking:
            events = selector.select(30)
            if not events:
                raise Refused("no answer for 30 seconds")
            for key, _ in events:
                connection = key.data
                if not connection.receive():
                    continue
                ended = time.perf_counter()
                latencies.append(ended - connection.sent)
                following = next(waiting, None) if ended < until else None
                if following is None:
                    asking -= 1
                    selector.unregister(connection.socket)
                else:
                    connection.send(following)
        for connection in opened:
            connection.socket.close()
    return Load(len(latencies), ended - begun, time.process_time() - busy, latencies)


def ask(port: int, path: str, body: bytes) -> bytes:
    """Return the body of the answer to one request."""
    connection = Connection(port)
    try:
        connection.send(request(path, body))
        while not connection.receive():
            pass
        return connection.body()
    finally:
        connection.socket.close()


def main() -> None:
    """Do what standard input says."""
    told: dict[str, Any] = json.load(sys.stdin)
    if told.get("processors") and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, told["processors"])
    lines = Path(told["bodies"]).read_bytes().splitlines()
    first = told.get("first", 0)
    bodies = cycle(lines) if told.get("repeated") else iter(lines[first:])
    found = load(told["port"], told["path"], bodies, told["connections"], told["seconds"], told["most"])
    print(json.dumps(found.figures()))


if __name__ == "__main__":
    main()
