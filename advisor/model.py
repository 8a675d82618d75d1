"""The shapes of content: what stands in the YAML files of a pack, as frozen pydantic models.

Names and meanings are those of the glossary in ``docs/glossary.md``. A model says which keys a file may have and of
which type; what one file says of another (that an element exists, say) is held in ``advisor.checks``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from advisor.shapes import BaseModel, ConfigDict, Field, StringConstraints

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


def _names(what: str) -> Any:
    """Mark a text that names an entry of the corpus, or a part that is written in its vocabulary.

    The mark stands in the JSON Schema that pydantic generates; ``advisor.schemas`` puts the known names in its place.
    """
    return Field(json_schema_extra={"names": what})


PlaceRef = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z0-9-]+:)?[a-z0-9]+(-[a-z0-9]+)*$", max_length=160),
    _names("place"),
]
"""A place of a source. In files ``16`` means paragraph 16 of the pack's own source, ``amman-2011:16`` that of another;
once read, every reference is of the second form."""
PackName = Annotated[KebabId, _names("pack")]
SourceName = Annotated[KebabId, _names("source")]
ReferenceName = Annotated[KebabId, _names("reference")]
FactName = Annotated[SnakeName, _names("fact")]
FactGroupName = Annotated[str, _names("fact-group")]
SituationType = Annotated[SnakeName, _names("situation-type")]
ProposedMeasure = Annotated[SnakeName, _names("proposed-measure")]
FindingName = Annotated[KebabId, _names("finding")]
ElementGroupName = Annotated[SnakeName, _names("element-group")]
ElementName = Annotated[KebabId, _names("element")]
LessonName = Annotated[LessonId, _names("lesson")]
ElementOrLessonName = Annotated[LessonId, _names("element-or-lesson")]
PrecedentName = Annotated[KebabId, _names("precedent")]
ElementOrLessonLine = Annotated[str, _names("element-or-lesson")]
LessonLine = Annotated[str, _names("lesson")]
RuleLine = Annotated[str, _names("rule")]
PrecedentLine = Annotated[str, _names("precedent")]
FactLine = Annotated[str, _names("fact")]
AnyLine = Annotated[str, _names("line")]
ExampleLine = Annotated[str, _names("example")]
ClaimText = Annotated[Any, _names("claim")]
"""A claim about answers as it is written."""
Facts = Annotated[dict[str, Any], _names("facts")]
"""Facts as they are told: names and values."""
ConditionText = Annotated[Any, _names("condition")]
"""A condition as it is written."""
FactConditionText = Annotated[Any, _names("fact-condition")]
"""A condition as it is written, on facts alone."""


class Content(BaseModel):
    """Base of all content: frozen, and with no keys beyond those named."""

    # What validates a model is built when it is first used: whoever has a compiled corpus validates no content.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Remark(Content):
    """What has to be said beside a statement: that it is dated, a slip of the source, or to be used with care."""

    kind: Literal["dated", "slip", "caution"] = Field(description="What sort of remark it is.")
    text: Text = Field(description="What has to be said, in a sentence or two.")


# --- the pack ---------------------------------------------------------------------------------------------------------


class Manifest(Content):
    """What a pack is: its name and version, what it builds on, its sources and topics."""

    id: KebabId = Field(description="The pack's name, by which answers and other packs speak of it.")
    version: Version = Field(description="Raise it when the content changes.")
    title: Line = Field(description="What the pack is called.")
    text: Text = Field(description="What the pack is about, in a few sentences.")
    builds_on: tuple[Base, ...] = Field((), description="Packs whose content this pack uses or speaks about.")
    sources: tuple[SourceName, ...] = Field(
        (), description="The pack's sources; a bare paragraph number means a place of the first."
    )
    topics: tuple[Topic, ...] = Field((), description="The folders below rules/, in the order in which they are shown.")
    accepts: tuple[Accepted, ...] = Field((), description="Warnings that are meant to stay, each with a reason.")


class Accepted(Content):
    """A warning that is meant to stay."""

    problem: KebabId = Field(description="Code of the warning, as `advisor check` prints it.")
    of: Line = Field(description="Id of the rule, fact, lesson … that it is about, or a file below the pack's folder.")
    reason: Line = Field(description="Why it is meant to stay.")


class Base(Content):
    """A pack on which another builds."""

    pack: PackName = Field(description="The pack's id.")
    at_least: Version | None = Field(None, description="The lowest version that will do.")


class Topic(Content):
    """A folder below ``rules/``, with the title under which answers speak of its rules."""

    id: KebabId = Field(description="The folder's name.")
    title: Line = Field(description="The title under which answers speak of its rules.")


# --- sources ----------------------------------------------------------------------------------------------------------


class Place(Content):
    """A numbered paragraph, section, box or note of a source, with a gist in our own words."""

    id: PlaceId = Field(description="The name by which lessons and rules refer to the place.")
    ref: Line = Field(description="How the place is cited: 16, III.A, n14, box Kosovo.")
    kind: Literal["head", "paragraph", "section", "box", "note"] = Field(description="What sort of place it is.")
    part: Line = Field(description="The part of the document in which it stands.")
    section: Line | None = Field(None, description="The section in which it stands.")
    heading: Line | None = Field(None, description="The heading right above it.")
    page: Annotated[int, Field(ge=1)] = Field(description="The page on which it begins.")
    gist: Text = Field(description="What it says, in our own words.")
    refers_to: tuple[PlaceRef, ...] = Field((), description="Other places of the same source that it points to.")
    cites: tuple[ReferenceName, ...] = Field((), description="Documents that it names: ids of references.")
    remark: Remark | None = Field(None, description="What has to be said beside it.")
    no_lesson: Line | None = Field(None, description="Why no lesson rests on this place.")
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        None, description="SHA-256 of the place's own text without its layout, by which an attached copy is recognised."
    )


class Source(Content):
    """A document whose lessons the rules apply."""

    id: KebabId = Field(description="The name by which lessons and places refer to it.")
    title: Line = Field(description="The document's title.")
    short: Line = Field(description="How an answer cites it, in a few words.")
    publisher: Line = Field(description="Who published it.")
    date: Line = Field(description="When it was published, as far as known: 2011, 2011-06 or 2011-06-27, in quotes.")
    occasion: Line | None = Field(None, description="The meeting or event for which it was written.")
    language: Line = Field(description="The code of its language, such as en.")
    standing: Text = Field(description="Its legal and political standing, in a sentence.")
    references: tuple[ReferenceName, ...] = Field((), description="The document itself, as an id of references.")
    places: tuple[Place, ...] = Field(description="Its paragraphs, sections, boxes and notes, in their order.")


class Reference(Content):
    """A document that a source is or cites."""

    id: KebabId = Field(description="The name by which places and precedents cite it.")
    title: Line = Field(description="The document's title.")
    authors: tuple[Line, ...] = Field((), description="Its authors, as printed.")
    publisher: Line | None = Field(None, description="Who published or adopted it.")
    date: Line | None = Field(None, description="When, as far as known: 1951, 1969-09 or 1969-09-10, in quotes.")
    symbol: Line | None = Field(None, description="The symbol or number by which it is found.")
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
    ] = Field(description="What sort of document it is.")
    locator: Line | None = Field(None, description="The part of it that is meant: an article, a page.")
    cited_in: tuple[PlaceRef, ...] = Field((), description="The places that name it.")
    remark: Remark | None = Field(None, description="What has to be said beside it.")


class ReferencesFile(Content):
    """The documents that the sources are or cite."""

    references: tuple[Reference, ...] = Field(description="The documents, each once.")


# --- vocabulary -------------------------------------------------------------------------------------------------------


class FactGroup(Content):
    """A block of questions."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")] = Field(
        description="The letter or letters by which facts refer to it."
    )
    title: Line = Field(description="The heading above its questions.")
    text: Text = Field(description="What its questions are about.")


class FactValue(Content):
    """An allowed value of an enum or a set."""

    value: SnakeName = Field(description="The word that stands in situations and rules.")
    label: Line = Field(description="What an officer reads instead.")
    help: Text | None = Field(None, description="When the value fits, where the label leaves that open.")


class Fact(Content):
    """An entry of the vocabulary: something that may be known of a situation."""

    name: SnakeName = Field(description="The name in situations and rules; a boolean's reads as a statement.")
    group: FactGroupName = Field(description="The block of questions to which it belongs.")
    type: FactKind = Field(description="What can be answered.")
    question: Line = Field(description="The question put to an officer.")
    help: Text = Field(description="How to answer it: what counts and what doesn't.")
    label: Line = Field(description="What the fact is called in an answer.")
    places: tuple[PlaceRef, ...] = Field(min_length=1, description="The places of the source that make it matter.")
    values: tuple[FactValue, ...] = Field(
        (), max_length=200, description="The allowed values of an enum or a set, in their order."
    )
    labels: dict[Literal["true", "false"], Line] | None = Field(
        None, description="What an officer reads for true and for false, where the fact is a boolean."
    )
    unit: Line | None = Field(None, description="What a number counts: people, years.")
    minimum: int | None = Field(None, description="The smallest number that makes sense.")
    maximum: int | None = Field(None, description="The largest number that makes sense.")
    ask_when: FactConditionText = Field(
        None, description="Condition on facts under which the question is worth asking; left out, it always is."
    )

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

    fact: FactName = Field(description="The fact of the other pack: an enum or a set.")
    values: tuple[FactValue, ...] = Field(min_length=1, max_length=200, description="The values that this pack adds.")


class FactsFile(Content):
    """The vocabulary: what may be known of a situation, and the questions put to an officer."""

    groups: tuple[FactGroup, ...] = Field(
        (), description="The blocks of questions, in the order in which they are put."
    )
    facts: tuple[Fact, ...] = Field(
        (), description="What may be known of a situation, in the order in which it is asked."
    )
    added_values: tuple[AddedValues, ...] = Field((), description="Further values of other packs' facts.")


class Finding(Content):
    """A proposition that rules derive and other rules use."""

    id: KebabId = Field(description="The name by which rules derive it and test it.")
    title: Line = Field(description="What it is called, in a few words.")
    text: Text = Field(description="The sentence that stands in an answer once it is derived.")
    kind: Literal["situation", "strain", "proposal", "actors", "form", "prospects"] = Field(
        description="What it is about."
    )
    places: tuple[PlaceRef, ...] = Field((), description="The places of the source that speak of it.")
    general: bool = Field(False, description="Whether every kind of situation brings it with it.")
    situation_type: SituationType | None = Field(None, description="The value of situation_types that it stands for.")


class FindingsFile(Content):
    """The propositions that rules derive and other rules use."""

    findings: tuple[Finding, ...] = Field(description="The propositions, each of which some rule derives.")


# --- elements, lessons, precedents ------------------------------------------------------------------------------------


class ElementGroup(Content):
    """A heading of the outline of an arrangement, in the order of Part III of the paper."""

    id: SnakeName = Field(description="The name by which elements refer to it.")
    title: Line = Field(description="The heading as it stands in an outline.")
    place: PlaceRef = Field(description="The place of the source that has the heading.")
    text: Text = Field(description="What belongs under it.")


class Element(Content):
    """A building block of an arrangement."""

    id: KebabId = Field(description="The name by which rules and lessons refer to it.")
    group: ElementGroupName = Field(description="The heading under which it stands.")
    title: Line = Field(description="What it is called; it goes into the outline as it stands.")
    text: Text = Field(description="What it is, in a sentence.")
    phases: tuple[Phase, ...] = Field((), description="The phases of displacement to which it belongs; none for all.")
    places: tuple[PlaceRef, ...] = Field((), description="The places of the source that speak of it.")
    not_the_same_as: tuple[ElementName, ...] = Field((), description="Elements with which it is easily confused.")
    life_saving: bool = Field(False, description="Whether lives depend on it: such lines come first.")
    machinery: bool = Field(False, description="Standing machinery that a very small case does not need.")
    proposed_as: tuple[ProposedMeasure, ...] = Field((), description="Values of measures_proposed that stand for it.")
    framing: bool = Field(False, description="Frames the outline rather than asks for action: never a headline.")


class ElementsFile(Content):
    """The building blocks of an arrangement, under the headings of an outline."""

    groups: tuple[ElementGroup, ...] = Field((), description="The headings of an outline, in their order.")
    elements: tuple[Element, ...] = Field(description="The building blocks, in the order of an outline.")


class Lesson(Content):
    """One statement of a source, in our own words."""

    id: LessonId = Field(description="The name by which rules apply it: the place and a number, such as p16-07.")
    place: PlaceRef = Field(description="The place of the source that states it.")
    kind: Kind = Field(description="What sort of statement it is.")
    title: Line = Field(description="The point in a line, as a headline of an answer has it.")
    when: Line = Field(description="The situation that calls for it, in plain words.")
    text: Text = Field(description="What it says, in our own words, no stronger than the source does.")
    strength: Strength = Field(description="The source's modal word.")
    hedge: Hedge = Field(description="How far the source qualifies it.")
    basis: Basis = Field(description="What it rests on.")
    weight: Annotated[int, Field(ge=1, le=3)] = Field(
        description="3 where an advisor that misses it is wrong, 1 where it is background."
    )
    facts: tuple[FactName, ...] = Field((), description="The facts on which it turns.")
    same_as: LessonName | None = Field(None, description="The lesson of which it is a restatement; both count once.")
    supersedes: tuple[LessonName, ...] = Field((), description="Lessons of other packs that no longer hold as stated.")
    narrows: tuple[LessonName, ...] = Field((), description="Lessons of other packs that hold less widely than stated.")
    supports: tuple[LessonName, ...] = Field((), description="Lessons of other packs that it confirms.")
    attaches_to: tuple[ElementName, ...] = Field((), description="Elements with which it is printed as a safeguard.")
    notice: bool = Field(False, description="Whether it is printed with every answer.")
    no_advice: Line | None = Field(None, description="Why it never leads to advice.")
    remark: Remark | None = Field(None, description="What has to be said beside it.")
    note: Text | None = Field(None, description="What a reviewer should know; not printed in answers.")


class LessonsFile(Content):
    """Statements of one source, in our own words."""

    source: SourceName = Field(description="The source that states these lessons; their places are its places.")
    lessons: tuple[Lesson, ...] = Field(description="The statements, in the order of the source.")


class Figure(Content):
    """A figure of a precedent."""

    what: Line = Field(description="What is counted.")
    value: Line = Field(description="The number with the words around it, as the source gives it, in quotes.")
    place: PlaceRef = Field(description="The place of the source that gives it.")


class Precedent(Content):
    """An earlier arrangement."""

    id: KebabId = Field(description="The name by which rules cite it; also the name of its file.")
    title: Line = Field(description="What the arrangement is called.")
    years: Line = Field(description='When it was in force: "1999", 1989 to 1996, since 2004.')
    kinds: tuple[SituationType, ...] = Field(
        description="The kinds of situation it answered: values of situation_types."
    )
    parties: tuple[Line, ...] = Field(description="The States and organizations that took part.")
    summary: Text = Field(description="What happened, in a few sentences of our own.")
    situation: Facts = Field(default_factory=dict, description="The facts as they stood before it.")
    figures: tuple[Figure, ...] = Field((), description="The figures that the source gives.")
    elements_present: tuple[ElementName, ...] = Field((), description="Elements that it had.")
    elements_absent: tuple[ElementName, ...] = Field((), description="Elements that it is known to have lacked.")
    phases: tuple[Phase, ...] = Field((), description="The phases of displacement that it covered.")
    places: tuple[PlaceRef, ...] = Field(description="The places of the source that tell of it.")
    lessons: tuple[LessonName, ...] = Field((), description="Lessons drawn from it.")
    references: tuple[ReferenceName, ...] = Field((), description="Documents about it: ids of references.")
    remarks: tuple[Remark, ...] = Field((), description="What has to be said beside it.")


# --- what must hold of the advice -------------------------------------------------------------------------------------


class Invariant(Content):
    """Something that holds of every answer: wherever one claim holds so does another, or one never holds."""

    id: KebabId = Field(description="The point in a few words.")
    title: Line = Field(description="What holds, in a line.")
    reason: Text = Field(description="Why it holds: what the places say that calls for it.")
    places: tuple[PlaceRef, ...] = Field(min_length=1, description="The places of the source that call for it.")
    wherever: ClaimText = Field(None, description="A claim; where it holds, the claim under then holds too.")
    then: ClaimText = Field(None, description="What holds there.")
    never: ClaimText = Field(None, description="A claim that holds of no answer; stands in place of wherever and then.")


class Tension(Content):
    """A lesson that speaks against elements, or warns of them, and yet may stand beside them in an answer."""

    lesson: LessonName = Field(description="The lesson that warns.")
    elements: tuple[ElementName, ...] = Field(min_length=1, description="The elements beside which it may stand.")
    reason: Text = Field(description="Why both may stand: how the lesson qualifies what it does not forbid.")
    places: tuple[PlaceRef, ...] = Field(min_length=1, description="The places of the source that say so.")


class InvariantsFile(Content):
    """What holds of every answer, and which warnings may stand beside what they warn of."""

    invariants: tuple[Invariant, ...] = Field((), description="What holds of every answer.")
    tensions: tuple[Tension, ...] = Field((), description="Warnings that may stand beside what they warn of.")


# --- rules ------------------------------------------------------------------------------------------------------------

VERBS = ("recommends", "cautions", "flags", "argues")


class Consequence(Content):
    """One thing that follows when a rule fires.

    Exactly one of ``finding``, ``lesson``, ``contradiction`` and ``already_met`` stands in it; the other keys say
    how a lesson is applied.
    """

    finding: FindingName | None = Field(None, description="The finding that is derived.")
    lesson: LessonName | None = Field(None, description="The lesson that is applied.")
    recommends: tuple[ElementName, ...] | None = Field(None, description="Elements that the lesson calls for.")
    cautions: tuple[ElementName, ...] | None = Field(None, description="Elements about which the lesson warns.")
    flags: tuple[ElementName, ...] | None = Field(None, description="A red flag, bearing on these elements.")
    argues: tuple[ElementName, ...] | None = Field(None, description="A ground for sharing, bearing on these elements.")
    cites: tuple[PrecedentName, ...] = Field((), description="Precedents to which the lesson points.")
    defeats: tuple[ElementOrLessonName, ...] = Field((), description="Elements or lessons that it sets aside.")
    strength: Strength | None = Field(None, description="A strength below the lesson's own.")
    contradiction: Text | None = Field(
        None, description="Which facts don't fit together, as a sentence to the officer."
    )
    already_met: tuple[ElementName, ...] | None = Field(None, description="Elements whose aim is reached already.")

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

    name: Line = Field(description="The case as an officer would tell it, in a line.")
    given: Facts = Field(description="The facts that are known; as few as will do.")
    expect: Literal["fires", "silent", "open"] = Field(description="What the rule does.")
    pressing: bool | None = Field(None, description="Whether what it advises is pressing, where the rule says when.")


class RuleFile(Content):
    """One rule, with its tests."""

    id: KebabId = Field(description="The point in a few words; also the name of the file.")
    title: Line = Field(description="What the rule says, in a line that accuses nobody.")
    reading: Reading = Field("source", description="Whose reading the trigger is.")
    note: Text | None = Field(None, description="What exactly is ours, where the reading is.")
    when: ConditionText = Field(description="The condition under which the rule fires.")
    pressing_when: ConditionText = Field(
        None, description="The condition that makes its advice more urgent; it never decides whether the rule fires."
    )
    then: tuple[Consequence, ...] = Field(min_length=1, description="What follows when it fires.")
    tests: tuple[RuleTest, ...] = Field(
        (), description="Situations in which it fires, is silent and is open: at least one of each."
    )


# --- situations -------------------------------------------------------------------------------------------------------


class SituationFile(Content):
    """The facts known of one case, with its name and its story; or the facts alone, without the key for them."""

    title: Line | None = Field(None, description="What the case is called.")
    story: Text | None = Field(None, description="The case in a few sentences, for readers; nothing follows from it.")
    facts: Facts = Field(description="What is known; what is left out or null is unknown, [] means that there is none.")


class Example(SituationFile):
    """A situation as an officer tells it, ready for ``advisor advise``."""

    title: Line = Field(description="The situation in a line, with its date.")


class Expectation(Content):
    """What a scenario says of the advice on it.

    Each list names lines that must be there; others may be there, too. An empty list says that there must be none.
    """

    recommended: tuple[ElementOrLessonLine, ...] | None = Field(
        None, description="Elements that are recommended, and lessons that are given as cautions."
    )
    headlines: tuple[ElementOrLessonLine, ...] | None = Field(
        None, description="Elements, and lessons given as cautions, that are among the headlines."
    )
    red_flags: tuple[RuleLine, ...] | None = Field(
        None, description="Rules that raise a red flag or report that facts clash."
    )
    set_aside: tuple[ElementOrLessonLine, ...] | None = Field(
        None, description="Elements and lessons that are called for, but set aside by another lesson."
    )
    cautions: tuple[LessonLine, ...] | None = Field(None, description="Lessons that are given as cautions.")
    arguments: tuple[LessonLine, ...] | None = Field(
        None, description="Lessons that are given as arguments for partners."
    )
    precedents: tuple[PrecedentLine, ...] | None = Field(None, description="Precedents to which the answer points.")
    questions: tuple[FactLine, ...] | None = Field(None, description="Facts that are among the next questions.")
    never: tuple[AnyLine, ...] = Field(
        (), description="Elements, lessons and rules of which no line may be made; what is set aside is not advised."
    )

    @property
    def empty(self) -> bool:
        """Whether it would hold of any advice."""
        lists = (getattr(self, key) for key in Expectation.model_fields if key != "never")
        return not self.never and all(names is None for names in lists)


class Scenario(Content):
    """A whole situation, and the advice that it must and must not get.

    The file's name, without its ending, is the scenario's id. It tells its facts itself or names an example that does.
    """

    title: Line = Field(description="The situation in a line, with its date.")
    story: Text | None = Field(None, description="What had happened, in a few sentences.")
    example: ExampleLine | None = Field(None, description="The example that tells the facts, in place of facts.")
    facts: Facts | None = Field(None, description="What was known, in place of an example.")
    expect: Expectation = Field(description="What the advice must have, and what it must not.")
