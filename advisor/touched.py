"""What a change of content can reach: the rules that are touched by it, and when a touched rule makes no difference.

A rule is *touched* if it was added, removed or changed (in more than its tests), or if it names, directly or by way of
others, something that was: a lesson and what restates or is related to it, an element and its safeguards, a finding, a
fact, a precedent, a heading, a place or its source. A touched rule is *idle* in a situation if its condition is false
in both corpora; or, where it is open in one, if it neither sets anything aside nor derives a finding there.

If all touched rules are idle in a situation that both corpora read alike, all lines of the advice are the same in both,
so that nothing need be assembled. For lines are made from the rules that fire, with what these name; from rules that
are open, which make a line provisional if they would set it aside; and, by way of findings, from rules that derive
these. A rule that is false does none of this, and an open one that neither sets aside nor derives only waits for a
question to be answered, which is no line. By induction over the order of findings each finding then has the same truth
in both corpora: an untouched rule has the same condition in both, and a touched one that derives it is false. So the
same untouched rules fire, press and are open on the same facts, with entries that are the same in both corpora. What
lines have of the corpus beside entries is their order, which ranks lines of equal weight; where the entries that both
corpora have stand in another order, every rule counts as touched. ``tests/test_diff.py`` holds this against assembling
everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from advisor.applications import canonical
from advisor.conditions import Facts, FactTest, FindingIs, Truth, evaluate, leaves
from advisor.content_changes import entries_of
from advisor.corpus import Corpus
from advisor.rule import Rule
from advisor.standing import targets_of

_BESIDE = ("examples", "scenarios", "topics", "values", "packs", "invariants")
"""Kinds of entries from which no line is made; a fact has its values in it."""
_UNSEEN: Mapping[str, tuple[str, ...]] = {
    # What questions are made from; that both corpora read a situation alike is seen by reading it.
    "facts": (
        "group", "type", "question", "help", "label", "values", "labels", "unit", "minimum", "maximum", "ask_when",
    ),
    "findings": ("title", "text", "kind", "places"),
    "element_groups": ("title", "text", "place"),
    "elements": ("text", "places", "not_the_same_as"),
    "lessons": ("when", "facts", "note", "no_advice", "kind"),
    "places": ("gist", "kind", "part", "section", "heading", "page", "refers_to", "cites", "no_lesson", "digest"),
    "sources": ("places", "references", "title", "publisher", "occasion", "language"),
}  # fmt: skip
"""Keys of which no line is made, by kind of entry. What is not named here counts as seen."""
_ORDERED = ("packs", "facts", "elements", "element_groups")
"""Kinds whose order ranks lines, or what lines name."""


class Change:
    """A change from one corpus to another.

    Attributes:
        old: the corpus before.
        new: the corpus after.
    """

    def __init__(self, old: Corpus, new: Corpus) -> None:
        self.old = old
        self.new = new

    @cached_property
    def entries(self) -> frozenset[str]:
        """What was added, changed or removed and can make a difference to lines, each as ``kind:id``."""
        before, after = entries_of(self.old), entries_of(self.new)
        return frozenset(
            f"{kind}:{name}"
            for kind in {*before, *after}.difference(_BESIDE)
            for name in {*before.get(kind, {}), *after.get(kind, {})}
            if self._differs(kind, name, before.get(kind, {}), after.get(kind, {}))
        )

    def _differs(self, kind: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        if name not in before or name not in after:
            return True
        one, other = before[name], after[name]
        if isinstance(one, Rule):
            return _behaviour(one) != _behaviour(other)
        ref = f"{kind}:{name}"
        return bool(one != other or self.old.origins.get(ref) != self.new.origins.get(ref))

    @cached_property
    def seen(self) -> frozenset[str]:
        """Of the entries that were added, changed or removed those of which lines are made otherwise."""
        before, after = entries_of(self.old), entries_of(self.new)

        def alike(ref: str) -> bool:
            kind, name = ref.split(":", 1)
            one, other = before.get(kind, {}).get(name), after.get(kind, {}).get(name)
            if kind not in _UNSEEN or one is None or other is None:
                return False
            if self.old.origins.get(ref) != self.new.origins.get(ref):
                return False
            unseen = set(_UNSEEN[kind])
            return bool(one.model_dump(exclude=unseen) == other.model_dump(exclude=unseen))

        return frozenset(ref for ref in self.entries if not alike(ref))

    @cached_property
    def reordered(self) -> frozenset[str]:
        """The kinds whose entries stand in another order, of those whose order ranks lines."""
        before, after = entries_of(self.old), entries_of(self.new)
        found = set()
        for kind in _ORDERED:
            common = [name for name in before[kind] if name in after[kind]]
            if common != [name for name in after[kind] if name in before[kind]]:
                found.add(kind)
        if next(iter(self.old.element_groups), "") != next(iter(self.new.element_groups), ""):
            found.add("element_groups")  # lines about no element stand under the first heading
        return frozenset(found)

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """Ids of the touched rules."""
        names = sorted({*self.old.rules, *self.new.rules})
        if self.reordered:
            return tuple(names)
        return tuple(name for name in names if self.reaching(name))

    def reaching(self, rule: str) -> frozenset[str]:
        """Return what a rule names, in either corpus, of which lines are made otherwise; itself included."""
        return self.seen & (self._named_before.get(rule, frozenset()) | self._named_after.get(rule, frozenset()))

    @cached_property
    def _named_before(self) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(_Named(self.old).by(rule)) for name, rule in self.old.rules.items()}

    @cached_property
    def _named_after(self) -> Mapping[str, frozenset[str]]:
        return {name: frozenset(_Named(self.new).by(rule)) for name, rule in self.new.rules.items()}

    def busy(
        self, facts: Facts, before: Mapping[str, Truth], after: Mapping[str, Truth], rules: Collection[str]
    ) -> bool:
        """Return whether one of the touched rules may make a difference in a situation.

        Args:
            facts: the situation, as both corpora read it.
            before: the truths of its findings in the old corpus.
            after: those in the new one.
            rules: the touched rules.
        """
        return any(
            _works(corpus.rules[name], evaluate(corpus.rules[name].when, facts, truths))
            for corpus, truths in ((self.old, before), (self.new, after))
            for name in rules
            if name in corpus.rules
        )


def _works(rule: Rule, truth: Truth) -> bool:
    """Return whether a rule whose condition has this truth has a part in lines."""
    return truth is True or (truth is None and bool(rule.findings or any(map(targets_of, rule.then))))


def _behaviour(rule: Rule) -> tuple[object, ...]:
    return (rule.pack, rule.title, rule.reading, rule.note, rule.when, rule.pressing_when, rule.then)


class _Named:
    """What rules of a corpus name, directly or by way of others, as far as lines are made from it."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def by(self, rule: Rule) -> Iterator[str]:
        corpus = self._corpus
        yield f"rules:{rule.id}"
        for condition in (rule.when, rule.pressing_when):
            for leaf in leaves(condition) if condition is not None else ():
                match leaf:
                    case FindingIs(finding=name):
                        yield f"findings:{name}"
                    case FactTest(fact=name):
                        yield f"facts:{name}"
                        yield from self._places(corpus.facts[name].places)
        for then in rule.then:
            if then.finding is not None:
                yield f"findings:{then.finding}"
            if then.lesson is not None:
                yield from self._lesson(then.lesson)
            yield from (f"precedents:{name}" for name in then.cites)
            for name in {*then.elements, *then.defeats}:
                yield from self._element(name) if name in corpus.elements else self._lesson(name)

    def _lesson(self, name: str) -> Iterator[str]:
        corpus = self._corpus
        lesson = corpus.lessons[name]
        related = [other.id for _, _, other in corpus.relations.get(name, ())]
        for one in {name, canonical(lesson), *related}:
            yield f"lessons:{one}"
            yield from self._places([corpus.lessons[one].place])
        yield from (f"precedents:{one.id}" for one in corpus.precedents.values() if name in one.lessons)

    def _element(self, name: str) -> Iterator[str]:
        corpus = self._corpus
        yield f"elements:{name}"
        yield f"element_groups:{corpus.elements[name].group}"
        for lesson in corpus.attached[name]:
            yield from self._lesson(lesson.id)

    def _places(self, places: Collection[str]) -> Iterator[str]:
        for place in places:
            yield f"places:{place}"
            yield f"sources:{self._corpus.source_of(place)}"
