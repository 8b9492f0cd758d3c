// The provisioning desk, besides what htmx and requests.js do: pictures that a worker still draws, colleagues on the same
// order, the queue's ticks. Everything works without this file; the addresses are those of plain links and forms.

import { firstWrong } from "./fields.js";
import { typed } from "./typed.js";

// After a refused form without a field at fault (requests.js goes to that one): the words above the page.
const main = document.querySelector("main");
if (main && !firstWrong(main)) document.querySelector("[data-focus]")?.focus();

// -- the queue's ticks --------------------------------------------------------------------------------------------
const all = document.querySelector("[data-tick-all]");
if (all) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of all.form.querySelectorAll("input[name=order]")) box.checked = all.checked;
  });
}
// A new search begins in all orders, not in the heading that was looked at.
document.querySelector(".desk-filters")?.addEventListener("submit", (event) => {
  const tab = event.target.querySelector("[data-tab]");
  if (tab && event.target.elements.q.value) tab.disabled = true;
});

// -- the viewer ---------------------------------------------------------------------------------------------------
const viewer = document.getElementById("viewer");

// A picture that a worker still draws is no picture yet: ask again, for half a minute.
const DRAWING = { EVERY: 700, TURNS: 45 };

function awaitPicture() {
  const picture = viewer.querySelector(".desk-sheet img");
  if (!picture) return;
  const address = picture.getAttribute("src");
  const sheet = picture.parentElement;
  let turn = 0;
  const again = () => {
    turn += 1;
    sheet.classList.add("is-drawing");
    if (turn <= DRAWING.TURNS) setTimeout(() => (picture.src = `${address}?turn=${turn}`), DRAWING.EVERY);
  };
  picture.addEventListener("error", again);
  picture.addEventListener("load", () => {
    sheet.classList.remove("is-drawing");
    showAccept(sheet.dataset.opened);
  });
  if (picture.naturalWidth) showAccept(sheet.dataset.opened);
  if (picture.complete && !picture.naturalWidth) again();
}

// A document that has been opened is accepted without a question.
function showAccept(opened) {
  const article = document.getElementById(`document-${opened}`);
  article?.querySelector("[data-accept]")?.removeAttribute("hidden");
  article?.querySelector("[data-accept-unopened]:not([open])")?.setAttribute("hidden", "");
}

function showOpened() {
  const sheet = viewer.querySelector("[data-opened]");
  const opened = sheet?.dataset.opened ?? "";
  for (const field of document.querySelectorAll("[data-view]")) field.value = opened;
  for (const field of document.querySelectorAll("[data-view-page]")) field.value = sheet?.dataset.page ?? "";
  for (const each of document.querySelectorAll(".desk-document"))
    each.classList.toggle("is-open", each.id === `document-${opened}`);
}

if (viewer) {
  awaitPicture();
  // Another tab or window is the browser's business; htmx has its own listener on the link, and this one comes first.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[hx-target='#viewer']");
    if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) event.stopPropagation();
  }, true);
  viewer.addEventListener("htmx:afterSwap", ({ detail }) => {
    awaitPicture();
    showOpened();
    // Leafing keeps the focus on the same arrow; opening moves it to the document.
    const { rel } = detail.requestConfig.elt;
    const again = rel && viewer.querySelector(`a[rel="${rel}"]`);
    (again || viewer.querySelector(".desk-sheet")).focus({ preventScroll: Boolean(again) });
    if (viewer.getBoundingClientRect().top > innerHeight * 0.6) viewer.scrollIntoView();
  });
  // The plain way shows what is wrong: a document that was withdrawn meanwhile, for example.
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (detail.target === viewer) location.assign(detail.requestConfig.elt.href);
  });
}

// -- colleagues, and what they do meanwhile -------------------------------------------------------------------------
const desk = document.querySelector("[data-desk-beat]");
if (desk) {
  const others = desk.querySelector("[data-others]");
  const changed = desk.querySelector("[data-changed]");
  const body = (extra) => {
    const fields = new FormData();
    fields.set("csrfmiddlewaretoken", document.querySelector('meta[name="csrf-token"]').content);
    for (const [name, value] of Object.entries(extra)) fields.set(name, value);
    return fields;
  };

  function showOthers(names) {
    const words = names.length ? `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} looking at this order.` : "";
    const place = others.querySelector("span");
    if (place.textContent !== words) place.textContent = words;
    others.hidden = !words;
  }

  function showChanges(changes) {
    const shown = changes.join("\n");
    if (!shown || changed.dataset.shown === shown) return;
    changed.dataset.shown = shown;
    changed.querySelector("ul").replaceChildren(...changes.map((text) =>
      Object.assign(document.createElement("li"), { textContent: text })));
    changed.hidden = false;
  }

  // No request of htmx: it is not to be seen, a failed one is no news, and the last one is sent while the page closes.
  const beat = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(desk.dataset.deskBeat, { method: "POST", body: body({ seen: desk.dataset.seen }) });
      if (answer.status === 401 && !typed()) location.assign((await answer.json()).location); // the session has ended
      if (!answer.ok) return;
      const news = await answer.json();
      showOthers(news.others);
      showChanges(news.changes);
    } catch {
      // no connection for a moment; the next beat tries again
    }
  };

  setInterval(beat, desk.dataset.seconds * 1000);
  document.addEventListener("visibilitychange", beat);
  addEventListener("pagehide", () => navigator.sendBeacon(desk.dataset.deskBeat, body({ leaving: "1" })));
  beat();
}
