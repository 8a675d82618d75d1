"""Generated rules on the built-in vocabulary: to measure what many rules cost, and to test on them.

``corpus_of(times, silent_in)`` returns the built-in corpus with so many times its rules, put together in memory: that
takes seconds where reading as many files takes minutes, and a pack may hold no more than 20,000 files.
``python benchmarks/generated.py FOLDER RULES`` writes a pack that builds on the built-in one and has RULES rules, all
valid, each with its tests.

The same numbers give the same rules on every machine. Each is made like a built-in rule drawn by lot: joined as that
one is, with other tests of facts and other findings in the places of its own; each fact comes as often as in built-in
rules. What they say makes no sense. Rules that rest on findings alone aren't written to packs, since their tests would
have to tell how the findings are derived.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import advisor
from advisor import situation
from advisor.conditions import All, Condition, Facts, FactTest, FindingIs, Truth, evaluate, leaves, parse
from advisor.corpus import Corpus
from advisor.model import Content, Fact, Lesson, Manifest, RuleFile, Source, Topic
from advisor.rule import Rule

LESSONS_A_PLACE = 20
LESSONS_A_FILE = 2_000
RULES_A_LESSON = 2
_TOPICS = 20
_FOR = ("recommends",) * 18 + ("argues", "flags")
_AGAINST = ("cautions",) * 5 + ("flags",)
_NUMBERS = (1, 2, 3, 5, 10, 20, 50, 100, 1_000, 10_000, 50_000, 100_000, 1_000_000)

Raw = dict[str, Any]
C = TypeVar("C", bound=Content)
T = TypeVar("T")


def corpus_of(times: int, silent_in: Iterable[Facts] = (), seed: int = 1) -> Corpus:
    """Return the built-in corpus with generated rules beside its own, so that it has so many times as many in all.

    Args:
        times: how many times as many rules; 1 for the built-in corpus as it is.
        silent_in: situations, in canonical form, in which none of the generated rules is to fire.
        seed: other seeds give other rules.
    """
    corpus = advisor.load_corpus()
    more = (times - 1) * len(corpus.rules)
    return _Generated("generated", more, seed, silent_in).beside() if more else corpus


def write(folder: Path, rules: int, seed: int = 1, silent_in: Iterable[Facts] = ()) -> None:
    """Write a pack.

    Args:
        folder: where; its name is the pack's id.
        rules: how many rules.
        seed: other seeds give other rules.
        silent_in: situations, in canonical form, in which none of the rules is to fire.
    """
    _Generated(folder.name, rules, seed, silent_in).write(folder)


class _Silence:
    """Tells whether a condition holds in none of some situations; each test is tried once in each."""

    def __init__(self, corpus: Corpus, situations: Iterable[Facts]) -> None:
        self._cases = [(facts, corpus.truths(facts)) for facts in situations]
        self._known: dict[FactTest | FindingIs, int] = {}

    def keeps(self, condition: Condition) -> bool:
        return not self._where(condition)

    def _where(self, condition: Condition) -> int:
        """Return the situations in which a condition holds, as a set of bits."""
        if isinstance(condition, FactTest | FindingIs):
            if condition not in self._known:
                truths = [evaluate(condition, facts, findings) for facts, findings in self._cases]
                self._known[condition] = sum(1 << place for place, truth in enumerate(truths) if truth)
            return self._known[condition]
        first, *rest = map(self._where, condition.parts)
        for other in rest:
            first = first & other if isinstance(condition, All) else first | other
        return first


class _Generated:
    def __init__(self, name: str, rules: int, seed: int, silent_in: Iterable[Facts]) -> None:
        self.name = name
        self.rules = rules
        self.dice = random.Random(f"{seed} {rules}")
        self.corpus = advisor.load_corpus()
        self.silence = _Silence(self.corpus, silent_in)
        self.like = [self.corpus.rules[name] for name in sorted(self.corpus.rules)]
        known = [leaf for rule in self.like for leaf in leaves(rule.when)]
        # The situation's kind is told by findings, of which each kind has one.
        self.facts = [
            self.corpus.facts[leaf.fact]
            for leaf in known
            if isinstance(leaf, FactTest) and leaf.fact != "situation_types"
        ]
        self.findings = [leaf.finding for leaf in known if isinstance(leaf, FindingIs)]
        self.kinds = {finding.id: finding.situation_type for finding in self.corpus.findings.values()}
        self.elements = sorted(self.corpus.elements)

    def write(self, folder: Path) -> None:
        def file(name: str, content: Raw) -> None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            # JSON is YAML; each key on its own line makes messages point somewhere.
            path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

        lessons = self._lessons()
        file("knowledge/pack.yaml", self._manifest())
        file("knowledge/sources/generated.yaml", self._source(lessons))
        for start in range(0, len(lessons), LESSONS_A_FILE):
            part = lessons[start : start + LESSONS_A_FILE]
            name = f"knowledge/lessons/generated-{start // LESSONS_A_FILE:02}.yaml"
            file(name, {"source": self._id("source"), "lessons": part})
        self.findings = [name for name in self.findings if self.kinds[name]]
        for number, raw in enumerate(self._rules(lessons, tested=True)):
            file(f"rules/{self._topic(number)}/{raw['id']}.yaml", raw)

    def beside(self) -> Corpus:
        """Return the built-in corpus with the generated pack beside it."""
        corpus = self.corpus
        raw_lessons = self._lessons()
        manifest = _read(Manifest, self._manifest())
        source = _read(Source, self._source(raw_lessons))
        lessons = {raw["id"]: _read(Lesson, {**raw, "place": f"{source.id}:{raw['place']}"}) for raw in raw_lessons}
        rules = {}
        for number, raw in enumerate(self._rules(raw_lessons, tested=False)):
            read = _read(RuleFile, raw)
            rules[read.id] = Rule(
                id=read.id,
                topic=self._topic(number),
                pack=self.name,
                title=read.title,
                reading=read.reading,
                note=read.note,
                when=self._parsed(raw["when"]),
                pressing_when=self._parsed(raw["pressing_when"]) if "pressing_when" in raw else None,
                then=read.then,
                tests=(),
                file=f"rules/{self._topic(number)}/{read.id}.yaml",
                text="",
            )
        topics = [self._topic(number) for number in range(min(_TOPICS, self.rules))]
        origins = {f"sources:{source.id}": self.name}
        origins |= {f"lessons:{name}": self.name for name in lessons} | {f"rules:{name}": self.name for name in rules}
        digest = hashlib.sha256(f"{corpus.digest} {self.dice.random()}".encode()).hexdigest()
        return dataclasses.replace(
            corpus,
            digest=digest,
            packs=(*corpus.packs, manifest),
            topics=_more(corpus.topics, {name: Topic(id=name, title=name) for name in topics}),
            sources=_more(corpus.sources, {source.id: source}),
            places=_more(corpus.places, {f"{source.id}:{place.id}": place for place in source.places}),
            lessons=_more(corpus.lessons, lessons),
            rules=MappingProxyType(dict(sorted({**corpus.rules, **rules}.items()))),
            origins=_more(corpus.origins, origins),
            digests=_more(corpus.digests, {self.name: digest}),
        )

    def _id(self, what: str) -> str:
        return f"{self.name}-{what}"

    def _topic(self, number: int) -> str:
        return f"{self.name}-{number % _TOPICS:02}"

    def _manifest(self) -> Raw:
        return {
            "id": self.name,
            "version": "1.0.0",
            "title": f"{self.rules} generated rules",
            "text": "Generated rules, to measure what many rules cost. What they say makes no sense.",
            "builds_on": [{"pack": "amman-2011"}],
            "sources": [self._id("source")],
        }

    def _source(self, lessons: list[Raw]) -> Raw:
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
                for name in dict.fromkeys(lesson["place"] for lesson in lessons)
            ],
        }

    def _lessons(self) -> list[Raw]:
        lessons = max(1, self.rules // RULES_A_LESSON)
        places = max(1, lessons // LESSONS_A_PLACE)
        return [self._lesson(number, f"{number % places + 1}") for number in range(lessons)]

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

    def _rules(self, lessons: list[Raw], *, tested: bool) -> Iterator[Raw]:
        for number in range(self.rules):
            yield self._rule(number, lessons[number % len(lessons)], tested=tested)

    def _rule(self, number: int, lesson: Raw, *, tested: bool) -> Raw:
        when, tests = self._when(tested=tested)
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
            "tests": tests,
        }
        if self.dice.random() < 0.2:
            fact = self.dice.choice(self.facts)
            rule["pressing_when"] = {fact.name: self._tested(fact)[0]}
        return rule

    def _when(self, *, tested: bool) -> tuple[Raw, list[Raw]]:
        """Return a condition, and tests of a rule that has it."""
        while True:
            told: dict[str, tuple[Any, Any]] = {}
            found: list[str] = []
            when = self._like(self.dice.choice(self.like).when, told, found)
            read = self._parsed(when)
            if not self.silence.keeps(read):
                continue
            if not tested:
                return when, []
            good: Raw = {name: passing for name, (passing, _) in told.items()}
            bad: Raw = {name: failing for name, (_, failing) in told.items()}
            if found:
                good["situation_types"] = [self.kinds[name] for name in found]
            if self._truth(read, good) is not True or self._truth(read, bad) is not False:
                continue
            return when, [
                {"name": "all that it asks for is told", "given": good, "expect": "fires"},
                {"name": "all is otherwise", "given": bad, "expect": "silent"},
                {"name": "nothing is told", "given": {}, "expect": "open"},
            ]

    def _truth(self, condition: Condition, raw: Raw) -> Truth:
        facts = situation.parse(raw, self.corpus.facts)
        return evaluate(condition, facts, self.corpus.truths(facts))

    def _like(self, condition: Condition, told: dict[str, tuple[Any, Any]], found: list[str]) -> Raw:
        """Return a condition joined as another one is.

        Args:
            condition: the other one.
            told: receives for each fact that is tested a value that passes and one that fails.
            found: receives the findings.
        """
        match condition:
            case FindingIs():
                found.append(self.dice.choice([name for name in self.findings if name not in found]))
                return {"finding": found[-1]}
            case FactTest():
                fact = self.dice.choice([fact for fact in self.facts if fact.name not in told])
                test, good, bad = self._tested(fact)
                told[fact.name] = good, bad
                return {fact.name: test}
            case _:
                parts = [self._like(part, told, found) for part in condition.parts]
                return {"all" if isinstance(condition, All) else "any": parts}

    def _parsed(self, raw: Raw) -> Condition:
        def report(code: str, message: str, path: object, **_: object) -> None:
            raise AssertionError((code, message, path))

        condition = parse(raw, self.corpus.facts, (), report)
        assert condition is not None
        return condition

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


def _read(model: type[C], raw: Raw) -> C:
    return model.model_validate_json(json.dumps(raw))


def _more(known: Mapping[str, T], more: Mapping[str, T]) -> Mapping[str, T]:
    return MappingProxyType({**known, **more})


def main(arguments: Iterable[str]) -> None:
    """Write the pack that the command line asks for."""
    folder, rules = arguments
    write(Path(folder), int(rules))


if __name__ == "__main__":
    main(sys.argv[1:])
