from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydantic
import pytest
from minipack import FILES, MiniPack

import advisor
from advisor.content import builtin_folder
from advisor.corpus import Corpus, examine, load, problems_of
from advisor.errors import UnknownIdError
from advisor.lookup import KINDS

MAPPINGS = (*KINDS, "topics", "fact_groups", "element_groups", "asks", "origins")


def test_a_corpus_cannot_be_changed(corpus: Corpus) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        corpus.digest = "x"  # type: ignore[misc]
    for name in MAPPINGS:
        entries = getattr(corpus, name)
        assert entries, name
        with pytest.raises(TypeError):
            entries["x"] = None
        with pytest.raises(TypeError):
            del entries[next(iter(entries))]
    for name in ("deriving", "attached", "applying"):
        with pytest.raises(TypeError):
            getattr(corpus, name)["x"] = ()


def test_what_a_corpus_holds_cannot_be_changed(corpus: Corpus) -> None:
    for entries in (corpus.facts, corpus.lessons, corpus.elements, corpus.findings, corpus.precedents, corpus.places):
        for entry in entries.values():
            with pytest.raises(pydantic.ValidationError):
                setattr(entry, "places", ())  # noqa: B010 - not every entry has this attribute
    rule = next(iter(corpus.rules.values()))
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.title = "x"  # type: ignore[misc]
    with pytest.raises(pydantic.ValidationError):
        rule.then[0].finding = "x"  # type: ignore[misc]


def test_the_built_in_corpus_is_loaded_once(corpus: Corpus) -> None:
    assert advisor.load_corpus() is corpus


def test_the_corpus_from_its_folder_equals_the_built_in_one(corpus: Corpus) -> None:
    again = advisor.load_corpus(builtin_folder())
    assert again is not corpus
    for field in dataclasses.fields(Corpus):
        assert getattr(again, field.name) == getattr(corpus, field.name), field.name
    for name in MAPPINGS:
        assert list(getattr(again, name)) == list(getattr(corpus, name)), name
    facts = {"situation_types": ["mass_influx"]}
    assert advisor.advise(facts, again) == advisor.advise(facts)


def test_the_digest_is_a_sha_256_that_loading_again_keeps(pack: MiniPack) -> None:
    digest = pack.load().digest
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert pack.load().digest == digest


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_digest_changes_with_every_file(pack: MiniPack, name: str) -> None:
    before = pack.load()
    after = pack.append(name, "# a remark\n").load()
    assert after.digest != before.digest


def test_the_digest_changes_with_the_name_of_a_file(pack: MiniPack) -> None:
    before = pack.load().digest
    text = pack.text("knowledge/lessons/paper.yaml")
    pack.remove("knowledge/lessons/paper.yaml").write("knowledge/lessons/papers.yaml", text)
    assert pack.load().digest != before


def test_the_digest_does_not_depend_on_where_the_pack_lies(pack: MiniPack, tmp_path: Path) -> None:
    assert MiniPack(tmp_path / "elsewhere" / "other").load().digest == pack.load().digest


def test_the_order_in_which_files_are_found_changes_nothing(pack: MiniPack, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pack.load()
    walk = os.walk
    found: list[list[str]] = []

    def backwards(*arguments: Any, **options: Any) -> Iterator[tuple[str, list[str], list[str]]]:
        for folder, folders, files in walk(*arguments, **options):
            found.append(files)
            folders.sort(reverse=True)
            yield folder, folders, sorted(files, reverse=True)

    monkeypatch.setattr(os, "walk", backwards)
    after = pack.load()
    assert any(len(files) > 1 for files in found)
    assert after.digest == before.digest
    for name in MAPPINGS:
        assert list(getattr(after, name)) == list(getattr(before, name)), name
    facts = {"arrivals": 60_000, "land_offered": True, "years": 6}
    assert advisor.advise(facts, after).model_dump_json() == advisor.advise(facts, before).model_dump_json()


def test_rules_stand_in_the_order_of_their_ids(corpus: Corpus) -> None:
    assert list(corpus.rules) == sorted(corpus.rules)


def test_two_packs_make_one_corpus(pack: MiniPack, tmp_path: Path) -> None:
    second = tmp_path / "second"
    for name, text in {
        "knowledge/pack.yaml": "id: second\nversion: 2.1.0\ntitle: Second\ntext: More.\nbuilds_on: [{pack: mini}]\n",
        "knowledge/sources/later.yaml": FILES["knowledge/sources/paper.yaml"]
        .replace("id: paper", "id: later")
        .replace("references: [a-treaty]\n", ""),
        "knowledge/lessons/later.yaml": (
            "source: later\n"
            + FILES["knowledge/lessons/paper.yaml"].split("  - id: l-camps")[0].split("\n", 1)[1]
            + '  - id: l-later\n    place: "2"\n    supports: [l-shelter]\n'
            + FILES["knowledge/lessons/paper.yaml"]
            .split("  - id: l-shelter\n")[1]
            .split("\n", 1)[1]
            .split("  - id:")[0]
        ).replace("id: l-shelter", "id: l-later-shelter"),
        "rules/hosting/later-shelter.yaml": FILES["rules/hosting/shelter-first.yaml"]
        .replace("id: shelter-first", "id: later-shelter")
        .replace(
            "  - lesson: l-shelter\n", "  - lesson: l-later\n    recommends: [shelter]\n  - lesson: l-later-shelter\n"
        ),
    }.items():
        (second / name).parent.mkdir(parents=True, exist_ok=True)
        (second / name).write_text(text, encoding="utf-8")
    corpus = load(pack.folder, second)
    assert corpus.version == "mini 1.0.0, second 2.1.0"
    assert [manifest.id for manifest in corpus.packs] == ["mini", "second"]
    assert corpus.origins["rules:later-shelter"] == "second"
    assert corpus.origins["rules:shelter-first"] == "mini"
    assert corpus.lessons["l-later"].place == "later:2"
    answer = advisor.advise({"situation_types": ["mass_influx"]}, corpus)
    (shelter,) = (item for item in answer.recommendations if item.element == "shelter")
    assert {reason.pack for reason in shelter.rationale} == {"mini", "second"}
    assert {place.source for reason in shelter.rationale for place in reason.paragraphs} == {"paper", "later"}


def test_two_packs_of_one_id_are_refused(pack: MiniPack, tmp_path: Path) -> None:
    MiniPack(tmp_path / "twin")
    with pytest.raises(advisor.CorpusError, match=r"'mini' exists already, at mini/knowledge/pack\.yaml:1"):
        load(pack.folder, tmp_path / "twin")


def test_a_corpus_with_errors_is_refused_with_all_of_them(pack: MiniPack) -> None:
    pack.write("rules/hosting/broken.yaml", "[").replace("knowledge/pack.yaml", "version: 1.0.0", "version: one")
    with pytest.raises(advisor.CorpusError) as refused:
        advisor.load_corpus(pack.folder)
    assert [problem.code for problem in refused.value.problems] == ["bad-name", "unbalanced-brackets"]
    corpus, problems = examine(pack.folder)
    assert corpus is None
    assert tuple(problems) == refused.value.problems
    assert problems_of([pack.folder]) == problems


def test_an_unknown_id_is_told_with_the_nearest_one(corpus: Corpus, pack: MiniPack) -> None:
    mini = pack.load()
    assert mini.get("rules", "shelter-first") is mini.rules["shelter-first"]
    with pytest.raises(UnknownIdError, match=r"^no rule 'shelter-frist'; did you mean 'shelter-first'\?$"):
        mini.get("rules", "shelter-frist")
    with pytest.raises(LookupError, match=r"^no element group 'xyzzy'$"):
        mini.get("element_groups", "xyzzy")
    assert corpus.source_of("amman-2011:16") == "amman-2011"


def test_findings_are_true_false_or_open(pack: MiniPack) -> None:
    mini = pack.load()
    assert mini.truths({}) == {"mass-influx": None}
    assert mini.truths({"arrivals": 10_000}) == {"mass-influx": True}
    assert mini.truths({"arrivals": 5}) == {"mass-influx": None}
    assert mini.truths({"arrivals": 5, "situation_types": ()}) == {"mass-influx": False}


def test_each_finding_comes_after_those_it_rests_on(corpus: Corpus) -> None:
    order = {name: index for index, name in enumerate(corpus.finding_order)}
    assert set(order) == set(corpus.findings)
    edges = [
        (wanted, derived)
        for rule in corpus.rules.values()
        for derived in rule.findings
        for wanted in re.findall(r"finding ([a-z0-9-]+)", str(rule.when))
    ]
    assert edges
    assert [edge for edge in edges if order[edge[0]] >= order[edge[1]]] == []
