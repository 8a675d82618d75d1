"""The parts of the schemas that depend on what may be named: names, facts as they are told, conditions.

What stands here beyond JSON Schema (``enumDescriptions``, ``patternErrorMessage``) is for the YAML language server,
which editors use; whoever doesn't know these words may pass over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from advisor.conditions import OPERANDS, OPERATORS_OF
from advisor.meanings import COMBINATORS, FORMS, OPERATORS
from advisor.model import Fact, SituationFile
from advisor.nameable import EITHER, LABELS, Name, Names, about

Schema = dict[str, Any]

KEBAB = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
SNAKE = r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$"
_PATTERNS = {
    "place": r"^([a-z0-9-]+:)?[a-z0-9]+(-[a-z0-9]+)*$",
    "fact-group": r"^[A-Z][A-Z0-9]{0,7}$",
    **dict.fromkeys(("fact", "situation-type", "proposed-measure", "element-group"), SNAKE),
}
PARTS = ("facts", "condition", "fact-condition", "claim")
"""The parts that are no names but are written in them."""
_NOTHING = "(?!)"
"""A pattern that no text matches."""


def ref(name: str) -> Schema:
    """Return a reference to a part."""
    return {"$ref": f"#/$defs/{name}"}


def parts(names: Names) -> dict[str, Schema]:
    """Return all parts, by their names under ``$defs``."""
    found = {f"name.{kind}": _named(kind, entries, names) for kind, entries in names.kinds.items()}
    found |= {f"name.{kind}": _either(kinds, names) for kind, kinds in EITHER.items()}
    for fact in names.facts.values():
        if fact.type in ("enum", "set"):
            found[f"{fact.name}.value"] = _value(fact, names)
        found[f"{fact.name}.told"] = _told(fact)
        found[f"{fact.name}.test"] = _test(fact)
    found["facts"] = _facts(names)
    found["condition"] = _condition(names, "condition", negated="negated-condition", findings=True)
    found["negated-condition"] = _condition(names, "negated-condition", negated="condition", findings=False)
    found["fact-condition"] = _condition(names, "fact-condition", negated="fact-condition", findings=False)
    return found


# --- names ------------------------------------------------------------------------------------------------------------


def _named(kind: str, entries: tuple[Name, ...], names: Names) -> Schema:
    """Return the schema of a name: one alternative for each that is known, so that an editor shows just that one."""
    pattern = _PATTERNS.get(kind, KEBAB)
    closed = names.closed and kind != "pack"  # a pack to build on may be any that comes with the advisor
    # A type, so that the language server quotes "16"; as a list, so that it doesn't join all alternatives in a message.
    # No titles: it would offer "- (array item)" with each of them.
    known = [{"type": ["string"], "const": one.id, "description": f"{one.title}\n\n{one.text}"} for one in entries]
    others = [] if closed else [{"type": "string", "pattern": pattern}]
    return _alternatives(LABELS[kind], [*known, *others], None if closed else FORMS[pattern])


def _either(kinds: tuple[str, ...], names: Names) -> Schema:
    what = " or ".join(LABELS[kind] for kind in kinds)
    return _alternatives(what, [ref(f"name.{kind}") for kind in kinds], None if names.closed else FORMS[KEBAB])


def _alternatives(what: str, known: list[Schema], form: str | None) -> Schema:
    # Of alternatives that all fail, the language server shows the message of the first; those of the others would be
    # a list of all names.
    message = (
        sentence(form)
        if form
        else f"There is no {what} of this name. If it is new, write the schemas again (advisor schemas)."
    )
    first = {"type": "string", "pattern": _NOTHING, "patternErrorMessage": message}
    return {"title": what.capitalize(), "anyOf": [first, *known]}


# --- facts ------------------------------------------------------------------------------------------------------------


def _value(fact: Fact, names: Names) -> Schema:
    listed: Schema = {
        "type": "string",
        "enum": list(fact.allowed),
        "enumDescriptions": [f"{value.label}. {value.help or ''}".strip() for value in fact.values],
    }
    if names.closed:
        return {"title": fact.label, **listed}
    return {"title": fact.label, "anyOf": [listed, {"type": "string", "pattern": SNAKE}]}


def _told(fact: Fact) -> Schema:
    """Return the schema of a fact as it is told; null stands for unknown."""
    described: Schema = {"title": fact.label, "description": about(fact)}
    value = ref(f"{fact.name}.value")
    match fact.type:
        case "boolean":
            return {**described, "type": ["boolean", "null"]}
        case "enum":
            return {**described, "anyOf": [value, {"type": "null"}]}
        case "set":
            return {**described, "type": ["array", "null"], "items": value}
        case _:
            bounds = {"minimum": fact.minimum, "maximum": fact.maximum}
            known = {key: bound for key, bound in bounds.items() if bound is not None}
            return {**described, "type": [fact.type, "null"], **known}


def _facts(names: Names) -> Schema:
    return {
        "title": "Facts",
        "description": "The known facts. One that is left out or null is unknown; [] means that there is none.",
        "type": "object",
        "properties": {name: ref(f"{name}.told") for name in names.facts},
        **_others(names, SituationFile.model_fields),
    }


def _others(names: Names, words: Iterable[str]) -> Schema:
    """Return what a mapping of facts may hold besides those that are known: none, or any whose name is not a word."""
    own: Schema = {f"^(?!({'|'.join(words)})$){SNAKE.removeprefix('^')}": {}}
    return {"additionalProperties": False} | ({} if names.closed else {"patternProperties": own})


# --- conditions -------------------------------------------------------------------------------------------------------


def _condition(names: Names, own: str, *, negated: str, findings: bool) -> Schema:
    """Return the schema of a condition.

    Args:
        names: what may be named.
        own: the part's own name, for the conditions inside ``all`` and ``any``.
        negated: the part's name for the condition inside ``not``.
        findings: whether it may test findings.
    """
    several = {"type": "array", "items": ref(own), "minItems": 1}
    joined: dict[str, Schema] = {
        "all": several,
        "any": several,
        "not": ref(negated),
        **({"finding": ref("name.finding")} if findings else {}),
    }
    keys = {key: {**part, "title": key, "description": COMBINATORS[key]} for key, part in joined.items()}
    return {
        "title": "Condition",
        "description": "A fact with its test, or all, any, not" + (" or finding." if findings else "."),
        **one_key(names, keys, "condition", COMBINATORS),
    }


def one_key(names: Names, keys: Mapping[str, Schema], what: str, words: Iterable[str] = ()) -> Schema:
    """Return the schema of a mapping with one key: one of ``keys``, or a fact with its test.

    Args:
        names: what may be named.
        keys: the keys beside the facts, with their schemas.
        what: what the mapping is called.
        words: what can't be the name of a fact, beside the keys.
    """
    return {
        "type": "object",
        "properties": {**keys, **{name: ref(f"{name}.test") for name in names.facts}},
        **_others(names, dict.fromkeys([*keys, *words])),
        "minProperties": 1,
        # Not as maxProperties, of which no message can speak to an author, and which would keep the language server
        # from offering a key: what is required of two keys or more is a key that can't stand there.
        "if": {"minProperties": 2},
        "then": {"required": ["all or any"], "errorMessage": f"A {what} has one key; join several by all or any."},
    }


def _test(fact: Fact) -> Schema:
    described: Schema = {"title": fact.label, "description": about(fact)}
    value = ref(f"{fact.name}.value")
    match fact.type:
        case "boolean":
            return {**described, "type": "boolean"}
        case "enum":
            return {**described, "anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}
        case _:
            operators = {
                name: {"title": name, "description": sentence(OPERATORS[name]), **_operand(OPERANDS[name], value)}
                for name in OPERATORS_OF[fact.type]
            }
            fixed = {"additionalProperties": False, "minProperties": 1}
            return {**described, "type": "object", "properties": operators, **fixed}


def _operand(kind: str, value: Schema) -> Schema:
    shapes: Mapping[str, Schema] = {
        "value": value,
        "values": {"type": "array", "items": value, "minItems": 1},
        "truth": {"type": "boolean"},
        "count": {"type": "integer", "minimum": 1},
        "number": {"type": "number"},
    }
    return shapes[kind]


def sentence(text: str) -> str:
    """Return a phrase as a sentence."""
    return f"{text[0].upper()}{text[1:]}."
