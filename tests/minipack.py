"""A small valid pack for tests that need one they can spoil."""

from __future__ import annotations

from pathlib import Path

from advisor import diagnostics
from advisor.corpus import Corpus, examine, load

_FOLDER = diagnostics.PACKS / "mini"
FILES = {
    path.relative_to(_FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in sorted(_FOLDER.rglob("*.yaml"))
}
"""The small pack to which the examples of the catalogue are changes too."""

MORE_RULE = """\
id: more
title: More camps
when:
  land_offered: true
then:
  - lesson: l-shelter
    recommends: [camps]
tests:
  - name: land is offered
    given: {land_offered: true}
    expect: fires
  - name: no land is offered
    given: {land_offered: false}
    expect: silent
  - name: nobody asked
    given: {}
    expect: open
"""
"""A rule for a file ``more.yaml`` that tests spoil in one place."""


class MiniPack:
    """A pack on disk that starts valid; each method changes a file of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> MiniPack:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return self

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> MiniPack:
        text = self.text(name)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        return self.write(name, text.replace(old, new))

    def append(self, name: str, text: str) -> MiniPack:
        return self.write(name, self.text(name) + text)

    def remove(self, name: str) -> MiniPack:
        (self.folder / name).unlink()
        return self

    def problems(self) -> list[str]:
        """Return errors and warnings as they are printed, paths shown below the pack's folder."""
        _, problems = examine(self.folder)
        return [str(problem).replace(f"{self.folder.name}/", "", 1) for problem in problems]

    def load(self) -> Corpus:
        return load(self.folder)
