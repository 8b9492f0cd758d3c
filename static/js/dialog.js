// The one dialog of a page: htmx loads a fragment into #modal and it opens. Escape, the backdrop and [data-close] close it.
const dialog = document.getElementById("modal");

if (dialog) {
  const toasts = document.getElementById("toasts");

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog) return;
    if (dialog.childElementCount && !dialog.open) dialog.showModal();
    dialog.append(toasts); // what lies outside an open dialog cannot be reached
    dialog.querySelector(".is-invalid, [autofocus]")?.focus();
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });

  dialog.addEventListener("close", () => {
    document.body.append(toasts);
    dialog.replaceChildren();
  });

  // The server may ask for it: HX-Trigger: modal:close
  document.addEventListener("modal:close", () => dialog.close());
}
