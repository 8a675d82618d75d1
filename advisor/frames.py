"""Frames: lines of advice without what only the case can say.

Which lines stand, what is set aside, how a line is worded and how strong it is follow from which rules fired, and each
line depends on a few of them. So a line is made once for each combination of these, as an item with gaps: for the tests
behind each reason, for the facts that could still set it aside, for whether it is a headline and pressing.
``advisor.lines`` fills the gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from advisor.answer import BecauseElement, Item, ItemKind, Rationale, SetAside, SourceView
from advisor.applications import Application, applied, canonical
from advisor.citations import paragraphs, places_of_facts, source_note
from advisor.corpus import Corpus, PerCorpus
from advisor.grounds import FiredGrounds, Ground, Piece, joined
from advisor.model import Consequence
from advisor.ranking import passing, ranks
from advisor.reasons import Reason, Reasons, beside, reasons
from advisor.recent import Recent
from advisor.rule import Rule
from advisor.standing import Line, lines_among, targets_of, threats

Kind: TypeAlias = Literal["recommendation", "caution", "argument", "red_flag"]
Key: TypeAlias = "tuple[Kind, str]"
"""A line: a recommendation with its element, a caution or argument with its lesson, a red flag with its rule."""
_STATES, _ENTRIES, _PARTLY = 64, 64, 256
"""For so many combinations of rules, and of the tests behind them, a line is kept; and so many lessons are that are
partly set aside."""
TRUTHS = b"false", b"true"
_HEADLINE, _PRESSING, _PROVISIONAL, RATIONALE = b'"headline":', b'"pressing":', b'"provisional":[', b'],"rationale":['
_GAP = _PROVISIONAL + RATIONALE


class Filling:
    """A line of advice with the tests behind it, as it stands in every case in which they are the same.

    Attributes:
        frame: the line with gaps.
        pressing: whether further facts make it more urgent.
        rank: what of its rank is the same in each of these cases, pressing or not.
        leads: the lessons that could lead it.
        texts: the whole line as JSON text where no fact could set it aside, as far as that was asked for: of a line
            that is neither a headline nor pressing, pressing, a headline, both.
        keeps: whether they are kept: not where numbers stand in them, nor of a line that is set aside.
    """

    def __init__(self, frame: Frame, grounds: FiredGrounds) -> None:
        self.frame = frame
        self._pairs = [(reason, grounds.of[reason.node]) for reason in frame.reasons]
        tests = [ground for _, ground in self._pairs]
        self.pressing = frame.pressed_by(grounds)
        bearing: frozenset[object] = frozenset().union(*(ground.bearing for ground in tests))
        general = all(ground.general for ground in tests)
        self.rank = frame.rank + passing(len(bearing), general=general)
        leading = {one.says for one, ground in self._pairs if one.says and (general or not ground.general)}
        fit = [(name, weight) for name, weight in frame.lessons if name in leading]
        greatest = max((weight for _, weight in fit), default=0)
        self.leads = tuple(name for name, weight in fit if weight == greatest)
        self.texts: list[bytes | None] = [None, None, None, None]
        self.keeps = not frame.aside and not any(ground.numeric for ground in tests)

    def reasons(self) -> tuple[Piece, ...]:
        """Return its reasons as JSON text."""
        return joined((reason.written(ground) for reason, ground in self._pairs), b",")

    @cached_property
    def kept_reasons(self) -> tuple[Piece, ...]:
        """The same, kept for lines of which the text as a whole is not."""
        return self.reasons()


class Frame:
    """A line of advice with gaps.

    Attributes:
        item: the line as an answer has it, but for its gaps.
        id: the id of its element, lesson or rule.
        kind: its kind.
        group: the heading under which it stands.
        element: the element, where it recommends one.
        bit: the element as a set of bits.
        reasons: the reasons for it.
        against: the rules that set it aside, each with the consequence by which it does.
        nodes: the rules whose lessons make the line, by their nodes; if one of them is pressing, so is the line.
        threats: the rules that could still set it aside.
        phases: the phases to which it belongs; none where it belongs to all.
        measures: the measures for which its element stands; if one is proposed, the line is pressing.
        weight: the greatest weight of its lessons.
        framing: whether its element only frames the outline.
        place: the place of its heading in the outline.
        aside: whether the line is set aside.
        lessons: its lessons, or those that they restate, each with its weight.
        rank: what of its rank is the same in every case.
        sources: the sources that it cites, or beside which others are set, but for those against it.
    """

    def __init__(
        self,
        corpus: Corpus,
        item: Item,
        reasons: Sequence[Reason],
        rules: Iterable[str] = (),
        threats: Iterable[str] = (),
        against: Iterable[tuple[Rule, Consequence]] = (),
    ) -> None:
        self.item = item
        self.id = item.id
        self.kind = item.kind
        self.group = item.group
        self.element = item.element
        self.bit = element_bits(corpus)[item.element] if item.element else 0
        self.reasons = tuple(reasons)
        self.against = tuple(against)
        nodes = corpus.index.nodes
        self.nodes = tuple(sorted({nodes[name] for name in rules}))
        self._filled: Recent[tuple[int, ...], Filling] = Recent(_ENTRIES)
        self.threats = tuple(sorted(threats))
        element = corpus.elements[item.element] if item.element else None
        self.measures = frozenset(element.proposed_as if element and item.kind == "recommendation" else ())
        self.framing = element is not None and element.framing
        lessons = [corpus.lessons[name] for name in item.lessons]
        self.phases = frozenset(item.phases)
        self.weight = max((lesson.weight for lesson in lessons), default=1)
        self.rank = ranks(corpus).lasting(item, self.weight)
        self.place = ranks(corpus).place(item.group)
        self.lessons = [(canonical(lesson), lesson.weight) for lesson in lessons]
        self.sources = frozenset().union(*(reason.sources for reason in reasons), _sources_of(item.conditions))
        self.aside = isinstance(item, SetAside)

    def filled(self, grounds: FiredGrounds) -> Filling:
        """Return the line with the tests behind it, where that isn't kept with the line's other states."""
        key = tuple([grounds.numbers[reason.node] for reason in self.reasons])
        return self._filled[key] or self._filled.keep(key, Filling(self, grounds))

    def pressed_by(self, grounds: FiredGrounds) -> bool:
        """Return whether one of the rules whose lessons make the line is pressing."""
        return any(grounds.of[node].pressing for node in self.nodes)

    @cached_property
    def parts(self) -> tuple[bytes, bytes, bytes]:
        """Its JSON text up to whether it is a headline, to whether it is pressing, to what could set it aside."""
        # Quotation marks within texts have a backslash before them: the keys are found where they stand.
        start, after = self.item.model_dump_json().encode().split(_HEADLINE, 1)
        between, after = after.split(b",", 1)[1].split(_PRESSING, 1)
        rest = after.split(b",", 1)[1].rsplit(_GAP, 1)[0]
        return start + _HEADLINE, b"," + between + _PRESSING, b"," + rest + _PROVISIONAL


def _sources_of(items: Iterable[Item]) -> frozenset[str]:
    told = [reason for item in items for reason in item.rationale]
    cited = {place.source for reason in told for place in reason.paragraphs}
    return frozenset(cited | {one.source.source for reason in told for one in reason.beside})


class Partly(NamedTuple):
    """A lesson that is set aside, while an element to which it led stands for other reasons.

    Attributes:
        says: the lesson.
        defeated: the applications that are set aside.
        by: the rules that did it, keyed so that they sort.
    """

    says: str
    defeated: tuple[Application, ...]
    by: Mapping[str, tuple[Rule, Consequence]]


def _element_bits(corpus: Corpus) -> Mapping[str, int]:
    return {name: 1 << number for number, name in enumerate(corpus.elements)}


element_bits: PerCorpus[Mapping[str, int]] = PerCorpus(_element_bits)
"""For each element the bit that stands for it in sets of bits."""


L = TypeVar("L", Frame, Filling)


class State(NamedTuple, Generic[L]):
    """What becomes of a line where certain rules fire: as frames, or as fillings where they fire on certain tests.

    Attributes:
        kind: its kind.
        standing: the line, where it stands.
        aside: the line, where it is set aside as a whole.
        partly: of one that stands, the lessons behind it that are set aside.
    """

    kind: Kind
    standing: L | None = None
    aside: L | None = None
    partly: tuple[Partly, ...] = ()


class _Line:
    """A line, the rules on which it depends, and what becomes of it."""

    __slots__ = ("entries", "key", "nodes", "read", "states")

    def __init__(self, key: Key, nodes: tuple[int, ...]) -> None:
        self.key = key
        self.nodes = nodes
        self.read: Callable[[Sequence[int]], Any] = itemgetter(*self.nodes)
        self.states: Recent[frozenset[int], State[Frame]] = Recent(_STATES)
        self.entries: Recent[Any, State[Filling]] = Recent(_ENTRIES)


class Outline:
    """Which lines a corpus can give, and from which rules.

    Attributes:
        rules: for each line the rules on which it depends, by their nodes.
        lines: for each rule, by its node, the lines to which it leads.
        reporting: the rules that report facts that contradict one another.
    """

    def __init__(self, corpus: Corpus) -> None:
        touching: dict[Key, dict[str, None]] = {}
        saying: dict[str, dict[Key, None]] = {}
        made: dict[str, dict[Key, None]] = {}
        for name in corpus.rules:
            made[name] = {}
            for one in applied(corpus).calm[name]:
                for key in _keys(one):
                    made[name][key] = None
                    touching.setdefault(key, {})[name] = None
                    if key[0] in ("recommendation", "caution"):
                        saying.setdefault(one.says, {})[key] = None
        for name, rule in corpus.rules.items():
            for target in {target for then in rule.then for target in targets_of(then)}:
                hit: list[Key] = [("recommendation", target)] if target in corpus.elements else []
                hit += saying.get(canonical(corpus.lessons[target]), ()) if target in corpus.lessons else ()
                for key in hit:
                    touching.get(key, {})[name] = None
        nodes = corpus.index.nodes
        self.rules = {key: tuple(sorted(nodes[name] for name in rules)) for key, rules in touching.items()}
        self.lines = [tuple(made[name]) for name in corpus.index.rules]
        self.reporting = frozenset(
            name for name, rule in corpus.rules.items() if any(then.contradiction is not None for then in rule.then)
        )


outlines: PerCorpus[Outline] = PerCorpus(Outline, "outline")


class _LinesOf(dict[int, frozenset[_Line]]):
    """The lines to which each rule leads, by its node; made when first asked for."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._lines: dict[Key, _Line] = {}

    def __missing__(self, node: int) -> frozenset[_Line]:
        # Two threads may both make a line, but then have the same one.
        lines, rules = self._lines, self._outline.rules
        keys = self._outline.lines[node]
        found = frozenset(lines.get(key) or lines.setdefault(key, _Line(key, rules[key])) for key in keys)
        return self.setdefault(node, found)


class Frames:
    """The lines that a corpus can give.

    Attributes:
        reporting: the rules that report facts that contradict one another.
    """

    def __init__(self, corpus: Corpus) -> None:
        outline = outlines(corpus)
        self.reporting = outline.reporting
        self._of_rule = _LinesOf(outline)
        self._conditions: dict[str, tuple[Item, ...]] = {}
        self._partly: Recent[tuple[object, ...], Frame] = Recent(_PARTLY)
        self._contradictions: dict[tuple[str, tuple[str, ...]], tuple[Frame, ...]] = {}

    def entries(self, corpus: Corpus, nodes: Iterable[int], grounds: FiredGrounds) -> list[State[Filling]]:
        """Return what becomes of each line to which the rules that fired lead.

        Args:
            corpus: the corpus.
            nodes: the rules that fired, by their nodes.
            grounds: the tests that made them fire.
        """
        touched: set[_Line] = set().union(*map(self._of_rule.__getitem__, nodes))
        numbers = grounds.numbers
        return [line.entries[key := line.read(numbers)] or self._make(corpus, line, key, grounds) for line in touched]

    def _make(self, corpus: Corpus, line: _Line, key: object, grounds: FiredGrounds) -> State[Filling]:
        fired = frozenset(node for node in line.nodes if grounds.numbers[node])
        state = line.states[fired] or line.states.keep(fired, _Maker(corpus, self).state(line.key, fired))
        standing = None if state.standing is None else Filling(state.standing, grounds)
        aside = None if state.aside is None else Filling(state.aside, grounds)
        return line.entries.keep(key, State(state.kind, standing, aside, state.partly))

    def partly(self, corpus: Corpus, parts: Sequence[Partly]) -> Frame:
        """Return the line of a lesson that is set aside while elements to which it led stand for other reasons.

        Args:
            corpus: the corpus.
            parts: what is set aside of it under each element.
        """
        defeated = {(one.rule.id, id(one.consequence)): one for part in parts for one in part.defeated}
        by = {name: found for part in parts for name, found in part.by.items()}
        key = (parts[0].says, frozenset(defeated), frozenset(by))
        found = self._partly[key]
        return found or self._partly.keep(key, _Maker(corpus, self).partly(parts[0].says, list(defeated.values()), by))

    def contradictions(self, corpus: Corpus, rule: Rule, ground: Ground) -> tuple[Frame, ...]:
        """Return what a rule that fired reports of facts that contradict one another.

        Args:
            corpus: the corpus.
            rule: the rule.
            ground: the tests that made it fire; the facts that they test are those that don't fit together.
        """
        key = (rule.id, ground.facts)
        found = self._contradictions.get(key)
        if found is None:
            found = self._contradictions[key] = _Maker(corpus, self).contradictions(rule, ground)
        return found

    def conditions(self, corpus: Corpus, element: str) -> tuple[Item, ...]:
        """Return the safeguards that are printed with an element."""
        found = self._conditions.get(element)
        if found is None:
            found = self._conditions[element] = _Maker(corpus, self).conditions(element)
        return found


frames: PerCorpus[Frames] = PerCorpus(Frames)


def _keys(one: Application) -> list[Key]:
    """Return the lines that an application makes."""
    then = one.consequence
    found: list[Key] = [("recommendation", element) for element in then.recommends or ()]
    if then.cautions is not None:
        found.append(("caution", one.says))
    if then.argues is not None:
        found.append(("argument", one.says))
    if then.flags is not None:
        found.append(("red_flag", one.rule.id))
    return found


class _Maker:
    """Makes lines of what applies to them."""

    def __init__(self, corpus: Corpus, made: Frames) -> None:
        self.corpus = corpus
        self._frames = made
        self._reasons: Reasons = reasons(corpus)

    def state(self, key: Key, fired: frozenset[int]) -> State[Frame]:
        """Return what becomes of a line where these of the rules on which it depends fire."""
        kind, name = key
        names = self.corpus.index.rules
        rules = [self.corpus.rules[names[node]] for node in sorted(fired)]
        applications = [one for rule in rules for one in applied(self.corpus).calm[rule.id]]
        if kind == "recommendation" or kind == "caution":
            return self._told(kind, name, lines_among(self.corpus, rules, applications)[kind, name])
        verb = "flags" if kind == "red_flag" else "argues"
        found = [one for one in applications if getattr(one.consequence, verb) is not None and key in _keys(one)]
        title = (self.corpus.rules if kind == "red_flag" else self.corpus.lessons)[name].title
        return State(kind, standing=self._framed(self._spoken(kind, name, title, found, verb), found))

    def _told(self, kind: Literal["recommendation", "caution"], name: str, line: Line) -> State[Frame]:
        make = self._recommendation if kind == "recommendation" else self._caution
        standing = self._framed(make(name, line.standing), line.standing) if line.standing else None
        if standing and kind == "recommendation":
            # The element stands for other reasons: what is set aside is the lesson, with all that it bore on.
            by_lesson: dict[str, list[Application]] = {}
            for one in line.defeated:
                by_lesson.setdefault(one.says, []).append(one)
            partly = tuple(Partly(says, tuple(ones), line.defeated_by) for says, ones in by_lesson.items())
            return State(kind, standing=standing, partly=partly)
        aside = self._aside(make(name, line.defeated), line.defeated, line.defeated_by) if line.defeated else None
        return State(kind, standing=standing, aside=aside)

    def partly(self, says: str, defeated: list[Application], by: Mapping[str, tuple[Rule, Consequence]]) -> Frame:
        """Return the line of a lesson that is set aside."""
        item = self._spoken("recommendation", says, self.corpus.lessons[says].title, defeated, "recommends")
        return self._aside(item, defeated, by)

    def _framed(self, item: Item, applications: Sequence[Application]) -> Frame:
        told = self._reasons.merged(self.corpus, applications)
        rules = [one.rule.id for one in applications]
        hangs = item.kind in ("recommendation", "caution")
        return Frame(self.corpus, item, told, rules, threats(self.corpus, item.element, applications) if hangs else ())

    def _aside(
        self, item: Item, applications: Sequence[Application], by: Mapping[str, tuple[Rule, Consequence]]
    ) -> Frame:
        fields = {name: getattr(item, name) for name in Item.model_fields}
        told = self._reasons.merged(self.corpus, applications)
        against = [found for _, found in sorted(by.items(), key=lambda pair: pair[0])]
        rules = [one.rule.id for one in applications]
        return Frame(self.corpus, SetAside(**fields, defeated_by=()), told, rules, against=against)

    def _recommendation(self, name: str, applications: list[Application]) -> Item:
        element = self.corpus.elements[name]
        ranked = _ranked(applications)
        return Item(
            id=name,
            kind="recommendation",
            title=element.title,
            headline=False,
            group=element.group,
            element=name,
            phases=element.phases,
            conditions=self._frames.conditions(self.corpus, name),
            text=self._text(ranked, 3),
            **self._common(applications, ranked),
        )

    def _caution(self, name: str, applications: list[Application]) -> Item:
        lesson = self.corpus.lessons[name]
        return self._spoken("caution", name, lesson.title, applications, "cautions")

    def _spoken(self, kind: ItemKind, name: str, title: str, applications: list[Application], verb: str) -> Item:
        ranked = _ranked(applications)
        bears_on = self._bearing(getattr(one.consequence, verb) or () for one in applications)
        return Item(
            id=name,
            kind=kind,
            title=title,
            text=self._text(ranked),
            headline=kind == "red_flag",
            group=self._group(bears_on),
            bears_on=bears_on,
            **self._common(applications, ranked),
        )

    def contradictions(self, rule: Rule, ground: Ground) -> tuple[Frame, ...]:
        """Return what a rule reports of facts that contradict one another."""
        found = []
        for text in (then.contradiction for then in rule.then if then.contradiction is not None):
            item = Item(
                id=rule.id,
                kind="contradiction",
                title=rule.title,
                text=text,
                strength="should",
                hedge="none",
                basis=None,
                headline=True,
                group=next(iter(self.corpus.element_groups), ""),
                packs=(rule.pack,),
                lessons=(),
                rationale=(),
            )
            reason = self._reasons.own(self.corpus, rule, text, places_of_facts(self.corpus, ground.facts))
            found.append(Frame(self.corpus, item, (reason,)))
        return tuple(found)

    def conditions(self, element: str) -> tuple[Item, ...]:
        """Return the safeguards that are printed with an element."""
        attached = {canonical(lesson): lesson for lesson in reversed(self.corpus.attached[element])}
        items = []
        for lesson in attached.values():
            rationale = Rationale(
                rule=None,
                lesson=lesson.id,
                title=lesson.title,
                text=lesson.text,
                strength=lesson.strength,
                hedge=lesson.hedge,
                basis=lesson.basis,
                because=(BecauseElement(element=element),),
                paragraphs=paragraphs(self.corpus, [lesson.place]),
                reading="source",
                remark=lesson.remark,
                pack=self.corpus.origins[f"lessons:{lesson.id}"],
                beside=beside(self.corpus, lesson),
            )
            item = Item(
                id=lesson.id,
                kind="condition",
                title=lesson.title,
                text=lesson.text,
                strength=lesson.strength,
                hedge=lesson.hedge,
                basis=lesson.basis,
                headline=False,
                group=self.corpus.elements[element].group,
                element=element,
                packs=(rationale.pack,),
                lessons=(lesson.id,),
                rationale=(rationale,),
            )
            items.append((ranks(self.corpus).lasting(item, lesson.weight), item))
        return tuple(item for _, item in sorted(items, key=lambda pair: pair[0]))

    def _common(self, applications: Iterable[Application], ranked: Sequence[Application]) -> dict[str, Any]:
        """Return what every item made of applied lessons has: the strongest lesson speaks for the line."""
        first = ranked[0]
        lessons = dict.fromkeys(one.lesson.id for one in sorted(applications, key=lambda one: one.rank))
        return {
            "strength": first.strength,
            "hedge": first.lesson.hedge,
            "basis": first.lesson.basis,
            "packs": self._packs(applications),
            "by_source": self._by_source(ranked),
            "lessons": tuple(lessons),
            "rationale": (),
        }

    def _packs(self, applications: Iterable[Application]) -> tuple[str, ...]:
        origins = self.corpus.origins
        named = {pack for one in applications for pack in (one.rule.pack, origins[f"lessons:{one.lesson.id}"])}
        return tuple(pack.id for pack in self.corpus.packs if pack.id in named)

    def _by_source(self, ranked: Iterable[Application]) -> tuple[SourceView, ...]:
        """Return what each source says, where there are several: sources that differ stand side by side."""
        by_source = self._grouped(ranked)
        if len(by_source) < 2:
            return ()
        return tuple(
            SourceView(
                source=source_note(self.corpus, source),
                text=_joined(one.lesson.text for one in found),
                strength=found[0].strength,
                hedge=found[0].lesson.hedge,
                basis=found[0].lesson.basis,
                paragraphs=paragraphs(self.corpus, (one.lesson.place for one in found)),
            )
            for source, found in by_source.items()
        )

    def _text(self, ranked: Iterable[Application], limit: int | None = None) -> str:
        """Return the lessons' texts, at most ``limit`` of a source; of several sources, each after its name."""
        texts = {
            self.corpus.sources[source].short: _joined(one.lesson.text for one in found[:limit])
            for source, found in self._grouped(ranked).items()
        }
        return " ".join(texts.values() if len(texts) < 2 else (f"{short}: {text}" for short, text in texts.items()))

    def _grouped(self, applications: Iterable[Application]) -> dict[str, list[Application]]:
        """Return applications by the source of their lesson."""
        by_source: dict[str, list[Application]] = {}
        for one in applications:
            by_source.setdefault(self.corpus.source_of(one.lesson.place), []).append(one)
        return by_source

    def _bearing(self, lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
        named = {element for elements in lists for element in elements}
        return tuple(element for element in self.corpus.elements if element in named)

    def _group(self, elements: tuple[str, ...]) -> str:
        if elements:
            return self.corpus.elements[elements[0]].group
        return next(iter(self.corpus.element_groups), "")


def _ranked(applications: Iterable[Application]) -> list[Application]:
    """Return the applications, strongest first, with lessons that say the same only once."""
    found: dict[str, Application] = {}
    for one in sorted(applications, key=lambda one: one.rank):
        found.setdefault(one.says, one)
    return list(found.values())


def _joined(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(texts))
