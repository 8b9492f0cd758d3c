// Copy buttons: <button data-copy="…" data-copy-label="Project ID">.
import { toast } from "./toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    toast("This browser does not allow copying. Select the text and copy it by hand.", "warning");
    return;
  }
  button.classList.add("is-copied");
  setTimeout(() => button.classList.remove("is-copied"), 1600);
  toast(`${button.dataset.copyLabel || "Value"} copied.`, "success", { fades: true });
});
