"""Faults put into a copy of the built-in pack, one at a time: each is found, with a situation that shows it.

What the situation shows is looked up in the engine's answer to it, read as the file that the command writes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from thorough import some

from advisor import Advice, Corpus, advise, load_corpus, situation
from advisor.content import builtin_folder
from advisor.engine import engine_for
from advisor.prove import prove
from advisor.prove_text import situation_file
from advisor.verdict import Counterexample, Kind

Edits = tuple[tuple[str, str, str], ...]
"""Files below the pack's folder, each with what stands there and what stands there instead."""


def elements(answer: Advice) -> set[str]:
    return {item.element for item in answer.recommendations if item.element}


def printed_without(answer: Advice, element: str, lesson: str) -> bool:
    """Tell whether an element is recommended, and a lesson that should guard it is not printed with it."""
    lines = [item for item in answer.recommendations if item.element == element]
    return any(lesson not in [name for one in (item, *item.conditions) for name in one.lessons] for item in lines)


def fired(answer: Advice, corpus: Corpus) -> frozenset[str]:
    return engine_for(corpus).run(situation.parse(answer.situation.facts, corpus.facts)).fired


def warned_of(answer: Advice, element: str) -> bool:
    lines = (*answer.recommendations, *answer.red_flags)
    return any(item.strength == "avoid" and element in item.bears_on for item in lines)


def rule(name: str, when: str, then: str, *, pressing: str = "") -> str:
    """Return the text of a new rule with tests that say what they are meant to, whatever comes of them."""
    tests = "".join(f"  - {{name: it {what}, given: {{}}, expect: {what}}}\n" for what in ("fires", "silent", "open"))
    more = f"pressing_when:\n  {pressing}\n" if pressing else ""
    return f"id: {name}\ntitle: A new rule\nwhen:\n  {when}\n{more}then:\n{then}tests:\n{tests}"


@dataclass(frozen=True)
class Fault:
    """A fault, what is asked to find it, and what its situation shows.

    Attributes:
        ask: what ``advisor prove`` is asked for.
        found: the verdicts that fail, ``kind/id``.
        shows: whether the answer to the counterexample shows the fault.
        edits: what is changed in the copy.
        added: files that are added, with their text.
    """

    ask: Kind
    found: set[str]
    shows: Callable[[Advice, Corpus], bool]
    edits: Edits = ()
    added: dict[str, str] = field(default_factory=dict)


PRESSING = "rules/mass-influx/money-alone-in-mass-influx.yaml"
FAULTS = {
    "a safeguard is dropped from what it guards": Fault(
        "invariants",
        {"invariants/evacuation-is-voluntary"},
        lambda answer, _: printed_without(answer, "humanitarian-evacuation", "iiib-28"),
        (
            (
                "knowledge/lessons/hosting.yaml",
                "attaches_to: [humanitarian-evacuation, intra-regional-transfer]",
                "attaches_to: [intra-regional-transfer]",
            ),
        ),
    ),
    "non-refoulement no longer goes with readmission": Fault(
        "invariants",
        {"invariants/transfers-carry-non-refoulement", "invariants/transfers-carry-the-safeguards-of-25"},
        lambda answer, _: printed_without(answer, "readmission", "p25-06"),
        (
            (
                "knowledge/lessons/onward-movement.yaml",
                "[readmission, relocation, transfer-of-processing, responsibility-allocation, humanitarian-evacuation,",
                "[relocation, transfer-of-processing, responsibility-allocation, humanitarian-evacuation,",
            ),
        ),
    ),
    "an operator is swapped": Fault(
        "invariants",
        {"invariants/no-ad-hoc-answer-to-frequent-or-large-rescues"},
        lambda answer, _: (
            "ad-hoc-arrangement" in elements(answer) and answer.situation.facts.get("arrivals_count", 0) >= 1000
        ),
        (("rules/rescue-at-sea/sustained-response-to-large-rescues.yaml", "at_least: 1000", "at_most: 1000"),),
    ),
    "a defeat is missing": Fault(
        "invariants",
        {"invariants/no-unfair-transfer"},
        lambda answer, _: bool(
            {"readmission", "relocation"} & elements(answer)
            and answer.situation.facts.get("distribution_equitable") is False
        ),
        (
            (
                "rules/safeguards/burden-shifting-is-not-sharing.yaml",
                "    defeats: [readmission, relocation, transfer-of-processing]\n",
                "    defeats: [transfer-of-processing]\n",
            ),
        ),
    ),
    "a warning no longer sets aside what it warns of": Fault(
        "consistent",
        {"consistent/financial-assistance/p25-01"},
        lambda answer, _: "financial-assistance" in elements(answer) and warned_of(answer, "financial-assistance"),
        (
            (
                "rules/safeguards/payment-is-not-the-price-of-a-transfer.yaml",
                "    defeats: [financial-assistance]\n",
                "",
            ),
        ),
    ),
    "a rule can no longer fire": Fault(
        "reachable",
        {"reachable/standing-arrangement-in-place"},
        lambda answer, corpus: "standing-arrangement-in-place" not in fired(answer, corpus),
        (
            (
                "rules/already-met/standing-arrangement-in-place.yaml",
                "when:\n  existing_arrangement: standing\n",
                "when:\n  all: [{existing_arrangement: standing}, {existing_arrangement: none}]\n",
            ),
        ),
    ),
    "a rule can no longer press": Fault(
        "reachable",
        {"reachable/money-alone-in-mass-influx"},
        lambda answer, corpus: not any(item.pressing for item in answer.recommendations if item.id == "p16-07"),
        (
            (
                PRESSING,
                "pressing_when:\n  finding: host-overloaded\n",
                "pressing_when:\n  contributions_offered: {empty: true}\n",
            ),
        ),
    ),
    "a rule stands twice under two names": Fault(
        "needed",
        {"needed/exchange-data", "needed/exchange-data-again"},
        lambda answer, corpus: {"exchange-data", "exchange-data-again"} <= fired(answer, corpus),
        added={
            "rules/sharing/exchange-data-again.yaml": (builtin_folder() / "rules/sharing/exchange-data.yaml")
            .read_text(encoding="utf-8")
            .replace("id: exchange-data\n", "id: exchange-data-again\n")
        },
    ),
    "a rule says in fewer cases what another says in more": Fault(
        "needed",
        {"needed/data-in-africa"},
        lambda answer, corpus: {"exchange-data", "data-in-africa"} <= fired(answer, corpus),
        added={
            "rules/sharing/data-in-africa.yaml": rule(
                "data-in-africa",
                "all: [{resource_gaps: {has: data}}, {region: africa}]",
                "  - lesson: iiib-17\n    recommends: [data-exchange]\n",
            )
        },
    ),
    "two rules together say all that a third says": Fault(
        "needed",
        {"needed/data-and-logistics"},
        lambda answer, corpus: (
            {"data-and-logistics", "exchange-data", "logistics-where-lacking"} <= fired(answer, corpus)
        ),
        added={
            "rules/sharing/data-and-logistics.yaml": rule(
                "data-and-logistics",
                "resource_gaps: {has_all: [data, logistics]}",
                "  - lesson: iiib-17\n    recommends: [data-exchange]\n"
                "  - lesson: iiib-12\n    recommends: [logistics-equipment]\n",
            )
        },
    ),
    "an element is called for and to be avoided": Fault(
        "consistent",
        {"consistent/local-settlement/p16-07"},
        lambda answer, _: "local-settlement" in elements(answer) and warned_of(answer, "local-settlement"),
        added={
            "rules/protracted/not-here.yaml": rule(
                "not-here", "host_capacity: overwhelmed", "  - lesson: p16-07\n    cautions: [local-settlement]\n"
            )
        },
    ),
    "a phase is left without advice of its own": Fault(
        "advised",
        {f"advised/{kind}/prevention" for kind in ("capacity_gap", "mass_influx", "protracted", "rescue_at_sea")},
        lambda answer, corpus: not any("prevention" in item.phases for item in answer.recommendations),
        (
            (
                "rules/scope-and-form/prevention-phase.yaml",
                "    - phases_in_scope: {has: prevention}\n    - finding",
                "    - finding",
            ),
        ),
    ),
    "a part for UNHCR survives one of the three risks": Fault(
        "invariants",
        {"invariants/no-role-for-unhcr-under-risk"},
        lambda answer, _: "unhcr-leadership" in elements(answer) and bool(answer.situation.facts.get("unhcr_risk")),
        (
            (
                "rules/unhcr-role/no-part-that-takes-sides.yaml",
                "      - unhcr-leadership\n      - unhcr-coordination\n      - unhcr-technical-support\n"
                "      - unhcr-solutions\n      - unhcr-return-monitoring\n      - unhcr-implementation-oversight\n"
                "      - unhcr-iom-cooperation\n",
                "      - unhcr-coordination\n      - unhcr-technical-support\n"
                "      - unhcr-solutions\n      - unhcr-return-monitoring\n      - unhcr-implementation-oversight\n"
                "      - unhcr-iom-cooperation\n",
            ),
        ),
    ),
    "a new rule calls for readmission of people who only passed through": Fault(
        "invariants",
        {"invariants/readmission-after-protection-found"},
        lambda answer, _: "readmission" in elements(answer) and not answer.situation.facts.get("prior_protection"),
        added={
            "rules/onward-movement/take-them-back.yaml": rule(
                "take-them-back",
                "measures_proposed: {has: readmission}",
                "  - lesson: p23-02\n    recommends: [readmission]\n",
            )
        },
    ),
    "evacuation no longer waits for consent": Fault(
        "invariants",
        {"invariants/evacuation-is-voluntary"},
        lambda answer, _: (
            answer.situation.facts.get("transfer_voluntary") is False
            and bool({"humanitarian-evacuation", "intra-regional-transfer"} & elements(answer))
        ),
        (
            (
                "rules/hosting/unwilling-people-are-not-transferred.yaml",
                "when:\n  transfer_voluntary: false\n",
                "when:\n  transfer_voluntary: true\n",
            ),
        ),
    ),
    "a threshold moves past the one that was promised": Fault(
        "invariants",
        {"invariants/small-cases-get-no-machinery"},
        lambda answer, _: (
            1 <= answer.situation.facts.get("arrivals_count", 0) <= 100
            and bool(
                {
                    "coordinator-or-secretariat",
                    "steering-committee",
                    "central-fund",
                    "regional-emergency-fund",
                    "regular-meetings-and-working-groups",
                    "comprehensive-plan-of-action",
                }
                & elements(answer)
            )
        ),
        (("rules/findings/few-people-concerned.yaml", "at_most: 100", "less_than: 100"),),
    ),
}


@pytest.mark.parametrize("name", some(tuple(FAULTS), 3))
def test_a_fault_is_found_with_a_situation_that_shows_it(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    folder = tmp_path / "pack"
    for part in ("knowledge", "rules"):
        shutil.copytree(builtin_folder() / part, folder / part)
    for file, old, new in fault.edits:
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    for file, text in fault.added.items():
        (folder / file).write_text(text, encoding="utf-8")
    corpus = load_corpus(folder)
    verdicts = prove(corpus, [fault.ask])
    failing = [one for one in verdicts.verdicts if one.state != "proved"]
    assert {f"{one.kind}/{one.id}" for one in failing} == fault.found
    for verdict in failing:
        assert isinstance(verdict.counterexample, Counterexample)
        assert verdict.counterexample.smallest
        facts = situation.parse_file(None, situation_file(verdict), corpus.facts)
        answer = advise(facts, corpus)
        assert fault.shows(answer, corpus), (verdict.id, facts)
        # Of these facts none could be left out. (What shows a rule that never fires, or silence, shows in less, too.)
        if fault.ask in ("needed", "consistent", "invariants"):
            for name in facts:
                less = {other: value for other, value in facts.items() if other != name}
                assert not fault.shows(advise(less, corpus), corpus), (verdict.id, less)
