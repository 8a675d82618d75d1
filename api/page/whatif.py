"""What if: the situation beside the same with some facts told otherwise, and what of the advice would differ.

Changes stand in the link as facts do, after ``g.``: ``g.border_status=open``. The value ``~`` takes a fact back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from advisor.advice import answer_to
from advisor.answer import Paragraph
from advisor.compare import Comparison, Difference, compare
from advisor.conditions import Facts, Value
from advisor.corpus import Corpus
from advisor.line_states import ChangeKind, LineKind, LineState
from advisor.lookahead import hypothetical
from advisor.model import Fact
from api.page import link
from api.page.intake import Option
from api.page.link import Told
from api.page.situation import asked_of, shown, told_of
from api.page.templating import Templates

PREFIX = "g."
TAKEN_BACK = "~"
"""The value that says that a fact is no longer known; no value of a fact is written so."""
CHOSEN = "fact"
"""The parameter that names the fact of which another value is to be chosen."""
MAX_ASKED = 5
"""How many of the most telling questions stand first among the facts that can be changed."""

_SECTIONS: tuple[tuple[str, tuple[LineKind, ...]], ...] = (
    ("red_flags", ("red_flag", "contradiction")),
    ("recommendations", ("recommendation", "caution")),
    ("lessons", ("set_aside",)),
    ("arguments", ("argument",)),
    ("findings", ("finding",)),
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is told otherwise.

    Attributes:
        facts: the facts that differ; None for one that is taken back.
        after: the facts with these changes.
        told: the changes as they were given, with what is wrong with them.
    """

    facts: Mapping[str, Value | None]
    after: Facts
    told: Told

    @property
    def query(self) -> str:
        """The changes as parameters of a link."""
        return changes_query(self.facts)


@dataclass(frozen=True, slots=True)
class Choice:
    """A fact that can be told otherwise."""

    name: str
    label: str
    now: str


@dataclass(frozen=True, slots=True)
class Field:
    """The fact of which another value is being chosen.

    Attributes:
        fact: the fact.
        options: the values to choose from.
        text: the present value of a number.
        unknown: whether it isn't known on the changed side.
        problem: what is wrong with what was given.
    """

    fact: Fact
    options: tuple[Option, ...]
    text: str
    unknown: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A fact that differs.

    Attributes:
        name: the fact.
        label: what it is called.
        before: its value as it is; empty where it isn't known.
        after: its value as it would be.
        undo: the link to the page without this change.
        again: the link to the page on which another value is chosen.
    """

    name: str
    label: str
    before: str
    after: str
    undo: str
    again: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One way in which a line differs, and why."""

    change: ChangeKind
    cause: str
    effect: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class DifferentLine:
    """A line that differs.

    Attributes:
        kind: what it is.
        id: its id.
        title: what it is called.
        before: as it is; None where there is none.
        after: as it would be.
        reasons: how it differs, and through what.
        href: its page, on the side that has it.
    """

    kind: LineKind
    id: str
    title: str
    before: LineState | None
    after: LineState | None
    reasons: tuple[Reason, ...]
    href: str


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""

    def page(request: Request) -> Response:
        told = told_of(request, corpus)
        changes = read_changes(link.pairs_of(request.url.query), told.facts, corpus)
        comparison = compare(hypothetical(corpus, told.facts), hypothetical(corpus, changes.after))
        chosen = asked_of(request, CHOSEN)
        if not chosen and changes.told.problems:
            chosen = next(iter(changes.told.problems))
        field = _field(corpus.facts[chosen], told.facts, changes) if chosen in corpus.facts else None
        sections = dict(_sections(comparison, told.facts, changes.after))
        found = [line for lines in sections.values() for line in lines]
        context: dict[str, Any] = {
            **shown(request, corpus, told),
            "changes": changes,
            "change_pairs": link.pairs_of(changes.query),
            "comparison": comparison,
            "changed": tuple(_changed(corpus, told.facts, changes)),
            "field": field,
            "groups": _choices(corpus, changes.after),
            "asked": _asked(corpus, changes.after),
            "sections": sections,
            "counts": _counts(line for line in found if line.kind != "finding"),
            "differs": sum(line.kind != "finding" for line in found),
            "take_over": link.link_to("/", changes.after, **{link.BEFORE: link.query_of(told.facts)}),
            "swap": _href(changes.after, {name: told.facts.get(name) for name in changes.facts}),
        }
        return templates.page("whatif", request, context)

    return [Route("/compare", page)]


def read_changes(pairs: Iterable[tuple[str, str]], facts: Facts, corpus: Corpus) -> Changes:
    """Return what the pairs of a link tell otherwise than the facts."""
    given = [(key[len(PREFIX) :], value) for key, value in pairs if key.startswith(PREFIX)]
    # Where a value was chosen beside it, the fact isn't taken back.
    valued = {name for name, value in given if value.strip() and value != TAKEN_BACK}
    back = {name for name, value in given if value == TAKEN_BACK and name not in valued}
    told = link.read([(link.PREFIX + name, value) for name, value in given if name in valued], corpus)
    wanted: dict[str, Value | None] = {**dict.fromkeys(back), **told.facts}
    changed = {
        name: wanted[name] for name in corpus.facts if name in wanted and not _same(wanted[name], facts.get(name))
    }
    after = {
        name: value
        for name in corpus.facts
        if (value := changed[name] if name in changed else facts.get(name)) is not None
    }
    return Changes(changed, after, told)


def _same(one: Value | None, other: Value | None) -> bool:
    return one == other and type(one) is type(other)


def changes_query(changes: Mapping[str, Value | None]) -> str:
    """Return changes as parameters of a link."""
    return urlencode(
        [
            (PREFIX + name, text)
            for name, value in changes.items()
            for text in ((TAKEN_BACK,) if value is None else link.texts_of(value))
        ]
    )


def what_if(facts: Facts, changes: Mapping[str, Value | None]) -> str:
    """Return the link to the page on facts and changes of them."""
    return _href(facts, changes)


def _href(facts: Facts, changes: Mapping[str, Value | None], **more: str) -> str:
    query = "&".join(part for part in (link.query_of(facts), changes_query(changes), urlencode(more)) if part)
    return f"/compare?{query}" if query else "/compare"


def _in_words(fact: Fact, value: Value | None) -> str:
    return "" if value is None else fact.label_of(value)


def _changed(corpus: Corpus, facts: Facts, changes: Changes) -> Iterator[Changed]:
    for name, value in changes.facts.items():
        fact = corpus.facts[name]
        rest = {other: wanted for other, wanted in changes.facts.items() if other != name}
        yield Changed(
            name=name,
            label=fact.label,
            before=_in_words(fact, facts.get(name)),
            after=_in_words(fact, value),
            undo=_href(facts, rest),
            again=_href(facts, changes.facts, **{CHOSEN: name}) + "#change",
        )


def _choices(corpus: Corpus, after: Facts) -> list[tuple[str, list[Choice]]]:
    """Return all facts that can be changed, by the groups of the questions."""
    of: dict[str, list[Choice]] = {}
    for name, fact in corpus.facts.items():
        of.setdefault(fact.group, []).append(_choice(fact, after.get(name)))
    return [(group.title, of[name]) for name, group in corpus.fact_groups.items() if name in of]


def _choice(fact: Fact, value: Value | None) -> Choice:
    return Choice(fact.name, fact.label, _in_words(fact, value))


def _asked(corpus: Corpus, after: Facts) -> list[Choice]:
    """Return the unknown facts that would tell the most."""
    questions = answer_to(after, corpus).advice().questions
    return [_choice(corpus.facts[one.fact], None) for one in questions[:MAX_ASKED]]


def _field(fact: Fact, facts: Facts, changes: Changes) -> Field:
    value = changes.after.get(fact.name)
    chosen = () if value is None else link.texts_of(value)
    problem = changes.told.problems.get(fact.name)
    if problem is not None:
        chosen = changes.told.typed[fact.name]
    return Field(
        fact=fact,
        options=tuple(_options(fact, chosen)),
        text="".join(chosen[-1:])[:40] if fact.type in ("integer", "number") else "",
        unknown=value is None and problem is None,
        problem=problem,
    )


def _options(fact: Fact, chosen: tuple[str, ...]) -> Iterator[Option]:
    if fact.type == "boolean":
        for truth, text in ((True, link.YES), (False, link.NO)):
            yield Option(text, fact.label_of(truth), "", text in chosen)
    for value in fact.values:
        yield Option(value.value, value.label, value.help or "", value.value in chosen)
    if fact.type == "set":
        yield Option(link.NONE, "", "", chosen == (link.NONE,))


def _sections(comparison: Comparison, before: Facts, after: Facts) -> Iterator[tuple[str, tuple[DifferentLine, ...]]]:
    for name, kinds in _SECTIONS:
        of: dict[tuple[LineKind, str], list[Difference]] = {}
        for one in comparison.differences:
            if one.line in kinds:
                of.setdefault((one.line, one.id), []).append(one)
        yield name, tuple(_line(found, before, after) for found in of.values())


def _line(found: list[Difference], before: Facts, after: Facts) -> DifferentLine:
    first = found[0]
    facts = before if first.after is None else after
    return DifferentLine(
        kind=first.line,
        id=first.id,
        title=first.title,
        before=first.before,
        after=first.after,
        reasons=tuple(Reason(one.change, one.cause, one.effect, one.paragraphs) for one in found),
        href=line_href(first.line, first.id, facts),
    )


def line_href(kind: LineKind, name: str, facts: Facts) -> str:
    """Return the page on a line of the advice, or on a finding."""
    if kind == "finding":
        return link.link_to(f"/findings/{name}", facts)
    # A lesson that is set aside is among the recommendations that are.
    return link.link_to(f"/lines/{'recommendation' if kind == 'set_aside' else kind}/{name}", facts)


def _counts(lines: Iterable[DifferentLine]) -> list[tuple[ChangeKind, int]]:
    """Return how many lines differ in each way."""
    counts: dict[ChangeKind, int] = {}
    for line in lines:
        for reason in line.reasons:
            counts[reason.change] = counts.get(reason.change, 0) + 1
    return list(counts.items())
