"""Warnings that a pack accepts, each with a reason, and what is wrong with accepting them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from advisor import diagnostics
from advisor.errors import Problem, did_you_mean, quoted
from advisor.model import Accepted, Manifest
from advisor.pack import Draft, Entry
from advisor.stack import MANIFEST

_About = Mapping[tuple[str, str], list[Problem]]
"""Problems by their code, and by the id of what they are about or by their file."""


def settled(problems: Sequence[Problem], draft: Draft) -> list[Problem]:
    """Return the problems without the warnings that manifests accept, and with what is wrong with accepting them.

    Args:
        problems: what was found, with the severities of the catalogue.
        draft: the packs in which it was found.
    """
    if "pack" in draft.unread:
        # Which warnings are accepted stands in a manifest that can't be read.
        return [problem for problem in problems if problem.severity == "error"]
    if not any(entry.value.accepts for entry in draft.manifests.values()):
        return list(problems)
    about: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        about[problem.code, problem.of].append(problem)
        about[problem.code, problem.file].append(problem)
    refused = any(problem.severity == "error" for problem in problems)
    accepted: set[int] = set()
    wrong: list[Problem] = []
    for entry in draft.manifests.values():
        # With an error about, or another pack on top of it, a pack may have fewer warnings than it has alone.
        alone = not refused and not any(entry.pack in bases for bases in draft.bases.values())
        for index, warning in enumerate(entry.value.accepts):
            own = _accepted(warning, about, entry.document.file.removesuffix(MANIFEST))
            accepted.update(map(id, own))
            wrong += _wrong(entry, index, warning, draft, in_vain=alone and not own)
    left = [problem for problem in problems if id(problem) not in accepted]
    return [*left, *map(diagnostics.completed, wrong)]


def _accepted(warning: Accepted, about: _About, folder: str) -> list[Problem]:
    """Return the warnings of the pack in ``folder`` that are accepted."""
    if warning.problem not in diagnostics.codes() or diagnostics.diagnostic(warning.problem).severity == "error":
        return []
    of_entry = [one for one in about.get((warning.problem, warning.of), ()) if one.file.startswith(folder)]
    return of_entry + about.get((warning.problem, folder + warning.of), [])


def _wrong(entry: Entry[Manifest], index: int, warning: Accepted, draft: Draft, *, in_vain: bool) -> Iterator[Problem]:
    code, where = warning.problem, ("accepts", index)
    if code not in diagnostics.codes():
        suggestion = draft.names.nearest(code, "code", diagnostics.codes())
        message = f"no problem has the code {quoted(code)}{did_you_mean(suggestion)}"
        yield entry.problem("unknown-code", message, *where, "problem", value=code, suggestion=suggestion)
    elif diagnostics.diagnostic(code).severity == "error":
        message = f"{code} is an error, and errors cannot be accepted"
        yield entry.problem("accepted-error", message, *where, "problem")
    elif in_vain:
        message = f"{code} is accepted of {quoted(warning.of)}, which has no such problem"
        yield entry.problem("accepted-in-vain", message, *where)
