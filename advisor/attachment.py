"""The user's own copy of a source: checked against the digests that we keep, and kept in the user's data folder.

The project ships gists in its own words, never a source's text. What is kept here stands beside them where they are
shown; it is no part of the corpus, of its digest, or of any answer.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, ValidationError

from advisor.answer import Part
from advisor.corpus import Corpus
from advisor.errors import AdvisorError
from advisor.model import Source
from advisor.pages import MAX_BYTES, Pages, UnreadableError, read_pages
from advisor.paper import digest, find_places

FOLDER_VARIABLE = "ADVISOR_DATA"
"""Environment variable that names another data folder than the user's usual one."""
NEEDED = (2, 3)
"""A copy is taken for the source's when at least this part of its numbered paragraphs is recognised: 24 of 36."""
_MAX_KEPT_BYTES = 10_000_000

State = Literal["matches", "differs", "not_found"]


class AttachmentError(AdvisorError):
    """A copy was refused, or what is kept can't be read or written."""


class PlaceState(Part):
    """How a place of the source fares in a copy."""

    id: str
    ref: str
    kind: str
    state: State


class Inspection(Part):
    """What was found in a copy, or of it in the data folder."""

    source: str = Field(description="Id of the source.")
    title: str
    file: str = Field(description="Where the copy is kept.")
    places: tuple[PlaceState, ...] = Field(description="All places whose digest we keep, in the source's order.")

    def refs(self, kind: str, state: State) -> tuple[str, ...]:
        """Return how the places of a kind that are in a state are cited."""
        return tuple(place.ref for place in self.places if (place.kind, place.state) == (kind, state))

    def count(self, kind: str, state: State | None = None) -> int:
        """Return how many places of a kind there are, or are in a state."""
        return sum(place.kind == kind and state in (None, place.state) for place in self.places)

    def as_text(self) -> str:
        """Return it in a few lines: for each kind of places how many match, and which others don't or aren't there."""
        lines = []
        for kind in dict.fromkeys(place.kind for place in self.places):
            line = f"{_PLURALS[kind]}: {self.count(kind, 'matches')} of {self.count(kind)} match"
            if refs := self.refs(kind, "differs"):
                line += f"; with another text: {', '.join(refs)}"
            if refs := self.refs(kind, "not_found"):
                line += f"; not found: {', '.join(refs)}"
            lines.append(line)
        return "\n".join(lines)


_PLURALS = {
    "head": "title page",
    "paragraph": "paragraphs",
    "section": "sections",
    "box": "boxes",
    "note": "notes",
}


class _Kept(Part):
    """The file in the data folder."""

    format: Literal["1"] = "1"
    source: str
    texts: dict[str, str]


@dataclass(frozen=True)
class PlaceText:
    """The source's own text of a place.

    Attributes:
        text: the text; bullets and labelled parts on lines of their own.
        matches: whether it has the digest that we keep.
    """

    text: str
    matches: bool


def data_folder() -> Path:
    """Return the folder in which copies are kept: ``ADVISOR_DATA`` if set, else the user's usual one."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen).absolute() if chosen else platformdirs.user_data_path("burden-sharing-advisor", False)


# --- attaching --------------------------------------------------------------------------------------------------------


def attach(file: Path, corpus: Corpus, source: str | None = None) -> Inspection:
    """Read a copy of a source from a PDF or text file, check it, and keep its texts.

    A place that the new copy lacks, or has with another text, keeps the text that was attached before if that matches.

    Args:
        file: the copy.
        corpus: its sources may be attached.
        source: id of the source; None finds out which it is.

    Returns:
        What was found in the file.

    Raises:
        AttachmentError: the file can't be read or is no copy of the source; what was attached before is still there.
        UnknownIdError: there is no such source.
    """
    if source is not None:
        corpus.get("sources", source)
    candidates = [one for one in corpus.sources.values() if source in (None, one.id)]
    candidates = [one for one in candidates if any(place.digest for place in one.places)]
    if not candidates:
        raise AttachmentError("the corpus keeps no digests of this source, so that no copy of it can be recognised")
    pages = _read(file)
    found = [(one, find_places(pages, one)) for one in candidates]
    chosen, texts = max(found, key=lambda pair: _recognised(*pair))
    inspection = _inspected(chosen, texts, kept_at(chosen.id))
    right, of = inspection.count("paragraph", "matches"), inspection.count("paragraph")
    if right * NEEDED[1] < of * NEEDED[0]:
        numbered = of - inspection.count("paragraph", "not_found")
        raise AttachmentError(
            f"{file}: refused; this is not {chosen.title!r} as we know it: of its {of} numbered paragraphs, {right} "
            f"are recognised, and at least {-(-of * NEEDED[0] // NEEDED[1])} must be\n"
            f"found in the file: {sum(map(len, pages)):,} lines, {numbered} paragraphs with these numbers\n"
            "nothing was changed"
        )
    _write(chosen, _merged(chosen, texts))
    return inspection


def _read(file: Path) -> Pages:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise AttachmentError(f"{file}: the file has more than {MAX_BYTES:,} bytes, too many to be the paper")
        with file.open("rb") as stream:
            return read_pages(stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise AttachmentError(f"{file}: {error.strerror or error}") from error
    except UnreadableError as error:
        raise AttachmentError(f"{file}: {error}") from error


def _recognised(source: Source, texts: Mapping[str, str]) -> int:
    return sum(place.digest == digest(texts[place.id]) for place in source.places if place.id in texts)


def _inspected(source: Source, texts: Mapping[str, str], file: Path) -> Inspection:
    def state(name: str, wanted: str) -> State:
        if name not in texts:
            return "not_found"
        return "matches" if digest(texts[name]) == wanted else "differs"

    return Inspection(
        source=source.id,
        title=source.title,
        file=str(file),
        places=tuple(
            PlaceState(id=place.id, ref=place.ref, kind=place.kind, state=state(place.id, place.digest))
            for place in source.places
            if place.digest is not None
        ),
    )


def _merged(source: Source, texts: Mapping[str, str]) -> dict[str, str]:
    try:
        before = _load(source.id)
    except AttachmentError:
        before = {}  # what can't be read is replaced
    wanted = {place.id: place.digest for place in source.places}
    good = {name: text for name, text in before.items() if name in wanted and digest(text) == wanted[name]}
    new = {name: text for name, text in texts.items() if name not in good or digest(text) == wanted[name]}
    return {name: (good | new)[name] for name in wanted if name in good or name in new}


# --- what is kept -----------------------------------------------------------------------------------------------------


def kept_at(source: str) -> Path:
    """Return where the copy of a source is kept, whether or not there is one. Ids of sources have no path in them."""
    return data_folder() / "sources" / f"{source}.json"


def _load(source: str) -> dict[str, str]:
    path = kept_at(source)
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MAX_KEPT_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise AttachmentError(f"{path}: {error.strerror or error}") from error
    try:
        kept = _Kept.model_validate_json(raw) if len(raw) <= _MAX_KEPT_BYTES else None
    except ValidationError:
        kept = None
    if kept is None or kept.source != source:
        raise AttachmentError(f"{path}: damaged; attach your copy again, or remove it by `advisor source detach`")
    return kept.texts


def _write(source: Source, texts: dict[str, str]) -> None:
    """Write aside and replace, so that whatever interrupts it, the old file or the new one is there whole."""
    path = kept_at(source.id)
    aside: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{source.id}-", suffix=".part", delete=False, encoding="utf-8"
        ) as file:
            aside = Path(file.name)
            file.write(json.dumps(_Kept(source=source.id, texts=texts).model_dump(), ensure_ascii=False, indent=1))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        _remove(aside)
        raise AttachmentError(f"{path}: cannot be written: {error.strerror or error}") from error
    except BaseException:
        _remove(aside)
        raise


def _remove(path: Path | None) -> None:
    if path is not None:
        path.unlink(missing_ok=True)


def status(corpus: Corpus) -> tuple[Inspection, ...]:
    """Return how each source that is attached fares.

    Raises:
        AttachmentError: what is kept can't be read.
    """
    kept = ((source, _load(source.id)) for source in corpus.sources.values())
    return tuple(_inspected(source, texts, kept_at(source.id)) for source, texts in kept if texts)


def detach(corpus: Corpus, source: str | None = None) -> tuple[str, ...]:
    """Remove the attached copy of a source, or of all, and return the ids of those that had one.

    Raises:
        AttachmentError: a file can't be removed.
        UnknownIdError: there is no such source.
    """
    if source is not None:
        corpus.get("sources", source)
    removed = []
    for name in corpus.sources:
        if source not in (None, name):
            continue
        path = kept_at(name)
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise AttachmentError(f"{path}: cannot be removed: {error.strerror or error}") from error
        removed.append(name)
    return tuple(removed)


# --- reading it beside our gists --------------------------------------------------------------------------------------


class Attached:
    """The attached texts of a corpus' places, read again whenever they have changed on disk."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._read: dict[str, tuple[tuple[int, int, str], Mapping[str, PlaceText]]] = {}

    def text_of(self, place: str) -> PlaceText | None:
        """Return the text of a place, named ``source:place``; None where none is attached.

        Raises:
            AttachmentError: what is kept of its source can't be read.
        """
        source, _, name = place.partition(":")
        return self._texts(source).get(name)

    def beside(self, entry: Mapping[str, Any], kind: str, name: str) -> dict[str, Any]:
        """Return an entry of ``advisor.lookup`` with the text beside our gist, where there is one.

        A place gets the keys ``text`` and ``text_matches``, a lesson gets them in its ``paragraph``.

        Raises:
            AttachmentError: what is kept of the source can't be read.
        """
        place = name if kind == "places" else self._corpus.lessons[name].place if kind == "lessons" else ""
        found = self.text_of(place)
        if found is None:
            return dict(entry)
        text = {"text": found.text, "text_matches": found.matches}
        return {**entry, **text} if kind == "places" else {**entry, "paragraph": {**entry["paragraph"], **text}}

    def _texts(self, source: str) -> Mapping[str, PlaceText]:
        if source not in self._corpus.sources:
            return {}
        path = kept_at(source)
        try:
            stat = path.stat()
        except OSError:
            return {}
        stamp = (stat.st_mtime_ns, stat.st_size, str(path))
        read = self._read.get(source)
        if read is None or read[0] != stamp:
            wanted = {place.id: place.digest for place in self._corpus.sources[source].places}
            texts = {
                name: PlaceText(text, digest(text) == wanted[name])
                for name, text in _load(source).items()
                if name in wanted
            }
            read = self._read[source] = (stamp, texts)
        return read[1]
