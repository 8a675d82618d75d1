"""What is kept on disk is the corpus itself, and nothing else is ever taken for it."""

from __future__ import annotations

import json
import operator
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import platformdirs
import pytest
from minipack import MORE_RULE, MiniPack

import advisor
from advisor import compiled, content, corpus
from advisor.advice import advise
from advisor.cells import Layout
from advisor.corpus import Corpus
from advisor.frames import Outline
from advisor.index import Index
from advisor.matching import Register
from advisor.waiting import Stakes

KOSOVO = Path(__file__).parents[1] / "examples" / "kosovo-1999.yaml"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a cache folder of the test's own, in which nothing is kept yet."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(compiled.FOLDER_VARIABLE, str(folder))
    return folder


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets longer each time that packs are read anew."""
    found: list[int] = []

    def counted(*folders: str | os.PathLike[str]) -> tuple[Corpus | None, list[advisor.Problem]]:
        found.append(1)
        return corpus.examine(*folders)

    monkeypatch.setattr(compiled, "read", counted)
    return found


def kept_in(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.corpus"))


def same(one: Corpus, other: Corpus) -> bool:
    """Return whether two corpora are the same in every part."""
    return all(getattr(one, field.name) == getattr(other, field.name) for field in fields(Corpus))


# --- what is kept is the corpus ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("packs", [(), ("eu-updates",)], ids=["built-in", "with another pack"])
def test_what_was_kept_is_the_same_in_every_part(packs: tuple[str, ...], cache: Path, readings: list[int]) -> None:
    folders = content.named_folders(packs)
    fresh = corpus.load(*folders)
    assert same(compiled.load(*folders), fresh)
    (file,) = kept_in(cache)
    kept = compiled.load(*folders)
    assert len(readings) == 1
    assert kept_in(cache) == [file]
    assert same(kept, fresh)
    for name in ("rules", "lessons", "scenarios", "written", "references"):
        assert list(getattr(kept, name)) == list(getattr(fresh, name))
    assert [rule.tests[0] for rule in kept.rules.values()] == [rule.tests[0] for rule in fresh.rules.values()]
    name = next(iter(fresh.rules))
    assert kept.rules[name].tests[1:] == fresh.rules[name].tests[1:]
    assert pickle.loads(pickle.dumps(kept.rules[name])) == fresh.rules[name]


def test_answers_are_the_same_byte_for_byte(cache: Path, corpus: Corpus) -> None:
    compiled.load()
    kept = compiled.load()
    for scenario in corpus.scenarios.values():
        facts = dict(scenario.facts or {})
        assert advise(facts, kept).model_dump_json() == advise(facts, corpus).model_dump_json()


def test_what_is_made_from_a_corpus_is_not_made_again(
    cache: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled.load()
    kept = compiled.load()

    def made(*_: object) -> None:
        raise AssertionError("it was made again")

    for made_once in (Index, Layout, Register, Outline, Stakes):
        monkeypatch.setattr(made_once, "__init__", made)
    facts = dict(corpus.examples["kosovo-1999"].facts)
    assert advise(facts, kept).model_dump_json() == advise(facts, corpus).model_dump_json()


def test_a_corpus_with_other_rules_has_nothing_of_the_one_that_was_kept(cache: Path) -> None:
    compiled.load()
    kept = compiled.load()
    first, *others = kept.rules
    fewer = replace(kept, rules={name: kept.rules[name] for name in others})
    assert first in kept.index.rules
    assert first not in fewer.index.rules


def test_warnings_and_places_are_kept_with_the_names_that_messages_give_files(
    pack: MiniPack, cache: Path, readings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pack.write("rules/untitled/more.yaml", MORE_RULE)
    fresh, problems = corpus.examine(pack.folder)
    assert fresh is not None
    assert problems
    for _ in range(2):
        again, told = compiled.examine(pack.folder)
        assert again is not None
        assert told == problems == list(again.warnings)
        assert again.written == fresh.written
    assert len(readings) == 1
    # Seen from another folder, the same files have other names.
    monkeypatch.chdir(pack.folder)
    elsewhere, told = compiled.examine(pack.folder)
    assert elsewhere is not None
    assert [problem.file for problem in told] != [problem.file for problem in problems]
    assert elsewhere.written != fresh.written


def test_a_corpus_that_is_refused_is_not_kept(pack: MiniPack, cache: Path) -> None:
    pack.write("rules/topic/bad.yaml", "id: bad\n")
    assert compiled.examine(pack.folder)[0] is None
    with pytest.raises(advisor.CorpusError, match="bad"):
        compiled.load(pack.folder)
    assert kept_in(cache) == []


# --- never stale ------------------------------------------------------------------------------------------------------


def pack_files(pack: MiniPack) -> Iterator[str]:
    for path in sorted(pack.folder.rglob("*.yaml")):
        yield path.relative_to(pack.folder).as_posix()


def test_an_edit_of_any_file_is_seen(pack: MiniPack, cache: Path, readings: list[int]) -> None:
    compiled.load(pack.folder)
    for number, name in enumerate(pack_files(pack)):
        pack.append(name, "# an edit\n")
        compiled.load(pack.folder)
        assert len(readings) == number + 2, name


def test_an_edit_that_keeps_size_and_date_is_seen(pack: MiniPack, cache: Path) -> None:
    pack.write("rules/topic/more.yaml", MORE_RULE)
    path = pack.folder / "rules/topic/more.yaml"
    os.utime(path, (1_000_000_000, 1_000_000_000))
    before = path.stat()
    assert compiled.load(pack.folder).rules["more"].title == "More camps"
    path.write_text(MORE_RULE.replace("More camps", "Less camps"), encoding="utf-8")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert compiled.load(pack.folder).rules["more"].title == "Less camps"


def test_a_file_that_comes_goes_or_is_renamed_is_seen(pack: MiniPack, cache: Path) -> None:
    assert "more" not in compiled.load(pack.folder).rules
    pack.write("rules/topic/more.yaml", MORE_RULE)
    assert "more" in compiled.load(pack.folder).rules
    (pack.folder / "rules/topic/more.yaml").rename(pack.folder / "rules/topic/other.yaml")
    assert compiled.examine(pack.folder)[0] is None  # its id is no longer that of its file
    (pack.folder / "rules/topic/other.yaml").unlink()
    assert "more" not in compiled.load(pack.folder).rules


def test_what_is_edited_while_it_is_read_is_not_kept(
    pack: MiniPack, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited(*folders: str | os.PathLike[str]) -> tuple[Corpus | None, list[advisor.Problem]]:
        found = corpus.examine(*folders)
        pack.append("knowledge/facts.yaml", "# an edit\n")
        return found

    monkeypatch.setattr(compiled, "read", edited)
    compiled.load(pack.folder)
    assert kept_in(cache) == []


def test_another_program_does_not_use_it(cache: Path, readings: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    compiled.load()
    changes: list[tuple[object, str, object]] = [
        (advisor, "__version__", "9.9.9"),
        (sys, "version", "4.0"),
        (compiled, "_READ_BY", (("pydantic", "main.py"),)),
    ]
    for number, (where, name, value) in enumerate(changes):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, value)
            compiled.load()
        assert len(readings) == number + 2, name


def test_a_changed_source_of_the_advisor_is_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "diagnostics").mkdir()
    (tmp_path / "compiled.py").write_text("one")
    monkeypatch.setattr(compiled, "__file__", str(tmp_path / "compiled.py"))
    first = compiled.key_of([])
    assert first == compiled.key_of([])
    (tmp_path / "pack.py").write_text("two")
    assert compiled.key_of([]) != first


def test_links_are_not_compiled(pack: MiniPack, cache: Path, readings: list[int], tmp_path: Path) -> None:
    target = pack.folder / "rules/topic/more.yaml"
    pack.write("rules/topic/more.yaml", MORE_RULE)
    moved = target.rename(pack.folder / "more.kept")
    target.symlink_to(moved)
    for _ in range(2):
        assert "more" in compiled.load(pack.folder).rules
    assert len(readings) == 2
    assert kept_in(cache) == []


# --- never damaged ----------------------------------------------------------------------------------------------------


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def flipped_at(place: float) -> Callable[[Path], None]:
    def flip(file: Path) -> None:
        raw = bytearray(file.read_bytes())
        raw[int(place * (len(raw) - 1))] ^= 1
        file.write_bytes(raw)

    return flip


def of_another_key(file: Path) -> None:
    raw = file.read_bytes()
    key = file.stem.encode()
    file.write_bytes(raw.replace(key, b"0" * len(key), 1))


def lengthened(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\0")


def of_another_format(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"corpus 1", b"corpus 2", 1))


def a_folder(file: Path) -> None:
    file.unlink()
    (file / "inside").mkdir(parents=True)


def a_link(file: Path) -> None:
    aside = file.rename(file.with_suffix(".aside"))
    file.symlink_to(aside)


def a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def for_all_to_write(file: Path) -> None:
    file.chmod(0o666)


def in_a_folder_of_all(file: Path) -> None:
    file.parent.chmod(0o777)


def other_code(file: Path) -> None:
    """Put a pickle there that would run a command, under a header that is right."""

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(file.with_name("evil")),)

    payload = pickle.dumps((Evil(), (), {}))
    file.write_bytes(compiled._header(file.stem, payload) + b"\n" + payload)


def other_code_beside(file: Path) -> None:
    """Put a pickle there that would call what stands beside what may be read, under a header that is right."""
    payload = pickle.dumps((operator.methodcaller("touch"), (), {}))
    file.write_bytes(compiled._header(file.stem, payload) + b"\n" + payload)


DAMAGES = [
    cut,
    emptied,
    flipped_at(0),
    flipped_at(0.00005),
    flipped_at(0.5),
    flipped_at(1),
    of_another_key,
    lengthened,
    of_another_format,
    a_folder,
    a_link,
    a_pipe,
    for_all_to_write,
    in_a_folder_of_all,
    other_code,
    other_code_beside,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_what_is_damaged_or_foreign_is_not_used(
    damage: Callable[[Path], None], pack: MiniPack, cache: Path, readings: list[int]
) -> None:
    fresh = compiled.load(pack.folder)
    (file,) = kept_in(cache)
    damage(file)
    assert same(compiled.load(pack.folder), fresh)
    assert len(readings) == 2
    assert not (cache / "evil").exists()


@pytest.mark.parametrize("which", ["file", "folder"])
@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no owners here")
def test_what_belongs_to_somebody_else_is_not_used(
    which: str, pack: MiniPack, cache: Path, readings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled.load(pack.folder)
    (file,) = kept_in(cache)
    foreign = (file if which == "file" else cache).stat().st_ino
    really = os.fstat

    def fstat(handle: int) -> os.stat_result:
        about = really(handle)
        return os.stat_result([*about[:4], about.st_uid + 1, *about[5:]]) if about.st_ino == foreign else about

    monkeypatch.setattr(os, "fstat", fstat)
    compiled.load(pack.folder)
    assert len(readings) == 2


def test_only_its_owner_may_read_or_write_it(pack: MiniPack, cache: Path) -> None:
    compiled.load(pack.folder)
    assert cache.stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in kept_in(cache)] == [0o600]


# --- where nothing can be kept ----------------------------------------------------------------------------------------


def test_it_can_be_turned_off(pack: MiniPack, readings: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(compiled.FOLDER_VARIABLE, "off")
    for _ in range(2):
        compiled.load(pack.folder)
    assert len(readings) == 2
    assert not Path("off").exists()


@pytest.mark.parametrize("where", ["file/below", "/proc/nowhere", "name\0less"])
def test_a_folder_that_cannot_be_made_is_no_error(
    where: str, pack: MiniPack, readings: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(compiled, "folder", lambda: tmp_path / where)
    for _ in range(2):
        compiled.load(pack.folder)
    assert len(readings) == 2


def test_a_disk_that_is_full_is_no_error_and_leaves_nothing(
    pack: MiniPack, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    compiled.load(pack.folder)
    assert list(cache.iterdir()) == []


def test_the_folder_is_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(compiled.FOLDER_VARIABLE)
    assert compiled.folder() == platformdirs.user_cache_path("burden-sharing-advisor", appauthor=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compiled.folder() == platformdirs.user_cache_path("burden-sharing-advisor", appauthor=False)


# --- many at once, and for long ---------------------------------------------------------------------------------------


def test_the_oldest_are_removed(pack: MiniPack, cache: Path) -> None:
    for number in range(compiled.NEWEST + 3):
        pack.append("knowledge/facts.yaml", f"# edit {number}\n")
        compiled.load(pack.folder)
        for file in kept_in(cache):
            os.utime(file, (file.stat().st_mtime - 10,) * 2)
    newest = compiled.key_of([pack.folder])
    assert len(kept_in(cache)) == compiled.NEWEST
    assert newest in {file.stem for file in kept_in(cache)}


def test_what_interrupted_writers_left_is_removed(pack: MiniPack, cache: Path) -> None:
    cache.mkdir(mode=0o700)
    old, new = cache / "a.corpus.1.00", cache / "a.corpus.2.00"
    for left in (old, new):
        left.write_bytes(b"half")
    os.utime(old, (0, 0))
    compiled.load(pack.folder)
    assert not old.exists()
    assert new.exists()  # its writer may still be at work


def test_several_processes_may_start_at_once(cache: Path) -> None:
    command = [sys.executable, "-m", "advisor", "advise", str(KOSOVO), "--format", "json"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    answers = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0] * 4
    assert len(set(answers)) == 1
    again = subprocess.run(command, capture_output=True, check=True)
    assert (again.stdout, again.stderr) == answers[0]
    assert [path.suffix for path in cache.iterdir()] == [".corpus"]


def test_threads_may_read_what_was_left_for_later(pack: MiniPack, cache: Path) -> None:
    fresh = compiled.load(pack.folder)
    kept = compiled.load(pack.folder)
    found: list[bool] = []
    ready = threading.Barrier(8)

    def read() -> None:
        ready.wait()
        found.append(same(kept, fresh))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8


# --- what starting imports --------------------------------------------------------------------------------------------

NEVER = {
    "fastapi", "starlette", "uvicorn", "watchfiles", "z3", "pyarrow", "asyncio", "multiprocessing", "http", "pypdf",
    "platformdirs", "advisor.pack", "advisor.checks", "advisor.diagnostics", "advisor.claims", "advisor.implication",
}  # fmt: skip
"""Modules that are of no use for an answer from a compiled corpus."""


def imported(code: str) -> set[str]:
    """Return the modules that a new process has imported after running code."""
    told = f"{code}\nimport json, sys\nprint(json.dumps(list(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr))


def test_importing_the_library_imports_next_to_nothing() -> None:
    found = imported("import advisor")
    assert {name for name in found if name.startswith("advisor")} == {"advisor"}
    assert not found & (NEVER | {"pydantic", "experta", "yaml", "click"})


def test_every_public_name_is_found_where_it_is_promised() -> None:
    code = "import advisor\nfor name in advisor.__all__: assert getattr(advisor, name).__doc__ is not None, name"
    assert "advisor.answer" in imported(code)
    assert set(advisor.__all__) <= set(dir(advisor))
    with pytest.raises(AttributeError, match="advice_on"):
        getattr(advisor, "advice_on")  # noqa: B009 - mypy knows that there is none


def test_advising_imports_only_what_an_answer_needs(cache: Path) -> None:
    code = f"from advisor.cli import run\nrun(['advise', {str(KOSOVO)!r}])"
    imported(code)
    assert not imported(code) & NEVER
