"""Prove what rules do in all situations: puts the questions of ``advisor.properties`` and collects the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from advisor.citations import corpus_note
from advisor.corpus import Corpus
from advisor.errors import AdvisorError, UnknownIdError
from advisor.verdict import KINDS, Verdicts

TIMEOUT = 10.0
"""Seconds that the solver may take for one question, unless told otherwise."""


class SolverMissingError(AdvisorError):
    """z3-solver is not installed; the text says how to install it."""

    def __init__(self) -> None:
        super().__init__("proofs need z3-solver: python -m pip install 'burden-sharing-advisor[proof]'")


def prove(
    corpus: Corpus,
    names: Sequence[str] = (),
    timeout: float = TIMEOUT,
) -> Verdicts:
    """Prove what the rules of a corpus do in all situations, or show a smallest situation in which they don't.

    Args:
        corpus: the corpus.
        names: kinds of question, ids of invariants, rules, elements or lessons; everything where nothing is named.
        timeout: seconds that the solver may take for one question.

    Raises:
        SolverMissingError: z3-solver is not installed.
        UnknownIdError: nothing is asked under one of the names.
    """
    if find_spec("z3") is None:
        raise SolverMissingError
    from advisor.properties import Properties  # the solver is imported when it is needed

    questions = list(Properties(corpus, timeout).questions())
    known = {name for question in questions for name in question.names} | set(KINDS)
    for name in names:
        if name not in known:
            alike = [other for other in known if ("/" in other) is ("/" in name)]
            raise UnknownIdError("kind of proof, invariant, rule, element or lesson", name, alike)
    chosen = [question for question in questions if not names or question.names & set(names)]
    verdicts = tuple(question.decide() for question in chosen)
    return Verdicts(corpus=corpus_note(corpus), timeout=timeout, verdicts=verdicts)
