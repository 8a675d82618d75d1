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

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from advisor.answer import AnswerValue, Notice, Question
from advisor.awaited import Waits
from advisor.case import Case
from advisor.conditions import Truth, evaluate
from advisor.model import Fact
from advisor.waiting import Headline, Waiting, stakes

MAX_QUESTIONS = 12

_ON_THE_TABLE = Fraction(3, 2)
_PERTINENT = 2


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


def open_facts(case: Case, headlines: Iterable[Headline], skipped: Collection[str] = ()) -> list[OpenFact]:
    """Return every unknown fact that could change the advice, the most telling first.

    Args:
        case: the case.
        headlines: its headlines; facts on them come early.
        skipped: facts that the officer can't tell, and that are not to be asked.
    """
    waiting = Waiting(case)
    table = waiting.on_the_table(headlines)
    names = case.corpus.index.facts
    order = case.corpus.index.numbers
    found = [
        OpenFact(
            name=names[fact],
            worth=_worth_asking(case, names[fact]),
            on_the_table=fact in table,
            pull=pull
            * (_ON_THE_TABLE if fact in table else 1)
            * (_PERTINENT if names[fact] in case.corpus.asks else 1),
            waiting=waiting.rules[fact],
            decides=waiting.decisive[fact],
        )
        for fact, pull in waiting.pulls.items()
        if names[fact] not in skipped
    ]
    worth = {True: 0, None: 1, False: 2}
    found.sort(key=lambda fact: (worth[fact.worth], -fact.pull, order[fact.name]))
    return found


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
    topic_of = stakes(case.corpus).topics
    by_topic: dict[str, list[Waits]] = {}
    for rule in case.decided.open_rules:
        if rule in topic_of:
            by_topic.setdefault(topic_of[rule], []).append(case.awaited.waits(rule))
    for topic in case.corpus.topics.values():
        rules = by_topic.get(topic.id, [])
        counts: Counter[int] = Counter()
        for (fact, _), count in case.awaited.weigh([(1, rules)]).items():
            counts[fact] += count
        most = sorted(counts, key=lambda fact: (-counts[fact], fact))[:5]
        facts = [case.corpus.index.facts[fact] for fact in most]
        if rules:
            number = f"{len(rules)} rules" if len(rules) > 1 else "1 rule"
            labels = ", ".join(case.corpus.facts[name].label.lower() for name in facts)
            yield Notice(
                id=f"open-{topic.id}",
                kind="open",
                title=f"Open: {topic.title}",
                text=f"{number} on this could not be decided. Most wanted: {labels}.",
                facts=tuple(facts),
            )
