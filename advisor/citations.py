"""Citations: links to the places of sources, and what an answer says of sources and packs."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.answer import CorpusNote, PackNote, Paragraph, SourceNote
from advisor.corpus import Corpus


def paragraph(corpus: Corpus, place: str) -> Paragraph:
    """Return the link to a qualified place."""
    source, name = place.split(":", 1)
    short = corpus.sources[source].short if len(corpus.sources) > 1 else None
    href = f"/v1/sources/{source}/paragraphs/{name}"
    return Paragraph(source=source, ref=corpus.places[place].ref, href=href, short=short)


def paragraphs(corpus: Corpus, places: Iterable[str]) -> tuple[Paragraph, ...]:
    """Return the links to qualified places, each once."""
    return tuple(paragraph(corpus, place) for place in dict.fromkeys(places))


def places_of_facts(corpus: Corpus, facts: Iterable[str]) -> tuple[str, ...]:
    """Return the places that make facts matter, each once."""
    return tuple(dict.fromkeys(place for name in facts for place in corpus.facts[name].places))


def source_note(corpus: Corpus, name: str) -> SourceNote:
    """Return what an answer says of a source."""
    source = corpus.sources[name]
    pack = corpus.origins[f"sources:{name}"]
    return SourceNote(source=name, short=source.short, date=source.date, standing=source.standing, pack=pack)


def corpus_note(corpus: Corpus) -> CorpusNote:
    """Return what an answer says of the corpus that gave it."""
    return CorpusNote(
        version=corpus.version,
        digest=corpus.digest,
        packs=tuple(
            PackNote(
                id=pack.id,
                version=pack.version,
                title=pack.title,
                builds_on=tuple(base.pack for base in pack.builds_on),
                digest=corpus.digests[pack.id],
            )
            for pack in corpus.packs
        ),
        sources=tuple(source_note(corpus, name) for name in corpus.sources),
    )
