"""Many situations from a file: each line is answered as it is alone, whatever the others are, and after a kill too."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import advisor
from advisor import advice, batch, cli, tables
from advisor.answering import LineSplitter
from advisor.batch import BatchError, Order, Source, run
from advisor.brief import Brief
from advisor.corpus import Corpus
from advisor.journal import Journal, JournalError, Progress
from advisor.situation import MAX_BYTES, written

ROOT = Path(__file__).resolve().parent.parent
FACTS: dict[str, Any] = {
    "situation_types": ["mass_influx"],
    "border_status": "closed",
    "contributions_offered": ["money"],
    "arrivals_count": 12_000,
    "transfer_voluntary": False,
    "measures_proposed": [],
}


def told(corpus: Corpus) -> list[dict[str, Any]]:
    """Return some situations, between them with every type of fact."""
    examples = [written(example.facts) for _, example in sorted(corpus.examples.items())]
    return [FACTS, {}, *({**examples[number % len(examples)], "states_count": number} for number in range(12))]


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def ndjson(path: Path, situations: Iterable[object]) -> Path:
    path.write_text("".join(json.dumps({"facts": facts}) + "\n" for facts in situations), encoding="utf-8")
    return path


def command(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        cli.main(["batch", *map(str, arguments)])
    told = capsys.readouterr()
    assert isinstance(exit_.value.code, int)
    assert "Traceback" not in told.err
    return exit_.value.code, told.out, told.err


def brief_of(answer: advisor.Advice) -> dict[str, Any]:
    """Return the brief form of an answer, from the answer."""
    of = {
        strength: [line.id for line in answer.recommendations if line.strength == strength]
        for strength in ("must", "should", "consider", "avoid")
    }
    return {
        "answer": answer.id,
        "complete": answer.complete,
        "questions_open": answer.questions_open,
        "findings": [note.finding for note in answer.situation.findings],
        "red_flags": [flag.id for flag in answer.red_flags],
        "headlines": [line.id for line in answer.headlines],
        **of,
        "arguments": [line.id for line in answer.arguments],
        "set_aside": [line.id for line in answer.set_aside],
        "provisional": [line.id for line in answer.recommendations if line.provisional],
        "precedents": [note.precedent for note in answer.precedents],
        "questions": [question.fact for question in answer.questions],
    }


# --- what is answered -------------------------------------------------------------------------------------------------


def test_each_line_has_the_answer_that_it_has_alone(corpus: Corpus, tmp_path: Path) -> None:
    situations = told(corpus)[:4]
    source, output = ndjson(tmp_path / "in.ndjson", situations), tmp_path / "out.ndjson"
    done = run(Order(source, output, "ndjson", "ndjson"), corpus)
    answers = [advisor.advise(facts, corpus).model_dump_json() for facts in situations]
    assert output.read_text() == "".join(
        f'{{"line":{number},"advice":{answer}}}\n' for number, answer in enumerate(answers, 1)
    )
    assert (done.done, done.bad) == (4, 0)
    assert list(tmp_path.iterdir()) in ([source, output], [output, source])


def test_the_brief_form_says_what_the_answer_says(corpus: Corpus, tmp_path: Path) -> None:
    situations = told(corpus)
    source, output = ndjson(tmp_path / "in.jsonl", situations), tmp_path / "out.ndjson"
    run(Order(source, output, "ndjson", "ndjson", "brief"), corpus)
    expected = [brief_of(advisor.advise(facts, corpus)) for facts in situations]
    assert [line["brief"] for line in lines_of(output)] == expected
    for name in Brief.model_fields:
        assert any(one[name] for one in expected) or name in ("complete", "set_aside", "must"), name


def test_lines_keep_their_numbers_and_ids_and_blank_ones_are_passed_over(corpus: Corpus, tmp_path: Path) -> None:
    source, output = tmp_path / "in.ndjson", tmp_path / "out.ndjson"
    source.write_bytes(
        b'\xef\xbb\xbf{"facts": {}, "id": "a\\u00e9\\ud800"}\r\n\n   \r\n{"id": 7, "facts": {}}\n'
        b'{"facts": {}, "id": 2.5}\n{"facts": {}, "id": null}\n{"facts": {"region": "x"}, "id": "bad"}'
    )
    done = run(Order(source, output, "ndjson", "ndjson", "brief"), corpus)
    found = lines_of(output)
    assert [line["line"] for line in found] == [1, 4, 5, 6, 7]
    assert [line.get("id") for line in found] == ["aé\ud800", 7, 2.5, None, "bad"]
    assert "id" not in found[3]
    assert "problem" in found[4]
    assert (done.done, done.bad, done.line) == (5, 1, 7)


def test_two_processes_write_what_one_writes(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(batch, "SHARE", {"full": 3, "brief": 4})
    situations: list[object] = [*told(corpus), {"region": 1}, "no facts", *told(corpus)]
    source = ndjson(tmp_path / "in.ndjson", situations)
    for form in ("ndjson", "parquet"):
        outputs = [tmp_path / f"{jobs}.{form}" for jobs in (1, 2)]
        for jobs, output in enumerate(outputs, 1):
            status, _, err = command(capsys, source, "-o", output, "--select", "brief", "--jobs", jobs)
            assert status == 1
            assert err.splitlines()[-1] == "30 situations, 2 bad"
        assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_an_empty_input_has_an_empty_output(corpus: Corpus, tmp_path: Path) -> None:
    source = tmp_path / "in.ndjson"
    source.touch()
    run(Order(source, tmp_path / "out.ndjson", "ndjson", "ndjson"), corpus)
    run(Order(source, tmp_path / "out.parquet", "ndjson", "parquet"), corpus)
    assert (tmp_path / "out.ndjson").read_bytes() == b""
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 0


def test_a_line_on_which_the_program_fails_does_not_take_the_others_with_it(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(facts: dict[str, Any], _: Corpus) -> Any:
        if facts == {"region": "eu"}:
            raise ZeroDivisionError
        return real(facts, corpus)

    real = advice.answer_to
    monkeypatch.setattr("advisor.answering.answer_to", broken)
    source = ndjson(tmp_path / "in.ndjson", [{}, {"region": "eu"}, {"region": "mena"}])
    done = run(Order(source, tmp_path / "out.ndjson", "ndjson", "ndjson", "brief"), corpus)
    assert (done.done, done.bad) == (3, 1)
    problem = lines_of(tmp_path / "out.ndjson")[1]["problem"]
    assert problem == {
        "type": "/v1/problems/internal-error",
        "detail": "A bug: ZeroDivisionError. Please report it.",
    }


# --- hostile input ----------------------------------------------------------------------------------------------------

BAD_LINES = [
    (b"{", "not JSON: Expecting property name enclosed in double quotes (column 2)"),
    (b"\xff\xfe{}", "not UTF-8 text (byte 0)"),
    (b'{"facts": {}}\x00', "not JSON: Extra data (column 14)"),
    (b"\x00", "not JSON: Expecting value (column 1)"),
    (b'{"facts": {"states_count": NaN}}', "no number NaN"),
    (b'{"facts": {"region": "eu", "region": "mena"}}', "'region' stands twice"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"facts": {"region": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}", "nested too deeply"),
    (b"[]", "must be an object"),
    (b"{}", "'facts' is missing"),
    (b'{"facts": null}', "not null"),
    (b'{"facts": {}, "fcats": {}}', "did you mean 'facts'?"),
    (b'{"facts": {}, "id": [1]}', "a text or a number"),
    (b'{"facts": {}, "id": true}', "a text or a number"),
    (b'{"facts": {}, "id": 1e999}', "a text or a number"),
    (b'{"facts": {}, "id": -' + b"9" * 5_000 + b"}", "a text or a number"),
    (b'{"facts": {"region": "\\ud800"}}', "region has no value '?'"),
    (b'{"facts": {"states_count": 1' + b"0" * 5_000 + b"}}", "whole number"),
    (b'{"facts": {"region": "' + b"x" * MAX_BYTES + b'"}}', "1,000,025 bytes; it may have at most 1,000,000"),
]


def test_bad_lines_are_told_with_their_numbers_and_the_others_are_answered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source, output = tmp_path / "in.ndjson", tmp_path / "out.ndjson"
    source.write_bytes(b"".join(raw + b'\n{"facts": {}}\n' for raw, _ in BAD_LINES))
    status, out, err = command(capsys, source, "-o", output, "--select", "brief")
    assert (status, out) == (1, "")
    found = lines_of(output)
    assert [line["line"] for line in found] == list(range(1, 2 * len(BAD_LINES) + 1))
    assert all("brief" in line for line in found[1::2])
    for line, (raw, says) in zip(found[::2], BAD_LINES, strict=True):
        assert says in line["problem"]["detail"], raw[:40]
    reports = err.splitlines()
    assert [report.split(":")[1] for report in reports[:-1]] == [str(2 * number + 1) for number in range(19)]
    assert reports[0].startswith(f"{source}:1: error: ")
    assert reports[-1] == "38 situations, 19 bad"


def test_of_many_bad_lines_the_first_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source = ndjson(tmp_path / "in.ndjson", [{"region": "\x1b[31mred", "border_status": 1}] * 30)
    status, _, err = command(capsys, source, "-o", tmp_path / "out.ndjson", "--jobs", 1)
    assert status == 1
    *reports, last = err.splitlines()
    assert len(reports) == 20
    assert r"region has no value '\x1b[31mred'" in reports[0]
    assert reports[0].endswith("(and 1 more)")
    assert last == "30 situations, 30 bad (the first 20 were told here; the output tells of all)"


def cut(blocks: Sequence[bytes]) -> list[bytes | int]:
    splitter = LineSplitter()
    found = [line for block in blocks for line in splitter.feed(block)]
    found += splitter.end()
    assert splitter.size == sum(map(len, blocks))
    return found


@given(st.lists(st.sampled_from([b"", b"\n", b"a", b"bc\r\n", b"d" * 600_000, b"\n\n"]), max_size=12))
def test_lines_are_the_same_however_they_come_in(blocks: list[bytes]) -> None:
    whole = b"".join(blocks).split(b"\n")
    last = [] if whole[-1] == b"" else [whole[-1]]
    lines = [*whole[:-1], *last]
    assert cut(blocks) == [line if len(line) <= MAX_BYTES else len(line) for line in lines]


def test_of_a_line_that_is_too_long_nothing_is_kept() -> None:
    splitter = LineSplitter()
    block = b"x" * 65_536
    for _ in range(1_600):
        assert list(splitter.feed(block)) == []
        assert len(splitter._rest) <= MAX_BYTES
    assert list(splitter.feed(b"\n{}\n")) == [1_600 * 65_536, b"{}"]


# --- tables -----------------------------------------------------------------------------------------------------------


def as_csv(situations: Iterable[dict[str, Any]], columns: Sequence[str]) -> str:
    def cell(value: object) -> str:
        if isinstance(value, list):
            return ";".join(value) or "[]"
        return "" if value is None else str(value)

    rows = [",".join(["id", *columns])]
    rows += (
        ",".join([str(number), *(cell(facts.get(name)) for name in columns)]) for number, facts in enumerate(situations)
    )
    return "\ufeff" + "\r\n".join(rows) + "\r\n"


def test_a_table_is_answered_as_the_same_situations_in_lines_of_json(corpus: Corpus, tmp_path: Path) -> None:
    situations = told(corpus)
    columns = sorted({name for facts in situations for name in facts}, reverse=True)
    assert {corpus.facts[name].type for name in columns} >= {"set", "enum", "boolean", "integer"}
    (tmp_path / "in.csv").write_text(as_csv(situations, columns), encoding="utf-8", newline="")
    ids = [str(number) for number in range(len(situations))]
    rows = [{"id": id_, **dict.fromkeys(columns), **facts} for id_, facts in zip(ids, situations, strict=True)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet", row_group_size=5)
    (tmp_path / "in.ndjson").write_text(
        "".join(json.dumps({"facts": facts, "id": id_}) + "\n" for id_, facts in zip(ids, situations, strict=True))
    )
    expected = None
    sources: dict[Source, int] = {"ndjson": 1, "csv": 2, "parquet": 1}
    for source, first in sources.items():
        output = tmp_path / f"{source}.out"
        done = run(Order(tmp_path / f"in.{source}", output, source, "ndjson", "brief"), corpus)
        assert (done.done, done.bad) == (len(situations), 0), output.read_text()
        found = lines_of(output)
        assert [line.pop("line") for line in found] == list(range(first, first + len(situations)))
        expected = expected or found
        assert found == expected


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b"mass_influx", "The row has 1 cells, and there are 4 columns."),
        (b'"mass_influx,open,3,x', "a quote that is opened on it is not closed on it"),
        (b'"a"b,open,3,x', "not CSV: ',' expected after '\"'"),
        (b"\xff,open,3,x", "not UTF-8 text (byte 0)"),
        (b"a\rb,open,3,x", "not CSV: new-line character seen in unquoted field"),
        (b"mass_inflx,open,3,x", "did you mean 'mass_influx'?"),
        (b"mass_influx;,opn,3,x", "border_status has no value 'opn'; did you mean 'open'?"),
        (b",open,three,x", "states_count is a whole number, not the text 'three'"),
        (b',open,"1,000",x', "states_count is a whole number, not the text '1,000'"),
        (b",open,-1,x", "out of range"),
        (b",open,1e999,x", "states_count is a whole number"),
        (b"\x00,open,3,x", "situation_types has no value '\\x00'"),
    ],
)
def test_a_bad_row_of_csv_spoils_no_other(corpus: Corpus, tmp_path: Path, row: bytes, says: str) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.ndjson"
    good = b"mass_influx; protracted ,open,3,y\n"
    source.write_bytes(b"situation_types,border_status,states_count,id\n" + good + row + b"\n" + good)
    done = run(Order(source, output, "csv", "ndjson", "brief"), corpus)
    assert (done.done, done.bad) == (3, 1)
    first, bad, last = lines_of(output)
    assert bad["line"] == 3
    assert says in bad["problem"]["detail"]
    assert first["brief"] == last["brief"]
    assert "mass-influx" in first["brief"]["findings"]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"id,regoin\n", ":1: error: column 2: no fact named 'regoin'; did you mean 'region'?"),
        (b"region,region\n", "column 2: region stands there twice"),
        (b"region,\n", "column 2: a column without a name"),
        (b"", "the first line names the columns, and it is empty"),
        (b"region;border_status\n", "columns are separated by commas; here they seem to be by ';'"),
        (b'"region\n', "a quote that is opened on it is not closed on it"),
        (b"\xff\xfer\x00e\x00", "saved as UTF-16"),
        (b"r\xe9gion\n", "not UTF-8 text (byte 1)"),
        (b"x" * 3_000_000, "field larger than field limit"),
    ],
)
def test_a_table_with_other_columns_is_refused_as_a_whole(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, header: bytes, says: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(header)
    status, _, err = command(capsys, source, "-o", tmp_path / "out.ndjson")
    assert status == 1
    assert says in err
    assert list(tmp_path.iterdir()) == [source]


def test_a_parquet_output_has_a_column_for_each_part(corpus: Corpus, tmp_path: Path) -> None:
    source = tmp_path / "in.ndjson"
    source.write_text(f'{{"facts": {json.dumps(FACTS)}, "id": 7}}\n\n{{"facts": {{"region": 1}}, "id": "\\ud800"}}\n')
    for select in ("full", "brief"):
        output = tmp_path / f"{select}.parquet"
        done = run(Order(source, output, "ndjson", "parquet", select), corpus)
        assert (done.done, done.bad) == (2, 1)
        good, bad = pq.read_table(output).to_pylist()
        answer = advisor.advise(FACTS, corpus)
        if select == "full":
            assert good.pop("advice") == answer.model_dump_json()
            assert bad.pop("advice") is None
        assert good == {"line": 1, "id": "7", "problem": None, **brief_of(answer)}
        assert json.loads(bad.pop("problem"))["errors"][0]["pointer"] == "/facts/region"
        assert (bad.pop("line"), bad.pop("id")) == (3, "?")
        assert set(bad) == set(Brief.model_fields)
        assert set(bad.values()) == {None}


def test_a_parquet_output_is_the_same_however_it_was_parted(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_ROWS", {"full": 4, "brief": 5})
    source = ndjson(tmp_path / "in.ndjson", told(corpus))
    outputs = []
    for number in (1, 3, 7, 100):
        monkeypatch.setattr(batch, "SHARE", {"full": number, "brief": number})
        outputs.append(tmp_path / f"{number}.parquet")
        run(Order(source, outputs[-1], "ndjson", "parquet", "brief"), corpus)
    groups = pq.ParquetFile(outputs[0]).metadata
    assert [groups.row_group(number).num_rows for number in range(groups.num_row_groups)] == [5, 5, 4]
    assert len({output.read_bytes() for output in outputs}) == 1


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"regoin": ["eu"]}, "no fact named 'regoin'; did you mean 'region'?"),
        ({"region": ["eu", "moon"]}, "2: error: region has no value 'moon'"),
        ({"states_count": [1.5, 2.0]}, "1: error: states_count is a whole number, not 1.5"),
        ({"states_count": [float("nan"), 2.0]}, "1: error: states_count is a whole number, not the number nan"),
        ({"situation_types": [["mass_influx", None]]}, "each entry of situation_types is a word, not null"),
        ({"region": [b"eu"]}, "region is one word"),
        ({"id": [True], "region": ["eu"]}, "the id of a line is a text or a number"),
    ],
)
def test_what_is_wrong_in_a_parquet_input_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, columns: dict[str, list[object]], says: str
) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table(columns), source)
    status, _, err = command(capsys, source, "-o", tmp_path / "out.ndjson", "--jobs", 1)
    assert status == 1
    assert says in err


def test_what_is_no_parquet_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    for content in (b"", b"PAR1", b"x" * 1000, b"PAR1" + b"\xff" * 100 + b"PAR1"):
        source.write_bytes(content)
        status, _, err = command(capsys, source, "-o", tmp_path / "out.ndjson")
        assert status == 1
        assert "can't be read as Parquet" in err
        assert list(tmp_path.iterdir()) == [source]


def test_without_pyarrow_parquet_is_refused_and_the_rest_works(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name == "pyarrow" or name.startswith("pyarrow.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    source = ndjson(tmp_path / "in.ndjson", [{}])
    status, _, err = command(capsys, source, "-o", tmp_path / "out.parquet")
    assert (status, err) == (
        1,
        "Parquet needs pyarrow, which is not installed: pip install 'burden-sharing-advisor[batch]'\n",
    )
    assert command(capsys, source, "-o", tmp_path / "out.ndjson")[0] == 0


# --- files ------------------------------------------------------------------------------------------------------------


def test_an_output_that_is_there_is_replaced_only_if_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source, output = ndjson(tmp_path / "in.ndjson", [{}]), tmp_path / "out.ndjson"
    output.write_text("mine")
    status, _, err = command(capsys, source, "-o", output)
    assert (status, err) == (1, f"{output} is there already; --overwrite replaces it\n")
    assert output.read_text() == "mine"
    assert command(capsys, source, "-o", output, "--overwrite")[0] == 0
    assert len(lines_of(output)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.ndjson", "out.ndjson"]


def test_files_that_cannot_be_read_or_written_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source = ndjson(tmp_path / "in.ndjson", [{}])
    for arguments, status, says in (
        ((tmp_path / "none.ndjson", "-o", tmp_path / "out.ndjson"), 1, "none.ndjson: No such file or directory"),
        ((tmp_path, "--from", "csv", "-o", tmp_path / "out.ndjson"), 1, f"{tmp_path}: Is a directory"),
        ((source, "-o", source, "--overwrite"), 1, "is the input, too"),
        ((source, "-o", tmp_path / "no" / "out.ndjson"), 1, f"there is no folder {tmp_path / 'no'}"),
        ((source, "-o", tmp_path, "--to", "ndjson"), 1, "is no plain file"),
        ((source, "-o", "-", "--to", "parquet"), 1, "Parquet is written to a file"),
        (("-", "--from", "parquet", "-o", tmp_path / "out.ndjson"), 1, "Parquet is read from a file"),
        ((tmp_path / "in.txt", "-o", tmp_path / "out.ndjson"), 2, "in.txt doesn't end with .ndjson, .jsonl, .csv"),
        ((source, "-o", tmp_path / "out.csv"), 2, "say what to write with --to"),
    ):
        found, _, err = command(capsys, *arguments)
        assert found == status, err
        assert says in err
    assert list(tmp_path.iterdir()) == [source]


def test_lines_go_from_standard_input_to_standard_output() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "batch", "-", "-o", "-", "--select", "brief", "--jobs", "1"],
        input=b'{"facts": {}, "id": 1}\n{"facts": {}, "id": 2}\n',
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 2]
    assert done.stderr == b"2 situations, 0 bad\n"


def test_through_a_pipe_a_line_is_answered_before_the_next_one_is_told() -> None:
    command = [sys.executable, "-m", "advisor", "batch", "-", "-o", "-", "--select", "brief", "--jobs", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, bufsize=0) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(b'{"facts": {}, "id": %d}\n' % number)
            answer = b""
            while not answer.endswith(b"\n"):
                answer += process.stdout.read(65_536)
            assert json.loads(answer)["id"] == number
        process.stdin.close()
    assert process.returncode == 0


def test_a_reader_that_leaves_early_causes_no_error(tmp_path: Path) -> None:
    source = ndjson(tmp_path / "in.ndjson", [{}] * 400)
    command = f"{sys.executable} -m advisor batch {source} -o - --jobs 1 | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


# --- going on ---------------------------------------------------------------------------------------------------------


class StoppedError(Exception):
    """Stands for whatever ends a batch."""


def begun(order: Order, corpus: Corpus, monkeypatch: pytest.MonkeyPatch, after: int = 6) -> None:
    """Begin a batch that is ended when it has done so many situations."""
    monkeypatch.setattr(batch, "SHARE", {"full": 2, "brief": 2})
    monkeypatch.setattr(batch, "COMMIT_SECONDS", 0.0)

    def stop(progress: Progress, _: object) -> None:
        if progress.done >= after:
            raise StoppedError

    with pytest.raises(StoppedError):
        run(order, corpus, watch=stop)


def test_what_was_ended_goes_on_where_it_was(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = ndjson(tmp_path / "in.ndjson", [*told(corpus), {"region": 1}, {}])
    (tmp_path / "in.csv").write_text(as_csv(told(corpus)[:1] * 16, list(FACTS)), encoding="utf-8")
    pq.write_table(pa.table({"states_count": list(range(16))}), tmp_path / "in.parquet", row_group_size=5)
    for suffix in ("ndjson", "csv", "parquet"):
        whole, parted = tmp_path / f"whole-{suffix}.ndjson", tmp_path / f"parted-{suffix}.ndjson"
        source = tmp_path / f"in.{suffix}"
        run(Order(source, whole, batch.SUFFIXES[f".{suffix}"], "ndjson", "brief"), corpus)
        order = Order(source, parted, batch.SUFFIXES[f".{suffix}"], "ndjson", "brief")
        begun(order, corpus, monkeypatch)
        assert not parted.exists()
        seen: list[int] = []
        done = run(order, corpus, watch=lambda progress, _, seen=seen: seen.append(progress.done))  # type: ignore[misc]
        assert 2 <= seen[0] <= 6, "it began again"
        assert done.done == 16
        assert parted.read_bytes() == whole.read_bytes()
        assert not parted.with_name(f"{parted.name}.unfinished").exists()


def test_bad_lines_from_before_count(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = ndjson(tmp_path / "in.ndjson", [{"region": 1}, *[{}] * 9]), tmp_path / "out.ndjson"
    begun(Order(source, output, "ndjson", "ndjson"), corpus, monkeypatch)
    status, _, err = command(capsys, source, "-o", output)
    assert (status, err) == (1, "10 situations, 1 bad\n")


def test_what_cannot_be_gone_on_with_says_what_differs(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = ndjson(tmp_path / "in.ndjson", [{}] * 10), tmp_path / "out.ndjson"
    begun(Order(source, output, "ndjson", "ndjson", "brief"), corpus, monkeypatch)
    journal = (tmp_path / "out.ndjson.unfinished" / "journal.json").read_bytes()
    for arguments, says in (
        (("--select", "full"), "(select: brief then, full now); --restart begins again"),
        (("--select", "brief", "--to", "parquet"), "to: ndjson then, parquet now"),
        (("--select", "brief", "--pack", "eu-updates"), "packs: amman-2011 1.0.0 then, amman-2011 1.0.0, eu-updates"),
    ):
        status, _, err = command(capsys, source, "-o", output, *arguments)
        assert status == 1
        assert says in err
    status = source.stat().st_mtime_ns
    with source.open("a") as file:
        file.write("\n")
    _, _, err = command(capsys, source, "-o", output, "--select", "brief")
    assert f"size of the input: {source.stat().st_size - 1} then, {source.stat().st_size} now" in err
    ndjson(source, [{}] * 9 + [{"a": 1}])
    source.write_bytes(source.read_bytes()[:-7] + b"}}\n    ")
    ndjson(source, [{}] * 10)
    os.utime(source, ns=(status + 1, status + 1))
    _, _, err = command(capsys, source, "-o", output, "--select", "brief")
    assert "time of the input" in err
    assert (tmp_path / "out.ndjson.unfinished" / "journal.json").read_bytes() == journal
    status, _, err = command(capsys, source, "-o", output, "--select", "full", "--restart")
    assert (status, err) == (0, "10 situations, 0 bad\n")
    assert "advice" in lines_of(output)[0]


def test_a_batch_that_was_killed_when_all_was_done_is_done(
    corpus: Corpus, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = ndjson(tmp_path / "in.ndjson", [{"region": 1}, {}]), tmp_path / "out.ndjson"
    order = Order(source, output, "ndjson", "ndjson")
    journal = Journal(output, batch._identity(order, corpus))
    run(order, corpus)
    written = output.read_bytes()
    # The output has its name, and the folder was to go.
    journal.begin()
    journal.commit(Progress(done=2, bad=1, finished=True))
    journal.release()
    assert command(capsys, source, "-o", output)[0::2] == (1, "2 situations, 1 bad\n")
    # The journal had gone, too.
    journal.folder.mkdir()
    assert "is there already" in command(capsys, source, "-o", output)[2]
    assert output.read_bytes() == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.ndjson", "out.ndjson"]


def test_a_damaged_journal_is_not_believed(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, output = ndjson(tmp_path / "in.ndjson", [{}] * 10), tmp_path / "out.ndjson"
    order = Order(source, output, "ndjson", "ndjson", "brief")
    begun(order, corpus, monkeypatch)
    folder = tmp_path / "out.ndjson.unfinished"
    (folder / "output").write_bytes(b"")
    with pytest.raises(JournalError, match="no longer there; --restart begins again"):
        run(order, corpus)
    (folder / "journal.json").write_text("{}")
    with pytest.raises(JournalError, match=r"journal is damaged; --restart begins again"):
        run(order, corpus)
    assert run(order, corpus, restart=True).done == 10


def test_a_batch_from_standard_input_is_not_gone_on_with(tmp_path: Path, corpus: Corpus) -> None:
    output = tmp_path / "out.ndjson"
    order = Order(None, output, "ndjson", "ndjson", "brief")
    journal = Journal(output, batch._identity(order, corpus))
    journal.begin()
    journal.commit(Progress(done=1))
    journal.release()
    with pytest.raises(JournalError, match="from standard input can't be gone on with"):
        run(order, corpus)


@pytest.mark.skipif(sys.platform == "win32", reason="locks are those of POSIX")
def test_two_at_once_on_one_output_are_noticed(corpus: Corpus, tmp_path: Path) -> None:
    source, output = ndjson(tmp_path / "in.ndjson", [{}]), tmp_path / "out.ndjson"
    program = (
        "import sys; from pathlib import Path; from advisor.journal import Journal; "
        "Journal(Path(sys.argv[1]), {}).begin(); print(flush=True); sys.stdin.read()"
    )
    held = [sys.executable, "-c", program, str(output)]
    with subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(JournalError, match="another process is writing it"):
            run(Order(source, output, "ndjson", "ndjson"), corpus)
        other.communicate()
    assert run(Order(source, output, "ndjson", "ndjson"), corpus).done == 1


def test_who_interrupts_is_told_that_it_goes_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from advisor.commands.batch import _Bar

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    source, output = ndjson(tmp_path / "in.ndjson", [{}] * 3), tmp_path / "out.ndjson"
    with monkeypatch.context() as patch:
        patch.setattr(_Bar, "show", interrupt)
        status, _, err = command(capsys, source, "-o", output)
    assert (status, err) == (130, "\nStopped; the same command goes on from here.\n")
    assert command(capsys, source, "-o", output)[0] == 0
    assert len(lines_of(output)) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is that of POSIX")
def test_a_full_disk_is_told_and_the_batch_goes_on_later(tmp_path: Path) -> None:
    source, output = ndjson(tmp_path / "in.ndjson", [{}] * 12), tmp_path / "out.ndjson"
    program = (
        "import resource, sys; from advisor import batch, cli; "
        "batch.SHARE, batch.COMMIT_SECONDS = {'full': 2, 'brief': 2}, 0.0; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1]))); cli.main(sys.argv[2:])"
    )
    arguments = ["batch", str(source), "-o", str(output), "--select", "brief", "--jobs", "2"]
    ended = {}
    for limit in (3_000, -1):
        done = subprocess.run(
            [sys.executable, "-c", program, str(limit), *arguments], capture_output=True, text=True, cwd=ROOT
        )
        ended[limit] = (done.returncode, done.stderr.replace(str(tmp_path), ""))
    status, err = ended[3_000]
    assert status == 1
    assert err.endswith("File too large; what was done is kept, and the same command goes on from there\n")
    assert "Traceback" not in err
    assert ended[-1] == (0, "12 situations, 0 bad\n")
    assert len(lines_of(output)) == 12


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs are forks")
@pytest.mark.parametrize("form", ["ndjson", "parquet"])
def test_killed_at_three_moments_it_writes_what_an_undisturbed_one_writes(
    form: str, corpus: Corpus, tmp_path: Path
) -> None:
    situations: list[object] = [*told(corpus), {"region": 1}, *told(corpus)]
    source = ndjson(tmp_path / "in.ndjson", situations)

    def runs(output: Path, *moments: int) -> list[list[int]]:
        script = [sys.executable, str(ROOT / "tests" / "killed.py"), str(source), str(output), "2"]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([*script, *map(str, moments)], capture_output=True, text=True, check=True, env=env)
        found: list[list[int]] = json.loads(done.stdout)
        return found

    whole, killed = tmp_path / f"whole.{form}", tmp_path / f"killed.{form}"
    ((status, operations),) = runs(whole, 0)
    assert status == 0
    # In quarters, so that each of the three kills hits however much the ones before had done.
    dice = random.Random(form)
    moments = [dice.randint(3, operations // 4) for _ in range(3)]
    ended = [status for status, _ in runs(killed, *moments, 0)]
    assert ended == [-signal.SIGKILL] * 3 + [0], (moments, operations)
    assert killed.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.ndjson", f"killed.{form}", f"whole.{form}"]
    assert len(lines_of(whole) if form == "ndjson" else pq.read_table(whole).to_pylist()) == len(situations)


def test_the_batch_says_what_it_cannot_do(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"nothing\.ndjson: No such file"):
        run(Order(tmp_path / "nothing.ndjson", None, "ndjson", "ndjson"), corpus)
