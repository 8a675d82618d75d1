"""What pages that explain say of the situation that they are about: what is known of it, and links that keep it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from advisor.case import Case
from advisor.conditions import Facts
from advisor.corpus import Corpus
from advisor.lookahead import hypothetical
from api.page import link
from api.page.intake import facts_in_words
from api.page.link import Told
from api.page.starts import starts

LONG = 200
"""Characters of a search or of an id; what is longer names nothing."""


def told_of(request: Request, corpus: Corpus) -> Told:
    """Return what the link of a request tells."""
    return link.read(link.pairs_of(request.url.query), corpus)


def asked_of(request: Request, name: str) -> str:
    """Return a parameter of a request that names or looks for something: trimmed, and no longer than any name."""
    values = [value for key, value in link.pairs_of(request.url.query) if key == name]
    return " ".join(values[-1][: 2 * LONG].split())[:LONG] if values else ""


def case_of(told: Told, corpus: Corpus) -> Case:
    """Return the case that known facts make."""
    return hypothetical(corpus, told.facts)


def shown(request: Request, corpus: Corpus, told: Told) -> dict[str, Any]:
    """Return what every page on a situation has in its context."""
    query = link.query_of(told.facts)
    return {
        "told": told,
        "query": query,
        "pairs": link.pairs_of(query),
        "facts": facts_in_words(corpus, told.facts),
        "starts": starts(corpus, request.url.path),
        "question": questions_of(corpus, told.facts),
        "keep": keeping(query),
    }


def questions_of(corpus: Corpus, facts: Facts) -> Callable[[str], str]:
    """Return what makes a link to the question about a fact, with the parts of the form around it unfolded."""

    def href(name: str) -> str:
        group = corpus.facts[name].group
        pairs = "&".join(f"{link.OPEN}={part}-{group}" for part in ("group", "idle"))
        query = link.query_of(facts)
        return f"/?{query}&{pairs}#q-{name}" if query else f"/?{pairs}#q-{name}"

    return href


def keeping(query: str) -> Callable[[str], str]:
    """Return what makes a link to a page that keeps the situation, whether or not that page is about it."""

    def href(path: str) -> str:
        path, mark, anchor = path.partition("#")
        return f"{path}{'?' + query if query else ''}{mark}{anchor}"

    return href
