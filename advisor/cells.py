"""Cells: conditions that look at much the same tests, a few together, and what they come to for each outcome of these.

What a rule comes to in a case, and for which facts it waits, depends on no more than the outcomes of its own tests and
on what is behind the findings that it names. Situations differ, but such a small part of one recurs in others. So the
rules are parted into cells of a few that look at the same facts; what a cell sees of a case is a short string of bytes,
its key; and what follows from a key is worked out once and kept. The same is done for findings, level by level, each
level after those on which it depends: what a finding comes to is a number, and those who name it see that in their key.

A case is then read by looking up one key for each cell. The parting is made once for a corpus (``Layout``). What is
kept (``Cells``) is shared between threads and bounded: each table is emptied when it is full, and all of them are given
up for new ones when the numbers of findings run out. A key always says the same, so it doesn't matter who looks first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from math import log2
from operator import getitem, itemgetter
from struct import unpack
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from advisor.conditions import Facts, Value
from advisor.index import Index
from advisor.sieve import Sieve

UNKNOWN, TRUE, FALSE = 0, 1, 2

Shares: TypeAlias = "dict[int, int]"
"""For facts, by their numbers, the share of each in a decision: one part in so many."""

MAX_RULES = 8
"""The most rules in a cell."""
_MAX_TESTS = 7
"""The most tests of a fact that are seen in one byte; its highest bit says that the fact is known."""
_KNOWN = 1 << _MAX_TESTS
_SPREAD = 8.0
"""Rules are put into one cell while its keys are estimated to differ in no more bits than this."""
_CANDIDATES = 16
"""So many cells of each fact and finding are considered for a further rule."""
_KEYS, _KEYS_EACH = 7 << 12, 64
"""How many keys are kept: so many in all tables together, and so many in each table in any case."""
_CODES = 1 << 15
"""How many different things that may be behind findings are kept."""
_PAGE = 255
"""So many states are picked from at once."""
_BLOCK = 1 << 10
"""So many keys are picked together."""
_VALUES = 1 << 8
"""How many values of a fact are kept."""

K = TypeVar("K")
T = TypeVar("T")


class Group(NamedTuple):
    """What a cell is about.

    Attributes:
        gates: the rules, with their ``pressing_when``, or the findings.
        tests: the tests at which their conditions look.
        findings: the findings that they name.
    """

    gates: tuple[int, ...]
    tests: frozenset[int]
    findings: frozenset[int]


class Site(NamedTuple):
    """Where a cell finds what it looks at.

    Attributes:
        gates: the conditions of the cell.
        views: the tests that each byte of its key tells of, in order.
        findings: the findings that the bytes after these tell of.
        places: where in the states of a case the bytes of its key stand.
    """

    gates: tuple[int, ...]
    views: tuple[tuple[int, ...], ...]
    findings: tuple[int, ...]
    places: tuple[int, ...]


class Reader:
    """Reads the keys of some cells from the states of a case, all at once."""

    def __init__(self, sites: Iterable[Site]) -> None:
        chosen = [site.places for site in sites]
        self._parts = "".join(f"{len(places)}s" for places in chosen)
        self._blocks: list[tuple[int, list[tuple[int, bytes]]]] = []
        for start in range(0, len(chosen), _BLOCK):
            places = [place for found in chosen[start : start + _BLOCK] for place in found]
            # Bytes are picked by translation, which knows 256 of them: of each page the states there, and 0 for others.
            pages = sorted({place // _PAGE for place in places})
            patterns = [
                (page * _PAGE, bytes(place % _PAGE if place // _PAGE == page else _PAGE for place in places))
                for page in pages
            ]
            self._blocks.append((len(places), patterns))

    def __call__(self, states: bytearray) -> tuple[bytes, ...]:
        """Return a key for each cell."""
        return unpack(self._parts, b"".join([_picked(states, *block) for block in self._blocks]))


def _picked(states: bytearray, size: int, patterns: Iterable[tuple[int, bytes]]) -> bytes:
    found = 0
    for start, pattern in patterns:
        page = states[start : start + _PAGE].ljust(256, b"\0")
        found |= int.from_bytes(pattern.translate(page), "little")
    return found.to_bytes(size, "little")


class _Level(NamedTuple):
    """Findings that depend on none but those of earlier levels."""

    sites: tuple[Site, ...]
    reader: Reader
    span: slice


class Layout:
    """How the conditions of a corpus are parted into cells; frozen, and shared between threads.

    Attributes:
        index: the corpus's index.
        sites: the cells of the rules.
        site_of: for each rule and each ``pressing_when`` the number of its cell, and its place in it.
        levels: the cells of the findings, level by level.
        code_at: for each finding where its number begins in the states of a case.
        codes_from: where the first of these numbers begins; nothing comes after them.
        code_bytes: of how many bytes such a number is.
        codes: with how many of them an end is to be made.
        tables: how many tables are kept.
        in_order: brings what is said of each finding into their order, after two that say nothing.
        keys: reads the keys of all cells of rules.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._looks: dict[int, frozenset[int]] = {}
        self.codes = max(_CODES, 4 * len(index.findings))
        self.code_bytes = ((2 * self.codes).bit_length() + 7) // 8
        levels = [self._parted(map(self._of_finding, level)) for level in self._finding_levels()]
        deriving = [bool(derived) for derived in index.derives]
        press_of = {rule: node for node, rule in index.presses.items()}
        groups: list[Group] = []
        for kind in (False, True):
            rules = [rule for rule in range(len(index.rules)) if deriving[rule] is kind]
            groups += self._parted(
                self._group((rule, press_of[rule]) if rule in press_of else (rule,)) for rule in rules
            )
        self._place_views([group for level in (*levels, groups) for group in level])
        self.codes_from = start = self._size
        self.code_at: dict[int, int] = {}
        spans: list[slice] = []
        for level in levels:
            for finding in (gate for group in level for gate in group.gates):
                self.code_at[finding] = self._size
                self._size += self.code_bytes
            spans.append(slice(start, self._size))
            start = self._size
        self.sites = tuple(map(self._site, groups))
        self.keys = Reader(self.sites)
        self.site_of = {
            gate: (number, place) for number, site in enumerate(self.sites) for place, gate in enumerate(site.gates)
        }
        places = ((self.code_at[node] - self.codes_from) // self.code_bytes for node in index.findings.values())
        self.in_order = itemgetter(0, 0, *places)
        self.levels: list[_Level] = []
        for level, span in zip(levels, spans, strict=True):
            sites = tuple(map(self._site, level))
            self.levels.append(_Level(sites, Reader(sites), span))
        self.tables = len(self.sites) + sum(len(level.sites) for level in self.levels)
        del self._looks, self._view_at  # nobody asks again, and a layout is kept on disk

    def blank(self) -> bytearray:
        """Return the states of a case of which nothing is known, and whose findings are yet to be read."""
        return bytearray(self._size)

    @cached_property
    def looks(self) -> Mapping[str, tuple[slice, Sieve, tuple[tuple[int, ...], ...]]]:
        """For each fact that is tested: where its bytes stand, its sieve, and the tests that each byte tells of."""
        return {
            name: (span, self.index.sieves[name], tuple(views)) for name, (span, views) in self._views_of_facts.items()
        }

    def _finding_levels(self) -> Iterator[list[int]]:
        depths: dict[int, int] = {}

        def depth(finding: int) -> int:
            if finding not in depths:
                below = {node for node in self._looked_at(finding) if self.index.is_finding(node)}
                depths[finding] = 1 + max(map(depth, below), default=0)
            return depths[finding]

        findings = sorted(self.index.findings.values())
        for level in range(1, 1 + max(map(depth, findings), default=0)):
            yield [finding for finding in findings if depths[finding] == level]

    def _looked_at(self, node: int) -> frozenset[int]:
        """Return the tests and findings of which a gate's condition is made."""
        found = self._looks.get(node)
        if found is None:
            parts = self.index.parts[node]
            found = self._looks[node] = frozenset().union(*map(self._seen_as_part, parts))
        return found

    def _seen_as_part(self, node: int) -> frozenset[int]:
        single = self.index.fact_of[node] >= 0 or self.index.is_finding(node)
        return frozenset((node,)) if single else self._looked_at(node)

    def _of_finding(self, finding: int) -> Group:
        looks = frozenset().union(*map(self._looked_at, self.index.parts[finding]))
        return self._grouped((finding,), looks)

    def _group(self, gates: tuple[int, ...]) -> Group:
        return self._grouped(gates, frozenset().union(*map(self._looked_at, gates)))

    def _grouped(self, gates: tuple[int, ...], looks: frozenset[int]) -> Group:
        findings = frozenset(filter(self.index.is_finding, looks))
        return Group(gates, looks - findings, findings)

    def _parted(self, singles: Iterable[Group]) -> list[Group]:
        """Return groups put together where they look at much the same: a cell that sees more has more keys."""
        looks = [(group, self._inputs(group)) for group in singles]
        ordered = sorted(((_bits(inputs), group.gates, group, inputs) for group, inputs in looks), key=_richest)
        cells: list[_Growing] = []
        having: dict[int, list[_Growing]] = {}
        for own, _, group, inputs in ordered:
            most = max(_SPREAD, own)
            best: tuple[float, int] | None = None
            for one in inputs:
                for cell in having.get(one, ())[-_CANDIDATES:]:
                    if len(cell.groups) < MAX_RULES:
                        more = cell.more(inputs)
                        if cell.bits + more <= most and (best is None or (more, cell.number) < best):
                            best = (more, cell.number)
            if best is None:
                cells.append(_Growing(len(cells)))
            cell = cells[-1 if best is None else best[1]]
            cell.take(group, inputs)
            for one in inputs:
                known = having.setdefault(one, [])
                if cell not in known[-_CANDIDATES:]:
                    known.append(cell)
        return [cell.whole() for cell in cells]

    def _inputs(self, group: Group) -> dict[int, set[int]]:
        """Return at what a group looks: the tests by their facts, and the findings by numbers below zero."""
        found: dict[int, set[int]] = {~finding: {finding} for finding in group.findings}
        for test in group.tests:
            found.setdefault(self.index.fact_of[test], set()).add(test)
        return found

    def _place_views(self, groups: Iterable[Group]) -> None:
        """Give each fact its bytes: one for each choice of its tests at which some cell looks."""
        by_fact: dict[int, dict[tuple[int, ...], None]] = {}
        for group in groups:
            for fact, views in self._views(group):
                by_fact.setdefault(fact, {}).update(dict.fromkeys(views))
        self._size = 1
        self._view_at: dict[tuple[int, ...], int] = {}
        self._views_of_facts: dict[str, tuple[slice, list[tuple[int, ...]]]] = {}
        for fact, chosen in sorted(by_fact.items()):
            self._view_at.update((view, self._size + number) for number, view in enumerate(chosen))
            span = slice(self._size, self._size + len(chosen))
            self._views_of_facts[self.index.facts[fact]] = (span, list(chosen))
            self._size += len(chosen)

    def _views(self, group: Group) -> list[tuple[int, list[tuple[int, ...]]]]:
        by_fact: dict[int, list[int]] = {}
        for test in sorted(group.tests):
            by_fact.setdefault(self.index.fact_of[test], []).append(test)
        return [
            (fact, [tuple(tests[start : start + _MAX_TESTS]) for start in range(0, len(tests), _MAX_TESTS)])
            for fact, tests in sorted(by_fact.items())
        ]

    def _site(self, group: Group) -> Site:
        views = tuple(view for _, chosen in self._views(group) for view in chosen)
        findings = tuple(sorted(group.findings))
        places = [self._view_at[view] for view in views]
        places += (self.code_at[finding] + byte for finding in findings for byte in range(self.code_bytes))
        return Site(group.gates, views, findings, tuple(places))


# About how many bits tell apart what so many tests of a fact say (more hardly add to it), and what a finding comes to.
_TEST_BITS = tuple(log2(1 + 2**count) if count else 0.0 for count in range(4))
_FINDING_BITS = 1.6


def _weight(one: int, count: int) -> float:
    return _TEST_BITS[min(count, 3)] if one >= 0 else _FINDING_BITS * min(count, 1)


def _bits(inputs: Mapping[int, set[int]]) -> float:
    return sum(_weight(one, len(nodes)) for one, nodes in sorted(inputs.items()))


def _richest(ordered: tuple[float, tuple[int, ...], Group, Mapping[int, set[int]]]) -> tuple[float, tuple[int, ...]]:
    return -ordered[0], ordered[1]


class _Growing:
    """A cell while groups are put into it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.groups: list[Group] = []
        self.bits = 0.0
        self._inputs: dict[int, set[int]] = {}

    def more(self, inputs: Mapping[int, set[int]]) -> float:
        """Return by how many bits more its keys would be told apart if it saw this, too."""
        found = 0.0
        for one, nodes in inputs.items():
            known = self._inputs.get(one)
            if known is None:
                found += _weight(one, len(nodes))
            elif not nodes <= known:
                found += _weight(one, len(known | nodes)) - _weight(one, len(known))
        return found

    def take(self, group: Group, inputs: Mapping[int, set[int]]) -> None:
        """Take a group in."""
        self.bits += self.more(inputs)
        self.groups.append(group)
        for one, nodes in inputs.items():
            self._inputs.setdefault(one, set()).update(nodes)

    def whole(self) -> Group:
        """Return all groups as one."""
        return Group(
            gates=tuple(gate for group in self.groups for gate in group.gates),
            tests=frozenset().union(*(group.tests for group in self.groups)),
            findings=frozenset().union(*(group.findings for group in self.groups)),
        )


class _Told(dict[Value, bytes]):
    """What the cells see of a fact, for each of its values."""

    def __init__(self, look: tuple[slice, Sieve, tuple[tuple[int, ...], ...]]) -> None:
        self.span, self._sieve, self._views = look
        self._by_tests: dict[tuple[int, ...], bytes] = {}

    def __missing__(self, value: Value) -> bytes:
        passed = tuple(self._sieve.passed(value))
        found = self._by_tests.get(passed)
        if found is None:
            holding = set(passed)
            found = bytes(
                _KNOWN | sum(1 << place for place, test in enumerate(view) if test in holding) for view in self._views
            )
            _keep(self._by_tests, _VALUES, passed, found)
        _keep(self, _VALUES, value, found)
        return found


def _keep(table: dict[Any, T], most: int, key: object, value: T) -> None:
    if len(table) >= most:
        table.clear()
    table[key] = value


class Behind(NamedTuple):
    """What is behind an undecided finding.

    Attributes:
        shares: the facts that could decide it.
        facts: the same as a set of bits.
        alone: those each of which alone could make it true, as a set of bits.
    """

    shares: Shares
    facts: int
    alone: int


_NOTHING = Behind({}, 0, 0)
_TRUTH_OF = bytes(byte if byte in (TRUE, FALSE) else UNKNOWN for byte in range(256))
"""By the last byte of a finding's number its truth: true and false are numbers, and no other ends as they do."""


class Seen:
    """What one key says: the truth of each test of its cell, and what each finding comes to."""

    def __init__(self, index: Index, truths: dict[int, int], behind: Mapping[int, Behind]) -> None:
        self._index = index
        self._truths = truths
        self._behind = behind

    def truth(self, node: int) -> int:
        """Return whether a node is unknown, true or false."""
        found = self._truths.get(node)
        if found is None:
            parts = [self.truth(part) for part in self._index.parts[node]]
            at_once, one_by_one = (FALSE, TRUE) if self._index.is_all[node] else (TRUE, FALSE)
            found = at_once if at_once in parts else UNKNOWN if UNKNOWN in parts else one_by_one
            self._truths[node] = found
        return found

    def shares(self, node: int) -> Shares:
        """Return the facts that could decide an undecided node, each with its share."""
        fact = self._index.fact_of[node]
        if fact >= 0:
            return {fact: 1}
        if node in self._behind:
            return self._behind[node].shares
        parts = [self.shares(part) for part in self._index.parts[node] if not self.truth(part)]
        if len(parts) == 1:
            return parts[0]
        times = len(parts) ** 2 if self._index.is_all[node] else 1
        found: Shares = {}
        for part in parts:
            for one, share in part.items():
                if found.get(one, share * times) >= share * times:
                    found[one] = share * times
        return found

    def alone(self, node: int) -> int:
        """Return the facts each of which alone could make an undecided node true, as a set of bits."""
        fact = self._index.fact_of[node]
        if fact >= 0:
            return 1 << fact
        if node in self._behind:
            return self._behind[node].alone
        first, *rest = (self.alone(part) for part in self._index.parts[node] if not self.truth(part))
        for part in rest:
            first = first & part if self._index.is_all[node] else first | part
        return first

    def further(self, node: int) -> int:
        """Return the facts that could decide what is undecided in a condition that holds, as a set of bits."""
        truth = self.truth(node)
        if truth == UNKNOWN:
            return bits(self.shares(node))
        found = 0
        if truth == TRUE and not self._index.is_finding(node):
            for part in self._index.parts[node]:
                found |= self.further(part)
        return found


def bits(numbers: Iterable[int]) -> int:
    """Return some numbers as a set of bits."""
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def members(found: int) -> Iterator[int]:
    """Yield the numbers in a set of bits."""
    while found:
        lowest = found & -found
        yield lowest.bit_length() - 1
        found ^= lowest


class Record:
    """What the rules of a cell come to for one key.

    Attributes:
        key: the key.
        truths: for each of its gates whether it is unknown, true or false.
        shares: for each of them the facts that could decide it; none where it is decided.
        further: for each of them those that could decide what is undecided in it, as a set of bits; none where it is
            false.
    """

    __slots__ = ("_alone", "_cell", "further", "key", "shares", "truths")

    def __init__(self, cell: Cell, key: bytes, seen: Seen) -> None:
        self._cell = cell
        self.key = key
        self.truths = bytes(map(seen.truth, cell.site.gates))
        self.shares = tuple(
            {} if truth else seen.shares(gate) for gate, truth in zip(cell.site.gates, self.truths, strict=True)
        )
        self.further = tuple(
            seen.further(gate) if truth == TRUE else bits(shares)
            for gate, truth, shares in zip(cell.site.gates, self.truths, self.shares, strict=True)
        )
        self._alone: dict[int, int] | None = None

    def alone(self, place: int) -> int:
        """Return the facts each of which alone could make the gate at a place true, as a set of bits."""
        kept = self._alone
        if kept is None:
            kept = self._alone = {}
        found = kept.get(place)
        if found is None:
            gate = self._cell.site.gates[place]
            found = kept[place] = 0 if self.truths[place] else self._cell.seen(self.key).alone(gate)
        return found


class Room:
    """For how many keys there is room, in all tables together."""

    def __init__(self, most: int, each: int) -> None:
        """Take how many keys are kept together, and how many each table may keep in any case."""
        self.most = most
        self.each = each
        self.kept = 0
        self.lock = threading.Lock()


class Table(dict[K, T], Generic[K, T]):
    """What is kept for each key: worked out when it is first asked for; all is forgotten when there is no more room."""

    def __init__(self, room: Room, work_out: Callable[[K], T]) -> None:
        self._room = room
        self._work_out = work_out

    def __missing__(self, key: K) -> T:
        found = self._work_out(key)
        room = self._room
        with room.lock:
            # Tables that grow are those that are looked into with ever new keys.
            if room.kept >= room.most and len(self) >= room.each:
                room.kept -= len(self)
                self.clear()
            room.kept += key not in self
            self[key] = found
        return found


class Cell:
    """A cell with what is kept for it.

    Attributes:
        site: where it finds what it looks at.
        room: for how many keys there is room.
        records: for keys what its rules come to.
    """

    def __init__(self, cells: Cells, site: Site) -> None:
        self._cells = cells
        self.site = site
        self.room = cells.room
        self.records: Table[bytes, Record] = Table(self.room, self.record)

    def record(self, key: bytes) -> Record:
        """Return what its rules come to for a key, worked out anew."""
        return Record(self, key, self.seen(key))

    def seen(self, key: bytes) -> Seen:
        """Return what a key says."""
        return self._cells.seen(self.site, key)


class Cells:
    """What is kept of all cells of a corpus.

    Attributes:
        layout: how the conditions are parted into cells.
        room: for how many keys there is room.
        rules: the cells of the rules.
        beside: what others keep by the keys of these cells.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.room = Room(max(_KEYS, _KEYS_EACH * layout.tables), _KEYS_EACH)
        self.rules = [Cell(self, site) for site in layout.sites]
        self.beside: dict[object, Any] = {}
        self._told = {name: _Told(look) for name, look in layout.looks.items()}
        self._tables = [
            [Table(self.room, lambda key, site=site: self._codes_for(site, key)) for site in level.sites]  # type: ignore[misc]
            for level in layout.levels
        ]
        self._behind: list[Behind] = [_NOTHING] * 3
        self._codes: dict[object, int] = {}
        self._named: dict[frozenset[int], tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self._nothing = layout.blank()
        self._nothing = self.states({})

    @property
    def full(self) -> bool:
        """Whether there is to be an end of keeping."""
        return len(self._behind) > self.layout.codes

    def states(self, facts: Facts) -> bytearray:
        """Return what all cells see of a case: the outcomes of the tests of each fact, and the findings' numbers."""
        states = self._nothing[:]
        known = self._told
        for name, value in facts.items():
            if name in known:
                told = known[name]
                states[told.span] = told[value]
        for level, tables in zip(self.layout.levels, self._tables, strict=True):
            states[level.span] = b"".join(map(getitem, tables, level.reader(states)))
        return states

    def truths(self, states: bytearray) -> bytes:
        """Return for each finding, in order, whether it is unknown, true or false."""
        layout = self.layout
        codes = states[layout.codes_from + layout.code_bytes - 1 :: layout.code_bytes]
        return bytes(layout.in_order(codes)[2:]).translate(_TRUTH_OF) if codes else b""

    def behind(self, states: bytearray, finding: int) -> Behind:
        """Return what is behind a finding; nothing where it is decided."""
        return self._behind[self._code(states, self.layout.code_at[finding])]

    def names(self, facts: frozenset[int]) -> tuple[str, ...]:
        """Return the names of some facts, in the vocabulary's order."""
        found = self._named.get(facts)
        if found is None:
            found = tuple(self.layout.index.facts[fact] for fact in sorted(facts))
            _keep(self._named, _VALUES, facts, found)
        return found

    def _code(self, states: bytes | bytearray, start: int) -> int:
        return int.from_bytes(states[start : start + self.layout.code_bytes])

    def seen(self, site: Site, key: bytes) -> Seen:
        """Return what a key of a cell says."""
        truths: dict[int, int] = {}
        for view, byte in zip(site.views, key, strict=False):
            for place, test in enumerate(view):
                truths[test] = UNKNOWN if not byte else TRUE if byte >> place & 1 else FALSE
        behind: dict[int, Behind] = {}
        start = len(site.views)
        for finding in site.findings:
            code = self._code(key, start)
            start += self.layout.code_bytes
            truths[finding] = _TRUTH_OF[code & 0xFF]
            if not truths[finding]:
                behind[finding] = self._behind[code]
        return Seen(self.layout.index, truths, behind)

    def _codes_for(self, site: Site, key: bytes) -> bytes:
        """Return the numbers of a cell's findings."""
        seen = self.seen(site, key)
        found = b""
        for finding in site.gates:
            code = seen.truth(finding)
            if not code:
                shares = seen.shares(finding)
                code = self._number(Behind(shares, bits(shares), seen.alone(finding)))
            found += code.to_bytes(self.layout.code_bytes)
        return found

    def _number(self, behind: Behind) -> int:
        key = (frozenset(behind.shares.items()), behind.alone)
        with self._lock:
            code = self._codes.get(key)
            if code is None:
                while _TRUTH_OF[len(self._behind) & 0xFF]:
                    self._behind.append(_NOTHING)
                self._behind.append(behind)
                code = self._codes[key] = len(self._behind) - 1
            return code
