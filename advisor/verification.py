"""Verifying a saved answer: derived again, offline, and compared part by part.

An answer's id is a digest of its facts, of the corpus' digest and of the format. So the answer itself tells whether its
facts are those for which it was given: where the id that they make is another, one of the four was changed; and as few
facts were, which of them and from what is found by trying.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, combinations
from typing import Any, Literal, NoReturn

from pydantic import Field

from advisor import situation
from advisor.advice import advise, identity
from advisor.answer import FORMAT, Advice, Part
from advisor.conditions import Facts, Value
from advisor.corpus import Corpus
from advisor.errors import AdvisorError, SituationError, listing, pointer

MAX_BYTES = 20_000_000
"""The largest answer that is read. One with its trace takes well under a million bytes."""
_MOST_DIFFERENCES = 1_000
_MOST_SUBSETS = 12
"""Of a set with more values than this, only changes of one or two values are tried."""
_MOST_NUMBERS = 20_000

Cause = Literal["facts", "corpus", "format", "text"]
Kind = Literal["changed", "missing", "added", "moved"]


class AnswerError(AdvisorError):
    """What was given can't be verified: it is no answer, or only a part of one."""


class Difference(Part):
    """One thing in which the saved answer is not the derived one."""

    pointer: str = Field(description="JSON pointer (RFC 6901) into the saved answer; of what is missing, the derived.")
    kind: Kind = Field(description="'missing' from the saved answer, 'added' in it, 'changed', or 'moved'.")
    line: str | None = Field(description="Id of the line of advice, or of the other entry, in which it lies.")
    saved: Any = Field(None, description="What the saved answer says; of a whole entry, its title.")
    derived: Any = Field(None, description="What is derived; of a whole entry, its title.")

    def __str__(self) -> str:
        """Return it as a sentence or two."""
        where = f"{self.pointer} ({self.line})" if self.line else self.pointer
        match self.kind:
            case "missing":
                return f"{where}: missing from the saved answer: {_shown(self.derived)}"
            case "added":
                return f"{where}: not derived: {_shown(self.saved)}"
            case "moved":
                return f"{where}: stands in another order"
            case _:
                return f"{where}:\n  saved:   {_shown(self.saved)}\n  derived: {_shown(self.derived)}"


class PackChange(Part):
    """A pack of which the saved answer names another version than is loaded; None where it is not there at all."""

    id: str
    saved: str | None
    present: str | None


class Verification(Part):
    """Whether an answer holds, and if not, what differs and why."""

    holds: bool
    id: str = Field(description="The saved answer's id.")
    id_of_contents: str = Field(description="The id that the saved answer's own facts, digest and format make.")
    id_derived: str | None = Field(description="The id of the answer derived now; null where none could be.")
    changed: tuple[Cause, ...] = Field(description="What was changed since the answer was given.")
    facts: tuple[Difference, ...] = Field((), description="Facts that were edited, as far as it can be known.")
    facts_refused: tuple[str, ...] = Field((), description="Why nothing could be derived from the facts.")
    corpus_saved: str = Field(description="Digest of the corpus that the answer names.")
    corpus_present: str
    packs: tuple[PackChange, ...] = ()
    differences: tuple[Difference, ...] = Field((), description="Parts of the answer that differ, facts apart.")

    def as_text(self) -> str:
        """Return it in words."""
        if self.holds:
            return f"holds: {self.id} is derived again, word for word"
        lines = [f"differs: {self.id}", *(_CAUSES[cause] for cause in self.changed)]
        lines += (f"  {change}".replace("\n", "\n  ") for change in self.facts)
        if "facts" in self.changed and not self.facts and not self.facts_refused:
            lines.append("  which of them can't be told; the id belongs to others")
        lines += (f"  {problem}" for problem in self.facts_refused)
        if self.corpus_saved != self.corpus_present:
            lines.append(f"  the answer's: {self.corpus_saved}\n  present:      {self.corpus_present}")
        for pack in self.packs:
            lines.append(f"  pack {pack.id}: {pack.saved or 'not there'}, now {pack.present or 'not there'}")
        if self.differences:
            lines += ["", _heading(self.changed), *map(str, self.differences)]
        return "\n".join(lines)


_CAUSES: Mapping[Cause, str] = {
    "facts": "the facts were changed: the answer's id is not that of the facts that stand in it",
    "corpus": "the corpus is another one than the answer was derived from",
    "format": f"the answer is of another format than this version writes ({FORMAT})",
    "text": "the text was changed: these facts and this corpus say something else",
}


def _heading(changed: Iterable[Cause]) -> str:
    if "corpus" in changed:
        return "With the present corpus these parts differ:"
    return "What differs:"


# --- reading ----------------------------------------------------------------------------------------------------------


def read(text: str) -> dict[str, Any]:
    """Return a saved answer from its JSON text.

    Raises:
        AnswerError: it isn't JSON, is cut off, or is no object; with line and column where there is one.
    """
    if len(text) > MAX_BYTES:
        raise AnswerError(f"more than {MAX_BYTES:,} characters; an answer is far smaller")
    if not text.strip():
        raise AnswerError("there is nothing in it")
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        why = "it ends too early" if cut else error.msg
        raise AnswerError(f"not a JSON answer: {why} (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise AnswerError("not a JSON answer: nested too deeply") from error
    if not isinstance(data, dict):
        raise AnswerError("not an answer: the JSON is no object")
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise AnswerError(f"not a JSON answer: the key {key[:80]!r} stands twice in one object")
        found[key] = value
    return found


def _constant(name: str) -> NoReturn:
    raise AnswerError(f"not a JSON answer: JSON has no number {name}")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= 300 else float("inf")


def _frame(answer: Mapping[str, Any]) -> tuple[str, str, str, dict[str, Any]]:
    """Return id, format, digest and facts of a saved answer.

    Raises:
        AnswerError: one of them isn't there.
    """
    corpus, told = answer.get("corpus"), answer.get("situation")
    name, form = answer.get("id"), answer.get("format", FORMAT)
    digest = corpus.get("digest") if isinstance(corpus, Mapping) else None
    facts = told.get("facts") if isinstance(told, Mapping) else None
    wanted = {"/id": name, "/format": form, "/corpus/digest": digest}
    lacking = [where for where, value in wanted.items() if not isinstance(value, str)]
    lacking += [] if isinstance(facts, Mapping) else ["/situation/facts"]
    if lacking:
        keys = listing([str(key)[:40] for key in answer], 8) or "none"
        raise AnswerError(f"not an answer of the advisor: it lacks {listing(lacking)} (its keys: {keys})")
    assert isinstance(name, str)
    assert isinstance(form, str)
    assert isinstance(digest, str)
    assert isinstance(facts, Mapping)
    return name, form, digest, dict(facts)


# --- verifying --------------------------------------------------------------------------------------------------------


def verify(answer: Mapping[str, Any], corpus: Corpus) -> Verification:
    """Derive a saved answer again from its own facts and say whether it holds.

    Args:
        answer: the answer as plain data, as the service or ``advisor advise --format json`` gave it.
        corpus: what to derive it from.

    Raises:
        AnswerError: it is no answer: it lacks an id, a format, the corpus' digest or the facts.
    """
    name, form, digest, told = _frame(answer)
    try:
        facts = situation.parse(told, corpus.facts)
    except SituationError as error:
        return _underivable(answer, corpus, [problem.message for problem in error.problems])
    contents = identity(facts, digest, form)
    before: Facts | None = facts
    changed: set[Cause] = set()
    if contents != name:
        # The corpus' digest or the format may have been edited instead; that is text.
        others = ((corpus.digest, form), (digest, FORMAT), (corpus.digest, FORMAT))
        if not any(identity(facts, one, two) == name for one, two in others):
            before = _restored(facts, answer, corpus, name, {(digest, form), *others})
    chosen = facts if before is None else before
    derived = _with_trace(chosen, corpus) if answer.get("trace") is not None else advise(chosen, corpus)
    expected = derived.model_dump(mode="json")
    edited: tuple[Difference, ...] = ()
    if before is not None and before is not facts:
        edited = tuple(_fact_differences(told, expected["situation"]["facts"]))
    own = identity(chosen, digest, form) == name
    if digest != corpus.digest and (own or before is None):
        changed.add("corpus")
    if form != FORMAT and (own or before is None):
        changed.add("format")
    skipped = {"/situation/facts"}
    if "corpus" in changed:
        skipped |= {"/id", "/corpus", "/trace/corpus", "/trace/answer"}
    if "format" in changed:
        skipped |= {"/id", "/format", "/trace/answer"}
    found = _Comparison(skipped).run(dict(answer), expected)
    if before is None:
        if [difference.pointer for difference in found] == ["/id"]:
            changed.add("text")  # all else is what these facts say, so the id alone was edited
        else:
            changed.add("facts")
            edited = tuple(_contradicted(answer, told))
            found = [difference for difference in found if difference.pointer != "/id"]
    elif edited:
        changed.add("facts")
    if found and not changed - {"facts"} and before is not None:
        changed.add("text")
    return Verification(
        holds=not changed,
        id=name,
        id_of_contents=contents,
        id_derived=derived.id,
        changed=tuple(cause for cause in _CAUSES if cause in changed),
        facts=edited,
        corpus_saved=digest,
        corpus_present=corpus.digest,
        packs=_pack_changes(answer, corpus),
        differences=tuple(found),
    )


def _underivable(answer: Mapping[str, Any], corpus: Corpus, problems: Iterable[str]) -> Verification:
    """Return what can be said of an answer with facts that the vocabulary doesn't have."""
    name, form, digest, told = _frame(answer)
    # With another corpus the vocabulary may have been another; as saved, the facts are in its order.
    try:
        contents = identity(told, digest, form)
    except (TypeError, ValueError, RecursionError):  # what no situation can hold
        contents = ""
    changed: list[Cause] = [] if contents == name else ["facts"]
    changed += ["corpus"] if digest != corpus.digest else []
    changed += ["format"] if form != FORMAT else []
    return Verification(
        holds=False,
        id=name,
        id_of_contents=contents,
        id_derived=None,
        changed=tuple(changed) or ("facts",),
        facts_refused=tuple(problems),
        corpus_saved=digest,
        corpus_present=corpus.digest,
        packs=_pack_changes(answer, corpus),
    )


def _with_trace(facts: Facts, corpus: Corpus) -> Advice:
    from advisor.trace import traced

    return traced(facts, corpus)


def packs_of(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the packs that a saved answer names; none where it names none that can be read."""
    corpus = answer.get("corpus")
    packs = corpus.get("packs") if isinstance(corpus, Mapping) else None
    named = [pack.get("id") for pack in packs if isinstance(pack, Mapping)] if isinstance(packs, list) else []
    return tuple(name for name in named if isinstance(name, str))


def _pack_changes(answer: Mapping[str, Any], corpus: Corpus) -> tuple[PackChange, ...]:
    told = answer["corpus"].get("packs")
    entries = told if isinstance(told, list) else []
    saved = {
        entry["id"]: str(entry.get("version"))
        for entry in entries
        if isinstance(entry, Mapping) and isinstance(entry.get("id"), str)
    }
    present = {pack.id: pack.version for pack in corpus.packs}
    return tuple(
        PackChange(id=name, saved=saved.get(name), present=present.get(name))
        for name in dict.fromkeys([*present, *saved])
        if saved.get(name) != present.get(name)
    )


# --- facts that were edited -------------------------------------------------------------------------------------------


def _restored(
    facts: Facts,
    answer: Mapping[str, Any],
    corpus: Corpus,
    name: str,
    origins: Iterable[tuple[str, str]],
) -> Facts | None:
    """Return the facts to which an id belongs, if it can be found which were edited since; else None.

    That is where the answer's lines still name all that were edited, or all but one.
    """
    named = _named_facts(answer)
    origins = sorted(origins)

    def belongs(tried: Mapping[str, Any]) -> bool:
        return any(identity(tried, digest, form) == name for digest, form in origins)

    rested_on = {fact: values[0] for fact, values in named.items() if fact in corpus.facts and len(values) == 1}
    for base in ({**facts, **rested_on}, dict(facts)):
        for fact in corpus.facts:
            for value in chain([base.get(fact), None], _values(corpus, fact, base.get(fact), named.get(fact, ()))):
                known = {**base, fact: value}
                tried = {other: known[other] for other in corpus.facts if known.get(other) is not None}
                if belongs(tried):
                    return tried
    return None


def _values(corpus: Corpus, name: str, present: Value | None, named: Iterable[Value]) -> Iterator[Value]:
    """Yield the values that a fact may have had."""
    yield from named
    fact = corpus.facts[name]
    match fact.type:
        case "boolean":
            yield from (True, False)
        case "enum":
            yield from fact.allowed
        case "set":
            if len(fact.allowed) <= _MOST_SUBSETS:
                sizes = range(len(fact.allowed) + 1)
                yield from chain.from_iterable(combinations(fact.allowed, size) for size in sizes)
                return
            members = present if isinstance(present, tuple) else ()
            for toggled in chain(combinations(fact.allowed, 1), combinations(fact.allowed, 2)):
                yield tuple(one for one in fact.allowed if (one in members) != (one in toggled))
            yield ()
        case _:
            low, high = fact.minimum or 0, fact.maximum or 0
            yield from range(low, min(high, low + _MOST_NUMBERS) + 1)
            if isinstance(present, int | float) and not isinstance(present, bool):
                yield from (int(present * 10), int(present * 100), int(present) // 10, int(present) // 100)


def _named_facts(answer: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the values of facts on which the saved answer's lines say that they rest."""
    found: dict[str, list[Any]] = {}
    waiting: list[Any] = [value for key, value in answer.items() if key != "trace"]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            if isinstance(name := part.get("fact"), str) and "matched" in part and "value" in part:
                value = tuple(part["value"]) if isinstance(part["value"], list) else part["value"]
                values = found.setdefault(name, [])
                if value not in values:
                    values.append(value)
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found


def _fact_differences(saved: Mapping[str, Any], derived: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys([*derived, *saved]):
        here = pointer(["situation", "facts", name])
        if saved.get(name) is None and name in derived:
            yield Difference(pointer=here, kind="missing", line=name, derived=derived[name])
        elif saved.get(name) is not None and name not in derived:
            yield Difference(pointer=here, kind="added", line=name, saved=saved[name])
        elif name in derived and not _same(saved[name], derived[name]):
            yield Difference(pointer=here, kind="changed", line=name, saved=saved[name], derived=derived[name])


def _contradicted(answer: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield the facts on which the saved lines rest with another value than the saved situation has."""
    for name, values in sorted(_named_facts(answer).items()):
        for value in values:
            said = list(value) if isinstance(value, tuple) else value
            if not _same(told.get(name), said):
                kind: Kind = "missing" if told.get(name) is None else "changed"
                here = pointer(["situation", "facts", name])
                yield Difference(pointer=here, kind=kind, line=name, saved=told.get(name), derived=said)
                break


# --- comparing --------------------------------------------------------------------------------------------------------


class _Comparison:
    """Compares plain data with what was derived, entries of lists by what names them."""

    def __init__(self, skipped: Iterable[str]) -> None:
        self._skipped = frozenset(skipped)
        self._found: list[Difference] = []

    def run(self, saved: Any, derived: Any) -> list[Difference]:
        self._compare((), None, saved, derived)
        return self._found

    def _add(self, path: tuple[str | int, ...], kind: Kind, line: str | None, saved: Any, derived: Any) -> None:
        if len(self._found) < _MOST_DIFFERENCES:
            shown = [_brief(one) for one in (saved, derived)]
            self._found.append(
                Difference(pointer=pointer(path), kind=kind, line=line, saved=shown[0], derived=shown[1])
            )

    def _compare(self, path: tuple[str | int, ...], line: str | None, saved: Any, derived: Any) -> None:
        if pointer(path) in self._skipped:
            return
        if isinstance(saved, Mapping) and isinstance(derived, Mapping):
            self._mappings(path, line, saved, derived)
        elif isinstance(saved, list) and isinstance(derived, list):
            self._lists(path, line, saved, derived)
        elif not _same(saved, derived):
            self._add(path, "changed", line, saved, derived)

    def _mappings(
        self, path: tuple[str | int, ...], line: str | None, saved: Mapping[str, Any], derived: Mapping[str, Any]
    ) -> None:
        for key in dict.fromkeys([*derived, *saved]):
            here = (*path, key)
            if pointer(here) in self._skipped:
                continue
            if key not in saved:
                self._add(here, "missing", line, None, derived[key])
            elif key not in derived:
                self._add(here, "added", line, saved[key], None)
            else:
                self._compare(here, line, saved[key], derived[key])

    def _lists(self, path: tuple[str | int, ...], line: str | None, saved: list[Any], derived: list[Any]) -> None:
        ours, theirs = _by_name(saved), _by_name(derived)
        if ours is None or theirs is None:
            if not _same(saved, derived):
                self._add(path, "changed", line, saved, derived)
            return
        for name, (index, entry) in theirs.items():
            if name not in ours:
                self._add((*path, index), "missing", _line(entry) or line, None, entry)
        for name, (index, entry) in ours.items():
            if name not in theirs:
                self._add((*path, index), "added", _line(entry) or line, entry, None)
            else:
                self._compare((*path, index), _line(entry) or line, entry, theirs[name][1])
        if [name for name in ours if name in theirs] != [name for name in theirs if name in ours]:
            self._add(path, "moved", line, None, None)


_NAMES = ("id", "finding", "precedent", "rule", "lesson", "fact", "element", "source", "ref", "target", "kind", "value")


def _by_name(entries: list[Any]) -> dict[str, tuple[int, Any]] | None:
    """Return entries by what names them, with their index; None for lists of plain values."""
    if not all(isinstance(entry, Mapping) for entry in entries):
        return None
    found: dict[str, tuple[int, Any]] = {}
    for index, entry in enumerate(entries):
        own = [entry["id"]] if "id" in entry else [entry.get(key) for key in _NAMES]
        name = json.dumps(own, default=str)
        again = sum(known.startswith(f"{name}#") or known == name for known in found) if name in found else 0
        found[f"{name}#{again}" if again else name] = (index, entry)
    return found


def _line(entry: Mapping[str, Any]) -> str | None:
    return next((str(entry[key]) for key in ("id", "finding", "precedent", "fact") if entry.get(key)), None)


def _brief(value: Any) -> Any:
    """Return a plain value as it is, and of anything larger its title or the beginning of its JSON."""
    if isinstance(value, Mapping):
        titles = (value.get(key) for key in ("title", "text", "label", "question", "test"))
        if title := next((title for title in titles if isinstance(title, str) and title), None):
            return title
    if isinstance(value, Mapping | list):
        try:
            return _cut(json.dumps(value, ensure_ascii=False, default=str))
        except RecursionError:
            return "…"
    return value


def _same(one: Any, two: Any) -> bool:
    """Say whether two JSON values are equal; true is not 1, but 5 is 5.0."""
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(_same, one, two))
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(_same(value, two[key]) for key, value in one.items())
    return bool(one == two)


def _shown(value: Any) -> str:
    return _cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str) -> str:
    return text if len(text) <= 600 else f"{text[:600]}…"
