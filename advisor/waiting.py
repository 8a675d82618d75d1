"""What waits for which facts: how hard the rules that are open pull at each unknown fact.

How much a rule has at stake depends on the corpus alone and is worked out once for it; so is what a rule waits for as
long as nothing is known of its condition. For one case, rules with the same at stake are counted together, and sets of
rules are sets of bits, so that no rule is looked at by itself but those that are open. ``advisor.questions`` says which
facts are open and how they are ranked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, reduce
from itertools import compress
from math import lcm
from operator import or_
from typing import Protocol

from advisor.applications import canonical
from advisor.awaited import Waits
from advisor.case import Case
from advisor.corpus import Corpus, PerCorpus
from advisor.model import Lesson, Strength
from advisor.precedents import pointing
from advisor.rule import Rule
from advisor.standing import lines_of

_STRENGTH: Mapping[Strength, int] = {"must": 4, "should": 3, "avoid": 3, "consider": 2}
_DECISIVE = 2
_LIFE_SAVING = 2
_MINOR = 4
"""One part in so many: what a minor change weighs."""
_WHOLE = _MINOR**3
"""What is at stake is counted in parts of one that stay whole numbers however often they are minor."""
_ONE_RULE, _DECISIVE_RULE = 1 << 64, 1 << 96
"""Two counts ride in the higher digits of what is at stake: of rules that wait, and of those that are decisive."""


@dataclass(slots=True)
class Alike:
    """Rules with the same at stake, and what they wait for while nothing is known of their conditions.

    Attributes:
        worth: how much hangs on whether one of them fires, in parts of ``_WHOLE``.
        decides: whether they raise a red flag or set advice aside.
        rules: the rules, by their nodes.
        waits: for each of them what it waits for.
        urgent: for each of them what its ``pressing_when`` waits for; empty where they have none.
        either: for each of them what the two wait for together; empty where they have none.
    """

    worth: int
    decides: bool
    rules: list[int] = field(default_factory=list)
    waits: list[Waits] = field(default_factory=list)
    urgent: list[Waits] = field(default_factory=list)
    either: list[Waits] = field(default_factory=list)


class Stakes:
    """What each rule of a corpus has at stake; rules are named by their nodes.

    A set of rules is kept as a number with one bit for each, the first rule the highest.

    Attributes:
        worth: for each rule how much hangs on whether it fires, in parts of ``_WHOLE``.
        decides: for each rule whether it raises a red flag or sets advice aside.
        speaks: for each rule 1 if it says something when it fires, be it a contradiction, and 0 if not.
        targets: for each rule that could set something aside, what.
        aimed_at: everything that some rule could set aside.
        pressing: for each rule that has one, the node of its ``pressing_when``.
        alike: the rules that say something, those with the same at stake together.
        topics: for each rule that applies a lesson, its topic.
        always_new: the rules that raise a red flag or report a contradiction.
        recommending: for each element the rules that call for it.
        saying: for each lesson the rules that warn or argue by it, or by one that says the same.
        all_saying: all of these rules.
        saying_several: for each of them that has more than one such lesson, which.
        advising: for each element and lesson the rules that would have it advised.
        deciding_on: for each element the rules that raise a red flag on it or set it aside.
    """

    def __init__(self, corpus: Corpus) -> None:
        index = corpus.index
        rules = [corpus.rules[name] for name in index.rules]
        self.worth = [_worth(corpus, rule) for rule in rules]
        self.decides = [_decides(rule) for rule in rules]
        self.speaks = bytes(any(then.lesson or then.contradiction for then in rule.then) for rule in rules)
        self.targets = {node: found for node, rule in enumerate(rules) if (found := corpus.targets(rule))}
        self.pressing = {rule: node for node, rule in index.presses.items()}
        self.topics = {node: rule.topic for node, rule in enumerate(rules) if rule.lessons}
        self.always_new = 0
        self.recommending: dict[str, int] = {}
        self.saying: dict[str, int] = {}
        self.saying_several: dict[int, set[str]] = {}
        self.advising: dict[str, int] = {}
        self.deciding_on: dict[str, list[int]] = {}
        for node, rule in enumerate(rules):
            bit = 1 << (len(rules) - 1 - node)
            said: set[str] = set()
            for then in rule.then:
                if then.flags is not None or then.contradiction:
                    self.always_new |= bit
                for element in then.recommends or ():
                    _add(self.recommending, element, bit)
                    _add(self.advising, element, bit)
                if then.lesson:
                    says = canonical(corpus.lessons[then.lesson])
                    _add(self.advising, says, bit)
                    if then.cautions is not None or then.argues is not None:
                        _add(self.saying, says, bit)
                        said.add(says)
                for element in dict.fromkeys((*(then.elements if then.flags is not None else ()), *then.defeats)):
                    self.deciding_on.setdefault(element, []).append(node)
            if len(said) > 1:
                self.saying_several[node] = said
        self.all_saying = reduce(or_, self.saying.values(), 0)
        self.aimed_at = frozenset().union(*self.targets.values())
        self.alike = tuple(self._alike(corpus))

    def _alike(self, corpus: Corpus) -> Iterable[Alike]:
        awaited = corpus.nothing_known
        found: dict[tuple[int, bool, bool], Alike] = {}
        for rule in compress(range(len(self.worth)), self.speaks):
            worth, decides = self.worth[rule], self.decides[rule]
            alike = found.setdefault((worth, decides, rule in self.pressing), Alike(worth, decides))
            alike.rules.append(rule)
            alike.waits.append(awaited.waits(rule))
            if rule in self.pressing:
                alike.urgent.append(awaited.waits(self.pressing[rule]))
                alike.either.append(awaited.either(alike.waits[-1], alike.urgent[-1]))
        return found.values()


# Sets as bytes: one for each rule, 1 if it is in the set and 0 if not.
_OPPOSITE = bytes.maketrans(b"\0\1", b"\1\0")
_FROM_DIGITS = bytes.maketrans(b"01", b"\0\1")


def _common(one: bytes | bytearray, other: bytes | bytearray) -> bytearray:
    """Return what two sets have in common."""
    return bytearray((int.from_bytes(one) & int.from_bytes(other)).to_bytes(len(one)))


def _add(sets: dict[str, int], name: str, bit: int) -> None:
    sets[name] = sets.get(name, 0) | bit


def _decides(rule: Rule) -> bool:
    """Return whether a rule raises a red flag or sets advice aside: that changes more than another line does."""
    return any(then.flags is not None or then.defeats or then.already_met for then in rule.then)


def _worth(corpus: Corpus, rule: Rule) -> int:
    """Return how much hangs on whether a rule fires, in parts of ``_WHOLE``."""
    lessons: Mapping[str, Lesson] = corpus.lessons
    worths = [
        lessons[then.lesson].weight * _STRENGTH[then.strength or lessons[then.lesson].strength]
        for then in rule.then
        if then.lesson
    ]
    if not worths and any(then.contradiction for then in rule.then):
        return _WHOLE // _MINOR
    worth = max(worths, default=1) * (_DECISIVE if _decides(rule) else 1)
    if any(corpus.elements[name].life_saving for then in rule.then for name in then.elements):
        worth *= _LIFE_SAVING
    return worth * _WHOLE


stakes: PerCorpus[Stakes] = PerCorpus(Stakes)


class _Batches(defaultdict[int, list[Waits]]):
    """What waits for facts, by what is at stake, with the counts of rules in its higher digits."""

    def add(
        self,
        worth: int,
        decides: bool,
        own: Iterable[Waits],
        urgent: Iterable[Waits] = (),
        either: Iterable[Waits] | None = None,
    ) -> None:
        """Add what rules with the same at stake wait for: themselves, to be pressing, and by either if they press."""
        weight = worth + _DECISIVE_RULE if decides else worth
        if either is None:
            self[weight + _ONE_RULE] += own
        else:
            # Each is one rule for all facts for which its two conditions wait.
            self[weight] += own
            self[worth // _MINOR] += urgent
            self[_ONE_RULE] += either


class Headline(Protocol):
    """A headline, as far as questions depend on it."""

    @property
    def element(self) -> str | None:
        """The element that it recommends."""


class Waiting:
    """What waits for which facts in one case; facts are named by their numbers.

    Attributes:
        pulls: for each unknown fact that could change the advice how much waits for it, which may be nothing.
        rules: for each of them how many rules wait for it.
        decisive: for each of them how many of these raise a red flag or set advice aside.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.corpus = case.corpus
        self.decided = case.decided
        self.awaited = case.awaited
        self.stakes = stakes(case.corpus)
        self.pulls: dict[int, Fraction] = {}
        self.rules: Counter[int] = Counter()
        self.decisive: Counter[int] = Counter()
        self._count()
        for fact in self._finishing():
            self.pulls.setdefault(fact, Fraction())

    def _count(self) -> None:
        """Count what waits for each fact, rules with the same at stake together."""
        stakes, awaited = self.stakes, self.awaited
        batches: _Batches = _Batches(list)
        news, untouched = self._news, self._untouched
        new, old = _common(untouched, news), _common(untouched, news.translate(_OPPOSITE))
        for alike in stakes.alike:
            for chosen, worth in ((new, alike.worth), (old, alike.worth // _MINOR)):
                flags = [chosen[rule] for rule in alike.rules]
                either = compress(alike.either, flags) if alike.either else None
                waits, urging = compress(alike.waits, flags), compress(alike.urgent, flags)
                batches.add(worth, alike.decides, waits, urging, either)
        for rule in self.decided.open_rules:
            if not untouched[rule] and (stakes.speaks[rule] or rule in self._aiming):
                worth = stakes.worth[rule] if news[rule] else stakes.worth[rule] // _MINOR
                own = awaited.waits(rule)
                if rule in stakes.pressing:
                    urgent = awaited.waits(stakes.pressing[rule])
                    batches.add(worth, stakes.decides[rule], (own,), (urgent,), (awaited.either(own, urgent),))
                else:
                    batches.add(worth, stakes.decides[rule], (own,))
        for fired in self.case.fired:
            rule = self.corpus.index.nodes[fired.id]
            if rule in stakes.pressing and rule in stakes.topics:
                batches[stakes.worth[rule] // _MINOR + _ONE_RULE].append(awaited.waits(stakes.pressing[rule]))
        by_fact: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for (fact, share), weight in awaited.weigh(batches.items()).items():
            by_fact[fact].append((share, weight))
        for fact, found in by_fact.items():
            whole = lcm(*(share for share, _ in found))
            total = sum(weight % _ONE_RULE * (whole // share) for share, weight in found)
            self.pulls[fact] = Fraction(total, _WHOLE * whole)
            rules = sum(weight // _ONE_RULE for _, weight in found)
            self.decisive[fact], self.rules[fact] = divmod(rules, _DECISIVE_RULE // _ONE_RULE)

    @cached_property
    def _untouched(self) -> bytearray:
        """For each rule 1 if it says something and waits for what it does while nothing is known, 0 if not."""
        size = len(self.corpus.index.rules)
        untouched = self.decided.untouched
        found = _common(untouched[:size], self.stakes.speaks)
        for node in compress(self.corpus.index.presses, untouched[size:].translate(_OPPOSITE)):
            found[self.corpus.index.presses[node]] = 0
        return found

    @cached_property
    def _aiming(self) -> set[int]:
        """The rules that could set aside what is or may yet be advised."""
        possible = self.decided.possible_rules
        advised = {name for name in self.stakes.aimed_at if self.stakes.advising.get(name, 0) & possible}
        return {rule for rule, targets in self.stakes.targets.items() if targets & advised}

    @cached_property
    def _said(self) -> set[str]:
        """What stands or is set aside already: elements recommended, lessons that warn or argue."""
        found = {name for _, name in lines_of(self.case)}
        return found | {one.says for one in self.case.applications if one.consequence.argues is not None}

    @cached_property
    def _news(self) -> bytes:
        """For each rule 1 if it would add or set aside a line, 0 if it would only give one more reason."""
        size = len(self.corpus.index.rules)
        news, repeating = self.stakes.always_new, 0
        for element, rules in self.stakes.recommending.items():
            if element not in self._said:
                news |= rules
        for lesson in self._said & self.stakes.saying.keys():
            repeating |= self.stakes.saying[lesson]
        news |= self.stakes.all_saying & ~repeating
        for rule, lessons in self.stakes.saying_several.items():
            if not lessons <= self._said:
                news |= 1 << (size - 1 - rule)
        for rule in self._aiming:
            news |= 1 << (size - 1 - rule)
        return format(news, f"0{size}b").encode().translate(_FROM_DIGITS)

    def _finishing(self) -> Iterator[int]:
        """Yield unknown facts that may no longer change any line, but its reasons or its place."""
        nodes, pressing = self.corpus.index.nodes, self.stakes.pressing
        recommended: set[str] = set()
        for fired in self.case.fired:
            rule = nodes[fired.id]
            recommended.update(element for then in fired.then for element in then.recommends or ())
            if self.stakes.speaks[rule] or rule in self._aiming:
                yield from self._further(rule)
                if rule in pressing:
                    yield from self._further(pressing[rule])
        # Not tests of any rule, but of the ranking of lines and precedents.
        if any(self.corpus.elements[name].phases for name in recommended):
            yield from self._unknown("phases_in_scope")
        if any(self.corpus.elements[name].proposed_as for name in recommended):
            yield from self._unknown("measures_proposed")
        cited = [one for one in self.corpus.precedents.values() if pointing(self.case, one)]
        if len(cited) > 1:
            yield from self._unknown(*(name for precedent in cited for name in precedent.situation))
            for finding in self.corpus.findings.values():
                if any(finding.situation_type in precedent.kinds for precedent in cited):
                    yield from self._facts(self.corpus.index.findings[finding.id])

    def _unknown(self, *facts: str) -> Iterator[int]:
        numbers = self.corpus.index.numbers
        yield from (numbers[name] for name in facts if name in numbers and name not in self.case.facts)

    def _facts(self, node: int) -> set[int]:
        return self.awaited.facts((node,))

    def _further(self, node: int) -> Iterator[int]:
        """Yield the facts that could decide what is undecided in a condition that holds."""
        truth = self.decided.of(node)
        if truth is None:
            yield from self._facts(node)
        elif truth and not self.corpus.index.is_finding(node):
            for part in self.corpus.index.parts[node]:
                yield from self._further(part)

    def on_the_table(self, headlines: Iterable[Headline]) -> frozenset[int]:
        """Return the facts each of which alone could decide on something proposed or among the headlines."""
        proposed = self.case.facts.get("measures_proposed")
        measures = set(proposed) if isinstance(proposed, tuple) else set()
        leading = {item.element for item in headlines if item.element}
        found: set[int] = set()
        for element in self.corpus.elements.values():
            if measures & set(element.proposed_as) or (element.proposed_as and element.id in leading):
                for rule in self.stakes.deciding_on.get(element.id, ()):
                    if self.stakes.speaks[rule] or rule in self._aiming:
                        found |= self.awaited.alone(rule)
        return frozenset(found)
