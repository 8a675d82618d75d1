"""The reader of the sources: places with what rests on them, and pages on rules, elements, findings and facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from advisor import situation
from advisor.attachment import Attached, AttachmentError, PlaceText
from advisor.case import Case
from advisor.citations import paragraph, paragraphs
from advisor.conditions import Facts
from advisor.corpus import Corpus, PerCorpus
from advisor.engine import engine_for
from advisor.errors import UnknownIdError
from advisor.lookup import describe
from advisor.model import Consequence, Element, Lesson, Place, Precedent, Source
from advisor.rule import Rule
from advisor.trials import Trial, Trials
from advisor.whynot import Status, condition_state
from api.page import link
from api.page.intake import facts_in_words
from api.page.situation import LONG, asked_of, case_of, shown, told_of
from api.page.templating import Templates, see_other


@dataclass(frozen=True, slots=True)
class RestingLesson:
    """A lesson with what it leads to.

    Attributes:
        lesson: the lesson.
        rules: the rules that apply it.
        attached: elements with which it is printed.
        restates: the lesson that it restates.
        restated_by: the lessons that restate it.
        related: lessons of other packs with what there is between them.
    """

    lesson: Lesson
    rules: tuple[Rule, ...]
    attached: tuple[Element, ...]
    restates: Lesson | None
    restated_by: tuple[Lesson, ...]
    related: tuple[tuple[str, bool, Lesson], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A place in a list.

    Attributes:
        place: the place.
        href: its page.
        lessons: how many lessons rest on it.
        rules: how many rules apply them.
        hits: lessons in which what was looked for was found.
    """

    place: Place
    href: str
    lessons: int
    rules: int
    hits: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Places that stand under one heading."""

    title: str
    places: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Brings:
    """What a rule brings, in parts that a sentence can name.

    Attributes:
        then: the consequence.
        lesson: the lesson that it applies.
        verb: how it applies it.
        elements: the elements on which it bears.
        finding: the title of the finding that it derives.
        sets_aside: what it sets aside: titles, with the pages on them.
        cites: the precedents to which it points.
    """

    then: Consequence
    lesson: Lesson | None
    verb: str | None
    elements: tuple[Element, ...]
    finding: str | None
    sets_aside: tuple[tuple[str, str], ...]
    cites: tuple[Precedent, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A test of a rule: what is told, in words, what is expected, and what came of it."""

    trial: Trial
    given: tuple[tuple[str, str], ...]
    href: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A situation in which a rule fires or is open."""

    title: str
    status: Status
    pressing: bool
    href: str | None


def routes(corpus: Corpus, templates: Templates) -> list[BaseRoute]:
    """Return the routes."""
    attached = Attached(corpus)
    resting = _resting(corpus)

    def text_of(place: str) -> tuple[PlaceText | None, str]:
        """Return the attached text of a place, or what is wrong with the copy."""
        try:
            return attached.text_of(place), ""
        except AttachmentError:
            return None, "damaged"

    def page(request: Request, name: str, context: Mapping[str, Any]) -> Response:
        told = told_of(request, corpus)
        return templates.page(name, request, {**shown(request, corpus, told), **context})

    def sources(request: Request) -> Response:
        wanted = asked_of(request, "q")
        listed = [(source, len(resting.of_source[name])) for name, source in corpus.sources.items()]
        found = _found(corpus, resting, wanted, corpus.sources) if wanted else ()
        return page(request, "sources", {"sources": listed, "q": wanted, "found": found, "source": None})

    def source(request: Request) -> Response:
        name = request.path_params["source"]
        one = _get(corpus, "sources", name)
        wanted = asked_of(request, "q")
        found = _found(corpus, resting, wanted, [name]) if wanted else ()
        context = {
            "sources": [(one, len(resting.of_source[name]))],
            "source": one,
            "sections": tuple(_sections(resting, one)),
            "references": [corpus.references[reference] for reference in one.references],
            "q": wanted,
            "found": found,
        }
        return page(request, "source", context)

    def place(request: Request) -> Response:
        name, place_id = request.path_params["source"], request.path_params["place"]
        one: Source = _get(corpus, "sources", name)
        key = f"{name}:{place_id}"
        if key not in corpus.places:
            raise UnknownIdError(f"place of {one.short}", place_id[:LONG], [known.id for known in one.places])
        found = corpus.places[key]
        at = resting.of_source[name].index(key)
        around = [
            resting.of_source[name][number] if 0 <= number < len(one.places) else None for number in (at - 1, at + 1)
        ]
        text, fault = text_of(key)
        context = {
            "source": one,
            "place": found,
            "before": around[0] and _listed(corpus, resting, around[0]),
            "after": around[1] and _listed(corpus, resting, around[1]),
            "at": at + 1,
            "of": len(one.places),
            "text": text,
            "fault": fault,
            "knows_copies": found.digest is not None,
            "lessons": [_resting_lesson(corpus, lesson) for lesson in resting.lessons.get(key, ())],
            "refers_to": [paragraph(corpus, other) for other in _qualified(name, found.refers_to)],
            "cites": [corpus.references[reference] for reference in found.cites],
            "precedents": [one for one in corpus.precedents.values() if key in one.places],
        }
        return page(request, "place", context)

    def rule(request: Request) -> Response:
        one: Rule = _get(corpus, "rules", request.path_params["name"])
        told = told_of(request, corpus)
        case = case_of(told, corpus)
        lessons = [corpus.lessons[lesson] for lesson in one.lessons]
        places = [lesson.place for lesson in lessons]
        places += [where for finding in one.findings for where in corpus.findings[finding].places]
        context = {
            "rule": one,
            "topic": corpus.topics[one.topic].title if one.topic in corpus.topics else one.topic,
            "status": _status(case, one),
            "pressing": one.id in case.run.pressing,
            "marked": bool(told.facts),
            "when": condition_state(case, one.when),
            "pressing_when": one.pressing_when and condition_state(case, one.pressing_when),
            "brings": [_brings(corpus, then) for then in one.then],
            "tests": _tried(corpus, one),
            "occurrences": tuple(_occurrences(corpus, one)),
            "places": paragraphs(corpus, places),
        }
        return page(request, "rule", context)

    def lesson(request: Request) -> Response:
        one: Lesson = _get(corpus, "lessons", request.path_params["name"])
        told = told_of(request, corpus)
        path = place_path(one.place)
        return see_other(request, f"{link.link_to(path, told.facts)}#{quote(one.id)}")

    def element(request: Request) -> Response:
        name = request.path_params["name"]
        one: Element = _get(corpus, "elements", name)
        entry = describe(corpus, "elements", name)
        context = {
            "element": one,
            "group": corpus.element_groups[one.group].title,
            "unlike": [corpus.elements[other] for other in one.not_the_same_as],
            "places": paragraphs(corpus, one.places),
            "rules": [corpus.rules[rule] for rule in entry["rules"]],
            "lessons": _lessons_for(corpus, name, "recommends"),
            "cautions": _lessons_for(corpus, name, "cautions"),
            "safeguards": corpus.attached[name],
            "against": corpus.setting_aside.get(name, ()),
            "precedents": [corpus.precedents[other] for other in entry["precedents"]],
            "without": [other for other in corpus.precedents.values() if name in other.elements_absent],
        }
        return page(request, "element", context)

    def finding(request: Request) -> Response:
        name = request.path_params["name"]
        one = _get(corpus, "findings", name)
        told = told_of(request, corpus)
        entry = describe(corpus, "findings", name)
        context = {
            "finding": one,
            "truth": case_of(told, corpus).truths[name],
            "places": paragraphs(corpus, one.places),
            "derived_by": [corpus.rules[rule] for rule in entry["derived_by"]],
            "used_by": [corpus.rules[rule] for rule in entry["used_by"]],
        }
        return page(request, "finding", context)

    def fact(request: Request) -> Response:
        name = request.path_params["name"]
        one = _get(corpus, "facts", name)
        told = told_of(request, corpus)
        entry = describe(corpus, "facts", name)
        context = {
            "fact": one,
            "group": corpus.fact_groups[one.group].title,
            "now": one.label_of(told.facts[name]) if name in told.facts else "",
            "places": paragraphs(corpus, one.places),
            "rules": [corpus.rules[rule] for rule in entry["used_by"]],
        }
        return page(request, "fact", context)

    return [
        Route("/sources", sources),
        Route("/sources/{source}", source),
        Route("/sources/{source}/{place}", place),
        Route("/rules/{name}", rule),
        Route("/lessons/{name}", lesson),
        Route("/elements/{name}", element),
        Route("/findings/{name}", finding),
        Route("/facts/{name}", fact),
    ]


def place_path(place: str) -> str:
    """Return the path of the page on a qualified place."""
    return "/sources/" + "/".join(map(quote, place.split(":", 1)))


def _get(corpus: Corpus, kind: str, name: str) -> Any:
    """Return an entry.

    Raises:
        UnknownIdError: there is none; its text has the nearest id.
    """
    return corpus.get(kind, name[:LONG])


# --- places and lessons -----------------------------------------------------------------------------------------------


class _Resting:
    """The places of the sources in their order, with the lessons that rest on each."""

    def __init__(self, corpus: Corpus) -> None:
        self.of_source: dict[str, list[str]] = {name: [] for name in corpus.sources}
        for key in corpus.places:
            self.of_source[corpus.source_of(key)].append(key)
        self.lessons: dict[str, list[Lesson]] = {}
        for lesson in corpus.lessons.values():
            self.lessons.setdefault(lesson.place, []).append(lesson)
        self.rules = {
            key: len({rule.id for lesson in self.lessons.get(key, ()) for rule in corpus.applying[lesson.id]})
            for key in corpus.places
        }


_resting: PerCorpus[_Resting] = PerCorpus(_Resting)


def _listed(corpus: Corpus, resting: _Resting, key: str, hits: Sequence[Lesson] = ()) -> Listed:
    lessons = resting.lessons.get(key, ())
    return Listed(corpus.places[key], place_path(key), len(lessons), resting.rules[key], tuple(hits))


def _sections(resting: _Resting, source: Source) -> Iterator[Section]:
    """Yield the places of a source under the headings that it has, in its order."""
    title, places = "", list[Listed]()
    for place in source.places:
        key = f"{source.id}:{place.id}"
        heading = ": ".join(part for part in (place.part, place.section) if part)
        if heading != title and places:
            yield Section(title, tuple(places))
            places = []
        title = heading
        places.append(Listed(place, place_path(key), len(resting.lessons.get(key, ())), resting.rules[key]))
    if places:
        yield Section(title, tuple(places))


def _found(corpus: Corpus, resting: _Resting, wanted: str, sources: Iterable[str]) -> list[Listed]:
    """Return the places in which all words are found that are looked for: in their gist, or in one of their lessons."""
    words = wanted.casefold().split()

    def has(*texts: str | None) -> bool:
        text = " ".join(part for part in texts if part).casefold()
        return all(word in text for word in words)

    found = []
    for name in sources:
        for key in resting.of_source[name]:
            place = corpus.places[key]
            hits = [one for one in resting.lessons.get(key, ()) if has(one.id, one.title, one.text, one.when)]
            if hits or has(place.ref, place.gist, place.section, place.heading):
                found.append(_listed(corpus, resting, key, hits))
    return found


def _qualified(source: str, places: Iterable[str]) -> Iterator[str]:
    for place in places:
        yield place if ":" in place else f"{source}:{place}"


def _resting_lesson(corpus: Corpus, lesson: Lesson) -> RestingLesson:
    restated_by = describe(corpus, "lessons", lesson.id)["restated_by"]
    return RestingLesson(
        lesson=lesson,
        rules=corpus.applying[lesson.id],
        attached=tuple(corpus.elements[name] for name in lesson.attaches_to),
        restates=corpus.lessons[lesson.same_as] if lesson.same_as else None,
        restated_by=tuple(corpus.lessons[name] for name in restated_by),
        related=corpus.relations.get(lesson.id, ()),
    )


# --- rules ------------------------------------------------------------------------------------------------------------


def _status(case: Case, rule: Rule) -> Status:
    if rule.id in case.run.fired:
        return "fired"
    return "open" if condition_state(case, rule.when).truth is None else "silent"


def _brings(corpus: Corpus, then: Consequence) -> Brings:
    return Brings(
        then=then,
        lesson=corpus.lessons[then.lesson] if then.lesson else None,
        verb=then.verb,
        elements=tuple(corpus.elements[name] for name in then.elements),
        finding=corpus.findings[then.finding].title if then.finding else None,
        sets_aside=tuple(
            (corpus.elements[name].title, f"/elements/{name}")
            if name in corpus.elements
            else (corpus.lessons[name].title, f"/lessons/{name}")
            for name in then.defeats
        ),
        cites=tuple(corpus.precedents[name] for name in then.cites),
    )


def _tried(corpus: Corpus, rule: Rule) -> tuple[Tried, ...]:
    trials = Trials(corpus)
    found = []
    for test in rule.tests:
        facts = situation.parse(test.given, corpus.facts)
        given = facts_in_words(corpus, facts)
        found.append(Tried(trials.of(rule, test), given, link.link_to(f"/rules/{rule.id}", facts)))
    return tuple(found)


def _occurrences(corpus: Corpus, rule: Rule) -> Iterator[Occurrence]:
    """Yield the examples and scenarios in which a rule fires or is open, those in which it fires first."""
    found = [
        Occurrence(title, _status(case, rule), rule.id in case.run.pressing, link.link_to("/", case.facts))
        for title, case in _cases(corpus)
    ]
    for status in ("fired", "open"):
        yield from (one for one in found if one.status == status)


def _cases_of(corpus: Corpus) -> tuple[tuple[str, Facts], ...]:
    """Return the situations that come with a corpus, each once."""
    told = [(one.title, one.facts) for one in corpus.examples.values()]
    told += [(one.title, one.facts or {}) for one in corpus.scenarios.values() if one.example is None]
    return tuple((title, situation.parse(facts, corpus.facts)) for title, facts in told)


_situations: PerCorpus[tuple[tuple[str, Facts], ...]] = PerCorpus(_cases_of)


def _cases(corpus: Corpus) -> Iterator[tuple[str, Case]]:
    engine = engine_for(corpus)
    for title, facts in _situations(corpus):
        yield title, Case(corpus, facts, engine.run(facts))


# --- elements ---------------------------------------------------------------------------------------------------------


def _lessons_for(corpus: Corpus, element: str, verb: str) -> list[Lesson]:
    """Return the lessons that rules apply to an element in a way, in the order of their sources."""
    named = {
        then.lesson
        for rule in corpus.rules.values()
        for then in rule.then
        if then.lesson and element in (getattr(then, verb) or ())
    }
    return [lesson for name, lesson in corpus.lessons.items() if name in named]
