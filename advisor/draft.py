"""The draft outline of an arrangement, made from an answer: what an officer takes away to a meeting.

It reads from the matter to its grounds: red flags and headlines first; then the outline, under the headings of Part III
and in their order, headlines in full and all else tersely; what to avoid, what was set aside, arguments, precedents and
open questions; then, as annexes, the facts as told, the derivation, and by what all of it can be checked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from string import ascii_uppercase
from typing import Literal, TypeVar

from advisor.answer import (
    Advice,
    Item,
    Notice,
    PrecedentNote,
    Question,
    Rationale,
    Trace,
)
from advisor.answer import (
    Paragraph as Place,
)
from advisor.corpus import Corpus
from advisor.draft_parts import (
    Block,
    DraftOutline,
    Emphasis,
    Entry,
    Footnote,
    Heading,
    Listing,
    Mark,
    Paragraph,
    Parts,
    Run,
    Section,
    Table,
    clean,
)
from advisor.errors import AdvisorError
from advisor.line_words import (
    BESIDE_WORDS,
    OURS,
    element_titles,
    places_of,
    reasons_in_words,
    said,
    tagged,
    worth,
)
from advisor.lookahead import hypothetical
from advisor.precedents import compare
from advisor.proof_text import Step, proofs
from advisor.ranking import is_general
from advisor.setting_aside import SettingAside
from advisor.trace import traced
from advisor.wording import capital, cited_within, clause, uncapital

TITLE = "Draft outline of an arrangement to share responsibility"
MAX_TITLE = 300
"""So many characters a case's name or an author's may have: as many as a line of content."""
MAX_ANSWERS = 8
"""A question with more answers than these is asked without them."""
FULL_PRECEDENTS = 3
"""How many precedents are laid beside the present situation; the rest are named."""
MAX_REASONS = 6
"""So many reasons are told with a line."""
MAX_ELEMENTS = 6
"""So many elements are named that a precedent had besides."""
_FACTS_IN_A_LINE = ("situation_types", "region", "arrivals_count")
"""The facts that say in a line which situation it is."""
_NOT_THERE = "\N{EN DASH}"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

P = TypeVar("P")


class FrontError(AdvisorError):
    """Something that was to stand at the front of a draft can't; its text says what.

    Attributes:
        field: which: title, author or date.
    """

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Front:
    """What stands at the front of a draft and no answer has.

    Attributes:
        title: what the case is called.
        author: who prepared the draft.
        date: when, as ``2026-11-26``.
    """

    title: str = ""
    author: str = ""
    date: str = ""

    def __post_init__(self) -> None:
        for name, value in (("title", self.title), ("author", self.author)):
            if len(value) > MAX_TITLE:
                raise FrontError(name, f"the {name} has {len(value):,} characters; at most {MAX_TITLE} are allowed")
        if self.date:
            _day(self.date)


def _day(text: str) -> date:
    try:
        if len(text) == len("2026-11-26"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise FrontError("date", "the date must be a day, written like 2026-11-26")


def drafted(facts: Mapping[str, object], corpus: Corpus, front: Front | None = None) -> DraftOutline:
    """Return the draft outline of an arrangement for a situation.

    Args:
        facts: as ``advisor.advise`` takes them.
        corpus: what to advise from.
        front: what is to stand at the front.

    Raises:
        SituationError: a fact is unknown to the vocabulary or its value is not allowed; with every problem.
    """
    return draft(traced(facts, corpus), corpus, front)


def draft(answer: Advice, corpus: Corpus, front: Front | None = None) -> DraftOutline:
    """Return the draft outline of an arrangement that an answer calls for.

    Args:
        answer: the answer, with its trace (``advisor.trace.traced``).
        corpus: the corpus that gave it.
        front: what is to stand at the front.

    Raises:
        ValueError: the answer has no trace.
    """
    if answer.trace is None:
        raise ValueError("a draft needs an answer with its trace")
    return _cleaned(_Drafter(answer, answer.trace, corpus).draft(front or Front()))


class _Drafter:
    """Writes the parts in the order in which they are read, so that footnotes are numbered in it."""

    def __init__(self, answer: Advice, trace: Trace, corpus: Corpus) -> None:
        self.answer = answer
        self.trace = trace
        self.corpus = corpus
        self.footnotes: list[Footnote] = []
        self.introduced: set[str] = set()
        self.conditioned: dict[tuple[str, ...], str] = {}
        known = corpus.reader.read(answer.situation.facts)
        self.setting_aside = SettingAside(corpus, known)
        self.compared = {one.precedent: one for one in compare(hypothetical(corpus, known)).precedents}

    def draft(self, front: Front) -> DraftOutline:
        answer = self.answer
        letters = iter(ascii_uppercase)
        sections = [
            Section(name, f"Annex {next(letters)}: {title}" if name.startswith("annex-") else title, tuple(blocks))
            for name, title, found in (
                ("about", "About this draft", self._about()),
                ("summary", "Summary", self._summary()),
                ("outline", "Outline of the arrangement", self._outline()),
                ("avoid", "What to avoid or beware of", self._cautions()),
                ("set-aside", "What was set aside, and why", self._set_aside()),
                ("arguments", "Arguments for sharing", self._arguments()),
                ("precedents", "Precedents compared", self._precedents()),
                ("questions", "Open questions", self._questions()),
                ("annex-facts", "The facts as told", self._facts()),
                ("annex-trace", "How the red flags and headlines were derived", self._derivation()),
                ("annex-check", "How to check this draft", self._check()),
            )
            if (blocks := list(found))
        ]
        line = self._situation()
        return DraftOutline(
            title=TITLE,
            subtitle=front.title.strip() or line,
            situation=line if front.title.strip() else "",
            byline=", ".join(part for part in (front.author.strip(), _when(front.date)) if part),
            author=front.author.strip(),
            date=front.date,
            language="en",
            sections=tuple(sections),
            footnotes=tuple(self.footnotes),
            answer=answer.id,
            version=answer.corpus.version,
            digest=answer.corpus.digest,
        )

    def _situation(self) -> str:
        told, facts = self.answer.situation.facts, self.corpus.facts
        values = [capital(facts[name].label_of(told[name])) for name in _FACTS_IN_A_LINE if told.get(name)]
        if not values:
            values = [f"{facts[name].label}: {facts[name].label_of(value)}" for name, value in [*told.items()][:3]]
        return " · ".join(values) or "Nothing is known of the situation yet"

    # --- the document proper ---

    def _about(self) -> Iterator[Block]:
        opening = (
            "This is a draft for discussion, made by rules from what was told of the situation. Nothing in it has been "
            "agreed by anyone."
        )
        standing = [notice for notice in self.answer.notices if notice.kind == "standing"]
        said_of_all = (part for notice in standing if notice.lessons for part in self._remark(notice))
        yield Paragraph((Run(opening), *said_of_all))
        if sources := [notice for notice in standing if not notice.lessons]:
            yield Listing(tuple(Entry(self._notice(notice)) for notice in sources))
        yield Paragraph(
            (
                Run("How to read it. ", "strong"),
                Run(
                    "The words after a title say how strongly the line is put (must, should, consider, avoid): as the "
                    "source puts it or, where the source has no such word, as the authors of the rules read it. They "
                    "say how far that is qualified (usually, sometimes), and on what the line rests: a legal duty, a "
                    f"lesson learned, a described practice or a single precedent. “{capital(OURS)}” marks a line that "
                    "the authors of the rules, and not the source, tie to facts like these. A line that is pressing is "
                    "made urgent by what is known; one that is provisional could still be set aside by what isn't. "
                    "Footnotes lead to the numbered paragraphs."
                ),
            )
        )

    def _notice(self, notice: Notice) -> Parts:
        title = Run(f"{notice.title}. ", "strong")
        return (title, Run(_sentence(notice.text)), *self._mark(notice.paragraphs))

    def _remark(self, notice: Notice) -> Parts:
        """Return what a notice says as one of several sentences."""
        return (Run(f" {_sentence(notice.text)}"), *self._mark(notice.paragraphs))

    def _summary(self) -> Iterator[Block]:
        if self.answer.red_flags:
            yield Heading(2, "Red flags")
            yield Listing(tuple(entry for item in self.answer.red_flags for entry in self._flag(item)))
        if headlines := self.answer.headlines:
            yield Heading(2, "Headlines")
            yield Listing(tuple(Entry(self._headline(item)) for item in headlines), numbered=True)
        if not (self.answer.red_flags or headlines):
            yield Paragraph((Run("Too little is known for any line of advice; see the open questions."),))

    def _headline(self, item: Item) -> Parts:
        """Return a headline in brief: its title, how strongly it is said, and the first sentence of what it says."""
        how = [said(item.strength, item.hedge), "pressing" * item.pressing, "provisional" * bool(item.provisional)]
        title = Run(_titled(item), "strong")
        return (title, Run(f" ({', '.join(filter(None, how))}): ", "aside"), Run(_sentence(item.text.split(". ")[0])))

    def _flag(self, item: Item) -> Iterator[Entry]:
        yield Entry(self._first_line(item))
        yield from self._detail(item, 1)

    def _outline(self) -> Iterator[Block]:
        items = [item for item in self.answer.recommendations if item.kind != "caution"]
        general = [item for item in items if not item.headline and is_general(item, self.corpus)]
        for group in self.corpus.element_groups.values():
            found = [item for item in items if item.group == group.id and item not in general]
            if found:
                yield Heading(2, group.title)
            yield from self._lines(found)
        known = set(self.corpus.element_groups)
        yield from self._lines(item for item in items if item.group not in known and item not in general)
        if general:
            yield Heading(2, "What every arrangement should settle")
            # They are true of any case, so that "why here" would say nothing.
            yield Listing(tuple(entry for item in general for entry in self._terse(item, why=False)))

    def _lines(self, items: Iterable[Item], level: Literal[2, 3] = 3) -> Iterator[Block]:
        """Yield lines under one heading: headlines each under a heading of its own, all others in one list."""
        found, rest = list(items), list[Item]()
        for item in found:
            if not item.headline:
                rest.append(item)
                continue
            yield Heading(level, _titled(item))
            first = (Run(f"{capital(tagged(item, self.corpus))}. ", "aside"), *self._text(item))
            detail = list(self._detail(item, 0))
            yield Paragraph(first, leads=bool(detail))
            yield from (Paragraph(entry.parts) for entry in detail)
        if rest:
            if len(rest) < len(found):
                yield Heading(level, "Further elements" if level == 3 else "Further cautions")
            yield Listing(tuple(entry for item in rest for entry in self._terse(item)))

    def _terse(self, item: Item, *, why: bool = True) -> Iterator[Entry]:
        """Yield a line with all that belongs to it, as briefly as it can be said."""
        parts: list[Run | Mark] = [*self._first_line(item)]
        if why and (reasons := self._reasons(item.rationale)):
            parts.append(Run(f" Why here: {reasons}.", "aside"))
        parts += [Run(f" Note: {_sentence(remark)}", "aside") for remark in _remarks(item.rationale)]
        if item.conditions:
            parts += [Run(" Conditions: "), *self._conditions(item)]
        if item.provisional:
            parts.append(Run(f" Provisional: {uncapital(self._provisional(item))}", "aside"))
        yield Entry(tuple(parts))
        yield from self._sources(item, 1)
        yield from self._beside(item.rationale, 1, item.lessons)
        yield from self._beside((reason for condition in item.conditions for reason in condition.rationale), 1)

    def _first_line(self, item: Item) -> Parts:
        title = Run(_titled(item), "strong")
        return (title, Run(f" ({tagged(item, self.corpus)}): ", "aside"), *self._text(item))

    def _text(self, item: Item) -> Parts:
        """Return what a line says; where several sources speak, what each says follows below."""
        return (Run(_sentence(item.text)), *self._mark(places_of(item)))

    def _detail(self, item: Item, depth: int) -> Iterator[Entry]:
        """Yield all that belongs to a line beside its text, each in an entry of its own."""
        yield from self._sources(item, depth)
        if reasons := self._reasons(item.rationale):
            yield _labelled("Why here", (Run(f"{reasons}."),), depth)
        for remark in _remarks(item.rationale):
            yield _labelled("Note", (Run(_sentence(remark)),), depth)
        yield from self._beside(item.rationale, depth, item.lessons)
        if item.conditions:
            yield _labelled("Conditions", self._conditions(item), depth)
            yield from self._beside((reason for one in item.conditions for reason in one.rationale), depth)
        if item.provisional:
            yield _labelled("Provisional", (Run(self._provisional(item)),), depth)

    def _reasons(self, rationale: Iterable[Rationale]) -> str:
        """Return what made rules fire, in short; the annex has all of it."""
        reasons = reasons_in_words(rationale, self.corpus)
        more = len(reasons) - MAX_REASONS
        return "; ".join([*reasons[:MAX_REASONS], *([f"{more} more"] if more > 0 else [])])

    def _conditions(self, item: Item) -> Parts:
        """Return the conditions of a line; those that follow one another from the same places have one footnote.

        Of several that stood with another line already, it is said where.
        """
        names = tuple(condition.id for condition in item.conditions)
        if len(names) > 1 and (before := self.conditioned.setdefault(names, item.title)) != item.title:
            return (Run(f"As under “{before}”."),)
        parts: list[Run | Mark] = []
        for places, conditions in groupby(item.conditions, places_of):
            for condition in conditions:
                how = said(condition.strength, condition.hedge)
                parts += [Run(f"{' ' if parts else ''}{_sentence(condition.text)}"), Run(f" ({how})", "aside")]
            parts += self._mark(places)
        return tuple(parts)

    def _provisional(self, item: Item) -> str:
        return f"Could still be set aside, {self.setting_aside.in_words(item)}."

    def _sources(self, item: Item, depth: int) -> Iterator[Entry]:
        for view in item.by_source:
            text = f"{_sentence(view.text)} ({said(view.strength, view.hedge)}; {worth(view.source)})"
            yield _labelled(view.source.short, (Run(text), *self._mark(view.paragraphs)), depth)

    def _beside(self, rationale: Iterable[Rationale], depth: int, told: Sequence[str] = ()) -> Iterator[Entry]:
        for beside in dict.fromkeys(one for reason in rationale for one in reason.beside):
            if beside.lesson not in told:
                text = f"{_sentence(beside.text)} ({worth(beside.source)})"
                yield _labelled(BESIDE_WORDS[beside.relation], (Run(text), *self._mark(beside.paragraphs)), depth)

    def _cautions(self) -> Iterator[Block]:
        yield from self._lines((item for item in self.answer.recommendations if item.kind == "caution"), 2)

    def _set_aside(self) -> Iterator[Block]:
        entries: list[Entry] = []
        for item in self.answer.set_aside:
            entries.append(Entry(self._first_line(item)))
            for reason in item.defeated_by:
                why = self._reasons([reason]) + f"; {OURS}" * (reason.reading == "ours")
                text = f"{reason.title}. {_sentence(reason.text)}"
                parts: Parts = (Run(text), *self._mark(reason.paragraphs), Run(f" ({why})" if why else "", "aside"))
                entries.append(_labelled("Set aside because", parts, 1))
        if entries:
            yield Listing(tuple(entries))

    def _arguments(self) -> Iterator[Block]:
        if self.answer.arguments:
            yield Listing(tuple(entry for item in self.answer.arguments for entry in self._terse(item)))

    def _precedents(self) -> Iterator[Block]:
        # What is like the present situation in nothing is no precedent to lay beside it.
        alike = [note for note in self.answer.precedents if self.compared[note.precedent].measure.facts_like]
        found = alike[:FULL_PRECEDENTS]
        if not self.answer.precedents:
            return
        yield Paragraph((Run("The nearest first, by the kind of situation and the facts in which they are alike."),))
        yield Listing(tuple(entry for note in found for entry in self._precedent(note)), numbered=True)
        had = [set(note.elements_recommended_here) for note in found]
        rows = [
            element
            for element in self.corpus.elements.values()
            if any(element.id in one for one in had) and not element.framing
        ]
        if rows:
            yield Heading(2, "Which of these elements they had")
            yield Table(
                ("Element of this draft", *(str(number) for number in range(1, len(found) + 1))),
                tuple(
                    ((Run(element.title),), *((Run("yes" if element.id in one else _NOT_THERE),) for one in had))
                    for element in rows
                ),
                (60, *(8 for _ in found)),
            )
        if rest := [note for note in self.answer.precedents if note not in found]:
            names = "; ".join(f"{note.title} ({note.years})" for note in rest)
            yield Paragraph((Run("Lessons above also draw on: ", "strong"), Run(f"{names}.")))

    def _precedent(self, note: PrecedentNote) -> Iterator[Entry]:
        title = Run(f"{note.title}, {note.years}. ", "strong")
        yield Entry((title, Run(_sentence(note.summary)), *self._mark(note.paragraphs)))
        facts = self.compared[note.precedent].facts
        for relation, label in (("like", "Alike"), ("unlike", "Unlike")):
            texts = [f"{uncapital(one.label)} ({one.text})" for one in facts if one.relation == relation]
            if texts:
                yield _labelled(label, (Run(f"{'; '.join(texts)}."),), 1)
        if names := note.elements_not_recommended_here:
            more = f" and {len(names) - MAX_ELEMENTS} more" if len(names) > MAX_ELEMENTS else ""
            titles = element_titles(names[:MAX_ELEMENTS], self.corpus)
            yield _labelled("It had besides", (Run(f"{titles}{more}."),), 1)
        if note.remarks:
            remarks = " ".join(_sentence(remark.text) for remark in note.remarks)
            yield _labelled("Before citing it", (Run(remarks),), 1)
        yield from self._beside(note.rationale, 1)

    def _questions(self) -> Iterator[Block]:
        if self.answer.questions:
            opening = Run("What is not known yet and could change this draft, the most telling first:")
            yield Paragraph((opening,), leads=True)
            yield Listing(tuple(Entry(self._question(question)) for question in self.answer.questions), numbered=True)
        if (more := self.answer.questions_open - len(self.answer.questions)) > 0:
            facts = "1 further fact is" if more == 1 else f"{more} further facts are"
            yield Paragraph((Run(f"{facts} not known that could change it, too."),))
        if notices := [notice for notice in self.answer.notices if notice.kind != "standing"]:
            yield Listing(tuple(Entry(self._notice(notice)) for notice in notices))

    def _question(self, question: Question) -> Parts:
        parts = [Run(question.question, "strong")]
        if 0 < len(question.values) <= MAX_ANSWERS:
            parts.append(Run(f" {' / '.join(value.label for value in question.values)}."))
        depending = [item.title for item in self.answer.recommendations if question.fact in item.provisional]
        if depending:
            parts.append(Run(f" (Could set aside: {', '.join(map(uncapital, depending))}.)", "aside"))
        return tuple(parts)

    # --- the annexes ---

    def _facts(self) -> Iterator[Block]:
        facts = self.corpus.facts
        rows = [
            ((Run(facts[name].label),), (Run(facts[name].label_of(value)),))
            for name, value in self.answer.situation.facts.items()
        ]
        if not rows:
            yield Paragraph((Run("Nothing was told yet."),))
            return
        yield Table(("Fact", "What was told"), tuple(rows), (40, 60))
        yield Paragraph((Run("All else is unknown, which is not taken to be false."),))

    def _derivation(self) -> Iterator[Block]:
        nodes = {node.id: node for node in self.trace.nodes}
        # A finding comes after those on which it rests, so each is told once and only named from there on.
        findings = [node.id for node in self.trace.nodes if node.kind == "finding"]
        if findings:
            yield Heading(2, "From the facts to findings")
            entries = []
            for number, finding in enumerate(findings):
                for steps in proofs(self.trace, [finding], findings[:number]):
                    text = nodes[finding].text
                    entries.append(Entry((Run(nodes[finding].label, "strong"), Run(f": {text}" if text else ""))))
                    entries += [self._step(step) for step in steps[1:]]
            yield Listing(tuple(entries))
        lines = [line for line in self.trace.lines if _leads(nodes[line].kind, headline=nodes[line].headline)]
        if lines:
            yield Heading(2, "From findings to red flags and headlines")
        labels = {name: uncapital(fact.label) for name, fact in self.corpus.facts.items()}
        for steps in proofs(self.trace, lines, findings, labels):
            yield Heading(3, f"{steps[0].label}: {steps[0].text}")
            if steps[0].aside:
                yield Paragraph((Run(f"{capital(steps[0].aside)}.", "aside"),), leads=True)
            if len(steps) > 1:
                yield Listing(tuple(self._step(step, above=1) for step in steps[1:]))

    def _step(self, step: Step, *, above: int = 0) -> Entry:
        """Return a step of a proof as an entry: of a fact, the condition that held; of a finding, its title alone."""
        label: Emphasis = "strong" if step.kind == "lesson" else "aside"
        text, aside = step.text, step.aside
        if step.kind in ("fact", "finding"):
            text, aside = self.clauses.get(aside, text), ""
        return Entry((Run(f"{step.label}: ", label), Run(f"{text} [{aside}]" if aside else text)), step.depth - above)

    @cached_property
    def clauses(self) -> Mapping[str, str]:
        """For each test of a fact, as traces have it, the same in an officer's words."""
        corpus = self.corpus
        return {str(test): clause(corpus, test) for tests in corpus.tests.values() for test in tests}

    def _check(self) -> Iterator[Block]:
        corpus = self.answer.corpus
        yield Paragraph(
            (
                Run(
                    "The same facts and the same corpus always give the same answer, with the same id. Whoever has "
                    "both can have this draft made again, and look up each rule by the id beside it."
                ),
            )
        )
        rows = [("Answer", self.answer.id), ("Corpus", corpus.version), ("Digest of the corpus", corpus.digest)]
        rows += [(source.short, f"{_when(source.date)}. {source.standing}") for source in corpus.sources]
        yield Table(("What", "Which"), tuple(((Run(name),), (Run(value),)) for name, value in rows), (30, 70))

    # --- footnotes ---

    def _mark(self, paragraphs: Iterable[Place]) -> tuple[Mark, ...]:
        """Note where something stands, and return the mark of the footnote; none where there is no place to cite."""
        by_source: dict[str, list[Place]] = {}
        for place in dict.fromkeys(paragraphs):
            by_source.setdefault(place.source, []).append(place)
        if not by_source:
            return ()
        cited = (f"{self._source(source)}, {cited_within(places)}" for source, places in by_source.items())
        self.footnotes.append(Footnote(len(self.footnotes) + 1, f"{'; '.join(cited)}."))
        return (Mark(len(self.footnotes)),)

    def _source(self, name: str) -> str:
        """Return how a source is cited: in full where it is first."""
        source = self.corpus.sources[name]
        if name in self.introduced:
            return source.short
        self.introduced.add(name)
        return f"{source.publisher}, {source.title}, {_when(source.date)} (cited below as “{source.short}”)"


def _when(text: str) -> str:
    """Return a year, month or day as it is written out: ``26 November 2026``."""
    year, month, day = (*text.split("-"), "", "")[:3]
    if not month.isdigit() or not 1 <= int(month) <= len(_MONTHS):
        return text
    return f"{day.lstrip('0')} {_MONTHS[int(month) - 1]} {year}".strip()


def _titled(item: Item) -> str:
    return f"Beware: {item.title}" if item.kind == "caution" else item.title


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…", ".”", ".)")) else f"{text}."


def _labelled(label: str, parts: Parts, depth: int) -> Entry:
    return Entry((Run(f"{label}: ", "strong" if depth == 0 else "aside"), *parts), depth)


def _remarks(rationale: Iterable[Rationale]) -> Iterable[str]:
    return dict.fromkeys(reason.remark.text for reason in rationale if reason.remark)


def _leads(kind: str, *, headline: bool) -> bool:
    return kind in ("red_flag", "contradiction") or (headline and kind in ("element", "caution"))


def _cleaned(part: P) -> P:
    """Return a part of a draft with all its texts, at any depth, fit for any document."""
    if isinstance(part, str):
        return clean(part)  # type: ignore[return-value]
    if isinstance(part, tuple):
        return tuple(map(_cleaned, part))  # type: ignore[return-value]
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        return type(part)(**{field.name: _cleaned(getattr(part, field.name)) for field in dataclasses.fields(part)})
    return part
