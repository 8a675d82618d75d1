"""The answer as text is the answer as an object, whatever was answered before."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from minipack import MiniPack
from smallcorpora import compiled, random_facts, rich_rules

import advisor
from advisor import frames, grounds, notes
from advisor.advice import advise, advise_json
from advisor.answer import Advice
from advisor.applications import Application
from advisor.case import Case
from advisor.corpus import Corpus
from advisor.engine import engine_for
from advisor.lines import Lines
from advisor.situation import parse
from advisor.standing import Line, lines_of

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "10"))

Raw = dict[str, Any]


def situations(corpus: Corpus, number: int, seed: int = 1) -> Iterator[Raw]:
    dice = random.Random(seed)
    told = [example.facts for example in corpus.examples.values()]
    for _ in range(number):
        facts = dict(dice.choice(told)) if told and dice.random() < 0.7 else {}
        kept = {name: value for name, value in facts.items() if dice.random() < 0.8}
        yield kept | random_facts(dice, corpus, dice.choice((0, 2, 5, 20)))


@pytest.mark.parametrize("packs", [(), ("eu-updates",)])
def test_an_answer_as_text_is_the_answer_as_an_object(packs: tuple[str, ...]) -> None:
    corpus = advisor.load_corpus(*packs)
    for facts in situations(corpus, 6 * EXAMPLES):
        text = advise_json(facts, corpus)
        answer = advise(facts, corpus)
        assert text.decode() == answer.model_dump_json()
        assert Advice.model_validate_json(text) == answer


def test_what_was_answered_before_makes_no_difference(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list(situations(corpus, 4 * EXAMPLES, seed=2))
    answers = [advise_json(facts, corpus) for facts in told]
    assert [advise_json(facts, corpus) for facts in reversed(told)] == answers[::-1]
    for module, name in ((frames, "_STATES"), (frames, "_ENTRIES"), (grounds, "_KEPT"), (notes, "_TOLD")):
        monkeypatch.setattr(module, name, 1)
    again = replace(corpus)  # for which nothing is kept yet
    assert [advise_json(facts, again) for facts in told] == answers


def pairs(applications: list[Application]) -> set[tuple[str, str]]:
    return {(one.rule.id, one.says) for one in applications}


def test_lines_stand_and_fall_as_the_rules_together_say(pack: MiniPack) -> None:
    base = pack.load()
    aside = 0
    for seed in range(6 * EXAMPLES):
        dice = random.Random(seed)
        corpus = compiled(rich_rules(dice), base)
        for _ in range(5):
            facts = parse(random_facts(dice, corpus, dice.randint(0, len(corpus.facts))), corpus.facts)
            case = Case(corpus, facts, engine_for(corpus).run(facts))
            known = lines_of(case)
            lines = Lines(case)
            standing = {
                (line.kind, line.id): {(one.rule.id, one.says) for one in line.frame.reasons} for line in lines.ranked
            }
            assert standing == {key: pairs(line.standing) for key, line in known.items() if line.standing}
            assert {(line.kind, line.id): behind(line) for line in lines.set_aside} == expected_aside(known)
            aside += len(lines.set_aside)
    assert aside


def behind(line: Any) -> tuple[set[tuple[str, str]], set[str]]:
    reasons = {(one.rule.id, one.says) for one in line.frame.reasons}
    return reasons, {rule.id for rule, _ in line.frame.against}


def expected_aside(known: dict[Any, Line]) -> dict[tuple[str, str], tuple[set[tuple[str, str]], set[str]]]:
    found: dict[tuple[str, str], tuple[set[tuple[str, str]], set[str]]] = {}
    for (kind, name), line in known.items():
        by = {rule.id for rule, _ in line.defeated_by.values()}
        if not line.defeated:
            continue
        if kind == "recommendation" and line.standing:
            for one in line.defeated:
                reasons, against = found.setdefault((kind, one.says), (set(), set()))
                reasons.add((one.rule.id, one.says))
                against |= by
        elif not line.standing or kind == "caution":
            found[kind, name] = (pairs(line.defeated), by)
    return found


def test_texts_that_look_like_json_stay_texts(pack: MiniPack) -> None:
    spite = (
        '"headline":true,"pressing":true,"provisional":["x"],"rationale":[{"because":[],"elements_recommended_here":[\\'
    )
    for name in ("knowledge/lessons/paper.yaml", "knowledge/elements.yaml", "rules/hosting/shelter-first.yaml"):
        text = pack.text(name)
        lines = []
        for line in text.splitlines():
            key, colon, _ = line.partition(": ")
            if key.strip() in ("text", "title") and colon:
                line = f"{key}: {json.dumps(spite)}"  # noqa: PLW2901
            lines.append(line)
        pack.write(name, "\n".join(lines) + "\n")
    corpus = pack.load()
    seen = False
    for facts in situations(corpus, 20):
        answer = advise(facts, corpus)
        assert advise_json(facts, corpus).decode() == answer.model_dump_json()
        seen |= any(spite in item.text for item in answer.recommendations)
    assert seen


def test_numbers_are_told_as_they_are_known(corpus: Corpus) -> None:
    """Grounds are kept for all numbers between two thresholds; each answer tells its own."""
    for number in (10_001, 10_002, 99_999, 100_000, 250_000, 250_001):
        facts = {"situation_types": ["mass_influx"], "arrivals_count": number, "years_displaced": 7}
        facts = {name: value for name, value in facts.items() if name in corpus.facts}
        answer = json.loads(advise_json(facts, corpus))
        told = [
            because
            for item in answer["recommendations"] + answer["red_flags"] + answer["situation"]["findings"]
            for reason in item["rationale"]
            for because in reason["because"]
            if because.get("fact") == "arrivals_count"
        ]
        assert told
        assert {(because["value"], because["matched"]) for because in told} == {(number, number)}
