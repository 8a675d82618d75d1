"""``advisor diff``: what a change of a pack does to its content and to the advice, and through which rule."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jsonschema
import pytest
from minipack import FILES, MiniPack
from test_cli import run
from test_trials import CAMPS_RULE

from advisor import diff as module
from advisor import diff_views, probes, schemas
from advisor.both_sides import LineChange
from advisor.conditions import All, AnyOf, Condition, FactTest
from advisor.content_changes import content_changes
from advisor.corpus import Corpus
from advisor.diff import Cause, Diff, diff
from advisor.model import Lesson
from advisor.probes import Probe
from advisor.rule import Rule
from advisor.touched import Change

EXAMPLES = int(os.environ.get("ADVISOR_EXAMPLES", "3"))

FACTS = "knowledge/facts.yaml"
LESSONS = "knowledge/lessons/paper.yaml"
ELEMENTS = "knowledge/elements.yaml"
SHELTER = "rules/hosting/shelter-first.yaml"
CAMPS = "rules/hosting/camps-on-offered-land.yaml"
NO_CAMPS = "rules/hosting/no-camps-for-years.yaml"
INFLUX = "rules/findings/mass-influx.yaml"
MORE_RULE = CAMPS_RULE.replace("id: camps-on-offered-land", "id: more").replace("Camps where", "More camps where")


@pytest.fixture
def pack(pack: MiniPack) -> MiniPack:
    return pack.write(CAMPS, CAMPS_RULE)


@pytest.fixture
def old(pack: MiniPack) -> Corpus:
    return pack.load()


@pytest.fixture
def edited(pack: MiniPack, old: Corpus) -> Callable[..., Diff]:
    def edit(*edits: tuple[str, str, str], **options: Any) -> Diff:
        for file, before, after in edits:
            pack.replace(file, before, after)
        return diff(old, pack.load(), **options)

    return edit


def cause(found: Diff, ref: str) -> Cause:
    (one,) = (one for one in found.causes if one.ref == ref)
    return one


def effects(one: Cause) -> set[tuple[str, str, str]]:
    return {(effect.change, effect.line, effect.id) for effect in one.effects}


# --- content ---


def keys(old: Corpus, new: Corpus) -> dict[str, dict[str, str]]:
    return {f"{one.change} {one.ref}": {key.key: key.text for key in one.keys} for one in content_changes(old, new)}


def test_content_is_compared_entry_by_entry_and_key_by_key(pack: MiniPack, old: Corpus) -> None:
    pack.replace(SHELTER, "recommends: [shelter]", "recommends: [camps, shelter]\n    strength: consider")
    pack.replace(LESSONS, "weight: 2", "weight: 1").replace(LESSONS, "Camps can be set up on", "Camps may stand on")
    pack.replace(FACTS, "- {value: south, label: South}", "- {value: west, label: West}")
    pack.replace(FACTS, "situation_types: {has: protracted}", "situation_types: {has: rescue_at_sea}")
    pack.write("rules/hosting/more.yaml", MORE_RULE).remove(NO_CAMPS)
    pack.replace(LESSONS, "weight: 3\n  - id: l-choice", "weight: 3\n    no_advice: none now\n  - id: l-choice")
    pack.replace("knowledge/pack.yaml", "version: 1.0.0", "version: 1.1.0")
    assert keys(old, pack.load()) == {
        "changed packs:mini": {"version": "1.0.0 → 1.1.0"},
        "changed facts:years": {
            "ask_when": "asks that “Kinds of situation” includes “Rescue at sea”, instead of “Kinds of situation” "
            "includes “Protracted situation”"
        },
        "removed values:region=south": {},
        "added values:region=west": {},
        "changed lessons:l-camps": {
            "text": "“Camps can be set up on land that is offered.” → “Camps may stand on land that is offered.”",
            "weight": "2 → 1",
        },
        "changed lessons:l-no-camps": {"no_advice": "added: “none now”"},
        "added rules:more": {},
        "removed rules:no-camps-for-years": {},
        "changed rules:shelter-first": {
            "then[l-shelter].strength": "added: consider",
            "then[l-shelter].recommends": "with camps",
        },
    }


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("  all:\n    - land_offered: true\n    - region: north\n", "also asks that “Region” is “North”"),
        ("  land_offered: false\n", "asks that “Land for camps” is “No land is offered”, instead of “Land for camps” "
         "is “Land is offered”"),
        ("  any:\n    - land_offered: true\n    - years: {less_than: 2}\n", "also holds where “Years” is less than 2"),
        ("  finding: mass-influx\n", "also asks that the finding “Mass influx” holds; no longer asks that “Land for "
         "camps” is “Land is offered”"),
        (
            "  all:\n    - land_offered: true\n    - any:\n        - region: north\n        - years: {at_least: 2}\n",
            "also asks that “Region” is “North” or “Years” is at least 2",
        ),
    ],
)  # fmt: skip
def test_a_change_of_a_condition_is_told_in_words(pack: MiniPack, old: Corpus, when: str, said: str) -> None:
    pack.replace(CAMPS, "  land_offered: true\nthen", f"{when}then")
    assert keys(old, pack.load()) == {"changed rules:camps-on-offered-land": {"when": said}}


def test_a_change_deep_in_a_condition_names_that_part_alone(pack: MiniPack, old: Corpus) -> None:
    deep = "  any:\n    - land_offered: true\n    - all:\n        - region: north\n        - years: {{at_least: {}}}\n"
    before = pack.replace(CAMPS, "  land_offered: true\nthen", f"{deep.format(2)}then").load()
    after = pack.replace(CAMPS, "at_least: 2", "at_least: 3").load()
    said = "asks that “Years” is at least 3, instead of “Years” is at least 2"
    assert keys(before, after) == {"changed rules:camps-on-offered-land": {"when": said}}
    assert old.digest != before.digest


def test_nothing_changes_from_a_pack_to_itself(pack: MiniPack, old: Corpus) -> None:
    found = diff(old, pack.load())
    assert (found.content, found.causes, found.situations, found.refused, found.silent) == ((), (), (), (), ())
    assert not found.advice_changed
    assert found.tried.total > 0


# --- advice ---


def test_a_rule_that_asks_for_more_fires_less(edited: Callable[..., Diff]) -> None:
    found = edited(
        (SHELTER, "when:\n  finding: mass-influx", "when:\n  all:\n    - finding: mass-influx\n    - region: north")
    )
    one = cause(found, "rules:shelter-first")
    assert [one.ref for one in found.causes] == ["rules:shelter-first"]
    assert ("dropped", "recommendation", "shelter") in effects(one)
    assert ("dropped", "precedent", "the-town") in effects(one)
    assert one.fires is not None
    assert one.fires.newly == 0
    assert one.fires.no_longer > 0
    assert one.fires.before - one.fires.after == one.fires.no_longer
    # The smallest situation: all that it takes for the rule to have fired.
    assert one.example.situation.facts == {"situation_types": ["mass_influx"]}


def test_a_finding_that_is_derived_otherwise_is_followed_to_its_rule(edited: Callable[..., Diff]) -> None:
    found = edited((INFLUX, "arrivals: {at_least: 10000}", "arrivals: {at_least: 5000}"))
    one = cause(found, "rules:mass-influx")
    assert [one.ref for one in found.causes] == ["rules:mass-influx"]
    (added,) = (effect for effect in one.effects if effect.id == "shelter")
    assert (added.change, added.through) == ("added", ("shelter-first",))
    (change,) = (change for change in one.example.changes if change.id == "shelter")
    assert (change.causes, change.through) == (("rules:mass-influx",), ("shelter-first",))
    text = diff_views.as_text(found)
    assert "recommends “Shelter” (para. 1)" in text
    assert "by way of shelter-first" in text


def test_what_sets_a_line_aside_is_named_with_its_paragraph(edited: Callable[..., Diff]) -> None:
    found = edited((NO_CAMPS, "years: {at_least: 5}", "years: {at_least: 3}"))
    one = cause(found, "rules:no-camps-for-years")
    assert {("set_aside", "recommendation", "camps"), ("added", "caution", "l-no-camps")} <= effects(one)
    text = diff_views.as_markdown(found)
    assert "- sets aside “Camps” (para. 2) in " in text
    assert "### Rule `no-camps-for-years` (changed): No camps for long stays" in text


@pytest.mark.parametrize(
    ("edits", "ref", "effect"),
    [
        pytest.param(
            [(LESSONS, "strength: should\n    hedge: usually", "strength: consider\n    hedge: usually")],
            "lessons:l-shelter",
            ("weakened", "recommendation", "shelter"),
            id="a weaker lesson",
        ),
        pytest.param(
            [(LESSONS, "Give shelter before anything else.", "Give shelter first.")],
            "lessons:l-shelter",
            ("reworded", "recommendation", "shelter"),
            id="other words",
        ),
        pytest.param(
            [(LESSONS, "    attaches_to: [camps]\n", "    no_advice: said elsewhere\n")],
            "lessons:l-choice",
            ("other_safeguards", "recommendation", "camps"),
            id="a safeguard dropped",
        ),
        pytest.param(
            [(ELEMENTS, "title: Camps", "title: Tent camps")],
            "elements:camps",
            ("reworded", "recommendation", "camps"),
            id="another title",
        ),
        pytest.param(
            [(LESSONS, "basis: described_practice\n    weight: 2", "basis: described_practice\n    weight: 1")],
            "lessons:l-camps",
            ("no_longer_headline", "recommendation", "camps"),
            id="a lesson of less weight",
        ),
        pytest.param(
            [(NO_CAMPS, "    defeats: [camps]\n", "")],
            "rules:no-camps-for-years",
            ("restored", "recommendation", "camps"),
            id="no defeat",
        ),
        pytest.param(
            [(NO_CAMPS, "    defeats: [camps]\n", "")],
            "rules:no-camps-for-years",
            ("no_longer_provisional", "recommendation", "camps"),
            id="nothing that could still set aside",
        ),
        pytest.param(
            [(SHELTER, "arrivals: {more_than: 50000}", "arrivals: {more_than: 100}")],
            "rules:shelter-first",
            ("newly_pressing", "recommendation", "shelter"),
            id="pressing sooner",
        ),
        pytest.param(
            [(NO_CAMPS, "cautions: [camps]", "flags: [camps]")],
            "rules:no-camps-for-years",
            ("added", "red_flag", "no-camps-for-years"),
            id="a red flag",
        ),
        pytest.param(
            [("knowledge/sources/paper.yaml", 'ref: "2"', "ref: 2 bis")],
            "places:paper:2",
            ("other_reasons", "recommendation", "camps"),
            id="a paragraph cited otherwise",
        ),
    ],
)
def test_each_difference_is_put_down_to_the_entry_that_changed(
    edited: Callable[..., Diff], edits: list[tuple[str, str, str]], ref: str, effect: tuple[str, str, str]
) -> None:
    found = edited(*edits)
    assert [one.ref for one in found.causes] == [ref]
    assert effect in effects(found.causes[0])
    assert found.causes[0].situations == len(found.situations)


def test_lines_that_rank_otherwise_are_put_down_to_the_order(pack: MiniPack, old: Corpus) -> None:
    text = pack.text(ELEMENTS)
    head, shelter, camps = text.partition("  - id: shelter")[0], *text.partition("  - id: shelter")[1:]
    first, second = (shelter + camps).split("  - id: camps")
    new = pack.write(ELEMENTS, f"{head}  - id: camps{second}{first}").load()
    assert list(new.elements) == ["camps", "shelter"]
    assert Change(old, new).reordered == {"elements"}
    assert {ref for one in diff(old, new).causes for ref in [one.ref]} <= {"order"}


def test_a_changed_rule_that_no_situation_shows_is_named(edited: Callable[..., Diff]) -> None:
    # A place that cites nobody; and no situation, for want of any drawn, tells of two hundred thousand.
    found = edited((SHELTER, "arrivals: {more_than: 50000}", "arrivals: {more_than: 60000}"), drawn=0)
    assert found.silent == ("rules:shelter-first",)
    assert "Changed, and no situation shows it\n - shelter-first" in diff_views.as_text(found)
    assert not found.advice_changed


def test_drawn_situations_reach_what_the_tests_do_not(edited: Callable[..., Diff]) -> None:
    found = edited((SHELTER, "arrivals: {more_than: 50000}", "arrivals: {more_than: 60000}"), drawn=40)
    assert found.silent == ()
    one = cause(found, "rules:shelter-first")
    assert effects(one) >= {("no_longer_pressing", "recommendation", "shelter")}
    assert one.example.situation.origin == "drawn"


# --- facts that one side does not have ---


def test_a_situation_that_can_no_longer_be_told_is_said_to_be_refused(
    capsys: pytest.CaptureFixture[str], pack: MiniPack, tmp_path: Path
) -> None:
    shutil.copytree(pack.folder, tmp_path / "before")
    pack.replace(FACTS, "      - {value: rescue_at_sea, label: Rescue at sea}\n", "")
    pack.write("rules/hosting/more.yaml", MORE_RULE)
    earlier = "    given: {situation_types: [mass_influx]}\n"
    before = MORE_RULE.replace("land_offered: true}", "land_offered: true, situation_types: [rescue_at_sea]}")
    (tmp_path / "before" / "rules/hosting/more.yaml").write_text(before)
    status, out, _ = run(capsys, "diff", "before", "mini", "--format", "json", "--situations", "0")
    assert status == 0
    found = Diff.model_validate_json(out)
    (refused,) = found.refused
    assert refused.situation.name == "more: land is offered"
    assert refused.problems == ("situation_types has no value 'rescue_at_sea'; allowed: mass_influx, protracted",)
    assert found.advice_changed
    _, out, _ = run(capsys, "diff", "before", "mini", "--situations", "0")
    assert "1 situation can no longer be told." in out
    assert "Can no longer be told: 1 situation\n - situation_types has no value 'rescue_at_sea'" in out
    assert earlier


def test_what_the_old_side_does_not_know_is_unknown_there(pack: MiniPack, old: Corpus) -> None:
    pack.replace(
        FACTS,
        "      - {value: rescue_at_sea, label: Rescue at sea}\n",
        "      - {value: rescue_at_sea, label: Rescue at sea}\n      - {value: flood, label: Flood}\n",
    )
    pack.replace(SHELTER, "when:\n  finding: mass-influx\n", FLOOD)
    pack.replace(SHELTER, "given: {situation_types: [protracted]}", "given: {arrivals: 12, land_offered: true}")
    pack.replace(SHELTER, "given: {situation_types: [mass_influx]}", "given: {situation_types: [flood, mass_influx]}")
    found = diff(old, pack.load(), drawn=30)
    assert found.tried.told_less > 0
    assert found.refused == ()
    one = cause(found, "rules:shelter-first")
    assert one.example.situation.facts == {"situation_types": ["flood"]}
    assert {(change.change, change.id) for change in one.example.changes} >= {("added", "shelter")}
    assert "of them tell what the old side does not know" in diff_views.as_text(found)


FLOOD = """\
when:
  any:
    - finding: mass-influx
    - situation_types: {has: flood}
"""


# --- nothing is left out ---


def rewritten(corpus: Corpus, draw: random.Random) -> Corpus:
    """Return the corpus with one of its rules or lessons changed by chance."""
    name = draw.choice(sorted(corpus.rules))
    rule = corpus.rules[name]
    match draw.choice(("drop", "widen", "weaken", "remove", "lesson", "weight", "cites")):
        case "drop" if isinstance(rule.when, All | AnyOf):
            parts = list(rule.when.parts)
            parts.pop(draw.randrange(len(parts)))
            return with_rule(corpus, replace(rule, when=joined(type(rule.when), parts)))
        case "widen":
            fact = draw.choice([fact for fact in corpus.facts.values() if fact.type == "boolean"])
            part = FactTest(fact.name, "is", True)
            return with_rule(corpus, replace(rule, when=AnyOf((rule.when, part))))
        case "weaken":
            then = tuple(one.model_copy(update={"strength": "consider"}) if one.lesson else one for one in rule.then)
            return with_rule(corpus, replace(rule, then=then))
        case "remove" if not rule.findings:
            return replace(
                corpus, rules=MappingProxyType({key: one for key, one in corpus.rules.items() if key != name})
            )
        case "weight" if rule.lessons:
            return with_lesson(corpus, rule.lessons[0], weight=1)
        case "lesson" if rule.lessons:
            return with_lesson(corpus, rule.lessons[0], strength="avoid", text="Something else.")
        case _:
            return with_rule(corpus, replace(rule, title=f"{rule.title} now", pressing_when=None))


def joined(kind: type[All] | type[AnyOf], parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def with_rule(corpus: Corpus, rule: Rule) -> Corpus:
    return replace(corpus, rules=MappingProxyType({**corpus.rules, rule.id: rule}))


def with_lesson(corpus: Corpus, name: str, **update: Any) -> Corpus:
    lesson: Lesson = corpus.lessons[name].model_copy(update=update)
    return replace(corpus, lessons=MappingProxyType({**corpus.lessons, name: lesson}))


@pytest.fixture
def fewer_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try every sixteenth situation alone."""

    def some(*arguments: Any) -> list[Probe]:
        return probes.probes(*arguments)[::16]

    monkeypatch.setattr(module, "probes", some)


@pytest.mark.usefixtures("fewer_probes")
@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_where_advice_is_not_assembled_it_is_the_same(corpus: Corpus, seed: int) -> None:
    new = rewritten(corpus, random.Random(seed))
    found = diff(corpus, new, drawn=150, seed=seed)
    assert found == diff(corpus, new, drawn=150, seed=seed, thorough=True)
    changed = Change(corpus, new).entries
    assert len(changed) == 1
    # One entry changed, so that whatever differs does so through it.
    assert {ref for one in found.situations for change in one.changes for ref in change.causes} <= changed


@pytest.mark.parametrize("seed", range(2 * EXAMPLES))
def test_two_changes_are_told_apart(pack: MiniPack, seed: int) -> None:
    old = pack.write("rules/hosting/more.yaml", MORE_RULE).load()
    draw = random.Random(seed)
    one, other = rewritten(old, draw), rewritten(old, draw)
    first, second = Change(old, one).entries, Change(old, other).entries
    if first & second:
        other = (
            with_lesson(old, "l-camps", text="Tents.")
            if "lessons:l-camps" not in first
            else with_lesson(old, "l-shelter", text="Roofs.")
        )
        second = Change(old, other).entries
    both = replace(
        old,
        rules=MappingProxyType(dict(_merged(old.rules, one.rules, other.rules))),
        lessons=MappingProxyType(dict(_merged(old.lessons, one.lessons, other.lessons))),
    )
    found = diff(old, both, drawn=150, thorough=True)
    # What is put down to one of them alone is there without the other.
    for entries, alone in ((first, one), (second, other)):
        by_itself = {key for key, _ in told(diff_on(old, alone, found))}
        for situation, change in ((one.situation, change) for one in found.situations for change in one.changes):
            if set(change.causes) == set(entries):
                assert (json.dumps(situation.facts), change.line, change.id, change.change) in by_itself


def _merged(old: Any, one: Any, other: Any) -> Iterator[tuple[str, Any]]:
    for name in old:
        if name in one and name in other:
            yield name, other[name] if one[name] == old[name] else one[name]


def diff_on(old: Corpus, new: Corpus, like: Diff) -> Diff:
    """Return the diff on the situations of another."""
    probes_of = [Probe("drawn", "", dict(one.situation.facts)) for one in like.situations]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "probes", lambda *_: probes_of)
        return diff(old, new, thorough=True)


def told(found: Diff) -> Iterator[tuple[tuple[str, str, str, str], LineChange]]:
    for one in found.situations:
        for change in one.changes:
            yield (json.dumps(one.situation.facts), change.line, change.id, change.change), change


def test_the_same_sides_give_the_same_bytes(tmp_path: Path) -> None:
    MiniPack(tmp_path / "before")
    MiniPack(tmp_path / "after").replace(NO_CAMPS, "years: {at_least: 5}", "years: {at_least: 3}").replace(
        LESSONS, "Give shelter", "Give roofs"
    )
    said = set()
    for seed, jobs in (("1", "1"), ("2", "3")):
        command = [sys.executable, "-m", "advisor", "diff", "before", "after", "--format", "json", "--jobs", jobs]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, timeout=120)
        assert done.returncode == 0, done.stderr
        said.add(done.stdout)
    (once,) = said
    # All else is made from this.
    assert Diff.model_validate_json(once).situations


# --- the command ---


@pytest.fixture
def repository(pack: MiniPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with the pack in its folder ``mini`` committed once."""
    # Nothing of the user's settings, and no repository above.
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "A pack")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_revision_is_compared_with_the_folder_as_it_is(
    capsys: pytest.CaptureFixture[str], repository: Path, pack: MiniPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack.replace(NO_CAMPS, "years: {at_least: 5}", "years: {at_least: 3}")
    before = git(repository, "status", "--porcelain")
    said = []
    for one, other in (("HEAD", "mini"), ("main:mini", "mini"), ("HEAD:./mini", "mini")):
        status, out, _ = run(capsys, "diff", one, other, "--format", "markdown", "--situations", "9")
        assert status == 0
        said.append(out.splitlines()[1:])
    assert said[0] == said[1] == said[2]
    assert "  - `when`: asks that “Years” is at least 3, instead of “Years” is at least 5" in said[0]
    _, out, _ = run(capsys, "diff", "mini", "HEAD")
    assert "asks that “Years” is at least 5, instead of “Years” is at least 3" in out
    assert git(repository, "status", "--porcelain") == before == " M mini/rules/hosting/no-camps-for-years.yaml\n"
    monkeypatch.chdir(pack.folder)
    status, out, _ = run(capsys, "diff", "HEAD", ".", "--format", "markdown", "--situations", "9")
    assert out.splitlines()[1:] == said[0]
    # As in a hook, where git tells of its repository by way of the environment.
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
    status, out, _ = run(capsys, "diff", "HEAD", ".", "--format", "markdown", "--situations", "9")
    assert out.splitlines()[1:] == said[0]


def test_a_pack_that_a_revision_does_not_have_is_new(
    capsys: pytest.CaptureFixture[str], repository: Path, pack: MiniPack
) -> None:
    more = MiniPack(repository / "more")
    for name in list(FILES):
        more.remove(name)
    more.write("knowledge/pack.yaml", "id: more\nversion: 0.1.0\ntitle: More\ntext: More.\nbuilds_on: [{pack: mini}]\n")
    more.write("rules/shelter/more.yaml", MORE_RULE)
    # What it builds on doesn't come with the advisor, and is named beside it.
    status, out, err = run(capsys, "diff", "HEAD", "more", "--pack", "mini", "--situations", "9")
    assert (status, err) == (0, "")
    assert "Rules\n - added: more More camps where land is offered (pack more)" in out
    assert "Rule more (added): More camps where land is offered" in out
    assert pack.load().rules.keys() == {"camps-on-offered-land", "mass-influx", "no-camps-for-years", "shelter-first"}


def test_a_change_of_advice_fails_where_that_was_asked_for(
    capsys: pytest.CaptureFixture[str], repository: Path, pack: MiniPack
) -> None:
    assert run(capsys, "diff", "HEAD", "mini", "--fail-on-change")[0] == 0
    pack.replace(NO_CAMPS, "years: {at_least: 5}", "years: {at_least: 3}")
    status, out, err = run(
        capsys, "diff", "HEAD", "mini", "-o", "report.md", "--format", "markdown", "--fail-on-change"
    )
    assert (status, out) == (1, "")
    assert err.startswith("The advice differs in ")
    assert (repository / "report.md").read_text(encoding="utf-8").startswith("# What changes from `HEAD` to `mini`\n")
    assert run(capsys, "diff", "HEAD", "mini")[0] == 0


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        (["nowhere", "mini"], "'nowhere' is no folder and no pack that comes with the advisor (amman-2011, eu-updates"),
        (["nowhere", "mini"], "and git knows no revision 'nowhere'"),
        (["eu-update", "mini"], "did you mean 'eu-updates'?"),
        (["HEAD:minni", "mini"], "'HEAD' has no folder 'minni' with content of a pack"),
        (["HEAD:../x", "mini"], "lies outside the repository"),
        (["mini", "HEAD:"], "'HEAD' has no content of a pack (knowledge, rules, scenarios, examples)"),
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_is_no_pack_is_said(capsys: pytest.CaptureFixture[str], sides: list[str], said: str) -> None:
    status, out, err = run(capsys, "diff", *sides)
    assert (status, out) == (1, "")
    assert said in err


def test_without_a_repository_or_git_a_revision_is_none(
    capsys: pytest.CaptureFixture[str], pack: MiniPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(pack.folder.parent.parent))
    status, _, err = run(capsys, "diff", "HEAD", "mini")
    assert status == 1
    assert "lies in no git repository" in err
    monkeypatch.setenv("PATH", str(pack.folder))
    status, _, err = run(capsys, "diff", "HEAD", "mini")
    assert (status, err) == (1, "to read a revision, git is needed, and there is no git on this machine\n")


def test_a_revision_that_is_refused_names_its_files(
    capsys: pytest.CaptureFixture[str], repository: Path, pack: MiniPack
) -> None:
    pack.replace(NO_CAMPS, "cautions: [camps]", "cautions: [camp]")
    git(repository, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-a", "-m", "A slip")
    status, _, err = run(capsys, "diff", "HEAD", "HEAD~1:mini")
    assert status == 1
    assert "has no content of a pack" in err
    status, _, err = run(capsys, "diff", "HEAD:mini", "HEAD~1:mini")
    assert status == 1
    assert err.startswith("HEAD:mini/rules/hosting/no-camps-for-years.yaml:9:16: error: no element named 'camp'")


def test_the_json_follows_its_schema(edited: Callable[..., Diff]) -> None:
    found = edited((NO_CAMPS, "years: {at_least: 5}", "years: {at_least: 3}"))
    jsonschema.validate(json.loads(found.model_dump_json()), schemas.schema_of_output("diff"))
    assert Diff.model_validate_json(found.model_dump_json()) == found


@pytest.mark.usefixtures("fewer_probes")
def test_packs_that_come_with_the_advisor_are_compared_by_their_ids(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "diff", "amman-2011", "eu-updates", "--situations", "20", "--format", "markdown")
    assert status == 0
    assert "- added: `eu-solidarity-pool`" in out
    assert "(pack `eu-updates`)" in out
    assert "## Advice" in out
    assert "(added): " in out
