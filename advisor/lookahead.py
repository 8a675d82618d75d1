"""Looking ahead: which rules would fire if other facts were known.

Explanations ask this thousands of times for one answer. So the rules are evaluated here directly, by Kleene's logic,
without matching; that it says what the engine says is a property that the tests hold both to. An answer itself always
comes from the engine.
"""

from __future__ import annotations

from advisor.case import Case
from advisor.conditions import Facts, evaluate
from advisor.corpus import Corpus
from advisor.engine import Run


def look_ahead(corpus: Corpus, facts: Facts) -> Run:
    """Return what the engine would fire on canonical facts."""
    truths = corpus.truths(facts)
    fired = [rule for rule in corpus.rules.values() if evaluate(rule.when, facts, truths)]
    pressing = [rule for rule in fired if rule.pressing_when and evaluate(rule.pressing_when, facts, truths)]
    return Run(
        fired=frozenset(rule.id for rule in fired),
        pressing=frozenset(rule.id for rule in pressing),
        findings=frozenset(name for name, truth in truths.items() if truth),
    )


def hypothetical(corpus: Corpus, facts: Facts) -> Case:
    """Return the case that known facts, in any order, would make."""
    known = {name: facts[name] for name in corpus.facts if name in facts}
    return Case(corpus, known, look_ahead(corpus, known))
