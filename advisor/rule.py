"""Rules as the engine uses them: conditions read, origin kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from advisor.conditions import Condition
from advisor.model import Consequence, Reading, RuleTest


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions on facts and findings, and what follows.

    Attributes:
        id: equals the stem of its file.
        topic: the folder below ``rules/`` in which it lies.
        pack: id of the pack it comes from.
        title: what it says, in a line.
        reading: ``source`` where the paper says it so, ``ours`` where the trigger or a threshold is our reading.
        note: what is ours in it.
        when: the condition under which it fires.
        pressing_when: what makes it more urgent; never gates it.
        then: its consequences.
        tests: situations in which it fires, is silent and is open.
        file: its file below the pack's folder.
        text: the YAML as written.
    """

    id: str
    topic: str
    pack: str
    title: str
    reading: Reading
    note: str | None
    when: Condition
    pressing_when: Condition | None
    then: tuple[Consequence, ...]
    tests: Sequence[RuleTest]
    file: str
    text: str = field(repr=False)

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings that it derives."""
        return tuple(consequence.finding for consequence in self.then if consequence.finding)

    @property
    def lessons(self) -> tuple[str, ...]:
        """The lessons that it applies, each once."""
        return tuple(dict.fromkeys(consequence.lesson for consequence in self.then if consequence.lesson))
