/* Moving through the picture of a derivation: its size by buttons and keys, and dragging. Without script it scrolls. */
"use strict";

(() => {
  const region = document.getElementById("picture");
  const svg = region && region.querySelector("svg");
  if (!svg) return;
  const { width, height } = svg.viewBox.baseVal;
  const shown = document.getElementById("zoomed");
  const LEAST = 0.05, MOST = 4, STEP = 1.25;
  let scale = 1;

  // What is at a point of the region, its middle if none is given, stays there.
  function zoom(wanted, left = region.clientWidth / 2, top = region.clientHeight / 2) {
    const before = scale;
    scale = Math.min(MOST, Math.max(LEAST, wanted));
    const x = (region.scrollLeft + left) / before, y = (region.scrollTop + top) / before;
    svg.setAttribute("width", width * scale);
    svg.setAttribute("height", height * scale);
    region.scrollLeft = x * scale - left;
    region.scrollTop = y * scale - top;
    shown.textContent = `${Math.round(scale * 100)} %`;
  }

  const whole = () => Math.min(1, region.clientWidth / width, window.innerHeight * 0.8 / height);
  const ways = {
    in: () => zoom(scale * STEP),
    out: () => zoom(scale / STEP),
    fit: () => zoom(whole()),
    full: () => zoom(1),
  };
  const keys = { "+": "in", "=": "in", "-": "out", "0": "fit", "1": "full" };

  document.getElementById("zoom").hidden = false;
  document.getElementById("zoom").addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (button) ways[button.dataset.zoom]();
  });
  region.addEventListener("keydown", (event) => {
    const way = keys[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    ways[way]();
  });

  region.addEventListener("dblclick", (event) => {
    const box = region.getBoundingClientRect();
    zoom(scale * STEP * STEP, event.clientX - box.left, event.clientY - box.top);
  });

  // Dragging with a mouse moves the picture; touch scrolls by itself.
  let grabbed = null, moved = false;
  region.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    grabbed = { x: event.clientX + region.scrollLeft, y: event.clientY + region.scrollTop };
    moved = false;
  });
  window.addEventListener("pointermove", (event) => {
    if (!grabbed) return;
    const left = grabbed.x - event.clientX, top = grabbed.y - event.clientY;
    if (Math.abs(left - region.scrollLeft) + Math.abs(top - region.scrollTop) > 4) moved = true;
    if (!moved) return;
    region.classList.add("grabbed");
    region.scrollLeft = left;
    region.scrollTop = top;
  });
  window.addEventListener("pointerup", () => {
    grabbed = null;
    region.classList.remove("grabbed");
  });
  region.addEventListener("dragstart", (event) => event.preventDefault());
  region.addEventListener("click", (event) => {
    if (moved) event.preventDefault();
    moved = false;
  }, true);

  // Of a wall chart one sees the whole first. Proofs are shown as wide as there is room, or, where that can't be read,
  // from their end: the advice.
  const across = Math.min(1, region.clientWidth / width);
  const legible = across >= 0.55;
  zoom(region.dataset.whole !== undefined ? whole() : legible ? across : 0.7);
  region.scrollLeft = region.scrollTop = 0;
  if (region.dataset.whole === undefined && !legible) {
    const boxes = [...svg.querySelectorAll("a")].map((box) => box.getBBox());
    const last = boxes.reduce((one, other) => (other.x > one.x ? other : one));
    region.scrollLeft = region.scrollWidth;
    region.scrollTop = (last.y + last.height / 2) * scale - region.clientHeight / 2;
  }
})();
