"""What came of tests: of those in rule files and of scenarios, with what explains each that failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import Field

from advisor import marked, scenarios
from advisor.answer import CorpusNote, Part
from advisor.case import Case
from advisor.citations import corpus_note
from advisor.condition_lines import ConditionLine, condition_lines
from advisor.corpus import Corpus
from advisor.rule import Rule
from advisor.scenarios import Miss
from advisor.selection import Chosen, TestKind
from advisor.trials import Trial, Trials
from advisor.wording import quoted, value_in_words


class Result(Part):
    """What came of one test."""

    kind: Literal["rule", "scenario"]
    id: str = Field(description="Id of the rule or the scenario.")
    topic: str | None = Field(None, description="The rule's topic.")
    pack: str = Field(description="Id of the pack in which the test stands.")
    name: str = Field(description="Name of the test, or title of the scenario.")
    file: str
    line: int
    passed: bool
    expected: str | None = Field(None, description="Of a rule's test: what it expects.")
    got: str | None = Field(None, description="Of a rule's test: what came of it.")
    facts: tuple[str, ...] = Field((), description="Of a test that failed: what is told, in words.")
    conditions: tuple[ConditionLine, ...] = Field(
        (), description="Of a rule's test that failed: the rule's condition as it stands."
    )
    pressing_conditions: tuple[ConditionLine, ...] = Field(
        (), description="Where the test failed by that alone: what would make the rule pressing, as it stands."
    )
    misses: tuple[Miss, ...] = Field((), description="Of a scenario that failed: lines missing and unexpected.")

    @property
    def place(self) -> str:
        """``file:line``."""
        return f"{self.file}:{self.line}"


class Results(Part):
    """What came of a run."""

    corpus: CorpusNote
    passed: int
    failed: int
    stopped: bool = Field(False, description="Whether the run ended at the first test that failed.")
    results: tuple[Result, ...] = Field(description="Tests in rule files by rule and place, then scenarios by id.")


def gather(corpus: Corpus, results: Iterable[Result], *, stopped: bool = False) -> Results:
    """Return the results of a run with their counts."""
    found = tuple(results)
    passed = sum(result.passed for result in found)
    return Results(
        corpus=corpus_note(corpus), passed=passed, failed=len(found) - passed, stopped=stopped, results=found
    )


def run(corpus: Corpus, chosen: Iterable[Chosen]) -> Iterator[Result]:
    """Run tests on the engine that gives advice, in the order in which they are given."""
    trials = Trials(corpus)
    for one in chosen:
        if one.kind == "scenarios":
            yield _scenario(trials, corpus, one.id)
        else:
            yield from _rule(trials, corpus, corpus.rules[one.id], one.tests)


def _rule(trials: Trials, corpus: Corpus, rule: Rule, tests: Iterable[int]) -> Iterator[Result]:
    file = _file(corpus, "rules", rule.id)
    document = marked.read(rule.text, file)
    for index in tests:
        trial = trials.of(rule, rule.tests[index])
        result = Result(
            kind="rule",
            id=rule.id,
            topic=rule.topic,
            pack=rule.pack,
            name=trial.test.name,
            file=file,
            line=document.where(("tests", index))[0],
            passed=trial.passed,
            expected=trial.expected,
            got=trial.got,
        )
        yield result if trial.passed else result.model_copy(update=_explained(trials.case(trial.test.given), trial))


def _explained(case: Case, trial: Trial) -> dict[str, object]:
    rule = trial.rule
    by_pressing = trial.outcome == trial.test.expect and rule.pressing_when is not None
    return {
        "facts": _facts(case),
        "conditions": condition_lines(case, rule.when),
        "pressing_conditions": condition_lines(case, rule.pressing_when) if by_pressing and rule.pressing_when else (),
    }


def _scenario(trials: Trials, corpus: Corpus, name: str) -> Result:
    scenario = corpus.scenarios[name]
    case = trials.case(scenario.facts or {})
    misses = scenarios.hold(case, scenario)
    return Result(
        kind="scenario",
        id=name,
        pack=corpus.origins[f"scenarios:{name}"],
        name=scenario.title,
        file=_file(corpus, "scenarios", name),
        line=1,
        passed=not misses,
        facts=_facts(case) if misses else (),
        misses=misses,
    )


def _file(corpus: Corpus, kind: TestKind, name: str) -> str:
    return corpus.written[f"{kind}:{name}"].rsplit(":", 1)[0]


def _facts(case: Case) -> tuple[str, ...]:
    """Return what is told of a situation, a clause a fact."""
    return tuple(
        f"{quoted(case.corpus.facts[name].label)} is {value_in_words(case.corpus.facts[name], value)}"
        for name, value in case.facts.items()
    )
