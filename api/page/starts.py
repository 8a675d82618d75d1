"""The situations that come with the corpus, with which one can start."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.corpus import Corpus, PerCorpus
from api.page import link


@dataclass(frozen=True, slots=True)
class Start:
    """A situation with which one can start.

    Attributes:
        title: what it is called.
        href: a page on it.
    """

    title: str
    href: str


def starts(corpus: Corpus, path: str) -> tuple[Start, ...]:
    """Return the situations with which one can start, on a page.

    Args:
        corpus: the corpus with which they come.
        path: the page.
    """
    return tuple(Start(title, f"{path}?{query}" if query else path) for title, query in _queries(corpus))


def _make(corpus: Corpus) -> tuple[tuple[str, str], ...]:
    return tuple(
        (example.title or name, link.query_of(corpus.reader.read(example.facts)))
        for name, example in corpus.examples.items()
    )


_queries: PerCorpus[tuple[tuple[str, str], ...]] = PerCorpus(_make)
"""For each of them its title, and the query that tells it."""
