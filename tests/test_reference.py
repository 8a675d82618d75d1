"""The reference for authors: complete, in step with the program, and readable in a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from contentfiles import ROOT
from minipack import MiniPack
from test_cli import run

from advisor import content, pack, reference
from advisor.conditions import OPERATORS_OF
from advisor.corpus import Corpus
from advisor.document import as_markdown
from advisor.meanings import COMBINATORS
from advisor.schema_frame import models_of
from advisor.schemas import KINDS, Kind

FOLDER = ROOT / "docs" / "reference"


def text_of(page: str) -> str:
    return (FOLDER / f"{page}.md").read_text(encoding="utf-8")


def test_the_pages_are_what_the_program_says_now() -> None:
    draft = pack.read([content.builtin_folder()])
    pages = {"README": reference.contents(), **{name: reference.page(name, draft) for name in reference.PAGES}}
    assert {path.stem for path in FOLDER.iterdir()} == set(pages)
    for name, blocks in pages.items():
        assert text_of(name) == as_markdown(blocks), f"{name}: run `make docs`"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_key_is_on_the_page_of_its_file(kind: Kind) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text_of(kind.name), re.MULTILINE))
    for model in models_of(kind.model):
        for key, field in model.model_fields.items():
            assert key in rows, f"{model.__name__}.{key}"
            if len([one for one in models_of(kind.model) if key in one.model_fields]) == 1:
                assert (field.description or "?").split("|")[0] in rows[key]
                assert ("| required |" in rows[key]) == field.is_required()
    assert f"\n```yaml\n{kind.line}" in text_of(kind.name)


def test_the_examples_are_from_the_built_in_pack() -> None:
    for kind in KINDS.values():
        page = text_of(kind.name)
        caption, example = re.findall(r"^## Example\n\n(.*)\n\n```yaml\n(.*?)```$", page, re.MULTILINE | re.DOTALL)[0]
        if caption.startswith("From"):
            file = (ROOT / caption.split("`")[1]).read_text(encoding="utf-8")
            first, *lines = example.splitlines()
            assert first in file.splitlines()
            assert "\n".join(lines) in file
            assert len(lines) >= 4


def test_the_language_of_conditions_is_complete() -> None:
    page = text_of("conditions")
    for word in (*COMBINATORS, *(name for names in OPERATORS_OF.values() for name in names)):
        assert re.search(rf"^\| `{word}` \|.*\|.*\|$", page, re.MULTILINE), word
    operators = re.findall(r"^\| `\w+` \| a.* \| .* \| (.*) \|$", page, re.MULTILINE)
    assert len(operators) == 11
    assert all(re.fullmatch(r"`\w+: \{\w+: .*\}`", example) for example in operators), "an example for each"


def test_the_vocabulary_has_every_fact_with_its_question_and_values(corpus: Corpus) -> None:
    page = text_of("vocabulary")
    sections = dict(re.findall(r"^### `(\w+)`\n\n(.*?)(?=\n##|\Z)", page, re.MULTILINE | re.DOTALL))
    assert list(sections) == [
        fact.name for group in corpus.fact_groups for fact in corpus.facts.values() if fact.group == group
    ]
    for name, section in sections.items():
        fact = corpus.facts[name]
        assert fact.question in " ".join(section.split())
        for value in fact.values:
            assert f"| `{value.value}` | {value.label} |" in section


@pytest.mark.parametrize("path", [*sorted(FOLDER.glob("*.md")), ROOT / "docs/editors.md", ROOT / "docs/rules.md"])
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", path.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        other = path.parent / file if file else path
        assert other.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", other.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-").replace("`", "") for heading in headings}, target


def test_a_page_is_shown_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "reference", "rule")
    assert status == 0
    assert "  pressing_when  (condition)\n      The condition that makes its advice more urgent" in out
    assert "  reading  (word; source unless told)\n" in out
    assert "](" not in out
    assert "<br>" not in out
    assert max(map(len, out.splitlines())) <= 110
    status, out, _ = run(capsys, "reference")
    assert status == 0
    assert [name for name in reference.PAGES if f"  {name}\n" not in out] == []


def test_the_vocabulary_of_a_pack_is_shown(capsys: pytest.CaptureFixture[str], pack: MiniPack) -> None:
    status, out, _ = run(capsys, "reference", "vocabulary", "--pack", str(pack.folder), "--format", "markdown")
    assert status == 0
    assert "### `land_offered`\n\n*boolean.* **Is land offered for camps?** By the host State.\n" in out
    assert "*integer, 0 to 1000000 people.*" in out


def test_the_pages_for_a_pack_have_their_examples_from_it(capsys: pytest.CaptureFixture[str], pack: MiniPack) -> None:
    _, out, _ = run(capsys, "reference", "lessons", "--pack", str(pack.folder))
    assert "    lessons:\n      - id: l-shelter\n" in out
    pack.remove("knowledge/precedents/the-town.yaml")
    status, out, _ = run(capsys, "reference", "precedent", "--pack", str(pack.folder))
    assert status == 0
    assert "Example" not in out
    status, _, err = run(capsys, "reference", "precedent", "--pack", "nowhere")
    assert status == 1
    assert "there is no folder 'nowhere'" in err


def test_a_page_that_there_is_not_gets_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "reference", "rules")
    assert (status, out) == (1, "")
    assert err == "no page 'rules'; did you mean 'rule'?\n"
