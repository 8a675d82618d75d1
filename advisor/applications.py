"""Applications: a lesson applied by a rule that fired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.corpus import Corpus, PerCorpus
from advisor.model import BASES, HEDGES, Consequence, Lesson, Strength
from advisor.rule import Rule

STRENGTH_ORDER: dict[Strength, int] = {"must": 0, "should": 1, "avoid": 1, "consider": 2}
"""How strengths compare when lines are ranked; what is to be avoided weighs as much as what should be done."""


@dataclass(frozen=True, slots=True)
class Application:
    """A lesson applied by a rule that fired.

    Attributes:
        rule: the rule.
        consequence: the consequence of the rule that applies the lesson.
        lesson: the lesson.
        strength: the lesson's strength, or a lower one if the rule weakens it.
        pressing: whether the rule's ``pressing_when`` holds.
        superseded: whether a lesson of another pack supersedes the lesson.
    """

    rule: Rule
    consequence: Consequence
    lesson: Lesson
    strength: Strength
    pressing: bool
    superseded: bool = False

    @property
    def says(self) -> str:
        """The lesson, or the one of which it is a restatement: what says the same counts once."""
        return canonical(self.lesson)

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorts the lessons of a line: in force, strong, norms and unhedged ones come first."""
        return (
            self.superseded,
            STRENGTH_ORDER[self.strength],
            BASES.index(self.lesson.basis),
            HEDGES.index(self.lesson.hedge),
            -self.lesson.weight,
            self.lesson.id,
            self.rule.id,
        )


def canonical(lesson: Lesson) -> str:
    """Return the id of the lesson, or of the one that it restates."""
    return lesson.same_as or lesson.id


def applications_of(corpus: Corpus, rule: Rule, pressing: bool = False) -> tuple[Application, ...]:
    """Return the lessons that a rule applies when it fires, in the order in which it names them."""
    found = []
    for consequence in rule.then:
        if consequence.lesson is not None:
            lesson = corpus.lessons[consequence.lesson]
            strength = consequence.strength or lesson.strength
            found.append(Application(rule, consequence, lesson, strength, pressing, corpus.superseded(lesson.id)))
    return tuple(found)


class Applied:
    """The lessons that each rule of a corpus applies: of one that fires, and of one that fires and is pressing."""

    def __init__(self, corpus: Corpus) -> None:
        rules: Mapping[str, Rule] = corpus.rules
        self.calm = {name: applications_of(corpus, rule) for name, rule in rules.items()}
        self.pressing = {
            name: applications_of(corpus, rule, pressing=True)
            for name, rule in rules.items()
            if rule.pressing_when is not None
        }


applied: PerCorpus[Applied] = PerCorpus(Applied)
