"""What a change of packs does: to their content, and to the advice on situations of many kinds.

Advice is compared on every example, scenario and situation of a rule's test of both corpora, and on situations that
are drawn (``advisor.probes``). Where the rules that the change touches make no difference, the advice isn't assembled
(``advisor.touched`` says why that is sound). Each difference is put down to the changed entries through which it comes
about (``advisor.attribution``).

A fact, or a value, that the old corpus doesn't have is unknown there: a situation that tells it is compared with what
the old corpus reads of it. A situation that the new corpus can't read any more is refused: that is said, not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from advisor.answer import CorpusNote, Paragraph, Part
from advisor.both_sides import LineChange, Outcome, ToldSituation, Trial, outcomes_of, told_situation
from advisor.citations import corpus_note
from advisor.content_changes import ContentChange, content_changes
from advisor.corpus import Corpus
from advisor.parallel import spread
from advisor.probes import ORIGINS, Origin, Probe, probes
from advisor.told_lines import CHANGE_ORDER, TOLD_ORDER, ToldChange, ToldKind
from advisor.touched import Change

FORMAT = "1"
"""Version of the shape of a diff."""
DRAWN = 300
"""How many situations are drawn where nobody says otherwise."""
_SHARE = 25
"""How many situations a process is given at a time."""
MAX_SHRUNK = 25
"""An example is made smaller by trying to do without each of at most so many facts."""


class Side(Part):
    """One of the two corpora."""

    name: str = Field(description="What it was called: a folder, the id of a pack, or a git revision.")
    corpus: CorpusNote


class SituationChange(Part):
    """A situation on which the advice differs."""

    situation: ToldSituation
    changes: tuple[LineChange, ...]


class Refused(Part):
    """A situation that the new corpus can't read any more."""

    situation: ToldSituation
    problems: tuple[str, ...]


class Effect(Part):
    """What a changed entry does to one line, over all situations."""

    line: ToldKind
    id: str
    title: str
    change: ToldChange
    situations: int = Field(description="On how many situations.")
    through: tuple[str, ...] = Field(description="Rules that did not change, by way of which it works.")
    displaced: bool = Field(description="Whether the line is the same, and others made room or took its place.")
    paragraphs: tuple[Paragraph, ...]


class Firing(Part):
    """In how many situations a rule's condition holds: before, after, and what changed."""

    before: int
    after: int
    newly: int
    no_longer: int


class Cause(Part):
    """A changed entry, and what it does to the advice."""

    ref: str = Field(description="kind:id; 'order' for the order in which entries are written.")
    title: str
    change: Literal["added", "changed", "removed"]
    pack: str | None
    situations: int = Field(description="On how many situations advice differs through it.")
    fires: Firing | None = Field(None, description="Of a rule.")
    effects: tuple[Effect, ...]
    example: SituationChange = Field(description="A smallest situation that shows it, with what changes there.")


class Tried(Part):
    """How many situations were tried, by where they come from."""

    example: int
    scenario: int
    rule_test: int
    drawn: int
    told_less: int = Field(description="Of these, such as tell facts or values that the old corpus doesn't have.")

    @property
    def total(self) -> int:
        """All of them."""
        return self.example + self.scenario + self.rule_test + self.drawn


class Diff(Part):
    """What changes from one corpus to another."""

    format: str = FORMAT
    old: Side
    new: Side
    content: tuple[ContentChange, ...]
    seed: int
    tried: Tried
    causes: tuple[Cause, ...] = Field(description="Those with most situations first.")
    silent: tuple[str, ...] = Field(
        description="Changed rules and lessons, as kind:id, through which no advice differs on these situations."
    )
    situations: tuple[SituationChange, ...] = Field(description="Every situation on which the advice differs.")
    refused: tuple[Refused, ...]

    @property
    def advice_changed(self) -> bool:
        """Whether the advice on any situation differs, or is refused."""
        return bool(self.situations or self.refused)


def diff(
    old: Corpus,
    new: Corpus,
    names: tuple[str, str] = ("old", "new"),
    *,
    drawn: int = DRAWN,
    seed: int = 0,
    thorough: bool = False,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Diff:
    """Return what changes from one corpus to another.

    Args:
        old: the corpus before.
        new: the corpus after.
        names: what the two are called.
        drawn: how many situations are drawn, beside those that are written down.
        seed: for the draw; the same seed gives the same situations.
        thorough: assemble the advice on every situation, also where the change can make no difference.
        jobs: how many processes to use; the diff is the same with any number.
        progress: called with the number of situations done and of all.
    """
    change = Change(old, new)
    trial = Trial(change, thorough=thorough)
    order = sorted(change.rules, key=lambda name: (f"rules:{name}" not in change.entries, name))
    tried = probes(old, new, order, drawn, seed)
    shares = [tried[start : start + _SHARE] for start in range(0, len(tried), _SHARE)]
    outcomes: list[Outcome] = []
    for done in spread(outcomes_of, shares, trial, jobs):
        outcomes += done
        progress(len(outcomes), len(tried))
    content = content_changes(old, new)
    causes = tuple(_Causes(trial, content, outcomes).all())
    speaking = {cause.ref for cause in causes}
    return Diff(
        old=Side(name=names[0], corpus=corpus_note(old)),
        new=Side(name=names[1], corpus=corpus_note(new)),
        content=content,
        seed=seed,
        tried=_tried(outcomes),
        causes=causes,
        silent=tuple(
            one.ref
            for one in content
            if one.kind in ("rules", "lessons") and one.ref in change.seen and one.ref not in speaking
        ),
        situations=tuple(
            SituationChange(situation=told_situation(one.probe), changes=one.changes) for one in outcomes if one.changes
        ),
        refused=tuple(
            Refused(situation=told_situation(one.probe), problems=one.refused) for one in outcomes if one.refused
        ),
    )


def _tried(outcomes: Iterable[Outcome]) -> Tried:
    counts: dict[Origin, int] = dict.fromkeys(ORIGINS, 0)
    less = 0
    for one in outcomes:
        counts[one.probe.origin] += 1
        less += one.less
    return Tried(**counts, told_less=less)


class _Causes:
    """Puts together, for each changed entry, what it does over all situations."""

    def __init__(self, trial: Trial, content: Iterable[ContentChange], outcomes: Sequence[Outcome]) -> None:
        self._trial = trial
        self._content = {one.ref: one for one in content}
        self._outcomes = outcomes

    def all(self) -> Iterator[Cause]:
        """Yield the causes, those with most situations first."""
        showing: dict[str, list[Outcome]] = {}
        for outcome in self._outcomes:
            for ref in {ref for change in outcome.changes for ref in change.causes}:
                showing.setdefault(ref, []).append(outcome)
        for ref, outcomes in sorted(showing.items(), key=lambda pair: (-len(pair[1]), pair[0])):
            content = self._content.get(ref)
            yield Cause(
                ref=ref,
                title=content.title if content else "The order in which entries are written",
                change=content.change if content else "changed",
                pack=content.pack if content else None,
                situations=len(outcomes),
                fires=self._firing(ref.removeprefix("rules:")) if ref.startswith("rules:") else None,
                effects=tuple(self._effects(ref, outcomes)),
                example=self._example(ref, outcomes),
            )

    def _firing(self, rule: str) -> Firing:
        pairs = [one.fires[rule] for one in self._outcomes if rule in one.fires]
        return Firing(
            before=sum(before for before, _ in pairs),
            after=sum(after for _, after in pairs),
            newly=sum(after and not before for before, after in pairs),
            no_longer=sum(before and not after for before, after in pairs),
        )

    def _effects(self, ref: str, outcomes: Iterable[Outcome]) -> Iterator[Effect]:
        found: dict[tuple[bool, ToldChange, ToldKind, str], list[LineChange]] = {}
        for outcome in outcomes:
            for one in outcome.changes:
                if ref in one.causes:
                    found.setdefault((one.displaced, one.change, one.line, one.id), []).append(one)

        def order(key: tuple[bool, ToldChange, ToldKind, str]) -> tuple[object, ...]:
            displaced, change, line, name = key
            return (displaced, CHANGE_ORDER.index(change), TOLD_ORDER.index(line), -len(found[key]), name)

        for key in sorted(found, key=order):
            displaced, change, line, name = key
            changes = found[key]
            places = dict.fromkeys(place for one in changes for place in one.paragraphs)
            yield Effect(
                line=line,
                id=name,
                title=changes[0].title,
                change=change,
                situations=len(changes),
                through=tuple(sorted({rule for one in changes for rule in one.through})),
                displaced=displaced,
                paragraphs=tuple(sorted(places, key=lambda place: (place.source, len(place.ref), place.ref))),
            )

    def _example(self, ref: str, outcomes: Sequence[Outcome]) -> SituationChange:
        """Return a smallest situation that shows what a cause does, without the facts that aren't needed for it."""
        shown = min(outcomes, key=lambda one: _smallness(ref, one))
        wanted = _through(ref, shown)
        for told in _lesser(shown.probe.told):
            # What was found to be needed already may still stand in a later one; so only what both leave is tried.
            fewer = {name: _common(value, shown.probe.told[name]) for name, value in told.items()
                     if name in shown.probe.told}  # fmt: skip
            outcome = self._trial.outcome(Probe(shown.probe.origin, shown.probe.name, fewer))
            if wanted <= _through(ref, outcome):
                shown = outcome
        changes = tuple(change for change in shown.changes if ref in change.causes)
        return SituationChange(situation=told_situation(shown.probe), changes=changes)


def _smallness(ref: str, outcome: Outcome) -> tuple[object, ...]:
    """Sorts situations that show a cause: those where lines come, go or weigh otherwise first, then by their size."""
    told = outcome.probe.told
    grave = any(
        ref in one.causes and not one.displaced and CHANGE_ORDER.index(one.change) < CHANGE_ORDER.index("made_headline")
        for one in outcome.changes
    )
    size = sum(len(value) if isinstance(value, list | tuple) else 1 for value in told.values())
    return (not grave, len(told), size, ORIGINS.index(outcome.probe.origin), outcome.probe.name, outcome.probe.key)


def _lesser(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a situation without each of its facts in turn, then without each of several members of its sets."""
    for name in list(told)[:MAX_SHRUNK]:
        yield {fact: value for fact, value in told.items() if fact != name}
    for name, value in list(told.items())[:MAX_SHRUNK]:
        if isinstance(value, list | tuple) and len(value) > 1:
            for member in value:
                yield {**told, name: [one for one in value if one != member]}


def _common(value: Any, other: Any) -> Any:
    both = isinstance(value, list | tuple) and isinstance(other, list | tuple)
    return [one for one in value if one in other] if both else other


def _through(ref: str, outcome: Outcome) -> set[tuple[ToldKind, str, ToldChange]]:
    return {(one.line, one.id, one.change) for one in outcome.changes if ref in one.causes}
