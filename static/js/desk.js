// The provisioning desk: documents open beside the papers without a reload, colleagues on the same order are seen, and
// a form is sent once. Everything works without this file; the addresses are those of plain links and forms.

import { firstWrong } from "./fields.js";
import { typed } from "./typed.js";

// The cookie itself is out of a script's reach.
const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

// -- a form is sent once ------------------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// After a refused form: the field at fault, or the words above the page.
(firstWrong(document.querySelector(".desk") ?? document) ?? document.querySelector("[data-focus]"))?.focus();

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

if (viewer) awaitPicture();

let asked = 0;
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-viewer]");
  if (!link || !viewer || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const mine = ++asked;
  viewer.classList.add("is-loading");
  try {
    const answer = await fetch(link.dataset.viewer, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return;
    viewer.replaceChildren(...parsed.body.childNodes);
    awaitPicture();
    history.replaceState(null, "", link.getAttribute("href").split("#")[0] + "#viewer");
    showOpened();
    // Leafing keeps the focus on the same arrow; opening moves it to the document.
    const again = link.rel && viewer.querySelector(`a[rel="${link.rel}"]`);
    (again || viewer.querySelector(".desk-sheet")).focus({ preventScroll: Boolean(again) });
    if (viewer.getBoundingClientRect().top > innerHeight * 0.6) viewer.scrollIntoView();
  } catch {
    location.href = link.href; // the plain way shows what is wrong
  } finally {
    viewer.classList.remove("is-loading");
  }
});

// -- colleagues, and what they do meanwhile -------------------------------------------------------------------------
const desk = document.querySelector("[data-desk-beat]");
if (desk) {
  const others = desk.querySelector("[data-others]");
  const changed = desk.querySelector("[data-changed]");
  const send = (extra = {}) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token());
    for (const [name, value] of Object.entries(extra)) body.set(name, value);
    return body;
  };

  const beat = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(desk.dataset.deskBeat, { method: "POST", body: send({ seen: desk.dataset.seen }) });
      if (answer.status === 401 && !typed()) location.assign((await answer.json()).location); // the session has ended
      if (!answer.ok) return;
      const told = await answer.json();
      const verb = told.others.length > 1 ? "are" : "is";
      const words = told.others.length ? `${told.others.join(" and ")} ${verb} looking at this order.` : "";
      const place = others.querySelector("span");
      if (place.textContent !== words) place.textContent = words;
      others.hidden = !words;
      if (told.changes.length && changed.dataset.told !== told.changes.join("\n")) {
        changed.dataset.told = told.changes.join("\n");
        changed.querySelector("ul").replaceChildren(...told.changes.map((text) => {
          const item = document.createElement("li");
          item.textContent = text;
          return item;
        }));
        changed.hidden = false;
      }
    } catch {
      // no connection for a moment; the next beat tries again
    }
  };

  setInterval(beat, desk.dataset.seconds * 1000);
  document.addEventListener("visibilitychange", beat);
  addEventListener("pagehide", () => navigator.sendBeacon(desk.dataset.deskBeat, send({ leaving: "1" })));
  beat();
}
