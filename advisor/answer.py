"""The shape of an answer: frozen, typed, and the same in the library, over HTTP and in files."""

from __future__ import annotations

from typing import Any, Literal

from advisor.model import Basis, Hedge, Phase, Reading, Remark, Strength
from advisor.shapes import BaseModel, ConfigDict, Field

FORMAT = "1"
"""Version of this shape; part of every answer's id."""

ItemKind = Literal["recommendation", "caution", "red_flag", "contradiction", "argument", "condition"]


class Part(BaseModel):
    """Base of all parts of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Paragraph(Part):
    """A numbered place of a source."""

    source: str = Field(description="Id of the source.")
    ref: str = Field(description="How the place is cited there: 16, III.A, n14, box Kosovo.")
    href: str = Field(description="Where the service describes it.")
    short: str | None = Field(
        None,
        description="What the source is called, where the corpus has several.",
        exclude_if=lambda short: short is None,
    )


class BecauseFact(Part):
    """A known fact that made a rule fire."""

    fact: str
    value: Any = Field(description="The value as given: true or false, a word, a number, or a list of words.")
    matched: Any = Field(description="The part of the value that counted: of a list, the words that were looked for.")
    test: str = Field(description="The condition that held, in words.")


class BecauseFinding(Part):
    """A finding that made a rule fire."""

    finding: str


class BecauseElement(Part):
    """The element with which a safeguard is printed."""

    element: str


Because = BecauseFact | BecauseFinding | BecauseElement


class SourceNote(Part):
    """A source of the corpus: what it is, when it was made and what it is worth."""

    source: str
    short: str = Field(description="What it is called in a line.")
    date: str = Field(description="When it was made: a year, a month or a day.")
    standing: str = Field(description="Its legal and political standing.")
    pack: str = Field(description="Id of the pack that brings it.")


BesideKind = Literal["supersedes", "superseded_by", "narrows", "narrowed_by", "supports", "supported_by"]


class Beside(Part):
    """A lesson of another pack that speaks of this one, or of which this one speaks."""

    relation: BesideKind = Field(description="What this one does to the other, or the other to this one.")
    lesson: str
    text: str
    strength: Strength
    hedge: Hedge
    basis: Basis
    source: SourceNote
    paragraphs: tuple[Paragraph, ...]


class SourceView(Part):
    """What one of several sources says in a line of advice."""

    source: SourceNote
    text: str
    strength: Strength
    hedge: Hedge
    basis: Basis
    paragraphs: tuple[Paragraph, ...]


class Rationale(Part):
    """One reason: the rule that fired, the lesson it applies, the facts that fired it, the paragraphs behind it."""

    rule: str | None = Field(description="Id of the rule; null for a safeguard, which comes with its element.")
    lesson: str | None = Field(description="Id of the lesson; null where a rule reports or derives something itself.")
    title: str = Field(description="What the rule says, in a line.")
    text: str = Field(description="The lesson, or what the rule reports, in our own words.")
    strength: Strength | None = None
    hedge: Hedge | None = None
    basis: Basis | None = None
    because: tuple[Because, ...]
    paragraphs: tuple[Paragraph, ...]
    reading: Reading = Field(description="'ours' where the trigger or a threshold is our reading, not the paper's.")
    note: str | None = Field(None, description="What is ours in it.")
    remark: Remark | None = Field(None, description="Said of statements that are dated or a slip of the source.")
    pack: str = Field(description="Id of the pack from which the line comes.")
    beside: tuple[Beside, ...] = Field(
        (), description="What lessons of other packs have to do with this one.", exclude_if=lambda beside: not beside
    )


class Item(Part):
    """One line of advice."""

    id: str
    kind: ItemKind
    title: str
    text: str
    strength: Strength
    hedge: Hedge
    basis: Basis | None = Field(description="Null for a contradiction, which rests on the input alone.")
    headline: bool
    group: str = Field(description="Id of the heading of the outline under which it stands.")
    element: str | None = Field(None, description="The element, where the line recommends one or guards one.")
    bears_on: tuple[str, ...] = Field((), description="Elements that a caution, red flag or argument is about.")
    phases: tuple[Phase, ...] = ()
    pressing: bool = Field(False, description="Whether further facts make it more urgent, or it is on the table.")
    packs: tuple[str, ...] = Field((), description="Ids of the packs whose rules and lessons make the line.")
    by_source: tuple[SourceView, ...] = Field(
        (), description="What each source says, where there are several.", exclude_if=lambda views: not views
    )
    lessons: tuple[str, ...]
    conditions: tuple[Item, ...] = Field((), description="Safeguards that belong to the element.")
    provisional: tuple[str, ...] = Field((), description="Unknown facts that could still set the line aside.")
    rationale: tuple[Rationale, ...]


class SetAside(Item):
    """Advice that another lesson defeats, or whose aim is reached already.

    Its id is the element's where nothing else calls for the element, and the lesson's where only that lesson is
    defeated and the element still stands among the recommendations.
    """

    defeated_by: tuple[Rationale, ...]


class FindingNote(Part):
    """A finding that was derived."""

    finding: str
    title: str
    text: str
    rationale: tuple[Rationale, ...]


class SituationNote(Part):
    """The situation as it was understood."""

    facts: dict[str, Any] = Field(description="The known facts, in the vocabulary's order.")
    findings: tuple[FindingNote, ...]


class PrecedentNote(Part):
    """An earlier arrangement to which the lessons applied here point."""

    precedent: str
    title: str
    years: str
    summary: str
    lessons: tuple[str, ...]
    elements_recommended_here: tuple[str, ...] = Field(description="Elements it had that are recommended here.")
    elements_not_recommended_here: tuple[str, ...] = Field(description="Elements it had that are not.")
    paragraphs: tuple[Paragraph, ...]
    remarks: tuple[Remark, ...]
    rationale: tuple[Rationale, ...]


class AnswerValue(Part):
    """A value that a question may be answered with."""

    value: Any
    label: str


class Question(Part):
    """An unknown fact that could change the advice."""

    fact: str
    group: str
    question: str
    help: str
    type: str
    values: tuple[AnswerValue, ...]
    waiting: int = Field(description="How many rules wait for it; 0 where it could only add a reason or move a line.")
    decides: int = Field(description="How many of them raise a red flag or set advice aside.")
    paragraphs: tuple[Paragraph, ...]


class Notice(Part):
    """What is true of every answer, or why an answer says little."""

    id: str
    kind: Literal["standing", "open", "complete"]
    title: str
    text: str
    lessons: tuple[str, ...] = ()
    facts: tuple[str, ...] = Field((), description="Facts for want of which rules are open.")
    paragraphs: tuple[Paragraph, ...] = ()


class PackNote(Part):
    """A pack of the corpus."""

    id: str
    version: str
    title: str
    builds_on: tuple[str, ...] = Field((), description="Ids of the packs on which it builds.")
    digest: str = Field(description="SHA-256 over its content files.")


class CorpusNote(Part):
    """The corpus that gave the answer."""

    version: str
    digest: str
    packs: tuple[PackNote, ...]
    sources: tuple[SourceNote, ...]


# --- the derivation ---------------------------------------------------------------------------------------------------

TRACE_FORMAT = "1"
"""Version of the shape of a trace."""

NodeKind = Literal[
    "fact",
    "finding",
    "rule",
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
]
EdgeKind = Literal[
    "holds",
    "derives",
    "applies",
    "recommends",
    "cautions",
    "flags",
    "argues",
    "reports",
    "cites",
    "defeats",
    "meets_already",
    "proposes",
    "attaches",
]


class TraceNode(Part):
    """A fact, a rule that fired, or something that followed."""

    id: str = Field(description="Kind and name, e.g. finding:mass-influx; unique in the trace.")
    kind: NodeKind = Field(
        description="'set_aside' is a lesson that is set aside while an element it bears on stands for other reasons; "
        "'defeat' is what sets a line aside; 'condition' is a safeguard that comes with an element."
    )
    name: str = Field(description="Id of the fact, finding, rule, lesson, element or precedent.")
    layer: int = Field(description="0 for facts; else one more than the highest layer from which an edge leads here.")
    label: str = Field(description="What it is, in a line.")
    text: str | None = Field(None, description="The lesson, the finding or what a rule reports, in our own words.")
    value: Any = Field(None, description="Of a fact: its value.")
    strength: Strength | None = Field(None, description="Of a lesson, its own; of a line, that with which it is said.")
    hedge: Hedge | None = None
    basis: Basis | None = None
    reading: Reading | None = Field(None, description="Of a rule.")
    note: str | None = Field(None, description="Of a rule whose reading is ours: what is ours in it.")
    pressing: bool = Field(False, description="Of a rule or a line: whether facts make it more urgent.")
    headline: bool = False
    standing: bool = Field(True, description="False of a line that is set aside.")
    provisional: tuple[str, ...] = Field((), description="Unknown facts that could still set the line aside.")
    paragraphs: tuple[Paragraph, ...]
    pack: str = Field(description="Id of the pack from which it comes.")
    href: str = Field(description="Where the service describes it.")


class TraceEdge(Part):
    """One condition that held, or one consequence."""

    source: str
    target: str
    kind: EdgeKind = Field(description="'holds' is a condition of a rule that held; all others are consequences.")
    rule: str | None = Field(None, description="Of what follows from a lesson: the rule that applied it so.")
    lesson: str | None = Field(
        None, description="Of a defeat: the one reason set aside; null where the line itself is."
    )
    test: str | None = Field(None, description="The condition that held, in words.")
    matched: Any = Field(None, description="The part of the fact's value that counted.")
    needed: bool = Field(True, description="False where the rule would have fired, or pressed, without this condition.")
    pressing: bool = Field(False, description="Whether it is no condition of firing but makes the rule pressing.")
    strength: Strength | None = Field(None, description="Of a lesson applied: the strength with which.")
    standing: bool = Field(True, description="False where the reason is set aside.")


class Trace(Part):
    """The derivation of an answer, or the proof of one line of it: a graph without cycles."""

    format: str = TRACE_FORMAT
    answer: str = Field(description="Id of the answer.")
    corpus: CorpusNote
    of: str | None = Field(None, description="The node that is proved; null for the whole.")
    lines: tuple[str, ...] = Field(
        description="Nodes that are lines of the answer, in its order: flags, recommendations, arguments, set aside."
    )
    nodes: tuple[TraceNode, ...]
    edges: tuple[TraceEdge, ...]


# --- the answer -------------------------------------------------------------------------------------------------------


class Advice(Part):
    """The answer."""

    id: str = Field(description="Digest of the facts, the corpus and the format: equal inputs, equal id.")
    format: str = FORMAT
    corpus: CorpusNote
    situation: SituationNote
    red_flags: tuple[Item, ...]
    recommendations: tuple[Item, ...] = Field(description="Headlines first, by rank; then the rest by heading.")
    arguments: tuple[Item, ...]
    set_aside: tuple[SetAside, ...]
    precedents: tuple[PrecedentNote, ...]
    questions: tuple[Question, ...] = Field(description="What to ask next, the most telling first; at most twelve.")
    questions_open: int = Field(description="How many unknown facts could still change the answer.")
    complete: bool = Field(description="Whether none could: knowing more would not change the answer.")
    notices: tuple[Notice, ...]
    trace: Trace | None = Field(
        None, description="How every line was derived, if asked for.", exclude_if=lambda trace: trace is None
    )

    @property
    def headlines(self) -> tuple[Item, ...]:
        """The lines to read first."""
        return tuple(item for item in self.recommendations if item.headline)
