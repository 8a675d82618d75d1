"""What the words mean that content files are written in: values that the shapes fix, operators, forms of names.

The words of a pack (its facts, lessons, elements …) explain themselves in its own files; see ``advisor.nameable``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_CHOICES: tuple[Mapping[str, str], ...] = (
    {
        "must": "the source says must or need to",
        "should": "the source says important, crucial, require or best",
        "consider": "the source says can, may or useful",
        "avoid": "the source speaks against something: not sufficient, not appropriate",
    },
    {
        "none": "the source states it without qualification",
        "usually": "the source says often, generally or usually",
        "sometimes": "the source says may, or in some cases",
    },
    {
        "legal_duty": "a duty under law",
        "lesson": "learned from earlier arrangements",
        "described_practice": "practice that the source describes",
        "single_precedent": "one earlier arrangement",
    },
    {
        "lesson": "what earlier arrangements teach",
        "characteristic": "what is typical of a kind of situation, or of an arrangement",
        "caveat": "a limit, or how something is to be read",
        "principle": "what cooperation rests on",
        "building_block": "a part of which an arrangement can be made",
        "need": "what a situation calls for, or what happens without an answer",
        "fact_of_precedent": "what an earlier arrangement did or had",
    },
    {
        "prevention": "before people have to flee",
        "initial": "emergency response: registration, reception, first protection",
        "medium_term": "procedures, accommodation, self-reliance",
        "outcomes": "durable solutions for refugees, other outcomes for everyone else",
    },
    {
        "source": "the source itself names the trigger",
        "ours": "a trigger or a threshold is our reading; note says exactly what",
    },
    {
        "boolean": "true or false",
        "enum": "one of the values",
        "set": "any of the values, or none",
        "integer": "a whole number",
        "number": "a number, also with a fraction",
    },
    {
        "dated": "it was true when it was written",
        "slip": "the source errs here",
        "caution": "to be used with care",
    },
    {
        "head": "title page and abstract",
        "paragraph": "a numbered paragraph",
        "section": "a section without paragraph numbers, such as one of an annex",
        "box": "a box set apart from the text",
        "note": "a footnote or endnote",
    },
    {
        "treaty": "a convention, protocol, charter or other treaty",
        "resolution": "a resolution or declaration of a body of the United Nations",
        "conclusion": "conclusions of UNHCR's Executive Committee or of a meeting",
        "report": "a report, a study or a paper for discussion",
        "policy": "a strategy, plan or guidance of an organization",
        "directive": "a directive of the European Union",
        "recommendation": "a recommendation of the European Union",
        "regulation": "a regulation of the European Union",
        "decision": "a decision of the European Union or of another body",
        "book": "a book",
        "chapter": "a chapter of a book",
        "article": "an article or working paper",
        "web_page": "a page of a website",
        "agreement": "a declaration, plan of action or agreement of States or organizations",
    },
    {
        "situation": "what kind of situation it is",
        "strain": "what weighs on the host State and the people",
        "proposal": "what is proposed, offered or left out",
        "actors": "who is there and who could take part",
        "form": "the form of cooperation, existing or planned",
        "prospects": "how the situation is likely to go on",
    },
    {
        "fires": "its condition is true",
        "silent": "its condition is false",
        "open": "its condition is unknown: a fact on which it turns is not told",
    },
)
CHOICES: Mapping[tuple[str, ...], Mapping[str, str]] = {tuple(choice): choice for choice in _CHOICES}
"""For each list of values that a shape fixes, what each value means."""

OPERATORS: Mapping[str, str] = {
    "has": "the value is in the set",
    "has_any": "at least one of the values is in the set",
    "has_all": "all of the values are in the set",
    "lacks": "the value is not in the set",
    "lacks_all": "none of the values is in the set",
    "only": "the set is not empty, and nothing but these values is in it",
    "empty": "true: nothing is in the set, and that is known; false: something is in it",
    "count_at_least": "at least so many values are in the set",
    "at_least": "the number is this or greater",
    "at_most": "the number is this or smaller",
    "more_than": "the number is greater than this",
    "less_than": "the number is smaller than this",
}
"""For each operator that an author writes, when a test by it is true."""

COMBINATORS: Mapping[str, str] = {
    "all": "True when every condition of the list is true.",
    "any": "True when at least one condition of the list is true.",
    "not": "True when the condition is false. Facts can be negated; findings can't.",
    "finding": "True when the finding was derived.",
}
"""What joins or replaces tests on facts."""

_SAYS: Mapping[str, str] = {
    "recommends": "The element is recommended, and nothing sets it aside.",
    "cautions": "The lesson warns, and nothing sets it aside.",
    "flags": "The rule raises a red flag or reports a contradiction, or the lesson is flagged.",
    "argues": "The lesson is an argument for partners.",
    "prints": "The lesson stands in the answer: as a reason, as a safeguard or as a notice.",
    "sets_aside": "The element is set aside altogether, or the lesson is in some line.",
    "fires": "The rule fires.",
    "presses": "The rule fires, and what it advises is pressing.",
}
CLAIMS: Mapping[str, str] = {
    **_SAYS,
    **{
        f"{verb}_{word}": f"{text[:-1]}; said of {which} of the list."
        for verb, text in _SAYS.items()
        for word, which in (("any", "at least one"), ("all", "each"))
    },
    "recommends_any_of_group": "Any element under this heading is recommended.",
    "guarded": "With each of the elements that is recommended, each of the lessons is printed.",
    "finding": "The finding is derived.",
    "known": "The fact is known, whatever its value.",
    "all": "Every claim of the list holds.",
    "any": "At least one claim of the list holds.",
    "not": "The claim does not hold. Of an answer a claim is true or false, never unknown.",
}
"""For each key of a claim, beside the facts, where it holds."""

FORMS: Mapping[str, str] = {
    r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$": "small letters and digits, words joined by hyphens: border-at-risk",
    r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$": "small letters and digits, words joined by underscores: border_status",
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "small letters and digits, words joined by hyphens: 16, iii-a, box-kosovo",
    r"^([a-z0-9-]+:)?[a-z0-9]+(-[a-z0-9]+)*$": 'a place, "16", or one of another source, amman-2011:16',
    r"^\d+\.\d+\.\d+$": "three numbers joined by points: 1.0.0",
    r"^[0-9a-f]{64}$": "64 hexadecimal digits",
    r"^[A-Z][A-Z0-9]{0,7}$": "a capital letter, perhaps followed by capitals and digits: A, UP1",
}
"""For each pattern of the shapes, the form in words, with an example."""


def meanings_of(values: Sequence[object]) -> Mapping[str, str]:
    """Return what each of these values means; empty where they are no list that a shape fixes."""
    return CHOICES.get(tuple(str(value) for value in values), {})
