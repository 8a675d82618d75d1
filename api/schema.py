"""The request's JSON Schema, generated from the vocabulary, so that a generated client is typed."""

from __future__ import annotations

from typing import Any

from advisor.corpus import Corpus
from advisor.model import Fact

EXAMPLE: dict[str, Any] = {
    "situation_types": ["mass_influx"],
    "border_status": "closure_threatened",
    "host_capacity": "overwhelmed",
    "contributions_offered": ["money"],
}


def fact_schema(fact: Fact) -> dict[str, Any]:
    """Return the schema of one fact; null stands for unknown."""
    labels = "; ".join(f"{value.value}: {value.label}" for value in fact.values)
    description = " ".join(part for part in (fact.question, fact.help, f"Values: {labels}." if labels else "") if part)
    schema: dict[str, Any] = {"title": fact.label, "description": description}
    match fact.type:
        case "boolean":
            schema |= {"type": ["boolean", "null"], "examples": [True]}
        case "enum":
            schema |= {"type": ["string", "null"], "enum": [*fact.allowed, None], "examples": [fact.allowed[0]]}
        case "set":
            items = {"type": "string", "enum": list(fact.allowed)}
            schema |= {"type": ["array", "null"], "items": items, "examples": [[fact.allowed[0]]]}
        case _:
            schema |= {"type": [fact.type, "null"], "minimum": fact.minimum, "maximum": fact.maximum}
            schema["examples"] = [max(fact.minimum or 0, min(12, fact.maximum or 12))]
    return schema


def facts_schema(corpus: Corpus) -> dict[str, Any]:
    """Return the schema of the facts of a situation."""
    return {
        "title": "Facts",
        "description": "The known facts. One that is omitted or null is unknown; [] means asked, and there is none.",
        "type": "object",
        "properties": {fact.name: fact_schema(fact) for fact in corpus.facts.values()},
        "additionalProperties": False,
        "examples": [{name: value for name, value in EXAMPLE.items() if name in corpus.facts}],
    }


def request_schema() -> dict[str, Any]:
    """Return the schema of an advice request."""
    return {
        "title": "AdviceRequest",
        "type": "object",
        "properties": {"facts": {"$ref": "#/components/schemas/Facts"}},
        "required": ["facts"],
        "additionalProperties": False,
    }
