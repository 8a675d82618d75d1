"""Applications: a lesson applied by a rule that fired."""

from __future__ import annotations

from collections.abc import Mapping, Set
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


class _Applications(dict[str, tuple[Application, ...]]):
    """For each rule the lessons that it applies, in the order in which it names them; made when first asked for."""

    def __init__(self, corpus: Corpus, superseded: Set[str], *, pressing: bool) -> None:
        self._rules = corpus.rules
        self._lessons = corpus.lessons
        self._superseded = superseded
        self._pressing = pressing

    def __missing__(self, name: str) -> tuple[Application, ...]:
        rule = self._rules[name]
        found = []
        for consequence in rule.then:
            if consequence.lesson is not None:
                lesson = self._lessons[consequence.lesson]
                strength = consequence.strength or lesson.strength
                superseded = lesson.id in self._superseded
                found.append(Application(rule, consequence, lesson, strength, self._pressing, superseded))
        return self.setdefault(name, tuple(found))


class Applied:
    """The lessons that each rule of a corpus applies.

    Attributes:
        calm: when it fires.
        pressing: when it fires and is pressing.
    """

    def __init__(self, corpus: Corpus) -> None:
        superseded = frozenset(filter(corpus.superseded, corpus.lessons))
        self.calm: Mapping[str, tuple[Application, ...]] = _Applications(corpus, superseded, pressing=False)
        self.pressing: Mapping[str, tuple[Application, ...]] = _Applications(corpus, superseded, pressing=True)


applied: PerCorpus[Applied] = PerCorpus(Applied)
