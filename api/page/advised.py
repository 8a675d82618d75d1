"""The advice as it stands on the page, with what changed since the last answer marked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from advisor.advice import Answer, answer_to
from advisor.answer import Advice, Item, SetAside
from advisor.line_states import ChangeKind, LineState, changes
from advisor.lines import ToldLine
from api.page.kept import state_of
from api.page.link import Told

Section = Literal["red_flags", "headlines", "outline", "arguments", "set_aside"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of advice on the page.

    Attributes:
        item: the line.
        key: tells it from all other lines.
        changes: how it differs from the answer before; none where there was none.
        opened: whether its reasons are unfolded.
        state: what it shows while they are folded.
        kept: whether the browser has it already, folded.
    """

    item: Item
    key: str
    changes: tuple[ChangeKind, ...]
    opened: bool
    state: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the outline with its lines."""

    id: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """A line that the answer before had."""

    title: str
    change: ChangeKind


@dataclass(frozen=True, slots=True)
class Advised:
    """The advice.

    Attributes:
        advice: the answer.
        red_flags: the red flags.
        headlines: the lines to read first.
        outline: the others, in the order of the outline.
        arguments: grounds for sharing, and risks of doing nothing.
        set_aside: what is set aside.
        gone: what the answer before had and this one hasn't.
        changed: how many lines are new or otherwise; None where there was no answer before.
        differing: those that are there.
    """

    advice: Advice
    red_flags: tuple[Line, ...]
    headlines: tuple[Line, ...]
    outline: tuple[Heading, ...]
    arguments: tuple[Line, ...]
    set_aside: tuple[Line, ...]
    gone: tuple[Gone, ...]
    changed: int | None
    differing: tuple[Line, ...]


def advised(answer: Answer, told: Told, have: Collection[str] = ()) -> Advised:
    """Return the advice of an answer as the page shows it.

    Args:
        answer: the answer.
        told: what was told for it, and before.
        have: states of lines that the browser has.
    """
    corpus = answer.case.corpus
    advice = answer.advice()
    earlier = None if told.before is None else answer_to(told.before, corpus)
    before = None if earlier is None else dict(_states(earlier))
    after = dict(_states(answer))

    def line(item: Item) -> Line:
        key = _key(item.kind, item.id)
        how = () if before is None else tuple(how for how, _ in changes(before.get(key), after.get(key)))
        opened = key in told.opened
        state = state_of(
            corpus.digest, key, item.title, item.text, item.strength, item.hedge, item.pressing, item.provisional, how
        )
        return Line(item, key, how, opened, state, kept=state in have and not opened)

    recommended = list(map(line, advice.recommendations))
    standing = {
        name: tuple(map(line, items))
        for name, items in (
            ("red_flags", advice.red_flags),
            ("arguments", advice.arguments),
            ("set_aside", advice.set_aside),
        )
    }
    gone = () if earlier is None or before is None else tuple(_gone(earlier, before, after))
    shown = [*standing["red_flags"], *recommended, *standing["set_aside"], *standing["arguments"]]
    differing = tuple(one for one in shown if one.changes)
    rest = [one for one in recommended if not one.item.headline]
    groups = {**{name: group.title for name, group in corpus.element_groups.items()}}
    return Advised(
        advice=advice,
        red_flags=standing["red_flags"],
        headlines=tuple(one for one in recommended if one.item.headline),
        outline=tuple(_outline(rest, groups)),
        arguments=standing["arguments"],
        set_aside=standing["set_aside"],
        gone=gone,
        changed=None if before is None else len(differing) + len(gone),
        differing=differing,
    )


def _outline(lines: Iterable[Line], titles: dict[str, str]) -> Iterator[Heading]:
    of: dict[str, list[Line]] = {}
    for one in lines:
        of.setdefault(one.item.group, []).append(one)
    for group in (*titles, *(name for name in of if name not in titles)):
        if group in of:
            yield Heading(group, titles.get(group, group), tuple(of[group]))


def _key(kind: str, name: str) -> str:
    return f"{kind}-{name}"


def _told(answer: Answer) -> Iterator[tuple[str, ToldLine]]:
    lines = answer.lines
    for told in (*lines.red_flags, *lines.recommendations, *lines.arguments, *lines.set_aside):
        yield _key(told.kind, told.id), told


def _states(answer: Answer) -> Iterator[tuple[str, LineState]]:
    for key, told in _told(answer):
        item = told.frame.item
        aside = isinstance(item, SetAside)
        yield (
            key,
            LineState(
                standing="set_aside" if aside else "stands",
                strength=item.strength,
                hedge=item.hedge,
                pressing=told.pressing,
                provisional=() if aside else told.provisional,
            ),
        )


def _gone(answer: Answer, before: dict[str, LineState], after: dict[str, LineState]) -> Iterator[Gone]:
    for key, told in _told(answer):
        if key not in after:
            for how, _ in changes(before[key], None):
                yield Gone(told.frame.item.title, how)
