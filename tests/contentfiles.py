"""The content files that come with the advisor, and of which kind each of them is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from advisor import content
from advisor.schemas import KINDS

ROOT = Path(__file__).resolve().parent.parent
PACKS = content.shipped_folders()


def files_of(folder: Path) -> list[Path]:
    """Return the files of a pack."""
    return sorted(path for part in content.PARTS for path in (folder / part).rglob("*.yaml"))


def content_files() -> Iterator[Path]:
    """Yield the files of all packs that come with the advisor."""
    for folder in PACKS.values():
        yield from files_of(folder)


def kind_of(path: Path) -> str:
    """Return the kind of a content file, from where it lies."""
    for kind in KINDS.values():
        pattern = re.sub(r"<[a-z]+>", "[^/]+", kind.where)
        if re.search(f"(^|/){pattern}$", path.as_posix()):
            return kind.name
    raise AssertionError(f"{path} is of no kind")
