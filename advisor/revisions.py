"""Packs as a user names them: a folder, the id of a pack that comes with the advisor, or a revision in git.

A revision is read by ``git archive`` into a folder of its own that is removed afterwards; the work tree and the index
are never touched.
"""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from advisor import content
from advisor.corpus import Corpus, load
from advisor.errors import AdvisorError, CorpusError, did_you_mean, nearest
from advisor.stack import stack


class RevisionError(AdvisorError):
    """What was named is no pack: no folder, no id, and no revision that git knows or could read."""


@dataclass(frozen=True, slots=True)
class _InGit:
    """A folder of a revision.

    Attributes:
        top: the top folder of the repository.
        revision: the revision, as it was named.
        path: the folder below the top, with ``/``; empty for the top itself.
    """

    top: Path
    revision: str
    path: str


@contextmanager
def opened(name: str, beside: str, packs: Sequence[str] = ()) -> Iterator[Corpus]:
    """Load the pack that a user names, with all on which it builds.

    Args:
        name: a folder; the id of a pack that comes with the advisor; ``REV`` or ``REV:path/to/pack``.
        beside: what it is compared with: where that is a folder in a repository, ``REV`` alone means this folder of the
            revision; else the working folder. If the revision has no such folder, the pack is new, and what it builds
            on is what was there before.
        packs: further packs, on which it may build.

    Raises:
        RevisionError: it is none of these.
        CorpusError: its content is refused; with every problem.
    """
    further = content.named_folders(packs) if packs else ()
    known = _folder(name)
    if known is not None:
        yield load(known, *further)
        return
    found = _in_git(name, beside)
    parts = _parts(found)
    bases = _bases(beside, further) if not parts and ":" not in name else []
    if bases:
        yield load(*bases)
        return
    if not parts:
        where = f"no folder {found.path!r} with" if found.path else "no"
        raise RevisionError(f"{found.revision!r} has {where} content of a pack ({', '.join(content.PARTS)})")
    with tempfile.TemporaryDirectory(prefix="advisor-") as temporary:
        folder = Path(temporary).resolve() / (PurePosixPath(found.path).name or "pack")
        folder.mkdir()
        _extract(found, parts, folder)
        try:
            corpus = load(folder, *further)
        except CorpusError as error:
            raise CorpusError(
                replace(problem, file=_named(problem.file, folder, found)) for problem in error.problems
            ) from error
        yield corpus


def _folder(name: str) -> Path | None:
    """Return the folder that a name stands for, if it is one or the id of a pack that comes with the advisor."""
    if Path(name).is_dir():
        return Path(name)
    return content.shipped_folders().get(name)


def _in_git(name: str, beside: str) -> _InGit:
    """Return the folder of a revision that a name stands for."""
    revision, colon, path = name.partition(":")
    shipped = content.shipped_folders()
    unknown = f"{name!r} is no folder and no pack that comes with the advisor ({', '.join(sorted(shipped))})"
    suggestion = did_you_mean(nearest(name, shipped))
    near = _folder(beside)
    # The repository is that of the other folder, where it lies in one: that may not be the one at hand.
    start = Path.cwd() if near is None or colon else near
    top = _top(start)
    if top is None:
        raise RevisionError(f"{unknown}; a revision it can't be: {_shown(start)} lies in no git repository{suggestion}")
    if not revision or not _commit(top, revision):
        shallow = _git(top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        fetch = " (this clone is shallow: fetch the revision first)" if shallow else ""
        raise RevisionError(f"{unknown}, and git knows no revision {revision!r}{fetch}{suggestion}")
    if colon:
        # As git itself has it: from the top, unless it starts with a dot.
        start = Path.cwd() / path if path.startswith(".") else top / path
    folder = start.resolve()
    try:
        below = folder.relative_to(top).as_posix()
    except ValueError:
        raise RevisionError(f"{name!r}: {_shown(folder)} lies outside the repository {_shown(top)}") from None
    return _InGit(top, revision, "" if below == "." else below)


def _shown(folder: Path) -> str:
    return repr(content.shown(folder) if content.shown(folder) != "." else str(folder.resolve()))


def _top(folder: Path) -> Path | None:
    """Return the top folder of the repository in which a folder lies; None where it lies in none.

    Raises:
        RevisionError: git refuses to say; in its own words.
    """
    done = _git(folder, "rev-parse", "--show-toplevel")
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode != 0 and "not a git repository" not in said:
        raise RevisionError(f"git cannot read the repository of {_shown(folder)}: {said}")
    top = done.stdout.decode().strip()
    return Path(top).resolve() if top else None


def _commit(top: Path, revision: str) -> bool:
    return _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").returncode == 0


def _bases(name: str, further: Sequence[Path]) -> list[Path]:
    """Return the folders of the packs on which the pack in a folder builds; none where it is no folder."""
    folder = _folder(name)
    packs = stack([folder, *further])[0] if folder is not None else []
    return [pack.folder for pack in packs if folder is not None and pack.folder.resolve() != folder.resolve()]


def _parts(found: _InGit) -> list[str]:
    """Return the folders of a pack's content that a revision has; none if it has neither knowledge nor rules."""
    prefix = f"{found.path}/" if found.path else ""
    listed = _git(found.top, "ls-tree", "-d", "--name-only", "-z", found.revision, "--", prefix or ".")
    if listed.returncode != 0:
        raise RevisionError(f"git cannot read {found.revision!r}: {listed.stderr.decode(errors='replace').strip()}")
    there = {entry.removeprefix(prefix) for entry in listed.stdout.decode(errors="replace").split("\0")}
    return [f"{prefix}{part}" for part in content.PARTS if part in there] if there & {"knowledge", "rules"} else []


def _extract(found: _InGit, parts: Sequence[str], folder: Path) -> None:
    """Write parts of a pack as they are in a revision into a folder."""
    prefix = f"{found.path}/" if found.path else ""
    archive = _git(found.top, "archive", "--format=tar", found.revision, "--", *parts)
    if archive.returncode != 0:
        raise RevisionError(f"git cannot read {found.revision!r}: {archive.stderr.decode(errors='replace').strip()}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        for member in tar.getmembers():
            if member.isdir():
                continue
            try:
                # Of a link inside the pack, what it leads to.
                file = tar.extractfile(member)
            except KeyError:
                file = None
            if file is None:
                raise RevisionError(f"{found.revision!r}: {member.name!r} is a link that leads out of the pack")
            path = folder / member.name.removeprefix(prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read())


_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git tells its hooks of the repository; it would hold for any folder asked for here."""


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK} | {"LC_ALL": "C"}
    command = ["git", "--literal-pathspecs", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False, env=environment)
    except FileNotFoundError:
        raise RevisionError("to read a revision, git is needed, and there is no git on this machine") from None


def _named(file: str, folder: Path, found: _InGit) -> str:
    """Return a file of the extracted folder as a file of the revision."""
    for start in (str(folder), content.shown(folder)):
        if file == start or file.startswith(f"{start}/"):
            below = file.removeprefix(start).lstrip("/")
            return f"{found.revision}:{'/'.join(part for part in (found.path, below) if part)}"
    return file
