"""The officer's page in a browser: with the mouse, by keyboard alone, without script, and as axe sees it."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import hostilepack
import pytest
from boxes import EXAMPLES
from browsing import barriers, served, watched
from docx import Document
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, expect
from pypdf import PdfReader
from thorough import some

import advisor
from advisor.corpus import Corpus
from api.page import link


def titles(page: Page, selector: str = ".advised .line .title") -> list[str]:
    return page.locator(selector).all_inner_texts()


def kosovo(corpus: Corpus) -> str:
    return link.query_of(corpus.reader.read(corpus.examples["kosovo-1999"].facts))


def question(page: Page, name: str) -> Locator:
    """Unfold where a question stands, and return it."""
    page.evaluate(
        """id => { for (let one = document.getElementById(id); one; one = one.parentElement)
                     if (one instanceof HTMLDetailsElement) one.open = true }""",
        f"q-{name}",
    )
    return page.locator(f"#q-{name}")


def test_answers_change_the_advice_beside_the_form(page: Page, address: str, corpus: Corpus) -> None:
    page.goto(address)
    question(page, "situation_types").get_by_label("Mass influx", exact=False).first.check()
    expect(page.locator("#tally")).to_contain_text("1 fact is known")
    expect(page.locator("#status")).to_contain_text("changed")
    facts = {"situation_types": ["mass_influx"]}
    assert titles(page, "ol.lines > .line .title") == [item.title for item in advisor.advise(facts, corpus).headlines]
    assert "f.situation_types=mass_influx" in page.url
    expect(page.locator(".mark").first).to_be_visible()


def test_an_unfolded_line_stays_open_and_is_told_anew(page: Page, address: str, corpus: Corpus) -> None:
    page.goto(f"{address}/?f.situation_types=mass_influx")
    line = page.locator("#recommendation-emergency-assistance")
    line.locator("summary").first.click()
    expect(line.locator(".reasons")).to_contain_text("Because")
    page.locator("#group-C > summary").click()
    question(page, "border_status").get_by_label("Closed", exact=False).first.check()
    expect(page.locator("#tally")).to_contain_text("2 facts are known")
    expect(line.locator("details").first).to_have_attribute("open", "")
    expect(line.locator(".reasons")).to_contain_text("Because")
    expect(page.locator("#group-C")).to_have_attribute("open", "")


def test_a_line_that_was_folded_again_is_told_anew_too(page: Page, address: str) -> None:
    page.goto(f"{address}/?f.situation_types=mass_influx")
    line = page.locator("#recommendation-emergency-assistance")
    for _ in range(2):
        line.locator("summary").first.click()
        expect(line.locator(".reasons")).to_contain_text("Because")
        line.locator("summary").first.click()
    page.locator("#next input:not([value=''])").first.check()
    expect(page.locator("#tally")).to_contain_text("2 facts are known")
    expect(line.locator(".reasons")).not_to_contain_text("Because")
    with page.expect_response("**/lines/recommendation/emergency-assistance?*") as asked:
        line.locator("summary").first.click()
    assert sorted(parse_qsl(urlsplit(asked.value.url).query)) == sorted(parse_qsl(urlsplit(page.url).query))
    expect(line.locator(".reasons")).to_contain_text("Because")


_SHOWN = """() => ({
  questions: [...document.querySelectorAll(".question")].map((one) => [
    one.id, one.className, one.parentElement.id, one.innerText.includes("✓"),
    [...one.querySelectorAll("input")].filter((input) => input.type === "text" ? input.value : input.checked)
      .map((input) => input.value),
  ]),
  lines: [...document.querySelectorAll(".line")].map((one) => {
    const copy = one.cloneNode(true);
    for (const mark of copy.querySelectorAll(".mark, .reasons")) mark.remove();
    return [one.id, one.closest("section").className, copy.textContent.split(/\\s+/).join(" ")];
  }),
  rest: [...document.querySelectorAll(
    "#tally, #notices-always, #notices-open, #elements, .group > summary, #precedents-title + ul"
  )]
    .map((one) => one.innerHTML),
  search: [...document.querySelectorAll(".search input[type=hidden]")].map((one) => [one.name, one.value]),
})"""
"""What a page shows, whether it came whole or answer by answer."""


def test_after_many_answers_the_page_is_what_its_link_shows(page: Page, context: BrowserContext, address: str) -> None:
    page.goto(f"{address}/?f.situation_types=mass_influx&f.region=africa")
    sent = []
    page.on("response", lambda response: sent.append(response.body() if response.request.method == "POST" else b""))
    for number in range(12):
        asked = page.locator("#next .question")
        name = asked.get_attribute("id")
        choices = asked.locator("input:not([value=''])")
        with page.expect_response(lambda response: response.request.method == "POST"):
            if choices.count():
                choices.nth(number % choices.count()).check()
            else:
                asked.locator("input").fill(str(1000 + number))
                asked.locator("input").press("Tab")
        expect(asked).to_have_class(re.compile("told"))
        page.get_by_role("button", name="Next question").click()
        expect(page.locator(f"#next #{name}")).to_have_count(0)
        if number % 4 == 2:
            page.locator(".advised .line summary").nth(number).click()
    fresh = context.new_page()
    fresh.goto(page.url)
    assert page.evaluate(_SHOWN) == fresh.evaluate(_SHOWN)
    posted = [len(body) for body in sent if body]
    # What the browser had already wasn't sent again.
    assert sorted(posted)[len(posted) // 2] < len(fresh.content()) / 2


def told(page: Page) -> list[tuple[str, str]]:
    return sorted(pair for pair in parse_qsl(urlsplit(page.url).query) if pair[0].startswith("f."))


def test_a_second_click_answers_no_question_that_was_not_read(page: Page, address: str) -> None:
    page.goto(address)
    first = page.locator("#next .option").nth(0)
    box = first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 5, box["y"] + 10)
    expect(page.locator("#tally")).to_contain_text("1 fact is known")
    page.locator("#next .option").nth(1).click()
    page.wait_for_url("**situation_types=protracted**")
    assert {name for name, _ in told(page)} == {"f.situation_types"}
    assert len(told(page)) == 2


def test_enter_shows_the_advice_and_puts_nothing_off(page: Page, address: str) -> None:
    page.goto(address)
    question(page, "arrivals_count")
    page.locator("#f-arrivals_count").fill("400000")
    page.locator("#f-arrivals_count").press("Enter")
    page.wait_for_url("**/?f.arrivals_count=400000")
    expect(page.locator("#put-off")).to_have_count(0)


def test_an_answer_that_does_not_arrive_is_said_and_can_be_sent_again(context: BrowserContext, address: str) -> None:
    page = context.new_page()  # of whose complaints on the gateway nothing is thought
    page.goto(f"{address}/?f.situation_types=mass_influx")
    broken = True
    page.route(
        "**/", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>") if broken else route.continue_()
    )
    question(page, "border_status").get_by_label("Closed", exact=False).first.check()
    expect(page.locator("#unsent")).to_be_visible()
    expect(page.locator("#tally")).to_contain_text("1 fact is known")
    # What is taken away has the answer all the same.
    assert "f.border_status=closed" not in page.url
    with page.expect_request("**/draft?*") as asked:
        page.get_by_role("link", name="Take away").click()
    assert "f.border_status=closed" in asked.value.url
    page.go_back()
    broken = False
    question(page, "border_status").get_by_label("Closed", exact=False).first.check()
    expect(page.locator("#tally")).to_contain_text("2 facts are known")
    expect(page.locator("#unsent")).to_be_hidden()


def test_what_cannot_be_read_is_still_there_after_a_look_elsewhere(page: Page, address: str) -> None:
    page.goto(f"{address}/?f.situation_types=mass_influx")
    question(page, "arrivals_count")
    page.locator("#f-arrivals_count").fill("about 5")
    page.locator("#f-arrivals_count").press("Tab")
    expect(page.locator("#problem-arrivals_count")).to_be_visible()
    page.get_by_role("link", name="About", exact=True).click()
    page.go_back()
    expect(page.locator("#f-arrivals_count")).to_have_value("about 5")
    expect(page.locator("#tally")).to_contain_text("1 fact is known")


def test_unknown_is_one_click_away(page: Page, address: str) -> None:
    page.goto(f"{address}/?f.border_status=closed&f.situation_types=mass_influx")
    question(page, "border_status").get_by_label("Not known").check()
    expect(page.locator("#tally")).to_contain_text("1 fact is known")
    question(page, "situation_types").get_by_role("button", name="Not known").click()
    expect(page.locator("#tally")).to_contain_text("0 facts are known")


def test_none_of_these_unticks_the_others(page: Page, address: str) -> None:
    page.goto(f"{address}/?f.contributions_offered=money")
    offered = question(page, "contributions_offered")
    offered.get_by_label("None of these").check()
    page.wait_for_url("**/?f.contributions_offered=-")
    expect(offered.locator("input:checked")).to_have_count(1)


def test_what_cannot_be_read_is_told_and_stays(page: Page, address: str) -> None:
    page.goto(address)
    question(page, "arrivals_count")
    number = page.locator("#f-arrivals_count")
    number.fill("about five")
    number.press("Tab")
    expect(page.locator("#problem-arrivals_count")).to_be_visible()
    expect(number).to_have_value("about five")
    number.fill("300,000")
    number.press("Tab")
    expect(page.locator("#problem-arrivals_count")).to_have_count(0)
    page.wait_for_url("**/?f.arrivals_count=300000")


def test_a_link_opened_elsewhere_shows_the_same(page: Page, chromium: Browser, address: str, corpus: Corpus) -> None:
    page.goto(f"{address}/?{kosovo(corpus)}")
    handed_on = page.locator("#shared").input_value()
    with chromium.new_context() as another:
        other = another.new_page()
        other.goto(handed_on)
        assert titles(other) == titles(page)
        expect(other.locator("#corpus-changed")).to_have_count(0)
        other.goto(handed_on.replace("corpus=", "corpus=0"))
        expect(other.locator("#corpus-changed")).to_be_visible()
        assert another.cookies() == []


def test_the_plain_form_works_without_script(chromium: Browser, address: str, corpus: Corpus) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address)
        page.locator("#q-situation_types").get_by_label("Mass influx", exact=False).first.check()
        page.get_by_role("button", name="Show the advice").click()
        facts = {"situation_types": ["mass_influx"]}
        assert titles(page, "ol.lines > .line .title") == [
            item.title for item in advisor.advise(facts, corpus).headlines
        ]
        page.locator(".line summary").first.click()
        page.get_by_role("link", name="Why this is advised").first.click()
        expect(page.locator("#reasons")).to_contain_text("Because")
        page.get_by_role("link", name="Back to the advice").click()
        asked = page.locator("#next .question").get_attribute("id")
        page.get_by_role("button", name="ask something else").click()
        expect(page.locator("#tally")).to_contain_text("1 fact is known")
        expect(page.locator(f"#next #{asked}")).to_have_count(0)


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim().slice(0, 60)")
    return found


def tab_to(page: Page, wanted: str, most: int = 200) -> None:
    for _ in range(most):
        if focused(page).startswith(wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted!r} is not reached by keyboard")


def test_all_of_it_works_by_keyboard_alone(page: Page, address: str, corpus: Corpus) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    page.keyboard.press("Enter")
    tab_to(page, "f-situation_types-1")
    page.keyboard.press("Space")
    expect(page.locator("#tally")).to_contain_text("1 fact is known")
    # What was answered keeps the focus, and its question stays until another is asked for.
    assert focused(page) == "f-situation_types-1"
    tab_to(page, "Next question")
    page.keyboard.press("Enter")
    expect(page.locator("#next #q-situation_types")).to_have_count(0)
    assert page.evaluate("document.querySelector('#next').contains(document.activeElement)")
    tab_to(page, "Emergency assistance consider")
    page.keyboard.press("Enter")
    expect(page.locator("#recommendation-emergency-assistance .reasons")).to_contain_text("Because")


_EVACUATION = "/lines/recommendation/humanitarian-evacuation"


def headings(path: Path) -> list[str]:
    return [one.text for one in Document(str(path)).paragraphs if one.style and one.style.name == "Heading 1"]


@pytest.mark.parametrize("name", some(EXAMPLES, 6))
def test_from_the_first_question_to_the_word_file(
    page: Page, address: str, corpus: Corpus, name: str, tmp_path: Path
) -> None:
    example = corpus.examples[name]
    page.goto(address)
    page.get_by_role("link", name=example.title or name).click()
    facts = dict(corpus.reader.read(example.facts))
    expect(page.locator("#tally")).to_contain_text(f"{len(facts)} facts are known")
    page.locator("#next input:not([value=''])").first.check()
    expect(page.locator("#tally")).to_contain_text(f"{len(facts) + 1} facts are known")
    page.get_by_role("link", name="Take away").click()
    page.get_by_text("Title, author and date of the draft").click()
    page.get_by_label("What the situation is called").fill(name)
    page.get_by_role("button", name="Put them on the draft").click()
    expect(page.locator(".draft")).to_contain_text(name)
    shown = page.locator(".draft h2").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Word").click()
    file = tmp_path / "outline.docx"
    download.value.save_as(file)
    assert [one for one in headings(file) if one in shown] == [one for one in shown if one != "Notes"]
    told = link.read(link.pairs_of(urlsplit(page.url).query), corpus).facts
    text = "\n".join(one.text for one in Document(str(file)).paragraphs)
    advice = advisor.advise(told, corpus)
    for item in (*advice.red_flags, *advice.headlines):
        assert item.title in text


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def test_the_page_prints_what_the_pdf_says(page: Page, address: str, corpus: Corpus) -> None:
    page.goto(f"{address}/draft?{kosovo(corpus)}")
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    saved, printed = words(download.value.path().read_bytes()), words(page.pdf(prefer_css_page_size=True))
    sections = page.locator(".draft h2").all_inner_texts()[:-1]
    for text in (*sections, *page.locator(".draft li > strong").all_inner_texts()):
        assert " ".join(text.split()) in saved
        assert " ".join(text.split()) in printed
    assert "Skip to the content" not in printed


FEW = "f.situation_types=mass_influx&f.border_status=closed"
"""A situation of which little is known: its pages have all that others have, and less of it."""
PAGES = (
    "/", "/?{few}&before=f.region%3Deu", "/?f.arrivals_count=many&f.nothing=1", _EVACUATION + "?{few}",
    _EVACUATION + "/changes?{few}", "/draft?{few}", "/nowhere",
)  # fmt: skip


def unfold_one_of_each_kind(page: Page) -> None:
    """Unfold the first of all parts of a kind, wherever it stands: what is alike needs no second look."""
    page.evaluate(
        """() => { const seen = new Set();
                   for (const one of document.querySelectorAll("details")) {
                       const kind = one.className + " " + one.parentElement.className;
                       if (!seen.has(kind)) one.open = seen.add(kind).has(kind) } }"""
    )


@pytest.mark.parametrize("path", some(PAGES, 3))
def test_axe_finds_nothing_serious(context: BrowserContext, address: str, corpus: Corpus, path: str) -> None:
    page = context.new_page()
    page.goto(address + path.format(few=FEW))
    unfold_one_of_each_kind(page)
    page.wait_for_load_state("networkidle")
    assert barriers(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_at_four_hundred_per_cent(
    chromium: Browser, address: str, corpus: Corpus, path: str
) -> None:
    with chromium.new_context(viewport={"width": 320, "height": 256}) as context:
        page = context.new_page()
        page.goto(address + path.format(few=FEW))
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_why_not_is_answered_by_a_search(page: Page, address: str, corpus: Corpus) -> None:
    page.goto(f"{address}/?{kosovo(corpus)}")
    page.get_by_label("An element that you expected").fill("readmission")
    page.get_by_role("button", name="Say why not").click()
    expect(page.locator("h1")).to_contain_text("eadmission")
    expect(page.locator("main")).to_contain_text("is not advised")
    page.get_by_role("link", name="Advice", exact=True).click()
    expect(page.locator("#tally")).to_contain_text("22 facts are known")


def test_the_source_is_read_from_a_line_to_the_rule_and_back(page: Page, address: str, corpus: Corpus) -> None:
    page.goto(f"{address}/?{kosovo(corpus)}")
    line = page.locator("#recommendation-emergency-assistance")
    line.locator("summary").first.click()
    line.locator(".places a").first.click()
    expect(page.locator("h1")).to_contain_text("Paragraph")
    page.locator("a[href^='/rules/']").first.click()
    expect(page.locator("pre").first).to_contain_text("when:")
    # The situation came along.
    page.get_by_role("link", name="Advice", exact=True).click()
    expect(page.locator("#tally")).to_contain_text("22 facts are known")


def test_a_hostile_pack_breaks_no_layout_and_runs_nothing(chromium: Browser, tmp_path: Path) -> None:
    corpus = hostilepack.load(tmp_path / "hostile")
    told = "f.situation_types=mass_influx&f.arrivals=500&f.land_offered=yes"
    with served(corpus) as address, chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        heard = watched(page)

        def dismiss(dialog: Dialog) -> None:
            heard.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", dismiss)
        rules, (source,) = list(corpus.rules), corpus.sources
        paths = (
            "/",
            "/draft",
            "/trace",
            "/precedents",
            f"/sources/{source}",
            f"/rules/{rules[0]}",
            "/why-not?q=camps",
            "/about",
        )
        for path in paths:
            page.goto(f"{address}{path}{'&' if '?' in path else '?'}{told}")
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path
            assert page.locator("img[src='x'], main script:not([src^='/assets/'])").count() == 0, path
        assert heard == []


def test_it_runs_from_right_to_left(chromium: Browser, address: str, corpus: Corpus) -> None:
    with chromium.new_context(viewport={"width": 1280, "height": 900}, locale="qps") as context:
        page = context.new_page()
        page.goto(f"{address}/?{kosovo(corpus)}")
        assert page.evaluate("document.documentElement.dir") == "rtl"
        form, advice = page.locator(".intake").bounding_box(), page.locator(".advised").bounding_box()
        assert form is not None
        assert advice is not None
        assert form["x"] > advice["x"]
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
