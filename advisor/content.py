"""Where the built-in pack lies, and the one place that reads content files."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from advisor.errors import CorpusError, Problem, quoted

_PACKAGE = Path(__file__).resolve().parent
MAX_BYTES = 2_000_000
"""The largest content file. The built-in pack's largest has a tenth of it."""
MAX_FILES = 20_000
"""The most files of a pack: four times what a pack of five thousand rules has."""
MAX_TOTAL = 64_000_000
"""The most bytes that the files of a pack may have together."""
_SUFFIXES = (".yaml", ".yml")
_NEARLY = re.compile(r"(?i)\.ya?ml(\.txt)?$")
_TYPOGRAPHIC = "\u2018\u2019\u201c\u201d\u201e\u2013\u2014\u2026\u20ac\u00a7\u00ab\u00bb\u00a0\u00b0"
PARTS = ("knowledge", "rules", "scenarios", "examples")
"""The folders of a pack."""
BUILTIN = "amman-2011"
"""Id of the built-in pack."""
PACKS_VARIABLE = "ADVISOR_PACKS"
"""Environment variable with the packs to use where none is named, separated as the paths of ``PATH`` are."""


class ContentFile(NamedTuple):
    r"""One YAML file of a pack.

    Attributes:
        name: path below the pack's folder, with ``/``, e.g. ``rules/findings/border-at-risk.yaml``.
        shown: the path as messages show it.
        text: what stands in it, with line ends as ``\n``; empty where it can't be read.
        problem: why it can't be read.
    """

    name: str
    shown: str
    text: str
    problem: Problem | None = None


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

    A file that can't be read is in the result all the same, with what is wrong with it.

    Raises:
        CorpusError: the folder doesn't exist, or holds no content or more than any pack needs.
    """
    at = shown(folder)
    if not folder.is_dir():
        what = (
            f"{quoted(at)} is a file, and no folder of a pack"
            if folder.exists()
            else f"there is no folder {quoted(at)}"
        )
        repair = "Give the folder of the pack, in which knowledge/ and rules/ lie."
        raise CorpusError([Problem("no-folder", what, at, 1, 1, repair=repair)])
    found = _Walk(folder).files()
    if not found:
        message = f"no YAML file below knowledge/ or rules/ in {quoted(at)}"
        repair = "Write knowledge/pack.yaml and rules/<topic>/<rule>.yaml below this folder, or give another one."
        raise CorpusError([Problem("no-content", message, at, 1, 1, repair=repair)])
    return tuple(found)


def digest_of(folders: Iterable[Path]) -> str | None:
    """Return SHA-256 over all that loading packs in folders may read, as it is on disk now, in hexadecimal.

    That is: every byte of every content file, also of the packs that come with the advisor, on which others may build;
    and how messages name these files.

    None where something isn't a plain file with a fitting name, or there is more than may be read: what to make of that
    is for ``read_folder`` to say.
    """
    given = [(shown(folder), folder) for folder in folders]
    named = dict.fromkeys((*given, *shipped_folders().items()))
    try:
        read = {folder: _digest_of_plain(folder) for _, folder in named}
    except (OSError, ValueError):
        return None
    told = [f"{name}\0{shown(folder)}\0{read[folder]}" for name, folder in named]
    return hashlib.sha256("\0".join(told).encode("utf-8", "surrogateescape")).hexdigest()


def _digest_of_plain(folder: Path) -> str:
    """Return SHA-256 over the content files of a pack and their names, in hexadecimal.

    Raises:
        ValueError: as for ``_plain_files``.
    """
    digest = hashlib.sha256()
    for path in sorted(_plain_files(str(folder))):
        raw = _plain_bytes(path)
        digest.update(f"{path}\0{len(raw)}\0".encode("utf-8", "surrogateescape"))
        digest.update(raw)
    return digest.hexdigest()


def _plain_files(folder: str) -> list[str]:
    """Return the content files of a pack, in no order.

    Raises:
        ValueError: something that may be meant as content is no plain file, or there are too many.
    """
    found: list[str] = []
    pending = []
    for part in PARTS:
        path = os.path.join(folder, part)  # noqa: PTH118 - Path takes ten times as long, hundreds of times
        try:
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                raise ValueError(path)
            pending.append(path)
        except FileNotFoundError:
            continue
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False) and not name.endswith(_SUFFIXES):
                    pending.append(entry.path)
                elif entry.is_file(follow_symlinks=False) and name.endswith(_SUFFIXES):
                    found.append(entry.path)
                elif _is_content(name) or entry.is_symlink():
                    raise ValueError(entry.path)
        if len(found) > MAX_FILES:
            raise ValueError(folder)
    return found


_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_AT_ONCE = 1 << 16


def _plain_bytes(path: str) -> bytes:
    """Return what stands in a plain file."""
    handle = os.open(path, os.O_RDONLY | _PLAIN)
    try:
        raw = read = os.read(handle, _AT_ONCE)
        while len(read) == _AT_ONCE and len(raw) <= MAX_BYTES:
            read = os.read(handle, _AT_ONCE)
            raw += read
    finally:
        os.close(handle)
    return raw


class _Walk:
    """Finds and reads the files of one pack, and follows no link out of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder.resolve()
        self.at = shown(folder)
        # Who installs the advisor may do so by links; nobody else's pack is read through them.
        self.trusted = self.root in {path.resolve() for path in shipped_folders().values()}
        self.bytes = 0

    def files(self) -> list[ContentFile]:
        """Return the files, sorted by name.

        Raises:
            CorpusError: there are too many, or too much is in them.
        """
        found: dict[str, Problem | None] = {}
        for part in PARTS:
            self._look(self.folder / part, found)
        return [self._read(name, found[name]) for name in sorted(found)]

    def _look(self, top: Path, found: dict[str, Problem | None]) -> None:
        """Note every content file below ``top``, and what stands where one might be meant."""
        if not self.trusted and top.is_symlink():
            found[top.name] = self._problem(top, "link", f"{top.name}/ is a link, and links are not followed")
            return

        def unreadable(error: OSError) -> None:
            path = Path(os.fsdecode(error.filename))
            if path != top or path.exists():
                message = f"the folder cannot be read: {error.strerror}"
                found[self._name(path)] = self._problem(path, "unreadable", message)

        for base, folders, names in os.walk(top, onerror=unreadable):
            # A hidden file is an editor's, not an author's.
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in folders:
                path = Path(base, name)
                if name.lower().endswith(_SUFFIXES):
                    message = "this is a folder, and has the name of a content file"
                    found[self._name(path)] = self._problem(path, "unreadable", message)
                elif path.is_symlink() and not self.trusted:
                    message = "this folder is a link, and links are not followed"
                    found[self._name(path)] = self._problem(path, "link", message)
            for name in names:
                path = Path(base, name)
                if not name.startswith(".") and _is_content(name):
                    found[self._name(path)] = self._unfit(path)
                    if len(found) > MAX_FILES:
                        message = f"the pack has over {MAX_FILES:,} files, more than are read"
                        raise CorpusError([self._problem(self.folder, "too-many-files", message)])

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _problem(
        self, path: Path, code: str, message: str, line: int = 1, column: int = 1, repair: str = ""
    ) -> Problem:
        return Problem(code, message, self._shown(self._name(path)), line, column, repair=repair)

    def _shown(self, name: str) -> str:
        return name if self.at == "." else self.at if name == "." else f"{self.at}/{name}"

    def _unfit(self, path: Path) -> Problem | None:
        """Return why a file is not read, as far as its name and what it is tell."""
        if not path.name.endswith(_SUFFIXES):
            message = f"the name of a content file ends with .yaml, and this one's with {_NEARLY.findall(path.name)[0]}"
            return self._problem(path, "bad-file-name", message, repair=f"Name it {_NEARLY.sub('.yaml', path.name)}.")
        if not self._name(path).isprintable():
            message = "the name of the file or of its folder has a character that cannot be seen"
            return self._problem(path, "bad-file-name", message)
        if path.suffix == ".yml" and path.with_suffix(".yaml").exists():
            twin = path.with_suffix(".yaml").name
            return self._problem(path, "twin-file", f"{twin} lies beside it, and one of the two would be forgotten")
        if path.is_symlink() and not self.trusted:
            if not path.exists():
                return self._problem(path, "link", "this link leads nowhere")
            if not path.resolve().is_relative_to(self.root):
                return self._problem(path, "link", "this link leads out of the pack, and is not followed")
        return None

    def _read(self, name: str, unfit: Problem | None) -> ContentFile:
        path = self.folder / name
        at = self._shown(name)
        if unfit is not None:
            return ContentFile(name, at, "", unfit)
        try:
            about = path.stat()
            if not stat.S_ISREG(about.st_mode):
                return ContentFile(name, at, "", self._problem(path, "unreadable", "this is not a plain file"))
            if about.st_size > MAX_BYTES:
                message = f"the file has {about.st_size:,} bytes; content files have at most {MAX_BYTES:,}"
                return ContentFile(name, at, "", self._problem(path, "file-too-large", message))
            self.bytes += about.st_size
            if self.bytes > MAX_TOTAL:
                message = f"the files of the pack have over {MAX_TOTAL:,} bytes together, more than are read"
                raise CorpusError([self._problem(self.folder, "too-many-files", message)])
            raw = path.read_bytes()
            return ContentFile(name, at, raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
        except UnicodeDecodeError as error:
            return ContentFile(name, at, "", self._undecoded(path, raw, error))
        except OSError as error:
            message = f"the file cannot be read: {error.strerror}"
            return ContentFile(name, at, "", self._problem(path, "unreadable", message))

    def _undecoded(self, path: Path, raw: bytes, error: UnicodeDecodeError) -> Problem:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            encoding = "UTF-32" if raw.startswith(b"\xff\xfe\0\0") else "UTF-16"
            message = f"the file is saved as {encoding}; content is read as UTF-8"
            return self._problem(path, "not-utf-8", message, repair="Save it as UTF-8.")
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        meant = error.object[error.start : error.start + 1].decode("cp1252", "replace")
        message = "here the file is not UTF-8 text"
        if meant.isalpha() or meant in _TYPOGRAPHIC:
            message += f"; in the encoding of older programs this would be {meant}"
        return self._problem(path, "not-utf-8", message, line, column, repair="Save the file as UTF-8.")


def _content_files(folder: Path) -> Iterator[Path]:
    """Yield every file below a pack's folder that is content by its name, sorted."""
    found = []
    for part in PARTS:
        for base, folders, names in os.walk(folder / part):
            folders[:] = [name for name in folders if not name.startswith(".")]
            found += [Path(base, name) for name in names if not name.startswith(".") and _is_content(name)]
    return iter(sorted(found, key=lambda path: path.relative_to(folder).as_posix()))


def _is_content(name: str) -> bool:
    """Return whether a file of this name is content, or is meant to be."""
    return name.endswith(_SUFFIXES) or bool(_NEARLY.search(name))


Identity: TypeAlias = "tuple[str, tuple[int, ...]]"
"""A path, and what tells a file or folder from another one at the same path."""


class Stamp(NamedTuple):
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
        for path in _content_files(folder):
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
    """Return a path as messages show it: below the working folder where it lies there, else as it was given."""
    try:
        return Path(os.path.abspath(path)).relative_to(Path.cwd()).as_posix()  # noqa: PTH100 - links stay as named
    except (ValueError, OSError):
        return str(path)
