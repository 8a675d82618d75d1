"""Lines of advice: what the lessons that fired recommend, warn of, flag and argue, and what is set aside."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from operator import attrgetter

from advisor.answer import Item
from advisor.case import Case
from advisor.conditions import Value
from advisor.frames import RATIONALE, TRUTHS, Filling, Partly, frames
from advisor.grounds import Ground, Piece, joined, names_written, put_in
from advisor.ranking import CALM, MAX_HEADLINES, OUTSIDE, placed
from advisor.reasons import Reason, reasons

_ALWAYS_HEADLINES = frozenset(("red_flag", "contradiction"))


class ToldLine:
    """A line of one answer: a frame with its gaps filled.

    Attributes:
        frame: the line with gaps.
        filling: what the tests behind it make of it.
        pressing: whether further facts make it more urgent, or the measure for which it stands is on the table.
        headline: whether it is one.
        rank: the lower comes first; see ``advisor.ranking``.
    """

    __slots__ = ("_case", "_provisional", "filling", "frame", "headline", "pressing", "rank")

    def __init__(self, case: Case, filling: Filling, pressing: bool, outside: bool) -> None:
        self._case = case
        self.frame = frame = filling.frame
        self._provisional: tuple[str, ...] | None = None if frame.threats else ()
        self.filling = filling
        self.headline = frame.kind in _ALWAYS_HEADLINES
        self.pressing = pressing
        rank = filling.rank if pressing else filling.rank + CALM
        self.rank = rank + OUTSIDE if outside else rank

    @property
    def id(self) -> str:
        """The id of its element, lesson or rule."""
        return self.frame.id

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.frame.kind

    @property
    def element(self) -> str | None:
        """The element, where it recommends one."""
        return self.frame.element

    @property
    def group(self) -> str:
        """The heading under which it stands."""
        return self.frame.group

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
        found = self._provisional
        if found is None:
            found = self._provisional = self._case.deciding(*self.frame.threats)
        return found

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

    def write(self, into: list[bytes]) -> None:
        """Write the line as JSON text."""
        variant = 2 * self.headline + self.pressing
        text = None if self.provisional else self.filling.texts[variant]
        if text is not None:
            into.append(text)
            return
        if self.provisional or not self.filling.keeps:
            into += self._parts(self.filling.kept_reasons)
        else:
            text = self.filling.texts[variant] = b"".join(self._parts(self.filling.reasons()))
            into.append(text)

    def _parts(self, told: Iterable[Piece]) -> list[bytes]:
        frame, case = self.frame, self._case
        start, between, rest = frame.parts
        parts = [start, TRUTHS[self.headline], between, TRUTHS[self.pressing], rest]
        parts += names_written(self.provisional), RATIONALE
        parts += put_in(told, case.numbers)
        if frame.aside:
            parts.append(b'],"defeated_by":[')
            against = joined((reason.written(ground) for reason, ground in self._against()), b",")
            parts += put_in(against, case.numbers)
        parts.append(b"]}")
        return parts

    def _against(self) -> Iterable[tuple[Reason, Ground]]:
        case = self._case
        known = reasons(case.corpus)
        for rule, consequence in self.frame.against:
            ground = case.ground(rule)
            yield known.defeat(case.corpus, rule, consequence, ground), ground


class Lines:
    """The lines of one answer.

    Attributes:
        ranked: what is recommended or warned of, by rank.
        set_aside: what is set aside, by rank.
        red_flags: the red flags, one a rule; contradictions in the facts come last.
        arguments: the risks of doing nothing and the grounds for sharing, by rank.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        corpus, made, run = case.corpus, frames(case.corpus), case.run
        proposed = _members(case.facts.get("measures_proposed"))
        scope = _members(case.facts.get("phases_in_scope"))

        def told(filling: Filling) -> ToldLine:
            frame = filling.frame
            urgent = filling.pressing or not proposed.isdisjoint(frame.measures)
            outside = bool(scope and frame.phases) and scope.isdisjoint(frame.phases)
            return ToldLine(case, filling, urgent, outside)

        standing: list[ToldLine] = []
        flags: list[ToldLine] = []
        arguments: list[ToldLine] = []
        aside: list[ToldLine] = []
        partly: dict[str, list[Partly]] = {}
        into = {"recommendation": standing, "caution": standing, "red_flag": flags, "argument": arguments}
        grounds = case.grounds
        for entry in made.entries(corpus, case.nodes, grounds):
            if entry.standing is not None:
                into[entry.kind].append(told(entry.standing))
            if entry.aside is not None:
                aside.append(told(entry.aside))
            for part in entry.partly:
                partly.setdefault(part.says, []).append(part)
        aside += (told(made.partly(corpus, parts).filled(grounds)) for parts in partly.values())
        reporting = [corpus.rules[name] for name in made.reporting & run.fired]
        found = (one for rule in reporting for one in made.contradictions(corpus, rule, case.ground(rule)))
        reports = [told(frame.filled(grounds)) for frame in found]
        for lines in (standing, flags, reports, arguments, aside):
            lines.sort(key=_BY_RANK)
        self.ranked = standing
        self.red_flags = (*flags, *reports)
        self.arguments = tuple(arguments)
        self.set_aside = tuple(aside)

    @cached_property
    def recommendations(self) -> tuple[ToldLine, ...]:
        """What is recommended or warned of: headlines first, by rank, then the rest by heading."""
        headlines: list[ToldLine] = []
        for line, passed_over in placed(self.ranked, self.flagged):
            if passed_over is None:
                line.headline = True
                headlines.append(line)
                if len(headlines) == MAX_HEADLINES:
                    break
        # They are in the order of their ranks already.
        rest = sorted([line for line in self.ranked if not line.headline], key=_BY_HEADING)
        return (*headlines, *rest)

    @property
    def headlines(self) -> tuple[ToldLine, ...]:
        """The lines to read first."""
        return tuple(line for line in self.recommendations if line.headline)

    @property
    def flagged(self) -> frozenset[str]:
        """The lessons that red flags apply; no caution says them again among the headlines."""
        return frozenset(reason.says for flag in self.red_flags for reason in flag.frame.reasons if reason.says)


def _members(value: Value | None) -> frozenset[str]:
    """Return the members of a set; none where it isn't known."""
    return frozenset(value) if isinstance(value, tuple) else frozenset()


_BY_RANK = attrgetter("rank")
_BY_HEADING = attrgetter("frame.place")
