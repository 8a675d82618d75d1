"""The part of the schemas for claims: what an invariant says of answers."""

from __future__ import annotations

from advisor.claims import SPEAKS_OF
from advisor.meanings import CLAIMS
from advisor.nameable import EITHER, Names
from advisor.schema_names import Schema, one_key, ref


def claim(names: Names) -> Schema:
    """Return the part ``claim``."""
    several = {"type": "array", "items": ref("claim"), "minItems": 1}
    keys: dict[str, Schema] = {
        "all": several,
        "any": several,
        "not": ref("claim"),
        "finding": ref("name.finding"),
        "known": ref("name.fact"),
        "recommends_any_of_group": ref("name.element-group"),
        "guarded": _guarded(),
    }
    for verb, kinds in SPEAKS_OF.items():
        name = ref(f"name.{_kind(kinds)}")
        keys[verb] = name
        for word in ("any", "all"):
            keys[f"{verb}_{word}"] = {"type": "array", "items": name, "minItems": 1}
    return {
        "title": "Claim",
        "description": "What holds of an answer: a fact with its test, or what the answer does.",
        **one_key(
            names, {key: {**part, "title": key, "description": CLAIMS[key]} for key, part in keys.items()}, "claim"
        ),
    }


def _guarded() -> Schema:
    keys = {"elements": "name.element", "by": "name.lesson"}
    properties = {key: {"title": key, "type": "array", "items": ref(part), "minItems": 1} for key, part in keys.items()}
    return {"type": "object", "properties": properties, "required": list(keys), "additionalProperties": False}


def _kind(kinds: tuple[str, ...]) -> str:
    """Return the kind of name that is any of these kinds."""
    return next((name for name, parts in EITHER.items() if set(parts) == set(kinds)), kinds[0])
