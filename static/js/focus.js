// Where the keyboard is, kept while htmx replaces parts of a page: the same control again, or the next sensible thing.
import { firstWrong } from "./fields.js";

const inPage = () => document.activeElement && document.activeElement !== document.body;
const shown = (element) => element.isConnected && element.checkVisibility() && !element.matches(":disabled");

/** What is needed to find an element, or its place, in a page that has changed. */
export function whereabouts(element) {
  const form = element.form ?? element.closest("form");
  const parts = [];
  for (let part = element.parentElement?.closest("[id]"); part; part = part.parentElement?.closest("[id]")) parts.push(part.id);
  return {
    element, parts, id: element.id, tag: element.localName, name: element.name ?? "", value: element.value ?? "",
    href: element.getAttribute("href"), form: form?.getAttribute("action"), words: element.textContent.trim(),
    open: element.closest("details")?.open,
  };
}

function same(place) {
  if (shown(place.element)) return place.element;
  if (place.id) return document.getElementById(place.id);
  const part = place.parts.map((id) => document.getElementById(id)).find(Boolean) ?? document;
  const alike = [...part.querySelectorAll(place.tag)].filter((each) =>
    (each.name ?? "") === place.name && each.getAttribute("href") === place.href &&
    (place.tag !== "button" || (each.value === place.value && each.textContent.trim() === place.words)) &&
    (place.form === undefined || (each.form ?? each.closest("form"))?.getAttribute("action") === place.form));
  return alike.find(shown) ?? alike[0];
}

/** Focus on what is no control, a heading or a message. */
export function settle(element, options) {
  if (!element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus(options);
}

/** The heading of a part, or the part itself. */
export function head(part) {
  settle(part.querySelector("[data-head], h1, h2, h3, .empty-title") ?? part, { preventScroll: true });
}

/** Back to a place; when it is gone, to the heading of the part that it was in. */
export function returnTo(place) {
  const found = same(place);
  if (found) {
    const menu = found.closest("details");
    if (menu && place.open) menu.open = true; // as it was
    found.focus({ preventScroll: true });
    if (document.activeElement === found) return;
  }
  const part = place.parts.map((id) => document.getElementById(id)).find((each) => each && shown(each));
  head(part ?? document.getElementById("main") ?? document.body);
}

let place = null;

/** Live regions must be there before they speak: this one belongs to every page. */
export function announce(words) {
  const region = document.getElementById("announcer");
  if (region && words) region.textContent = words;
}

const remember = () => {
  if (inPage()) place = whereabouts(document.activeElement);
};
document.addEventListener("focusin", remember);
document.addEventListener("htmx:beforeSwap", remember);

document.addEventListener("htmx:afterSwap", (event) => {
  const part = document.getElementById(event.detail.target.id) ?? event.detail.target;
  announce(part.querySelector("[data-announce]")?.textContent.trim().replace(/\s+/g, " "));
  if (event.detail.xhr?.status === 422) firstWrong(part)?.focus();
});

// After all of it, what came out of band too.
document.addEventListener("htmx:afterRequest", () => {
  if (!inPage() && place && !place.element.isConnected) returnTo(place);
});
