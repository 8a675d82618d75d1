"""The views of a trace: complete, well formed, escaped, and served with the right media types."""

from __future__ import annotations

import itertools
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rdflib
import yaml
from fastapi.testclient import TestClient
from rdflib.namespace import PROV, RDF

from advisor import cli, layered, proof_text
from advisor.answer import Trace
from advisor.corpus import Corpus
from advisor.errors import UnknownIdError
from advisor.picture import shortened, wrap
from advisor.schemas import schema_of_output
from advisor.trace import node_of, proof_of, traced
from advisor.trace_views import VIEWS, shown
from api.app import create_app

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "indochina-1989.yaml"
FACTS: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["facts"]
SPITE = '1. "q" `md` <script>alert(1)</script> &#x; end ]]--> %% \\ é漢 {x}|y| [a](b) \x0b\x00\ufffe *b*'
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def whole(corpus: Corpus) -> Trace:
    found = traced(FACTS, corpus).trace
    assert found is not None
    return found


@pytest.fixture(scope="module")
def proofs(whole: Trace) -> list[Trace]:
    return [proof_of(whole, name) for name in whole.lines]


@pytest.fixture(scope="module")
def spiteful(whole: Trace) -> Trace:
    """Return a trace all of whose words try to be something else."""
    nodes = tuple(node.model_copy(update={"label": SPITE, "text": SPITE}) for node in whole.nodes)
    edges = tuple(edge.model_copy(update={"test": SPITE}) for edge in whole.edges)
    return whole.model_copy(update={"nodes": nodes, "edges": edges})


# --- words ---


def test_text_and_markdown_prove_every_line_of_the_answer(whole: Trace) -> None:
    text, markdown = (VIEWS[form].render(whole) for form in ("text", "markdown"))
    heads = [line for line in text.splitlines() if re.match(r"[A-Z][\w ]+: ", line)]
    assert len(heads) == len(whole.lines)
    assert markdown.count("\n## ") == len(whole.lines)
    for name in whole.lines:
        label = node_of(whole, name).label
        assert " ".join(label.split()) in " ".join(text.split())
        assert re.sub(r"\W", "", label) in re.sub(r"\W", "", markdown)


def test_a_proof_in_words_names_every_rule_fact_finding_and_defeat_in_it(proofs: list[Trace]) -> None:
    for proof in proofs:
        text = " ".join(proof_text.as_text(proof, 10_000).split())
        for node in proof.nodes:
            wanted = node.text if node.kind in ("lesson", "condition") else node.label
            assert wanted is not None
            assert " ".join(wanted.split()) in text, f"{proof.of}: {node.id}"
        assert all(edge.test in text for edge in proof.edges if edge.test and edge.source.startswith("fact:"))


def test_the_proof_of_every_node_can_be_told_and_drawn(whole: Trace) -> None:
    for node in whole.nodes:
        proof = proof_of(whole, node.id)
        assert proof_text.as_text(proof).count("\n") > 1
        ET.fromstring(VIEWS["svg"].render(proof))


def test_plain_text_keeps_to_its_width(whole: Trace) -> None:
    assert max(map(len, proof_text.as_text(whole, 80).splitlines())) <= 80


def test_markdown_takes_no_mark_from_a_label(spiteful: Trace) -> None:
    markdown = VIEWS["markdown"].render(spiteful)
    assert "<script" not in re.sub(r"\\<", "", markdown)
    assert "[a](b)" not in markdown


# --- data ---


def test_whole_traces_and_proofs_fit_the_published_schema(whole: Trace, proofs: list[Trace]) -> None:
    validator = jsonschema.Draft202012Validator(schema_of_output("trace"))
    validator.check_schema(schema_of_output("trace"))
    for trace in (whole, *proofs[:10]):
        data = json.loads(VIEWS["json"].render(trace))
        validator.validate(data)
        assert Trace.model_validate(data) == trace
    del data["answer"]
    assert not validator.is_valid(data)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # the reader's own
def test_prov_is_read_back_with_every_firing_and_what_it_used_and_generated(whole: Trace) -> None:
    graph = rdflib.Graph().parse(data=VIEWS["prov"].render(whole), format="json-ld")
    base = f"urn:burden-sharing-advisor:answer:{whole.answer}:"

    def pairs(predicate: rdflib.URIRef) -> set[tuple[str, str]]:
        found = ((str(one).removeprefix(base), str(other).removeprefix(base)) for one, _, other in graph.triples(
            (None, predicate, None)
        ))  # fmt: skip
        return set(found)

    activities = {str(one).removeprefix(base) for one in graph.subjects(RDF.type, PROV.Activity)}
    assert activities == {node.id for node in whole.nodes if node.kind == "rule"}
    entities = {str(one).removeprefix(base) for one in graph.subjects(RDF.type, PROV.Entity)}
    assert entities >= {node.id for node in whole.nodes if node.kind != "rule"}
    used = {(edge.target, edge.source) for edge in whole.edges if edge.kind == "holds"}
    used |= {(edge.source, edge.target) for edge in whole.edges if edge.kind == "applies"}
    assert pairs(PROV.used) == used
    generated = {(edge.target, edge.source) for edge in whole.edges if edge.kind in ("derives", "reports")}
    generated |= {(edge.target, f"rule:{edge.rule}") for edge in whole.edges if edge.rule}
    generated |= {(edge.target, edge.source) for edge in whole.edges if edge.source.startswith("rule:")}
    lessons = {node.id for node in whole.nodes if node.kind == "lesson"}
    assert pairs(PROV.wasGeneratedBy) == {pair for pair in generated if pair[0] not in lessons}
    derived = pairs(PROV.wasDerivedFrom)
    assert {(edge.target, edge.source) for edge in whole.edges if edge.kind == "recommends"} <= derived
    aside = {(edge.target, edge.source) for edge in whole.edges if edge.source.startswith("defeat:")}
    assert aside
    assert pairs(PROV.wasInfluencedBy) >= aside
    assert len(pairs(PROV.hadMember)) == len(whole.lines)
    tests = {str(text) for text in graph.objects(None, rdflib.URIRef("urn:burden-sharing-advisor:term:test"))}
    assert tests == {edge.test for edge in whole.edges if edge.kind == "holds"}


# --- pictures ---


def test_mermaid_has_every_node_and_link_in_its_grammar(whole: Trace, spiteful: Trace) -> None:
    node = re.compile(r'  n\d+[\[({/]{1,2}"[^"]*"[\])}/\\]{1,2}')
    link = re.compile(r'  n\d+ (-->|-\.->)(\|"[a-z ]+"\|)? n\d+')
    style = re.compile(r"  (classDef \w+ [\w:#, -]+|class [n\d,]+ \w+)")
    for trace in (whole, spiteful):
        first, *lines = VIEWS["mermaid"].render(trace).splitlines()
        assert first == "flowchart LR"
        kinds = Counter(
            next(
                (name for name, form in (("node", node), ("link", link), ("style", style)) if form.fullmatch(line)), ""
            )
            for line in lines
        )
        assert kinds[""] == 0, [line for line in lines if not any(form.fullmatch(line) for form in (node, link, style))]
        assert kinds["node"] == len(trace.nodes)
        assert kinds["link"] >= len({(edge.source, edge.target) for edge in trace.edges})


def test_what_mermaid_or_html_would_take_for_its_own_is_a_character_code(spiteful: Trace) -> None:
    text = VIEWS["mermaid"].render(spiteful)
    for label in re.findall(r'"([^"]*)"', text):
        assert not re.search(r"[<>`{}|\\&]", label.replace("<br/>", ""))
    assert "#60;script#62;" in text


def test_a_proof_is_small_enough_for_what_draws_mermaid(proofs: list[Trace]) -> None:
    assert max(VIEWS["mermaid"].render(proof).count("->") for proof in proofs) < 500
    assert max(len(VIEWS["mermaid"].render(proof)) for proof in proofs) < 50_000


def boxes(picture: ET.Element) -> Iterator[tuple[float, float, float, float]]:
    """Yield left, top, right and bottom of every box."""
    for group in picture.iter(f"{SVG}g"):
        shape = next(part for part in group if part.tag in (f"{SVG}rect", f"{SVG}polygon"))
        if shape.tag == f"{SVG}rect":
            x, y, width, height = (float(shape.attrib[name]) for name in ("x", "y", "width", "height"))
            yield x, y, x + width, y + height
        else:
            points = [tuple(map(float, point.split(","))) for point in shape.attrib["points"].split()]
            across, down = zip(*points, strict=True)
            yield min(across), min(down), max(across), max(down)


def test_a_picture_shows_every_node_once_and_no_box_over_another(whole: Trace, proofs: list[Trace]) -> None:
    for trace in (whole, *proofs):
        picture = ET.fromstring(VIEWS["svg"].render(trace))
        found = sorted(boxes(picture))
        assert len(found) == len(trace.nodes)
        for one, other in itertools.pairwise(found):
            assert one[0] != other[0] or one[3] < other[1], f"{trace.of}: {one} over {other}"
        width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
        assert all(left >= 0 and right <= width and top >= 0 and bottom <= height for left, top, right, bottom in found)
        arrows = [path for path in picture.iter(f"{SVG}path") if path.find(f"{SVG}title") is not None]
        assert len(arrows) == len({(edge.source, edge.target) for edge in trace.edges})


def test_a_picture_speaks_to_screen_readers_and_runs_nothing(whole: Trace) -> None:
    for trace in (whole, proof_of(whole, whole.lines[0])):
        picture = ET.fromstring(VIEWS["svg"].render(trace))
        title, description = picture[0], picture[1]
        assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
        assert picture.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]
        assert all(node.label in (description.text or "") for node in trace.nodes if node.kind == "fact")
        tags = {part.tag.removeprefix(SVG) for part in picture.iter()}
        assert tags <= {"svg", "title", "desc", "defs", "marker", "path", "rect", "polygon", "text", "g"}
        assert not any(name.startswith("on") or "href" in name for part in picture.iter() for name in part.attrib)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_text_in_a_picture_stands_out_from_its_ground(whole: Trace) -> None:
    picture = ET.fromstring(VIEWS["svg"].render(whole))
    for group in picture.iter(f"{SVG}g"):
        shape = next(part for part in group if part.tag in (f"{SVG}rect", f"{SVG}polygon"))
        for text in group.iter(f"{SVG}text"):
            assert contrast(text.attrib["fill"], shape.attrib["fill"]) >= 4.5, text.text
        assert contrast(shape.attrib["stroke"], "#ffffff") >= 3


def test_labels_cannot_break_out_of_a_picture(spiteful: Trace) -> None:
    svg = VIEWS["svg"].render(spiteful)
    picture = ET.fromstring(svg)  # no character that XML refuses, and all marks escaped
    assert "<script" not in svg
    words = " ".join(text.text or "" for text in picture.iter(f"{SVG}text"))
    assert "<script>" in words
    assert "\x0b" not in words


def test_text_is_wrapped_and_shortened_to_the_room_there_is() -> None:
    assert wrap("one two three", 1000) == ["one two three"]
    assert wrap("", 100) == [""]
    assert "".join(wrap("x" * 500, 100)) == "x" * 500
    assert max(map(len, wrap("m" * 500, 100))) < 10
    assert shortened("short", 1000, 12) == "short"
    assert shortened("w" * 100, 100, 12).endswith("…")


def test_the_layout_draws_straight_what_can_be_straight_and_crosses_nothing_it_need_not() -> None:
    columns = [["a", "b", "c"], ["x", "y", "z"]]
    heights = dict.fromkeys("abcxyz", 10.0)
    found = layered.place(columns, heights, [("a", "z"), ("b", "y"), ("c", "x")], gap=5)
    rows = {name: found.y[name, column] for column, names in enumerate(columns) for name in names}
    assert rows["a"] == rows["z"]
    assert rows["b"] == rows["y"]
    assert rows["c"] == rows["x"]
    assert found.height == 40
    far = layered.place([["a"], ["b"], ["c"]], dict.fromkeys("abc", 10.0), [("a", "c"), ("a", "b"), ("b", "c")], gap=5)
    assert far.routes["a", "c"] == (("a", 0), ("a", 1), ("c", 2))
    assert abs(far.y["a", 1] - far.y["b", 1]) >= 7.5
    assert layered.place([], {}, [], gap=5).height == 0


def test_a_picture_shows_the_first_headline_unless_all_is_asked_for(whole: Trace) -> None:
    nodes = {node.id: node for node in whole.nodes}
    first = shown(whole, "svg")
    assert first.of is not None
    assert nodes[first.of].headline
    assert shown(whole, "mermaid") == first
    assert shown(whole, "svg", everything=True) == shown(whole, "json") == shown(whole, "text") == whole
    assert shown(whole, "prov", "mass-influx").of == "finding:mass-influx"
    with pytest.raises(UnknownIdError):
        shown(whole, "svg", "nothing-like-it")


def test_an_empty_situation_has_a_trace_in_every_view(corpus: Corpus) -> None:
    trace = traced({}, corpus).trace
    assert trace is not None
    for form, view in VIEWS.items():
        assert view.render(shown(trace, form)).endswith("\n")


# --- the service and the command line ---


@pytest.fixture(scope="module")
def client(corpus: Corpus) -> Iterator[TestClient]:
    with TestClient(create_app(corpus), raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("form", list(VIEWS))
def test_the_service_gives_every_view_with_its_media_type(client: TestClient, whole: Trace, form: str) -> None:
    reply = client.post(f"/v1/trace?format={form}", json={"facts": FACTS, "of": "mass-influx"})
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == VIEWS[form].media_type
    proof = proof_of(whole, "mass-influx")
    assert reply.text == (proof.model_dump_json() if form == "json" else VIEWS[form].render(proof))


def test_an_answer_over_http_carries_its_trace_when_asked(client: TestClient, whole: Trace) -> None:
    plain = client.post("/v1/advice", json={"facts": FACTS})
    asked = client.post("/v1/advice?trace=true", json={"facts": FACTS})
    assert "trace" not in plain.json()
    assert asked.json()["trace"] == json.loads(whole.model_dump_json())
    assert {key: value for key, value in asked.json().items() if key != "trace"} == plain.json()
    assert client.post("/v1/advice?trace=false", json={"facts": FACTS}).text == plain.text
    assert client.post("/v1/trace", json={"facts": FACTS}).json() == asked.json()["trace"]


def test_every_node_says_where_it_is_described_and_from_which_pack_it_comes(
    client: TestClient, whole: Trace, corpus: Corpus
) -> None:
    for node in whole.nodes:
        assert client.get(node.href).status_code == 200, node.id
        assert node.pack in {pack.id for pack in corpus.packs}
        assert all(client.get(place.href).status_code == 200 for place in node.paragraphs)


def test_the_schema_is_served_as_published(client: TestClient) -> None:
    reply = client.get("/v1/schemas/trace")
    assert reply.headers["content-type"] == "application/schema+json"
    published = json.loads((ROOT / "schemas" / "trace.schema.json").read_text(encoding="utf-8"))
    assert reply.json() == {**published, "$id": "/v1/schemas/trace"}


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/v1/trace?format=sgv", {"facts": {}}, 400, "did you mean 'svg'?"),
        ("/v1/trace?fromat=svg", {"facts": {}}, 400, "did you mean 'format'?"),
        ("/v1/trace?format=svg&format=json", {"facts": {}}, 400, "stands twice"),
        ("/v1/trace?all=yes", {"facts": {}}, 400, "allowed: false, true"),
        ("/v1/trace?all=true", {"facts": {}, "of": "x"}, 422, "choose one of them"),
        ("/v1/trace", {"facts": FACTS, "of": "resetlement"}, 422, "did you mean 'resettlement'?"),
        ("/v1/trace", {"facts": FACTS, "of": 5}, 422, "'of' is the id of one line"),
        ("/v1/trace", {"facts": FACTS, "of": "\ud800" * 300}, 422, "no line, finding, lesson or rule"),
        ("/v1/trace", {"facts": {"regoin": "eu"}}, 422, "did you mean 'region'?"),
        ("/v1/trace", {"fact": {}}, 422, "'facts' is missing"),
        ("/v1/trace", [], 422, "must be an object"),
        ("/v1/advice?trace=maybe", {"facts": {}}, 400, "allowed: false, true"),
    ],
)
def test_a_request_that_cannot_be_met_is_told_why(
    client: TestClient, path: str, body: Any, status: int, says: str
) -> None:
    reply = client.post(path, content=json.dumps(body), headers={"content-type": "application/json"})
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert says in reply.text


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        cli.main(["trace", *arguments])
    output = capsys.readouterr()
    assert isinstance(exit_.value.code, int)
    assert "Traceback" not in output.err
    return exit_.value.code, output.out, output.err


@pytest.mark.parametrize("form", list(VIEWS))
def test_the_command_prints_every_view(capsys: pytest.CaptureFixture[str], whole: Trace, form: str) -> None:
    status, out, _ = run(capsys, str(EXAMPLE), "--format", form, "--of", "resettlement")
    assert status == 0
    if form == "text":
        assert out.startswith("Recommended: Resettlement")
    else:
        assert out == VIEWS[form].render(proof_of(whole, "resettlement"))


def test_the_command_writes_a_file_and_says_what_it_cannot_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, whole: Trace
) -> None:
    path = tmp_path / "all.svg"
    status, out, _ = run(capsys, str(EXAMPLE), "--all", "--format", "svg", "-o", str(path))
    assert (status, out) == (0, "")
    assert path.read_text(encoding="utf-8") == VIEWS["svg"].render(whole)
    status, _, err = run(capsys, str(EXAMPLE), "-o", str(tmp_path / "none" / "x"))
    assert (status, "No such file" in err) == (1, True)
    status, _, err = run(capsys, str(EXAMPLE), "--of", "resetlement")
    assert (status, "did you mean 'resettlement'?" in err) == (1, True)
    status, _, err = run(capsys, str(EXAMPLE), "--of", "resettlement", "--all")
    assert (status, "choose one of them" in err) == (2, True)
