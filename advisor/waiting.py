"""What waits for which facts: how hard the rules that are open pull at each unknown fact.

How much a rule has at stake depends on the corpus alone and is worked out once for it. What it adds to the pulls
depends on what its cell sees (``advisor.cells``), and on which of its rules would bring something new: it is kept by
both, and looked up. Pulls at all facts are one number, with a lane of digits for each fact, so that those of all cells
are added up at once. Sets of rules, facts, elements and lessons are sets of bits. ``advisor.questions`` says which
facts are open and how they are ranked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import chain
from math import lcm
from operator import attrgetter, getitem, itemgetter, or_
from struct import unpack
from typing import TypeAlias

from advisor.applications import canonical
from advisor.case import Case
from advisor.cells import (
    FALSE,
    MAX_RULES,
    TRUE,
    UNKNOWN,
    Cell,
    Cells,
    Layout,
    Record,
    Room,
    Shares,
    Table,
    bits,
    members,
)
from advisor.corpus import Corpus, PerCorpus
from advisor.decided import Decided
from advisor.index import Index
from advisor.model import Lesson, Strength
from advisor.rule import Rule

_KEPT = 1 << 10
"""For so many sets of precedents it is kept what is compared."""
_NEWS = 16
"""For so many choices of rules that would bring something new it is kept what a cell adds."""
_STRENGTH: Mapping[Strength, int] = {"must": 4, "should": 3, "avoid": 3, "consider": 2}
_DECISIVE = 2
_LIFE_SAVING = 2
_MINOR = 4
"""One part in so many: what a minor change weighs."""
_PHASES, _MEASURES, _PRECEDENTS = 1, 2, 4
"""What may matter besides rules: the phases by which lines are ranked, the measures, and from here each precedent."""
_WHOLE = _MINOR**3
"""What is at stake is counted in parts of one that stay whole numbers however often they are minor."""


class Lanes:
    """Pulls at many facts in one number: for each fact the pull, the rules that wait, and those that are decisive.

    Attributes:
        whole: of how many parts a pull of one is; every share of every rule is so many of them.
        pull_digits: how many binary digits a pull has at most.
        pull_mask: these digits.
        place: for each fact the place of its lane.
        beyond: one in a lane of its own, above those of all facts.
    """

    def __init__(self, index: Index, worths: Iterable[int]) -> None:
        # Facts for which many rules may wait come in the lower digits, so that most numbers are short.
        asked = Counter(chain.from_iterable(map(index.behind, range(index.rule_ends))))
        order = sorted(range(len(index.facts)), key=lambda fact: -asked[fact])
        self.place = [order.index(fact) for fact in range(len(order))]
        # The first one twice, so that there are always several to pick.
        self._by_fact = itemgetter(0, *self.place)
        shares: dict[int, int] = {}

        def parts(node: int) -> int:
            """Return a number that the share of every fact in a node divides."""
            if node not in shares:
                found = lcm(*map(parts, index.parts[node]))
                several = len(index.parts[node]) if index.is_all[node] else 1
                shares[node] = found * lcm(*range(1, several + 1)) ** 2
            return shares[node]

        self._one = lcm(*map(parts, range(index.rule_ends)))
        self.whole = self._one * _WHOLE
        # A rule pulls for itself and to be pressing.
        self.pull_digits = (2 * self._one * sum(worths)).bit_length()
        self._count_digits = len(index.rules).bit_length()
        digits = self.pull_digits + 2 * self._count_digits
        self._bytes = max(8, (digits + 7) // 8)
        self._width = 8 * self._bytes
        self._facts = len(index.facts)
        self.beyond = 1 << (self._width * self._facts)
        self._rule = 1 << self.pull_digits
        self.pull_mask = self._rule - 1
        self._decisive = self._rule << self._count_digits

    def of(self, shares: Shares, worth: int, *, rule: bool = False, decisive: bool = False) -> int:
        """Return what pulls at facts with shares in something that is worth so much."""
        counts = (self._rule if rule else 0) + (self._decisive if decisive else 0)
        return sum(
            (self._one // share * worth + counts) << (self._width * self.place[fact]) for fact, share in shares.items()
        )

    def each(self, total: int) -> Sequence[int]:
        """Return for each fact what pulls at it; 0 where nothing does."""
        raw = total.to_bytes(self._bytes * self._facts, "little")
        if self._bytes == 8:
            lanes = unpack(f"<{self._facts}Q", raw)
        else:
            starts = range(0, len(raw), self._bytes)
            lanes = tuple(int.from_bytes(raw[start : start + self._bytes], "little") for start in starts)
        return self._by_fact(lanes)[1:]  # type: ignore[no-any-return]

    def rules(self, found: int) -> int:
        """Return how many rules wait for a fact."""
        return (found >> self.pull_digits) & ((1 << self._count_digits) - 1)

    def decisive(self, found: int) -> int:
        """Return how many of these raise a red flag or set advice aside."""
        return found >> (self.pull_digits + self._count_digits)


class _Belonging(dict[int, int]):
    """For each choice among up to eight names, as a byte, what belongs to any of them."""

    def __init__(self, masks: list[int]) -> None:
        self._masks = masks

    def __missing__(self, chosen: int) -> int:
        found = 0
        for place in members(chosen):
            found |= self._masks[place]
        self[chosen] = found
        return found


class _Names:
    """Names as a set of bits, and for each set of them what belongs to any of its names."""

    def __init__(self, belonging: Mapping[str, int]) -> None:
        self.bit = {name: 1 << place for place, name in enumerate(belonging)}
        self.size = len(belonging)
        self.bytes = (self.size + 7) // 8
        masks = list(belonging.values())
        self._tables = [_Belonging(masks[start : start + 8]) for start in range(0, self.size, 8)]

    def belonging(self, names: int) -> int:
        """Return what belongs to any of a set of names."""
        return reduce(or_, map(getitem, self._tables, names.to_bytes(self.bytes, "little")), 0)


class _Marks:
    """Several sets in one number, so that those of all cells are joined at once."""

    def __init__(self, *sizes: int) -> None:
        """Take how many members each set may have."""
        self._starts = [sum(sizes[:number]) for number in range(len(sizes))]
        self._masks = [(1 << size) - 1 for size in sizes]

    def joined(self, *sets: int) -> int:
        """Return all sets as one number."""
        return sum(one << start for one, start in zip(sets, self._starts, strict=True))

    def apart(self, marks: int) -> list[int]:
        """Return the sets."""
        return [marks >> start & mask for start, mask in zip(self._starts, self._masks, strict=True)]


class Stakes:
    """What each rule of a corpus has at stake; rules are named by their nodes.

    Attributes:
        lanes: how pulls are counted.
        worth: for each rule how much hangs on whether it fires, in parts of ``_WHOLE``.
        decides: for each rule whether it raises a red flag or sets advice aside.
        speaks: for each rule 1 if it says something when it fires, be it a contradiction, and 0 if not.
        pressing: for each rule that has one, the node of its ``pressing_when``.
        topics: for each rule that applies a lesson, its topic.
        deciding_on: for each element the rules that raise a red flag on it or set it aside: their bits, the numbers of
            their cells, and their places there.
        proposed_by: for each measure the elements that it proposes.
        proposable: the elements that some measure proposes.
    """

    def __init__(self, corpus: Corpus) -> None:
        index = corpus.index
        rules = [corpus.rules[name] for name in index.rules]
        self.worth = [_worth(corpus, rule) for rule in rules]
        self.decides = [_decides(rule) for rule in rules]
        self.speaks = bytes(any(then.lesson or then.contradiction for then in rule.then) for rule in rules)
        self.pressing = {rule: node for node, rule in index.presses.items()}
        self.topics = {node: rule.topic for node, rule in enumerate(rules) if rule.lessons}
        self.lanes = Lanes(index, self.worth)
        self.proposed_by: dict[str, list[str]] = {}
        for element in corpus.elements.values():
            for measure in element.proposed_as:
                self.proposed_by.setdefault(measure, []).append(element.id)
        self.proposable = {element.id for element in corpus.elements.values() if element.proposed_as}
        self._choose(corpus.undecided.layout, rules)
        self._name(corpus, rules)
        self._decide(rules)
        self._finish(corpus, rules)

    def _choose(self, layout: Layout, rules: Sequence[Rule]) -> None:
        """Choose the cells that matter: those with a rule that does more than derive findings."""
        matters = [
            node
            for node, rule in enumerate(rules)
            if self.speaks[node] or any(then.recommends or then.defeats or then.already_met for then in rule.then)
        ]
        place, behind = self.lanes.place, layout.index.behind

        def longest(number: int) -> int:
            """Return the highest lane to which the rules of a cell may add."""
            facts = chain.from_iterable(map(behind, layout.sites[number].gates))
            return max((place[fact] for fact in facts), default=0)

        # Sums grow longer as they are added up, so that long numbers come last.
        self.chosen = sorted(
            {layout.site_of[node][0] for node in matters}, key=lambda number: (longest(number), number)
        )
        sites = [layout.sites[number] for number in self.chosen]
        # The first one twice, so that there are always several to pick.
        self._pick = itemgetter(self.chosen[0], *self.chosen) if sites else None
        self.cells = [[(place, gate) for place, gate in enumerate(site.gates) if gate < len(rules)] for site in sites]
        """For each of these cells its rules, with their places in it."""
        self.bit_of = {
            rule: 1 << (MAX_RULES * number + order)
            for number, cell in enumerate(self.cells)
            for order, (_, rule) in enumerate(cell)
        }
        """For each rule of them its bit: each cell has a byte."""
        self.cell_of = {rule: number for number, cell in enumerate(self.cells) for _, rule in cell}
        self.place_of = {rule: place for cell in self.cells for place, rule in cell}

    def _name(self, corpus: Corpus, rules: Sequence[Rule]) -> None:
        """Note what each rule says, advises and sets aside."""
        targets = {node: corpus.targets(rule) for node, rule in enumerate(rules)}
        aimed_at: dict[str, int] = {}
        for node, named in targets.items():
            for name in sorted(named):
                _add(aimed_at, name, self.bit_of[node])
        self.targets = _Names(aimed_at)
        saying: dict[str, int] = {}
        says: dict[int, list[str]] = {}
        advises: dict[int, set[str]] = {}
        self.always_new = 0
        for node, rule in enumerate(rules):
            bit = self.bit_of.get(node, 0)
            says[node], advises[node] = [], set()
            for then in rule.then:
                if then.flags is not None or then.contradiction:
                    self.always_new |= bit
                for element in then.recommends or ():
                    _add(saying, element, bit)
                    advises[node].add(element)
                    if then.lesson:
                        says[node].append(element)
                if then.lesson:
                    lesson = canonical(corpus.lessons[then.lesson])
                    advises[node].add(lesson)
                    if then.cautions is not None or then.argues is not None:
                        _add(saying, lesson, bit)
                        says[node].append(lesson)
        self.sources = _Names(saying)
        self.all_sources = (1 << self.sources.size) - 1
        self.says = {node: _bits_of(self.sources, names) for node, names in says.items()}
        self.advises = {node: _bits_of(self.targets, names) for node, names in advises.items()}
        speaking = [self.bit_of[node] for node in self.bit_of if self.speaks[node]]
        self.speaking = reduce(or_, speaking, 0)
        silent = [node for node in self.bit_of if not self.speaks[node] and targets[node]]
        self.silent = {node: 1 << place for place, node in enumerate(silent)}
        """Rules that say nothing but could set something aside, each as a bit."""

    def _decide(self, rules: Sequence[Rule]) -> None:
        """Note which rules decide on elements."""
        self.deciding_on: dict[str, list[tuple[int, int, int]]] = {}
        for rule, bit in self.bit_of.items():
            found: dict[str, None] = {}
            for then in rules[rule].then:
                found.update(dict.fromkeys((*(then.elements if then.flags is not None else ()), *then.defeats)))
            for element in found:
                self.deciding_on.setdefault(element, []).append((bit, self.cell_of[rule], self.place_of[rule]))

    def _finish(self, corpus: Corpus, rules: Sequence[Rule]) -> None:
        """Note what matters to the order of lines and precedents alone."""
        self.fact_bits = {name: 1 << number for name, number in corpus.index.numbers.items()}
        self.phases_in_scope = self.fact_bits.get("phases_in_scope", 0)
        self.measures_proposed = self.fact_bits.get("measures_proposed", 0)
        self.finishing: dict[int, int] = {}
        """For each rule what its firing makes matter: the ranking by phases (1) or measures (2), and precedents."""
        pointed_to = {name: _PRECEDENTS << place for place, name in enumerate(corpus.precedents)}
        by_lesson: dict[str, int] = {}
        for precedent in corpus.precedents.values():
            for lesson in precedent.lessons:
                _add(by_lesson, lesson, pointed_to[precedent.id])
        for node in self.bit_of:
            found = 0
            for then in rules[node].then:
                named = [corpus.elements[name] for name in then.recommends or ()]
                found |= _PHASES if any(element.phases for element in named) else 0
                found |= _MEASURES if any(element.proposed_as for element in named) else 0
                if then.lesson:
                    found |= by_lesson.get(then.lesson, 0) | reduce(or_, (pointed_to[name] for name in then.cites), 0)
            self.finishing[node] = found
        numbers = corpus.index.numbers
        self.told = [
            bits(numbers[name] for name in precedent.situation if name in numbers)
            for precedent in corpus.precedents.values()
        ]
        """For each precedent the facts told of it."""
        self.kinds: dict[int, int] = {}
        """For each finding of a kind of situation the precedents of this kind."""
        for finding in corpus.findings.values():
            found = bits(
                place
                for place, precedent in enumerate(corpus.precedents.values())
                if finding.situation_type in precedent.kinds
            )
            if found:
                self.kinds[corpus.index.findings[finding.id]] = found
        self.marks = _Marks(
            self.targets.size, len(numbers), self.sources.size, len(self.silent), 2 + len(corpus.precedents)
        )

    @cached_property
    def compared(self) -> Table[int, tuple[int, tuple[int, ...]]]:
        """For each set of precedents the facts told of them, and the findings of their kinds."""
        return Table(Room(_KEPT, 1), self._compared)

    def keys(self, decided: Decided) -> tuple[bytes, ...]:
        """Return the keys of those cells that matter."""
        return self._pick(decided.keys)[1:] if self._pick else ()

    def further(self, record: Record, rule: int) -> int:
        """Return the facts that could decide what is undecided in what made a rule fire, or be pressing."""
        place = self.place_of[rule]
        found = record.further[place]
        return found | record.further[place + 1] if rule in self.pressing else found

    def _compared(self, cited: int) -> tuple[int, tuple[int, ...]]:
        told = reduce(or_, (facts for place, facts in enumerate(self.told) if cited >> place & 1), 0)
        return told, tuple(finding for finding, precedents in self.kinds.items() if precedents & cited)


def _add(sets: dict[str, int], name: str, bit: int) -> None:
    sets[name] = sets.get(name, 0) | bit


def _bits_of(names: _Names, chosen: Iterable[str]) -> int:
    return reduce(or_, (names.bit.get(name, 0) for name in chosen), 0)


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


stakes: PerCorpus[Stakes] = PerCorpus(Stakes, "stakes")


class Stand(dict[int, int]):
    """What one cell adds to the pulls for one key, by which of its rules would bring something new.

    Attributes:
        marks: five sets: what its rules advise, or may yet, of that which could be set aside; the facts that could
            decide what is undecided in the conditions of those that fired and speak; what those say that fired; which
            of them are silent; and what else matters by their firing.
    """

    __slots__ = ("_cell", "_fresh", "_key", "_number", "_stakes", "_topics", "marks")

    def __init__(self, stakes: Stakes, number: int, cell: Cell, record: Record) -> None:
        self._fresh: Record | None = record
        self._stakes = stakes
        self._number = number
        self._cell = cell
        self._key = record.key
        self._topics: dict[str, int] | None = None
        advised = further = said = silent = finishing = 0
        for place, rule in stakes.cells[number]:
            truth = record.truths[place]
            if truth == FALSE:
                continue
            advised |= stakes.advises[rule]
            if truth == TRUE:
                said |= stakes.says[rule]
                silent |= stakes.silent.get(rule, 0)
                finishing |= stakes.finishing[rule]
                if stakes.speaks[rule]:
                    further |= stakes.further(record, rule)
        self.marks = stakes.marks.joined(advised, further, said, silent, finishing)

    @property
    def record(self) -> Record:
        """What the rules of the cell come to, kept for the next who asks."""
        return self._cell.records[self._key]

    @property
    def topics(self) -> dict[str, int]:
        """For each topic with open rules what waits for each fact, in lanes, and how many rules, above all lanes."""
        found = self._topics
        if found is None:
            stakes, record, found = self._stakes, self._cell.record(self._key), {}
            for place, rule in stakes.cells[self._number]:
                if record.truths[place] == UNKNOWN and rule in stakes.topics:
                    waits = stakes.lanes.of(record.shares[place], 0, rule=True) + stakes.lanes.beyond
                    found[stakes.topics[rule]] = found.get(stakes.topics[rule], 0) + waits
            self._topics = found
        return found

    def __missing__(self, news: int) -> int:
        # The record takes more room than what follows from it, and is seldom asked for again.
        record, self._fresh = self._fresh or self._cell.record(self._key), None
        stakes, lanes = self._stakes, self._stakes.lanes
        found = 0
        for order, (place, rule) in enumerate(stakes.cells[self._number]):
            truth = record.truths[place]
            new = news >> order & 1
            urgent = record.shares[place + 1] if rule in stakes.pressing else {}
            worth = stakes.worth[rule] if new else stakes.worth[rule] // _MINOR
            if truth == UNKNOWN and (stakes.speaks[rule] or new):
                own = record.shares[place]
                found += lanes.of(own, worth, rule=True, decisive=stakes.decides[rule])
                # It is one rule for all facts for which its two conditions wait.
                found += lanes.of(urgent, worth // _MINOR)
                found += lanes.of({fact: share for fact, share in urgent.items() if fact not in own}, 0, rule=True)
            elif truth == TRUE and rule in stakes.topics:
                found += lanes.of(urgent, stakes.worth[rule] // _MINOR, rule=True)
        if len(self) >= _NEWS:
            self.clear()
        self[news] = found
        return found


_Stands: TypeAlias = "list[Table[bytes, Stand]]"


def _stands(stakes: Stakes, cells: Cells) -> _Stands:
    """Return what is kept of those cells that matter."""

    def table(number: int, cell: Cell) -> Table[bytes, Stand]:
        idle: list[Stand] = []
        rules = [rule for _, rule in stakes.cells[number]]

        def work_out(key: bytes) -> Stand:
            seen = cell.seen(key)
            if all(seen.truth(rule) == FALSE for rule in rules):
                # All is ruled out, as by many keys: they share what is kept.
                if not idle:
                    idle.append(Stand(stakes, number, cell, Record(cell, key, seen)))
                return idle[0]
            return Stand(stakes, number, cell, Record(cell, key, seen))

        return Table(cell.room, work_out)

    found: _Stands | None = cells.beside.get(stakes)
    if found is None:
        made = [table(number, cells.rules[cell]) for number, cell in enumerate(stakes.chosen)]
        found = cells.beside.setdefault(stakes, made)
    return found


class Waiting:
    """What waits for which facts in one case; facts are named by their numbers.

    Attributes:
        lanes: how to read ``found``.
        found: for each fact what pulls at it, 0 where nothing does.
        further: facts at which perhaps nothing pulls, but which could change the reasons or the place of a line.
    """

    def __init__(self, case: Case) -> None:
        self._stakes = stakes(case.corpus)
        self._facts = case.facts
        self._cells = case.decided.cells
        self._states = case.decided.states
        self.lanes = self._stakes.lanes
        known = self._stakes
        self._stands = list(map(getitem, _stands(known, self._cells), known.keys(case.decided)))
        # Where many cells stand alike, each mark is joined once.
        marks = reduce(or_, set(map(_MARKS, self._stands)), 0)
        advised, further, said, silent, finishing = known.marks.apart(marks)
        self._aiming = known.targets.belonging(advised)
        """The rules that could set aside what is or may yet be advised."""
        new = known.always_new | known.sources.belonging(known.all_sources & ~said)
        news = new & known.speaking | self._aiming
        """The rules that would add a line or set one aside, and not only give one more reason."""
        total = sum(map(getitem, self._stands, news.to_bytes(len(self._stands), "little")))
        self.found = self.lanes.each(total)
        self.further = self._finishing(further, silent, finishing)

    def _finishing(self, found: int, silent: int, finishing: int) -> int:
        """Return the unknown facts that may no longer change any line, but its reasons or its place."""
        known = self._stakes
        if silent:
            for rule, bit in known.silent.items():
                if bit & silent and known.bit_of[rule] & self._aiming:
                    found |= known.further(self._stands[known.cell_of[rule]].record, rule)
        # Not tests of any rule, but of the ranking of lines and precedents.
        others = known.phases_in_scope if finishing & _PHASES else 0
        if finishing & _MEASURES:
            others |= known.measures_proposed
        cited = finishing // _PRECEDENTS
        if cited & cited - 1:  # more than one
            told, kinds = known.compared[cited]
            others |= told
            for finding in kinds:
                found |= self._cells.behind(self._states, finding).facts
        return found | others & ~reduce(or_, map(known.fact_bits.__getitem__, self._facts), 0)

    def on_the_table(self, leading: Iterable[str]) -> int:
        """Return the facts each of which alone could decide on something proposed or leading, as a set of bits.

        Args:
            leading: the elements that are among the headlines.
        """
        known = self._stakes
        measures = self._facts.get("measures_proposed")
        elements = known.proposable.intersection(leading)
        for measure in measures if isinstance(measures, tuple) else ():
            elements.update(known.proposed_by.get(measure, ()))
        counting, stands, found = known.speaking | self._aiming, self._stands, 0
        for element in elements:
            for bit, cell, place in known.deciding_on.get(element, ()):
                if bit & counting:
                    found |= stands[cell].record.alone(place)
        return found


_MARKS = attrgetter("marks")


def open_by_topic(case: Case) -> dict[str, int]:
    """Return for each topic with open rules what waits for each fact, in lanes, and how many rules, above all lanes."""
    known = stakes(case.corpus)
    tables = _stands(known, case.decided.cells)
    found: dict[str, int] = {}
    for stand in map(getitem, tables, known.keys(case.decided)):
        for topic, waits in stand.topics.items():
            found[topic] = found.get(topic, 0) + waits
    return found
