"""Conditions in words, and what a change of a condition comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.conditions import All, AnyOf, Condition, FactTest, FindingIs
from advisor.corpus import Corpus
from advisor.wording import clause, joined, quoted


def in_words(corpus: Corpus, condition: Condition) -> str:
    """Return a condition as a clause, with brackets where ``and`` and ``or`` meet."""
    match condition:
        case FactTest():
            return clause(corpus, condition) if condition.fact in corpus.facts else str(condition)
        case FindingIs():
            finding = corpus.findings.get(condition.finding)
            return f"the finding {quoted(finding.title if finding else condition.finding)} holds"
        case All() | AnyOf():
            parts = [
                f"({in_words(corpus, part)})" if isinstance(part, All | AnyOf) else in_words(corpus, part)
                for part in condition.parts
            ]
            return joined(parts, "and" if isinstance(condition, All) else "or")


class ConditionChange:
    """What became of a condition from one corpus to another."""

    def __init__(self, old: Corpus, new: Corpus) -> None:
        self._old = old
        self._new = new

    def clauses(self, before: Condition | None, after: Condition | None) -> list[str]:
        """Return the change as clauses; none where the conditions are equal."""
        if before == after:
            return []
        if before is None or after is None:
            shown = in_words(self._new, after) if after is not None else ""
            return [f"holds where {shown}"] if after is not None else [f"no longer holds where {self._was(before)}"]
        return list(self._changes(before, after))

    def _was(self, condition: Condition | None) -> str:
        return in_words(self._old, condition) if condition is not None else ""

    def _changes(self, before: Condition, after: Condition) -> Iterator[str]:
        if not isinstance(before, AnyOf) and not isinstance(after, AnyOf):
            yield from self._parts(before, after, All, "also asks that", "no longer asks that", "asks that")
        elif not isinstance(before, All) and not isinstance(after, All):
            yield from self._parts(before, after, AnyOf, "also holds where", "no longer holds where", "holds where")
        else:
            yield f"holds where {in_words(self._new, after)}, instead of where {self._was(before)}"

    def _parts(
        self, before: Condition, after: Condition, kind: type[All] | type[AnyOf], come: str, gone: str, stays: str
    ) -> Iterator[str]:
        old, new = _parts_of(before, kind), _parts_of(after, kind)
        lost = [part for part in old if part not in new]
        gained = [part for part in new if part not in old]
        for part in list(lost):
            match = next((other for other in gained if _alike(part, other)), None)
            if match is None:
                continue
            lost.remove(part)
            gained.remove(match)
            if isinstance(part, All | AnyOf):
                yield from self._changes(part, match)
            else:
                yield f"{stays} {in_words(self._new, match)}, instead of {self._was(part)}"
        yield from (f"{come} {in_words(self._new, part)}" for part in gained)
        yield from (f"{gone} {self._was(part)}" for part in lost)
        if not lost and not gained and sorted(map(str, old)) == sorted(map(str, new)):
            yield "tells the same conditions in another order or twice"


def _parts_of(condition: Condition, kind: type[All] | type[AnyOf]) -> Sequence[Condition]:
    return condition.parts if isinstance(condition, kind) else (condition,)


def _alike(one: Condition, other: Condition) -> bool:
    """Return whether a condition that is gone and one that is new are best told as one that changed."""
    if isinstance(one, FactTest) and isinstance(other, FactTest):
        return one.fact == other.fact
    if isinstance(one, All | AnyOf) and type(one) is type(other):
        assert isinstance(other, All | AnyOf)
        return bool(set(map(str, one.parts)) & set(map(str, other.parts)))
    return False
