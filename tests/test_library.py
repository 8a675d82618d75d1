"""What another tool imports: a few names, and nothing of a web framework."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import advisor

FACTS = {"situation_types": ["mass_influx"], "border_status": "closed", "contributions_offered": ["money"]}


def test_every_public_name_exists_and_is_described() -> None:
    for name in advisor.__all__:
        value = getattr(advisor, name)
        assert name == "__version__" or value.__doc__
        # A module of the same name would take a function's place as soon as it is imported.
        assert not (Path(advisor.__file__).parent / f"{name}.py").exists()


def test_the_explanations_speak_of_the_same_answer() -> None:
    answer = advisor.advise(FACTS)
    flag = answer.red_flags[0].id
    assert advisor.trace_of(FACTS).nodes
    assert flag in {one.id for one in advisor.flip_points(FACTS, [flag], limit=1).lines}
    assert advisor.explain_why(FACTS, "humanitarian-evacuation").id == "humanitarian-evacuation"
    assert advisor.explain_why_not(FACTS, "readmission").id == "readmission"
    asked = [question.fact for question in advisor.next_questions(FACTS).questions]
    assert asked[: len(answer.questions)] == [question.fact for question in answer.questions]
    assert advisor.verify(json.loads(answer.model_dump_json())).holds


def test_an_answer_can_be_had_as_text() -> None:
    assert advisor.advise_json(FACTS).decode() == advisor.advise(FACTS).model_dump_json()


def test_a_comparison_names_what_the_change_brings() -> None:
    before = {name: value for name, value in FACTS.items() if name != "border_status"}
    comparison = advisor.compare_situations(before, FACTS)
    flags = {item.id for item in advisor.advise(FACTS).red_flags} - {
        item.id for item in advisor.advise(before).red_flags
    }
    assert flags
    assert flags <= {difference.id for difference in comparison.differences}


def test_an_answer_cannot_be_changed() -> None:
    answer = advisor.advise(FACTS)
    with pytest.raises(ValueError, match="frozen"):
        answer.id = "other"  # type: ignore[misc]


def test_importing_the_library_imports_no_web_framework_and_no_engine() -> None:
    code = "import sys, advisor; print([n for n in ('fastapi', 'starlette', 'uvicorn', 'experta') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
