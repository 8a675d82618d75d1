"""The interview: one question at a time, each answer weighed before the next.

An interview is a value: answering, skipping and going back return another one, and nothing is printed or read here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import yaml

from advisor.answer import Advice, Question
from advisor.conditions import Facts, Value, plain
from advisor.corpus import Corpus
from advisor.errors import AdvisorError, SituationError, nearest
from advisor.model import Fact
from advisor.prospects import Change, OpenQuestion, Outlook, difference
from advisor.questions import next_facts, question
from advisor.situation import parse

_YES = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
_NONE = ("none", "nothing", "[]")


class InvalidAnswerError(AdvisorError):
    """An answer that can't be read; its text says what is wrong and what is allowed."""


@dataclass(frozen=True)
class Step:
    """One question and what was told.

    Attributes:
        fact: the fact asked for.
        value: its value; None where it is not known.
    """

    fact: str
    value: Value | None


@dataclass(frozen=True)
class Interview:
    """What was known at the start, and what was told since.

    Attributes:
        corpus: what to advise from.
        start: the facts known before the first question.
        steps: the questions so far, with their answers.
    """

    corpus: Corpus
    start: Facts = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @cached_property
    def facts(self) -> Facts:
        """Everything known, in the vocabulary's order."""
        known = {**self.start, **{step.fact: step.value for step in self.steps if step.value is not None}}
        return {name: known[name] for name in self.corpus.facts if name in known}

    @property
    def skipped(self) -> tuple[str, ...]:
        """The facts that were asked and are not known."""
        return tuple(step.fact for step in self.steps if step.value is None)

    @cached_property
    def outlook(self) -> Outlook:
        """What stands, and what could still change it; skipped facts apart."""
        return Outlook(self.corpus, self.facts, self.skipped)

    @property
    def current(self) -> Question | None:
        """The question to ask now; None where none is left."""
        asked = next_facts(self.outlook.open)
        return question(self.outlook.case, asked[0]) if asked else None

    @property
    def prospects(self) -> OpenQuestion | None:
        """The question to ask now, with what each answer would bring; None where none is left."""
        found = self.outlook.questions(1)
        return found[0] if found else None

    @property
    def left(self) -> int:
        """How many unknown facts, skipped ones apart, could still change the advice."""
        return len(self.outlook.open)

    def answer(self, text: str) -> Interview:
        """Return the interview with the current question answered as it was typed.

        Raises:
            InvalidAnswerError: the text is no answer to the question.
        """
        asked = self._asked()
        return self._with(Step(asked, read_answer(self.corpus.facts[asked], text)))

    def tell(self, value: object) -> Interview:
        """Return the interview with the current question answered by a value; None where it is not known.

        Raises:
            advisor.SituationError: the value is not allowed.
        """
        asked = self._asked()
        return self._with(Step(asked, parse({asked: value}, self.corpus.facts).get(asked)))

    def skip(self) -> Interview:
        """Return the interview with the current question left open: it is not known."""
        return self._with(Step(self._asked(), None))

    def back(self) -> Interview:
        """Return the interview as it was before the last answer; the same interview at the start."""
        return replace(self, steps=self.steps[:-1])

    def change_since(self, before: Interview) -> Change:
        """Return how the advice differs from that of an earlier stage."""
        return difference(self.corpus, before.outlook.stand, self.outlook.stand)

    def result(self) -> Advice:
        """Return the advice on everything known."""
        from advisor.advice import advise  # the engine is imported when it is needed

        return advise(self.facts, self.corpus)

    def _asked(self) -> str:
        current = self.current
        if current is None:
            raise InvalidAnswerError("there is no question left to answer")
        return current.fact

    def _with(self, step: Step) -> Interview:
        return replace(self, steps=(*self.steps, step))


def as_yaml(interview: Interview, head: Mapping[str, str] | None = None) -> str:
    """Return what is known as a situation file; ``head`` has its title and story."""
    document = {**(head or {}), "facts": {name: plain(value) for name, value in interview.facts.items()}}
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)
    skipped = interview.skipped
    return text + (f"# Asked and not known: {', '.join(skipped)}\n" if skipped else "")


# --- reading an answer ------------------------------------------------------------------------------------------------


def read_answer(fact: Fact, text: str) -> Value:
    """Return the value that an answer stands for.

    A choice may be typed as its number in the list, its value or its label; several of a set with commas between them,
    and ``none`` for the empty set. Numbers may have separators: 300,000 or 300 000.

    Raises:
        InvalidAnswerError: with what is allowed, and the nearest value.
    """
    said = text.strip()
    if not said:
        raise InvalidAnswerError("nothing was typed; type skip if it is not known")
    match fact.type:
        case "boolean":
            return _boolean(fact, said)
        case "enum":
            return _choice(fact, said)
        case "set":
            return _several(fact, said)
        case _:
            return _number(fact, said)


def _boolean(fact: Fact, said: str) -> bool:
    known = {**_YES, "1": True, "2": False, **{_plain(fact.label_of(value)): value for value in (True, False)}}
    if _plain(said) in known:
        return known[_plain(said)]
    raise InvalidAnswerError(
        _refusal(said, [*(fact.label_of(value) for value in (True, False)), "yes", "no"], "yes or no")
    )


def _choice(fact: Fact, said: str) -> str:
    if re.fullmatch(r"\d{1,9}", said):
        if 1 <= int(said) <= len(fact.allowed):
            return fact.allowed[int(said) - 1]
        raise InvalidAnswerError(f"there is no choice {said}; type a number from 1 to {len(fact.allowed)}")
    known = _words(fact)
    if _plain(said) in known:
        return known[_plain(said)]
    names = [*fact.allowed, *(value.label for value in fact.values)]
    raise InvalidAnswerError(_refusal(said, names, f"a number from 1 to {len(fact.allowed)} or a word of the list"))


def _several(fact: Fact, said: str) -> tuple[str, ...]:
    if _plain(said) in _NONE and _plain(said) not in _words(fact):
        return ()
    chosen = set()
    for part in _parts(fact, said):
        if _plain(part) in _NONE and _plain(part) not in _words(fact):
            raise InvalidAnswerError(f"{part!r} stands for none of the list and can't be joined with others")
        chosen.add(_choice(fact, part))
    if not chosen:
        raise InvalidAnswerError("nothing was chosen; type 'none' if none of them fits")
    return tuple(value for value in fact.allowed if value in chosen)


def _parts(fact: Fact, said: str) -> list[str]:
    """Split an answer at commas; where a label has commas itself, or only spaces stand between, as they are meant."""
    if _plain(said) in _words(fact):
        return [said]
    parts = [part.strip() for part in re.split(r"[,;]", said) if part.strip()]
    if len(parts) == 1 and all(part.isdigit() or part in fact.allowed for part in parts[0].split()):
        return parts[0].split()
    return parts


def _number(fact: Fact, said: str) -> int | float:
    unit = (fact.unit or "").lower()
    digits = re.sub(r"(?<=\d)[,_' ](?=\d{3}(\D|$))", "", said.lower().removesuffix(unit).strip())
    try:
        number = float(digits) if fact.type == "number" or "." in digits else int(digits)
    except ValueError:
        low, high = fact.minimum, fact.maximum
        raise InvalidAnswerError(f"{_shown(said)} is no number; type one from {low:,} to {high:,}") from None
    try:
        value = parse({fact.name: number}, {fact.name: fact})[fact.name]
    except SituationError as error:
        raise InvalidAnswerError(error.problems[0].message) from error
    assert isinstance(value, int | float)
    return value


def _words(fact: Fact) -> dict[str, str]:
    labels = {_plain(value.label): value.value for value in fact.values}
    return labels | {_plain(value): value for value in fact.allowed}


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.strip().lower())


def _shown(said: str) -> str:
    return repr(said if len(said) <= 40 else f"{said[:40]}…")


def _refusal(said: str, names: list[str], want: str) -> str:
    suggestion = nearest(said, names)
    meant = f"did you mean {suggestion!r}? Otherwise type {want}" if suggestion else f"type {want}"
    return f"{_shown(said)} is not among the answers; {meant}"
