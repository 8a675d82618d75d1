"""Through which changed entry a line of advice differs between two corpora.

A line differs because a rule behind it fires in one corpus and not in the other, or because what the rule and its
lesson say differs. Where a rule fires otherwise, its condition may have changed, which is found by trying the old
condition on the new findings; or findings that it needs may hold otherwise, which are followed down to the rules that
derive them. So each difference ends at entries that were themselves added, changed or removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from advisor.applications import canonical
from advisor.case import Case
from advisor.conditions import Condition, FactTest, FindingIs, Truth, evaluate, leaves
from advisor.rule import Rule
from advisor.standing import targets_of
from advisor.told_lines import Reason, ToldChange, ToldKey, ToldLine, line_changes
from advisor.touched import Change

REORDERED = "order"
"""Stands for a change of the order in which entries are written."""


_MINOR: frozenset[ToldChange] = frozenset(
    (
        "other_reasons",
        "reworded",
        "other_safeguards",
        "made_provisional",
        "no_longer_provisional",
        "provisional_otherwise",
    )
)
"""Changes that move no line among the headlines."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a line differs, and through what.

    Attributes:
        changes: the ways in which it differs.
        causes: the changed entries through which it does, as ``kind:id``, or ``REORDERED``.
        through: rules that did not change themselves, by way of which the causes work.
        displaced: whether it says what it said, and other lines took its place among the headlines or made room.
    """

    changes: tuple[ToldChange, ...]
    causes: frozenset[str]
    through: tuple[str, ...]
    displaced: bool


class Attribution:
    """The causes of the differences between the advice of two corpora on one situation."""

    def __init__(self, change: Change, before: Case, after: Case) -> None:
        self._change = change
        self._before = before
        self._after = after

    def differences(
        self, before: Mapping[ToldKey, ToldLine], after: Mapping[ToldKey, ToldLine]
    ) -> dict[ToldKey, Difference]:
        """Return for each line that differs how, and through what.

        Args:
            before: the lines of advice in the old corpus.
            after: those in the new one.
        """
        kinds = {
            key: changes for key in {*before, *after} if (changes := line_changes(before.get(key), after.get(key)))
        }
        causes = {key: frozenset(self._causes(before.get(key), after.get(key))) for key in kinds}
        # A line that differs in nothing but its place among the headlines gave way to others, or took their place.
        moving = frozenset().union(*(causes[key] for key in kinds if not _MINOR.issuperset(kinds[key])))
        others = moving or frozenset().union(*causes.values()) or frozenset([REORDERED])
        return {
            key: Difference(
                changes=kinds[key],
                causes=causes[key] or others,
                through=tuple(self._through(before.get(key), after.get(key))),
                displaced=not causes[key],
            )
            for key in kinds
        }

    def _through(self, before: ToldLine | None, after: ToldLine | None) -> Iterator[str]:
        """Yield the rules behind a line that fire otherwise although they did not change."""
        names = {rule for rule, _ in self._different_pairs(before, after) if rule is not None}
        yield from sorted(name for name in names if f"rules:{name}" not in self._change.entries)

    def _causes(self, before: ToldLine | None, after: ToldLine | None) -> Iterator[str]:
        one, other = _reasons_of(before), _reasons_of(after)
        for pair in self._different_pairs(before, after):
            yield from self._of_reason(pair, one.get(pair), other.get(pair))
        if before is None or after is None:
            return
        entries = self._change.entries
        for lesson in {reason.lesson for reason in {*before.safeguards} ^ {*after.safeguards}}:
            yield from entries & set(self._lesson_refs(lesson))
        if before.state.provisional != after.state.provisional:
            yield from self._of_provisional(before)
        own = (before.title, before.about) != (after.title, after.about)
        if own or before.headline != after.headline or before.state != after.state or before.words != after.words:
            # What ranks, names or places a line beside its reasons: its element, the weight of its lessons.
            yield from entries & {f"elements:{before.id}", f"lessons:{before.id}", f"precedents:{before.id}"}
            for reason in (*before.reasons, *after.reasons):
                yield from entries & {*self._lesson_refs(reason.lesson), *self._finding_refs(reason.rule)}
            if own:
                yield from entries & {f"element_groups:{before.about[0]}", f"element_groups:{after.about[0]}"}

    def _different_pairs(self, before: ToldLine | None, after: ToldLine | None) -> list[tuple[str | None, str | None]]:
        one, other = _reasons_of(before), _reasons_of(after)
        pairs = {*one, *other}
        return sorted(
            (pair for pair in pairs if one.get(pair) != other.get(pair)),
            key=lambda pair: (pair[0] or "", pair[1] or ""),
        )

    def _of_reason(
        self, pair: tuple[str | None, str | None], one: Reason | None, other: Reason | None
    ) -> Iterator[str]:
        name, lesson = pair
        entries = self._change.entries
        found: set[str] = set()
        if one is not None and other is not None:
            if one.of_lesson != other.of_lesson or one.strength != other.strength:
                found |= entries & set(self._lesson_refs(lesson))
            if one.of_rule != other.of_rule or (one.strength != other.strength and not found):
                found |= set(self._of_rule(name))
        else:
            found |= set(self._of_rule(name))
            if not found:
                found |= entries & set(self._lesson_refs(lesson))
        if not found and name is not None:
            found |= self._change.reaching(name)
        yield from found

    def _of_rule(self, name: str | None) -> Iterator[str]:
        """Yield through what a rule fires in one corpus alone, or says or fires for something else."""
        if name is None:
            return
        if f"rules:{name}" in self._change.entries and self._by_itself(name):
            yield f"rules:{name}"
            if self._is_new_or_gone(name):
                return
        for rule in self._versions(name):
            for condition in (rule.when, rule.pressing_when):
                if condition is not None:
                    yield from self._of_condition(condition, set())

    def _is_new_or_gone(self, name: str) -> bool:
        return name not in self._change.old.rules or name not in self._change.new.rules

    def _by_itself(self, name: str) -> bool:
        """Return whether the change of a rule makes a difference here, and not only that of its findings."""
        old, new = self._change.old.rules.get(name), self._change.new.rules.get(name)
        if old is None or new is None:
            return True
        if (old.title, old.reading, old.note, old.pack, old.then) != (
            new.title,
            new.reading,
            new.note,
            new.pack,
            new.then,
        ):
            return True
        return any(
            self._truth_after(one) != self._truth_after(other) or self._support_differs(one, other)
            for one, other in ((old.when, new.when), (old.pressing_when, new.pressing_when))
        )

    def _truth_after(self, condition: Condition | None) -> Truth:
        """Return the truth of a condition, old or new, on the new findings."""
        return False if condition is None else evaluate(condition, self._after.facts, self._after.truths)

    def _support_differs(self, one: Condition | None, other: Condition | None) -> bool:
        holding = [
            {str(leaf) for leaf in leaves(condition) if evaluate(leaf, self._after.facts, self._after.truths)}
            if condition is not None
            else set()
            for condition in (one, other)
        ]
        return holding[0] != holding[1]

    def _of_condition(self, condition: Condition, seen: set[str]) -> Iterator[str]:
        """Yield the entries through which what a condition tests is otherwise."""
        for leaf in leaves(condition):
            match leaf:
                case FactTest(fact=name):
                    if self._before.facts.get(name) != self._after.facts.get(name):
                        yield from self._change.entries & {f"facts:{name}"}
                case FindingIs(finding=name) if name not in seen:
                    seen.add(name)
                    if self._before.truths.get(name) != self._after.truths.get(name):
                        yield from self._of_finding(name, seen)

    def _of_finding(self, name: str, seen: set[str]) -> Iterator[str]:
        for rule in self._deriving(name):
            old, new = self._change.old.rules.get(rule), self._change.new.rules.get(rule)
            before = evaluate(old.when, self._before.facts, self._before.truths) if old else False
            after = evaluate(new.when, self._after.facts, self._after.truths) if new else False
            derives = [name in one.findings if one else False for one in (old, new)]
            if before == after and derives[0] == derives[1]:
                continue
            if f"rules:{rule}" in self._change.entries and self._by_itself(rule):
                yield f"rules:{rule}"
                if self._is_new_or_gone(rule):
                    continue
            for one in self._versions(rule):
                yield from self._of_condition(one.when, seen)

    def _deriving(self, finding: str) -> list[str]:
        both = (self._change.old.deriving.get(finding, ()), self._change.new.deriving.get(finding, ()))
        return sorted({rule.id for rules in both for rule in rules})

    def _versions(self, name: str) -> list[Rule]:
        both = (self._change.old.rules.get(name), self._change.new.rules.get(name))
        return [rule for rule in both if rule is not None]

    # --- lines that could be set aside ---

    def _of_provisional(self, line: ToldLine) -> Iterator[str]:
        names = {line.id, *(reason.lesson for reason in line.reasons if reason.lesson)}
        one, other = self._hanging
        for name in sorted({*one, *other}):
            if one.get(name) == other.get(name):
                continue
            targets = {target for targets, _ in filter(None, (one.get(name), other.get(name))) for target in targets}
            if targets & names:
                found = set(self._of_rule(name)) or self._change.reaching(name)
                yield from found or self._of_waiting(name)

    def _of_waiting(self, name: str) -> Iterator[str]:
        """Yield the changed rules among those for whose findings an open rule waits."""
        pending, seen = [name], {name}
        while pending:
            for rule in self._versions(pending.pop()):
                for leaf in leaves(rule.when):
                    for other in self._deriving(leaf.finding) if isinstance(leaf, FindingIs) else ():
                        if other not in seen:
                            seen.add(other)
                            pending.append(other)
        yield from self._change.entries & {f"rules:{one}" for one in seen}

    @cached_property
    def _hanging(self) -> tuple[dict[str, tuple[frozenset[str], tuple[str, ...]]], ...]:
        """For each corpus the open rules that could set something aside: their targets and the facts they wait for."""
        return tuple(
            {
                rule.id: (frozenset(_targets(case, rule)), case.deciding(rule.id))
                for rule in case.open_rules
                if any(map(targets_of, rule.then))
            }
            for case in (self._before, self._after)
        )

    # --- what a reason names ---

    def _lesson_refs(self, lesson: str | None) -> Iterator[str]:
        for corpus in (self._change.old, self._change.new):
            if lesson is None or lesson not in corpus.lessons:
                continue
            stated = corpus.lessons[lesson]
            related = [other for _, _, other in corpus.relations.get(lesson, ())]
            for one in (stated, corpus.lessons[canonical(stated)], *related):
                # Where the lesson itself changed, or came with its place and source, that says it all.
                refs = (f"lessons:{one.id}", f"places:{one.place}", f"sources:{corpus.source_of(one.place)}")
                yield from [ref for ref in refs if ref in self._change.entries][:1]

    def _finding_refs(self, rule: str | None) -> Iterator[str]:
        for one in self._versions(rule or ""):
            yield from (f"findings:{leaf.finding}" for leaf in leaves(one.when) if isinstance(leaf, FindingIs))


def _reasons_of(line: ToldLine | None) -> dict[tuple[str | None, str | None], Reason]:
    return {reason.pair: reason for reason in (*line.reasons, *line.against)} if line is not None else {}


def _targets(case: Case, rule: Rule) -> Iterable[str]:
    lessons = case.corpus.lessons
    for target in (name for then in rule.then for name in targets_of(then)):
        yield target
        if target in lessons:
            yield canonical(lessons[target])
