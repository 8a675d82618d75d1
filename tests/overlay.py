"""Packs that are made from the small ones of the catalogue by changing some of their files."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from advisor import diagnostics
from advisor.diagnostics import Change

Form = Literal["good", "bad"]


def lay(folder: Path, changes: Iterable[Change], form: Form) -> list[str]:
    """Write the small packs with these changes below ``folder``, and return what `advisor check` is to be given.

    One pack lies in ``folder`` itself; where a change is to the second pack, the two lie in folders beside each other.
    """
    changes = list(changes)
    two = any(change.file.startswith("later/") for change in changes)
    given = ["mini", "later"] if two else ["."]
    if not (form == "bad" and any(change.made == "alone" for change in changes)):
        for name in given:
            shutil.copytree(diagnostics.PACKS / ("mini" if name == "." else name), folder / name, dirs_exist_ok=True)
    for change in changes:
        if change.made == "elsewhere" and form == "bad":
            assert change.bad
            return [change.bad]
        _change(folder / change.file, change, form)
    return given


def _change(path: Path, change: Change, form: Form) -> None:
    text = getattr(change, form)
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "bad" and change.made is not None:
        _make(path, change)
    elif path.exists():
        old = change.was if change.was is not None else change.good
        if old is not None:
            whole = path.read_text(encoding="utf-8")
            assert whole.count(old) == 1, f"{old!r} stands {whole.count(old)} times in {path}"
            path.write_text(whole.replace(old, text or ""), encoding="utf-8")
    elif text is not None:
        path.write_text(text * (change.times if form == "bad" else 1), encoding="utf-8", newline="")


def _make(path: Path, change: Change) -> None:
    match change.made:
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(change.bad or "")
        case "removed":
            path.unlink()
        case "renamed":
            assert change.bad
            target = path.parents[change.file.count("/")] / change.bad
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        case "latin-1" | "utf-16":
            whole = path.read_text(encoding="utf-8") if path.exists() else change.good or ""
            path.write_bytes(whole.replace(change.good or "", change.bad or "").encode(change.made))
        case "many":
            for number in range(30):
                (path / f"rule-{number}.yaml").touch()
        case _:
            assert change.bad is not None
            path.write_text(change.bad, encoding="utf-8")
