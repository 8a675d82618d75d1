"""Finding anything that an answer names, and describing it with what refers to it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, Literal

from advisor.citations import paragraph
from advisor.conditions import FindingIs, leaves
from advisor.corpus import Corpus, PerCorpus
from advisor.errors import UnknownIdError
from advisor.model import Content

KINDS = ("rules", "lessons", "elements", "findings", "precedents", "facts", "sources", "references", "places")
"""What can be looked up; each is also an attribute of the corpus."""
SINGULAR = {kind: kind.removesuffix("s") for kind in KINDS} | {"places": "paragraph"}


def describe(corpus: Corpus, kind: str, name: str) -> dict[str, Any]:
    """Return an entry as plain data, with the entries that refer to it.

    Args:
        corpus: where to look.
        kind: one of ``KINDS``.
        name: its id; places are named ``source:place``.

    Raises:
        UnknownIdError: there is none.
    """
    entry = corpus.get(kind, name)
    if kind == "rules":
        return _rule(corpus, name)
    assert isinstance(entry, Content)
    links = _links(corpus)

    def referring(how: Link, to: str) -> list[str]:
        return list(links.get((how, to), ()))

    data = entry.model_dump(mode="json", exclude_none=True)
    match kind:
        case "lessons":
            lesson = corpus.lessons[name]
            data["paragraph"] = paragraph(corpus, lesson.place).model_dump()
            data["rules"] = [rule.id for rule in corpus.applying[name]]
            data["restated_by"] = referring("restates", name)
        case "elements":
            data["paragraphs"] = [paragraph(corpus, place).model_dump() for place in corpus.elements[name].places]
            data["rules"] = referring("recommends", name)
            data["conditions"] = [lesson.id for lesson in corpus.attached[name]]
            data["precedents"] = [one.id for one in corpus.precedents.values() if name in one.elements_present]
        case "findings":
            data["paragraphs"] = [paragraph(corpus, place).model_dump() for place in corpus.findings[name].places]
            data["derived_by"] = [rule.id for rule in corpus.deriving[name]]
            data["used_by"] = referring("waits for", name)
        case "facts":
            data["paragraphs"] = [paragraph(corpus, place).model_dump() for place in corpus.facts[name].places]
            data["used_by"] = referring("tests", name)
        case "precedents":
            data["paragraphs"] = [paragraph(corpus, place).model_dump() for place in corpus.precedents[name].places]
        case "places":
            data["source"] = corpus.source_of(name)
            data["href"] = paragraph(corpus, name).href
            data["lessons"] = referring("rests on", name)
            data["rules"] = list(
                dict.fromkeys(rule.id for lesson in data["lessons"] for rule in corpus.applying[lesson])
            )
        case "sources":
            data["places"] = [
                paragraph(corpus, f"{name}:{place.id}").model_dump() for place in corpus.sources[name].places
            ]
    if f"{kind}:{name}" in corpus.origins:
        data["pack"] = corpus.origins[f"{kind}:{name}"]
    return data


def _rule(corpus: Corpus, name: str) -> dict[str, Any]:
    rule = corpus.rules[name]
    places = dict.fromkeys(corpus.lessons[lesson].place for lesson in rule.lessons)
    return {
        "id": rule.id,
        "title": rule.title,
        "topic": rule.topic,
        "pack": rule.pack,
        "reading": rule.reading,
        "note": rule.note,
        "when": str(rule.when),
        "pressing_when": None if rule.pressing_when is None else str(rule.pressing_when),
        "then": [then.model_dump(mode="json", exclude_none=True, exclude_defaults=True) for then in rule.then],
        "lessons": list(rule.lessons),
        "findings": list(rule.findings),
        "paragraphs": [paragraph(corpus, place).model_dump() for place in places],
        "tests": [test.model_dump(mode="json", exclude_none=True) for test in rule.tests],
        "file": rule.file,
        "yaml": rule.text,
    }


Link = Literal["recommends", "waits for", "tests", "restates", "rests on"]


@PerCorpus
def _links(corpus: Corpus) -> dict[tuple[Link, str], dict[str, None]]:
    """Return for each way of referring to something, and what is referred to, the ids of the rules or lessons."""
    links: dict[tuple[Link, str], dict[str, None]] = {}

    def add(name: str, how: Link, to: str) -> None:
        links.setdefault((how, to), {})[name] = None

    for rule in corpus.rules.values():
        for then in rule.then:
            for element in then.recommends or ():
                add(rule.id, "recommends", element)
        for leaf in leaves(rule.when):
            if isinstance(leaf, FindingIs):
                add(rule.id, "waits for", leaf.finding)
            else:
                add(rule.id, "tests", leaf.fact)
    for lesson in corpus.lessons.values():
        add(lesson.id, "rests on", lesson.place)
        if lesson.same_as:
            add(lesson.id, "restates", lesson.same_as)
    return links


def find(corpus: Corpus, name: str) -> list[tuple[str, str]]:
    """Return kind and id of everything called ``name``, in the order of ``KINDS``.

    A paragraph may be named as it is cited (``16``, ``III.A``, ``box Kosovo``) or ``source:place``.

    Raises:
        UnknownIdError: nothing is; its text has the nearest known id.
    """
    found = list(_named(corpus, name))
    if not found:
        known = [known for kind in KINDS if kind != "places" for known in getattr(corpus, kind)]
        known += [place.id for place in corpus.places.values()]
        raise UnknownIdError("entry", name, known)
    return found


def _named(corpus: Corpus, name: str) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        entries = getattr(corpus, kind)
        if kind != "places" and name in entries:
            yield kind, name
    wanted = name.strip().lower().removeprefix("para. ").removeprefix("paragraph ").removeprefix("¶")
    for key, place in corpus.places.items():
        if wanted in (key, place.id, place.ref.lower()):
            yield "places", key


def as_text(entry: Any, indent: str = "  ") -> str:
    """Return plain data as indented text, one key a line; the YAML of a rule as it was written."""
    lines: list[str] = []
    for key, value in entry.items():
        if value in (None, [], {}, ""):
            continue
        label = key.replace("_", " ")
        if key == "yaml":
            lines += ["", *(indent + line for line in value.splitlines())]
        elif isinstance(value, dict):
            lines += [f"{indent}{label}:", as_text(value, indent + "  ")]
        elif isinstance(value, list) and all(isinstance(part, dict) for part in value):
            if key in ("paragraphs", "places"):
                named = ", ".join(str(part.get("ref", part.get("id"))) for part in value)
                lines += textwrap.wrap(f"{label}: {named}", 100, initial_indent=indent, subsequent_indent=indent + "  ")
            elif key not in ("then", "tests"):  # these stand in the YAML
                lines.append(f"{indent}{label}:")
                lines += (f"{indent}  - " + "; ".join(f"{one}: {two}" for one, two in part.items()) for part in value)
        else:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            first, *rest = f"{label}: {shown}".splitlines() or [""]
            lines += textwrap.wrap(first, 100, initial_indent=indent, subsequent_indent=indent + "  ")
            for line in rest:
                lines += textwrap.wrap(line, 100, initial_indent=indent + "  ", subsequent_indent=indent + "    ")
    return "\n".join(lines)
