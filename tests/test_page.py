"""The officer's page as it is served: what stands on it is what the library says, and nothing that is typed is lost."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup, Tag
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import situations

import advisor
from advisor import situation
from advisor.corpus import Corpus
from api.app import create_app
from api.page import link, messages
from api.page.app import POLICY

FACTS: dict[str, Any] = {
    "situation_types": ["mass_influx"],
    "border_status": "closed",
    "contributions_offered": ["money"],
}


@pytest.fixture(scope="module")
def client(corpus: Corpus) -> Iterator[TestClient]:
    with TestClient(create_app(corpus), raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def query(facts: dict[str, Any], corpus: Corpus) -> str:
    return link.query_of(situation.parse(facts, corpus.facts))


def page(client: TestClient, address: str, **headers: str) -> BeautifulSoup:
    reply = client.get(address, headers=headers)
    assert reply.status_code == 200, reply.text[:2_000]
    return BeautifulSoup(reply.text, "lxml")


def one(soup: BeautifulSoup | Tag, selector: str) -> Tag:
    found = soup.select(selector)
    assert len(found) == 1, f"{len(found)} of {selector}"
    return found[0]


def told(soup: BeautifulSoup) -> dict[str, list[str]]:
    """Return what the form would send if it were sent as it is."""
    found: dict[str, list[str]] = {}
    for field in soup.select("#intake input"):
        if field.get("type") in ("radio", "checkbox") and not field.has_attr("checked"):
            continue
        if str(field["name"]).startswith("f.") and field.get("value"):
            found.setdefault(str(field["name"])[2:], []).append(str(field["value"]))
    return found


# --- the advice -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["kosovo-1999", "canada-us-2004", "francisco-y-catalina-2006"])
def test_the_page_shows_every_line_of_the_answer_in_its_order(client: TestClient, corpus: Corpus, name: str) -> None:
    facts = corpus.examples[name].facts
    soup = page(client, f"/?{query(dict(facts), corpus)}")
    advice = advisor.advise(facts, corpus)
    titles = [line.get_text() for line in soup.select(".advised .line .title")]
    rest = [item for item in advice.recommendations if not item.headline]
    groups = list(corpus.element_groups)
    outline = sorted(rest, key=lambda item: groups.index(item.group))
    expected = [*advice.red_flags, *advice.headlines, *outline, *advice.set_aside, *advice.arguments]
    assert titles == [item.title for item in expected]
    assert len(soup.select("ol.lines > .line")) == len(advice.headlines)


def test_provisional_pressing_and_set_aside_lines_are_visibly_so(client: TestClient, corpus: Corpus) -> None:
    facts = corpus.examples["kosovo-1999"].facts
    soup = page(client, f"/?{query(dict(facts), corpus)}")
    advice = advisor.advise(facts, corpus)
    for item in advice.recommendations:
        line = one(soup, f"#{item.kind}-{item.id}")
        tags = {tag.get_text() for tag in line.select(".tag")}
        assert ("provisional" in tags) is bool(item.provisional)
        assert ("pressing" in tags) is item.pressing
        assert one(line, ".strength").get_text().startswith(item.strength)


def test_what_is_true_of_every_answer_is_on_the_page(client: TestClient, corpus: Corpus) -> None:
    soup = page(client, "/")
    for notice in advisor.advise({}, corpus).notices:
        assert notice.text in one(soup, f"#notice-{notice.id}").get_text()


@pytest.mark.parametrize("name", ["kosovo-1999", "bhutan-nepal-2007"])
def test_each_line_opens_to_its_facts_rules_and_paragraphs(client: TestClient, corpus: Corpus, name: str) -> None:
    facts = dict(corpus.examples[name].facts)
    asked = query(facts, corpus)
    soup = page(client, f"/?{asked}")
    advice = advisor.advise(facts, corpus)
    for item in (*advice.red_flags, *advice.headlines, *advice.set_aside, *advice.arguments):
        href = str(one(soup, f"#{item.kind}-{item.id} .reasons a")["href"])
        reasons = one(page(client, href), "#reasons")
        links = {str(found["href"]) for found in reasons.select("a")}
        text = reasons.get_text()
        for reason in item.rationale:
            assert reason.text in text
            assert reason.rule is None or f"/rules/{reason.rule}" in links
            for place in reason.paragraphs:
                assert f"/sources/{place.source}/{place.href.rsplit('/', 1)[-1]}" in links
            for because in reason.because:
                if because.model_fields_set >= {"fact"}:
                    assert any(found.endswith(f"#q-{because.fact}") for found in links)  # type: ignore[union-attr]
        for condition in item.conditions:
            assert condition.text in text


def test_a_line_that_is_not_advised_leads_to_why_not(client: TestClient, corpus: Corpus) -> None:
    reply = client.get("/lines/recommendation/temporary-protection")
    assert reply.status_code == 404
    assert "/why-not?q=temporary-protection" in reply.text
    unknown = client.get("/lines/recommendation/temporary-protecton")
    assert unknown.status_code == 404
    assert "did you mean" in unknown.text
    assert "temporary-protection" in unknown.text


def test_what_would_change_a_line_can_be_tried(client: TestClient, corpus: Corpus) -> None:
    asked = query(FACTS, corpus)
    soup = page(client, f"/lines/recommendation/humanitarian-evacuation/changes?{asked}")
    flips = advisor.flip_points(FACTS, ["humanitarian-evacuation"], corpus=corpus).lines[0]
    ways = [way for flip in flips.flips for way in flip.ways]
    links = [str(found["href"]) for found in soup.select("#changes li a") if found.get_text() == "Try it"]
    assert len(links) == len(ways) > 0
    for way, href in zip(ways, links, strict=True):
        changed = advisor.advise({**FACTS, **{each.fact: each.nearest for each in way.changes}}, corpus)
        lines = {str(line["id"]) for line in page(client, href).select(".advised .line")}
        assert {f"{item.kind}-{item.id}" for item in changed.recommendations} <= lines


# --- the questions ----------------------------------------------------------------------------------------------------


def test_every_question_stands_once_on_the_page_with_its_paragraphs(client: TestClient, corpus: Corpus) -> None:
    soup = page(client, f"/?{query(FACTS, corpus)}")
    for name, fact in corpus.facts.items():
        question = one(soup, f"#q-{name}")
        assert one(question, "legend").get_text() == fact.question
        assert fact.help in question.get_text()
        assert len(question.select(".places a")) == len(fact.places)
        for value in fact.values:
            assert value.label in question.get_text()


def test_nothing_is_answered_beforehand(client: TestClient) -> None:
    soup = page(client, "/")
    assert told(soup) == {}
    for question in soup.select(".question"):
        radios = question.select("input[type=radio]")
        assert not radios or [radio["value"] for radio in radios if radio.has_attr("checked")] == [""]


def test_the_first_question_stays_until_another_is_asked_for(client: TestClient, corpus: Corpus) -> None:
    asked = [question.fact for question in advisor.advise(FACTS, corpus).questions]
    address = f"/?{query(FACTS, corpus)}"
    answered = page(client, f"{address}&current={asked[1]}")
    assert one(answered, "#next .question")["id"] == f"q-{asked[1]}"
    onward = {**FACTS, "measures_proposed": ["relocation"]}
    stays = page(client, f"/?{query(onward, corpus)}&current=measures_proposed")
    assert one(stays, "#next .question")["id"] == "q-measures_proposed"
    assert one(stays, "#next [data-onward]").get_text() == "Next question"
    moved = page(client, f"/?{query(onward, corpus)}&current=measures_proposed&more=1")
    assert one(moved, "#next .question")["id"] != "q-measures_proposed"
    for soup in (answered, stays, moved):
        counts = [summary.get_text() for summary in soup.select(".group > summary .small")]
        assert sum(int(text.split()[2]) for text in counts) == len(corpus.facts)


def test_what_was_put_off_can_be_asked_again(client: TestClient, corpus: Corpus) -> None:
    address = f"/?{query(FACTS, corpus)}"
    first = str(one(page(client, address), "#next .question")["id"])[2:]
    put_off = page(client, f"{address}&skip={first}")
    assert "1 question is put off." in one(put_off, "#put-off").get_text()
    again = page(client, f"{address}&skip={first}&current=region&again=1")
    assert one(again, "#next .question")["id"] == f"q-{first}"
    assert again.select("#put-off") == []


@pytest.mark.parametrize(
    ("typed", "read"),
    [("300.000", 300_000), ("1.500.000", 1_500_000), ("300,000", 300_000), ("12 000", 12_000), ("1.5", None)],
)
def test_thousands_may_be_parted_as_anywhere(client: TestClient, typed: str, read: int | None) -> None:
    soup = page(client, f"/?f.arrivals_count={quote(typed)}")
    field = one(soup, "#f-arrivals_count")
    assert field["value"] == (typed if read is None else str(read))
    assert (field.get("aria-invalid") == "true") == (read is None)


def test_the_last_answer_can_be_taken_back(client: TestClient, corpus: Corpus) -> None:
    before = query({"situation_types": ["mass_influx"]}, corpus)
    soup = page(client, f"/?{query(FACTS, corpus)}&before={quote(before)}")
    assert one(soup, ".undo a")["href"] == f"/?{before}"
    changed = [str(line["id"]) for line in soup.select(".line.changed")]
    named = [str(link_["href"])[1:] for link_ in soup.select("#status a")]
    assert named
    assert named == changed[: len(named)]
    assert page(client, f"/?{before}&before={quote(before)}").select(".undo") == []


def test_a_file_that_cannot_be_read_costs_nothing_that_was_known(client: TestClient, corpus: Corpus) -> None:
    known = query(FACTS, corpus)
    action = str(one(page(client, f"/?{known}"), 'form[enctype="multipart/form-data"]')["action"])
    for content in ("facts: {border_status: ajar}", "", "\x00"):
        reply = client.post(action, files={"file": ("s.yaml", content)})
        assert reply.status_code in (400, 422)
        assert one(BeautifulSoup(reply.text, "lxml"), "main p:last-of-type a")["href"] == f"/?{known}"
    missing = client.get(f"/lines/recommendation/nothing?{known}", headers={"Accept": "text/html"})
    assert missing.status_code == 404
    assert one(BeautifulSoup(missing.text, "lxml"), "main p:last-of-type a")["href"] == f"/?{known}"


def test_a_draft_says_what_it_leaves_out(client: TestClient) -> None:
    soup = page(client, "/draft?f.arrivals_count=12k&f.situation_types=mass_influx&f.bordr=closed")
    notices = [notice.get_text() for notice in soup.select(".notice.warn")]
    assert len(notices) == 2
    assert "bordr" in notices[0]
    assert "12k" in notices[1]


def test_the_most_telling_question_comes_first_and_skipping_it_brings_the_next(
    client: TestClient, corpus: Corpus
) -> None:
    asked = [question.fact for question in advisor.advise(FACTS, corpus).questions]
    address = f"/?{query(FACTS, corpus)}"
    first = one(page(client, address), "#next .question")
    assert first["id"] == f"q-{asked[0]}"
    skipped = page(client, f"{address}&skip={asked[0]}")
    assert one(skipped, "#next .question")["id"] == f"q-{asked[1]}"
    # It could still change the advice, and says so.
    assert one(skipped, f"#q-{asked[0]}")["class"] == ["question", "open"]


def test_what_a_browser_has_already_is_sent_again_only_where_it_changed(client: TestClient, corpus: Corpus) -> None:
    address = f"/?{query(FACTS, corpus)}"
    whole = page(client, address)
    have = [str(part["data-state"]) for part in whole.select("[data-state]")]
    assert len(have) > 20
    form: dict[str, Any] = {f"f.{name}": values for name, values in told(whole).items()} | {"have": have}

    def answered(client: TestClient, **more: str) -> BeautifulSoup:
        return BeautifulSoup(client.post("/", data={**form, **more}, headers={"HX-Request": "true"}).text, "lxml")

    again = answered(client)
    assert again.select("[data-state]") == []
    kept = [str(part["id"]) for part in again.select("[data-kept]")]
    assert kept == [part["id"] for part in whole.select("[data-state]")]
    # A line that is unfolded is told anew, and so is everything where the corpus has changed.
    line = next(name for name in kept if name.startswith("recommendation-"))
    assert one(answered(client, open=line), f"#{line}").select("summary")
    with TestClient(create_app(replace(corpus, digest="0" * 64))) as other:
        assert len(answered(other).select("[data-state]")) == len(have)
    # Without script everything is sent.
    for reply in (client.get(f"{address}&have={'&have='.join(have)}"), client.post("/", data={**form, "f.age": "x"})):
        assert "data-kept" not in reply.text
        assert len(BeautifulSoup(reply.text, "lxml").select("[data-state]")) == len(have)


def test_questions_that_would_change_nothing_are_folded_away(client: TestClient, corpus: Corpus) -> None:
    facts = dict(corpus.examples["francisco-y-catalina-2006"].facts)
    soup = page(client, f"/?{query(facts, corpus)}")
    idle = {str(question["id"])[2:] for question in soup.select(".idle .question")}
    opened = {str(question["id"])[2:] for question in soup.select(".question.open")}
    to_ask = {asked.fact for asked in advisor.next_questions(facts, corpus).questions}
    assert idle
    assert idle.isdisjoint(facts)
    assert opened.isdisjoint(idle)
    assert opened >= to_ask - set(facts)


@settings(max_examples=15)
@given(data=st.data())
def test_a_form_sends_what_its_link_told(client: TestClient, corpus: Corpus, data: st.DataObject) -> None:
    facts = data.draw(situations(corpus))
    known = situation.parse(facts, corpus.facts)
    fields = told(page(client, f"/?{link.query_of(known)}"))
    pairs = [(f"f.{name}", value) for name, values in fields.items() for value in values]
    assert link.read(pairs, corpus).facts == known
    assert link.read(link.pairs_of(link.query_of(known)), corpus).facts == known


def test_without_script_a_form_is_answered_by_the_link_that_shows_the_answer(
    client: TestClient, corpus: Corpus
) -> None:
    reply = client.post("/", data={"f.border_status": "closed", "f.region": "", "before": "f.region=eu"})
    assert reply.status_code == 303
    soup = page(client, reply.headers["location"])
    assert told(soup) == {"border_status": ["closed"]}
    assert "changed" in one(soup, "#status").get_text()


def test_with_script_the_answer_comes_at_once_and_changes_are_marked(client: TestClient, corpus: Corpus) -> None:
    before = query({"situation_types": ["mass_influx"]}, corpus)
    fields = {**dict(parse_qsl(query(FACTS, corpus))), "before": before, "open": "group-A"}
    reply = client.post("/", data=fields, headers={"HX-Request": "true"})
    assert reply.status_code == 200
    assert dict(parse_qsl(urlsplit(reply.headers["hx-replace-url"]).query)) == dict(parse_qsl(query(FACTS, corpus)))
    soup = BeautifulSoup(reply.text, "lxml")
    now = advisor.advise(FACTS, corpus)
    then = advisor.advise({"situation_types": ["mass_influx"]}, corpus)

    def keys(advice: advisor.Advice) -> set[str]:
        lines = (*advice.red_flags, *advice.recommendations, *advice.arguments, *advice.set_aside)
        return {f"{item.kind}-{item.id}" for item in lines}

    marked = {str(line["id"]) for line in soup.select(".line") if "new" in {m.get_text() for m in line.select(".mark")}}
    assert marked == keys(now) - keys(then) != set()
    assert one(soup, "#group-A").has_attr("open")


def test_what_cannot_be_read_stays_where_it_was_typed_and_the_rest_is_answered(
    client: TestClient, corpus: Corpus
) -> None:
    fields = {"f.arrivals_count": "about five", "f.border_status": "shut", "f.region": "eu", "f.no_such": "x"}
    reply = client.post("/", data=fields)
    assert reply.status_code == 200
    soup = BeautifulSoup(reply.text, "lxml")
    assert told(soup)["arrivals_count"] == ["about five"]
    assert told(soup)["region"] == ["eu"]
    for name in ("arrivals_count", "border_status"):
        assert one(soup, f"#problem-{name}").get_text()
        assert one(soup, f"#problems a[href='#q-{name}']")
    assert "closed" in one(soup, "#problem-border_status").get_text()
    assert "no_such" in soup.get_text()


@pytest.mark.parametrize("text", ["300,000", "300 000", "300'000", " 300000 "])
def test_numbers_are_read_as_people_write_them(corpus: Corpus, text: str) -> None:
    assert link.read([("f.arrivals_count", text)], corpus).facts == {"arrivals_count": 300_000}


def test_none_of_these_is_an_answer_and_nothing_ticked_is_none(corpus: Corpus) -> None:
    assert link.read([("f.contributions_offered", "-")], corpus).facts == {"contributions_offered": ()}
    assert link.read([("f.contributions_offered", "")], corpus).facts == {}
    ticked = [("f.contributions_offered", "-"), ("f.contributions_offered", "money")]
    assert link.read(ticked, corpus).facts == {"contributions_offered": ("money",)}
    assert link.read([*ticked, ("forget", "contributions_offered")], corpus).facts == {}


# --- links and files --------------------------------------------------------------------------------------------------


def test_a_link_says_so_when_the_corpus_has_changed_since(client: TestClient, corpus: Corpus) -> None:
    soup = page(client, f"/?{query(FACTS, corpus)}")
    handed_on = urlsplit(str(one(soup, "#shared")["value"]))
    again = page(client, f"/?{handed_on.query}")
    assert told(again) == told(soup)
    assert again.select("#corpus-changed") == []
    old = handed_on.query.replace(corpus.digest[:16], "0123456789abcdef")
    assert old != handed_on.query
    assert one(page(client, f"/?{old}"), "#corpus-changed")


def test_the_answer_as_a_file_is_one_that_verifies(client: TestClient, corpus: Corpus) -> None:
    reply = client.get(f"/answer.json?{query(FACTS, corpus)}")
    assert "attachment" in reply.headers["content-disposition"]
    assert reply.content == advisor.advise_json(FACTS, corpus)
    assert advisor.verify(json.loads(reply.content), corpus).holds


def test_a_situation_is_kept_as_a_file_and_read_again(client: TestClient, corpus: Corpus) -> None:
    saved = client.get(f"/situation.yaml?{query(FACTS, corpus)}")
    reply = client.post("/read", files={"file": ("situation.yaml", saved.content)})
    assert reply.status_code == 303
    facts = link.read(link.pairs_of(urlsplit(reply.headers["location"]).query), corpus).facts
    assert facts == situation.parse(FACTS, corpus.facts)


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"facts:\n  border_status: closd\n", 422, "closed"),
        (b"facts: [", 422, ""),
        (b"\xff\xfe", 400, "UTF-8"),
        (b"facts: {}\n# " + b"x" * 1_100_000, 413, "1,010,000"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_what_is_wrong(
    client: TestClient, content: bytes, status: int, said: str
) -> None:
    reply = client.post("/read", files={"file": ("situation.yaml", content)})
    assert reply.status_code == status
    assert said in reply.text
    assert reply.headers["content-type"].startswith("text/html")


def test_no_file_at_all_is_told(client: TestClient) -> None:
    assert client.post("/read").status_code == 400
    assert client.post("/read", content=b"x", headers={"Content-Type": "multipart/form-data"}).status_code == 400


# --- safe, small, in any language -------------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "\u202egnp.exe",
    "{{ 7 * 7 }}",
    "a" * 60_000,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_facts_show_as_text(client: TestClient, text: str) -> None:
    for name in ("arrivals_count", "border_status", "situation_types"):
        reply = client.post("/", data={f"f.{name}": text, f"f.{text[:300]}": "x", "skip": text, "before": text})
        assert reply.status_code == 200
        soup = BeautifulSoup(reply.text, "lxml")
        assert {str(script["src"]).split("/")[-1] for script in soup.select("script")} == {"htmx.min.js", "page.js"}
        assert soup.select("img, iframe, [onerror], [style], style") == []
        assert "\u202e" not in reply.text
        assert "49" not in one(soup, "#problems").get_text()


def test_a_form_that_is_too_large_is_refused(client: TestClient) -> None:
    reply = client.post("/", data={"f.region": "x" * 300_000})
    assert reply.status_code == 413
    assert reply.headers["content-security-policy"] == POLICY


@pytest.mark.parametrize("address", ["/", "/lines/red_flag/none", "/nowhere", "/answer.json"])
def test_every_page_keeps_browsers_from_what_it_does_not_need(client: TestClient, address: str) -> None:
    reply = client.get(address, headers={"Accept": "text/html"})
    assert reply.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in reply.headers


def test_nothing_on_the_page_comes_from_elsewhere(client: TestClient) -> None:
    soup = page(client, "/")
    loaded = [
        str(tag[key]) for key in ("src", "href") for tag in soup.select(f"script[{key}], link[{key}], img[{key}]")
    ]
    assert loaded
    for address in loaded:
        assert address.startswith("/assets/")
        reply = client.get(address)
        assert reply.status_code == 200
        assert "immutable" in reply.headers["cache-control"]
    assert client.get("/assets/0123/page.css").status_code == 404


def test_the_first_page_is_small(client: TestClient, corpus: Corpus) -> None:
    sizes = []
    with client.stream("GET", "/", headers={"Accept-Encoding": "gzip"}) as reply:
        assert reply.headers["content-encoding"] == "gzip"
        raw = b"".join(reply.iter_raw())
        assert gzip.decompress(raw).startswith(b"<!doctype html>")
        sizes.append(len(raw))
    for tag in page(client, "/").select("script[src], link[href]"):
        with client.stream("GET", str(tag.get("src") or tag["href"]), headers={"Accept-Encoding": "gzip"}) as reply:
            sizes.append(len(b"".join(reply.iter_raw())))
    assert sum(sizes) < 150_000


def test_programs_that_miss_an_address_get_problem_details_and_people_a_page(client: TestClient) -> None:
    assert client.get("/nowhere").headers["content-type"] == "application/problem+json"
    assert client.get("/nowhere", headers={"Accept": "text/html"}).headers["content-type"].startswith("text/html")
    missed = client.get("/v1/nowhere", headers={"Accept": "text/html"})
    assert missed.headers["content-type"] == "application/problem+json"


def test_the_catalogue_has_every_message_of_the_page() -> None:
    with (messages.FOLDER / "messages.pot").open("rb") as file:
        listed = {message.id for message in read_po(file) if message.id}
    folder = messages.FOLDER.parent
    used = {
        found
        for _, _, found, _, _ in extract_from_dir(
            folder, [("templates/**.html", "jinja2")], {"templates/**.html": {"trimmed": "true"}}
        )
    }
    assert listed == used, "make messages lists them anew"


def test_all_words_of_the_page_come_from_the_catalogue(client: TestClient, corpus: Corpus) -> None:
    soup = page(client, f"/?lang=qps&{query(FACTS, corpus)}")
    assert one(soup, "html")["dir"] == "rtl"
    for words in soup.select("h2, nav a, button, .strength, .tally, summary > span.small"):
        assert words.get_text().strip().startswith("["), words


@pytest.mark.parametrize("path", ["/", "/draft", "/lines/recommendation/temporary-protection", "/compare", "/sources"])
def test_a_language_that_was_asked_for_stays_from_page_to_page(client: TestClient, corpus: Corpus, path: str) -> None:
    soup = page(client, f"{path}?lang=qps&{query(FACTS, corpus)}")
    for link_ in soup.select('a[href^="/"], form[method="post"]'):
        address = urlsplit(str(link_.get("href") or link_.get("action")))
        if not address.path.startswith(("/docs", "/openapi.json")):
            assert ("lang", "qps") in parse_qsl(address.query), link_
            assert not address.fragment or "lang" not in address.fragment
    for form in soup.select('form[method="get"]'):
        assert one(form, 'input[name="lang"]')["value"] == "qps"
    assert not re.search("[?;]lang=", client.get(f"{path}?{query(FACTS, corpus)}").text)


def test_a_language_that_was_asked_for_stays_when_a_form_is_sent(client: TestClient, corpus: Corpus) -> None:
    form = {"f.border_status": "closed"}
    assert client.post("/?lang=qps", data=form).headers["Location"] == "/?f.border_status=closed&lang=qps"
    scripted = client.post("/?lang=qps", data=form, headers={"HX-Request": "true"})
    assert scripted.headers["HX-Replace-Url"] == "/?f.border_status=closed&lang=qps"
    assert scripted.headers["Content-Language"] == "qps"
    read = client.post("/read?lang=qps", files={"file": ("s.yaml", "facts: {border_status: closed}")})
    assert read.headers["Location"] == "/?f.border_status=closed&lang=qps"


def test_a_language_that_somebody_adds_is_spoken(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ar.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Red flags"\nmsgstr "X"\n', "utf-8"
    )
    found = messages.languages(tmp_path)["ar"]
    assert (found.code, found.direction) == ("ar", "rtl")
    assert found.translations.gettext("Red flags") == "X"
    assert found.translations.gettext("Headlines") == "Headlines"
