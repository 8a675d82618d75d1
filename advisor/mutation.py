"""Mutation testing of rules: what is changed in their conditions without a test's noticing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from advisor import parallel
from advisor.bench import Bench, By, Status
from advisor.conditions import Facts
from advisor.corpus import Corpus
from advisor.errors import AdvisorError
from advisor.mutants import ALWAYS, NEVER, Kind, Mutant
from advisor.positions import Part, Positions
from advisor.rule import Rule
from advisor.situation import written
from advisor.trials import Outcome

SHARE = 25
"""How many rules a process tries at a time."""


class FailingTestsError(AdvisorError):
    """Some tests fail before anything is changed, so that nothing can be learned from them."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class Hint(_Row):
    """A situation that a test would have to tell, so as to notice a mutant."""

    given: dict[str, Any] = Field(description="The facts.")
    expect: Outcome = Field(description="How the rule ends.")
    pressing: bool = Field(description="Whether it is pressing.")
    mutant: Outcome = Field(description="How the mutant ends.")
    mutant_pressing: bool = Field(description="Whether the mutant is pressing.")


class Tried(_Row):
    """A mutant and what came of it."""

    rule: str = Field(description="Id of the rule.")
    file: str = Field(description="Its file.")
    line: int = Field(description="Where the change stands, from 1.")
    column: int = Field(description="Where the change stands, from 1.")
    part: Part = Field(description="The condition that is changed.")
    kind: Kind = Field(description="How it is changed.")
    before: str = Field(description="What is changed, in words.")
    after: str = Field(description="What it becomes, in words.")
    status: Status = Field(description="What came of it.")
    by: By | None = Field(None, description="What killed it: its own rule's tests, other rules' tests, or scenarios.")
    test: str | None = Field(None, description="The first test that did.")
    hint: Hint | None = Field(None, description="What would kill a survivor; none where the search was given up.")

    def __str__(self) -> str:
        """Return ``file:line:column: kind: before -> after``."""
        within = " (pressing_when)" if self.part == "pressing_when" else ""
        return f"{self.file}:{self.line}:{self.column}: {self.kind}{within}: {self.before} -> {self.after}"


class Mutation(_Row):
    """All mutants of some rules."""

    corpus: str = Field(description="Ids and versions of the packs.")
    digest: str = Field(description="Digest of their content.")
    rules: int = Field(description="How many rules were changed.")
    killed: int = Field(description="How many mutants a test notices.")
    equivalent: int = Field(description="How many end as their rule does in every situation.")
    survived: int = Field(description="How many no test notices.")
    score: float = Field(description="The killed in percent of all that aren't equivalent; 100 where there are none.")
    mutants: tuple[Tried, ...] = Field(description="Each of them, rule by rule and in the order of the rule's file.")

    def count(self, status: Status, kind: Kind | None = None, by: By | None = None) -> int:
        """Return how many mutants ended so."""
        return sum(
            tried.status == status and kind in (None, tried.kind) and by in (None, tried.by) for tried in self.mutants
        )

    @property
    def survivors(self) -> tuple[Tried, ...]:
        """The mutants that no test notices."""
        return tuple(tried for tried in self.mutants if tried.status == "survived")


def run(
    corpus: Corpus,
    rules: Sequence[Rule],
    *,
    jobs: int | None = 1,
    load: Callable[[], Corpus] | None = None,
    done: Callable[[int], None] = lambda _: None,
) -> Mutation:
    """Try all mutants of the rules.

    Args:
        corpus: the corpus that the rules belong to.
        rules: the rules to change; tests of all rules, and scenarios, may notice.
        jobs: how many processes share the work; with one, this process does it; None for as many as pay. The result is
            the same.
        load: loads the corpus again, in a process that can't inherit it; without it this process does all the work.
        done: called with the number of rules whenever the mutants of so many more were tried.

    Raises:
        FailingTestsError: a test fails before anything is changed.
    """
    failing = list(_bench(corpus).failing())
    if failing:
        shown = "\n  ".join(failing[:20])
        more = f"\n  and {len(failing) - 20} more" if len(failing) > 20 else ""
        raise FailingTestsError(f"these tests fail before anything is changed; run advisor test:\n  {shown}{more}")
    shares = [tuple(rule.id for rule in rules[at : at + SHARE]) for at in range(0, len(rules), SHARE)]
    found: list[Tried] = []
    for share, tried in zip(shares, _spread(corpus, shares, jobs, load), strict=True):
        found += tried
        done(len(share))
    count = Counter(tried.status for tried in found)
    counted = count["killed"] + count["survived"]
    return Mutation(
        corpus=corpus.version,
        digest=corpus.digest,
        rules=len(rules),
        killed=count["killed"],
        equivalent=count["equivalent"],
        survived=count["survived"],
        score=100 * count["killed"] / counted if counted else 100.0,
        mutants=tuple(found),
    )


def _spread(
    corpus: Corpus, shares: Sequence[tuple[str, ...]], jobs: int | None, load: Callable[[], Corpus] | None
) -> Iterator[list[Tried]]:
    # A process takes about as long to start, and to learn the situations of the tests, as some shares take.
    jobs = jobs or min(parallel.cores(), len(shares) // 8)
    if jobs <= 1 or load is None:
        return (_try_all(corpus, share) for share in shares)
    return parallel.spread(_try_all, shares, corpus, jobs, load)


@lru_cache(maxsize=1)
def _bench(corpus: Corpus) -> Bench:
    return Bench(corpus)


def _try_all(corpus: Corpus, rules: Sequence[str]) -> list[Tried]:
    bench = _bench(corpus)
    return [tried for name in rules for tried in _tried(bench, corpus.rules[name])]


def _tried(bench: Bench, rule: Rule) -> Iterator[Tried]:
    positions = Positions(rule)
    file = bench.corpus.written.get(f"rules:{rule.id}", rule.file).split(":", 1)[0]
    for mutant in bench.mutants_of(rule):
        ending = bench.try_on(rule, mutant)
        line, column = positions.where(mutant.part, mutant.span, mutant.member)
        yield Tried(
            rule=rule.id,
            file=file,
            line=line,
            column=column,
            part=mutant.part,
            kind=mutant.kind,
            before=str(mutant.before),
            after=_after(mutant),
            status=ending.status,
            by=ending.by,
            test=ending.test,
            hint=None if ending.facts is None else _hint(bench, rule, mutant, ending.facts),
        )


def _after(mutant: Mutant) -> str:
    if mutant.kind == "drop" and mutant.condition not in (ALWAYS, NEVER):
        return "nothing"
    return "always" if mutant.after == ALWAYS else "never" if mutant.after == NEVER else str(mutant.after)


def _hint(bench: Bench, rule: Rule, mutant: Mutant, facts: Facts) -> Hint:
    expect, pressing = bench.outcome(rule, None, facts)
    changed, changed_pressing = bench.outcome(rule, mutant, facts)
    return Hint(
        given=written(facts), expect=expect, pressing=pressing, mutant=changed, mutant_pressing=changed_pressing
    )
