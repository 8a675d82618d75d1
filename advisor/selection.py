"""Which tests to run: those in rule files and the scenarios, chosen by name, by text and by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

from advisor.corpus import Corpus
from advisor.errors import AdvisorError, did_you_mean, nearest

TestKind: TypeAlias = Literal["rules", "scenarios"]


class NothingSelectedError(AdvisorError, LookupError):
    """No test is chosen: a run that asserts nothing is no success."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule with those of its tests that are to be run, or a scenario.

    Attributes:
        kind: which of the two.
        id: id of the rule or the scenario.
        tests: of a rule, the places of its tests in its file; nothing for a scenario.
    """

    kind: TestKind
    id: str
    tests: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many tests it is."""
        return len(self.tests) or 1


def choose(
    corpus: Corpus, names: Sequence[str] = (), text: str | None = None, kind: TestKind | None = None
) -> tuple[Chosen, ...]:
    """Return the tests to run: rules by id, then scenarios by id.

    Args:
        corpus: where the tests stand.
        names: ids of rules, topics, scenarios or packs, or their files or folders, as messages show them; none for all.
        text: part of the id or topic of a rule, of the name of a test, or of the id or title of a scenario; or a
            pattern for the whole of one of them, with ``*`` and ``?``.
        kind: tests in rule files alone, or scenarios alone.

    Raises:
        NothingSelectedError: a name stands for nothing, or no test is left; with the nearest known name.
    """
    chosen = [*_all_rules(corpus), *_all_scenarios(corpus)]
    if names:
        chosen = _named(corpus, chosen, names)
    if kind is not None:
        chosen = [one for one in chosen if one.kind == kind]
        if not chosen:
            what = "tests in rule files" if kind == "rules" else "scenarios"
            where = f"under {', '.join(names)}" if names else f"in {corpus.version}"
            raise NothingSelectedError(f"there are no {what} {where}")
    if text is not None:
        chosen = _filtered(corpus, chosen, text)
    if not chosen:
        raise NothingSelectedError(f"there are no tests in {corpus.version}")
    return tuple(chosen)


def _all_rules(corpus: Corpus) -> Iterable[Chosen]:
    return (Chosen("rules", name, tuple(range(len(rule.tests)))) for name, rule in corpus.rules.items() if rule.tests)


def _all_scenarios(corpus: Corpus) -> Iterable[Chosen]:
    return (Chosen("scenarios", name) for name in sorted(corpus.scenarios))


def _named(corpus: Corpus, chosen: Sequence[Chosen], names: Sequence[str]) -> list[Chosen]:
    wanted: set[Chosen] = set()
    for name in (name.rstrip("/") for name in names):
        found = {one for one in chosen if _stands_for(corpus, name, one)}
        if not found:
            known = {part for one in chosen for part in _short_names(corpus, one)}
            message = f"no rule, topic, scenario, pack or file of a rule or scenario {name!r}"
            raise NothingSelectedError(f"{message}{did_you_mean(nearest(name, known))}")
        wanted |= found
    return [one for one in chosen if one in wanted]


def _stands_for(corpus: Corpus, name: str, one: Chosen) -> bool:
    file = corpus.written[f"{one.kind}:{one.id}"].rsplit(":", 1)[0]
    below = f"/{file}".rsplit(f"/{one.kind}/", 1)[1]
    if file.startswith(f"{name}/") or (name == "." and not file.startswith(("/", ".."))):
        return True
    return name in (*_short_names(corpus, one), one.kind, file) or f"/{name}".endswith(f"/{one.kind}/{below}")


def _short_names(corpus: Corpus, one: Chosen) -> tuple[str, ...]:
    pack = corpus.origins[f"{one.kind}:{one.id}"]
    if one.kind == "scenarios":
        return (one.id, pack)
    topic = corpus.rules[one.id].topic
    return (one.id, topic, f"rules/{topic}", pack)


def _filtered(corpus: Corpus, chosen: Iterable[Chosen], text: str) -> list[Chosen]:
    fits = _matcher(text)
    found: list[Chosen] = []
    near: set[str] = set()
    for one in chosen:
        if one.kind == "scenarios":
            title = corpus.scenarios[one.id].title
            found += [one] if fits(one.id) or fits(title) else []
            near.update((one.id, title))
            continue
        rule = corpus.rules[one.id]
        words = (rule.id, rule.topic, f"{rule.topic}/{rule.id}")
        whole = any(map(fits, words))
        tests = tuple(index for index in one.tests if whole or fits(rule.tests[index].name))
        found += [Chosen("rules", one.id, tests)] if tests else []
        near.update(words, (test.name for test in rule.tests))
    if not found:
        message = f"no rule, topic, test or scenario fits {text!r}"
        raise NothingSelectedError(f"{message}{did_you_mean(nearest(text.strip('*'), near))}")
    return found


def _matcher(text: str) -> Callable[[str], bool]:
    wanted = text.casefold()
    if any(mark in text for mark in "*?["):
        return lambda words: fnmatchcase(words.casefold(), wanted)
    return lambda words: wanted in words.casefold()
