"""Lines of advice in an officer's words: how strongly they are said, on what they rest, and why they are said here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from advisor.answer import (
    Because,
    BecauseElement,
    BecauseFact,
    BecauseFinding,
    BesideKind,
    Item,
    Paragraph,
    Question,
    Rationale,
    SourceNote,
)
from advisor.corpus import Corpus
from advisor.model import Basis, Hedge, Strength
from advisor.wording import uncapital

BASIS_WORDS: Mapping[Basis, str] = {
    "legal_duty": "legal duty",
    "lesson": "lesson learned",
    "described_practice": "described practice",
    "single_precedent": "single precedent",
}
"""How the basis of a lesson is said."""
BESIDE_WORDS: Mapping[BesideKind, str] = {
    "supersedes": "Supersedes",
    "superseded_by": "Superseded by",
    "narrows": "Narrows",
    "narrowed_by": "Narrowed by",
    "supports": "Supports",
    "supported_by": "Supported by",
}
"""How it is said what lessons of different packs have to do with one another."""
OURS = "trigger is our reading"
"""How a line is marked of which no rule's trigger is named in the source."""
CONTRADICTION = "facts that do not fit"
"""How a red flag is marked that rests on the input alone."""


def said(strength: Strength, hedge: Hedge) -> str:
    """Return how strongly a lesson is said: ``should, usually``."""
    return strength if hedge == "none" else f"{strength}, {hedge}"


def tagged(item: Item, corpus: Corpus) -> str:
    """Return how strongly a line is said and on what basis; with its packs where the corpus has several."""
    if item.kind == "contradiction":
        return CONTRADICTION
    parts = [said(item.strength, item.hedge), BASIS_WORDS[item.basis] if item.basis else ""]
    if all(reason.reading == "ours" for reason in item.rationale if reason.rule):
        parts.append(OURS)
    tag = ", ".join(part for part in parts if part)
    return f"{tag}; {', '.join(item.packs)}" if len(corpus.packs) > 1 and item.packs else tag


def worth(source: SourceNote) -> str:
    """Return a source's date and, in short, its standing; the notices have the whole of it."""
    standing = source.standing.split(";")[0].split(". ")[0].rstrip(".")
    return f"{source.date}; {standing[:1].lower()}{standing[1:]}"


def places_of(item: Item) -> Sequence[Paragraph]:
    """Return the places on which a line rests, each once."""
    return list(dict.fromkeys(place for reason in item.rationale for place in reason.paragraphs))


def reasons_in_words(rationale: Iterable[Rationale], corpus: Corpus) -> list[str]:
    """Return what made rules fire, each once: ``mass influx``, ``basic needs: unmet``."""
    return list(dict.fromkeys(_because(one, corpus) for reason in rationale for one in reason.because))


def _because(because: Because, corpus: Corpus) -> str:
    match because:
        case BecauseFact(fact=name, matched=matched):
            fact = corpus.facts[name]
            return f"{uncapital(fact.label)}: {fact.label_of(matched)}"
        case BecauseFinding(finding=name):
            return uncapital(corpus.findings[name].title)
        case BecauseElement(element=name):
            return f"comes with {uncapital(corpus.elements[name].title)}"


def element_titles(names: Iterable[str], corpus: Corpus) -> str:
    """Return the titles of elements as they stand within a sentence, joined by commas."""
    return ", ".join(uncapital(corpus.elements[name].title) for name in names)


def waiting_in_words(question: Question) -> str:
    """Return what the answer to a question could bring: ``3 rules wait for it``."""
    if not question.waiting:
        return "can only add a reason or change the order"
    return "1 rule waits for it" if question.waiting == 1 else f"{question.waiting} rules wait for it"
