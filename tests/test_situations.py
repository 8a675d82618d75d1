"""The built-in scenarios: situations as an officer knew them at the time, held against what the paper calls for."""

from __future__ import annotations

import pytest
from boxes import EXAMPLES

from advisor import results
from advisor.corpus import Corpus
from advisor.selection import choose

BOXES = set(EXAMPLES)


def test_the_six_boxes_and_a_dozen_later_situations_are_told(corpus: Corpus) -> None:
    assert set(corpus.examples) == BOXES
    assert {scenario.example for name, scenario in corpus.scenarios.items() if name in BOXES} == BOXES
    assert len(set(corpus.scenarios) - BOXES) >= 12
    for name, scenario in corpus.scenarios.items():
        assert scenario.expect.recommended, name
        assert scenario.expect.never, name


@pytest.mark.parametrize("half", [0, 1])
def test_each_situation_gets_what_the_paper_calls_for(half: int, corpus: Corpus) -> None:
    chosen = choose(corpus, kind="scenarios")[half::2]
    assert [str(miss) for result in results.run(corpus, chosen) for miss in result.misses] == []
