from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from minipack import MiniPack
from papercopy import NOTES, PARAGRAPHS, Copy, texts, with_paper

from advisor import attachment, cli
from advisor.advice import advise
from advisor.attachment import Attached, AttachmentError, attach, detach, kept_at, status
from advisor.corpus import Corpus
from advisor.errors import UnknownIdError
from api.app import create_app

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return with_paper(MiniPack(tmp_path_factory.mktemp("pack") / "mini")).load()


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ADVISOR_DATA", str(tmp_path / "data"))
    yield tmp_path / "data"
    left = [path.name for path in (tmp_path / "data").rglob("*.part")]
    assert left == [], "half a file is left behind"


def written(folder: Path, copy: Copy, name: str = "copy.txt") -> Path:
    path = folder / name
    path.write_text(copy.text(), encoding="utf-8")
    return path


def states(inspection: attachment.Inspection) -> dict[str, str]:
    return {place.id: place.state for place in inspection.places if place.state != "matches"}


@pytest.mark.parametrize("kind", ["text", "pdf"])
def test_a_copy_is_kept_and_each_place_says_that_it_matches(paper: Corpus, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "copy"
    path.write_bytes(Copy(width=80).pdf() if kind == "pdf" else Copy().text().encode())
    inspection = attach(path, paper)
    assert states(inspection) == {}
    assert inspection.count("note", "matches") == len(NOTES)
    assert status(paper) == (inspection,)
    text = Attached(paper).text_of("paper:4")
    assert text is not None
    assert text.matches
    assert text.text.startswith("When the water is high,")


def test_a_changed_paragraph_is_kept_and_said_not_to_match(paper: Corpus, tmp_path: Path) -> None:
    inspection = attach(written(tmp_path, Copy(changed={"five lower": "six lower"})), paper)
    assert states(inspection) == {"4": "differs"}
    assert "paragraphs: 8 of 9 match; with another text: 4" in inspection.as_text()
    text = Attached(paper).text_of("paper:4")
    assert text is not None
    assert not text.matches
    assert "six lower" in text.text


@pytest.mark.parametrize("changed", [3, 4])
def test_two_thirds_of_the_paragraphs_must_be_recognised(paper: Corpus, tmp_path: Path, changed: int) -> None:
    edits = {text[-12:]: f"{text[-12:-1]} indeed." for text in list(PARAGRAPHS.values())[2 : 2 + changed]}
    file = written(tmp_path, Copy(hyphenated=False, width=10_000, height=200, changed=edits))
    if changed == 3:
        assert attach(file, paper).count("paragraph", "differs") == 3
    else:
        with pytest.raises(AttachmentError, match="of its 9 numbered paragraphs, 5 are recognised, and at least 6"):
            attach(file, paper)


@pytest.mark.parametrize(
    "foreign",
    [
        "\n".join(f"{number}. Another paper says something else in its paragraph {number}." for number in range(1, 60)),
        "No numbers at all.",
        "{}",
        "%PDF-1.4 and then nothing",
        "",
    ],
)
def test_a_foreign_file_is_refused_and_what_was_attached_is_still_there(
    paper: Corpus, tmp_path: Path, foreign: str
) -> None:
    attach(written(tmp_path, Copy()), paper)
    before = kept_at("paper").read_bytes()
    file = tmp_path / "foreign.txt"
    file.write_text(foreign)
    with pytest.raises(AttachmentError, match=r"foreign\.txt: "):
        attach(file, paper)
    assert kept_at("paper").read_bytes() == before


def test_a_worse_copy_loses_nothing_that_matched_before(paper: Corpus, tmp_path: Path) -> None:
    attach(written(tmp_path, Copy(changed={"pay with salt": "pay with silver"})), paper)
    attach(written(tmp_path, Copy(changed={"five lower": "six lower"})), paper)
    assert states(status(paper)[0]) == {}


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_copy_whole(
    paper: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    attach(written(tmp_path, Copy()), paper)
    before = kept_at("paper").read_bytes()

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(*((os, "fsync", broken) if step == "fsync" else (Path, "replace", broken)))
    with pytest.raises(AttachmentError if isinstance(error, OSError) else KeyboardInterrupt):
        attach(written(tmp_path, Copy(changed={"five lower": "six lower"})), paper)
    monkeypatch.undo()
    assert (tmp_path / "data" / "sources" / "paper.json").read_bytes() == before


def test_a_damaged_file_is_said_once_and_can_be_replaced(paper: Corpus, tmp_path: Path) -> None:
    attach(written(tmp_path, Copy()), paper)
    for damage in ("", "{", "[]", '{"format": "1", "source": "other", "texts": {}}', '{"format": "9"}'):
        kept_at("paper").write_text(damage)
        with pytest.raises(AttachmentError, match="damaged"):
            status(paper)
        assert TestClient(create_app(paper)).get("/v1/sources/paper/paragraphs/4").json()["text"] is None
    attach(written(tmp_path, Copy()), paper)
    assert states(status(paper)[0]) == {}


def test_text_edited_in_the_data_folder_is_seen_not_to_match(paper: Corpus, tmp_path: Path) -> None:
    attach(written(tmp_path, Copy()), paper)
    kept = json.loads(kept_at("paper").read_text())
    kept["texts"]["4"] += " Or so they say."
    kept["texts"]["../../etc"] = "not a place"
    kept_at("paper").write_text(json.dumps(kept))
    assert states(status(paper)[0]) == {"4": "differs"}
    assert Attached(paper).text_of("paper:../../etc") is None


def test_a_data_folder_that_cannot_be_made_is_said_plainly(
    paper: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ADVISOR_DATA", str(tmp_path / "file"))
    with pytest.raises(AttachmentError, match="cannot be written: Not a directory"):
        attach(written(tmp_path, Copy()), paper)


def test_a_missing_file_a_folder_and_an_unknown_source_are_said_plainly(paper: Corpus, tmp_path: Path) -> None:
    with pytest.raises(AttachmentError, match="No such file"):
        attach(tmp_path / "none.pdf", paper)
    with pytest.raises(AttachmentError, match="directory"):
        attach(tmp_path, paper)
    with pytest.raises(UnknownIdError):
        attach(written(tmp_path, Copy()), paper, "../paper")


def test_detaching_removes_the_copy_and_nothing_else(paper: Corpus, tmp_path: Path, data: Path) -> None:
    attach(written(tmp_path, Copy()), paper)
    (data / "other.txt").write_text("mine")
    assert detach(paper) == ("paper",)
    assert detach(paper) == ()
    assert status(paper) == ()
    assert (data / "other.txt").read_text() == "mine"


def test_attached_text_changes_neither_the_corpus_nor_any_answer(tmp_path: Path) -> None:
    pack = with_paper(MiniPack(tmp_path / "mini"))
    before = pack.load()
    answer = advise({"arrivals": 5}, before)
    attach(written(tmp_path, Copy()), before)
    after = pack.load()
    assert after.digest == before.digest
    assert advise({"arrivals": 5}, after) == answer


def test_the_endpoint_gives_the_text_beside_the_gist_from_then_on(paper: Corpus, tmp_path: Path) -> None:
    client = TestClient(create_app(paper))
    address = "/v1/sources/paper/paragraphs/box-ford"
    entry = client.get(address).json()
    assert (entry["text"], entry["text_matches"]) == (None, None)
    attach(written(tmp_path, Copy()), paper)
    beside = client.get(address).json()
    assert beside["gist"] == entry["gist"]
    assert beside["text_matches"] is True
    assert beside["text"].split() == texts()["box-ford"].split()
    detach(paper)
    assert client.get(address).json() == entry


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        cli.main(list(arguments))
    output = capsys.readouterr()
    assert isinstance(exit_.value.code, int)
    return exit_.value.code, output.out, output.err


def test_the_commands_attach_show_trace_and_detach(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, paper: Corpus, tmp_path: Path
) -> None:
    monkeypatch.setattr("advisor.load_corpus", lambda: paper)
    assert "no source is attached" in run(capsys, "source", "status")[1]
    status_, out, _ = run(capsys, "source", "attach", str(written(tmp_path, Copy())))
    assert status_ == 0
    assert "paragraphs: 9 of 9 match\nboxes: 2 of 2 match\nsections: 2 of 2 match\nnotes: 6 of 6 match" in out
    assert json.loads(run(capsys, "source", "status", "--format", "json")[1])[0]["source"] == "paper"
    out = run(capsys, "show", "III.A")[1]
    assert "text: A. Aims and forms of a ferry agreement" in out
    assert "    • The night watch" in out
    assert json.loads(run(capsys, "show", "l-camps", "--format", "json")[1])["lessons:l-camps"]["paragraph"]["text"]
    case = tmp_path / "case.yaml"
    case.write_text("land_offered: true\n")
    for form, title in (("text", "IN THE PAPER'S OWN WORDS"), ("markdown", "## In the paper's own words")):
        out = run(capsys, "trace", str(case), "--format", form)[1]
        assert title in out
        assert "Earlier efforts are well-known." in out
    assert "detached: paper" in run(capsys, "source", "detach")[1]
    assert "OWN WORDS" not in run(capsys, "trace", str(case))[1]


def test_a_refused_file_fails_the_command_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "source", "attach", str(ROOT / "README.md")],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert "of its 36 numbered paragraphs, 0 are recognised" in done.stderr
    assert "Traceback" not in done.stderr
