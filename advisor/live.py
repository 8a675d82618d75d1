"""A corpus that follows its packs: they are looked at again after an edit, and taken over whole or not at all.

What is decided here follows from what was found alone; ``api.reload`` watches the files and keeps the service.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from advisor import content
from advisor.compiled import examine
from advisor.content import Stamp
from advisor.corpus import Corpus
from advisor.errors import Problem

_KINDS = ("rules", "lessons", "elements", "findings", "facts", "precedents", "sources", "places", "references")


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in packs.

    Attributes:
        corpus: the corpus; None where it is refused.
        problems: everything that is wrong, and the warnings.
        stamp: what the files looked like from outside.
        settled: whether they looked the same before and after they were read. If not, they may be half-written, or
            half of one edit and half of another, and what was found says nothing.
    """

    corpus: Corpus | None
    problems: tuple[Problem, ...] = field(repr=False)
    stamp: Stamp = field(repr=False)
    settled: bool

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems for which the corpus is refused."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def look(folders: Sequence[Path]) -> Look:
    """Read the packs in folders; the built-in one if there are none."""
    before = content.stamp(folders)
    corpus, problems = examine(*folders)
    after = content.stamp(folders)
    return Look(corpus, tuple(problems), after, settled=before == after)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An edit that was refused.

    Attributes:
        problems: why; all of them errors.
        at: when.
    """

    problems: tuple[Problem, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Served:
    """What is served, and what became of the latest edit.

    Attributes:
        corpus: the corpus that answers.
        since: when it was loaded.
        reloads: how many corpora have taken over from the one before them.
        refusal: the latest edit, if it was refused; the corpus is then the one from before it.
    """

    corpus: Corpus
    since: datetime
    reloads: int = 0
    refusal: Refusal | None = None

    def after(self, found: Look, now: datetime) -> Served:
        """Return what is to be served after a look at the packs: a valid edit takes over, an invalid one doesn't.

        Args:
            found: what was found; settled.
            now: the present moment.
        """
        if found.corpus is None:
            if self.refusal is not None and self.refusal.problems == found.errors:
                return self
            return replace(self, refusal=Refusal(found.errors, now))
        if found.corpus.digest == self.corpus.digest:
            return replace(self, refusal=None)
        return Served(found.corpus, now, self.reloads + 1)


def difference(before: Corpus, after: Corpus) -> str:
    """Return in one line what another corpus is and in what it differs."""
    changes = [change for kind in _KINDS for change in _changes(kind, getattr(before, kind), getattr(after, kind))]
    what = ", ".join(changes) or "no entry differs"
    return f"{after.version}; {len(after.rules)} rules; {what}; digest {after.digest[:12]}"


def _changes(kind: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[str]:
    counts = {
        "added": len(after.keys() - before.keys()),
        "removed": len(before.keys() - after.keys()),
        "changed": sum(before[name] != after[name] for name in before.keys() & after.keys()),
    }
    for what, number in counts.items():
        if number:
            yield f"{number} {kind if number > 1 else kind.removesuffix('s')} {what}"
