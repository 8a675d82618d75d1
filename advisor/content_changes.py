"""What a change does to content: entries of any kind added, changed and removed, key by key.

The kinds are those that a corpus has: what is added to it later is compared, too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from advisor import marked
from advisor.answer import Part
from advisor.condition_changes import ConditionChange
from advisor.corpus import Corpus
from advisor.model import Content
from advisor.rule import Rule
from advisor.wording import joined, quoted

KINDS = (
    "packs", "sources", "places", "references", "fact_groups", "facts", "values", "findings", "element_groups",
    "elements", "lessons", "precedents", "topics", "rules", "invariants", "examples", "scenarios",
)  # fmt: skip
"""The order in which kinds are told; those that are not named here come after these, by name."""

_OWN_KIND = {"sources": ("places",), "facts": ("values",)}
"""Keys whose entries are a kind of their own."""
_NAMES = ("id", "name", "value", "lesson", "finding", "contradiction", "fact", "what", "pack", "kind")
"""Keys by which the entries of a list are told apart."""


class KeyChange(Part):
    """A key of an entry that is not what it was."""

    key: str = Field(description="Path of the key; entries of lists by their ids, e.g. then[p16-08].recommends.")
    before: Any = Field(description="Null where it wasn't there.")
    after: Any = Field(description="Null where it isn't there any more.")
    text: str = Field(description="The change in words.")


class ContentChange(Part):
    """An entry that was added, changed or removed."""

    kind: str = Field(description="rules, lessons, facts …; 'values' are those of facts, named fact=value.")
    id: str
    title: str
    change: Literal["added", "changed", "removed"]
    pack: str | None = Field(description="Id of the pack in which it stands, or stood.")
    keys: tuple[KeyChange, ...] = Field((), description="Of an entry that changed: its keys that differ.")

    @property
    def ref(self) -> str:
        """``kind:id``."""
        return f"{self.kind}:{self.id}"


def entries_of(corpus: Corpus) -> dict[str, Mapping[str, Any]]:
    """Return the entries of a corpus by kind and id."""
    found: dict[str, Mapping[str, Any]] = {"packs": {manifest.id: manifest for manifest in corpus.packs}}
    for field in dataclasses.fields(corpus):
        entries = getattr(corpus, field.name)
        if isinstance(entries, Mapping) and all(isinstance(entry, Content | Rule) for entry in entries.values()):
            found[field.name] = entries
    found["values"] = {f"{fact.name}={value.value}": value for fact in corpus.facts.values() for value in fact.values}
    return found


def content_changes(old: Corpus, new: Corpus) -> tuple[ContentChange, ...]:
    """Return every entry that was added, changed or removed, by kind and id."""
    before, after = entries_of(old), entries_of(new)
    kinds = sorted({*before, *after}, key=lambda kind: (KINDS.index(kind) if kind in KINDS else len(KINDS), kind))
    return tuple(change for kind in kinds for change in _changes(old, new, kind, before, after))


def _changes(
    old: Corpus,
    new: Corpus,
    kind: str,
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
) -> Iterator[ContentChange]:
    one, other = before.get(kind, {}), after.get(kind, {})
    for name in sorted({*one, *other}):
        if name not in other:
            yield ContentChange(
                kind=kind, id=name, title=title_of(one[name]), change="removed", pack=_pack(old, kind, name)
            )
        elif name not in one:
            yield ContentChange(
                kind=kind, id=name, title=title_of(other[name]), change="added", pack=_pack(new, kind, name)
            )
        else:
            keys = [*_pack_change(old, new, kind, name), *_key_changes(old, new, kind, one[name], other[name])]
            if keys:
                title, pack = title_of(other[name]), _pack(new, kind, name)
                yield ContentChange(kind=kind, id=name, title=title, change="changed", pack=pack, keys=tuple(keys))


def title_of(entry: Any) -> str:
    """Return what an entry is called."""
    for key in ("title", "label", "ref", "gist", "id"):
        if isinstance(found := getattr(entry, key, None), str):
            return found
    return ""


def _pack(corpus: Corpus, kind: str, name: str) -> str | None:
    if kind == "packs":
        return name
    # A fact's values come from the fact's pack, unless another pack added them.
    of_fact = corpus.origins.get(f"facts:{name.split('=')[0]}") if kind == "values" else None
    return corpus.origins.get(f"{kind}:{name}", of_fact)


def _pack_change(old: Corpus, new: Corpus, kind: str, name: str) -> Iterator[KeyChange]:
    before, after = _pack(old, kind, name), _pack(new, kind, name)
    if before != after:
        yield KeyChange(key="pack", before=before, after=after, text=f"{before} → {after}")


def _key_changes(old: Corpus, new: Corpus, kind: str, one: Any, other: Any) -> Iterator[KeyChange]:
    if isinstance(one, Rule) and isinstance(other, Rule):
        yield from _rule_changes(old, new, one, other)
        return
    left_out = _OWN_KIND.get(kind, ())
    before, after = (
        {key: value for key, value in entry.model_dump(mode="json").items() if key not in left_out}
        for entry in (one, other)
    )
    if kind == "facts":
        was, now = before.pop("ask_when"), after.pop("ask_when")
        clauses = ConditionChange(old, new).clauses(old.asks.get(one.name), new.asks.get(other.name))
        if clauses:
            yield KeyChange(key="ask_when", before=was, after=now, text="; ".join(clauses))
    yield from _different((), before, after)


def _rule_changes(old: Corpus, new: Corpus, one: Rule, other: Rule) -> Iterator[KeyChange]:
    """Yield what differs of a rule; conditions are told in words."""
    if one == other:
        return
    was, now = (marked.read(rule.text, rule.file).data for rule in (one, other))
    words = ConditionChange(old, new)
    for key in ("when", "pressing_when"):
        clauses = words.clauses(getattr(one, key), getattr(other, key))
        if clauses:
            yield KeyChange(key=key, before=was.get(key), after=now.get(key), text="; ".join(clauses))
    yield from _different((), _rule_data(one), _rule_data(other))


def _rule_data(rule: Rule) -> dict[str, Any]:
    return {
        "title": rule.title,
        "topic": rule.topic,
        "reading": rule.reading,
        "note": rule.note,
        "then": [then.model_dump(mode="json", exclude_defaults=True) for then in rule.then],
        "tests": [test.model_dump(mode="json", exclude_defaults=True) for test in rule.tests],
    }


# --- plain data -------------------------------------------------------------------------------------------------------


def _different(path: tuple[str, ...], before: Any, after: Any) -> Iterator[KeyChange]:
    if _same(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _different((*path, str(key)), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(path, before, after)
    else:
        yield _changed(path, before, after, _arrow(before, after))


def _same(before: Any, after: Any) -> bool:
    # True == 1, and 1 == 1.0, but not as they are written.
    return before == after and str(before) == str(after)


def _lists(path: tuple[str, ...], before: list[Any], after: list[Any]) -> Iterator[KeyChange]:
    old, new = _by_name(before), _by_name(after)
    if old is None or new is None:
        gained = [one for one in after if one not in before]
        lost = [one for one in before if one not in after]
        parts = [f"with {joined([_shown(one) for one in gained])}"] if gained else []
        parts += [f"without {joined([_shown(one) for one in lost])}"] if lost else []
        yield _changed(path, before, after, joined(parts) or "in another order")
        return
    for name in dict.fromkeys([*old, *new]):
        *above, last = path
        yield from _different((*above, f"{last}[{name}]"), old.get(name), new.get(name))
    common = [name for name in old if name in new]
    if common != [name for name in new if name in old]:
        yield _changed(path, list(old), list(new), "in another order")


def _by_name(entries: Sequence[Any]) -> dict[str, Any] | None:
    """Return the entries of a list by what tells them apart; None where nothing does."""
    found: dict[str, Any] = {}
    for entry in entries:
        if not isinstance(entry, dict):
            return None
        key = next((key for key in _NAMES if isinstance(entry.get(key), str)), None)
        if key is None:
            return None
        name = entry[key]
        if name in found:
            # One lesson may be applied twice, in two ways.
            name = f"{name} {' '.join(sorted(set(entry) - {key}))}"
        if name in found:
            return None
        found[name] = entry
    return found


def _changed(path: tuple[str, ...], before: Any, after: Any, text: str) -> KeyChange:
    return KeyChange(key=".".join(path), before=before, after=after, text=text)


def _arrow(before: Any, after: Any) -> str:
    if before is None:
        return f"added: {_shown(after)}"
    if after is None:
        return f"removed: {_shown(before)}"
    return f"{_shown(before)} → {_shown(after)}"


def _shown(value: Any) -> str:
    """Return a value as a person reads it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return quoted(value) if " " in value or not value else value
        case dict():
            return ", ".join(f"{key}: {_shown(entry)}" for key, entry in value.items()) or "nothing"
        case list():
            return f"[{', '.join(_shown(entry) for entry in value)}]"
        case None:
            return "nothing"
        case _:
            return str(value)
