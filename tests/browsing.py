"""A browser that tests drive: Debian's Chromium by way of Playwright, and axe-core to check what it shows.

Tests that need it are skipped where it is missing, and fail where CI missed it.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from thorough import IN_CI

from advisor.corpus import Corpus
from api.app import create_app

SIZES = ((1280, 900), (360, 740))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = ["color-contrast", "scrollable-region-focusable", "target-size"]
"""The rules of axe that depend on colours and sizes."""
AXE = Path(__file__).resolve().parent / "browser/node_modules/axe-core/axe.min.js"
# What a browser would look up in the network by itself is kept from it.
_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


def needed(path: str | None, what: str) -> str:
    """Return a path; skip the test where there is none, or fail it in CI."""
    if path is not None and Path(path).exists():
        return path
    if IN_CI:
        pytest.fail(f"{what} is not there")
    pytest.skip(f"{what} is not there")


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser."""
    path = needed(shutil.which("chromium") or shutil.which("chromium-browser"), "Chromium (Debian's package chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        yield running
        running.close()


@contextmanager
def served(corpus: Corpus) -> Iterator[str]:
    """Serve a corpus on a free port of this machine, and yield its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(corpus), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def barriers(page: Page) -> list[dict[str, Any]]:
    """Return what axe finds on a page that is serious or critical: at desktop and phone width, light and dark."""
    axe = needed(str(AXE), "axe-core (npm ci --prefix tests/browser)")
    # By way of the debugger, which the page's policy doesn't hold up.
    page.evaluate(Path(axe).read_text("utf-8"))
    found: list[dict[str, Any]] = []
    rules: dict[str, Any] = {"type": "tag", "values": TAGS}
    looks = list(product(SIZES, SCHEMES))
    # CI looks at all four; elsewhere the first and the last have both sizes and both schemes.
    for (width, height), scheme in looks if IN_CI else (looks[0], looks[-1]):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        found += ({"width": width, "scheme": scheme, **one} for one in _barriers(page, rules))
        # All else is the same in the other looks.
        rules = {"type": "rule", "values": LOOKS}
    return found


def _barriers(page: Page, rules: dict[str, Any]) -> list[dict[str, Any]]:
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        {"id": one["id"], "help": one["help"], "where": [node["html"][:300] for node in one["nodes"]][:5]}
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def watched(page: Page) -> list[str]:
    """Return a list that takes every error that a page reports, and everything that it asks another site for."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    own = ("http://127.0.0.1:", "data:", "about:")
    page.on("request", lambda request: None if request.url.startswith(own) else heard.append(f"asks {request.url}"))
    return heard
