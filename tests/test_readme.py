"""The README is true: its request is answered as it says, its rule is the rule, its commands exist."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

import advisor
from advisor.cli import VERBS, commands
from advisor.corpus import Corpus

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found, language
    return found.group(1)


def holds(part: Any, whole: Any) -> bool:
    """Return whether a shortened answer stands in the real one: entries may be left out, none may differ."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and holds(part[key], whole[key]) for key in part)
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(holds(one, other) for other in whole) for one in part)
    return bool(part == whole)


def test_the_request_gets_the_answer_that_is_shown(corpus: Corpus) -> None:
    request = json.loads(re.search(r"-d '(.*?)'\n```", README, re.DOTALL).group(1))  # type: ignore[union-attr]
    answer = json.loads(advisor.advise(request["facts"], corpus).model_dump_json())
    shown = json.loads(block("json"))
    assert shown["recommendations"]
    assert [key for key in shown if not holds(shown[key], answer[key])] == []


def test_the_rule_that_is_shown_is_the_rule() -> None:
    path = re.search(r"for instance `(rules/.*?\.yaml)`", README)
    assert path
    assert block("yaml") == (ROOT / path.group(1)).read_text(encoding="utf-8")


def test_the_commands_that_are_named_exist() -> None:
    named = set(re.findall(r"bin/advisor ([a-z]+)", README))
    assert named
    assert named <= set(VERBS)


def test_every_command_is_described_in_its_own_words() -> None:
    context = click.Context(commands)
    for verb in VERBS:
        command = commands.get_command(context, verb)
        assert command is not None
        assert command.name == verb
        assert command.help
        assert command.help.strip().endswith(".")


def test_the_python_that_is_shown_runs() -> None:
    lines: list[tuple[object, ...]] = []
    exec(block("python"), {"print": lambda *what: lines.append(what)})
    assert lines
    assert all(strength in ("must", "should", "consider", "avoid") for strength, *_ in lines)
