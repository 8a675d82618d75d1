"""Where the built-in pack lies, and the one place that reads content files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from advisor.errors import CorpusError, Problem

_PACKAGE = Path(__file__).resolve().parent
_MAX_BYTES = 2_000_000
PARTS = ("knowledge", "rules", "scenarios", "examples")
"""The folders of a pack."""
BUILTIN = "amman-2011"
"""Id of the built-in pack."""
PACKS_VARIABLE = "ADVISOR_PACKS"
"""Environment variable with the packs to use where none is named, separated as the paths of ``PATH`` are."""


@dataclass(frozen=True, slots=True)
class ContentFile:
    r"""One YAML file of a pack.

    Attributes:
        name: path below the pack's folder, with ``/``, e.g. ``rules/findings/border-at-risk.yaml``.
        shown: the path as messages show it.
        text: what stands in it, with line ends as ``\n``.
    """

    name: str
    shown: str
    text: str


def builtin_folder() -> Path:
    """Return the folder of the built-in pack: beside the package in a checkout, inside it when installed."""
    installed = _PACKAGE / "_content"
    return installed if installed.is_dir() else _PACKAGE.parent


def shipped_folders() -> dict[str, Path]:
    """Return the folders of all packs that come with the advisor, by id: the built-in one, and those in ``packs/``."""
    builtin = builtin_folder()
    beside = sorted(path for path in (builtin / "packs").glob("*") if path.is_dir())
    return {BUILTIN: builtin, **{path.name: path for path in beside}}


def named_folders(names: Sequence[str] = ()) -> tuple[Path, ...]:
    """Return the folders of packs named by a user, or by the environment (``ADVISOR_PACKS``) where none is named.

    A name that is no folder here may be the id of a pack that comes with the advisor.
    """
    named = names or [name for name in os.environ.get(PACKS_VARIABLE, "").split(os.pathsep) if name]
    shipped = shipped_folders()
    return tuple(shipped[name] if name in shipped and not Path(name).is_dir() else Path(name) for name in named)


def read_folder(folder: Path) -> tuple[ContentFile, ...]:
    """Read all YAML files below ``PARTS`` of a pack's folder, sorted by name.

    Raises:
        CorpusError: the folder doesn't exist or holds no content, or a file can't be read as UTF-8 text.
    """
    at = shown(folder)
    if not folder.is_dir():
        raise CorpusError([Problem("no-folder", f"there is no folder {at!r}", at)])
    files: list[ContentFile] = []
    problems: list[Problem] = []
    for path in _yaml_files(folder):
        name_shown = shown(path)
        try:
            size = path.stat().st_size
            if size > _MAX_BYTES:
                message = f"the file has {size:,} bytes; content files have at most {_MAX_BYTES:,}"
                problems.append(Problem("file-too-large", message, name_shown))
                continue
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problems.append(Problem("not-utf-8", f"the file is not UTF-8 text (byte {error.start})", name_shown))
        except OSError as error:
            problems.append(Problem("unreadable", f"the file cannot be read: {error.strerror}", name_shown))
        else:
            name = path.relative_to(folder).as_posix()
            files.append(ContentFile(name, name_shown, text.replace("\r\n", "\n")))
    if not files and not problems:
        message = f"no YAML file below knowledge/ or rules/ in {at!r}"
        problems.append(Problem("no-content", message, at))
    if problems:
        raise CorpusError(problems)
    return tuple(files)


def _yaml_files(folder: Path) -> Iterator[Path]:
    found = (path for part in PARTS for suffix in ("*.yaml", "*.yml") for path in (folder / part).rglob(suffix))
    # A hidden file is an editor's, not an author's.
    visible = (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    return iter(sorted(visible, key=lambda path: path.relative_to(folder).as_posix()))


Identity: TypeAlias = "tuple[str, tuple[int, ...]]"
"""A path, and what tells a file or folder from another one at the same path."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What packs look like from outside, without being read: enough to tell that something in them was edited.

    Attributes:
        parts: the folders below the packs in which content is kept, those that exist.
        files: the content files.
        links: those of them that are links to files elsewhere.
    """

    parts: tuple[Identity, ...]
    files: tuple[Identity, ...]
    links: tuple[Identity, ...]

    @property
    def folders(self) -> tuple[str, ...]:
        """The paths of the folders in which content is kept."""
        return tuple(path for path, _ in self.parts)

    def at_a_glance(self, folders: Iterable[Path]) -> bool:
        """Return whether what a watcher of these folders may not be told of is as it was.

        That is: whether the folders are there and the same, and what links lead to.
        """
        links = tuple((path, _identity(Path(path))) for path, _ in self.links)
        return self.parts == _parts(folders) and self.links == links


def stamp(folders: Iterable[Path]) -> Stamp:
    """Return the stamp of packs in folders, and of those that come with the advisor, on which they may build."""
    folders = tuple(folders)
    files: list[Identity] = []
    links: list[Identity] = []
    for folder in _with_shipped(folders):
        for path in _yaml_files(folder):
            identity = (str(path), _identity(path))
            files.append(identity)
            if path.is_symlink():
                links.append(identity)
    return Stamp(_parts(folders), tuple(files), tuple(links))


def _with_shipped(folders: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys((*folders, *shipped_folders().values())))


def _parts(folders: Iterable[Path]) -> tuple[Identity, ...]:
    paths = [folder / part for folder in _with_shipped(folders) for part in PARTS]
    found = ((str(path), _identity(path)[:2]) for path in paths)
    return tuple((path, identity) for path, identity in found if identity)


def _identity(path: Path) -> tuple[int, ...]:
    """Return what tells this file from another at the same path; nothing where there is none."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def shown(path: Path) -> str:
    """Return a path as messages show it: below the working folder where it lies there."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)
