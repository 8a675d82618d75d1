"""The published JSON Schemas, generated from the models; ``make schemas`` writes them to ``schemas/``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from advisor.answer import Trace
from advisor.diff import Diff
from advisor.model import RuleFile
from advisor.results import Results

SCHEMAS: Mapping[str, tuple[type[BaseModel], Literal["serialization", "validation"]]] = {
    "trace": (Trace, "serialization"),
    "diff": (Diff, "serialization"),
    "results": (Results, "serialization"),
    "rule": (RuleFile, "validation"),
}
"""For each schema its model, and whether it describes what is given out or what is read."""


def schema(name: str) -> dict[str, Any]:
    """Return a schema (JSON Schema 2020-12) by its name, one of ``SCHEMAS``."""
    model, mode = SCHEMAS[name]
    described = model.model_json_schema(mode=mode)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{name}.schema.json", **described}


def schema_text(name: str) -> str:
    """Return the text of a published schema file."""
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def write_all(folder: Path) -> None:
    """Write every schema to its file in a folder."""
    for name in SCHEMAS:
        (folder / f"{name}.schema.json").write_text(schema_text(name), encoding="utf-8")
