"""Reference pages for authors: every key of every kind of file, the conditions, the vocabulary.

They are made from the models, the operators and the packs, and so are never out of date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from advisor.claims import SPEAKS_OF
from advisor.conditions import OPERANDS, OPERATORS_OF, FactTest, leaves
from advisor.content import PARTS
from advisor.document import Block, Heading, Items, Listing, Paragraph, Table
from advisor.errors import UnknownIdError
from advisor.meanings import CLAIMS, COMBINATORS, FORMS, OPERATORS
from advisor.model import Fact
from advisor.nameable import EITHER, LABELS
from advisor.pack import Draft, Entry
from advisor.schema_frame import called, frame, models_of, said_of
from advisor.schema_names import Schema, sentence
from advisor.schemas import KINDS, Kind

PAGES: Mapping[str, str] = {
    **{kind.name: f"`{kind.where}`: {said_of(kind.model)}" for kind in KINDS.values()},
    "conditions": "The language of conditions: tests on facts and findings.",
    "claims": "The language of claims, in which invariants say what holds of answers.",
    "vocabulary": "All facts: their questions, types and values.",
}
"""The pages by name, with what each is about."""

_PAGE_OF_NAME = {
    "pack": "pack",
    "source": "source",
    "reference": "references",
    "place": "source",
    "fact": "vocabulary",
    "fact-group": "vocabulary",
    "situation-type": "vocabulary",
    "proposed-measure": "vocabulary",
    "finding": "findings",
    "element-group": "elements",
    "element": "elements",
    "lesson": "lessons",
    "precedent": "precedent",
    "rule": "rule",
    "example": "situation",
}
_PAGE_OF_PART = {
    "condition": "conditions",
    "fact-condition": "conditions",
    "claim": "claims",
    "facts": "vocabulary",
}


def page(name: str, draft: Draft) -> list[Block]:
    """Return a page.

    Args:
        name: which, of ``PAGES``.
        draft: the packs from which examples and the vocabulary come.

    Raises:
        UnknownIdError: there is no such page.
    """
    match name:
        case "conditions":
            return list(_conditions(draft))
        case "claims":
            return list(_claims())
        case "vocabulary":
            return list(_vocabulary(draft))
        case _ if name in KINDS:
            return list(_kind(KINDS[name], draft))
        case _:
            raise UnknownIdError("page", name, PAGES)


def contents() -> list[Block]:
    """Return the page that lists the others."""
    rows = tuple((f"[{name}]({name}.md)", text) for name, text in PAGES.items())
    text = (
        "Every key of the files that an author writes. The pages are made from the program's own description of the "
        "files (`make docs`), and `advisor reference NAME` shows them in the terminal. [Writing rules](../rules.md) "
        "explains how the parts work together, [editors](../editors.md) how an editor offers all this while you write."
    )
    return [Heading(1, "Reference"), Paragraph(text), Table(("page", "about"), rows)]


# --- kinds of files ---------------------------------------------------------------------------------------------------


def _kind(kind: Kind, draft: Draft) -> Iterator[Block]:
    yield Heading(1, kind.name.capitalize())
    yield Paragraph(said_of(kind.model))
    yield Paragraph(f"It lies at `{kind.where}`, and its first line leads an editor to its schema:")
    yield Listing("yaml", kind.line)
    for model in models_of(kind.model):
        if model is not kind.model:
            yield Heading(2, called(model))
            yield Paragraph(said_of(model))
        yield from _keys(model)
    yield from _example(kind, draft)


def _keys(model: type[BaseModel]) -> Iterator[Block]:
    described, _ = frame(model)
    shapes: list[Schema] = [described] if "properties" in described else described["anyOf"]
    keys: dict[str, Schema] = {key: value for shape in shapes for key, value in shape["properties"].items()}
    rows = []
    for key, value in keys.items():
        default = model.model_fields[key].default
        needed = key in described.get("required", ())
        unless = "" if needed or default in (None, ()) else f"`{str(default).lower()}` unless told"
        rows.append((f"`{key}`", _takes(value), "required" if needed else unless, _meaning(value)))
    yield Table(("key", "takes", "", "meaning"), tuple(rows))
    together = [f"{shape['title']}: {_shape(shape)}." for shape in shapes if len(shapes) > 1]
    together += dict.fromkeys(_messages(described))
    if together:
        yield Items(tuple(together))


def _shape(shape: Schema) -> str:
    needed = [f"`{key}`" for key in shape["required"]]
    others = [f"`{key}`" for key in shape["properties"] if key not in shape["required"]]
    return ", ".join(needed) + (f" with {', '.join(others)}" if others else "")


def _messages(part: Any) -> Iterator[str]:
    """Yield what a schema says of keys that go together."""
    if isinstance(part, dict):
        if "errorMessage" in part:
            yield part["errorMessage"]
        for content in part.values():
            yield from _messages(content)
    elif isinstance(part, list):
        for content in part:
            yield from _messages(content)


def _takes(value: Schema, *, many: bool = False) -> str:
    """Return in words, with links, what a key takes."""
    s = "s" if many else ""
    match value:
        case {"$ref": str(reference)}:
            return _referred(reference.removeprefix("#/$defs/"), many=many)
        case {"type": "array", "items": items}:
            least = ", at least one" if value.get("minItems") else ""
            return f"list of {_takes(items, many=True)}{least}"
        case {"enum": _}:
            return f"word{s}"
        case {"properties": properties}:
            return "mapping of " + " and ".join(f"`{key}`" for key in properties)
        case {"type": "integer"}:
            low, high = value.get("minimum"), value.get("maximum")
            bounds = f" from {low}" if low is not None else ""
            return f"whole number{s}{bounds}" + (f" to {high}" if high is not None else "")
        case {"type": "boolean"}:
            return "`true` or `false`"
        case {"pattern": _}:
            return f"name{s}" if value["pattern"].startswith("^[a-z]") else f"text{s}"
        case {"maxLength": int(length)} if length <= 300:
            return f"line{s}"
        case _:
            return f"text{s}"


def _referred(part: str, *, many: bool) -> str:
    if part in _PAGE_OF_PART:
        label = "condition on facts" if part == "fact-condition" else part
        return f"[{label}]({_PAGE_OF_PART[part]}.md)"
    kind = part.removeprefix("name.")
    if kind != part:
        return " or ".join(_linked(one, many=many) for one in EITHER.get(kind, (kind,)))
    words = part.replace("-", " ")
    return f"[{words if words.endswith('s') or not many else words + 's'}](#{part})"


def _linked(kind: str, *, many: bool = False) -> str:
    first, _, rest = LABELS[kind].partition(" of ")
    words = f"{first}{'s' if many else ''}" + (f" of {rest}" if rest else "")
    return f"[{words}]({_PAGE_OF_NAME[kind]}.md)"


def _meaning(value: Schema) -> str:
    inner = value.get("items", value)
    lines = [value.get("description", "")]
    if "enumDescriptions" in inner:
        pairs = zip(inner["enum"], inner["enumDescriptions"], strict=True)
        lines += [f"`{word}`: {meaning}" for word, meaning in pairs]
    if inner.get("pattern") in FORMS:
        lines[0] += f" {sentence(FORMS[inner['pattern']])}"
    return "\n".join(lines)


# --- examples ---------------------------------------------------------------------------------------------------------


def _example(kind: Kind, draft: Draft) -> Iterator[Block]:
    """Yield the example of a kind; another where the packs don't have it, and none where they have none."""
    listed, name = kind.example
    entries: Mapping[str, Entry[Any]] = getattr(draft, listed)
    entry = entries.get(name) or next(iter(entries.values()), None)
    if entry is not None:
        yield Heading(2, "Example")
        yield Paragraph(f"From `{_below_pack(entry.document.file)}`:")
        yield Listing("yaml", _cut(entry))


def _below_pack(file: str) -> str:
    """Return the path of a file below the folder of its pack."""
    start = max(f"/{file}".rfind(f"/{part}/") for part in PARTS)
    return file[max(start, 0) :]


def _cut(entry: Entry[Any]) -> str:
    """Return the lines of a file in which an entry stands, under the key of its list."""
    document, path = entry.document, entry.path
    lines = document.text.splitlines()
    if not path:
        return document.text
    first = document.where(path)[0]
    after = [line for other, (line, _) in document.marks.items() if line > first and other[: len(path)] != path]
    last = min(after, default=len(lines) + 1) - 1
    while last > first and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#")):
        last -= 1
    head = [f"{path[0]}:"] if isinstance(path[-1], int) else []
    return "\n".join([*head, *lines[first - 1 : last]])


# --- conditions -------------------------------------------------------------------------------------------------------

_OPERAND_WORDS = {
    "value": "a value",
    "values": "a list of values",
    "truth": "`true` or `false`",
    "count": "a whole number from 1",
    "number": "a number",
}
_TYPES = {"set": "A set", "integer": "An integer or a number"}


def _conditions(draft: Draft) -> Iterator[Block]:
    yield Heading(1, "Conditions")
    yield Paragraph(
        "A condition stands under `when` and `pressing_when` of a [rule](rule.md), and under `ask_when` of a "
        "[fact](facts.md), where it tests facts alone. It is a mapping with one key: a fact with its test, or one of "
        "the keys below. A test on an unknown fact is unknown, also under `not`."
    )
    takes = {"not": "a condition", "finding": "the id of a [finding](findings.md)"}
    rows = [(f"`{key}`", takes.get(key, "a list of conditions"), text) for key, text in COMBINATORS.items()]
    yield Table(("key", "takes", "meaning"), tuple(rows))
    yield Heading(2, "A boolean")
    yield Table(
        ("test", "true when", "example"),
        (("`true`, `false`", "the fact has that value", _used(draft, "is", "boolean")),),
    )
    yield Heading(2, "An enum")
    enum_rows = (
        ("a value", "the fact has that value", _used(draft, "is", "enum")),
        ("a list of values", "it has one of them", _used(draft, "one_of", "enum")),
    )
    yield Table(("test", "true when", "example"), enum_rows)
    for kind, title in _TYPES.items():
        yield Heading(2, title)
        if kind == "integer":
            yield Paragraph("Two of these may stand in one test: `{at_least: 5, less_than: 25}`.")
        types = ("integer", "number") if kind == "integer" else (kind,)
        operator_rows = tuple(
            (f"`{name}`", _OPERAND_WORDS[OPERANDS[name]], OPERATORS[name], _used(draft, name, *types))
            for name in OPERATORS_OF[kind]
        )
        yield Table(("operator", "takes", "true when", "example"), operator_rows)


def _used(draft: Draft, operator: str, *types: str) -> str:
    """Return a test by this operator as a rule of the packs has it; empty where none has."""
    for _, entry in sorted(draft.rules.items()):
        for leaf in leaves(entry.value.when):
            if isinstance(leaf, FactTest) and leaf.operator == operator and not leaf.negated:
                fact = draft.facts[leaf.fact].value
                if fact.type in types:
                    return f"`{_written(leaf, fact)}`"
    return ""


def _written(test: FactTest, fact: Fact) -> str:
    operand = f"[{', '.join(test.operand)}]" if isinstance(test.operand, tuple) else str(test.operand)
    if isinstance(test.operand, bool):
        operand = operand.lower()
    return (
        f"{test.fact}: {operand}"
        if fact.type in ("boolean", "enum")
        else f"{test.fact}: {{{test.operator}: {operand}}}"
    )


# --- claims -----------------------------------------------------------------------------------------------------------


def _claims() -> Iterator[Block]:
    yield Heading(1, "Claims")
    yield Paragraph(
        "A claim says what holds of an answer. It stands under `wherever`, `then` and `never` of "
        "[invariants](invariants.md), and is a mapping with one key: one of those below, or a fact with its test, as "
        "in [conditions](conditions.md), which holds where the fact is known and passes. A claim is true or false of "
        "an answer, never unknown."
    )
    takes = {
        "not": "a claim",
        "finding": _linked("finding"),
        "known": _linked("fact"),
        "recommends_any_of_group": _linked("element-group"),
        "guarded": f"`elements`: list of {_linked('element', many=True)}; `by`: list of {_linked('lesson', many=True)}",
    }
    for verb, kinds in SPEAKS_OF.items():
        takes[verb] = " or ".join(_linked(kind) for kind in kinds)
    listed = {f"{verb}_{word}" for verb in SPEAKS_OF for word in ("any", "all")}
    rows = [(f"`{key}`", takes.get(key, "list of claims"), text) for key, text in CLAIMS.items() if key not in listed]
    yield Table(("key", "takes", "holds where"), tuple(rows))
    yield Paragraph(
        "Of each of the first eight there are two more, which take a list: "
        + ", ".join(f"`{verb}_any`, `{verb}_all`" for verb in SPEAKS_OF)
        + "."
    )


# --- the vocabulary ---------------------------------------------------------------------------------------------------


def _vocabulary(draft: Draft) -> Iterator[Block]:
    yield Heading(1, "Vocabulary")
    yield Paragraph(
        "The facts that may be known of a situation, in the order in which they are asked. A fact that is left out or "
        "null is unknown; an empty list means that the officer was asked, and there is none."
    )
    for group in draft.fact_groups.values():
        yield Heading(2, f"{group.value.id}. {group.value.title}")
        yield Paragraph(group.value.text)
        for entry in draft.facts.values():
            if entry.value.group == group.value.id:
                yield from _fact(entry.value)


def _fact(fact: Fact) -> Iterator[Block]:
    yield Heading(3, f"`{fact.name}`")
    bounds = f", {fact.minimum} to {fact.maximum} {fact.unit or ''}".rstrip() if fact.minimum is not None else ""
    yield Paragraph(f"*{fact.type}{bounds}.* **{fact.question}** {' '.join(fact.help.split())}")
    rows = [(f"`{value.value}`", value.label, " ".join((value.help or "").split())) for value in fact.values]
    rows += [(f"`{value}`", label, "") for value, label in (fact.labels or {}).items()]
    if rows:
        yield Table(("value", "label", "when it fits"), tuple(rows))
