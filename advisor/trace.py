"""The trace of an answer: how every line was derived, as a graph of facts, rules and what followed.

A rule leads to the lessons that it applies, and a lesson to the lines on which that rule lets it bear. As several rules
may apply one lesson to different ends, an edge from a lesson names the rule; ``proof_of`` follows no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from advisor import situation
from advisor.advice import assemble
from advisor.answer import (
    Advice,
    EdgeKind,
    Item,
    NodeKind,
    Paragraph,
    SetAside,
    Trace,
    TraceEdge,
    TraceNode,
)
from advisor.applications import Application, canonical
from advisor.case import Case
from advisor.conditions import All, AnyOf, Condition, FactTest, FindingIs, plain, support
from advisor.corpus import Corpus
from advisor.engine import engine_for
from advisor.errors import UnknownIdError
from advisor.model import Consequence
from advisor.rule import Rule
from advisor.standing import Line, lines_of, targets_of

NODE_KINDS: tuple[NodeKind, ...] = (
    "fact",
    "rule",
    "finding",
    "lesson",
    "defeat",
    "red_flag",
    "contradiction",
    "element",
    "caution",
    "argument",
    "set_aside",
    "precedent",
    "condition",
)
"""Kinds of nodes, in the order in which those of one layer stand."""
LINE_KINDS: tuple[NodeKind, ...] = ("element", "red_flag", "contradiction", "caution", "argument", "set_aside")
"""Kinds of nodes that are lines of an answer, in the order in which a bare name is looked for."""

_NAMED: tuple[NodeKind, ...] = (*LINE_KINDS, "finding", "lesson", "precedent", "condition", "rule", "defeat", "fact")
_FOLDERS: dict[NodeKind, str] = {
    "fact": "facts",
    "rule": "rules",
    "finding": "findings",
    "red_flag": "rules",
    "contradiction": "rules",
    "element": "elements",
    "precedent": "precedents",
}
_VERBS: dict[str, tuple[NodeKind, EdgeKind]] = {
    "cautions": ("caution", "cautions"),
    "argues": ("argument", "argues"),
    "flags": ("red_flag", "flags"),
}


def trace(case: Case, answer: Advice | None = None) -> Trace:
    """Return how the answer to a case was derived.

    Args:
        case: the case.
        answer: its answer, where it is there already; else it is assembled.
    """
    return _Tracer(case, answer or assemble(case)).trace()


def traced(facts: Mapping[str, object], corpus: Corpus) -> Advice:
    """Return the advice on a situation with its trace in it.

    Args:
        facts: as ``advisor.advise`` takes them.
        corpus: what to advise from.

    Raises:
        SituationError: a fact is unknown to the vocabulary or its value is not allowed; with every problem.
    """
    known = situation.parse(facts, corpus.facts)
    case = Case(corpus, known, engine_for(corpus).run(known))
    answer = assemble(case)
    return answer.model_copy(update={"trace": trace(case, answer)})


def node_of(trace: Trace, name: str) -> TraceNode:
    """Return a node by its id (``finding:mass-influx``) or by the bare name of a line, finding, lesson, rule or fact.

    A bare name that several nodes share means the line of the answer before what leads to it.

    Raises:
        UnknownIdError: nothing in the trace is called so; with the nearest name that is there.
    """
    nodes = {node.id: node for node in trace.nodes}
    for wanted in (name, *(f"{kind}:{name}" for kind in _NAMED)):
        if wanted in nodes:
            return nodes[wanted]
    known = [*nodes] if ":" in name else [node.name for node in trace.nodes]
    raise UnknownIdError("line, finding, lesson or rule in this answer", name, known)


def proof_of(trace: Trace, name: str) -> Trace:
    """Return the part of a trace that leads to one of its nodes, by every derivation.

    What set the node or one of its reasons aside belongs to it, and so do the safeguards that come with an element.

    Args:
        trace: the whole trace.
        name: as ``node_of`` takes it.

    Raises:
        UnknownIdError: nothing in the trace is called so.
    """
    target = node_of(trace, name)
    into: dict[str, list[TraceEdge]] = {node.id: [] for node in trace.nodes}
    for edge in trace.edges:
        into[edge.target].append(edge)
    kept: dict[int, TraceEdge] = {}
    # Pairs of a node and the rule by which it matters: of a lesson, what another rule makes of it is no part of this.
    pending: list[tuple[str, str | None]] = [(target.id, None)]
    for edge in trace.edges:
        if edge.source != target.id:
            continue
        if edge.kind == "attaches":
            kept[id(edge)] = edge
        elif target.kind == "lesson" and not edge.standing:
            kept[id(edge)] = edge
            for defeat in into[edge.target]:
                if defeat.kind in ("defeats", "meets_already") and defeat.lesson in (None, target.name):
                    kept[id(defeat)] = defeat
                    pending.append((defeat.source, defeat.rule))
    seen = set(pending)
    while pending:
        name, rule = pending.pop()
        for edge in into[name]:
            if edge.kind == "applies" and rule is not None and edge.source != f"rule:{rule}":
                continue
            kept[id(edge)] = edge
            step = (edge.source, edge.rule)
            if step not in seen:
                seen.add(step)
                pending.append(step)
    edges = tuple(edge for edge in trace.edges if id(edge) in kept)
    names = {target.id} | {end for edge in edges for end in (edge.source, edge.target)}
    return trace.model_copy(
        update={
            "of": target.id,
            "lines": tuple(line for line in trace.lines if line in names),
            "nodes": tuple(node for node in trace.nodes if node.id in names),
            "edges": edges,
        }
    )


class _Tracer:
    """Collects nodes and edges; nodes get their layer when all edges are known."""

    def __init__(self, case: Case, answer: Advice) -> None:
        self.case = case
        self.corpus = case.corpus
        self.answer = answer
        self.nodes: dict[str, dict[str, Any]] = {}
        self.edges: dict[tuple[str, ...], TraceEdge] = {}
        self.place = cache(self._place)

    def trace(self) -> Trace:
        for rule in self.case.fired:
            self._rule(rule)
        items = {_line_id(item): item for item in self._items()}
        for name, item in items.items():
            self._line(name, item)
        self._applied()
        for key, line in lines_of(self.case).items():
            self._reasons(*key, line)
        for note in self.answer.precedents:
            self._precedent(note.precedent)
        layers = self._layers()
        order = {name: position for position, name in enumerate(self._order(items))}
        nodes = [TraceNode(id=name, layer=layers[name], **fields) for name, fields in self.nodes.items()]
        nodes.sort(key=lambda node: (node.layer, NODE_KINDS.index(node.kind), order[node.id]))
        position = {node.id: index for index, node in enumerate(nodes)}
        edges = sorted(self.edges.items(), key=lambda pair: (position[pair[0][0]], position[pair[0][1]], pair[0][2:]))
        return Trace(
            answer=self.answer.id,
            corpus=self.answer.corpus,
            lines=tuple(items),
            nodes=tuple(nodes),
            edges=tuple(edge for _, edge in edges),
        )

    def _items(self) -> Iterator[Item]:
        yield from self.answer.red_flags
        yield from self.answer.recommendations
        yield from self.answer.arguments
        yield from self.answer.set_aside

    def _order(self, items: Iterable[str]) -> Iterator[str]:
        """Yield all nodes: lines as the answer has them, all else as the corpus has it."""
        found = dict.fromkeys(items)
        places = {
            kind: {name: index for index, name in enumerate(getattr(self.corpus, folder))}
            for kind, folder in _FOLDERS.items()
        }
        lessons = {name: index for index, name in enumerate(self.corpus.lessons)}
        rest = [name for name in self.nodes if name not in found]
        rest.sort(key=lambda name: (places.get(_kind(name), lessons).get(_name(name), 0), name))
        yield from found
        yield from rest

    # --- rules, and what makes them fire ---

    def _rule(self, rule: Rule) -> None:
        name = f"rule:{rule.id}"
        pressing = rule.id in self.case.run.pressing
        self._node(
            "rule",
            rule.id,
            label=rule.title,
            reading=rule.reading,
            note=rule.note if rule.reading == "ours" else None,
            pressing=pressing,
            paragraphs=self._places(self.corpus.lessons[lesson].place for lesson in rule.lessons),
            pack=rule.pack,
        )
        self._conditions(rule.when, name, pressing=False)
        if pressing and rule.pressing_when is not None:
            self._conditions(rule.pressing_when, name, pressing=True)
        for consequence in rule.then:
            if consequence.finding is not None:
                self._edge(name, self._finding(consequence.finding), "derives")

    def _conditions(self, condition: Condition, rule: str, *, pressing: bool) -> None:
        held = dict.fromkeys(support(condition, self.case.facts, self.case.truths))
        for leaf in held:
            needed = not _suffices(condition, held.keys() - {leaf})
            match leaf:
                case FactTest():
                    source = self._fact(leaf.fact)
                    matched = plain(leaf.matched(self.case.facts[leaf.fact]))
                    test = str(leaf)
                    self._edge(source, rule, "holds", test=test, matched=matched, needed=needed, pressing=pressing)
                case FindingIs():
                    source = self._finding(leaf.finding)
                    self._edge(source, rule, "holds", test=str(leaf), needed=needed, pressing=pressing)

    def _fact(self, name: str) -> str:
        fact, value = self.corpus.facts[name], self.case.facts[name]
        label = f"{fact.label}: {fact.label_of(value)}"
        places = self._places(fact.places)
        return self._node("fact", name, label=label, value=plain(value), paragraphs=places)

    def _finding(self, name: str) -> str:
        finding = self.corpus.findings[name]
        places = self._places(finding.places)
        return self._node("finding", name, label=finding.title, text=finding.text, paragraphs=places)

    # --- lessons, and where they lead ---

    def _applied(self) -> None:
        for application in self.case.applications:
            rule, consequence = application.rule, application.consequence
            lesson = self._lesson("lesson", application.lesson.id)
            # One rule may apply a lesson twice, to different ends, and weaken it in one of them.
            self._edge(f"rule:{rule.id}", lesson, "applies", strength=application.strength)
            for verb, (kind, edge) in _VERBS.items():
                if verb != "cautions" and getattr(consequence, verb) is not None:
                    name = rule.id if verb == "flags" else application.says
                    self._edge(lesson, f"{kind}:{name}", edge, rule=rule.id, strength=application.strength)
        for rule in self.case.fired:
            if any(consequence.contradiction is not None for consequence in rule.then):
                self._edge(f"rule:{rule.id}", f"contradiction:{rule.id}", "reports")

    def _lesson(self, kind: NodeKind, name: str) -> str:
        lesson = self.corpus.lessons[name]
        return self._node(
            kind,
            name,
            label=lesson.title,
            text=lesson.text,
            strength=lesson.strength,
            hedge=lesson.hedge,
            basis=lesson.basis,
            paragraphs=self._places([lesson.place]),
        )

    def _line(self, name: str, item: Item) -> None:
        self._node(
            _kind(name),
            item.id,
            label=item.title,
            text=item.text,
            strength=item.strength,
            hedge=item.hedge,
            basis=item.basis,
            pressing=item.pressing,
            headline=item.headline,
            standing=not isinstance(item, SetAside),
            provisional=item.provisional,
            paragraphs=tuple(dict.fromkeys(place for reason in item.rationale for place in reason.paragraphs)),
        )
        if item.kind == "recommendation" and item.element:
            for condition in item.conditions:
                self._edge(name, self._lesson("condition", condition.id), "attaches", standing=self._stands(name))
            measures = self.case.facts.get("measures_proposed")
            proposed = self.corpus.elements[item.element].proposed_as
            if isinstance(measures, tuple) and (matched := [one for one in measures if one in proposed]):
                fact = self._fact("measures_proposed")
                test = str(FactTest("measures_proposed", "has_any", tuple(proposed)))
                self._edge(fact, name, "proposes", test=test, matched=matched, needed=False, pressing=True)

    def _stands(self, name: str) -> bool:
        return bool(self.nodes[name].get("standing", True))

    def _reasons(self, kind: str, name: str, line: Line) -> None:
        """Add what leads to a recommendation or caution, and what sets it or one of its reasons aside."""
        node, verb = (f"element:{name}", "recommends") if kind == "recommendation" else (f"caution:{name}", "cautions")
        edge: EdgeKind = "recommends" if verb == "recommends" else "cautions"
        for application in line.standing:
            self._reason(application, node, edge, standing=True)
        for application in line.defeated:
            self._reason(application, node, edge, standing=False)
            if line.standing and kind == "recommendation":
                self._reason(application, f"set_aside:{application.says}", edge, standing=False)
        for rule, consequence in line.defeated_by.values():
            whole = kind == "recommendation" and name in targets_of(consequence)
            targets = line.defeated if whole else self._targets(consequence, line)
            for application in targets:
                self._defeat(rule, consequence, node, None if whole else application.lesson.id)
                if line.standing and kind == "recommendation":
                    self._defeat(rule, consequence, f"set_aside:{application.says}", None)

    def _targets(self, consequence: Consequence, line: Line) -> list[Application]:
        lessons = self.corpus.lessons
        restated = {canonical(lessons[name]) for name in targets_of(consequence) if name in lessons}
        return [application for application in line.defeated if application.says in restated]

    def _reason(self, application: Application, node: str, kind: EdgeKind, *, standing: bool) -> None:
        lesson = f"lesson:{application.lesson.id}"
        rule, strength = application.rule.id, application.strength
        self._edge(lesson, node, kind, rule=rule, strength=strength, standing=standing)

    def _defeat(self, rule: Rule, consequence: Consequence, target: str, lesson: str | None) -> None:
        name = f"{rule.id}/{consequence.lesson or 'met'}"
        if consequence.lesson is None:
            places = self._places(self.case.fact_places(rule))
            node = self._node("defeat", name, label=rule.title, paragraphs=places, pack=rule.pack)
            self._edge(f"rule:{rule.id}", node, "meets_already")
            self._edge(node, target, "meets_already", lesson=lesson)
            return
        applied = self.corpus.lessons[consequence.lesson]
        places = self._places([applied.place])
        node = self._node("defeat", name, label=rule.title, paragraphs=places, pack=rule.pack)
        self._edge(f"lesson:{applied.id}", node, "defeats", rule=rule.id)
        self._edge(node, target, "defeats", lesson=lesson)

    def _precedent(self, name: str) -> None:
        precedent = self.corpus.precedents[name]
        places = self._places(precedent.places)
        found = [
            application
            for application in self.case.applications
            if name in application.consequence.cites or application.lesson.id in precedent.lessons
        ]
        if found:  # one that is named for its likeness alone follows from no rule
            node = self._node("precedent", name, label=precedent.title, text=precedent.summary, paragraphs=places)
            for application in found:
                self._edge(f"lesson:{application.lesson.id}", node, "cites", rule=application.rule.id)

    # --- the graph ---

    def _node(self, kind: NodeKind, name: str, **fields: Any) -> str:
        node = f"{kind}:{name}"
        if node not in self.nodes:
            folder = _FOLDERS.get(kind, "lessons")
            path = f"rules/{name.split('/')[0]}" if kind == "defeat" else f"{folder}/{name}"
            fields.setdefault("pack", self.corpus.origins.get(f"{folder}:{name}", ""))
            self.nodes[node] = {"kind": kind, "name": name, "href": f"/v1/{path}", **fields}
        return node

    def _edge(self, source: str, target: str, kind: EdgeKind, **fields: Any) -> None:
        names = ("rule", "lesson", "test", "strength")
        key = (source, target, kind, *(str(fields.get(name) or "") for name in names), str(fields.get("pressing", "")))
        self.edges.setdefault(key, TraceEdge(source=source, target=target, kind=kind, **fields))

    def _places(self, names: Iterable[str]) -> tuple[Paragraph, ...]:
        return tuple(self.place(name) for name in dict.fromkeys(names))

    def _place(self, name: str) -> Paragraph:
        return self.case.paragraphs([name])[0]

    def _layers(self) -> dict[str, int]:
        deriving = {f"rule:{rule.id}" for rule in self.case.fired if rule.findings}
        sources: dict[str, list[str]] = {name: [] for name in self.nodes}
        for edge in self.edges.values():
            # What presses decides nothing; it may itself rest on the finding that the rule derives.
            if not (edge.pressing and edge.target in deriving):
                sources[edge.target].append(edge.source)

        @cache
        def layer(name: str) -> int:
            return 1 + max(map(layer, sources[name]), default=-1)

        return {name: layer(name) for name in self.nodes}


def _suffices(condition: Condition, held: Iterable[FactTest | FindingIs]) -> bool:
    """Return whether a condition is true where these tests hold and no others."""
    match condition:
        case FactTest() | FindingIs():
            return condition in held
        case All():
            return all(_suffices(part, held) for part in condition.parts)
        case AnyOf():
            return any(_suffices(part, held) for part in condition.parts)


def _line_id(item: Item) -> str:
    """Return the node of a line of the answer."""
    if item.kind == "recommendation":
        return f"element:{item.element}" if item.element else f"set_aside:{item.id}"
    return f"{item.kind}:{item.id}"


def _kind(node: str) -> NodeKind:
    kind = node.split(":", 1)[0]
    return next(known for known in NODE_KINDS if known == kind)


def _name(node: str) -> str:
    return node.split(":", 1)[1].split("/")[0]
