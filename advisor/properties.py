"""What is to be proved of a corpus, as questions to the solver, and the verdict on each.

Most questions ask for a situation in which something is wrong: that there is none is the proof. Whether a rule can fire
is asked the other way round. What the solver finds is looked up with the engine before it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from advisor.applications import Application, canonical
from advisor.case import Case
from advisor.citations import paragraph
from advisor.conditions import All, Condition, Facts, evaluate, plain
from advisor.corpus import Corpus
from advisor.counterexample import Example, Possible, Search
from advisor.engine import engine_for
from advisor.formula import Formula
from advisor.invariants import deciding, holds, outcome_of, said
from advisor.model import VERBS, Tension
from advisor.rule import Rule
from advisor.standing import lines_of
from advisor.verdict import Counterexample, Kind, Verdict
from advisor.vocabulary import Expr

KIND_FACT, PHASE_FACT = "situation_types", "phases_in_scope"
"""The facts that say what kind of situation it is, and which phases need help."""

Effect: TypeAlias = "tuple[str | None, ...]"
"""One thing that a rule brings about where it fires; equal effects are the same thing."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be proved.

    Attributes:
        kind: what kind of question it is.
        id: of what it is asked.
        decide: puts it, and returns the verdict.
    """

    kind: Kind
    id: str
    decide: Callable[[], Verdict]

    @property
    def names(self) -> set[str]:
        """The names by which the question can be chosen: its kind, its id, and the parts of its id."""
        return {self.kind, self.id, f"{self.kind}/{self.id}", *self.id.split("/")}


class DisagreementError(RuntimeError):
    """The formula and the engine differ on a situation: a bug."""

    def __init__(self, verdict: str, facts: Facts) -> None:
        super().__init__(f"the formula and the engine disagree on {verdict}: {dict(facts)}")


class Properties:
    """The questions about one corpus.

    Args:
        corpus: the corpus.
        timeout: the seconds that the solver may take for one question.
    """

    def __init__(self, corpus: Corpus, timeout: float) -> None:
        self.corpus = corpus
        self.formula = Formula(corpus)
        self.search = Search(self.formula, timeout)
        self._effects = {name: frozenset(effects(rule, corpus)) for name, rule in corpus.rules.items()}
        self._bringing: dict[Effect, list[str]] = {}
        for name in sorted(self._effects):
            for effect in self._effects[name]:
                self._bringing.setdefault(effect, []).append(name)

    def questions(self) -> Iterator[Question]:
        """Yield all questions, in an order that follows from the content alone."""
        for name in sorted(self.corpus.rules):
            yield Question("reachable", name, partial(self._reachable, self.corpus.rules[name]))
        for name in sorted(self.corpus.rules):
            yield Question("needed", name, partial(self._needed, self.corpus.rules[name]))
        for element, lesson in self._opposed():
            yield Question("consistent", f"{element}/{lesson}", partial(self._consistent, element, lesson))
        for kind in self._values(KIND_FACT):
            for phase in self._values(PHASE_FACT):
                yield Question("advised", f"{kind}/{phase}", partial(self._advised, kind, phase))
        for name in sorted(self.corpus.promises):
            yield Question("invariants", name, partial(self._invariant, name))

    # --- every rule can fire ------------------------------------------------------------------------------------------

    def _reachable(self, rule: Rule) -> Verdict:
        verdict = partial(Verdict, kind="reachable", id=rule.id, title=rule.title)
        fires = self.search.possible(self.formula.rules[rule.id])
        if not fires:
            return self._never(verdict, rule, "fire", parts_of(rule.when), fires)
        if rule.pressing_when is not None:
            presses = self.search.possible(self.formula.pressing[rule.id])
            if not presses:
                parts = (*parts_of(rule.when), *parts_of(rule.pressing_when))
                return self._never(verdict, rule, "press", parts, presses)
        return verdict(state="proved")

    def _never(
        self, verdict: Callable[..., Verdict], rule: Rule, do: str, parts: Sequence[Condition], possible: Possible
    ) -> Verdict:
        """Return the verdict on a rule that can't fire or press: the parts that clash, and how near one can come."""
        wanted = [self.formula.condition(part) for part in parts]
        clash = self.search.conflict(wanted) if possible is False else None
        if clash is None:
            return self._undecided(verdict)
        told = [str(parts[index]) for index in clash]
        together = "can never hold" if len(told) == 1 else "never hold together"
        # The nearest that one can come: as many of the parts as can hold together.
        near = (self.formula.at_least(wanted, number) for number in reversed(range(len(parts))))
        example = next((found for bound in near if (found := self.search.smallest(bound)) is not None), None)
        if example is None:
            return self._undecided(verdict)
        case = self._case(example.facts)
        held = [evaluate(part, case.facts, case.truths) is True for part in parts]
        done = case.run.fired if do == "fire" else case.run.pressing
        self._confirm(rule.id not in done and not all(held), f"reachable/{rule.id}", example)
        failing = [str(part) for part, here in zip(parts, held, strict=True) if not here]
        shows = (f"the rule {rule.id} does not {do}, for it is not known that {_all_of(failing)}",)
        text = f"It can never {do}: {_all_of(map(_grouped, told))} {together}."
        return verdict(state="failed", text=text, counterexample=_shown(example, shows))

    # --- no rule says only what others say ----------------------------------------------------------------------------

    def _needed(self, rule: Rule) -> Verdict:
        verdict = partial(Verdict, kind="needed", id=rule.id, title=rule.title)
        own = self._effects[rule.id]
        others = {effect: [name for name in self._bringing[effect] if name != rule.id] for effect in own}
        fires = self.formula.rules[rule.id]
        can_fire = self.search.possible(fires)
        if can_fire is None:
            return self._undecided(verdict)
        if not can_fire:
            return verdict(state="failed", text="It says nothing, for it can never fire.")
        if not all(others.values()):
            return verdict(state="proved")  # it alone says something
        needed = self.search.possible(fires, self._alone(rule.id, others))
        if needed:
            return verdict(state="proved")
        example = self.search.smallest(fires) if needed is False else None
        if example is None:
            return self._undecided(verdict)
        run = self._case(example.facts).run
        with_it = sorted(run.fired & {name for names in others.values() for name in names})
        said_too = {effect for name in with_it for effect in self._effects[name]}
        self._confirm(rule.id in run.fired and own <= said_too, f"needed/{rule.id}", example)
        shows = (f"the rule {rule.id} fires", *(f"the rule {name} fires" for name in with_it))
        one = self._implying(rule)
        text = (
            f"Wherever it fires, {one} fires too and brings all that it brings."
            if one is not None
            else f"Wherever it fires, others that fire with it bring all that it brings; here {_all_of(with_it)}."
        )
        return verdict(state="failed", text=text, counterexample=_shown(example, shows))

    def _alone(self, rule: str, others: Mapping[Effect, Sequence[str]]) -> Expr:
        """Return that a rule brings something that none of the others which could brings, or that it alone presses."""
        alone = self.formula.some(self._silent(names) for names in others.values())
        if rule not in self.formula.pressing:
            return alone
        lines = (names for effect, names in others.items() if effect[0] in VERBS)
        pressing_alone = self.formula.some(self._calm(names) for names in lines)
        return self.formula.some([alone, self.formula.every([self.formula.pressing[rule], pressing_alone])])

    def _silent(self, rules: Iterable[str]) -> Expr:
        """Return that none of the rules fires."""
        return self._none(self.formula.rules[name] for name in rules)

    def _calm(self, rules: Iterable[str]) -> Expr:
        """Return that none of the rules presses."""
        return self._none(self.formula.pressing[name] for name in rules if name in self.formula.pressing)

    def _none(self, bits: Iterable[Expr]) -> Expr:
        return self.formula.at_most(bits, 0)

    def _implying(self, rule: Rule) -> str | None:
        """Return a single rule that brings all that a rule brings, wherever that one fires."""
        for name in sorted(self._effects):
            if name != rule.id and self._effects[rule.id] <= self._effects[name]:
                missing = self.search.possible(self.formula.rules[rule.id], self._silent([name]))
                presses = self.formula.pressing.get(rule.id)
                calm = presses is not None and self.search.possible(presses, self._calm([name]))
                if missing is False and calm is False:
                    return name
        return None

    # --- nothing is called for and to be avoided at once --------------------------------------------------------------

    def _opposed(self) -> list[tuple[str, str]]:
        """Return each element with each lesson that may speak against it, or that a tension names beside it."""
        found = {(element, one.says) for element in self.corpus.elements for one, _ in self.formula.avoided(element)}
        declared = {
            (element, canonical(self.corpus.lessons[tension.lesson]))
            for tension in self.corpus.tensions
            for element in tension.elements
        }
        return sorted(found | declared)

    def _tension(self, element: str, lesson: str) -> Tension | None:
        for tension in self.corpus.tensions:
            if element in tension.elements and canonical(self.corpus.lessons[tension.lesson]) == lesson:
                return tension
        return None

    def _consistent(self, element: str, lesson: str) -> Verdict:
        tension = self._tension(element, lesson)
        places = tension.places if tension else (self.corpus.lessons[lesson].place,)
        verdict = partial(
            Verdict,
            kind="consistent",
            id=f"{element}/{lesson}",
            title=f"{self.corpus.elements[element].title}: called for, and “{self.corpus.lessons[lesson].title}”",
            reason=tension.reason if tension else None,
            paragraphs=tuple(paragraph(self.corpus, place) for place in places),
        )
        against = self.formula.some(there for one, there in self.formula.avoided(element) if one.says == lesson)
        wanted = (self.formula.elements[element], against)
        both = self.search.possible(*wanted)
        if both is None:
            return self._undecided(verdict)
        if tension is not None:
            text = f"A tension is declared that cannot arise: {lesson} never speaks against {element} where it stands."
            return verdict(state="proved") if both else verdict(state="failed", text=text)
        if not both:
            return verdict(state="proved")
        example = self.search.smallest(*wanted)
        if example is None:
            return self._undecided(verdict)
        shows = self._both(self._case(example.facts), element, lesson)
        self._confirm(len(shows) == 2, f"consistent/{element}/{lesson}", example)
        text = (
            f"{element} is recommended, and {lesson} says that it is to be avoided. A defeat is missing, or, where the "
            "lesson says how and not whether, a tension that says so (knowledge/invariants.yaml)."
        )
        return verdict(state="failed", text=text, counterexample=_shown(example, shows))

    def _both(self, case: Case, element: str, lesson: str) -> tuple[str, ...]:
        """Return what stands for and against an element in a case; two sentences where both do."""

        def named(applications: Iterable[Application]) -> str:
            return _all_of(dict.fromkeys(f"{one.rule.id} ({one.lesson.id})" for one in applications))

        lines = lines_of(case)
        shows = []
        if (line := lines.get(("recommendation", element))) and line.standing:
            shows.append(f"{element} is recommended by {named(line.standing)}")
        warned = [one for (kind, _), line in lines.items() if kind == "caution" for one in line.standing]
        flagged = [one for one in case.applications if one.consequence.flags is not None]
        speaking = [
            one
            for one in (*warned, *flagged)
            if one.says == lesson and one.strength == "avoid" and element in one.consequence.elements
        ]
        if speaking:
            shows.append(f"{named(speaking)} speaks against it")
        return tuple(shows)

    # --- each kind of situation gets advice in each phase -------------------------------------------------------------

    def _values(self, name: str) -> tuple[str, ...]:
        fact = self.corpus.facts.get(name)
        return fact.allowed if fact is not None and fact.type == "set" else ()

    def _advised(self, kind: str, phase: str) -> Verdict:
        facts = self.corpus.facts
        titles = [facts[KIND_FACT].label_of(kind), facts[PHASE_FACT].label_of(phase)]
        verdict = partial(Verdict, kind="advised", id=f"{kind}/{phase}", title=": ".join(titles))
        elements = self.corpus.elements.values()
        acting = [one.id for one in elements if not one.framing and (not one.phases or phase in one.phases)]
        naming = [one.id for one in elements if phase in one.phases]
        told = self.formula.variables[KIND_FACT].bits[kind], self.formula.variables[PHASE_FACT].bits[phase]
        lacking = [(acting, "nothing is recommended that asks for action in this phase")]
        if naming:  # the pack tells phases apart
            lacking.append((naming, "nothing is recommended that is meant for this phase in particular"))
        for names, text in lacking:
            wanted = (*told, self._none(self.formula.elements[name] for name in names))
            bare = self.search.possible(*wanted)
            example = self.search.smallest(*wanted) if bare else None
            if bare is None or (bare and example is None):
                return self._undecided(verdict)
            if example is not None:
                lines = lines_of(self._case(example.facts))
                standing = {name for (what, name), line in lines.items() if what == "recommendation" and line.standing}
                self._confirm(not standing & set(names), f"advised/{kind}/{phase}", example)
                shown = text if standing else "nothing is recommended"
                return verdict(state="failed", text=f"{text.capitalize()}.", counterexample=_shown(example, [shown]))
        return verdict(state="proved")

    # --- what packs declare -------------------------------------------------------------------------------------------

    def _invariant(self, name: str) -> Verdict:
        invariant, promise = self.corpus.invariants[name], self.corpus.promises[name]
        verdict = partial(
            Verdict,
            kind="invariants",
            id=name,
            title=invariant.title,
            reason=invariant.reason,
            paragraphs=tuple(paragraph(self.corpus, place) for place in invariant.places),
        )
        wanted = self.formula.claim(promise.broken)
        broken = self.search.possible(wanted)
        if broken is None:
            return self._undecided(verdict)
        if not broken:
            made = promise.then is None or self.search.possible(self.formula.claim(promise.wherever))
            if made is None:
                return self._undecided(verdict)
            text = "It says nothing: there is no situation in which its 'wherever' holds."
            return verdict(state="proved") if made else verdict(state="failed", text=text)
        example = self.search.smallest(wanted)
        if example is None:
            return self._undecided(verdict)
        outcome = outcome_of(self._case(example.facts))
        self._confirm(holds(promise.broken, outcome), f"invariants/{name}", example)
        parts = [promise.wherever] if promise.then is None else [promise.wherever, promise.then]
        shows = dict.fromkeys(said(atom, truth) for part in parts for atom, truth in deciding(part, outcome))
        text = "There is a situation in which " + ("it happens." if promise.then is None else "it does not hold.")
        return verdict(state="failed", text=text, counterexample=_shown(example, shows))

    # --- what they share ----------------------------------------------------------------------------------------------

    def _undecided(self, verdict: Callable[..., Verdict]) -> Verdict:
        text = f"The solver ran out of time ({self.search.timeout:g} s)."
        return verdict(state="not_decided", text=text)

    def _case(self, facts: Facts) -> Case:
        return Case(self.corpus, facts, engine_for(self.corpus).run(facts))

    def _confirm(self, seen: bool, verdict: str, example: Example) -> None:
        if not seen:
            raise DisagreementError(verdict, example.facts)


def effects(rule: Rule, corpus: Corpus) -> Iterator[Effect]:
    """Yield what a rule brings about where it fires."""
    for then in rule.then:
        if then.finding is not None:
            yield ("finding", then.finding)
        if then.contradiction is not None:
            yield ("contradiction", then.contradiction)
        for element in then.already_met or ():
            yield ("already_met", element)
        if then.lesson is not None:
            strength = then.strength or corpus.lessons[then.lesson].strength
            if then.verb is not None:
                yield (then.verb, then.lesson, strength, None)
                yield from ((then.verb, then.lesson, strength, element) for element in then.elements)
            yield from (("cites", then.lesson, precedent) for precedent in then.cites)
            yield from (("defeats", then.lesson, target) for target in then.defeats)


def parts_of(condition: Condition) -> tuple[Condition, ...]:
    """Return the parts that must all hold."""
    return condition.parts if isinstance(condition, All) else (condition,)


def _grouped(text: str) -> str:
    return f"({text})" if " or " in text else text


def _all_of(names: Iterable[Any]) -> str:
    listed = [str(name) for name in names]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"


def _shown(example: Example, shows: Iterable[str]) -> Counterexample:
    facts = {name: plain(value) for name, value in example.facts.items()}
    return Counterexample(facts=facts, smallest=example.smallest, shows=tuple(shows))
