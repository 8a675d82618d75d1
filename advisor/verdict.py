"""Verdicts: what came of the questions that ``advisor prove`` puts, frozen, typed, and the same in text and JSON."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from advisor.answer import CorpusNote, Paragraph, Part

FORMAT = "1"
"""Version of this shape."""

Kind = Literal["reachable", "needed", "consistent", "advised", "invariants"]
State = Literal["proved", "failed", "not_decided"]

KINDS: dict[Kind, str] = {
    "reachable": "Every rule can fire, and press where it may",
    "needed": "No rule says only what others say wherever it fires",
    "consistent": "Nothing is called for and to be avoided at once, unless a tension says why it may be",
    "advised": "Each kind of situation gets advice in each phase",
    "invariants": "What the packs declare of the advice holds",
}
"""The kinds of question, with what is proved."""


class Counterexample(Part):
    """The smallest situation that shows a failure; the engine has confirmed it."""

    facts: dict[str, Any] = Field(description="The known facts, as a request or a situation file has them.")
    smallest: bool = Field(description="False where the time was up before it was shown that none is smaller.")
    shows: tuple[str, ...] = Field(description="What the answer to it does.")


class Verdict(Part):
    """What came of one question."""

    kind: Kind
    id: str = Field(description="The rule, the element and the lesson, the kind and the phase, or the invariant.")
    title: str = Field(description="What was to be proved.")
    state: State = Field(description="'not_decided' where the solver ran out of time; it is no proof.")
    text: str = Field("", description="Why it failed, or wasn't decided.")
    reason: str | None = Field(None, description="Of an invariant or a tension: why it is so.")
    paragraphs: tuple[Paragraph, ...] = ()
    counterexample: Counterexample | None = None


class Verdicts(Part):
    """What came of all questions."""

    format: str = FORMAT
    corpus: CorpusNote
    timeout: float = Field(description="Seconds that the solver might take for one question.")
    verdicts: tuple[Verdict, ...]

    def count(self, state: State, kind: Kind | None = None) -> int:
        """Return how many verdicts, of a kind if one is given, are in a state."""
        return sum(verdict.state == state and kind in (None, verdict.kind) for verdict in self.verdicts)

    @property
    def good(self) -> bool:
        """Whether everything was proved."""
        return all(verdict.state == "proved" for verdict in self.verdicts)
