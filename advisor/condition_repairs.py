"""How something that is no condition may have been meant: what to write instead, for the person who wrote it."""

from __future__ import annotations

import re
from typing import Any

_SHOWN = 3
"""How many parts of a repair are written out."""


def of_shape(raw: object) -> str:
    """Return a repair for what stands where a condition is wanted."""
    if isinstance(raw, list):
        return "Write all: above the list if all of it must hold, any: if one will do, and indent the list."
    if isinstance(raw, dict) and len(raw) > 1:
        parts = ", ".join(f"{key}: …" for key in list(raw)[:_SHOWN])
        more = ", …" if len(raw) > _SHOWN else ""
        return f"Write all: or any: above {parts}{more}, and a dash before each of them."
    if isinstance(raw, str) and (found := re.match(r"([\w-]+):(\S.*)", raw)):
        return f"Write a space after the colon: {found[1]}: {found[2]}"
    return "Write the name of a fact, a colon and a test."


def of_list(key: str, value: object) -> str:
    """Return a repair for what stands below all or any and is no list."""
    if isinstance(value, dict):
        return f"Write a dash before each condition below {key}."
    return f"Write the conditions below {key}, each on a line of its own that begins with a dash."


def of_operand(operator: str, operand: object, *, many: bool) -> str:
    """Return a repair for what a test holds the fact against; ``many`` where a list is wanted."""
    match operand:
        case str() if many:
            return f"Write {operator}: [{operand}]" if len(operand) < 80 else ""
        case str() if re.fullmatch(r"-?\d+(\.\d+)?", operand):
            return f"Write the number without quotes: {operator}: {operand}"
        case str() if re.fullmatch(r"\d{1,3}([,' .]\d{3})+", operand):
            return f"Write it without separators: {operator}: {re.sub(r'[^0-9]', '', operand)}"
        case list() if len(operand) == 1:
            return f"Write {operator}: {operand[0]}" if isinstance(operand[0], str | int | float) else ""
    return ""


def of_test(kind: str, name: str, raw: Any, operators: tuple[str, ...]) -> str:
    """Return a repair for what stands beside a fact of some type and is no test of it."""
    if kind == "boolean":
        return f"Write {name}: true, or {name}: false."
    if isinstance(raw, dict) and kind == "enum":
        return f"Write the value, or a list of values, without an operator: {name}: [one, two]"
    if isinstance(raw, str) and kind == "set" and len(raw) < 80:
        return f"Write {name}: {{has: {raw}}}"
    if isinstance(raw, list) and kind == "set":
        return f"Write {name}: {{has_any: […]}} if one of them will do, {{has_all: […]}} if all must be there."
    if isinstance(raw, int | float) and not isinstance(raw, bool) and kind in ("integer", "number"):
        return f"Write {name}: {{at_least: {raw}}}, or another of the operators."
    return f"Write {name}: {{{operators[0]}: …}}" if operators else ""
