"""The burden-sharing advisor: advice on international cooperation for refugee situations, with its reasons.

>>> import advisor
>>> answer = advisor.advise({"situation_types": ["mass_influx"], "contributions_offered": ["money"]})
>>> answer.headlines[0].rationale[0].paragraphs[0].ref
'14'

The names below are the whole public interface; everything they return is frozen and can be shared between threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from os import fspath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike

    from advisor.answer import Advice, Item, Rationale, Trace
    from advisor.case import Case
    from advisor.compare import Comparison
    from advisor.corpus import Corpus
    from advisor.errors import AdvisorError, CorpusError, Problem, SituationError, UnknownIdError
    from advisor.flips import FlipPoints
    from advisor.prospects import NextQuestions
    from advisor.verdict import Verdicts
    from advisor.verification import Verification
    from advisor.why import Why
    from advisor.whynot import WhyNot

__version__ = "0.2.0"

__all__ = [
    "Advice",
    "AdvisorError",
    "Corpus",
    "CorpusError",
    "Item",
    "Problem",
    "Rationale",
    "SituationError",
    "Trace",
    "UnknownIdError",
    "__version__",
    "advise",
    "advise_json",
    "compare_situations",
    "explain_why",
    "explain_why_not",
    "flip_points",
    "load_corpus",
    "next_questions",
    "prove_rules",
    "trace_of",
    "verify",
]

Facts = Mapping[str, object]
"""Fact names to values. A fact that is missing or None is unknown; an empty list means asked, and there is none."""

# Importing this package imports what its caller uses. A class comes from its module when it is first asked for.
_CLASSES = {
    **dict.fromkeys(("Advice", "Item", "Rationale", "Trace"), "advisor.answer"),
    "Corpus": "advisor.corpus",
    **dict.fromkeys(("AdvisorError", "CorpusError", "Problem", "SituationError", "UnknownIdError"), "advisor.errors"),
}

if not TYPE_CHECKING:  # else any name would pass for one of this module's

    def __getattr__(name: str) -> type:
        if name not in _CLASSES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = globals()[name] = getattr(import_module(_CLASSES[name]), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *_CLASSES})


@lru_cache(maxsize=1)
def _builtin() -> Corpus:
    from advisor.compiled import load

    return load()


def load_corpus(*folders: str | PathLike[str]) -> Corpus:
    """Load a corpus: the built-in one (kept after the first call), or the given packs and all on which they build.

    Args:
        folders: pack folders, or ids of packs that come with the advisor.

    Raises:
        CorpusError: the content is refused as a whole; it carries every problem, with file, line and column.
    """
    if not folders:
        return _builtin()
    from advisor.compiled import load
    from advisor.content import named_folders

    return load(*named_folders([fspath(folder) for folder in folders]))


# What follows imports what it needs when it is called: a caller who only advises doesn't pay for the explanations.


def advise(facts: Facts, corpus: Corpus | None = None) -> Advice:
    """Return the advice on a situation.

    Args:
        facts: what is known of it (see ``corpus.facts`` for the names and values).
        corpus: what to advise from; the built-in corpus if None.

    Raises:
        SituationError: a fact is unknown to the vocabulary or its value is not allowed; it carries every problem.
    """
    from advisor.advice import advise as answer

    return answer(facts, corpus or _builtin())


def advise_json(facts: Facts, corpus: Corpus | None = None) -> bytes:
    """Return the advice on a situation as JSON text in UTF-8; much sooner than an object could be written so.

    Args:
        facts: what is known of it.
        corpus: what to advise from; the built-in corpus if None.

    Raises:
        SituationError: as for ``advise``.
    """
    from advisor.advice import advise_json as answer

    return answer(facts, corpus or _builtin())


def trace_of(facts: Facts, corpus: Corpus | None = None) -> Trace:
    """Return how the advice on a situation was derived, from the facts to the lines and what set them aside.

    Raises:
        SituationError: as for ``advise``.
    """
    from advisor.trace import trace as derive

    return derive(_case(facts, corpus))


def explain_why(facts: Facts, name: str, corpus: Corpus | None = None) -> Why:
    """Return why an element, lesson, finding or rule holds of a situation, from the rules down to the facts.

    Raises:
        SituationError: as for ``advise``.
        UnknownIdError: there is no such thing; its text has the nearest id.
    """
    from advisor.why import why as explain

    return explain(_case(facts, corpus), name)


def explain_why_not(facts: Facts, name: str, corpus: Corpus | None = None) -> WhyNot:
    """Return the rules that could have led to an element, lesson, finding or red flag, the nearest miss first.

    Raises:
        SituationError: as for ``advise``.
        UnknownIdError: there is no such thing; its text has the nearest id.
    """
    from advisor.whynot import why_not as explain

    return explain(_case(facts, corpus), name)


def compare_situations(before: Facts, after: Facts, corpus: Corpus | None = None) -> Comparison:
    """Return how the advice on two situations differs, and through which facts.

    Raises:
        SituationError: as for ``advise``.
    """
    from advisor.compare import compare as differences

    return differences(_case(before, corpus), _case(after, corpus))


def flip_points(facts: Facts, of: Sequence[str] = (), limit: int = 3, corpus: Corpus | None = None) -> FlipPoints:
    """Return the smallest changes of facts that would add or remove lines of the advice, each confirmed by running it.

    Args:
        facts: what is known.
        of: ids of recommendations, cautions or red flags, present or not; none for all red flags and headlines.
        limit: how many facts may change together, 1 to 3.
        corpus: what to advise from; the built-in corpus if None.

    Raises:
        SituationError: as for ``advise``.
        UnknownIdError: an id names no line; its text has the nearest id.
    """
    from advisor.flips import flip_points as flips

    return flips(facts, corpus or _builtin(), of, limit)


def next_questions(facts: Facts, corpus: Corpus | None = None) -> NextQuestions:
    """Return the unknown facts worth asking, the most telling first, with what each answer would bring.

    Raises:
        SituationError: as for ``advise``.
    """
    from advisor.prospects import ask

    return ask(facts, corpus or _builtin())


def verify(answer: Mapping[str, Any], corpus: Corpus | None = None) -> Verification:
    """Derive a saved answer again and say whether it holds, or what differs and why.

    Args:
        answer: the answer as plain data, as the service or ``advisor advise --format json`` gave it.
        corpus: what to derive it from; the built-in corpus if None.

    Raises:
        AdvisorError: it is no answer; the text says what it lacks.
    """
    from advisor.verification import verify as check

    return check(answer, corpus or _builtin())


def prove_rules(names: Sequence[str] = (), corpus: Corpus | None = None, timeout: float = 10.0) -> Verdicts:
    """Prove what the rules do in all situations, or return smallest situations in which they don't; needs z3-solver.

    Args:
        names: kinds of question (``reachable``, ``needed``, ``consistent``, ``advised``, ``invariants``), ids of
            invariants, rules, elements or lessons; everything where nothing is named.
        corpus: the corpus; the built-in one if None.
        timeout: seconds that the solver may take for one question.

    Raises:
        AdvisorError: z3-solver is not installed; the text says how to install it.
        UnknownIdError: nothing is asked under one of the names.
    """
    from advisor.prove import prove

    return prove(corpus or _builtin(), names, timeout)


def _case(facts: Facts, corpus: Corpus | None) -> Case:
    from advisor import situation
    from advisor.case import Case
    from advisor.engine import engine_for

    known = corpus or _builtin()
    told = situation.parse(facts, known.facts)
    return Case(known, told, engine_for(known).run(told))
