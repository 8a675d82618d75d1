from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from minipack import MiniPack
from thorough import IN_CI

import advisor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


@pytest.fixture(scope="session")
def corpus() -> advisor.Corpus:
    return advisor.load_corpus()


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MiniPack:
    # From the folder above, so that messages show short paths.
    monkeypatch.chdir(tmp_path)
    return MiniPack(tmp_path / "mini")


@pytest.fixture(scope="session", autouse=True)
def nothing_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the folders and the packs of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADVISOR_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("ADVISOR_DATA", str(tmp_path_factory.mktemp("data")))
        patch.delenv("ADVISOR_PACKS", raising=False)
        yield


@pytest.fixture(scope="module")
def address(corpus: advisor.Corpus) -> Iterator[str]:
    """Serve the built-in pack; where a browser finds it."""
    from browsing import served  # which takes a while to import, and few tests need

    with served(corpus) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    from browsing import browser

    with browser() as running:
        yield running


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce") as context:
        context.set_default_timeout(20_000)
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Open a page in a browser, which must find nothing to complain of."""
    from browsing import watched

    page = context.new_page()
    heard = watched(page)
    yield page
    assert heard == []


# Tests make and drop many small objects beside a large corpus; the collector needn't look through them that often.
gc.set_threshold(50_000, 20, 50)

settings.register_profile(
    "advisor", deadline=None, max_examples=60 if IN_CI else 30, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("advisor")
