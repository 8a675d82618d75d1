"""That the vocabulary and its labels are fit to be read by an officer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from advisor.conditions import FindingIs, leaves
from advisor.errors import Problem, quoted
from advisor.marked import Path
from advisor.pack import Draft, Entry

_PLACEHOLDER = re.compile(r"\b(TODO|FIXME|TBD|XXX)\b|(?i:\blorem ipsum\b)|\?\?\?|\.\.\.$")
_TELLTALE = ("TODO", "FIXME", "TBD", "XXX", "orem ipsum", "???", "...")
"""One of these stands in every file that has a placeholder; most files have none and are looked at no further."""
_WORDS = ("label", "title", "question", "text", "help", "gist", "when", "name", "note", "summary")


def check_facts(draft: Draft) -> Iterator[Problem]:
    """Check that each type of fact has what it needs, and nothing that belongs to another type."""
    for entry in draft.facts.values():
        fact = entry.value
        if fact.type in ("enum", "set"):
            if not fact.values:
                yield entry.problem("fact-shape", f"{fact.name} is of type {fact.type} and lists no values", "values")
            seen: set[str] = set()
            for index, value in enumerate(fact.values):
                if value.value in seen:
                    yield entry.problem("duplicate-id", f"the value {value.value!r} stands here twice", "values", index)
                seen.add(value.value)
        elif fact.values:
            yield entry.problem("fact-shape", f"a fact of type {fact.type} has no list of values", "values")
        if fact.type == "boolean" and set(fact.labels or {}) != {"true", "false"}:
            yield entry.problem("fact-shape", f"{fact.name} needs labels for true and for false", "labels")
        numeric = fact.type in ("integer", "number")
        if numeric and (fact.minimum is None or fact.maximum is None):
            yield entry.problem("fact-shape", f"{fact.name} is a number and needs a minimum and a maximum", "type")
        ask = draft.asks.get(fact.name)
        if ask is not None and any(isinstance(leaf, FindingIs) for leaf in leaves(ask)):
            yield entry.problem("ask-when-finding", "ask_when tests facts only, not findings", "ask_when")


def check_labels(draft: Draft) -> Iterator[Problem]:
    """Check that labels and titles are words for a reader, and not the name that programs use."""
    for fact in draft.facts.values():
        if fact.value.label == fact.id:
            yield _named(fact, "label", fact.id, "label")
        for index, value in enumerate(fact.value.values):
            if value.label == value.value:
                yield _named(fact, "label", value.value, "values", index, "label")
        for answer, label in (fact.value.labels or {}).items():
            if label.lower() == answer:
                yield _named(fact, "label", answer, "labels", answer)
    for entries in (draft.findings, draft.elements, draft.lessons, draft.precedents, draft.rule_files, draft.manifests):
        for entry in entries.values():
            if entry.value.title == entry.id:
                yield _named(entry, "title", entry.id, "title")


def _named(entry: Entry[Any], key: str, name: str, *path: str | int) -> Problem:
    message = f"the {key} {quoted(name)} is the name that rules use; readers see the {key}"
    return entry.problem("label-is-name", message, *path)


def check_placeholders(draft: Draft) -> Iterator[Problem]:
    """Check that no text is still to be written."""
    for document in draft.documents:
        if any(word in document.text for word in _TELLTALE):
            for path, text in _texts(document.data, ()):
                if _PLACEHOLDER.search(text):
                    message = f"the text {quoted(text)} is still to be written"
                    yield document.problem("placeholder-text", message, path)


def _texts(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the texts of a document that readers see, each with its path."""
    if isinstance(data, dict):
        for key, value in data.items():
            if isinstance(value, str):
                if key in _WORDS:
                    yield (*path, key), value
            else:
                yield from _texts(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*path, index))


def check_questions_needed(draft: Draft) -> Iterator[Problem]:
    """Check that each question serves a rule, or decides whether another is worth asking."""
    needed = set()
    for rule in draft.rules.values():
        for condition in (rule.value.when, rule.value.pressing_when):
            if condition is not None:
                needed |= {leaf.fact for leaf in leaves(condition) if not isinstance(leaf, FindingIs)}
    for ask in draft.asks.values():
        needed |= {leaf.fact for leaf in leaves(ask) if not isinstance(leaf, FindingIs)}
    for name, entry in draft.facts.items():
        if name not in needed:
            message = f"no rule tests {name}, and no other question depends on it: whatever is answered changes nothing"
            yield entry.problem("question-unneeded", message, "name")
