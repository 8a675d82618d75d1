"""Situations as links and forms: ``f.border_status=closed&f.situation_types=mass_influx``.

A fact that isn't there is unknown. A set has one pair for each member, and the value ``-`` where it was asked for and
there is none. The same pairs come from a form and stand in a link, so a link is all that is needed to show an answer
again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from advisor.conditions import Facts, Value
from advisor.corpus import Corpus
from advisor.errors import SituationError, nearest
from advisor.model import Fact, FactKind

PREFIX = "f."
NONE = "-"
"""The value that says that there is none."""
YES, NO = "yes", "no"
CORPUS, BEFORE, SKIP, OPEN, FORGET = "corpus", "before", "skip", "open", "forget"
CURRENT, MORE, AGAIN = "current", "more", "again"
"""Further parameters: the digest of the corpus that answered, the facts before the last change, facts that the officer
can't tell, parts of the page that are unfolded, and a fact that is to be unknown again; the question that stands first,
whether another is to take its place, and whether those that were put off are to be asked again."""
MAX_PAIRS = 2_000
_LONG = 200
_LONG_TEXT = 500
"""Characters; no more than what stands before a server lets an address have beside its facts."""
_BETWEEN_DIGITS = ",'_\N{RIGHT SINGLE QUOTATION MARK}"
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Stranger:
    """A fact of a link that the corpus doesn't have.

    Attributes:
        name: its name, as it was given.
        suggestion: the nearest known name.
    """

    name: str
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a link or a form tells.

    Attributes:
        facts: the known facts in canonical form.
        typed: what was given for each fact, right or wrong, as it was given.
        problems: for each fact that can't be read what is wrong with it.
        strangers: facts that the corpus doesn't have.
        skipped: facts that the officer can't tell.
        current: the fact whose question stands first, and stays there; None where the most telling one is to.
        opened: parts of the page that are unfolded.
        corpus: the beginning of the digest of the corpus that answered, of a link that was handed on.
        before: the facts before the last change; None where that isn't known.
    """

    facts: Facts
    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    strangers: tuple[Stranger, ...] = ()
    skipped: tuple[str, ...] = ()
    current: str | None = None
    opened: frozenset[str] = frozenset()
    corpus: str | None = None
    before: Facts | None = None


def read(pairs: Iterable[tuple[str, str]], corpus: Corpus) -> Told:
    """Return what the pairs of a link or a form tell; what can't be read is told as a problem, never as an error."""
    given: dict[str, list[str]] = {}
    further: dict[str, list[str]] = {name: [] for name in (CORPUS, BEFORE, SKIP, OPEN, FORGET, CURRENT, MORE, AGAIN)}
    for key, value in pairs:
        if key.startswith(PREFIX):
            given.setdefault(key[len(PREFIX) :], []).append(value)
        elif key in further:
            further[key].append(value)
    typed: dict[str, tuple[str, ...]] = {}
    facts: dict[str, Value] = {}
    problems: dict[str, str] = {}
    strangers: list[Stranger] = []
    for name, values in given.items():
        fact = corpus.facts.get(name)
        told = tuple(dict.fromkeys(value for value in values if value.strip()))
        if not told or name in further[FORGET]:
            continue
        if fact is None:
            strangers.append(Stranger(name[:_LONG], nearest(name[:_LONG], corpus.facts)))
            continue
        typed[name] = told
        try:
            facts |= corpus.reader.read({name: _raw(fact, told)})
        except SituationError as error:
            # The question stands beside it, so its name needn't be said.
            problems[name] = " ".join(f"{problem.message.removeprefix(f'{name} ')}." for problem in error.problems)
    before = further[BEFORE]
    put_off = [] if further[AGAIN] else further[SKIP]
    stays = not further[MORE] and not further[AGAIN]
    current = [name for name in further[CURRENT][-1:] if stays and name in corpus.facts and name not in put_off]
    return Told(
        facts={name: facts[name] for name in corpus.facts if name in facts},
        typed=typed,
        problems=problems,
        strangers=tuple(strangers),
        skipped=tuple(dict.fromkeys(name for name in put_off if name in corpus.facts and name not in facts)),
        current=current[0] if current else None,
        opened=frozenset(further[OPEN]),
        corpus=further[CORPUS][-1][:64] if further[CORPUS] else None,
        before=read(pairs_of(before[-1]), corpus).facts if before else None,
    )


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Return the pairs of a query or of a form's body; those that there are too many of are left out."""
    # One more separator than there may be pairs would be refused as a whole.
    kept = "&".join(query.split("&")[:MAX_PAIRS])
    return parse_qsl(kept, keep_blank_values=True, errors="replace")


def query_of(facts: Facts) -> str:
    """Return known facts as a query."""
    return urlencode([(PREFIX + name, text) for name, value in facts.items() for text in texts_of(value)])


def texts_of(value: Value) -> tuple[str, ...]:
    """Return the texts that tell a value in a link or a form."""
    if isinstance(value, bool):
        return (YES if value else NO,)
    if isinstance(value, tuple):
        return value or (NONE,)
    return (str(value),)


def link_to(path: str, facts: Facts, **more: str | tuple[str, ...]) -> str:
    """Return a link to a page on a situation.

    Args:
        path: the page.
        facts: the known facts.
        more: further parameters; of several texts each is a parameter.
    """
    query = "&".join(part for part in (query_of(facts), urlencode(more, doseq=True)) if part)
    return f"{path}?{query}" if query else path


def address_of(told: Told, **more: str | tuple[str, ...]) -> str:
    """Return the link to the questions as they were answered, with what can't be read where that isn't long."""
    unread = {PREFIX + name: told.typed[name] for name in told.problems if carried(told)}
    return link_to("/", told.facts, **unread, **more)


def carried(told: Told) -> bool:
    """Return whether a link can carry all that can't be read."""
    return sum(len(text) for name in told.problems for text in told.typed[name]) <= _LONG_TEXT and not told.strangers


def shared(facts: Facts, corpus: Corpus) -> str:
    """Return the link that shows this answer again, and by which it is seen whether the corpus has changed."""
    return link_to("/", facts, **{CORPUS: corpus.digest[:_DIGITS]})


def _raw(fact: Fact, texts: tuple[str, ...]) -> object:
    """Return texts as the value of a fact, as far as they are one."""
    if fact.type == "set":
        # Where none and some are ticked, the officer has found some.
        return [text for text in texts if text != NONE]
    text = texts[-1].strip()
    if fact.type == "boolean":
        return {YES: True, NO: False}.get(text.lower(), text)
    if fact.type in ("integer", "number"):
        return _number(text, fact.type)
    return text


def _number(text: str, fact_type: FactKind) -> object:
    plain = "".join(character for character in text if not character.isspace() and character not in _BETWEEN_DIGITS)
    if _THOUSANDS.fullmatch(plain) and fact_type == "integer":
        # In much of the world points part thousands; of whole numbers they can part nothing else.
        plain = plain.replace(".", "")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return text
