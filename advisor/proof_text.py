"""Traces in words: one indented proof for each line of advice, as plain text or as Markdown.

A proof starts at the line and goes back: the lessons that call for it, the rule that applies each, the conditions that
held, and for a finding the rules that derived it, down to the facts.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from advisor.answer import NodeKind, Trace, TraceEdge, TraceNode
from advisor.line_words import BASIS_WORDS
from advisor.report import escaped
from advisor.wording import cited

KIND_WORDS: dict[NodeKind, str] = {
    "fact": "Fact",
    "rule": "Rule",
    "finding": "Finding",
    "lesson": "Lesson",
    "defeat": "Sets aside",
    "red_flag": "Red flag",
    "contradiction": "Facts that do not fit",
    "element": "Recommended",
    "caution": "Beware",
    "argument": "Argument",
    "set_aside": "Lesson set aside",
    "precedent": "Precedent",
    "condition": "Condition",
}
"""What nodes of a kind are called."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a proof.

    Attributes:
        depth: how far it is indented; 0 for what is proved.
        label: what it is: a word or two.
        text: what it says.
        aside: strength, paragraphs and the like.
        kind: for what is no line of its own, what it is: a fact, a finding, a rule, a lesson.
    """

    depth: int
    label: str
    text: str
    aside: str
    kind: NodeKind | None = None


def as_text(trace: Trace, width: int = 100) -> str:
    """Return the proofs as plain text.

    Args:
        trace: a whole trace, of which every line is proved, or a proof.
        width: the columns that lines are wrapped to; indentation never leaves less than 40.
    """
    lines: list[str] = []
    for proof in _Proofs(trace).all():
        if lines:
            lines.append("")
        for step in proof:
            indent = "  " * step.depth
            mark = "" if step.depth == 0 else "- "
            text = f"{step.label}: {step.text}" + (f" [{step.aside}]" if step.aside else "")
            lines += textwrap.wrap(
                text,
                max(width, len(indent) + 42),
                initial_indent=indent + mark,
                subsequent_indent=indent + "  ",
                break_long_words=False,
                break_on_hyphens=False,  # ids stay whole, to be copied
            )
    return "\n".join([*lines, "", *textwrap.wrap(_origin(trace), width)]) + "\n"


def as_markdown(trace: Trace) -> str:
    """Return the proofs as Markdown: a heading for each line of advice, and its proof as a nested list."""
    lines = ["# Why this is advised"]
    for proof in _Proofs(trace).all():
        for step in proof:
            aside = f" *({escaped(step.aside)})*" if step.aside else ""
            text = f"{escaped(step.label)}: {escaped(step.text)}{aside}"
            lines += ["", f"## {text}", ""] if step.depth == 0 else [f"{'  ' * (step.depth - 1)}- {text}"]
    return "\n".join([*lines, "", escaped(_origin(trace))]) + "\n"


def proofs(
    trace: Trace, names: Iterable[str], known: Iterable[str] = (), labels: Mapping[str, str] | None = None
) -> Iterator[list[Step]]:
    """Yield the proof of each of these nodes.

    Args:
        trace: the whole trace.
        names: ids of nodes.
        known: ids of findings whose derivation was told before and is not told again.
        labels: what unknown facts are called; by their names where nothing is given.
    """
    told = _Proofs(trace, labels)
    for name in names:
        yield told.of(name, known)


def _origin(trace: Trace) -> str:
    return f"Answer {trace.answer}, from {trace.corpus.version} (digest {trace.corpus.digest[:12]})."


class _Proofs:
    def __init__(self, trace: Trace, labels: Mapping[str, str] | None = None) -> None:
        self.trace = trace
        self.labels = labels or {}
        self.nodes = {node.id: node for node in trace.nodes}
        self.into: dict[str, list[TraceEdge]] = {node.id: [] for node in trace.nodes}
        self.out: dict[str, list[TraceEdge]] = {node.id: [] for node in trace.nodes}
        for edge in trace.edges:
            self.into[edge.target].append(edge)
            self.out[edge.source].append(edge)

    def all(self) -> Iterator[list[Step]]:
        """Yield the proof of each line, or of the one node that the trace is a proof of."""
        for name in [self.trace.of] if self.trace.of else self.trace.lines:
            yield self.of(name)

    def of(self, name: str, known: Iterable[str] = ()) -> list[Step]:
        """Return the proof of a node."""
        self.told = set(known)  # findings whose derivation stands above
        return list(self._proof(self.nodes[name]))

    def _proof(self, node: TraceNode) -> Iterator[Step]:
        label = KIND_WORDS[node.kind] if node.standing or node.kind == "set_aside" else "Set aside"
        yield Step(0, label, node.label, "; ".join(self._marks(node)))
        yield from self._behind(node, 1)
        for edge in self.out[node.id]:
            if edge.kind == "attaches":
                condition = self.nodes[edge.target]
                yield Step(1, "With it comes", condition.text or condition.label, cited(condition.paragraphs))
            elif node.kind == "lesson" and not edge.standing:
                target = self.nodes[edge.target]
                yield Step(1, "Set aside for", target.label, "")
                yield from self._defeats(target, 2, only=node.name)

    def _behind(self, node: TraceNode, depth: int, rule: str | None = None) -> Iterator[Step]:
        """Yield what leads to a node."""
        lessons: dict[tuple[str, str | None, bool], list[TraceEdge]] = {}
        applying: set[str] = set()  # a rule may apply one lesson in two ways
        for edge in self.into[node.id]:
            source = self.nodes[edge.source]
            if source.kind == "lesson":
                lessons.setdefault((source.id, edge.strength, edge.standing), []).append(edge)
                continue
            match edge.kind:
                case "defeats" | "meets_already" if source.kind == "defeat":
                    pass
                case "proposes":
                    yield Step(depth, "On the table", source.label, edge.test or "", "fact")
                case "attaches":
                    yield Step(depth, "Comes with", source.label, "")
                    yield from self._behind(source, depth + 1)
                case "applies":
                    if rule in (None, source.name) and source.id not in applying:
                        applying.add(source.id)
                        yield from self._rule(source, depth)
                case "derives" | "reports" | "meets_already":
                    yield from self._rule(source, depth)
                case "holds":
                    yield from self._condition(edge, source, depth)
        for (name, _, _), edges in lessons.items():
            yield from self._lesson(edges, self.nodes[name], depth)
        yield from self._defeats(node, depth)

    def _lesson(self, edges: list[TraceEdge], lesson: TraceNode, depth: int) -> Iterator[Step]:
        """Yield a lesson with the rules that apply it alike."""
        edge = edges[0]
        own = edge.strength is not None and edge.strength != lesson.strength
        marks = [f"applied as {edge.strength}" if own else "", "" if edge.standing else "set aside here"]
        aside = "; ".join(part for part in (*self._marks(lesson), *marks) if part)
        yield Step(depth, "Lesson", lesson.text or lesson.label, aside, "lesson")
        for rule in dict.fromkeys(edge.rule for edge in edges):
            yield from self._behind(lesson, depth + 1, rule)

    def _rule(self, rule: TraceNode, depth: int) -> Iterator[Step]:
        note = f"; our reading: {rule.note}" if rule.note else "; our reading" if rule.reading == "ours" else ""
        yield Step(depth, "Rule", rule.label, f"{rule.name}{note}", "rule")
        if rule.id in self.told:
            if self.into[rule.id]:
                yield Step(depth + 1, "Because", "as above", "")
            return
        self.told.add(rule.id)
        yield from self._behind(rule, depth + 1)

    def _condition(self, edge: TraceEdge, source: TraceNode, depth: int) -> Iterator[Step]:
        label = "More urgent because" if edge.pressing else "Because" if edge.needed else "Because, among others"
        if source.kind == "fact":
            yield Step(depth, label, source.label, edge.test or "", "fact")
            return
        again = source.id in self.told
        self.told.add(source.id)
        yield Step(depth, label, source.label, f"{source.name}, as above" if again else source.name, "finding")
        if not again:
            yield from self._behind(source, depth + 1)

    def _defeats(self, node: TraceNode, depth: int, only: str | None = None) -> Iterator[Step]:
        for edge in self.into[node.id]:
            source = self.nodes[edge.source]
            if source.kind == "defeat" and (only is None or edge.lesson in (None, only)):
                reason = next((one.label for one in self.trace.nodes if one.id == f"lesson:{edge.lesson}"), None)
                aside = "; ".join(part for part in (cited(source.paragraphs), reason and f"of it: {reason}") if part)
                yield Step(depth, "Set aside by", source.label, aside)
                yield from self._behind(source, depth + 1)

    def _marks(self, node: TraceNode) -> Iterator[str]:
        if node.strength:
            yield node.strength
        if node.hedge and node.hedge != "none":
            yield node.hedge
        if node.basis:
            yield BASIS_WORDS[node.basis]
        if node.kind in ("lesson", "finding", "caution", "argument", "red_flag", "precedent"):
            yield cited(node.paragraphs)
        if node.pressing:
            yield "pressing"
        if node.provisional:
            facts = ", ".join(self.labels.get(name, name) for name in node.provisional)
            yield f"could still be set aside, depending on {facts}"
