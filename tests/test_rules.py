from __future__ import annotations

import pytest
from kleene import RULES, Reading, rule_files

from advisor import coverage, trials
from advisor.corpus import Corpus
from advisor.selection import choose

TOPICS = sorted(folder.name for folder in RULES.iterdir() if folder.is_dir())


@pytest.mark.parametrize("topic", TOPICS)
def test_the_tests_in_the_rule_files_of_a_topic_pass(topic: str, corpus: Corpus) -> None:
    rules = [corpus.rules[one.id] for one in choose(corpus, [f"rules/{topic}"])]
    assert {rule.topic for rule in rules} == {topic}
    done = list(trials.run(corpus, rules))
    assert len(done) == sum(len(rule.tests) for rule in rules) >= 3 * len(rules) > 0
    assert [str(trial) for trial in done if not trial.passed] == []


def test_every_topic_has_rules_and_every_rule_a_topic(corpus: Corpus) -> None:
    assert sorted({rule.topic for rule in corpus.rules.values()}) == TOPICS
    assert len(choose(corpus, kind="rules")) == len(corpus.rules) == len(rule_files())


def test_the_tests_in_the_rule_files_agree_with_naive_logic() -> None:
    outcome = {True: "fires", False: "silent", None: "open"}
    wrong = [
        f"{name}: {test['name']}"
        for name, rule in rule_files().items()
        for test in rule["tests"]
        if outcome[Reading(test["given"]).rules[name]] != test["expect"]
    ]
    assert wrong == []


def test_a_test_that_expects_the_wrong_outcome_fails(corpus: Corpus) -> None:
    rule = next(iter(corpus.rules.values()))
    (first, *_) = trials.run(corpus, [rule])
    for expect in {"fires", "silent", "open"} - {first.test.expect}:
        test = first.test.model_copy(update={"expect": expect})
        failed = trials.Trial(rule, test, first.outcome, first.pressing)
        assert not failed.passed
        assert f"FAILED: expected {expect}, got {first.outcome}" in str(failed)
    pressed = first.test.model_copy(update={"pressing": not first.pressing})
    assert not trials.Trial(rule, pressed, first.outcome, first.pressing).passed


def test_nothing_of_the_sources_is_uncovered_and_little_by_reason_alone(corpus: Corpus) -> None:
    measured = coverage.measure(corpus)
    assert measured.uncovered == ()
    assert len(measured.by_reason_alone) < 20
    assert {row.lesson for row in measured.lessons} == set(corpus.lessons)
    assert {row.place for row in measured.places} == set(corpus.places)
    assert (measured.corpus, measured.digest) == (corpus.version, corpus.digest)


def test_coverage_counts_what_a_lesson_really_leads_to(corpus: Corpus) -> None:
    applied: dict[str, set[str]] = {}
    for name, rule in rule_files().items():
        for then in rule["then"]:
            if "lesson" in then:
                applied.setdefault(then["lesson"], set()).add(name)
    for row in coverage.measure(corpus).lessons:
        assert set(row.rules) == applied.get(row.lesson, set())
        assert ("rule" in row.ways) == bool(row.rules)
        assert ("reason" in row.ways) <= bool(row.reason)
        assert "nothing" not in row.ways
