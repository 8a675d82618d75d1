"""The burden-sharing advisor: advice on international cooperation for refugee situations, with its reasons.

>>> import advisor
>>> answer = advisor.advise({"situation_types": ["mass_influx"], "contributions_offered": ["money"]})
>>> answer.headlines[0].rationale[0].paragraphs[0].ref
'14'

The names below are the whole public interface; everything they return is frozen and can be shared between threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from advisor.answer import Advice, Item, Rationale
from advisor.corpus import Corpus, load
from advisor.errors import AdvisorError, CorpusError, Problem, SituationError, UnknownIdError

if TYPE_CHECKING:
    from os import PathLike

__version__ = "0.1.0"

__all__ = [
    "Advice",
    "AdvisorError",
    "Corpus",
    "CorpusError",
    "Item",
    "Problem",
    "Rationale",
    "SituationError",
    "UnknownIdError",
    "__version__",
    "advise",
    "load_corpus",
]


@lru_cache(maxsize=1)
def _builtin() -> Corpus:
    return load()


def load_corpus(*folders: str | PathLike[str]) -> Corpus:
    """Load a corpus: the built-in one (kept after the first call), or the packs in the given folders.

    Raises:
        CorpusError: the content is refused as a whole; it carries every problem, with file, line and column.
    """
    return load(*folders) if folders else _builtin()


def advise(facts: Mapping[str, object], corpus: Corpus | None = None) -> Advice:
    """Return the advice on a situation.

    Args:
        facts: what is known of it: fact names to values (see ``corpus.facts``). A fact that is missing or None is
            unknown, which is not the same as false; an empty list means asked, and there is none.
        corpus: what to advise from; the built-in corpus if None.

    Raises:
        SituationError: a fact is unknown to the vocabulary or its value is not allowed; it carries every problem.
    """
    from advisor.advice import advise as assemble  # the engine is imported when first needed

    return assemble(facts, corpus or _builtin())
