// The one dialog of a page: htmx loads a fragment into #modal and it opens. Escape, the backdrop and [data-close] close it.
// It opens with the focus on its heading: what it asks is heard first, and an Enter pressed once too often does nothing.
import { firstWrong } from "./fields.js";
import { returnTo, settle, whereabouts } from "./focus.js";

const dialog = document.getElementById("modal");
const HOLD = 500; // milliseconds in which the second click of a double click may still come

if (dialog) {
  const toasts = document.getElementById("toasts");
  const home = toasts.parentElement;
  let opener = null;

  function open() {
    opener = whereabouts(document.activeElement);
    dialog.showModal();
    dialog.classList.add("is-opening");
    setTimeout(() => dialog.classList.remove("is-opening"), HOLD); // components.css keeps the pointer from its buttons
  }

  // Once open it belongs to who is in it: a second press on what opened it, or another number's answer, comes too late.
  const late = (elt, target) => target === dialog && dialog.open && !dialog.contains(elt);
  document.addEventListener("htmx:confirm", (event) => {
    if (late(event.detail.elt, event.detail.target)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (late(event.detail.requestConfig.elt, event.detail.target)) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog || !dialog.childElementCount) return;
    const opens = !dialog.open;
    if (opens) open();
    dialog.prepend(toasts); // what lies outside an open dialog cannot be reached
    const field = firstWrong(dialog);
    if (field) field.focus();
    else settle((!opens && dialog.querySelector("[role=alert]")) || dialog.querySelector(".modal-title") || dialog);
  });

  dialog.addEventListener("click", (event) => {
    const beside = event.target === dialog && !dialog.classList.contains("is-opening");
    if (beside || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });

  dialog.addEventListener("close", () => {
    home.prepend(toasts);
    dialog.replaceChildren();
    if (opener && !opener.element.isConnected) returnTo(opener);
  });

  // The server may ask for it: HX-Trigger: modal:close
  document.addEventListener("modal:close", () => dialog.close());
}
