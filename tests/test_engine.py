from __future__ import annotations

import gc
import os
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from kleene import Reading
from minipack import MiniPack
from strategies import Raw
from thorough import IN_CI

from advisor import advise, engine, situation
from advisor.corpus import Corpus
from advisor.model import Fact

ROOT = Path(__file__).parent.parent


def drawn(fact: Fact, dice: random.Random) -> Any:
    match fact.type:
        case "boolean":
            return dice.random() < 0.5
        case "enum":
            return dice.choice(fact.allowed)
        case "set":
            return dice.sample(fact.allowed, dice.randint(0, min(3, len(fact.allowed))))
        case _:
            return min(dice.choice([0, 1, 5, 10, 100, 10_000]), fact.maximum or 0)


def some_situations(corpus: Corpus, count: int, most: int = 25) -> list[Raw]:
    """Return different situations, the same in every run."""
    dice = random.Random(count)
    found: dict[str, Raw] = {}
    while len(found) < count:
        names = dice.sample(sorted(corpus.facts), dice.randint(1, most))
        raw = {name: drawn(corpus.facts[name], dice) for name in names}
        found[situation.to_json(situation.parse(raw, corpus.facts))] = raw
    return list(found.values())


def test_two_hundred_situations_in_sixteen_threads_are_answered_as_each_alone(corpus: Corpus) -> None:
    cases = some_situations(corpus, 200, most=6)
    alone = [advise(raw, corpus).model_dump_json() for raw in cases]
    assert len(set(alone)) == 200
    start = threading.Barrier(16)

    def work(share: int) -> list[tuple[int, str]]:
        start.wait(30)
        return [(index, advise(cases[index], corpus).model_dump_json()) for index in range(share, 200, 16)]

    with ThreadPoolExecutor(16) as pool:
        together = dict(pair for answers in pool.map(work, range(16)) for pair in answers)
    assert [index for index in range(200) if together[index] != alone[index]] == []


def test_threads_that_meet_on_a_new_engine_agree_with_naive_logic(pack: MiniPack) -> None:
    # A corpus just loaded: its engines are built while the threads already wait for them.
    corpus = pack.load()
    years = [0, 5, 6, 1, 149, 2] * 8
    start = threading.Barrier(16)
    gate = threading.local()

    def work(value: int) -> bool:
        if not hasattr(gate, "passed"):
            gate.passed = True
            start.wait(30)
        run = engine.engine_for(corpus).run({"years": value})
        return run.fired == ({"no-camps-for-years"} if value >= 5 else set())

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, years))


def test_nothing_leaks_from_one_call_to_the_next(corpus: Corpus) -> None:
    worker = engine.Engine(corpus, workers=1)
    cases = [situation.parse(raw, corpus.facts) for raw in some_situations(corpus, 20)]
    fresh = [engine.Engine(corpus, workers=1).run(facts) for facts in cases[:3]]
    first = [worker.run(facts) for facts in cases]
    assert first[:3] == fresh
    assert any(run.fired for run in first)
    assert worker.run({}) == engine.Run(frozenset(), frozenset(), frozenset())
    assert [worker.run(facts) for facts in reversed(cases)] == first[::-1]
    assert all(run.fired == Reading(dict(facts)).fired for run, facts in zip(first, cases, strict=True))


def test_an_engine_that_raised_is_replaced(pack: MiniPack, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    original = engine._Worker.__init__

    def counting(worker: Any, *args: Any) -> None:
        made.append(worker)
        original(worker, *args)

    monkeypatch.setattr(engine._Worker, "__init__", counting)
    runner = engine.Engine(pack.load(), workers=1)
    before = runner.run({"years": 6})
    assert before.fired == {"no-camps-for-years"}
    assert runner.run({"years": 6}) == before
    assert len(made) == 1
    for _ in range(3):  # more often than there are workers: none is lost
        with pytest.raises(TypeError):
            runner.run({"years": "six"})
        assert runner.run({"years": 6}) == before
    assert len(made) == 4


def test_an_engine_is_kept_as_long_as_its_corpus_and_no_longer(pack: MiniPack) -> None:
    corpus = pack.load()
    assert engine.engine_for(corpus) is engine.engine_for(corpus)
    assert engine.engine_for(pack.load()) is not engine.engine_for(corpus)
    engine.engine_for(corpus).run({"years": 6})
    kept = len(engine.engine_for)
    del corpus
    gc.collect()
    assert len(engine.engine_for) < kept


def test_a_rule_with_many_alternatives_costs_as_many_productions_and_not_their_product(pack: MiniPack) -> None:
    pairs = "".join(
        f"    - any:\n      - arrivals: {{at_least: {10 + index}}}\n      - years: {{at_least: {1 + index}}}\n"
        for index in range(8)
    )
    pack.replace("rules/hosting/camps-on-offered-land.yaml", "  land_offered: true\nthen", f"  all:\n{pairs}then")
    tests = pack.text("rules/hosting/camps-on-offered-land.yaml").replace("land_offered: true}", "years: 20}")
    pack.write("rules/hosting/camps-on-offered-land.yaml", tests)
    corpus = pack.load()
    assert len(list(engine.productions(corpus.rules["camps-on-offered-land"]))) == 17
    run = engine.Engine(corpus, workers=1).run
    assert "camps-on-offered-land" in run({"years": 8}).fired
    assert "camps-on-offered-land" not in run({"years": 7}).fired
    assert "camps-on-offered-land" in run({"years": 7, "arrivals": 17}).fired


def python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_the_advisor_leaves_collections_and_logging_as_they_were() -> None:
    code = """
import collections, logging
before = (set(dir(collections)), list(logging.root.handlers), logging.root.level)
import advisor, advisor.engine
assert not hasattr(collections, "Mapping")
assert (set(dir(collections)), list(logging.root.handlers), logging.root.level) == before
assert advisor.advise({"situation_types": ["mass_influx"]}).recommendations
assert (set(dir(collections)), list(logging.root.handlers), logging.root.level) == before
logging.basicConfig(level="INFO")
assert len(logging.root.handlers) == 1
print("as before")
"""
    assert python(code) == "as before\n"


def test_a_logging_handler_of_the_application_stays() -> None:
    code = """
import logging
handler = logging.StreamHandler()
logging.root.addHandler(handler)
import advisor.engine
print(logging.root.handlers == [handler])
"""
    assert python(code) == "True\n"


def test_the_engine_works_with_newer_frozendict_and_schema(tmp_path: Path, corpus: Corpus) -> None:
    newer = tmp_path / "newer"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "--target", str(newer), "frozendict>=2.4", "schema>=0.7.7"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode != 0:
        message = f"newer frozendict and schema cannot be installed here: {done.stderr.strip()[-200:]}"
        if IN_CI:
            pytest.fail(message)
        pytest.skip(message)
    code = f"""
import sys
sys.path.insert(0, {str(newer)!r})
import frozendict, schema
assert all(module.__file__.startswith({str(newer)!r}) for module in (frozendict, schema))
from importlib.metadata import version
assert int(version("frozendict").split(".")[0]) >= 2
import advisor
print(advisor.advise({{"situation_types": ["mass_influx"], "years_in_exile": 6}}).model_dump_json())
"""
    expected = advise({"situation_types": ["mass_influx"], "years_in_exile": 6}, corpus).model_dump_json()
    assert python(code).strip() == expected
