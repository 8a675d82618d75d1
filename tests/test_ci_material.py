"""What the project gives to the repositories of packs: pre-commit hooks and a workflow, run as they are written."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from minipack import MiniPack

ROOT = Path(__file__).resolve().parent.parent
HOOKS = ROOT / ".pre-commit-hooks.yaml"
WORKFLOW = ROOT / "docs" / "ci" / "advisor-pack.yml"
NO_CAMPS = "rules/hosting/no-camps-for-years.yaml"


@pytest.fixture
def repository(tmp_path: Path) -> MiniPack:
    """Return a pack at the top of a repository, with a change that isn't committed."""
    pack = MiniPack(tmp_path / "repository")
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "A pack"]):
        done = shell(
            pack.folder, shlex.join(["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments])
        )
        assert done.returncode == 0, done.stderr
    return pack.replace(NO_CAMPS, "years: {at_least: 5}", "years: {at_least: 3}")


def shell(folder: Path, command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command as the runner of a workflow does, with the advisor of this environment first on the path."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "ADVISOR_"))}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **more}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def hooks() -> list[dict[str, Any]]:
    found = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    assert isinstance(found, list)
    return found


def steps() -> dict[str, str]:
    """Return the commands of the workflow's steps by their names."""
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    return {step["name"]: step["run"] for step in job["steps"] if "run" in step}


def test_the_hooks_are_those_of_a_pack() -> None:
    assert [hook["id"] for hook in hooks()] == ["advisor-check", "advisor-test"]
    for hook in hooks():
        assert hook["language"] == "python"
        assert hook["pass_filenames"] is False
        assert set(hook) == {"id", "name", "description", "entry", "args", "language", "types", "pass_filenames"}


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: hook["id"])
def test_a_hook_passes_a_good_pack_and_fails_a_bad_one(hook: dict[str, Any], repository: MiniPack) -> None:
    command = f"{hook['entry']} {shlex.join(hook['args'])}"
    good = shell(repository.folder, command)
    assert good.returncode == 0, good.stdout + good.stderr
    # No error of content, and yet wrong; and an error.
    repository.replace(NO_CAMPS, "given: {years: 1}", "given: {years: 4}")
    assert shell(repository.folder, command).returncode == int(hook["id"] == "advisor-test")
    repository.replace(NO_CAMPS, "cautions: [camps]", "cautions: [camp]")
    bad = shell(repository.folder, command)
    assert bad.returncode == 1
    assert "no element named 'camp'; did you mean 'camps'?" in bad.stdout + bad.stderr


def test_the_workflow_runs_as_it_is_written(repository: MiniPack, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    run = {name: command for name, command in steps().items() if "advisor " in command and "pip " not in command}
    assert [shlex.split(command)[1] for command in run.values()] == ["check", "check", "test", "diff"]
    for command in run.values():
        done = shell(repository.folder, command, PACK=".", BASE="HEAD", GITHUB_STEP_SUMMARY=str(summary))
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    report = summary.read_text(encoding="utf-8")
    assert report.startswith("# What changes from `HEAD` to `.`\n")
    assert "asks that “Years” is at least 3, instead of “Years” is at least 5" in report
    assert json.loads((repository.folder / "advisor.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    tests = ElementTree.parse(repository.folder / "advisor-tests.xml").getroot()
    assert (tests.get("tests"), tests.get("failures")) == ("12", "0")


def test_a_broken_pack_fails_the_workflow_where_it_is_checked(repository: MiniPack) -> None:
    repository.replace(NO_CAMPS, "cautions: [camps]", "cautions: [camp]")
    command = next(command for command in steps().values() if "--format github" in command)
    done = shell(repository.folder, command, PACK=".")
    assert done.returncode == 1
    assert f"::error file={NO_CAMPS},line=9" in done.stdout


def test_the_workflow_is_whole_and_names_no_place_to_fetch_from() -> None:
    text = WORKFLOW.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the bare key as a truth value.
    assert set(workflow[True]) == {"push", "pull_request"}
    (job,) = workflow["jobs"].values()
    assert job["steps"][0]["with"]["fetch-depth"] == 0
    for step in job["steps"]:
        assert ("run" in step) != ("uses" in step)
    for material in (text, HOOKS.read_text(encoding="utf-8")):
        assert not re.search(r"https?://|index-url|[a-z0-9-]+\.(org|com|io|net)\b", material)


@pytest.mark.parametrize("page", ["testing.md", "diff.md"])
def test_the_commands_of_the_pages_are_commands(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    lines = [line.split("  #")[0] for line in text.splitlines() if re.match(r"advisor (test|diff)\b", line)]
    assert len(lines) >= 5
    for line in lines:
        _, verb, *arguments = shlex.split(line)
        command = importlib.import_module(f"advisor.commands.{verb}").command
        # Read, not run: an option that isn't there is an error.
        context = command.make_context(verb, arguments)
        assert context.params
