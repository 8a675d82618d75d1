"""A second small pack that builds on the one of ``minipack``, for tests of packs beside one another."""

from __future__ import annotations

from pathlib import Path

from minipack import MiniPack

from advisor import diagnostics

_FOLDER = diagnostics.PACKS / "later"
FILES = {
    path.relative_to(_FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in sorted(_FOLDER.rglob("*.yaml"))
}


class Later(MiniPack):
    """The second pack on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in FILES.items():
            self.write(name, text)
