"""Random situations over the whole vocabulary of a corpus."""

from __future__ import annotations

from typing import Any, TypeAlias

from hypothesis import strategies as st

import advisor
from advisor.model import Fact

Raw: TypeAlias = "dict[str, Any]"

# Values at which the rules' thresholds lie, and beside them; kept where the fact's range allows them.
_NUMBERS = (0, 1, 2, 3, 4, 5, 6, 10, 50, 99, 100, 101, 1_000, 9_999, 10_000, 10_001, 100_000)


def values(fact: Fact) -> st.SearchStrategy[Any]:
    match fact.type:
        case "boolean":
            return st.booleans()
        case "enum":
            return st.sampled_from(fact.allowed)
        case "set":
            # In any order; the empty list means asked, and there is none.
            return st.lists(st.sampled_from(fact.allowed), unique=True, max_size=len(fact.allowed))
        case _:
            low, high = fact.minimum or 0, fact.maximum or 0
            near = [number for number in _NUMBERS if low <= number <= high]
            whole = st.sampled_from(near) | st.integers(low, high)
            return whole if fact.type == "integer" else whole | st.floats(low, min(high, 30), width=16)


@st.composite
def situations(draw: st.DrawFn, corpus: advisor.Corpus, at_least: int = 0) -> Raw:
    """Draw a situation: mostly few facts, now and then many; facts in any order."""
    names = list(corpus.facts)
    size = draw(st.sampled_from([at_least, at_least, at_least + 5, at_least + 25]))
    known = draw(st.lists(st.sampled_from(names), unique=True, min_size=size, max_size=max(size, 12)))
    if draw(st.booleans()):
        known = list(dict.fromkeys(["situation_types", *known]))
    return {name: draw(values(corpus.facts[name])) for name in known}


SITUATIONS: st.SearchStrategy[Raw] = st.deferred(lambda: situations(advisor.load_corpus()))
"""Situations of the built-in corpus."""
