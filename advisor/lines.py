"""Lines of advice: what the lessons that fired recommend, warn of, flag and argue, and what is set aside."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from advisor.answer import Item
from advisor.case import Case
from advisor.frames import RATIONALE, Filling, Frame, Partly, frames
from advisor.grounds import Ground, Piece, joined, names_written
from advisor.ranking import OUTSIDE, by_heading, placed, urgency
from advisor.reasons import Reason, reasons

_END = (b"]}",)


class ToldLine:
    """A line of one answer: a frame with its gaps filled.

    Attributes:
        frame: the line with gaps.
        filling: what the tests behind it make of it.
        pressing: whether further facts make it more urgent, or the measure for which it stands is on the table.
        headline: whether it is one.
        rank: the lower comes first; see ``advisor.ranking``.
    """

    __slots__ = ("_case", "filling", "frame", "headline", "pressing", "rank")

    def __init__(self, case: Case, frame: Frame, filling: Filling, *, pressing: bool, outside: bool) -> None:
        self._case = case
        self.frame = frame
        self.filling = filling
        self.pressing = pressing
        self.headline = frame.item.headline
        self.rank = frame.rank + filling.rank + urgency(pressing=pressing) + (OUTSIDE if outside else 0)

    @property
    def id(self) -> str:
        """The id of its element, lesson or rule."""
        return self.frame.item.id

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.frame.item.kind

    @property
    def element(self) -> str | None:
        """The element, where it recommends one."""
        return self.frame.item.element

    @property
    def group(self) -> str:
        """The heading under which it stands."""
        return self.frame.item.group

    @property
    def weight(self) -> int:
        """The greatest weight of its lessons."""
        return self.frame.weight

    @property
    def framing(self) -> bool:
        """Whether its element only frames the outline."""
        return self.frame.framing

    @property
    def leads(self) -> tuple[str, ...]:
        """The lessons that could lead it: of those particular to the case the weightiest, strongest first."""
        return self.filling.leads

    @property
    def provisional(self) -> tuple[str, ...]:
        """The unknown facts that could still set it aside, in the vocabulary's order."""
        threats = self.frame.threats
        return self._case.deciding(*threats) if threats else ()

    def item(self) -> Item:
        """Return the line as an answer has it."""
        frame, case = self.frame, self._case
        gaps: dict[str, object] = {
            "headline": self.headline,
            "pressing": self.pressing,
            "provisional": self.provisional,
            "rationale": tuple(reason.on(case.ground(reason.rule), case.facts) for reason in frame.reasons),
        }
        if frame.aside:
            gaps["defeated_by"] = tuple(reason.on(ground, case.facts) for reason, ground in self._against())
        return frame.item.model_copy(update=gaps)

    def written(self) -> tuple[Piece, ...]:
        """Return the line as JSON text."""
        told, frame = names_written(self.provisional), self.frame
        before = frame.before[self.headline][self.pressing]
        if not frame.aside:
            return (before, told, RATIONALE, *self.filling.pieces, *_END)
        against = joined((reason.written(ground) for reason, ground in self._against()), b",")
        return (before, told, RATIONALE, *self.filling.pieces, b'],"defeated_by":[', *against, *_END)

    def sources(self) -> Iterable[str]:
        """Yield the sources that it cites, or beside which others are set."""
        yield from self.frame.sources

    def _against(self) -> Iterable[tuple[Reason, Ground]]:
        case = self._case
        known = reasons(case.corpus)
        for rule, consequence in self.frame.against:
            ground = case.ground(rule)
            yield known.defeat(case.corpus, rule, consequence, ground), ground


class Lines:
    """The lines of one answer.

    Attributes:
        recommendations: what is recommended or warned of: headlines first, by rank, then the rest by heading.
        set_aside: what is set aside, by rank.
        red_flags: the red flags, one a rule; contradictions in the facts come last.
        arguments: the risks of doing nothing and the grounds for sharing, by rank.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self._scope = frozenset(scope) if isinstance(scope := case.facts.get("phases_in_scope"), tuple) else frozenset()
        proposed = case.facts.get("measures_proposed")
        self._proposed = frozenset(proposed) if isinstance(proposed, tuple) else frozenset()
        corpus, made = case.corpus, frames(case.corpus)
        self.standing: list[ToldLine] = []
        """What is recommended or warned of, in no order."""
        flags: list[ToldLine] = []
        arguments: list[ToldLine] = []
        aside: list[ToldLine] = []
        partly: dict[str, list[Partly]] = {}
        for kind, state in made.states(corpus, case.run.fired):
            into = flags if kind == "red_flag" else arguments if kind == "argument" else self.standing
            if state.standing is not None:
                into.append(self._told(state.standing))
            if state.aside is not None:
                aside.append(self._told(state.aside))
            for part in state.partly:
                partly.setdefault(part.says, []).append(part)
        aside += (self._told(made.partly(corpus, parts)) for parts in partly.values())
        reporting = (rule for rule in case.fired if rule.id in made.reporting)
        reports = [
            self._told(frame) for rule in reporting for frame in made.contradictions(corpus, rule, case.ground(rule))
        ]
        self.red_flags = (*sorted(flags, key=_by_rank), *sorted(reports, key=_by_rank))
        self.arguments = tuple(sorted(arguments, key=_by_rank))
        self.set_aside = tuple(sorted(aside, key=_by_rank))

    @cached_property
    def recommendations(self) -> tuple[ToldLine, ...]:
        """What is recommended or warned of: headlines first, by rank, then the rest by heading."""
        headlines: list[ToldLine] = []
        rest: list[ToldLine] = []
        for line, passed_over in placed(self.standing, self.flagged):
            line.headline = passed_over is None
            (rest if passed_over else headlines).append(line)
        rest.sort(key=lambda line: by_heading(line.rank))
        return (*headlines, *rest)

    @property
    def headlines(self) -> tuple[ToldLine, ...]:
        """The lines to read first."""
        return tuple(line for line in self.recommendations if line.headline)

    @property
    def flagged(self) -> frozenset[str]:
        """The lessons that red flags apply; no caution says them again among the headlines."""
        return frozenset(reason.says for flag in self.red_flags for reason in flag.frame.reasons if reason.says)

    def _told(self, frame: Frame) -> ToldLine:
        pressing = not self.case.run.pressing.isdisjoint(frame.rules) or not self._proposed.isdisjoint(frame.measures)
        phases = frame.item.phases
        outside = bool(self._scope and phases) and self._scope.isdisjoint(phases)
        return ToldLine(self.case, frame, frame.filled(self.case.grounds), pressing=pressing, outside=outside)


def _by_rank(line: ToldLine) -> int:
    return line.rank
