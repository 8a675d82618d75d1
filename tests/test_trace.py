"""Traces: a proof holds exactly what leads to its line, no less and no more."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from strategies import SITUATIONS

import advisor
from advisor import situation
from advisor.advice import assemble
from advisor.answer import Advice, BecauseFact, BecauseFinding, Item, Rationale, SetAside, Trace
from advisor.case import Case
from advisor.conditions import evaluate
from advisor.corpus import Corpus
from advisor.errors import UnknownIdError
from advisor.lookahead import look_ahead
from advisor.trace import node_of, proof_of, trace, traced

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SITUATION_FILES = [
    path
    for path in sorted((ROOT / "scenarios").glob("*.yaml"))
    if "\nfacts:" in path.read_text(encoding="utf-8")  # the others are told among the examples
]


def told(path: Path) -> dict[str, Any]:
    facts: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["facts"]
    return facts


def case_of(facts: dict[str, Any], corpus: Corpus) -> Case:
    known = situation.parse(facts, corpus.facts)
    return Case(corpus, known, look_ahead(corpus, known))


def items(answer: Advice) -> Iterator[tuple[str, Item]]:
    """Yield the lines of an answer, with the names that its trace gives them."""
    for item in (*answer.red_flags, *answer.recommendations, *answer.arguments, *answer.set_aside):
        kind = "element" if item.kind == "recommendation" else item.kind
        yield f"set_aside:{item.id}" if kind == "element" and item.element is None else f"{kind}:{item.id}", item


class Reasons:
    """What leads to a line, gathered from an answer's own rationales and from nothing else."""

    def __init__(self, answer: Advice) -> None:
        self.answer = answer
        self.findings = {note.finding: note for note in answer.situation.findings}
        self.items = dict(items(answer))

    def of(self, name: str) -> frozenset[tuple[object, ...]]:
        """Return the reasons of a line; none where it isn't in the answer."""
        item = self.items.get(name)
        if item is None:
            return frozenset()
        found = set(self._behind(item.rationale))
        if isinstance(item, SetAside):
            found |= {("set aside", *reason) for reason in self._behind(item.defeated_by)}
        if item.pressing:
            found.add(("pressing",))
        return frozenset(found)

    def _behind(self, rationales: Iterable[Rationale]) -> Iterator[tuple[object, ...]]:
        for reason in rationales:
            tests = tuple(sorted(str(because) for because in reason.because))
            yield (reason.rule, reason.lesson, reason.strength, tests)
            for because in reason.because:
                if isinstance(because, BecauseFinding):
                    yield from self._behind(self.findings[because.finding].rationale)

    def names(self, name: str) -> tuple[set[str], set[str], set[str]]:
        """Return the rules, facts and findings that lead to a line."""
        item = self.items[name]
        rules: set[str] = set()
        facts: set[str] = set()
        findings: set[str] = set()
        pending = [*item.rationale, *(item.defeated_by if isinstance(item, SetAside) else ())]
        while pending:
            reason = pending.pop()
            if reason.rule is not None:
                rules.add(reason.rule)
            for because in reason.because:
                if isinstance(because, BecauseFact):
                    facts.add(because.fact)
                elif isinstance(because, BecauseFinding):
                    findings.add(because.finding)
                    pending += self.findings[because.finding].rationale
        return rules, facts, findings


def named(proof: Trace, kind: str) -> set[str]:
    return {node.name for node in proof.nodes if node.kind == kind}


def partly(whole: Trace, name: str) -> list[str]:
    """Return the reasons of a line that stands that are set aside; they have lines of their own."""
    lessons = {edge.source for edge in whole.edges if edge.target == name and not edge.standing}
    ends = (edge.target for edge in whole.edges if edge.source in lessons and edge.target.startswith("set_aside:"))
    return list(dict.fromkeys(ends))


@lru_cache
def whole_of(path: Path) -> tuple[Reasons, Trace]:
    case = case_of(told(path), advisor.load_corpus())
    answer = assemble(case)
    return Reasons(answer), trace(case, answer)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_line_has_a_proof_with_just_the_rules_facts_and_findings_of_its_reasons(path: Path) -> None:
    reasons, whole = whole_of(path)
    assert list(whole.lines) == list(reasons.items)
    for name, item in reasons.items.items():
        proof = proof_of(whole, name)
        rules, facts, findings = reasons.names(name)
        for other in partly(whole, name):
            more = reasons.names(other)
            rules, facts, findings = rules | more[0], facts | more[1], findings | more[2]
        # The one thing that is no rule's doing: a measure on the table presses its element.
        facts |= {edge.source.removeprefix("fact:") for edge in proof.edges if edge.kind == "proposes"}
        assert named(proof, "rule") == rules, name
        assert named(proof, "fact") == facts, name
        assert named(proof, "finding") == findings, name
        assert named(proof, "lesson") >= {reason.lesson for reason in item.rationale if reason.lesson}, name
        assert named(proof, "condition") == {condition.id for condition in item.conditions}, name


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_without_a_fact_that_a_proof_names_its_line_changes_and_without_another_it_stays(
    path: Path, corpus: Corpus
) -> None:
    reasons, whole = whole_of(path)
    facts = told(path)
    proofs = {name: named(proof_of(whole, name), "fact") for name in reasons.items}
    changed = stayed = 0
    for fact in facts:
        without = Reasons(assemble(case_of({key: value for key, value in facts.items() if key != fact}, corpus)))
        for name, proof in proofs.items():
            lines = [name, *partly(whole, name)]
            same = [reasons.of(line) for line in lines] == [without.of(line) for line in lines]
            assert same is (fact not in proof), f"{name} without {fact}"
            changed, stayed = changed + (not same), stayed + same
    assert changed >= len(proofs)
    assert stayed >= len(proofs)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_facts_of_a_proof_alone_bring_its_line_for_the_same_reasons(path: Path, corpus: Corpus) -> None:
    reasons, whole = whole_of(path)
    facts = told(path)
    seen: dict[frozenset[str], Reasons] = {}
    for name in reasons.items:
        proof = frozenset(named(proof_of(whole, name), "fact"))
        if proof not in seen:
            seen[proof] = Reasons(assemble(case_of({key: facts[key] for key in proof}, corpus)))
        assert seen[proof].of(name) == reasons.of(name), name


@pytest.mark.parametrize("path", SITUATION_FILES, ids=lambda path: path.stem)
def test_what_set_a_line_aside_is_in_its_proof(path: Path) -> None:
    reasons, whole = whole_of(path)
    for name, item in reasons.items.items():
        if isinstance(item, SetAside):
            proof = proof_of(whole, name)
            into = {edge.source for edge in proof.edges if edge.target == name}
            defeats = {node.name.split("/")[0] for node in proof.nodes if node.kind == "defeat" and node.id in into}
            assert defeats, name
            assert defeats <= {reason.rule for reason in item.defeated_by}, name
            assert not node_of(proof, name).standing


def test_all_derivations_are_told_with_the_test_that_held_and_what_it_matched(corpus: Corpus) -> None:
    facts = {"situation_types": ["mass_influx"], "arrivals_count": 50_000, "arrival_pattern": "sudden"}
    whole = trace(case_of(facts, corpus))
    rules = [edge.source for edge in whole.edges if edge.kind == "derives" and edge.target == "finding:mass-influx"]
    assert len(rules) >= 2
    sole = [edge for edge in whole.edges if edge.target == "rule:mass-influx-as-stated"]
    assert [(edge.test, edge.matched, edge.needed) for edge in sole] == [
        ("situation_types includes mass_influx", ["mass_influx"], True)
    ]


def test_a_lesson_that_two_rules_apply_leads_each_to_its_own_end_alone() -> None:
    seen = 0
    for path in EXAMPLES:
        _, whole = whole_of(path)
        applied: dict[str, set[str]] = {}
        for edge in whole.edges:
            if edge.kind == "applies":
                applied.setdefault(edge.target, set()).add(edge.source)
        for edge in whole.edges:
            rules = applied.get(edge.source, set())
            used = {one.rule for one in whole.edges if (one.source, one.target) == (edge.source, edge.target)}
            if edge.kind == "recommends" and len(used) < len(rules):
                seen += 1
                proof = proof_of(whole, edge.target)
                lesson = {one.source for one in proof.edges if one.kind == "applies" and one.target == edge.source}
                assert lesson == {f"rule:{rule}" for rule in used}
    assert seen


def test_a_bare_name_means_the_line_and_an_unknown_one_gets_the_nearest(corpus: Corpus) -> None:
    _, whole = whole_of(EXAMPLES[-1])
    line = next(name for name in whole.lines if name.startswith("element:"))
    assert node_of(whole, line.partition(":")[2]).id == line
    assert proof_of(whole, line.partition(":")[2]).of == line
    assert proof_of(whole, "mass-influx").of == "finding:mass-influx"
    for name in ("mass-inflx", "finding:mass-inflx"):
        with pytest.raises(UnknownIdError, match="did you mean"):
            proof_of(whole, name)


def test_every_node_of_a_trace_has_a_proof_that_ends_in_it() -> None:
    for path in EXAMPLES:
        _, whole = whole_of(path)
        for node in whole.nodes:
            proof = proof_of(whole, node.id)
            assert proof.of == node.id
            assert node in proof.nodes
            assert {node.id for node in proof.nodes} <= {one.id for one in whole.nodes}


@settings(max_examples=25)
@given(SITUATIONS)
def test_a_trace_is_layered_from_facts_to_lines_and_names_every_line(facts: dict[str, Any]) -> None:
    case = case_of(facts, advisor.load_corpus())
    answer = assemble(case)
    whole = trace(case, answer)
    nodes = {node.id: node for node in whole.nodes}
    assert len(nodes) == len(whole.nodes)
    assert list(whole.lines) == [name for name, _ in items(answer)]
    assert set(whole.lines) <= set(nodes)
    assert named(whole, "rule") == set(case.run.fired)
    assert named(whole, "finding") == set(case.run.findings)
    below: dict[str, list[int]] = {}
    for edge in whole.edges:
        below.setdefault(edge.target, []).append(nodes[edge.source].layer)
    for name, node in nodes.items():
        assert node.layer == 1 + max(below.get(name, [-1])), name
        if node.kind == "fact":
            assert node.layer == 0
            assert node.value == answer.situation.facts[node.name]
        else:
            # A rule may fire on nothing being known only if it has no condition, and there is none such.
            assert name in below, name
    for name, item in items(answer):
        assert nodes[name].standing is not isinstance(item, SetAside)
        assert nodes[name].strength == item.strength


@settings(max_examples=20)
@given(SITUATIONS)
def test_a_condition_is_needed_just_where_its_rule_would_not_hold_without_it(facts: dict[str, Any]) -> None:
    corpus = advisor.load_corpus()
    case = case_of(facts, corpus)
    edges = [edge for edge in trace(case).edges if edge.kind == "holds"]
    count = Counter((edge.source, edge.target, edge.pressing) for edge in edges)
    for edge in edges:
        if count[edge.source, edge.target, edge.pressing] > 1:
            continue  # two tests on one fact: to forget the fact would undo both
        rule = corpus.rules[edge.target.partition(":")[2]]
        condition = rule.pressing_when if edge.pressing else rule.when
        assert condition is not None
        known = {key: value for key, value in case.facts.items() if edge.source != f"fact:{key}"}
        truths = {key: truth for key, truth in case.truths.items() if edge.source != f"finding:{key}"}
        assert edge.needed is (evaluate(condition, known, truths) is not True), f"{rule.id} without {edge.source}"


@settings(max_examples=20)
@given(SITUATIONS)
def test_the_order_in_which_facts_are_told_is_without_effect(facts: dict[str, Any]) -> None:
    corpus = advisor.load_corpus()
    shuffled = list(facts.items())
    random.Random(1).shuffle(shuffled)
    assert trace(case_of(facts, corpus)) == trace(case_of(dict(shuffled), corpus))


def test_every_view_is_the_same_in_every_process() -> None:
    script = (
        "import sys, advisor, hashlib\n"
        "from advisor import situation\n"
        "from advisor.trace import traced\n"
        "from advisor.trace_views import VIEWS\n"
        "text = open(sys.argv[1], encoding='utf-8').read()\n"
        "corpus = advisor.load_corpus()\n"
        "trace = traced(situation.parse_file(None, text, corpus.facts), corpus).trace\n"
        "for form, view in VIEWS.items(): print(form, hashlib.sha256(view.render(trace).encode()).hexdigest())\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script, str(EXAMPLES[0])],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == 6


def test_an_answer_carries_its_trace_only_when_asked_and_is_otherwise_unchanged(corpus: Corpus) -> None:
    facts = told(EXAMPLES[0])
    plain, with_trace = advisor.advise(facts, corpus), traced(facts, corpus)
    assert plain.trace is None
    assert '"trace"' not in plain.model_dump_json()
    assert with_trace.trace is not None
    assert with_trace.model_copy(update={"trace": None}).model_dump_json() == plain.model_dump_json()
    assert Advice.model_validate_json(with_trace.model_dump_json()) == with_trace
