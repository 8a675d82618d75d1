"""The pages that explain in a browser: with script and by keyboard, as axe sees them, on a small screen."""

from __future__ import annotations

import re

import pytest
from browsing import barriers
from playwright.sync_api import Browser, Page, expect
from thorough import some

from advisor.corpus import Corpus
from api.page import link

PAGES = (
    "/compare?{few}&g.border_status=open&g.arrivals_count=many", "/compare?{few}&fact=situation_types",
    "/precedents?{few}&show=kosovo-1999&show=bhutan-resettlement-2007", "/trace?{few}", "/why-not?{few}",
    "/why-not?{few}&q=readmission", "/why-not?q=protection", "/sources", "/sources/amman-2011?q=border",
    "/sources/amman-2011/16?{few}", "/rules/money-alone-in-mass-influx?{few}", "/rules/money",
    "/elements/temporary-protection", "/findings/mass-influx?{few}", "/facts/border_status", "/about",
)  # fmt: skip


FEW = "f.situation_types=mass_influx&f.border_status=closed&f.contributions_offered=money"
"""A situation of which little is known: its pages have all that others have, and less of it."""


@pytest.fixture(scope="module")
def kosovo(corpus: Corpus) -> str:
    return link.query_of(corpus.reader.read(corpus.examples["kosovo-1999"].facts))


def test_a_change_shows_what_would_differ_by_keyboard_alone(page: Page, address: str, kosovo: str) -> None:
    page.goto(f"{address}/compare?{kosovo}")
    page.locator("#fact").focus()
    page.keyboard.type("State of the border")
    first = page.locator("#g-border_status-1")
    expect(first).to_be_visible()
    expect(page.locator("#fact")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#g-border_status-3")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    expect(page.locator("#status")).to_contain_text("lines of the advice would differ")
    expect(page.locator("#differs-red_flag-protection-denied-despite-duty .mark")).to_have_text("gone")
    expect(page).to_have_url(re.compile("g[.]border_status=open"))
    taken = page.get_by_role("link", name="Take over the right side")
    taken.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#f-border_status-1")).to_be_checked()


def test_a_picture_is_moved_through_by_keys_buttons_and_mouse(page: Page, address: str, kosovo: str) -> None:
    page.goto(f"{address}/trace?{kosovo}")
    picture, zoomed, svg = page.locator("#picture"), page.locator("#zoomed"), page.locator("#picture svg")

    def width() -> float:
        return float(svg.evaluate("one => one.getBoundingClientRect().width"))

    picture.focus()
    page.keyboard.press("1")
    full = width()
    assert zoomed.inner_text() == "100 %"
    page.keyboard.press("+")
    assert width() == pytest.approx(full * 1.25, abs=1)
    page.keyboard.press("0")
    assert width() <= picture.evaluate("one => one.clientWidth") + 1
    page.get_by_role("button", name="Full size").click()
    assert width() == pytest.approx(full, abs=1)
    box = picture.bounding_box()
    assert box is not None
    before = picture.evaluate("one => one.scrollLeft")
    page.mouse.move(box["x"] + 300, box["y"] + 160)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 160, steps=4)
    page.mouse.up()
    assert picture.evaluate("one => one.scrollLeft") == pytest.approx(before + 200, abs=2)
    picture.focus()
    page.keyboard.press("Tab")
    fact = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}{fact}")
    expect(page.locator("#q-situation_types")).to_be_in_viewport()


def test_the_interface_for_programs_is_shown_without_another_site(chromium: Browser, address: str) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/about")
        page.get_by_role("link", name="The interface for programs").click()
        expect(page.locator("#operations-advice-advise")).to_contain_text("Advise on a situation")
        assert len(asked) > 3
        assert [url for url in asked if not url.startswith((f"{address}/", "data:", "blob:"))] == []


def test_pages_that_explain_work_without_script(chromium: Browser, address: str, kosovo: str) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/compare?{kosovo}")
        page.locator("#fact").select_option("border_status")
        page.get_by_role("button", name="Choose its value").click()
        page.locator("#g-border_status-1").check()
        page.get_by_role("button", name="Show what would differ").click()
        expect(page.locator("#status")).to_contain_text("lines of the advice would differ")
        page.goto(f"{address}/trace?{kosovo}")
        expect(page.locator("#zoom")).to_be_hidden()
        page.locator("#of").select_option("element:temporary-protection")
        page.get_by_role("button", name="Show it").click()
        expect(page.locator("h1")).to_contain_text("Temporary protection")
        page.goto(f"{address}/sources/amman-2011/16")
        page.get_by_role("link", name="Paragraph 17").first.click()
        expect(page.locator("h1")).to_have_text("Paragraph 17")


@pytest.mark.parametrize("path", some(PAGES, 4))
def test_axe_finds_nothing_serious(chromium: Browser, address: str, path: str) -> None:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(address + path.format(few=FEW))
        # What is alike needs no second look.
        page.evaluate("for (const one of [...document.querySelectorAll('details')].slice(0, 8)) one.open = true")
        assert barriers(page) == []


@pytest.mark.parametrize("locale", ["en", "qps"])
def test_nothing_is_cut_off_at_four_hundred_per_cent(chromium: Browser, address: str, locale: str) -> None:
    with chromium.new_context(viewport={"width": 320, "height": 256}, locale=locale) as context:
        page = context.new_page()
        for path in some(PAGES, 2):
            page.goto(address + path.format(few=FEW))
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
