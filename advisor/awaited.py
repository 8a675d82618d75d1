"""What undecided conditions wait for: the unknown facts that could decide them, and the share of each in the decision.

Where k undecided conditions must hold together, each decides the less: a fact's share is one k-squared-th of its share
in the part. Where one of several will do, a fact has its greatest share. Through the findings a condition waits for
what the rules that derive them wait for. A share is always one part in so many, and is told as that number.

What a condition waits for is kept in two layers: its own tests and findings, which for most conditions are what they
are while nothing is known; and what is behind each finding, which is worked out once for a case, however many
conditions wait for the finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import TypeAlias

from advisor.decided import Decided
from advisor.index import Index

Share: TypeAlias = "tuple[int, int]"
"""A fact by its number, or a finding by its node; its share is one part in so many."""


@dataclass(frozen=True, eq=False, slots=True)
class Wait:
    """Something for which conditions wait; mostly the same object for all that wait for the same, which counts faster.

    One with a fact alone is a test of it. One with findings alone is all that stands behind them. One with both says
    that the fact is tested and may also stand behind the findings.

    Attributes:
        findings: findings, each once, sorted.
        fact: a fact.
    """

    findings: tuple[Share, ...]
    fact: Share | None


Waits: TypeAlias = "tuple[Wait, ...]"
"""All that one condition waits for: each fact that it tests once, and its findings together once."""


_CHANGED = 4
"""Beside the truths of nodes: that one is unknown, and waits for other parts than while nothing is known."""
_KEPT = 8
"""What changed conditions wait for is kept for so many of them to each condition that there is."""


class _Kept:
    """What is worked out once and asked for again in other cases; shared between threads.

    Attributes:
        same: the ``Wait`` for each fact and findings; it is no more than a saving that it is the same.
        joint: for each gate, and the truths of its parts, what it waits for.
        either: for each two conditions what they wait for as if either would do.
    """

    def __init__(self) -> None:
        self.same: dict[tuple[tuple[Share, ...], Share | None], Wait] = {}
        self.joint: dict[tuple[int, tuple[int, ...]], Waits] = {}
        self.either: dict[tuple[Waits, Waits], Waits] = {}
        self._readers: dict[int, Callable[[Sequence[int]], tuple[int, ...]]] = {}

    def make_room(self, conditions: int) -> None:
        """Forget everything where too much is kept; what is worked out anew is counted apart, with the same sums."""
        if len(self.joint) + len(self.either) >= _KEPT * conditions:
            self.joint.clear()
            self.either.clear()
            self.same.clear()

    def truths_of_parts(self, index: Index, node: int) -> Callable[[Sequence[int]], tuple[int, ...]]:
        """Return the function that picks the truths of a gate's parts from those of all nodes."""
        reader = self._readers.get(node)
        if reader is None:
            first, *rest = index.parts[node]
            # The first one twice, so that it gives a tuple for one part, too.
            reader = self._readers[node] = itemgetter(first, first, *rest)
        return reader


class Awaited:
    """What the undecided conditions of one case wait for.

    Attributes:
        decided: what is decided in the case.
    """

    def __init__(self, decided: Decided, nothing_known: Awaited | None = None) -> None:
        """Look at a case.

        Args:
            decided: what is decided in it.
            nothing_known: the same where nothing is known, shared between threads; asked for what has not changed.
        """
        self.decided = decided
        self._nothing_known = nothing_known
        self._kept: _Kept = _Kept() if nothing_known is None else nothing_known._kept
        self._waits: dict[int, Waits] = {}
        self._behind: dict[int, dict[int, int]] = {}
        self._stirred: dict[int, bool] = {}
        self._alone: dict[int, frozenset[int]] = {}

    def facts(self, nodes: Iterable[int]) -> set[int]:
        """Return the facts that could decide some of the nodes; a decided node waits for none."""
        found: set[int] = set()
        for wait in {wait for node in nodes for wait in self.waits(node)}:
            if wait.fact is not None:
                found.add(wait.fact[0])
            else:
                for finding, _ in wait.findings:
                    found.update(self._behind_finding(finding))
        return found

    def waits(self, node: int) -> Waits:
        """Return what a node waits for."""
        if self._nothing_known is not None:
            state = self._states[node]
            if not state:
                return self._nothing_known.waits(node)
            return () if state != _CHANGED else self._changed(node)
        found = self._waits.get(node)
        if found is None:
            found = self._waits[node] = () if self.decided.truth[node] else self._work_out(node)
        return found

    @cached_property
    def _states(self) -> bytes:
        """For each node its truth, and ``_CHANGED`` where it is unknown but has changed."""
        changed = int.from_bytes(self.decided.changed) * _CHANGED
        return (int.from_bytes(self.decided.truth) | changed).to_bytes(len(self.decided.truth))

    def _changed(self, node: int) -> Waits:
        states = self._kept.truths_of_parts(self.decided.index, node)(self._states)
        if _CHANGED in states:
            # It has changed inside one of its parts.
            found = self._waits.get(node)
            if found is None:
                found = self._waits[node] = self._work_out(node)
            return found
        # In other cases the same parts of it are decided.
        kept = self._kept.joint
        found = kept.get((node, states))
        if found is None:
            self._kept.make_room(len(self._states))
            found = kept[node, states] = self._work_out(node)
        return found

    def either(self, own: Waits, other: Waits) -> Waits:
        """Return what one of two conditions waits for, as if either would do."""
        kept = self._kept.either
        found = kept.get((own, other))
        if found is None:
            self._kept.make_room(len(self.decided.index))
            found = kept[own, other] = self._joined((own, other), 1)
        return found

    def _work_out(self, node: int) -> Waits:
        index, truth = self.decided.index, self.decided.truth
        fact = index.fact_of[node]
        if fact >= 0:
            return (self._wait((), (fact, 1)),)
        if index.is_finding(node):
            return (self._wait(((node, 1),), None),)
        parts = [self.waits(part) for part in index.parts[node] if not truth[part]]
        return self._joined(parts, len(parts) ** 2 if index.is_all[node] else 1)

    def _joined(self, parts: Sequence[Waits], times: int) -> Waits:
        if len(parts) == 1:
            return parts[0]
        index = self.decided.index
        facts: dict[int, int] = {}
        findings: dict[int, int] = {}
        for wait in chain.from_iterable(parts):
            if not wait.findings:
                assert wait.fact is not None
                _merge(facts, (wait.fact,), times)
            elif wait.fact is None:
                _merge(findings, wait.findings, times)
        found = [self._wait((), share) for share in facts.items()]
        if findings:
            through = tuple(sorted(findings.items()))
            found.append(self._wait(through, None))
            behind = [index.behind(finding) for finding in findings]
            doubled = [share for share in facts.items() if any(share[0] in known for known in behind)]
            found += [self._wait(through, share) for share in doubled]
        return tuple(found)

    def _wait(self, findings: tuple[Share, ...], fact: Share | None) -> Wait:
        key = (findings, fact)
        return self._kept.same.get(key) or self._kept.same.setdefault(key, Wait(findings, fact))

    def _through(self, findings: Iterable[Share]) -> dict[int, int]:
        """Return the facts behind some findings, each with its greatest share."""
        found: dict[int, int] = {}
        for finding, share in findings:
            _merge(found, self._behind_finding(finding).items(), share)
        return found

    def _behind_finding(self, finding: int) -> dict[int, int]:
        if self._nothing_known is not None and not self._is_stirred(finding):
            return self._nothing_known._behind_finding(finding)
        found = self._behind.get(finding)
        if found is None:
            found = self._behind[finding] = {}
            for rule in self.decided.index.parts[finding]:
                for wait in self.waits(rule):
                    if not wait.findings:
                        assert wait.fact is not None
                        _merge(found, (wait.fact,), 1)
                    elif wait.fact is None:
                        _merge(found, self._through(wait.findings).items(), 1)
        return found

    def _is_stirred(self, finding: int) -> bool:
        """Return whether other facts are behind a finding than while nothing is known."""
        found = self._stirred.get(finding)
        if found is None:
            truth, changed = self.decided.truth, self.decided.changed
            found = self._stirred[finding] = any(
                truth[rule]
                or changed[rule]
                or any(self._is_stirred(other) for wait in self.waits(rule) for other, _ in wait.findings)
                for rule in self.decided.index.parts[finding]
            )
        return found

    def weigh(self, batches: Iterable[tuple[int, Iterable[Waits]]]) -> dict[Share, int]:
        """Return the sum of the weights of the conditions that wait for a fact with a share, for each of these.

        Args:
            batches: weights, each with what conditions of that weight wait for.
        """
        weights: Counter[Wait] = Counter()
        for weight, conditions in batches:
            for wait, count in Counter(chain.from_iterable(conditions)).items():
                weights[wait] += weight * count
        sums: Counter[Share] = Counter()
        behind: dict[tuple[Share, ...], dict[int, int]] = {}
        for wait, weight in weights.items():
            if wait.findings not in behind:
                behind[wait.findings] = self._through(wait.findings)
            if wait.fact is None:
                for share in behind[wait.findings].items():
                    sums[share] += weight
            elif not wait.findings:
                sums[wait.fact] += weight
            elif wait.fact[0] in behind[wait.findings]:
                # Counted twice, as tested and as behind the findings: the greater share stands.
                fact, share_tested = wait.fact
                sums[fact, max(share_tested, behind[wait.findings][fact])] -= weight
        return {share: weight for share, weight in sums.items() if weight}

    def alone(self, node: int) -> frozenset[int]:
        """Return the facts each of which alone could make a node true; none where it is decided."""
        if self.decided.truth[node]:
            return frozenset()
        found = self._alone.get(node)
        if found is None:
            found = self._alone[node] = self._work_out_alone(node)
        return found

    def _work_out_alone(self, node: int) -> frozenset[int]:
        index, truth = self.decided.index, self.decided.truth
        fact = index.fact_of[node]
        if fact >= 0:
            return frozenset((fact,))
        first, *rest = [self.alone(part) for part in index.parts[node] if not truth[part]]
        return first.intersection(*rest) if index.is_all[node] else first.union(*rest)


def _merge(into: dict[int, int], shares: Iterable[Share], times: int) -> None:
    """Take up the shares where they are greater than those there are; one in ``times`` of each."""
    for name, share in shares:
        share *= times  # noqa: PLW2901
        if into.get(name, share) >= share:
            into[name] = share
