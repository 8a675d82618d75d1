"""Answers over HTTP: the advisor's endpoint beside a bare one on the same server, and two workers beside one.

The bare endpoint validates the same requests by FastAPI and pydantic, and returns the same bytes, prepared beforehand
(``bare.py``); so does the advisor's own endpoint where only the way there and back is measured. The client
(``load.py``) is a process of its own. Where there are two processors, the service has one to itself and the client the
other; two workers and the client have to share both. The advisor is never asked the same twice; what the others are
asked is made up in the same way, but comes again, since its answers are prepared.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

from figures import log, significant, spread
from load import ask
from services import ADVISOR, HERE, Service, apart, put_under_load, service
from situations import varied

import advisor
from advisor.advice import advise_json

PATHS = {"advisor": "/v1/advice", "bare": "/bare/advice", "way": "/way/advice"}
CONNECTIONS = (16, 64)
ROUNDS = 7
SECONDS = 3.0
MOST = 5_000
"""Requests of one turn of the advisor's; a turn ends sooner where the seconds are over."""
PREPARED = 500
"""How many answers the bare endpoint keeps."""
SAMPLE = 50
QUIET = ("--no-access-log",)
"""Both endpoints are asked without a line in the log for each request, which goes to nobody here."""


def write_requests(file: Path, number: int, seed: int = 1) -> None:
    """Write so many requests, one a line, none twice."""
    with file.open("w", encoding="utf-8") as lines:
        for facts in islice(varied(advisor.load_corpus(), seed), number):
            lines.write(json.dumps({"facts": facts}, ensure_ascii=False) + "\n")


class Turns:
    """Loads that services are put under in turn; no request is used twice, but where the answers are prepared."""

    def __init__(self, file: Path, number: int, seconds: float, processors: Sequence[int] | None) -> None:
        self.file = file
        self.left = number
        self.first = 0
        self.seconds = seconds
        self.processors = processors

    def take(self, running: Service, path: str, connections: int, repeated: Path | None = None) -> dict[str, float]:
        """Put a service under load, and return the figures."""
        if repeated is not None:
            return put_under_load(_told(running, path, connections, repeated, self.processors, self.seconds))
        assert self.left > connections, "there are no requests left"
        told = _told(running, path, connections, self.file, self.processors, self.seconds)
        most = min(MOST, self.left)
        found = put_under_load({**told, "repeated": False, "first": self.first, "most": most})
        self.first += int(found["requests"])
        self.left -= int(found["requests"])
        return found


def same_bytes(running: Service, requests: Sequence[bytes]) -> tuple[int, int]:
    """Check that a service answers as the library does, byte for byte.

    Returns:
        How many answers were compared, and how many bytes the median one has.
    """
    sizes: list[int] = []
    for body in requests:
        expected = advise_json(json.loads(body)["facts"], advisor.load_corpus())
        sizes.append(len(expected))
        for name, path in PATHS.items():
            assert ask(running.port, path, body) == expected, f"{name} answers {body.decode()} differently"
    return len(requests), round(statistics.median(sizes))


def beside(rounds: int, seconds: float) -> dict[str, Any]:
    """Return what was measured of both endpoints of one server, in turn."""
    own, client = apart() or (None, None)
    results: dict[str, Any] = {"pinned": own is not None}
    with tempfile.TemporaryDirectory() as folder:
        requests, kept = Path(folder) / "requests.ndjson", Path(folder) / "kept.ndjson"
        number = rounds * len(CONNECTIONS) * MOST
        write_requests(requests, number)
        write_requests(kept, PREPARED, seed=2)
        log("  the service prepares what the bare endpoint answers")
        with service((str(HERE / "bare.py"), str(kept)), QUIET, own) as running:
            known = kept.read_bytes().splitlines()
            results["same_bytes"], results["answer_bytes"] = same_bytes(running, known[:SAMPLE])
            turns = Turns(requests, number, seconds, client)
            for connections in CONNECTIONS:
                taken: dict[str, list[dict[str, float]]] = {name: [] for name in PATHS}
                for path in PATHS.values():  # not counted: what is made when first needed
                    put_under_load(_told(running, path, connections, kept, client, 0.5))
                for _ in range(rounds):
                    for name, path in PATHS.items():
                        repeated = None if name == "advisor" else kept
                        taken[name].append(turns.take(running, path, connections, repeated))
                results[f"{connections} connections"] = _both(taken)
            results["client"] = _client_check(running, kept, client)
    return results


def _told(
    running: Service, path: str, connections: int, file: Path, processors: Sequence[int] | None, seconds: float
) -> dict[str, Any]:
    told = {"port": running.port, "path": path, "connections": connections, "seconds": seconds, "most": 10**9}
    return {**told, "bodies": str(file), "repeated": True, "processors": processors}


def _both(taken: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: {figure: spread([turn[figure] for turn in turns]) for figure in turns[0]} for name, turns in taken.items()
    }
    pairs = list(zip(taken["advisor"], taken["bare"], strict=True))
    for figure in ("per_second", "p50_ms", "p99_ms"):
        found[f"{figure}_times_bare"] = spread([one[figure] / other[figure] for one, other in pairs])
    return found


_LUA = """
local bodies, number = {}, 0
for line in io.lines("FILE") do bodies[#bodies + 1] = line end
request = function()
  number = number % #bodies + 1
  return wrk.format("POST", "PATH", {["Content-Type"] = "application/json"}, bodies[number])
end
"""


def _client_check(running: Service, kept: Path, processors: Sequence[int] | None) -> dict[str, Any]:
    """Return what wrk gets out of the bare endpoint, beside what the client here gets."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return {"wrk": None, "why": "wrk is not installed; the client wasn't held to it"}
    script = kept.with_suffix(".lua")
    script.write_text(_LUA.replace("FILE", str(kept)).replace("PATH", PATHS["bare"]), encoding="utf-8")
    pinned = ["taskset", "-c", ",".join(map(str, processors))] if processors and shutil.which("taskset") else []
    command = [*pinned, wrk, "-t1", "-c16", "-d2s", "-s", str(script), f"http://127.0.0.1:{running.port}"]
    own, others = [], []
    for _ in range(3):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        (line,) = (line for line in done.stdout.splitlines() if line.startswith("Requests/sec:"))
        others.append(float(line.split()[1]))
        own.append(put_under_load(_told(running, PATHS["bare"], 16, kept, processors, 2.0))["per_second"])
    return {"wrk": significant(statistics.median(others)), "own": significant(statistics.median(own))}


def workers(rounds: int, seconds: float) -> dict[str, Any]:
    """Return requests a second of two workers beside one, both free to use all processors, as the client is."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        requests = Path(folder) / "requests.ndjson"
        number = (rounds + 1) * 2 * MOST
        write_requests(requests, number, seed=3)
        running = {count: stack.enter_context(service(ADVISOR, (*QUIET, "--workers", str(count)))) for count in (1, 2)}
        turns = Turns(requests, number, seconds, None)
        taken: dict[int, list[dict[str, float]]] = {count: [] for count in running}
        for repeat in range(rounds + 1):
            for count, each in running.items():
                found = turns.take(each, PATHS["advisor"], 16)
                if repeat:
                    taken[count].append(found)
    results: dict[str, Any] = {
        f"{count} workers": {figure: spread([turn[figure] for turn in turns]) for figure in turns[0]}
        for count, turns in taken.items()
    }
    ratios = [two["per_second"] / one["per_second"] for one, two in zip(taken[1], taken[2], strict=True)]
    return {**results, "two_times_one": spread(ratios)}


def measure(rounds: int = ROUNDS, seconds: float = SECONDS) -> dict[str, Any]:
    """Return what was measured."""
    log("answers over HTTP")
    results = beside(rounds, seconds)
    log("  two workers beside one")
    results["workers"] = workers(rounds, seconds)
    return results


def main(arguments: Sequence[str]) -> None:
    """Measure and print: ``serving.py [ROUNDS [SECONDS]]``."""
    rounds, seconds = [*arguments, *(str(ROUNDS), str(SECONDS))[len(arguments) :]]
    print(json.dumps(measure(int(rounds), float(seconds)), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
