// Notifications: Django's messages on a page, and those that arrive with htmx. Success fades, a problem stays.
const region = document.getElementById("toasts");
const READING_TIME = 7000;

const words = (element) => element.querySelector(".portal-toast-text")?.textContent;

function watch(element) {
  if (element.dataset.watched) return;
  element.dataset.watched = "1";
  for (const other of region.querySelectorAll("[data-watched]")) // a page that polls says the same again and again
    if (other !== element && words(other) === words(element)) other.remove();
  if (!("toastFades" in element.dataset)) return;
  let timer;
  const start = () => (timer = setTimeout(() => element.remove(), READING_TIME));
  const stop = () => clearTimeout(timer);
  element.addEventListener("pointerenter", stop);
  element.addEventListener("pointerleave", start);
  element.addEventListener("focusin", stop);
  element.addEventListener("focusout", start);
  start();
}

export function toast(text, colour = "info") {
  if (!region) return;
  const element = document.createElement("div");
  element.className = `portal-toast portal-toast-${colour}`;
  element.dataset.toast = "";
  element.setAttribute("role", colour === "danger" ? "alert" : "status");
  const words = document.createElement("div");
  words.className = "portal-toast-text";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-button";
  close.dataset.toastClose = "";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  element.append(words, close);
  region.append(element);
}

if (region) {
  new MutationObserver(() => region.querySelectorAll("[data-toast]").forEach(watch)).observe(region, { childList: true });
  region.querySelectorAll("[data-toast]").forEach(watch);
  document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove());
}
