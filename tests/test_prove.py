"""Proofs: of the built-in pack, against brute force over small corpora, and as the command tells them.

ADVISOR_EXAMPLES sets on how many random small corpora: a tenth of it (12 unless told).
"""

from __future__ import annotations

import dataclasses
import importlib.util
import itertools
import json
import os
import random
import re
import shlex
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml
import z3
from minipack import MiniPack
from smallcorpora import SMALL_FACTS, Raw, compiled, rich_rules
from test_cli import run
from test_formula import avoided, everything

import advisor
from advisor import Corpus, UnknownIdError, situation
from advisor.case import Case
from advisor.claims import VERBS, Claim, Every, Not, Promise, Some
from advisor.commands.prove import command
from advisor.conditions import Facts
from advisor.content import shipped_folders
from advisor.engine import engine_for
from advisor.invariants import Outcome, holds, outcome_of
from advisor.model import Invariant
from advisor.prove import prove
from advisor.verdict import KINDS, Kind, Verdict, Verdicts

Wrong = Callable[[Case, Outcome], bool]
"""Tells whether something is wrong in a situation."""
EXAMPLES = max(1, int(os.environ.get("ADVISOR_EXAMPLES", "120")) // 10)


def failed(verdicts: Verdicts, kind: Kind) -> dict[str, Verdict]:
    return {one.id: one for one in verdicts.verdicts if one.kind == kind and one.state == "failed"}


# --- the packs that come with the advisor -----------------------------------------------------------------------------


def test_everything_is_proved_of_the_built_in_pack(corpus: Corpus) -> None:
    verdicts = prove(corpus)
    assert [(one.kind, one.id, one.text) for one in verdicts.verdicts if one.state != "proved"] == []
    asked = {kind: [one.id for one in verdicts.verdicts if one.kind == kind] for kind in KINDS}
    assert asked["reachable"] == asked["needed"] == sorted(corpus.rules)
    assert len(asked["advised"]) == 7 * 4
    assert asked["invariants"] == sorted(corpus.invariants)
    assert len(asked["invariants"]) >= 25
    assert len(asked["consistent"]) >= 25


@pytest.mark.parametrize("name", sorted(set(shipped_folders()) - {"amman-2011"}))
def test_everything_is_proved_of_the_packs_beside_it(name: str) -> None:
    verdicts = prove(advisor.load_corpus(shipped_folders()[name]))
    assert [(one.kind, one.id, one.text) for one in verdicts.verdicts if one.state != "proved"] == []


def test_invariants_hold_of_the_scenarios_and_the_precedents(corpus: Corpus) -> None:
    # Not by the solver, but by the answers themselves.
    files = sorted((Path(__file__).parent.parent / "scenarios").glob("*.yaml"))
    told = [yaml.safe_load(path.read_text(encoding="utf-8")).get("facts") for path in files]
    told += [dict(precedent.situation) for precedent in corpus.precedents.values()]
    bound: set[str] = set()
    for raw in filter(None, told):
        outcome = outcome_here(corpus, situation.parse(raw, corpus.facts))
        assert [name for name, promise in corpus.promises.items() if holds(promise.broken, outcome)] == []
        bound |= {name for name, one in corpus.promises.items() if one.then and holds(one.wherever, outcome)}
    assert len(bound) >= 12, "many of them say something of these situations"


def outcome_here(corpus: Corpus, facts: Facts) -> Outcome:
    return outcome_of(Case(corpus, facts, engine_for(corpus).run(facts)))


# --- brute force ------------------------------------------------------------------------------------------------------

FEW_FACTS = [spec for spec in SMALL_FACTS if spec["name"] in ("kinds", "sure", "people")]


def of_few_facts(corpus: Corpus) -> Corpus:
    few = {str(spec["name"]): corpus.facts[str(spec["name"])] for spec in FEW_FACTS}
    return dataclasses.replace(corpus, facts=MappingProxyType(few))


def all_situations() -> list[Raw]:
    kinds = [None, *(list(some) for size in range(4) for some in itertools.combinations(["one", "two", "three"], size))]
    values = itertools.product(kinds, [None, True, False], [None, 0, 1, 2, 3, 4])
    told = [dict(zip(("kinds", "sure", "people"), value, strict=True)) for value in values]
    return [{name: value for name, value in raw.items() if value is not None} for raw in told]


def size(facts: Facts | Raw) -> tuple[int, int]:
    return len(facts), sum(len(value) for value in facts.values() if isinstance(value, list | tuple))


def effects(rule: Raw, corpus: Corpus) -> Iterator[tuple[object, ...]]:
    """Yield what a rule as written brings about."""
    for then in rule["then"]:
        for key in ("finding", "contradiction"):
            if key in then:
                yield key, then[key]
        yield from (("met", element) for element in then.get("already_met", ()))
        for verb in ("recommends", "cautions", "flags", "argues"):
            if verb in then:
                yield from (("line", verb, then["lesson"], element) for element in [*then[verb], None])
        yield from (("defeats", then["lesson"], target) for target in then.get("defeats", ()))


def random_claim(rng: random.Random, corpus: Corpus, depth: int = 2) -> Claim:
    if depth and rng.random() < 0.5:
        parts = tuple(random_claim(rng, corpus, depth - 1) for _ in range(2))
        return Every(parts) if rng.random() < 0.5 else Some(parts)
    if rng.random() < 0.3:
        return Not(random_claim(rng, corpus, depth))
    return rng.choice(list(everything(corpus)))


def with_promises(corpus: Corpus, rng: random.Random) -> Corpus:
    made = {}
    for number in range(4):
        wherever = random_claim(rng, corpus)
        made[f"promise-{number}"] = Promise(wherever, random_claim(rng, corpus) if number % 2 else None)
    stated = {
        name: Invariant(id=name, title=name, reason="Random.", places=("paper:1",), never={"known": "sure"})
        for name in made
    }
    return dataclasses.replace(corpus, invariants=MappingProxyType(stated), promises=MappingProxyType(made))


def fires(rule: str, case: Case, _: Outcome) -> bool:
    return rule in case.run.fired


def both(element: str, lesson: str, case: Case, outcome: Outcome) -> bool:
    return element in outcome.done["recommends"] and (element, lesson) in avoided(case)


def broken(promise: Promise, _: Case, outcome: Outcome) -> bool:
    return holds(promise.broken, outcome)


class Forced:
    """What is true of every situation of a small corpus, by looking at all of them."""

    def __init__(self, corpus: Corpus, written: dict[str, Raw]) -> None:
        self.corpus = corpus
        self.written = written
        self.cases = []
        for raw in all_situations():
            facts = situation.parse(raw, corpus.facts)
            case = Case(corpus, facts, engine_for(corpus).run(facts))
            self.cases.append((facts, case, outcome_of(case)))

    def smallest(self, wrong: Wrong) -> tuple[int, int] | None:
        return min((size(facts) for facts, case, outcome in self.cases if wrong(case, outcome)), default=None)

    def unreachable(self, rule: str) -> bool:
        fires = any(rule in case.run.fired for _, case, _ in self.cases)
        presses = any(rule in case.run.pressing for _, case, _ in self.cases)
        return not fires or ("pressing_when" in self.written[rule] and not presses)

    def is_needed(self, rule: str) -> bool:
        return any(rule in case.run.fired and self.says_something(rule, case) for _, case, _ in self.cases)

    def says_something(self, rule: str, case: Case) -> bool:
        """Tell whether a rule that fires says something here that no other rule says as it does."""

        def said(rules: frozenset[str]) -> set[tuple[object, ...]]:
            return {effect for name in rules if name != rule for effect in effects(self.written[name], self.corpus)}

        own = set(effects(self.written[rule], self.corpus))
        fired, pressing = case.run.fired, case.run.pressing
        lines = {effect for effect in own if effect[0] == "line"}
        return bool(own - said(fired)) or (rule in pressing and bool(lines - said(pressing)))


def test_verdicts_and_smallest_situations_agree_with_brute_force(pack: MiniPack) -> None:
    base = pack.load()
    found: dict[str, int] = dict.fromkeys(KINDS, 0)
    for seed in range(EXAMPLES):
        rng = random.Random(seed)
        written = rich_rules(rng, FEW_FACTS)
        corpus = with_promises(of_few_facts(compiled(written, base)), rng)
        verdicts, forced = prove(corpus), Forced(corpus, written)
        assert verdicts.count("not_decided") == 0
        pairs = itertools.product(corpus.elements, corpus.lessons)
        wrong: dict[Kind, dict[str, Wrong]] = {
            "needed": {name: partial(fires, name) for name in written if not forced.is_needed(name)},
            "consistent": {f"{element}/{lesson}": partial(both, element, lesson) for element, lesson in pairs},
            "invariants": {name: partial(broken, promise) for name, promise in corpus.promises.items()},
        }
        assert set(failed(verdicts, "reachable")) == {name for name in written if forced.unreachable(name)}, seed
        for kind, ways in wrong.items():
            smallest = {name: forced.smallest(way) for name, way in ways.items()}
            told = failed(verdicts, kind)
            for name, least in smallest.items():
                vacuous = kind == "invariants" and is_vacuous(forced, corpus.promises[name])
                never_fires = kind == "needed" and least is None
                assert (name in told) is (least is not None or vacuous or never_fires), (seed, kind, name)
                if name in told and least is not None:
                    example = told[name].counterexample
                    assert example is not None
                    assert example.smallest
                    assert size(example.facts) == least, (seed, kind, name)
                    here = situation.parse(example.facts, corpus.facts)
                    case = Case(corpus, here, engine_for(corpus).run(here))
                    assert ways[name](case, outcome_of(case))
        for kind in KINDS:
            found[kind] += len(failed(verdicts, kind))
    assert all(found[kind] for kind in ("reachable", "needed", "consistent", "invariants")), found


def is_vacuous(forced: Forced, promise: Promise) -> bool:
    return promise.then is not None and not any(holds(promise.wherever, outcome) for *_, outcome in forced.cases)


def test_the_order_of_rules_changes_no_verdict(pack: MiniPack) -> None:
    rng = random.Random(7)
    corpus = with_promises(compiled(rich_rules(rng, FEW_FACTS), pack.load()), rng)
    turned = dataclasses.replace(corpus, rules=MappingProxyType(dict(reversed(list(corpus.rules.items())))))
    first, second = prove(corpus), prove(turned)
    assert not first.good
    assert first.model_dump_json() == second.model_dump_json()


# --- what is told -----------------------------------------------------------------------------------------------------

NO_DEFEAT = ("rules/hosting/no-camps-for-years.yaml", "    defeats: [camps]\n", "")


def test_a_failure_is_told_with_a_situation_that_advise_reads(
    pack: MiniPack, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pack.replace(*NO_DEFEAT)
    folder = tmp_path / "shown"
    status, out, err = run(capsys, "prove", "--pack", str(pack.folder), "--write", str(folder))
    assert status == 1
    assert err.splitlines() == [
        f"written: {folder / 'consistent-camps-l-no-camps.yaml'}",
        "8 proved, 1 failed, 0 not decided",
    ]
    assert "consistent: Nothing is called for and to be avoided at once" in out
    assert "FAILED consistent/camps/l-no-camps (para. 2)\n  Camps: called for, and “No camps for long stays”" in out
    shown = out[out.index("    title:") :]
    assert yaml.safe_load(shown) == yaml.safe_load((folder / "consistent-camps-l-no-camps.yaml").read_text())
    assert yaml.safe_load(shown)["facts"] == {"years": 5, "land_offered": True}
    written = str(folder / "consistent-camps-l-no-camps.yaml")
    status, out, _ = run(capsys, "advise", written, "--pack", str(pack.folder), "--format", "json")
    lines = {item["id"] for item in json.loads(out)["recommendations"]}
    assert (status, lines) == (0, {"camps", "l-no-camps"})


def test_the_same_as_json(pack: MiniPack, capsys: pytest.CaptureFixture[str]) -> None:
    pack.replace(*NO_DEFEAT)
    status, out, _ = run(capsys, "prove", "--pack", str(pack.folder), "--format", "json", "consistent")
    (verdict,) = json.loads(out)["verdicts"]
    assert (status, verdict["state"], verdict["id"]) == (1, "failed", "camps/l-no-camps")
    assert verdict["counterexample"] == {
        "facts": {"years": 5, "land_offered": True},
        "smallest": True,
        "shows": [
            "camps is recommended by camps-on-offered-land (l-camps)",
            "no-camps-for-years (l-no-camps) speaks against it",
        ],
    }
    assert [place["ref"] for place in verdict["paragraphs"]] == ["2"]


def test_a_tension_that_is_declared_is_no_failure_and_one_that_cannot_arise_is(pack: MiniPack) -> None:
    tension = {"lesson": "l-no-camps", "elements": ["camps"], "reason": "For a time.", "places": ["2"]}
    pack.write("knowledge/invariants.yaml", yaml.safe_dump({"tensions": [tension]}))
    (verdict,) = prove(pack.load(), ["consistent"]).verdicts
    assert verdict.state == "failed"
    assert "A tension is declared that cannot arise" in verdict.text
    (verdict,) = prove(pack.replace(*NO_DEFEAT).load(), ["consistent"]).verdicts
    assert (verdict.state, verdict.reason, verdict.paragraphs[0].ref) == ("proved", "For a time.", "2")


def test_an_invariant_of_nothing_is_no_proof(pack: MiniPack) -> None:
    claims = {"wherever": {"all": [{"years": {"at_least": 5}}, {"recommends": "camps"}]}, "then": {"known": "region"}}
    invariant = {"id": "one", "title": "One", "reason": "Because.", "places": ["1"], **claims}
    pack.write("knowledge/invariants.yaml", yaml.safe_dump({"invariants": [invariant]}))
    (verdict,) = prove(pack.load(), ["one"]).verdicts
    assert verdict.state == "failed"
    assert verdict.text == "It says nothing: there is no situation in which its 'wherever' holds."


def test_a_rule_that_cannot_fire_is_told_with_what_clashes(pack: MiniPack) -> None:
    when = "when:\n  land_offered: true\n"
    clash = "when:\n  all:\n    - land_offered: true\n    - years: {at_least: 5}\n    - years: {less_than: 3}\n"
    pack.replace("rules/hosting/camps-on-offered-land.yaml", when, clash)
    (verdict,) = failed(prove(pack.load(), ["reachable"]), "reachable").values()
    assert verdict.id == "camps-on-offered-land"
    assert verdict.text == "It can never fire: years is at least 5 and years is less than 3 never hold together."
    assert verdict.counterexample is not None
    assert verdict.counterexample.facts == {"years": 0, "land_offered": True}
    assert verdict.counterexample.shows == (
        "the rule camps-on-offered-land does not fire, for it is not known that years is at least 5",
    )


def test_a_rule_that_cannot_press_is_told_too(pack: MiniPack) -> None:
    pack.replace("rules/hosting/no-camps-for-years.yaml", "when:\n", "pressing_when:\n  years: {at_most: 2}\nwhen:\n")
    (verdict,) = failed(prove(pack.load(), ["reachable"]), "reachable").values()
    assert verdict.text == "It can never press: years is at least 5 and years is at most 2 never hold together."


def test_where_nothing_is_asked_it_says_so(pack: MiniPack, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "prove", "--pack", str(pack.folder), "invariants")
    assert (status, out) == (0, "mini 1.0.0\n  Nothing to prove: the packs give no cause to ask.\n")


def test_names_choose_what_is_asked(corpus: Corpus) -> None:
    asked = prove(corpus, ["no-role-for-unhcr-under-risk"]).verdicts
    assert [(one.kind, one.id) for one in asked] == [("invariants", "no-role-for-unhcr-under-risk")]
    asked = prove(corpus, ["advised", "money-alone-in-mass-influx"]).verdicts
    assert {one.kind for one in asked if one.id == "money-alone-in-mass-influx"} == {"reachable", "needed"}
    assert sum(one.kind == "advised" for one in asked) == len(asked) - 2
    (one,) = prove(corpus, ["financial-assistance/p16-07"]).verdicts
    assert one.id == "financial-assistance/p16-07"
    with pytest.raises(
        UnknownIdError, match=r"no kind of proof, invariant, rule.* 'reachble'; did you mean 'reachable'"
    ):
        prove(corpus, ["reachble"])


def test_what_is_not_decided_in_time_is_no_proof(
    pack: MiniPack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(z3.Solver, "check", lambda *_: z3.unknown)
    status, out, err = run(capsys, "prove", "--pack", str(pack.folder), "--timeout", "0.5")
    assert status == 1
    assert "NOT DECIDED reachable/shelter-first" in out
    assert "The solver ran out of time (0.5 s)." in out
    assert ": 4 not decided" in out
    assert err == "0 proved, 0 failed, 9 not decided\n"


def test_a_situation_that_is_not_known_to_be_smallest_says_so(pack: MiniPack, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = pack.replace(*NO_DEFEAT).load()
    real, asked = z3.Solver.check, itertools.count()
    # Time for the question and for the first situation, and for nothing after that.
    monkeypatch.setattr(
        z3.Solver, "check", lambda solver, *more: real(solver, *more) if next(asked) < 2 else z3.unknown
    )
    (verdict,) = prove(corpus, ["consistent"]).verdicts
    example = verdict.counterexample
    assert example is not None
    assert (verdict.state, example.smallest) == ("failed", False)
    answer = advisor.advise(example.facts, corpus)
    assert {"camps", "l-no-camps"} <= {item.id for item in answer.recommendations}


def test_without_the_solver_a_sentence_says_how_to_install_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr("advisor.prove.find_spec", lambda name: None if name == "z3" else there(name))
    status, out, err = run(capsys, "prove")
    assert (status, out) == (1, "")
    assert err == "proofs need z3-solver: python -m pip install 'burden-sharing-advisor[proof]'\n"


def test_what_was_proved_is_listed_if_asked(pack: MiniPack, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "prove", "--pack", str(pack.folder), "-v", "reachable")
    assert (status, err) == (0, "")
    assert out.count("proved reachable/") == 4


def test_the_library_proves_too(pack: MiniPack) -> None:
    verdicts: Any = advisor.prove_rules(["reachable"], pack.load())
    assert verdicts.good
    assert {one.id for one in verdicts.verdicts} == set(pack.load().rules)


# --- docs/proof.md ----------------------------------------------------------------------------------------------------

PAGE = (Path(__file__).parent.parent / "docs" / "proof.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(yaml)?\n(.*?)```", PAGE, re.DOTALL)


def documented(folder: Path, text: str) -> Corpus:
    """Load a pack on top of the built-in one that has nothing but these invariants."""
    (folder / "knowledge").mkdir()
    manifest = "id: doc\nversion: 1.0.0\ntitle: Doc\ntext: Doc.\nbuilds_on: [{pack: amman-2011}]\n"
    (folder / "knowledge/pack.yaml").write_text(manifest, encoding="utf-8")
    (folder / "knowledge/invariants.yaml").write_text(text, encoding="utf-8")
    return advisor.load_corpus(folder)


def test_the_invariants_and_tensions_that_are_documented_can_be_proved(tmp_path: Path) -> None:
    promised, tensions, _ = (text for language, text in BLOCKS if language == "yaml")
    corpus = documented(tmp_path, promised + tensions)
    names = ["evacuation-by-consent", "no-lead-for-unhcr-that-takes-sides", "financial-assistance/p16-07"]
    assert [one.state for one in prove(corpus, names).verdicts] == ["proved"] * 3


def test_the_failure_that_is_documented_is_what_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    *_, promised = (text for language, text in BLOCKS if language == "yaml")
    (shown,) = (text for _, text in BLOCKS if text.startswith("FAILED"))
    documented(tmp_path, promised)
    status, out, _ = run(capsys, "prove", "--pack", str(tmp_path), "money-with-a-package")
    assert status == 1
    assert out.endswith(shown)


def test_the_commands_that_are_documented_are_understood() -> None:
    lines = [line for _, text in BLOCKS for line in text.splitlines() if line.startswith("advisor prove")]
    assert len(lines) >= 6
    for line in lines:
        assert command.make_context("prove", shlex.split(line, comments=True)[2:])


def test_every_kind_and_every_verb_is_documented() -> None:
    claims = (Path(__file__).parent.parent / "docs" / "reference" / "claims.md").read_text(encoding="utf-8")
    assert [name for name in KINDS if f"`{name}" not in PAGE] == []
    assert [
        name for name in (*VERBS, "guarded", "known", "recommends_any_of_group") if f"| `{name}` |" not in claims
    ] == []
