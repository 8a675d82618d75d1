"""What to ask next, and why an answer says little: the unknown facts for which rules wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from advisor.answer import AnswerValue, Item, Notice, Question
from advisor.case import Case
from advisor.conditions import Truth, evaluate
from advisor.model import Fact
from advisor.rule import Rule

MAX_QUESTIONS = 12


def questions(case: Case, headlines: Iterable[Item]) -> tuple[Question, ...]:
    """Return the unknown facts worth asking, the most telling first.

    First come facts each of which alone could still have a headline set aside. Then each fact counts the weight of the
    rules that wait for it, three times where a rule raises a red flag or sets advice aside, divided by the number of
    facts for which the rule waits. Facts that are worth asking only in other situations are not asked.
    """
    waiting: dict[str, int] = {}
    decides: dict[str, int] = {}
    weights: dict[str, Fraction] = {}
    for rule in case.open_rules:
        weight = max((case.corpus.lessons[name].weight for name in rule.lessons), default=1)
        # A red flag, or advice set aside, changes an answer more than another line does.
        decisive = any(then.flags is not None or then.defeats for then in rule.then)
        facts = case.deciding(rule)
        for name in facts:
            waiting[name] = waiting.get(name, 0) + 1
            decides[name] = decides.get(name, 0) + decisive
            # Of several facts that a rule waits for, each alone decides the less.
            share = Fraction(weight * (3 if decisive else 1), len(facts))
            weights[name] = weights.get(name, Fraction()) + share
    order = {name: index for index, name in enumerate(case.corpus.facts)}
    worth = {name: _worth_asking(case, name) for name in waiting}
    asked = [name for name in waiting if worth[name] is not False]
    first = _at_stake(case, headlines)
    asked.sort(key=lambda name: (worth[name] is None, name not in first, -weights[name], order[name]))
    return tuple(
        _question(case, case.corpus.facts[name], waiting[name], decides[name]) for name in asked[:MAX_QUESTIONS]
    )


def _at_stake(case: Case, headlines: Iterable[Item]) -> set[str]:
    """Return the facts each of which alone could still have a prohibition set a headline aside."""
    targets = {name for item in headlines for name in (item.id, *item.lessons)}
    return {
        facts[0]
        for rule in case.open_rules
        if targets & {name for then in rule.then for name in then.defeats}
        if len(facts := case.deciding(rule)) == 1
    }


def _worth_asking(case: Case, name: str) -> Truth:
    ask = case.corpus.asks.get(name)
    return True if ask is None else evaluate(ask, case.facts, {})


def _question(case: Case, fact: Fact, waiting: int, decides: int) -> Question:
    values = tuple(AnswerValue(value=value.value, label=value.label) for value in fact.values)
    if fact.type == "boolean":
        values = tuple(AnswerValue(value=value, label=fact.label_of(value)) for value in (True, False))
    return Question(
        fact=fact.name,
        group=fact.group,
        question=fact.question,
        help=fact.help,
        type=fact.type,
        values=values,
        waiting=waiting,
        decides=decides,
        paragraphs=case.paragraphs(fact.places),
    )


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
