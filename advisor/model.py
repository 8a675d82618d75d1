"""The shapes of content: what stands in the YAML files of a pack, as frozen pydantic models.

Names and meanings are those of the glossary in ``docs/glossary.md``. A model says which keys a file may have and of
which type; what one file says of another (that an element exists, say) is held in ``advisor.checks``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Strength = Literal["must", "should", "consider", "avoid"]
Hedge = Literal["none", "usually", "sometimes"]
Basis = Literal["legal_duty", "lesson", "described_practice", "single_precedent"]
Kind = Literal["lesson", "characteristic", "caveat", "principle", "building_block", "need", "fact_of_precedent"]
Phase = Literal["prevention", "initial", "medium_term", "outcomes"]
Reading = Literal["source", "ours"]
Relation = Literal["supersedes", "narrows", "supports"]
FactKind = Literal["boolean", "enum", "set", "integer", "number"]

HEDGES: tuple[Hedge, ...] = ("none", "usually", "sometimes")
"""From unhedged to doubtful."""
BASES: tuple[Basis, ...] = ("legal_duty", "lesson", "described_practice", "single_precedent")
"""From norm to example."""
STRENGTHS: tuple[Strength, ...] = ("must", "should", "consider")
"""From strong to weak. ``avoid`` stands apart: it speaks against something and is never compared with these."""

RELATIONS: tuple[Relation, ...] = ("supersedes", "narrows", "supports")
"""What a lesson may say of a lesson of another pack; each is a key of lessons."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$", max_length=20)]
KebabId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=80)]
SnakeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=80)]
PlaceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
LessonId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=80)]
PlaceRef = Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]+:)?[a-z0-9]+(-[a-z0-9]+)*$", max_length=160)]
"""A place of a source. In files ``16`` means paragraph 16 of the pack's own source, ``amman-2011:16`` that of another;
once read, every reference is of the second form."""


class Content(BaseModel):
    """Base of all content: frozen, and with no keys beyond those named."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Remark(Content):
    """What has to be said beside a statement: that it is dated, a slip of the source, or to be used with care."""

    kind: Literal["dated", "slip", "caution"]
    text: Text


# --- the pack ---------------------------------------------------------------------------------------------------------


class Manifest(Content):
    """``knowledge/pack.yaml``: what the pack is."""

    id: KebabId
    version: Version
    title: Line
    text: Text
    builds_on: tuple[Base, ...] = Field((), description="Packs whose content this pack uses or speaks about.")
    sources: tuple[KebabId, ...] = Field(
        (), description="The pack's sources; a bare paragraph number means a place of the first."
    )
    topics: tuple[Topic, ...] = ()


class Base(Content):
    """A pack on which another builds."""

    pack: KebabId
    at_least: Version | None = Field(None, description="The lowest version that will do.")


class Topic(Content):
    """A folder below ``rules/``, with the title under which answers speak of its rules."""

    id: KebabId
    title: Line


# --- sources ----------------------------------------------------------------------------------------------------------


class Place(Content):
    """A numbered paragraph, section, box or note of a source, with a gist in our own words."""

    id: PlaceId
    ref: Line = Field(description="How the place is cited: 16, III.A, n14, box Kosovo.")
    kind: Literal["head", "paragraph", "section", "box", "note"]
    part: Line
    section: Line | None = None
    heading: Line | None = None
    page: Annotated[int, Field(ge=1)]
    gist: Text
    refers_to: tuple[PlaceRef, ...] = Field((), description="Other places of the same source that it points to.")
    cites: tuple[KebabId, ...] = Field((), description="Ids of references.")
    remark: Remark | None = None
    no_lesson: Line | None = Field(None, description="Why no lesson rests on this place.")
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        None, description="SHA-256 of the place's own text, without its layout (advisor.paper)."
    )


class Source(Content):
    """A document whose lessons the rules apply (``knowledge/sources/``)."""

    id: KebabId
    title: Line
    short: Line
    publisher: Line
    date: Line
    occasion: Line | None = None
    language: Line
    standing: Text = Field(description="Its legal and political standing, in a sentence.")
    references: tuple[KebabId, ...] = ()
    places: tuple[Place, ...]


class Reference(Content):
    """A document that a source is or cites."""

    id: KebabId
    title: Line
    authors: tuple[Line, ...] = ()
    publisher: Line | None = None
    date: Line | None = None
    symbol: Line | None = None
    kind: Literal[
        "treaty",
        "resolution",
        "conclusion",
        "report",
        "policy",
        "directive",
        "recommendation",
        "regulation",
        "decision",
        "book",
        "chapter",
        "article",
        "web_page",
        "agreement",
    ]
    locator: Line | None = None
    cited_in: tuple[PlaceRef, ...] = ()
    remark: Remark | None = None


class ReferencesFile(Content):
    """``knowledge/references.yaml``."""

    references: tuple[Reference, ...]


# --- vocabulary -------------------------------------------------------------------------------------------------------


class FactGroup(Content):
    """A block of questions."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
    title: Line
    text: Text


class FactValue(Content):
    """An allowed value of an enum or a set."""

    value: SnakeName
    label: Line
    help: Text | None = None


class Fact(Content):
    """An entry of the vocabulary: something that may be known of a situation."""

    name: SnakeName
    group: str
    type: FactKind
    question: Line
    help: Text
    label: Line
    places: tuple[PlaceRef, ...] = Field(min_length=1)
    values: tuple[FactValue, ...] = ()
    labels: dict[Literal["true", "false"], Line] | None = Field(None, description="Labels of a boolean's values.")
    unit: Line | None = None
    minimum: int | None = None
    maximum: int | None = None
    ask_when: Any = Field(None, description="Condition on facts under which the question is worth asking.")

    @property
    def allowed(self) -> tuple[str, ...]:
        """The allowed values of an enum or a set, in the order in which they are declared."""
        return tuple(value.value for value in self.values)

    def label_of(self, value: object) -> str:
        """Return the label of a value as an officer reads it; sets joined by commas, an empty one as 'none'."""
        if isinstance(value, bool):
            return (self.labels or {}).get("true" if value else "false", "yes" if value else "no")
        if isinstance(value, tuple | list):
            return ", ".join(self.label_of(member) for member in value) or "none"
        if isinstance(value, int | float):
            return f"{value:,}" + (f" {self.unit}" if self.unit else "")
        return next((entry.label for entry in self.values if entry.value == value), str(value))


class AddedValues(Content):
    """Values that a pack adds to a fact of another pack."""

    fact: SnakeName
    values: tuple[FactValue, ...] = Field(min_length=1)


class FactsFile(Content):
    """``knowledge/facts.yaml``."""

    groups: tuple[FactGroup, ...] = ()
    facts: tuple[Fact, ...] = ()
    added_values: tuple[AddedValues, ...] = Field((), description="Further values of other packs' facts.")


class Finding(Content):
    """A proposition that rules derive and other rules use."""

    id: KebabId
    title: Line
    text: Text
    kind: Literal["situation", "strain", "proposal", "actors", "form", "prospects"]
    places: tuple[PlaceRef, ...] = ()
    general: bool = Field(False, description="Whether every kind of situation brings it with it.")
    situation_type: SnakeName | None = Field(None, description="The value of situation_types that it stands for.")


class FindingsFile(Content):
    """``knowledge/findings.yaml``."""

    findings: tuple[Finding, ...]


# --- elements, lessons, precedents ------------------------------------------------------------------------------------


class ElementGroup(Content):
    """A heading of the outline of an arrangement, in the order of Part III of the paper."""

    id: SnakeName
    title: Line
    place: PlaceRef
    text: Text


class Element(Content):
    """A building block of an arrangement."""

    id: KebabId
    group: SnakeName
    title: Line
    text: Text
    phases: tuple[Phase, ...] = ()
    places: tuple[PlaceRef, ...] = ()
    not_the_same_as: tuple[KebabId, ...] = ()
    life_saving: bool = False
    machinery: bool = Field(False, description="Standing machinery that a very small case does not need.")
    proposed_as: tuple[SnakeName, ...] = Field((), description="Values of measures_proposed that stand for it.")
    framing: bool = Field(False, description="Frames the outline rather than asks for action: never a headline.")


class ElementsFile(Content):
    """``knowledge/elements.yaml``."""

    groups: tuple[ElementGroup, ...] = ()
    elements: tuple[Element, ...]


class Lesson(Content):
    """One statement of a source, in our own words."""

    id: LessonId
    place: PlaceRef
    kind: Kind
    title: Line
    when: Line = Field(description="The situation that calls for it, in plain words.")
    text: Text
    strength: Strength
    hedge: Hedge
    basis: Basis
    weight: Annotated[int, Field(ge=1, le=3, description="3: an advisor that misses it is wrong; 1: background.")]
    facts: tuple[SnakeName, ...] = ()
    same_as: LessonId | None = None
    supersedes: tuple[LessonId, ...] = Field((), description="Lessons of other packs that no longer hold as stated.")
    narrows: tuple[LessonId, ...] = Field((), description="Lessons of other packs that hold less widely than stated.")
    supports: tuple[LessonId, ...] = Field((), description="Lessons of other packs that it confirms.")
    attaches_to: tuple[KebabId, ...] = Field((), description="Elements with which it is printed as a safeguard.")
    notice: bool = Field(False, description="Whether it is printed with every answer.")
    no_advice: Line | None = Field(None, description="Why it never leads to advice.")
    remark: Remark | None = None
    note: Text | None = None


class LessonsFile(Content):
    """A file below ``knowledge/lessons/``."""

    source: KebabId
    lessons: tuple[Lesson, ...]


class Figure(Content):
    """A figure of a precedent."""

    what: Line
    value: Line
    place: PlaceRef


class Precedent(Content):
    """An earlier arrangement (``knowledge/precedents/``)."""

    id: KebabId
    title: Line
    years: Line
    kinds: tuple[SnakeName, ...]
    parties: tuple[Line, ...]
    summary: Text
    situation: dict[str, Any] = Field(default_factory=dict, description="The facts as they stood before it.")
    figures: tuple[Figure, ...] = ()
    elements_present: tuple[KebabId, ...] = ()
    elements_absent: tuple[KebabId, ...] = ()
    phases: tuple[Phase, ...] = ()
    places: tuple[PlaceRef, ...]
    lessons: tuple[LessonId, ...] = ()
    references: tuple[KebabId, ...] = ()
    remarks: tuple[Remark, ...] = ()


# --- rules ------------------------------------------------------------------------------------------------------------

VERBS = ("recommends", "cautions", "flags", "argues")


class Consequence(Content):
    """One thing that follows when a rule fires.

    Exactly one of ``finding``, ``lesson``, ``contradiction`` and ``already_met`` stands in it; the other keys say
    how a lesson is applied.
    """

    finding: KebabId | None = None
    lesson: LessonId | None = None
    recommends: tuple[KebabId, ...] | None = Field(None, description="Elements that the lesson calls for.")
    cautions: tuple[KebabId, ...] | None = Field(None, description="Elements about which the lesson warns.")
    flags: tuple[KebabId, ...] | None = Field(None, description="A red flag, bearing on these elements.")
    argues: tuple[KebabId, ...] | None = Field(None, description="A ground for sharing, bearing on these elements.")
    cites: tuple[KebabId, ...] = Field((), description="Precedents to which the lesson points.")
    defeats: tuple[LessonId, ...] = Field((), description="Elements or lessons that it sets aside.")
    strength: Strength | None = Field(None, description="A strength below the lesson's own.")
    contradiction: Text | None = None
    already_met: tuple[KebabId, ...] | None = None

    @property
    def verb(self) -> str | None:
        """How a lesson is applied: one of ``VERBS``, or None where it is only cited or only defeats."""
        return next((verb for verb in VERBS if getattr(self, verb) is not None), None)

    @property
    def elements(self) -> tuple[str, ...]:
        """The elements that it bears on."""
        named: tuple[str, ...] | None = getattr(self, self.verb) if self.verb else self.already_met
        return named or ()


class RuleTest(Content):
    """A situation in which the rule fires, is silent or is open."""

    name: Line
    given: dict[str, Any]
    expect: Literal["fires", "silent", "open"]
    pressing: bool | None = None


class RuleFile(Content):
    """A file below ``rules/<topic>/``: one rule, with its tests."""

    id: KebabId
    title: Line
    reading: Reading = "source"
    note: Text | None = None
    when: Any
    pressing_when: Any = None
    then: tuple[Consequence, ...] = Field(min_length=1)
    tests: tuple[RuleTest, ...] = ()


# --- situations that stand beside the rules ---------------------------------------------------------------------------


class Example(Content):
    """A file below ``examples/``: a situation as an officer tells it, ready for ``advisor advise``."""

    title: Line = Field(description="The situation in a line, with its date.")
    story: Text | None = Field(None, description="What had happened, in a few sentences.")
    facts: dict[str, Any] = Field(
        description="What was known: fact names to values. What is left out is unknown; an empty list means none."
    )


class Expectation(Content):
    """What a scenario says of the advice on it.

    Each list names lines that must be there; others may be there, too. An empty list says that there must be none.
    """

    recommended: tuple[str, ...] | None = Field(
        None, description="Elements that are recommended, and lessons that are given as cautions."
    )
    headlines: tuple[str, ...] | None = Field(
        None, description="Elements, and lessons given as cautions, that are among the headlines."
    )
    red_flags: tuple[str, ...] | None = Field(
        None, description="Rules that raise a red flag or report that facts clash."
    )
    set_aside: tuple[str, ...] | None = Field(
        None, description="Elements and lessons that are called for, but set aside by another lesson."
    )
    cautions: tuple[str, ...] | None = Field(None, description="Lessons that are given as cautions.")
    arguments: tuple[str, ...] | None = Field(None, description="Lessons that are given as arguments for partners.")
    precedents: tuple[str, ...] | None = Field(None, description="Precedents to which the answer points.")
    questions: tuple[str, ...] | None = Field(None, description="Facts that are among the next questions.")
    never: tuple[str, ...] = Field(
        (),
        description="Elements, lessons and rules of which no line may be made: neither recommended nor warned of, "
        "flagged or argued. What is set aside is not advised.",
    )

    @property
    def empty(self) -> bool:
        """Whether it would hold of any advice."""
        lists = (getattr(self, key) for key in Expectation.model_fields if key != "never")
        return not self.never and all(names is None for names in lists)


class Scenario(Content):
    """A file below ``scenarios/``: a whole situation, and the advice that it must and must not get.

    The file's name, without its ending, is the scenario's id. It tells its facts itself or names an example that does.
    """

    title: Line = Field(description="The situation in a line, with its date.")
    story: Text | None = Field(None, description="What had happened, in a few sentences.")
    example: str | None = Field(
        None, description="Name of a file below examples/, without its ending, that tells the facts."
    )
    facts: dict[str, Any] | None = Field(
        None, description="What was known: fact names to values. Either this or 'example' stands in a scenario."
    )
    expect: Expectation
