"""Verdicts as text, and counterexamples as situation files."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import yaml

from advisor.verdict import KINDS, State, Verdict, Verdicts
from advisor.wording import cited

_STATES: dict[State, str] = {"proved": "proved", "failed": "FAILED", "not_decided": "NOT DECIDED"}


def as_text(verdicts: Verdicts, width: int = 100, *, everything: bool = False) -> str:
    """Return verdicts as text: how many of each kind, then each that is no proof, with its counterexample.

    Args:
        verdicts: the verdicts.
        width: the longest line, in characters; situations are printed as they stand in a file.
        everything: whether what was proved is listed too.
    """
    lines = [verdicts.corpus.version]
    for kind, title in KINDS.items():
        counts = [(verdicts.count(state, kind), word) for state, word in _STATES.items()]
        told = ", ".join(f"{count} {word.lower()}" for count, word in counts if count)
        if told:
            lines += _wrapped(f"{kind}: {title}: {told}", width, "  ")
    if not verdicts.verdicts:
        lines.append("  Nothing to prove: the packs give no cause to ask.")
    for verdict in verdicts.verdicts:
        if everything or verdict.state != "proved":
            lines += ["", *_told(verdict, width)]
    return "\n".join(lines) + "\n"


def _told(verdict: Verdict, width: int) -> Iterator[str]:
    places = f" ({cited(verdict.paragraphs)})" if verdict.paragraphs else ""
    yield f"{_STATES[verdict.state]} {verdict.kind}/{verdict.id}{places}"
    for text in (verdict.title, verdict.text, verdict.reason and f"Reason: {verdict.reason}"):
        if text:
            yield from _wrapped(text, width, "  ")
    example = verdict.counterexample
    if example is not None:
        yield f"  {'The smallest situation' if example.smallest else 'A situation'} that shows it:"
        yield textwrap.indent(situation_file(verdict), "    ").rstrip()


def situation_file(verdict: Verdict) -> str:
    """Return the counterexample of a verdict as a situation file, ready for ``advisor advise``."""
    example = verdict.counterexample
    assert example is not None
    document = {
        "title": f"{verdict.kind}/{verdict.id}",
        "story": "; ".join(example.shows),
        "facts": example.facts,
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)


def file_name(verdict: Verdict) -> str:
    """Return a name for the file of a verdict's counterexample."""
    return f"{verdict.kind}-{verdict.id.replace('/', '-')}.yaml"


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=f"{indent}  ", break_long_words=False)
