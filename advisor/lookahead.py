"""Looking ahead: which rules would fire if other facts were known.

Explanations ask this thousands of times for one answer. So what would fire is read off what is decided, without the
engine; that it says what the engine says is a property that the tests hold both to. An answer itself always comes from
the engine.
"""

from __future__ import annotations

from advisor.case import Case
from advisor.conditions import Facts
from advisor.corpus import Corpus
from advisor.engine import Run


def look_ahead(corpus: Corpus, facts: Facts) -> Run:
    """Return what the engine would fire on canonical facts."""
    decided = corpus.decide(facts)
    names, presses = corpus.index.rules, corpus.index.presses
    return Run(
        fired=frozenset(names[rule] for rule in decided.true_rules),
        pressing=frozenset(names[rule] for node, rule in presses.items() if decided.of(node) and decided.of(rule)),
        findings=frozenset(name for name, truth in decided.findings.items() if truth),
    )


def hypothetical(corpus: Corpus, facts: Facts) -> Case:
    """Return the case that known facts, in any order, would make."""
    known = {name: facts[name] for name in corpus.facts if name in facts}
    return Case(corpus, known, look_ahead(corpus, known))
