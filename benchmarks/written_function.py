"""The floor: one Python function for these rules and no others, as one would write it by hand.

``python benchmarks/written_function.py`` prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from engines import Engine, Outcome, words

import advisor
from advisor.conditions import All, AnyOf, Condition, Facts, FactTest, FindingIs
from advisor.corpus import Corpus
from advisor.rule import Rule

Answer: TypeAlias = "tuple[dict[str, tuple[str, ...]], list[str], list[str]]"
_Lines: TypeAlias = "list[str]"
_COMPARED = {"at_least": (">=", "<"), "at_most": ("<=", ">"), "more_than": (">", "<="), "less_than": ("<", ">=")}


class WrittenFunction(Engine):
    """Straight-line code: facts and findings in local variables, an ``if`` for each rule, no loops."""

    name = "function"

    def __init__(self, corpus: Corpus) -> None:
        namespace: dict[str, Any] = {}
        exec(compile("\n".join(source(corpus)), "<the function>", "exec"), namespace)
        self.function: Callable[[Facts], Answer] = namespace["fired"]

    def run(self, facts: Facts) -> Answer:
        """Call the function."""
        return self.function(facts)

    def outcome(self, answer: Answer) -> Outcome:
        """Return the outcome."""
        because, pressing, findings = answer
        told = {rule: frozenset(tests) for rule, tests in because.items()}
        return Outcome(told, frozenset(pressing), frozenset(findings))


def source(corpus: Corpus) -> Iterator[str]:
    """Yield the lines of the module that has the function."""
    writer = _Writer(corpus)
    body = [line for rule in writer.deriving + writer.others for line in writer.rule(rule)]
    body += [line for rule in writer.deriving for line in writer.pressed(rule)]
    yield "from math import nan"
    yield from writer.constants
    yield "def fired(facts):"
    yield "    get = facts.get"
    yield from (f"    {line}" for line in writer.variables())
    yield "    because, pressing, findings = {}, [], []"
    yield from (f"    {line}" for line in body)
    yield "    return because, pressing, findings"


class _Writer:
    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.constants: _Lines = []
        first = dict.fromkeys(rule.id for name in corpus.finding_order for rule in corpus.deriving[name])
        # A rule that derives several findings has to come after all on which it depends.
        place = {name: number for number, name in enumerate(corpus.finding_order)}
        deriving = [corpus.rules[name] for name in first]
        self.deriving = sorted(deriving, key=lambda rule: min(place[finding] for finding in rule.findings))
        self.others = [rule for rule in corpus.rules.values() if rule.id not in first]
        self.used: set[str] = set()
        self._held = 0

    def variables(self) -> Iterator[str]:
        """Yield what sets the local variables that the rules read."""
        for name, fact in self.corpus.facts.items():
            if name in self.used:
                number = fact.type in ("integer", "number")
                yield f"{name} = get({name!r}{', nan' if number else ''})"
            if f"{name}_or_none" in self.used:
                yield f"{name}_or_none = get({name!r}, ())"
        yield from (f"{_variable(name)} = False" for name in self.corpus.findings)

    def rule(self, rule: Rule) -> _Lines:
        def then(tests: str) -> _Lines:
            lines = [f"because[{rule.id!r}] = {tests}"]
            for finding in dict.fromkeys(rule.findings):
                # Noted once, whichever rule comes first.
                lines += [f"if not {_variable(finding)}:", f"    {_variable(finding)} = True"]
                lines.append(f"    findings.append({finding!r})")
            return lines + ([] if rule.findings else self._pressing(rule))

        return self._if(rule.when, then)

    def pressed(self, rule: Rule) -> _Lines:
        """Return what sees whether a rule that derives findings presses, which may take any finding to say."""
        lines = self._pressing(rule)
        return [f"if {rule.id!r} in because:", *_indented(lines)] if lines else []

    def _pressing(self, rule: Rule) -> _Lines:
        def then(tests: str) -> _Lines:
            return [f"because[{rule.id!r}] += {tests}", f"pressing.append({rule.id!r})"]

        return [] if rule.pressing_when is None else self._if(rule.pressing_when, then)

    def _if(self, condition: Condition, then: Callable[[str], _Lines]) -> _Lines:
        """Return what does something where a condition holds; ``then`` is told an expression of the tests that held."""
        if isinstance(condition, AnyOf):
            variable = self._new()
            return [*self._any(condition, variable), f"if {variable}:", *_indented(then(variable))]
        parts = condition.parts if isinstance(condition, All) else (condition,)
        plain = [part for part in parts if isinstance(part, FactTest | FindingIs)]
        inner = [part for part in parts if isinstance(part, AnyOf)]
        assert len(plain) + len(inner) == len(parts)  # nothing else stands in an "all"
        held = [self._new() for _ in inner]
        tests = " + ".join([repr(tuple(map(str, plain))), *held] if plain else held)
        lines = then(tests)
        for variable, part in reversed(list(zip(held, inner, strict=True))):
            lines = [*self._any(part, variable), f"if {variable}:", *_indented(lines)]
        return [f"if {' and '.join(map(self._test, plain))}:", *_indented(lines)] if plain else lines

    def _any(self, condition: AnyOf, held: str) -> _Lines:
        lines = [f"{held} = ()"]
        for part in condition.parts:
            lines += self._if(part, lambda tests: [f"{held} += {tests}"])
        return lines

    def _new(self) -> str:
        self._held += 1
        return f"held_{self._held % 50}"

    def _test(self, leaf: Condition) -> str:
        if isinstance(leaf, FindingIs):
            return _variable(leaf.finding)
        assert isinstance(leaf, FactTest)
        text, variable = self._of_fact(leaf)
        self.used.add(variable)
        return text

    def _of_fact(self, test: FactTest) -> tuple[str, str]:
        """Return a test as an expression, and the variable in it: ``…_or_none`` is a set, empty where unknown."""
        name, operand, negated = test.fact, test.operand, test.negated
        some = f"{name}_or_none"
        known = f"{name} is not None and "
        match test.operator:
            case "is" if isinstance(operand, bool):
                return f"{name} is {operand is not negated}", name
            case "is":
                return f"{known}{name} != {operand!r}" if negated else f"{name} == {operand!r}", name
            case "one_of":
                return f"{known}{name} not in {operand!r}" if negated else f"{name} in {operand!r}", name
            case "empty":
                return (f"{name} == ()", name) if operand is not negated else (some, some)
            case "count_at_least":
                return (f"{known}len({name}) < {operand}", name) if negated else (f"len({some}) >= {operand}", some)
            case "only":
                allowed = self._constant(f"frozenset({words(test)!r})")
                if negated:
                    return f"{known}not ({name} and {allowed}.issuperset({name}))", name
                return f"{some} and {allowed}.issuperset({some})", some
            case operator if operator in _COMPARED:
                return f"{name} {_COMPARED[operator][negated]} {operand}", name
            case operator:
                lacks = operator.startswith("lacks") is not negated
                variable = name if lacks else some
                every = (operator != "has_any") is not negated
                word = "not in" if lacks else "in"
                joined = (" and " if every else " or ").join(f"{each!r} {word} {variable}" for each in words(test))
                text = f"({joined})" if len(words(test)) > 1 else joined
                return (f"{known}{text}" if lacks else text), variable

    def _constant(self, value: str) -> str:
        for line in self.constants:
            if line.endswith(f" = {value}"):
                return line.split(" ", 1)[0]
        name = f"ONLY_{len(self.constants)}"
        self.constants.append(f"{name} = {value}")
        return name


def _variable(finding: str) -> str:
    return f"is_{finding.replace('-', '_')}"


def _indented(lines: Iterable[str]) -> _Lines:
    return [f"    {line}" for line in lines]


def main() -> None:
    """Print the function for the built-in rules."""
    lines: Sequence[str] = list(source(advisor.load_corpus()))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
