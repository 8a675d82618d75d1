"""What stands: the lines that the lessons applied in a case make, and what other rules set aside of them.

This is the one place that knows how defeats work. It builds no items, so that it can be asked of many hypothetical
situations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from advisor.applications import Application, canonical
from advisor.case import Case
from advisor.corpus import Corpus
from advisor.model import Consequence
from advisor.rule import Rule

LineKey: TypeAlias = "tuple[Literal['recommendation', 'caution'], str]"
"""A recommendation with the id of its element, or a caution with the id of its lesson."""


@dataclass
class Line:
    """Applications that make one item, with what set some of them aside.

    Attributes:
        standing: applications that nothing sets aside; the line stands while there is one.
        defeated: applications that are set aside.
        defeated_by: the rules that did it with the consequence by which they did, keyed so that they sort.
    """

    standing: list[Application] = field(default_factory=list)
    defeated: list[Application] = field(default_factory=list)
    defeated_by: dict[str, tuple[Rule, Consequence]] = field(default_factory=dict)


def lines_of(case: Case) -> dict[LineKey, Line]:
    """Return the recommendations and cautions of a case with what is set aside of each."""
    return lines_among(case.corpus, case.fired, case.applications)


def lines_among(corpus: Corpus, fired: Iterable[Rule], applications: Iterable[Application]) -> dict[LineKey, Line]:
    """Return the recommendations and cautions that rules make, with what they set aside of each.

    Args:
        corpus: the corpus.
        fired: the rules, by their ids.
        applications: the lessons that they apply.
    """
    lines: dict[LineKey, Line] = {}
    for application in applications:
        consequence = application.consequence
        for element in consequence.recommends or ():
            lines.setdefault(("recommendation", element), Line()).standing.append(application)
        if consequence.cautions is not None:
            lines.setdefault(("caution", application.says), Line()).standing.append(application)
    _apply_defeats(corpus, fired, lines)
    return lines


def _apply_defeats(corpus: Corpus, fired: Iterable[Rule], lines: Mapping[LineKey, Line]) -> None:
    for rule in fired:
        for consequence in rule.then:
            targets = set(targets_of(consequence))
            if not targets:
                continue
            restated = {canonical(corpus.lessons[name]) for name in targets & set(corpus.lessons)}
            for (kind, name), line in lines.items():
                whole = kind == "recommendation" and name in targets
                defeated = [
                    application
                    for application in (*line.standing, *line.defeated)
                    if whole or application.says in restated
                ]
                if not defeated:
                    continue
                line.standing = [application for application in line.standing if application not in defeated]
                line.defeated += [application for application in defeated if application not in line.defeated]
                line.defeated_by[f"{rule.id}/{consequence.lesson or ''}"] = (rule, consequence)


def targets_of(consequence: Consequence) -> tuple[str, ...]:
    """Return the elements and lessons that a consequence sets aside, by defeat or because they are met already."""
    return (*consequence.defeats, *(consequence.already_met or ()))


def provisional(case: Case, element: str | None, applications: Iterable[Application]) -> tuple[str, ...]:
    """Return the unknown facts that could still set a standing line aside, in the vocabulary's order.

    Args:
        case: the case.
        element: the element, of a recommendation.
        applications: the applications that make the line.
    """
    return case.deciding(*threats(case.corpus, element, applications))


def threats(corpus: Corpus, element: str | None, applications: Iterable[Application]) -> set[str]:
    """Return the rules that would set a line aside if they fired.

    Args:
        corpus: the corpus.
        element: the element, of a recommendation.
        applications: the applications that make the line.
    """
    names = {name for one in applications for name in (one.lesson.id, one.says)} | ({element} if element else set())
    return {rule.id for name in names for rule in corpus.setting_aside.get(name, ())}


def pressing(case: Case, element: str | None, applications: Iterable[Application]) -> bool:
    """Return whether further facts make a line more urgent, or the measure it stands for is on the table."""
    if any(application.pressing for application in applications):
        return True
    measures = case.facts.get("measures_proposed")
    proposed = case.corpus.elements[element].proposed_as if element else ()
    return isinstance(measures, tuple) and bool(set(measures) & set(proposed))
