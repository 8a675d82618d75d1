"""ZEN by way of zen-engine: a decision graph with the rules in ZEN's own language of expressions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import compress, pairwise
from typing import Any

import zen
from engines import Answer, Branches, Engine, Outcome, outcome, words

from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs
from advisor.corpus import Corpus
from advisor.engine import Production

_COMPARED = {"at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<"}


class Zen(Engine):
    """The rules as two expression nodes, compiled ahead of time.

    ZEN chains nothing, so the first node has an expression for each finding, each after those that it needs. The second
    has one list with an expression for each branch of a condition: that gives the trace, since which branch held says
    which tests did. Of the ways that were tried this is the fastest: a decision table that collects its rows takes
    twice as long, and so does content that isn't compiled ahead of time.
    """

    name = "ZEN"
    package = "zen-engine"

    def __init__(self, corpus: Corpus) -> None:
        self.branches = Branches(corpus)
        names = {name: f"finding_{number}" for number, name in enumerate(corpus.finding_order)}
        findings = {
            names[name]: " or ".join(_text(rule.when, names, "$.") for rule in corpus.deriving[name]) or "false"
            for name in corpus.finding_order
        }
        listed = ", ".join(self._branch(branch, names) for branch in self.branches.all)
        nodes = [
            _node("request", "inputNode", {}),
            _node("findings", "expressionNode", _expressions(findings, passes=True)),
            _node("rules", "expressionNode", _expressions({"held": f"[{listed}]"}, passes=False)),
            _node("response", "outputNode", {}),
        ]
        edges = [
            {"id": f"edge-{number}", "sourceId": one["id"], "targetId": other["id"], "type": "edge"}
            for number, (one, other) in enumerate(pairwise(nodes))
        ]
        content = zen.ZenDecisionContent(json.dumps({"nodes": nodes, "edges": edges}))
        self.decision: Any = zen.ZenEngine().create_decision(content)
        self.numbers = range(len(self.branches.all))

    def _branch(self, branch: Production, names: Mapping[str, str]) -> str:
        parts = [_test(test) for test in branch.tests]
        parts += (names[finding] for finding in branch.findings)
        for marker in branch.markers:
            inner = [self._branch(self.branches.all[number], names) for number in self.branches.declaring[marker]]
            parts.append(_joined("or", inner))
        return _joined("and", parts)

    def run(self, facts: Facts) -> Answer:
        """Evaluate the decision, and look which branches held."""
        held: list[bool] = self.decision.evaluate(facts)["result"]["held"]
        return self.branches.answer(compress(self.numbers, held))

    def outcome(self, answer: Answer) -> Outcome:
        """Return the outcome."""
        return outcome(answer)


def _node(name: str, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}, "content": content}


def _expressions(named: Mapping[str, str], *, passes: bool) -> dict[str, Any]:
    expressions = [{"id": name, "key": name, "value": text} for name, text in named.items()]
    return {"expressions": expressions, "passThrough": passes, "executionMode": "single"}


def _text(condition: Condition, names: Mapping[str, str], at: str) -> str:
    match condition:
        case FactTest():
            return _test(condition)
        case FindingIs():
            return at + names[condition.finding]
        case All():
            return _joined("and", [_text(part, names, at) for part in condition.parts])
        case AnyOf():
            return _joined("or", [_text(part, names, at) for part in condition.parts])


def _joined(word: str, parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({f' {word} '.join(parts)})"


def _test(test: FactTest) -> str:
    """Return a test as an expression; what isn't known is null, of which no test holds."""
    name, operand = test.fact, json.dumps(test.operand, ensure_ascii=False)
    match test.operator:
        case "is":
            text = f"{name} == {operand}"
        case "one_of":
            text = f"{name} in {operand}"
        case "only":
            text = f"(len({name}) > 0 and all({name}, # in {operand}))"
        case "empty":
            text = f"len({name}) {'==' if test.operand is True else '>'} 0"
        case "count_at_least":
            text = f"len({name}) >= {operand}"
        case operator if operator in _COMPARED:
            text = f"{name} {_COMPARED[operator]} {operand}"
        case operator:
            looked_for = [f"{json.dumps(word, ensure_ascii=False)} in {name}" for word in words(test)]
            text = _joined("and" if operator == "has_all" else "or", looked_for)
            if operator.startswith("lacks"):
                text = f"not ({text})"
    if test.operator in ("is", "one_of") and not test.negated:
        return text
    return f"({name} != null and {f'not ({text})' if test.negated else text})"
