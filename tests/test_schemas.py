"""The published schemas: as the models and the packs have it, and no laxer or stricter than what reads the files."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from contentfiles import PACKS, ROOT, content_files, files_of, kind_of
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from minipack import MiniPack
from test_cli import run

from advisor import claims, conditions, marked, model, situation
from advisor.corpus import Corpus, load
from advisor.errors import SituationError
from advisor.meanings import meanings_of
from advisor.model import Content
from advisor.nameable import names_of_corpus
from advisor.schemas import DIALECT, KINDS, NAMES, file_name, schema, schema_text
from api.app import create_app

loaded = cache(load)


@cache
def of(name: str, *, closed: bool, packs: tuple[Path, ...] = ()) -> dict[str, Any]:
    return schema(name, names_of_corpus(loaded(*packs), closed=closed))


def any_of(checker: Any, alternatives: list[Any], instance: Any, part: Any) -> Iterator[jsonschema.ValidationError]:
    """Check ``anyOf`` as ever, but find a name among three hundred without an error for each of the others first."""
    if not (isinstance(instance, str) and any(one.get("const") == instance for one in alternatives)):
        yield from jsonschema.Draft202012Validator.VALIDATORS["anyOf"](checker, alternatives, instance, part)


QuickValidator = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, {"anyOf": any_of}
)


@cache
def validator(name: str, *, closed: bool, packs: tuple[Path, ...] = ()) -> Any:
    return QuickValidator(of(name, closed=closed, packs=packs))


@cache
def read(path: Path) -> Any:
    return marked.read(path.read_text(encoding="utf-8"), str(path)).data


# --- published --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_published_schema_is_that_of_the_models_and_the_built_in_pack(name: str, corpus: Corpus) -> None:
    text = (ROOT / "schemas" / file_name(name)).read_text(encoding="utf-8")
    assert text == schema_text(name, names_of_corpus(corpus, closed=False)), "run `make schemas`"
    assert len(text) < 1_000_000
    published = json.loads(text)
    assert published["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(published)


def test_there_is_no_other_published_schema() -> None:
    assert {path.name for path in (ROOT / "schemas").iterdir()} == {file_name(name) for name in NAMES}


def test_every_content_file_leads_to_its_schema_and_fits_it() -> None:
    files = list(content_files())
    assert {kind_of(path) for path in files} == set(KINDS)
    for path in files:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        named = path.parent / first.removeprefix("# yaml-language-server: $schema=")
        assert named.resolve() == ROOT / "schemas" / file_name(kind_of(path)), f"{path}: {first}"
        found = [error.message for error in validator(kind_of(path), closed=False).iter_errors(read(path))]
        assert found == [], path


@pytest.mark.parametrize("name", PACKS)
def test_the_files_of_a_pack_fit_the_closed_schemas_for_it(name: str) -> None:
    folder = PACKS[name]
    for path in files_of(folder):
        errors = validator(kind_of(path), closed=True, packs=(folder,)).iter_errors(read(path))
        assert [error.message for error in errors] == [], path


def texts(part: Any, key: str = "") -> Iterator[str]:
    """Yield all that a schema says to its reader, the names of its parts among it."""
    if isinstance(part, dict):
        for name, inner in part.items():
            if key in ("$defs", "properties", "dependentSchemas", "patternProperties"):
                yield name if key == "$defs" else ""
                yield from texts(inner)
            else:
                yield from texts(inner, name)
    elif isinstance(part, list):
        for inner in part:
            yield from texts(inner, key if key == "enumDescriptions" else "")
    elif key in ("title", "description", "errorMessage", "patternErrorMessage", "enumDescriptions"):
        yield part


@pytest.mark.parametrize("name", KINDS)
def test_no_name_of_the_program_shows(name: str) -> None:
    classes = {name for name, value in vars(model).items() if isinstance(value, type)}
    inner = {name for name in classes if re.search(r"[a-z][A-Z]", name)}
    said = list(texts(of(name, closed=False)))
    assert len(said) > 20
    bad = [text for text in said if re.search(rf"``|tuple|Literal|advisor\.|\b({'|'.join(inner)})\b", text)]
    assert bad == []


def test_every_key_is_described_in_a_line() -> None:
    models = [value for value in vars(model).values() if isinstance(value, type) and issubclass(value, Content)]
    assert len(models) > 20
    for one in models:
        for name, field in one.model_fields.items():
            text = field.description or ""
            assert re.fullmatch(r"[A-Z0-9].{8,120}\.", text), f"{one.__name__}.{name}: {text!r}"


def test_every_value_that_a_shape_fixes_is_explained() -> None:
    def lists(part: Any) -> Iterator[list[Any]]:
        if isinstance(part, dict):
            if "enum" in part:
                yield part["enum"]
            for inner in part.values():
                yield from lists(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from lists(inner)

    for kind in KINDS.values():
        for values in lists(kind.model.model_json_schema()):
            if values != ["true", "false"]:
                assert list(meanings_of(values)) == values


# --- what does not fit ------------------------------------------------------------------------------------------------


def change(*path: str | int, to: Any = None) -> Callable[[Any], None]:
    """Return a change of a document: another value at a path, or none where ``to`` is ``...``."""

    def apply(data: Any) -> None:
        *parents, last = path
        for step in parents:
            data = data[step]
        if to is ...:
            del data[last]
        else:
            data[last] = to

    return apply


RULE = "rules/mass-influx/money-alone-in-mass-influx.yaml"
FACTS = "knowledge/facts.yaml"
LESSONS = "knowledge/lessons/sharing.yaml"
SOURCE = "knowledge/sources/amman-2011.yaml"
EXAMPLE = "examples/kosovo-1999.yaml"
SCENARIO = "scenarios/uk-rwanda-2022.yaml"
INVARIANTS = "knowledge/invariants.yaml"
BROKEN: Mapping[str, tuple[str, Callable[[Any], None]]] = {
    "a misspelt key": (RULE, change("titel", to="x")),
    "no condition": (RULE, change("when", to=...)),
    "no consequence": (RULE, change("then", to=[])),
    "an id with a capital": (RULE, change("id", to="Money-alone")),
    "a title that is no text": (RULE, change("title", to=5)),
    "an empty title": (RULE, change("title", to="")),
    "a reading that there is not": (RULE, change("reading", to="mine")),
    "a reading of ours without a note": (RULE, change("reading", to="ours")),
    "a condition that is a list": (RULE, change("when", to=[{"region": "eu"}])),
    "a condition with two keys": (RULE, change("when", to={"region": "eu", "border_status": "closed"})),
    "an empty condition": (RULE, change("when", to={})),
    "an empty list of conditions": (RULE, change("when", "all", to=[])),
    "a negated finding": (RULE, change("when", to={"not": {"finding": "mass-influx"}})),
    "a negated finding, deep": (RULE, change("when", to={"not": {"any": [{"not": {"not": {"finding": "a"}}}]}})),
    "two findings in one": (RULE, change("when", to={"finding": ["mass-influx", "money-only"]})),
    "an operator that there is not": (RULE, change("when", to={"contributions_offered": {"onyl": ["money"]}})),
    "no operator": (RULE, change("when", to={"contributions_offered": {}})),
    "a set without operator": (RULE, change("when", to={"contributions_offered": ["money"]})),
    "an operator of sets on a number": (RULE, change("when", to={"arrivals_count": {"has": "money"}})),
    "a value where a list belongs": (RULE, change("when", to={"contributions_offered": {"only": "money"}})),
    "a list where a value belongs": (RULE, change("when", to={"contributions_offered": {"has": ["money"]}})),
    "an empty list of values": (RULE, change("when", to={"contributions_offered": {"has_any": []}})),
    "a count of nothing": (RULE, change("when", to={"contributions_offered": {"count_at_least": 0}})),
    "text for a number": (RULE, change("when", to={"arrivals_count": {"at_least": "many"}})),
    "text for a boolean": (RULE, change("when", to={"prior_protection": "yes"})),
    "a boolean for an enum": (RULE, change("when", to={"region": True})),
    "a consequence of nothing": (RULE, change("then", 0, to={})),
    "a consequence of two kinds": (RULE, change("then", 0, "finding", to="mass-influx")),
    "a lesson that is not applied": (RULE, change("then", 0, "cautions", to=...)),
    "a lesson applied in two ways": (RULE, change("then", 0, "argues", to=["financial-assistance"])),
    "a finding that recommends": (RULE, change("then", 0, to={"finding": "mass-influx", "recommends": ["x"]})),
    "nothing recommended": (RULE, change("then", 1, "recommends", to=[])),
    "nothing in place": (RULE, change("then", 0, to={"already_met": []})),
    "a strength that there is not": (RULE, change("then", 0, "strength", to="strong")),
    "an element that is a mapping": (RULE, change("then", 0, "cautions", to=[{"id": "x"}])),
    "a test that expects nothing": (RULE, change("tests", 0, "expect", to=...)),
    "a test that expects success": (RULE, change("tests", 0, "expect", to="passes")),
    "a test given nothing to read": (RULE, change("tests", 0, "given", to=...)),
    "a test with text for a set": (RULE, change("tests", 0, "given", to={"contributions_offered": "money"})),
    "a test below the minimum": (RULE, change("tests", 0, "given", to={"arrivals_count": -1})),
    "a test with half a person": (RULE, change("tests", 0, "given", to={"arrivals_count": 0.5})),
    "a file that is a list": (RULE, lambda data: data.clear()),
    "a version of two numbers": ("knowledge/pack.yaml", change("version", to="1.0")),
    "a topic without a title": ("knowledge/pack.yaml", change("topics", 0, "title", to=...)),
    "a page that is no number": (SOURCE, change("places", 0, "page", to="first")),
    "page nought": (SOURCE, change("places", 0, "page", to=0)),
    "a place that is a number": (SOURCE, change("places", 0, "refers_to", to=[16])),
    "a digest that is none": (SOURCE, change("places", 0, "digest", to="abc")),
    "a kind of place that there is not": (SOURCE, change("places", 0, "kind", to="footnote")),
    "a source without standing": (SOURCE, change("standing", to=...)),
    "a kind of document that there is not": ("knowledge/references.yaml", change("references", 0, "kind", to="law")),
    "a date that is a number": ("knowledge/references.yaml", change("references", 0, "date", to=2011)),
    "a set without values": (FACTS, change("facts", 0, "values", to=...)),
    "a boolean with values": (FACTS, change("facts", 0, "type", to="boolean")),
    "an integer without bounds": (FACTS, change("facts", 3, "minimum", to=...)),
    "a type that there is not": (FACTS, change("facts", 0, "type", to="text")),
    "a fact without places": (FACTS, change("facts", 0, "places", to=[])),
    "a name with hyphens": (FACTS, change("facts", 0, "name", to="situation-types")),
    "a question asked on a finding": (FACTS, change("facts", 0, "ask_when", to={"finding": "mass-influx"})),
    "a kind of finding that there is not": ("knowledge/findings.yaml", change("findings", 0, "kind", to="thing")),
    "a phase that there is not": ("knowledge/elements.yaml", change("elements", 0, "phases", to=["later"])),
    "true in words": ("knowledge/elements.yaml", change("elements", 0, "framing", to="true")),
    "a weight of four": (LESSONS, change("lessons", 0, "weight", to=4)),
    "a hedge that there is not": (LESSONS, change("lessons", 0, "hedge", to="often")),
    "a lesson without a place": (LESSONS, change("lessons", 0, "place", to=...)),
    "lessons without a source": (LESSONS, change("source", to=...)),
    "a figure without a place": ("knowledge/precedents/kosovo-1999.yaml", change("figures", 0, "place", to=...)),
    "years that are a number": ("knowledge/precedents/kosovo-1999.yaml", change("years", to=1999)),
    "facts of a precedent out of form": (
        "knowledge/precedents/kosovo-1999.yaml",
        change("situation", "border_status", to=["closed"]),
    ),
    "a scenario that tells its facts twice": (SCENARIO, change("example", to="kosovo-1999")),
    "a scenario that tells no facts": (SCENARIO, change("facts", to=...)),
    "a scenario that expects nothing": (SCENARIO, change("expect", to={})),
    "an expectation that there is not": (SCENARIO, change("expect", "recommends", to=["non-refoulement"])),
    "an expectation of no list": (SCENARIO, change("expect", "never", to="relocation")),
    "an invariant that promises nothing": (INVARIANTS, change("invariants", 0, "then", to=...)),
    "an invariant of both kinds": (INVARIANTS, change("invariants", 0, "never", to={"known": "region"})),
    "an invariant without reason": (INVARIANTS, change("invariants", 0, "reason", to=...)),
    "a claim with two keys": (INVARIANTS, change("invariants", 0, "then", to={"known": "region", "region": "eu"})),
    "a claim of a list": (INVARIANTS, change("invariants", 0, "then", to={"recommends": ["non-refoulement"]})),
    "a claim of no list": (INVARIANTS, change("invariants", 0, "then", to={"prints_all": []})),
    "a guard by nothing": (
        INVARIANTS,
        change("invariants", 0, "then", to={"guarded": {"elements": ["relocation"]}}),
    ),
    "a claim about a fact out of form": (INVARIANTS, change("invariants", 0, "then", to={"region": {"has": "eu"}})),
    "a tension without elements": (INVARIANTS, change("tensions", 0, "elements", to=[])),
    "a stray key beside facts": (EXAMPLE, change("expect", to={})),
    "facts that are a list": (EXAMPLE, change("facts", to=["region"])),
    "a story without facts": (EXAMPLE, change("facts", to=...)),
}


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_does_not_fit(name: str, closed: bool) -> None:
    file, spoil = BROKEN[name]
    path = ROOT / file
    data = copy.deepcopy(read(path))
    spoil(data)
    assert not validator(kind_of(path), closed=closed).is_valid(data)


@pytest.mark.parametrize(
    ("file", "spoil"),
    [
        (RULE, change("when", to={"number_of_tents": {"at_least": 5}})),
        (RULE, change("when", to={"region": "atlantis"})),
        (RULE, change("when", to={"finding": "own-finding"})),
        (RULE, change("pressing_when", to={"all": [{"not": {"own_fact": True}}]})),
        (RULE, change("then", 0, "lesson", to="gcr-07")),
        (RULE, change("then", 0, "cautions", to=["own-element"])),
        (RULE, change("then", 0, "cites", to=["own-precedent"])),
        (RULE, change("then", 0, "defeats", to=["own-lesson"])),
        (RULE, change("tests", 0, "given", to={"own_fact": "yes"})),
        (RULE, change("tests", 0, "given", to={"situation_types": ["own_kind"]})),
        (LESSONS, change("source", to="gcr-2018")),
        (LESSONS, change("lessons", 0, "place", to="gcr-2018:16")),
        (LESSONS, change("lessons", 0, "facts", to=["own_fact"])),
        (FACTS, change("facts", 0, "group", to="UP")),
        ("knowledge/elements.yaml", change("elements", 0, "group", to="own_heading")),
        ("knowledge/findings.yaml", change("findings", 0, "situation_type", to="own_kind")),
        ("knowledge/precedents/kosovo-1999.yaml", change("references", to=["own-reference"])),
        (SOURCE, change("places", 0, "refers_to", to=["3000"])),
        (SCENARIO, change("expect", "never", to=["own-rule"])),
        (SCENARIO, change("expect", "questions", to=["own_fact"])),
        (INVARIANTS, change("invariants", 0, "then", to={"flags_any": ["own-rule", "own-lesson"]})),
        (INVARIANTS, change("invariants", 0, "wherever", to={"own_fact": True})),
    ],
)
def test_a_name_of_a_pack_that_is_not_at_hand_fits_the_open_schema_alone(
    file: str, spoil: Callable[[Any], None]
) -> None:
    path = ROOT / file
    data = copy.deepcopy(read(path))
    spoil(data)
    kind = kind_of(path)
    assert [error.message for error in validator(kind, closed=False).iter_errors(data)] == []
    assert not validator(kind, closed=True).is_valid(data)


# --- in agreement with what reads the files ---------------------------------------------------------------------------

CORPUS = loaded()
FEW = tuple(  # two facts of each type, so that names and values meet often
    fact.name
    for type_ in ("boolean", "enum", "set", "integer", "number")
    for fact in [fact for fact in CORPUS.facts.values() if fact.type == type_][:2]
)
WORDS = [*sorted({value for name in FEW for value in CORPUS.facts[name].allowed}), "nonsense"]
SCALARS = st.sampled_from([*WORDS, True, False, None, 0, 1, 7, -3, 2.5, 10**7])
OPERANDS = SCALARS | st.lists(SCALARS, max_size=3)
TESTS = OPERANDS | st.dictionaries(st.sampled_from([*conditions.OPERATORS, "onyl"]), OPERANDS, max_size=2)
LEAVES = st.dictionaries(st.sampled_from([*FEW, "nonsense"]), TESTS, min_size=1, max_size=1) | st.builds(
    lambda name: {"finding": name}, st.sampled_from(["mass-influx", "money-only"]) | SCALARS
)


def joined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, max_size=3)
    return (
        st.builds(lambda key, parts: {key: parts}, st.sampled_from(["all", "any"]), several)
        | st.builds(lambda part: {"not": part}, inner)
        | st.builds(lambda one, other: {**one, **other} if isinstance(other, dict) else other, LEAVES, inner)
    )


def fitting(name: str) -> st.SearchStrategy[Any]:
    """Return tests that fit a fact."""
    fact = CORPUS.facts[name]
    match fact.type:
        case "boolean":
            return st.booleans()
        case "enum":
            words = st.sampled_from(fact.allowed)
            return words | st.lists(words, min_size=1, max_size=2)
        case "set":
            words = st.sampled_from(fact.allowed)
            several = st.lists(words, min_size=1, max_size=2)
            operands = {"value": words, "values": several, "truth": st.booleans(), "count": st.integers(1, 3)}
            return st.sampled_from(conditions.OPERATORS_OF["set"]).flatmap(
                lambda operator: st.builds(lambda value: {operator: value}, operands[conditions.OPERANDS[operator]])
            )
        case _:
            return st.dictionaries(
                st.sampled_from(conditions.OPERATORS_OF["number"]), st.integers(0, 9), min_size=1, max_size=2
            )


SOUND = st.sampled_from(FEW).flatmap(lambda name: st.builds(lambda test: {name: test}, fitting(name)))
CONDITIONS = st.recursive(LEAVES | SOUND | SOUND | SOUND, joined, max_leaves=5)


@given(CONDITIONS)
def test_a_condition_fits_where_and_only_where_it_can_be_read(raw: Any) -> None:
    problems: list[str] = []
    conditions.parse(raw, CORPUS.facts, (), lambda code, message, path, **more: problems.append(message))
    rule = {**copy.deepcopy(read(ROOT / RULE)), "when": raw}
    # The reader leaves it to the checks whether a finding is known.
    known = CORPUS.findings.keys() >= set(re.findall('"finding": "([^"]*)"', json.dumps(raw)))
    assert validator("rule", closed=True).is_valid(rule) == (problems == [] and known)


@given(
    st.dictionaries(st.sampled_from([*FEW, *FEW, "nonsense"]), OPERANDS, max_size=3)
    | st.sampled_from(FEW).flatmap(
        lambda name: st.builds(lambda value: {name: value}, st.sampled_from(CORPUS.facts[name].allowed or (5, True)))
    )
)
def test_facts_fit_where_and_only_where_they_can_be_told(raw: dict[str, Any]) -> None:
    try:
        situation.parse(raw, CORPUS.facts)
        told = True
    except SituationError:
        told = False
    assert validator("situation", closed=True).is_valid(raw) == told
    assert validator("situation", closed=True).is_valid({"title": "A case", "facts": raw}) == told


NAMES_OF_CLAIMS = claims.Names(
    facts=CORPUS.facts,
    elements={name: element.group for name, element in CORPUS.elements.items()},
    groups=CORPUS.element_groups,
    lessons=CORPUS.lessons,
    rules=CORPUS.rules,
    findings=CORPUS.findings,
)
SAID_OF = st.sampled_from(
    ["relocation", "p16-07", "money-alone-in-mass-influx", "region", "mass-influx", "hosting", "no"]
)
SAID = SAID_OF | st.lists(SAID_OF, max_size=2)
VERBS = [*claims.VERBS, *(f"{verb}_{word}" for verb in claims.VERBS for word in ("any", "all"))]
SAYINGS = (
    st.builds(
        lambda key, what: {key: what}, st.sampled_from([*VERBS, "known", "finding", "recommends_any_of_group"]), SAID
    )
    | st.builds(lambda keys: {"guarded": keys}, st.dictionaries(st.sampled_from(["elements", "by"]), SAID, max_size=2))
    | SOUND
)


@given(st.recursive(SAYINGS, joined, max_leaves=4))
def test_a_claim_fits_where_and_only_where_it_can_be_read(raw: Any) -> None:
    problems: list[str] = []
    claims.parse(raw, NAMES_OF_CLAIMS, (), lambda code, message, path, **more: problems.append(message))
    data = copy.deepcopy(read(ROOT / INVARIANTS))
    data["invariants"] = [{**data["invariants"][0], "then": raw}]
    assert validator("invariants", closed=True).is_valid(data) == (problems == [])


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_schemas_of_a_pack_know_its_names_and_no_others(capsys: pytest.CaptureFixture[str], pack: MiniPack) -> None:
    status, out, err = run(capsys, "schemas", "--pack", "mini")
    assert (status, err) == (0, "")
    assert f"{len(KINDS)} schemas in mini/schemas" in out
    assert "# yaml-language-server: $schema=../../schemas/rule.schema.json" in out
    written = pack.folder / "schemas"
    assert {path.name for path in written.iterdir()} == {file_name(name) for name in KINDS}
    fits = jsonschema.Draft202012Validator(json.loads((written / "rule.schema.json").read_text("utf-8"))).is_valid
    rule = read(pack.folder / "rules/hosting/shelter-first.yaml")
    assert fits(rule)
    assert not fits({**rule, "when": {"finding": "host-overloaded"}}), "a name of the built-in pack"
    assert pack.problems() == [], "schemas in the pack's folder are no content"


def test_a_pack_that_is_refused_gets_schemas_with_the_names_it_has(
    capsys: pytest.CaptureFixture[str], pack: MiniPack
) -> None:
    lesson = pack.text("knowledge/lessons/paper.yaml").split("  - id: ")[1].replace("l-shelter", "l-not-yet-applied")
    pack.append("knowledge/lessons/paper.yaml", f"  - id: {lesson}")
    pack.append("rules/hosting/shelter-first.yaml", "mistake: 1\n")
    assert pack.problems()
    status, _, err = run(capsys, "schemas", "--pack", "mini", "--output", "elsewhere")
    assert status == 0
    assert err == "1 problem in the packs; what can't be read is missing in the schemas. `advisor check` says what.\n"
    assert '"const": "l-not-yet-applied"' in Path("elsewhere/rule.schema.json").read_text(encoding="utf-8")


def test_the_files_of_a_new_pack_lead_to_the_schemas_written_for_it_and_fit_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (("pack", "new", "demo"), ("schemas", "--pack", "demo")):
        assert run(capsys, *arguments)[0] == 0
    files = files_of(tmp_path / "demo")
    assert len(files) >= 5
    for path in files:
        named = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# yaml-language-server: $schema=")
        written = json.loads((path.parent / named).read_text(encoding="utf-8"))
        assert written["$id"] == file_name(kind_of(path))
        assert [error.message for error in QuickValidator(written).iter_errors(read(path))] == [], path


def test_without_a_pack_the_published_schemas_are_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, _ = run(capsys, "schemas")
    assert status == 0
    assert f"{len(NAMES)} schemas in schemas;" in out
    for name in NAMES:
        published = (ROOT / "schemas" / file_name(name)).read_text(encoding="utf-8")
        assert (tmp_path / "schemas" / file_name(name)).read_text(encoding="utf-8") == published


def test_a_pack_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "schemas", "--pack", "nowhere")
    assert (status, out) == (1, "")
    assert "there is no folder 'nowhere'" in err


# --- the service ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(corpus: Corpus) -> Iterator[TestClient]:
    with TestClient(create_app(corpus)) as client:
        yield client


def test_the_service_lists_its_schemas_and_gives_each(client: TestClient) -> None:
    listed = client.get("/v1/schemas").json()
    assert [item["name"] for item in listed["items"]] == list(NAMES)
    for item in listed["items"]:
        reply = client.get(item["href"])
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "application/schema+json"
        published = json.loads((ROOT / "schemas" / file_name(item["name"])).read_text(encoding="utf-8"))
        assert reply.json() == {**published, "$id": item["href"]}
        assert item["href"].startswith("/v1/schemas/")


def test_the_service_gives_closed_schemas_where_asked_or_where_it_serves_other_packs(client: TestClient) -> None:
    closed = client.get("/v1/schemas/rule?names=closed").json()
    rule = {**read(ROOT / RULE), "when": {"own_fact": True}}
    assert not jsonschema.Draft202012Validator(closed).is_valid(rule)
    with TestClient(create_app(loaded(PACKS["eu-updates"]))) as other:
        served = other.get("/v1/schemas/rule").json()
        assert "eu_temporary_protection" in served["$defs"]["condition"]["properties"]
        assert not jsonschema.Draft202012Validator(served).is_valid(rule)
        assert jsonschema.Draft202012Validator(other.get("/v1/schemas/rule?names=open").json()).is_valid(rule)


def test_the_service_knows_no_other_schema(client: TestClient) -> None:
    reply = client.get("/v1/schemas/rules")
    assert reply.status_code == 404
    assert reply.json()["errors"][0]["suggestion"] == "rule"
    assert client.get("/v1/schemas/rule?name=closed").status_code == 400
