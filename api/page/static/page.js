/* What pages do with script beyond htmx: they send what is unfolded and what they have, load reasons, say what did not
   arrive, keep "none of these" apart, and let links say what is answered now. */
"use strict";

// What a link or a request on this situation has to tell: as the questions are answered, or as the address has it.
const facts = () => {
  const form = document.getElementById("intake");
  const told = form ? new FormData(form) : new URLSearchParams(location.search);
  return new URLSearchParams([...told].filter(([name, value]) => name.startsWith("f.") && value.trim()));
};

// Reasons are loaded when their line is unfolded, and anew when the advice has changed.
const unfold = () => {
  for (const reasons of document.querySelectorAll("details[open] > .reasons")) htmx.trigger(reasons, "unfold");
};
document.addEventListener("DOMContentLoaded", unfold);
document.addEventListener("toggle", (event) => {
  const part = event.target;
  const reasons = part.open && part.querySelector(":scope > .reasons:has(> .later)");
  if (reasons) htmx.trigger(reasons, "unfold");
  part.closest(".line")?.removeAttribute("data-state"); // it isn't as it was sent any more
}, true);

// An answer that did not arrive is said to be missing.
const unsent = (so) => {
  document.getElementById("unsent").hidden = !so;
};

htmx.registerExtension("advisor", {
  // Parts that are unfolded stay so in the answer to the form, and those that the page has already aren't sent again.
  htmx_config_request(source, { ctx: { request } }) {
    if (source.id === "intake") {
      for (const part of document.querySelectorAll("details[data-part][open]")) {
        request.body.append("open", part.id.replace(/^line-/, ""));
      }
      for (const part of document.querySelectorAll("[data-state]")) request.body.append("have", part.dataset.state);
    } else if (source.matches(".reasons")) {
      request.action += `${request.action.includes("?") ? "&" : "?"}${facts()}`;
    }
  },
  htmx_before_morph_node(_, { newNode }) {
    return newNode.dataset?.kept === undefined;
  },
  htmx_after_swap(_, { ctx: { target, sourceEvent, response } }) {
    if (target.id !== "workspace" || response.status >= 400) return;
    unsent(false);
    unfold();
    // Who asked for the next question goes on with it.
    if (sourceEvent.submitter?.hasAttribute("data-onward")) document.querySelector("#next .question input")?.focus();
  },
  htmx_response_error(source) {
    if (source.id === "intake") unsent(true);
  },
  htmx_error(source) {
    if (source.id === "intake") unsent(true);
  },
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

// Links that leave the situation out, since it is long, get it when they are followed; and those to other pages on it say
// what is answered now, also where the reply is still on its way.
const ANY = /^\/(lines|sources|rules|lessons|elements|facts|findings)\b/;
for (const kind of ["click", "auxclick"]) {
  document.addEventListener(kind, (event) => {
    const link = event.target instanceof Element && event.target.closest("a[href]");
    if (!link || link.origin !== location.origin) return;
    const without = ANY.test(link.pathname) && !/[?&]f\./.test(link.search);
    const beside = document.getElementById("intake") && link.closest(".top, .bottom, .share");
    if (!without && !beside) return;
    const rest = [...new URLSearchParams(link.search)].filter(([name]) => !name.startsWith("f."));
    const search = new URLSearchParams([...facts(), ...rest]).toString();
    if (search || link.search) link.search = search;
  }, true);
}

// A click into a link that is to be handed on selects it.
document.addEventListener("focusin", (event) => {
  if (event.target.id === "shared") event.target.select();
});
