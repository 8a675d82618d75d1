"""Input that is made to do harm ends in a message within a second and 200 MB.

Each check runs in a process of its own, which the system ends after ``hostile.SECONDS`` of processor time (see there
for why it isn't one); the memory is what the system has measured.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile import SECONDS

from advisor import diagnostics
from advisor.commands.check import command

MEMORY = 200_000_000
ROOT = Path(__file__).resolve().parent.parent
RULE = "rules/hosting/more.yaml"
LESSONS = "knowledge/lessons/more.yaml"
FACTS = "knowledge/facts.yaml"
LONG = 1_900_000
"""Just below the size of the largest file that is read."""

Spoil = Callable[[Path], object]
CASES: dict[str, dict[str, tuple[Spoil, str]]] = {}


def case(group: str, name: str, code: str, spoil: Spoil) -> None:
    """Note a way to spoil the small pack, and the code that must be told of it."""
    CASES.setdefault(group, {})[name] = (spoil, code)


def text(group: str, name: str, code: str, content: str | bytes, file: str = RULE) -> None:
    """Note a file that spoils the small pack."""
    raw = content.encode() if isinstance(content, str) else content
    case(group, name, code, lambda folder: (folder / file).write_bytes(raw))


def rule(when: str, name: str = "more") -> str:
    return (
        f"id: {name}\ntitle: More camps\nwhen:\n  {when}\nthen:\n  - lesson: l-camps\n    recommends: [camps]\ntests:\n"
        "  - {name: a, given: {land_offered: true}, expect: fires}\n"
        "  - {name: b, given: {land_offered: false}, expect: silent}\n  - {name: c, given: {}, expect: open}\n"
    )


def many(written: str, number: int, between: str = ",") -> str:
    """Return ``written`` so many times, each with its number in place of ``@``."""
    return between.join(written.replace("@", str(place)) for place in range(number))


LAUGHS = "".join(
    f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, letter in zip("abcdefghij", "bcdefghijk", strict=True)
)
text("yaml", "a bomb of aliases", "alias", f"a: &a [x, x, x]\n{LAUGHS}")
text("yaml", "anchors in circles", "alias", "&a [*a, &b {c: *b}]\n")
text("yaml", "merge keys", "alias", "<<: {a: b}\n")
text("yaml", "brackets in brackets", "too-deep", "[" * 100_000)
text("yaml", "braces in braces", "too-deep", "{a: " * 100_000)
text("yaml", "lists in lists", "too-deep", "- " * 100_000)
text("yaml", "mappings in mappings", "too-deep", "".join(f"{' ' * depth}a:\n" for depth in range(1_900)))
text("yaml", "keys in keys", "key-not-text", "? " * 100_000)
text(
    "yaml",
    "types of programs",
    "tag",
    "id: !!python/object/apply:os.system [ls]\ntitle: !!binary aG\nwhen: !!set {a}\n",
)
text("yaml", "a million keys", "too-many-entries", "{" + many("k@", 250_000) + "}")
text("yaml", "one key a million times", "duplicate-key", "{" + "a," * 900_000 + "}")
text("yaml", "a very long list", "too-many-entries", "a: [" + "x," * 900_000 + "]")
text("yaml", "no number that is a number", "wrong-type", "id: 0o17\ntitle: .inf\nthen: 2001-12-14t21:59:43.10-05:00\n")

text("size", "a huge scalar", "too-long", f"id: more\ntitle: {'x' * LONG}\n")
text("size", "an enormous number", "too-long", f"id: more\ntitle: {'9' * LONG}\n")
text("size", "a number beyond all numbers", "wrong-type", "id: more\ntitle: 1e999999999\nthen: 1.0e308\n")
text("size", "a very long line of spaces", "colon-in-text", f"id: more\ntitle: a{' ' * LONG}b: c\n")
text("size", "a very long line of dashes", "misplaced-dash", f"id: more\n{'- ' * 40}{'-' * LONG}\n")
text("size", "a very long line of colons", "colon-in-text", f"id: more\nt: {': ' * 900_000}\n")
text("size", "a very long line of quotes", "text-after-value", "id: more\nt: " + "'a' " * 400_000)
text("size", "very many lines without a key", "missing-colon", "id: more\n" + "a\n" * 900_000 + "b: c\n")
text("size", "very many empty lines", "bad-indentation", "id: x\n" + "\n" * LONG + " b: c\n")
text("size", "very many quotes that close one another", "unclosed-quote", "id: more\nt: '\n" + "a: 'b\n" * 200_000)

text("encodings", "UTF-16", "not-utf-8", ("id: more\n" * 1000).encode("utf-16"))
text("encodings", "UTF-32", "not-utf-8", ("id: more\n" * 1000).encode("utf-32"))
text("encodings", "noise", "not-utf-8", random.Random(1).randbytes(LONG))
text("encodings", "zeros", "odd-character", bytes(LONG))
text("encodings", "control characters", "odd-character", "\x01\n" * 900_000)
STEERING = 'id: "\\e[31mred\\u202egnp"\n"ti\\e]0;x\\atle": x\nwhen: {"a\\u202eb": true}\nthen: [{lesson: "\\u202e"}]\n'
text("encodings", "escapes and turned text in names", "unknown-key", STEERING)

BAIT = "title: x\nwhen: {land_offered: true}\nthen: []\n"
text("names", "a name that baits regular expressions", "too-long", f"id: {'a-' * 400}!\n{BAIT}")
text("names", "a name of a million letters", "too-long", f"id: {'a-' * 400_000}!\n{BAIT}")
text("names", "very many facts that are not", "unknown-fact", rule(f"any: [{many('{no_such_@: true}', 6_500)}]"))
ELEMENTS = rule("land_offered: true").replace("[camps]", f"[{many('element-@', 19_900)}]")
text("names", "very many elements that are not", "unknown-element", ELEMENTS)
text(
    "names",
    "very many lessons that are none",
    "wrong-type",
    f"source: paper\nlessons:\n{many('- x', 19_900, chr(10))}\n",
    LESSONS,
)
KEYS = f"source: paper\nlessons:\n{many('- {k@: 1, q@: 2}', 3_500, chr(10))}\n"
text("names", "very many keys that are not", "unknown-key", KEYS, LESSONS)

NOTS = "{not: " * 44 + "{land_offered: true}" + "}" * 44
text("conditions", "not not not not", "duplicate-rule", rule(NOTS))
MIXED = "{all: [{any: [" * 11 + "{land_offered: true}, {region: north}" + "]}, {land_offered: false}]}" * 11
text("conditions", "all of any of all of any", "never-holds", rule(MIXED))
LIMITS = many("{arrivals: {at_least: @}}", 4_900)
text("conditions", "thousands of tests of one fact", "always-holds", rule(f"all: [{LIMITS}]"))


def spoils(group: str, name: str, code: str) -> Callable[[Spoil], Spoil]:
    """Note the function below as a way to spoil the small pack."""

    def noted(spoil: Spoil) -> Spoil:
        case(group, name, code, spoil)
        return spoil

    return noted


@spoils("size", "a file of a gigabyte", "file-too-large")
def _(folder: Path) -> None:
    (folder / RULE).touch()
    os.truncate(folder / RULE, 10**9)


@spoils("files", "a folder in itself", "link")
def _(folder: Path) -> None:
    (folder / "rules/hosting/again").symlink_to("..")


@spoils("files", "a link to itself", "link")
def _(folder: Path) -> None:
    (folder / RULE).symlink_to("more.yaml")


@spoils("files", "a link to what is not the pack's", "link")
def _(folder: Path) -> None:
    (folder / RULE).symlink_to("/etc/passwd")


@spoils("files", "a link to what has no end", "link")
def _(folder: Path) -> None:
    (folder / RULE).symlink_to("/dev/zero")


@spoils("files", "a pipe that nobody writes to", "unreadable")
def _(folder: Path) -> None:
    os.mkfifo(folder / RULE)


@spoils("files", "a name that is no text", "bad-file-name")
def _(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder / "rules/hosting") + b"/\xff\xfe.yaml")).touch()


@spoils("files", "very many files", "too-many-files")
def _(folder: Path) -> None:
    for number in range(100_000 if "ADVISOR_EXAMPLES" in os.environ else 20_001):
        os.mknod(folder / f"rules/hosting/rule-{number}.yaml")


@spoils("names", "thousands of names beside thousands that are nearly the same", "unknown-fact")
def _(folder: Path) -> None:
    shared = 'group: A, type: boolean, question: Q, help: H, labels: {"true": T, "false": F}, places: ["1"]'
    with (folder / FACTS).open("a", encoding="utf-8") as file:
        file.write(many(f"  - {{name: fact_number_@_of_many, label: L@, {shared}}}", 1_400, "\n"))
    for number in range(15):
        tests = many(f"{{fact_nunber_{number}@_of_mamy: true}}", 100)
        (folder / f"rules/hosting/more-{number}.yaml").write_text(rule(f"any: [{tests}]", f"more-{number}"))


@spoils("conditions", "rules that tell a million sets apart", "missing-key")
def _(folder: Path) -> None:
    path = folder / FACTS
    last = "      - {value: rescue_at_sea, label: Rescue at sea}\n"
    values = many("      - {value: v@, label: V@}", 19, "\n") + "\n"
    path.write_text(path.read_text(encoding="utf-8").replace(last, last + values), encoding="utf-8")
    for number in range(40):
        pairs = [(place * 7 + number, place * 5 + number + more) for place in range(19) for more in range(2)]
        tests = ",".join(f"{{situation_types: {{has_any: [v{one % 19}, v{two % 19}]}}}}" for one, two in pairs)
        (folder / f"rules/hosting/more-{number}.yaml").write_text(rule(f"all: [{tests}]", f"more-{number}"))
    (folder / RULE).write_text("id: more\n")


@spoils("conditions", "a circle of a thousand findings", "finding-cycle")
def _(folder: Path) -> None:
    with (folder / "knowledge/findings.yaml").open("a", encoding="utf-8") as file:
        file.write(many("  - {id: f-@, title: T, text: x, kind: strain}", 1_000, "\n"))
    for number in range(1_000):
        content = rule(f"finding: f-{(number + 1) % 1_000}", f"more-{number}")
        content = content.replace("  - lesson: l-camps\n    recommends: [camps]\n", f"  - finding: f-{number}\n")
        (folder / f"rules/findings/more-{number}.yaml").write_text(content)


@pytest.mark.skipif(sys.platform == "win32", reason="the limits are those of POSIX")
@pytest.mark.parametrize("group", CASES)
def test_hostile_input_ends_in_a_message_within_the_limits(group: str, tmp_path: Path) -> None:
    folders = []
    for number, (spoil, _) in enumerate(CASES[group].values()):
        folder = tmp_path / str(number)
        shutil.copytree(diagnostics.PACKS / "mini", folder)
        spoil(folder)
        folders.append(folder)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "hostile.py"), *map(str, folders)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == len(folders)
    wrong = {}
    for (name, (_, code)), result in zip(CASES[group].items(), results, strict=True):
        told = result["output"]
        good = result["status"] in (0, 1) and f"({code})" in told and "Traceback" not in told and "a bug" not in told
        seen = all(character.isprintable() or character == "\n" for character in told)
        if not (good and seen and len(told) < 200_000 and result["memory"] < MEMORY):
            wrong[name] = result | {"output": told[:500]}
    assert not wrong


@pytest.mark.skipif("ADVISOR_EXAMPLES" not in os.environ, reason="takes long; set ADVISOR_EXAMPLES")
def test_five_thousand_rules_are_checked_in_under_ten_seconds(tmp_path: Path) -> None:
    script = str(ROOT / "benchmarks" / "generated.py")
    subprocess.run([sys.executable, script, str(tmp_path / "large"), "5000"], check=True)
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_CPU, (10, 10)); from advisor.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "check", str(tmp_path / "large")], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "5425 rules" in done.stdout


def test_the_limit_is_one_that_a_check_can_exceed(tmp_path: Path) -> None:
    """Make sure that the system does end a check that takes longer."""
    program = (
        "import hostile, sys\nfrom advisor import cli\n"
        "def forever(arguments):\n    while True: pass\n"
        "hostile.SECONDS = 1\ncli.main = forever\nprint(hostile.measured('.')['status'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT / "tests",
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
    )
    assert int(done.stdout) < 0, done.stderr
    assert SECONDS > 1
    assert command.name == "check"
