"""What is said to set a provisional line aside does so, and nothing else does by itself: the engine is asked."""

from __future__ import annotations

import pytest
from boxes import EXAMPLES
from thorough import some

import advisor
from advisor.answer import Advice
from advisor.conditions import Facts, plain
from advisor.corpus import Corpus
from advisor.setting_aside import SettingAside


def facts_of(corpus: Corpus, name: str) -> Facts:
    return corpus.reader.read(corpus.examples[name].facts)


def said(corpus: Corpus, name: str) -> dict[str, str]:
    """Return for each line of an example, by its title, when it would be set aside."""
    facts = facts_of(corpus, name)
    trials = SettingAside(corpus, facts)
    return {item.title: trials.in_words(item) for item in advisor.advise(facts, corpus).recommendations}


def standing(answer: Advice) -> set[tuple[str, str]]:
    return {(item.kind, item.id) for item in answer.recommendations}


@pytest.mark.parametrize("name", some(EXAMPLES, 3))
def test_one_answer_more_sets_aside_what_is_said_and_no_other_does(corpus: Corpus, name: str) -> None:
    facts = facts_of(corpus, name)
    trials = SettingAside(corpus, facts)
    tried = 0
    for item in advisor.advise(facts, corpus).recommendations:
        turns = trials.turns(item)
        assert tuple(turn.fact for turn in turns) == item.provisional
        for turn in turns:
            fact = corpus.facts[turn.fact]
            every = [True, False] if fact.type == "boolean" else [one.value for one in fact.values]
            for value in [[], *([one] for one in every)] if fact.type == "set" else every:
                after = advisor.advise({**facts, turn.fact: value}, corpus)
                fell = (item.kind, item.id) not in standing(after)
                assert fell == (value in [plain(one) for one in turn.values]), (item.id, turn.fact, value)
                tried += 1
    assert tried > 10


def test_it_is_said_in_words(corpus: Corpus) -> None:
    kosovo = said(corpus, "kosovo-1999")
    assert kosovo["Humanitarian evacuation"] == (
        "if “Solution or other outcome” is “No outcome is provided for”; "
        "or if “Consent to be moved” is “The people concerned do not agree”"
    )
    assert kosovo["Qualified personnel"] == "if “Resources that are lacking” is none"


def test_where_it_takes_several_facts_only_they_are_named(corpus: Corpus) -> None:
    bhutan = said(corpus, "bhutan-nepal-2007")
    assert bhutan["Coordinator or secretariat"] == ("depending on “Existing cooperation” and “Features of the process”")
    wanted = "“Risks of UNHCR taking part” includes “Impartiality or mandate in doubt”, “Seen as"
    assert wanted in bhutan["UNHCR as catalyst"]
