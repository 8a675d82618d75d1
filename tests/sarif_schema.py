"""The parts of the SARIF 2.1.0 schema (OASIS, sarif-schema-2.1.0.json) that a report of ours touches.

Written down here because no well-kept package ships the whole; names, types, required keys and limits are the
standard's, and what we don't write is refused.
"""

from __future__ import annotations

from typing import Any


def _object(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _list(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 1}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
_MESSAGE = _object(("text",), text=_TEXT, markdown=_TEXT)
_ARTIFACT = _object((), uri={"type": "string", "format": "uri-reference"}, uriBaseId=_TEXT)
_REGION = _object((), startLine=_COUNT, startColumn=_COUNT, endLine=_COUNT, endColumn=_COUNT)
_LOCATION = _object(
    (),
    physicalLocation=_object((), artifactLocation=_ARTIFACT, region=_REGION),
    logicalLocations=_list(_object((), name=_TEXT, fullyQualifiedName=_TEXT, kind=_TEXT), uniqueItems=True),
)
_FIX = _object(
    ("artifactChanges",),
    description=_MESSAGE,
    artifactChanges=_list(
        _object(
            ("artifactLocation", "replacements"),
            artifactLocation=_ARTIFACT,
            replacements=_list(
                _object(("deletedRegion",), deletedRegion=_REGION, insertedContent=_object((), text=_TEXT)), minItems=1
            ),
        ),
        minItems=1,
        uniqueItems=True,
    ),
)
_RULE = _object(
    ("id",),
    id=_TEXT,
    name=_TEXT,
    shortDescription=_MESSAGE,
    fullDescription=_MESSAGE,
    help=_MESSAGE,
    defaultConfiguration=_object((), level=_LEVEL),
    properties={"type": "object"},
)
_RESULT = _object(
    ("message",),
    ruleId=_TEXT,
    ruleIndex={"type": "integer", "minimum": -1},
    level=_LEVEL,
    message=_MESSAGE,
    locations=_list(_LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": _TEXT},
    fixes=_list(_FIX, uniqueItems=True),
)
_DRIVER = _object(("name",), name=_TEXT, version=_TEXT, semanticVersion=_TEXT, rules=_list(_RULE, uniqueItems=True))
_RUN = _object(
    ("tool",),
    tool=_object(("driver",), driver=_DRIVER),
    invocations=_list(
        _object(("executionSuccessful",), executionSuccessful={"type": "boolean"}, exitCode={"type": "integer"})
    ),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=_list(_RESULT),
)
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        ("version", "runs"),
        **{
            "$schema": {"type": "string", "format": "uri"},
            "version": {"const": "2.1.0"},
            "runs": _list(_RUN),
        },
    ),
}
