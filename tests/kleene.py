"""A second reading of the rules: naive three-valued logic straight over the YAML of the rule files.

It shares no code with the advisor, so that where both agree, neither has it wrong in its own way.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

import advisor

Truth: TypeAlias = "bool | None"
Raw: TypeAlias = "dict[str, Any]"

RULES = Path(__file__).parent.parent / "rules"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=1)
def rule_files() -> dict[str, Raw]:
    """Return the rules as written: the text that the corpus keeps, so that both readings are of the same moment."""
    texts = [rule.text for rule in advisor.load_corpus().rules.values()]
    rules: list[Raw] = [yaml.load(text, Loader=_LOADER) for text in texts]
    return {str(rule["id"]): rule for rule in rules}


def operator_holds(name: str, value: Any, operand: Any) -> bool:
    members = set(value) if isinstance(value, list | tuple) else set()
    if name == "has":
        return bool(operand in members)
    if name == "has_any":
        return bool(members & set(operand))
    if name == "has_all":
        return members >= set(operand)
    if name == "lacks":
        return operand not in members
    if name == "lacks_all":
        return not members & set(operand)
    if name == "only":
        return len(members) > 0 and members <= set(operand)
    if name == "empty":
        return (len(members) == 0) is operand
    if name == "count_at_least":
        return len(members) >= int(operand)
    if name == "at_least":
        return bool(value >= operand)
    if name == "at_most":
        return bool(value <= operand)
    if name == "more_than":
        return bool(value > operand)
    if name == "less_than":
        return bool(value < operand)
    raise AssertionError(name)


class Reading:
    """What every rule and finding comes to in one situation."""

    def __init__(self, facts: Raw) -> None:
        self.facts = facts
        self._findings: dict[str, Truth] = {}
        self.rules = {name: self.truth(rule["when"]) for name, rule in rule_files().items()}
        self.findings = {name: self.finding(name) for name in derivers()}

    @property
    def fired(self) -> set[str]:
        return {name for name, truth in self.rules.items() if truth is True}

    @property
    def open(self) -> set[str]:
        return {name for name, truth in self.rules.items() if truth is None}

    @property
    def pressing(self) -> set[str]:
        presses = {name: rule["pressing_when"] for name, rule in rule_files().items() if rule.get("pressing_when")}
        return {name for name, condition in presses.items() if self.truth(condition) is True} & self.fired

    def finding(self, name: str) -> Truth:
        if name not in self._findings:
            truths = [self.truth(rule_files()[rule]["when"]) for rule in derivers()[name]]
            self._findings[name] = True if True in truths else None if None in truths else False
        return self._findings[name]

    def truth(self, condition: Raw) -> Truth:
        ((key, value),) = condition.items()
        if key == "not":
            inner = self.truth(value)
            return None if inner is None else not inner
        if key in ("all", "any"):
            truths = [self.truth(part) for part in value]
            decisive = key == "any"
            return decisive if decisive in truths else None if None in truths else not decisive
        if key == "finding":
            return self.finding(value)
        known = self.facts.get(key)
        if known is None:
            return None
        if isinstance(value, dict):
            return all(operator_holds(name, known, operand) for name, operand in value.items())
        if isinstance(value, list):
            return known in value
        return bool(known == value)

    def deciding(self, rule: str) -> set[str]:
        """Return the unknown facts in the branches that keep an open rule open."""
        return self._wanted(rule_files()[rule]["when"])

    @property
    def advised(self) -> set[str]:
        """Return the elements and lessons that are or may yet be advised."""
        consequences = [then for name in self.fired | self.open for then in rule_files()[name]["then"]]
        lessons = {then["lesson"] for then in consequences if "lesson" in then}
        return lessons | {element for then in consequences for element in then.get("recommends") or ()}

    def waiting(self, rule: str) -> set[str]:
        """Return the unknown facts that could still make a rule say something, or say it with more urgency."""
        then = rule_files()[rule]["then"]
        targets = {name for part in then for key in ("defeats", "already_met") for name in part.get(key, ())}
        if not any("lesson" in part or "contradiction" in part for part in then) and not targets & self.advised:
            return set()
        conditions = [rule_files()[rule]["when"]] if rule in self.open else []
        if rule in self.open | self.fired and "pressing_when" in rule_files()[rule]:
            conditions.append(rule_files()[rule]["pressing_when"])
        return {fact for condition in conditions for fact in self._wanted(condition)}

    def _wanted(self, condition: Raw) -> set[str]:
        if self.truth(condition) is not None:
            return set()
        ((key, value),) = condition.items()
        if key == "not":
            return self._wanted(value)
        if key in ("all", "any"):
            return {fact for part in value for fact in self._wanted(part)}
        if key == "finding":
            return {fact for rule in derivers()[value] for fact in self._wanted(rule_files()[rule]["when"])}
        return {key}


@lru_cache(maxsize=1)
def derivers() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, rule in rule_files().items():
        for then in rule["then"]:
            if "finding" in then:
                found.setdefault(then["finding"], []).append(name)
    return found
