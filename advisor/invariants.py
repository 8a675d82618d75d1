"""What an answer does, and whether a claim holds of it: claims read on one case, by way of the engine and the answer.

``advisor.formula`` says the same of all cases at once; tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from advisor.advice import assemble
from advisor.answer import Item
from advisor.applications import canonical
from advisor.case import Case
from advisor.claims import Atom, Claim, Every, Guarded, Known, Not, Says, Some, Verb
from advisor.conditions import Facts, FactTest, FindingIs
from advisor.corpus import Corpus


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the answer to a case does. Lessons that restate another one count as that one.

    Attributes:
        corpus: the corpus.
        facts: the known facts.
        findings: the findings that were derived.
        done: for each verb of a claim, the elements, lessons and rules of which it holds.
        printed_with: for each element that is recommended, the lessons printed with it: its safeguards and reasons.
    """

    corpus: Corpus
    facts: Facts
    findings: frozenset[str]
    done: Mapping[Verb, frozenset[str]]
    printed_with: Mapping[str, frozenset[str]]


def outcome_of(case: Case) -> Outcome:
    """Return what the answer to a case does."""
    corpus, answer = case.corpus, assemble(case)

    def says(items: Iterable[Item]) -> frozenset[str]:
        return frozenset(canonical(corpus.lessons[name]) for item in items for name in item.lessons)

    recommended = [item for item in answer.recommendations if item.element is not None]
    cautions = [item for item in answer.recommendations if item.kind == "caution"]
    lines = (*answer.recommendations, *answer.red_flags, *answer.arguments)
    notices = frozenset(canonical(corpus.lessons[name]) for notice in answer.notices for name in notice.lessons)
    elements_aside = frozenset(item.element for item in answer.set_aside if item.element is not None)
    return Outcome(
        corpus=corpus,
        facts=case.facts,
        findings=case.run.findings,
        done={
            "recommends": frozenset(str(item.element) for item in recommended),
            "cautions": says(cautions),
            "flags": frozenset(item.id for item in answer.red_flags) | says(answer.red_flags),
            "argues": says(answer.arguments),
            "prints": says(lines) | says(one for item in lines for one in item.conditions) | notices,
            "sets_aside": elements_aside | says(answer.set_aside),
            "fires": case.run.fired,
            "presses": case.run.pressing,
        },
        printed_with={str(item.element): says([item, *item.conditions]) for item in recommended},
    )


def holds(claim: Claim, outcome: Outcome) -> bool:
    """Return whether a claim holds of an answer."""
    match claim:
        case FactTest():
            value = outcome.facts.get(claim.fact)
            return value is not None and claim.holds(value)
        case FindingIs():
            return claim.finding in outcome.findings
        case Known():
            return claim.fact in outcome.facts
        case Says():
            lesson = outcome.corpus.lessons.get(claim.name)
            done = outcome.done[claim.verb]
            return claim.name in done or (lesson is not None and canonical(lesson) in done)
        case Guarded():
            lesson = outcome.corpus.lessons[claim.lesson]
            return canonical(lesson) in outcome.printed_with.get(claim.element, {canonical(lesson)})
        case Not():
            return not holds(claim.part, outcome)
        case Every():
            return all(holds(part, outcome) for part in claim.parts)
        case Some():
            return any(holds(part, outcome) for part in claim.parts)


def deciding(claim: Claim, outcome: Outcome) -> Iterator[tuple[Atom, bool]]:
    """Yield the atoms that make a claim hold, or not hold, of an answer, each with whether it holds itself."""
    truth = holds(claim, outcome)
    match claim:
        case Not():
            yield from deciding(claim.part, outcome)
        case Every() | Some():
            # What decides an "all" that holds is every part; one that fails, the parts that fail. With "any" it is
            # the other way round.
            for part in claim.parts:
                if holds(part, outcome) is truth:
                    yield from deciding(part, outcome)
        case _:
            yield claim, truth


_WORDS: Mapping[Verb, tuple[str, str]] = {
    "recommends": ("{} is recommended", "{} is not recommended"),
    "cautions": ("{} warns", "{} does not warn"),
    "flags": ("{} is a red flag", "{} is no red flag"),
    "argues": ("{} is an argument", "{} is no argument"),
    "prints": ("{} is printed", "{} is not printed"),
    "sets_aside": ("{} is set aside", "{} is not set aside"),
    "fires": ("the rule {} fires", "the rule {} does not fire"),
    "presses": ("the rule {} presses", "the rule {} does not press"),
}


def said(atom: Atom, truth: bool) -> str:
    """Return in words that an atom holds, or doesn't."""
    match atom:
        case Says():
            return _WORDS[atom.verb][not truth].format(atom.name)
        case Guarded():
            return f"{atom.lesson} is {'' if truth else 'not '}printed with {atom.element}"
        case FindingIs():
            return f"the finding {atom.finding} is {'' if truth else 'not '}derived"
        case Known():
            return f"{atom.fact} is {'known' if truth else 'unknown'}"
        case _:
            return str(atom) if truth else f"it is not known that {atom}"
