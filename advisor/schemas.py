"""JSON Schemas (2020-12): of every kind of file that an author writes, and of what the commands give out.

A schema of a file has its frame from the model: which keys there are, of which type, what they mean. The names that may
stand in it are those of packs; see ``advisor.nameable``. The published ones, in ``schemas/``, are the built-in pack's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from advisor.answer import Trace
from advisor.diff import Diff
from advisor.model import (
    Content,
    ElementsFile,
    FactsFile,
    FindingsFile,
    InvariantsFile,
    LessonsFile,
    Manifest,
    Precedent,
    ReferencesFile,
    RuleFile,
    Scenario,
    SituationFile,
    Source,
)
from advisor.nameable import Names
from advisor.results import Results
from advisor.schema_claims import claim
from advisor.schema_frame import frame
from advisor.schema_names import Schema, parts, ref

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MEDIA_TYPE = "application/schema+json"
FOLDER = "schemas"
"""The folder of a pack in which its schemas lie."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that an author writes.

    Attributes:
        name: the name of its schema and of its page in the reference.
        model: its shape.
        where: where such files lie in the folder of a pack.
        example: what shows it in the built-in pack: the kind of an entry, and its id.
    """

    name: str
    model: type[Content]
    where: str
    example: tuple[str, str]

    @property
    def line(self) -> str:
        """The line at the top of such a file that leads editors to the schema."""
        up = "../" * self.where.count("/")
        return f"# yaml-language-server: $schema={up}{FOLDER}/{file_name(self.name)}"


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("pack", Manifest, "knowledge/pack.yaml", ("manifests", "amman-2011")),
        Kind("source", Source, "knowledge/sources/<source>.yaml", ("places", "amman-2011:16")),
        Kind("references", ReferencesFile, "knowledge/references.yaml", ("references", "oau-convention-1969")),
        Kind("facts", FactsFile, "knowledge/facts.yaml", ("facts", "host_capacity")),
        Kind("findings", FindingsFile, "knowledge/findings.yaml", ("findings", "mass-influx")),
        Kind("elements", ElementsFile, "knowledge/elements.yaml", ("elements", "temporary-protection")),
        Kind("lessons", LessonsFile, "knowledge/lessons/<topic>.yaml", ("lessons", "p16-07")),
        Kind("precedent", Precedent, "knowledge/precedents/<precedent>.yaml", ("precedents", "eurema-malta")),
        Kind(
            "invariants",
            InvariantsFile,
            "knowledge/invariants.yaml",
            ("invariants", "people-with-needs-or-ties-may-stay"),
        ),
        Kind("rule", RuleFile, "rules/<topic>/<rule>.yaml", ("rules", "money-alone-in-mass-influx")),
        Kind("scenario", Scenario, "scenarios/<scenario>.yaml", ("scenarios", "canada-us-2004")),
        Kind("situation", SituationFile, "examples/<situation>.yaml", ("examples", "kosovo-1999")),
    )
}
"""The kinds of files, by name, in the order in which a pack is written."""

OUTPUTS: Mapping[str, type[BaseModel]] = {"trace": Trace, "diff": Diff, "results": Results}
"""What commands and the service give out, by name."""

NAMES = (*KINDS, *OUTPUTS)
"""The names of all schemas."""


def schema(name: str, names: Names, address: str = "") -> Schema:
    """Return a schema.

    Args:
        name: which one, of ``NAMES``.
        names: what may be named in files.
        address: the schema's own address (``$id``); the name of its file if empty.
    """
    described = schema_of_output(name) if name in OUTPUTS else schema_of_file(KINDS[name], names)
    return {"$schema": DIALECT, "$id": address or file_name(name), **described}


def schema_of_output(name: str) -> Schema:
    """Return the schema of what is given out, by its name, one of ``OUTPUTS``."""
    return OUTPUTS[name].model_json_schema(mode="serialization")


def file_name(name: str) -> str:
    """Return the name of the file in which a schema is published."""
    return f"{name}.schema.json"


def schema_text(name: str, names: Names) -> str:
    """Return the text of a schema's file."""
    return json.dumps(schema(name, names), indent=2, ensure_ascii=False) + "\n"


def schema_of_file(kind: Kind, names: Names) -> Schema:
    """Return the schema of a kind of file, for what may be named in it."""
    root, inner = frame(kind.model)
    root["title"] = kind.name.capitalize()
    if kind.model is SituationFile:
        described = {key: root.pop(key) for key in ("title", "description")}
        # An empty file fits both, so that an editor offers the keys and the facts.
        root |= {"required": [], "dependentRequired": {key: ["facts"] for key in ("title", "story")}}
        root = {**described, "anyOf": [root, ref("facts")]}
    available = {**inner, **parts(names), "claim": claim(names)}
    return {**root, "$defs": {name: available[name] for name in sorted(_reached(root, available))}}


def _reached(root: Schema, available: Mapping[str, Schema]) -> set[str]:
    """Return the names of the parts that a schema refers to, by way of others too."""
    reached: set[str] = set()
    pending: list[object] = [root]
    while pending:
        match pending.pop():
            case dict() as part:
                name = str(part.get("$ref", "")).removeprefix("#/$defs/")
                if name in available and name not in reached:
                    reached.add(name)
                    pending.append(available[name])
                pending += part.values()
            case list() as items:
                pending += items
    return reached
