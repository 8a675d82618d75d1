"""Flip points, held against brute force over the facts that matter.

ADVISOR_EXAMPLES sets on how many random situations and corpora (60 unless told).
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from math import prod
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from kleene import Reading, operator_holds, rule_files
from minipack import MiniPack
from smallcorpora import ELEMENTS, FINDINGS, LESSONS, compiled, random_condition, random_facts, small_facts

import advisor
from advisor import Corpus, UnknownIdError, cli, situation
from advisor.case import Case
from advisor.conditions import parse
from advisor.domains import TooManyValuesError, classes_of
from advisor.engine import engine_for
from advisor.flip_text import as_text
from advisor.flips import Change, Flip, FlipPoints, Way, flip_points, flips
from advisor.lookahead import look_ahead
from advisor.model import Fact, FactValue
from advisor.standing import lines_of
from api.app import create_app

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "60"))
BUDGET = 4_000
"""How many situations brute force looks at for one line."""
ROOT = Path(__file__).resolve().parent.parent
BOXES = sorted((ROOT / "examples").glob("*.yaml"))

Raw = dict[str, Any]
Rules = Mapping[str, Raw]
Minimal = dict[tuple[str, ...], dict[tuple[Any, ...], bool]]
"""For each smallest set of facts: for all of their values, whether they flip the line."""


# --- brute force, by naive logic over the rules as written ------------------------------------------------------------


class Naive(Reading):
    """A naive reading of some rules in one situation, as far as it is asked for."""

    def __init__(self, rules: Rules, facts: Raw) -> None:
        self.facts = facts
        self.written = rules
        self._findings = {}

    def finding(self, name: str) -> bool | None:
        if name not in self._findings:
            found = [
                self.truth(rule["when"])
                for rule in self.written.values()
                if any(then.get("finding") == name for then in rule["then"])
            ]
            self._findings[name] = True if True in found else None if None in found else False
        return self._findings[name]

    def stands(self, corpus: Corpus, name: str) -> bool:
        fired = [rule for rule in self.written.values() if self.truth(rule["when"]) is True]
        if is_flag(corpus, name):
            return any(rule["id"] == name for rule in fired)
        consequences = [then for rule in fired for then in rule["then"]]
        struck = {one for then in consequences for one in (*then.get("defeats", ()), *then.get("already_met", ()))}
        said = {says(corpus, one) for one in struck if one in corpus.lessons}
        if name in corpus.elements:
            leading = [then for then in consequences if name in then.get("recommends", ())]
            return name not in struck and any(says(corpus, then["lesson"]) not in said for then in leading)
        warned = any("cautions" in then and says(corpus, then["lesson"]) == name for then in consequences)
        return warned and name not in said


def is_flag(corpus: Corpus, name: str) -> bool:
    """Tell whether a line is a red flag; a rule may have the id of an element."""
    return name not in corpus.elements and name not in corpus.lessons


def says(corpus: Corpus, lesson: str) -> str:
    return corpus.lessons[lesson].same_as or lesson


def bearing(corpus: Corpus, rules: Rules, name: str) -> Rules:
    """Return the rules that could matter to a line: that lead to it, set it aside, or derive what those test."""

    def leads(then: Raw) -> bool:
        return name in then.get("recommends", ()) or ("cautions" in then and says(corpus, then["lesson"]) == name)

    targets = {name} | {says(corpus, then["lesson"]) for rule in rules.values() for then in rule["then"] if leads(then)}

    def strikes(then: Raw) -> bool:
        struck = {*then.get("defeats", ()), *then.get("already_met", ())}
        return bool(targets & (struck | {says(corpus, one) for one in struck if one in corpus.lessons}))

    found = {
        key: rule
        for key, rule in rules.items()
        if (key == name and is_flag(corpus, name)) or any(leads(then) or strikes(then) for then in rule["then"])
    }
    while True:
        wanted = {leaf for rule in found.values() for key, leaf in leaves(rule["when"]) if key == "finding"}
        more = {
            key: rule
            for key, rule in rules.items()
            if key not in found and any(then.get("finding") in wanted for then in rule["then"])
        }
        if not more:
            return found
        found |= more


def leaves(condition: Raw) -> Iterator[tuple[str, Any]]:
    ((key, value),) = condition.items()
    if key in ("all", "any"):
        for part in value:
            yield from leaves(part)
    elif key == "not":
        yield from leaves(value)
    else:
        yield key, value


def all_values(fact: Fact, tests: Iterable[Any]) -> list[Any]:
    """Return values of a fact among which is one of each kind that the tests could tell apart."""
    match fact.type:
        case "boolean":
            return [False, True]
        case "enum":
            return list(fact.allowed)
        case "set":
            named: set[str] = set()
            counts = False
            for test in tests:
                counts |= "count_at_least" in test
                for operand in test.values():
                    named |= (
                        {operand} if isinstance(operand, str) else set(operand if isinstance(operand, list) else ())
                    )
            members = [one for one in fact.allowed if one in named or counts]
            members += [one for one in fact.allowed if one not in members][:1]
            return [[one for one in fact.allowed if one in some] for some in subsets(members)]
        case _:
            step = 1 if fact.type == "integer" else 0.25  # thresholds lie further apart
            near = {operand + by for test in tests for operand in test.values() for by in (-step, 0, step)}
            low, high = fact.minimum, fact.maximum
            assert low is not None
            assert high is not None
            return sorted(one for one in {*near, low, high} if low <= one <= high)


def subsets(members: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(members) + 1):
        yield from combinations(members, size)


def brute_force(corpus: Corpus, rules: Rules, name: str, facts: Raw) -> tuple[Minimal, int]:
    """Return all smallest changes, and up to how many facts they were looked for within the budget."""
    mattering = bearing(corpus, rules, name)
    tests: dict[str, list[Any]] = {}
    for rule in mattering.values():
        for key, test in leaves(rule["when"]):
            if key != "finding":
                tests.setdefault(key, []).append(test)
    values = {
        fact: [value for value in all_values(corpus.facts[fact], tests[fact]) if value != facts.get(fact)]
        for fact in corpus.facts
        if fact in tests
    }
    now = Naive(mattering, facts).stands(corpus, name)
    minimal: Minimal = {}
    spent = 0
    for size in (1, 2, 3):
        spent += sum(prod(len(values[fact]) for fact in some) for some in combinations(values, size))
        if spent > BUDGET:
            return minimal, size - 1
        for some in combinations(values, size):
            if any(set(smaller) < set(some) for smaller in minimal):
                continue
            flipped = {
                tuple(map(frozen, chosen)): Naive(mattering, {**facts, **dict(zip(some, chosen, strict=True))}).stands(
                    corpus, name
                )
                is not now
                for chosen in product(*(values[fact] for fact in some))
            }
            if any(flipped.values()):
                minimal[some] = flipped
    return minimal, 3


def frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


# --- what the answer claims -------------------------------------------------------------------------------------------


def allows(way: Way, chosen: Sequence[Any]) -> bool:
    return all(admits(change, value) for change, value in zip(way.changes, chosen, strict=True))


def admits(change: Change, value: Any) -> bool:
    """Tell whether a change says that the value does it, by all that it says of its values."""
    if change.type == "set":
        passed = any(
            all(operator_holds(one.operator, value, one.operand) is not one.negated for one in alternative)
            for alternative in change.conditions
        )
        if passed:
            assert set(change.includes) <= set(value)
            assert not set(change.excludes) & set(value)
        return passed
    if change.ranges:
        return any(
            (one.at_least is None or value >= one.at_least)
            and (one.more_than is None or value > one.more_than)
            and (one.at_most is None or value <= one.at_most)
            and (one.less_than is None or value < one.less_than)
            for one in change.ranges
        )
    return any(value is one or (value == one and not isinstance(value, bool)) for one in change.values)


def agree(corpus: Corpus, rules: Rules, name: str, raw: Raw) -> bool:
    """Hold the flip points of a line against brute force; return whether it flips at all."""
    facts = situation.parse(raw, corpus.facts)
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in facts.items()}
    minimal, limit = brute_force(corpus, rules, name, plain)
    if not limit:
        return False
    found = flips(Case(corpus, facts, look_ahead(corpus, facts)), name, limit)
    assert {flip.facts for flip in found.flips} == set(minimal), (name, raw)
    for flip in found.flips:
        for chosen, flipped in minimal[flip.facts].items():
            assert any(allows(way, chosen) for way in flip.ways) is flipped, (name, raw, flip.facts, chosen)
        check_shape(corpus, plain, flip)
    return bool(minimal)


def check_shape(corpus: Corpus, facts: Raw, flip: Flip) -> None:
    for way in flip.ways:
        assert tuple(change.fact for change in way.changes) == flip.facts
        for change in way.changes:
            assert change.present == facts.get(change.fact)
            assert change.nearest is not None
            assert change.nearest != change.present
            assert admits(change, change.nearest)
            situation.parse({change.fact: change.nearest}, corpus.facts)  # it is a value that an officer could give
            if change.type == "set":
                present = set(facts.get(change.fact, ()))
                distance = len(present ^ set(change.nearest))
                members = corpus.facts[change.fact].allowed
                if len(members) <= 8:
                    doing = [set(some) for some in subsets(members) if admits(change, some)]
                    assert distance == min(len(present ^ some) for some in doing)
                    assert set(change.includes) == set.intersection(*doing)
                    assert set(change.excludes) == set(members) - {member for some in doing for member in some}


# --- random corpora ---------------------------------------------------------------------------------------------------


def random_rules(rng: random.Random) -> dict[str, Raw]:
    rules: dict[str, Raw] = {}

    def add(name: str, findings: Sequence[str], then: Raw) -> None:
        rules[name] = {"id": name, "when": random_condition(rng, findings), "then": [then]}

    for number in range(rng.randint(1, 2)):
        add(f"one-{number}", [], {"finding": "f-one"})
    add("two", ["f-one"], {"finding": "f-two"})
    for number in range(rng.randint(2, 4)):
        lesson, elements = rng.choice(LESSONS), rng.sample(ELEMENTS, rng.randint(1, 2))
        add(f"recommends-{number}", FINDINGS, {"lesson": lesson, "recommends": elements})
    add("cautions", FINDINGS, {"lesson": rng.choice(LESSONS), "cautions": []})
    add("flags", FINDINGS, {"lesson": "l-shelter", "flags": []})
    for number in range(rng.randint(0, 3)):
        targets = rng.sample([*LESSONS, *ELEMENTS], rng.randint(1, 2))
        add(f"defeats-{number}", FINDINGS, {"lesson": "l-choice", "defeats": targets})
    if rng.random() < 0.5:
        add("met", FINDINGS, {"already_met": [rng.choice(ELEMENTS)]})
    return rules


def random_corpus(rng: random.Random, base: Corpus) -> tuple[Corpus, dict[str, Raw]]:
    """Return a corpus of a few rules over a few facts with few values, and its rules as written."""
    written = random_rules(rng)
    return compiled(written, base), written


def lines_in(corpus: Corpus) -> list[str]:
    """Return the ids of all lines that the rules could bring about."""
    names = {
        *(name for rule in corpus.rules.values() for then in rule.then for name in then.recommends or ()),
        *(rule.id for rule in corpus.rules.values() for then in rule.then if then.flags is not None),
        *(
            says(corpus, str(then.lesson))
            for rule in corpus.rules.values()
            for then in rule.then
            if then.cautions is not None
        ),
    }
    return sorted(names)


def test_flip_points_agree_with_brute_force_on_random_small_corpora(pack: MiniPack) -> None:
    base = pack.load()
    flipping = 0
    for seed in range(EXAMPLES):
        rng = random.Random(seed)
        corpus, written = random_corpus(rng, base)
        raw = random_facts(rng, corpus, rng.choice([0, 2, 4, 6]))
        for name in rng.sample(lines_in(corpus), 2):
            flipping += agree(corpus, written, name, raw)
    assert flipping > EXAMPLES


def test_flip_points_agree_with_brute_force_on_random_situations(corpus: Corpus) -> None:
    names = lines_in(corpus)
    flipping = 0
    for seed in range(EXAMPLES):
        rng = random.Random(seed)
        raw = random_facts(rng, corpus, rng.choice([0, 5, 20, 40, 69]))
        for name in rng.sample(names, 2):
            flipping += agree(corpus, rule_files(), name, raw)
    assert flipping > EXAMPLES


# --- the six boxes ----------------------------------------------------------------------------------------------------


def told(path: Path) -> Raw:
    facts: Raw = yaml.safe_load(path.read_text(encoding="utf-8"))["facts"]
    return facts


def present(corpus: Corpus, raw: Raw, name: str) -> bool:
    answer = advisor.advise(raw, corpus)
    return name in {item.id for item in (*answer.recommendations, *answer.red_flags)}


def changed(raw: Raw, way: Way) -> Raw:
    return {**raw, **{change.fact: change.nearest for change in way.changes}}


@pytest.mark.parametrize("path", BOXES, ids=lambda path: path.stem)
def test_the_engine_confirms_each_change_of_one_fact_to_a_headline_or_flag(path: Path, corpus: Corpus) -> None:
    raw = told(path)
    points = flip_points(raw, corpus, limit=1, confirm=False)
    answer = advisor.advise(raw, corpus)
    assert [line.id for line in points.lines] == [item.id for item in (*answer.red_flags, *answer.headlines)]
    assert points.answer == answer.id
    ways = [(line, way) for line in points.lines for flip in line.flips for way in flip.ways]
    assert len(ways) > 3
    for line, way in ways:
        assert line.now == "stands"
        case = Case(corpus, facts := situation.parse(changed(raw, way), corpus.facts), engine_for(corpus).run(facts))
        if line.kind == "red_flag":
            assert line.id not in case.run.fired
        else:
            found = lines_of(case).get((line.kind, line.id))
            assert found is None or not found.standing


def test_answers_to_the_changed_situations_show_the_flips(corpus: Corpus) -> None:
    raw = told(ROOT / "examples" / "kosovo-1999.yaml")
    names = ["humanitarian-evacuation", "financial-assistance", "protection-denied-despite-duty", "joint-returns"]
    for line in flip_points(raw, corpus, names, limit=2, confirm=True).lines:
        assert (line.now == "stands") is present(corpus, raw, line.id)
        assert line.flips
        for flip in line.flips:
            for way in flip.ways:
                assert present(corpus, changed(raw, way), line.id) is (line.now != "stands")
                if len(flip.facts) == 2:
                    for change in way.changes:
                        one = {**raw, change.fact: change.nearest}
                        assert present(corpus, one, line.id) is (line.now == "stands"), "a part of it is not enough"


def test_no_flip_holds_another(corpus: Corpus) -> None:
    for path in BOXES:
        for line in flip_points(told(path), corpus, confirm=False).lines:
            sets = [set(flip.facts) for flip in line.flips]
            assert all(1 <= len(some) <= 3 for some in sets)
            assert not any(one < other for one in sets for other in sets)
            assert len({flip.facts for flip in line.flips}) == len(line.flips)
            assert all(some <= set(line.tested) for some in sets)


# --- in words ---------------------------------------------------------------------------------------------------------


def mini_points(pack: MiniPack, raw: Raw, *of: str, limit: int = 3) -> FlipPoints:
    return flip_points(raw, pack.load(), of, limit)


def test_what_would_set_a_recommendation_aside_is_told_with_its_place(pack: MiniPack) -> None:
    points = mini_points(pack, {"land_offered": True}, "camps")
    assert as_text(points) == (
        "recommendation camps\n"
        "  “Camps” is recommended.\n"
        "  One fact:\n"
        "    - If it were known that “Years” is at least 5, “Camps” would be set aside (para. 2).\n"
        "        years: nearest 5 (now unknown)\n"
        "    - If “Land for camps” were “No land is offered”, “Camps” would no longer be recommended.\n"
        "        land_offered: false (now true)\n"
        "\n"
        "A fact that is known and becomes unknown is not counted as a change.\n"
    )


def test_what_would_bring_a_recommendation_or_a_caution_is_told(pack: MiniPack) -> None:
    raw = {"situation_types": ["protracted"], "years": 2.5, "arrivals": 10}
    points = mini_points(pack, raw, "shelter", "l-no-camps", "camps")
    assert as_text(points, 200) == (
        "recommendation shelter\n"
        "  “Shelter” is not recommended.\n"
        "  One fact:\n"
        "    - If “Kinds of situation” included “Mass influx”, “Shelter” would be recommended (para. 1).\n"
        "        situation_types: nearest [mass_influx, protracted]; must have mass_influx (now [protracted])\n"
        "    - If “Arrivals” were at least 10,000 people, “Shelter” would be recommended (para. 1).\n"
        "        arrivals: nearest 10000 (now 10)\n"
        "\n"
        "caution l-no-camps\n"
        "  The caution “No camps for long stays” is not given.\n"
        "  One fact:\n"
        "    - If “Years” were at least 5, the caution “No camps for long stays” would be given (para. 2).\n"
        "        years: nearest 5 (now 2.5)\n"
        "\n"
        "recommendation camps\n"
        "  “Camps” is not recommended.\n"
        "  One fact:\n"
        "    - If it were known that “Land for camps” is “Land is offered”, “Camps” would be recommended (para. 2).\n"
        "        land_offered: true (now unknown)\n"
        "\n"
        "A fact that is known and becomes unknown is not counted as a change.\n"
    )


def test_two_facts_that_must_change_together_stand_in_one_sentence(pack: MiniPack) -> None:
    (line,) = mini_points(pack, {"land_offered": False, "years": 6}, "camps").lines
    (flip,) = line.flips
    (way,) = flip.ways
    assert flip.facts == ("years", "land_offered")
    assert way.rules == ("camps-on-offered-land",)
    assert way.text == (
        "If “Years” were less than 5, and “Land for camps” were “Land is offered”, "
        "“Camps” would be recommended (para. 2)."
    )


def test_a_line_that_no_change_within_the_limit_alters_says_so(pack: MiniPack) -> None:
    (line,) = mini_points(pack, {"land_offered": False, "years": 6}, "camps", limit=1).lines
    assert line.flips == ()
    assert line.text == "“Camps” is not recommended. No change of one fact would alter that."


def test_an_outcome_that_depends_on_the_value_names_both(pack: MiniPack) -> None:
    south = "      - {value: south, label: South}\n"
    pack.replace("knowledge/facts.yaml", south, f"{south}      - {{value: west, label: West}}\n")
    pack.replace("rules/hosting/no-camps-for-years.yaml", "  years: {at_least: 5}\n", "  region: south\n")
    file = "rules/hosting/camps-on-offered-land.yaml"
    pack.replace(file, "when:\n  land_offered: true\n", "when:\n  region: [south, west]\n")
    (line,) = mini_points(pack, {"region": "west"}, "camps").lines
    (flip,) = line.flips
    (way,) = flip.ways
    assert way.changes[0].values == ("north", "south")
    assert way.outcomes == ("set_aside", "absent")
    assert "“Camps” would be set aside or would no longer be recommended" in way.text


# --- bounds and errors ------------------------------------------------------------------------------------------------


def test_a_set_with_more_patterns_than_can_be_looked_through_is_refused_with_its_name() -> None:
    values = [{"value": f"v{number}", "label": f"V {number}"} for number in range(24)]
    fact = small_facts()["kinds"].model_copy(update={"values": tuple(FactValue(**value) for value in values)})
    tests = [parse({"kinds": {"has": f"v{number}"}}, {"kinds": fact}, (), print) for number in range(24)]
    with pytest.raises(TooManyValuesError, match="kinds"):
        classes_of(fact, tests, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["campz", "l-choice", "camps-on-offered-land"])
def test_an_id_that_names_no_line_is_refused(pack: MiniPack, name: str) -> None:
    with pytest.raises(UnknownIdError, match="no recommendation, caution or red flag"):
        mini_points(pack, {}, name)


def test_a_limit_out_of_range_is_refused(pack: MiniPack) -> None:
    with pytest.raises(ValueError, match="between 1 and 3"):
        mini_points(pack, {}, "camps", limit=4)


def test_the_command_line_prints_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    box = str(ROOT / "examples" / "kosovo-1999.yaml")
    for form in ("text", "json"):
        with pytest.raises(SystemExit) as exit_:
            cli.main(["flips", box, "humanitarian-evacuation", "--limit", "1", "--format", form])
        assert exit_.value.code == 0
        out = capsys.readouterr().out
        if form == "text":
            assert "transfer_voluntary: false (now unknown)" in out
            assert "“Humanitarian evacuation” would be set aside" in out
        else:
            points = FlipPoints.model_validate_json(out)
            assert [line.id for line in points.lines] == ["humanitarian-evacuation"]
            assert points.confirmed


@pytest.fixture(scope="module")
def client(corpus: Corpus) -> Iterator[TestClient]:
    with TestClient(create_app(corpus), raise_server_exceptions=False) as client:
        yield client


def test_flip_points_over_http_equal_those_of_the_library(client: TestClient, corpus: Corpus) -> None:
    facts = told(ROOT / "examples" / "kosovo-1999.yaml")
    body = {"facts": facts, "of": ["humanitarian-evacuation"], "limit": 2}
    reply = client.post("/v1/flips", json=body)
    assert reply.status_code == 200
    assert reply.text == flip_points(facts, corpus, ["humanitarian-evacuation"], 2).model_dump_json()


@pytest.mark.parametrize(
    ("body", "pointer", "says_"),
    [
        ({"facts": {"regio": "eu"}}, "/facts/regio", "did you mean 'region'"),
        ({"facts": {}, "of": ["shared-hostin"]}, "/of/0", "did you mean 'shared-hosting'"),
        ({"facts": {}, "of": ["\ud800" * 200]}, "/of/0", "no recommendation, caution or red flag"),
        ({"facts": {}, "of": "shared-hosting"}, "/of", "a list of ids"),
        ({"facts": {}, "of": ["x"] * 31}, "/of", "at most 30"),
        ({"facts": {}, "limit": 4}, "/limit", "from 1 to 3"),
        ({"facts": {}, "limit": True}, "/limit", "from 1 to 3"),
        ({"facts": {}, "limits": 1}, "/limits", "did you mean 'limit'"),
        ({"of": []}, "", "the key 'facts' is missing"),
    ],
)
def test_a_request_that_cannot_be_read_is_answered_with_its_fault(
    client: TestClient, body: Raw, pointer: str, says_: str
) -> None:
    reply = client.post("/v1/flips", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert reply.status_code == 422
    (fault,) = reply.json()["errors"]
    assert fault.get("pointer", "") == pointer
    assert says_ in fault["detail"]
