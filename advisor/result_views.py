"""Results of tests as a person reads them, and as JUnit XML for what shows tests in CI."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from advisor.condition_lines import ConditionLine
from advisor.results import Result, Results

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_text(result: Result, width: int = 100) -> str:
    """Return one result: a line where it passed, what explains it where it failed."""
    if result.passed:
        return f"ok      {_label(result)}: {result.name}"
    return "\n".join(_failure(result, width))


def summary(results: Results) -> str:
    """Return how many tests of how many rules and scenarios passed and failed."""
    rules = {result.id for result in results.results if result.kind == "rule"}
    scenarios = sum(result.kind == "scenario" for result in results.results)
    what = [_count(len(rules), "rule")] if rules or not scenarios else []
    what += [_count(scenarios, "scenario")] if scenarios else []
    stopped = "; stopped at the first that failed" if results.stopped else ""
    return f"{results.passed} passed, {results.failed} failed, in {' and '.join(what)}{stopped}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _label(result: Result) -> str:
    return f"{result.topic}/{result.id}" if result.topic else f"scenarios/{result.id}"


def _failure(result: Result, width: int) -> Iterator[str]:
    yield f"FAILED  {_label(result)}: {result.name}"
    yield f"  {result.place}"
    if result.kind == "rule":
        yield f"  expected  {result.expected}"
        yield f"  got       {result.got}"
        # Those of a scenario are many, and stand in its file.
        yield from _wrapped("  told      ", "; ".join(result.facts) or "nothing", width)
    if result.pressing_conditions:
        yield from _conditions("pressing", result.pressing_conditions, width)
    elif result.conditions:
        yield from _conditions("when", result.conditions, width)
    for miss in result.misses:
        yield from _wrapped("  - ", str(miss), width)


def _conditions(key: str, lines: Iterable[ConditionLine], width: int) -> Iterator[str]:
    start = f"  {key:<10}"
    for line in lines:
        indent = start + "  " * line.depth
        yield from _wrapped(indent, str(line).strip(), width)
        start = " " * len(start)


def _wrapped(start: str, text: str, width: int) -> list[str]:
    rest = " " * len(start) + ("  " if text[:1] in "✓✗?" else "")
    return textwrap.wrap(text, width, initial_indent=start, subsequent_indent=rest, break_long_words=False)


def as_junit(results: Results) -> str:
    """Return the results as JUnit XML: a suite for each topic and one for the scenarios, a case for each test."""
    root = ElementTree.Element("testsuites", {"name": "advisor test", **_counts(results.results)})
    suites: dict[str, list[Result]] = {}
    for result in results.results:
        suites.setdefault(f"rules/{result.topic}" if result.topic else "scenarios", []).append(result)
    for name, found in sorted(suites.items()):
        suite = ElementTree.SubElement(root, "testsuite", {"name": name, **_counts(found)})
        for result in found:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=f"{name}/{result.id}".replace("/", "."),
                name=_xml(result.name),
                file=_xml(result.file),
                line=str(result.line),
            )
            if not result.passed:
                said = result.misses[0].reason if result.misses else f"expected {result.expected}, got {result.got}"
                failure = ElementTree.SubElement(case, "failure", message=_xml(said), type=result.kind)
                failure.text = _xml(as_text(result, 100))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _counts(results: Iterable[Result]) -> dict[str, str]:
    found = list(results)
    failed = sum(not result.passed for result in found)
    return {"tests": str(len(found)), "failures": str(failed), "errors": "0", "skipped": "0"}


def _xml(text: str) -> str:
    """Return text without the characters that XML can't hold."""
    return _NOT_XML.sub("�", text)
