"""What to ask next: only what could change the advice, and all of it."""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from naivequestions import NaivePulls, NaiveShares
from strategies import SITUATIONS, values
from thorough import some

import advisor
from advisor import cells, situation
from advisor.advice import assemble
from advisor.answer import Advice
from advisor.case import Case
from advisor.conditions import Facts, evaluate
from advisor.corpus import Corpus
from advisor.lookahead import look_ahead
from advisor.prospects import Outlook, answers_to, ask, with_fact
from advisor.questions import (
    MAX_QUESTIONS,
    next_facts,
    open_beside,
    open_facts,
    open_topics,
    questions,
    questions_json,
)
from api.app import create_app

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "10"))
"""How many random situations each property is tried on; the slowest takes half a second for each."""
HERE = Path(__file__).resolve().parent


def case_of(corpus: Corpus, facts: Facts) -> Case:
    return Case(corpus, facts, look_ahead(corpus, facts))


def example(name: str, corpus: Corpus) -> Facts:
    path = HERE.parent / "examples" / f"{name}.yaml"
    return situation.parse_file(path, path.read_text(encoding="utf-8"), corpus.facts)


def substance(answer: Advice) -> dict[str, Any]:
    """Return all that an answer advises, with reasons and order; not what it repeats of the input."""
    return answer.model_dump(
        include={"red_flags", "recommendations", "arguments", "set_aside", "precedents", "complete"}
    )


@st.composite
def full_situations(draw: st.DrawFn) -> dict[str, Any]:
    return {name: draw(values(fact)) for name, fact in advisor.load_corpus().facts.items()}


@settings(max_examples=EXAMPLES)
@given(full_situations(), st.integers(0, 2**32))
def test_asking_only_what_the_advisor_asks_ends_in_the_advice_on_everything(raw: dict[str, Any], seed: int) -> None:
    corpus = advisor.load_corpus()
    full = situation.parse(raw, corpus.facts)
    chance = random.Random(seed)
    known: Facts = {}
    # In any order of asking: not only the first of the questions is taken.
    while asked := next_facts(open_facts(case_of(corpus, known), ())):
        name = chance.choice(asked).name
        known = with_fact(corpus, known, name, full[name])
    assert substance(assemble(case_of(corpus, known))) == substance(assemble(case_of(corpus, full)))


@settings(max_examples=EXAMPLES)
@given(SITUATIONS, st.integers(0, 2**32))
def test_a_fact_that_is_not_open_changes_nothing_whatever_its_value(raw: dict[str, Any], seed: int) -> None:
    corpus = advisor.load_corpus()
    facts = situation.parse(raw, corpus.facts)
    before = case_of(corpus, facts)
    open_ = {fact.name for fact in open_facts(before, ())}
    chance = random.Random(seed)
    told = facts
    for name, fact in corpus.facts.items():
        if name not in open_ and name not in facts:
            told = with_fact(corpus, told, name, chance.choice([value for value, _, _ in answers_to(corpus, fact)]))
    after = substance(assemble(case_of(corpus, told)))
    assert after == substance(assemble(before))


@settings(max_examples=max(1, EXAMPLES // 5))
@given(SITUATIONS)
def test_every_fact_that_a_rule_waits_for_can_change_what_fires(raw: dict[str, Any]) -> None:
    corpus = advisor.load_corpus()
    facts = situation.parse(raw, corpus.facts)
    chance = random.Random(1)
    unknown = [name for name in corpus.facts if name not in facts]
    answers = {name: [value for value, _, _ in answers_to(corpus, corpus.facts[name])] for name in unknown}
    waited = {fact.name for fact in open_facts(case_of(corpus, facts), ()) if fact.waiting}
    for _ in range(600):
        if not waited:
            break
        rest = dict(facts) | {name: chance.choice(answers[name]) for name in unknown if chance.random() < 0.7}
        for name in sorted(waited):
            runs = [look_ahead(corpus, rest | {name: value}) for value in chance.sample(answers[name], 2)]
            if len({(run.fired, run.pressing) for run in runs}) > 1:
                waited.remove(name)
    assert not waited


def test_with_nothing_known_the_kind_of_situation_is_asked_first(corpus: Corpus) -> None:
    answer = assemble(case_of(corpus, {}))
    assert answer.questions[0].fact == "situation_types"
    assert len(answer.questions) == MAX_QUESTIONS
    assert answer.questions_open > MAX_QUESTIONS
    assert not answer.complete


def test_an_answer_to_which_nothing_could_be_added_says_so(corpus: Corpus) -> None:
    full: Facts = {
        name: answer[0] for name, fact in corpus.facts.items() for answer in [next(answers_to(corpus, fact))]
    }
    answer = assemble(case_of(corpus, full))
    assert answer.complete
    assert answer.questions == ()
    assert answer.questions_open == 0
    assert "complete" in {notice.id for notice in answer.notices}
    assert "complete" not in {notice.id for notice in assemble(case_of(corpus, {})).notices}


@pytest.mark.parametrize("fact", ["distribution_equitable", "safeguard_identification", "transfer_voluntary"])
def test_on_a_transfer_that_is_proposed_its_safeguards_come_early(fact: str, corpus: Corpus) -> None:
    facts = situation.parse(
        {"situation_types": ["protracted"], "measures_proposed": ["relocation", "evacuation"]}, corpus.facts
    )
    asked = [question.fact for question in assemble(case_of(corpus, facts)).questions]
    assert fact in asked[:9]
    assert "years_in_exile" not in asked[: asked.index(fact)]
    assert "arrivals_count" not in asked[: asked.index(fact)]


@settings(max_examples=EXAMPLES)
@given(SITUATIONS)
def test_what_is_worth_asking_only_elsewhere_waits_until_nothing_else_is_open(raw: dict[str, Any]) -> None:
    corpus = advisor.load_corpus()
    facts = situation.parse(raw, corpus.facts)
    case = case_of(corpus, facts)
    open_ = open_facts(case, ())
    worth = [True if fact.name not in corpus.asks else evaluate(corpus.asks[fact.name], facts, {}) for fact in open_]
    assert [fact.worth for fact in open_] == worth
    assert worth == sorted(worth, key=[True, None, False].index)
    if True in worth or None in worth:
        assert all(fact.worth is not False for fact in next_facts(open_))


def test_each_answer_brings_what_the_advice_on_it_brings(corpus: Corpus) -> None:
    facts = example("kosovo-1999", corpus)
    before = assemble(case_of(corpus, facts))
    for question in ask(facts, corpus).questions[:3]:
        for prospect in question.prospects:
            value = tuple(prospect.value) if isinstance(prospect.value, list) else prospect.value
            after = assemble(case_of(corpus, with_fact(corpus, facts, question.fact, value)))
            new = {item.id for item in after.recommendations} - {item.id for item in before.recommendations}
            assert {*prospect.recommended, *prospect.cautions} == new
            assert set(prospect.red_flags) == ids(after.red_flags) - ids(before.red_flags)
            assert set(prospect.set_aside) == ids(after.set_aside) - ids(before.set_aside)
            assert set(prospect.headlines_added) == ids(after.headlines) - ids(before.headlines)
            assert set(prospect.headlines_dropped) == ids(before.headlines) - ids(after.headlines)


def ids(items: Any) -> set[str]:
    return {item.id for item in items}


def test_that_people_do_not_agree_to_be_moved_is_foreseen_as_a_red_flag(corpus: Corpus) -> None:
    questions = ask(example("kosovo-1999", corpus), corpus).questions
    consent = next(question for question in questions if question.fact == "transfer_voluntary")
    agree, refuse = consent.prospects
    assert agree.red_flags == ()
    assert refuse.red_flags
    assert "humanitarian-evacuation" in refuse.set_aside
    assert "Raises the red flag" in refuse.text


def test_numbers_are_asked_by_the_ranges_between_the_thresholds_of_the_rules(corpus: Corpus) -> None:
    for fact in corpus.facts.values():
        if fact.type not in ("integer", "number"):
            continue
        ranges = list(answers_to(corpus, fact))
        assert len(ranges) > 1
        marks = [tuple(test.holds(value) for test in corpus.tests[fact.name]) for value, _, _ in ranges]
        assert all(one != two for one, two in pairwise(marks)), "two ranges that no rule tells apart"
        for value, _, bounds in ranges:
            assert isinstance(value, int | float)
            assert bounds.get("at_least", value) <= value <= bounds.get("at_most", value)
            assert bounds.get("more_than", value - 1) < value < bounds.get("less_than", value + 1)
    labels = [label for _, label, _ in answers_to(corpus, corpus.facts["arrivals_count"])]
    assert "10,000 to 99,999 people" in labels
    assert labels[-1] == "100,000 people or more"


def test_skipped_facts_are_not_asked_again(corpus: Corpus) -> None:
    first = Outlook(corpus, {}).open[0].name
    assert first not in {fact.name for fact in Outlook(corpus, {}, [first]).open}


def test_the_service_says_what_to_ask_next(corpus: Corpus) -> None:
    client = TestClient(create_app(corpus))
    reply = client.post("/v1/questions", json={"facts": {"situation_types": ["rescue_at_sea"]}})
    assert reply.status_code == 200
    found = reply.json()
    assert found["corpus"]["digest"] == corpus.digest
    assert not found["complete"]
    assert len(found["questions"]) == MAX_QUESTIONS
    assert all(question["prospects"] for question in found["questions"])
    refused = client.post("/v1/questions", json={"facts": {"situation_types": ["rescue"]}})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/facts/situation_types/0"


def test_questions_do_not_depend_on_the_order_in_which_facts_are_told(corpus: Corpus) -> None:
    path = HERE.parent / "examples" / "indochina-1989.yaml"
    facts = yaml.safe_load(path.read_text(encoding="utf-8"))["facts"]
    assert ask(facts, corpus) == ask(dict(reversed(facts.items())), corpus)


def elements_of(corpus: Corpus, dice: random.Random) -> set[str]:
    return set(dice.sample(sorted(corpus.elements), dice.randint(0, 15)))


def assert_asked_as_defined(case: Case, leading: set[str]) -> None:
    """Check the open facts of a case, their order and their numbers against their definition."""
    corpus = case.corpus
    plain = NaivePulls(case, leading)
    order = corpus.index.numbers
    worth = {name: evaluate(corpus.asks[name], case.facts, {}) if name in corpus.asks else True for name in plain.pulls}
    pulls = {
        name: pull * (Fraction(3, 2) if name in plain.table else 1) * (2 if name in corpus.asks else 1)
        for name, pull in plain.pulls.items()
    }
    found = open_beside(case, leading)
    assert [fact.name for fact in found] == sorted(
        pulls, key=lambda name: ([True, None, False].index(worth[name]), -pulls[name], order[name])
    )
    assert {fact.name for fact in found if fact.on_the_table} == plain.table
    assert {fact.name: (fact.worth, fact.waiting, fact.decides) for fact in found} == {
        name: (worth[name], plain.waiting[name], plain.decides[name]) for name in pulls
    }
    assert {fact.name for fact in found if not fact.pull} == {name for name, pull in pulls.items() if not pull}
    # Told in parts that are the same for all facts.
    assert len({fact.pull / pulls[fact.name] for fact in found if fact.pull}) <= 1
    asked = [fact.name for fact in next_facts(found)]
    assert asked == ([fact.name for fact in found if fact.worth is not False] or [fact.name for fact in found])


@settings(max_examples=EXAMPLES)
@given(SITUATIONS, st.integers(0, 2**32))
def test_what_is_asked_first_is_as_defined(raw: dict[str, Any], seed: int) -> None:
    corpus = advisor.load_corpus()
    case = case_of(corpus, situation.parse(raw, corpus.facts))
    assert_asked_as_defined(case, elements_of(corpus, random.Random(seed)))


def told(corpus: Corpus, count: int, dice: random.Random) -> list[Facts]:
    """Return situations like those of scenarios and examples: a few facts forgotten."""
    raws = [scenario.facts or {} for scenario in corpus.scenarios.values()]
    raws += [example.facts for example in corpus.examples.values()]
    whole = [situation.parse(raw, corpus.facts) for raw in raws]
    return [{name: value for name, value in dice.choice(whole).items() if dice.random() < 0.85} for _ in range(count)]


def test_what_is_asked_first_is_as_defined_in_situations_like_those_told(corpus: Corpus) -> None:
    dice = random.Random(1)
    for facts in told(corpus, 3 * EXAMPLES, dice):
        assert_asked_as_defined(case_of(corpus, facts), elements_of(corpus, dice))


FORGETFUL = {"_KEYS": 0, "_KEYS_EACH": 1, "_CODES": 1, "_VALUES": 1}
"""Of the cells everything is forgotten at once."""


@pytest.mark.parametrize("limits", [{}, FORGETFUL, {"_SPREAD": 40.0, "_MAX_TESTS": 2, "_PAGE": 50, "_BLOCK": 7}])
def test_what_was_asked_before_changes_no_answer(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, limits: dict[str, float]
) -> None:
    dice = random.Random(2)
    cases = told(corpus, 15, dice)
    # As if it had been loaded anew for each.
    alone = [everything_asked(replace(corpus), facts) for facts in cases]
    for name, limit in limits.items():
        monkeypatch.setattr(cells, name, limit)
    together = replace(corpus)
    for number in dice.choices(range(len(cases)), k=60):
        assert everything_asked(together, cases[number]) == alone[number]


def test_many_threads_are_asked_the_same(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(3)
    cases = some(told(corpus, 40, dice), 2)
    expected = [everything_asked(corpus, facts) for facts in cases]
    for name, limit in {**FORGETFUL, "_CODES": 20}.items():
        monkeypatch.setattr(cells, name, limit)
    together = replace(corpus)
    with ThreadPoolExecutor(8) as pool:
        orders = [dice.sample(range(len(cases)), len(cases)) for _ in range(8)]
        answers = pool.map(lambda order: [(one, everything_asked(together, cases[one])) for one in order], orders)
        assert all(answer == expected[one] for found in answers for one, answer in found)


def everything_asked(corpus: Corpus, facts: Facts) -> tuple[Any, ...]:
    case = case_of(corpus, facts)
    open_ = open_beside(case, ["relocation", "humanitarian-evacuation"])
    waiting = [case.deciding(name) for name in corpus.rules]
    return tuple(open_), questions(case, open_), list(open_topics(case)), waiting, case.decided.findings


def test_questions_as_text_are_those_of_the_answer(corpus: Corpus) -> None:
    for facts in ({}, *told(corpus, 40, random.Random(4))):
        case = case_of(corpus, facts)
        open_ = open_beside(case, ())
        texts = [question.model_dump_json().encode() for question in questions(case, open_)]
        assert questions_json(case, open_) == texts


def test_the_notices_on_topics_count_the_open_rules_and_what_they_want(corpus: Corpus) -> None:
    for facts in ({}, *told(corpus, 10, random.Random(5))):
        case = case_of(corpus, facts)
        shares = NaiveShares(corpus, facts, case.truths)
        rules: dict[str, list[set[str]]] = {}
        for rule in case.open_rules:
            if rule.lessons:
                rules.setdefault(rule.topic, []).append(set(shares.shares(rule.when)))
        notices = {notice.id: notice for notice in open_topics(case)}
        assert list(notices) == [f"open-{topic}" for topic in corpus.topics if topic in rules]
        for topic, waiting in rules.items():
            counts = {name: sum(name in wanted for wanted in waiting) for name in corpus.facts}
            most = sorted(filter(counts.__getitem__, counts), key=lambda name: -counts[name])[:5]
            assert notices[f"open-{topic}"].facts == tuple(most)
            assert notices[f"open-{topic}"].text.split()[0] == str(len(waiting))
