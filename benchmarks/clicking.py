"""From a click on an answer to the changed advice on screen: what the page takes, by the browser's own clock.

``python benchmarks/clicking.py [CLICKS]`` serves the page, opens each example in Chromium, answers so many questions
one after the other, and prints milliseconds, medians with their spread, of

- the whole: from the click (the event's own time) until the frame with the changed advice has been painted;
- the request: from its beginning to the end of the answer, as the browser saw it;
- the browser: the rest.

Run it by ``make bench-page``. It needs Chromium and Playwright, as the tests do.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from typing import Any

from figures import log, spread
from playwright.sync_api import Page, sync_playwright
from services import ADVISOR, service

import advisor
from api.page import link

CLICKS = 20
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_CLICK = """() => new Promise((resolve) => {
  const after = (done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  };
  const open = document.querySelector(".question.open");
  if (!open) return resolve(null);
  for (let one = open; one; one = one.parentElement) if (one instanceof HTMLDetailsElement) one.open = true;
  let begun = 0;
  document.addEventListener("change", (event) => { begun = event.timeStamp }, { capture: true, once: true });
  document.addEventListener("htmx:after:swap", () => {
    // A message sent just before a frame is painted arrives just after it.
    requestAnimationFrame(() => after(() => {
      const found = performance.getEntriesByType("resource").filter((one) => one.initiatorType === "fetch").at(-1);
      resolve({ whole: performance.now() - begun, request: found.responseEnd - found.requestStart });
    }));
  }, { once: true });
  const choice = open.querySelector("input[type=checkbox], input[type=radio]:not([value=''])");
  if (choice) return choice.click();
  const text = open.querySelector("input");
  text.value = "1000";
  text.dispatchEvent(new Event("change", { bubbles: true }));
})"""


def _click(page: Page, clicks: int) -> list[dict[str, float]]:
    found: list[dict[str, float] | None] = [page.evaluate(_CLICK) for _ in range(clicks)]
    return [one for one in found if one is not None]


def measure(clicks: int = CLICKS) -> dict[str, Any]:
    """Return what was measured, in milliseconds.

    Args:
        clicks: how many questions are answered in each example.
    """
    corpus = advisor.load_corpus()
    taken: list[dict[str, float]] = []
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with service(ADVISOR, ("--no-access-log",)) as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        for name, example in corpus.examples.items():
            log(f"  {name}")
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            few = dict(list(corpus.reader.read(example.facts).items())[:8])
            page.goto(f"http://127.0.0.1:{running.port}{link.link_to('/', few)}")
            taken += _click(page, clicks)
            page.close()
        browser.close()
    parts = {"whole": [one["whole"] for one in taken], "request": [one["request"] for one in taken]}
    parts["browser"] = [one["whole"] - one["request"] for one in taken]
    return {"clicks": len(taken), **{name: spread(values) for name, values in parts.items()}}


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    print(json.dumps(measure(*map(int, arguments)), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
