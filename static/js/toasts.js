// Notifications: Django's messages on a page, and those that arrive with htmx. One that repeats what the page shows goes
// by itself (data-toast-fades); all others stay until they are dismissed.
const region = document.getElementById("toasts");
const READING_TIME = 7000; // milliseconds
const PAUSE = 150; // milliseconds after which a live region that has just been made speaks

const words = (element) => element.querySelector(".portal-toast-text")?.textContent;
let before = null; // where the keyboard was before it went to the notifications

function dismiss(element) {
  const inside = element.contains(document.activeElement);
  element.remove();
  if (!inside) return;
  const next = region.querySelector("[data-toast-close]") ?? (before?.isConnected ? before : document.getElementById("main"));
  next?.focus({ preventScroll: true });
}

/** Goes after a while, but never under the pointer, under the keyboard, or while nobody looks. */
function fade(element) {
  let timer;
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    timer = setTimeout(() => (watched() ? start() : dismiss(element)), READING_TIME);
  };
  const watched = () => document.hidden || element.matches(":hover") || element.contains(document.activeElement);
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, start);
  start();
}

function watch(element) {
  if (element.dataset.watched) return;
  element.dataset.watched = "1";
  for (const other of region.querySelectorAll("[data-watched]")) // a page that polls says the same again and again
    if (other !== element && words(other) === words(element)) other.remove();
  if ("toastFades" in element.dataset) fade(element);
}

/** ``fades``: for what can be seen without it. */
export function toast(text, colour = "info", { fades = false } = {}) {
  if (!region) return;
  const element = document.createElement("div");
  element.className = `portal-toast portal-toast-${colour}`;
  element.dataset.toast = "";
  if (fades) element.dataset.toastFades = "";
  const line = document.createElement("div");
  line.className = "portal-toast-text";
  line.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-button";
  close.dataset.toastClose = "";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  element.append(line, close);
  region.append(element);
}

if (region) {
  new MutationObserver(() => region.querySelectorAll("[data-toast]").forEach(watch)).observe(region, { childList: true });
  // What the page brought is put in anew: a screen reader announces only what comes into a live region.
  const brought = [...region.children];
  region.replaceChildren();
  setTimeout(() => {
    region.prepend(...brought);
    region.dataset.ready = "";
  }, PAUSE);

  // Whatever is under them can be scrolled free, and the keyboard is not led under them.
  new ResizeObserver(() => document.documentElement.style.setProperty("--toasts", `${region.offsetHeight}px`)).observe(region);

  region.addEventListener("focusin", (event) => {
    if (!region.contains(event.relatedTarget)) before = event.relatedTarget;
  });
  region.addEventListener("keydown", (event) => {
    const element = event.key === "Escape" && event.target.closest("[data-toast]");
    if (!element) return;
    event.preventDefault(); // of a dialog it closes the notification, not the dialog
    event.stopPropagation();
    dismiss(element);
  });
  document.addEventListener("click", (event) => {
    const element = event.target.closest("[data-toast-close]")?.closest("[data-toast]");
    if (element) dismiss(element);
  });
}
