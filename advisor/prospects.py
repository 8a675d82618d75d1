"""What each answer to a question would bring: the lines that it would add, set aside or move among the headlines.

Each value is tried: the rules are evaluated with it, and what stands then is held against what stands now. Of a set
each member is tried alone, and the empty set; of a number one value from each range between which the rules draw a
threshold. Members of a set may do together what none does alone; so "changes nothing by itself" is no promise.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import Field

from advisor import situation
from advisor.answer import CorpusNote, Part, Question
from advisor.case import Case
from advisor.citations import corpus_note
from advisor.conditions import Facts, Value, plain
from advisor.corpus import Corpus
from advisor.domains import Span, classes_of, range_of
from advisor.lines import Lines, ToldLine
from advisor.lookahead import look_ahead
from advisor.model import Fact
from advisor.questions import MAX_QUESTIONS, OpenFact, OpenFacts, next_facts, open_facts, question
from advisor.wording import joined, quoted

SHOWN = 3
"""How many lines a sentence names before it counts the rest."""


class Change(Part):
    """How the advice differs once more is told: ids of lines, each list in the order of the answer."""

    recommended: tuple[str, ...] = Field((), description="Elements newly recommended.")
    cautions: tuple[str, ...] = Field((), description="Lessons that newly warn.")
    red_flags: tuple[str, ...] = Field((), description="Rules that newly raise a red flag or report a contradiction.")
    arguments: tuple[str, ...] = Field((), description="Lessons that newly argue for sharing.")
    set_aside: tuple[str, ...] = Field((), description="Elements and lessons newly set aside.")
    pressing: tuple[str, ...] = Field((), description="Lines that stood already and are newly pressing.")
    headlines_added: tuple[str, ...] = ()
    headlines_dropped: tuple[str, ...] = Field((), description="Headlines that no longer are, set aside or not.")
    text: str = Field(description="The same in a sentence.")


class Prospect(Change):
    """What one answer to a question would bring."""

    value: Any = Field(description="The value that was tried; of a range one number in it.")
    label: str
    at_least: float | int | None = Field(None, description="Of a range: its bounds; null where it has none.")
    more_than: float | int | None = None
    at_most: float | int | None = None
    less_than: float | int | None = None


class OpenQuestion(Question):
    """A question with what each answer would bring."""

    worth_asking: bool | None = Field(
        description="Whether it is usually asked in such a situation; null where other facts must tell that first."
    )
    prospects: tuple[Prospect, ...]


class NextQuestions(Part):
    """What to ask next."""

    corpus: CorpusNote
    facts: dict[str, Any] = Field(description="The known facts of the situation.")
    questions: tuple[OpenQuestion, ...] = Field(description="The most telling first; at most twelve.")
    questions_open: int = Field(description="How many unknown facts could still change the answer.")
    complete: bool = Field(description="Whether none could: knowing more would not change the answer.")


class Outlook:
    """What stands in one case, and what would after one more answer.

    Attributes:
        case: the case.
        open: its open facts, the most telling first.
    """

    def __init__(self, corpus: Corpus, facts: Facts, skipped: Collection[str] = ()) -> None:
        self.case = Case(corpus, facts, look_ahead(corpus, facts))
        self.stand = _stand(self.case)
        self._skipped = skipped

    @cached_property
    def open(self) -> OpenFacts:
        """The open facts but those skipped, the most telling first."""
        return open_facts(self.case, self.stand.headline_lines, self._skipped)

    def questions(self, limit: int = MAX_QUESTIONS) -> tuple[OpenQuestion, ...]:
        """Return the next questions with what each answer would bring."""
        return tuple(self.question(fact) for fact in next_facts(self.open)[:limit])

    def question(self, asked: OpenFact) -> OpenQuestion:
        """Return an open fact as a question with what each answer would bring."""
        plain_question = question(self.case, asked)
        return OpenQuestion(
            **{name: getattr(plain_question, name) for name in Question.model_fields},
            worth_asking=asked.worth,
            prospects=tuple(self.prospects(asked.name)),
        )

    def prospects(self, name: str) -> Iterator[Prospect]:
        """Yield what each value of a fact would bring."""
        fact = self.case.corpus.facts[name]
        for value, label, bounds in answers_to(self.case.corpus, fact):
            change = self.change(with_fact(self.case.corpus, self.case.facts, name, value))
            fields = {key: getattr(change, key) for key in Change.model_fields}
            yield Prospect(value=plain(value), label=label, **bounds, **fields)

    def change(self, facts: Facts) -> Change:
        """Return how the advice on other facts differs from the advice on these."""
        corpus = self.case.corpus
        return difference(corpus, self.stand, _stand(Case(corpus, facts, look_ahead(corpus, facts))))


def ask(facts: Mapping[str, object], corpus: Corpus) -> NextQuestions:
    """Return what to ask next, with what each answer would bring.

    Args:
        facts: what is known, as ``advise`` takes it.
        corpus: what to advise from.

    Raises:
        advisor.SituationError: a fact is not in the vocabulary or its value is not allowed; with every problem.
    """
    outlook = Outlook(corpus, situation.parse(facts, corpus.facts))
    return NextQuestions(
        corpus=corpus_note(corpus),
        facts={name: plain(value) for name, value in outlook.case.facts.items()},
        questions=outlook.questions(),
        questions_open=len(outlook.open),
        complete=not outlook.open,
    )


def with_fact(corpus: Corpus, facts: Facts, name: str, value: Value) -> Facts:
    """Return the facts with one more known, or with another value of one; in the vocabulary's order."""
    known = {**facts, name: value}
    return {fact: known[fact] for fact in corpus.facts if fact in known}


def answers_to(corpus: Corpus, fact: Fact) -> Iterator[tuple[Value, str, dict[str, float | int]]]:
    """Yield the answers to try: a value, its label and, of a range, its bounds."""
    match fact.type:
        case "boolean":
            for truth in (True, False):
                yield truth, fact.label_of(truth), {}
        case "enum":
            for word in fact.allowed:
                yield word, fact.label_of(word), {}
        case "set":
            for word in fact.allowed:
                yield (word,), fact.label_of(word), {}
            yield (), "none of these", {}
        case _:
            classes = classes_of(fact, corpus.tests[fact.name], None)
            spans = sorted(span for one in classes for span in one.spans)
            for span in spans:
                bounds = _bounds(fact, span)
                yield _inside(fact, span, bounds), _range_label(fact, bounds), bounds


def _bounds(fact: Fact, span: Span) -> dict[str, float | int]:
    start, end = range_of(fact)
    (low, after_low), (high, after_high) = span
    bounds: dict[str, float | int] = {}
    if span[0] != start:
        bounds["more_than" if after_low else "at_least"] = low
    if span[1] != end:
        if fact.type == "integer":
            bounds["at_most"] = high - 1
        else:
            bounds["at_most" if after_high else "less_than"] = high
    return bounds


def _inside(fact: Fact, span: Span, bounds: Mapping[str, float | int]) -> float | int:
    """Return a number between the bounds, a round one where there is one."""
    (low, _), (high, _) = span
    if "at_least" in bounds:
        return bounds["at_least"]
    if "more_than" not in bounds:
        return low if not math.isinf(low) else bounds.get("at_most", high - 1 if not math.isinf(high) else 0)
    return low + 1 if fact.type == "integer" or low + 1 < high else (low + high) / 2


def _range_label(fact: Fact, bounds: Mapping[str, float | int]) -> str:
    unit = f" {fact.unit}" if fact.unit else ""
    above = "at_least" in bounds or "more_than" in bounds
    low = f"{bounds['at_least']:,}" if "at_least" in bounds else f"more than {bounds.get('more_than', 0):,}"
    high = f"{bounds['at_most']:,}" if "at_most" in bounds else f"less than {bounds.get('less_than', 0):,}"
    match above, "at_most" in bounds or "less_than" in bounds:
        case True, True:
            return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"
        case True, False:
            return f"{low}{unit}" if "more_than" in bounds else f"{low}{unit} or more"
        case False, True:
            only = bounds.get("at_most") == fact.minimum
            return f"{high}{unit}" if only or "less_than" in bounds else f"at most {high}{unit}"
        case _:
            return "any number"


# --- what stands ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stand:
    """What stands in one case: ids of lines, in the order of the answer."""

    headline_lines: tuple[ToldLine, ...]
    recommended: tuple[str, ...]
    cautions: tuple[str, ...]
    red_flags: tuple[str, ...]
    arguments: tuple[str, ...]
    set_aside: tuple[str, ...]
    pressing: tuple[str, ...]

    @property
    def headlines(self) -> tuple[str, ...]:
        """The headlines, by rank."""
        return tuple(line.id for line in self.headline_lines)


def _stand(case: Case) -> Stand:
    lines = Lines(case)
    flags = (rule.id for rule in case.fired if any(then.flags is not None or then.contradiction for then in rule.then))
    arguments = (one.says for one in case.applications if one.consequence.argues is not None)
    return Stand(
        headline_lines=lines.headlines,
        recommended=tuple(item.id for item in lines.recommendations if item.kind == "recommendation"),
        cautions=tuple(item.id for item in lines.recommendations if item.kind == "caution"),
        red_flags=tuple(flags),
        arguments=tuple(dict.fromkeys(arguments)),
        set_aside=tuple(item.id for item in lines.set_aside),
        pressing=tuple(item.id for item in lines.recommendations if item.pressing),
    )


def difference(corpus: Corpus, before: Stand, after: Stand) -> Change:
    """Return how one situation's advice differs from another's."""
    found = {
        "recommended": _new(before.recommended, after.recommended),
        "cautions": _new(before.cautions, after.cautions),
        "red_flags": _new(before.red_flags, after.red_flags),
        "arguments": _new(before.arguments, after.arguments),
        "set_aside": _new(before.set_aside, after.set_aside),
        "pressing": tuple(
            name
            for name in _new(before.pressing, after.pressing)
            if name in before.recommended or name in before.cautions
        ),
        "headlines_added": _new(before.headlines, after.headlines),
        "headlines_dropped": _new(after.headlines, before.headlines),
    }
    return Change(**found, text=_sentence(corpus, found))


def _new(before: Iterable[str], after: Iterable[str]) -> tuple[str, ...]:
    known = set(before)
    return tuple(name for name in after if name not in known)


_SAID = {
    "red_flags": "raises the red flag",
    "recommended": "recommends",
    "cautions": "warns:",
    "set_aside": "sets aside",
    "arguments": "gives the argument",
    "pressing": "makes more pressing",
    "headlines_added": "makes a headline of",
    "headlines_dropped": "takes from the headlines",
}


def _sentence(corpus: Corpus, found: Mapping[str, tuple[str, ...]]) -> str:
    told = set(found["recommended"]) | set(found["cautions"]) | set(found["set_aside"])
    parts = []
    for kind, said in _SAID.items():
        names = [name for name in found[kind] if not (kind.startswith("headlines") and name in told)]
        if names:
            titles = [quoted(_title(corpus, name)) for name in names[:SHOWN]]
            titles += [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else []
            parts.append(f"{said} {joined(titles)}")
    text = "; ".join(parts) or "changes nothing by itself"
    return f"{text[:1].upper()}{text[1:]}."


def _title(corpus: Corpus, name: str) -> str:
    for entries in (corpus.elements, corpus.lessons, corpus.rules):
        if name in entries:
            title: str = entries[name].title
            return title
    return name
