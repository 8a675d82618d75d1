"""What starting costs: ``advisor advise`` beside a Python that imports what it is built on, and does nothing.

Each is a process of its own, from its start to its end, with all modules compiled (``.pyc``). Measured in turn:

- ``imports``: ``python -c "import experta, pydantic, yaml"``, to which all others are held;
- ``one model``: the same, and one pydantic model of one field is declared and made. ``import pydantic`` alone puts off
  what every program needs that declares a model; this is the least that such a program can take;
- ``import advisor``, and ``advisor --version``;
- ``advise``: the advice on an example as text, from a compiled corpus;
- ``advise, nothing compiled``: the same where all files are read and checked.

Prints medians in milliseconds, and how many times as long as the imports each takes. ``make bench-starting``.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "kosovo-1999.yaml"
REPEATS = 21
SLOW_REPEATS = 5

# experta's frozendict looks for collections.Mapping, which is lent to it as advisor.engine does.
_IMPORTS = """\
import collections, collections.abc
collections.Mapping = collections.abc.Mapping
import experta
del collections.Mapping
import pydantic, yaml
"""
_ONE_MODEL = """
class One(pydantic.BaseModel):
    field: int
One(field=1)
"""


class Taken(TypedDict):
    """How long a command takes.

    Attributes:
        wall: median of the time from its start to its end, in seconds.
        least: the least of these.
        processor: median of the processor time, which says the same while the machine has other work to do.
        ratio: the median of the wall time, as a multiple of that of the imports.
        processor_ratio: the same of the processor time.
        runs: how often it was run.
    """

    wall: float
    least: float
    processor: float
    ratio: float
    processor_ratio: float
    runs: int


def measure(repeats: int = REPEATS, slow_repeats: int = SLOW_REPEATS) -> dict[str, Taken]:
    """Return how long each command takes, by its name; the first is what the others are held to."""
    with tempfile.TemporaryDirectory() as folder:
        # Compiled modules and the corpus lie in a folder of this run's own, whatever the environment says of them.
        unset = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPROFILEIMPORTTIME", "ADVISOR_PACKS")
        inherited = {name: value for name, value in os.environ.items() if name not in unset}
        environment = {**inherited, "PYTHONPYCACHEPREFIX": f"{folder}/pyc", "ADVISOR_CACHE": f"{folder}/corpora"}
        python = sys.executable
        advise = [python, "-m", "advisor", "advise", str(EXAMPLE)]
        fast = {
            "imports": [python, "-c", _IMPORTS],
            "one model": [python, "-c", _IMPORTS + _ONE_MODEL],
            "import advisor": [python, "-c", "import advisor"],
            "advisor --version": [python, "-m", "advisor", "--version"],
            "advise": advise,
        }
        times = _times(fast, environment, repeats)
        times |= _times({"advise, nothing compiled": advise}, {**environment, "ADVISOR_CACHE": "off"}, slow_repeats)
    medians = {name: _medians(taken) for name, taken in times.items()}
    wall, processor = medians["imports"]
    return {
        name: Taken(
            wall=medians[name][0],
            least=min(each for each, _ in taken),
            processor=medians[name][1],
            ratio=medians[name][0] / wall,
            processor_ratio=medians[name][1] / processor,
            runs=len(taken),
        )
        for name, taken in times.items()
    }


def _medians(taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    wall, processor = zip(*taken, strict=True)
    return statistics.median(wall), statistics.median(processor)


def _times(
    commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], repeats: int
) -> dict[str, list[tuple[float, float]]]:
    """Return wall and processor time of each run of commands that are run in turn; the first runs aren't counted."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for repeat in range(repeats + 1):
        for name, command in commands.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.perf_counter()
            subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)
            wall = time.perf_counter() - start
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            if repeat:
                times[name].append((wall, used))
    return times


def main() -> None:
    """Print what starting costs."""
    for name, taken in measure().items():
        print(
            f"{name:25} {taken['wall'] * 1000:7.0f} ms {taken['ratio']:6.2f} times the imports"
            f"   (processor: {taken['processor'] * 1000:.0f} ms, {taken['processor_ratio']:.2f} times)"
        )


if __name__ == "__main__":
    main()
