"""What a check found as SARIF 2.1.0, the format in which code hosts and editors take findings of checkers."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from advisor import catalogue_pages, diagnostics
from advisor.check_report import Checked
from advisor.diagnostics import Diagnostic
from advisor.errors import Problem, printable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_ROOT = "%SRCROOT%"
"""The folder from which relative paths lead, in the word that code hosts expect."""


def as_sarif(checked: Checked, version: str) -> str:
    """Return everything as SARIF.

    Args:
        checked: what the check found.
        version: the version of the advisor.
    """
    rules = list(diagnostics.all_diagnostics())
    index = {rule.code: place for place, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = [_result(problem, index[problem.code], seen) for problem in checked.problems]
    driver = {
        "name": "advisor check",
        "version": version,
        "semanticVersion": version,
        "rules": [_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "exitCode": int(checked.failed())}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(entry: Diagnostic) -> dict[str, Any]:
    return {
        "id": entry.code,
        "name": "".join(part.capitalize() for part in entry.code.split("-")),
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": entry.means},
        "help": {"text": catalogue_pages.as_text(entry), "markdown": catalogue_pages.entry_as_markdown(entry)},
        "defaultConfiguration": {"level": _LEVELS[entry.severity]},
        "properties": {"tags": [entry.group]},
    }


def _result(problem: Problem, rule: int, seen: Counter[str]) -> dict[str, Any]:
    text = printable(problem.message)
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": _LEVELS[problem.severity],
        "message": {"text": f"{text}\n{printable(problem.repair)}" if problem.repair else text},
        "locations": [_location(problem)],
        "partialFingerprints": {"advisorProblem/v1": _fingerprint(problem, seen)},
    }
    if problem.fix is not None:
        fix = problem.fix
        region = {
            "startLine": fix.line,
            "startColumn": fix.column,
            "endLine": fix.line,
            "endColumn": fix.end_column,
        }
        replacement = {"deletedRegion": region, "insertedContent": {"text": fix.text}}
        change = {"artifactLocation": _artifact(problem.file), "replacements": [replacement]}
        result["fixes"] = [{"description": {"text": f"Write {fix.text}"}, "artifactChanges": [change]}]
    return result


def _location(problem: Problem) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": max(problem.line, 1), "startColumn": max(problem.column, 1)}
    fix = problem.fix
    if fix is not None and (fix.line, fix.column) == (problem.line, problem.column):
        region["endColumn"] = fix.end_column
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(problem.file), "region": region}}
    if problem.of:
        name = printable(problem.of)
        logical = {"name": name, "fullyQualifiedName": printable(f"{name}{problem.pointer}"), "kind": "member"}
        location["logicalLocations"] = [logical]
    return location


def _artifact(file: str) -> dict[str, str]:
    path = PurePosixPath(file or ".")
    uri = quote(os.fsencode(str(path)))
    if path.is_absolute():
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": _ROOT}


def _fingerprint(problem: Problem, seen: Counter[str]) -> str:
    """Return what stays the same of a problem when lines above it come or go."""
    keys = "/".join(part for part in problem.pointer.split("/") if not part.isdecimal())
    what = "\0".join((problem.code, problem.file, problem.of, keys, str(problem.value)))
    digest = hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"
