"""Whole situations, told by what an officer knew at the time, held against what the paper calls for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.advice import advise
from advisor.answer import Advice
from advisor.corpus import Corpus

HERE = Path(__file__).resolve().parent
SITUATIONS = sorted((HERE.parent / "scenarios").glob("*.yaml"))
BOXES = {
    "kosovo-1999", "bhutan-nepal-2007", "brazil-ecuador-2010", "canada-us-2004", "francisco-y-catalina-2006",
    "indochina-1989",
}  # fmt: skip
KEYS = {"recommended", "headlines", "red_flags", "set_aside", "never"}


def told(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "example" in case:
        example = HERE.parent / "examples" / f"{case['example']}.yaml"
        case["facts"] = yaml.safe_load(example.read_text(encoding="utf-8"))["facts"]
    return case


def ids(answer: Advice, part: str) -> set[str]:
    return {item.id for item in getattr(answer, part)}


def test_the_six_boxes_and_a_dozen_later_situations_are_told() -> None:
    names = {path.stem for path in SITUATIONS}
    assert names >= BOXES
    assert len(names - BOXES) >= 12
    assert {path.stem for path in (HERE.parent / "examples").glob("*.yaml")} == BOXES


@pytest.mark.parametrize("path", SITUATIONS, ids=lambda path: path.stem)
def test_a_situation_gets_what_the_paper_calls_for(path: Path, corpus: Corpus) -> None:
    case = told(path)
    expect = case["expect"]
    assert set(expect) <= KEYS, "an unknown key would be a pass that shows nothing"
    assert expect.get("recommended")
    known = {*corpus.elements, *corpus.lessons, *corpus.rules}
    assert {name for names in expect.values() for name in names} <= known
    answer = advise(case["facts"], corpus)
    recommended = ids(answer, "recommendations")
    headlines = {item.id for item in answer.headlines}
    assert set(expect["recommended"]) - recommended == set(), "not recommended"
    assert set(expect.get("headlines", ())) - headlines == set(), f"not among the headlines {sorted(headlines)}"
    assert set(expect.get("red_flags", ())) - ids(answer, "red_flags") == set(), "no red flag"
    aside = {name for item in answer.set_aside for name in (item.id, *item.lessons)}
    assert set(expect.get("set_aside", ())) - aside == set(), "not set aside"
    assert set(expect.get("never", ())) & recommended == set(), "a mistake"
    assert len(headlines) <= 15
