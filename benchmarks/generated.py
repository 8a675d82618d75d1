"""Writes packs of generated rules on the built-in vocabulary: to measure what many rules cost, and to test on them.

``python benchmarks/generated.py FOLDER RULES`` writes a pack that builds on the built-in one and has RULES rules: all
valid, each with its tests, the same for the same numbers on every machine. Conditions join up to five tests of facts
and findings, as most built-in rules do; what they say makes no sense.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import advisor
from advisor.conditions import Facts, evaluate, parse
from advisor.model import Fact

LESSONS_A_PLACE = 20
LESSONS_A_FILE = 2_000
LESSONS_A_FILE = 2_000
RULES_A_LESSON = 2
_FOR = ("recommends",) * 18 + ("argues", "flags")
_AGAINST = ("cautions",) * 5 + ("flags",)
_NUMBERS = (1, 2, 3, 5, 10, 20, 50, 100, 1_000, 10_000, 50_000, 100_000, 1_000_000)

Raw = dict[str, Any]


def write(folder: Path, rules: int, seed: int = 1, silent_in: Iterable[Facts] = ()) -> None:
    """Write a pack.

    Args:
        folder: where; its name is the pack's id.
        rules: how many rules.
        seed: other seeds give other rules.
        silent_in: situations, in canonical form, in which none of the rules is to fire.
    """
    _Writer(folder, rules, seed, silent_in).write()


class _Writer:
    def __init__(self, folder: Path, rules: int, seed: int, silent_in: Iterable[Facts]) -> None:
        self.folder = folder
        self.name = folder.name
        self.rules = rules
        self.dice = random.Random(f"{seed} {rules}")
        self.corpus = advisor.load_corpus()
        self.silent_in = [(facts, self.corpus.truths(facts)) for facts in silent_in]
        self.facts = [self.corpus.facts[name] for name in sorted(self.corpus.facts) if name != "situation_types"]
        kinds = {finding.id: finding.situation_type for finding in self.corpus.findings.values()}
        self.findings = {name: kind for name, kind in kinds.items() if kind}
        self.elements = sorted(self.corpus.elements)

    def write(self) -> None:
        lessons = max(1, self.rules // RULES_A_LESSON)
        places = [f"{number + 1}" for number in range(max(1, lessons // LESSONS_A_PLACE))]
        self._file("knowledge/pack.yaml", self._manifest())
        self._file("knowledge/sources/generated.yaml", self._source(places))
        told = [self._lesson(number, places[number % len(places)]) for number in range(lessons)]
        for start in range(0, lessons, LESSONS_A_FILE):
            part = told[start : start + LESSONS_A_FILE]
            name = f"knowledge/lessons/generated-{start // LESSONS_A_FILE:02}.yaml"
            self._file(name, {"source": self._id("source"), "lessons": part})
        for number in range(self.rules):
            rule = self._rule(number, told[number % lessons])
            self._file(f"rules/{self.name}-{number % 20:02}/{rule['id']}.yaml", rule)

    def _id(self, what: str) -> str:
        return f"{self.name}-{what}"

    def _file(self, name: str, content: Raw) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # JSON is YAML; each key on its own line makes messages point somewhere.
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    def _manifest(self) -> Raw:
        return {
            "id": self.name,
            "version": "1.0.0",
            "title": f"{self.rules} generated rules",
            "text": "Generated rules, to measure what many rules cost. What they say makes no sense.",
            "builds_on": [{"pack": "amman-2011"}],
            "sources": [self._id("source")],
        }

    def _source(self, places: list[str]) -> Raw:
        return {
            "id": self._id("source"),
            "title": "Generated",
            "short": "Generated",
            "publisher": "Nobody",
            "date": "2026",
            "language": "en",
            "standing": "Generated for measurements.",
            "places": [
                {"id": name, "ref": name, "kind": "paragraph", "part": "All", "page": 1, "gist": f"Place {name}."}
                for name in places
            ],
        }

    def _lesson(self, number: int, place: str) -> Raw:
        return {
            "id": self._id(f"l{number:05}"),
            "place": place,
            "kind": "lesson",
            "title": f"Generated lesson {number}",
            "when": "the dice say so",
            "text": f"Do what lesson {number} says.",
            "strength": self.dice.choice(("should", "should", "consider", "consider", "consider", "avoid")),
            "hedge": self.dice.choice(("none", "usually", "sometimes")),
            "basis": "lesson",
            "weight": self.dice.randint(1, 3),
        }

    def _rule(self, number: int, lesson: Raw) -> Raw:
        while True:
            parts = [self._part(fact) for fact in self.dice.sample(self.facts, self.dice.choice((1, 2, 2, 3, 3, 4)))]
            if self.dice.random() < 0.5:
                parts.append(self._finding())
            self.dice.shuffle(parts)
            when = self._joined([condition for condition, _, _ in parts])
            if not self._fires_where_it_must_not(when):
                break
        good = {name: value for _, told, _ in parts for name, value in told.items()}
        bad = {**good, **next(failing for _, _, failing in parts if failing)}
        verb = self.dice.choice(_AGAINST if lesson["strength"] == "avoid" else _FOR)
        elements = self.dice.sample(self.elements, self.dice.randint(1, 2))
        then: Raw = {"lesson": lesson["id"], verb: elements}
        if verb == "cautions" and self.dice.random() < 0.5:
            then["defeats"] = elements[:1]
        rule: Raw = {
            "id": self._id(f"r{number:05}"),
            "title": f"Generated rule {number}",
            "reading": "ours",
            "note": "Generated.",
            "when": when,
            "then": [then],
            "tests": [
                {"name": "all that it asks for is told", "given": good, "expect": "fires"},
                {"name": "one thing is otherwise", "given": bad, "expect": "silent"},
                {"name": "nothing is told", "given": {}, "expect": "open"},
            ],
        }
        if self.dice.random() < 0.2:
            rule["pressing_when"] = self._part(self.dice.choice(self.facts))[0]
        return rule

    def _joined(self, conditions: list[Raw]) -> Raw:
        if len(conditions) == 1:
            return conditions[0]
        if len(conditions) > 2 and self.dice.random() < 0.2:
            return {"all": [conditions[0], {"any": [{"all": conditions[1:]}, conditions[0]]}, *conditions[1:]]}
        return {"all": conditions}

    def _fires_where_it_must_not(self, when: Raw) -> bool:
        def report(code: str, message: str, path: object, **_: object) -> None:
            raise AssertionError((code, message, path))

        condition = parse(when, self.corpus.facts, (), report)
        assert condition is not None
        return any(evaluate(condition, facts, truths) is True for facts, truths in self.silent_in)

    def _finding(self) -> tuple[Raw, Raw, Raw]:
        name = self.dice.choice(sorted(self.findings))
        kind = self.findings[name]
        return {"finding": name}, {"situation_types": [kind]}, {}

    def _part(self, fact: Fact) -> tuple[Raw, Raw, Raw]:
        """Return a test of a fact, and the fact as it passes and as it fails."""
        test, good, bad = self._tested(fact)
        return {fact.name: test}, {fact.name: good}, {fact.name: bad}

    def _tested(self, fact: Fact) -> tuple[Any, Any, Any]:
        dice = self.dice
        match fact.type:
            case "boolean":
                value = dice.random() < 0.7
                return value, value, not value
            case "enum":
                values = dice.sample(fact.allowed, min(len(fact.allowed) - 1, dice.choice((1, 1, 1, 2))))
                bad = next(value for value in fact.allowed if value not in values)
                return (values if len(values) > 1 else values[0]), values[0], bad
            case "set":
                return self._tested_set(fact)
            case _:
                number = dice.choice([number for number in _NUMBERS if number < (fact.maximum or 0)])
                if dice.random() < 0.7:
                    return {"at_least": number}, number, number - 1
                return {"less_than": number}, number - 1, number

    def _tested_set(self, fact: Fact) -> tuple[Any, Any, Any]:
        values = self.dice.sample(fact.allowed, min(2, len(fact.allowed)))
        match self.dice.randint(0, 9):
            case 0:
                return {"empty": True}, [], values[:1]
            case 1:
                return {"lacks": values[0]}, values[1:], values[:1]
            case 2:
                return {"only": values}, values[:1], []
            case 3:
                return {"has_any": values}, values[:1], []
            case 4:
                return {"has_all": values}, values, values[:1] if len(values) > 1 else []
            case _:
                return {"has": values[0]}, values[:1], values[1:]


def main(arguments: Iterable[str]) -> None:
    """Write the pack that the command line asks for."""
    folder, rules = arguments
    write(Path(folder), int(rules))


if __name__ == "__main__":
    main(sys.argv[1:])
