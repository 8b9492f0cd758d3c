// Credits: an amount button fills the field without a new page; "Print" on a receipt.
const field = document.getElementById("id_amount");

for (const preset of document.querySelectorAll("[data-amount]")) {
  preset.addEventListener("click", (event) => {
    if (!field || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    field.value = preset.dataset.amount;
    field.dispatchEvent(new Event("input", { bubbles: true })); // an error beside it goes
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}

field?.addEventListener("input", () => document.querySelector("[data-readings]")?.remove());

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
