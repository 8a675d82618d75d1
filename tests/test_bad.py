"""Broken packs and the exact words about them.

Each folder of ``tests/bad/`` has the files that differ from the small pack of the catalogue, what else is odd about it
in ``special.yaml``, and the output of `advisor check` in ``expected.txt``.

To write the outputs anew after a change of words: ``ADVISOR_WRITE_EXPECTED=1 pytest tests/test_bad.py``; then read the
difference.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from overlay import lay

from advisor import cli, marked
from advisor.diagnostics import Change, codes

BAD = Path(__file__).resolve().parent / "bad"
CASES = sorted(path.name for path in BAD.iterdir() if path.is_dir())


def spoil(case: Path, folder: Path) -> list[str]:
    """Write the small pack as a case spoils it, and return the arguments of the check."""
    special = case / "special.yaml"
    listed = marked.read(special.read_text(encoding="utf-8"), special.name).data if special.exists() else []
    given = lay(folder, [Change.model_validate(change) for change in listed], "bad")
    for path in sorted(case.rglob("*")):
        if path.is_file() and path.name not in ("expected.txt", "special.yaml"):
            target = folder / path.relative_to(case)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return given


@pytest.mark.parametrize("name", CASES)
def test_a_broken_pack_is_told_in_these_words(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    given = spoil(BAD / name, tmp_path)
    with pytest.raises(SystemExit) as exit_:
        cli.main(["check", *given])
    printed = capsys.readouterr()
    expected = BAD / name / "expected.txt"
    if os.environ.get("ADVISOR_WRITE_EXPECTED"):
        expected.write_text(printed.out, encoding="utf-8")
    assert printed.out == expected.read_text(encoding="utf-8")
    assert printed.err == ""
    assert exit_.value.code == ("refused" in printed.out)


PLACED = re.compile(r"^\S.*?:[1-9]\d*:[1-9]\d*: (error|warning|info): .+ \(([a-z0-9-]+)\)$")


@pytest.mark.parametrize("name", CASES)
def test_each_message_has_a_place_a_code_and_a_way_out(name: str) -> None:
    *problems, _summary = (BAD / name / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert problems
    for problem, repair in zip(problems[::2], problems[1::2], strict=True):
        found = PLACED.match(problem)
        assert found, problem
        assert found[2] in codes()
        assert repair.startswith("    repair: "), repair


PROGRAMMING = re.compile(
    r"""\b(None|True|False|Traceback|Errno|NoneType|[A-Z][a-z]+[A-Z]\w*Error|[A-Z][a-z]+Error)\b|<class|object\ at\ 0x
    |\b(tuples?|dicts?|str|int|float|bool|pydantic|PyYAML|regex|fullmatch|isinstance)\b|\[type=|[({]['"][^'"]*['"]:""",
    re.VERBOSE,
)
PARSING = re.compile(
    r"""while\ (parsing|scanning)|flow\ (sequence|mapping)|block\ (sequence|mapping|collection|end|entry)|plain\ scalar
    |simple\ key|any\ token|could\ not\ find\ expected|did\ not\ find\ expected|but\ found|not\ allowed\ (in\ this
    \ context|here)|document\ start|field\ required|input\ should|valid\ (string|integer|boolean|list|dictionary)
    |\bscalar\b|\bsequence\b|\butf-8'\ codec""",
    re.VERBOSE | re.IGNORECASE,
)


@pytest.mark.parametrize("name", CASES)
def test_no_message_speaks_as_programs_do(name: str) -> None:
    text = (BAD / name / "expected.txt").read_text(encoding="utf-8")
    # true and false are words of YAML; written with a capital they are Python's.
    assert [
        line for line in text.splitlines() if PROGRAMMING.search(line.replace("true", "").replace("false", ""))
    ] == []
