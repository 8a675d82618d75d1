"""What the tests of rules reach: which ends of a rule, which truths of its tests, which branches.

A rule is told a situation by each of its own tests; scenarios, which state what comes of a whole situation, count as
well. In these situations a rule should be seen to fire, to be silent and to be open, and if it can be pressing, to fire
with and without it. Each test of its conditions should be seen true, false and unknown, and each branch of an ``any``
to hold alone: a branch that never does could be dropped without a trace. What no situation can bring about (a finding
that follows from another test, say) is told apart from what merely was not tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from advisor import situation
from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs, Truth, evaluate, leaves
from advisor.corpus import Corpus
from advisor.goals import FALSE, TRUE, UNKNOWN, Comes, Goal, HoldsAlone, Truths
from advisor.positions import PARTS, Part, Positions, Span
from advisor.rule import Rule
from advisor.witness import Witnesses

What: TypeAlias = Literal[
    "fires", "silent", "open", "pressing", "not pressing", "true", "false", "unknown", "decides alone"
]
Situation: TypeAlias = "tuple[Facts, Mapping[str, Truth]]"
"""Facts in canonical form, and the truths of the findings in them."""

_TRUTHS: tuple[tuple[What, Truths], ...] = (("true", TRUE), ("false", FALSE), ("unknown", UNKNOWN))
_ENDS: tuple[tuple[What, Truths], ...] = (("fires", TRUE), ("silent", FALSE), ("open", UNKNOWN))


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class Unreached(_Row):
    """Something that no test of a rule reaches.

    Attributes:
        line: where it stands in the rule's file, from 1.
        column: where it stands in the rule's file, from 1.
        part: the condition in which it stands.
        test: the test or branch, in words; None for the rule as a whole.
        what: what is never seen of it.
        possible: whether any situation can bring it about; None where that was not decided.
        given: a smallest situation that would.
    """

    line: int
    column: int
    part: Part
    test: str | None
    what: What
    possible: bool | None
    given: dict[str, Any] | None


class RuleReach(_Row):
    """What the tests of one rule reach.

    Attributes:
        rule: id of the rule.
        file: its file, as messages show it.
        points: how many things there are to reach, without those that no situation can.
        reached: how many of them are reached.
        unreached: all that is not reached, and whether it can be.
    """

    rule: str
    file: str
    points: int
    reached: int
    unreached: tuple[Unreached, ...]


class Reach(_Row):
    """What the tests of all rules reach.

    Attributes:
        corpus: ids and versions of the packs.
        digest: of their content.
        points: how many things there are to reach, without those that no situation can.
        reached: how many of them are reached.
        impossible: how many more no situation can reach.
        percent: the reached in percent of the points; 100 where there are none.
        rules: each rule.
    """

    corpus: str
    digest: str
    points: int
    reached: int
    impossible: int
    percent: float
    rules: tuple[RuleReach, ...]


@dataclass(frozen=True, slots=True)
class _Point:
    """Something to reach: where it stands, what it is, and when a situation reaches it."""

    part: Part
    span: Span
    test: str | None
    what: What
    goal: Goal

    def reached_in(self, facts: Facts, truths: Mapping[str, Truth]) -> bool:
        """Return whether a situation reaches it."""
        found = [_AS_BITS[evaluate(condition, facts, truths)] for condition in self.goal.conditions]
        return self.goal.reached(found)


_AS_BITS: Mapping[Truth, Truths] = {True: TRUE, False: FALSE, None: UNKNOWN}


def measure(corpus: Corpus, rules: Iterable[Rule] | None = None, extra: Iterable[Facts] = ()) -> Reach:
    """Return what tests reach.

    Args:
        corpus: the corpus.
        rules: the rules to look at; all unless told.
        extra: further situations in canonical form that are told to every rule, such as those of scenarios.
    """
    deriving = {name: [rule.when for rule in rules] for name, rules in corpus.deriving.items()}
    witnesses = Witnesses(corpus.facts, deriving)
    shared = [(facts, corpus.truths(facts)) for facts in extra]
    chosen = corpus.rules.values() if rules is None else rules
    found = tuple(_of_rule(corpus, rule, shared, witnesses) for rule in chosen)
    points, reached = sum(rule.points for rule in found), sum(rule.reached for rule in found)
    return Reach(
        corpus=corpus.version,
        digest=corpus.digest,
        points=points,
        reached=reached,
        impossible=sum(point.possible is False for rule in found for point in rule.unreached),
        percent=100 * reached / points if points else 100.0,
        rules=found,
    )


def _of_rule(corpus: Corpus, rule: Rule, shared: Sequence[Situation], witnesses: Witnesses) -> RuleReach:
    told = [situation.parse(test.given, corpus.facts) for test in rule.tests]
    situations = [*((facts, corpus.truths(facts)) for facts in told), *shared]
    positions = Positions(rule)
    points = list(_points(rule))
    unreached = []
    for point in points:
        if any(point.reached_in(*each) for each in situations):
            continue
        verdict = witnesses.find(point.goal)
        line, column = positions.where(point.part, point.span)
        unreached.append(
            Unreached(
                line=line,
                column=column,
                part=point.part,
                test=point.test,
                what=point.what,
                possible=False if verdict.impossible else None if verdict.facts is None else True,
                given=None if verdict.facts is None else situation.written(verdict.facts),
            )
        )
    return RuleReach(
        rule=rule.id,
        file=corpus.written.get(f"rules:{rule.id}", rule.file).split(":", 1)[0],
        points=len(points) - sum(point.possible is False for point in unreached),
        reached=len(points) - len(unreached),
        unreached=tuple(unreached),
    )


def _points(rule: Rule) -> Iterator[_Point]:
    whole = (0, sum(1 for _ in leaves(rule.when)) - 1)
    for what, truth in _ENDS:
        yield _Point("when", whole, None, what, Comes(rule.when, truth))
    for part in PARTS:
        condition = rule.when if part == "when" else rule.pressing_when
        if condition is None:
            continue
        if part == "pressing_when":
            span = (0, sum(1 for _ in leaves(condition)) - 1)
            yield _Point(part, span, None, "pressing", Comes(All((rule.when, condition)), TRUE))
            yield _Point(part, span, None, "not pressing", HoldsAlone(rule.when, (condition,)))
        yield from _inside(condition, part, 0)


def _inside(condition: Condition, part: Part, first: int) -> Iterator[_Point]:
    match condition:
        case FactTest() | FindingIs():
            for what, truth in _TRUTHS:
                yield _Point(part, (first, first), str(condition), what, Comes(condition, truth))
        case All(parts=parts) | AnyOf(parts=parts):
            for index, each in enumerate(parts):
                size = sum(1 for _ in leaves(each))
                if isinstance(condition, AnyOf):
                    others = (*parts[:index], *parts[index + 1 :])
                    span = (first, first + size - 1)
                    yield _Point(part, span, str(each), "decides alone", HoldsAlone(each, others))
                yield from _inside(each, part, first)
                first += size


def as_text(reach: Reach) -> str:
    """Return what is not reached, rule by rule and each with what would, and the sums."""
    lines: list[str] = []
    for rule in reach.rules:
        for point in rule.unreached:
            lines.append(f"{rule.file}:{point.line}:{point.column}: {_told(point)}")
            if point.possible is None:
                lines.append("  whether any situation can was not decided")
            elif point.given is not None:
                lines.append(f"  given {situation.in_a_line(point.given)} it would")
    tested = sum(not rule.unreached for rule in reach.rules)
    lines += [""] if lines else []
    lines += [
        f"{tested:,} of {len(reach.rules):,} rules reached throughout; "
        f"{reach.points - reach.reached:,} of {reach.points:,} points not reached, "
        f"{reach.impossible:,} more that no situation can reach",
        f"reached: {reach.percent:.1f} %",
    ]
    return "\n".join(lines)


def _told(point: Unreached) -> str:
    never = "can never" if point.possible is False else "is never seen to"
    subject = point.test or "the rule"
    match point.what:
        case "fires":
            return f"{subject} {never} fire"
        case "decides alone":
            return f"{subject}: {never} hold where no other branch does"
        case _ if point.test is None:
            return f"{subject} {never} be {point.what}" + (" where it fires" if "pressing" in point.what else "")
        case _:
            return f"{subject}: {never} be {point.what}"
