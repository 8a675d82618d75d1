"""What to ask next, and why an answer says little: the unknown facts for which rules wait.

Which facts are open. A fact is open if an undecided test of it stands, directly or through findings, in the condition
of an open rule that would say something, or in what would make a line pressing. Rules that only derive findings count
only where such a rule waits for the finding; rules that only set aside count only where their target is or may yet be
advised. At the very end come facts that change no line but its reasons or its place: another branch of a condition
that holds already, the phases and measures by which lines are ranked, the facts by which precedents are compared.
Where no fact is open, knowing more could not change the answer, and it is complete.

How they are ranked. Each rule that is open pulls at the facts for which it waits:

- with the weight of its weightiest lesson (1 to 3) times the strength (consider 2, should and avoid 3, must 4);
- twice that if it raises a red flag or sets advice aside, and twice if it bears on a life-saving element;
- a quarter of that if it would only give one more reason for a line that stands already, would only make a line more
  pressing, or would only report that facts contradict one another;
- shared: where k undecided conditions must hold together, each decides the less and gets a k-squared-th part; where one
  of several will do, each gets all of it. Through the findings a rule pulls at the facts behind them.

A fact's pull is the sum of these; half as much again if the fact alone could raise a red flag or set something aside on
a measure that is proposed or among the headlines (is the transfer voluntary, fair, safe?), and twice as much if the
vocabulary asks for it in this kind of situation in particular. The greatest pull comes first, but facts of which it
isn't known yet whether they are worth asking here come after all that are; and those worth asking only in other
situations come when nothing else is open. Rules could still fire on them, so an answer is complete only without them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from advisor.answer import AnswerValue, Item, Notice, Question
from advisor.case import Case, canonical
from advisor.conditions import All, AnyOf, Condition, FactTest, FindingIs, Truth, evaluate
from advisor.model import Fact, Strength
from advisor.precedents import pointing
from advisor.rule import Rule
from advisor.standing import lines_of

MAX_QUESTIONS = 12

_STRENGTH: Mapping[Strength, int] = {"must": 4, "should": 3, "avoid": 3, "consider": 2}
_DECISIVE = 2
_LIFE_SAVING = 2
_MINOR = Fraction(1, 4)
_ON_THE_TABLE = Fraction(3, 2)
_PERTINENT = 2

Pull = dict[str, Fraction]


@dataclass(frozen=True, slots=True)
class OpenFact:
    """An unknown fact that could change the advice.

    Attributes:
        name: the fact.
        worth: whether it is worth asking here: true, false or not yet known.
        on_the_table: whether it alone could decide on something that is proposed or a headline.
        pull: how much waits for it; see the top of this module.
        waiting: how many rules wait for it.
        decides: how many of them raise a red flag or set advice aside.
    """

    name: str
    worth: Truth
    on_the_table: bool
    pull: Fraction
    waiting: int
    decides: int


def questions(case: Case, open_: Iterable[OpenFact]) -> tuple[Question, ...]:
    """Return the next questions, the most telling first; at most twelve.

    Args:
        case: the case.
        open_: its open facts, as ``open_facts`` ranks them.
    """
    return tuple(question(case, fact) for fact in next_facts(open_)[:MAX_QUESTIONS])


def next_facts(open_: Iterable[OpenFact]) -> list[OpenFact]:
    """Return the open facts to ask now: those worth asking only in other situations wait until no other is left."""
    facts = list(open_)
    return [fact for fact in facts if fact.worth is not False] or facts


def open_facts(case: Case, headlines: Iterable[Item], skipped: Collection[str] = ()) -> list[OpenFact]:
    """Return every unknown fact that could change the advice, the most telling first.

    Args:
        case: the case.
        headlines: its headlines; facts on them come early.
        skipped: facts that the officer can't tell, and that are not to be asked.
    """
    waits = _Waits(case)
    table = waits.on_the_table(headlines)
    order = {name: index for index, name in enumerate(case.corpus.facts)}
    found = [
        OpenFact(
            name=name,
            worth=_worth_asking(case, name),
            on_the_table=name in table,
            pull=pull * (_ON_THE_TABLE if name in table else 1) * (_PERTINENT if name in case.corpus.asks else 1),
            waiting=len(waits.rules.get(name, ())),
            decides=len(waits.decisive.get(name, ())),
        )
        for name, pull in waits.pulls.items()
        if name not in skipped
    ]
    worth = {True: 0, None: 1, False: 2}
    found.sort(key=lambda fact: (worth[fact.worth], -fact.pull, order[fact.name]))
    return found


class _Waits:
    """What waits for which facts in one case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.corpus = case.corpus
        self.pulls: Pull = {}
        self.rules: dict[str, set[str]] = {}
        self.decisive: dict[str, set[str]] = {}
        self._behind: dict[str, Pull] = {}
        self._alone: dict[str, frozenset[str]] = {}
        for rule in self.speaking:
            worth = _worth(case, rule) * (1 if self._news(rule) else _MINOR)
            self._wait(rule, rule.when, worth)
            if rule.pressing_when is not None:
                self._wait(rule, rule.pressing_when, worth * _MINOR, decisive=False)
        for rule in self.case.fired:
            if rule.pressing_when is not None and rule.lessons:
                self._wait(rule, rule.pressing_when, _worth(case, rule) * _MINOR, decisive=False)
        for name in self._finishing():
            self.pulls.setdefault(name, Fraction())

    @cached_property
    def speaking(self) -> list[Rule]:
        """The open rules that would say something if they fired."""
        return [
            rule
            for rule in self.case.open_rules
            if any(then.lesson or then.contradiction for then in rule.then) or self._targets(rule) & self._advised
        ]

    @cached_property
    def _advised(self) -> set[str]:
        """The elements and lessons that are or may yet be advised."""
        found: set[str] = set()
        for rule in (*self.case.fired, *self.case.open_rules):
            found |= {canonical(self.corpus.lessons[name]) for name in rule.lessons}
            found |= {element for then in rule.then for element in then.recommends or ()}
        return found

    @cached_property
    def _said(self) -> set[str]:
        """What stands or is set aside already: elements recommended, lessons that warn or argue."""
        found = {name for _, name in lines_of(self.case)}
        return found | {one.says for one in self.case.applications if one.consequence.argues is not None}

    def _news(self, rule: Rule) -> bool:
        """Return whether a rule that may fire would add or set aside a line, not only give one more reason."""
        for then in rule.then:
            elements = set(then.recommends or ())
            spoken = then.lesson and (then.cautions is not None or then.argues is not None)
            if then.flags is not None or then.contradiction or elements - self._said:
                return True
            if spoken and canonical(self.corpus.lessons[str(then.lesson)]) not in self._said:
                return True
        return bool(self._targets(rule) & self._advised)

    def _targets(self, rule: Rule) -> set[str]:
        named = {name for then in rule.then for name in (*then.defeats, *(then.already_met or ()))}
        lessons = self.corpus.lessons
        return named | {canonical(lessons[name]) for name in named if name in lessons}

    def _wait(self, rule: Rule, condition: Condition, worth: Fraction, *, decisive: bool = True) -> None:
        for name, share in self._pull(condition).items():
            self.pulls[name] = self.pulls.get(name, Fraction()) + worth * share
            self.rules.setdefault(name, set()).add(rule.id)
            if decisive and _decides(rule):
                self.decisive.setdefault(name, set()).add(rule.id)

    def _pull(self, condition: Condition) -> Pull:
        """Return for each fact that could decide an unknown condition its share in it."""
        if evaluate(condition, self.case.facts, self.case.truths) is not None:
            return {}
        match condition:
            case FactTest():
                return {condition.fact: Fraction(1)}
            case FindingIs():
                return self._behind_finding(condition.finding)
            case All() | AnyOf():
                parts = [found for part in condition.parts if (found := self._pull(part))]
                share = Fraction(1, len(parts) ** 2) if isinstance(condition, All) else Fraction(1)
                return _greatest({name: pull * share for name, pull in part.items()} for part in parts)

    def _behind_finding(self, name: str) -> Pull:
        if name not in self._behind:
            self._behind[name] = _greatest(self._pull(rule.when) for rule in self.corpus.deriving[name])
        return self._behind[name]

    def _finishing(self) -> Iterator[str]:
        """Yield unknown facts that may no longer change any line, but its reasons or its place."""
        recommended = {element for rule in self.case.fired for then in rule.then for element in then.recommends or ()}
        for rule in self.case.fired:
            if rule.lessons or self._targets(rule) & self._advised or any(then.contradiction for then in rule.then):
                yield from self._further(rule.when)
                if rule.pressing_when is not None:
                    yield from self._further(rule.pressing_when)
        # Not tests of any rule, but of the ranking of lines and precedents.
        if any(self.corpus.elements[name].phases for name in recommended):
            yield from self._unknown("phases_in_scope")
        if any(self.corpus.elements[name].proposed_as for name in recommended):
            yield from self._unknown("measures_proposed")
        cited = [one for one in self.corpus.precedents.values() if pointing(self.case, one)]
        if len(cited) > 1:
            yield from self._unknown(*(name for precedent in cited for name in precedent.situation))
            for finding in self.corpus.findings.values():
                if any(finding.situation_type in precedent.kinds for precedent in cited):
                    yield from self._pull(FindingIs(finding.id))

    def _unknown(self, *facts: str) -> Iterator[str]:
        yield from (name for name in facts if name in self.corpus.facts and name not in self.case.facts)

    def _further(self, condition: Condition) -> Iterator[str]:
        """Yield the facts that could decide what is undecided in a condition that holds."""
        match evaluate(condition, self.case.facts, self.case.truths), condition:
            case None, _:
                yield from self._pull(condition)
            case True, All() | AnyOf():
                assert isinstance(condition, All | AnyOf)
                for part in condition.parts:
                    yield from self._further(part)

    def on_the_table(self, headlines: Iterable[Item]) -> set[str]:
        """Return the facts each of which alone could decide on something proposed or among the headlines."""
        proposed = self.case.facts.get("measures_proposed")
        measures = set(proposed) if isinstance(proposed, tuple) else set()
        leading = {item.element for item in headlines if item.element}
        shown = {
            element.id
            for element in self.corpus.elements.values()
            if measures & set(element.proposed_as) or (element.proposed_as and element.id in leading)
        }
        found: set[str] = set()
        for rule in self.speaking:
            for then in rule.then:
                if (then.flags is not None and shown & set(then.elements)) or shown & set(then.defeats):
                    found |= self._deciding_alone(rule.when)
        return found

    def _deciding_alone(self, condition: Condition) -> frozenset[str]:
        """Return the facts each of which alone could make an unknown condition true."""
        if evaluate(condition, self.case.facts, self.case.truths) is not None:
            return frozenset()
        match condition:
            case FactTest():
                return frozenset((condition.fact,))
            case FindingIs(finding=name):
                if name not in self._alone:
                    rules = self.corpus.deriving[name]
                    self._alone[name] = frozenset().union(*(self._deciding_alone(rule.when) for rule in rules))
                return self._alone[name]
            case All():
                truths, facts = self.case.truths, self.case.facts
                parts = [part for part in condition.parts if evaluate(part, facts, truths) is None]
                first, *rest = (self._deciding_alone(part) for part in parts)
                return first.intersection(*rest)
            case AnyOf():
                return frozenset().union(*(self._deciding_alone(part) for part in condition.parts))


def _greatest(parts: Iterable[Pull]) -> Pull:
    """Return for each fact the greatest of its shares."""
    found: Pull = {}
    for part in parts:
        for name, pull in part.items():
            found[name] = max(pull, found.get(name, pull))
    return found


def _decides(rule: Rule) -> bool:
    """Return whether a rule raises a red flag or sets advice aside: that changes more than another line does."""
    return any(then.flags is not None or then.defeats or then.already_met for then in rule.then)


def _worth(case: Case, rule: Rule) -> Fraction:
    """Return how much hangs on whether a rule fires."""
    lessons = case.corpus.lessons
    worths = [
        lessons[then.lesson].weight * _STRENGTH[then.strength or lessons[then.lesson].strength]
        for then in rule.then
        if then.lesson
    ]
    if not worths and any(then.contradiction for then in rule.then):
        return _MINOR
    worth = max(worths, default=1) * (_DECISIVE if _decides(rule) else 1)
    if any(case.corpus.elements[name].life_saving for then in rule.then for name in then.elements):
        worth *= _LIFE_SAVING
    return Fraction(worth)


def _worth_asking(case: Case, name: str) -> Truth:
    ask = case.corpus.asks.get(name)
    return True if ask is None else evaluate(ask, case.facts, {})


def question(case: Case, asked: OpenFact) -> Question:
    """Return an open fact as a question to an officer."""
    fact = case.corpus.facts[asked.name]
    return Question(
        fact=fact.name,
        group=fact.group,
        question=fact.question,
        help=fact.help,
        type=fact.type,
        values=values_of(fact),
        waiting=asked.waiting,
        decides=asked.decides,
        paragraphs=case.paragraphs(fact.places),
    )


def values_of(fact: Fact) -> tuple[AnswerValue, ...]:
    """Return the values among which an answer is chosen; none for a number."""
    if fact.type == "boolean":
        return tuple(AnswerValue(value=value, label=fact.label_of(value)) for value in (True, False))
    return tuple(AnswerValue(value=value.value, label=value.label) for value in fact.values)


def open_topics(case: Case) -> Iterator[Notice]:
    """Yield for each topic how many of its rules are open, and for want of which facts."""
    by_topic: dict[str, list[Rule]] = {}
    for rule in case.open_rules:
        if rule.lessons:
            by_topic.setdefault(rule.topic, []).append(rule)
    order = {name: index for index, name in enumerate(case.corpus.facts)}
    for topic in case.corpus.topics.values():
        rules = by_topic.get(topic.id, [])
        counts: dict[str, int] = {}
        for rule in rules:
            for name in case.deciding(rule):
                counts[name] = counts.get(name, 0) + 1
        facts = sorted(counts, key=lambda name: (-counts[name], order[name]))[:5]
        if rules:
            count = f"{len(rules)} rules" if len(rules) > 1 else "1 rule"
            labels = ", ".join(case.corpus.facts[name].label.lower() for name in facts)
            yield Notice(
                id=f"open-{topic.id}",
                kind="open",
                title=f"Open: {topic.title}",
                text=f"{count} on this could not be decided. Most wanted: {labels}.",
                facts=tuple(facts),
            )
