"""Matching: which rules hold, found step by step as the facts of a case are told and findings derived.

Each rule is filed once for a corpus under what it needs: a rule of several tests under the one that holds most rarely,
there under the next, and so on; a rule that needs findings under each of these. What holds in a case is a set; at each
place, what is filed there and holds is the intersection of two sets. So a run looks only at rules of which the rarest
part holds, and never at the others, however many there are. ``docs/matching.md`` says why no rule is missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple, TypeAlias

from advisor.conditions import Facts
from advisor.index import Index

Atom: TypeAlias = "int | str"
"""What is true or not in one piece: a test on a fact, by its node in the index, or a finding, by its id."""

_DEPTH = 4
"""After so many parts of a condition, rules are no longer filed apart but looked at one by one."""
_PRODUCT = 8
"""An ``any`` inside an ``all`` is filed part by part where that makes no more than so many branches."""
_FINDING_HOLDS = 0.25
"""How often a finding is taken to hold; for tests it is counted."""


class Joined(NamedTuple):
    """A condition that isn't just an ``any`` of tests and findings; these are plain sets of atoms.

    Attributes:
        is_all: whether all its parts must hold, or one is enough.
        atoms: the tests and findings among its parts.
        others: its other parts.
    """

    is_all: bool
    atoms: frozenset[Atom]
    others: tuple[Gate, ...]


Gate: TypeAlias = "frozenset[Atom] | Joined"


Branch: TypeAlias = "tuple[str, frozenset[Atom], tuple[Gate, ...]]"
"""One of the ways in which a rule holds: the rule, the tests and findings that must all hold, conditions besides."""

Place: TypeAlias = "tuple[frozenset[Atom], tuple[str, ...], tuple[Branch, ...], Mapping[Atom, Place]]"
"""Where branches are filed that have the same parts first. A plain tuple, which Python takes apart fastest, of

- parts of which one must hold for any branch here to hold, or be found further on;
- the rules that hold as soon as the parts do that lead here;
- the branches that are looked at one by one;
- for each part under which others are filed in turn, where that is.

With many rules, most places that a run comes to lead no further; so that is asked first, of one set.
"""

_Filed: TypeAlias = "tuple[list[Atom], Branch]"
"""A branch, and the parts under which it is yet to be filed."""


class Register:
    """Where each rule of a corpus is filed; made once, and shared between threads.

    Attributes:
        index: the corpus's index.
        alone: for each test and finding, the rules that hold as soon as it does.
        places: for each, what is filed under it besides.
        pressing: for each rule that may be pressing, when it is.
        derives: for each rule that derives findings, which.
    """

    def __init__(self, index: Index, told: Iterable[Facts] = ()) -> None:
        """File the rules.

        Args:
            index: their conditions.
            told: situations such as will be told, from which it is counted how often a test holds. They make no
                difference to what is found, only to how fast.
        """
        self.index = index
        self._names = {node: name for name, node in index.findings.items()}
        self._gates: dict[int, Gate] = {}
        branches: list[Branch] = [
            (rule, *found) for node, rule in enumerate(index.rules) for found in self._branches(node)
        ]
        rank = self._rank(branches, list(told))
        filed: dict[Atom, list[_Filed]] = {}
        for branch in branches:
            _, atoms, gates = branch
            findings = dict.fromkeys(atom for atom in atoms if isinstance(atom, str))
            order = sorted(atoms, key=rank) if len(atoms) > 1 else list(atoms)
            if not findings:
                filed.setdefault(order[0], []).append((order[1:_DEPTH], branch))
            for gate in gates:
                findings.update(dict.fromkeys(_findings_in(gate)))
            for finding in findings:
                rest = [atom for atom in order[: _DEPTH + 1] if atom != finding]
                filed.setdefault(finding, []).append((rest[: _DEPTH - 1], branch))
        places = {atom: _place(atom, found, 1) for atom, found in filed.items()}
        self.alone = {atom: done for atom, (_, done, _, _) in places.items() if done}
        self.places: dict[Atom, Place] = {
            atom: (leads, (), branches, further) for atom, (leads, _, branches, further) in places.items() if leads
        }
        self.pressing = {index.rules[rule]: self._gate(node) for node, rule in index.presses.items()}
        self.derives = {rule: findings for rule, findings in zip(index.rules, index.derives, strict=True) if findings}
        del self._names, self._gates  # nobody asks again, and a register is kept on disk

    def _rank(self, branches: Iterable[Branch], told: Sequence[Facts]) -> Callable[[Atom], tuple[float, int, str]]:
        """Return the key by which the parts of a branch are sorted: what holds most rarely first."""
        holds: Counter[Atom] = Counter()
        for facts in told:
            for name, value in facts.items():
                if name in self.index.sieves:
                    holds.update(self.index.sieves[name].passed(value))
        often: Counter[Atom] = Counter()
        for branch in branches:
            often.update(branch[1])
        of_findings = _FINDING_HOLDS * len(told)
        # Of those that hold as often, what fewer rules ask for comes first. The last part makes it the same every time.
        return lambda atom: (of_findings if isinstance(atom, str) else holds[atom], often[atom], str(atom))

    def _atom(self, node: int) -> Atom | None:
        return node if self.index.fact_of[node] >= 0 else self._names.get(node)

    def _branches(self, node: int) -> Iterator[tuple[frozenset[Atom], tuple[Gate, ...]]]:
        """Yield the ways in which a condition holds; each has a test or a finding of its own."""
        atom = self._atom(node)
        if atom is not None:
            yield frozenset((atom,)), ()
        elif not self.index.is_all[node]:
            for part in self.index.parts[node]:
                yield from self._branches(part)
        else:
            atoms, inside = self._flat(node)
            choices = sorted(((list(self._branches(gate)), gate) for gate in inside), key=lambda pair: len(pair[0]))
            found: list[tuple[frozenset[Atom], tuple[Gate, ...]]] = [(atoms, ())]
            kept: list[Gate] = []
            for branches, gate in choices:
                # Without a test or finding of its own it couldn't be filed.
                if len(found) * len(branches) <= _PRODUCT or not found[0][0]:
                    found = [(own | more, gates + others) for own, gates in found for more, others in branches]
                else:
                    kept.append(self._gate(gate))
            yield from ((own, (*gates, *kept)) for own, gates in found)

    def _flat(self, node: int) -> tuple[frozenset[Atom], list[int]]:
        """Return the tests and findings of an ``all``, and the nodes of each ``any`` in it."""
        atoms: set[Atom] = set()
        inside: list[int] = []
        pending = [node]
        while pending:
            for part in self.index.parts[pending.pop()]:
                atom = self._atom(part)
                if atom is not None:
                    atoms.add(atom)
                else:
                    (pending if self.index.is_all[part] else inside).append(part)
        return frozenset(atoms), inside

    def _gate(self, node: int) -> Gate:
        found = self._gates.get(node)
        if found is None:
            parts = [(part, self._atom(part)) for part in self.index.parts[node]]
            atoms = frozenset(atom for _, atom in parts if atom is not None)
            others = tuple([self._gate(part) for part, atom in parts if atom is None])
            is_all = bool(self.index.is_all[node])
            single = not others and (len(atoms) == 1 or not is_all)
            found = self._gates[node] = atoms if single else Joined(is_all, atoms, others)
        return found


def _findings_in(gate: Gate) -> Iterator[str]:
    atoms = gate.atoms if isinstance(gate, Joined) else gate
    yield from (atom for atom in atoms if isinstance(atom, str))
    if isinstance(gate, Joined):
        for other in gate.others:
            yield from _findings_in(other)


_NOWHERE: Mapping[Atom, Place] = {}
_NOTHING: frozenset[Atom] = frozenset()


def _place(last: Atom, filed: Sequence[_Filed], depth: int) -> Place:
    """Return the place of branches.

    Args:
        last: the part that leads here.
        filed: the branches, each with the parts under which it is to be filed from here on.
        depth: how many parts lead here.
    """
    done: list[str] = []
    alone: list[Branch] = []
    leads: set[Atom] = set()
    further: dict[Atom, list[_Filed]] = {}
    for parts, branch in filed:
        rule, atoms, gates = branch
        if not parts and not gates and len(atoms) <= depth:
            done.append(rule)
            continue
        # Where no part is left to go by, what led here holds in any case.
        leads.add(parts[0] if parts else last)
        if parts and len(filed) > 1:
            further.setdefault(parts[0], []).append((parts[1:], branch))
        else:
            alone.append(branch)
    places = {atom: _place(atom, found, depth + 1) for atom, found in further.items()}
    return frozenset(leads) if leads else _NOTHING, tuple(done), tuple(alone), places or _NOWHERE


def holds(gates: Iterable[Gate], true: Set[Atom]) -> bool:
    """Return whether conditions all hold where these tests and findings do."""
    for gate in gates:
        if not isinstance(gate, Joined):
            if gate.isdisjoint(true):
                return False
        elif gate.is_all:
            if not (gate.atoms <= true and holds(gate.others, true)):
                return False
        elif gate.atoms.isdisjoint(true):
            for other in gate.others:
                if holds((other,), true):
                    break
            else:
                return False
    return True


class Matching:
    """The rules that hold in one case. It knows nothing of false: a condition that can't hold is one that never does.

    Used by one thread at a time.
    """

    def __init__(self, register: Register) -> None:
        self._register = register
        self._sieves = {name: sieve.passed for name, sieve in register.index.sieves.items()}
        self._alone, self._places = register.alone, register.places
        self._can_do_alone, self._can_lead_on = frozenset(self._alone), frozenset(self._places)
        self.reset()

    def reset(self) -> None:
        """Forget everything that was told."""
        self._true: set[Atom] = set()
        self._found: set[str] = set()

    def tell(self, facts: Facts) -> set[str]:
        """Tell facts, and return the rules that hold thereby."""
        true, sieves = self._true, self._sieves
        for name, value in facts.items():
            if name in sieves:
                true.update(sieves[name](value))
        return self._look(true)

    def derive(self, findings: Set[Atom]) -> set[str]:
        """Tell findings, and return the rules that hold thereby."""
        self._true |= findings
        return self._look(findings)

    def pressing(self, rules: Iterable[str]) -> set[str]:
        """Return the rules, of these, whose ``pressing_when`` holds."""
        pressing, true = self._register.pressing, self._true
        return {rule for rule in pressing.keys() & rules if holds((pressing[rule],), true)}

    def _look(self, told: Set[Atom]) -> set[str]:
        """Return the rules that hold by what was told last, with all that was told before."""
        true = self._true
        found: set[str] = set()
        found.update(*map(self._alone.__getitem__, self._can_do_alone & told))
        pending = list(map(self._places.__getitem__, self._can_lead_on & told))
        for leads, done, branches, places in pending:
            if done:
                found.update(done)
            if leads.isdisjoint(true):
                continue
            for rule, atoms, gates in branches:
                if atoms <= true and (not gates or holds(gates, true)):
                    found.add(rule)
            if places:
                pending += [places[atom] for atom in leads & true if atom in places]
        found -= self._found
        self._found |= found
        return found
