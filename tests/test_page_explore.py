"""The pages that explain: what stands on them is what the library says, and every link on them leads somewhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import hostilepack
import pytest
from boxes import EXAMPLES
from fastapi.testclient import TestClient
from pagereader import Node, Page
from papercopy import HEAD, PARAGRAPHS
from starlette.types import ASGIApp, Message
from thorough import some

import advisor
from advisor.advice import answer_to
from advisor.attachment import FOLDER_VARIABLE
from advisor.compare import changed, compare
from advisor.conditions import Facts
from advisor.corpus import Corpus
from advisor.flips import flips
from advisor.lookahead import hypothetical
from advisor.picture import as_svg
from advisor.precedents import compare as compare_precedents
from advisor.trace import proof_of, trace
from advisor.trace_views import VIEWS
from advisor.trials import run as run_trials
from advisor.whynot import why_not
from api.app import create_app
from api.page import link
from api.page.about import LICENCES
from api.page.app import POLICY
from api.page.tracing import ENDINGS
from api.page.whatif import read_changes, what_if

SITUATIONS = ("", *EXAMPLES)
"""The examples, and nothing known."""
PATHS = (
    "/compare",
    "/precedents",
    "/trace",
    "/why-not",
    "/sources",
    "/sources/amman-2011",
    "/sources/amman-2011/16",
    "/sources/amman-2011/box-kosovo",
    "/rules/money-alone-in-mass-influx",
    "/elements/temporary-protection",
    "/findings/mass-influx",
    "/facts/border_status",
    "/about",
)
SPITE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp; \u202eEVIL"
MEGABYTE = 1_000_000

Read = Callable[..., Page]


@pytest.fixture(scope="module")
def client(corpus: Corpus) -> Iterator[TestClient]:
    with TestClient(create_app(corpus)) as client:
        yield client


@pytest.fixture(scope="module")
def read(client: TestClient) -> Read:
    return reading(client)


def reading(client: TestClient) -> Read:
    def get(path: str, status: int = 200) -> Page:
        reply = client.get(path)
        assert reply.status_code == status, path
        assert reply.headers["Content-Security-Policy"] == POLICY
        page = Page(reply.text)
        assert page.faults == [], path
        return page

    return get


def facts_of(corpus: Corpus, name: str) -> Facts:
    return corpus.reader.read(corpus.examples[name].facts) if name else {}


def texts(nodes: list[Node]) -> list[str]:
    return [node.text for node in nodes]


def no_spaces(text: str) -> str:
    return "".join(text.split())


# --- all pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", some(SITUATIONS, 3))
def test_every_page_answers_and_keeps_the_situation(corpus: Corpus, read: Read, name: str, path: str) -> None:
    facts = facts_of(corpus, name)
    page = read(link.link_to(path, facts))
    (title,) = page.all("h1")
    assert title.text
    home = next(href for href in page.links if urlsplit(href).path == "/" and href != "/") if name else "/"
    assert dict(link.read(link.pairs_of(urlsplit(home).query), corpus).facts) == dict(facts)
    assert all(node.attributes.get("href") != "#" and (node.text or node.all("title")) for node in page.all("a")), (
        "links say where they lead"
    )
    labelled = {node.attributes["for"] for node in page.all("label") if "for" in node.attributes}
    wrapped = {id(node) for label in page.all("label") for node in label}
    for node in page.all("input", "select"):
        if node.attributes.get("type") != "hidden":
            assert node.attributes.get("id") in labelled or id(node) in wrapped, node.attributes


@pytest.mark.parametrize("path", PATHS)
def test_every_page_runs_from_right_to_left_and_has_no_text_outside_the_catalogues(read: Read, path: str) -> None:
    page = read(f"{path}?lang=qps")
    (html,) = page.all("html")
    assert html.attributes["dir"] == "rtl"
    for node in page.all("h2", "th"):
        # What isn't marked comes from the corpus.
        assert "[" in node.text or node.all("a") or path.startswith(("/sources", "/facts", "/precedents")), node.text


@pytest.mark.parametrize("name", some(SITUATIONS, 3))
def test_every_link_on_every_page_leads_to_a_page(corpus: Corpus, client: TestClient, read: Read, name: str) -> None:
    facts = facts_of(corpus, name)
    seen: dict[str, str] = {}
    for path in PATHS:
        for href in read(link.link_to(path, facts)).links:
            if href.startswith("/"):
                at = urlsplit(href)
                # Of links that differ in the situation alone one will do.
                key = (
                    f"{at.path}?{urlencode([pair for pair in parse_qsl(at.query) if pair[0][:2] not in ('f.', 'g.')])}"
                )
                seen.setdefault(key if not key.startswith("/?") else "/", href)
    step = max(1, len(seen) // 60)
    wrong = {}
    for href in list(seen.values())[::step]:
        reply = client.get(href)
        anchor = urlsplit(href).fragment
        if reply.status_code != 200 or (anchor and not Page(reply.text).all(id=anchor)):
            wrong[href] = reply.status_code
    assert wrong == {}


@pytest.mark.parametrize("kind", ["rules", "lessons", "elements", "findings", "facts", "places"])
def test_everything_in_the_corpus_has_a_page(corpus: Corpus, client: TestClient, kind: str) -> None:
    names = list(getattr(corpus, kind))
    for name in names[:: max(1, len(names) // 60)]:
        path = f"/sources/{name.replace(':', '/')}" if kind == "places" else f"/{kind}/{name}"
        reply = client.get(path, follow_redirects=False)
        if kind == "lessons":
            place = corpus.lessons[name].place.replace(":", "/")
            assert (reply.status_code, reply.headers["Location"]) == (303, f"/sources/{place}#{name}")
        else:
            page = Page(reply.text)
            assert (reply.status_code, page.faults) == (200, []), path


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/rules/money-alone-in-mass-inflow", "money-alone-in-mass-influx"),
        ("/elements/temporary-protecton", "temporary-protection"),
        ("/lessons/p16-77", "p16-07"),
        ("/findings/mass-inflows", "mass-influx"),
        ("/facts/borders_status", "border_status"),
        ("/sources/amman-2012", "amman-2011"),
        ("/sources/amman-2011/box-kosovoo", "box-kosovo"),
        ("/why-not?of=element:readmision", "readmission"),
    ],
)
def test_what_is_not_there_is_said_with_the_nearest_name(read: Read, path: str, near: str) -> None:
    page = read(path, 404)
    assert near in page.one("main").text


def asked(app: ASGIApp, path: str, query: str) -> tuple[int, str]:
    """Ask an application without a client, which would refuse long links by itself; return status and text."""
    body = bytearray()
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            body.extend(message.get("body", b""))

    raw = query.encode("ascii")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
    }
    scope |= {"path": path, "raw_path": quote(path).encode(), "root_path": "", "query_string": raw, "headers": []}
    scope |= {"server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1)}

    async def call() -> None:
        await app(scope, receive, send)

    asyncio.run(call())
    return status, body.decode()


def unharmed(path: str, status: int, text: str) -> Page:
    """Return a page on which nothing that was asked did harm."""
    assert status in (200, 404), path
    assert len(text) < MEGABYTE / 2, path
    assert "\u202e" not in text
    page = Page(text)
    if "." not in path:
        assert page.faults == []
        assert not page.all("img")
    return page


LONG = "x" * MEGABYTE
HOSTILE_FACTS: dict[str, list[tuple[str, str]]] = {
    "markup in values": [("f.border_status", SPITE), ("g.border_status", SPITE), ("fact", SPITE), ("of", "*")],
    "markup in names": [(f"f.{SPITE}", "1"), (f"g.{SPITE}", "1")],
    "long values": [("f.arrivals_count", LONG), ("g.arrivals_count", LONG), ("fact", "arrivals_count")],
    "long digits": [("f.arrivals_count", "9" * MEGABYTE), ("g.arrivals_count", "9" * MEGABYTE)],
    "long names": [(f"f.{LONG}", "1"), (f"g.{LONG}", "1")],
    "many pairs": [("f.border_status", "open")] * 30_000,
    "many members": [("f.situation_types", f"{number}") for number in range(30_000)],
    "many strangers": [(f"g.{number}", "1") for number in range(30_000)],
    "numbers that are none": [("f.arrivals_count", "1e999"), ("g.arrivals_count", "nan"), ("f.years_in_exile", "-1")],
}


@pytest.mark.parametrize("kind", HOSTILE_FACTS)
def test_hostile_facts_show_as_text_and_do_no_harm(client: TestClient, kind: str) -> None:
    query = urlencode(HOSTILE_FACTS[kind])
    for path in some((*PATHS, "/trace.svg"), 2):
        unharmed(path, *asked(client.app, path, query))


@pytest.mark.parametrize("value", [SPITE, LONG, "\x00\n\x7f", "\u202e" * 50, "%", "a" * 200 + "\U0001f600"])
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/why-not", "q"),
        ("/why-not", "of"),
        ("/trace", "of"),
        ("/trace.json", "of"),
        ("/sources", "q"),
        ("/precedents", "show"),
    ],
)
def test_hostile_names_show_as_text_and_do_no_harm(client: TestClient, path: str, name: str, value: str) -> None:
    unharmed(path, *asked(client.app, path, urlencode({name: value})))


@pytest.mark.parametrize(
    "path", ["/rules/", "/elements/", "/lessons/", "/findings/", "/facts/", "/sources/", "/sources/amman-2011/"]
)
def test_hostile_paths_show_as_text_and_do_no_harm(client: TestClient, path: str) -> None:
    for name in (SPITE.replace("/", ""), LONG, "\u202e", "..", "%2e%2e"):
        unharmed(path, *asked(client.app, path + name, ""))


def test_a_hostile_pack_shows_as_text(tmp_path: Path) -> None:
    corpus = hostilepack.load(tmp_path / "hostile")
    facts = max((dict(test.given) for rule in corpus.rules.values() for test in rule.tests), key=len)
    query = link.query_of(corpus.reader.read(facts))
    paths = ["/compare", "/precedents", "/trace", "/why-not", "/sources", "/about"]
    paths += [f"/sources/{name}" for name in corpus.sources]
    paths += [f"/sources/{name.replace(':', '/')}" for name in corpus.places]
    for kind in ("rules", "elements", "findings", "facts"):
        paths += [f"/{kind}/{name}" for name in getattr(corpus, kind)]
    paths += [f"/why-not?of=element:{name}" for name in corpus.elements]
    hostile = 0
    with TestClient(create_app(corpus)) as client:
        for path in paths:
            for href in (path, f"{path}{'&' if '?' in path else '?'}{query}&fact={next(iter(corpus.facts))}"):
                reply = client.get(href)
                page = Page(reply.text)
                assert (reply.status_code, page.faults, page.all("img")) == (200, [], []), href
                assert "49" not in page.text, "templates in texts are texts"
                hostile += "{{ 7 * 7 }}" in page.text
    assert hostile > len(paths)


# --- what if ----------------------------------------------------------------------------------------------------------

CHANGES: dict[str, Any] = {"border_status": "open", "host_capacity": None, "contributions_offered": ("money",)}


@pytest.mark.parametrize("name", some(SITUATIONS, 3))
def test_the_differences_on_the_page_are_those_of_the_library(corpus: Corpus, read: Read, name: str) -> None:
    case = hypothetical(corpus, facts_of(corpus, name))
    expected = compare(case, changed(case, {**CHANGES, "contributions_offered": ["money"]}))
    page = read(what_if(case.facts, CHANGES))
    rows = page.all("table", class_="changes")[0].all("th", scope="row")
    assert texts(rows) == [one.label for one in expected.facts]
    keys = {f"differs-{one.line}-{one.id}" for one in expected.differences}
    assert {node.attributes["id"] for node in page.all("li", class_="difference")} == keys
    for one in expected.differences:
        node = page.one(f"differs-{one.line}-{one.id}")
        assert node.all("p", class_="what")[0].text.startswith(one.title)
        assert no_spaces(f"With {one.cause}, {one.effect}.") in no_spaces(node.text)
    lines = {(one.line, one.id) for one in expected.differences if one.line != "finding"}
    assert page.one("status").text.startswith(f"{len(lines)} line" if lines else "The advice would be the same")


def test_the_right_side_can_be_taken_over_swapped_and_given_up(corpus: Corpus, read: Read) -> None:
    facts = facts_of(corpus, "kosovo-1999")
    page = read(what_if(facts, CHANGES))
    links = {node.text: node.attributes["href"] for node in page.all("a")}
    after = dict(read_changes(link.pairs_of(urlsplit(what_if(facts, CHANGES)).query), facts, corpus).after)
    over = link.read(link.pairs_of(urlsplit(links["Take over the right side"]).query), corpus)
    assert dict(over.facts) == after
    assert over.before == facts
    swapped = link.pairs_of(urlsplit(links["Swap the sides"]).query)
    assert dict(link.read(swapped, corpus).facts) == after
    assert dict(read_changes(swapped, after, corpus).after) == dict(facts)
    undone = link.pairs_of(urlsplit(links["Undo: State of the border"]).query)
    assert set(read_changes(undone, facts, corpus).facts) == {"host_capacity", "contributions_offered"}
    assert links["Drop all changes"] == link.link_to("/compare", facts)


@pytest.mark.parametrize(
    ("fact", "kind", "count"),
    [("border_status", "radio", 4), ("contributions_offered", "checkbox", 10), ("prior_protection", "radio", 3)],
)
def test_a_fact_is_chosen_and_then_its_value_without_script(
    corpus: Corpus, read: Read, fact: str, kind: str, count: int
) -> None:
    facts = facts_of(corpus, "kosovo-1999")
    page = read(f"{what_if(facts, {})}&fact={fact}")
    form = page.one("change")
    assert form.attributes["method"] == "get"
    options = form.all("input", name=f"g.{fact}", type=kind)
    assert len(options) == count
    hidden = [(one.attributes["name"], one.attributes["value"]) for one in form.all("input", type="hidden")]
    assert dict(link.read(hidden, corpus).facts) == dict(facts)
    sent = [*hidden, (f"g.{fact}", options[0].attributes["value"])]
    after = read(f"/compare?{urlencode(sent)}")
    assert texts(after.all("table", class_="changes")[0].all("th", scope="row")) == [corpus.facts[fact].label]
    assert after.one("change"), "another value can be tried at once"


def test_what_is_told_as_it_is_already_is_no_change(corpus: Corpus) -> None:
    facts = facts_of(corpus, "kosovo-1999")
    pairs = [
        ("g.border_status", "closed"),
        ("g.region", "~"),
        ("g.host_capacity", "~"),
        ("g.host_capacity", "strained"),
    ]
    assert read_changes(pairs, facts, corpus).facts == {"region": None, "host_capacity": "strained"}
    assert read_changes([("g.region", "~")], {}, corpus).facts == {}


def test_a_value_that_cannot_be_read_is_said_where_it_was_typed(read: Read) -> None:
    page = read("/compare?g.arrivals_count=many")
    assert "whole number" in page.one("problem-arrivals_count").text
    assert page.one("g-arrivals_count").attributes["value"] == "many"


# --- precedents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", some(SITUATIONS, 3))
def test_precedents_stand_on_the_page_as_the_library_compares_them(corpus: Corpus, read: Read, name: str) -> None:
    facts = facts_of(corpus, name)
    expected = compare_precedents(hypothetical(corpus, facts)).precedents
    page = read(link.link_to("/precedents", facts))
    articles = page.all("article", class_="precedent")
    assert [node.attributes["id"] for node in articles] == [f"precedent-{one.precedent}" for one in expected]
    words = {"like": "alike", "unlike": "unlike", "unknown_here": "not known here", "untold_there": "not told there"}
    here = {
        "recommended": "recommended here",
        "set_aside": "set aside here",
        "open": "still open here",
        "not_recommended": "not recommended here",
    }
    for one, node in zip(expected, articles, strict=True):
        assert one.measure.text in node.text
        rows = page.one(f"facts-{one.precedent}").all("tr")[1:]
        assert [row.all("th")[0].text for row in rows] == [fact.label for fact in one.facts]
        assert all(words[fact.relation] in row.text for fact, row in zip(one.facts, rows, strict=True))
        rows = page.one(f"elements-{one.precedent}").all("tr")[1:]
        if one.elements:
            assert [row.all("th")[0].text for row in rows] == [element.title for element in one.elements]
        for element, row in zip(one.elements, rows, strict=False):
            assert here[element.standing] in row.text
            assert (element.why_not or "") in row.text
        for figure in one.figures:
            assert no_spaces(f"{figure.what}{figure.value}") in no_spaces(node.text)
        assert all(remark.text in node.text for remark in one.remarks)


def test_up_to_three_precedents_stand_side_by_side(corpus: Corpus, read: Read) -> None:
    facts = facts_of(corpus, "kosovo-1999")
    names = list(corpus.precedents)[:4]
    page = read(link.link_to("/precedents", facts) + "".join(f"&show={name}" for name in [*names, "kosov-1999"]))
    tables = page.one("beside").all("table")
    assert len(tables) == 2
    heads = texts(tables[0].all("thead")[0].all("th"))
    titles = {corpus.precedents[name].title for name in names[:3]}
    assert heads[:2] == ["Fact", "Here"]
    assert {title for title in titles if any(head.startswith(title) for head in heads)} == titles
    assert len(heads) == 5
    assert "At most 3" in page.one("beside").text
    assert "kosovo-1999" in page.one("main").text
    ticked = {node.attributes["value"] for node in page.all("input", name="show") if "checked" in node.attributes}
    assert ticked == set(names[:3])


# --- traces -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", some(SITUATIONS, 3))
def test_the_picture_shows_the_proof_and_every_box_is_a_link(corpus: Corpus, read: Read, name: str) -> None:
    facts = facts_of(corpus, name)
    answer = answer_to(facts, corpus)
    whole = trace(answer.case, answer.advice())
    page = read(link.link_to("/trace", facts))
    if not whole.lines:
        assert not page.all("svg")
        return
    choices = {node.attributes["value"] for node in page.one("of").all("option")}
    assert set(whole.lines) | {"*"} == choices
    for of in (None, *whole.lines[:3], "*"):
        page = read(link.link_to("/trace", facts, **({} if of is None else {"of": of})))
        first = next(iter(answer.advice().headlines), None)
        proved = of or (f"element:{first.id}" if first and first.kind == "recommendation" else "")
        proof = whole if of == "*" else proof_of(whole, proved) if proved else None
        (svg,) = page.all("svg")
        boxes = svg.all("a")
        if proof is not None:
            said = sorted(node.label for node in proof.nodes)
            assert len(boxes) == len(said)
            titles = " ".join(texts(svg.all("title")))
            assert all(" ".join(label.split()) in titles for label in said)
        assert page.one("picture").attributes["tabindex"] == "0"
        words = page.all("section")[-1].text
        if proof is not None and of != "*":
            assert all(" ".join(node.label.split()) in words for node in proof.nodes if node.kind in ("fact", "rule"))


def test_every_kind_of_box_leads_to_its_page(corpus: Corpus, client: TestClient, read: Read) -> None:
    hrefs: dict[str, str] = {}
    for name in ("canada-us-2004", "indochina-1989", "kosovo-1999"):
        page = read(link.link_to("/trace", facts_of(corpus, name), of="*"))
        for box in page.all("svg")[0].all("a"):
            path = urlsplit(box.attributes["href"]).path
            hrefs.setdefault("/".join(path.split("/")[: 3 if path.startswith("/lines") else 2]), box.attributes["href"])
    assert {"/", "/rules", "/findings", "/lessons", "/precedents", "/lines/recommendation"} <= set(hrefs)
    for href in hrefs.values():
        reply = client.get(href)
        assert reply.status_code == 200
        anchor = urlsplit(href).fragment or urlsplit(str(reply.url)).fragment
        assert not anchor or Page(reply.text).all(id=anchor), href


@pytest.mark.parametrize(("form", "ending"), ENDINGS.items())
def test_a_trace_is_kept_in_each_format(corpus: Corpus, client: TestClient, form: str, ending: str) -> None:
    facts = facts_of(corpus, "kosovo-1999")
    page = Page(client.get(link.link_to("/trace", facts, of="temporary-protection")).text)
    (href,) = [href for href in page.links if urlsplit(href).path == f"/trace.{ending}"]
    reply = client.get(href)
    answer = answer_to(facts, corpus)
    proof = proof_of(trace(answer.case), "temporary-protection")
    assert reply.text == VIEWS[form].render(proof)
    assert reply.headers["Content-Type"] == VIEWS[form].media_type
    assert reply.headers["Content-Disposition"] == f'attachment; filename="trace.{ending}"'
    assert client.get("/trace.exe").status_code == client.get("/trace.svg?of=nothing").status_code == 404


def test_what_is_no_part_of_the_answer_is_said_and_leads_on_to_why_not(corpus: Corpus, read: Read) -> None:
    page = read(link.link_to("/trace", facts_of(corpus, "kosovo-1999"), of="readmission"), 404)
    assert "readmission" in page.one("absent").text
    assert any(urlsplit(href).path == "/why-not" for href in page.one("absent").all("a")[0].attributes.values())


def test_a_picture_with_links_is_no_image_and_escapes_where_they_lead(corpus: Corpus) -> None:
    proof = trace(answer_to(facts_of(corpus, "kosovo-1999"), corpus).case)
    plain = as_svg(proof)
    assert 'role="img"' in plain
    assert "<a " not in plain
    linked = Page(as_svg(proof, lambda node: f"/x?a='1'&b=\"2\"<{node.name}"))
    assert linked.faults == []
    (svg,) = linked.all("svg")
    assert svg.attributes["role"] == "group"
    hrefs = {node.attributes["href"] for node in svg.all("a")}
    assert hrefs == {f"/x?a='1'&b=\"2\"<{node.name}" for node in proof.nodes}


# --- the source -------------------------------------------------------------------------------------------------------


def test_a_place_shows_its_gist_its_lessons_and_the_rules_that_apply_them(corpus: Corpus, read: Read) -> None:
    for key, place in list(corpus.places.items())[::7]:
        source, name = key.split(":")
        page = read(f"/sources/{source}/{name}")
        assert " ".join(place.gist.split()) in page.one("main").text
        lessons = [lesson for lesson in corpus.lessons.values() if lesson.place == key]
        assert [node.attributes["id"] for node in page.all("article", class_="lesson")] == [one.id for one in lessons]
        for lesson in lessons:
            node = page.one(lesson.id)
            assert " ".join(lesson.text.split()) in node.text
            assert lesson.strength in node.all("span", class_="strength")[0].text
            rules = {href for href in (one.attributes["href"] for one in node.all("a")) if href.startswith("/rules/")}
            assert rules == {f"/rules/{rule.id}" for rule in corpus.applying[lesson.id]}
        if not lessons:
            assert (place.no_lesson or "None was drawn") in page.one("main").text


def test_one_reads_from_the_first_place_to_the_last_and_back(corpus: Corpus, read: Read) -> None:
    places = [f"/sources/{key.replace(':', '/')}" for key in corpus.places]
    for at in (0, 1, 40, len(places) - 1):
        page = read(places[at])
        for rel, expected in (("prev", places[at - 1 : at] if at else []), ("next", places[at + 1 : at + 2])):
            assert [node.attributes["href"] for node in page.all("nav", class_="place-nav")[0].all("a", rel=rel)] == (
                expected
            )


def test_the_search_finds_all_words_in_gists_and_lessons(corpus: Corpus, read: Read) -> None:
    for path in ("/sources", "/sources/amman-2011"):
        page = read(f"{path}?q=Border+closED")
        found = {
            node.all("a")[0].attributes["href"]
            for node in page.one("found").all("ul", class_="contents")[0].children
            if isinstance(node, Node)
        }
        expected = set()
        for key, place in corpus.places.items():
            parts = [" ".join(filter(None, (place.ref, place.gist, place.section, place.heading)))]
            parts += [
                f"{one.id} {one.title} {one.text} {one.when}" for one in corpus.lessons.values() if one.place == key
            ]
            if any("border" in part.lower() and "closed" in part.lower() for part in parts):
                expected.add(f"/sources/{key.replace(':', '/')}")
        assert found == expected
        assert found
    assert "0 places" in read("/sources?q=zzzz").one("found").text


def test_the_papers_own_words_stand_beside_the_gist_where_a_copy_is_attached(
    corpus: Corpus, read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = read("/sources/amman-2011/16")
    assert "advisor source attach" in page.one("attach").text
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    kept = tmp_path / "sources" / "amman-2011.json"
    kept.parent.mkdir()
    text = f"{HEAD} <b>{PARAGRAPHS[4]}</b>"
    kept.write_text(f'{{"format": "1", "source": "amman-2011", "texts": {{"16": {json.dumps(text)}}}}}')
    page = read("/sources/amman-2011/16")
    assert page.one("own-words").text == " ".join(text.split())
    assert "differs" in page.one("main").text
    kept.write_text("spoilt")
    assert "can't be read" in read("/sources/amman-2011/16").one("main").text


def test_a_rule_shows_what_it_asks_its_yaml_its_tests_and_where_it_fires(corpus: Corpus, read: Read) -> None:
    situations = [(one.title, one.facts) for one in corpus.examples.values()]
    situations += [(one.title, one.facts or {}) for one in corpus.scenarios.values() if one.example is None]
    cases = [(title, hypothetical(corpus, corpus.reader.read(facts))) for title, facts in situations]
    for rule in list(corpus.rules.values())[::40]:
        page = read(f"/rules/{rule.id}")
        assert "".join(page.all("code")[-1]._texts()) == rule.text
        sections = {node.attributes.get("aria-labelledby"): node for node in page.all("section")}
        trials = list(run_trials(corpus, [rule]))
        rows = sections["tests-title"].all("tr")[1:]
        assert [row.all("th")[0].text for row in rows] == [trial.test.name for trial in trials]
        for row, trial in zip(rows, trials, strict=True):
            assert row.text.count(trial.outcome) >= 2
            assert ("not as expected" in row.text) is not trial.passed
        fires = [title for title, case in cases if rule.id in case.run.fired]
        listed = [node.text for node in sections["where-title"].all("li") if "fires" in node.text]
        assert [text.split(" ✓")[0] for text in listed] == fires
        brought = sections["brings-title"].text
        assert all(corpus.lessons[name].title in brought for name in rule.lessons)
        assert all(corpus.findings[name].title in brought for name in rule.findings)
        assert rule.reading != "ours" or "Our reading." in page.one("main").text


def test_an_element_names_its_lessons_safeguards_rules_and_precedents(corpus: Corpus, read: Read) -> None:
    for name, element in list(corpus.elements.items())[::15]:
        main = read(f"/elements/{name}").one("main")
        rules = {rule.id for rule in corpus.rules.values() for then in rule.then if name in (then.recommends or ())}
        linked = {node.attributes["href"] for node in main.all("a")}
        assert {f"/rules/{rule}" for rule in rules} <= linked
        assert {f"/lessons/{lesson.id}" for lesson in corpus.attached[name]} <= linked
        had = {one.id for one in corpus.precedents.values() if name in one.elements_present}
        assert {f"/precedents#precedent-{one}" for one in had} <= linked
        assert element.text in main.text


# --- why not ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize(
    "of",
    [
        "element:readmission",
        "element:temporary-protection",
        "lesson:p16-07",
        "finding:mass-influx",
        "rule:border-closed",
    ],
)
def test_the_explanation_is_that_of_the_library(corpus: Corpus, read: Read, name: str, of: str) -> None:
    case = hypothetical(corpus, facts_of(corpus, name))
    if of == "rule:border-closed" and "border-closed" not in corpus.rules:
        of = f"rule:{next(iter(corpus.rules))}"
    expected = why_not(case, of)
    page = read(link.link_to("/why-not", case.facts, of=of))
    main = page.one("main").text
    assert all(sentence in main for sentence in expected.sentences)
    articles = page.all("article", class_="rule")
    assert [node.attributes["id"] for node in articles] == [f"rule-{state.rule}" for state in expected.rules]
    signs = {True: "✓ true", False: "✗ false", None: "? not known"}
    for state, node in zip(expected.rules, articles, strict=True):
        assert state.sentence in node.text
        conditions = node.all("li", class_="condition")
        pending = [state.when]
        for shown in conditions:
            part = pending.pop(0)
            assert shown.text.startswith(signs[part.truth])
            pending = [*part.parts, *pending]
        assert pending == []
        if state.nearest and state.nearest.facts:
            rows = node.all("table")[0].all("th", scope="row")
            assert texts(rows) == [one.label for one in state.nearest.facts]
    assert {node.attributes["id"] for node in page.all("details", class_="rule") if "id" in node.attributes} == {
        f"finding-{one.finding}" for one in expected.findings
    }
    if expected.why is not None:
        assert all(step.text in main for step in expected.why.steps)
    if of.startswith("element:"):
        found = flips(case, expected.id)
        ways = [way for flip in found.flips for way in flip.ways]
        shown_ways = page.all("ul", class_="ways")[0].all("li")
        assert len(shown_ways) == len(ways)
        assert all(node.text.startswith(way.text) for node, way in zip(shown_ways, ways, strict=True))


def test_the_nearest_miss_can_be_tried_side_by_side(corpus: Corpus, read: Read) -> None:
    facts = facts_of(corpus, "kosovo-1999")
    page = read(link.link_to("/why-not", facts, of="element:readmission"))
    tried = [node.attributes["href"] for node in page.all("a") if node.text == "Try it, side by side"]
    assert len(tried) >= 2
    for href in tried:
        assert page_of_difference(read(href)).startswith("Readmission")


def page_of_difference(page: Page) -> str:
    return page.one("differs-recommendation-readmission").text


def test_the_search_takes_titles_and_ids_and_offers_what_is_near(corpus: Corpus, read: Read) -> None:
    title = corpus.elements["temporary-protection"].title
    for asked in ("temporary-protection", title, title.upper(), "  temporary   PROTECTION "):
        page = read(f"/why-not?{urlencode({'q': asked})}")
        assert page.all("h1")[0].text.startswith(title)
    several = read("/why-not?q=protection")
    assert not several.all("article")
    ids = {dict(parse_qsl(urlsplit(href).query))["of"] for href in hrefs_of(several.one("choose"))}
    assert {"element:temporary-protection"} <= ids
    near = read("/why-not?q=readmision", 404)
    assert "element:readmission" in "".join(hrefs_of(near.one("choose"))).replace("%3A", ":")
    assert read("/why-not?q=element:readmission").all("h1")[0].text.startswith("Readmission")


def hrefs_of(node: Node) -> list[str]:
    return [one.attributes["href"] for one in node.all("a")]


def test_without_a_search_the_elements_that_are_not_advised_can_be_looked_through(corpus: Corpus, read: Read) -> None:
    facts = facts_of(corpus, "kosovo-1999")
    advised = {
        item.element for item in answer_to(facts, corpus).advice().recommendations if item.kind == "recommendation"
    }
    page = read(link.link_to("/why-not", facts))
    offered = {dict(parse_qsl(urlsplit(href).query)).get("of") for href in hrefs_of(page.one("main"))} - {None}
    assert offered == {f"element:{name}" for name in corpus.elements if name not in advised}


# --- about ------------------------------------------------------------------------------------------------------------


def test_the_page_about_it_says_what_is_true_of_every_answer(corpus: Corpus, read: Read) -> None:
    main = read("/about").one("main")
    for notice in advisor.advise({}, corpus).notices:
        if notice.kind == "standing":
            assert notice.text in main.text
    assert all(source.standing in main.text for source in corpus.sources.values())
    assert corpus.digest in main.text
    assert advisor.__version__ in main.text
    assert {"/docs", "/openapi.json"} <= set(hrefs_of(main))
    assert all(name in main.text for name in LICENCES)
