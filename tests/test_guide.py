"""The writing guide, followed literally from an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from console import Command, File, Session, agrees, steps

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "writing-a-pack.md"


def test_the_guide_works_as_printed(tmp_path: Path) -> None:
    session = Session(tmp_path)
    followed = list(steps(GUIDE.read_text(encoding="utf-8")))
    try:
        for step in followed:
            if isinstance(step, File):
                session.write(step)
                continue
            printed = session.run(step)
            assert agrees(step.expected, printed), f"$ {step.text}\n" + "\n".join(printed)
    finally:
        session.close()
    commands = [step.text.split()[:2] for step in followed if isinstance(step, Command)]
    for verb in ("check", "test", "advise", "diff", "mutate", "prove", "serve"):
        assert ["advisor", verb] in commands, f"the guide does not come to advisor {verb}"


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a"], ["a", "b"], False),
        (["a", "…"], ["a", "b", "c"], True),
        (["…", "c"], ["a", "b", "c"], True),
        (["…", "d"], ["a", "b", "c"], False),
        ([], [], True),
        ([], ["a"], False),
        (["a (1)"], ["a (1)"], True),
    ],
)
def test_output_is_compared_line_by_line(expected: list[str], printed: list[str], same: bool) -> None:
    assert agrees(expected, printed) is same
