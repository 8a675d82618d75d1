"""Where the built-in pack lies, and the one place that reads content files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from advisor.errors import CorpusError, Problem

_PACKAGE = Path(__file__).resolve().parent
_MAX_BYTES = 2_000_000
PARTS = ("knowledge", "rules")


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


def read_folder(folder: Path) -> tuple[ContentFile, ...]:
    """Read all YAML files below ``knowledge/`` and ``rules/`` of a pack's folder, sorted by name.

    Raises:
        CorpusError: the folder doesn't exist or holds no content, or a file can't be read as UTF-8 text.
    """
    shown_folder = _shown(folder)
    if not folder.is_dir():
        raise CorpusError([Problem("no-folder", f"there is no folder {shown_folder!r}", shown_folder)])
    files: list[ContentFile] = []
    problems: list[Problem] = []
    for path in _yaml_files(folder):
        shown = _shown(path)
        try:
            size = path.stat().st_size
            if size > _MAX_BYTES:
                message = f"the file has {size:,} bytes; content files have at most {_MAX_BYTES:,}"
                problems.append(Problem("file-too-large", message, shown))
                continue
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problems.append(Problem("not-utf-8", f"the file is not UTF-8 text (byte {error.start})", shown))
        except OSError as error:
            problems.append(Problem("unreadable", f"the file cannot be read: {error.strerror}", shown))
        else:
            name = path.relative_to(folder).as_posix()
            files.append(ContentFile(name, shown, text.replace("\r\n", "\n")))
    if not files and not problems:
        message = f"no YAML file below knowledge/ or rules/ in {shown_folder!r}"
        problems.append(Problem("no-content", message, shown_folder))
    if problems:
        raise CorpusError(problems)
    return tuple(files)


def _yaml_files(folder: Path) -> Iterator[Path]:
    found = (path for part in PARTS for suffix in ("*.yaml", "*.yml") for path in (folder / part).rglob(suffix))
    # A hidden file is an editor's, not an author's.
    visible = (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    return iter(sorted(visible, key=lambda path: path.relative_to(folder).as_posix()))


def _shown(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(path)
