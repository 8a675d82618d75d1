"""A process that answers one question does with records what others do with models, and says the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pydantic
import pytest

import advisor
from advisor import answer, compiled, content, model, precedents, report
from advisor.advice import advise
from advisor.errors import SituationError

ROOT = Path(__file__).parents[1]
KOSOVO = ROOT / "examples" / "kosovo-1999.yaml"

SHAPES = [
    shape
    for module in (model, answer, precedents)
    for shape in vars(module).values()
    if isinstance(shape, type) and issubclass(shape, pydantic.BaseModel) and shape.__module__ == module.__name__
]

MODELS = "pydantic._internal._model_construction"
"""A module that every process has imported in which there is a model."""

_BEGIN = """\
import json, sys
from advisor import compiled, content, records
records.allow()
corpus = compiled.load(*content.named_folders(sys.argv[1:]))
assert records.chosen()
"""


def by_records(code: str, *arguments: str, given: object = None) -> object:
    """Return what code prints as JSON in a process in which shapes are records."""
    compiled.load(*content.named_folders(arguments))  # now, if not before, it is compiled
    command = [sys.executable, "-c", _BEGIN + code, *arguments]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True)
    found: object = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("packs", [(), ("eu-updates",)], ids=["built-in", "with another pack"])
def test_answers_read_the_same(packs: tuple[str, ...]) -> None:
    corpus = compiled.load(*content.named_folders(packs))
    cases = [dict(one.facts or {}) for one in corpus.scenarios.values()]
    cases += [dict(one.facts) for one in corpus.examples.values()] + [{}]
    code = """
from advisor import report
from advisor.advice import advise, advise_json
told = []
for facts in json.load(sys.stdin):
    answer = advise(facts, corpus)
    told.append([report.as_text(answer, corpus, 90), report.as_markdown(answer, corpus), answer.model_dump_json()])
assert "pydantic" not in sys.modules
print(json.dumps(told))
"""
    told = by_records(code, *packs, given=cases)
    answers = [advise(facts, corpus) for facts in cases]
    assert told == [
        [report.as_text(one, corpus, 90), report.as_markdown(one, corpus), one.model_dump_json()] for one in answers
    ]


def test_the_fields_are_the_same_in_the_same_order_with_the_same_defaults() -> None:
    code = """
from advisor import answer, model, precedents
found = {}
for module in (model, answer, precedents):
    for shape in vars(module).values():
        if isinstance(shape, type) and issubclass(shape, records.Record) and shape.__module__ == module.__name__:
            defaults, made = shape._defaults, shape._factories
            found[shape.__name__] = [[n, repr(defaults.get(n, "none")), n in made] for n in shape.model_fields]
print(json.dumps(found))
"""
    assert by_records(code) == {
        shape.__name__: [
            [name, repr("none" if field.is_required() or field.default_factory else field.default),
             field.default_factory is not None]
            for name, field in shape.model_fields.items()
        ]
        for shape in SHAPES
    }  # fmt: skip


def test_records_cannot_be_changed_and_compare_by_what_they_hold() -> None:
    code = """
from advisor.model import Remark
one, other = Remark(kind="slip", text="a"), Remark(kind="slip", text="b")
refused = []
changes = lambda: setattr(one, "text", "c"), lambda: delattr(one, "text"), lambda: Remark(kind="slip", much="more")
for change in changes:
    try:
        change()
    except (TypeError, ValueError) as error:
        refused.append(str(error))
same = one == Remark(kind="slip", text="a") and one != other and hash(one) == hash(one.model_copy(update={}))
print(json.dumps([refused, same, other.model_copy(update={"text": "a"}) == one, other.text, repr(one)]))
"""
    assert by_records(code) == [
        ["Remark is frozen", "Remark is frozen", "Remark has not these fields, or must have them: much, text"],
        True,
        True,
        "b",
        "Remark(kind='slip', text='a')",
    ]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "importtime", "-m", "advisor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})


def imports(done: subprocess.CompletedProcess[str]) -> set[str]:
    return {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


@pytest.fixture
def warm() -> None:
    compiled.load()


@pytest.mark.usefixtures("warm")
def test_advising_from_a_compiled_corpus_needs_no_pydantic(corpus: advisor.Corpus) -> None:
    done = run("advise", str(KOSOVO), COLUMNS="90")
    assert "experta" in imports(done)
    assert not {name for name in imports(done) if name.startswith(("pydantic", "annotated_types"))}
    told = corpus.examples[KOSOVO.stem]
    assert done.stdout == report.as_text(advise(told.facts, corpus), corpus, 90)


@pytest.mark.usefixtures("warm")
def test_json_is_written_by_models(corpus: advisor.Corpus) -> None:
    done = run("advise", str(KOSOVO), "--format", "json")
    assert MODELS in imports(done)
    told = corpus.examples[KOSOVO.stem]
    assert done.stdout == advise(told.facts, corpus).model_dump_json(indent=2) + "\n"


@pytest.mark.usefixtures("warm")
def test_a_situation_that_is_refused_is_refused_in_the_same_words(tmp_path: Path, corpus: advisor.Corpus) -> None:
    file = tmp_path / "situation.yaml"
    file.write_text("border_status: shut\nsituation_types: [mass_influxx]\nno_such: 1\n")
    done = run("advise", str(file))
    assert done.returncode == 1
    with pytest.raises(SituationError) as refused:
        advise({"border_status": "shut", "situation_types": ["mass_influxx"], "no_such": 1}, corpus)
    for problem in refused.value.problems:
        assert problem.message in done.stderr


def test_where_nothing_is_compiled_the_process_has_models(tmp_path: Path) -> None:
    done = run("advise", str(KOSOVO), ADVISOR_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 0
    assert MODELS in imports(done)
    again = run("advise", str(KOSOVO), ADVISOR_CACHE=str(tmp_path / "cache"))
    assert again.stdout == done.stdout
    assert MODELS not in imports(again)


def test_a_compiled_corpus_that_cannot_be_read_after_all_is_read_from_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_CACHE", str(tmp_path))
    tmp_path.chmod(0o700)
    key = compiled.key_of([content.builtin_folder()])
    assert key is not None
    payload = b"no pickle"
    (tmp_path / f"{key}.corpus").write_bytes(compiled._header(key, payload) + b"\n" + payload)
    (tmp_path / f"{key}.corpus").chmod(0o600)
    done = run("advise", str(KOSOVO))
    assert done.returncode == 0
    assert done.stdout == run("advise", str(KOSOVO), ADVISOR_CACHE="off").stdout
