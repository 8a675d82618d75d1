"""Facts and tests in an officer's words: labels for names, sentences for conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from advisor.answer import Because, BecauseElement, BecauseFact, BecauseFinding, Paragraph
from advisor.conditions import FactTest
from advisor.corpus import Corpus
from advisor.model import Fact

_AS_IS = {
    "is": "is",
    "one_of": "is",
    "has": "includes",
    "has_any": "includes",
    "has_all": "includes",
    "lacks": "does not include",
    "lacks_all": "includes neither",
    "only": "is nothing but",
    "at_least": "is at least",
    "at_most": "is at most",
    "more_than": "is more than",
    "less_than": "is less than",
}
_AS_IF = {
    "is": "were",
    "one_of": "were",
    "has": "included",
    "has_any": "included",
    "has_all": "included",
    "lacks": "did not include",
    "lacks_all": "included neither",
    "only": "were nothing but",
    "at_least": "were at least",
    "at_most": "were at most",
    "more_than": "were more than",
    "less_than": "were less than",
}
_NOT_AS_IS = {
    "is": "is not",
    "one_of": "is neither",
    "has": "does not include",
    "has_any": "includes neither",
    "has_all": "lacks one of",
    "lacks": "includes",
    "lacks_all": "includes",
    "only": "is empty or more than",
    "at_least": "is less than",
    "at_most": "is more than",
    "more_than": "is at most",
    "less_than": "is at least",
}
_NOT_AS_IF = {
    "is": "were not",
    "one_of": "were neither",
    "has": "did not include",
    "has_any": "included neither",
    "has_all": "lacked one of",
    "lacks": "included",
    "lacks_all": "included",
    "only": "were empty or more than",
    "at_least": "were less than",
    "at_most": "were more than",
    "more_than": "were at most",
    "less_than": "were at least",
}


def quoted(text: str) -> str:
    """Return the text in quotation marks, so that a label can stand in a sentence as it is."""
    return f"“{text}”"


def joined(parts: Sequence[str], word: str = "and") -> str:
    """Return ``a, b and c``."""
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}" if len(parts) > 1 else "".join(parts)


def listed(parts: Sequence[str]) -> str:
    """Return ``a and b``; of parts that may hold a comma or an ``and`` themselves, ``a; b; c``."""
    return "; ".join(parts) if len(parts) > 2 else joined(parts)


def value_in_words(fact: Fact, value: object) -> str:
    """Return a value with its labels quoted; an empty set as ``none``, an unknown one as ``not known``."""
    if value is None:
        return "not known"
    if isinstance(value, list | tuple):
        return joined([quoted(fact.label_of(member)) for member in value]) or "none"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return fact.label_of(value)
    return quoted(fact.label_of(value))


def told(fact: Fact, value: object) -> str:
    """Return what is told of a fact as the end of a sentence: ``it is “Open”``, ``it is not known``."""
    return f"it is {value_in_words(fact, value)}"


def clause(corpus: Corpus, test: FactTest, *, wished: bool = False) -> str:
    """Return what a test asks for as a clause: ``“Border” is “Closed” or “Closure threatened”``.

    Args:
        corpus: where the fact's labels stand.
        test: the test.
        wished: say it as a wish that isn't fulfilled: ``“Border” were “Closed”``.
    """
    fact = corpus.facts[test.fact]
    name = quoted(fact.label)
    operand = test.operand
    if test.operator == "empty":
        none = operand is not test.negated
        verb = ("were" if none else "had") if wished else ("is" if none else "has")
        return f"{name} {verb} {'none' if none else 'at least one entry'}"
    if test.operator == "count_at_least":
        verb = "had" if wished else "has"
        return f"{name} {verb} {'fewer than' if test.negated else 'at least'} {operand} entries"
    if test.negated:
        verb = (_NOT_AS_IF if wished else _NOT_AS_IS)[test.operator]
    else:
        verb = (_AS_IF if wished else _AS_IS)[test.operator]
    if not isinstance(operand, tuple):
        return f"{name} {verb} {value_in_words(fact, operand)}"
    members = [quoted(fact.label_of(member)) for member in operand]
    if verb.endswith("neither"):
        # Of one there is no "neither".
        verb = (
            verb
            if len(members) > 1
            else verb.replace("included neither", "did not include")
            .replace("includes neither", "does not include")
            .replace("neither", "not")
        )
        return f"{name} {verb} {joined(members, 'nor')}"
    every = test.operator == "has_all" or (test.operator == "only" and not test.negated)
    return f"{name} {verb} {joined(members, 'and' if every else 'or')}"


def because_in_words(corpus: Corpus, because: Because) -> str:
    """Return what made a rule fire as a clause: the part of a fact that counted, or a finding."""
    match because:
        case BecauseFact(fact=name, matched=matched):
            fact = corpus.facts[name]
            verb = "includes" if fact.type == "set" and matched and matched != because.value else "is"
            return f"{quoted(fact.label)} {verb} {value_in_words(fact, matched)}"
        case BecauseFinding(finding=name):
            return f"the finding {quoted(corpus.findings[name].title)} holds"
        case BecauseElement(element=name):
            return f"it comes with {quoted(corpus.elements[name].title)}"


def cited(paragraphs: Iterable[Paragraph]) -> str:
    """Return places as they are cited: ``para. 14, box Kosovo, note 12``; after the source's name if it has one."""
    by_source: dict[str | None, list[Paragraph]] = {}
    for place in dict.fromkeys(paragraphs):
        by_source.setdefault(place.short, []).append(place)
    return "; ".join(", ".join(([short] if short else []) + _cited(places)) for short, places in by_source.items())


def _cited(places: Iterable[Paragraph]) -> list[str]:
    found = []
    for place in places:
        ref = place.ref
        if ref.isdigit():
            found.append(f"para. {ref}")
        elif ref.startswith("n") and ref[1:].isdigit():
            found.append(f"note {ref[1:]}")
        else:
            found.append("opening" if ref == "head" else ref)
    return found


def cited_within(paragraphs: Iterable[Paragraph]) -> str:
    """Return places of one source as they are cited once the source is named: ``para. 14, box Kosovo, note 12``."""
    return ", ".join(_cited(dict.fromkeys(paragraphs)))


def in_brackets(paragraphs: Iterable[Paragraph]) -> str:
    """Return `` (para. 14)``, or nothing where there is no place to cite."""
    places = cited(paragraphs)
    return f" ({places})" if places else ""


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """Return the text as it stands within a sentence: its first letter small, but for words like ``UNHCR``."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
