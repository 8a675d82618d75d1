"""Which packs make a corpus: those that are named and all that they build on, each after what it builds on.

The order follows from the packs alone: the same packs make the same corpus, in whatever order they are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from advisor import content, marked
from advisor.errors import CorpusError, Problem, did_you_mean, listing, nearest

MANIFEST = "knowledge/pack.yaml"


@dataclass(frozen=True, slots=True)
class PackFiles:
    """The files of one pack, and what its manifest says of other packs.

    Attributes:
        folder: where it lies.
        files: all its content files.
        manifest: the manifest; None where there is none or it can't be read.
        id: the pack's id; the folder's name where the manifest says none.
    """

    folder: Path
    files: tuple[content.ContentFile, ...]
    manifest: marked.Marked | None = field(repr=False)
    id: str

    @property
    def version(self) -> tuple[int, ...]:
        """The version as numbers that compare; empty where the manifest has none."""
        return _numbers(self._entries.get("version"))

    @property
    def _entries(self) -> Mapping[str, Any]:
        data = self.manifest.data if self.manifest else None
        return data if isinstance(data, dict) else {}

    def bases(self) -> list[tuple[int, str, tuple[int, ...]]]:
        """Return the packs on which it builds: place in the list, id, lowest version. What is unfit is left out."""
        listed = self._entries.get("builds_on")
        return [
            (index, base["pack"], _numbers(base.get("at_least")))
            for index, base in enumerate(listed if isinstance(listed, list) else ())
            if isinstance(base, dict) and isinstance(base.get("pack"), str)
        ]

    def problem(self, code: str, message: str, *path: str | int, **more: Any) -> Problem:
        """Return a problem placed in the manifest."""
        if self.manifest is None:
            return Problem(code, message, content.shown(self.folder / MANIFEST), 1, 1, **more)
        return self.manifest.problem(code, message, path, **more)


def stack(folders: Iterable[Path]) -> tuple[list[PackFiles], list[Problem]]:
    """Return the packs in these folders and all on which they build, with what is wrong with the choice.

    Args:
        folders: pack folders. What a pack builds on is looked for here first, then among the packs that come with
            the advisor.
    """
    problems: list[Problem] = []
    found: dict[Path, PackFiles] = {}

    def add(folder: Path) -> None:
        try:
            key = folder.resolve()
            if key not in found:
                found[key] = _read(folder)
        except CorpusError as error:
            problems.extend(error.problems)
        except (OSError, RuntimeError, ValueError) as error:  # a circle of links, a name that no system can have
            what = getattr(error, "strerror", None) or "the name is not one that this system can have"
            problems.append(Problem("unreadable", f"the folder cannot be read: {what}", content.shown(folder), 1, 1))

    for folder in folders:
        add(folder)
    shipped = content.shipped_folders()
    pending = list(found.values())
    while pending:
        known = {pack.id for pack in found.values()}
        wanted = [name for pack in pending for _, name, _ in pack.bases()]
        before = set(found)
        for name in dict.fromkeys(wanted):
            if name not in known and name in shipped:
                add(shipped[name])
        pending = [pack for key, pack in found.items() if key not in before]
    packs = list(found.values())
    problems += _base_problems(packs, shipped)
    return _ordered(packs, problems), problems


def _read(folder: Path) -> PackFiles:
    files = content.read_folder(folder)
    manifest = None
    for file in files:
        if file.name == MANIFEST and file.problem is None:
            try:
                manifest = marked.read(file.text, file.shown)
            except CorpusError:
                break  # said where the file is read as content
    data = manifest.data if manifest else None
    name = data.get("id") if isinstance(data, dict) else None
    return PackFiles(folder, files, manifest, name if isinstance(name, str) else folder.resolve().name)


def _base_problems(packs: list[PackFiles], shipped: Mapping[str, Path]) -> list[Problem]:
    problems = []
    by_id = {pack.id: pack for pack in packs}
    for pack in packs:
        for index, name, lowest in pack.bases():
            where = ("builds_on", index, "pack")
            if name == pack.id:
                problems.append(pack.problem("pack-circle", f"the pack {name!r} cannot build on itself", *where))
            elif name not in by_id:
                known = sorted({*by_id, *shipped} - {pack.id})
                suggestion = nearest(name, known)
                message = (
                    f"this pack builds on {name!r}, which is neither among the packs given nor one that comes with "
                    f"the advisor ({listing(sorted(shipped))}){did_you_mean(suggestion)}"
                )
                problems.append(pack.problem("unknown-pack", message, *where, value=name, suggestion=suggestion))
            elif by_id[name].version < lowest:
                have, want = (".".join(map(str, version)) for version in (by_id[name].version, lowest))
                message = f"this pack builds on {name!r} {want} or later, and the one at hand is {have}"
                problems.append(pack.problem("pack-too-old", message, "builds_on", index, "at_least"))
    return problems


def _ordered(packs: list[PackFiles], problems: list[Problem]) -> list[PackFiles]:
    """Return the packs, each after what it builds on, else by id."""
    by_id: dict[str, list[PackFiles]] = {}
    for pack in sorted(packs, key=lambda pack: (pack.id, str(pack.folder))):
        by_id.setdefault(pack.id, []).append(pack)
    graph = {name: sorted({base for pack in same for _, base, _ in pack.bases()} & set(by_id) - {name})
             for name, same in by_id.items()}  # fmt: skip
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        first = by_id[circle[0]][0]
        message = f"packs build on one another in a circle: {' → '.join(reversed(circle))}"
        problems.append(first.problem("pack-circle", message, "builds_on"))
        return [pack for same in by_id.values() for pack in same]
    names: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        names += ready
        sorter.done(*ready)
    return [pack for name in names for pack in by_id[name]]


def _numbers(version: object) -> tuple[int, ...]:
    parts = version.split(".") if isinstance(version, str) else []
    return tuple(int(part) for part in parts) if all(part.isdecimal() and len(part) < 7 for part in parts) else ()
