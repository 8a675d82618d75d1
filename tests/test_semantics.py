"""The ten points of the design's semantics, each shown on the built-in corpus or on the small pack."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kleene import RULES, Reading, rule_files
from minipack import MiniPack
from strategies import SITUATIONS, Raw, situations, values

import advisor
from advisor import Advice, Corpus, Item, advise, situation
from advisor.advice import answer_id
from advisor.answer import BecauseElement, BecauseFact, BecauseFinding, Rationale, SetAside
from advisor.conditions import evaluate
from advisor.content import PARTS, builtin_folder
from advisor.engine import engine_for
from advisor.rule import Rule
from advisor.wording import uncapital


def all_items(answer: Advice) -> Iterator[Item]:
    """Yield every line of an answer, conditions included."""
    for item in (*answer.red_flags, *answer.recommendations, *answer.arguments, *answer.set_aside):
        yield item
        yield from item.conditions


def all_rationales(answer: Advice) -> Iterator[Rationale]:
    for item in all_items(answer):
        yield from item.rationale
    for aside in answer.set_aside:
        yield from aside.defeated_by
    for note in answer.situation.findings:
        yield from note.rationale
    for precedent in answer.precedents:
        yield from precedent.rationale


def partly(item: Item) -> bool:
    """Tell whether a line stands for one lesson that is set aside while its element stands for other reasons."""
    return isinstance(item, SetAside) and item.kind == "recommendation" and item.element is None


def elements(items: Iterable[Item]) -> dict[str, Item]:
    return {item.element: item for item in items if item.element is not None}


def canonical(corpus: Corpus, lesson: str) -> str:
    return corpus.lessons[lesson].same_as or lesson


# --- 1. three values --------------------------------------------------------------------------------------------------


@given(raw=SITUATIONS)
def test_a_rule_fires_is_open_or_ruled_out_as_naive_logic_has_it(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    reading = Reading(raw)
    facts = situation.parse(raw, corpus.facts)
    run = engine_for(corpus).run(facts)
    assert run.fired == reading.fired
    assert run.findings == {name for name, truth in reading.findings.items() if truth is True}
    assert run.pressing == reading.pressing
    truths = corpus.truths(facts)
    assert truths == reading.findings
    assert {name: evaluate(rule.when, facts, truths) for name, rule in corpus.rules.items()} == reading.rules


@given(raw=SITUATIONS)
def test_the_answer_says_what_the_rules_that_fired_say_and_nothing_else(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    reading = Reading(raw)
    answer = advise(raw, corpus)
    assert {note.finding for note in answer.situation.findings} == {
        name for name, truth in reading.findings.items() if truth is True
    }
    assert {reason.rule for reason in all_rationales(answer)} - {None} <= reading.fired
    wanted: dict[str, set[tuple[str, str]]] = {"lines": set(), "red_flags": set(), "arguments": set()}
    for name in reading.fired:
        for then in rule_files()[name]["then"]:
            lesson = then.get("lesson", "")
            wanted["lines"] |= {(element, name) for element in then.get("recommends", ())}
            if "cautions" in then:
                wanted["lines"].add((canonical(corpus, lesson), name))
            if "flags" in then or "contradiction" in then:
                wanted["red_flags"].add((name, name))
            if "argues" in then:
                wanted["arguments"].add((canonical(corpus, lesson), name))
    told = {
        "lines": (*answer.recommendations, *answer.set_aside),
        "red_flags": answer.red_flags,
        "arguments": answer.arguments,
    }
    for part, items in told.items():
        exact = {(item.id, str(reason.rule)) for item in items if not partly(item) for reason in item.rationale}
        rest = {
            (name, str(reason.rule))
            for item in items
            if partly(item)
            for name in (item.id, *item.bears_on)
            for reason in item.rationale
        }
        assert exact <= wanted[part] <= exact | rest, part


def test_every_rule_file_is_a_rule_of_the_corpus(corpus: Corpus) -> None:
    assert {path.stem for path in RULES.glob("*/*.yaml")} == set(rule_files()) == set(corpus.rules)


def test_null_is_unknown_unknown_is_not_false_and_an_empty_list_is_known(corpus: Corpus) -> None:
    nothing = advise({}, corpus)
    assert advise(dict.fromkeys(corpus.facts), corpus) == nothing
    rules = {name: rule for name, rule in rule_files().items() if is_bare(rule["when"])}
    assert rules, "the corpus has rules that wait for a false answer or an empty list"
    for name, rule in rules.items():
        ((fact, test),) = rule["when"].items()
        value: object = test if isinstance(test, bool) else []
        fired = engine_for(corpus).run(situation.parse({fact: value}, corpus.facts)).fired
        assert name in fired
        assert name not in engine_for(corpus).run({}).fired


def is_bare(condition: Raw) -> bool:
    """Tell whether a condition is nothing but ``fact: false`` or ``fact: {empty: true}``."""
    return list(condition.values()) in ([False], [{"empty": True}])


def test_a_list_that_is_given_is_complete(corpus: Corpus) -> None:
    silent = Reading({"situation_types": ["protracted"]})
    lacking = [
        rule for rule in rule_files().values() if any(isinstance(v, dict) and "lacks" in v for v in leaves(rule))
    ]
    assert lacking
    truths = corpus.truths({"contributions_offered": ("money",)})
    assert truths["money-only"] is True
    assert corpus.truths({"contributions_offered": ("hosting_places", "money")})["money-only"] is False
    assert silent.findings["several-kinds"] is False
    assert Reading({}).findings["several-kinds"] is None


def leaves(rule: Raw) -> Iterator[Any]:
    pending: list[Any] = [rule["when"]]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending += part
        elif isinstance(part, dict):
            for key, value in part.items():
                if key in ("all", "any", "not"):
                    pending.append(value)
                else:
                    yield value


# --- 2. learning more never takes a rule back -------------------------------------------------------------------------


@given(data=st.data())
def test_learning_more_takes_no_rule_and_no_finding_back(data: st.DataObject) -> None:
    corpus = advisor.load_corpus()
    more = data.draw(situations(corpus, at_least=5))
    kept = data.draw(st.sets(st.sampled_from(sorted(more))))
    less = {name: value for name, value in more.items() if name in kept}
    early = engine_for(corpus).run(situation.parse(less, corpus.facts))
    late = engine_for(corpus).run(situation.parse(more, corpus.facts))
    assert early.fired <= late.fired
    assert early.findings <= late.findings
    before, after = advise(less, corpus), advise(more, corpus)
    gone = set(elements(before.recommendations)) - set(elements(after.recommendations))
    for element in gone:
        assert element in elements(after.set_aside)
        assert set(elements(before.recommendations)[element].provisional) & (set(more) - set(less)), element


@given(data=st.data())
def test_a_recommendation_that_one_more_fact_sets_aside_was_provisional_on_it(data: st.DataObject) -> None:
    corpus = advisor.load_corpus()
    # Facts that some defeat tests, so that defeats are met often.
    defeating = [rule for rule in corpus.rules.values() if any(then.defeats or then.already_met for then in rule.then)]
    tests = [test.given for rule in defeating for test in rule.tests if test.expect == "fires"]
    start: Raw = dict(data.draw(st.sampled_from(tests)))
    start |= data.draw(situations(corpus))
    fact = data.draw(st.sampled_from(sorted(start)))
    less = {name: value for name, value in start.items() if name != fact}
    before, after = advise(less, corpus), advise(start, corpus)
    for element in set(elements(before.recommendations)) - set(elements(after.recommendations)):
        assert fact in elements(before.recommendations)[element].provisional


def test_no_rule_negates_a_finding() -> None:
    def negated(condition: Any, *, inside: bool) -> Iterator[str]:
        for part in condition if isinstance(condition, list) else [condition]:
            for key, value in part.items():
                if key in ("all", "any", "not"):
                    yield from negated(value, inside=inside or key == "not")
                elif key == "finding" and inside:
                    yield value

    assert [name for name, rule in rule_files().items() if list(negated(rule["when"], inside=False))] == []


# --- 3. defeats are visible -------------------------------------------------------------------------------------------


class Defeat(NamedTuple):
    rule: Rule
    target: str
    other: Rule
    facts: Raw


def merged(first: Raw, second: Raw) -> Raw | None:
    """Return both situations in one, lists joined; None where they contradict each other."""
    joined = dict(first)
    for name, value in second.items():
        if name in joined and joined[name] != value:
            if not isinstance(value, list):
                return None
            joined[name] = list(dict.fromkeys([*joined[name], *value]))
        else:
            joined[name] = value
    return joined


def firing(rule: Rule) -> list[Raw]:
    return [test.given for test in rule.tests if test.expect == "fires"]


def hits(rule: Rule, target: str, corpus: Corpus) -> bool:
    """Tell whether a rule recommends the element, or applies the lesson, that is defeated."""
    for then in rule.then:
        if target in (then.recommends or ()):
            return True
        applied = then.recommends is not None or then.cautions is not None
        if then.lesson and applied and target in corpus.lessons:
            return canonical(corpus, then.lesson) == canonical(corpus, target)
    return False


def shown(rule: Rule, target: str, corpus: Corpus) -> Defeat | None:
    """Find a situation in which a rule fires beside another one that it defeats."""
    for other in corpus.rules.values():
        if other is rule or not hits(other, target, corpus):
            continue
        for first, second in itertools.product(firing(rule), firing(other)):
            facts = merged(first, second)
            if facts is not None and {rule.id, other.id} <= Reading(facts).fired:
                return Defeat(rule, target, other, facts)
    return None


@pytest.fixture(scope="module")
def defeats(corpus: Corpus) -> list[tuple[Rule, Defeat | None]]:
    """Return each rule that defeats, with one situation in which it does."""
    found: list[tuple[Rule, Defeat | None]] = []
    for rule in corpus.rules.values():
        targets = [name for then in rule.then for name in (*then.defeats, *(then.already_met or ()))]
        if targets:
            cases = (shown(rule, target, corpus) for target in targets)
            found.append((rule, next((case for case in cases if case is not None), None)))
    return found


def test_each_rule_that_defeats_sets_aside_visibly(defeats: list[tuple[Rule, Defeat | None]], corpus: Corpus) -> None:
    assert sum(case is not None for _, case in defeats) > 10
    for case in (case for _, case in defeats if case is not None):
        answer = advise(case.facts, corpus)
        whole = case.target in corpus.elements
        aside = [
            item
            for item in answer.set_aside
            if any(reason.rule == case.rule.id for reason in item.defeated_by)
            and any(reason.rule == case.other.id for reason in item.rationale)
            and (item.element == case.target if whole else True)
        ]
        assert aside, f"{case.rule.id} defeats {case.target}, which {case.other.id} calls for: {case.facts}"
        for item in aside:
            assert all(reason.text for reason in (*item.rationale, *item.defeated_by))
            assert item.headline is False
        if whole:
            assert case.target not in elements(answer.recommendations)
        else:
            standing = {
                canonical(corpus, lesson)
                for item in answer.recommendations
                for reason in item.rationale
                if (lesson := reason.lesson) is not None
            }
            assert canonical(corpus, case.target) not in standing


def test_each_rule_that_defeats_can_do_so(defeats: list[tuple[Rule, Defeat | None]]) -> None:
    assert [rule.id for rule, case in defeats if case is None] == []


def test_where_a_defeater_is_open_the_line_stays_and_names_the_facts(
    defeats: list[tuple[Rule, Defeat | None]], corpus: Corpus
) -> None:
    met = 0
    for case in (case for _, case in defeats if case is not None):
        for fact in case.facts:
            less = {name: value for name, value in case.facts.items() if name != fact}
            reading = Reading(less)
            if case.rule.id not in reading.open or case.other.id not in reading.fired:
                continue
            answer = advise(less, corpus)
            lines = [
                item
                for item in answer.recommendations
                if any(reason.rule == case.other.id for reason in item.rationale)
                and (item.element == case.target if case.target in corpus.elements else True)
                and set(item.provisional) & reading.deciding(case.rule.id)
            ]
            aside = [item for item in answer.set_aside if any(r.rule == case.other.id for r in item.rationale)]
            assert lines or aside, f"{case.rule.id} is open on {fact}"
            met += any(fact in item.provisional for item in lines)
    assert met >= len(defeats) // 2


@given(raw=SITUATIONS)
def test_a_line_is_provisional_on_what_its_open_defeaters_wait_for(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    reading = Reading(raw)
    answer = advise(raw, corpus)
    for item in answer.recommendations:
        lessons = {canonical(corpus, lesson) for lesson in item.lessons}
        expected: set[str] = set()
        for name in reading.open:
            for then in rule_files()[name]["then"]:
                targets = {*then.get("defeats", ()), *then.get("already_met", ())}
                beaten = {canonical(corpus, target) for target in targets & set(corpus.lessons)}
                if item.element in targets or beaten & lessons:
                    expected |= reading.deciding(name)
        assert set(item.provisional) == expected
        assert not expected & set(raw)


def test_a_defeat_is_shown_with_both_rationales(pack: MiniPack) -> None:
    answer = advise({"land_offered": True, "years": 6}, pack.load())
    assert [item.id for item in answer.recommendations] == ["l-no-camps"]
    (aside,) = answer.set_aside
    assert (aside.element, aside.headline, aside.provisional) == ("camps", False, ())
    assert [(reason.rule, reason.lesson) for reason in aside.rationale] == [("camps-on-offered-land", "l-camps")]
    assert [(reason.rule, reason.lesson) for reason in aside.defeated_by] == [("no-camps-for-years", "l-no-camps")]
    open_answer = advise({"land_offered": True}, pack.load())
    (camps,) = open_answer.recommendations
    assert (camps.element, camps.provisional, open_answer.set_aside) == ("camps", ("years",), ())
    (settled,) = advise({"land_offered": True, "years": 1}, pack.load()).recommendations
    assert (settled.element, settled.provisional) == ("camps", ())


@pytest.mark.parametrize(
    ("rule", "target"),
    [
        pytest.param("l-camps", "l-camps", id="the lesson itself"),
        pytest.param("l-again", "l-camps", id="a lesson that restates the defeated one"),
        pytest.param(
            "l-camps",
            "l-again",
            id="a lesson that the defeated one restates",
        ),
    ],
)
def test_a_lesson_is_defeated_and_provisional_in_all_its_wordings(pack: MiniPack, rule: str, target: str) -> None:
    again = pack.text("knowledge/lessons/paper.yaml").split("  - id: l-camps\n")[1].split("  - id:")[0]
    pack.append("knowledge/lessons/paper.yaml", f"  - id: l-again\n{again}    same_as: l-camps\n")
    unused = "l-again" if rule == "l-camps" else "l-camps"
    pack.replace(
        "rules/hosting/shelter-first.yaml",
        "cites: [the-town]\n",
        f"cites: [the-town]\n  - lesson: {unused}\n    cautions: []\n",
    )
    pack.replace("rules/hosting/camps-on-offered-land.yaml", "lesson: l-camps", f"lesson: {rule}")
    pack.replace("rules/hosting/no-camps-for-years.yaml", "defeats: [camps]", f"defeats: [{target}]")
    corpus = pack.load()
    assert "camps" in elements(advise({"land_offered": True, "years": 6}, corpus).set_aside)
    assert elements(advise({"land_offered": True}, corpus).recommendations)["camps"].provisional == ("years",)


def test_a_caution_that_is_defeated_is_set_aside_with_both_rationales(pack: MiniPack) -> None:
    pack.replace(
        "rules/hosting/shelter-first.yaml",
        "recommends: [shelter]\n",
        "recommends: [shelter]\n    defeats: [l-no-camps]\n",
    )
    pack.replace("rules/hosting/no-camps-for-years.yaml", "    defeats: [camps]\n", "")
    answer = advise({"years": 6, "arrivals": 10_000}, pack.load())
    assert [item.id for item in answer.recommendations] == ["shelter"]
    (aside,) = answer.set_aside
    assert [reason.lesson for reason in aside.rationale] == ["l-no-camps"]
    assert [reason.lesson for reason in aside.defeated_by] == ["l-shelter"]
    assert aside.strength == "avoid"


def test_a_caution_that_is_defeated_stays_a_caution_about_its_elements(pack: MiniPack) -> None:
    shelter = "recommends: [shelter]\n"
    pack.replace("rules/hosting/shelter-first.yaml", shelter, f"{shelter}    defeats: [l-no-camps]\n")
    pack.replace("rules/hosting/no-camps-for-years.yaml", "    defeats: [camps]\n", "")
    (aside,) = advise({"years": 6, "arrivals": 10_000}, pack.load()).set_aside
    assert (aside.kind, aside.bears_on) == ("caution", ("camps",))


# --- 4. safeguards travel with what they guard ------------------------------------------------------------------------


@given(raw=SITUATIONS)
def test_an_element_brings_its_safeguards(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    answer = advise(raw, corpus)
    for item in (*answer.recommendations, *answer.set_aside):
        attached = {
            canonical(corpus, lesson.id) for lesson in corpus.lessons.values() if item.element in lesson.attaches_to
        }
        assert [canonical(corpus, lesson) for one in item.conditions for lesson in one.lessons] == list(
            dict.fromkeys(canonical(corpus, lesson) for one in item.conditions for lesson in one.lessons)
        )
        assert {canonical(corpus, lesson) for one in item.conditions for lesson in one.lessons} == attached
        for one in item.conditions:
            assert (one.kind, one.element) == ("condition", item.element)
            assert one.text == corpus.lessons[one.id].text
            assert one.rationale[0].because == (BecauseElement(element=str(item.element)),)


def test_a_safeguard_is_printed_with_its_element(pack: MiniPack) -> None:
    (camps,) = advise({"land_offered": True, "years": 1}, pack.load()).recommendations
    (choice,) = camps.conditions
    assert (choice.id, choice.strength, choice.basis) == ("l-choice", "must", "legal_duty")
    assert choice.rationale[0].paragraphs[0].ref == "2"
    (shelter,) = advise({"arrivals": 10_000}, pack.load()).recommendations
    assert shelter.conditions == ()


def test_some_element_of_the_corpus_has_a_safeguard(corpus: Corpus) -> None:
    guarded = {element for lesson in corpus.lessons.values() for element in lesson.attaches_to}
    recommended = {
        element
        for kind in corpus.facts["situation_types"].allowed
        for element in elements(advise({"situation_types": [kind]}, corpus).recommendations)
    }
    assert guarded & recommended


# --- 5. strength is the paper's ---------------------------------------------------------------------------------------

RANK = {"must": 0, "should": 1, "consider": 2}


@given(raw=SITUATIONS)
def test_no_line_is_stronger_than_its_lessons(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    for item in all_items(advise(raw, corpus)):
        if item.kind == "contradiction":
            assert (item.lessons, item.basis) == ((), None)
            continue
        assert item.lessons
        spoken = []
        for reason in item.rationale:
            assert reason.lesson is not None
            lesson = corpus.lessons[reason.lesson]
            assert reason.strength is not None
            if lesson.strength == "avoid":
                assert reason.strength == "avoid"
            else:
                assert RANK[reason.strength] >= RANK[lesson.strength]
            assert (reason.hedge, reason.basis) == (lesson.hedge, lesson.basis)
            spoken.append((reason.strength, lesson.hedge, lesson.basis))
        assert (item.strength, item.hedge, item.basis) in spoken


@given(raw=SITUATIONS)
def test_every_line_leads_back_to_facts_rules_lessons_and_paragraphs(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    answer = advise(raw, corpus)
    known = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in situation.parse(raw, corpus.facts).items()
    }
    assert answer.situation.facts == known
    derived = {note.finding for note in answer.situation.findings}
    refs = {(place.split(":")[0], entry.ref): place for place, entry in corpus.places.items()}
    for item in all_items(answer):
        assert item.rationale
        assert set(item.lessons) <= set(corpus.lessons)
    for reason in all_rationales(answer):
        assert reason.because
        assert reason.paragraphs
        for place in reason.paragraphs:
            assert (place.source, place.ref) in refs
            assert place.href == "/v1/sources/{}/paragraphs/{}".format(*refs[place.source, place.ref].split(":"))
        if reason.lesson is not None:
            assert corpus.places[corpus.lessons[reason.lesson].place].ref in {place.ref for place in reason.paragraphs}
        if reason.rule is not None:
            rule = corpus.rules[reason.rule]
            assert reason.lesson is None or reason.lesson in rule.lessons
            assert (reason.reading, reason.pack) == (rule.reading, rule.pack)
            assert reason.note == (rule.note if rule.reading == "ours" else None)
        for because in reason.because:
            match because:
                case BecauseFact():
                    assert known[because.fact] == because.value
                    if isinstance(because.value, list):
                        assert set(because.matched) <= set(because.value)
                    else:
                        assert because.matched == because.value
                case BecauseFinding():
                    assert because.finding in derived
                case BecauseElement():
                    assert because.element in corpus.elements


def test_a_rule_may_weaken_a_lesson(pack: MiniPack) -> None:
    facts = {"situation_types": ["mass_influx"]}
    assert advise(facts, pack.load()).recommendations[0].strength == "should"
    pack.replace(
        "rules/hosting/shelter-first.yaml", "recommends: [shelter]", "recommends: [shelter]\n    strength: consider"
    )
    (shelter,) = advise(facts, pack.load()).recommendations
    assert (shelter.strength, shelter.hedge, shelter.basis) == ("consider", "usually", "lesson")


def test_a_reading_of_ours_says_so_beside_the_lesson(pack: MiniPack) -> None:
    answer = advise({"years": 6, "situation_types": ["mass_influx"]}, pack.load())
    readings = {item.id: (item.rationale[0].reading, item.rationale[0].note) for item in answer.recommendations}
    assert readings == {"shelter": ("source", None), "l-no-camps": ("ours", "Five years is our reading of long.")}


# --- 6. contradictions are reported, nothing is dropped ---------------------------------------------------------------


def contradictions() -> list[str]:
    return [name for name, rule in rule_files().items() if any("contradiction" in then for then in rule["then"])]


@pytest.mark.parametrize("name", contradictions())
def test_a_contradiction_is_a_red_flag_that_names_the_facts(name: str, corpus: Corpus) -> None:
    rule = rule_files()[name]
    for test in rule["tests"]:
        answer = advise(test["given"], corpus)
        flags = [item for item in answer.red_flags if item.id == name]
        if test["expect"] != "fires":
            assert flags == []
            continue
        (flag,) = flags
        assert flag.kind == "contradiction"
        texts = [then["contradiction"] for then in rule["then"] if "contradiction" in then]
        assert flag.text in [" ".join(text.split()) for text in texts]
        assert flag.headline
        (reason,) = flag.rationale
        named = {because.fact for because in reason.because if isinstance(because, BecauseFact)}
        assert named or any(isinstance(because, BecauseFinding) for because in reason.because)
        assert named <= set(test["given"])
        assert set(answer.situation.facts) == set(test["given"])


def test_there_are_contradictions_to_report() -> None:
    assert contradictions()


def test_a_contradiction_takes_nothing_away(corpus: Corpus) -> None:
    quiet = {"situation_types": ["capacity_gap"]}
    loud = {**quiet, "host_capacity": "adequate"}
    assert [item.kind for item in advise(quiet, corpus).red_flags if item.kind == "contradiction"] == []
    answer = advise(loud, corpus)
    assert [item.kind for item in answer.red_flags if item.kind == "contradiction"]
    kept = {*elements(answer.recommendations), *elements(answer.set_aside)}
    assert set(elements(advise(quiet, corpus).recommendations)) <= kept
    assert answer.situation.facts == loud


# --- 7. order does not matter -----------------------------------------------------------------------------------------


@given(data=st.data())
def test_the_order_of_facts_and_entries_changes_nothing(data: st.DataObject) -> None:
    corpus = advisor.load_corpus()
    raw = data.draw(situations(corpus, at_least=3))
    turned = {name: raw[name] for name in data.draw(st.permutations(list(raw)))}
    turned = {
        name: data.draw(st.permutations(value)) if isinstance(value, list) else value for name, value in turned.items()
    }
    assert advise(turned, corpus).model_dump_json() == advise(raw, corpus).model_dump_json()


def rich_situations(corpus: Corpus) -> list[Raw]:
    told = [dict(precedent.situation) for precedent in corpus.precedents.values() if precedent.situation]
    kinds = [{"situation_types": [kind]} for kind in corpus.facts["situation_types"].allowed]
    return [*kinds[:3], {"situation_types": list(corpus.facts["situation_types"].allowed)}, *told[:6], {}]


SCRIPT = """
import json, sys
import advisor
corpus = advisor.load_corpus(sys.argv[1])
for facts in json.load(sys.stdin):
    print(advisor.advise(facts, corpus).model_dump_json())
"""


def test_fresh_processes_with_other_hash_seeds_answer_byte_for_byte_the_same(tmp_path: Path) -> None:
    for part in PARTS:
        shutil.copytree(builtin_folder() / part, tmp_path / part)
    corpus = advisor.load_corpus(tmp_path)
    cases = rich_situations(corpus)
    assert len(cases) >= 6
    here = "".join(advise(facts, corpus).model_dump_json() + "\n" for facts in cases).encode()
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        for seed in ("0", "1", "2", "3", "4294967295", "random")
    ]
    answers = [process.communicate(json.dumps(cases).encode())[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 6
    assert set(answers) == {here}


def shuffled(corpus: Corpus, seed: int) -> Corpus:
    rules = list(corpus.rules.items())
    random.Random(seed).shuffle(rules)
    return dataclasses.replace(corpus, rules=MappingProxyType(dict(rules)))


def without_order_of_rules(answer: Advice) -> Any:
    data = answer.model_dump(mode="json")
    for note in data["situation"]["findings"]:
        note["rationale"].sort(key=lambda reason: str(reason["rule"]))
    return data


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rules_changes_no_line(seed: int, corpus: Corpus) -> None:
    other = shuffled(corpus, seed)
    assert list(other.rules) != list(corpus.rules)
    for facts in rich_situations(corpus):
        one, two = advise(facts, other), advise(facts, corpus)
        assert without_order_of_rules(one) == without_order_of_rules(two)


def test_the_order_of_rules_changes_no_byte(pack: MiniPack) -> None:
    rule = pack.text("rules/findings/mass-influx.yaml").replace("id: mass-influx\n", "id: many-people\n", 1)
    pack.write("rules/findings/many-people.yaml", rule)
    corpus = pack.load()
    turned = dataclasses.replace(corpus, rules=MappingProxyType(dict(reversed(list(corpus.rules.items())))))
    facts = {"arrivals": 60_000, "years": 6, "land_offered": True}
    assert len(advise(facts, corpus).situation.findings[0].rationale) == 2
    assert advise(facts, turned).model_dump_json() == advise(facts, corpus).model_dump_json()


@given(data=st.data())
def test_equal_facts_have_equal_ids_and_other_facts_have_others(data: st.DataObject) -> None:
    corpus = advisor.load_corpus()
    raw = data.draw(situations(corpus, at_least=1))
    name = data.draw(st.sampled_from(sorted(raw)))
    other = {**raw, name: data.draw(values(corpus.facts[name]))}
    one, two = situation.parse(raw, corpus.facts), situation.parse(other, corpus.facts)
    assert (answer_id(one, corpus) == answer_id(two, corpus)) is (one == two)


def test_an_answer_carries_the_id_of_its_facts(corpus: Corpus) -> None:
    for facts in rich_situations(corpus)[:3]:
        assert advise(facts, corpus).id == answer_id(situation.parse(facts, corpus.facts), corpus)


def test_the_id_changes_with_the_corpus(pack: MiniPack) -> None:
    first = advise({"years": 6}, pack.load())
    second = advise({"years": 6}, pack.append("knowledge/pack.yaml", "# changed\n").load())
    assert first.corpus.digest != second.corpus.digest
    assert first.id != second.id


# --- 8. one recommendation per element --------------------------------------------------------------------------------


@given(raw=SITUATIONS)
def test_one_line_per_element_and_at_most_fifteen_headlines_first(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    answer = advise(raw, corpus)
    named = [item.element for item in answer.recommendations if item.element]
    assert len(named) == len(set(named))
    lines = [(item.kind, item.id) for item in (*answer.recommendations, *answer.arguments, *answer.red_flags)]
    assert len(lines) == len(set(lines))
    headlines = [item.headline for item in answer.recommendations]
    assert headlines == sorted(headlines, reverse=True)
    assert len(answer.headlines) == sum(headlines) <= 15
    for item in (*answer.recommendations, *answer.set_aside, *answer.arguments):
        told = [(reason.rule, canonical(corpus, str(reason.lesson))) for reason in item.rationale]
        assert len(told) == len(set(told)), "a lesson and its restatement count once"


@given(raw=SITUATIONS)
def test_life_saving_lines_and_duties_come_first(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    answer = advise({key: value for key, value in raw.items() if key != "phases_in_scope"}, corpus)

    def first(item: Item) -> bool:
        duty = item.strength == "must" or (item.basis == "legal_duty" and item.strength == "avoid")
        return duty or bool(item.element and corpus.elements[item.element].life_saving)

    ranks = [first(item) for item in answer.headlines]
    assert ranks == sorted(ranks, reverse=True)


def test_full_answers_fill_the_headlines(corpus: Corpus) -> None:
    answer = advise({"situation_types": list(corpus.facts["situation_types"].allowed)}, corpus)
    assert len(answer.headlines) >= 10
    assert len(answer.recommendations) > len(answer.headlines)


def test_a_lesson_and_its_restatement_count_once(pack: MiniPack) -> None:
    again = pack.text("knowledge/lessons/paper.yaml").split("  - id: l-camps\n")[1].split("  - id:")[0]
    again = again.replace('place: "2"', 'place: "1"').replace("Camps can be", "In other words, camps can be")
    pack.append("knowledge/lessons/paper.yaml", f"  - id: l-again\n{again}    same_as: l-camps\n")
    file = "rules/hosting/camps-on-offered-land.yaml"
    both = "recommends: [camps]\n  - lesson: l-again\n    recommends: [camps]\n"
    pack.replace(file, "recommends: [camps]\n", both)
    (camps,) = advise({"land_offered": True, "years": 1}, pack.load()).recommendations
    (reason,) = camps.rationale
    assert sorted(camps.lessons) == ["l-again", "l-camps"]
    assert sorted(place.ref for place in reason.paragraphs) == ["1", "2"]
    assert camps.text.count("amps can be set up on land that is offered.") == 1


def test_two_lessons_for_one_element_make_one_line_that_the_stronger_leads(pack: MiniPack) -> None:
    pack.replace(
        "rules/hosting/camps-on-offered-land.yaml",
        "recommends: [camps]\n",
        "recommends: [camps]\n  - lesson: l-shelter\n    recommends: [camps]\n",
    )
    (camps,) = advise({"land_offered": True, "years": 1}, pack.load()).recommendations
    assert camps.lessons == ("l-shelter", "l-camps")
    assert (camps.strength, camps.hedge, camps.basis) == ("should", "usually", "lesson")
    assert [reason.lesson for reason in camps.rationale] == ["l-shelter", "l-camps"]


# --- 9. silence has a reason ------------------------------------------------------------------------------------------


def test_of_nothing_nothing_is_said_but_what_is_open(corpus: Corpus) -> None:
    answer = advise({}, corpus)
    assert answer.recommendations == ()
    assert answer.red_flags == ()
    assert answer.set_aside == ()
    assert answer.situation.facts == {}
    assert answer.situation.findings == ()
    assert len(answer.questions) > 1
    assert "situation_types" in {question.fact for question in answer.questions}
    standing = [notice for notice in answer.notices if notice.kind == "standing"]
    opened = [notice for notice in answer.notices if notice.kind == "open"]
    assert standing
    assert opened
    for notice in opened:
        assert notice.facts
        assert set(notice.facts) <= set(corpus.facts)
        assert all(uncapital(corpus.facts[name].label) in notice.text for name in notice.facts)
    topics = {rule.topic for rule in corpus.rules.values() if rule.lessons}
    assert {notice.id for notice in opened} == {f"open-{topic}" for topic in topics}


def test_the_first_question_is_the_kind_of_situation(corpus: Corpus) -> None:
    assert advise({}, corpus).questions[0].fact == "situation_types"


@given(raw=SITUATIONS)
def test_an_answer_with_few_lines_says_which_rules_are_open(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    reading = Reading(raw)
    answer = advise(raw, corpus)
    wanting = {corpus.rules[name].topic for name in reading.open if corpus.rules[name].lessons}
    opened = {notice.id.removeprefix("open-"): notice for notice in answer.notices if notice.kind == "open"}
    if len(answer.recommendations) < 8:
        assert set(opened) == wanting
    for topic, notice in opened.items():
        waiting = {
            fact for name in reading.open if corpus.rules[name].topic == topic for fact in reading.deciding(name)
        }
        assert notice.facts
        assert set(notice.facts) <= waiting - set(raw)


@given(raw=SITUATIONS)
def test_a_question_is_about_an_unknown_fact_for_which_rules_wait(raw: Raw) -> None:
    corpus = advisor.load_corpus()
    reading = Reading(raw)
    answer = advise(raw, corpus)
    waiting: dict[str, int] = {}
    for name in rule_files():
        for fact in reading.waiting(name):
            waiting[fact] = waiting.get(fact, 0) + 1
    assert len({question.fact for question in answer.questions}) == len(answer.questions)
    for question in answer.questions:
        assert question.fact not in raw
        assert question.waiting == waiting.get(question.fact, 0)


def test_standing_notices_stand_in_every_answer(corpus: Corpus) -> None:
    standing = {lesson.id for lesson in corpus.lessons.values() if lesson.notice}
    assert standing
    for facts in rich_situations(corpus):
        ids = [notice.id for notice in advise(facts, corpus).notices if notice.kind == "standing"]
        assert standing <= set(ids)
        assert {f"source-{source}" for source in corpus.sources} <= set(ids)


# --- 10. rules ask for no more than the paper does --------------------------------------------------------------------


def kinds() -> tuple[str, ...]:
    return advisor.load_corpus().facts["situation_types"].allowed


def test_there_are_seven_kinds_of_situation() -> None:
    assert len(kinds()) == 7


@pytest.mark.parametrize("kind", kinds())
def test_each_kind_of_situation_alone_gives_advice_of_its_own(kind: str, corpus: Corpus) -> None:
    answer = advise({"situation_types": [kind]}, corpus)
    others = [advise({"situation_types": [other]}, corpus) for other in kinds() if other != kind]
    finding = next(finding.id for finding in corpus.findings.values() if finding.situation_type == kind)
    assert finding in {note.finding for note in answer.situation.findings}
    own = {
        item.id
        for item in answer.recommendations
        for reason in item.rationale
        if BecauseFinding(finding=finding) in reason.because
    }
    assert own, "lines that this kind alone calls for"
    assert len(answer.headlines) >= 3
    for other in others:
        said = {(reason.rule, reason.lesson) for item in other.recommendations for reason in item.rationale}
        assert {(r.rule, r.lesson) for item in answer.recommendations for r in item.rationale} - said
