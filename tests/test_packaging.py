"""What is shipped: the wheel works where there is no checkout, and beside a folder that has the service's name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def call(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, timeout=240)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    # No isolation: hatchling is installed already, pinned by the lock.
    done = call(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    assert done.returncode == 0, done.stderr + done.stdout
    return folder


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin folder of an environment that has the wheel; what it depends on is borrowed from this one."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False, symlinks=True)
    site = next((folder / "lib").glob("python*")) / "site-packages"
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    # An editable install would put the checkout on the path; only plain packages are borrowed.
    (site / "borrowed.pth").write_text("\n".join(borrowed) + "\n")
    script = folder / "bin" / "advisor"
    script.write_text(f"#!{folder / 'bin' / 'python'}\nfrom advisor.cli import main\nmain()\n")
    script.chmod(0o755)
    return folder / "bin"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Return a working directory with somebody else's ``api`` in it."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "__init__.py").write_text("raise RuntimeError('the wrong api')\n")
    return tmp_path


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def test_the_wheel_holds_the_content_and_the_types(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    rules = {name for name in names if name.startswith("advisor/_content/rules/")}
    assert len(rules) == len(list((ROOT / "rules").rglob("*.yaml")))
    assert "advisor/_content/knowledge/facts.yaml" in names
    catalogue = {name for name in names if name.startswith("advisor/diagnostics/")}
    assert len(catalogue) == len(list((ROOT / "advisor" / "diagnostics").rglob("*.yaml"))) > 100
    for part in ("scenarios", "examples"):
        shipped = {name.rsplit("/", 1)[1] for name in names if name.startswith(f"advisor/_content/{part}/")}
        assert shipped == {path.name for path in (ROOT / part).glob("*.yaml")} != set()
    assert {"advisor/py.typed", "api/app.py"} <= names
    fonts = {path.name for path in (ROOT / "advisor" / "fonts").iterdir()}
    assert {f"advisor/fonts/{name}" for name in fonts} <= names
    assert "OFL.txt" in fonts
    assert not {
        name for name in names if name.startswith(("tests/", "rules/", "knowledge/", "scenarios/", "examples/"))
    }


def test_the_sdist_is_there_and_holds_the_rules(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    listed = subprocess.run(["tar", "tzf", sdist], capture_output=True, text=True, check=True).stdout
    assert "/rules/findings/" in listed
    assert "/scenarios/kosovo-1999.yaml" in listed
    assert "/examples/kosovo-1999.yaml" in listed
    assert "/tests/test_packaging.py" in listed


def test_the_installed_wheel_advises_and_checks_beside_a_foreign_api(installed: Path, foreign: Path) -> None:
    env = clean_environment()
    where = call(installed / "python", "-c", "import advisor; print(advisor.__file__)", cwd=foreign, env=env)
    assert str(installed.parent) in where.stdout, "the checkout was imported instead"
    (foreign / "case.json").write_text('{"situation_types": ["rescue_at_sea"]}')
    advised = call(installed / "advisor", "advise", "case.json", "--format", "json", cwd=foreign, env=env)
    assert advised.returncode == 0, advised.stderr
    assert json.loads(advised.stdout)["recommendations"]
    checked = call(installed / "advisor", "check", cwd=foreign, env=env)
    assert checked.returncode == 0, checked.stderr
    explained = call(installed / "advisor", "check", "--explain", "tab", cwd=foreign, env=env)
    assert "Bad: rules/hosting/" in explained.stdout
    # A scenario that takes its facts from an example: both are there.
    tested = call(installed / "advisor", "test", "kosovo-1999", cwd=foreign, env=env)
    assert (tested.returncode, tested.stdout) == (0, "1 passed, 0 failed, in 1 scenario\n"), tested.stderr


@pytest.fixture
def served(installed: Path, foreign: Path) -> Iterator[str]:
    command = [installed / "advisor", "serve", "--port", "0"]
    process = subprocess.Popen(
        list(map(str, command)), cwd=foreign, env=clean_environment(), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        address = ""
        lines = []
        started = time.monotonic()
        while not address and time.monotonic() - started < 60 and (line := process.stderr.readline()):
            lines.append(line)
            if "running on " in line:
                address = line.split("running on ")[1].split()[0]
        assert address, "".join(lines)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stderr.close()


def test_the_installed_wheel_serves_beside_a_foreign_api(served: str) -> None:
    request = urllib.request.Request(
        f"{served}/v1/advice",
        data=b'{"facts": {"situation_types": ["mixed_movement"]}}',
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert json.load(reply)["recommendations"]
