"""Mutation testing told in lines: the sums, and each survivor with what would kill it."""

from __future__ import annotations

from advisor import situation
from advisor.mutants import KINDS
from advisor.mutation import Hint, Mutation
from advisor.trials import Outcome


def as_text(mutation: Mutation, *, survivors: bool = False) -> str:
    """Return the sums, by kind and by rule; with ``survivors`` each of them, and what a test would have to tell."""
    lines: list[str] = []
    if survivors:
        for tried in mutation.survivors:
            lines += [str(tried), f"  {_told(tried.hint)}"]
        lines += [""] if lines else []
    elif mutation.survivors:
        counts: dict[str, int] = {}
        for tried in mutation.survivors:
            counts[tried.file] = counts.get(tried.file, 0) + 1
        lines += [f"{file}: {number} survived" for file, number in counts.items()]
        lines += ["", "advisor mutate --survivors says which, and what a test would have to tell.", ""]
    for kind in KINDS:
        killed, equivalent, left = (mutation.count(status, kind) for status in ("killed", "equivalent", "survived"))
        lines.append(f"{kind:8}{killed:6} killed {equivalent:6} equivalent {left:6} survived")
    by = {who: mutation.count("killed", by=who) for who in ("own", "rules", "scenarios")}
    counted = mutation.killed + mutation.survived
    lines += [
        "",
        f"{_count(mutation.rules, 'rule')}, {_count(len(mutation.mutants), 'mutant')}: {mutation.killed:,} killed "
        f"({by['own']:,} by tests of their rule, {by['rules']:,} by other rules', {by['scenarios']:,} by scenarios), "
        f"{mutation.equivalent:,} equivalent, {mutation.survived:,} survived",
        f"score: {mutation.score:.1f} % of {_count(counted, 'mutant')} not equivalent",
    ]
    return "\n".join(lines)


def _told(hint: Hint | None) -> str:
    if hint is None:
        return "no situation was found that tells them apart, nor that there is none"
    outcome = f"the rule {_ends(hint.expect, hint.pressing)}, the mutant {_ends(hint.mutant, hint.mutant_pressing)}"
    return f"given {situation.in_a_line(hint.given)}, {outcome}"


def _ends(outcome: Outcome, pressing: bool) -> str:
    verb = "fires" if outcome == "fires" else f"is {outcome}"
    return f"{verb} and is pressing" if pressing else verb


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
