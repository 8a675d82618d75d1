"""How much is tested: everything in CI, elsewhere a part of what takes long, so that the tests end within minutes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

IN_CI = bool(os.environ.get("ADVISOR_CI"))
"""Whether CI runs the tests: there is time for all of them, and none is skipped for want of a program."""

T = TypeVar("T")


def some(cases: Sequence[T], each: int) -> Sequence[T]:
    """Return all cases in CI; elsewhere the last, and every so many-th before it."""
    return cases if IN_CI else cases[::-1][::each][::-1]
