"""The frame of a schema, from a model: which keys there are, of which type, what they mean, which of them go together.

pydantic describes the models; what is for programs in it goes (defaults, null, the models' own names), and the marks of
``advisor.model`` become references to the parts that ``advisor.schema_names`` makes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from advisor.meanings import FORMS, meanings_of
from advisor.model import VERBS
from advisor.schema_names import PARTS, Schema, ref, sentence


def frame(model: type[BaseModel]) -> tuple[Schema, dict[str, Schema]]:
    """Return the schema of a model, and its parts by their names under ``$defs``."""
    described = model.model_json_schema()
    models = {one.__name__: one for one in models_of(model)}
    inner = described.pop("$defs", {})
    return _mapping(model, described), {_kebab(name): _mapping(models[name], part) for name, part in inner.items()}


def called(model: type[BaseModel]) -> str:
    """Return what a part of a file is called, e.g. ``Fact value``."""
    return _kebab(model.__name__.removesuffix("File")).replace("-", " ").capitalize()


def said_of(model: type[BaseModel]) -> str:
    """Return what a part of a file is, in a sentence or two: the first paragraph of its model's description."""
    first = (model.__doc__ or "").split("\n\n")[0]
    return " ".join(first.replace("``", "").split())


def models_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a model and those of which its fields are made, each once, in the order in which they are met."""
    found: dict[type[BaseModel], None] = {}

    def visit(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in found:
            found[annotation] = None
            for field in annotation.model_fields.values():
                visit(field.annotation)
        for argument in getattr(annotation, "__args__", ()):
            visit(argument)

    visit(model)
    yield from found


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _mapping(model: type[BaseModel], described: Schema) -> Schema:
    mapping: Schema = {
        "title": called(model),
        "description": said_of(model),
        "type": "object",
        "properties": {key: _entitled(key, _value(part)) for key, part in described["properties"].items()},
        "required": described.get("required", []),
        "additionalProperties": False,
    }
    return _TOGETHER.get(model.__name__, dict)(mapping)


def _entitled(key: str, value: Schema) -> Schema:
    """Return the schema of a key; what refers to a part has the part's title."""
    return value if "$ref" in value else {"title": key, **value}


def _value(described: Schema) -> Schema:
    """Return the schema of a value: a key that has none is left out, so that there is no null and no default."""
    value = {key: content for key, content in described.items() if key not in ("title", "default")}
    if marked := value.pop("names", None):
        kept = {key: value[key] for key in ("description",) if key in value}
        return {**kept, **ref(marked if marked in PARTS else f"name.{marked}")}
    alternatives = [one for one in value.pop("anyOf", ()) if one != {"type": "null"}]
    if len(alternatives) == 1:
        return {**value, **_value(alternatives[0])}
    if "$ref" in value:
        value |= ref(_kebab(value["$ref"].rsplit("/", 1)[1]))
    if "items" in value:
        value["items"] = _value(value["items"])
    if "propertyNames" in value:
        keys, each = value.pop("propertyNames")["enum"], value["additionalProperties"]
        closed = {"additionalProperties": False, "required": keys}
        value |= {"properties": {key: {"title": key, **_value(each)} for key in keys}, **closed}
    if meanings := meanings_of(value.get("enum", ())):
        value["enumDescriptions"] = [sentence(meaning) for meaning in meanings.values()]
    if (form := FORMS.get(value.get("pattern", ""))) is not None:
        value["patternErrorMessage"] = sentence(form)
    return value


# --- which keys go together -------------------------------------------------------------------------------------------
# What the checks say of a single entry, as far as a schema can. ``errorMessage`` is for the YAML language server.


def _consequence(mapping: Schema) -> Schema:
    keys: Mapping[str, Schema] = mapping["properties"]
    for key in ("recommends", "already_met"):
        keys[key]["minItems"] = 1
    applied = (*VERBS, "cites", "defeats")
    how = f"Say how the lesson is applied: {', '.join(applied[:-1])} or {applied[-1]}."
    several = "A lesson is applied in one way; write another consequence for the other."
    shapes = [
        _shape(mapping, "Derives a finding", "finding"),
        {
            **_shape(mapping, "Applies a lesson", "lesson", *applied, "strength"),
            "anyOf": [{"required": [key], "errorMessage": how} for key in applied],
            "dependentSchemas": {
                verb: {"properties": {other: False for other in VERBS if other != verb}, "errorMessage": several}
                for verb in VERBS
            },
        },
        _shape(mapping, "Reports a contradiction", "contradiction"),
        _shape(mapping, "Says what is in place already", "already_met"),
    ]
    return {"title": mapping["title"], "description": mapping["description"], "anyOf": shapes}


def _shape(mapping: Schema, title: str, needed: str, *others: str) -> Schema:
    keys = mapping["properties"]
    fixed = {"required": [needed], "additionalProperties": False}
    return {"title": title, "type": "object", "properties": {key: keys[key] for key in (needed, *others)}, **fixed}


def _fact(mapping: Schema) -> Schema:
    return {
        **mapping,
        "allOf": [
            _where("type", ("enum", "set"), _needs("An enum or a set lists its values.", "values"), _without("values")),
            _where("type", ("boolean",), _needs("A boolean needs labels for true and for false.", "labels")),
            _where(
                "type", ("integer", "number"), _needs("A number needs a minimum and a maximum.", "minimum", "maximum")
            ),
        ],
    }


def _rule(mapping: Schema) -> Schema:
    return {
        **mapping,
        **_where("reading", ("ours",), _needs("A reading of ours needs a note that says what is ours.", "note")),
    }


def _invariant(mapping: Schema) -> Schema:
    alone = {
        "properties": dict.fromkeys(("wherever", "then"), False),
        "errorMessage": "Say never by itself, without wherever and then.",
    }
    return {
        **mapping,
        "anyOf": [
            _needs("Say wherever and then, or never.", "wherever"),
            _needs("Say wherever and then, or never.", "never"),
        ],
        "dependentRequired": {"wherever": ["then"], "then": ["wherever"]},
        "dependentSchemas": {"never": alone},
    }


def _scenario(mapping: Schema) -> Schema:
    told = {"properties": {"facts": False}, "errorMessage": "The example tells the facts already."}
    tell = "Tell the facts, or name an example that does."
    return {
        **mapping,
        "anyOf": [_needs(tell, "facts"), _needs(tell, "example")],
        "dependentSchemas": {"example": told},
    }


def _expectation(mapping: Schema) -> Schema:
    return {
        **mapping,
        "anyOf": [
            _needs("Expect something; else the scenario passes whatever is advised.", key)
            for key in mapping["properties"]
        ],
    }


def _where(key: str, values: tuple[str, ...], then: Schema, otherwise: Schema | None = None) -> Schema:
    condition = {"properties": {key: {"enum": list(values)}}, "required": [key]}
    return {"if": condition, "then": then, **({"else": otherwise} if otherwise else {})}


def _needs(message: str, *keys: str) -> Schema:
    return {"required": list(keys), "errorMessage": message}


def _without(key: str) -> Schema:
    return {"properties": {key: False}, "errorMessage": f"Only an enum or a set has {key}."}


_TOGETHER: Mapping[str, Callable[[Schema], Schema]] = {
    "Consequence": _consequence,
    "Fact": _fact,
    "Invariant": _invariant,
    "RuleFile": _rule,
    "Scenario": _scenario,
    "Expectation": _expectation,
}
"""For models with keys that go together, how their schemas say so."""
