"""The catalogue of diagnostics as pages: one entry for a terminal, all of them as ``docs/checks.md``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from advisor import diagnostics
from advisor.diagnostics import GROUPS, Change, Diagnostic
from advisor.errors import printable

_WIDTH = 100
_LONGEST = 12
"""Lines of an example that are shown."""
_MADE = {
    "alone": "the only file",
    "elsewhere": "the folder given",
    "folder": "a folder",
    "latin-1": "saved as Latin-1",
    "link": "a link to",
    "many": "with thousands of files in it",
    "removed": "not there",
    "renamed": "named",
    "utf-16": "saved as UTF-16",
}
_INTRODUCTION = """\
# What `advisor check` says

This page is generated from the catalogue in `advisor/diagnostics/`, one file a code: `make docs` writes it anew.
[check.md](check.md) has the command. `advisor check --explain CODE` prints an entry, and the service has all of them
at `/v1/diagnostics`.

An *error* refuses the pack. A *warning* is a likely slip; if it is meant, `accepts` in `knowledge/pack.yaml` says so
with a reason. What is *to know* (info) is neither. The examples are changes to a small pack,
`advisor/diagnostics/packs/mini`, that has no problem; the tests run every one of them.
"""


def as_text(entry: Diagnostic) -> str:
    """Return an entry as plain text."""
    lines = [f"{entry.code} ({entry.severity}): {entry.title}", ""]
    for heading, text in (("", entry.means), ("Why it matters: ", entry.matters), ("What to do: ", entry.repair)):
        lines += [*textwrap.wrap(heading + text, _WIDTH, break_long_words=False), ""]
    for heading, shown in (("Bad", "bad"), ("Good", "good")):
        for change in entry.example:
            told = _told(change, shown)
            if told is not None:
                title, text = told
                lines += [f"{heading}: {title}", *(f"    {line}" for line in text.splitlines()), ""]
    return "\n".join(lines).rstrip()


def entry_as_markdown(entry: Diagnostic, level: int = 3) -> str:
    """Return an entry as Markdown, with a heading of some level."""
    parts = [
        f"{'#' * level} {entry.code}",
        f"*{entry.severity}*: {_plain(entry.title)}.",
        _filled(entry.means),
        _filled(f"**Why it matters.** {entry.matters}"),
        _filled(f"**What to do.** {entry.repair}"),
    ]
    for heading, shown in (("Bad", "bad"), ("Good", "good")):
        for change in entry.example:
            told = _told(change, shown)
            if told is not None:
                title, text = told
                block = f"\n\n```yaml\n{text.rstrip()}\n```" if text else ""
                parts.append(f"{heading}: {_plain(title)}{block}")
    return "\n\n".join(parts) + "\n"


def _filled(text: str) -> str:
    return _plain(textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False))


def _plain(text: str) -> str:
    """Return text with what Markdown would take for its own."""
    return text.replace("<", "&lt;").replace("|", "\\|")


def _told(change: Change, form: str) -> tuple[str, str] | None:
    """Return the title and the text of a file of an example; None where there is nothing to show."""
    text: str | None = getattr(change, form)
    if form == "bad" and change.made is not None:
        how = _MADE[change.made]
        if change.made in ("link", "renamed", "elsewhere"):
            return f"{change.file} ({how} {change.bad})" if change.file != "." else f"{how}: {change.bad}", ""
        return f"{change.file} ({how})", _shortened(text or "")
    if form == "bad" and change.times > 1:
        return f"{change.file} ({change.times:,} such lines)", _shortened(text or "")
    if text == "":
        return f"{change.file}, without these lines", _shortened(change.was or change.good or "")
    if text is None and form == "good":
        ours = (diagnostics.PACKS / "mini" / change.file).is_file()
        whole = "the folder of the pack" if change.file == "." else f"the pack without {change.file}"
        return (f"{change.file}, as it is in the small pack" if ours else whole), ""
    return None if text is None else (change.file, _shortened(text))


def _shortened(text: str) -> str:
    lines = [printable(line).replace("\\t", "<tab>") for line in text.splitlines()]
    cut = [*lines[:_LONGEST], "…"] if len(lines) > _LONGEST + 1 else lines
    return "\n".join(line if len(line) <= 110 else f"{line[:110]}…" for line in cut)


def as_markdown() -> str:
    """Return the whole catalogue as one page."""
    return "\n".join(_page()).rstrip() + "\n"


def _page() -> Iterator[str]:
    yield _INTRODUCTION
    entries = list(diagnostics.all_diagnostics())
    yield "| code | severity | what it says |\n|---|---|---|"
    for entry in entries:
        yield f"| [{entry.code}](#{entry.code}) | {entry.severity} | {_plain(entry.title)} |"
    for group, title in GROUPS.items():
        yield f"\n## {title}\n"
        for entry in entries:
            if entry.group == group:
                yield entry_as_markdown(entry)


def write(folder: Path) -> None:
    """Write the page to ``checks.md`` in a folder."""
    (folder / "checks.md").write_text(as_markdown(), encoding="utf-8")
