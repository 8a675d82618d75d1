/* What pages do with script beyond htmx: they remember what is unfolded, and keep "none of these" apart. */
"use strict";

// Parts that are unfolded stay so in the answer to a form.
document.addEventListener("htmx:config:request", (event) => {
  const body = event.detail.ctx.request.body;
  if (!(body instanceof FormData)) return;
  for (const part of document.querySelectorAll("details[data-part][open]")) {
    body.append("open", part.id.replace(/^line-/, ""));
  }
});

// To tick "none of these" unticks the others, and the other way round.
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.type !== "checkbox" || !box.checked) return;
  const none = box.hasAttribute("data-none");
  for (const other of box.form.elements) {
    if (other.name === box.name && other !== box && (none || other.hasAttribute("data-none"))) other.checked = false;
  }
}, true);

// Links to what does not depend on the situation leave it out, since it is long; it comes along when they are followed.
const FIXED = /^\/(sources|rules|lessons|elements|facts|findings)\b/;
for (const kind of ["click", "auxclick"]) {
  document.addEventListener(kind, (event) => {
    const link = event.target instanceof Element && event.target.closest("a[href]");
    if (link && link.origin === location.origin && FIXED.test(link.pathname) && !link.search) {
      const facts = new URLSearchParams([...new URLSearchParams(location.search)].filter(([name]) => name.startsWith("f.")));
      link.search = facts.toString();
    }
  }, true);
}

// A click into a link that is to be handed on selects it.
document.addEventListener("focusin", (event) => {
  if (event.target.id === "shared") event.target.select();
});
