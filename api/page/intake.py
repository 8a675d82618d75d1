"""The questions as they stand on the page: what is asked next, what was told, and what would make no difference now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from advisor.advice import Answer
from advisor.answer import Paragraph
from advisor.citations import paragraphs
from advisor.conditions import Facts
from advisor.corpus import Corpus, PerCorpus
from advisor.model import Fact, FactKind
from advisor.questions import open_facts
from api.page.kept import state_of
from api.page.link import NO, NONE, YES, Stranger, Told, texts_of
from api.page.starts import Start, starts

Standing = Literal["told", "open", "idle"]


@dataclass(frozen=True, slots=True)
class Option:
    """A value among which an answer is chosen."""

    value: str
    label: str
    help: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on the page.

    Attributes:
        name: the fact.
        label: what the fact is called.
        question: the question.
        help: how to answer it.
        type: what can be answered.
        options: the values to choose from; for a set the last says that there is none.
        text: what was typed, of a number.
        unit: what a number counts.
        minimum: the smallest number that makes sense.
        maximum: the greatest.
        places: the paragraphs that make the question matter.
        standing: ``told``; ``open`` where it is worth asking now; ``idle`` where it tells less.
        problem: what is wrong with what was told.
        waiting: how many rules wait for it.
        decides: how many of them raise a red flag or set advice aside.
    """

    name: str
    label: str
    question: str
    help: str
    type: FactKind
    options: tuple[Option, ...]
    text: str
    unit: str | None
    minimum: int | None
    maximum: int | None
    places: tuple[Paragraph, ...]
    standing: Standing
    problem: str | None
    waiting: int = 0
    decides: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """A group of questions.

    Attributes:
        id: its id.
        title: its title.
        text: what it is about.
        questions: those that were answered, and those worth asking now; not the one that stands first.
        idle: the rest.
        told: how many of the group were answered.
        all: how many there are, with the one that stands first.
        opened: whether it is unfolded.
        idle_opened: whether the rest is.
        state: what it shows, whether or not it is unfolded.
        kept: whether the browser has it already.
    """

    id: str
    title: str
    text: str
    questions: tuple[Asked, ...]
    idle: tuple[Asked, ...]
    told: int
    all: int
    opened: bool
    idle_opened: bool
    state: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """The form.

    Attributes:
        next: the question that stands first; None where none is left that could change the advice.
        groups: all others.
        told: how many facts are known.
        open: how many unknown ones could change the advice.
        problems: the questions whose answers can't be read.
        strangers: facts of the link that the corpus doesn't have.
        skipped: facts that the officer can't tell.
        starts: situations with which one can start.
    """

    next: Asked | None
    groups: tuple[Group, ...]
    told: int
    open: int
    problems: tuple[Asked, ...]
    strangers: tuple[Stranger, ...]
    skipped: tuple[str, ...]
    starts: tuple[Start, ...]


def intake(answer: Answer, told: Told, have: Collection[str] = ()) -> Intake:
    """Return the form for an answer and what was told for it.

    Args:
        answer: the answer.
        told: what was told for it.
        have: states of groups that the browser has.
    """
    corpus = answer.case.corpus
    found = open_facts(answer.case, answer.lines.headlines)
    to_ask = {fact.name: fact for fact in found[: found.to_ask] if fact.name not in told.typed}
    untouched = _untouched(corpus)
    asked = {name: (untouched.open if name in to_ask else untouched.idle)[name] for name in corpus.facts}
    asked |= {name: _asked(corpus, corpus.facts[name], told) for name in told.typed}
    first = told.current or next((name for name in to_ask if name not in told.skipped), None)
    ahead = asked[first] if first else None
    if ahead and ahead.name in to_ask:
        open_ = to_ask[ahead.name]
        ahead = replace(ahead, waiting=open_.waiting, decides=open_.decides)
    return Intake(
        next=ahead,
        groups=tuple(_groups(corpus, asked.values(), first, told, have)),
        told=len(told.facts),
        open=len(answer.open),
        problems=tuple(asked[name] for name in told.problems),
        strangers=told.strangers,
        skipped=told.skipped,
        starts=starts(corpus, "/"),
    )


def _groups(
    corpus: Corpus, asked: Iterable[Asked], first: str | None, told: Told, have: Collection[str]
) -> Iterator[Group]:
    of: dict[str, list[Asked]] = {}
    for one in asked:
        of.setdefault(corpus.facts[one.name].group, []).append(one)
    for name, group in corpus.fact_groups.items():
        if name in of:
            known = sum(one.name in told.facts for one in of[name])
            here = [one for one in of[name] if one.name != first]
            shown = tuple(one for one in here if one.standing != "idle")
            answers = ((one.name, one.standing, told.typed.get(one.name), one.problem) for one in here)
            state = state_of(corpus.digest, name, known, *answers)
            yield Group(
                id=name,
                title=group.title,
                text=group.text,
                questions=shown,
                idle=tuple(one for one in here if one.standing == "idle"),
                told=known,
                all=len(of[name]),
                opened=f"group-{name}" in told.opened or any(one.problem for one in shown),
                idle_opened=f"idle-{name}" in told.opened,
                state=state,
                kept=state in have,
            )


class _Untouched:
    """The questions that nobody answered.

    Attributes:
        open: by their names, as they stand where they are worth asking now.
        idle: the same, as they stand where they tell less.
    """

    def __init__(self, corpus: Corpus) -> None:
        self.open = {name: _question(corpus, fact, "open") for name, fact in corpus.facts.items()}
        self.idle = {name: replace(one, standing="idle") for name, one in self.open.items()}


_untouched: PerCorpus[_Untouched] = PerCorpus(_Untouched)


def _asked(corpus: Corpus, fact: Fact, told: Told) -> Asked:
    typed = texts_of(told.facts[fact.name]) if fact.name in told.facts else told.typed[fact.name]
    return _question(corpus, fact, "told", typed, told.problems.get(fact.name))


def _question(
    corpus: Corpus, fact: Fact, standing: Standing, typed: tuple[str, ...] = (), problem: str | None = None
) -> Asked:
    return Asked(
        name=fact.name,
        label=fact.label,
        question=fact.question,
        help=fact.help,
        type=fact.type,
        options=tuple(_options(fact, typed)),
        text="" if fact.type not in ("integer", "number") else "".join(typed[-1:]),
        unit=fact.unit,
        minimum=fact.minimum,
        maximum=fact.maximum,
        places=paragraphs(corpus, fact.places),
        standing=standing,
        problem=problem,
    )


def _options(fact: Fact, typed: tuple[str, ...]) -> Iterator[Option]:
    if fact.type == "boolean":
        for truth, text in ((True, YES), (False, NO)):
            yield Option(text, fact.label_of(truth), "", text in typed)
    for value in fact.values:
        yield Option(value.value, value.label, value.help or "", value.value in typed)
    if fact.type == "set":
        yield Option(NONE, "", "", typed == (NONE,))


def facts_in_words(corpus: Corpus, facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return known facts as an officer reads them: what each is called, and its value."""
    return tuple((corpus.facts[name].label, corpus.facts[name].label_of(value)) for name, value in facts.items())
